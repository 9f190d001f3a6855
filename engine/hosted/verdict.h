/* What fovea calibrate adds to a blob, behind its arrays (header.extra, weights/blob.h), and the judge that believes it.
 *
 * Words of 4 bytes, little-endian; floats are IEEE binary32 and finite. To the end of the blob:
 *
 *    0  56524454, 1 format 1
 *    2  classes    of the model's first output; 2 where that is a single probability
 *    3  features   numbers that the gate looks at; 0: there is no gate
 *    4  axes       that it measures distances along, at most `features`
 *    5  layer that makes the features, 6 that of the softmax's input (ffffffff: none)
 *    7  symmetries that it was calibrated with
 *    8  photos, 9 photos of the positive group
 *   10  temperature, above 0
 *   11  the distance above which a picture is UNLIKE
 *   12  the probability below which an answer is UNSURE; 0: none is
 *   13  the probability of the positive group below which it is ruled out; 0: no promise is made
 *   14  the sensitivity promised so, 15 the risk that 12 was chosen for, 16 the error of the prediction sets
 *   17  least and largest value of each quality (fovea_verdict.h); outside: RETAKE
 *       of each class: 1 in the positive group, else 0
 *       of each class: the probability from which it belongs into the prediction set
 *       deciles (9) of confidence, distance, light, sharpness in the calibration, ascending
 *       of each class: pictures answered so in the calibration; then of each verdict
 *       the whitening: of axis a a row of `features` numbers, or of a + 1 where axes = features (the others are 0)
 *       of each class its mean along the axes, whitened
 *
 * The distance is the least, over the classes, of the squared lengths of whitening * features - mean: Mahalanobis' distance by
 * a covariance that the classes share (Lee et al. 2018). */
#ifndef FOVEA_ENGINE_HOSTED_VERDICT_H
#define FOVEA_ENGINE_HOSTED_VERDICT_H

#include "include/fovea_verdict.h"
#include "weights/bytes.h"

#define VERDICT_MAGIC    0x56524454u
#define VERDICT_FORMAT   1
#define VERDICT_NONE     0xffffffffu
#define VERDICT_FEATURES 4096 /* at most */
#define VERDICT_DECILES  9
#define VERDICT_WORDS    17 /* before the qualities */

struct fovea_calibration {
    uint32_t classes, features, axes, feature_layer, logit_layer, symmetries, photos, positives;
    float temperature, gate, sure, clear, target, risk, alpha;
    float low[FOVEA_QUALITY_COUNT], high[FOVEA_QUALITY_COUNT];
    uint32_t *positive; /* [classes] */
    float *conformal;
    float (*deciles)[VERDICT_DECILES];
    uint32_t *answered; /* [classes], and behind them [FOVEA_VERDICT_COUNT] */
    float *whitening, *means;
};
/* Numbers of the whitening, and of all that lies behind the words at fixed places. */
FOVEA_LOCAL uint64_t fovea_whitening_count(uint32_t features, uint32_t axes);
/* Bytes of the record in the blob. */
FOVEA_LOCAL uint64_t fovea_calibration_bytes(const struct fovea_calibration *calibration);

/* The fixed words alone, checked; false with `error` set. */
FOVEA_LOCAL bool fovea_calibration_begin(const struct fovea_model *model,
                                         struct fovea_calibration *calibration,
                                         struct fovea_error *error);
/* What is behind them, into the arrays, which are set. */
FOVEA_LOCAL bool fovea_calibration_finish(const struct fovea_model *model,
                                          struct fovea_calibration *calibration,
                                          struct fovea_error *error);
/* Writes the record. */
FOVEA_LOCAL void fovea_calibration_write(const struct fovea_calibration *calibration,
                                         uint8_t *bytes);

/* What is to be said of probabilities, a distance and qualities (NULL: not known): fills in kind, reason, answer and positive of
 * `finding`. */
FOVEA_LOCAL void fovea_calibration_decide(const struct fovea_calibration *calibration,
                                          const float *quality, struct fovea_finding *finding);

/* The distance of features from the calibration's. */
FOVEA_LOCAL double fovea_calibration_distance(const struct fovea_calibration *calibration,
                                              const float *features);

#endif
