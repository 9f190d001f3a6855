/* Layers done together by rows: what lies between them never exists as a whole. Of each tensor between there are
 * only the rows that the next layer sees for some rows of its own, in scratch memory. Each number is computed as it
 * would be without.
 *
 * Two ways need it. A chain (chain.c) makes a few rows of its last layer at a time, and of the others all that
 * these need, so that a few wide layers stay in the cache. A stripe (stripe.c) makes one row of any layer at a time
 * as soon as it is needed, so that many layers take the least memory. */
#ifndef FOVEA_ENGINE_ROWS_H
#define FOVEA_ENGINE_ROWS_H

#include "engine/bind.h"

#define FOVEA_CHAIN_MOST (FOVEA_SMALL ? 1 : 3) /* layers of a chain */

/* Layers to be bound, one after another; the last one's step does all of them. */
struct fovea_row_group {
    uint32_t count;                 /* layers bound so far */
    uint32_t height;                /* rows of the last layer at a time */
    uint32_t piece;                 /* rows of another layer at a time; 0: all that are needed */
    const struct fovea_step *links; /* but the last, in the session; NULL while measuring */
    uint32_t lines;                 /* rows of the layer bound last, and floats of one */
    size_t line;
    size_t task_floats; /* of rows that are kept where `piece` says how many */
    uint64_t macs;
    struct fovea_axis axis[FOVEA_CHAIN_MOST]; /* of each layer, where it does not */
    size_t width[FOVEA_CHAIN_MOST];           /* floats of a row of its output */
};

/* Takes the layer just bound as the next one; false where it does not make rows, or not those of what the one
 * before made, because the blob changed. */
FOVEA_LOCAL bool fovea_rows_add(struct fovea_row_group *rows, struct fovea_binding *binding);

/* Binds binding->step, which is the last layer's place, to do all of them; `last` is that layer, in the session,
 * NULL while measuring. */
FOVEA_LOCAL void fovea_bind_row_links(struct fovea_binding *binding,
                                      const struct fovea_row_group *rows,
                                      const struct fovea_step *last);

/* Rows of its input that `rows` neighbouring rows of a layer see. */
FOVEA_STATIC uint32_t fovea_rows_seen(const struct fovea_axis *y, uint32_t rows) {
    uint64_t seen = ((uint64_t)rows - 1) * y->stride + (uint64_t)(y->kernel - 1) * y->dilation + 1;
    return seen < y->input ? (uint32_t)seen : y->input;
}

#endif
