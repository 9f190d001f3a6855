/* Parsing a model's config: layers, their calls, who calls whom. */
#include <stdlib.h>
#include <string.h>

#include "convert/keras/keras.h"

bool keras_is_model(const char *class_name) {
    return strcmp(class_name, "Sequential") == 0 || strcmp(class_name, "Functional") == 0 ||
           strcmp(class_name, "Model") == 0;
}

static bool scope_fail(struct keras *keras, const struct scope *scope, const char *problem) {
    return fail_check(keras->trouble, problem, "model '%s': %s", scope->name,
                      fovea_check_text(problem));
}

/* ---- names ---- */

struct sorted_name {
    const char *name;
    uint32_t layer;
};

static int compare_names(const void *a, const void *b) {
    return strcmp(((const struct sorted_name *)a)->name, ((const struct sorted_name *)b)->name);
}

static bool sort_names(struct keras *keras, struct scope *scope) {
    struct sorted_name *sorted =
        pool_get(keras->pool, scope->layer_count, sizeof *sorted, keras->trouble);
    scope->by_name =
        pool_get(keras->pool, scope->layer_count, sizeof *scope->by_name, keras->trouble);
    if (!sorted || !scope->by_name) return false;
    for (uint32_t i = 0; i < scope->layer_count; i++)
        sorted[i] = (struct sorted_name){scope->layers[i].name, i};
    qsort(sorted, scope->layer_count, sizeof *sorted, compare_names);
    for (uint32_t i = 0; i < scope->layer_count; i++) {
        if (i > 0 && strcmp(sorted[i].name, sorted[i - 1].name) == 0)
            return fail(keras->trouble, "K-013 model '%s': two layers are named '%s'", scope->name,
                        sorted[i].name);
        scope->by_name[i] = sorted[i].layer;
    }
    return true;
}

bool keras_find_layer(const struct scope *scope, const char *name, uint32_t *layer) {
    uint32_t low = 0, high = scope->layer_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(name, scope->layers[scope->by_name[middle]].name);
        if (order == 0) {
            *layer = scope->by_name[middle];
            return true;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

/* ---- references ---- */

/* Keras 2: ["_CONSTANT_VALUE", -1, 2.0, {...}] */
static bool is_constant(const struct json *json) {
    return json_is(json_item(json, 0), "_CONSTANT_VALUE");
}

/* [name, node, tensor, ...] */
struct history {
    const char *layer;
    int64_t node, tensor;
};

static bool is_history(const struct json *json, struct history *history) {
    const struct json *name = json_item(json, 0), *node = json_item(json, 1);
    const struct json *tensor = json_item(json, 2);
    if (is_constant(json) || !name || name->type != JSON_STRING || !node || !node->integral ||
        !tensor || !tensor->integral)
        return false;
    *history = (struct history){name->text, node->integer, tensor->integer};
    return true;
}

static bool read_history(struct keras *keras, const struct scope *scope,
                         const struct history *history, struct ref *ref) {
    const int64_t node = history->node, tensor = history->tensor;
    if (!keras_find_layer(scope, history->layer, &ref->layer))
        return fail(keras->trouble, "K-014 model '%s': it uses a layer '%s' that it does not have",
                    scope->name, history->layer);
    if (node < 0 || node > 1000000 || tensor < 0 || tensor > 1000000)
        return fail(keras->trouble, "K-015 model '%s': a node index of layer '%s' is out of range",
                    scope->name, history->layer);
    ref->call = (uint32_t)node;
    ref->tensor = (uint32_t)tensor;
    return true;
}

/* Walks `json` in order and hands out every tensor reference in it: Keras 3's __keras_tensor__
 * objects, or Keras 2's [name, node, tensor, {...}], where the object holds the call's other arguments,
 * the same in all of them: its tensors come last. `refs` NULL: counts. The parser bounds the depth. */
static bool collect(struct keras *keras, const struct scope *scope, const struct json *json,
                    struct ref *refs, uint32_t *count) {
    const struct json *stack[JSON_DEPTH_MAX + 2], *others = NULL;
    int top = 0;
    bool found = false;
    *count = 0;
    stack[top++] = json;
    while (top > 0 || others) {
        if (top == 0) {
            stack[top++] = others->first;
            others = NULL;
        }
        const struct json *at = stack[--top];
        if (!at) continue;
        /* `json` itself has siblings that are not ours. */
        if (at != json && at->next) stack[top++] = at->next;
        struct history history;
        const bool plain = is_history(at, &history);
        const bool tensor = json_is(json_member(at, "class_name"), "__keras_tensor__");
        if (tensor &&
            !is_history(json_member(json_member(at, "config"), "keras_history"), &history))
            return scope_fail(keras, scope, "K-016 a damaged keras_history");
        if (plain || tensor) {
            struct ref ref;
            if (!read_history(keras, scope, &history, &ref)) return false;
            ref.at = at;
            if (refs) refs[*count] = ref;
            (*count)++;
        }
        if ((plain || is_constant(at)) && !found) {
            others = json_item(at, 3);
            if (others && others->type != JSON_OBJECT) others = NULL;
            found = true;
        }
        if (!plain && !tensor && !is_constant(at) &&
            (at->type == JSON_ARRAY || at->type == JSON_OBJECT)) {
            stack[top++] = at->first;
        }
    }
    return true;
}

static bool collect_list(struct keras *keras, const struct scope *scope, const struct json *json,
                         struct ref **refs, uint32_t *count) {
    if (!collect(keras, scope, json, NULL, count)) return false;
    *refs = pool_get(keras->pool, *count, sizeof **refs, keras->trouble);
    return *refs && collect(keras, scope, json, *refs, count);
}

/* Keras takes a dictionary of inputs in the order of its keys, and gives a dictionary of outputs in
 * the order it was written. */
static int compare_members(const void *a, const void *b) {
    return strcmp((*(const struct json *const *)a)->key, (*(const struct json *const *)b)->key);
}
static bool collect_io(struct keras *keras, struct scope *scope, const struct json *json,
                       bool sorted, struct ref **refs, uint32_t *count) {
    if (!json || json->type != JSON_OBJECT) return collect_list(keras, scope, json, refs, count);
    const struct json **members =
        pool_get(keras->pool, json->count, sizeof(struct json *), keras->trouble);
    *refs = pool_get(keras->pool, json->count, sizeof **refs, keras->trouble);
    if (!members || !*refs) return false;
    *count = 0;
    for (const struct json *m = json->first; m; m = m->next) members[(*count)++] = m;
    if (sorted) qsort((void *)members, *count, sizeof(struct json *), compare_members);
    for (uint32_t i = 0; i < *count; i++) {
        struct history history;
        if (!is_history(members[i], &history))
            return scope_fail(keras, scope,
                              "K-017 a dictionary of inputs or outputs within another");
        if (!read_history(keras, scope, &history, &(*refs)[i])) return false;
    }
    return true;
}

/* ---- layers ---- */

/* A scope to be parsed later: it joins the list of those that wait. */
static struct scope *scope_new(struct keras *keras, const char *name, const char *class_name,
                               const struct json *item, const struct json *config, uint32_t depth) {
    struct scope *scope = pool_get(keras->pool, 1, sizeof *scope, keras->trouble);
    if (!scope) return NULL;
    scope->name = name;
    scope->class_name = class_name;
    scope->item = item;
    scope->config = config;
    scope->depth = depth;
    scope->group = "";
    scope->next = keras->waiting;
    keras->waiting = scope;
    return scope;
}

/* A text, or nothing said. */
static bool is_open_text(const struct json *json) {
    return !json || json->type == JSON_STRING || json->type == JSON_NULL;
}

static bool read_layer(struct keras *keras, struct scope *scope, const struct json *item,
                       struct layer *layer) {
    const struct json *class_name = json_member(item, "class_name");
    const struct json *config = json_member(item, "config");
    const struct json *name = json_member(item, "name");
    if (!name) name = json_member(config, "name");
    if (!class_name || class_name->type != JSON_STRING || !config ||
        (name && name->type != JSON_STRING))
        return scope_fail(keras, scope, "K-020 a layer without class name or config");
    layer->class_name = keras_modern_class(class_name->text);
    layer->config = config;
    layer->item = item;
    layer->name =
        name ? name->text : pool_print(keras->pool, keras->trouble, "layer_%u", scope->layer_count);
    const struct json *inner;
    if (!layer->name || !keras_read_custom(keras, layer) || !keras_check_own(keras, layer, item) ||
        !keras_unwrap(keras, layer, &inner) || !keras_check_own(keras, layer, inner))
        return false;
    layer->outer_class = class_name->text;
    const struct json *each = json_member(config, "layer");
    const struct json *each_class = json_member(each, "class_name");
    if (strcmp(layer->class_name, "TimeDistributed") == 0 && each_class &&
        each_class->type == JSON_STRING && keras_is_model(each_class->text)) {
        layer->each_step = true;
        layer->part = "layer";
        layer->class_name = each_class->text;
        inner = each;
    }
    if (keras_is_model(layer->class_name)) {
        const struct json *own = json_member(inner, "config");
        if (!own) return scope_fail(keras, scope, "K-268 a model within it without config");
        layer->model =
            scope_new(keras, layer->name, layer->class_name, inner, own, scope->depth + 1);
        return layer->model != NULL;
    }
    if (strcmp(layer->class_name, "TensorFlowOpLayer") == 0) return keras_read_node(keras, layer);
    return keras->generation > 1 || keras_modernise(keras, layer);
}

static bool read_layers(struct keras *keras, struct scope *scope, const struct json *list) {
    if (!list || list->type != JSON_ARRAY || list->count == 0)
        return scope_fail(keras, scope, "K-021 its config lists no layers");
    scope->layers = pool_get(keras->pool, list->count, sizeof *scope->layers, keras->trouble);
    if (!scope->layers) return false;
    if (keras->generation == 1) keras_old_order(keras, list);
    for (const struct json *item = list->first; item; item = item->next, scope->layer_count++)
        if (!read_layer(keras, scope, item, &scope->layers[scope->layer_count])) return false;
    if (!sort_names(keras, scope)) return false;
    return keras->layout == KERAS_NAMED || keras_number_groups(keras, scope);
}

static bool make_calls(struct keras *keras, struct scope *scope, struct layer *layer,
                       uint32_t count) {
    layer->first_call = scope->call_count;
    layer->call_count = count;
    scope->call_count += count;
    layer->calls = pool_get(keras->pool, count, sizeof *layer->calls, keras->trouble);
    return layer->calls != NULL;
}

/* Each layer is called once, on the one before. */
static bool link_sequential(struct keras *keras, struct scope *scope) {
    for (uint32_t l = 0; l < scope->layer_count; l++) {
        struct layer *layer = &scope->layers[l];
        if (!make_calls(keras, scope, layer, 1)) return false;
        if (l == 0) continue;
        layer->calls[0].refs = pool_get(keras->pool, 1, sizeof(struct ref), keras->trouble);
        if (!layer->calls[0].refs) return false;
        layer->calls[0].ref_count = 1;
        layer->calls[0].refs[0].layer = l - 1;
    }
    scope->inputs = pool_get(keras->pool, 1, sizeof *scope->inputs, keras->trouble);
    scope->outputs = pool_get(keras->pool, 1, sizeof *scope->outputs, keras->trouble);
    if (!scope->inputs || !scope->outputs) return false;
    scope->outputs[0].layer = scope->layer_count - 1;
    scope->input_count = scope->output_count = 1;
    return true;
}

/* The calls that a layer's inbound_nodes list; an input is called once, on nothing. */
static bool link_layer(struct keras *keras, struct scope *scope, struct layer *layer) {
    const struct json *inbound = json_member(layer->item, "inbound_nodes");
    bool input = strcmp(layer->class_name, "InputLayer") == 0;
    if (inbound && inbound->type != JSON_ARRAY && inbound->type != JSON_NULL)
        return scope_fail(keras, scope, "K-261 'inbound_nodes' that is not a list");
    const struct json *node = inbound && !input ? inbound->first : NULL;
    if (!make_calls(keras, scope, layer, input ? 1 : inbound ? (uint32_t)inbound->count : 0))
        return false;
    for (struct call *call = layer->calls; node; node = node->next, call++) {
        call->node = node;
        if (!collect_list(keras, scope, node, &call->refs, &call->ref_count)) return false;
    }
    return true;
}

static bool link_functional(struct keras *keras, struct scope *scope) {
    const struct json *config = scope->config;
    for (uint32_t l = 0; l < scope->layer_count; l++)
        if (!link_layer(keras, scope, &scope->layers[l])) return false;
    if (!collect_io(keras, scope, json_member(config, "input_layers"), true, &scope->inputs,
                    &scope->input_count) ||
        !collect_io(keras, scope, json_member(config, "output_layers"), false, &scope->outputs,
                    &scope->output_count))
        return false;
    if (scope->input_count == 0 || scope->output_count == 0)
        return scope_fail(keras, scope, "K-022 it lists no inputs or no outputs");
    return keras_settle_calls(keras, scope);
}

static bool parse_scope(struct keras *keras, struct scope *scope) {
    const struct json *config = scope->config;
    if (scope->depth >= KERAS_DEPTH_MAX)
        return scope_fail(keras, scope, "K-023 too many models within one another");
    /* Up to Keras 2.2 a Sequential's config is the list of layers itself. */
    bool sequential = strcmp(scope->class_name, "Sequential") == 0;
    const struct json *layers =
        sequential && config->type == JSON_ARRAY ? config : json_member(config, "layers");
    if (!read_layers(keras, scope, layers)) return false;
    return sequential ? link_sequential(keras, scope) : link_functional(keras, scope);
}

struct scope *keras_scope(struct keras *keras, const struct json *model) {
    const struct json *class_name = json_member(model, "class_name");
    const struct json *config = json_member(model, "config"), *name = json_member(config, "name");
    if (!class_name || class_name->type != JSON_STRING || !config || !is_open_text(name)) {
        fail(keras->trouble, "K-024 the model's description has no class name or no config");
        return NULL;
    }
    if (!keras_is_model(class_name->text)) {
        fail(keras->trouble,
             "K-025 the model is a %s; fovea converts Sequential and Functional models",
             class_name->text);
        return NULL;
    }
    struct scope *outermost =
        scope_new(keras, name && name->type != JSON_NULL ? name->text : class_name->text,
                  class_name->text, model, config, 0);
    if (!outermost) return NULL;
    /* Models found inside wait in a list: no recursion on what the file says. */
    while (keras->waiting) {
        struct scope *scope = keras->waiting;
        keras->waiting = scope->next;
        if (!parse_scope(keras, scope)) return NULL;
    }
    if (keras->layout == KERAS_NAMED && !keras_name_groups(keras, outermost)) return NULL;
    return outermost;
}

/* ---- shapes ---- */

/* The input shape that a layer was built with. */
static const struct json *built_shape(const struct json *item) {
    const struct json *shape = json_member(json_member(item, "build_config"), "input_shape");
    return shape ? shape : json_member(json_member(item, "config"), "build_input_shape");
}

bool keras_stated_shape(struct keras *keras, const struct layer *layer,
                        struct stated_shape *stated) {
    const struct json *list = json_member(layer->config, "batch_shape");
    if (!list) list = json_member(layer->config, "batch_input_shape");
    if (!list) list = built_shape(layer->item);
    *stated = (struct stated_shape){.stated = false};
    if (!list || list->type == JSON_NULL) return true;
    stated->stated = true;
    if (list->type != JSON_ARRAY || !list->first)
        return fail(keras->trouble, "K-265 layer '%s': the shape of its input is not a list",
                    layer->name);
    if (list->count - 1 > FOVEA_RANK_MAX)
        return fail(keras->trouble, "K-026 layer '%s': its input has too many dimensions",
                    layer->name);
    for (const struct json *d = list->first->next; d; d = d->next) {
        const uint32_t at = shape_rank(&stated->shape);
        const bool open = d->type == JSON_NULL;
        if (!open && (!d->integral || d->integer < 1 || d->integer > FOVEA_DIM_MAX))
            return fail(keras->trouble,
                        "K-027 layer '%s': dimension %u of its input is out of range", layer->name,
                        at + 1);
        if (open) stated->open |= 1u << at;
        shape_append(&stated->shape, open ? 1 : (uint64_t)d->integer);
    }
    return true;
}
