/* Transposed convolutions: as many ordinary ones as the strides have phases. */
#include "engine/conv.h"

/* Each phase writes every stride-th output. */
static void transposed_phases(const struct fovea_conv_pass *all, uint32_t part, uint32_t parts) {
    const struct fovea_conv_step *s = fovea_conv_of(all->step);
    const struct fovea_axis *ay = &s->window.y, *ax = &s->window.x;
    size_t column = s->outputs, row = ax->output * column, tap = s->inputs * FOVEA_BLOCK;
    struct fovea_conv_pass pass = *all;
    pass.output_row = ay->stride * row;
    pass.output_column = ax->stride * column;
    for (uint32_t y = 0; y < ay->stride && y < ay->output; y++)
        for (uint32_t x = 0; x < ax->stride && x < ax->output; x++) {
            struct fovea_phase py = fovea_phase_of(ay, y), px = fovea_phase_of(ax, x);
            pass.window.y = py.axis;
            pass.window.x = px.axis;
            pass.output = all->output + y * row + x * column;
            pass.weights = all->weights + ((size_t)py.first_tap * ax->kernel + px.first_tap) * tap;
            pass.range = (struct fovea_conv_range){0, py.axis.output, 0, px.axis.output};
            fovea_conv_pass(&pass, part, parts);
        }
}

static void transposed_run(const struct fovea_step *step, uint32_t task) {
    struct fovea_conv_pass pass = fovea_conv_pass_of(step);
    fovea_conv_task(&pass, task, step->tasks, transposed_phases);
}

bool fovea_bind_conv_transposed(struct fovea_binding *binding) {
    const struct fovea_transposed *transposed = &binding->view->query.as.transposed;
    struct fovea_step *step = binding->step;
    struct fovea_conv conv = {
        .window = {transposed->y, transposed->x},
        .groups = 1,
        .inputs = transposed->inputs,
        .outputs = transposed->outputs,
        .tail = transposed->tail,
    };
    struct fovea_conv_step *s = fovea_bind_state(binding, fovea_conv_step);
    fovea_bind_conv_state(binding, &conv, s);
    step->run = transposed_run;
    uint64_t phases = (uint64_t)conv.window.y.stride * conv.window.x.stride;
    uint64_t tiles = binding->view->query.elements / conv.outputs / phases / s->tile_pixels;
    s->split_blocks = tiles < 4 * (uint64_t)step->tasks && s->blocks > 1;
    return true;
}
