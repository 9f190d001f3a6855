/* An evaluation of masks: figures of every picture, and their means. */
#ifndef FOVEA_CLINIC_MASKS_H
#define FOVEA_CLINIC_MASKS_H

#include "clinic/evaluate.h"
#include "clinic/segment.h"

/* What the truth and an answer to one picture have in common. */
struct mask_pair {
    const char *name;
    uint64_t pixels;
    struct overlap overlap; /* a: the truth, b: the answer */
    struct surface surface;
};

/* Fills in the evaluation, which then has no scores: figures of section "mask" (means over pictures, with the bootstrap's
 * interval; "pooled": of all pixels) and "picture". `empty_is`: what Dice and IoU are where both masks are empty; negative:
 * not known, and left out of the mean. The pairs must outlive the evaluation. False with `trouble` set: no memory. */
bool evaluate_masks(struct evaluation *e, const struct mask_pair *pairs, size_t count,
                    double empty_is, const char *name, const struct evaluate_wishes *wishes,
                    struct pool *pool, struct trouble *trouble);

#endif
