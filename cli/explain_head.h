/* What the last layers of a model say of where they look: class activation maps, and gradients of the head. */
#ifndef FOVEA_CLI_EXPLAIN_HEAD_H
#define FOVEA_CLI_EXPLAIN_HEAD_H

#include "cli/cli.h"

#define HEAD_LAYERS 32 /* between the last convolution and the answer, at most */

enum head_method {
    HEAD_CAM, /* weights of the class times features: exact where a pool of the whole picture and a linear layer follow */
    HEAD_GRADCAM, /* mean gradients in the place of weights (Selvaraju et al. 2017) */
    HEAD_HIRESCAM /* each position by its own gradient (Draelos & Carin 2020) */
};

/* The layers from the last one with a height and width on. */
struct explain_head {
    uint32_t layers[HEAD_LAYERS],
        count; /* layers[0] is looked at; the last one makes the class's score, before softmax or sigmoid */
    bool linear; /* a pool of the whole picture, then one linear layer: CAM is exact */
    size_t height, width, channels; /* of layers[0] */
    float *values[HEAD_LAYERS];     /* what the layers made; the pool's memory */
    size_t sizes[HEAD_LAYERS];
    const char *why_not; /* no such map can be made, and why; else NULL */
};
/* Looks at the model; false with `trouble` set: no memory. Where a map cannot be made, why_not says so. */
bool explain_head_find(struct explain_head *head, const struct fovea_model *model,
                       struct pool *pool, struct trouble *trouble);
/* To be called by a watcher of head->layers. */
void explain_head_watch(struct explain_head *head, const struct fovea_step_info *info);
/* The map of `class` from what was watched: head->height x head->width numbers. *score: what the head itself makes of it: for CAM the
 * mean of the map and the bias, which is the class's logit. */
bool explain_head_map(const struct explain_head *head, const struct fovea_model *model,
                      enum head_method method, uint32_t class, double *map, double *score,
                      struct trouble *trouble);

#endif
