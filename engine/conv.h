/* What the operators that are convolutions share: their state, and one ordinary convolution, of a whole step or
 * of one phase of a transposed one. */
#ifndef FOVEA_ENGINE_CONV_H
#define FOVEA_ENGINE_CONV_H

#include "engine/bind.h"

/* Weights that are narrower than floats: those of a chunk of blocks become floats in scratch memory. */
struct fovea_conv_narrow {
    struct fovea_narrow weights;
    void (*dense)(const struct fovea_dense_narrow *); /* of the way VECTOR */
};

/* The state of a step that is an ordinary convolution or, as its first member, one by Strassen's product. */
struct fovea_conv_step {
    struct fovea_window window;       /* that of a pointwise one as a single row */
    uint32_t groups, inputs, outputs; /* channels in all */
    uint32_t flat_width;              /* of a picture that became one row, else 0 */
    uint32_t tile_pixels, blocks,
        chunk;         /* of a group: blocks of outputs, taken `chunk` at a time */
    bool split_blocks; /* tasks share the blocks instead of the positions */
    float low, high;
    void (*kernel)(const struct fovea_conv_tile *);
    void (*run)(const struct fovea_conv_run *); /* NULL: there are no runs */
    const struct fovea_conv_narrow *narrow;     /* NULL: the weights are floats */
    size_t task_floats;                         /* of the scratch memory */
    const float *ahead; /* weights of a later step, `ahead_count`, to be asked for meanwhile */
    size_t ahead_count;
};
FOVEA_STATE(fovea_conv_step, 120);

FOVEA_STATIC const struct fovea_conv_step *fovea_conv_of(const struct fovea_step *step) {
    return (const struct fovea_conv_step *)step->state;
}

#if !FOVEA_SMALL
/* What the ways of a convolution are chosen by. */
struct fovea_conv_shape {
    struct fovea_window window; /* flattened */
    uint32_t flat_width, tile_pixels;
};
FOVEA_LOCAL struct fovea_conv_shape fovea_conv_shape_of(const struct fovea_setting *setting,
                                                        const struct fovea_conv *conv);
#endif

/* Positions along both axes. */
struct fovea_conv_range {
    uint32_t top, bottom, left, right;
};

/* The outputs worked on: `channels` from `first` on, in group `group`. */
struct fovea_conv_outputs {
    size_t group, first, channels;
};

struct fovea_conv_pass {
    const struct fovea_step *step;
    struct fovea_window window;
    struct fovea_conv_range range;         /* of outputs to make */
    const float *weights;                  /* of the first tap of the first block */
    float *output;                         /* of the first position */
    const float *add;                      /* what is added to the outputs, or NULL */
    size_t output_row, output_column;      /* floats from one position to the next */
    const struct fovea_conv_outputs *some; /* those whose weights there are, or NULL: all */
    const float *ahead;                    /* weights of a later step, or NULL */
};

/* The pass that is the whole step. */
FOVEA_LOCAL struct fovea_conv_pass fovea_conv_pass_of(const struct fovea_step *step);

/* Weights from `from` on, of which each of `tiles` tiles asks for a part, `step` floats a sum. */
struct fovea_conv_ahead {
    const float *from;
    size_t tile_floats, tiles, step;
};

/* `floats` of them, to be asked for by at most `tiles` tiles of `sums` sums. */
FOVEA_LOCAL struct fovea_conv_ahead fovea_conv_ahead_of(const float *from, size_t floats,
                                                        size_t sums, size_t tiles);
/* What tile number `tile` asks for: where there is nothing left, again and again the first of `used`. */
FOVEA_LOCAL const float *fovea_conv_ask(const struct fovea_conv_ahead *ahead, size_t tile,
                                        const float *used, size_t *step);

/* Part `part` of `parts` of a pass. */
typedef void fovea_conv_run_pass(const struct fovea_conv_pass *pass, uint32_t part, uint32_t parts);
FOVEA_LOCAL fovea_conv_run_pass fovea_conv_pass;

/* The part of a step, done by `run`: at once or, where weights are narrow, as often as there are chunks of
 * outputs, whose weights become floats in scratch memory. */
FOVEA_LOCAL void fovea_conv_task(struct fovea_conv_pass *pass, uint32_t part, uint32_t parts,
                                 fovea_conv_run_pass *run);

/* Fills `state` and binding->step, all but `run`, from the convolution of the node. */
FOVEA_LOCAL void fovea_bind_conv_state(struct fovea_binding *binding, const struct fovea_conv *conv,
                                       struct fovea_conv_step *state);
/* Whether the step keeps narrow weights and makes floats of them during a run. */
FOVEA_LOCAL bool fovea_conv_widens(const struct fovea_binding *binding);

/* Bind binding->step to a way; true, as all that bind a step. */
FOVEA_LOCAL bool fovea_bind_vector(struct fovea_binding *binding, const struct fovea_conv *conv);
#if !FOVEA_SMALL
FOVEA_LOCAL bool fovea_bind_strassen(struct fovea_binding *binding, const struct fovea_conv *conv);
FOVEA_LOCAL bool fovea_bind_winograd(struct fovea_binding *binding, const struct fovea_conv *conv);
#endif

#endif
