/* Generators of operations on pictures, and of indices. */
#include "tests/random/raw.h"

#include <string.h>

/* To a size. Parameter: the filter, where the function has one of its own. */
bool draw_raw_resize(struct scope *scope, const struct row *row) {
    static const char *const filters[] = {"bilinear", "nearest", NULL};
    const struct value *value = pick(scope, 3);
    struct operation o;
    if (!value || scope->sequential || !operation_start(scope, row, &o)) return false;
    struct fovea_shape out = value->shape;
    for (uint32_t d = 0; d < 2; d++) out.dims[d] = between(scope, 1, out.dims[d] + 3);
    operation_setting(&o, "size", "size", list_of(out.dims, 2));
    if (!*row->parameter)
        operation_setting(&o, "interpolation", "method", print("\"%s\"", one_of(scope, filters)));
    else
        operation_setting(&o, NULL, "half_pixel_centers", chance(scope, 2) ? "true" : "false");
    scope->of->jumpy |= *row->parameter != 0;
    return operation_on_one(scope, &o, value, &out);
}

bool draw_raw_pool(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 2 + roll(scope->dice, 3));
    struct operation o;
    if (!value || scope->sequential || (!scope->of->wild && value->shape.rank < 2)) return false;
    if (!operation_start(scope, row, &o)) return false;
    const bool third = scope->of->dialect == 3;
    const uint32_t n = value->shape.rank < 2 ? 1 : value->shape.rank - 1;
    uint32_t sizes[FOVEA_RANK_MAX], strides[FOVEA_RANK_MAX];
    struct fovea_shape out = value->shape;
    bool same = chance(scope, 2);
    for (uint32_t i = 0; i < n; i++) {
        sizes[i] = between(scope, 1, 3);
        strides[i] = 1 + roll(scope->dice, 2);
        same |= sizes[i] > out.dims[i] && !scope->of->wild;
    }
    for (uint32_t i = 0; i < n; i++)
        out.dims[i] = same                     ? (out.dims[i] + strides[i] - 1) / strides[i]
                      : sizes[i] > out.dims[i] ? 0
                                               : (out.dims[i] - sizes[i]) / strides[i] + 1;
    operation_setting(&o, "pool_size", "ksize", list_of(sizes, n));
    operation_setting(&o, "strides", "strides", list_of(strides, n));
    operation_setting(&o, "padding", "padding",
                      third  ? same ? "\"same\"" : "\"valid\""
                      : same ? "\"SAME\""
                             : "\"VALID\"");
    return operation_on_one(scope, &o, value, &out);
}

bool draw_patches(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 3);
    struct operation o;
    if (!value || scope->sequential || !operation_start(scope, row, &o)) return false;
    const bool third = scope->of->dialect == 3;
    struct fovea_shape out = value->shape;
    uint32_t size[4] = {1, 1, 1, 1}, stride[4] = {1, 1, 1, 1}, rate[4] = {1, 1, 1, 1};
    bool same = chance(scope, 2);
    for (uint32_t i = 0; i < 2; i++) {
        size[i + 1] = between(scope, 1, 3);
        stride[i + 1] = 1 + roll(scope->dice, 3);
        same |= size[i + 1] > out.dims[i] && !scope->of->wild;
    }
    for (uint32_t i = 0; i < 2; i++)
        out.dims[i] = same ? (out.dims[i] + stride[i + 1] - 1) / stride[i + 1]
                      : size[i + 1] > out.dims[i] ? 0
                                                  : (out.dims[i] - size[i + 1]) / stride[i + 1] + 1;
    out.dims[2] *= size[1] * size[2];
    operation_setting(&o, "size", "sizes", third ? list_of(size + 1, 2) : list_of(size, 4));
    operation_setting(&o, "strides", "strides",
                      third ? list_of(stride + 1, 2) : list_of(stride, 4));
    operation_setting(&o, "dilation_rate", "rates", third ? "1" : list_of(rate, 4));
    operation_setting(&o, "padding", "padding",
                      third  ? same ? "\"same\"" : "\"valid\""
                      : same ? "\"SAME\""
                             : "\"VALID\"");
    return operation_on_one(scope, &o, value, &out);
}

/* ---- indices ---- */

bool draw_argmax(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential || !operation_start(scope, row, &o)) return false;
    const struct fovea_shape *shape = &value->shape;
    const uint32_t at = shape->rank ? roll(scope->dice, shape->rank) : 0;
    const bool keep = scope->of->dialect == 3 && chance(scope, 2);
    struct fovea_shape out = {0};
    for (uint32_t d = 0; d < shape->rank; d++)
        if (d != at || keep) out.dims[out.rank++] = d == at ? 1 : shape->dims[d];
    operation_setting(&o, "axis", "axis", print("%d", axis_of(scope, shape, at)));
    operation_setting(&o, "keepdims", NULL, keep ? "true" : "false");
    return operation_on_one(scope, &o, value, &out);
}

bool draw_one_hot(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential) return false;
    if (!scope->of->wild && (value->shape.rank == FOVEA_RANK_MAX || elements(&value->shape) > 1000))
        return false;
    if (!operation_start(scope, row, &o)) return false;
    struct fovea_shape out = value->shape;
    const uint32_t classes = between(scope, 1, 6);
    if (out.rank < FOVEA_RANK_MAX) out.dims[out.rank++] = classes;
    operation_setting(&o, "num_classes", "depth", print("%u", classes));
    return operation_on_one(scope, &o, value, &out);
}
