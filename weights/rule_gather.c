#include "weights/bytes.h"
#include "weights/rules.h"

bool fovea_rule_gather(struct fovea_rule_query *query) {
    struct fovea_gather *gather = &query->as.gather;
    if (query->inputs != 1 || query->arrays != 1)
        return fovea_rule_fail(query, "R-032 a table needs one tensor of indices");
    gather->rows = query->attribute[FOVEA_GATHER_ROWS];
    gather->width = query->attribute[FOVEA_GATHER_WIDTH];
    if (gather->rows < 1 || gather->rows > FOVEA_DIM_MAX || gather->width < 1 ||
        gather->width > FOVEA_DIM_MAX || query->first.rank == FOVEA_RANK_MAX)
        return fovea_rule_fail(query, "R-033 a table out of range");
    query->array_count[0] = (uint64_t)gather->rows * gather->width;
    query->output = query->first;
    query->output.dims[query->output.rank++] = gather->width;
    return true;
}
