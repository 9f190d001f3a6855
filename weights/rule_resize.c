#include "weights/rules.h"

bool fovea_rule_resize(struct fovea_rule_query *query) {
    const uint32_t *word = query->attribute;
    if (query->inputs != 1 || query->first.rank != 3)
        return fovea_rule_fail(query, "R-048 resizing of a tensor that is not a picture");
    if (word[FOVEA_RESIZING_FILTER] >= FOVEA_FILTER_COUNT || word[FOVEA_RESIZING_RELATIVE] > 1)
        return fovea_rule_fail(query, "R-049 a filter this version does not know");
    query->as.filter = (enum fovea_filter)word[FOVEA_RESIZING_FILTER];
    query->output = query->first;
    for (uint32_t i = 0; i < 2; i++) {
        uint64_t size = (uint64_t)word[FOVEA_RESIZING_HEIGHT + i] *
                        (word[FOVEA_RESIZING_RELATIVE] ? query->first.dims[i] : 1);
        if (size > FOVEA_DIM_MAX) return fovea_rule_fail(query, "R-050 a picture too large");
        query->output.dims[i] = (uint32_t)size;
    }
    return true;
}
