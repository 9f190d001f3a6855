/* A pass of a convolution: the picture falls into regions whose positions have the same taps inside; a
 * region's positions, in reading order, are taken a tile at a time, whatever row they are in, so that
 * small maps fill the registers too; or, where sums are short, a run of them along a row. */
#include "engine/conv.h"

#define LINE 16 /* floats in a line of cache */

/* Runs cost less than tiles, where there are so few products and several tiles in a row. Their outputs
 * are written two vectors at a time, and are to stay in the first-level cache until all channels are there. */
#define RUN_PRODUCTS 48
#define RUN_CHANNELS 64
#define RUN_TILES    4
#define RUN_FLOATS   4096

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
    const struct fovea_conv_step *conv = fovea_conv_of(pass->step);
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
FOVEA_STATIC void conv_walk_on(struct conv_walk *walk) {
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
    const struct fovea_conv_step *s = fovea_conv_of(pass->step);
    const struct fovea_conv_step *conv = s;
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
    const struct fovea_conv_step *s = fovea_conv_of(pass->step);
    const float *bias =
        pass->step->bias + outputs->group * s->blocks * FOVEA_BLOCK + outputs->first;
    struct conv_walk walk = conv_walk_from(pass, region, outputs, begin);
    for (size_t p = begin; p < end; p++, conv_walk_on(&walk)) {
        for (size_t c = 0; c < outputs->channels; c++) {
            float v = walk.add ? bias[c] + walk.add[c] : bias[c];
            v = v < s->low ? s->low : v;
            walk.output[c] = v > s->high ? s->high : v;
        }
        fovea_tail_apply(pass->step->tail, walk.output, outputs->channels);
    }
}

struct fovea_conv_ahead fovea_conv_ahead_of(const float *from, size_t floats, size_t sums,
                                            size_t tiles) {
    struct fovea_conv_ahead ahead = {from, 0, 0, 0};
    if (FOVEA_SMALL || floats == 0) return ahead; /* nothing to ask for without caches */
    ahead.step = floats / (sums * tiles) + 1;
    if (ahead.step > LINE) ahead.step = LINE;
    ahead.tile_floats = ahead.step * sums;
    ahead.tiles = floats / ahead.tile_floats + 1;
    return ahead;
}

const float *fovea_conv_ask(const struct fovea_conv_ahead *ahead, size_t tile, const float *used,
                            size_t *step) {
    *step = tile < ahead->tiles ? ahead->step : 0;
    return tile < ahead->tiles ? ahead->from + tile * ahead->tile_floats : used;
}

/* The weights of the next pass over the positions, `next` channels, come from memory while this one
 * computes; those of the next convolution while the last one does. */
static struct fovea_conv_ahead conv_ahead(const struct fovea_conv_pass *pass,
                                          const struct fovea_conv_tile *tile, size_t next,
                                          size_t tiles) {
    size_t blocks = fovea_round_up(tile->channels, FOVEA_BLOCK) / FOVEA_BLOCK;
    size_t pairs = (blocks + 1) / 2, sums = pairs * tile->rows * tile->columns * tile->length;
    size_t floats = fovea_round_up(next, FOVEA_BLOCK) / FOVEA_BLOCK * tile->weight_block;
    const float *from = tile->weights + blocks * tile->weight_block;
    if (next == 0) {
        from = pass->ahead;
        floats = from ? fovea_conv_of(pass->step)->ahead_count : 0;
    }
    return fovea_conv_ahead_of(from, floats, sums, tiles);
}

/* At once where the outputs follow one another in memory. */
static void conv_tail(const struct fovea_step *step, float *const *output, size_t pixels,
                      size_t channels) {
    if (!step->tail) return;
    if (output[pixels - 1] == output[0] + (pixels - 1) * channels) {
        fovea_tail_apply(step->tail, output[0], pixels * channels);
        return;
    }
    for (size_t i = 0; i < pixels; i++) fovea_tail_apply(step->tail, output[i], channels);
}

#if !FOVEA_SMALL
static bool conv_by_runs(const struct fovea_conv_pass *pass, const struct conv_region *region,
                         const struct fovea_conv_tile *tile) {
    return fovea_conv_of(pass->step)->run && !pass->add && tile->columns == 1 &&
           tile->weight_row == FOVEA_BLOCK * tile->length &&
           tile->rows * tile->length <= RUN_PRODUCTS && tile->channels <= RUN_CHANNELS &&
           region->width >= RUN_TILES * fovea_conv_of(pass->step)->tile_pixels;
}

static FOVEA_NOINLINE void conv_runs(const struct fovea_conv_pass *pass,
                                     const struct fovea_conv_tile *tile, struct conv_walk walk,
                                     size_t positions, size_t next) {
    const struct fovea_step *step = pass->step;
    struct fovea_conv_run run = {*tile, NULL, NULL, walk.input_column, walk.output_column};
    size_t channels = tile->channels, height = fovea_conv_of(step)->tile_pixels, done = 0;
    size_t most = RUN_FLOATS / channels / height * height;
    struct fovea_conv_ahead ahead = conv_ahead(pass, tile, next, (positions + height - 1) / height);
    for (; positions > 0; positions -= run.tile.pixels) {
        size_t left = walk.width - walk.x, count = left < positions ? left : positions;
        if (count > most) count = count < 2 * most ? count / 2 : most;
        size_t at_once = run.output_step == channels ? count : 1;
        run.tile.pixels = count;
        run.tile.ahead = fovea_conv_ask(&ahead, done, tile->weights, &run.tile.ahead_step);
        run.input = walk.input;
        run.output = walk.output;
        fovea_conv_of(step)->run(&run);
        for (size_t i = 0; i < count; i += at_once)
            fovea_tail_apply(step->tail, run.output + i * run.output_step, at_once * channels);
        done += (count + height - 1) / height;
        walk.x += count;
        walk.input += count * run.input_step;
        walk.output += count * run.output_step;
        if (walk.x < walk.width) continue;
        walk.x = 0;
        walk.input = walk.input_line += walk.input_row;
        walk.output = walk.output_line += walk.output_row;
    }
}
#endif

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
    struct fovea_conv_tile tile = conv_tile_of(pass, region, outputs);
#if !FOVEA_SMALL
    if (conv_by_runs(pass, region, &tile)) {
        conv_runs(pass, &tile, conv_walk_from(pass, region, outputs, begin), end - begin, next);
        return;
    }
#endif
    struct conv_walk walk = conv_walk_from(pass, region, outputs, begin);
    tile.input = input;
    tile.output = output;
    tile.add = walk.add ? add : NULL;
    /* Tiles of almost the same height: a last one of one position would cost as much as one of four. */
    size_t most = fovea_conv_of(step)->tile_pixels, tiles = (end - begin + most - 1) / most;
    size_t height = (end - begin) / tiles, higher = (end - begin) % tiles;
    struct fovea_conv_ahead ahead = conv_ahead(pass, &tile, next, tiles);
    for (size_t p = begin, done = 0; p < end; p += tile.pixels, done++) {
        tile.ahead = fovea_conv_ask(&ahead, done, tile.weights, &tile.ahead_step);
        tile.pixels = height + (done < higher);
        for (size_t i = 0; i < tile.pixels; i++, conv_walk_on(&walk)) {
            input[i] = walk.input;
            output[i] = walk.output;
            add[i] = walk.add;
        }
        fovea_conv_of(step)->kernel(&tile);
        conv_tail(step, output, tile.pixels, outputs->channels);
    }
}

/* Positions begin .. end - 1 of a region, outputs first .. last - 1 of each group; the weights of a run
 * over the positions stay in cache. */
static void conv_region_part(const struct fovea_conv_pass *pass, const struct conv_region *region,
                             size_t begin, size_t end, size_t first, size_t last) {
    const struct fovea_conv_step *s = fovea_conv_of(pass->step);
    if (begin >= end) return;
    size_t chunk = s->chunk * FOVEA_BLOCK;
    for (size_t g = 0; g < s->groups; g++)
        for (size_t o = first; o < last; o += chunk) {
            struct fovea_conv_outputs some = {g, o, last - o < chunk ? last - o : chunk};
            size_t left = last - o - some.channels;
            conv_positions(pass, region, &some, begin, end, left < chunk ? left : chunk);
        }
}

/* Part `part` of `parts` of one region: of its positions or of the blocks. */
static void conv_region_run(const struct fovea_conv_pass *pass, const struct conv_region *region,
                            uint32_t part, uint32_t parts) {
    const struct fovea_conv_step *s = fovea_conv_of(pass->step);
    size_t outputs = s->outputs / s->groups;
    size_t begin = 0, end = region->positions, first = 0, last = outputs;
    if (s->split_blocks)
        fovea_slice(outputs, 2 * FOVEA_BLOCK, part, parts, &first, &last);
    else
        fovea_slice(region->positions, s->tile_pixels, part, parts, &begin, &end);
    if ((FOVEA_SMALL && !FOVEA_NARROW_BUILT) || !pass->some)
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
