/* A ready pool of threads for fovea_options.parallel_for. Hosted: POSIX threads. */
#ifndef FOVEA_THREADS_H
#define FOVEA_THREADS_H

#include "fovea.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fovea_threads fovea_threads;

/* Starts threads - 1 workers (the caller is the last one), 1 .. FOVEA_THREADS_MAX. NULL where memory
 * or threads cannot be had; nothing is then left running. */
fovea_threads *fovea_threads_start(unsigned threads);

/* Ends the workers and frees the pool; NULL is allowed. Not during a run. A forked child has the pool but not its
 * workers: there this frees the memory, and nothing else may be called with it. */
void fovea_threads_stop(fovea_threads *threads);

/* The function for fovea_options.parallel_for; `pool` is a fovea_threads. One run at a time. */
void fovea_threads_for(void *pool, size_t tasks, void (*task)(void *argument, size_t index),
                       void *argument);

#ifdef __cplusplus
}
#endif

#endif
