/* What each operator's record means: attributes, arrays, shapes. The one definition that the builder
 * (writing), the view (checking) and the engine (planning) share.
 *
 * An operator has `attributes` words, one output tensor, one or more inputs, and arrays of weights
 * whose lengths follow from attributes and input shapes, exactly.
 */
#ifndef FOVEA_WEIGHTS_RULES_H
#define FOVEA_WEIGHTS_RULES_H

#include "weights/model.h"
#include "kernels/layout.h"
#include "weights/limits.h"
#include "weights/numbers.h"
#include "weights/words.h"

/* "Words" below are a record's attributes, in the order of weights/words.h. */
#define FOVEA_ATTRIBUTES_MAX 24
#define FOVEA_ARRAYS_MAX     3

enum fovea_op {
#define OP(code, NAME, name, ...) FOVEA_OP_##NAME = code,
#include "weights/ops.def"
#undef OP
};

/* ---- attributes, decoded ---- */

enum fovea_activation {
    FOVEA_ACTIVATION_NONE = 0,
#define ACTIVATION(code, NAME, kernel) FOVEA_ACTIVATION_##NAME = code,
#include "weights/activations.def"
#undef ACTIVATION
    FOVEA_ACTIVATION_COUNT
};

/* Words: kind, low, high, alpha (float bits; 0 where the kind does not use them). */
struct fovea_tail {
    enum fovea_activation kind;
    float low, high, alpha;
};

enum fovea_padding { FOVEA_PADDING_VALID = 0, FOVEA_PADDING_SAME, FOVEA_PADDING_EXPLICIT };

/* How outputs along one axis see the input: tap t of output o is at o * stride - before + t * dilation,
 * to be skipped where that lies outside 0 .. input - 1. */
struct fovea_axis {
    uint32_t input, output, kernel, stride, dilation;
    int32_t before; /* negative: the first tap lies inside the input */
};

/* Words: kernel y x, stride y x, dilation y x, padding mode, top, left, bottom, right.
 * SAME is TensorFlow's: the output has ceil(input / stride) positions, an odd cell of padding goes to
 * the bottom or right. A pool's kernel of 0 x 0 is the whole picture. */
struct fovea_window {
    struct fovea_axis y, x;
};

/* Words: window, groups, outputs, tail. A dense layer, of words outputs, tail, is one of one row of positions with
 * 1 x 1 taps. A second input of either is added to the output before the activation. */
struct fovea_conv {
    struct fovea_window window;
    uint32_t groups, inputs, outputs; /* channels in all */
    struct fovea_tail tail;
};
struct fovea_depthwise { /* words: window, tail */
    struct fovea_window window;
    uint32_t channels;
    struct fovea_tail tail;
};
enum fovea_cell {
    FOVEA_CELL_SIMPLE = 0,
    FOVEA_CELL_LSTM,
    FOVEA_CELL_GRU,
    FOVEA_CELL_GRU_RESET_BEFORE,
    FOVEA_CELL_COUNT
};
/* Words: cell, units, backwards (from the last step on), sequence (1: all states, not the last one alone; 2 more:
 * each with the cell of an LSTM behind it), flipped (the state of the first step taken comes last), tail of the
 * state, tail of the gates.
 *
 * The input is steps x gates * units, what the layer's kernel and bias make of each step beforehand; the
 * arrays are the recurrent kernel and bias, a group a gate. Gates: LSTM input, forget, state, output; GRU
 * update, reset, state. A second input has a number for each step: where it is 0 the step changes nothing, and
 * gives the state once more. A third one is the state to start from, with the cell of an LSTM behind it;
 * otherwise they start from 0. */
struct fovea_rnn {
    enum fovea_cell cell;
    uint32_t steps, units, gates;
    uint32_t inputs;
    bool backwards, sequence, cells, flipped;
    struct fovea_tail state, gate;
};
struct
    fovea_gather { /* words: rows of the table, numbers a row; an index outside is the nearest row's */
    uint32_t rows, width;
};
struct
    fovea_rows { /* words of softmax, log_softmax, sparsemax: dimensions of a row, counted from the last */
    uint32_t rows, count;
};
enum fovea_norm {
    FOVEA_NORM_LAYER = 0, /* about the mean, by the variance */
    FOVEA_NORM_VARIANCE,  /* about 0, by the variance */
    FOVEA_NORM_RMS,       /* about 0, by the mean square */
    FOVEA_NORM_UNIT,      /* about 0, by the sum of squares, which is epsilon at least */
    FOVEA_NORM_COUNT
};
struct fovea_normalization { /* words: dimensions of a row, kind, epsilon (float bits) */
    struct fovea_rows rows;
    enum fovea_norm kind;
    float epsilon;
};
/* Words: transposed (0, 1), tail. The first input is ... x rows x inner, the second ... x inner x columns,
 * or transposed ... x columns x inner; its leading dimensions are the first's, or it has none. */
struct fovea_matmul {
    uint32_t batch, rows, inner, columns;
    bool transposed, shared; /* shared: one second matrix for all of the batch */
    struct fovea_tail tail;
};
/* Words: kernel y x, stride y x, dilation y x, padding mode (VALID, SAME), extra y x (1 + Keras'
 * output_padding; 0: none stated), outputs, tail. Along one axis tap k of input i goes to output
 * i * stride + k * dilation - before, where there is such an output; one that nothing goes to has the
 * bias. Stride or dilation is 1. The outputs are those that an ordinary convolution with this padding
 * would see, so before is not negative:
 *     SAME    input * stride outputs, or (input - 1) * stride + reach % 2 + output_padding; what is
 *             too much of the whole is cut off on both sides, an odd one behind
 *     VALID   the whole, (input - 1) * stride + reach outputs, + output_padding; at least a stride
 *             for each input where none is stated
 *
 * The outputs fall into `stride` phases, by (output + before) % stride; each is an ordinary
 * convolution of its own (fovea_phase_of). The taps lie in the order of their phases, and within a
 * phase from the last to the first, so that a phase's taps are neighbours in each row of weights. */
struct fovea_transposed {
    struct fovea_axis y, x;
    uint32_t inputs, outputs;
    struct fovea_tail tail;
};
struct fovea_phase {
    struct fovea_axis axis; /* the ordinary convolution; no taps where its kernel is 0 */
    uint32_t first_tap;     /* of the phase, among all taps in their order */
};
struct fovea_pool { /* words: window, keep dimensions of a whole-picture pool (0, 1) */
    struct fovea_window window;
    uint32_t channels;
};

/* A reshape has words: rank, dims (0 behind the rank), and rank, dims of the input it was made for;
 * rank 0 there: any with as many elements.
 *
 * A rearrangement has words: rank, dims, rank and dims of its input, a step for each dimension, base.
 * Element (i0, i1, ...) of the output is element base + i0 * step0 + i1 * step1 + ... of the input:
 * sliced, flipped, repeated. Steps are signed, all elements lie inside the input. */
struct fovea_rearrange {
    int32_t step[FOVEA_RANK_MAX];
    uint32_t base;
};

/* Words: rank, and for each dimension of the output which one of the input it is. */
struct fovea_permute {
    uint32_t from[FOVEA_RANK_MAX];
};

/* Words: height, width, filter, and whether height and width are sizes (0) or multiply the input's (1).
 * Centres are those of half pixels: output o looks at (o + 1/2) * input / output - 1/2. */
enum fovea_filter { FOVEA_FILTER_BILINEAR = 0, FOVEA_FILTER_NEAREST, FOVEA_FILTER_COUNT };

/* ---- operators of bytes ---- */

/* q of the outputs that are clamped to, both -128 .. 127; of no matter where a layer's outputs are floats. */
struct fovea_bounds {
    int32_t low, high;
};

/* How a kernel of bytes lies: each output's taps in `runs` of 4 * quads bytes, the last ones filled up with 0:
 *     convolution, dense   [groups][outputs per group / 8][runs][quads][8][4]
 *     depthwise            [channels / 8][runs][8]
 *     biases               [groups][outputs per group / 8][2][8] i32: for bytes that are numbers of two's complement,
 *                          and for those that are q + 128
 *     scales               [groups][outputs per group / 8][8] f32: input's * weights' / output's, or without the
 *                          output's where that is of floats
 * Where the columns of a kernel's row are neighbours, they are one run, and a run is a row: columns is 1. Weights are
 * -127 .. 127. */
struct fovea_taps {
    uint32_t runs, columns, quads;
};
FOVEA_LOCAL struct fovea_taps fovea_taps_of(const struct fovea_window *window, uint32_t groups,
                                            uint32_t inputs);

/* Words: window, groups, outputs, bounds; of a depthwise convolution window, bounds; of a dense layer outputs,
 * bounds. A tap outside the picture is the input's zero point. */
struct fovea_qconv {
    struct fovea_window window;
    uint32_t groups, inputs, outputs;
    struct fovea_taps taps;
    struct fovea_bounds bounds;
};
/* Words: factors, shift, bounds: q = ((a - za) A + (b - zb) B + 2^(shift - 1) >> shift) + z, clamped. */
struct fovea_qadd {
    int32_t a, b;
    uint32_t shift;
    struct fovea_bounds bounds;
};
/* Words: scale (float bits), bounds: q = (a - za) (b - zb), brought to q by the scale as a sum of a convolution is.
 * The second is like the first, or one number a channel. */
struct fovea_qmultiply {
    float scale;
    uint32_t channels; /* 0: both are alike */
    struct fovea_bounds bounds;
};
/* A table gives for each q + 128 the q of the output. */
#define FOVEA_TABLE_BYTES 256

/* ---- one operator under examination ---- */

struct fovea_rule_query {
    /* given */
    uint32_t op, inputs, arrays, attributes;
    uint32_t attribute[FOVEA_ATTRIBUTES_MAX];
    void (*shape_of)(const void *context, uint32_t input, struct fovea_shape *shape);
    const void *context;
    /* found */
    struct fovea_shape first; /* shape of input 0, where there is one */
    struct fovea_shape output;
    uint64_t elements;                      /* of the output */
    uint64_t array_count[FOVEA_ARRAYS_MAX]; /* numbers each array must have */
    uint64_t macs;                          /* below 2^60, as shapes and arrays are limited */
    fovea_problem problem;                  /* why not */
    union {                                 /* the decoded record, by family */
        struct fovea_conv conv;             /* dense, too */
        struct fovea_depthwise depthwise;
        struct fovea_pool pool;
        struct fovea_tail tail; /* activation, affine, pairs */
        struct fovea_matmul matmul;
        struct fovea_rnn rnn;
        struct fovea_gather gather;
        struct fovea_rows rows;
        struct fovea_normalization normalization;
        uint32_t axis;   /* concat */
        uint32_t pad[4]; /* pad, crop: top, left, bottom, right */
        struct fovea_transposed transposed;
        struct fovea_rearrange rearrange;
        struct fovea_permute permute;
        enum fovea_filter filter; /* resize */
        struct fovea_qconv qconv;
        struct fovea_qadd qadd;
        struct fovea_qmultiply qmultiply;
    } as;
};

/* Checks the given fields and fills the found ones; false with `problem` set where the record is not
 * legal for these inputs. Never reads a size it has not checked. */
FOVEA_LOCAL bool fovea_rule_apply(struct fovea_rule_query *query);

/* Where an output may lie. */
enum fovea_place {
    FOVEA_PLACE_OWN,      /* needs memory of its own */
    FOVEA_PLACE_OVER,     /* may lie over the first input if nothing reads that afterwards */
    FOVEA_PLACE_ALIAS,    /* is the first input, under another shape */
    FOVEA_PLACE_CONSTANT, /* is the array in the blob */
};
#define FOVEA_NO_TAIL 255u

/* Which tensors of an operator are floats, and which bytes. */
enum fovea_form {
    FOVEA_FORM_FLOATS, /* all are floats */
    FOVEA_FORM_ALIKE,  /* all are floats, or all bytes of one scale and zero point */
    FOVEA_FORM_ENTER,  /* floats become bytes */
    FOVEA_FORM_LEAVE,  /* bytes become floats */
    FOVEA_FORM_BYTES,  /* all are bytes */
    FOVEA_FORM_SUMS,   /* bytes become bytes or floats */
};
FOVEA_LOCAL enum fovea_form fovea_op_form(uint32_t op);
/* Whether it makes an output of this type from an input of that one. */
FOVEA_LOCAL bool fovea_form_allows(enum fovea_form form, uint32_t input, uint32_t output);

/* Whether this build has operators of bytes: a constant. */
enum fovea_q8 {
    FOVEA_Q8_BUILT = 0
#define OP(code, NAME, name, family, words, arrays, place, tail, first, second, third, form)       \
    || FOVEA_FORM_##form == FOVEA_FORM_ENTER
#include "weights/built.def"
#undef OP
};

/* What is known of a code; of one that is not in the list: NULL, 0, OWN, FOVEA_NO_TAIL. */
FOVEA_LOCAL const char *fovea_op_name(uint32_t op);
FOVEA_LOCAL uint32_t fovea_op_attributes(uint32_t op);
FOVEA_LOCAL enum fovea_place fovea_op_place(uint32_t op);
FOVEA_LOCAL uint32_t fovea_op_tail(uint32_t op);
/* Whether the operator reads its array `array` (0: the kernel) where that has numbers of this type. */
FOVEA_LOCAL bool fovea_op_reads(uint32_t op, uint32_t array, enum fovea_type type);
/* Whether it reads such an array in any type. */
FOVEA_LOCAL bool fovea_op_has(uint32_t op, uint32_t array);

/* *count = elements of a shape; false where rank or dims break the limits. */
FOVEA_LOCAL bool fovea_shape_count(const struct fovea_shape *shape, uint64_t *count);
FOVEA_LOCAL bool fovea_shape_equal(const struct fovea_shape *a, const struct fovea_shape *b);

/* ---- for the rule files ---- */

FOVEA_LOCAL bool fovea_rule_refuse(struct fovea_rule_query *query, fovea_problem problem);
#define fovea_rule_fail(query, problem) fovea_rule_refuse(query, FOVEA_TEXT(problem))
FOVEA_LOCAL bool fovea_rule_tail(struct fovea_rule_query *query, uint32_t word,
                                 struct fovea_tail *tail);
/* Phase `index`, which is one of the outputs, of an axis of a transposed convolution: outputs index,
 * index + stride, ... */
FOVEA_LOCAL struct fovea_phase fovea_phase_of(const struct fovea_axis *axis, uint32_t index);
/* Reads the window at word 0 over an input of rank 3. */
FOVEA_LOCAL bool fovea_rule_window(struct fovea_rule_query *query, struct fovea_window *window);

#define OP(code, NAME, name, ...)                                                                  \
    FOVEA_LOCAL bool fovea_rule_##name(struct fovea_rule_query *query);
#include "weights/ops.def"
#undef OP

#endif
