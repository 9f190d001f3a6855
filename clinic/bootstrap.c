#include "clinic/bootstrap.h"

#include <string.h>

bool groups_make(struct groups *groups, const uint32_t *group, uint32_t n, uint32_t count,
                 struct pool *pool, struct trouble *trouble) {
    groups->count = count;
    groups->start = pool_get(pool, (uint64_t)count + 1, sizeof(uint32_t), trouble);
    groups->row = pool_get(pool, n, sizeof(uint32_t), trouble);
    uint32_t *next = pool_get(pool, count, sizeof(uint32_t), trouble);
    if (!groups->start || !groups->row || !next) return false;
    for (uint32_t i = 0; i < n; i++) groups->start[group[i] + 1]++;
    for (uint32_t g = 0; g < count; g++) {
        groups->start[g + 1] += groups->start[g];
        next[g] = groups->start[g];
    }
    for (uint32_t i = 0; i < n; i++) groups->row[next[group[i]]++] = i;
    return true;
}

void draw_within(const struct groups *strata, struct random *random, uint32_t *times) {
    memset(times, 0, strata->start[strata->count] * sizeof *times);
    for (uint32_t g = 0; g < strata->count; g++) {
        const uint32_t from = strata->start[g], size = strata->start[g + 1] - from;
        for (uint32_t i = 0; i < size; i++) times[strata->row[from + random_below(random, size)]]++;
    }
}

void draw_whole(const struct groups *clusters, struct random *random, uint32_t *times) {
    memset(times, 0, clusters->start[clusters->count] * sizeof *times);
    for (uint32_t i = 0; i < clusters->count; i++) {
        const uint32_t g = random_below(random, clusters->count);
        for (uint32_t at = clusters->start[g]; at < clusters->start[g + 1]; at++)
            times[clusters->row[at]]++;
    }
}
