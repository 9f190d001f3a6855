/* The walk that runs a parsed model, layer by layer, through the list of layers.def. */
#include "convert/keras/mask.h"
#include "convert/keras/quantized.h"
#include "convert/keras/raw.h"

#include <stdlib.h>
#include <string.h>

static const struct layer_row {
    const char *class_name;
    keras_layer *convert;
    enum keras_order_kind kind;
} layer_rows[] = {
#define LAYER(class_name, function)     {class_name, function, KERAS_PLAIN},
#define PICTURE(class_name, function)   {class_name, function, KERAS_PICTURE},
#define ANY_ORDER(class_name, function) {class_name, function, KERAS_ANY},
#include "convert/keras/layers.def"
};

static const struct layer_row *row_of(const char *class_name) {
    for (size_t i = 0; i < sizeof layer_rows / sizeof layer_rows[0]; i++)
        if (strcmp(layer_rows[i].class_name, class_name) == 0) return &layer_rows[i];
    return NULL;
}

keras_layer *keras_layer_of(const char *class_name) {
    const struct layer_row *row = row_of(class_name);
    return row ? row->convert : NULL;
}

enum keras_order_kind keras_layer_order(const char *class_name) {
    const struct layer_row *row = row_of(class_name);
    return row ? row->kind : KERAS_PLAIN;
}

/* Layers that do something while training only. */
bool keras_vanish(struct layer_call *call) {
    if (!keras_one_input(call, 0)) return false;
    call->output = call->inputs[0];
    return true;
}

/* ---- the walk ---- */

/* What a call costs, beside what depends on its layer: a microsecond. A file of n bytes can hold n / 32
 * calls, but models within models multiply them. */
#define CALL_STEPS 128

struct result {
    uint32_t *values;
    uint32_t count;
    struct keras_steps *steps; /* of a model that is run for each step; NULL: once */
    enum { RESULT_NEW, RESULT_WAITING, RESULT_DONE } state;
};
/* A model being run: once for each call of it. */
struct frame {
    struct scope *scope;
    struct result *results; /* of each call, by number */
    struct ref *pending;    /* calls to do, the next one last; each at most twice */
    uint32_t pending_count;
    const uint32_t *inputs;  /* values given to the model */
    struct layer *outermost; /* the outermost model's layer this model is (in); NULL: none */
    bool training;           /* called with training=True, as its layers then are */
};
struct walk {
    struct keras *keras;
    struct frame frames[KERAS_DEPTH_MAX];
    const char *path[KERAS_DEPTH_MAX];
    uint32_t depth; /* frames in use */
};

static struct result *result_of(struct frame *frame, const struct ref *ref) {
    return &frame->results[frame->scope->layers[ref->layer].first_call + ref->call];
}

/* Opens a frame and asks for its outputs, the last one first. */
static bool push_frame(struct walk *walk, struct scope *scope, const uint32_t *inputs,
                       struct layer *outermost, bool training) {
    struct keras *keras = walk->keras;
    FOVEA_ASSERT(walk->depth < KERAS_DEPTH_MAX); /* parse_scope has seen to it */
    struct frame *frame = &walk->frames[walk->depth];
    uint64_t edges = scope->output_count;
    for (uint32_t l = 0; l < scope->layer_count; l++)
        for (uint32_t c = 0; c < scope->layers[l].call_count; c++)
            edges += scope->layers[l].calls[c].ref_count;
    if (!pool_spend(keras->pool, CALL_STEPS + 16 * (edges + scope->call_count), keras->trouble))
        return false;
    frame->scope = scope;
    frame->inputs = inputs;
    frame->outermost = outermost;
    frame->training = training;
    frame->results =
        pool_get(keras->pool, scope->call_count, sizeof *frame->results, keras->trouble);
    frame->pending = pool_get(keras->pool, edges, sizeof *frame->pending, keras->trouble);
    if (!frame->results || !frame->pending) return false;
    frame->pending_count = 0;
    for (uint32_t o = scope->output_count; o-- > 0;)
        frame->pending[frame->pending_count++] = scope->outputs[o];
    walk->path[walk->depth++] = scope->name;
    return true;
}

/* The values a call works on, once all of them are there. */
static uint32_t *gather(struct walk *walk, struct frame *frame, const struct call *call,
                        const char *name) {
    struct keras *keras = walk->keras;
    uint32_t *values = pool_get(keras->pool, call->ref_count, sizeof *values, keras->trouble);
    for (uint32_t i = 0; values && i < call->ref_count; i++) {
        struct result *source = result_of(frame, &call->refs[i]);
        if (call->refs[i].tensor >= source->count) {
            fail(keras->trouble, "K-029 layer '%s': it uses output %u of a layer that has %u", name,
                 call->refs[i].tensor, source->count);
            return NULL;
        }
        values[i] = source->values[call->refs[i].tensor];
    }
    return values;
}

static bool set_results(struct walk *walk, struct result *result, const uint32_t *values,
                        uint32_t count) {
    result->values = pool_get(walk->keras->pool, count, sizeof *values, walk->keras->trouble);
    if (!result->values) return false;
    memcpy(result->values, values, count * sizeof *values);
    result->count = count;
    result->state = RESULT_DONE;
    return true;
}

/* Which of the scope's inputs the layer is; its input_count where it is not one of them. */
static uint32_t input_index(const struct scope *scope, uint32_t layer) {
    for (uint32_t i = 0; i < scope->input_count; i++)
        if (scope->inputs[i].layer == layer) return i;
    return scope->input_count;
}

/* Layers whose answers are others where a model calls them with training=True. Preprocessing layers do
 * not count: Keras 3 writes training=True for them whenever nothing else was said. Layers around others
 * may hold such a one; a rate of their own makes others such. */
static bool minds_training(const struct layer_call *call) {
    static const char *const rates[] = {"dropout", "recurrent_dropout"};
    const char *class_name = call->class_name;
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        const struct json *rate = json_member(call->config, rates[i]);
        bool none =
            !rate || rate->type == JSON_NULL || (rate->type == JSON_NUMBER && !(rate->number > 0));
        if (!none) return true;
    }
    return strstr(class_name, "Dropout") || strcmp(class_name, "GaussianNoise") == 0 ||
           strcmp(class_name, "StochasticDepth") == 0 ||
           strcmp(class_name, "BatchNormalization") == 0 || keras_has(call, "layer");
}

/* What the call itself says, or else the model around it. In Keras 3 the training=False of predict stands
 * over what calls say. */
static bool read_training(struct layer_call *call, const struct frame *frame, bool *training) {
    const struct json *json = keras_argument(call, SIZE_MAX, "training").json;
    const bool obeyed = call->keras->generation < 3;
    *training = frame->training;
    if (!json || json->type == JSON_NULL) return true;
    *training = obeyed && !keras_is_off(json);
    return json->type == JSON_TRUE || json->type == JSON_FALSE || json->type == JSON_NUMBER ||
           keras_fail(call, "K-263 its argument 'training' is neither true nor false");
}

/* What fewer bits mean is known of some layers (quantized.h). */
static bool check_dtype(struct layer_call *call) {
    static const char *const known[] = {"Dense", "EinsumDense", "Embedding"};
    const struct json *dtype = json_member(call->config, "dtype");
    const struct json *class_name = json_member(dtype, "class_name");
    const char *name = dtype && dtype->type == JSON_STRING             ? dtype->text
                       : class_name && class_name->type == JSON_STRING ? class_name->text
                       : !dtype || dtype->type == JSON_NULL            ? ""
                                                                       : NULL;
    if (!name) return keras_fail(call, "K-262 its 'dtype' is not understood");
    bool done = !strstr(name, "Quantized") && !strstr(name, "_from_") && !strstr(name, "Int4");
    for (size_t i = 0; !done && i < sizeof known / sizeof *known; i++)
        done = keras_quantization_of(call->config).bits && strcmp(known[i], call->class_name) == 0;
    return done || keras_fail(call, "K-030 its weights are quantized in a way that is not "
                                    "supported; save the model before quantize()");
}

/* Converts a layer: its inputs come in the order it wants. */
static bool convert_layer(struct layer_call *call, const struct layer_row *row,
                          const struct frame *frame) {
    struct keras *keras = call->keras;
    bool training;
    if (!keras_set_masks_apart(call) || !keras_wants_first(call, row->kind, &call->first))
        return false;
    uint32_t *inputs = pool_get(keras->pool, call->input_count, sizeof *inputs, keras->trouble);
    if (!inputs) return false;
    for (uint32_t i = 0; i < call->input_count; i++) {
        inputs[i] = keras_ordered(keras, call->inputs[i], call->first, call->name);
        if (inputs[i] == GRAPH_NONE) return false;
    }
    if (call->input_count == call->ref_count) call->ref_values = inputs;
    call->inputs = inputs;
    if (!read_training(call, frame, &training)) return false;
    if (training && minds_training(call))
        return keras_fail(
            call, "K-031 it is called with training=True: its answers are those of training");
    if (!check_dtype(call) || !row->convert(call)) return false;
    if (keras->trouble->set) return false; /* noted on the way: then it has not been converted */
    if (!keras_hand_on_masks(call)) return false;
    for (uint32_t i = 0; i < call->output_count; i++)
        if (!keras_mark_first(keras, call->outputs[i], call->first)) return false;
    return call->output_count > 0 || keras_mark_first(keras, call->output, call->first);
}

/* Runs one call whose inputs are there. */
static bool run_call(struct walk *walk, struct frame *frame, const struct ref *ref) {
    struct keras *keras = walk->keras;
    struct layer *layer = &frame->scope->layers[ref->layer];
    struct call *node = &layer->calls[ref->call];
    struct result *result = result_of(frame, ref);
    const uint64_t members = layer->config->count, inputs_here = frame->scope->input_count;
    if (!pool_spend(keras->pool, CALL_STEPS + 8 * (members + inputs_here), keras->trouble))
        return false;
    if (strcmp(layer->class_name, "InputLayer") == 0) {
        uint32_t index = input_index(frame->scope, ref->layer);
        if (index == frame->scope->input_count)
            return fail(keras->trouble, "K-032 layer '%s': an input that the model does not list",
                        layer->name);
        return set_results(walk, result, &frame->inputs[index], 1);
    }
    /* A Sequential without an InputLayer gives its input to its first layer. */
    bool first = node->ref_count == 0 && !node->node && ref->layer == 0;
    uint32_t input_count = first ? 1 : node->ref_count;
    uint32_t *gathered = first ? NULL : gather(walk, frame, node, layer->name);
    if (gathered && layer->model) gathered = keras_match_inputs(keras, layer, node, gathered);
    const uint32_t *inputs = first ? frame->inputs : gathered;
    if (!inputs) return false;
    struct layer *outermost = frame->outermost ? frame->outermost : layer;
    struct layer_call call = {
        .keras = keras,
        .graph = keras->graph,
        .name = layer->name,
        .class_name = layer->class_name,
        .config = layer->config,
        .node = node->node,
        .inputs = inputs,
        .input_count = input_count,
        .refs = first ? NULL : node->refs,
        .ref_count = first ? 0 : node->ref_count,
        .output = GRAPH_NONE,
        .layer = layer,
        .outermost = outermost,
        .part = layer->part,
        .path = walk->path + 1,
        .path_count = walk->depth - 1,
    };
    if (layer->model && !keras_set_masks_apart(&call)) return false;
    if (layer->model && layer->each_step) {
        bool training;
        if (layer->model->input_count != 1)
            return fail(keras->trouble, "K-328 layer '%s': its model does not take one tensor",
                        layer->name);
        result->state = RESULT_WAITING;
        result->steps = keras_steps_begin(&call);
        return result->steps && read_training(&call, frame, &training) &&
               push_frame(walk, layer->model, &result->steps->input, outermost, training);
    }
    if (layer->model) {
        if (call.input_count != layer->model->input_count)
            return fail(keras->trouble, "K-033 model '%s': called on %u tensors, it takes %u",
                        layer->name, call.input_count, layer->model->input_count);
        bool training;
        result->state = RESULT_WAITING;
        return read_training(&call, frame, &training) &&
               push_frame(walk, layer->model, call.inputs, outermost, training);
    }
    static const struct layer_row raw = {"", keras_raw_layer, KERAS_PLAIN};
    const struct layer_row *row = keras_is_raw(keras, layer) ? &raw : row_of(layer->class_name);
    if (!row)
        return fail(keras->trouble, "K-034 layer '%s' is a %s, which fovea cannot convert; %s",
                    layer->name, layer->class_name,
                    keras_hint(layer->class_name)
                        ? keras_hint(layer->class_name)
                        : "replace it, or remove it if it only matters in training");
    if (!convert_layer(&call, row, frame)) return false;
    if (keras->generation == 1 && !keras_check_old_shape(&call)) return false;
    return call.output_count > 0 ? set_results(walk, result, call.outputs, call.output_count)
                                 : set_results(walk, result, &call.output, 1);
}

/* The model has been run for one step: it is run for the next one, or all are there. */
static bool pop_step(struct walk *walk, struct frame *frame, struct frame *up,
                     const struct ref *ref) {
    struct result *result = result_of(up, ref),
                  *source = result_of(frame, &frame->scope->outputs[0]);
    const struct layer *layer = &up->scope->layers[ref->layer];
    struct layer_call call = {.keras = walk->keras,
                              .graph = walk->keras->graph,
                              .name = layer->name,
                              .class_name = layer->outer_class};
    const uint32_t tensor = frame->scope->outputs[0].tensor;
    bool more;
    if (frame->scope->output_count != 1 || tensor >= source->count)
        return keras_fail(&call, "K-325 its model does not have exactly one output");
    const uint32_t value = keras_ordered(walk->keras, source->values[tensor], false, layer->name);
    if (value == GRAPH_NONE || !keras_steps_next(&call, result->steps, value, &more)) return false;
    if (more)
        return push_frame(walk, layer->model, &result->steps->input, frame->outermost,
                          frame->training);
    up->pending_count--;
    return set_results(walk, result, &call.output, 1);
}

/* The frame's outputs become the results of the call, one frame up, that opened it. */
static bool pop_frame(struct walk *walk) {
    struct keras *keras = walk->keras;
    struct frame *frame = &walk->frames[--walk->depth], *up = frame - 1;
    struct scope *scope = frame->scope;
    struct ref ref = up->pending[up->pending_count - 1];
    struct result *result = result_of(up, &ref);
    if (result->steps) return pop_step(walk, frame, up, &ref);
    result->values = pool_get(keras->pool, scope->output_count, sizeof(uint32_t), keras->trouble);
    if (!result->values) return false;
    for (uint32_t o = 0; o < scope->output_count; o++) {
        struct result *source = result_of(frame, &scope->outputs[o]);
        if (scope->outputs[o].tensor >= source->count)
            return fail(keras->trouble, "K-035 model '%s': an output that does not exist",
                        scope->name);
        result->values[o] = source->values[scope->outputs[o].tensor];
    }
    result->count = scope->output_count;
    result->state = RESULT_DONE;
    up->pending_count--;
    return true;
}

/* One step of the walk: the next pending call is run, or what it waits for is put before it. */
static bool walk_step(struct walk *walk) {
    struct frame *frame = &walk->frames[walk->depth - 1];
    struct ref ref = frame->pending[frame->pending_count - 1];
    struct result *result = result_of(frame, &ref);
    struct layer *layer = &frame->scope->layers[ref.layer];
    struct call *call = &layer->calls[ref.call];
    if (result->state == RESULT_DONE) {
        frame->pending_count--;
        return true;
    }
    bool ready = true;
    for (uint32_t i = call->ref_count; i-- > 0;) {
        struct result *source = result_of(frame, &call->refs[i]);
        if (source->state == RESULT_DONE) continue;
        if (source->state == RESULT_WAITING)
            return fail(walk->keras->trouble, "K-036 layer '%s': the layers form a circle",
                        layer->name);
        if (result->state == RESULT_NEW) frame->pending[frame->pending_count++] = call->refs[i];
        ready = false;
    }
    if (!ready) {
        FOVEA_ASSERT(result->state == RESULT_NEW); /* what was before it is done by then */
        result->state = RESULT_WAITING;
        return true;
    }
    uint32_t depth = walk->depth;
    if (!run_call(walk, frame, &ref)) return false;
    if (walk->depth == depth) frame->pending_count--;
    return true;
}

bool keras_walk(struct keras *keras, struct scope *scope) {
    struct walk *walk = pool_get(keras->pool, 1, sizeof *walk, keras->trouble);
    uint32_t *inputs = pool_get(keras->pool, scope->input_count, sizeof *inputs, keras->trouble);
    if (!walk || !inputs) return false;
    walk->keras = keras;
    if (!keras_make_inputs(keras, scope, inputs) || !push_frame(walk, scope, inputs, NULL, false))
        return false;
    struct frame *outermost = &walk->frames[0];
    while (outermost->pending_count > 0) {
        if (walk->frames[walk->depth - 1].pending_count == 0) {
            if (!pop_frame(walk)) return false;
        } else if (!walk_step(walk)) {
            return false;
        }
    }
    for (uint32_t o = 0; o < scope->output_count; o++) {
        struct result *source = result_of(outermost, &scope->outputs[o]);
        uint32_t tensor = scope->outputs[o].tensor;
        if (tensor >= source->count)
            return fail(keras->trouble, "K-042 the model lists an output that does not exist");
        const char *name = scope->layers[scope->outputs[o].layer].name;
        uint32_t value = keras_ordered(keras, source->values[tensor], false, name);
        if (value == GRAPH_NONE || !graph_output(keras->graph, name, value)) return false;
    }
    return true;
}
