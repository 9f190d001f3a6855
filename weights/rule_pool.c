#include "weights/rules.h"

static bool rule_pool(struct fovea_rule_query *query) {
    struct fovea_pool *pool = &query->as.pool;
    if (query->inputs != 1) return fovea_rule_fail(query, "R-044 a pool needs one input");
    if (!fovea_rule_window(query, &pool->window)) return false;
    const struct fovea_axis *y = &pool->window.y, *x = &pool->window.x;
    uint32_t whole = query->attribute[FOVEA_WINDOW_KERNEL] == 0,
             keep = query->attribute[FOVEA_POOL_KEEP];
    if (query->attribute[FOVEA_WINDOW_PADDING] == FOVEA_PADDING_EXPLICIT || y->dilation != 1 ||
        x->dilation != 1)
        return fovea_rule_fail(query, "R-045 a pool with explicit padding or dilation");
    if (whole && query->attribute[FOVEA_WINDOW_PADDING] != FOVEA_PADDING_VALID)
        return fovea_rule_fail(query, "R-046 a global pool with padding");
    if (keep > 1 || (!whole && !keep))
        return fovea_rule_fail(query, "R-047 only a global pool may drop dimensions");
    pool->channels = query->first.dims[2];
    query->output = query->first;
    query->output.dims[0] = y->output;
    query->output.dims[1] = x->output;
    if (!keep) {
        query->output.rank = 1;
        query->output.dims[0] = pool->channels;
    }
    return true;
}

bool fovea_rule_max_pool(struct fovea_rule_query *query) {
    return rule_pool(query);
}
bool fovea_rule_mean_pool(struct fovea_rule_query *query) {
    return rule_pool(query);
}
