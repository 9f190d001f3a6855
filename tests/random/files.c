/* A model as Keras writes it: the description as JSON, the weights in the layouts of HDF5 files. */
#include "tests/random/model.h"

#define W_ROOM  (4u << 20)
#define W_SEALS 2000
#include "tests/fuzz/fuzz.h"
#include "tests/unit/hdf5_writer.h"

/* ---- the description ---- */

static void put_scope(struct text *text, const struct scope *scope, bool open);

static void put_shape(struct text *text, const struct scope *scope, const struct layer *layer,
                      bool open) {
    const struct fovea_shape *shape = &layer->input;
    put(text, ",\"%s\":[null", scope->of->dialect == 3 ? "batch_shape" : "batch_input_shape");
    for (uint32_t d = 0; d < shape->rank; d++)
        if (open && shape->rank == 3 && d < 2)
            put(text, ",null");
        else
            put(text, ",%u", shape->dims[d]);
    put(text, "]");
}

static void put_layer(struct text *text, const struct scope *scope, const struct layer *layer,
                      bool open) {
    const bool third = scope->of->dialect == 3;
    put(text, "{");
    if (third)
        put(text, "\"module\":\"%s\",\"registered_name\":%s,", layer->module,
            layer->model && !layer->model->sequential ? "\"Functional\"" : "null");
    put(text, "\"class_name\":\"%s\",\"config\":", layer->class_name);
    if (layer->model) {
        put_scope(text, layer->model, false);
    } else {
        put(text, "{%s", layer->config.size ? layer->config.start : "");
        if (strcmp(layer->class_name, "InputLayer") == 0)
            put_shape(text, scope, layer, open && !scope->outer);
        else if (scope->bare && layer == &scope->layers[1])
            put_shape(text, scope, &scope->layers[0], false);
        put(text, "}");
    }
    put(text, ",\"name\":\"%s\"", layer->name);
    if (!scope->sequential)
        put(text, ",\"inbound_nodes\":[%s]", layer->nodes.size ? layer->nodes.start : "");
    put(text, "}");
}

/* In output_layers Keras 3 counts the calls of a Functional model from 1, all others from 0. */
static unsigned base_of(const struct scope *scope, const struct layer *layer) {
    if (!layer->model) return 0;
    return scope->of->dialect == 2 || !layer->model->sequential;
}

static void put_scope(struct text *text, const struct scope *scope, bool open) {
    bool first = true;
    put(text, "{\"name\":\"%s\",\"trainable\":true,\"layers\":[", scope->name);
    for (unsigned l = scope->bare; l < scope->layer_count; l++) {
        const struct layer *layer = &scope->layers[l];
        if (layer->calls == 0) continue;
        put(text, "%s", first ? "" : ",");
        put_layer(text, scope, layer, open);
        first = false;
    }
    put(text, "]");
    if (!scope->sequential) {
        put(text, ",\"input_layers\":[");
        first = true;
        for (unsigned l = 0; l < scope->layer_count; l++)
            if (strcmp(scope->layers[l].class_name, "InputLayer") == 0) {
                put(text, "%s[\"%s\",0,0]", first ? "" : ",", scope->layers[l].name);
                first = false;
            }
        put(text, "],\"output_layers\":[");
        for (unsigned o = 0; o < scope->output_count; o++) {
            const struct value *value = &scope->values[scope->outputs[o]];
            put(text, "%s[\"%s\",%u,%u]", o ? "," : "", value->layer->name,
                value->call + base_of(scope, value->layer), value->tensor);
        }
        put(text, "]");
    }
    put(text, "}");
}

const char *model_config(const struct model *model, bool open) {
    struct text text = {0};
    const bool third = model->dialect == 3;
    const bool line = model->outermost->sequential;
    put(&text, "{");
    if (third)
        put(&text, "\"module\":\"%s\",\"registered_name\":%s,",
            line ? "keras" : "keras.src.models.functional", line ? "null" : "\"Functional\"");
    put(&text, "\"class_name\":\"%s\",\"config\":", line ? "Sequential" : "Functional");
    put_scope(&text, model->outermost, open);
    put(&text, third ? "}" : ",\"keras_version\":\"%s\",\"backend\":\"tensorflow\"}",
        model->version);
    return text.start;
}

/* Keras 3 leaves modules out of .h5 files. */
static const char *without_modules(const char *config) {
    struct text text = {0};
    for (const char *at = config, *mark; *at; at = mark) {
        mark = strstr(at + 1, "\"module\":\"keras");
        if (!mark) mark = at + strlen(at);
        const char *from = at;
        if (strncmp(at, "\"module\":\"keras", 15) == 0) from = strstr(at, "\",") + 2;
        put(&text, "%.*s", (int)(mark - from), from);
    }
    return text.start;
}

/* ---- weights: a tree of groups ---- */

struct node {
    const char *name;
    const struct weight *weight; /* of a dataset */
    unsigned number;             /* the weight's, counted from 1 */
    struct text names;           /* weight_names or layer_names, of 96 bytes each */
    unsigned name_count;
    bool has_names;
    struct node *first, *next;
};

/* The node at a path below `at`, made where it is not there. */
static struct node *node_at(struct node *at, const char *path) {
    while (*path) {
        size_t length = strcspn(path, "/");
        struct node **place = &at->first;
        while (*place &&
               (strlen((*place)->name) != length || strncmp((*place)->name, path, length) != 0))
            place = &(*place)->next;
        if (!*place) {
            *place = take(sizeof **place);
            (*place)->name = print("%.*s", (int)length, path);
        }
        at = *place;
        path += length + (path[length] == '/');
    }
    return at;
}

static void put_name(struct node *node, const char *name) {
    char padded[97] = {0};
    strncpy(padded, name, 95);
    for (int i = 0; i < 96; i++) put(&node->names, "%c", padded[i] ? padded[i] : '\1');
    node->name_count++;
    node->has_names = true;
}

struct writing {
    const struct weight_damage *damage;
    unsigned count; /* weights so far */
};

static void add_dataset(struct writing *writing, struct node *top, const char *path,
                        struct node *names, const char *name, const struct weight *weight) {
    const struct weight_damage *damage = writing->damage;
    const bool hit = ++writing->count == (damage ? damage->at : 0);
    if (names) put_name(names, name);
    if (hit && damage->kind == WEIGHT_MISSING) return;
    struct node *node =
        node_at(top, hit && damage->kind == WEIGHT_RENAMED ? print("%sx", path) : path);
    node->weight = weight;
    node->number = writing->count;
}

/* All weights below a layer, those that are trained or the others; by names. */
static void add_named(struct writing *writing, struct node *group, const struct layer *layer,
                      const struct scope *scope, bool fixed) {
    if (layer->model) {
        for (unsigned l = 0; l < layer->model->layer_count; l++)
            add_named(writing, group, &layer->model->layers[l], layer->model, fixed);
        return;
    }
    for (const struct weight *w = layer->weights; w && layer->calls; w = w->next) {
        if (w->fixed != fixed) continue;
        const char *name = print("%s/%s%s%s%s", layer->name, w->mark, *w->mark ? "/" : "", w->role,
                                 scope->of->dialect == 2 ? ":0" : "");
        add_dataset(writing, group, name, group, name, w);
    }
}

static void add_numbered(struct writing *writing, struct node *root, const struct scope *scope,
                         const char *group) {
    node_at(root, print("%s%slayers", group, *group ? "/" : ""));
    for (unsigned l = 0; l < scope->layer_count; l++) {
        const struct layer *layer = &scope->layers[l];
        unsigned before = 0;
        char name[64];
        if (layer->raw || layer->calls == 0) continue;
        for (unsigned k = 0; k < l; k++)
            before += !scope->layers[k].raw && scope->layers[k].calls &&
                      strcmp(scope->layers[k].class_name, layer->class_name) == 0;
        snake(layer->class_name, name);
        const char *own = print(before ? "%s%slayers/%s_%u" : "%s%slayers/%s", group,
                                *group ? "/" : "", name, before);
        if (layer->model) add_numbered(writing, root, layer->model, own);
        for (const struct weight *w = layer->weights; w; w = w->next) {
            unsigned number = 0;
            for (const struct weight *v = layer->weights; v != w; v = v->next)
                number += strcmp(v->part, w->part) == 0;
            add_dataset(writing, root,
                        print("%s/%s%svars/%u", own, w->part, *w->part ? "/" : "", number), NULL,
                        "", w);
        }
    }
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct w_link *)a)->name, ((const struct w_link *)b)->name);
}

static uint64_t put_dataset(struct writer *w, const struct node *node,
                            const struct weight_damage *damage) {
    const struct weight *weight = node->weight;
    uint64_t dims[7] = {0}, count = 1;
    unsigned rank = weight->rank, type = W_F4;
    memcpy(dims, weight->dims, sizeof weight->dims);
    if (damage && node->number == damage->at) switch (damage->kind) {
        case WEIGHT_LONGER: dims[rank++] = 2; break;
        case WEIGHT_SHORTER: dims[0] -= rank > 0; break;
        case WEIGHT_FLAT: dims[0] = weight->count, rank = 1; break;
        case WEIGHT_INTEGERS: type = W_I4; break;
        case WEIGHT_SCALAR: rank = 0; break;
        default: break;
        }
    for (unsigned d = 0; d < rank; d++) count *= dims[d];
    float *values = take(count * sizeof *values + 1);
    for (uint64_t i = 0; i < count; i++) values[i] = weight->values[i % weight->count];
    return w_contiguous(w, type, rank, dims, values, count * sizeof *values);
}

static uint64_t put_group(struct writer *w, struct node *node, const struct weight_damage *damage,
                          const char *config, const char *version) {
    struct w_link links[64];
    unsigned count = 0, messages;
    for (struct node *child = node->first; child && count < 64; child = child->next)
        links[count++] =
            (struct w_link){child->name, child->weight ? put_dataset(w, child, damage)
                                                       : put_group(w, child, damage, NULL, NULL)};
    qsort(links, count, sizeof *links, by_name);
    uint64_t start = w_group_begin(w, links, count, &messages);
    if (node->has_names) {
        for (size_t i = 0; i < node->names.size; i++)
            if (node->names.start[i] == '\1') node->names.start[i] = 0;
        w_attribute_texts(w,
                          strcmp(node->name, "model_weights") == 0 ? "layer_names" : "weight_names",
                          96, node->name_count, node->names.start);
        messages++;
    }
    if (config) {
        w_attribute_texts(w, "model_config", (unsigned)strlen(config), 1, config);
        w_attribute_texts(w, "keras_version", (unsigned)strlen(version), 1, version);
        w_attribute_texts(w, "backend", 10, 1, "tensorflow");
        messages += 3;
    }
    w_header_end(w, start, messages);
    return start;
}

/* ---- archives ---- */

static void put_bytes(struct text *text, const void *bytes, size_t size) {
    if (text->size + size + 1 > text->room) {
        text->room = 2 * (text->size + size + 64);
        char *moved = take(text->room);
        if (text->size) memcpy(moved, text->start, text->size);
        text->start = moved;
    }
    if (size) memcpy(text->start + text->size, bytes, size);
    text->size += size;
}

static void put_number(struct text *text, unsigned bytes, uint64_t value) {
    for (unsigned i = 0; i < bytes; i++) {
        const uint8_t byte = (uint8_t)(value >> (8 * i));
        put_bytes(text, &byte, 1);
    }
}

/* What the local header and the directory have in common. */
static void put_member(struct text *text, const char *name, const void *bytes, size_t size) {
    put_number(text, 2, 20);
    put_number(text, 4, 0); /* flags, stored */
    put_number(text, 4, 0);
    put_number(text, 4, fuzz_crc(bytes, size));
    put_number(text, 4, size);
    put_number(text, 4, size);
    put_number(text, 2, strlen(name));
    put_number(text, 2, 0);
}

static void zip_member(struct text *at, struct text *central, unsigned *members, const char *name,
                       const void *bytes, size_t size) {
    const size_t start = at->size;
    put_bytes(at, "PK\3\4", 4);
    put_member(at, name, bytes, size);
    put_bytes(at, name, strlen(name));
    put_bytes(at, bytes, size);
    put_bytes(central, "PK\1\2", 4);
    put_number(central, 2, 20);
    put_member(central, name, bytes, size);
    put_number(central, 2, 0);
    put_number(central, 8, 0);
    put_number(central, 4, start);
    put_bytes(central, name, strlen(name));
    ++*members;
}

static void zip(struct file *file, const char *config, const char *version) {
    struct text all = {0}, central = {0};
    unsigned members = 0;
    const char *metadata =
        print("{\"keras_version\":\"%s\",\"date_saved\":\"2026-01-01@00:00:00\"}", version);
    zip_member(&all, &central, &members, "metadata.json", metadata, strlen(metadata));
    zip_member(&all, &central, &members, "config.json", config, strlen(config));
    zip_member(&all, &central, &members, "model.weights.h5", file->bytes, file->size);
    const size_t start = all.size;
    put_bytes(&all, central.start, central.size);
    put_bytes(&all, "PK\5\6\0\0\0\0", 8);
    put_number(&all, 2, members);
    put_number(&all, 2, members);
    put_number(&all, 4, central.size);
    put_number(&all, 4, start);
    put_number(&all, 2, 0);
    file->bytes = (uint8_t *)all.start;
    file->size = all.size;
}

/* ---- files ---- */

/* The description is an attribute in the header of an object, which ends at 64 KB. */
bool form_fits(const struct model *model, enum form form) {
    if (form == FORM_WEIGHTS && model->versioned) return false;
    if (form == FORM_KERAS || form == FORM_WEIGHTS) return model->dialect == 3;
    return !model->many && strlen(model_config(model, false)) < 60000;
}

void model_file(const struct model *model, enum form form, const char *config,
                const struct weight_damage *damage, struct file *file) {
    static uint8_t *room;
    struct writing writing = {damage, 0};
    struct writer w;
    struct node root = {.name = ""};
    const bool numbered = form == FORM_KERAS || form == FORM_WEIGHTS;
    if (!room) room = malloc(W_ROOM);
    if (!room) abort();
    if (!config) config = model_config(model, false);
    if (numbered) {
        add_numbered(&writing, &root, model->outermost, "");
    } else {
        struct node *weights = node_at(&root, "model_weights");
        for (unsigned l = 0; l < model->outermost->layer_count; l++) {
            const struct layer *layer = &model->outermost->layers[l];
            if (layer->calls == 0) continue;
            struct node *group = node_at(weights, layer->name);
            put_name(weights, layer->name);
            group->has_names = true;
            for (int fixed = 0; fixed < 2; fixed++)
                add_named(&writing, group, layer, model->outermost, fixed);
            group->has_names = group->name_count > 0;
        }
    }
    w_begin(&w, room, form == FORM_H5_LATEST || form == FORM_KERAS);
    w_end(&w, put_group(&w, &root, damage,
                        numbered              ? NULL
                        : model->dialect == 3 ? without_modules(config)
                                              : config,
                        model->version));
    *file = (struct file){room, w.size, form == FORM_WEIGHTS ? config : NULL};
    if (form == FORM_KERAS) zip(file, config, model->version);
}

static unsigned count_weights(const struct scope *scope) {
    unsigned count = 0;
    for (unsigned l = 0; l < scope->layer_count; l++) {
        if (scope->layers[l].calls == 0) continue;
        if (scope->layers[l].model) count += count_weights(scope->layers[l].model);
        for (const struct weight *w = scope->layers[l].weights; w; w = w->next) count++;
    }
    return count;
}

unsigned model_weights(const struct model *model) {
    return count_weights(model->outermost);
}
