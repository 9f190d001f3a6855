/* Bytes number by number: into them and out of them, tables, sums, products; and pools of them. */
#include "engine/bind.h"
#include "kernels/q8.h"

#define NUMBERS_OF_A_TASK 64 /* numbers of a task, a multiple of this */
#define CHUNK             32 /* numbers that compilers put into vectors, because their count is known */

struct fovea_point_q8 {
    struct fovea_pair_q8 pair; /* but for what lies in memory; zero and scale of all */
    uint32_t channels;         /* of a product with one factor a channel, else 0 */
    void (*run)(const struct fovea_pair_q8 *);
    void (*table)(const struct fovea_table_q8 *);
};
FOVEA_STATE(fovea_point_q8, 64);

static const struct fovea_point_q8 *point_of(const struct fovea_step *step) {
    return (const struct fovea_point_q8 *)step->state;
}

/* At most CHUNK numbers, into an array of its own: then compilers see that nothing overlaps. */
FOVEA_INLINE void quantize_q8(const struct fovea_point_q8 *s, const float *from, uint8_t *to,
                              const size_t count) {
    const int32_t zero = s->pair.zero;
    const float low = (float)(-128 - zero), high = (float)(127 - zero), scale = s->pair.scale;
    uint8_t bytes[CHUNK];
    for (size_t i = 0; i < count; i++)
        bytes[i] = fovea_q8_byte(fovea_q8_clamp(from[i] * scale, low, high, zero));
    fovea_copy(to, bytes, count);
}

static void quantize_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_point_q8 *s = point_of(step);
    uint8_t *to = (uint8_t *)step->output;
    size_t i, end;
    fovea_slice(step->count, NUMBERS_OF_A_TASK, task, step->tasks, &i, &end);
    for (; i + CHUNK <= end; i += CHUNK) quantize_q8(s, step->input + i, to + i, CHUNK);
    quantize_q8(s, step->input + i, to + i, end - i);
}

static void dequantize_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_point_q8 *s = point_of(step);
    const uint8_t *from = (const uint8_t *)step->input;
    size_t begin, end;
    fovea_slice(step->count, NUMBERS_OF_A_TASK, task, step->tasks, &begin, &end);
    for (size_t i = begin; i < end; i++)
        step->output[i] = (float)(fovea_q8_of(from[i]) - s->pair.a_zero) * s->pair.scale;
}

static void table_q8_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_point_q8 *s = point_of(step);
    size_t begin, end;
    fovea_slice(step->count, NUMBERS_OF_A_TASK, task, step->tasks, &begin, &end);
    const struct fovea_table_q8 run = {(const uint8_t *)step->input + begin,
                                       (const uint8_t *)step->weights,
                                       (uint8_t *)step->output + begin, end - begin};
    s->table(&run);
}

/* Numbers `from` .. of `a`, and as many of `b` from `other` on. */
static void pair_q8(const struct fovea_step *step, size_t from, size_t other, size_t count) {
    const struct fovea_point_q8 *s = point_of(step);
    struct fovea_pair_q8 run = s->pair;
    run.a = (const uint8_t *)step->input + from;
    run.b = (const uint8_t *)step->second + other;
    run.output = (uint8_t *)step->output + from;
    run.count = count;
    s->run(&run);
}

static void pair_q8_run(const struct fovea_step *step, uint32_t task) {
    const size_t channels = point_of(step)->channels;
    size_t begin, end;
    if (channels) { /* one factor a channel */
        fovea_slice(step->count / channels, 1, task, step->tasks, &begin, &end);
        for (; begin < end; begin++) pair_q8(step, begin * channels, 0, channels);
        return;
    }
    fovea_slice(step->count, NUMBERS_OF_A_TASK, task, step->tasks, &begin, &end);
    pair_q8(step, begin, begin, end - begin);
}

/* ---- planning ---- */

static struct fovea_point_q8 *bind_point(struct fovea_binding *binding,
                                         void (*run)(const struct fovea_step *, uint32_t)) {
    struct fovea_step *step = binding->step;
    const struct fovea_node_view *view = binding->view;
    struct fovea_point_q8 *s = fovea_bind_state(binding, fovea_point_q8);
    s->pair.a_zero = fovea_bind_scale(binding, fovea_node_input(view, 0)).zero;
    if (view->record.inputs > 1)
        s->pair.b_zero = fovea_bind_scale(binding, fovea_node_input(view, 1)).zero;
    s->pair.zero = fovea_bind_scale(binding, view->model->inputs + view->node).zero;
    step->run = run;
    step->tasks = fovea_bind_tasks(binding, step->count);
    return s;
}

bool fovea_bind_quantize(struct fovea_binding *binding) {
    const uint32_t output = binding->view->model->inputs + binding->view->node;
    bind_point(binding, quantize_run)->pair.scale = 1.0f / fovea_bind_scale(binding, output).scale;
    return true;
}

bool fovea_bind_dequantize(struct fovea_binding *binding) {
    bind_point(binding, dequantize_run)->pair.scale =
        fovea_bind_scale(binding, fovea_node_input(binding->view, 0)).scale;
    return true;
}

bool fovea_bind_qtable(struct fovea_binding *binding) {
    struct fovea_point_q8 *s = bind_point(binding, table_q8_run);
    binding->step->weights = (const float *)fovea_bind_numbers(binding, 0).at;
    s->table = fovea_bind_kernel(binding, table_q8);
    binding->step->kernel = FOVEA_KERNEL_table_q8;
    return true;
}

bool fovea_bind_qadd(struct fovea_binding *binding) {
    const struct fovea_qadd *q = &binding->view->query.as.qadd;
    struct fovea_point_q8 *s = bind_point(binding, pair_q8_run);
    s->pair.a_factor = q->a;
    s->pair.b_factor = q->b;
    s->pair.shift = q->shift;
    s->pair.low = q->bounds.low;
    s->pair.high = q->bounds.high;
    s->run = fovea_bind_kernel(binding, add_q8);
    binding->step->kernel = FOVEA_KERNEL_add_q8;
    return true;
}

bool fovea_bind_qmultiply(struct fovea_binding *binding) {
    const struct fovea_qmultiply *q = &binding->view->query.as.qmultiply;
    struct fovea_point_q8 *s = bind_point(binding, pair_q8_run);
    s->pair.scale = q->scale;
    s->pair.low = q->bounds.low;
    s->pair.high = q->bounds.high;
    s->channels = q->channels;
    s->run = fovea_bind_kernel(binding, multiply_q8);
    binding->step->kernel = FOVEA_KERNEL_multiply_q8;
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

/* Bytes in the order of their numbers. */
#if FOVEA_FLIP
typedef uint8_t ordered;
#else
typedef int8_t ordered;
#endif

FOVEA_INLINE void pool_q8_most(const struct fovea_pool_q8 *s, const uint8_t *at,
                               const struct fovea_span *y, const struct fovea_span *x, uint8_t *to,
                               const size_t channels) {
    const size_t column = s->pool.channels, row = s->pool.window.x.input * column;
    ordered most[CHUNK];
    for (size_t c = 0; c < channels; c++) most[c] = (ordered)fovea_q8_byte(-128);
    for (size_t ky = 0; ky < y->taps; ky++)
        for (size_t kx = 0; kx < x->taps; kx++) {
            const ordered *q = (const ordered *)at + ky * row + kx * column;
            for (size_t c = 0; c < channels; c++) most[c] = q[c] > most[c] ? q[c] : most[c];
        }
    fovea_copy(to, most, channels);
}

FOVEA_INLINE void pool_q8_mean(const struct fovea_pool_q8 *s, const uint8_t *at,
                               const struct fovea_span *y, const struct fovea_span *x, uint8_t *to,
                               const size_t channels) {
    const size_t column = s->pool.channels, row = s->pool.window.x.input * column;
    const float factor = s->scale / (float)(y->taps * x->taps);
    const float low = (float)(-128 - s->zero), high = (float)(127 - s->zero);
    const uint32_t taps = (uint32_t)(y->taps * x->taps);
    uint32_t sum[CHUNK]; /* of a whole picture, mod 2^32 */
    for (size_t c = 0; c < channels; c++) sum[c] = 0u - taps * (uint32_t)s->a_zero;
    for (size_t ky = 0; ky < y->taps; ky++)
        for (size_t kx = 0; kx < x->taps; kx++) {
            const uint8_t *q = at + ky * row + kx * column;
            for (size_t c = 0; c < channels; c++) sum[c] += (uint32_t)fovea_q8_of(q[c]);
        }
    for (size_t c = 0; c < channels; c++)
        to[c] = fovea_q8_byte(fovea_q8_clamp((float)(int32_t)sum[c] * factor, low, high, s->zero));
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
            size_t c = first;
            for (; c + CHUNK <= last; c += CHUNK)
                if (s->mean)
                    pool_q8_mean(s, from + c, &y, &x, to + c, CHUNK);
                else
                    pool_q8_most(s, from + c, &y, &x, to + c, CHUNK);
            if (c == last) continue;
            if (s->mean)
                pool_q8_mean(s, from + c, &y, &x, to + c, last - c);
            else
                pool_q8_most(s, from + c, &y, &x, to + c, last - c);
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
