/* Rows of a tensor that never exists as a whole, in scratch memory: what chains and stripes keep between two
 * layers. */
#ifndef FOVEA_ENGINE_ROWS_H
#define FOVEA_ENGINE_ROWS_H

#include "kernels/base.h"

/* Rows `first` .. `end` - 1, one after another. */
struct fovea_rows_kept {
    float *data;
    uint32_t first, end;
};

/* Drops the rows before `begin`; a row has `width` floats. */
FOVEA_STATIC void fovea_rows_slide(struct fovea_rows_kept *rows, uint32_t begin, size_t width) {
    if (begin >= rows->end) {
        rows->first = rows->end = begin;
    } else if (begin > rows->first) {
        fovea_move(rows->data, rows->data + (begin - rows->first) * width,
                   (rows->end - begin) * width * sizeof(float));
        rows->first = begin;
    }
}

/* Where row 0 would lie, so that a step finds row `first` at the start of the data. */
FOVEA_STATIC float *fovea_rows_base(const struct fovea_rows_kept *rows, size_t width) {
    return (float *)((uintptr_t)rows->data - rows->first * width * sizeof(float));
}

#endif
