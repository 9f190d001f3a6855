/* Operators on rows: the last dimensions of a tensor, as many as word 0 says, taken together. */
#include "weights/bytes.h"
#include "weights/rules.h"

static bool rule_rows(struct fovea_rule_query *query, struct fovea_rows *rows) {
    const struct fovea_shape *shape = &query->first;
    uint32_t dimensions = query->attribute[FOVEA_ROWS_DIMENSIONS];
    if (query->inputs != 1)
        return fovea_rule_fail(query, "R-056 an operator on rows needs one input");
    if (dimensions < 1 || dimensions > shape->rank)
        return fovea_rule_fail(query, "R-057 a number of row dimensions outside 1 .. rank");
    rows->rows = rows->count = 1; /* both at most FOVEA_ELEMENTS_MAX, as the input's elements are */
    for (uint32_t i = 0; i < shape->rank; i++)
        *(i < shape->rank - dimensions ? &rows->rows : &rows->count) *= shape->dims[i];
    query->output = *shape;
    return true;
}

bool fovea_rule_softmax(struct fovea_rule_query *query) {
    return rule_rows(query, &query->as.rows);
}
bool fovea_rule_log_softmax(struct fovea_rule_query *query) {
    return rule_rows(query, &query->as.rows);
}
bool fovea_rule_sparsemax(struct fovea_rule_query *query) {
    return rule_rows(query, &query->as.rows);
}

bool fovea_rule_normalize(struct fovea_rule_query *query) {
    struct fovea_normalization *norm = &query->as.normalization;
    if (!rule_rows(query, &norm->rows)) return false;
    if (query->attribute[FOVEA_NORMALIZE_KIND] >= FOVEA_NORM_COUNT)
        return fovea_rule_fail(query, "R-058 a normalization this version does not know");
    norm->kind = (enum fovea_norm)query->attribute[FOVEA_NORMALIZE_KIND];
    norm->epsilon = fovea_float_of_bits(query->attribute[FOVEA_NORMALIZE_EPSILON]);
    if (!(norm->epsilon >= 0))
        return fovea_rule_fail(query, "R-059 a normalization's epsilon below 0");
    if (query->arrays == 1)
        return fovea_rule_fail(query, "R-060 a normalization's scale without a shift");
    if (query->arrays == 2) query->array_count[0] = query->array_count[1] = norm->rows.count;
    return true;
}
