/* How much a bounded change of pixels, found by chance, can do: Square Attack (Andriushchenko et al. 2020), without gradients. What it
 * does not find another attack may: shares that hold out are upper bounds. */
#ifndef FOVEA_CLINIC_ATTACK_H
#define FOVEA_CLINIC_ATTACK_H

#include "clinic/saliency.h"

/* Bounds of the values of each channel, and how far each may move. */
struct attack_bounds {
    float low[3], high[3], most[3];
};

/* The number of runs, at most `queries`, after which the margin (the judge's score) was below 0; 0: it never was. canvas->values are
 * overwritten and set back to `whole`. False with `trouble` set: no memory. */
bool attack_square(struct canvas *canvas, const float *whole, const struct attack_bounds *bounds,
                   unsigned queries, uint64_t seed, struct judge_of *judge, unsigned *broken,
                   struct trouble *trouble);

#endif
