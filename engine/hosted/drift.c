/* Counts against counts: whether what a model meets has changed. */
#include "include/fovea_verdict.h"

#include <math.h>

bool fovea_drift_index(const uint32_t *then, const uint32_t *now, uint32_t bins, double *index,
                       double *limit) {
    double n = 0, m = 0;
    for (uint32_t i = 0; i < bins; i++) {
        n += then[i];
        m += now[i];
    }
    if (n == 0 || m == 0) return false;
    *index = 0;
    for (uint32_t i = 0; i < bins; i++) {
        const double p = (then[i] + 0.5) / (n + 0.5 * bins), q = (now[i] + 0.5) / (m + 0.5 * bins);
        *index += (p - q) * log(p / q);
    }
    /* The 99 % quantile of chi-square with bins - 1 degrees of freedom (Wilson & Hilferty 1931). */
    const double freedom = bins > 1 ? bins - 1 : 1, spread = 2 / (9 * freedom);
    const double root = 1 - spread + 2.3263478740408408 * sqrt(spread);
    *limit = (1 / n + 1 / m) * freedom * root * root * root;
    return true;
}

static const uint8_t drift_magic[8] = {'F', 'O', 'V', 'D', 'R', 'F', 'T', 1};

/* Every count, in the order of the structure. */
static uint32_t *cell_of(struct fovea_drift *d, size_t i) {
    if (i < FOVEA_DRIFT_COUNT * FOVEA_DRIFT_BINS)
        return &d->bins[i / FOVEA_DRIFT_BINS][i % FOVEA_DRIFT_BINS];
    i -= FOVEA_DRIFT_COUNT * FOVEA_DRIFT_BINS;
    return i < FOVEA_DRIFT_CLASSES ? &d->classes[i] : &d->verdicts[i - FOVEA_DRIFT_CLASSES];
}
#define CELLS ((FOVEA_DRIFT_BYTES - 8) / 4)

void fovea_drift_save(const struct fovea_drift *drift, uint8_t bytes[FOVEA_DRIFT_BYTES]) {
    struct fovea_drift copy = *drift;
    for (size_t i = 0; i < 8; i++) bytes[i] = drift_magic[i];
    for (size_t i = 0; i < CELLS; i++)
        for (size_t b = 0; b < 4; b++)
            bytes[8 + 4 * i + b] = (uint8_t)(*cell_of(&copy, i) >> (8 * b));
}

bool fovea_drift_load(struct fovea_drift *drift, const void *bytes, size_t size) {
    const uint8_t *from = (const uint8_t *)bytes;
    if (size != FOVEA_DRIFT_BYTES) return false;
    for (size_t i = 0; i < 8; i++)
        if (from[i] != drift_magic[i]) return false;
    for (size_t i = 0; i < CELLS; i++) {
        uint32_t value = 0;
        for (size_t b = 0; b < 4; b++) value |= (uint32_t)from[8 + 4 * i + b] << (8 * b);
        *cell_of(drift, i) = value;
    }
    return true;
}
