/* What engine/hosted asks of Windows' headers, for a compiler in Microsoft's mode where these are not to be had: the names
 * and types that Microsoft documents, nothing more. Only to compile. */
#ifndef FOVEA_TESTS_WINDOWS_H
#define FOVEA_TESTS_WINDOWS_H

typedef void *HANDLE;
typedef unsigned long DWORD;
typedef int BOOL;
typedef struct {
    void *Ptr;
} SRWLOCK, CONDITION_VARIABLE;
#define INFINITE 0xffffffffu

void InitializeSRWLock(SRWLOCK *lock);
void AcquireSRWLockExclusive(SRWLOCK *lock);
void ReleaseSRWLockExclusive(SRWLOCK *lock);
void InitializeConditionVariable(CONDITION_VARIABLE *variable);
BOOL SleepConditionVariableSRW(CONDITION_VARIABLE *variable, SRWLOCK *lock, DWORD milliseconds,
                               unsigned long flags);
void WakeConditionVariable(CONDITION_VARIABLE *variable);
void WakeAllConditionVariable(CONDITION_VARIABLE *variable);
DWORD WaitForSingleObject(HANDLE handle, DWORD milliseconds);
BOOL CloseHandle(HANDLE handle);
BOOL SwitchToThread(void);
DWORD GetCurrentProcessId(void);

#endif
