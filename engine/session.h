/* What lies at the start of a session's memory. */
#ifndef FOVEA_ENGINE_SESSION_H
#define FOVEA_ENGINE_SESSION_H

#include "engine/op.h"

struct fovea_tensor {
    float *data;
    struct fovea_shape shape;
};

struct fovea_session {
    struct fovea_model model;
    struct fovea_options options;
    struct fovea_kernels kernels;
    struct fovea_tensor *values;
    struct fovea_step *steps;
    uint32_t step_count;
    float *arena;
};

#endif
