#include "include/fovea_verdict.h"

/* Sizes and steps of a picture. */
struct grid {
    size_t height, width, channels;
    size_t by_row, by_column, by_channel;
};

/* False: no picture. */
static bool grid_of(const struct fovea_shape *shape, struct grid *grid) {
    const uint32_t *d = shape->dims;
    if (shape->rank == 2) {
        *grid = (struct grid){d[0], d[1], 1, d[1], 1, 1};
        return true;
    }
    if (shape->rank != 3) return false;
    const bool last = d[2] == 1 || d[2] == 3, first = d[0] == 1 || d[0] == 3;
    if (last)
        *grid = (struct grid){d[0], d[1], d[2], (size_t)d[1] * d[2], d[2], 1};
    else
        *grid = (struct grid){d[1], d[2], d[0], d[2], 1, (size_t)d[1] * d[2]};
    return last || first;
}

unsigned fovea_turns(const struct fovea_shape *input, enum fovea_symmetries symmetries) {
    struct grid g;
    if (!input || symmetries == FOVEA_SYMMETRIES_NONE || !grid_of(input, &g)) return 1;
    return symmetries == FOVEA_SYMMETRIES_MIRROR ? 2 : g.height == g.width ? 8 : 4;
}

void fovea_turn(const struct fovea_shape *shape, unsigned number, const float *from, float *to) {
    struct grid g;
    if (!grid_of(shape, &g)) return;
    for (size_t y = 0; y < g.height; y++)
        for (size_t x = 0; x < g.width; x++) {
            size_t row = number & 4 ? x : y, column = number & 4 ? y : x;
            if (number & 2) row = g.height - 1 - row;
            if (number & 1) column = g.width - 1 - column;
            for (size_t c = 0; c < g.channels; c++)
                to[y * g.by_row + x * g.by_column + c * g.by_channel] =
                    from[row * g.by_row + column * g.by_column + c * g.by_channel];
        }
}
