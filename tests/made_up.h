/* Weights that no file holds, for tests of layers alone: the linker sends the converter's requests here. */
#ifndef FOVEA_TESTS_MADE_UP_H
#define FOVEA_TESTS_MADE_UP_H

#include "convert/keras/keras.h"

/* `count` numbers that are the same each time; refused where they are more than `most`. */
static inline bool made_up_weight(struct layer_call *call, const char *role, uint64_t count,
                                  uint64_t most, struct source *source) {
    if (count > most) return keras_fail(call, "K-000 weight '%s' is large", role);
    float *floats = keras_floats(call, count);
    if (!floats) return false;
    for (uint64_t i = 0; i < count; i++) floats[i] = (float)(i * 7 % 13) * 0.03f + 0.01f;
    *source = source_floats(floats, count);
    return true;
}

#endif
