/* Weights by role: what variables.def says about a class, and the way to the two layouts of files. */
#include "convert/keras/weights.h"

#include "convert/keras/quantized.h"

#include <string.h>

struct variables {
    const char *class_name, *part, *roles;
};

static const struct variables rows[] = {
#define VARIABLES(class_name, part, roles) {class_name, part, roles},
#include "convert/keras/variables.def"
#undef VARIABLES
};

const struct variables *keras_variables(const char *class_name) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].class_name, class_name) == 0) return &rows[i];
    return NULL;
}

const char *keras_variables_part(const struct variables *row) {
    return row->part;
}

bool keras_variables_inside(const struct variables *row) {
    return row->roles[0] == '*';
}

/* One condition, "flag", "!flag" or "key=word". */
static bool holds(const char *condition, size_t length, const struct json *config) {
    char key[64];
    bool inverted = condition[0] == '!';
    size_t key_length = strcspn(condition, "=");
    if (key_length > length) key_length = length;
    if (*condition == '@') {
        const struct keras_quantization quantization = keras_quantization_of(config);
        return condition[1] == 'g' ? quantization.grouped : quantization.bits > 0;
    }
    const char *word = condition + key_length + 1;
    if (key_length - inverted >= sizeof key) return false;
    memcpy(key, condition + inverted, key_length - inverted);
    key[key_length - inverted] = 0;
    const struct json *value = json_member(config, key);
    if (key_length < length) {
        if (*word == '*') return value && value->type == JSON_STRING;
        size_t size = length - key_length - 1;
        bool on = value && (value->type == JSON_TRUE || value->type == JSON_NUMBER);
        const char *have = !value                       ? ""
                           : on && !keras_is_off(value) ? "true"
                           : value->type == JSON_STRING ? value->text
                                                        : "";
        return strlen(have) == size && memcmp(have, word, size) == 0;
    }
    bool off = value && keras_is_off(value);
    return inverted ? !value || off : !off;
}

static bool all_hold(const char *token, size_t length, const struct json *config) {
    const char *end = token + length, *at = memchr(token, '?', length);
    while (at) {
        const char *next = memchr(at + 1, '?', (size_t)(end - at - 1));
        if (!holds(at + 1, (size_t)((next ? next : end) - at - 1), config)) return false;
        at = next;
    }
    return true;
}

bool keras_variable(const struct variables *row, const struct json *config, size_t index,
                    struct variable *variable) {
    const struct json *flag = json_member(config, "trainable");
    bool frozen = flag && keras_is_off(flag), fixed = frozen;
    size_t count = 0, of_kind = 0, length;
    if (keras_variables_inside(row)) return false;
    for (const char *token = row->roles; *token; token += length, token += *token == ' ') {
        length = strcspn(token, " ");
        if (*token == ';') {
            fixed = true;
            if (!frozen) of_kind = 0;
        } else if (all_hold(token, length, config)) {
            if (count++ == index) {
                *variable = (struct variable){token, strcspn(token, " ?"), !fixed, index, of_kind};
                return true;
            }
            of_kind++;
        }
    }
    return false;
}

size_t keras_variable_count(const struct variables *row, const struct json *config,
                            const bool *trainable) {
    struct variable variable;
    size_t count = 0;
    for (size_t i = 0; keras_variable(row, config, i, &variable); i++)
        count += !trainable || variable.trainable == *trainable;
    return count;
}

bool keras_variable_is(const struct variable *variable, const char *name, size_t length) {
    const char *end = variable->names + variable->length;
    for (const char *at = variable->names; at < end;) {
        const char *bar = memchr(at, '|', (size_t)(end - at)), *stop = bar ? bar : end;
        if ((size_t)(stop - at) == length && memcmp(at, name, length) == 0) return true;
        at = stop + 1;
    }
    return false;
}

/* The upper halves of floats. */
bool keras_load_dataset(struct keras *keras, const struct hdf5_object *dataset,
                        struct weight *weight) {
    struct hdf5_value *value = &weight->value, type;
    bool found;
    if (!hdf5_dataset(keras->file, dataset, value, keras->trouble)) return false;
    keras->parameters += value->count;
    if (value->class != HDF5_OPAQUE) return true;
    if (!hdf5_attribute(keras->file, dataset, "dtype", &type, &found, keras->trouble)) return false;
    size_t length;
    const char *name = found && type.class == HDF5_STRING && type.count == 1
                           ? hdf5_string(keras->file, &type, 0, &length, keras->trouble)
                           : NULL;
    if (!name || strcmp(name, "bfloat16") != 0)
        return fail(keras->trouble, "K-335 weight '%s' has numbers of an unknown type",
                    weight->name);
    float *floats = pool_get(keras->pool, value->count, sizeof *floats, keras->trouble);
    if (!floats) return false;
    struct fovea_bytes b = fovea_bytes_of(value->data, (size_t)value->count * 2);
    for (uint64_t i = 0; i < value->count; i++)
        floats[i] = fovea_float_of_bits((uint32_t)fovea_read16(&b) << 16);
    weight->floats = floats;
    value->class = HDF5_FLOAT;
    return true;
}

bool keras_check_count(struct keras *keras, const char *layer, const char *class_name,
                       const struct json *config, const struct weight_list *list) {
    const struct variables *row = keras_variables(class_name);
    size_t have = 0, need;
    if (!row || keras_variables_inside(row)) return true;
    const bool whole = keras_quantization_of(config).bits > 0;
    if (keras_has_lora(keras, config)) return true; /* with two weights more, that of a kernel */
    for (size_t i = 0; i < list->count; i++)
        have += whole || list->items[i].value.class == HDF5_FLOAT;
    need = keras_variable_count(row, config, NULL);
    return have == need ||
           fail(keras->trouble,
                "K-240 layer '%s' (%s): the file holds %zu weights for it, its settings make %zu%s",
                layer, class_name, have, need,
                keras->apart ? "; do config and weights belong together?" : "");
}

/* ---- by role ---- */

struct weight *keras_find_weight(struct layer_call *call, const char *role) {
    const struct variables *row = keras_variables(call->class_name);
    struct variable variable;
    size_t length = strlen(role);
    for (size_t i = 0; row && keras_variable(row, call->config, i, &variable); i++) {
        if (strncmp(variable.names, role, length) != 0 || strcspn(variable.names, "| ?") != length)
            continue;
        return call->keras->layout == KERAS_NAMED ? keras_named_weight(call, &variable)
                                                  : keras_numbered_weight(call, row, &variable);
    }
    keras_fail(call, "K-242 with its settings it has no weight '%s'", role);
    return NULL;
}

bool keras_check_floats(struct layer_call *call, const struct weight *weight) {
    return weight->value.class == HDF5_FLOAT ||
           keras_fail(call, "K-243 weight '%s' holds no floating-point numbers", weight->name);
}

bool keras_weight(struct layer_call *call, const char *role, uint64_t count,
                  struct source *source) {
    struct weight *weight = keras_find_weight(call, role);
    if (!weight) return false;
    if (weight->value.class == HDF5_SIGNED && keras_quantization_of(call->config).bits)
        return keras_has_lora(call->keras, call->config)
                   ? keras_fail(call,
                                "K-499 its weights are quantized and adapted (LoRA), which is "
                                "not supported; save it as .keras")
                   : keras_dequantized(call, role, weight, count, source);
    if (!keras_check_floats(call, weight)) return false;
    if (weight->value.count != count)
        return keras_fail(call, "K-244 weight '%s' holds %llu numbers where its settings need %llu",
                          weight->name, (unsigned long long)weight->value.count,
                          (unsigned long long)count);
    if (!weight->used && !keras_modern_weight(call, role, weight)) return false;
    weight->used = true;
    *source = weight->floats ? source_floats(weight->floats, count) : source_value(&weight->value);
    return keras_add_lora(call, role, source);
}
