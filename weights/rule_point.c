#include "weights/bytes.h"
#include "weights/rules.h"

bool fovea_rule_activation(struct fovea_rule_query *query) {
    if (query->inputs != 1) return fovea_rule_fail(query, "R-040 an activation needs one input");
    query->output = query->first;
    return fovea_rule_tail(query, 0, &query->as.tail);
}

bool fovea_rule_affine(struct fovea_rule_query *query) {
    if (query->inputs != 1 || query->arrays != 2 || query->first.rank < 1)
        return fovea_rule_fail(query, "R-041 an affine layer needs one input, scale and shift");
    query->output = query->first;
    query->array_count[0] = query->array_count[1] = query->first.dims[query->first.rank - 1];
    return fovea_rule_tail(query, 0, &query->as.tail);
}

/* Two tensors, dimensions aligned at the last one, 1 stretching to the other's size. */
static bool rule_broadcast(struct fovea_rule_query *query) {
    struct fovea_shape a = query->first, b;
    if (query->inputs != 2)
        return fovea_rule_fail(query, "R-042 an operator that needs two inputs");
    query->shape_of(query->context, 1, &b);
    uint32_t rank = a.rank > b.rank ? a.rank : b.rank;
    query->output.rank = rank;
    for (uint32_t i = 0; i < rank; i++) {
        uint32_t da = i < a.rank ? a.dims[a.rank - 1 - i] : 1;
        uint32_t db = i < b.rank ? b.dims[b.rank - 1 - i] : 1;
        if (da != db && da != 1 && db != 1)
            return fovea_rule_fail(query, "R-043 shapes that do not fit together");
        query->output.dims[rank - 1 - i] = da > db ? da : db;
    }
    return fovea_rule_tail(query, 0, &query->as.tail);
}

#define PAIR(name)                                                                                 \
    bool fovea_rule_##name(struct fovea_rule_query *query) {                                       \
        return rule_broadcast(query);                                                              \
    }
#include "weights/pairs.def"
