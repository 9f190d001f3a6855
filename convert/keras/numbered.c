/* Weights as Keras keeps them in .keras and .weights.h5: layers/<class>_<count>/vars/<number>, the class in
 * snake_case, counted among the layers of one model. Keras 2.12 to 2.15 wrote such files as well: from a
 * dictionary that has layers with weights twice, so that counts leave out a number after each of them; and
 * on Windows with '\' between the parts of a name, which is no separator in HDF5. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "convert/keras/weights.h"

#define WEIGHTS_MAX 64 /* of one layer */

/* ---- paths ---- */

static bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
static bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

char *keras_snake_case(struct keras *keras, const char *name) {
    size_t length = strlen(name);
    char *snake = pool_get(keras->pool, 2 * (uint64_t)length + 1, 1, keras->trouble), *end = snake;
    for (size_t i = 0; snake && i < length; i++) {
        if (i > 0 && is_upper(name[i]) && (is_lower(name[i + 1]) || is_lower(name[i - 1])))
            *end++ = '_';
        *end++ = is_upper(name[i]) ? (char)(name[i] - 'A' + 'a') : name[i];
    }
    return snake;
}

/* Operations on tensors stand among a model's layers, but are not counted. */
static bool is_operation(const struct layer *layer) {
    const struct json *module = json_member(layer->item, "module");
    return module && module->type == JSON_STRING &&
           (strncmp(module->text, "keras.src.ops", 13) == 0 ||
            strncmp(module->text, "keras.ops", 9) == 0);
}

/* The name of the class itself, where it is exported under another. */
static const char *own_name(const char *class_name) {
    return strcmp(class_name, "GroupQueryAttention") == 0 ? keras_modern_class(class_name)
                                                          : class_name;
}

struct numbered {
    const char *snake;
    struct layer *layer;
};

static int compare_numbered(const void *a, const void *b) {
    const struct numbered *x = a, *y = b;
    int order = strcmp(x->snake, y->snake);
    return order ? order : x->layer < y->layer ? -1 : x->layer > y->layer;
}

static const char *group_path(struct keras *keras, const char *model, const char *snake,
                              uint32_t count) {
    const char between[2] = {keras->separator, 0};
    const char *first = *model ? between : "";
    return count ? pool_print(keras->pool, keras->trouble, "%s%s%s%s%s_%u", model, first,
                              keras->container, between, snake, count)
                 : pool_print(keras->pool, keras->trouble, "%s%s%s%s%s", model, first,
                              keras->container, between, snake);
}

/* The layer's group, and the count of the next layer of the class. */
static bool set_group(struct keras *keras, const char *model, const struct numbered *numbered,
                      uint32_t *count) {
    bool twice = keras->container[0] == '_', found = false;
    for (uint32_t tried = 0; tried < 2 && !found; tried++) {
        struct hdf5_object object;
        numbered->layer->group = group_path(keras, model, numbered->snake, (*count)++);
        if (!numbered->layer->group) return false;
        if (!twice) break;
        if (!hdf5_find(keras->file, NULL, numbered->layer->group, &object, &found, keras->trouble))
            return false;
    }
    if (!numbered->layer->model) return true;
    const char between[2] = {keras->separator, 0}, *part = numbered->layer->part;
    numbered->layer->model->group = part ? pool_print(keras->pool, keras->trouble, "%s%s%s",
                                                      numbered->layer->group, between, part)
                                         : numbered->layer->group;
    if (!numbered->layer->model->group) return false;
    return true;
}

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Refuses weights in the file that belong to no layer of the outermost model. */
static bool check_strangers(struct keras *keras, const struct numbered *list, size_t listed) {
    const struct hdf5_object *groups;
    struct hdf5_object container, first;
    size_t count;
    bool found;
    if (keras->separator != '/') return true;
    if (!hdf5_find(keras->file, NULL, keras->container, &container, &found, keras->trouble) ||
        !hdf5_list(keras->file, &container, &groups, &count, keras->trouble))
        return false;
    const char **known = pool_get(keras->pool, listed, sizeof *known, keras->trouble);
    if (!known) return false;
    for (size_t i = 0; i < listed; i++) known[i] = strrchr(list[i].layer->group, '/') + 1;
    qsort((void *)known, listed, sizeof *known, compare_texts);
    for (size_t i = 0; i < count; i++) {
        const char *name = strrchr(groups[i].path, '/') + 1;
        if (bsearch(&name, (const void *)known, listed, sizeof *known, compare_texts)) continue;
        if (!hdf5_find(keras->file, &groups[i], "vars/0", &first, &found, keras->trouble))
            return false;
        if (found)
            return fail(
                keras->trouble,
                "K-129 the config does not fit the weights: it has no layer for the file's '%s'",
                groups[i].path);
    }
    return true;
}

bool keras_number_groups(struct keras *keras, struct scope *scope) {
    uint32_t count = 0, listed = 0;
    struct numbered *list = pool_get(keras->pool, scope->layer_count, sizeof *list, keras->trouble);
    if (!list) return false;
    for (uint32_t l = 0; l < scope->layer_count; l++) {
        struct layer *layer = &scope->layers[l];
        if (is_operation(layer)) continue;
        list[listed].layer = layer;
        list[listed].snake = keras_snake_case(keras, own_name(layer->outer_class));
        if (!list[listed++].snake) return false;
    }
    qsort(list, listed, sizeof *list, compare_numbered);
    for (uint32_t i = 0; i < listed; i++) {
        if (i > 0 && strcmp(list[i].snake, list[i - 1].snake) != 0) count = 0;
        if (!set_group(keras, scope->group, &list[i], &count)) return false;
    }
    return !keras->apart || scope->depth > 0 || check_strangers(keras, list, listed);
}

/* ---- loading ---- */

/* Finds <group><part>/vars; early versions of Keras 3 wrote private attributes ("_query_dense"). */
static bool find_vars(struct keras *keras, const char *group, const char *part,
                      struct hdf5_object *vars, bool *found) {
    const char between[2] = {keras->separator, 0};
    for (int private = 0; private < 2; private ++) {
        const char *path = pool_print(keras->pool, keras->trouble, "%s%s%s%s/vars", group,
                                      *part ? between : "", private ? "_" : "", part);
        if (!path || !hdf5_find(keras->file, NULL, path, vars, found, keras->trouble)) return false;
        if (*found || !*part) return true;
    }
    return true;
}

static bool load(struct layer_call *call, const char *part, struct weight_list *list) {
    struct keras *keras = call->keras;
    struct hdf5_object vars, dataset;
    char name[24];
    bool found;
    list->part = part;
    list->items = pool_get(keras->pool, WEIGHTS_MAX, sizeof *list->items, keras->trouble);
    if (!list->items) return false;
    if (!call->layer->group)
        return keras_fail(call, "K-130 it is an operation, which has no weights");
    if (!find_vars(keras, call->layer->group, part, &vars, &found)) return false;
    for (; found && list->count < WEIGHTS_MAX; list->count++) {
        struct weight *weight = &list->items[list->count];
        snprintf(name, sizeof name, "%zu", list->count);
        if (!hdf5_find(keras->file, &vars, name, &dataset, &found, keras->trouble)) return false;
        if (!found) break;
        weight->name = dataset.path;
        if (!keras_load_dataset(keras, &dataset, weight)) return false;
    }
    if (list->count == 0)
        return keras_fail(call, "K-131 its weights are missing: '%s' of the file holds none",
                          call->layer->group);
    return true;
}

struct weight *keras_numbered_weight(struct layer_call *call, const struct variables *row,
                                     const struct variable *variable) {
    struct keras *keras = call->keras;
    const char between[2] = {keras->separator, 0};
    const char *own = keras_variables_part(row), *outer = call->part ? call->part : "";
    const char *part = *own && *outer
                           ? pool_print(keras->pool, keras->trouble, "%s%s%s", outer, between, own)
                       : *own ? own
                              : outer;
    if (!part) return NULL;
    struct weight_list *list = call->layer->weights;
    while (list && strcmp(list->part, part) != 0) list = list->next;
    if (!list) {
        list = pool_get(keras->pool, 1, sizeof *list, keras->trouble);
        if (!list || !load(call, part, list)) return NULL;
        list->next = call->layer->weights;
        call->layer->weights = list;
    }
    /* The variable is one of those counted: floating-point numbers; seeds and counters come behind them. */
    if (!keras_check_count(keras, call->name, call->class_name, call->config, list)) return NULL;
    return &list->items[variable->index];
}
