#include "weights/rules.h"

bool fovea_rule_resize(struct fovea_rule_query *query) {
    if (query->inputs != 1 || query->first.rank != 3)
        return fovea_rule_fail(query, "resizing of a non-picture");
    if (query->attribute[2] >= FOVEA_FILTER_COUNT)
        return fovea_rule_fail(query, "a filter this version does not know");
    query->as.filter = (enum fovea_filter)query->attribute[2];
    query->output = query->first;
    query->output.dims[0] = query->attribute[0];
    query->output.dims[1] = query->attribute[1];
    return true;
}
