/* The inputs of the outermost model: their sizes, by the file or by the user. */
#include <string.h>

#include "convert/keras/keras.h"

/* Fills the sizes that the file leaves open from those the user gave: all of them, or only the open
 * ones. One shape given to several inputs serves those with open sizes. */
static bool complete_shape(struct keras *keras, const struct scope *scope, const char *name,
                           uint32_t input, bool stated, struct fovea_shape *shape) {
    size_t count = keras->input_shape_count;
    const struct fovea_shape *given =
        count > 0 ? &keras->input_shapes[count > 1 ? input : 0] : NULL;
    uint32_t open = 0, at = 0;
    if (count > 1 && count != scope->input_count)
        return fail(keras->trouble, "K-038 %zu input shapes were given, the model has %u inputs",
                    count, scope->input_count);
    for (uint32_t i = 0; stated && i < shape->rank; i++) open += shape->dims[i] == 0;
    if (stated && open == 0 && count != scope->input_count) return true;
    if (!given)
        return fail(keras->trouble,
                    "K-039 input '%s': the file leaves %s open; give %s with --input-shape", name,
                    stated ? "sizes of it" : "its shape", stated ? "them" : "it");
    if (!stated) {
        *shape = *given;
        return true;
    }
    bool all = given->rank == shape->rank;
    if (!all && given->rank != open)
        return fail(keras->trouble, "K-040 input '%s' has %u sizes, of them %u open; given: %u",
                    name, shape->rank, open, given->rank);
    for (uint32_t i = 0; i < shape->rank; i++) {
        uint32_t size = all || shape->dims[i] == 0 ? given->dims[at++] : shape->dims[i];
        if (shape->dims[i] != 0 && shape->dims[i] != size)
            return fail(keras->trouble, "K-041 input '%s': size %u is %u in the file; given: %u",
                        name, i + 1, shape->dims[i], size);
        shape->dims[i] = size;
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
        struct fovea_shape shape;
        bool stated;
        const char *name = layer->name;
        while (layer->model) layer = &layer->model->layers[layer->model->inputs[0].layer];
        if (!keras_stated_shape(keras, layer, &stated, &shape) ||
            (!stated && !keras_stated_shape(keras, &model, &stated, &shape)) ||
            !complete_shape(keras, scope, name, i, stated, &shape))
            return false;
        values[i] = graph_input(keras->graph, name, &shape);
        if (values[i] == GRAPH_NONE) return false;
        const struct graph_moments whole = {.value = values[i], .whole = takes_whole(layer)};
        if (whole.whole && !graph_note_moments(keras->graph, &whole)) return false;
    }
    return true;
}
