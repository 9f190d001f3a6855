/* Operators that move numbers and compute nothing. */
#include "engine/op.h"

/* A constant lies in the blob, a reshaped tensor where it was: no step. */
bool fovea_bind_constant(struct fovea_binding *binding) {
    (void)binding;
    return false;
}
bool fovea_bind_reshape(struct fovea_binding *binding) {
    (void)binding;
    return false;
}

static void concat_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_concat_step *s = &step->as.concat;
    size_t begin, end;
    fovea_slice(s->outer, 1, task, step->tasks, &begin, &end);
    for (size_t i = begin; i < end; i++) {
        float *to = step->output + i * s->run;
        for (size_t p = 0; p < s->count; p++) {
            fovea_copy(to, s->parts[p].data + i * s->parts[p].run,
                       s->parts[p].run * sizeof(float));
            to += s->parts[p].run;
        }
    }
}

bool fovea_bind_concat(struct fovea_binding *binding) {
    struct fovea_step *step = binding->step;
    struct fovea_concat_step *s = &step->as.concat;
    const struct fovea_rule_query *query = &binding->view->query;
    uint32_t axis = query->as.axis;
    s->count = query->inputs;
    s->outer = s->run = 1;
    for (uint32_t d = 0; d < query->output.rank; d++)
        *(d < axis ? &s->outer : &s->run) *= query->output.dims[d];
    s->parts = (struct fovea_concat_part *)fovea_bind_reserve(
        binding, (uint64_t)s->count * sizeof *s->parts);
    for (uint32_t i = 0; s->parts && i < query->inputs; i++) {
        struct fovea_shape shape;
        query->shape_of(query->context, i, &shape);
        s->parts[i].data = binding->tensor(binding, i);
        s->parts[i].run = s->run / query->output.dims[axis] * shape.dims[axis];
    }
    step->run = concat_run;
    step->tasks = fovea_bind_tasks(binding, step->count);
    return true;
}

static void pad_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_pad_step *s = &step->as.pad;
    size_t width = s->left + s->run + s->right, begin, end;
    fovea_slice(s->top + s->rows + s->bottom, 1, task, step->tasks, &begin, &end);
    for (size_t y = begin; y < end; y++) {
        float *to = step->output + y * width;
        if (y < s->top || y >= s->top + s->rows) {
            fovea_fill(to, 0, width * sizeof(float));
            continue;
        }
        fovea_fill(to, 0, s->left * sizeof(float));
        fovea_copy(to + s->left, step->input + (y - s->top) * s->run, s->run * sizeof(float));
        fovea_fill(to + s->left + s->run, 0, s->right * sizeof(float));
    }
}

bool fovea_bind_pad(struct fovea_binding *binding) {
    struct fovea_step *step = binding->step;
    struct fovea_pad_step *s = &step->as.pad;
    const struct fovea_rule_query *query = &binding->view->query;
    size_t channels = query->first.dims[2];
    s->rows = query->first.dims[0];
    s->run = query->first.dims[1] * channels;
    s->top = query->as.pad[0];
    s->left = query->as.pad[1] * channels;
    s->bottom = query->as.pad[2];
    s->right = query->as.pad[3] * channels;
    step->run = pad_run;
    step->tasks = fovea_bind_tasks(binding, step->count);
    return true;
}
