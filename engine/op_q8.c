/* Convolutions, depthwise convolutions and dense layers of bytes.
 *
 * Where a kernel is larger than one position, rows of the input are staged in scratch memory: a ring of as many as the
 * kernel reaches over, with the zero point to the left and right and one row of nothing else. So there are no edges,
 * and each row of taps is one run of bytes. Other layers read their input in place. */
#include "engine/bind.h"
#include "kernels/q8.h"

#define SLACK               16 /* bytes behind a row that may be read */
#define POSITIONS_OF_A_TASK 8  /* positions of a task, a multiple of this */

struct fovea_q8_step {
    struct fovea_qconv conv; /* its window that of one row, where the input is read in place */
    void (*kernel)(const struct fovea_run_q8 *);
    uint32_t blocks; /* of a group */
    bool staged, depthwise,
        split_blocks; /* tasks share the blocks of outputs instead of the positions */
    bool floats;
    uint8_t outside; /* the byte of a tap outside the picture */
    float low, high;
    int32_t zero;
    size_t row, task_bytes; /* of a staged row; of a task's scratch memory */
};
FOVEA_STATE(fovea_q8_step, 160);

static const struct fovea_q8_step *q8_of(const struct fovea_step *step) {
    return (const struct fovea_q8_step *)step->state;
}

/* Rows that taps of one output reach over. */
static size_t q8_reach(const struct fovea_axis *axis) {
    return (size_t)(axis->kernel - 1) * axis->dilation + 1;
}

/* The scratch memory of one task: pointers to the runs, a row of the zero point, the ring. */
struct q8_ring {
    const uint8_t **runs;
    uint8_t *blank, *rows;
    int64_t staged; /* input rows below are in the ring, or gone from it */
};

static struct q8_ring q8_ring_of(const struct fovea_step *step, uint32_t task) {
    const struct fovea_q8_step *s = q8_of(step);
    uint8_t *memory = (uint8_t *)step->scratch + task * s->task_bytes;
    struct q8_ring ring = {(const uint8_t **)(void *)memory, NULL, NULL, INT64_MIN};
    if (!s->staged) return ring;
    ring.blank = memory + fovea_round_up(s->conv.taps.runs * sizeof(uint64_t), FOVEA_ALIGN);
    ring.rows = ring.blank + s->row;
    fovea_fill(ring.blank, s->outside, s->row);
    return ring;
}

/* Input row `y`, which exists, as a staged row. */
static void q8_stage(const struct fovea_step *step, int64_t y, uint8_t *to) {
    const struct fovea_q8_step *s = q8_of(step);
    const struct fovea_axis *x = &s->conv.window.x;
    const size_t channels = s->conv.inputs;
    const int64_t width = (int64_t)(x->output - 1) * x->stride + (int64_t)q8_reach(x);
    int64_t from = -(int64_t)x->before, end = from + width; /* columns of the input */
    const int64_t first = from > 0 ? from : 0, last = end < x->input ? end : x->input;
    if (first >= last) {
        fovea_fill(to, s->outside, s->row);
        return;
    }
    const size_t before = (size_t)(first - from) * channels;
    const size_t inside = (size_t)(last - first) * channels;
    fovea_fill(to, s->outside, before);
    fovea_copy(to + before,
               (const uint8_t *)step->input + ((size_t)y * x->input + (size_t)first) * channels,
               inside);
    fovea_fill(to + before + inside, s->outside, s->row - before - inside);
}

/* The ring made to hold what output row `y` reads, and the runs' pointers set. */
static void q8_rows(const struct fovea_step *step, struct q8_ring *ring, uint32_t y) {
    const struct fovea_q8_step *s = q8_of(step);
    const struct fovea_axis *ay = &s->conv.window.y, *ax = &s->conv.window.x;
    const int64_t reach = (int64_t)q8_reach(ay), first = (int64_t)y * ay->stride - ay->before;
    if (ring->staged < first) ring->staged = first;
    for (; ring->staged < first + reach; ring->staged++)
        if (ring->staged >= 0 && ring->staged < ay->input)
            q8_stage(step, ring->staged, ring->rows + (size_t)(ring->staged % reach) * s->row);
    for (uint32_t r = 0; r < s->conv.taps.runs; r++) {
        const uint32_t columns = s->conv.taps.columns;
        const int64_t at = first + (int64_t)(r / columns) * ay->dilation;
        const bool inside = at >= 0 && at < ay->input;
        const uint8_t *row = inside ? ring->rows + (size_t)(at % reach) * s->row : ring->blank;
        ring->runs[r] = row + (size_t)(r % columns) * ax->dilation * s->conv.inputs;
    }
}

/* Positions begin .. end - 1 of row `y`, blocks first .. last - 1 of each group. */
static void q8_part(const struct fovea_step *step, struct q8_ring *ring, uint32_t y, size_t begin,
                    size_t end, size_t first, size_t last) {
    const struct fovea_q8_step *s = q8_of(step);
    const struct fovea_qconv *conv = &s->conv;
    const size_t groups = s->depthwise ? 1 : conv->groups, channels = conv->outputs / groups;
    const size_t inputs = s->depthwise ? 0 : conv->inputs / groups;
    const size_t block =
        (size_t)conv->taps.runs * (s->depthwise ? FOVEA_BLOCK : conv->taps.quads * 32);
    const size_t size = s->floats ? sizeof(float) : 1, width = conv->window.x.output;
    const size_t step_bytes = (size_t)conv->window.x.stride * conv->inputs;
    for (uint32_t r = 0; r < conv->taps.runs; r++)
        ring->runs[r] += begin * step_bytes + (s->depthwise ? first * FOVEA_BLOCK : 0);
    for (size_t g = 0; g < groups; g++) {
        const size_t at = g * s->blocks + first, o = first * FOVEA_BLOCK;
        const size_t left = channels - o, most = (last - first) * FOVEA_BLOCK;
        const struct fovea_run_q8 run = {
            .rows = ring->runs,
            .weights = (const int8_t *)(const void *)step->weights + at * block,
            .bias = (const int32_t *)(const void *)step->bias + at * 2 * FOVEA_BLOCK +
                    (FOVEA_FLIP ? FOVEA_BLOCK : 0),
            .scale = step->second + at * FOVEA_BLOCK,
            .output = (uint8_t *)step->output +
                      ((y * width + begin) * conv->outputs + g * channels + o) * size,
            .positions = end - begin,
            .channels = left < most ? left : most,
            .runs = conv->taps.runs,
            .quads = conv->taps.quads,
            .step = step_bytes,
            .output_step = conv->outputs,
            .low = s->low,
            .high = s->high,
            .zero = s->zero,
            .floats = s->floats,
        };
        s->kernel(&run);
        for (uint32_t r = 0; g + 1 < groups && r < conv->taps.runs; r++) ring->runs[r] += inputs;
    }
}

static void q8_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_q8_step *s = q8_of(step);
    const struct fovea_window *window = &s->conv.window;
    struct q8_ring ring = q8_ring_of(step, task);
    size_t top = 0, bottom = window->y.output, begin = 0, end = window->x.output;
    size_t first = 0, last = s->blocks;
    if (s->split_blocks)
        fovea_slice(last, 1, task, step->tasks, &first, &last);
    else if (s->staged)
        fovea_slice(bottom, 1, task, step->tasks, &top, &bottom);
    else
        fovea_slice(end, POSITIONS_OF_A_TASK, task, step->tasks, &begin, &end);
    if (first >= last || begin >= end) return;
    for (uint32_t y = (uint32_t)top; y < bottom; y++) {
        if (s->staged)
            q8_rows(step, &ring, y);
        else
            ring.runs[0] = (const uint8_t *)step->input;
        q8_part(step, &ring, y, begin, end, first, last);
    }
}

/* ---- planning ---- */

/* Neither neighbours nor edges: all positions are one row, read in place. */
static bool q8_in_place(struct fovea_window *window) {
    struct fovea_axis *y = &window->y, *x = &window->x;
    if (y->kernel != 1 || x->kernel != 1 || y->stride != 1 || x->stride != 1 ||
        y->output != y->input || x->output != x->input || y->before != 0 || x->before != 0)
        return false;
    x->input = x->output = x->input * y->input; /* at most FOVEA_ELEMENTS_MAX */
    y->input = y->output = 1;
    return true;
}

static bool bind_q8(struct fovea_binding *binding, bool depthwise) {
    struct fovea_step *step = binding->step;
    struct fovea_q8_step *s = fovea_bind_state(binding, fovea_q8_step);
    const struct fovea_node_view *view = binding->view;
    const uint32_t output = view->model->inputs + view->node;
    s->conv = view->query.as.qconv;
    s->depthwise = depthwise;
    s->staged = !q8_in_place(&s->conv.window);
    const uint32_t groups = depthwise ? 1 : s->conv.groups;
    s->blocks = (uint32_t)fovea_round_up(s->conv.outputs / groups, FOVEA_BLOCK) / FOVEA_BLOCK;
    s->floats = fovea_bind_type(binding, output) != FOVEA_I8;
    s->zero = fovea_bind_scale(binding, output).zero;
    s->low = (float)(s->conv.bounds.low - s->zero);
    s->high = (float)(s->conv.bounds.high - s->zero);
    s->outside = fovea_q8_byte(fovea_bind_scale(binding, fovea_node_input(view, 0)).zero);
    step->weights = (const float *)fovea_bind_numbers(binding, 0).at;
    step->bias = (const float *)fovea_bind_numbers(binding, 1).at;
    step->second = (const float *)fovea_bind_numbers(binding, 2).at;
    s->kernel =
        depthwise ? fovea_bind_kernel(binding, depthwise_q8) : fovea_bind_kernel(binding, conv_q8);
    step->kernel = depthwise ? FOVEA_KERNEL_depthwise_q8 : FOVEA_KERNEL_conv_q8;
    const struct fovea_axis *y = &s->conv.window.y, *x = &s->conv.window.x;
    uint64_t columns = (uint64_t)(x->output - 1) * x->stride + q8_reach(x);
    uint64_t row = fovea_product(columns, s->conv.inputs) + SLACK;
    uint64_t bytes = (uint64_t)s->conv.taps.runs * sizeof(uint64_t) + FOVEA_ALIGN;
    if (s->staged) bytes += (q8_reach(y) + 1) * (row + FOVEA_ALIGN);
    s->row = (size_t)((row + FOVEA_ALIGN - 1) / FOVEA_ALIGN * FOVEA_ALIGN);
    s->task_bytes = (size_t)((bytes + FOVEA_ALIGN - 1) / FOVEA_ALIGN * FOVEA_ALIGN);
    step->run = q8_run;
    step->tasks = fovea_bind_tasks(binding, view->query.macs);
    s->split_blocks = s->staged ? y->output < 2 * step->tasks
                                : x->output < 2 * (uint64_t)POSITIONS_OF_A_TASK * step->tasks;
    fovea_bind_scratch(binding, s->task_bytes / sizeof(float));
    return true;
}

bool fovea_bind_qconv(struct fovea_binding *binding) {
    return bind_q8(binding, false);
}
bool fovea_bind_qdense(struct fovea_binding *binding) {
    return bind_q8(binding, false);
}
bool fovea_bind_qdepthwise(struct fovea_binding *binding) {
    return bind_q8(binding, true);
}
