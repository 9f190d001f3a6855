/* Weights in HDF5 files as Keras wrote them until version 2, and still does as .h5: a group for each layer
 * of the outermost model, with attribute weight_names. Paths are never built: they are followed from
 * there. A model used as a layer is one group: weights of all its layers that are trained, then the others.
 * They are told apart by name, and by that order where names do not suffice. */
#include <stdlib.h>
#include <string.h>

#include "convert/keras/weights.h"

/* The strings of `part`, behind those that are there. An empty list has the type of a number. */
static bool add_names(struct keras *keras, const struct hdf5_value *part, const char ***names,
                      size_t *count) {
    const char **all =
        pool_get(keras->pool, fovea_sum(*count, part->count), sizeof *all, keras->trouble);
    if (!all) return false;
    if (*count) memcpy((void *)all, (const void *)*names, *count * sizeof *all);
    for (uint64_t i = 0; i < part->count; i++) {
        size_t length;
        all[*count] = hdf5_string(keras->file, part, i, &length, keras->trouble);
        if (!all[(*count)++]) return false;
    }
    *names = all;
    return true;
}

/* All strings of attribute `name`, or of name0, name1, ... where it was too long for one. */
static bool read_names(struct keras *keras, const struct hdf5_object *object, const char *name,
                       const char ***names, size_t *count) {
    struct hdf5_value part;
    bool found;
    *names = NULL;
    *count = 0;
    if (!hdf5_attribute(keras->file, object, name, &part, &found, keras->trouble)) return false;
    if (found) return add_names(keras, &part, names, count);
    for (unsigned index = 0;; index++) {
        const char *numbered = pool_print(keras->pool, keras->trouble, "%s%u", name, index);
        if (!numbered ||
            !hdf5_attribute(keras->file, object, numbered, &part, &found, keras->trouble))
            return false;
        if (!found || part.count == 0) return true;
        if (!add_names(keras, &part, names, count)) return false;
    }
}

/* ---- the layers of a model and of the models in it ---- */

struct leaves {
    struct scope *scope[KERAS_DEPTH_MAX];
    uint32_t next[KERAS_DEPTH_MAX], depth;
};

static struct leaves leaves_of(struct scope *scope) {
    struct leaves leaves = {.scope = {scope}, .depth = 1};
    return leaves;
}

/* The next layer that is no model, in the order of the configs; NULL at the end. */
static struct layer *next_leaf(struct leaves *leaves) {
    while (leaves->depth > 0) {
        uint32_t top = leaves->depth - 1;
        if (leaves->next[top] == leaves->scope[top]->layer_count) {
            leaves->depth--;
            continue;
        }
        struct layer *layer = &leaves->scope[top]->layers[leaves->next[top]++];
        if (!layer->model) return layer;
        if (leaves->depth == KERAS_DEPTH_MAX) return NULL;
        leaves->scope[leaves->depth] = layer->model;
        leaves->next[leaves->depth++] = 0;
    }
    return NULL;
}

/* Gives each layer of a model its place in the model's list, if the number of weights fits and every class
 * is one that variables.def knows. */
static void place_by_order(struct layer *layer, size_t count) {
    static const bool kinds[] = {true, false};
    uint32_t at = 0;
    for (int k = 0; k < 2; k++) {
        struct leaves leaves = leaves_of(layer->model);
        for (struct layer *leaf; (leaf = next_leaf(&leaves)) != NULL;) {
            const struct variables *row = keras_variables(leaf->class_name);
            if (!row) continue;
            if (keras_variables_inside(row)) return;
            if (kinds[k])
                leaf->first_trainable = at;
            else
                leaf->first_fixed = at;
            at += (uint32_t)keras_variable_count(row, leaf->config, &kinds[k]);
        }
    }
    struct leaves leaves = leaves_of(layer->model);
    for (struct layer *leaf; at == count && (leaf = next_leaf(&leaves)) != NULL;)
        leaf->placed = true;
}

/* ---- loading ---- */

/* Reads the weights of a layer of the outermost model; all of them, or the layer has none. */
static bool load(struct keras *keras, struct layer *layer) {
    struct hdf5_object group, dataset;
    bool found = false;
    const char **names = NULL;
    size_t count = 0;
    struct weight_list *list = pool_get(keras->pool, 1, sizeof *list, keras->trouble);
    if (!list) return false;
    if (layer->group &&
        !hdf5_find(keras->file, &keras->weights, layer->group, &group, &found, keras->trouble))
        return false;
    const struct json *inner = json_member(layer->config, "name");
    if (!found && layer->part && inner &&
        inner->type == JSON_STRING && /* kept by the layer inside */
        !hdf5_find(keras->file, &keras->weights, inner->text, &group, &found, keras->trouble))
        return false;
    /* a layer without weights may have no group */
    if (found && !read_names(keras, &group, "weight_names", &names, &count)) return false;
    struct weight *items = pool_get(keras->pool, count, sizeof *items, keras->trouble);
    if (!items) return false;
    for (size_t i = 0; i < count; i++) {
        items[i].name = names[i];
        if (!hdf5_find(keras->file, &group, names[i], &dataset, &found, keras->trouble))
            return false;
        if (!found)
            return fail(keras->trouble, "K-117 layer '%s': its weight '%s' is missing", layer->name,
                        names[i]);
        if (!keras_load_dataset(keras, &dataset, &items[i])) return false;
    }
    list->items = items;
    list->count = count;
    if (!layer->model && !layer->part && count > 0 &&
        !keras_check_count(keras, layer->name, layer->class_name, layer->config, list))
        return false;
    if (layer->model) place_by_order(layer, count);
    layer->weights = list; /* once it is complete */
    return true;
}

/* ---- names ---- */

/* The last part of "conv2d/kernel:0" without ":0". */
static const char *leaf_of(const char *name, size_t *length) {
    const char *slash = strrchr(name, '/'), *leaf = slash ? slash + 1 : name;
    const char *colon = strchr(leaf, ':');
    *length = colon ? (size_t)(colon - leaf) : strlen(leaf);
    return leaf;
}

/* Whether the name says that it is the variable. Keras 1 writes "<layer>_W". */
static bool has_role(const struct keras *keras, const struct variable *variable, const char *name) {
    size_t length;
    const char *leaf = leaf_of(name, &length);
    if (keras_variable_is(variable, leaf, length)) return true;
    for (size_t i = 0; keras->weight_generation == 1 && i + 1 < length; i++)
        if (leaf[i] == '_' && keras_variable_is(variable, leaf + i + 1, length - i - 1))
            return true;
    return false;
}

/* Whether a part of the path, except the last one, is `part`; with an underscore at the end of `part`,
 * whether one begins so. */
static bool has_part(const char *path, const char *part) {
    size_t length = strlen(part);
    bool open = length && part[length - 1] == '_';
    for (const char *at = path, *end; (end = strchr(at, '/')) != NULL; at = end + 1)
        if (strncmp(at, part, length) == 0 && (open || at[length] == '/')) return true;
    return false;
}

static bool names_layer(const struct layer_call *call, const char *name) {
    size_t length = strlen(call->name);
    if (has_part(name, call->name)) return true;
    return call->keras->weight_generation == 1 && strncmp(name, call->name, length) == 0 &&
           name[length] == '_';
}

/* What stands in names for the layers that a layer keeps in its attributes. */
static const char *mark_of(const char *part) {
    static const struct {
        const char *part, *mark;
    } marks[] = {
        {"forward_layer", "forward_"},
        {"backward_layer", "backward_"},
        {"gate_dense", "gate"},
        {"query_dense", "query"},
        {"key_dense", "key"},
        {"value_dense", "value"},
        {"output_dense", "attention_output"},
    };
    for (size_t i = 0; part && i < sizeof marks / sizeof *marks; i++)
        if (strncmp(part, marks[i].part, strlen(marks[i].part)) == 0) return marks[i].mark;
    return NULL;
}

/* The name of a cell among several; NULL for what is none. */
static const char *cell_of(const struct layer_call *call) {
    const struct json *name = json_member(call->config, "name");
    const bool among = call->part && strstr(call->part, "cells");
    return among && name && name->type == JSON_STRING ? name->text : NULL;
}

/* How many of the models around the layer the weight's name mentions. */
static size_t mentions(const struct layer_call *call, const char *name) {
    size_t count = 0;
    for (uint32_t i = 0; i < call->path_count; i++) count += has_part(name, call->path[i]);
    return count;
}

/* The variable's place in the list by order; the list's length where order tells nothing. */
static size_t place_of(const struct layer_call *call, const struct variable *variable) {
    const struct weight_list *list = call->outermost->weights;
    const struct layer *layer = call->layer;
    size_t place = variable->index;
    if (call->part) return list->count;
    if (call->path_count > 0) {
        if (!layer->placed) return list->count;
        place = variable->index_of_kind +
                (variable->trainable ? layer->first_trainable : layer->first_fixed);
    }
    return place < list->count ? place : list->count;
}

struct weight *keras_named_weight(struct layer_call *call, const struct variable *variable) {
    struct keras *keras = call->keras;
    if (!call->outermost->weights && !load(keras, call->outermost)) return NULL;
    const struct weight_list *list = call->outermost->weights;
    const char *mark = mark_of(call->part), *cell = cell_of(call);
    struct weight *best = NULL;
    size_t best_score = 0, place = place_of(call, variable);
    bool tie = false, nested = call->path_count > 0, named = false;
    if (place < list->count && has_role(keras, variable, list->items[place].name) &&
        (!nested || names_layer(call, list->items[place].name)))
        return &list->items[place]; /* order and name agree */
    for (size_t i = 0; i < list->count; i++) {
        struct weight *weight = &list->items[i];
        if (!pool_spend(keras->pool, 16 + strlen(weight->name), keras->trouble)) return NULL;
        if (!has_role(keras, variable, weight->name)) continue;
        named = true;
        if (mark && !has_part(weight->name, mark)) continue;
        if (cell && !has_part(weight->name, cell)) continue;
        if (nested && !names_layer(call, weight->name)) continue;
        size_t score = mentions(call, weight->name) + 1;
        if (best && score < best_score) continue;
        tie = best && score == best_score;
        best = weight;
        best_score = score;
    }
    if (best && !tie) return best;
    if (place < list->count &&
        (has_role(keras, variable, list->items[place].name) || (!nested && !named)))
        return &list->items[place];
    if (tie)
        keras_fail(call, "K-118 several weights of the file are called '%s'", best->name);
    else
        keras_fail(call, "K-119 its weight '%.*s' is missing", (int)strcspn(variable->names, "| ?"),
                   variable->names);
    return NULL;
}

/* ---- groups ---- */

/* Whether a layer has weights of its own. */
static bool is_weighted(const char *class_name, const struct json *config) {
    const struct variables *row = keras_variables(class_name);
    for (int depth = 0; row && keras_variables_inside(row) && depth < JSON_DEPTH_MAX; depth++) {
        const struct json *inner = json_member(config, "layer");
        const struct json *name = json_member(inner, "class_name");
        if (!name || name->type != JSON_STRING) return true;
        row = keras_variables(name->text);
        config = json_member(inner, "config");
    }
    return row && keras_variable_count(row, config, NULL) > 0;
}

static bool layer_is_weighted(struct layer *layer) {
    if (!layer->model) return is_weighted(layer->class_name, layer->config);
    struct leaves leaves = leaves_of(layer->model);
    for (struct layer *leaf; (leaf = next_leaf(&leaves)) != NULL;)
        if (is_weighted(leaf->class_name, leaf->config)) return true;
    return false;
}

/* The names of the groups that hold weights, in the file's order of layers. */
static bool read_groups(struct keras *keras, const char ***groups, size_t *count) {
    const char **names, **weights;
    size_t all, of_group;
    *count = 0;
    if (!read_names(keras, &keras->weights, "layer_names", &names, &all)) return false;
    *groups = names;
    for (size_t i = 0; i < all; i++) {
        struct hdf5_object group;
        bool found;
        if (!hdf5_find(keras->file, &keras->weights, names[i], &group, &found, keras->trouble))
            return false;
        if (!found)
            return fail(keras->trouble, "K-120 the file lists a layer '%s' that it does not hold",
                        names[i]);
        if (!read_names(keras, &group, "weight_names", &weights, &of_group)) return false;
        if (of_group > 0) names[(*count)++] = names[i];
    }
    return true;
}

/* Keras itself goes by order, whatever the names are: those given by themselves (conv2d_7) change with every
 * run of a program. */
static size_t groups_by_order(struct scope *scope, const char **groups, size_t count) {
    size_t weighted = 0;
    for (uint32_t l = 0; l < scope->layer_count; l++) {
        struct layer *layer = &scope->layers[l];
        layer->group = NULL;
        if (!layer_is_weighted(layer)) continue;
        if (weighted < count) layer->group = groups[weighted];
        weighted++;
    }
    return weighted;
}

/* Where the numbers of layers differ only names can tell: Keras' by_name=True. */
static bool find_groups(struct keras *keras, struct scope *scope) {
    const char **groups;
    size_t count;
    if (keras->apart) {
        if (!read_groups(keras, &groups, &count)) return false;
        const size_t weighted = groups_by_order(scope, groups, count);
        if (weighted == count) return true;
        for (size_t i = 0; i < count; i++) {
            uint32_t layer;
            if (!keras_find_layer(scope, groups[i], &layer))
                return fail(
                    keras->trouble,
                    "K-121 the config does not fit the weights: it has %zu layers with "
                    "weights, the file %zu, among them '%s', which the config does not have",
                    weighted, count, groups[i]);
        }
    }
    for (uint32_t l = 0; l < scope->layer_count; l++)
        scope->layers[l].group = scope->layers[l].name;
    return true;
}

/* Keras 1 does not state its backend, but only TensorFlow's variables have names that end in ":0". */
static bool find_backend(struct keras *keras, const struct scope *scope) {
    struct hdf5_object group;
    const char **names;
    size_t count;
    bool found;
    for (uint32_t l = 0; l < scope->layer_count; l++) {
        const char *name = scope->layers[l].group;
        if (!name) continue;
        if (!hdf5_find(keras->file, &keras->weights, name, &group, &found, keras->trouble))
            return false;
        if (!found) continue;
        if (!read_names(keras, &group, "weight_names", &names, &count)) return false;
        if (count == 0) continue;
        keras->backend = strchr(names[0], ':') ? KERAS_TENSORFLOW : KERAS_THEANO;
        return true;
    }
    return true;
}

bool keras_name_groups(struct keras *keras, struct scope *scope) {
    return find_groups(keras, scope) &&
           (keras->weight_generation > 1 || find_backend(keras, scope));
}
