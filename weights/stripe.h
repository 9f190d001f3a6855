/* Stripes: layers in a row of which each makes its output for the next one alone, done together by rows. The
 * tensors between them never exist as a whole; where memory is scarce that is worth more than it costs. Which
 * layers make stripes is decided when a model is converted, and stands in the blob (blob.h). */
#ifndef FOVEA_WEIGHTS_STRIPE_H
#define FOVEA_WEIGHTS_STRIPE_H

#include "weights/rules.h"

#define FOVEA_STRIPE_MOST 12 /* layers of a stripe */
#define FOVEA_STRIPES     8  /* of a model */

/* The window of a layer that can be done by rows of a picture; NULL of one that cannot. */
FOVEA_LOCAL const struct fovea_window *fovea_stripe_window(const struct fovea_rule_query *query);

/* Rows of its input that a layer sees at a time: as many are kept. */
FOVEA_STATIC uint32_t fovea_stripe_rows(const struct fovea_axis *y) {
    uint64_t rows = (uint64_t)(y->kernel - 1) * y->dilation + 1;
    return rows < y->input ? (uint32_t)rows : y->input;
}

#endif
