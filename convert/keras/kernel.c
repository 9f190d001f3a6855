/* Kernels in the order of Keras 2, whatever version and backend wrote them. */
#include <string.h>

#include "convert/keras/weights.h"

/* How the convolutions of Keras 1 keep their kernels: the dimension that each one of Keras 2's comes
 * from. Others have not changed. */
static const struct kernel_row {
    const char *class_name;
    bool channels_first;
    const char *from;
} kernel_rows[] = {
    {"Conv2D", true, "2310"},
    {"Conv2DTranspose", false, "0132"},
    {"Conv2DTranspose", true, "2301"},
    {"Conv3D", true, "23410"},
};

/* The numbers in another order: dimension d of the result is dimension from[d] of the weight, walked
 * backwards where `flip` says so of the first `rank - 2` ones. */
static bool turn(struct layer_call *call, struct weight *weight, const char *from, bool flip) {
    struct hdf5_value *value = &weight->value;
    uint64_t dims[HDF5_RANK_MAX] = {0}, step[HDF5_RANK_MAX], index[HDF5_RANK_MAX] = {0};
    float *old = keras_floats(call, value->count), *now = keras_floats(call, value->count);
    if (!old || !now) return false;
    hdf5_floats(value, 0, value->count, old);
    for (uint32_t d = 0; d < value->rank; d++) {
        step[d] = 1;
        for (uint32_t e = (uint32_t)(from[d] - '0') + 1; e < value->rank; e++)
            step[d] *= value->dims[e];
        dims[d] = value->dims[from[d] - '0'];
    }
    for (uint64_t i = 0; i < value->count; i++) {
        uint64_t at = 0;
        for (uint32_t d = 0; d < value->rank; d++)
            at += step[d] * (flip && d + 2 < value->rank ? dims[d] - 1 - index[d] : index[d]);
        now[i] = old[at];
        for (uint32_t d = value->rank; d-- > 0 && ++index[d] == dims[d];) index[d] = 0;
    }
    memcpy(value->dims, dims, sizeof dims);
    weight->floats = now;
    return true;
}

/* Kernels of Conv1D were those of a picture of width 1: [length][1][in][out] or [out][in][length][1]. */
static bool turn_line(struct layer_call *call, struct weight *weight, bool flip) {
    struct hdf5_value *value = &weight->value;
    int64_t filters, length;
    if (value->rank != 4) return !flip || turn(call, weight, "012", true);
    const struct json *size = json_member(call->config, "kernel_size");
    if (size && size->type == JSON_ARRAY) size = size->first;
    if (!size || !size->integral || !keras_integer(call, "filters", 1, FOVEA_DIM_MAX, &filters))
        return false;
    length = size->integer;
    bool now = value->dims[0] == (uint64_t)length && value->dims[1] == 1 &&
               value->dims[3] == (uint64_t)filters;
    if (!turn(call, weight, now ? "0123" : "2310", flip)) return false;
    value->rank = 3;
    value->dims[1] = value->dims[2];
    value->dims[2] = value->dims[3];
    return true;
}

static bool is_flipped_class(const char *class_name) {
    return strcmp(class_name, "Conv1D") == 0 || strcmp(class_name, "Conv2D") == 0 ||
           strcmp(class_name, "Conv3D") == 0 || strcmp(class_name, "Conv2DTranspose") == 0;
}

/* A number, or element `index` of a list; -1 where there is none. */
static int64_t config_number(const struct json *config, const char *key, size_t index) {
    const struct json *json = json_member(config, key);
    if (json && json->type == JSON_ARRAY) json = json_item(json, index);
    return json && json->type == JSON_NUMBER && json->integral ? json->integer : -1;
}

/* The dimensions that the config states: size of the window, and filters or units. */
static bool check_kernel(struct layer_call *call, const struct weight *weight) {
    const struct hdf5_value *value = &weight->value;
    bool fits = true, transposed = strstr(call->class_name, "Transpose") != NULL;
    bool conv = strncmp(call->class_name, "Conv", 4) == 0 && !strstr(call->class_name, "LSTM");
    const char *key = strcmp(call->class_name, "Dense") == 0 ? "units" : "filters";
    if (!conv && strcmp(call->class_name, "Dense") != 0) return true;
    uint32_t rank = !conv ? 2 : (uint32_t)(call->class_name[4] - '0') + 2;
    if (value->rank != rank)
        return keras_fail(call, "K-106 weight '%s' has %u dimensions instead of %u", weight->name,
                          value->rank, rank);
    for (uint32_t d = 0; d + 2 < rank; d++)
        fits &= (int64_t)value->dims[d] == config_number(call->config, "kernel_size", d);
    fits &= (int64_t)value->dims[transposed ? rank - 2 : rank - 1] ==
            config_number(call->config, key, 0);
    return fits || keras_fail(call, "K-107 weight '%s' has another shape than its settings say",
                              weight->name);
}

/* How the class' kernel of Keras 1 is ordered; NULL: as in Keras 2. */
static const char *order_of(const struct layer_call *call, bool channels_first) {
    for (size_t i = 0; i < sizeof kernel_rows / sizeof *kernel_rows; i++)
        if (strcmp(kernel_rows[i].class_name, call->class_name) == 0 &&
            kernel_rows[i].channels_first == channels_first)
            return kernel_rows[i].from;
    return NULL;
}

static bool turn_kernel(struct layer_call *call, struct weight *weight) {
    const struct keras *keras = call->keras;
    const char *format;
    if (!keras_text(call, "data_format", "channels_last", &format)) return false;
    bool old = keras->weight_generation == 1;
    bool flip = keras->backend == KERAS_THEANO;
    if (strcmp(call->class_name, "Conv1D") == 0)
        return (!old && !flip) || turn_line(call, weight, flip);
    const char *from = old ? order_of(call, strcmp(format, "channels_first") == 0) : NULL;
    if (from && weight->value.rank != strlen(from))
        return keras_fail(call, "K-108 weight '%s' has %u dimensions instead of %zu", weight->name,
                          weight->value.rank, strlen(from));
    return (!from && !flip) || turn(call, weight, from ? from : "01234567", flip);
}

bool keras_modern_weight(struct layer_call *call, const char *role, struct weight *weight) {
    /* It was a deviation up to Keras 1.0.5, and to Theano in 1.0.6; configs state versions since 1.0.4. */
    if (call->keras->release < 10007 && strstr(weight->name, "running_std"))
        return keras_fail(
            call, "K-257 what Keras calls '%s' before 1.0.7 may be a deviation or a variance",
            weight->name);
    if (strcmp(role, "kernel") != 0 || weight->value.count == 0) return true;
    if (is_flipped_class(call->class_name) && !turn_kernel(call, weight)) return false;
    return check_kernel(call, weight);
}
