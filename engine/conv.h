/* What the operators that are convolutions share: one ordinary convolution, of a whole step or of one phase of
 * a transposed one. */
#ifndef FOVEA_ENGINE_CONV_H
#define FOVEA_ENGINE_CONV_H

#include "engine/op.h"

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

/* Whether the step is a convolution whose as.conv says what it reads first. */
FOVEA_LOCAL bool fovea_conv_begins(const struct fovea_step *step);

/* Whether it is one that is done by Strassen's algorithm. */
FOVEA_LOCAL bool fovea_strassen_begins(const struct fovea_step *step);

/* The part of a step, done by `run`: at once or, where weights are halves, as often as there are chunks of
 * outputs, whose weights become floats in scratch memory. */
FOVEA_LOCAL void fovea_conv_task(struct fovea_conv_pass *pass, uint32_t part, uint32_t parts,
                                 fovea_conv_run_pass *run);

#endif
