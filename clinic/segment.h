/* Masks against masks: overlap and distances of outlines, in pixels. */
#ifndef FOVEA_CLINIC_SEGMENT_H
#define FOVEA_CLINIC_SEGMENT_H

#include "convert/job/pool.h"

struct mask {
    uint32_t height, width;
    const bool *at; /* [height][width] */
};

struct overlap {
    uint64_t a, b, both; /* pixels */
};
struct overlap overlap_of(const struct mask *a, const struct mask *b);
/* 2 both / (a + b), both / (a or b); false where both masks are empty. */
bool overlap_dice(const struct overlap *overlap, double *value);
bool overlap_iou(const struct overlap *overlap, double *value);

/* Distances between the outlines of two masks of the same size: an outline is a mask without what stays when
 * its 4-neighbours outside, the picture's edge included, are eroded. Exact Euclidean distances (Felzenszwalb &
 * Huttenlocher 2012). `known` is unset where a mask is
 * empty. False, with `trouble` set: no memory. */
struct surface {
    bool known;
    double hausdorff;   /* the larger of the two directed maxima */
    double hausdorff95; /* of the two directed 95th percentiles, as MONAI has it */
    double pooled95;    /* the percentile of both directions' distances together, as medpy has it */
    double mean;        /* of all distances of both directions (ASSD) */
};
bool surface_of(const struct mask *a, const struct mask *b, struct surface *surface,
                struct trouble *trouble);

#endif
