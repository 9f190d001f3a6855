/* Threads of the system under one name: POSIX threads, or Windows' own (SRWLOCK, CONDITION_VARIABLE; Vista and later),
 * which every compiler for Windows has.
 *
 *     static SYSTEM_THREAD(worker_main, argument) { ...; return 0; }
 */
#ifndef FOVEA_ENGINE_HOSTED_SYSTEM_THREADS_H
#define FOVEA_ENGINE_HOSTED_SYSTEM_THREADS_H

#include "kernels/base.h"

#if defined(_WIN32)

#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <process.h>
#include <windows.h>

typedef SRWLOCK system_lock;
typedef CONDITION_VARIABLE system_signal;
typedef HANDLE system_thread;
typedef DWORD system_process;

FOVEA_STATIC bool system_lock_start(system_lock *lock) {
    InitializeSRWLock(lock);
    return true;
}
FOVEA_STATIC void system_lock_end(system_lock *lock) {
    (void)lock;
}
FOVEA_STATIC void system_lock_take(system_lock *lock) {
    AcquireSRWLockExclusive(lock);
}
FOVEA_STATIC void system_lock_give(system_lock *lock) {
    ReleaseSRWLockExclusive(lock);
}
FOVEA_STATIC bool system_signal_start(system_signal *signal) {
    InitializeConditionVariable(signal);
    return true;
}
FOVEA_STATIC void system_signal_end(system_signal *signal) {
    (void)signal;
}
FOVEA_STATIC void system_signal_wait(system_signal *signal, system_lock *lock) {
    SleepConditionVariableSRW(signal, lock, INFINITE, 0);
}
FOVEA_STATIC void system_signal_one(system_signal *signal) {
    WakeConditionVariable(signal);
}
FOVEA_STATIC void system_signal_all(system_signal *signal) {
    WakeAllConditionVariable(signal);
}

#define SYSTEM_THREAD(name, argument) unsigned __stdcall name(void *argument)
FOVEA_STATIC bool system_thread_start(system_thread *thread, unsigned(__stdcall *run)(void *),
                                      void *argument) {
    *thread = (HANDLE)_beginthreadex(NULL, 0, run, argument, 0, NULL);
    return *thread != NULL;
}
FOVEA_STATIC void system_thread_join(system_thread thread) {
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
}
FOVEA_STATIC void system_yield(void) {
    SwitchToThread();
}
FOVEA_STATIC system_process system_process_now(void) {
    return GetCurrentProcessId();
}

#else

#include <pthread.h>
#include <sched.h>
#include <sys/types.h>
#include <unistd.h>

typedef pthread_mutex_t system_lock;
typedef pthread_cond_t system_signal;
typedef pthread_t system_thread;
typedef pid_t system_process;

FOVEA_STATIC bool system_lock_start(system_lock *lock) {
    return pthread_mutex_init(lock, NULL) == 0;
}
FOVEA_STATIC void system_lock_end(system_lock *lock) {
    pthread_mutex_destroy(lock);
}
FOVEA_STATIC void system_lock_take(system_lock *lock) {
    pthread_mutex_lock(lock);
}
FOVEA_STATIC void system_lock_give(system_lock *lock) {
    pthread_mutex_unlock(lock);
}
FOVEA_STATIC bool system_signal_start(system_signal *signal) {
    return pthread_cond_init(signal, NULL) == 0;
}
FOVEA_STATIC void system_signal_end(system_signal *signal) {
    pthread_cond_destroy(signal);
}
FOVEA_STATIC void system_signal_wait(system_signal *signal, system_lock *lock) {
    pthread_cond_wait(signal, lock);
}
FOVEA_STATIC void system_signal_one(system_signal *signal) {
    pthread_cond_signal(signal);
}
FOVEA_STATIC void system_signal_all(system_signal *signal) {
    pthread_cond_broadcast(signal);
}

#define SYSTEM_THREAD(name, argument) void *name(void *argument)
FOVEA_STATIC bool system_thread_start(system_thread *thread, void *(*run)(void *), void *argument) {
    return pthread_create(thread, NULL, run, argument) == 0;
}
FOVEA_STATIC void system_thread_join(system_thread thread) {
    pthread_join(thread, NULL);
}
FOVEA_STATIC void system_yield(void) {
    sched_yield();
}
FOVEA_STATIC system_process system_process_now(void) {
    return getpid();
}

#endif

#endif
