/* Bytes number by number: into them and out of them, tables, sums, products; and pools of them. */
#include "engine/bind.h"
#include "kernels/q8.h"

#define NUMBERS_OF_A_TASK 64 /* numbers of a task, a multiple of this */

struct fovea_point_q8 {
    int32_t a_zero, b_zero, zero, a, b, half;
    uint32_t shift, channels;
    struct fovea_bounds bounds;
    float scale;
};
FOVEA_STATE(fovea_point_q8, 48);

static const struct fovea_point_q8 *point_of(const struct fovea_step *step) {
    return (const struct fovea_point_q8 *)step->state;
}

static int32_t limit_q8(int64_t q, const struct fovea_bounds *bounds) {
    return q < bounds->low ? bounds->low : q > bounds->high ? bounds->high : (int32_t)q;
}

static void quantize_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_point_q8 *s = point_of(step);
    const float low = (float)(-128 - s->zero), high = (float)(127 - s->zero);
    uint8_t *to = (uint8_t *)step->output;
    size_t begin, end;
    fovea_slice(step->count, NUMBERS_OF_A_TASK, task, step->tasks, &begin, &end);
    for (size_t i = begin; i < end; i++)
        to[i] = fovea_q8_byte(fovea_q8_clamp(step->input[i] * s->scale, low, high, s->zero));
}

static void dequantize_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_point_q8 *s = point_of(step);
    const uint8_t *from = (const uint8_t *)step->input;
    size_t begin, end;
    fovea_slice(step->count, NUMBERS_OF_A_TASK, task, step->tasks, &begin, &end);
    for (size_t i = begin; i < end; i++)
        step->output[i] = (float)(fovea_q8_of(from[i]) - s->zero) * s->scale;
}

static void table_q8_run(const struct fovea_step *step, uint32_t task) {
    const uint8_t *from = (const uint8_t *)step->input, *table = (const uint8_t *)step->weights;
    uint8_t *to = (uint8_t *)step->output;
    size_t begin, end;
    fovea_slice(step->count, NUMBERS_OF_A_TASK, task, step->tasks, &begin, &end);
    for (size_t i = begin; i < end; i++)
        to[i] = table[from[i] ^ FOVEA_FLIP ^ 128] ^ FOVEA_FLIP; /* q + 128 to q */
}

static void add_q8_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_point_q8 *s = point_of(step);
    const uint8_t *a = (const uint8_t *)step->input, *b = (const uint8_t *)step->second;
    uint8_t *to = (uint8_t *)step->output;
    size_t begin, end;
    fovea_slice(step->count, NUMBERS_OF_A_TASK, task, step->tasks, &begin, &end);
    for (size_t i = begin; i < end; i++) {
        const int32_t sum = (fovea_q8_of(a[i]) - s->a_zero) * s->a +
                            (fovea_q8_of(b[i]) - s->b_zero) * s->b + s->half;
        to[i] = fovea_q8_byte(limit_q8((sum >> s->shift) + s->zero, &s->bounds));
    }
}

static void multiply_q8_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_point_q8 *s = point_of(step);
    const uint8_t *a = (const uint8_t *)step->input, *b = (const uint8_t *)step->second;
    const float low = (float)(s->bounds.low - s->zero), high = (float)(s->bounds.high - s->zero);
    uint8_t *to = (uint8_t *)step->output;
    size_t begin, end, run = s->channels ? s->channels : step->count;
    fovea_slice(step->count / run, 1, task, s->channels ? step->tasks : 1, &begin, &end);
    if (!s->channels && task > 0) return;
    for (size_t row = begin; row < end; row++)
        for (size_t c = 0; c < run; c++) {
            const size_t i = row * run + c;
            const int32_t product =
                (fovea_q8_of(a[i]) - s->a_zero) * (fovea_q8_of(b[c]) - s->b_zero);
            to[i] = fovea_q8_byte(fovea_q8_clamp((float)product * s->scale, low, high, s->zero));
        }
}

/* ---- planning ---- */

static struct fovea_point_q8 *bind_point(struct fovea_binding *binding,
                                         void (*run)(const struct fovea_step *, uint32_t)) {
    struct fovea_step *step = binding->step;
    const struct fovea_node_view *view = binding->view;
    struct fovea_point_q8 *s = fovea_bind_state(binding, fovea_point_q8);
    s->a_zero = fovea_bind_scale(binding, fovea_node_input(view, 0)).zero;
    if (view->record.inputs > 1)
        s->b_zero = fovea_bind_scale(binding, fovea_node_input(view, 1)).zero;
    s->zero = fovea_bind_scale(binding, view->model->inputs + view->node).zero;
    step->run = run;
    step->tasks = fovea_bind_tasks(binding, step->count);
    return s;
}

bool fovea_bind_quantize(struct fovea_binding *binding) {
    const uint32_t output = binding->view->model->inputs + binding->view->node;
    bind_point(binding, quantize_run)->scale = 1.0f / fovea_bind_scale(binding, output).scale;
    return true;
}

bool fovea_bind_dequantize(struct fovea_binding *binding) {
    const struct fovea_quantization q =
        fovea_bind_scale(binding, fovea_node_input(binding->view, 0));
    struct fovea_point_q8 *s = bind_point(binding, dequantize_run);
    s->scale = q.scale;
    s->zero = q.zero;
    return true;
}

bool fovea_bind_qtable(struct fovea_binding *binding) {
    bind_point(binding, table_q8_run);
    binding->step->weights = (const float *)fovea_bind_numbers(binding, 0).at;
    return true;
}

bool fovea_bind_qadd(struct fovea_binding *binding) {
    const struct fovea_qadd *q = &binding->view->query.as.qadd;
    struct fovea_point_q8 *s = bind_point(binding, add_q8_run);
    s->a = q->a;
    s->b = q->b;
    s->shift = q->shift;
    s->half = 1 << (q->shift - 1);
    s->bounds = q->bounds;
    return true;
}

bool fovea_bind_qmultiply(struct fovea_binding *binding) {
    const struct fovea_qmultiply *q = &binding->view->query.as.qmultiply;
    struct fovea_point_q8 *s = bind_point(binding, multiply_q8_run);
    s->scale = q->scale;
    s->channels = q->channels;
    s->bounds = q->bounds;
    if (!q->channels) binding->step->tasks = 1;
    return true;
}

/* ---- pools ---- */

struct fovea_pool_q8 {
    struct fovea_pool pool;
    bool mean;
    int32_t a_zero, zero;
    float scale; /* input's / output's */
};
FOVEA_STATE(fovea_pool_q8, 80);

/* One channel of one output. */
static uint8_t pool_q8_tap(const struct fovea_pool_q8 *s, const uint8_t *at,
                           const struct fovea_span *y, const struct fovea_span *x) {
    const size_t column = s->pool.channels, row = s->pool.window.x.input * column;
    int32_t most = -128;
    uint32_t sum = 0; /* of a whole picture, mod 2^32 */
    for (size_t ky = 0; ky < y->taps; ky++)
        for (size_t kx = 0; kx < x->taps; kx++) {
            const int32_t q = fovea_q8_of(at[ky * row + kx * column]);
            most = q > most ? q : most;
            sum += (uint32_t)(q - s->a_zero);
        }
    if (!s->mean) return fovea_q8_byte(most);
    const float factor = s->scale / (float)(y->taps * x->taps);
    const float low = (float)(-128 - s->zero), high = (float)(127 - s->zero);
    return fovea_q8_byte(fovea_q8_clamp((float)(int32_t)sum * factor, low, high, s->zero));
}

static void pool_q8_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_pool_q8 *s = (const struct fovea_pool_q8 *)step->state;
    const struct fovea_axis *ay = &s->pool.window.y, *ax = &s->pool.window.x;
    const size_t channels = s->pool.channels;
    size_t first, last;
    fovea_slice(channels, FOVEA_BLOCK, task, step->tasks, &first, &last);
    for (uint32_t oy = 0; oy < ay->output; oy++) {
        const struct fovea_span y = fovea_span_from(ay, oy);
        for (uint32_t ox = 0; ox < ax->output; ox++) {
            const struct fovea_span x = fovea_span_from(ax, ox);
            const uint8_t *from =
                (const uint8_t *)step->input + ((size_t)y.at * ax->input + x.at) * channels;
            uint8_t *to = (uint8_t *)step->output + ((size_t)oy * ax->output + ox) * channels;
            for (size_t c = first; c < last; c++) to[c] = pool_q8_tap(s, from + c, &y, &x);
        }
    }
}

static bool bind_pool_q8(struct fovea_binding *binding, bool mean) {
    struct fovea_step *step = binding->step;
    const struct fovea_node_view *view = binding->view;
    struct fovea_pool_q8 *s = fovea_bind_state(binding, fovea_pool_q8);
    const struct fovea_quantization in = fovea_bind_scale(binding, fovea_node_input(view, 0));
    const struct fovea_quantization out =
        fovea_bind_scale(binding, view->model->inputs + view->node);
    s->pool = view->query.as.pool;
    s->mean = mean;
    s->a_zero = in.zero;
    s->zero = out.zero;
    s->scale = in.scale / out.scale;
    step->run = pool_q8_run;
    step->tasks = fovea_bind_tasks(binding, view->query.elements * s->pool.window.y.kernel *
                                                s->pool.window.x.kernel);
    return true;
}

bool fovea_bind_qmean_pool(struct fovea_binding *binding) {
    return bind_pool_q8(binding, true);
}
bool fovea_bind_max_pool_q8(struct fovea_binding *binding) {
    return bind_pool_q8(binding, false);
}
