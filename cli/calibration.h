/* What calibrate makes of a sample of pictures: everything that stands in a calibration (engine/hosted/verdict.h). */
#ifndef FOVEA_CLI_CALIBRATION_H
#define FOVEA_CLI_CALIBRATION_H

#include "cli/sample.h"
#include "engine/hosted/verdict.h"

struct calibration_wish {
    const char *qualities; /* "light,clipped": which are gated */
    const char *group;     /* classes that must not be missed; NULL: no promise */
    bool risk;             /* answers are held back until at most risk_share are wrong */
    double keep_share, sensitivity_share, risk_share, alpha_share;
};

struct calibration_job {
    const struct calibration_wish *wish;
    struct pool *pool;
    struct trouble *trouble;
    struct sample sample;
    struct fovea_calibration c;
    struct logits logits;
    double *room;          /* of a number a class */
    double *probabilities; /* [n][classes], calibrated */
    float *distance;       /* of each picture, by a gate that it did not help to make */
    size_t positives;
    double loss[2], error[2]; /* before and after: log loss, ECE */
    struct risk_point point;
    const char *no_gate;
};

/* Fits all of it to the sample; c.symmetries is set before. False with `trouble` set: a promise cannot be made, or memory failed. */
bool calibration_fit(struct calibration_job *job);

#endif
