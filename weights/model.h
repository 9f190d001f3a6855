/* The public header, and what is inside of its struct fovea_model. The library includes this in place of
 * include/fovea.h; programs see so many words (FOVEA_MODEL_WORDS), and so does what includes that first. */
#ifndef FOVEA_WEIGHTS_MODEL_H
#define FOVEA_WEIGHTS_MODEL_H

#ifndef FOVEA_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A view of a blob: where its parts lie. Never written after it was opened. */
struct fovea_model {
    const uint8_t *blob;
    const uint8_t *resized; /* the table of values of fovea_model_resize, or NULL */
    size_t size;
    uint64_t arena, striped, extra;
    bool in_stripes;
    uint32_t values, nodes, inputs, outputs, arrays, words, text, notes, golden, format;
    uint32_t at_values, at_nodes, at_inputs, at_outputs, at_arrays, at_words, at_notes, at_text;
};

#include "include/fovea.h"

/* Its members are pointers, and integers of 64 bits at most: no alignment beyond theirs. */
_Static_assert(sizeof(struct fovea_model) <= FOVEA_MODEL_WORDS * sizeof(uint64_t),
               "the public struct fovea_model is too small: raise FOVEA_MODEL_WORDS");
#endif

#endif
