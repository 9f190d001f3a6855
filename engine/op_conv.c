/* Convolution and dense layers. */
#include "engine/conv.h"

/* Weights of one pass over the positions: half of a small second-level cache. Of narrow ones, where memory is
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
    if (!FOVEA_NARROW_BUILT || !s->narrow) {
        run(pass, part, parts);
        return;
    }
    size_t inputs = s->inputs / s->groups, first = 0, last = s->outputs / s->groups;
    size_t block = (size_t)s->window.y.kernel * s->window.x.kernel * inputs * FOVEA_BLOCK;
    float *widened = step->scratch + part * s->task_floats;
    if (s->split_blocks) fovea_slice(last, 2 * FOVEA_BLOCK, part, parts, &first, &last);
    for (size_t g = 0; g < s->groups; g++)
        for (size_t o = first; o < last; o += s->chunk * FOVEA_BLOCK) {
            size_t left = last - o, most = s->chunk * FOVEA_BLOCK;
            struct fovea_conv_outputs some = {g, o, left < most ? left : most};
            size_t at = (g * s->blocks + o / FOVEA_BLOCK) * block;
            const size_t count = fovea_round_up(some.channels, FOVEA_BLOCK) / FOVEA_BLOCK;
            fovea_narrow_widen(&s->narrow->weights, at, count * block, widened);
            /* Where block 0 would lie. */
            pass->weights = (float *)((uintptr_t)widened - at * sizeof(float));
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

/* Bytes of a block's weights, as floats: at most those of all weights, which are below 2^31. */
static uint32_t conv_block_bytes(const struct fovea_conv *conv) {
    return conv->window.y.kernel * conv->window.x.kernel * (conv->inputs / conv->groups) *
           FOVEA_BLOCK * (uint32_t)sizeof(float);
}

#if !FOVEA_SMALL
struct fovea_conv_shape fovea_conv_shape_of(const struct fovea_setting *setting,
                                            const struct fovea_conv *conv) {
    struct fovea_conv_shape shape = {.window = conv->window};
    shape.flat_width = flatten_pointwise(&shape.window);
    shape.tile_pixels = (uint32_t)setting->kernels.tile_pixels;
    return shape;
}
#endif

/* Blocks of outputs whose weights stay in cache, or become floats, at a time. */
static uint32_t conv_chunk(const struct fovea_binding *binding, const struct fovea_conv_step *s,
                           uint32_t block_bytes, bool half) {
    bool little = half && binding->setting->small_memory;
    uint32_t chunk = little ? SMALL_BYTES / block_bytes : CHUNK_BYTES / block_bytes / 2 * 2;
    uint32_t least = little ? 1 : 2;
    bool one_tile = s->window.y.output * s->window.x.output <= s->tile_pixels && !half;
    chunk = chunk < least ? least : chunk;
    return one_tile || chunk >= s->blocks ? s->blocks : chunk;
}

bool fovea_conv_widens(const struct fovea_binding *binding) {
    /* Not of a chain, which would do it for every few rows. */
    bool chain = binding->by_rows && !binding->setting->small_memory;
    const struct fovea_numbers *kernel = &binding->view->array[0];
    return (fovea_numbers_are(kernel, FOVEA_F16) || fovea_numbers_are(kernel, FOVEA_I8)) &&
           !chain && !binding->factors;
}

static void bind_kernel_numbers(struct fovea_binding *binding, struct fovea_conv_step *s) {
    if (!FOVEA_SMALL && binding->factors) return; /* the step before makes them */
    if (!fovea_conv_widens(binding)) {
        binding->step->weights = fovea_bind_weights(binding, 0);
        return;
    }
    struct fovea_conv_narrow found = {.dense = NULL};
    struct fovea_conv_narrow *narrow = (struct fovea_conv_narrow *)fovea_bind_records(
        binding, 1, sizeof *narrow, FOVEA_NARROW_NARROW + 4);
    fovea_bind_narrow(binding, &found.weights);
    if (binding->way == FOVEA_WAY_VECTOR)
        found.dense = found.weights.scale ? fovea_bind_kernel(binding, dense_i8)
                                          : fovea_bind_kernel(binding, dense_f16);
    if (narrow) *narrow = found;
    s->narrow = narrow;
}

void fovea_bind_conv_state(struct fovea_binding *binding, const struct fovea_conv *conv,
                           struct fovea_conv_step *s) {
    struct fovea_step *step = binding->step;
    const uint32_t block_bytes = conv_block_bytes(conv);
    const bool half = fovea_conv_widens(binding);
    bind_kernel_numbers(binding, s);
    s->window = conv->window;
    s->flat_width = flatten_pointwise(&s->window);
    s->groups = conv->groups;
    s->inputs = conv->inputs;
    s->outputs = conv->outputs;
    s->tile_pixels = (uint32_t)binding->setting->kernels.tile_pixels;
    s->blocks = (conv->outputs / conv->groups + FOVEA_BLOCK - 1) / FOVEA_BLOCK;
    s->chunk = conv_chunk(binding, s, block_bytes, half);
    step->bias = fovea_bind_weights(binding, 1);
    fovea_bind_bounds(binding, &conv->tail, &s->low, &s->high);
    s->kernel = fovea_bind_kernel(binding, conv_f32);
#if !FOVEA_SMALL
    if (fovea_kernel_built(FOVEA_KERNEL_conv_run_f32))
        s->run = fovea_bind_kernel(binding, conv_run_f32);
#endif
    step->kernel = FOVEA_KERNEL_conv_f32;
    step->tasks = fovea_bind_tasks(binding, binding->view->query.macs);
    uint32_t tiles = s->window.y.output * s->window.x.output / s->tile_pixels;
    s->split_blocks = tiles < 4 * step->tasks && s->blocks > 1;
    if (half && (binding->way == FOVEA_WAY_DIRECT || binding->by_rows)) {
        size_t floats = s->chunk * (block_bytes / sizeof(float)); /* at most the array's */
        s->task_floats = fovea_round_up(floats, FOVEA_ALIGN / sizeof(float));
        if (!binding->by_rows)
            fovea_bind_scratch(binding, s->task_floats);
        else if (binding->row_floats < s->task_floats)
            binding->row_floats = s->task_floats;
    }
}

static bool bind_direct(struct fovea_binding *binding, const struct fovea_conv *conv) {
    struct fovea_step *step = binding->step;
    struct fovea_conv_step *s = fovea_bind_state(binding, fovea_conv_step);
    fovea_bind_conv_state(binding, conv, s);
    if (FOVEA_BY_ROWS && conv->groups == 1)
        fovea_bind_rows(binding, conv_rows, &conv->window, conv->inputs, conv->outputs);
    step->run = conv_run;
    if (FOVEA_SMALL || binding->by_rows) return true; /* nobody asks for anything ahead */
    step->first = conv->window.y.kernel * conv->window.x.kernel * (conv->inputs / conv->groups) *
                  s->chunk * FOVEA_BLOCK;
    return true;
}

bool fovea_bind_conv(struct fovea_binding *binding) {
    const struct fovea_conv *conv = &binding->view->query.as.conv;
#if !FOVEA_SMALL
    if (binding->way == FOVEA_WAY_WINOGRAD) return fovea_bind_winograd(binding, conv);
    if (binding->way == FOVEA_WAY_STRASSEN) return fovea_bind_strassen(binding, conv);
#endif
    if (FOVEA_NARROW_BUILT && binding->way == FOVEA_WAY_VECTOR)
        return fovea_bind_vector(binding, conv);
    return bind_direct(binding, conv);
}

bool fovea_bind_dense(struct fovea_binding *binding) {
    return fovea_bind_conv(binding);
}
