/* What lies at the start of a session's memory. */
#ifndef FOVEA_ENGINE_SESSION_H
#define FOVEA_ENGINE_SESSION_H

#include "engine/bind.h"

struct fovea_tensor {
    float *data;
    struct fovea_shape shape;
    bool passed;  /* goes to the next node by rows: there is no memory for it */
    uint8_t type; /* enum fovea_type */
};

/* Whether it is such a one; a constant in a build without them. */
FOVEA_STATIC bool fovea_tensor_passed(const struct fovea_tensor *tensor) {
    return FOVEA_STRIPES && tensor->passed;
}

struct fovea_session {
    struct fovea_model model;
    struct fovea_options options;
    struct fovea_setting setting;
    struct fovea_tensor *values;
    struct fovea_step *steps;
    uint32_t *outputs; /* values */
    uint32_t step_count;
    uint64_t kernels; /* a bit for each that it uses */
    float *arena;
    size_t arena_bytes, scratch_bytes;
};

/* What is reserved for these structures where pointers have 4 bytes, at least their sizes: fixed here, so
 * that other machines can tell how much memory such a one will need. */
#define FOVEA_NARROW_SESSION 512
#define FOVEA_NARROW_TENSOR  36
#define FOVEA_NARROW_STEP    60
#if UINTPTR_MAX == UINT32_MAX
_Static_assert(sizeof(struct fovea_session) <= FOVEA_NARROW_SESSION, "raise FOVEA_NARROW_SESSION");
_Static_assert(sizeof(struct fovea_tensor) <= FOVEA_NARROW_TENSOR, "raise FOVEA_NARROW_TENSOR");
_Static_assert(sizeof(struct fovea_step) <= FOVEA_NARROW_STEP, "raise FOVEA_NARROW_STEP");
#endif

#endif
