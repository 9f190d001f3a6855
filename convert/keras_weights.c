/* Finding a layer's weights. Paths are never built: they are followed from weight_names. */
#include <string.h>

#include "convert/keras.h"

/* All strings of attribute `name`, or of name0, name1, ... where it was too long for one. */
static bool read_names(struct keras *keras, const struct hdf5_object *object, const char *name,
                       const char ***names, size_t *count) {
    struct hdf5_value part;
    bool found;
    *names = NULL;
    *count = 0;
    for (unsigned index = 0; index < 1000; index++) {
        if (!hdf5_attribute(keras->file, object, name, &part, &found, keras->trouble)) return false;
        const char *numbered =
            found ? name : pool_print(keras->pool, keras->trouble, "%s%u", name, index);
        if (!numbered) return false;
        if (!found && !hdf5_attribute(keras->file, object, numbered, &part, &found, keras->trouble))
            return false;
        if (!found) return true;
        if (part.count == 0) return true; /* an empty list has the type of a number */
        if (part.class != HDF5_STRING)
            return fail(keras->trouble, "attribute '%s' of '%s' holds no texts", numbered,
                        object->path);
        const char **all = pool_get(keras->pool, *count + part.count, sizeof *all, keras->trouble);
        if (!all) return false;
        if (*count) memcpy((void *)all, (const void *)*names, *count * sizeof *all);
        for (uint64_t i = 0; i < part.count; i++) {
            size_t length;
            all[*count] = hdf5_string(keras->file, &part, i, &length, keras->trouble);
            if (!all[(*count)++]) return false;
        }
        *names = all;
        if (numbered == name) return true;
    }
    return fail(keras->trouble, "attribute '%s' of '%s' has too many parts", name, object->path);
}

bool keras_load_weights(struct keras *keras, struct layer *layer) {
    struct weight_list *list = &layer->weights;
    struct hdf5_object group, dataset;
    bool found;
    const char **names;
    if (list->loaded) return true;
    list->loaded = true;
    if (!hdf5_find(keras->file, &keras->weights, layer->name, &group, &found, keras->trouble))
        return false;
    if (!found) return true; /* a layer without weights may have no group */
    if (!read_names(keras, &group, "weight_names", &names, &list->count)) return false;
    struct weight *items = pool_get(keras->pool, list->count, sizeof *items, keras->trouble);
    if (!items) return false;
    for (size_t i = 0; i < list->count; i++) {
        items[i].name = names[i];
        if (!hdf5_find(keras->file, &group, names[i], &dataset, &found, keras->trouble))
            return false;
        if (!found)
            return fail(keras->trouble, "layer '%s': its weight '%s' is missing", layer->name,
                        names[i]);
        if (!hdf5_dataset(keras->file, &dataset, &items[i].value, keras->trouble)) return false;
    }
    list->items = items;
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

/* Whether `word` is one of "a|b|c". */
static bool among(const char *roles, const char *word, size_t length) {
    for (const char *role = roles; role; role = strchr(role, '|')) {
        if (*role == '|') role++;
        size_t size = strcspn(role, "|");
        if (size == length && memcmp(role, word, length) == 0) return true;
    }
    return false;
}

/* Whether `part` is one of the parts of the path before its last one. */
static bool has_part(const char *path, const char *part) {
    size_t length = strlen(part);
    for (const char *at = path; (at = strstr(at, part)) != NULL; at++)
        if ((at == path || at[-1] == '/') && at[length] == '/') return true;
    return false;
}

/* How many of the models around the layer the weight's name mentions. */
static size_t mentions(const struct layer_call *call, const char *name) {
    size_t count = 0;
    for (uint32_t i = 0; i < call->path_count; i++) count += has_part(name, call->path[i]);
    return count;
}

struct weight *keras_find_weight(struct layer_call *call, const char *roles, size_t position) {
    const struct weight_list *list = call->weights;
    struct weight *best = NULL;
    size_t best_score = 0;
    bool tie = false, nested = call->path_count > 0, named = false;
    for (size_t i = 0; i < list->count; i++) {
        size_t length;
        const char *leaf = leaf_of(list->items[i].name, &length);
        if (!among(roles, leaf, length)) continue;
        named = true;
        if (nested && !has_part(list->items[i].name, call->name)) continue;
        size_t score = mentions(call, list->items[i].name) + 1;
        if (best && score < best_score) continue;
        tie = best && score == best_score;
        best = &list->items[i];
        best_score = score;
    }
    if (best && !tie) return best;
    if (!nested && !named && position < list->count) return &list->items[position];
    if (tie)
        keras_fail(call, "several weights of the file are called '%s'", best->name);
    else
        keras_fail(call, "its weight '%.*s' is missing", (int)strcspn(roles, "|"), roles);
    return NULL;
}

bool keras_weight(struct layer_call *call, const char *roles, size_t position, uint64_t count,
                  struct source *source) {
    struct weight *weight = keras_find_weight(call, roles, position);
    if (!weight) return false;
    if (weight->value.class == HDF5_STRING)
        return keras_fail(call, "weight '%s' holds no numbers", weight->name);
    if (weight->value.count != count)
        return keras_fail(call, "weight '%s' holds %llu numbers where its settings need %llu",
                          weight->name, (unsigned long long)weight->value.count,
                          (unsigned long long)count);
    if (!weight->counted) call->keras->parameters += count;
    weight->counted = true;
    *source = source_value(&weight->value);
    return true;
}
