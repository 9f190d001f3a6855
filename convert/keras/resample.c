/* One axis of a tensor taken through a matrix: filters that resize, means over uneven windows. */
#include <math.h>
#include <string.h>

#include "convert/keras/build.h"

bool keras_along(struct layer_call *call, uint32_t input, uint32_t axis, const float *matrix,
                 uint32_t outputs) {
    struct fovea_shape shape = *graph_shape(call->graph, input);
    const uint32_t inputs = shape_size(&shape, axis), rank = shape_rank(&shape);
    const uint32_t last = shape_first_to_end(rank, 0);
    const uint64_t count = (uint64_t)inputs * outputs;
    uint32_t order[FOVEA_RANK_MAX], back[FOVEA_RANK_MAX];
    const struct fovea_shape flat =
        SHAPE(shape_masked(&shape, shape_all_mask(&shape) & ~(1u << axis)), inputs);
    const struct fovea_shape square = SHAPE(inputs, outputs);
    for (uint32_t d = 0; d < rank; d++) order[d] = d < axis ? d : d == last ? axis : d + 1;
    for (uint32_t d = 0; d < rank; d++) back[order[d]] = d;
    if (!shape_is_possible(&flat) || !shape_is_possible(&square))
        return keras_fail(call, "K-304 its input or output is too large");
    const struct source source = source_floats(matrix, count);
    if (!keras_permuted(call, input, order)) return false;
    struct fovea_shape moved = *graph_shape(call->graph, call->output);
    shape_replace(&moved, last, outputs);
    if (!keras_shaped(call, call->output, &flat, false)) return false;
    uint32_t value = call->output;
    return keras_constant(call, &source, &square) &&
           keras_product(call, value, call->output, false) &&
           keras_shaped(call, call->output, &moved, false) &&
           keras_permuted(call, call->output, back);
}

/* ---- filters ---- */

static double triangle(double x) {
    return x < 1 ? 1 - x : 0;
}
/* Keys' with -1/2. */
static double cubic(double x) {
    if (x >= 2) return 0;
    return x >= 1 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : (1.5 * x - 2.5) * x * x + 1;
}
/* Mitchell's and Netravali's with 1/3, 1/3. */
static double mitchell(double x) {
    if (x >= 2) return 0;
    return x >= 1 ? ((-7.0 / 18 * x + 2) * x - 10.0 / 3) * x + 16.0 / 9
                  : (7.0 / 6 * x - 2) * x * x + 8.0 / 9;
}
static double lanczos(double x, double radius) {
    const double pi = 3.14159265358979323846;
    if (x >= radius) return 0;
    return x > 1e-3 ? radius * sin(pi * x) * sin(pi * x / radius) / (pi * pi * x * x) : 1;
}
static double lanczos3(double x) {
    return lanczos(x, 3);
}
static double lanczos5(double x) {
    return lanczos(x, 5);
}
static double gaussian(double x) {
    return x < 1.5 ? exp(-2 * x * x) : 0; /* a deviation of 1/2 */
}

static const struct filter_row {
    const char *name;
    double (*weight)(double distance);
} filters[] = {
    {"bicubic", cubic},     {"bilinear", triangle}, {"gaussian", gaussian},
    {"lanczos3", lanczos3}, {"lanczos5", lanczos5}, {"mitchellcubic", mitchell},
};

/* The weight of each input in output `o`, not yet adding up to 1. */
static void fill_row(const struct keras_filter *filter, double (*weight)(double), uint32_t input,
                     uint32_t output, uint32_t o, double *row) {
    const double ratio = (double)input / output, half = filter->corners || filter->legacy ? 0 : 0.5;
    const bool corners = filter->corners && output > 1;
    const double step = corners ? (double)(input - 1) / (output - 1) : ratio;
    double at = (o + half) * step - half, wide = filter->antialias && ratio > 1 ? ratio : 1;
    if (filter->legacy || filter->corners) at = fmin(fmax(at, 0), input - 1);
    for (uint32_t i = 0; i < input; i++) {
        double distance = (double)i - at;
        /* TensorFlow looks weights of this filter up at 1024ths of a pixel. */
        if (filter->table && !filter->antialias && weight == cubic)
            distance = (double)i - floor(at) - rint((at - floor(at)) * 1024) / 1024;
        row[i] = weight(fabs(distance) / wide);
    }
}

/* The one input that output o is. */
static void fill_nearest(const struct keras_filter *filter, uint32_t input, uint32_t output,
                         uint32_t o, double *row) {
    const bool corners = filter->corners && output > 1;
    const double step = (double)(input - 1) / (corners ? output - 1 : 1);
    const double at = corners ? floor(o * step + 0.5) : floor((double)o * input / output);
    for (uint32_t i = 0; i < input; i++) row[i] = i == (uint32_t)at;
}

/* How much of input i lies within output o. */
static void fill_area(uint32_t input, uint32_t output, uint32_t o, double *row) {
    const double ratio = (double)input / output, from = o * ratio, to = (o + 1) * ratio;
    for (uint32_t i = 0; i < input; i++) row[i] = fmax(0, fmin(to, i + 1.0) - fmax(from, i));
}

bool keras_filter_known(const char *name) {
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        if (strcmp(filters[i].name, name) == 0) return true;
    return strcmp(name, "area") == 0;
}

bool keras_filtered(struct layer_call *call, uint32_t input, uint32_t axis, uint32_t output,
                    const struct keras_filter *filter) {
    const uint32_t size = shape_size(graph_shape(call->graph, input), axis);
    double (*weight)(double) = NULL;
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        if (strcmp(filters[i].name, filter->name) == 0) weight = filters[i].weight;
    const bool nearest = strcmp(filter->name, "nearest") == 0;
    if (size > FOVEA_STEP_MAX || output > FOVEA_STEP_MAX)
        return keras_fail(call, "K-306 its input or output is too large");
    struct pool *pool = call->keras->pool;
    float *matrix = keras_floats(call, (uint64_t)size * output);
    double *row = pool_get(pool, size, sizeof *row, call->keras->trouble);
    if (!matrix || !row || !pool_spend(pool, 64 * (uint64_t)size * output, call->keras->trouble))
        return false;
    for (uint32_t o = 0; o < output; o++) {
        double sum = 0;
        if (weight) /* callers know the name */
            fill_row(filter, weight, size, output, o, row);
        else if (nearest)
            fill_nearest(filter, size, output, o, row);
        else
            fill_area(size, output, o, row);
        for (uint32_t i = 0; i < size; i++) sum += row[i];
        for (uint32_t i = 0; i < size; i++)
            matrix[(size_t)i * output + o] = (float)(sum > 0 ? row[i] / sum : 0);
    }
    return keras_along(call, input, axis, matrix, output);
}
