/* What a model made of a draft answers under some options, for tests that hold one way of computing against
 * another. */
#ifndef FOVEA_TESTS_WAYS_H
#define FOVEA_TESTS_WAYS_H

#include <math.h>

#include "tests/unit/answer.h"
#include "tests/unit/drafts.h"

struct answer {
    float *values;
    size_t count, bytes;
    char kernel[32];     /* of the first step */
    unsigned kernelless; /* steps */
};

static inline struct answer run_model(const struct model_draft *m,
                                      const struct fovea_options *options) {
    struct answer answer = {0};
    struct fovea_model model;
    struct fovea_step_info info;
    fovea_session *session;
    assert_int_equal(fovea_model_open(&model, m->blob, (size_t)m->size, NULL), FOVEA_OK);
    answer.values = answer_of(&model, options, &answer.count, &answer.bytes);
    void *memory = aligned_alloc(64, answer.bytes);
    assert_int_equal(fovea_plan(&model, options, memory, answer.bytes, &session, NULL), FOVEA_OK);
    assert_true(fovea_step_describe(session, 0, &info));
    strncpy(answer.kernel, info.kernel, sizeof answer.kernel - 1);
    for (size_t i = 0; fovea_step_describe(session, i, &info); i++)
        answer.kernelless += *info.kernel == 0;
    free(memory);
    return answer;
}

/* The greatest, as a part of the greatest of `b`, or of 1. */
static inline double difference(const struct answer *a, const struct answer *b) {
    double most = 0, largest = 1;
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        double off = fabs((double)a->values[i] - (double)b->values[i]);
        largest = fmax(largest, fabs((double)b->values[i]));
        if (!(off <= most)) most = off;
    }
    return most / largest;
}

/* All that a machine has, but vectors so wide that Strassen's products would fill half of one. */
#define NOT_WIDE (~(FOVEA_CPU_PORTABLE | FOVEA_CPU_AVX512))

/* The first step has that kernel, save where small memory was asked for: then it goes the direct way, in less. */
static inline void expect_direct_in_small_memory(const struct model_draft *m, const char *kernel) {
    struct fovea_options fast = FOVEA_OPTIONS_INIT, small = FOVEA_OPTIONS_INIT;
    small.small_memory = true;
    fast.cpu_mask = small.cpu_mask = NOT_WIDE;
    struct answer one = run_model(m, &fast), two = run_model(m, &small);
    assert_string_equal(one.kernel, kernel);
    assert_string_equal(two.kernel, "conv_f32");
    assert_true(two.bytes < one.bytes);
    free(one.values), free(two.values);
}

#endif
