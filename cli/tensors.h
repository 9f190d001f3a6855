/* Several .npy files as the inputs or outputs of a model. */
#ifndef FOVEA_CLI_TENSORS_H
#define FOVEA_CLI_TENSORS_H

#include "cli/cli.h"
#include "cli/npy.h"

#define TENSORS_MAX 64

struct tensors {
    struct npy array[TENSORS_MAX];
    size_t files;
};

/* Reads "a.npy" or "a.npy,b.npy,...", with a leading batch axis or without; NULL: none. False with `trouble`
 * set; tensors_free takes every state. */
bool tensors_read(struct tensors *tensors, const char *paths, struct trouble *trouble);
void tensors_free(struct tensors *tensors);

/* Runs the model on the inputs and prints how far its outputs are from the expected ones or, where `expected` is an .npz,
 * its layers' outputs from those in it. False with `trouble` set, also where they are further off than `tolerance`,
 * relative to the largest expected number or 1. */
bool check_answers(struct engine *engine, const char *inputs, const char *expected,
                   double tolerance, struct trouble *trouble);
#define CHECK_TOLERANCE 1e-4

#endif
