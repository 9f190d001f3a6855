/* A model's answer to a fixed input, from memory of exactly the measured size; for tests with cmocka. */
#ifndef FOVEA_TESTS_ANSWER_H
#define FOVEA_TESTS_ANSWER_H

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "weights/model.h"

/* The only output, of *count floats, to be freed; *bytes is what was measured. What nobody wrote is a NaN, less
 * memory is refused, and nothing behind it is touched. */
static inline float *answer_of(const struct fovea_model *model, const struct fovea_options *options,
                               size_t *count, size_t *bytes) {
    struct fovea_io io;
    fovea_session *session;
    assert_int_equal(fovea_measure(model, options, bytes, NULL), FOVEA_OK);
    uint8_t *memory = aligned_alloc(64, *bytes + 64);
    memset(memory, 0xff, *bytes + 64);
    assert_int_equal(fovea_plan(model, options, memory, *bytes - 64, &session, NULL), FOVEA_MEMORY);
    assert_int_equal(fovea_plan(model, options, memory, *bytes, &session, NULL), FOVEA_OK);
    assert_int_equal(fovea_model_input(model, 0, &io), FOVEA_OK);
    for (size_t i = 0; i < io.count; i++)
        fovea_input(session, 0)[i] = (float)(i * 7919 % 1000) * 1e-3f - 0.4f;
    fovea_run(session);
    struct fovea_memory used = fovea_session_memory(session);
    assert_true(used.tensors + used.scratch < *bytes);
    assert_int_equal(fovea_model_output(model, 0, &io), FOVEA_OK);
    *count = io.count;
    float *output = malloc(io.count * sizeof *output);
    memcpy(output, fovea_output(session, 0), io.count * sizeof *output);
    for (size_t i = 0; i < 64; i++) assert_int_equal(memory[*bytes + i], 0xff);
    free(memory);
    return output;
}

#endif
