/* How a model is brought to 8 bits, and what came of it. */
#ifndef FOVEA_CONVERT_QUANTIZE_OPTIONS_H
#define FOVEA_CONVERT_QUANTIZE_OPTIONS_H

#include "convert/job/pool.h"
#include "weights/model.h"

/* Inputs to calibrate by. Each call of `start` begins anew; `next` fills the session's inputs and gives false at the end,
 * or where trouble is set. */
struct quantize_feed {
    bool (*start)(void *context, const struct fovea_model *model, struct trouble *trouble);
    bool (*next)(void *context, fovea_session *session, struct trouble *trouble);
    void *context;
};

struct quantize_options {
    struct quantize_feed feed;
    const char *const *floats; /* names of layers that stay float */
    size_t float_count;
    double keep_agreement; /* part of the answers whose first is to stay the first */
};

#define QUANTIZE_WORST 5

struct quantize_report {
    uint32_t inputs;        /* that were run */
    uint32_t bytes, floats; /* layers with weights that compute with bytes; that stay floats */
    double
        agreement; /* part of answers (of maps: of positions) whose first, or yes and no, is the same */
    double mean,
        largest; /* change of an output's number: mean of the largest of each input, largest of all */
    struct quantize_worst { /* layers of bytes whose signal is closest to their noise */
        const char *layer;
        double decibels;
    } worst[QUANTIZE_WORST];
    uint32_t worst_count;
};

#endif
