#include "convert/convert.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "convert/graph/emit.h"
#include "convert/graph/shape.h"
#include "convert/keras/keras.h"
#include "weights/text.h"

/* How pixels become the numbers of a range. */
static void set_range(struct fovea_recipe *recipe, enum graph_range range) {
    recipe->open = range == RANGE_OPEN;
    recipe->scale = range == RANGE_UNIT ? 1 / 255.0f : range == RANGE_SIGNED ? 1 / 127.5f : 1;
    for (int c = 0; c < 3; c++) recipe->mean[c] = range == RANGE_SIGNED ? 1 : 0;
}

/* The recipe goes to the inputs that are pictures; others have none. What it leaves open is read from the
 * graph, where that tells. */
static bool set_recipes(struct graph *graph, const struct fovea_recipe *recipe,
                        struct converted *converted) {
    for (uint32_t i = 0; i < graph->input_count; i++) {
        struct fovea_draft_input *input = &graph->inputs[i];
        struct fovea_picture picture;
        enum graph_range range;
        const char *name;
        bool fits = fovea_picture_of(&input->shape, &picture);
        if (!graph_range(graph, i, &range, &name)) return false;
        input->recipe = fits ? *recipe : (struct fovea_recipe){.scale = 1, .std = {1, 1, 1}};
        if (fits && picture.channels == 1) input->recipe.colour = FOVEA_COLOUR_GREY;
        if (fits && recipe->open) set_range(&input->recipe, range);
        if (!fits || converted->range_layer || range == RANGE_OPEN) continue;
        converted->range = range;
        converted->range_layer = name;
    }
    return true;
}

static bool set_labels(struct graph *graph, const struct convert_options *options) {
    if (options->label_count == 0) return true;
    struct fovea_draft_output *output = &graph->outputs[0];
    const struct fovea_shape *shape = graph_shape(graph, output->value);
    uint32_t classes = shape_from_end(shape, 0);
    if (options->label_count > UINT32_MAX ||
        !fovea_labels_fit(shape, (uint32_t)options->label_count))
        return fail(graph->trouble, "C-001 %zu labels for an output of %u %s", options->label_count,
                    classes, classes == 1 ? "value, which takes one or two" : "classes");
    output->labels = options->labels;
    output->label_count = (uint32_t)options->label_count;
    return true;
}

/* FNV-1a, 64 bit: names the source file; no protection against forgery. */
static uint64_t fnv1a(const uint8_t *bytes, size_t size) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i++) hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return hash;
}

static bool note_hash(struct graph *graph, const char *key, const void *bytes, size_t size) {
    char *hash = pool_print(graph->pool, graph->trouble, "fnv1a64:%016llx",
                            (unsigned long long)fnv1a(bytes, size));
    return hash && graph_note(graph, key, hash);
}

/* A file may have any name; what a blob's text may not hold becomes '?'. */
static char *clean_name(struct graph *graph, const char *name) {
    size_t length = strlen(name), clean;
    char *copy = pool_text(graph->pool, name, length, graph->trouble);
    while (copy && (clean = fovea_text_clean((const uint8_t *)copy, length)) < length)
        copy[clean] = '?';
    return copy;
}

static bool add_notes(struct graph *graph, const struct keras *keras,
                      const struct convert_options *options, const void *bytes, size_t size) {
    char *version = pool_print(graph->pool, graph->trouble, "fovea %d.%d.%d", FOVEA_VERSION_MAJOR,
                               FOVEA_VERSION_MINOR, FOVEA_VERSION_PATCH);
    char *source = options->source ? clean_name(graph, options->source) : NULL;
    return version && (source || !options->source) && graph_note(graph, "converter", version) &&
           graph_note(graph, "keras", keras->version) &&
           (!source || graph_note(graph, "source", source)) &&
           (!options->threshold || graph_note(graph, "threshold", options->threshold)) &&
           note_hash(graph, "source-hash", bytes, size) &&
           (!keras->apart ||
            note_hash(graph, "config-hash", options->config, options->config_size));
}

/* One tensor of the self-test becomes an array that no node uses. */
static bool keep_tensor(struct graph *graph, const float *from, size_t count, uint32_t *id) {
    float *kept = pool_get(graph->pool, count, sizeof *kept, graph->trouble);
    if (!kept) return false;
    memcpy(kept, from, count * sizeof *kept);
    struct array array = {.layout = ARRAY_PLAIN, .source = source_floats(kept, count)};
    array.taps = array.inputs = array.outputs = array.groups = 1;
    array.count = count;
    *id = graph_array(graph, &array);
    return *id != GRAPH_NONE;
}

/* Writes what is given for input `index`, numbers or a photo, into the session. */
static bool golden_input(struct graph *graph, const struct convert_options *options, uint32_t index,
                         const struct fovea_io *io, fovea_session *session) {
    struct fovea_error error;
    size_t bytes;
    if (options->golden_photo) {
        uint8_t *scratch = NULL;
        if (fovea_image_measure(session, index, options->golden_photo, &bytes, &error) ==
                FOVEA_OK &&
            (scratch = pool_get(graph->pool, bytes + 1, 1, graph->trouble)) != NULL &&
            fovea_image_fit(session, index, options->golden_photo, scratch, bytes, &error) ==
                FOVEA_OK)
            return true;
        return fail(graph->trouble, "C-080 the golden photo: %s", error.text);
    }
    const struct source *numbers = &options->golden[index];
    const size_t batch = options->golden_batch ? options->golden_batch[index] : 1;
    if (numbers->count != io->count && (!batch || numbers->count / batch != io->count))
        return fail(graph->trouble, "C-003 the golden input for '%s' holds %llu numbers, not %zu",
                    io->name, (unsigned long long)numbers->count, io->count);
    memcpy(fovea_input(session, index), numbers->floats, io->count * sizeof(float));
    return true;
}

/* The finished graph, run once on the given input; its answer is in the session. NULL on trouble. Inputs may be
 * written over in a run: where they are to be kept, they go to `golden`. */
static fovea_session *run_golden(struct graph *graph, const struct convert_options *options,
                                 struct fovea_model *model, uint32_t *golden) {
    struct fovea_io io;
    size_t given = options->golden_photo ? 1 : options->golden_count;
    fovea_session *session = graph_plan(graph, model);
    if (!session) return NULL;
    if (given != graph->input_count) {
        fail(graph->trouble, "C-002 %zu golden inputs for a model of %u", given,
             graph->input_count);
        return NULL;
    }
    for (uint32_t i = 0; i < graph->input_count; i++) {
        fovea_model_input(model, i, &io);
        if (!golden_input(graph, options, i, &io, session) ||
            (golden && !keep_tensor(graph, fovea_input(session, i), io.count, &golden[i])))
            return NULL;
    }
    fovea_run(session);
    return session;
}

/* Has the graph carry the input and its own answer. */
static bool add_golden(struct graph *graph, const struct convert_options *options) {
    struct fovea_model model;
    struct fovea_io io;
    uint32_t inputs = graph->input_count;
    uint32_t *golden = pool_get(graph->pool, (uint64_t)inputs + graph->output_count, sizeof *golden,
                                graph->trouble);
    fovea_session *session = golden ? run_golden(graph, options, &model, golden) : NULL;
    if (!session) return false;
    for (uint32_t o = 0; o < graph->output_count; o++) {
        fovea_model_output(&model, o, &io);
        if (!keep_tensor(graph, fovea_output(session, o), io.count, &golden[inputs + o]))
            return false;
    }
    graph->golden = golden;
    return true;
}

/* The largest difference of an output's numbers, relative as the self-test counts it. */
static double output_error(const float *want, const float *have, size_t count) {
    double scale = 1, largest = 0;
    for (size_t i = 0; i < count; i++) scale = fmax(scale, fabs((double)want[i]));
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs((double)want[i] - (double)have[i]) / scale);
    return largest;
}

/* Makes the kernels narrow and says what that does: to the weights, and to the answer on the golden input. */
static bool make_narrow(struct graph *graph, const struct convert_options *options,
                        struct narrow_report *report) {
    struct fovea_model before, after;
    struct fovea_io io;
    bool golden = options->golden_count || options->golden_photo;
    fovea_session *floats = golden ? run_golden(graph, options, &before, NULL) : NULL;
    if (golden && !floats) return false;
    if (!(options->weights == FOVEA_I8 ? graph_bytes : graph_halve)(graph, options->narrow_listener,
                                                                    report))
        return false;
    report->golden = -1;
    if (!floats) return true;
    fovea_session *narrow = run_golden(graph, options, &after, NULL);
    for (uint32_t o = 0; narrow && o < graph->output_count; o++) {
        fovea_model_output(&before, o, &io);
        report->golden = fmax(report->golden, output_error(fovea_output(floats, o),
                                                           fovea_output(narrow, o), io.count));
    }
    return narrow != NULL;
}

/* The proof that what was made can be opened and planned. */
static bool prove(const struct emitted *emitted, struct trouble *trouble) {
    struct fovea_model model;
    struct fovea_error error;
    size_t arena;
    if (fovea_model_open(&model, emitted->blob, (size_t)emitted->size, &error) != FOVEA_OK ||
        fovea_measure(&model, NULL, &arena, &error) != FOVEA_OK)
        return fail(trouble, "the converted model does not open (%s at %llu): please report this",
                    error.text, (unsigned long long)error.where);
    return true;
}

bool convert_keras(struct pool *pool, const void *bytes, size_t size,
                   const struct convert_options *options, struct converted *converted,
                   struct trouble *trouble) {
    struct graph graph;
    struct keras keras = {.pool = pool,
                          .trouble = trouble,
                          .graph = &graph,
                          .input_shapes = options->input_shapes,
                          .input_shape_count = options->input_shape_count,
                          .sizes_wanted =
                              options->quantize || options->golden_count || options->golden_photo};
    struct emitted emitted;
    const struct keras_config config = {options->config, options->config_size};
    const struct json *model = NULL;
    graph_start(&graph, pool, trouble);
    if (pool->fuel == 0) pool_fuel(pool, (uint64_t)size + options->config_size);
    if (!keras_open(&keras, bytes, size, &config, &model)) return false;
    if (!keras_read(&keras, model)) return false;
    converted->range = RANGE_OPEN;
    converted->range_layer = NULL;
    if (!set_recipes(&graph, &options->recipe, converted)) return false;
    converted->layers = graph.node_count;
    converted->parameters = keras.parameters;
    converted->stateful = keras.stateful;
    if (!set_labels(&graph, options) || !add_notes(&graph, &keras, options, bytes, size))
        return false;
    if (!options->no_fold && !graph_fold(&graph, options->listener)) return false;
    converted->keras_version = keras.version;
    bool golden = options->golden_count || options->golden_photo;
    converted->narrow = (struct narrow_report){0};
    if (options->quantize) {
        const struct graph floats = graph;
        struct graph from = floats;
        if (!graph_quantize(&from, options->quantize, &graph, &converted->quantized) ||
            !graph_bytes(&graph, options->narrow_listener, &converted->narrow))
            return false;
    } else if (options->weights != FOVEA_F32 && !make_narrow(&graph, options, &converted->narrow)) {
        return false;
    }
    if (golden && !add_golden(&graph, options)) return false;
    converted->blob = NULL;
    converted->size = 0;
    if (trouble->set)
        return false; /* whoever noted it should have stopped: never a model beside it */
    if (options->sink) return graph_emit_to(&graph, options->sink);
    if (!graph_emit(&graph, &emitted) || !prove(&emitted, trouble)) return false;
    converted->blob = emitted.blob;
    converted->size = emitted.size;
    return true;
}
