/* What an operator owes the engine: one bind function a row of weights/ops.def, called by plan.c, and
 * a run function that the step then points to. */
#ifndef FOVEA_ENGINE_OP_H
#define FOVEA_ENGINE_OP_H

#include "kernels/kernels.h"
#include "weights/blob.h"

#define FOVEA_INFINITY __builtin_inff()

/* A fused activation: applied in place to what was just computed. */
struct fovea_tail_run {
    void (*kernel)(const struct fovea_map *); /* NULL: nothing left to do */
    float low, high, alpha;
};

struct fovea_conv_step {
    struct fovea_conv conv;
    void (*kernel)(const struct fovea_conv_tile *);
    void (*run)(const struct fovea_conv_run *);
    size_t tile_pixels, blocks, chunk; /* of a group: blocks of outputs, taken `chunk` at a time */
    size_t flat_width;                 /* of a picture that became one row, else 0 */
    bool split_blocks;                 /* tasks share the blocks instead of the positions */
    float low, high;
    /* Weights that are halves: read as they are by a layer of one position; else those of a chunk of
     * blocks become floats in scratch memory, `task_floats` of each task. NULL: floats. */
    const uint16_t *halves;
    void (*widen)(const struct fovea_widen *);
    void (*dense)(const struct fovea_dense_half *);
    size_t task_floats;
};
/* Steps done together, some rows of each in turn. */
#define FOVEA_CHAIN_MOST 3
/* What a step that can compute some rows of its output by themselves says of its rows. */
struct fovea_row_record {
    struct fovea_axis y;
    size_t input_row, output_row; /* floats */
};
struct fovea_chain {
    uint32_t count;  /* links; 0: none */
    uint32_t height; /* rows of the last link at a time */
    struct fovea_row_record link[FOVEA_CHAIN_MOST];
    uint32_t kept[FOVEA_CHAIN_MOST]; /* rows of each link's output */
    uint64_t macs;
};
struct fovea_chain_step {
    struct fovea_chain chain;
    struct fovea_step *links;
    size_t task_floats;
};

/* Layers done by rows: all but the last are steps of the session, which do nothing by themselves. */
struct fovea_stripe_step {
    const struct fovea_step *links, *last;
    uint32_t count;
    size_t task_floats; /* of the scratch memory */
};
struct fovea_winograd_step {
    struct fovea_conv conv;
    void (*input)(const struct fovea_winograd_input *);
    void (*gemm)(const struct fovea_gemm *);
    void (*output)(const struct fovea_winograd_output *);
    size_t tiles_x, tiles, panels; /* in all */
    size_t block, group;           /* tiles, and panels of outputs, worked on at a time */
    size_t input_step, sum_step, task_floats; /* of the scratch memory */
    bool split_panels;                        /* tasks share the panels instead of the tiles */
    bool pool;                                /* the outputs are maxima of two by two */
    float low, high;
};
struct fovea_strassen_step {
    struct fovea_conv_step conv; /* the direct way, for what is left over; tasks, scratch memory */
    void (*mix)(const struct fovea_mix *);
    void (*kernel)(const struct fovea_strassen_tile *);
};
/* Weights of the next step's convolution, by a factor for each input. */
struct fovea_scale_step {
    const float *weights;
    const uint16_t *halves; /* or these */
    void (*widen)(const struct fovea_widen *);
    size_t inputs, blocks;
    size_t offset; /* the products are at scratch + offset, the tasks' factors behind them */
    void (*multiply)(const struct fovea_pair *);
};
struct fovea_window_step {
    struct fovea_window window;
    uint32_t channels;
    void (*depthwise)(const struct fovea_depthwise_run *); /* or */
    void (*pool)(const struct fovea_window_run *);
    bool split_channels; /* tasks share the channels instead of the rows */
    float low, high;
};
struct fovea_affine_step {
    size_t positions, channels;
    void (*kernel)(const struct fovea_affine *);
};
struct fovea_pair_step {
    uint32_t rank, dims[FOVEA_RANK_MAX]; /* of the output, neighbours merged */
    size_t a_stride[FOVEA_RANK_MAX], b_stride[FOVEA_RANK_MAX]; /* 0: stretched */
    void (*kernel)(const struct fovea_pair *);
};
struct fovea_rows_step {
    size_t rows, count;
    void (*kernel)(const struct fovea_softmax *);
};
struct fovea_normalize_step {
    struct fovea_normalization normalization;
    void (*kernel)(const struct fovea_normalize *);
};
struct fovea_matmul_step {
    struct fovea_matmul matmul;
    void (*kernel)(const struct fovea_conv_tile *);
    float *scratch; /* of all tasks, `room` floats each */
    size_t tile_pixels, room;
    float low, high;
};
struct fovea_rnn_step {
    struct fovea_rnn rnn;
    void (*kernel)(const struct fovea_conv_tile *);
    void (*add)(const struct fovea_pair *);
    void (*subtract)(const struct fovea_pair *);
    void (*multiply)(const struct fovea_pair *);
    struct fovea_tail_run state, gate;
    float *scratch; /* the gates, the state, a second state or what is in between */
};
struct fovea_concat_part {
    const float *data;
    size_t run; /* floats of this part in one outer position */
};
struct fovea_concat_step {
    struct fovea_concat_part *parts;
    size_t count, outer, run;
};
struct fovea_pad_step {
    size_t rows, run, top, left, bottom, right; /* rows of `run` floats; left, right in floats */
};

struct fovea_rearrange_step {
    uint32_t rank, dims[FOVEA_RANK_MAX]; /* of the output, neighbours merged */
    ptrdiff_t step[FOVEA_RANK_MAX];
    size_t base;
};
/* What one output row or column is mixed from. */
struct fovea_resize_tap {
    uint32_t lower, upper;
    float weight; /* of the upper one */
};
struct fovea_resize_step {
    uint32_t width, channels; /* of the input */
    uint32_t rows, columns;   /* of the output */
    enum fovea_filter filter;
    const struct fovea_resize_tap *y, *x;
    void (*kernel)(const struct fovea_blend *);
};

struct fovea_step {
    void (*run)(const struct fovea_step *step, uint32_t task);
    /* Rows begin .. end - 1 of the output; NULL where they cannot be had by themselves. */
    void (*run_rows)(const struct fovea_step *step, uint32_t begin, uint32_t end);
    struct fovea_row_record rows;
    const float *input, *second, *weights, *bias;
    const float *ahead; /* weights of a later step, `ahead_count`, to be asked for meanwhile */
    size_t ahead_count;
    float *output, *scratch; /* scratch: as much as bind asked for, shared by all steps */
    size_t count;            /* floats of the output */
    uint32_t tasks;          /* parts the step is split into, each independent of the others */
    uint32_t node;
    enum fovea_kernel_index kernel;
    struct fovea_tail_run tail;
    union {
        struct fovea_conv_step conv;
        struct fovea_chain_step chain;
        struct fovea_stripe_step stripe;
        struct fovea_winograd_step winograd;
        struct fovea_strassen_step strassen;
        struct fovea_scale_step scale;
        struct fovea_window_step window;
        struct fovea_affine_step affine;
        struct fovea_pair_step pair;
        struct fovea_matmul_step matmul;
        struct fovea_rnn_step rnn;
        struct fovea_gather gather;
        struct fovea_rows_step rows;
        struct fovea_normalize_step normalize;
        struct fovea_concat_step concat;
        struct fovea_pad_step pad;
        struct fovea_rearrange_step rearrange;
        struct fovea_resize_step resize;
    } as;
};

/* What bind has at hand. While measuring there is no memory: tensors are NULL, fovea_bind_reserve
 * gives NULL, and the step is thrown away. */
struct fovea_binding {
    const struct fovea_node_view *view;
    const struct fovea_kernels *kernels;
    uint32_t tasks; /* parts a step may be split into */
    struct fovea_step *step;
    float *(*tensor)(const struct fovea_binding *binding, uint32_t input);
    uint8_t *memory;  /* NULL while measuring */
    uint64_t used;    /* bytes of it handed out */
    uint64_t scratch; /* bytes the steps share, the most that any has asked for */
    bool exact, small_memory;
    bool unbuilt; /* a tail needs a kernel that this build leaves out */
    bool by_rows; /* the step is to be a link of a chain, or of a stripe */
    size_t
        row_floats; /* of scratch memory that links of the stripe need to make rows, the most of any */
    bool half;      /* the blob keeps the step's first array as `halves`; step->weights is NULL */
    const uint16_t *halves;
    const void *session;
};

/* `bytes` of session memory, aligned to 64; NULL while measuring. */
FOVEA_LOCAL void *fovea_bind_reserve(struct fovea_binding *binding, uint64_t bytes);

/* The same for `count` things of a pointer's size, which size_t has too. */
FOVEA_LOCAL void *fovea_bind_pointers(struct fovea_binding *binding, uint64_t count);

/* What cannot read halves gets its first array as floats in session memory. */
FOVEA_LOCAL void fovea_bind_floats(struct fovea_binding *binding);

/* The step will find `bytes` at step->scratch, free to use during a run. */
FOVEA_LOCAL void fovea_bind_scratch(struct fovea_binding *binding, uint64_t bytes);

/* Fills the step from the node; false where the operator needs no step. */
#define OP(code, NAME, name, family, words, arrays, place, tail)                                   \
    FOVEA_LOCAL bool fovea_bind_##name(struct fovea_binding *binding);
#include "weights/ops.def"
#undef OP

/* ---- for the operators ---- */

/* Tasks for `work` (MACs or floats touched): few where splitting costs more than it saves. */
FOVEA_LOCAL uint32_t fovea_bind_tasks(const struct fovea_binding *binding, uint64_t work);

/* A tail that a kernel with bounds of its own can apply: its bounds go to *low, *high (infinite where
 * there are none); any other becomes step->tail. */
FOVEA_LOCAL void fovea_bind_tail(struct fovea_binding *binding, const struct fovea_tail *tail,
                                 float *low, float *high);
/* Any tail becomes step->tail. Returns the kernel's index. */
FOVEA_LOCAL enum fovea_kernel_index fovea_bind_map(struct fovea_binding *binding,
                                                   const struct fovea_tail *tail);
FOVEA_LOCAL void fovea_tail_apply(const struct fovea_tail_run *tail, float *data, size_t count);

/* Binds a convolution whose record is in `conv`; dense layers are convolutions of one row. */
FOVEA_LOCAL void fovea_bind_tiles(struct fovea_binding *binding, const struct fovea_conv *conv);

/* What a bound convolution needs where its weights are halves; a block has `block_bytes` as floats. */
FOVEA_LOCAL void fovea_bind_half(struct fovea_binding *binding, uint64_t block_bytes);

/* Binds a convolution by Winograd's algorithm where that is allowed and pays; false where not. */
FOVEA_LOCAL bool fovea_bind_winograd(struct fovea_binding *binding, const struct fovea_conv *conv);

/* Lets convolutions so bound do the pools of two by two that alone read them. */
FOVEA_LOCAL void fovea_winograd_take_pools(const struct fovea_model *model,
                                           struct fovea_step *steps, uint32_t count);

/* The run function of steps with windows. */
FOVEA_LOCAL void fovea_window_run(const struct fovea_step *step, uint32_t task);

/* Whether `node` reads the value first, and nobody else does, nor `node` a second time. */
FOVEA_LOCAL bool fovea_reads_alone(const struct fovea_model *model, uint32_t node, uint32_t value);

/* Whether the bound step gives each channel a factor, in place, and a convolution, the next node, alone reads
 * that. */
FOVEA_LOCAL bool fovea_scale_begins(const struct fovea_binding *binding);
/* If the step bound since is a pointwise convolution with far fewer weights than there are products, `step`
 * multiplies its weights instead. */
FOVEA_LOCAL void fovea_bind_scale(struct fovea_binding *binding, struct fovea_step *step);
/* When all steps know their scratch memory: convolutions find the weights so made. */
FOVEA_LOCAL void fovea_scale_place(struct fovea_step *steps, uint32_t count);

/* Lets a bound pointwise convolution use Strassen's algorithm where that is allowed and pays. */
FOVEA_LOCAL void fovea_bind_strassen(struct fovea_binding *binding);

/* Has each convolution ask for the first weights of the next one. */
FOVEA_LOCAL void fovea_conv_look_ahead(struct fovea_step *steps, uint32_t count);

/* Whether nodes from `node` on make a chain that pays: found.count is 0 where not. */
FOVEA_LOCAL void fovea_chain_find(const struct fovea_model *model, uint32_t node,
                                  fovea_shape_source *source, const void *context,
                                  struct fovea_chain *found);
/* Binds the chain, whose rows are now those of the bound steps: binding->step will do it as a whole,
 * the `links` in session memory (NULL while measuring) are what it is made of. False where they do not
 * fit together, because the blob changed. */
FOVEA_LOCAL bool fovea_bind_chain(struct fovea_binding *binding, const struct fovea_chain *chain,
                                  struct fovea_step *links);

/* Puts the bound step behind those of `stripe`, whose last one's rows `before` has, and has its own then; false
 * where it does not fit, because the blob changed. */
FOVEA_LOCAL bool fovea_stripe_add(struct fovea_binding *binding, struct fovea_stripe_step *stripe,
                                  struct fovea_row_record *before);
/* The bound step, the stripe's last, becomes one that does the whole of it. */
FOVEA_LOCAL void fovea_bind_stripe(struct fovea_binding *binding,
                                   const struct fovea_stripe_step *stripe);

/* Part `task` of `tasks` of 0 .. count - 1, cut at multiples of `grain`. */
FOVEA_LOCAL void fovea_slice(size_t count, size_t grain, uint32_t task, uint32_t tasks,
                             size_t *begin, size_t *end);

/* A stretch of outputs along one axis, begin .. end - 1, that all have the same taps, tap ..
 * tap + taps - 1, inside the input; `at` is where the first tap of output `begin` lies. */
struct fovea_span {
    uint32_t begin, end, tap, taps;
    uint32_t at;
};
FOVEA_LOCAL struct fovea_span fovea_span_from(const struct fovea_axis *axis, uint32_t begin);

#endif
