/* Convolution and dense layers. */
#include "engine/conv.h"

/* Weights of one pass over the positions: half of a small second-level cache. Of halves, where memory is
 * scarce, what the floats may take. */
#define CHUNK_BYTES (192u * 1024)
#define SMALL_BYTES (16u * 1024)

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
#if !FOVEA_SMALL
    s->run = binding->kernels->conv_run_f32;
#endif
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

bool fovea_conv_begins(const struct fovea_step *step) {
    return step->run == conv_run || fovea_strassen_begins(step);
}

void fovea_conv_look_ahead(struct fovea_step *steps, uint32_t count) {
    const float *from = NULL;
    size_t floats = 0;
    for (uint32_t i = count; i-- > 0;) {
        struct fovea_step *step = &steps[i];
        uintptr_t before = (uintptr_t)from - (uintptr_t)step->weights;
        if (fovea_conv_begins(step)) {
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
    if (!binding->by_rows && fovea_bind_winograd(binding, conv)) return true;
    fovea_bind_tiles(binding, conv);
    fovea_bind_strassen(binding);
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
    fovea_bind_strassen(binding);
    return true;
}
