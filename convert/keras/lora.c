/* Low-rank adaptations (enable_lora of Keras 3): .keras files have them within the kernel, .h5 files beside it. */
#include "convert/keras/weights.h"

#include <string.h>

#include "convert/keras/build.h"

/* The weight "lora_<role>_a" or _b, as floats. */
static bool read_factor(struct layer_call *call, const char *role, char which, float **numbers,
                        uint64_t *count) {
    const char *name =
        pool_print(call->keras->pool, call->keras->trouble, "lora_%s_%c", role, which);
    if (!name) return false;
    const struct variable variable = {.names = name, .length = strlen(name), .index = SIZE_MAX};
    const struct weight *weight = keras_named_weight(call, &variable);
    if (!weight || !keras_check_floats(call, weight) ||
        !(*numbers = keras_floats(call, weight->value.count)))
        return false;
    *count = weight->value.count;
    hdf5_floats(&weight->value, 0, *count, *numbers);
    return true;
}

bool keras_has_lora(const struct keras *keras, const struct json *config) {
    const struct json *rank = json_member(config, "lora_rank");
    return keras->layout == KERAS_NAMED && rank && rank->type == JSON_NUMBER && rank->integral;
}

bool keras_add_lora(struct layer_call *call, const char *role, struct source *source) {
    const bool adapted = strcmp(role, "kernel") == 0 || strcmp(role, "embeddings") == 0;
    int64_t rank;
    double alpha;
    float *a, *b, *sum = NULL;
    uint64_t rows, columns;
    if (!adapted || !keras_has_lora(call->keras, call->config)) return true;
    if (!keras_integer(call, "lora_rank", 1, FOVEA_DIM_MAX, &rank) ||
        !keras_number(call, "lora_alpha", (double)rank, &alpha) ||
        !read_factor(call, role, 'a', &a, &rows) || !read_factor(call, role, 'b', &b, &columns))
        return false;
    const uint64_t inner = (uint64_t)rank;
    const bool whole = rows % inner == 0 && columns % inner == 0;
    rows /= inner;
    columns /= inner;
    if (!whole || fovea_product(rows, columns) != source->count)
        return keras_fail(call, "K-498 its adaptation (LoRA) does not fit its '%s'", role);
    if (!pool_spend(call->keras->pool, fovea_product(source->count, inner), call->keras->trouble) ||
        !(sum = keras_floats(call, source->count)))
        return false;
    source_read(source, 0, source->count, sum);
    for (uint64_t i = 0; i < source->count; i++) {
        double add = 0;
        for (uint64_t k = 0; k < inner; k++)
            add += (double)a[i / columns * inner + k] * (double)b[k * columns + i % columns];
        sum[i] = (float)((double)sum[i] + add * alpha / (double)inner);
    }
    *source = source_floats(sum, source->count);
    return true;
}
