#include "weights/bytes.h"
#include "weights/rules.h"

/* A shape from words: rank, dims (0 behind the rank). */
static bool read_shape(struct fovea_rule_query *query, uint32_t word, struct fovea_shape *shape) {
    shape->rank = query->attribute[word + FOVEA_SHAPE_RANK];
    for (uint32_t i = 0; i < FOVEA_RANK_MAX; i++) {
        shape->dims[i] = query->attribute[word + FOVEA_SHAPE_DIMS + i];
        if (i >= shape->rank && shape->dims[i] != 0)
            return fovea_rule_fail(query, "R-061 a dimension beyond the rank");
    }
    return true;
}

/* The output's shape. */
static bool shape_words(struct fovea_rule_query *query, uint64_t *count) {
    if (!read_shape(query, 0, &query->output)) return false;
    if (!fovea_shape_count(&query->output, count))
        return fovea_rule_fail(query, "R-062 a shape out of range");
    return true;
}

/* The input must have the shape stated behind the output's. */
static bool made_for_input(struct fovea_rule_query *query) {
    struct fovea_shape stated;
    if (!read_shape(query, FOVEA_RESHAPE_INPUT, &stated)) return false;
    if (!fovea_shape_equal(&stated, &query->first))
        return fovea_rule_fail(query, "R-063 a rearrangement for an input of a different size");
    return true;
}

bool fovea_rule_constant(struct fovea_rule_query *query) {
    if (query->arrays != 1) return fovea_rule_fail(query, "R-064 a constant needs its values");
    return shape_words(query, &query->array_count[0]);
}

bool fovea_rule_reshape(struct fovea_rule_query *query) {
    uint64_t from, to;
    if (query->inputs != 1) return fovea_rule_fail(query, "R-065 a reshape needs one input");
    if (!shape_words(query, &to)) return false;
    if (!fovea_shape_count(&query->first, &from) || from != to)
        return fovea_rule_fail(query, "R-066 a reshape to a different number of elements");
    return query->attribute[FOVEA_RESHAPE_INPUT] == 0 || made_for_input(query);
}

bool fovea_rule_concat(struct fovea_rule_query *query) {
    uint32_t axis = query->attribute[FOVEA_CONCAT_AXIS];
    struct fovea_shape *output = &query->output, next;
    *output = query->first;
    if (axis >= output->rank)
        return fovea_rule_fail(query, "R-067 a concatenation along an axis that does not exist");
    for (uint32_t i = 1; i < query->inputs; i++) {
        query->shape_of(query->context, i, &next);
        uint64_t sum = (uint64_t)output->dims[axis] + next.dims[axis];
        next.dims[axis] = output->dims[axis];
        if (!fovea_shape_equal(output, &next) || sum > FOVEA_DIM_MAX)
            return fovea_rule_fail(query, "R-068 tensors that do not fit side by side");
        output->dims[axis] = (uint32_t)sum;
    }
    query->as.axis = axis;
    return true;
}

bool fovea_rule_rearrange(struct fovea_rule_query *query) {
    struct fovea_rearrange *rearrange = &query->as.rearrange;
    const uint32_t *word = query->attribute + FOVEA_REARRANGE_STEPS;
    uint64_t from, to;
    if (query->inputs != 1) return fovea_rule_fail(query, "R-069 a rearrangement needs one input");
    if (!shape_words(query, &to) || !made_for_input(query)) return false;
    if (!fovea_shape_count(&query->first, &from))
        return fovea_rule_fail(query, "R-070 a shape out of range");
    rearrange->base = query->attribute[FOVEA_REARRANGE_BASE];
    /* Each product is below 2^55: dimensions are at most FOVEA_DIM_MAX. */
    int64_t lowest = rearrange->base, highest = rearrange->base;
    for (uint32_t i = 0; i < FOVEA_RANK_MAX; i++) {
        int64_t step = word[i] < 0x80000000u ? (int64_t)word[i] : (int64_t)word[i] - 0x100000000;
        rearrange->step[i] = (int32_t)step;
        if (i >= query->output.rank && step != 0)
            return fovea_rule_fail(query, "R-071 a step beyond the rank");
        if (i >= query->output.rank) continue;
        int64_t reach = step * (int64_t)(query->output.dims[i] - 1);
        *(reach < 0 ? &lowest : &highest) += reach;
    }
    if (lowest < 0 || highest >= (int64_t)from)
        return fovea_rule_fail(query, "R-072 a rearrangement of elements outside its input");
    return true;
}

bool fovea_rule_permute(struct fovea_rule_query *query) {
    struct fovea_permute *permute = &query->as.permute;
    uint32_t seen = 0;
    if (query->inputs != 1 || query->attribute[FOVEA_SHAPE_RANK] != query->first.rank)
        return fovea_rule_fail(query, "R-073 a permutation of the wrong number of dimensions");
    query->output.rank = query->first.rank;
    for (uint32_t i = 0; i < FOVEA_RANK_MAX; i++) {
        uint32_t from = query->attribute[FOVEA_SHAPE_DIMS + i];
        bool used = i < query->first.rank;
        if (used ? from >= query->first.rank || seen & 1u << from : from != 0)
            return fovea_rule_fail(query, "R-074 not a permutation");
        permute->from[i] = from;
        if (!used) continue;
        seen |= 1u << from;
        query->output.dims[i] = query->first.dims[from];
    }
    return true;
}

bool fovea_rule_crop(struct fovea_rule_query *query) {
    if (query->inputs != 1 || query->first.rank != 3)
        return fovea_rule_fail(query, "R-075 cropping of a tensor that is not a picture");
    query->output = query->first;
    for (uint32_t i = 0; i < 4; i++) {
        query->as.pad[i] = query->attribute[i];
        if (query->as.pad[i] >= query->output.dims[i % 2])
            return fovea_rule_fail(query, "R-076 cropping that leaves nothing");
        query->output.dims[i % 2] -= query->as.pad[i];
    }
    return true;
}

bool fovea_rule_pad(struct fovea_rule_query *query) {
    if (query->inputs != 1 || query->first.rank != 3)
        return fovea_rule_fail(query, "R-077 padding of a tensor that is not a picture");
    for (int i = 0; i < 4; i++) {
        query->as.pad[i] = query->attribute[i];
        if (query->as.pad[i] > FOVEA_STEP_MAX)
            return fovea_rule_fail(query, "R-078 a padding outside its range");
    }
    query->output = query->first;
    query->output.dims[0] += query->as.pad[FOVEA_EDGE_TOP] + query->as.pad[FOVEA_EDGE_BOTTOM];
    query->output.dims[1] += query->as.pad[FOVEA_EDGE_LEFT] + query->as.pad[FOVEA_EDGE_RIGHT];
    return true;
}
