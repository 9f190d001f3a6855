/* The input that a model is to carry with its answer: convert --golden. */
#ifndef FOVEA_CLI_GOLDEN_H
#define FOVEA_CLI_GOLDEN_H

#include "cli/tensors.h"
#include "convert/convert.h"

struct golden {
    struct tensors numbers;
    struct source source[TENSORS_MAX];
    size_t batch[TENSORS_MAX]; /* elements of the first axis */
    struct fovea_image photo;
};

/* Reads "a.npy", "a.npy,b.npy,..." or a photo and names it in the options; NULL: none. False with `trouble`
 * set; golden_free takes every state and must follow the conversion. */
bool golden_read(struct golden *golden, const char *paths, const struct limits *limits,
                 struct convert_options *options, struct trouble *trouble);
void golden_free(struct golden *golden);

#endif
