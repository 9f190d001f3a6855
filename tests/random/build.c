/* Putting a model together: memory, dice, values, layers, calls. */
#include "tests/random/model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- memory ---- */

#define ROOM ((size_t)64 << 20)
static uint8_t *room;
static size_t used;

void forget_all(void) {
    used = 0;
}

void *take(size_t bytes) {
    if (!room) room = malloc(ROOM);
    bytes = (bytes + 15) / 16 * 16;
    if (!room || used + bytes > ROOM) abort();
    used += bytes;
    return memset(room + used - bytes, 0, bytes);
}

static void put_list(struct text *text, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    size_t more = (size_t)vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (text->size + more >= text->room) {
        text->room = 2 * (text->size + more + 64);
        char *moved = take(text->room);
        if (text->size) memcpy(moved, text->start, text->size);
        text->start = moved;
    }
    vsnprintf(text->start + text->size, more + 1, format, arguments);
    text->size += more;
}

void put(struct text *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    put_list(text, format, arguments);
    va_end(arguments);
}

const char *print(const char *format, ...) {
    struct text text = {0};
    va_list arguments;
    va_start(arguments, format);
    put_list(&text, format, arguments);
    va_end(arguments);
    return text.start;
}

/* ---- dice ---- */

uint32_t roll(struct dice *dice, uint32_t count) {
    uint32_t drawn;
    if (dice->tape_size) {
        drawn = *dice->tape++;
        if (--dice->tape_size && count > 200) {
            drawn = drawn << 8 | *dice->tape++;
            dice->tape_size--;
        }
    } else {
        dice->state += 0x9e3779b97f4a7c15u;
        uint64_t mixed = dice->state;
        mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
        mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
        drawn = (uint32_t)(mixed >> 33);
    }
    return count ? drawn % count : 0;
}

bool chance(struct scope *scope, uint32_t of) {
    return roll(scope->dice, of) == of - 1; /* a tape of zeros is the plainest model */
}

uint32_t between(struct scope *scope, uint32_t low, uint32_t high) {
    if (scope->of->wild && chance(scope, 12)) {
        static const uint32_t ends[] = {0, 1, 6, 7, 255, 32767, 32768, 16777216, 2147483647};
        return ends[roll(scope->dice, sizeof ends / sizeof *ends)];
    }
    return low + roll(scope->dice, high - low + 1);
}

const char *one_of(struct scope *scope, const char *const *words) {
    uint32_t count = 0;
    while (words[count]) count++;
    return words[roll(scope->dice, count)];
}

/* ---- values ---- */

uint64_t elements(const struct fovea_shape *shape) {
    uint64_t count = 1;
    for (uint32_t d = 0; d < shape->rank; d++) count *= shape->dims[d];
    return count;
}

uint32_t last_of(const struct fovea_shape *shape) {
    return shape->rank ? shape->dims[shape->rank - 1] : 1;
}

int axis_of(struct scope *scope, const struct fovea_shape *shape, uint32_t dimension) {
    if (scope->of->wild && chance(scope, 4)) return (int)roll(scope->dice, 17) - 8;
    return chance(scope, 2) ? (int)dimension - (int)shape->rank : (int)dimension + 1;
}

const char *list_of(const uint32_t *numbers, uint32_t count) {
    struct text text = {0};
    put(&text, "[");
    for (uint32_t i = 0; i < count; i++) put(&text, "%s%u", i ? "," : "", numbers[i]);
    put(&text, "]");
    return text.start;
}

const struct value *pick(struct scope *scope, uint32_t rank) {
    const uint32_t count = scope->value_count;
    if (scope->sequential || scope->of->wild) rank = scope->of->wild ? 0 : rank;
    /* Mostly the last one: else few layers would follow one another. */
    uint32_t from = scope->sequential || !chance(scope, 3) ? count - 1 : roll(scope->dice, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct value *value = &scope->values[(from + count - i) % count];
        if (rank ? value->shape.rank == rank : value->shape.rank > 0 || scope->of->wild)
            return value;
        if (scope->sequential) break;
    }
    return NULL;
}

const struct value *add_input(struct scope *scope, const struct fovea_shape *shape) {
    struct layer *layer = begin(scope, "InputLayer");
    if (!layer) return NULL;
    scope->input_count++;
    layer->calls = 1;
    layer->input = *shape;
    note_output(scope, layer, 0, 0, shape);
    return &scope->values[scope->value_count - 1];
}

const struct value *fresh(struct scope *scope, const struct fovea_shape *shape) {
    if (scope->outer || scope->sequential || scope->input_count == MODEL_INPUTS) return NULL;
    return add_input(scope, shape);
}

const struct value *activated(struct scope *scope, const struct value *value, const char *name) {
    struct layer *layer = begin(scope, "Activation");
    if (!layer) return NULL;
    set(layer, "activation", "\"%s\"", name);
    return connect_one(scope, layer, value, &value->shape) ? &scope->values[scope->value_count - 1]
                                                           : NULL;
}

const struct value *twin(struct scope *scope, const struct value *value) {
    const uint32_t count = scope->value_count, from = roll(scope->dice, count);
    if (scope->sequential) return NULL;
    for (uint32_t i = 0; i < count; i++) {
        const struct value *other = &scope->values[(from + i) % count];
        if (other->shape.rank == value->shape.rank && other != value &&
            memcmp(&other->shape, &value->shape, sizeof value->shape) == 0)
            return other;
    }
    const struct value *made = chance(scope, 3) ? fresh(scope, &value->shape) : NULL;
    return made ? made : activated(scope, value, "tanh");
}

/* ---- layers ---- */

void snake(const char *class_name, char *name) {
    for (size_t i = 0; class_name[i]; i++) {
        bool upper = class_name[i] >= 'A' && class_name[i] <= 'Z';
        bool next = class_name[i + 1] >= 'a' && class_name[i + 1] <= 'z';
        bool before = i > 0 && class_name[i - 1] >= 'a' && class_name[i - 1] <= 'z';
        if (upper && i > 0 && (next || before)) *name++ = '_';
        *name++ = upper ? (char)(class_name[i] + 32) : class_name[i];
    }
    *name = 0;
}

struct layer *begin(struct scope *scope, const char *class_name) {
    if (scope->layer_count == SCOPE_LAYERS || scope->value_count + 2 > SCOPE_VALUES) return NULL;
    struct layer *layer = &scope->layers[scope->layer_count];
    memset(layer, 0, sizeof *layer);
    layer->index = scope->layer_count++;
    layer->class_name = class_name;
    layer->module = "keras.layers";
    layer->last = &layer->weights;
    char name[48];
    snake(class_name, name);
    /* An outermost layer and all in it have names of their own; those of others may be the same. */
    unsigned number = scope->of->many && scope->outer ? scope->layer_count : scope->of->names++;
    snprintf(layer->name, sizeof layer->name, "%s_%u", name, number);
    put(&layer->config, "\"name\":\"%s\",\"trainable\":true,\"dtype\":\"float32\"", layer->name);
    return layer;
}

void set(struct layer *layer, const char *key, const char *format, ...) {
    va_list arguments;
    put(&layer->config, "%s\"%s\":", layer->config.size ? "," : "", key);
    va_start(arguments, format);
    put_list(&layer->config, format, arguments);
    va_end(arguments);
}

#define WEIGHT_MOST 100000

void add_weight(struct scope *scope, struct layer *layer, const char *part, const char *mark,
                const char *role, enum about about, uint32_t rank, const uint64_t *dims) {
    struct weight *weight = take(sizeof *weight);
    *weight = (struct weight){.part = part, .mark = mark, .role = role, .rank = rank, .count = 1};
    for (uint32_t d = 0; d < rank; d++) {
        weight->dims[d] = dims[d];
        weight->count = dims[d] && weight->count > WEIGHT_MOST / dims[d] ? WEIGHT_MOST + 1
                                                                         : weight->count * dims[d];
    }
    if (weight->count > WEIGHT_MOST || !weight->count) { /* wild: a weight that is not there */
        weight->rank = 1;
        weight->dims[0] = weight->count = 1;
    }
    weight->values = take(weight->count * sizeof(float));
    struct dice dice = {.state = scope->dice->state + layer->index};
    for (uint64_t i = 0; i < weight->count; i++) { /* exact in half precision */
        float number = (float)((int)roll(&dice, 65) - 32) / 64;
        weight->values[i] = about == ABOUT_ZERO  ? number
                            : about == ABOUT_ONE ? 1 + number / 2
                                                 : 0.75f + number;
    }
    *layer->last = weight;
    layer->last = &weight->next;
}

void add_vector(struct scope *scope, struct layer *layer, const char *role, enum about about,
                uint64_t count) {
    add_weight(scope, layer, "", "", role, about, 1, &count);
}

/* ---- calls ---- */

const char *reference(struct scope *scope, const struct value *value) {
    const struct layer *layer = value->layer;
    scope->values[value - scope->values].used = true;
    if (scope->of->dialect == 2) /* a model's own making is call 0 */
        return print("[\"%s\",%u,%u]", layer->name, value->call + (layer->model != NULL),
                     value->tensor);
    struct text shape = {0};
    for (uint32_t d = 0; d < value->shape.rank; d++) put(&shape, ",%u", value->shape.dims[d]);
    return print("{\"class_name\":\"__keras_tensor__\",\"config\":{\"shape\":[null%s],"
                 "\"dtype\":\"float32\",\"keras_history\":[\"%s\",%u,%u]}}",
                 shape.size ? shape.start : "", layer->name, value->call, value->tensor);
}

void add_node(struct layer *layer, const char *node) {
    put(&layer->nodes, "%s%s", layer->nodes.size ? "," : "", node);
    layer->calls++;
}

bool note_output(struct scope *scope, const struct layer *layer, unsigned call, unsigned tensor,
                 const struct fovea_shape *shape) {
    if (scope->value_count == SCOPE_VALUES) return false;
    struct value *value = &scope->values[scope->value_count++];
    *value = (struct value){.layer = layer, .call = call, .tensor = tensor};
    value->shape.rank = shape->rank > FOVEA_RANK_MAX ? FOVEA_RANK_MAX : shape->rank;
    memcpy(value->shape.dims, shape->dims, value->shape.rank * sizeof *shape->dims);
    return true;
}

static void call(struct scope *scope, struct layer *layer, const struct value *const *values,
                 unsigned count) {
    struct text node = {0};
    bool third = scope->of->dialect == 3;
    put(&node, third ? count > 1 ? "{\"args\":[[" : "{\"args\":[" : "[");
    for (unsigned i = 0; i < count; i++) {
        const char *one = reference(scope, values[i]);
        put(&node, "%s", i ? "," : "");
        if (third)
            put(&node, "%s", one);
        else
            put(&node, "%.*s,{}]", (int)strlen(one) - 1, one);
    }
    put(&node, third ? count > 1 ? "]],\"kwargs\":{}}" : "],\"kwargs\":{}}" : "]");
    add_node(layer, node.start);
}

bool connect(struct scope *scope, struct layer *layer, const struct value *const *values,
             unsigned count, const struct fovea_shape *output) {
    call(scope, layer, values, count);
    if (!note_output(scope, layer, layer->calls - 1, 0, output)) return false;
    /* A layer may be called again, on anything of the same shape. */
    if (count > 1 || scope->sequential || scope->of->wild || !chance(scope, 5)) return true;
    for (unsigned i = 0; i < scope->value_count; i++) {
        const struct value *other = &scope->values[i];
        if (other == values[0] || other->layer == layer ||
            memcmp(&other->shape, &values[0]->shape, sizeof other->shape) != 0)
            continue;
        call(scope, layer, &other, 1);
        return note_output(scope, layer, layer->calls - 1, 0, output);
    }
    return true;
}

bool connect_one(struct scope *scope, struct layer *layer, const struct value *value,
                 const struct fovea_shape *output) {
    return connect(scope, layer, &value, 1, output);
}
