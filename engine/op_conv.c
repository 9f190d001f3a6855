/* Convolution and dense layers: the picture falls into regions whose positions have the same taps
 * inside; a region's positions, in reading order, are taken a tile at a time, whatever row they are
 * in, so that small maps fill the registers too. */
#include "engine/conv.h"

/* Weights of one pass over the positions: half of a small second-level cache. Of halves, where memory is
 * scarce, what the floats may take. */
#define CHUNK_BYTES (192u * 1024)
#define SMALL_BYTES (16u * 1024)
#define LINE        16 /* floats in a line of cache */

/* A region of positions and its taps. */
struct conv_region {
    struct fovea_span y, x;
    size_t width, positions;
};

static struct conv_region conv_region_of(struct fovea_span y, struct fovea_span x) {
    struct conv_region region = {y, x, x.end - x.begin, 0};
    region.positions = (size_t)(y.end - y.begin) * region.width;
    return region;
}

/* A walk through the positions of a region in reading order: pointers to the first tap, the first
 * output, and what is added to that. Stepped, not computed: a division a position costs as much as
 * a short sum. */
struct conv_walk {
    const float *input, *input_line;
    float *output, *output_line;
    const float *add, *add_line; /* NULL for none */
    size_t x, width, input_row, input_column, output_row, output_column;
};

static struct conv_walk conv_walk_from(const struct fovea_conv_pass *pass,
                                       const struct conv_region *region,
                                       const struct fovea_conv_outputs *outputs, size_t p) {
    const struct fovea_conv *conv = &pass->step->as.conv.conv;
    const struct fovea_axis *ay = &pass->window.y, *ax = &pass->window.x;
    size_t line = (size_t)ax->input * conv->inputs, y = p / region->width;
    size_t channel = outputs->group * (conv->outputs / conv->groups) + outputs->first;
    size_t to =
        (region->y.begin + y) * pass->output_row + region->x.begin * pass->output_column + channel;
    struct conv_walk walk = {
        .input_line = pass->step->input + (region->y.at + y * ay->stride) * line +
                      region->x.at * (size_t)conv->inputs +
                      outputs->group * (conv->inputs / conv->groups),
        .output_line = pass->output + to,
        .add_line = pass->add ? pass->add + to : NULL,
        .x = p % region->width,
        .width = region->width,
        .input_row = ay->stride * line,
        .input_column = (size_t)ax->stride * conv->inputs,
        .output_row = pass->output_row,
        .output_column = pass->output_column,
    };
    walk.input = walk.input_line + walk.x * walk.input_column;
    walk.output = walk.output_line + walk.x * walk.output_column;
    walk.add = walk.add_line ? walk.add_line + walk.x * walk.output_column : NULL;
    return walk;
}

/* To the next position; behind the last one the pointers are no longer valid. */
static void conv_walk_on(struct conv_walk *walk) {
    if (++walk->x < walk->width) {
        walk->input += walk->input_column;
        walk->output += walk->output_column;
        if (walk->add) walk->add += walk->output_column;
        return;
    }
    walk->x = 0;
    walk->input = walk->input_line += walk->input_row;
    walk->output = walk->output_line += walk->output_row;
    if (walk->add) walk->add = walk->add_line += walk->output_row;
}

/* The part of a tile's arguments that all tiles of a region share. */
static struct fovea_conv_tile conv_tile_of(const struct fovea_conv_pass *pass,
                                           const struct conv_region *region,
                                           const struct fovea_conv_outputs *outputs) {
    const struct fovea_conv_step *s = &pass->step->as.conv;
    const struct fovea_conv *conv = &s->conv;
    const struct fovea_axis *ay = &pass->window.y, *ax = &pass->window.x;
    size_t inputs = conv->inputs / conv->groups;
    size_t weight_column = inputs * FOVEA_BLOCK;
    size_t weight_row = conv->window.x.kernel * weight_column;
    size_t weight_block = conv->window.y.kernel * weight_row;
    size_t block = outputs->group * s->blocks + outputs->first / FOVEA_BLOCK;
    struct fovea_conv_tile tile = {
        .weights = pass->weights + block * weight_block + region->y.tap * weight_row +
                   region->x.tap * weight_column,
        .bias = pass->step->bias + block * FOVEA_BLOCK,
        .channels = outputs->channels,
        .rows = region->y.taps,
        .columns = region->x.taps,
        .length = inputs,
        .input_row = (size_t)ay->dilation * ax->input * conv->inputs,
        .input_column = (size_t)ax->dilation * conv->inputs,
        .weight_row = weight_row,
        .weight_column = weight_column,
        .weight_block = weight_block,
        .low = s->low,
        .high = s->high,
    };
    if (tile.input_column == inputs) { /* neighbouring taps are neighbours in memory */
        tile.length = inputs * tile.columns;
        tile.columns = 1;
    }
    return tile;
}

/* Positions without any tap: the activation of the bias. */
static void conv_bias_only(const struct fovea_conv_pass *pass, const struct conv_region *region,
                           const struct fovea_conv_outputs *outputs, size_t begin, size_t end) {
    const struct fovea_conv_step *s = &pass->step->as.conv;
    const float *bias =
        pass->step->bias + outputs->group * s->blocks * FOVEA_BLOCK + outputs->first;
    struct conv_walk walk = conv_walk_from(pass, region, outputs, begin);
    for (size_t p = begin; p < end; p++, conv_walk_on(&walk)) {
        for (size_t c = 0; c < outputs->channels; c++) {
            float v = walk.add ? bias[c] + walk.add[c] : bias[c];
            v = v < s->low ? s->low : v;
            walk.output[c] = v > s->high ? s->high : v;
        }
        fovea_tail_apply(&pass->step->tail, walk.output, outputs->channels);
    }
}

/* What lies ahead: weights from `from` on, of which `tiles` tiles each ask for a part. */
struct conv_ahead {
    const float *from;
    size_t tile_floats, tiles, step;
};

/* The weights of the next pass over the positions, `next` channels, come from memory while this one
 * computes; those of the next convolution while the last one does. */
static struct conv_ahead conv_ahead_of(const struct fovea_conv_pass *pass,
                                       const struct fovea_conv_tile *tile, size_t next,
                                       size_t tiles) {
    size_t blocks = fovea_round_up(tile->channels, FOVEA_BLOCK) / FOVEA_BLOCK;
    size_t pairs = (blocks + 1) / 2, sums = pairs * tile->rows * tile->columns * tile->length;
    size_t floats = fovea_round_up(next, FOVEA_BLOCK) / FOVEA_BLOCK * tile->weight_block;
    struct conv_ahead ahead = {tile->weights + blocks * tile->weight_block, 0, 0, 0};
    if (next == 0) {
        ahead.from = pass->ahead;
        floats = pass->ahead ? pass->step->ahead_count : 0;
    }
    if (FOVEA_SMALL || floats == 0) return ahead; /* nothing to ask for without caches */
    ahead.step = floats / (sums * tiles) + 1;
    if (ahead.step > LINE) ahead.step = LINE;
    ahead.tile_floats = ahead.step * sums;
    ahead.tiles = floats / ahead.tile_floats + 1;
    return ahead;
}

/* At once where the outputs follow one another in memory. */
static void conv_tail(const struct fovea_step *step, float *const *output, size_t pixels,
                      size_t channels) {
    if (!step->tail.kernel) return;
    if (output[pixels - 1] == output[0] + (pixels - 1) * channels) {
        fovea_tail_apply(&step->tail, output[0], pixels * channels);
        return;
    }
    for (size_t i = 0; i < pixels; i++) fovea_tail_apply(&step->tail, output[i], channels);
}

static void conv_positions(const struct fovea_conv_pass *pass, const struct conv_region *region,
                           const struct fovea_conv_outputs *outputs, size_t begin, size_t end,
                           size_t next) {
    if (region->y.taps == 0 || region->x.taps == 0) {
        conv_bias_only(pass, region, outputs, begin, end);
        return;
    }
    const struct fovea_step *step = pass->step;
    const float *input[FOVEA_TILE_PIXELS], *add[FOVEA_TILE_PIXELS];
    float *output[FOVEA_TILE_PIXELS];
    struct conv_walk walk = conv_walk_from(pass, region, outputs, begin);
    struct fovea_conv_tile tile = conv_tile_of(pass, region, outputs);
    tile.input = input;
    tile.output = output;
    tile.add = walk.add ? add : NULL;
    /* Tiles of almost the same height: a last one of one position would cost as much as one of four. */
    size_t most = step->as.conv.tile_pixels, tiles = (end - begin + most - 1) / most;
    size_t height = (end - begin) / tiles, higher = (end - begin) % tiles;
    struct conv_ahead ahead = conv_ahead_of(pass, &tile, next, tiles);
    for (size_t p = begin, done = 0; p < end; p += tile.pixels, done++) {
        tile.ahead = done < ahead.tiles ? ahead.from + done * ahead.tile_floats : tile.weights;
        tile.ahead_step = done < ahead.tiles ? ahead.step : 0;
        tile.pixels = height + (done < higher);
        for (size_t i = 0; i < tile.pixels; i++, conv_walk_on(&walk)) {
            input[i] = walk.input;
            output[i] = walk.output;
            add[i] = walk.add;
        }
        step->as.conv.kernel(&tile);
        conv_tail(step, output, tile.pixels, outputs->channels);
    }
}

/* Positions begin .. end - 1 of a region, outputs first .. last - 1 of each group; the weights of a run
 * over the positions stay in cache. */
static void conv_region_part(const struct fovea_conv_pass *pass, const struct conv_region *region,
                             size_t begin, size_t end, size_t first, size_t last) {
    const struct fovea_conv_step *s = &pass->step->as.conv;
    if (begin >= end) return;
    size_t chunk = s->chunk * FOVEA_BLOCK;
    for (size_t g = 0; g < s->conv.groups; g++)
        for (size_t o = first; o < last; o += chunk) {
            struct fovea_conv_outputs some = {g, o, last - o < chunk ? last - o : chunk};
            size_t left = last - o - some.channels;
            conv_positions(pass, region, &some, begin, end, left < chunk ? left : chunk);
        }
}

/* Part `part` of `parts` of one region: of its positions or of the blocks. */
static void conv_region_run(const struct fovea_conv_pass *pass, const struct conv_region *region,
                            uint32_t part, uint32_t parts) {
    const struct fovea_conv_step *s = &pass->step->as.conv;
    size_t outputs = s->conv.outputs / s->conv.groups;
    size_t begin = 0, end = region->positions, first = 0, last = outputs;
    if (s->split_blocks)
        fovea_slice(outputs, 2 * FOVEA_BLOCK, part, parts, &first, &last);
    else
        fovea_slice(region->positions, s->tile_pixels, part, parts, &begin, &end);
    if (!FOVEA_HALVES_BUILT || !pass->some)
        conv_region_part(pass, region, begin, end, first, last);
    else if (begin < end)
        conv_positions(pass, region, pass->some, begin, end, 0);
}

void fovea_conv_pass(const struct fovea_conv_pass *pass, uint32_t part, uint32_t parts) {
    const struct fovea_conv_range *range = &pass->range;
    for (uint32_t y = range->top; y < range->bottom;) {
        struct fovea_span rows = fovea_span_from(&pass->window.y, y);
        rows.end = rows.end < range->bottom ? rows.end : range->bottom;
        for (uint32_t x = range->left; x < range->right;) {
            struct fovea_span columns = fovea_span_from(&pass->window.x, x);
            columns.end = columns.end < range->right ? columns.end : range->right;
            struct conv_region region = conv_region_of(rows, columns);
            conv_region_run(pass, &region, part, parts);
            x = columns.end;
        }
        y = rows.end;
    }
}

struct fovea_conv_pass fovea_conv_pass_of(const struct fovea_step *step) {
    const struct fovea_conv *conv = &step->as.conv.conv;
    struct fovea_conv_pass pass = {
        .step = step,
        .window = conv->window,
        .range = {0, conv->window.y.output, 0, conv->window.x.output},
        .weights = step->weights,
        .output = step->output,
        .add = step->second,
        .output_row = (size_t)conv->window.x.output * conv->outputs,
        .output_column = conv->outputs,
    };
    return pass;
}

void fovea_conv_task(struct fovea_conv_pass *pass, uint32_t part, uint32_t parts,
                     fovea_conv_run_pass *run) {
    const struct fovea_step *step = pass->step;
    const struct fovea_conv_step *s = &step->as.conv;
    const struct fovea_conv *conv = &s->conv;
    if (!FOVEA_HALVES_BUILT || !s->halves) {
        run(pass, part, parts);
        return;
    }
    size_t inputs = conv->inputs / conv->groups, first = 0, last = conv->outputs / conv->groups;
    size_t block = (size_t)conv->window.y.kernel * conv->window.x.kernel * inputs * FOVEA_BLOCK;
    struct fovea_widen widen = {.output = step->scratch + part * s->task_floats};
    if (s->split_blocks) fovea_slice(last, 2 * FOVEA_BLOCK, part, parts, &first, &last);
    for (size_t g = 0; g < conv->groups; g++)
        for (size_t o = first; o < last; o += s->chunk * FOVEA_BLOCK) {
            size_t left = last - o, most = s->chunk * FOVEA_BLOCK;
            struct fovea_conv_outputs some = {g, o, left < most ? left : most};
            size_t at = (g * s->blocks + o / FOVEA_BLOCK) * block;
            widen.input = s->halves + at;
            widen.count = fovea_round_up(some.channels, FOVEA_BLOCK) / FOVEA_BLOCK * block;
            s->widen(&widen);
            /* Where block 0 would lie. */
            pass->weights = (float *)((uintptr_t)widen.output - at * sizeof(float));
            pass->some = &some;
            run(pass, part, parts);
        }
}

static void conv_run(const struct fovea_step *step, uint32_t task) {
    struct fovea_conv_pass pass = fovea_conv_pass_of(step);
    pass.ahead = step->ahead;
    fovea_conv_task(&pass, task, step->tasks, fovea_conv_pass);
}

static void conv_rows(const struct fovea_step *step, uint32_t begin, uint32_t end) {
    struct fovea_conv_pass pass = fovea_conv_pass_of(step);
    uint32_t width = (uint32_t)step->as.conv.flat_width;
    pass.range.top = width ? 0 : begin;
    pass.range.bottom = width ? 1 : end;
    if (width) pass.range.left = begin * width, pass.range.right = end * width;
    fovea_conv_task(&pass, 0, 1, fovea_conv_pass);
}

/* Same positions, no neighbours: the picture becomes one row, so that its tiles never break at an edge.
 * Its width before; 0 where it is left as it is. */
static size_t flatten_pointwise(struct fovea_window *window) {
    struct fovea_axis *y = &window->y, *x = &window->x;
    bool pointwise = y->kernel == 1 && x->kernel == 1 && y->stride == 1 && x->stride == 1 &&
                     y->output == y->input && x->output == x->input && y->before == 0 &&
                     x->before == 0;
    if (!pointwise) return 0;
    size_t width = x->output;
    x->input = x->output = x->input * y->input; /* at most FOVEA_ELEMENTS_MAX */
    y->input = y->output = 1;
    return width;
}

void fovea_bind_tiles(struct fovea_binding *binding, const struct fovea_conv *conv) {
    struct fovea_step *step = binding->step;
    struct fovea_conv_step *s = &step->as.conv;
    s->conv = *conv;
    s->flat_width = flatten_pointwise(&s->conv.window);
    const struct fovea_axis *y = &s->conv.window.y, *x = &s->conv.window.x;
    s->kernel = binding->kernels->conv_f32;
    s->tile_pixels = binding->kernels->tile_pixels;
    size_t outputs = conv->outputs / conv->groups, inputs = conv->inputs / conv->groups;
    s->blocks = fovea_round_up(outputs, FOVEA_BLOCK) / FOVEA_BLOCK;
    uint64_t block_bytes = (uint64_t)y->kernel * x->kernel * inputs * FOVEA_BLOCK * sizeof(float);
    bool half = FOVEA_HALVES_BUILT && binding->half, little = half && binding->small_memory;
    uint64_t chunk = little ? SMALL_BYTES / block_bytes : CHUNK_BYTES / block_bytes / 2 * 2;
    uint64_t least = little ? 1 : 2;
    bool one_tile = (uint64_t)y->output * x->output <= s->tile_pixels && !half;
    chunk = chunk < least ? least : chunk;
    s->chunk = one_tile || chunk >= s->blocks ? s->blocks : (size_t)chunk;
    fovea_bind_tail(binding, &conv->tail, &s->low, &s->high);
    step->run = conv_run;
    if ((FOVEA_STRIPES || !FOVEA_SMALL) && conv->groups == 1) step->run_rows = conv_rows;
    step->rows.y = conv->window.y;
    step->rows.input_row = (size_t)conv->window.x.input * conv->inputs;
    step->rows.output_row = (size_t)conv->window.x.output * conv->outputs;
    step->kernel = FOVEA_KERNEL_conv_f32;
    step->tasks = fovea_bind_tasks(binding, binding->view->query.macs);
    uint64_t tiles = (uint64_t)y->output * x->output / s->tile_pixels;
    s->split_blocks = tiles < 4 * (uint64_t)step->tasks && s->blocks > 1;
    fovea_bind_half(binding, block_bytes);
}

void fovea_conv_look_ahead(struct fovea_step *steps, uint32_t count) {
    const float *from = NULL;
    size_t floats = 0;
    for (uint32_t i = count; i-- > 0;) {
        struct fovea_step *step = &steps[i];
        uintptr_t before = (uintptr_t)from - (uintptr_t)step->weights;
        if (step->run == conv_run) {
            const struct fovea_conv_step *s = &step->as.conv;
            const struct fovea_window *window = &s->conv.window;
            step->ahead = from;
            step->ahead_count = floats;
            from = step->weights;
            floats = (size_t)window->y.kernel * window->x.kernel * s->conv.inputs / s->conv.groups *
                     s->chunk * FOVEA_BLOCK;
        } else if (from && step->weights && before <= CHUNK_BYTES / 2) {
            from = step->weights; /* little ones on the way: a depthwise convolution's */
            floats += before / sizeof(float);
        }
    }
}

bool fovea_bind_conv(struct fovea_binding *binding) {
    const struct fovea_conv *conv = &binding->view->query.as.conv;
    if (binding->by_rows && !binding->small_memory)
        fovea_bind_floats(binding); /* rather than for every few rows */
    if (binding->by_rows || !fovea_bind_winograd(binding, conv)) fovea_bind_tiles(binding, conv);
    return true;
}

bool fovea_bind_dense(struct fovea_binding *binding) {
    const struct fovea_dense *dense = &binding->view->query.as.dense;
    struct fovea_conv conv = {
        .window = {{1, 1, 1, 1, 1, 0}, {dense->rows, dense->rows, 1, 1, 1, 0}},
        .groups = 1,
        .inputs = dense->inputs,
        .outputs = dense->outputs,
        .tail = dense->tail,
    };
    fovea_bind_tiles(binding, &conv);
    return true;
}
