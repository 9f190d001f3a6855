#include "engine/link.h"

#include "engine/conv.h"

#if !FOVEA_SMALL
#define LITTLE_BYTES (96u * 1024) /* of weights on the way: a depthwise convolution's */

static void link_look_ahead(struct fovea_step *steps, uint32_t count) {
    const float *from = NULL;
    size_t floats = 0;
    for (uint32_t i = count; i-- > 0;) {
        struct fovea_step *step = &steps[i];
        uintptr_t before = (uintptr_t)from - (uintptr_t)step->weights;
        if (step->first > 0) {
            struct fovea_conv_step *conv = (struct fovea_conv_step *)step->state;
            conv->ahead = from;
            conv->ahead_count = floats;
            from = step->weights;
            floats = step->first;
        } else if (step->way == FOVEA_WAY_FACTORS) {
            from = step->weights; /* as many as the convolution behind reads first */
        } else if (from && step->weights && before <= LITTLE_BYTES) {
            from = step->weights;
            floats += before / sizeof(float);
        }
    }
}

static void link_factors(struct fovea_step *steps, uint32_t count) {
    for (uint32_t i = 0; i + 1 < count; i++)
        if (steps[i].way == FOVEA_WAY_FACTORS)
            steps[i + 1].weights = fovea_scale_weights(&steps[i]);
}
#endif

void fovea_link(struct fovea_step *steps, uint32_t count, float *scratch) {
    for (uint32_t i = 0; i < count; i++) steps[i].scratch = scratch;
#if !FOVEA_SMALL
    link_look_ahead(steps, count);
    link_factors(steps, count);
#endif
}
