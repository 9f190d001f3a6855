/* Two tensors to one, element by element, dimensions of size 1 stretched. */
#include "engine/op.h"

/* One run along the last merged dimension. */
static void pair_row(const struct fovea_step *step, const float *a, const float *b, float *output,
                     size_t count) {
    const struct fovea_pair_step *s = &step->as.pair;
    uint32_t last = s->rank - 1;
    struct fovea_pair pair = {a, b, output, count, s->a_stride[last] != 0, s->b_stride[last] != 0};
    s->kernel(&pair);
    fovea_tail_apply(&step->tail, output, count);
}

/* Numbers begin .. end - 1 of the output, a run along the last merged dimension at a time. */
static void pair_part(const struct fovea_step *step, size_t begin, size_t end) {
    const struct fovea_pair_step *s = &step->as.pair;
    const uint32_t last = s->rank - 1;
    const float *a = step->input, *b = step->second;
    size_t at[FOVEA_RANK_MAX], rest = begin;
    for (uint32_t d = s->rank; d-- > 0; rest /= s->dims[d]) {
        at[d] = rest % s->dims[d];
        a += at[d] * s->a_stride[d];
        b += at[d] * s->b_stride[d];
    }
    while (begin < end) {
        size_t run = s->dims[last] - at[last];
        if (run > end - begin) run = end - begin;
        pair_row(step, a, b, step->output + begin, run);
        begin += run;
        a -= at[last] * s->a_stride[last];
        b -= at[last] * s->b_stride[last];
        at[last] = 0;
        for (uint32_t d = last; d-- > 0;) { /* the next place, as a counter moves on */
            a += s->a_stride[d];
            b += s->b_stride[d];
            if (++at[d] < s->dims[d]) break;
            a -= at[d] * s->a_stride[d];
            b -= at[d] * s->b_stride[d];
            at[d] = 0;
        }
    }
}

static void pair_rows(const struct fovea_step *step, uint32_t begin, uint32_t end) {
    pair_part(step, begin * step->rows.output_row, end * step->rows.output_row);
}

static void pair_run(const struct fovea_step *step, uint32_t task) {
    size_t begin, end;
    fovea_slice(step->count, 2 * FOVEA_BLOCK, task, step->tasks, &begin, &end);
    pair_part(step, begin, end);
}

/* The stride of dimension d (counted from the last) of a tensor, 0 where it is stretched. */
static void strides_of(const struct fovea_shape *shape, uint32_t rank, size_t *stride) {
    size_t run = 1;
    for (uint32_t i = 0; i < rank; i++) {
        uint32_t size = i < shape->rank ? shape->dims[shape->rank - 1 - i] : 1;
        stride[rank - 1 - i] = size == 1 ? 0 : run;
        run *= size;
    }
}

bool fovea_pair_by_rows(const struct fovea_rule_query *query, struct fovea_row_record *rows) {
    const struct fovea_shape *all = &query->output;
    struct fovea_shape second;
    query->shape_of(query->context, 1, &second);
    for (uint32_t d = 0; d + 1 < second.rank; d++)
        if (second.dims[d] != 1) return false;
    if (all->rank != 3 || second.rank < 1 || !fovea_shape_equal(all, &query->first)) return false;
    rows->y = (struct fovea_axis){
        .input = all->dims[0], .output = all->dims[0], .kernel = 1, .stride = 1, .dilation = 1};
    rows->input_row = rows->output_row = (size_t)all->dims[1] * all->dims[2];
    rows->second = second.dims[second.rank - 1];
    return true;
}

static bool bind_pair(struct fovea_binding *binding, void (*kernel)(const struct fovea_pair *),
                      enum fovea_kernel_index index) {
    struct fovea_step *step = binding->step;
    struct fovea_pair_step *s = &step->as.pair;
    const struct fovea_rule_query *query = &binding->view->query;
    const struct fovea_shape *output = &query->output;
    size_t a[FOVEA_RANK_MAX], b[FOVEA_RANK_MAX];
    struct fovea_shape second;
    query->shape_of(query->context, 1, &second);
    strides_of(&query->first, output->rank, a);
    strides_of(&second, output->rank, b);
    /* Neighbouring dimensions through which both tensors run on evenly are one. */
    s->rank = 0;
    for (uint32_t d = 0; d < output->rank; d++) {
        size_t dim = output->dims[d];
        if (dim == 1) continue;
        uint32_t top = s->rank - 1;
        if (s->rank > 0 && s->a_stride[top] == a[d] * dim && s->b_stride[top] == b[d] * dim) {
            s->dims[top] *= (uint32_t)dim;
            s->a_stride[top] = a[d];
            s->b_stride[top] = b[d];
        } else {
            s->dims[s->rank] = (uint32_t)dim;
            s->a_stride[s->rank] = a[d];
            s->b_stride[s->rank++] = b[d];
        }
    }
    if (s->rank == 0) {
        s->rank = s->dims[0] = 1;
        s->a_stride[0] = s->b_stride[0] = 1;
    }
    s->kernel = kernel;
    fovea_bind_map(binding, &query->as.tail);
    step->kernel = index;
    step->run = pair_run;
    if (!FOVEA_SMALL && fovea_pair_by_rows(query, &step->rows)) step->run_rows = pair_rows;
    step->tasks = fovea_bind_tasks(binding, step->count);
    return true;
}

#define PAIR(name)                                                                                 \
    bool fovea_bind_##name(struct fovea_binding *binding) {                                        \
        return bind_pair(binding, binding->kernels->name##_f32, FOVEA_KERNEL_##name##_f32);        \
    }
#include "weights/pairs.def"
