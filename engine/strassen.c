/* Pointwise convolutions by Strassen's product of matrices (kernels/kernels.h): an eighth of the
 * multiplications less, for additions. Twice as many positions as a tile has, side by side, and four
 * blocks of outputs make one product; what is left over at the end of both goes the direct way. Scratch
 * memory of a task:
 *
 *     mixed         [block of tiles][4][positions][half]
 *     mixed_weights [pairs of panels, or 1][4][2 blocks][half][8]
 *     widened       [few pairs][4 blocks][inputs][8], where weights are narrow */
#include "engine/choose.h"
#include "engine/conv.h"

#if !FOVEA_SMALL

#define PAIR     (2 * FOVEA_PANEL) /* outputs */
#define MIXTURES 4
#define PRODUCTS 7

/* Up to so many mixed weights are kept for all blocks of tiles; more are mixed again for each. */
#define KEPT_BYTES (256u * 1024)

/* Mixed inputs of a block of tiles: part of a second-level cache, but not few tiles, because mixing the weights
 * takes as long as half of one. */
#define MIXED_BYTES (256u * 1024)
#define TILES_LEAST 16

/* What is left over is done for so many pairs at a time: a single position needs as many sums. */
#define FEW_PAIRS 2

struct fovea_strassen_step {
    struct fovea_conv_step conv; /* for what is left over */
    void (*mix)(const struct fovea_mix *);
    void (*kernel)(const struct fovea_strassen_tile *);
};
FOVEA_STATE(fovea_strassen_step, 128);

/* How a layer falls into parts. */
struct strassen_parts {
    size_t rows, inputs, outputs, positions; /* rows: positions of half a tile */
    size_t tiles, pairs;                     /* in all */
    size_t block;                            /* tiles worked on at a time */
    bool keeps;                              /* the mixed weights of all pairs */
    size_t pair_floats, tile_floats;         /* of mixed weights, of mixed inputs */
};

/* Of a layer with at least one tile and one pair: then no number is above those of its inputs and weights, which
 * are below 2^29, or of MIXED_BYTES. */
static struct strassen_parts strassen_parts_of(size_t rows, size_t inputs, size_t outputs,
                                               size_t positions) {
    struct strassen_parts parts = {
        .rows = rows,
        .inputs = inputs,
        .outputs = outputs,
        .positions = positions,
        .pair_floats = inputs * PAIR,
        .tile_floats = MIXTURES * rows * (inputs / 2),
    };
    size_t most = MIXED_BYTES / sizeof(float) / parts.tile_floats;
    parts.tiles = parts.positions / (2 * parts.rows);
    parts.pairs = parts.outputs / PAIR;
    most = most < TILES_LEAST ? TILES_LEAST : most;
    parts.block = most < parts.tiles ? most : parts.tiles;
    parts.keeps = parts.pairs <= KEPT_BYTES / sizeof(float) / parts.pair_floats;
    return parts;
}

static struct strassen_parts strassen_parts_in(const struct fovea_conv_step *conv) {
    return strassen_parts_of(conv->tile_pixels, conv->inputs, conv->outputs, conv->window.x.output);
}

static const struct fovea_strassen_step *strassen_of(const struct fovea_step *step) {
    return (const struct fovea_strassen_step *)step->state;
}

/* ---- running ---- */

/* A block of tiles with its scratch memory. */
struct strassen_block {
    const struct fovea_step *step;
    struct strassen_parts parts;
    size_t first, tiles;
    float *mixed, *mixed_weights;
    float *widened;     /* of a few pairs, where weights are narrow; else NULL */
    bool weights_mixed; /* for a block before */
};

static void mix_inputs(const struct strassen_block *b) {
    const struct strassen_parts *parts = &b->parts;
    size_t half = parts->inputs / 2;
    struct fovea_mix mix = {
        .rows = parts->rows,
        .count = half,
        .input_row = parts->inputs,
        .output_row = half,
        .output_step = parts->rows * half,
        .sign = 1,
    };
    for (size_t i = 0; i < b->tiles; i++) {
        mix.c = b->step->input + (b->first + i) * 2 * parts->rows * parts->inputs;
        mix.d = mix.c + half;
        mix.a = mix.c + parts->rows * parts->inputs;
        mix.b = mix.a + half;
        mix.output = b->mixed + i * parts->tile_floats;
        strassen_of(b->step)->mix(&mix);
    }
}

static void mix_weights(const struct strassen_block *b, const float *weights, float *mixed) {
    size_t count = b->parts.inputs / 2 * FOVEA_BLOCK;
    const float *right = weights + 4 * count;
    struct fovea_mix mix = {
        .a = right,
        .b = weights,
        .c = right + count,
        .d = weights + count,
        .output = mixed,
        .rows = 2,
        .count = count,
        .input_row = 2 * count,
        .output_row = count,
        .output_step = 2 * count,
        .sign = -1,
    };
    strassen_of(b->step)->mix(&mix);
}

/* The weights of `channels` outputs from `first` on: narrow ones become floats. */
static const float *block_weights(const struct strassen_block *b, size_t first, size_t channels) {
    const struct fovea_conv_narrow *narrow = fovea_conv_of(b->step)->narrow;
    size_t at = first * b->parts.inputs;
    if (!FOVEA_NARROW_BUILT || !narrow) return b->step->weights + at;
    const size_t count = fovea_round_up(channels, FOVEA_BLOCK) * b->parts.inputs;
    if (channels > 0) fovea_narrow_widen(&narrow->weights, at, count, b->widened);
    return b->widened;
}

/* One pair of panels. `next`: `floats` weights to be asked for meanwhile. */
static void multiply_pair(const struct strassen_block *b, size_t pair, const float *weights,
                          const float *mixed_weights, const float *next, size_t floats) {
    const struct fovea_step *step = b->step;
    const struct strassen_parts *parts = &b->parts;
    const struct fovea_strassen_step *s = strassen_of(step);
    size_t half = parts->inputs / 2;
    struct fovea_conv_ahead ahead = fovea_conv_ahead_of(next, floats, PRODUCTS * half, b->tiles);
    for (size_t i = 0; i < b->tiles; i++) {
        size_t at = (b->first + i) * 2 * parts->rows, to = at * parts->outputs + pair * PAIR;
        struct fovea_strassen_tile tile = {
            .input = step->input + at * parts->inputs,
            .mixed = b->mixed + i * parts->tile_floats,
            .weights = weights,
            .mixed_weights = mixed_weights,
            .bias = step->bias + pair * PAIR,
            .add = step->second ? step->second + to : NULL,
            .output = step->output + to,
            .rows = parts->rows,
            .half = half,
            .input_row = parts->inputs,
            .output_row = parts->outputs,
            .low = s->conv.low,
            .high = s->conv.high,
        };
        tile.ahead = fovea_conv_ask(&ahead, i, mixed_weights, &tile.ahead_step);
        s->kernel(&tile);
        for (size_t p = 0; p < 2 * parts->rows && step->tail; p++)
            fovea_tail_apply(step->tail, tile.output + p * parts->outputs, PAIR);
    }
}

/* What no product covers: `channels` outputs from `first` on, with their weights, at positions begin .. end - 1. */
static void multiply_rest(const struct strassen_block *b, size_t first, size_t channels,
                          const float *weights, size_t begin, size_t end) {
    struct fovea_conv_pass pass = fovea_conv_pass_of(b->step);
    struct fovea_conv_outputs some = {0, first, channels};
    pass.some = &some;
    /* Where block 0 would lie. */
    pass.weights = (float *)((uintptr_t)weights - first * b->parts.inputs * sizeof(float));
    pass.range.left = (uint32_t)begin;
    pass.range.right = (uint32_t)end;
    if (channels > 0) fovea_conv_pass(&pass, 0, 1);
}

/* Pairs first .. last - 1, a few at a time, and at the end of the picture the positions left over. */
static void multiply_block(const struct strassen_block *b, size_t first, size_t last) {
    const struct strassen_parts *parts = &b->parts;
    const struct fovea_step *step = b->step;
    bool ends = b->first + b->tiles == parts->tiles;
    for (size_t few = first, behind; few < last; few = behind) {
        behind = last - few < FEW_PAIRS ? last : few + FEW_PAIRS;
        size_t channels = (behind - few) * PAIR;
        const float *all = block_weights(b, few * PAIR, channels), *weights = all;
        for (size_t p = few; p < behind; p++, weights += parts->pair_floats) {
            float *mixed = b->mixed_weights + (parts->keeps ? p * parts->pair_floats : 0);
            const float *next = weights + parts->pair_floats;
            size_t floats = b->weights_mixed || b->widened ? 0 : parts->pair_floats;
            if (p + 1 == last) {
                next = fovea_conv_of(step)->ahead;
                floats = ends && next ? fovea_conv_of(step)->ahead_count : 0;
            }
            if (!b->weights_mixed) mix_weights(b, weights, mixed);
            multiply_pair(b, p, weights, mixed, next, floats);
        }
        if (ends)
            multiply_rest(b, few * PAIR, channels, all, parts->tiles * 2 * parts->rows,
                          parts->positions);
    }
}

static void strassen_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_conv_step *s = fovea_conv_of(step);
    struct strassen_block b = {.step = step, .parts = strassen_parts_in(s)};
    const struct strassen_parts *parts = &b.parts;
    size_t begin = 0, end = parts->tiles, first = 0, last = parts->pairs;
    size_t paired = parts->pairs * PAIR;
    if (s->split_blocks)
        fovea_slice(parts->pairs, 1, task, step->tasks, &first, &last);
    else
        fovea_slice(parts->tiles, 1, task, step->tasks, &begin, &end);
    b.mixed = step->scratch + task * s->task_floats;
    b.mixed_weights = b.mixed + parts->block * parts->tile_floats;
    if (FOVEA_NARROW_BUILT && s->narrow)
        b.widened = b.mixed_weights + (parts->keeps ? parts->pairs : 1) * parts->pair_floats;
    for (b.first = begin; first < last && b.first < end; b.first += b.tiles) {
        b.tiles = end - b.first < parts->block ? end - b.first : parts->block;
        mix_inputs(&b);
        multiply_block(&b, first, last);
        b.weights_mixed = parts->keeps;
    }
    fovea_slice(parts->positions, parts->rows, task, step->tasks, &begin, &end);
    const float *weights = block_weights(&b, paired, parts->outputs - paired);
    multiply_rest(&b, paired, parts->outputs - paired, weights, begin, end);
}

/* ---- planning ---- */

/* What the parts take, in quarters of a vector's multiply-adds by two units, for each input: so much a pair of a
 * tile (and little that does not depend on the inputs), a tile's mixtures, and those of a pair's weights. */
#define PAIR_COST    84
#define PAIR_SAVES   10
#define PAIR_EXTRA   360
#define INPUTS_COST  9
#define WEIGHTS_COST 24

/* How often the weights are mixed while `tiles` of them go through. */
static uint64_t strassen_mixes(const struct strassen_parts *parts, uint64_t tiles) {
    return parts->keeps ? 1 : (tiles + parts->block - 1) / parts->block;
}

static bool strassen_pays(const struct strassen_parts *parts) {
    uint64_t inputs = parts->inputs, tiles = parts->tiles, pairs = parts->pairs;
    uint64_t mixtures = tiles * INPUTS_COST + pairs * strassen_mixes(parts, tiles) * WEIGHTS_COST;
    return tiles * pairs * PAIR_SAVES * inputs > tiles * pairs * PAIR_EXTRA + mixtures * inputs;
}

/* What the busiest of the tasks takes that share `tiles` and `pairs`. */
static uint64_t strassen_cost(const struct strassen_parts *parts, uint64_t tiles, uint64_t pairs) {
    return pairs * (tiles * PAIR_COST + strassen_mixes(parts, tiles) * WEIGHTS_COST) +
           tiles * INPUTS_COST;
}

static bool strassen_splits_pairs(const struct strassen_parts *parts, uint32_t tasks) {
    uint64_t tiles = (parts->tiles + tasks - 1) / tasks, pairs = (parts->pairs + tasks - 1) / tasks;
    return strassen_cost(parts, parts->tiles, pairs) < strassen_cost(parts, tiles, parts->pairs);
}

const char *fovea_strassen_why_not(const struct fovea_setting *setting,
                                   const struct fovea_conv *conv) {
    struct fovea_conv_shape shape = fovea_conv_shape_of(setting, conv);
    if (setting->kernels.wide)
        return FOVEA_REASON("Y-420 Strassen: products too narrow for vectors of 16 floats");
    if (setting->exact) return FOVEA_REASON(WHY_EXACT);
    if (setting->small_memory) return FOVEA_REASON(WHY_SMALL);
    if (!fovea_kernel_built(FOVEA_KERNEL_strassen_f32)) return FOVEA_REASON(WHY_UNBUILT);
    if (!shape.flat_width || conv->groups != 1)
        return FOVEA_REASON("Y-011 a kernel larger than one position, strides or groups");
    if (conv->inputs % (2 * FOVEA_BLOCK) != 0 || conv->outputs < PAIR)
        return FOVEA_REASON(
            "Y-012 Strassen: inputs not a multiple of 16, or fewer than 32 outputs");
    if (shape.window.x.output < 2 * shape.tile_pixels)
        return FOVEA_REASON("Y-013 Strassen: too few positions for one tile");
    struct strassen_parts parts =
        strassen_parts_of(shape.tile_pixels, conv->inputs, conv->outputs, shape.window.x.output);
    return strassen_pays(&parts) ? NULL
                                 : FOVEA_REASON("Y-014 Strassen: the additions cost more than the "
                                                "multiplications saved");
}

bool fovea_bind_strassen(struct fovea_binding *binding, const struct fovea_conv *conv) {
    struct fovea_step *step = binding->step;
    struct fovea_strassen_step *s = fovea_bind_state(binding, fovea_strassen_step);
    fovea_bind_conv_state(binding, conv, &s->conv);
    struct strassen_parts parts = strassen_parts_in(&s->conv);
    s->mix = fovea_bind_kernel(binding, strassen_mix_f32);
    s->kernel = fovea_bind_kernel(binding, strassen_f32);
    s->conv.chunk = PAIR / FOVEA_BLOCK; /* whose weights are read first */
    s->conv.split_blocks = strassen_splits_pairs(&parts, step->tasks);
    size_t pairs = (parts.keeps ? parts.pairs : 1) + (fovea_conv_widens(binding) ? FEW_PAIRS : 0);
    s->conv.task_floats = pairs * parts.pair_floats + parts.block * parts.tile_floats;
    step->run = strassen_run;
    step->kernel = FOVEA_KERNEL_strassen_f32;
    step->first = PAIR * conv->inputs;
    fovea_bind_scratch(binding, s->conv.task_floats);
    return true;
}

#endif
