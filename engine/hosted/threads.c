/* Workers wait a moment on their feet, then lie down: steps follow one another within microseconds,
 * pictures do not. */
#define _POSIX_C_SOURCE 200809L
#include "include/fovea_threads.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include "engine/hosted/system_threads.h"

/* Looks at the round this often before sleeping: some ten microseconds. */
#define SPINS 4000

struct fovea_threads {
    system_lock lock;
    system_signal wake;
    atomic_uint round; /* counts the calls; changes when there is work */
    /* A bit for each task left to take. Who takes one has taken it from the round that goes on, however
     * long ago it was woken, and that round cannot end before the task is done. So a call waits for its
     * tasks, not for workers that have not woken up. */
    atomic_size_t left, done;
    size_t first; /* task of the lowest bit */
    void (*task)(void *argument, size_t index);
    void *argument;
    atomic_bool ending;
    unsigned workers;
    system_process process; /* that started them */
    struct worker {
        struct fovea_threads *threads;
        unsigned number; /* from 1; who calls is 0 */
        system_thread thread;
    } worker[FOVEA_THREADS_MAX];
};
#define ROUND_MOST (sizeof(size_t) * CHAR_BIT) /* tasks */

static void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* The same part of each step in turn, whose input is then in this processor's cache; what is left of the
 * others' parts after that. */
static void take_tasks(struct fovea_threads *t, unsigned number) {
    size_t own = (size_t)1 << number % ROUND_MOST;
    for (;;) {
        size_t left = atomic_load_explicit(&t->left, memory_order_relaxed);
        if (left == 0) return;
        size_t bit = left & own ? own : left & (~left + 1), index = 0;
        if (!atomic_compare_exchange_weak(&t->left, &left, left & ~bit)) continue;
        while (bit >> index != 1) index++;
        t->task(t->argument, t->first + index);
        atomic_fetch_add_explicit(&t->done, 1, memory_order_release);
    }
}

/* Waits until the round is no longer `seen`; the new one. */
static unsigned await_round(struct fovea_threads *t, unsigned seen) {
    for (unsigned i = 0; i < SPINS; i++) {
        unsigned round = atomic_load_explicit(&t->round, memory_order_acquire);
        if (round != seen) return round;
        relax();
    }
    system_lock_take(&t->lock);
    while (atomic_load(&t->round) == seen) system_signal_wait(&t->wake, &t->lock);
    system_lock_give(&t->lock);
    return atomic_load(&t->round);
}

static SYSTEM_THREAD(worker_main, argument) {
    const struct worker *worker = argument;
    struct fovea_threads *t = worker->threads;
    unsigned seen = 0;
    for (;;) {
        seen = await_round(t, seen);
        if (t->ending) return 0;
        take_tasks(t, worker->number);
    }
}

/* Starts a round: everything the workers read was written before. */
static void next_round(struct fovea_threads *t) {
    system_lock_take(&t->lock);
    atomic_fetch_add(&t->round, 1);
    system_signal_all(&t->wake);
    system_lock_give(&t->lock);
}

void fovea_threads_for(void *pool, size_t tasks, void (*task)(void *argument, size_t index),
                       void *argument) {
    struct fovea_threads *t = pool;
    t->task = task;
    t->argument = argument;
    for (t->first = 0; t->first < tasks; t->first += ROUND_MOST) {
        size_t count = tasks - t->first < ROUND_MOST ? tasks - t->first : ROUND_MOST;
        atomic_store(&t->done, 0);
        atomic_store_explicit(&t->left, SIZE_MAX >> (ROUND_MOST - count), memory_order_release);
        next_round(t);
        take_tasks(t, 0);
        for (unsigned i = 0; atomic_load_explicit(&t->done, memory_order_acquire) != count; i++) {
            if (i < SPINS)
                relax();
            else
                system_yield(); /* fewer processors than threads: one of them waits for this one */
        }
    }
}

void fovea_threads_stop(fovea_threads *t) {
    if (!t) return;
    if (t->process !=
        system_process_now()) { /* in a forked child, which has the memory but not the threads */
        free(t);
        return;
    }
    t->ending = true;
    next_round(t);
    for (unsigned i = 0; i < t->workers; i++) system_thread_join(t->worker[i].thread);
    system_signal_end(&t->wake);
    system_lock_end(&t->lock);
    free(t);
}

fovea_threads *fovea_threads_start(unsigned threads) {
    if (threads < 1 || threads > FOVEA_THREADS_MAX) return NULL;
    struct fovea_threads *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    t->process = system_process_now();
    if (!system_lock_start(&t->lock)) {
        free(t);
        return NULL;
    }
    if (!system_signal_start(&t->wake)) {
        system_lock_end(&t->lock);
        free(t);
        return NULL;
    }
    for (; t->workers < threads - 1; t->workers++) {
        struct worker *worker = &t->worker[t->workers];
        worker->threads = t;
        worker->number = t->workers + 1;
        if (!system_thread_start(&worker->thread, worker_main, worker)) {
            fovea_threads_stop(t);
            return NULL;
        }
    }
    return t;
}
