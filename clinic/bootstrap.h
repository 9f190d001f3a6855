/* The bootstrap (Efron 1979): rows drawn with replacement, how often each. */
#ifndef FOVEA_CLINIC_BOOTSTRAP_H
#define FOVEA_CLINIC_BOOTSTRAP_H

#include "clinic/random.h"
#include "convert/job/pool.h"

/* Members of groups, one group after the other: rows [start[g], start[g + 1]) of `row`. */
struct groups {
    uint32_t count;
    uint32_t *start, *row;
};
/* Groups the n rows by `group`, each below `count`. */
bool groups_make(struct groups *groups, const uint32_t *group, uint32_t n, uint32_t count,
                 struct pool *pool, struct trouble *trouble);

/* Draws within each group as many rows as it has: a stratified draw (one group: a plain one). `times`, for each
 * row, is set. */
void draw_within(const struct groups *strata, struct random *random, uint32_t *times);
/* Draws as many groups as there are, each with all its rows: patients with all their pictures. */
void draw_whole(const struct groups *clusters, struct random *random, uint32_t *times);

#endif
