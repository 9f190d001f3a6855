/* Operators that move numbers and compute nothing. */
#include "engine/bind.h"

/* A constant lies in the blob, a reshaped tensor where it was: no step. */
bool fovea_bind_constant(struct fovea_binding *binding) {
    (void)binding;
    return false;
}
bool fovea_bind_reshape(struct fovea_binding *binding) {
    (void)binding;
    return false;
}

/* Bytes of a number of what is moved. */
static size_t move_bytes(const struct fovea_binding *binding) {
    return fovea_bind_bytes(binding) ? 1 : sizeof(float);
}

struct fovea_concat_part {
    const uint8_t *data;
    size_t run; /* bytes of this part in one outer position */
};
struct fovea_concat_step {
    struct fovea_concat_part *parts;
    size_t count, outer, run;
};
FOVEA_STATE(fovea_concat_step, 16);

static void concat_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_concat_step *s = (const struct fovea_concat_step *)step->state;
    size_t begin, end;
    fovea_slice(s->outer, 1, task, step->tasks, &begin, &end);
    for (size_t i = begin; i < end; i++) {
        uint8_t *to = (uint8_t *)step->output + i * s->run;
        for (size_t p = 0; p < s->count; p++) {
            fovea_copy(to, s->parts[p].data + i * s->parts[p].run, s->parts[p].run);
            to += s->parts[p].run;
        }
    }
}

bool fovea_bind_concat(struct fovea_binding *binding) {
    struct fovea_step *step = binding->step;
    struct fovea_concat_step *s = fovea_bind_state(binding, fovea_concat_step);
    const struct fovea_rule_query *query = &binding->view->query;
    uint32_t axis = query->as.axis;
    s->count = query->inputs;
    s->outer = s->run = 1;
    for (uint32_t d = 0; d < query->output.rank; d++)
        *(d < axis ? &s->outer : &s->run) *= query->output.dims[d];
    s->run *= move_bytes(binding);
    s->parts = (struct fovea_concat_part *)fovea_bind_records(binding, binding->view->record.inputs,
                                                              sizeof *s->parts, 8);
    for (uint32_t i = 0; s->parts && i < query->inputs; i++) {
        struct fovea_shape shape;
        query->shape_of(query->context, i, &shape);
        s->parts[i].data = (const uint8_t *)fovea_bind_tensor(binding, i);
        s->parts[i].run = s->run / query->output.dims[axis] * shape.dims[axis];
    }
    step->run = concat_run;
    step->tasks = fovea_bind_tasks(binding, step->count);
    return true;
}

struct fovea_pad_step {
    size_t rows, run, top, left, bottom, right; /* rows of `run` bytes; left, right in bytes */
    uint8_t outside;                            /* what each byte of the padding is */
};
FOVEA_STATE(fovea_pad_step, 28);

static void pad_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_pad_step *s = (const struct fovea_pad_step *)step->state;
    size_t width = s->left + s->run + s->right, begin, end;
    fovea_slice(s->top + s->rows + s->bottom, 1, task, step->tasks, &begin, &end);
    for (size_t y = begin; y < end; y++) {
        uint8_t *to = (uint8_t *)step->output + y * width;
        if (y < s->top || y >= s->top + s->rows) {
            fovea_fill(to, s->outside, width);
            continue;
        }
        fovea_fill(to, s->outside, s->left);
        fovea_copy(to + s->left, (const uint8_t *)step->input + (y - s->top) * s->run, s->run);
        fovea_fill(to + s->left + s->run, s->outside, s->right);
    }
}

bool fovea_bind_pad(struct fovea_binding *binding) {
    struct fovea_step *step = binding->step;
    struct fovea_pad_step *s = fovea_bind_state(binding, fovea_pad_step);
    const struct fovea_rule_query *query = &binding->view->query;
    size_t column = query->first.dims[2] * move_bytes(binding);
    s->rows = query->first.dims[0];
    s->run = query->first.dims[1] * column;
    s->top = query->as.pad[0];
    s->left = query->as.pad[1] * column;
    s->bottom = query->as.pad[2];
    s->right = query->as.pad[3] * column;
    s->outside =
        fovea_bind_bytes(binding)
            ? fovea_q8_byte(fovea_bind_scale(binding, fovea_node_input(binding->view, 0)).zero)
            : 0;
    step->run = pad_run;
    step->tasks = fovea_bind_tasks(binding, step->count);
    return true;
}

struct fovea_rearrange_step {
    uint32_t rank, dims[FOVEA_RANK_MAX]; /* of the output, neighbours merged */
    ptrdiff_t step[FOVEA_RANK_MAX];
    size_t base;
};
FOVEA_STATE(fovea_rearrange_step, 56);

/* `rows` rows of the output, neighbours along the second last dimension: with a step of 1 there, and
 * another along the rows, they are read side by side. */
#define REARRANGE_TOGETHER 8
static void rearrange_rows(const struct fovea_rearrange_step *s, const float *from, float *to,
                           size_t rows) {
    size_t count = s->dims[s->rank - 1];
    ptrdiff_t step = s->step[s->rank - 1];
    if (rows > 1) {
        for (size_t i = 0; i < count; i++)
            for (size_t r = 0; r < rows; r++)
                to[r * count + i] = from[(ptrdiff_t)i * step + (ptrdiff_t)r];
    } else if (step == 1) {
        fovea_copy(to, from, count * sizeof(float));
    } else {
        for (size_t i = 0; i < count; i++) to[i] = from[(ptrdiff_t)i * step];
    }
}

static void rearrange_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_rearrange_step *s = (const struct fovea_rearrange_step *)step->state;
    uint32_t last = s->rank - 1, at[FOVEA_RANK_MAX] = {0};
    size_t begin, end, run = s->dims[last];
    fovea_slice(step->count / run, 1, task, step->tasks, &begin, &end);
    ptrdiff_t from = (ptrdiff_t)s->base;
    size_t rest = begin;
    for (uint32_t d = last; d-- > 0; rest /= s->dims[d]) {
        at[d] = (uint32_t)(rest % s->dims[d]);
        from += (ptrdiff_t)at[d] * s->step[d];
    }
    bool beside = last > 0 && s->step[last - 1] == 1 && s->step[last] != 1;
    for (size_t row = begin, rows; row < end; row += rows) {
        rows = 1;
        if (beside) {
            rows = s->dims[last - 1] - at[last - 1];
            if (rows > REARRANGE_TOGETHER) rows = REARRANGE_TOGETHER;
            if (rows > end - row) rows = end - row;
        }
        rearrange_rows(s, step->input + from, step->output + row * run, rows);
        if (last == 0) break;
        at[last - 1] += (uint32_t)rows;
        from += (ptrdiff_t)rows * s->step[last - 1];
        for (uint32_t d = last; d-- > 0 && at[d] == s->dims[d];) { /* carry */
            from -= (ptrdiff_t)at[d] * s->step[d];
            at[d] = 0;
            if (d > 0) at[d - 1]++, from += s->step[d - 1];
        }
    }
}

/* Dimensions through which input and output run on evenly become one. */
static void bind_rearranged(struct fovea_binding *binding, const ptrdiff_t *steps, size_t base) {
    struct fovea_step *step = binding->step;
    struct fovea_rearrange_step *s = fovea_bind_state(binding, fovea_rearrange_step);
    const struct fovea_shape *output = &binding->view->query.output;
    s->base = base;
    s->rank = 0;
    for (uint32_t d = 0; d < output->rank; d++) {
        uint32_t dim = output->dims[d];
        if (dim == 1) continue;
        if (s->rank > 0 && s->step[s->rank - 1] == steps[d] * (ptrdiff_t)dim) {
            s->dims[s->rank - 1] *= dim;
            s->step[s->rank - 1] = steps[d];
        } else {
            s->dims[s->rank] = dim;
            s->step[s->rank++] = steps[d];
        }
    }
    if (s->rank == 0) {
        s->rank = s->dims[0] = 1;
        s->step[0] = 1;
    }
    step->run = rearrange_run;
    step->tasks = fovea_bind_tasks(binding, step->count);
}

/* The steps that run through a tensor in its order. */
static void steps_of(const struct fovea_shape *shape, ptrdiff_t *steps) {
    ptrdiff_t step = 1;
    for (uint32_t d = shape->rank; d-- > 0; step *= (ptrdiff_t)shape->dims[d]) steps[d] = step;
}

bool fovea_bind_rearrange(struct fovea_binding *binding) {
    const struct fovea_rearrange *rearrange = &binding->view->query.as.rearrange;
    ptrdiff_t steps[FOVEA_RANK_MAX];
    for (int d = 0; d < FOVEA_RANK_MAX; d++) steps[d] = rearrange->step[d];
    bind_rearranged(binding, steps, rearrange->base);
    return true;
}

bool fovea_bind_permute(struct fovea_binding *binding) {
    const struct fovea_rule_query *query = &binding->view->query;
    ptrdiff_t plain[FOVEA_RANK_MAX], steps[FOVEA_RANK_MAX];
    steps_of(&query->first, plain);
    for (uint32_t d = 0; d < query->first.rank; d++) steps[d] = plain[query->as.permute.from[d]];
    bind_rearranged(binding, steps, 0);
    return true;
}

bool fovea_bind_crop(struct fovea_binding *binding) {
    const struct fovea_rule_query *query = &binding->view->query;
    ptrdiff_t steps[FOVEA_RANK_MAX];
    steps_of(&query->first, steps);
    bind_rearranged(binding, steps,
                    query->as.pad[0] * (size_t)steps[0] + query->as.pad[1] * (size_t)steps[1]);
    return true;
}
