/* For the analyzers of tests/analyze.sh, in front of each file of the converter: what a function of another file
 * always does. They see one file at a time. */
#ifndef FOVEA_TESTS_ANALYZE_FACTS_H
#define FOVEA_TESTS_ANALYZE_FACTS_H

#include "convert/job/pool.h"

/* Always false, so that nothing goes on behind `return fail(...)`. */
#define fail(...)       ((void)(fail)(__VA_ARGS__), false)
#define fail_check(...) ((void)(fail_check)(__VA_ARGS__), false)

#ifdef FOVEA_ANALYZE_KERAS
#include "convert/keras/keras.h"
#define keras_fail(...) ((void)(keras_fail)(__VA_ARGS__), false)
#endif
#endif
