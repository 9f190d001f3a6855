/* How far features are from those of known classes: Mahalanobis' distance by a covariance that the classes share (Lee et al.
 * 2018). Pure functions. */
#ifndef FOVEA_CLINIC_GATE_H
#define FOVEA_CLINIC_GATE_H

#include "convert/job/pool.h"

/* More features than that are first turned onto their principal axes. */
#define GATE_FEATURES 256
#define GATE_AXES     64

struct gate {
    uint32_t classes, features, axes;
    float *
        whitening; /* [axes] rows of `features` numbers, or of a + 1 where axes = features: a triangle */
    float *means; /* [classes][axes], whitened; of a class without rows that of another one */
};

/* Fits it to n rows of features, at least two, each of a class: W = L^-1 (or L^-1 P, P the principal axes) with L L' = S + 0.001
 * tr(S)/d I, S the rows' covariance about their classes' means. False with `trouble` set: no memory. */
bool gate_fit(struct gate *gate, const float *rows, const uint32_t *of, size_t n, uint32_t features,
              uint32_t classes, struct pool *pool, struct trouble *trouble);

/* The squared distance of a row from the nearest class. */
double gate_distance(const struct gate *gate, const float *row);

#endif
