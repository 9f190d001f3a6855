/* The inputs of the outermost model: their sizes, by the file or by the user. */
#include <string.h>

#include "convert/graph/same.h"
#include "convert/keras/keras.h"

/* What is taken for a size that is left open, until somebody plans the model with another: halves of it stay whole. */
#define USUAL_PICTURE 256
#define USUAL_SIZE    64
#define USUAL_MORE    128

static bool take_usual(struct keras *keras, const struct scope *scope, uint32_t input,
                       const struct stated_shape *from, struct fovea_shape *shape) {
    const uint32_t rank = shape_rank(shape);
    if (!keras->sizes_taken)
        keras->sizes_taken =
            pool_get(keras->pool, scope->input_count, sizeof *keras->sizes_taken, keras->trouble);
    if (!keras->sizes_taken) return false;
    keras->sizes_taken[input] = from->open;
    for (uint32_t d = 0; d < rank; d++)
        if (from->open >> d & 1)
            shape_replace(shape, d,
                          (uint64_t)(rank == 3 ? USUAL_PICTURE : USUAL_SIZE) + keras->sizes_more);
    return true;
}

/* Fills the sizes that the file leaves open from those the user gave: all of them, or only the open
 * ones. One shape given to several inputs serves those with open sizes. */
static bool complete_shape(struct keras *keras, const struct scope *scope, const char *name,
                           uint32_t input, const struct stated_shape *from,
                           struct fovea_shape *shape) {
    const size_t count = keras->input_shape_count;
    const bool stated = from->stated;
    const struct fovea_shape *given =
        count > 0 ? &keras->input_shapes[count > 1 ? input : 0] : NULL;
    const uint32_t rank = shape_rank(&from->shape);
    uint32_t open = 0, at = 0;
    *shape = from->shape;
    if (count > 1 && count != scope->input_count)
        return fail(keras->trouble, "K-038 %zu input shapes were given, the model has %u inputs",
                    count, scope->input_count);
    for (uint32_t d = 0; d < rank; d++) open += from->open >> d & 1;
    if (stated && open == 0 && count != scope->input_count) return true;
    if (!given && stated && !keras->sizes_wanted)
        return take_usual(keras, scope, input, from, shape);
    if (!given)
        return fail(keras->trouble,
                    "K-039 input '%s': the file leaves %s open; give %s with --input-shape", name,
                    stated ? "sizes of it" : "its shape", stated ? "them" : "it");
    if (!stated) {
        *shape = *given;
        return true;
    }
    const bool all = shape_rank(given) == rank;
    if (!all && shape_rank(given) != open)
        return fail(keras->trouble, "K-040 input '%s' has %u sizes, of them %u open; given: %u",
                    name, rank, open, shape_rank(given));
    for (uint32_t d = 0; d < rank; d++) {
        const bool is_open = from->open >> d & 1;
        const uint32_t size = all || is_open ? shape_size(given, at++) : shape_size(shape, d);
        if (!is_open && shape_size(shape, d) != size)
            return fail(keras->trouble, "K-041 input '%s': size %u is %u in the file; given: %u",
                        name, d + 1, shape_size(shape, d), size);
        shape_replace(shape, d, size);
    }
    return true;
}

/* An input whose numbers are whole: "uint8", "int32", ... */
static bool takes_whole(const struct layer *layer) {
    const struct json *type = json_member(layer->config, "dtype");
    return strcmp(layer->class_name, "InputLayer") == 0 && type && type->type == JSON_STRING &&
           (strncmp(type->text, "int", 3) == 0 || strncmp(type->text, "uint", 4) == 0);
}

bool keras_make_inputs(struct keras *keras, const struct scope *scope, uint32_t *values) {
    const struct layer model = {.name = scope->name, .config = scope->config, .item = scope->item};
    for (uint32_t i = 0; i < scope->input_count; i++) {
        const struct layer *layer = &scope->layers[scope->inputs[i].layer];
        struct stated_shape stated;
        struct fovea_shape shape;
        const char *name = layer->name;
        while (layer->model) layer = &layer->model->layers[layer->model->inputs[0].layer];
        if (!keras_stated_shape(keras, layer, &stated) ||
            (!stated.stated && !keras_stated_shape(keras, &model, &stated)) ||
            !complete_shape(keras, scope, name, i, &stated, &shape))
            return false;
        values[i] = graph_input(keras->graph, name, &shape);
        if (values[i] == GRAPH_NONE) return false;
        const struct graph_moments whole = {.value = values[i], .whole = takes_whole(layer)};
        if (whole.whole && !graph_note_moments(keras->graph, &whole)) return false;
    }
    return true;
}

/* ---- whether sizes are open ---- */

/* "?x?x3", with '/' between inputs. */
static const char *open_text(struct keras *keras) {
    const struct graph *graph = keras->graph;
    const char *text = "";
    for (uint32_t i = 0; text && i < graph->input_count; i++) {
        const struct fovea_shape *shape = graph_shape(graph, i);
        if (i) text = pool_print(keras->pool, keras->trouble, "%s/", text);
        for (uint32_t d = 0; text && d < shape_rank(shape); d++) {
            const char *between = d ? "x" : "";
            text = keras->sizes_taken[i] >> d & 1
                       ? pool_print(keras->pool, keras->trouble, "%s%s?", text, between)
                       : pool_print(keras->pool, keras->trouble, "%s%s%u", text, between,
                                    shape_size(shape, d));
        }
    }
    return text;
}

/* *open: whether the graph is the same at larger sizes; *keras: as it was before the first walk. False where that
 * could not be found out. */
static bool is_open(struct keras *keras, const struct keras *before, const struct json *model,
                    bool *open) {
    struct trouble trouble = {0};
    struct graph graph;
    struct keras larger = *before;
    graph_start(&graph, keras->pool, &trouble);
    larger.graph = &graph;
    larger.trouble = &trouble;
    larger.sizes_more = USUAL_MORE;
    struct scope *scope = keras_scope(&larger, model);
    *open = scope && keras_walk(&larger, scope) && !trouble.set;
    if (trouble.scarce) return fail_check(keras->trouble, trouble.check, "%s", trouble.text);
    return !*open || graph_same(keras->graph, &graph, open);
}

bool keras_read(struct keras *keras, const struct json *model) {
    const struct keras before = *keras;
    bool open;
    struct scope *scope = keras_scope(keras, model);
    if (!scope || !keras_walk(keras, scope)) return false;
    if (!keras->sizes_taken) return true;
    if (!is_open(keras, &before, model, &open)) return false;
    if (!open)
        return fail(keras->trouble,
                    "K-740 the file leaves sizes of its inputs open, but a layer is "
                    "made for one size; give it with --input-shape");
    const char *text = open_text(keras);
    return text && graph_note(keras->graph, "open-sizes", text);
}
