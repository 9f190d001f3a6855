/* Two tensors to one, element by element, dimensions of size 1 stretched. */
#include "engine/choose.h"

struct fovea_pair_step {
    struct fovea_pair_dims dims;
    void (*kernel)(const struct fovea_pair *);
};
FOVEA_STATE(fovea_pair_step, 80);

static const struct fovea_pair_step *pair_of(const struct fovea_step *step) {
    return (const struct fovea_pair_step *)step->state;
}

/* One run along the last merged dimension. */
static void pair_row(const struct fovea_step *step, const float *a, const float *b, float *output,
                     size_t count) {
    const struct fovea_pair_dims *s = &pair_of(step)->dims;
    uint32_t last = s->rank - 1;
    struct fovea_pair pair = {a, b, output, count, s->a_stride[last] != 0, s->b_stride[last] != 0};
    pair_of(step)->kernel(&pair);
    fovea_tail_apply(step->tail, output, count);
}

static void pair_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_pair_dims *s = &pair_of(step)->dims;
    uint32_t last = s->rank - 1;
    size_t rows = step->count / s->dims[last], begin, end, from = 0, to = s->dims[last];
    if (rows > 1)
        fovea_slice(rows, 1, task, step->tasks, &begin, &end);
    else {
        fovea_slice(to, 2 * FOVEA_BLOCK, task, step->tasks, &from, &to);
        begin = 0;
        end = 1;
    }
    for (size_t row = begin; row < end && from < to; row++) {
        const float *a = step->input, *b = step->second;
        size_t rest = row;
        for (uint32_t d = last; d-- > 0;) {
            size_t at = rest % s->dims[d];
            rest /= s->dims[d];
            a += at * s->a_stride[d];
            b += at * s->b_stride[d];
        }
        float *output = step->output + row * s->dims[last];
        pair_row(step, a + from * (s->a_stride[last] != 0), b + from * (s->b_stride[last] != 0),
                 output + from, to - from);
    }
}

/* The stride of dimension d (counted from the last) of a tensor, 0 where it is stretched. */
static void strides_of(const struct fovea_shape *shape, uint32_t rank, uint32_t *stride) {
    uint32_t run = 1; /* at most FOVEA_ELEMENTS_MAX */
    for (uint32_t i = 0; i < rank; i++) {
        uint32_t size = i < shape->rank ? shape->dims[shape->rank - 1 - i] : 1;
        stride[rank - 1 - i] = size == 1 ? 0 : run;
        run *= size;
    }
}

void fovea_pair_dims_of(const struct fovea_rule_query *query, struct fovea_pair_dims *s) {
    s->rank = 0;
    const struct fovea_shape *output = &query->output;
    uint32_t a[FOVEA_RANK_MAX], b[FOVEA_RANK_MAX];
    struct fovea_shape second;
    query->shape_of(query->context, 1, &second);
    strides_of(&query->first, output->rank, a);
    strides_of(&second, output->rank, b);
    /* Neighbouring dimensions through which both tensors run on evenly are one. */
    for (uint32_t d = 0; d < output->rank; d++) {
        uint32_t dim = output->dims[d];
        if (dim == 1) continue;
        uint32_t top = s->rank - 1;
        if (s->rank > 0 && s->a_stride[top] == a[d] * dim && s->b_stride[top] == b[d] * dim) {
            s->dims[top] *= dim;
            s->a_stride[top] = a[d];
            s->b_stride[top] = b[d];
        } else {
            s->dims[s->rank] = dim;
            s->a_stride[s->rank] = a[d];
            s->b_stride[s->rank++] = b[d];
        }
    }
    if (s->rank == 0) {
        s->rank = s->dims[0] = 1;
        s->a_stride[0] = s->b_stride[0] = 1;
    }
}

static bool bind_pair(struct fovea_binding *binding, void (*kernel)(const struct fovea_pair *),
                      uint8_t index) {
    struct fovea_step *step = binding->step;
    struct fovea_pair_step *s = fovea_bind_state(binding, fovea_pair_step);
    fovea_pair_dims_of(&binding->view->query, &s->dims);
    s->kernel = kernel;
    fovea_bind_tail(binding, &binding->view->query.as.tail);
    step->kernel = index;
    step->run = pair_run;
    step->tasks = fovea_bind_tasks(binding, step->count);
    return true;
}

#define PAIR(name)                                                                                 \
    bool fovea_bind_##name(struct fovea_binding *binding) {                                        \
        return bind_pair(binding, fovea_bind_kernel(binding, name##_f32),                          \
                         FOVEA_KERNEL_##name##_f32);                                               \
    }
#include "weights/pairs.def"
