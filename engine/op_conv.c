/* Convolution and dense layers. */
#include "engine/conv.h"

/* Weights of one pass over the positions: half of a small second-level cache. Of halves, where memory is
 * scarce, what the floats may take. */
#define CHUNK_BYTES (192u * 1024)
#define SMALL_BYTES (16u * 1024)

/* ---- running ---- */

struct fovea_conv_pass fovea_conv_pass_of(const struct fovea_step *step) {
    const struct fovea_conv_step *conv = fovea_conv_of(step);
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
    const struct fovea_conv_step *s = fovea_conv_of(step);
    if (!FOVEA_HALVES_BUILT || !s->f16) {
        run(pass, part, parts);
        return;
    }
    size_t inputs = s->inputs / s->groups, first = 0, last = s->outputs / s->groups;
    size_t block = (size_t)s->window.y.kernel * s->window.x.kernel * inputs * FOVEA_BLOCK;
    struct fovea_widen widen = {.output = step->scratch + part * s->task_floats};
    if (s->split_blocks) fovea_slice(last, 2 * FOVEA_BLOCK, part, parts, &first, &last);
    for (size_t g = 0; g < s->groups; g++)
        for (size_t o = first; o < last; o += s->chunk * FOVEA_BLOCK) {
            size_t left = last - o, most = s->chunk * FOVEA_BLOCK;
            struct fovea_conv_outputs some = {g, o, left < most ? left : most};
            size_t at = (g * s->blocks + o / FOVEA_BLOCK) * block;
            widen.input = s->f16->weights + at;
            widen.count = fovea_round_up(some.channels, FOVEA_BLOCK) / FOVEA_BLOCK * block;
            s->f16->widen(&widen);
            /* Where block 0 would lie. */
            pass->weights = (float *)((uintptr_t)widen.output - at * sizeof(float));
            pass->some = &some;
            run(pass, part, parts);
        }
}

static void conv_run(const struct fovea_step *step, uint32_t task) {
    struct fovea_conv_pass pass = fovea_conv_pass_of(step);
    pass.ahead = fovea_conv_of(step)->ahead;
    fovea_conv_task(&pass, task, step->tasks, fovea_conv_pass);
}

static void conv_rows(const struct fovea_step *step, uint32_t begin, uint32_t end) {
    struct fovea_conv_pass pass = fovea_conv_pass_of(step);
    uint32_t width = fovea_conv_of(step)->flat_width;
    pass.range.top = width ? 0 : begin;
    pass.range.bottom = width ? 1 : end;
    if (width) pass.range.left = begin * width, pass.range.right = end * width;
    fovea_conv_task(&pass, 0, 1, fovea_conv_pass);
}

/* ---- planning ---- */

/* Same positions, no neighbours: the picture becomes one row, so that its tiles never break at an edge.
 * Its width before; 0 where it is left as it is. */
static uint32_t flatten_pointwise(struct fovea_window *window) {
    struct fovea_axis *y = &window->y, *x = &window->x;
    bool pointwise = y->kernel == 1 && x->kernel == 1 && y->stride == 1 && x->stride == 1 &&
                     y->output == y->input && x->output == x->input && y->before == 0 &&
                     x->before == 0;
    if (!pointwise) return 0;
    uint32_t width = x->output;
    x->input = x->output = x->input * y->input; /* at most FOVEA_ELEMENTS_MAX */
    y->input = y->output = 1;
    return width;
}

struct fovea_conv_shape fovea_conv_shape_of(const struct fovea_setting *setting,
                                            const struct fovea_conv *conv) {
    struct fovea_conv_shape shape = {.window = conv->window};
    uint32_t inputs = conv->inputs / conv->groups;
    shape.flat_width = flatten_pointwise(&shape.window);
    shape.tile_pixels = (uint32_t)setting->kernels.tile_pixels;
    shape.blocks = (conv->outputs / conv->groups + FOVEA_BLOCK - 1) / FOVEA_BLOCK;
    shape.block_bytes = (uint64_t)conv->window.y.kernel * conv->window.x.kernel * inputs *
                        FOVEA_BLOCK * sizeof(float);
    return shape;
}

/* Blocks of outputs whose weights stay in cache, or become floats, at a time. */
static uint32_t conv_chunk(const struct fovea_binding *binding,
                           const struct fovea_conv_shape *shape, bool half) {
    bool little = half && binding->setting->small_memory;
    uint64_t chunk =
        little ? SMALL_BYTES / shape->block_bytes : CHUNK_BYTES / shape->block_bytes / 2 * 2;
    uint64_t least = little ? 1 : 2;
    bool one_tile =
        (uint64_t)shape->window.y.output * shape->window.x.output <= shape->tile_pixels && !half;
    chunk = chunk < least ? least : chunk;
    return one_tile || chunk >= shape->blocks ? shape->blocks : (uint32_t)chunk;
}

bool fovea_conv_widens(const struct fovea_binding *binding) {
    /* Not of a chain, which would do it for every few rows. */
    bool chain = binding->by_rows && !binding->setting->small_memory;
    return fovea_numbers_are(&binding->view->array[0], FOVEA_F16) && !chain && !binding->factors;
}

static void bind_kernel_numbers(struct fovea_binding *binding, struct fovea_conv_step *s) {
    if (binding->factors) return; /* the step before makes them */
    if (!fovea_conv_widens(binding)) {
        binding->step->weights = fovea_bind_weights(binding, 0);
        return;
    }
    struct fovea_numbers numbers = fovea_bind_numbers(binding, 0);
    struct fovea_conv_f16 *f16 =
        (struct fovea_conv_f16 *)fovea_bind_records(binding, 1, sizeof *f16, 12);
    struct fovea_conv_f16 found = {(const uint16_t *)numbers.at,
                                   fovea_bind_kernel(binding, widen_f16), NULL};
    if (binding->way == FOVEA_WAY_VECTOR) found.dense = fovea_bind_kernel(binding, dense_f16);
    if (f16) *f16 = found;
    s->f16 = f16;
}

void fovea_bind_conv_state(struct fovea_binding *binding, const struct fovea_conv *conv,
                           struct fovea_conv_step *s) {
    struct fovea_step *step = binding->step;
    struct fovea_conv_shape shape = fovea_conv_shape_of(binding->setting, conv);
    const struct fovea_axis *y = &shape.window.y, *x = &shape.window.x;
    bool half = fovea_conv_widens(binding);
    bind_kernel_numbers(binding, s);
    s->window = shape.window;
    s->groups = conv->groups;
    s->inputs = conv->inputs;
    s->outputs = conv->outputs;
    s->flat_width = shape.flat_width;
    s->tile_pixels = shape.tile_pixels;
    s->blocks = shape.blocks;
    s->chunk = conv_chunk(binding, &shape, half);
    step->bias = fovea_bind_weights(binding, 1);
    fovea_bind_bounds(binding, &conv->tail, &s->low, &s->high);
    s->kernel = fovea_bind_kernel(binding, conv_f32);
#if !FOVEA_SMALL
    if (fovea_kernel_built(FOVEA_KERNEL_conv_run_f32))
        s->run = fovea_bind_kernel(binding, conv_run_f32);
#endif
    step->kernel = FOVEA_KERNEL_conv_f32;
    step->tasks = fovea_bind_tasks(binding, binding->view->query.macs);
    uint64_t tiles = (uint64_t)y->output * x->output / s->tile_pixels;
    s->split_blocks = tiles < 4 * (uint64_t)step->tasks && s->blocks > 1;
    if (half && (binding->way == FOVEA_WAY_DIRECT || binding->by_rows)) {
        uint64_t floats = s->chunk * (shape.block_bytes / sizeof(float)); /* at most the array's */
        s->task_floats = fovea_round_up((size_t)floats, FOVEA_ALIGN / sizeof(float));
        if (!binding->by_rows)
            fovea_bind_scratch(binding, s->task_floats);
        else if (binding->row_floats < s->task_floats)
            binding->row_floats = s->task_floats;
    }
}

static void bind_direct(struct fovea_binding *binding, const struct fovea_conv *conv) {
    struct fovea_step *step = binding->step;
    struct fovea_conv_step *s = fovea_bind_state(binding, fovea_conv_step);
    struct fovea_row_link link = {
        .run = conv->groups == 1 ? conv_rows : NULL,
        .y = conv->window.y,
        .input_row = (size_t)conv->window.x.input * conv->inputs,
        .output_row = (size_t)conv->window.x.output * conv->outputs,
    };
    fovea_bind_conv_state(binding, conv, s);
    fovea_bind_rows(binding, &link);
    step->run = conv_run;
    if (binding->by_rows) return; /* what does all layers of the group is asked for nothing */
    step->first = conv->window.y.kernel * conv->window.x.kernel * (conv->inputs / conv->groups) *
                  s->chunk * FOVEA_BLOCK;
}

static bool bind_ordinary(struct fovea_binding *binding, const struct fovea_conv *conv) {
    switch (binding->way) {
#if !FOVEA_SMALL
    case FOVEA_WAY_WINOGRAD: fovea_bind_winograd(binding, conv); break;
    case FOVEA_WAY_STRASSEN: fovea_bind_strassen(binding, conv); break;
#endif
    case FOVEA_WAY_VECTOR: fovea_bind_vector(binding, conv); break;
    default: bind_direct(binding, conv); break;
    }
    return true;
}

bool fovea_bind_conv(struct fovea_binding *binding) {
    return bind_ordinary(binding, &binding->view->query.as.conv);
}

bool fovea_bind_dense(struct fovea_binding *binding) {
    struct fovea_conv conv = fovea_dense_conv(&binding->view->query.as.dense);
    return bind_ordinary(binding, &conv);
}
