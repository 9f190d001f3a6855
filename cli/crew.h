/* Work done by several threads and taken back in the order it was given. */
#ifndef FOVEA_CLI_CREW_H
#define FOVEA_CLI_CREW_H

#include "cli/cli.h"

struct crew;

#define CREW_MOST 64

/* Starts `workers` threads that do task(context, slot); with fewer than 2 no thread is started, and crew_wait does the task. NULL,
 * with `trouble` set, where they cannot be had. There are `slots` places for work, numbered from 0. */
struct crew *crew_start(size_t workers, size_t slots, void (*task)(void *context, size_t slot),
                        void *context, struct trouble *trouble);
/* Gives the work that is in a slot. Slots are given in turn: 0, 1, ..., slots - 1, 0, ... */
void crew_give(struct crew *crew, size_t slot);
/* Returns when the work given in the slot is done. */
void crew_wait(struct crew *crew, size_t slot);
/* Ends the threads, after what was given is done; takes NULL. */
void crew_stop(struct crew *crew);

#endif
