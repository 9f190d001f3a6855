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

/* The sizes of these structures on a machine whose pointers have 4 bytes, for those who plan for it on
 * another. */
#define FOVEA_NARROW_SESSION ((192 + 4 * FOVEA_KERNEL_NONE + 7) / 8 * 8)
#define FOVEA_NARROW_TENSOR  32
#define FOVEA_NARROW_STEP    232
#if UINTPTR_MAX == UINT32_MAX && !defined(__i386__) /* which aligns 64-bit numbers to 4 bytes */
_Static_assert(sizeof(struct fovea_session) == FOVEA_NARROW_SESSION, "set FOVEA_NARROW_SESSION");
_Static_assert(sizeof(struct fovea_tensor) == FOVEA_NARROW_TENSOR, "set FOVEA_NARROW_TENSOR");
_Static_assert(sizeof(struct fovea_step) == FOVEA_NARROW_STEP, "set FOVEA_NARROW_STEP");
#endif

#endif
