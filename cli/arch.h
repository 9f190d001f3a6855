/* The benchmark's networks, built in memory with random weights: no file is needed to measure them. */
#ifndef FOVEA_CLI_ARCH_H
#define FOVEA_CLI_ARCH_H

#include "convert/graph/emit.h"

struct arch {
    const char *name, *text;
    bool (*build)(struct graph *graph);
};

/* All networks; the last has no name. */
extern const struct arch arch_list[];

/* The network `name`, simplified and emitted as a blob in the pool, its weights drawn as He does and the
 * same each time, kept as `weights` says: f32, f16, w8, i8. False, with `trouble` set, for a
 * name that is not in the list. */
bool arch_blob(struct pool *pool, const char *name, const char *weights, struct emitted *emitted,
               struct trouble *trouble);

#endif
