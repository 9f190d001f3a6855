/* Rows of a table, by indices that are floats. */
#include "engine/bind.h"

struct fovea_gather_step {
    struct fovea_gather gather;
};
FOVEA_STATE(fovea_gather_step, 8);

static void gather_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_gather *gather = &((const struct fovea_gather_step *)step->state)->gather;
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
    fovea_bind_state(binding, fovea_gather_step)->gather = binding->view->query.as.gather;
    step->weights = fovea_bind_weights(binding, 0);
    step->run = gather_run;
    step->tasks = fovea_bind_tasks(binding, step->count);
    return true;
}
