/* Workers wait a moment on their feet, then lie down: steps follow one another within microseconds,
 * pictures do not. */
#define _POSIX_C_SOURCE 200809L
#include "engine/threads.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Looks at the round this often before sleeping: some ten microseconds. */
#define SPINS 4000

struct fovea_threads {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    atomic_uint round; /* counts the calls; changes when there is work */
    /* How many tasks are left to take. Who takes one has taken it from the round that goes on, however
     * long ago it was woken, and that round cannot end before the task is done. So a call waits for its
     * tasks, not for workers that have not woken up. */
    atomic_size_t left, done;
    void (*task)(void *argument, size_t index);
    void *argument;
    atomic_bool ending;
    unsigned workers;
    pthread_t worker[FOVEA_THREADS_MAX];
};

static void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void take_tasks(struct fovea_threads *t) {
    for (;;) {
        size_t left = atomic_load_explicit(&t->left, memory_order_relaxed);
        if (left == 0) return;
        if (!atomic_compare_exchange_weak(&t->left, &left, left - 1)) continue;
        t->task(t->argument, left - 1); /* from the last to the first */
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
    pthread_mutex_lock(&t->lock);
    while (atomic_load(&t->round) == seen) pthread_cond_wait(&t->wake, &t->lock);
    pthread_mutex_unlock(&t->lock);
    return atomic_load(&t->round);
}

static void *worker_main(void *argument) {
    struct fovea_threads *t = argument;
    unsigned seen = 0;
    for (;;) {
        seen = await_round(t, seen);
        if (t->ending) return NULL;
        take_tasks(t);
    }
}

/* Starts a round: everything the workers read was written before. */
static void next_round(struct fovea_threads *t) {
    pthread_mutex_lock(&t->lock);
    atomic_fetch_add(&t->round, 1);
    pthread_cond_broadcast(&t->wake);
    pthread_mutex_unlock(&t->lock);
}

void fovea_threads_for(void *pool, size_t tasks, void (*task)(void *argument, size_t index),
                       void *argument) {
    struct fovea_threads *t = pool;
    if (tasks == 0) return;
    t->task = task;
    t->argument = argument;
    atomic_store(&t->done, 0);
    atomic_store_explicit(&t->left, tasks, memory_order_release);
    next_round(t);
    take_tasks(t);
    while (atomic_load_explicit(&t->done, memory_order_acquire) != tasks) relax();
}

void fovea_threads_stop(fovea_threads *t) {
    if (!t) return;
    t->ending = true;
    next_round(t);
    for (unsigned i = 0; i < t->workers; i++) pthread_join(t->worker[i], NULL);
    pthread_cond_destroy(&t->wake);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

fovea_threads *fovea_threads_start(unsigned threads) {
    if (threads < 1 || threads > FOVEA_THREADS_MAX) return NULL;
    struct fovea_threads *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    if (pthread_mutex_init(&t->lock, NULL) != 0) {
        free(t);
        return NULL;
    }
    if (pthread_cond_init(&t->wake, NULL) != 0) {
        pthread_mutex_destroy(&t->lock);
        free(t);
        return NULL;
    }
    for (; t->workers < threads - 1; t->workers++)
        if (pthread_create(&t->worker[t->workers], NULL, worker_main, t) != 0) {
            fovea_threads_stop(t);
            return NULL;
        }
    return t;
}
