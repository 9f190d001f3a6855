/* Rows of a table, by indices that are floats. */
#include "engine/op.h"

static void gather_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_gather *gather = &step->as.gather;
    size_t width = gather->width, begin, end;
    float last = (float)(gather->rows - 1); /* exact: at most FOVEA_DIM_MAX */
    fovea_slice(step->count / width, 1, task, step->tasks, &begin, &end);
    for (size_t i = begin; i < end; i++) {
        float index = step->input[i];
        index = index > 0.0f ? index : 0.0f; /* a NaN is 0 */
        size_t row = (size_t)(index < last ? index : last);
        fovea_copy(step->output + i * width, step->weights + row * width, width * sizeof(float));
    }
}

bool fovea_bind_gather(struct fovea_binding *binding) {
    struct fovea_step *step = binding->step;
    step->as.gather = binding->view->query.as.gather;
    step->run = gather_run;
    step->tasks = fovea_bind_tasks(binding, step->count);
    return true;
}
