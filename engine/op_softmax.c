#include "engine/op.h"

static void softmax_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_softmax_step *s = &step->as.softmax;
    size_t begin, end;
    fovea_slice(s->rows, 1, task, step->tasks, &begin, &end);
    if (begin >= end) return;
    struct fovea_softmax softmax = {step->input + begin * s->count, step->output + begin * s->count,
                                    end - begin, s->count};
    s->kernel(&softmax);
}

bool fovea_bind_softmax(struct fovea_binding *binding) {
    struct fovea_step *step = binding->step;
    const struct fovea_shape *shape = &binding->view->query.output;
    step->as.softmax.count = shape->dims[shape->rank - 1];
    step->as.softmax.rows = step->count / step->as.softmax.count;
    step->as.softmax.kernel = binding->kernels->softmax_f32;
    step->kernel = FOVEA_KERNEL_softmax_f32;
    step->run = softmax_run;
    step->tasks = fovea_bind_tasks(binding, step->count);
    return true;
}
