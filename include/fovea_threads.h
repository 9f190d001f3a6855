/** @file fovea_threads.h
 * A pool of threads for fovea_options.parallel_for. Needs POSIX threads.
 *
 *     fovea_threads *pool = fovea_threads_start(4);
 *     struct fovea_options options = {0};
 *     options.threads = 4;
 *     options.parallel_for = fovea_threads_for;
 *     options.pool = pool;
 */
#ifndef FOVEA_THREADS_H
#define FOVEA_THREADS_H

#include "fovea.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A pool of threads, which may serve several sessions, one run at a time. */
typedef struct fovea_threads fovea_threads;

/** Starts threads - 1 workers, as the thread that runs a session works, too; `threads` is 1 .. FOVEA_THREADS_MAX. The pool is
 * the caller's, to be ended with fovea_threads_stop. NULL where memory or threads cannot be had, or `threads` is
 * outside; nothing is then left running. */
fovea_threads *fovea_threads_start(unsigned threads);

/** Ends the workers and frees the pool; NULL is allowed. Not during a run. A forked child has the pool but not its
 * workers: there this frees the memory, and nothing else may be called with the pool. */
void fovea_threads_stop(fovea_threads *threads);

/** The function for fovea_options.parallel_for; `pool` is a fovea_threads. One run at a time, from any thread; not from
 * within a task. */
void fovea_threads_for(void *pool, size_t tasks, void (*task)(void *argument, size_t index),
                       void *argument);

#ifdef __cplusplus
}
#endif

#endif
