/* What an output means: probabilities of classes that exclude one another, of names that do not, or plain values. */
#ifndef FOVEA_CLI_HEAD_H
#define FOVEA_CLI_HEAD_H

#include "weights/model.h"

enum head_kind {
    HEAD_VALUES,  /* anything else: a regression, a picture, logits */
    HEAD_SOFTMAX, /* along the last dimension */
    HEAD_SIGMOID, /* each by itself */
    HEAD_KINDS
};
extern const char *const head_words[HEAD_KINDS]; /* "values", "softmax", "sigmoid" */

/* By the operator that computes output `index`; reshaping between it and the output does not count. */
enum head_kind head_kind(const struct fovea_model *model, size_t index);

/* What an output is made of: what a softmax takes, and what the last dense layer does. */
#define HEAD_NONE 0xffffffffu
struct head_layers {
    uint32_t logits; /* the layer that makes the softmax's input; HEAD_NONE */
    uint32_t dense;  /* the last dense layer, or convolution of 1 x 1; HEAD_NONE */
    uint32_t
        features; /* the layer that makes its input; HEAD_NONE also where that is the model's own */
};
struct head_layers head_layers(const struct fovea_model *model, size_t index);

/* From which probability on a name of a sigmoid holds: what convert --threshold stored, or 0.5. */
#define HEAD_THRESHOLD_NOTE "threshold"
double head_threshold(const struct fovea_model *model);
/* Whether a text is such a probability: a number from 0 to 1. */
bool head_is_threshold(const char *text);

#endif
