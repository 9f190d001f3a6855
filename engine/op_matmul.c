/* Products of matrices that are both activations. A few columns of the second one at a time are laid out
 * as weights are, and then it is a dense layer: sums run over `inner` in order, from 0. */
#include "engine/bind.h"

#define PANEL (2 * FOVEA_BLOCK) /* columns taken at a time: what the tile kernels like best */

struct fovea_matmul_step {
    struct fovea_matmul matmul;
    void (*kernel)(const struct fovea_conv_tile *);
    float *scratch; /* of all tasks, `room` floats each */
    size_t tile_pixels, room;
    float low, high;
};
FOVEA_STATE(fovea_matmul_step, 64);

/* Columns first .. first + columns - 1 of `b` as blocks of weights, zeros behind the last. */
static void pack_panel(const struct fovea_matmul *m, const float *b, size_t first, size_t columns,
                       float *panel) {
    size_t down = m->transposed ? 1 : m->columns, right = m->transposed ? m->inner : 1;
    for (size_t o = 0; o < PANEL; o++) {
        float *to = panel + o / FOVEA_BLOCK * m->inner * FOVEA_BLOCK + o % FOVEA_BLOCK;
        const float *from = b + (first + o) * right;
        for (size_t k = 0; k < m->inner; k++)
            to[k * FOVEA_BLOCK] = o < columns ? from[k * down] : 0;
    }
}

/* All rows of one matrix of the batch times one panel. */
static void multiply_panel(const struct fovea_step *step, size_t matrix, size_t first,
                           size_t columns, const float *zeros, const float *panel) {
    const struct fovea_matmul_step *s = (const struct fovea_matmul_step *)step->state;
    const struct fovea_matmul *m = &s->matmul;
    const float *input[FOVEA_TILE_PIXELS];
    float *output[FOVEA_TILE_PIXELS];
    struct fovea_conv_tile tile = {
        .input = input,
        .output = output,
        .weights = panel,
        .bias = zeros,
        .channels = columns,
        .rows = 1,
        .columns = 1,
        .length = m->inner,
        .weight_block = (size_t)m->inner * FOVEA_BLOCK,
        .low = s->low,
        .high = s->high,
        .ahead = panel, /* which was just packed: nothing to ask for */
    };
    for (size_t row = 0; row < m->rows; row += tile.pixels) {
        tile.pixels = m->rows - row < s->tile_pixels ? m->rows - row : s->tile_pixels;
        for (size_t i = 0; i < tile.pixels; i++) {
            size_t at = matrix * m->rows + row + i;
            input[i] = step->input + at * m->inner;
            output[i] = step->output + at * m->columns + first;
        }
        s->kernel(&tile);
        for (size_t i = 0; i < tile.pixels && step->tail; i++)
            fovea_tail_apply(step->tail, output[i], columns);
    }
}

static void matmul_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_matmul_step *s = (const struct fovea_matmul_step *)step->state;
    const struct fovea_matmul *m = &s->matmul;
    size_t panels = ((size_t)m->columns + PANEL - 1) / PANEL, begin, end;
    float *zeros = s->scratch + task * s->room, *panel = zeros + PANEL;
    fovea_fill(zeros, 0, PANEL * sizeof(float));
    fovea_slice(m->batch * panels, 1, task, step->tasks, &begin, &end);
    for (size_t i = begin; i < end; i++) {
        size_t matrix = i / panels, first = i % panels * PANEL;
        size_t columns = m->columns - first < PANEL ? m->columns - first : PANEL;
        size_t size = (size_t)m->inner * m->columns;
        pack_panel(m, step->second + (m->shared ? 0 : matrix) * size, first, columns, panel);
        multiply_panel(step, matrix, first, columns, zeros, panel);
    }
}

bool fovea_bind_matmul(struct fovea_binding *binding) {
    struct fovea_step *step = binding->step;
    struct fovea_matmul_step *s = fovea_bind_state(binding, fovea_matmul_step);
    s->matmul = binding->view->query.as.matmul;
    s->kernel = fovea_bind_kernel(binding, conv_f32);
    s->tile_pixels = binding->setting->kernels.tile_pixels;
    step->tasks = fovea_bind_tasks(binding, binding->view->query.macs);
    uint64_t room = PANEL + (uint64_t)s->matmul.inner * PANEL; /* whole lines of 64 bytes */
    s->room = (size_t)room;
    s->scratch = fovea_bind_floats(binding, room * step->tasks);
    fovea_bind_bounds(binding, &s->matmul.tail, &s->low, &s->high);
    step->run = matmul_run;
    step->kernel = FOVEA_KERNEL_conv_f32;
    return true;
}
