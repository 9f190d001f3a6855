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

struct fovea_shape keras_weight_shape(const struct weight *weight) {
    return shape_of(weight->value.rank, weight->value.dims);
}

/* The numbers in another order: dimension d of the result is dimension from[d] of the weight, walked
 * backwards where `flip` says so of all but the last two. *shape: the weight's, then the result's. */
static bool turn(struct layer_call *call, struct weight *weight, struct fovea_shape *shape,
                 const char *from, bool flip) {
    const uint64_t count = weight->value.count;
    const uint32_t rank = shape_rank(shape);
    struct fovea_shape turned = SHAPE_SCALAR;
    int64_t steps[FOVEA_RANK_MAX], step[FOVEA_RANK_MAX];
    uint32_t index[FOVEA_RANK_MAX] = {0};
    if (rank != strlen(from) || shape_elements(shape) != count)
        return keras_fail(call, "K-108 weight '%s' has %u dimensions instead of %zu", weight->name,
                          weight->value.rank, strlen(from));
    float *old = keras_floats(call, count), *now = keras_floats(call, count);
    if (!old || !now) return false;
    hdf5_floats(&weight->value, 0, count, old);
    shape_steps(shape, steps);
    for (uint32_t d = 0; d < rank; d++) {
        const uint32_t source = (uint32_t)(from[d] - '0');
        shape_append(&turned, shape_size(shape, source));
        step[d] = steps[source];
    }
    for (uint64_t i = 0; i < count; i++) {
        int64_t at = 0;
        for (uint32_t d = 0; d < rank; d++) {
            const uint32_t last = shape_size(&turned, d) - 1;
            at += step[d] * (flip && d + 2 < rank ? last - index[d] : index[d]);
        }
        now[i] = old[at];
        for (uint32_t d = rank; d-- > 0 && ++index[d] == shape_size(&turned, d);) index[d] = 0;
    }
    *shape = turned;
    weight->floats = now;
    return true;
}

/* A number, or element `index` of a list; -1 where there is none. */
static int64_t config_number(const struct json *config, const char *key, size_t index) {
    const struct json *json = json_member(config, key);
    if (json && json->type == JSON_ARRAY) json = json_item(json, index);
    return json && json->type == JSON_NUMBER && json->integral ? json->integer : -1;
}

/* Kernels of Conv1D were those of a picture of width 1: [length][1][in][out] or [out][in][length][1]. */
static bool turn_line(struct layer_call *call, struct weight *weight, struct fovea_shape *shape,
                      bool flip) {
    if (shape_rank(shape) != 4) return !flip || turn(call, weight, shape, "012", true);
    const bool now = shape_size(shape, 0) == config_number(call->config, "kernel_size", 0) &&
                     shape_size(shape, 1) == 1 &&
                     shape_size(shape, 3) == config_number(call->config, "filters", 0);
    if (!turn(call, weight, shape, now ? "0123" : "2310", flip)) return false;
    shape_remove(shape, 1);
    return true;
}

static bool is_flipped_class(const char *class_name) {
    return strcmp(class_name, "Conv1D") == 0 || strcmp(class_name, "Conv2D") == 0 ||
           strcmp(class_name, "Conv3D") == 0 || strcmp(class_name, "Conv2DTranspose") == 0;
}

/* The dimensions that the config states: size of the window, and filters or units. */
static bool check_kernel(struct layer_call *call, const struct weight *weight,
                         const struct fovea_shape *shape) {
    bool fits = true, transposed = strstr(call->class_name, "Transpose") != NULL;
    bool conv = strncmp(call->class_name, "Conv", 4) == 0 && !strstr(call->class_name, "LSTM");
    const char *key = strcmp(call->class_name, "Dense") == 0 ? "units" : "filters";
    if (!conv && strcmp(call->class_name, "Dense") != 0) return true;
    uint32_t rank = !conv ? 2 : (uint32_t)(call->class_name[4] - '0') + 2;
    if (shape_rank(shape) != rank)
        return keras_fail(call, "K-106 weight '%s' has %u dimensions instead of %u", weight->name,
                          weight->value.rank, rank);
    for (uint32_t d = 0; d + 2 < rank; d++)
        fits &= shape_size(shape, d) == config_number(call->config, "kernel_size", d);
    fits &= shape_from_end(shape, transposed) == config_number(call->config, key, 0);
    return fits ||
           keras_fail(call, "K-107 weight '%s' does not have the shape that its settings say",
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

/* The order that changes nothing. */
static const char *as_it_is(const struct fovea_shape *shape) {
    static const char *const orders[] = {"", "0", "01", "012", "0123", "01234", "012345"};
    return orders[shape_rank(shape)];
}

static bool turn_kernel(struct layer_call *call, struct weight *weight, struct fovea_shape *shape) {
    const struct keras *keras = call->keras;
    const char *format;
    if (!keras_text(call, "data_format", "channels_last", &format)) return false;
    bool old = keras->weight_generation == 1;
    bool flip = keras->backend == KERAS_THEANO;
    if (strcmp(call->class_name, "Conv1D") == 0)
        return (!old && !flip) || turn_line(call, weight, shape, flip);
    const char *from = old ? order_of(call, strcmp(format, "channels_first") == 0) : NULL;
    if (!from && !flip) return true;
    return turn(call, weight, shape, from ? from : as_it_is(shape), flip);
}

bool keras_modern_weight(struct layer_call *call, const char *role, struct weight *weight) {
    /* It was a deviation up to Keras 1.0.5, and to Theano in 1.0.6; configs state versions since 1.0.4. */
    if (call->keras->release < 10007 && strstr(weight->name, "running_std"))
        return keras_fail(
            call, "K-257 what Keras calls '%s' before 1.0.7 may be a deviation or a variance",
            weight->name);
    if (strcmp(role, "kernel") != 0 || weight->value.count == 0) return true;
    struct fovea_shape shape = keras_weight_shape(weight);
    if (is_flipped_class(call->class_name) && !turn_kernel(call, weight, &shape)) return false;
    return check_kernel(call, weight, &shape);
}
