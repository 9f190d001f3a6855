/* For Frama-C's value analysis (tests/proof/eva.sh): the shape arithmetic of the converter (convert/graph/shape.c) on
 * shapes of any rank, impossible ones too, and any sizes, with any dimensions, masks and sizes as arguments. Proved is
 * that nothing undefined can happen, and that what comes of it is a shape of at most FOVEA_RANK_MAX dimensions, or an
 * impossible one. */
#include <__fc_builtin.h>

#include "convert/graph/shape.h"

static uint32_t any(void) {
    return Frama_C_unsigned_int_interval(0, UINT32_MAX);
}

static uint64_t any_size(void) {
    return (uint64_t)any() << 32 | any();
}

static struct fovea_shape shape;

static void any_shape(uint32_t rank) {
    shape.rank = rank;
    for (uint32_t d = 0; d < FOVEA_RANK_MAX; d++) shape.dims[d] = any();
}

static void ask(void) {
    int64_t steps[FOVEA_RANK_MAX];
    (void)shape_is_possible(&shape);
    (void)shape_size(&shape, any());
    (void)shape_from_end(&shape, any());
    (void)shape_product(&shape, any(), any());
    (void)shape_elements(&shape);
    (void)shape_masked(&shape, any());
    (void)shape_last_mask(&shape);
    (void)shape_all_mask(&shape);
    shape_steps(&shape, steps);
    for (uint32_t d = 0; d < FOVEA_RANK_MAX; d++) (void)steps[d];
    (void)shape_last_to_front(any(), any());
    (void)shape_first_to_end(any(), any());
    const uint32_t rank = shape_rank(&shape);
    //@ assert rank <= FOVEA_RANK_MAX;
}

static void change(uint32_t rank, uint32_t kind) {
    const uint64_t sizes[FOVEA_RANK_MAX + 2] = {any_size(), any_size(), any_size(), any_size(),
                                                any_size(), any_size(), any_size(), any_size()};
    const size_t any_rank = Frama_C_unsigned_int_interval(0, FOVEA_RANK_MAX + 2);
    any_shape(rank);
    switch (kind) {
    case 0: shape_append(&shape, any_size()); break;
    case 1: shape_insert(&shape, any(), any_size()); break;
    case 2: shape_remove(&shape, any()); break;
    case 3: shape_replace(&shape, any(), any_size()); break;
    case 4: shape_join(&shape, any(), any()); break;
    case 5: shape = shape_ones(any()); break;
    default: shape = shape_of(any_rank, sizes); break;
    }
    //@ assert shape.rank <= FOVEA_RANK_MAX + 1;
    ask();
}

int main(void) {
    //@ loop unroll 8;
    for (uint32_t rank = 0; rank <= FOVEA_RANK_MAX + 1; rank++) {
        any_shape(rank);
        ask();
        //@ loop unroll 7;
        for (uint32_t kind = 0; kind < 7; kind++) change(rank, kind);
    }
    any_shape(any());
    ask();
    return 0;
}
