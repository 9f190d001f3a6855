/* 3 x 3 convolutions of stride 1 by Winograd's F(4x4, 3x3): a quarter of the multiplications, on
 * weights transformed at plan time into the session's memory.
 *
 * A block of tiles goes through all three stages before the next, so that what lies between them stays
 * in the second-level cache:
 *
 *     inputs    [36][block][inputs]     the transformed tiles
 *     sums      [36][block][16 * group] their products with `group` panels of weights at a time
 *     weights   [panels][36][inputs][16], then the bias, [panels][16]
 *
 * Both scratch arrays are a few floats longer in each of the 36 places than they need to be: else the
 * 36 streams of a transform would meet in a few sets of the first-level cache. */
#include "engine/choose.h"
#include "engine/conv.h"

#if !FOVEA_SMALL

#define PLACES 36
#define EDGE   4 /* outputs of a tile along an axis */
#define APART  16
#define POOL   2 /* the edge of a pool that becomes part of the convolution */

/* Bytes of transformed inputs in a block: half of a second-level cache. */
#define BLOCK_BYTES (256u * 1024)
#define BLOCK_LEAST 12
#define BLOCK_MOST  48

struct fovea_winograd_step {
    struct fovea_window window;
    uint32_t inputs, outputs;
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
FOVEA_STATE(fovea_winograd_step, 112);

static const struct fovea_winograd_step *winograd_of(const struct fovea_step *step) {
    return (const struct fovea_winograd_step *)step->state;
}

/* ---- running ---- */

/* The part of `EDGE + 2` places from `start` on that lies inside 0 .. size - 1. */
static void winograd_inside(int64_t start, int64_t size, unsigned *first, unsigned *behind) {
    int64_t most = EDGE + 2, low = start < 0 ? -start : 0, high = size - start;
    low = low > most ? most : low;
    high = high > most ? most : high < low ? low : high;
    *first = (unsigned)low;
    *behind = (unsigned)high;
}

static void winograd_tile_in(const struct fovea_step *step, size_t tile, float *to) {
    const struct fovea_winograd_step *s = winograd_of(step);
    const struct fovea_axis *ay = &s->window.y, *ax = &s->window.x;
    int64_t y = (int64_t)(tile / s->tiles_x * EDGE) - ay->before;
    int64_t x = (int64_t)(tile % s->tiles_x * EDGE) - ax->before;
    struct fovea_winograd_input t = {
        .input = step->input,
        .output = to,
        .channels = s->inputs,
        .row = (size_t)ax->input * s->inputs,
        .column = s->inputs,
        .output_step = s->input_step,
    };
    winograd_inside(y, ay->input, &t.top, &t.bottom);
    winograd_inside(x, ax->input, &t.left, &t.right);
    if (t.top < t.bottom && t.left < t.right)
        t.input += (size_t)(y + t.top) * t.row + (size_t)(x + t.left) * t.column;
    s->input(&t);
}

/* Outputs `first` on, as many as a group has, of one tile. */
static void winograd_tile_out(const struct fovea_step *step, size_t tile, size_t first,
                              const float *from) {
    const struct fovea_winograd_step *s = winograd_of(step);
    const struct fovea_axis *ay = &s->window.y, *ax = &s->window.x;
    size_t y = tile / s->tiles_x * EDGE, x = tile % s->tiles_x * EDGE, outputs = s->outputs;
    size_t most = s->group * FOVEA_PANEL, left = outputs - first;
    size_t side = s->pool ? POOL : 1, width = ax->output / side;
    size_t at = (y / side * width + x / side) * outputs + first;
    struct fovea_winograd_output t = {
        .input = from,
        .output = step->output + at,
        .add = step->second ? step->second + at : NULL,
        .channels = left < most ? left : most,
        .row = width * outputs,
        .column = outputs,
        .input_step = s->sum_step,
        .rows = ay->output - y < EDGE ? (unsigned)(ay->output - y) : EDGE,
        .columns = ax->output - x < EDGE ? (unsigned)(ax->output - x) : EDGE,
        .low = s->low,
        .high = s->high,
        .pool = s->pool,
    };
    s->output(&t);
    if (step->tail)
        for (unsigned i = 0; i < t.rows * t.columns; i++)
            fovea_tail_apply(step->tail,
                             t.output + i / t.columns * t.row + i % t.columns * t.column,
                             t.channels);
}

/* The products of `tiles` transformed tiles with panels from .. to - 1. The bias starts the sums of the
 * one place that all outputs take in alike. */
static void winograd_products(const struct fovea_step *step, size_t tiles, size_t from, size_t to,
                              const float *inputs, float *sums) {
    const struct fovea_winograd_step *s = winograd_of(step);
    size_t panel = s->inputs * FOVEA_PANEL;
    for (size_t place = 0; place < PLACES; place++)
        for (size_t p = from; p < to; p++) {
            struct fovea_gemm gemm = {
                .a = inputs + place * s->input_step,
                .b = step->weights + (p * PLACES + place) * panel,
                .start = place == EDGE + 2 + 1 ? step->bias + p * FOVEA_PANEL : NULL,
                .c = sums + place * s->sum_step + (p - from) * FOVEA_PANEL,
                .rows = tiles,
                .length = s->inputs,
                .a_row = s->inputs,
                .c_row = s->group * FOVEA_PANEL,
                .ahead =
                    step->weights + (p * PLACES + place + 1) * panel, /* at the end: the bias */
                .ahead_step = FOVEA_PANEL / ((tiles + 5) / 6) + 1,
            };
            s->gemm(&gemm);
        }
}

static void winograd_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_winograd_step *s = winograd_of(step);
    float *inputs = step->scratch + task * s->task_floats;
    float *sums = inputs + PLACES * s->input_step;
    size_t begin = 0, end = s->tiles, first = 0, last = s->panels;
    if (s->split_panels)
        fovea_slice(s->panels, 1, task, step->tasks, &first, &last);
    else
        fovea_slice(s->tiles, 6, task, step->tasks, &begin, &end);
    for (size_t done = begin, tiles; first < last && done < end; done += tiles) {
        tiles = end - done < s->block ? end - done : s->block;
        for (size_t i = 0; i < tiles; i++) winograd_tile_in(step, done + i, inputs + i * s->inputs);
        for (size_t p = first; p < last; p += s->group) {
            winograd_products(step, tiles, p, last - p < s->group ? last : p + s->group, inputs,
                              sums);
            for (size_t i = 0; i < tiles; i++)
                winograd_tile_out(step, done + i, p * FOVEA_PANEL,
                                  sums + i * s->group * FOVEA_PANEL);
        }
    }
}

/* ---- planning ---- */

/* Outputs transformed at once: as many as keep what is between on a small stack. */
#define TOGETHER 2

/* Three weights of a line to six, of several outputs; in double precision, so that what is
 * rounded is only the result. */
static void winograd_line(const double *g, size_t step, double *to, size_t to_step) {
    for (size_t o = 0; o < TOGETHER; o++) {
        double a = g[o], b = g[step + o], c = g[2 * step + o];
        double sum = (a + c) / 6, middle = b / 6, far = a / 24 + c / 6, half = b / 12;
        to[o] = a / 4;
        to[to_step + o] = -(sum + middle);
        to[2 * to_step + o] = middle - sum;
        to[3 * to_step + o] = far + half;
        to[4 * to_step + o] = far - half;
        to[5 * to_step + o] = c;
    }
}

/* Some outputs, one input. */
static void winograd_some(const float *from, size_t tap, float *to, size_t place) {
    double g[9 * TOGETHER], w[18 * TOGETHER], u[6 * TOGETHER];
    for (size_t i = 0; i < 9; i++)
        for (size_t o = 0; o < TOGETHER; o++) g[i * TOGETHER + o] = (double)from[i * tap + o];
    for (size_t x = 0; x < 3; x++)
        winograd_line(g + x * TOGETHER, 3 * TOGETHER, w + x * TOGETHER, 3 * TOGETHER);
    for (size_t y = 0; y < 6; y++) {
        winograd_line(w + y * 3 * TOGETHER, TOGETHER, u, TOGETHER);
        for (size_t x = 0; x < 6; x++)
            for (size_t o = 0; o < TOGETHER; o++)
                to[(6 * y + x) * place + o] = (float)u[x * TOGETHER + o];
    }
}

/* One block of outputs, one input. */
static void winograd_weights(const float *from, size_t tap, float *to, size_t place) {
    for (size_t o = 0; o < FOVEA_BLOCK; o += TOGETHER) winograd_some(from + o, tap, to + o, place);
}

/* The same of weights that are narrower than floats, from number `from` on. */
static void winograd_narrow(const struct fovea_narrow *narrow, size_t from, size_t tap, float *to,
                            size_t place) {
    float floats[9 * FOVEA_BLOCK];
    for (size_t i = 0; i < 9; i++)
        fovea_narrow_widen(narrow, from + i * tap, FOVEA_BLOCK, floats + i * FOVEA_BLOCK);
    winograd_weights(floats, FOVEA_BLOCK, to, place);
}

/* All weights and the bias; outputs that fill up the last panel are 0. */
static void winograd_transform(const struct fovea_binding *binding, const struct fovea_conv *conv,
                               const float *kernel, const struct fovea_narrow *narrow,
                               float *weights, float *bias) {
    size_t inputs = conv->inputs, blocks = (conv->outputs + FOVEA_BLOCK - 1) / FOVEA_BLOCK;
    size_t panels = (conv->outputs + FOVEA_PANEL - 1) / FOVEA_PANEL;
    size_t place = inputs * FOVEA_PANEL, tap = inputs * FOVEA_BLOCK;
    if (blocks % 2) {
        fovea_fill(weights + (panels - 1) * PLACES * place, 0, PLACES * place * sizeof(float));
        fovea_fill(bias + (panels - 1) * FOVEA_PANEL, 0, FOVEA_PANEL * sizeof(float));
    }
    for (size_t b = 0; b < blocks; b++) {
        size_t from = b * 9 * tap;
        float *to = weights + b / 2 * PLACES * place + b % 2 * FOVEA_BLOCK;
        for (size_t k = 0; k < inputs; k++, from += FOVEA_BLOCK, to += FOVEA_PANEL)
            if (narrow->at)
                winograd_narrow(narrow, from, tap, to, place);
            else
                winograd_weights(kernel + from, tap, to, place);
    }
    fovea_copy(bias, binding->step->bias, blocks * FOVEA_BLOCK * sizeof(float));
}

/* Whether it is faster than the direct way, in multiply-adds at full speed or what takes as long:
 * transforming takes 160 a channel of a tile, starting and storing a sum of products 120 more, and
 * reading a weight from beyond the caches as long as 8. */
static bool winograd_pays(const struct fovea_conv *conv, uint64_t tiles) {
    uint64_t inputs = conv->inputs, outputs = fovea_round_up(conv->outputs, FOVEA_PANEL);
    uint64_t positions = (uint64_t)conv->window.y.output * conv->window.x.output;
    uint64_t direct = 9 * inputs * conv->outputs * (positions + 8);
    uint64_t transforms = 160 * fovea_round_up(conv->inputs, FOVEA_BLOCK) + 280 * outputs;
    return PLACES * inputs * outputs * (tiles + 8) + tiles * transforms < direct;
}

/* No number of these overflows 64 bits: elements of the output and of the weights are below 2^29. */
static uint64_t winograd_tiles_along(const struct fovea_axis *axis) {
    return ((uint64_t)axis->output + EDGE - 1) / EDGE;
}

const char *fovea_winograd_why_not(const struct fovea_setting *setting,
                                   const struct fovea_conv *conv) {
    const struct fovea_axis *y = &conv->window.y, *x = &conv->window.x;
    if (y->kernel != 3 || x->kernel != 3)
        return FOVEA_REASON("Y-004 Winograd: a kernel that is not 3 x 3");
    if (y->stride != 1 || x->stride != 1 || y->dilation != 1 || x->dilation != 1)
        return FOVEA_REASON("Y-005 Winograd: strides or dilation");
    if (conv->groups != 1) return FOVEA_REASON("Y-006 Winograd: more than one group");
    if (setting->exact) return FOVEA_REASON(WHY_EXACT);
    if (setting->small_memory) return FOVEA_REASON(WHY_SMALL);
    if (!fovea_kernel_built(FOVEA_KERNEL_winograd_gemm_f32)) return FOVEA_REASON(WHY_UNBUILT);
    return winograd_pays(conv, winograd_tiles_along(y) * winograd_tiles_along(x))
               ? NULL
               : FOVEA_REASON(
                     "Y-007 Winograd: too few tiles or channels to pay for the transforms");
}

/* How the layer falls into tiles and panels, and those into what scratch memory holds at a time. */
static void winograd_divide(struct fovea_winograd_step *s) {
    s->tiles_x = (size_t)winograd_tiles_along(&s->window.x);
    s->tiles = (size_t)winograd_tiles_along(&s->window.y) * s->tiles_x;
    s->panels = ((size_t)s->outputs + FOVEA_PANEL - 1) / FOVEA_PANEL;
    uint64_t block = BLOCK_BYTES / ((uint64_t)PLACES * s->inputs * sizeof(float)) / 6 * 6;
    block = block < BLOCK_LEAST ? BLOCK_LEAST : block > BLOCK_MOST ? BLOCK_MOST : block;
    s->block = block < s->tiles ? (size_t)block : s->tiles;
    s->group = 1;
    s->input_step = s->block * s->inputs + APART;
    s->sum_step = s->block * s->group * FOVEA_PANEL + APART;
    s->task_floats = PLACES * (s->input_step + s->sum_step);
}

bool fovea_bind_winograd(struct fovea_binding *binding, const struct fovea_conv *conv) {
    struct fovea_step *step = binding->step;
    struct fovea_winograd_step *s = fovea_bind_state(binding, fovea_winograd_step);
    struct fovea_narrow narrow;
    const float *kernel =
        fovea_bind_narrow(binding, &narrow) ? NULL : fovea_bind_weights(binding, 0);
    s->window = conv->window;
    s->inputs = conv->inputs;
    s->outputs = conv->outputs;
    s->pool = binding->pool;
    winograd_divide(s);
    s->input = fovea_bind_kernel(binding, winograd_input_f32);
    s->gemm = fovea_bind_kernel(binding, winograd_gemm_f32);
    s->output = fovea_bind_kernel(binding, winograd_output_f32);
    step->bias = fovea_bind_weights(binding, 1);
    fovea_bind_bounds(binding, &conv->tail, &s->low, &s->high);
    step->run = winograd_run;
    step->kernel = FOVEA_KERNEL_winograd_gemm_f32;
    step->tasks = fovea_bind_tasks(binding, binding->view->query.macs);
    s->split_panels = s->tiles < 24 * (uint64_t)step->tasks && s->panels >= step->tasks;
    fovea_bind_scratch(binding, s->task_floats);
    uint64_t weights = (uint64_t)s->panels * PLACES * conv->inputs * FOVEA_PANEL;
    uint64_t bias = (uint64_t)s->panels * FOVEA_PANEL;
    float *memory = fovea_bind_floats(binding, weights + bias);
    if (!memory || binding->unbuilt) return true;
    winograd_transform(binding, conv, kernel, &narrow, memory, memory + weights);
    step->weights = memory;
    step->bias = memory + weights;
    return true;
}

/* ---- a pool behind it ---- */

/* Without padding at the end; in front there is no padding then, and pools have no dilation. */
static bool winograd_pools_along(const struct fovea_axis *pool) {
    return pool->kernel == POOL && pool->stride == POOL && pool->output == pool->input / POOL;
}

bool fovea_winograd_pools(const struct fovea_conv *conv, const struct fovea_pool *pool) {
    return fovea_tail_bounds(&conv->tail) && winograd_pools_along(&pool->window.y) &&
           winograd_pools_along(&pool->window.x);
}

/* What a pool still has to do: its results lie where the convolution's would. */
static void pooled_run(const struct fovea_step *step, uint32_t task) {
    size_t begin, end;
    fovea_slice(step->count, FOVEA_PANEL, task, step->tasks, &begin, &end);
    fovea_copy(step->output + begin, step->input + begin, (end - begin) * sizeof(float));
}

void fovea_bind_pooled(struct fovea_binding *binding) {
    struct fovea_step *step = binding->step;
    step->run = pooled_run;
    step->tasks = fovea_bind_tasks(binding, 4 * (uint64_t)step->count);
}

#endif
