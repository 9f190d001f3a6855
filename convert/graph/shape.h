/* Shapes as the converter reckons with them, whatever ranks and sizes a file asks for. The code of layers touches
 * a shape through these functions only (tests/rules.sh), and none of them can go outside.
 *
 * A dimension that a shape does not have is one place wide, as where shapes are stretched to fit. A shape that would
 * have more than FOVEA_RANK_MAX dimensions, or one of a size outside 1 .. FOVEA_DIM_MAX, is impossible: it remains
 * so whatever is done with it, shows as one without dimensions, and keras_shaped, keras_rearranged, keras_constant
 * and graph_input refuse it. So a layer's file may put a shape together without looking back at each step. */
#ifndef FOVEA_CONVERT_GRAPH_SHAPE_H
#define FOVEA_CONVERT_GRAPH_SHAPE_H

#include "weights/rules.h"

/* At most FOVEA_RANK_MAX. */
uint32_t shape_rank(const struct fovea_shape *shape);
bool shape_is_possible(const struct fovea_shape *shape);
/* The size of a dimension, counted from the front, or from the end (0: the last one). */
uint32_t shape_size(const struct fovea_shape *shape, uint32_t dimension);
uint32_t shape_from_end(const struct fovea_shape *shape, uint32_t back);
/* Of the sizes of dimensions first .. end - 1; FOVEA_TOO_LARGE for what no tensor has. */
uint64_t shape_product(const struct fovea_shape *shape, uint32_t first, uint32_t end);
/* Of all dimensions; 1 for a single number. */
uint64_t shape_elements(const struct fovea_shape *shape);
/* Of those of the mask (bit d for dimension d), and of the others. */
uint64_t shape_masked(const struct fovea_shape *shape, uint32_t mask);
/* The mask of the last dimension, 0 where there is none, and of all. */
uint32_t shape_last_mask(const struct fovea_shape *shape);
uint32_t shape_all_mask(const struct fovea_shape *shape);

/* SHAPE(height, width, channels): sizes of any integer type that is not negative. SHAPE_SCALAR: a single number. */
#define SHAPE(...)                                                                                 \
    shape_of(sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t),                           \
             (const uint64_t[]){__VA_ARGS__})
#define SHAPE_SCALAR ((struct fovea_shape){0})
struct fovea_shape shape_of(size_t rank, const uint64_t *sizes);
/* `rank` dimensions of one place each. */
struct fovea_shape shape_ones(uint32_t rank);

/* These make a shape impossible where the shape has no dimension `dimension` (for an insertion: nor the one behind the
 * last), or where the outcome would be. */
void shape_append(struct fovea_shape *shape, uint64_t size);
void shape_insert(struct fovea_shape *shape, uint32_t dimension, uint64_t size);
void shape_remove(struct fovea_shape *shape, uint32_t dimension);
void shape_replace(struct fovea_shape *shape, uint32_t dimension, uint64_t size);
/* Dimensions first .. end - 1 become one; none of them: one of size 1 is inserted at `first`. */
void shape_join(struct fovea_shape *shape, uint32_t first, uint32_t end);

/* How far apart, in a tensor's numbers, neighbours along each dimension lie; 0 behind the last dimension. */
void shape_steps(const struct fovea_shape *shape, int64_t steps[FOVEA_RANK_MAX]);

/* Where dimension `dimension` of `rank` goes when the last one moves to the front, or the first one to the end. */
uint32_t shape_last_to_front(uint32_t rank, uint32_t dimension);
uint32_t shape_first_to_end(uint32_t rank, uint32_t dimension);

#endif
