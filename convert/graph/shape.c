#include "convert/graph/shape.h"

#include "weights/bytes.h"

#define IMPOSSIBLE (FOVEA_RANK_MAX + 1)

uint32_t shape_rank(const struct fovea_shape *shape) {
    return shape->rank <= FOVEA_RANK_MAX ? shape->rank : 0;
}

bool shape_is_possible(const struct fovea_shape *shape) {
    return shape->rank <= FOVEA_RANK_MAX;
}

uint32_t shape_size(const struct fovea_shape *shape, uint32_t dimension) {
    return dimension < shape_rank(shape) ? shape->dims[dimension] : 1;
}

uint32_t shape_from_end(const struct fovea_shape *shape, uint32_t back) {
    const uint32_t rank = shape_rank(shape);
    return back < rank ? shape_size(shape, rank - 1 - back) : 1;
}

uint64_t shape_product(const struct fovea_shape *shape, uint32_t first, uint32_t end) {
    uint64_t product = 1;
    if (end > shape_rank(shape)) end = shape_rank(shape);
    for (uint32_t d = first; d < end; d++) product = fovea_product(product, shape->dims[d]);
    return product;
}

uint64_t shape_elements(const struct fovea_shape *shape) {
    return shape_product(shape, 0, FOVEA_RANK_MAX);
}

uint64_t shape_masked(const struct fovea_shape *shape, uint32_t mask) {
    uint64_t product = 1;
    for (uint32_t d = 0; d < shape_rank(shape); d++)
        if (mask >> d & 1) product = fovea_product(product, shape->dims[d]);
    return product;
}

uint32_t shape_all_mask(const struct fovea_shape *shape) {
    return (1u << shape_rank(shape)) - 1;
}

uint32_t shape_last_mask(const struct fovea_shape *shape) {
    return (shape_all_mask(shape) + 1) >> 1 & shape_all_mask(shape);
}

/* ---- making ---- */

struct fovea_shape shape_of(size_t rank, const uint64_t *sizes) {
    struct fovea_shape shape = {0};
    for (size_t d = 0; d < rank; d++) shape_append(&shape, sizes[d]);
    return shape;
}

struct fovea_shape shape_ones(uint32_t rank) {
    struct fovea_shape shape = {0};
    for (uint32_t d = 0; d < rank && shape_is_possible(&shape); d++) shape_append(&shape, 1);
    return shape;
}

void shape_append(struct fovea_shape *shape, uint64_t size) {
    shape_insert(shape, shape->rank, size);
}

void shape_insert(struct fovea_shape *shape, uint32_t dimension, uint64_t size) {
    if (shape->rank >= FOVEA_RANK_MAX || dimension > shape->rank || size < 1 ||
        size > FOVEA_DIM_MAX) {
        shape->rank = IMPOSSIBLE;
        return;
    }
    for (uint32_t d = shape->rank; d > dimension; d--) shape->dims[d] = shape->dims[d - 1];
    shape->dims[dimension] = (uint32_t)size;
    shape->rank++;
}

void shape_remove(struct fovea_shape *shape, uint32_t dimension) {
    if (dimension >= shape_rank(shape)) {
        shape->rank = IMPOSSIBLE;
        return;
    }
    shape->rank--;
    for (uint32_t d = dimension; d < shape->rank; d++) shape->dims[d] = shape->dims[d + 1];
}

void shape_replace(struct fovea_shape *shape, uint32_t dimension, uint64_t size) {
    shape_remove(shape, dimension);
    shape_insert(shape, dimension, size);
}

void shape_join(struct fovea_shape *shape, uint32_t first, uint32_t end) {
    const uint64_t size = shape_product(shape, first, end);
    for (uint32_t d = first; d < end && shape_is_possible(shape); d++) shape_remove(shape, first);
    shape_insert(shape, first, size);
}

/* ---- order ---- */

void shape_steps(const struct fovea_shape *shape, int64_t steps[FOVEA_RANK_MAX]) {
    for (uint32_t d = 0; d < FOVEA_RANK_MAX; d++)
        steps[d] = d < shape_rank(shape) ? (int64_t)shape_product(shape, d + 1, FOVEA_RANK_MAX) : 0;
}

uint32_t shape_last_to_front(uint32_t rank, uint32_t dimension) {
    return dimension + 1 < rank ? dimension + 1 : 0;
}

uint32_t shape_first_to_end(uint32_t rank, uint32_t dimension) {
    return dimension > 0 ? dimension - 1 : rank > 0 ? rank - 1 : 0;
}
