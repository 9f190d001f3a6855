/* Layers after quantize() of Keras 3: whole numbers of 8 or 4 bits with scales become floats again, and where
 * Keras rounds the layer's input to 8 bits before it multiplies, that is done as well. Source: keras.quantizers
 * and the layers' variable_serialization_spec of Keras 3.15. */
#include "convert/keras/quantized.h"
#include "convert/keras/weights.h"

#include <string.h>

static const float infinity = (float)(1e300 * 1e300);

static const struct json *policy_of(const struct json *config) {
    return json_member(json_member(json_member(config, "dtype"), "config"), "mode");
}

/* "int8", "int4", "int4/128"; the older spelling of a policy is a text like "int8_from_float32". */
struct keras_quantization keras_quantization_of(const struct json *config) {
    const struct json *mode = policy_of(config), *dtype = json_member(config, "dtype");
    struct keras_quantization found = {.bits = 0};
    const char *text = mode && mode->type == JSON_STRING     ? mode->text
                       : dtype && dtype->type == JSON_STRING ? dtype->text
                                                             : "";
    if (strncmp(text, "int8", 4) == 0) found.bits = 8;
    if (strncmp(text, "int4", 4) == 0) found.bits = 4;
    const struct json *stated = json_member(config, "quantization_config");
    const struct json *block = json_member(json_member(stated, "config"), "block_size");
    const bool given = block && block->type == JSON_NUMBER;
    found.grouped =
        found.bits == 4 && (given ? block->number > 0 : text[4] == '/' && text[5] != '-');
    return found;
}

/* ---- weights ---- */

/* The numbers of a weight beside the kernel, of the role `whole` + `ending`. */
static bool read_beside(struct layer_call *call, const char *whole, const char *ending,
                        const struct weight **weight, float **numbers) {
    const char *role =
        *ending == '_' ? pool_print(call->keras->pool, call->keras->trouble, "%s%s", whole, ending)
                       : ending;
    if (!role || !(*weight = keras_find_weight(call, role))) return false;
    *numbers = keras_floats(call, (*weight)->value.count);
    if (!*numbers) return false;
    hdf5_floats(&(*weight)->value, 0, (*weight)->value.count, *numbers);
    return true;
}

/* Two numbers of 4 bits lie in a byte, the lower half first. They are neighbours in a row; in versions before
 * those with groups, in a column. */
static bool unpack(struct layer_call *call, const struct weight *weight, uint64_t rows,
                   uint64_t columns, float *numbers) {
    const uint64_t wide = (columns + 1) / 2, high = (rows + 1) / 2;
    const struct hdf5_value *value = &weight->value;
    const struct fovea_shape shape = keras_weight_shape(weight);
    const uint32_t stored = shape_size(&shape, 0);
    const bool by_row = value->count == rows * wide && (stored != high || stored == rows);
    if (value->size != 1 || (!by_row && value->count != high * columns))
        return keras_fail(call, "K-460 weight '%s' does not hold its numbers of 4 bits",
                          weight->name);
    float *bytes = keras_floats(call, value->count);
    if (!bytes) return false;
    hdf5_floats(value, 0, value->count, bytes);
    for (uint64_t r = 0; r < rows; r++)
        for (uint64_t c = 0; c < columns; c++) {
            const uint64_t at = by_row ? r * wide + c / 2 : r / 2 * columns + c;
            const uint32_t byte = (uint32_t)((int32_t)bytes[at] + 256) & 255;
            const uint32_t half = (by_row ? c : r) % 2 ? byte >> 4 : byte & 15;
            numbers[r * columns + c] = (float)((int32_t)(half ^ 8) - 8);
        }
    return true;
}

/* Scales of a kernel's columns, or of a table's rows: `lines` of them, `along` numbers each. */
struct scales {
    const float *scale, *zero, *group; /* zero, group: NULL where a line has one scale */
    uint64_t lines, along, groups;
};

static bool read_groups(struct layer_call *call, const char *role, const struct weight *scale,
                        uint64_t count, struct scales *scales) {
    const struct weight *zero, *group;
    float *zeros, *groups;
    if (!read_beside(call, role, "_zero", &zero, &zeros) ||
        !read_beside(call, role, "g_idx", &group, &groups) || !keras_check_floats(call, group))
        return false;
    scales->zero = zeros;
    scales->group = groups;
    scales->along = group->value.count;
    scales->lines = scales->along ? count / scales->along : 0;
    scales->groups = scales->lines ? scale->value.count / scales->lines : 0;
    if (zero->value.count != scale->value.count)
        return keras_fail(call, "K-461 its groups of weights do not fit its kernel");
    for (uint64_t i = 0; i < scales->along; i++)
        if (!(groups[i] >= 0 && groups[i] < (float)scales->groups))
            return keras_fail(call, "K-462 a weight of it is in a group that does not exist");
    return true;
}

static bool read_scales(struct layer_call *call, const char *role, bool grouped, uint64_t count,
                        struct scales *scales) {
    const struct weight *scale;
    float *numbers;
    if (!read_beside(call, role, "_scale", &scale, &numbers) || !keras_check_floats(call, scale))
        return false;
    const uint64_t have = scale->value.count;
    *scales = (struct scales){
        .scale = numbers, .lines = have, .along = have ? count / have : 0, .groups = 1};
    if (grouped && !read_groups(call, role, scale, count, scales)) return false;
    if (have == 0 || have != scales->lines * scales->groups ||
        fovea_product(scales->lines, scales->along) != count)
        return keras_fail(call, "K-463 weight '%s' holds %llu scales where its kernel needs others",
                          scale->name, (unsigned long long)have);
    for (uint64_t i = 0; i < have; i++)
        if (!(numbers[i] > 0 || numbers[i] < 0))
            return keras_fail(call, "K-464 a scale of weight '%s' is 0 or no number", scale->name);
    return true;
}

/* Whether a weight's last sizes, or with `first` its first ones, make so many lines. */
static bool makes_lines(const struct weight *weight, bool first, uint64_t lines) {
    const struct fovea_shape shape = keras_weight_shape(weight);
    const uint32_t rank = shape_rank(&shape);
    uint64_t product = 1;
    for (uint32_t d = 0; d < rank && product != lines; d++)
        product = fovea_product(product, first ? shape_size(&shape, d) : shape_from_end(&shape, d));
    return product == lines;
}

bool keras_dequantized(struct layer_call *call, const char *role, const struct weight *weight,
                       uint64_t count, struct source *source) {
    const struct keras_quantization quantization = keras_quantization_of(call->config);
    const bool by_row = strcmp(role, "embeddings") == 0;
    struct scales s;
    float *numbers = keras_floats(call, count);
    if (!numbers || !read_scales(call, role, quantization.grouped, count, &s)) return false;
    const uint64_t rows = by_row ? s.lines : s.along, columns = by_row ? s.along : s.lines;
    if (quantization.bits == 8 &&
        (weight->value.count != count || !makes_lines(weight, by_row, s.lines)))
        return keras_fail(call,
                          "K-465 weight '%s' holds %llu numbers, its settings need %llu, in lines "
                          "of one scale each",
                          weight->name, (unsigned long long)weight->value.count,
                          (unsigned long long)count);
    if (quantization.bits == 8)
        hdf5_floats(&weight->value, 0, count, numbers);
    else if (!unpack(call, weight, rows, columns, numbers))
        return false;
    for (uint64_t i = 0; i < count; i++) {
        const uint64_t row = i / columns, column = i % columns;
        const uint64_t line = by_row ? row : column, place = by_row ? column : row;
        const uint64_t group = s.group ? (uint64_t)s.group[place] : 0;
        const uint64_t at = by_row ? line * s.groups + group : group * columns + line;
        numbers[i] = s.zero ? (numbers[i] - s.zero[at]) * s.scale[at] : numbers[i] / s.scale[at];
    }
    *source = source_floats(numbers, count);
    return true;
}

/* ---- inputs ---- */

/* What Keras makes of an input before it is multiplied: AbsMaxQuantizer, or nothing. Before configs said so it
 * was always that. */
static bool rounds_inputs(struct layer_call *call, bool *rounds, double *epsilon, double *most) {
    const struct json *stated = json_member(call->config, "quantization_config");
    const struct json *quantizer =
        json_member(json_member(stated, "config"), "activation_quantizer");
    *epsilon = 1e-7;
    *most = 127;
    *rounds = false;
    if (keras_quantization_of(call->config).bits == 0) return true;
    *rounds = !stated || stated->type == JSON_NULL;
    if (*rounds || !quantizer || quantizer->type == JSON_NULL) return true;
    const struct json *config = json_member(quantizer, "config");
    const struct json *range = json_item(json_member(config, "value_range"), 1);
    const struct json *least = json_member(config, "epsilon");
    *rounds = true;
    if (range && range->type == JSON_NUMBER) *most = range->number;
    if (least && least->type == JSON_NUMBER) *epsilon = least->number;
    return (json_is(json_member(quantizer, "class_name"), "AbsMaxQuantizer") && *most >= 1 &&
            *most <= 127 && *epsilon > 0 && *epsilon < 1) ||
           keras_fail(call, "K-466 it rounds its inputs in a way that is not supported; save the "
                            "model before quantize()");
}

static bool combine_number(struct layer_call *call, uint32_t op, float number, bool first) {
    const uint32_t value = call->output;
    float *one = keras_floats(call, 1);
    const struct fovea_shape alone = SHAPE_SCALAR;
    if (!one) return false;
    *one = number;
    const struct source source = source_floats(one, 1);
    return keras_constant(call, &source, &alone) &&
           keras_combined(call, op, first ? call->output : value, first ? value : call->output);
}

/* Where Keras rounds the layer's input, row by row: *input = the rounded one, *scale = what the product is to be
 * divided by, before the bias. Else *scale = GRAPH_NONE. */
static bool round_input(struct layer_call *call, uint32_t *input, uint32_t *scale) {
    const float large =
        12582912; /* 3 * 2^22: floats near it are whole numbers, halves go to even */
    const uint32_t value = *input;
    const uint32_t last = shape_last_mask(graph_shape(call->graph, value));
    bool rounds;
    double epsilon, most;
    *scale = GRAPH_NONE;
    if (!rounds_inputs(call, &rounds, &epsilon, &most)) return false;
    if (!rounds || !last) return true;
    call->output = value;
    if (!keras_tail(call, FOVEA_ACTIVATION_LEAKY, 0, infinity, -1) ||
        !keras_reduced(call, FOVEA_OP_MAX_POOL, call->output, last, true) ||
        !combine_number(call, FOVEA_OP_ADD, (float)epsilon, false) ||
        !combine_number(call, FOVEA_OP_DIVIDE, (float)most, true))
        return false;
    *scale = call->output;
    if (!keras_combined(call, FOVEA_OP_MULTIPLY, value, *scale) ||
        !combine_number(call, FOVEA_OP_ADD, large, false) ||
        !combine_number(call, FOVEA_OP_SUBTRACT, large, false) ||
        !keras_tail(call, FOVEA_ACTIVATION_CLAMP, (float)-most, (float)most, 0))
        return false;
    *input = call->output;
    return true;
}

bool keras_quantized_linear(struct layer_call *call, uint32_t input, const struct source *kernel,
                            const struct source *bias, uint32_t outputs) {
    const struct source none = {.count = 0};
    uint32_t scale;
    if (!round_input(call, &input, &scale)) return false;
    if (scale == GRAPH_NONE) return keras_linear(call, input, kernel, bias, outputs);
    if (!keras_linear(call, input, kernel, &none, outputs) ||
        !keras_combined(call, FOVEA_OP_DIVIDE, call->output, scale))
        return false;
    if (bias->count == 0) return true;
    float *ones = keras_floats(call, outputs), *shift = keras_floats(call, outputs);
    if (!ones || !shift) return false;
    for (uint32_t i = 0; i < outputs; i++) ones[i] = 1;
    source_read(bias, 0, outputs, shift);
    return keras_affine_last(call, call->output, ones, shift);
}
