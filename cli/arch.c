#include "cli/arch.h"

#include "convert/quantize/quantize.h"

#include <math.h>
#include <string.h>

#include "convert/graph/fold.h"
#include "convert/graph/narrow.h"

/* ---- parts: each appends nodes and gives the value they make, GRAPH_NONE on trouble; a value that is
 * GRAPH_NONE passes through all of them ---- */

enum activation { LINEAR, RELU, RELU6, SWISH, SIGMOID };

/* Uniform between -limit and limit, another sequence for each array. */
static uint32_t random_array(struct graph *graph, struct array array, float limit) {
    float *floats = pool_get(graph->pool, array.count, sizeof *floats, graph->trouble);
    if (!floats) return GRAPH_NONE;
    uint32_t state = 2463534242u + graph->array_count;
    for (uint64_t i = 0; i < array.count; i++) {
        state = state * 1664525u + 1013904223u;
        floats[i] = (float)(int32_t)state * 0x1p-31f * limit;
    }
    if (array.layout == ARRAY_BIAS) {
        array.source = source_floats(floats, array.outputs);
        array.count = fovea_round_up(array.outputs, FOVEA_BLOCK);
        return graph_array(graph, &array);
    }
    array.source = source_floats(floats, array.count);
    array.count = array.count / array.outputs * fovea_round_up(array.outputs, FOVEA_BLOCK);
    return graph_array(graph, &array);
}

static uint32_t activate(struct graph *graph, uint32_t value, enum activation activation) {
    static const uint32_t kinds[] = {
        [RELU] = FOVEA_ACTIVATION_CLAMP,
        [RELU6] = FOVEA_ACTIVATION_CLAMP,
        [SWISH] = FOVEA_ACTIVATION_SILU,
        [SIGMOID] = FOVEA_ACTIVATION_SIGMOID,
    };
    if (value == GRAPH_NONE || activation == LINEAR) return value;
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {kinds[activation]};
    float high = activation == RELU6 ? 6.0f : (float)INFINITY;
    if (kinds[activation] == FOVEA_ACTIVATION_CLAMP) memcpy(&words[2], &high, sizeof high);
    return graph_node(graph, FOVEA_OP_ACTIVATION, "activation", &value, 1, NULL, 0, words);
}

/* `side` x `side` taps of `inputs` weights for each output, by He, and a small bias; the layer is named
 * after the operator and its taps. */
static uint32_t weighted(struct graph *graph, uint32_t op, uint32_t value, enum array_layout layout,
                         uint32_t side, size_t inputs, size_t outputs, const uint32_t *words) {
    const size_t taps = (size_t)side * side;
    float limit = sqrtf(6.0f / (float)(taps * inputs));
    struct array kernel = {layout, .taps = taps, .inputs = inputs, .outputs = outputs, .groups = 1};
    struct array bias = {ARRAY_BIAS, .outputs = outputs, .groups = 1};
    kernel.count = (uint64_t)taps * inputs * outputs;
    bias.count = outputs;
    uint32_t arrays[2] = {random_array(graph, kernel, limit), random_array(graph, bias, 0.05f)};
    if (arrays[0] == GRAPH_NONE || arrays[1] == GRAPH_NONE) return GRAPH_NONE;
    const char *name = fovea_op_name(op);
    if (op != FOVEA_OP_DENSE)
        name = pool_print(graph->pool, graph->trouble, "%s%ux%u", name, side, side);
    return name ? graph_node(graph, op, name, &value, 1, arrays, 2, words) : GRAPH_NONE;
}

static void window_words(uint32_t *words, uint32_t kernel, uint32_t stride) {
    words[0] = words[1] = kernel;
    words[2] = words[3] = stride;
    words[4] = words[5] = 1;
    words[6] = FOVEA_PADDING_SAME;
}

static uint32_t channels_of(const struct graph *graph, uint32_t value) {
    const struct fovea_shape *shape = graph_shape(graph, value);
    return shape->dims[shape->rank - 1];
}

static uint32_t conv_padded(struct graph *graph, uint32_t value, uint32_t outputs, uint32_t kernel,
                            uint32_t stride, enum activation activation, bool same) {
    if (value == GRAPH_NONE) return value;
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {0};
    window_words(words, kernel, stride);
    if (!same) words[6] = FOVEA_PADDING_VALID;
    words[11] = 1;
    words[12] = outputs;
    value = weighted(graph, FOVEA_OP_CONV, value, ARRAY_CONV, kernel, channels_of(graph, value),
                     outputs, words);
    return activate(graph, value, activation);
}

static uint32_t conv(struct graph *graph, uint32_t value, uint32_t outputs, uint32_t kernel,
                     uint32_t stride, enum activation activation) {
    return conv_padded(graph, value, outputs, kernel, stride, activation, true);
}

static uint32_t pad(struct graph *graph, uint32_t value, uint32_t before, uint32_t after) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {before, before, after, after};
    if (value == GRAPH_NONE) return value;
    return graph_node(graph, FOVEA_OP_PAD, "pad", &value, 1, NULL, 0, words);
}

static uint32_t depthwise(struct graph *graph, uint32_t value, uint32_t kernel, uint32_t stride,
                          enum activation activation) {
    if (value == GRAPH_NONE) return value;
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {0};
    window_words(words, kernel, stride);
    value = weighted(graph, FOVEA_OP_DEPTHWISE, value, ARRAY_DEPTHWISE, kernel, 1,
                     channels_of(graph, value), words);
    return activate(graph, value, activation);
}

static uint32_t dense(struct graph *graph, uint32_t value, uint32_t outputs,
                      enum activation activation) {
    if (value == GRAPH_NONE) return value;
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {outputs};
    value = weighted(graph, FOVEA_OP_DENSE, value, ARRAY_CONV, 1, channels_of(graph, value),
                     outputs, words);
    return activate(graph, value, activation);
}

/* Twice the height and width. */
static uint32_t up_conv(struct graph *graph, uint32_t value, uint32_t outputs) {
    if (value == GRAPH_NONE) return value;
    const struct fovea_shape *shape = graph_shape(graph, value);
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {2, 2, 2, 2, 1, 1, FOVEA_PADDING_VALID};
    words[9] = outputs;
    return weighted(graph, FOVEA_OP_CONV_TRANSPOSED, value, ARRAY_CONV, 2, shape->dims[2], outputs,
                    words);
}

/* Kernel 0: the mean or the most of the whole picture, one row of channels. */
static uint32_t pool(struct graph *graph, uint32_t op, uint32_t value, uint32_t kernel,
                     uint32_t stride, bool same) {
    if (value == GRAPH_NONE) return value;
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {kernel, kernel, stride, stride, 1, 1};
    words[6] = same ? FOVEA_PADDING_SAME : FOVEA_PADDING_VALID;
    words[11] = kernel > 0;
    return graph_node(graph, op, fovea_op_name(op), &value, 1, NULL, 0, words);
}

static uint32_t global_mean(struct graph *graph, uint32_t value) {
    return pool(graph, FOVEA_OP_MEAN_POOL, value, 0, 1, false);
}

static uint32_t pair(struct graph *graph, uint32_t op, uint32_t a, uint32_t b) {
    uint32_t inputs[2] = {a, b}, words[FOVEA_ATTRIBUTES_MAX] = {0};
    if (a == GRAPH_NONE || b == GRAPH_NONE) return GRAPH_NONE;
    if (op == FOVEA_OP_CONCAT) words[0] = 2;
    return graph_node(graph, op, fovea_op_name(op), inputs, 2, NULL, 0, words);
}

static uint32_t flatten(struct graph *graph, uint32_t value) {
    if (value == GRAPH_NONE) return value;
    const struct fovea_shape *shape = graph_shape(graph, value);
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {1, 1};
    for (uint32_t d = 0; d < shape->rank; d++) words[1] *= shape->dims[d];
    return graph_node(graph, FOVEA_OP_RESHAPE, "flatten", &value, 1, NULL, 0, words);
}

static uint32_t picture(struct graph *graph, uint32_t height, uint32_t width, uint32_t channels) {
    struct fovea_shape shape = {3, {height, width, channels}};
    uint32_t value = graph_input(graph, "picture", &shape);
    if (value == GRAPH_NONE) return value;
    graph->inputs[value].recipe = (struct fovea_recipe){.scale = 1, .std = {1, 1, 1}};
    if (channels == 1) graph->inputs[value].recipe.colour = FOVEA_COLOUR_GREY;
    return value;
}

static bool answer(struct graph *graph, uint32_t value, bool softmax) {
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {1}; /* over the last dimension */
    if (value != GRAPH_NONE && softmax)
        value = graph_node(graph, FOVEA_OP_SOFTMAX, "softmax", &value, 1, NULL, 0, words);
    return value != GRAPH_NONE && graph_output(graph, "answer", value);
}

/* The end of a classifier of a thousand classes. */
static bool thousand(struct graph *graph, uint32_t value) {
    return answer(graph, dense(graph, global_mean(graph, value), 1000, LINEAR), true);
}

/* ---- networks ---- */

static bool build_seed(struct graph *g) {
    uint32_t v = picture(g, 90, 120, 3);
    for (uint32_t channels = 32; channels <= 64; channels *= 2) {
        v = conv(g, v, channels, 3, 1, RELU);
        v = conv(g, v, channels, 3, 1, RELU);
        v = pool(g, FOVEA_OP_MAX_POOL, v, 2, 2, false);
    }
    v = dense(g, flatten(g, v), 128, RELU);
    return answer(g, dense(g, v, 7, LINEAR), true);
}

static bool build_mobilenet(struct graph *g) {
    static const struct {
        uint32_t outputs, stride;
    } rows[] = {{64, 1},  {128, 2}, {128, 1}, {256, 2}, {256, 1},  {512, 2}, {512, 1},
                {512, 1}, {512, 1}, {512, 1}, {512, 1}, {1024, 2}, {1024, 1}};
    uint32_t v = conv(g, picture(g, 224, 224, 3), 32, 3, 2, RELU6);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        v = depthwise(g, v, 3, rows[i].stride, RELU6);
        v = conv(g, v, rows[i].outputs, 1, 1, RELU6);
    }
    return thousand(g, v);
}

static bool build_mobilenetv2(struct graph *g) {
    static const struct {
        uint32_t factor, outputs, count, stride;
    } rows[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
    uint32_t v = conv(g, picture(g, 224, 224, 3), 32, 3, 2, RELU6);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (uint32_t n = 0; n < rows[i].count && v != GRAPH_NONE; n++) {
            uint32_t inputs = channels_of(g, v), from = v;
            if (rows[i].factor > 1) v = conv(g, v, inputs * rows[i].factor, 1, 1, RELU6);
            v = depthwise(g, v, 3, n == 0 ? rows[i].stride : 1, RELU6);
            v = conv(g, v, rows[i].outputs, 1, 1, LINEAR);
            if (n > 0) v = pair(g, FOVEA_OP_ADD, from, v);
        }
    return thousand(g, conv(g, v, 1280, 1, 1, RELU6));
}

static bool build_squeezenet(struct graph *g) {
    static const struct {
        uint32_t squeeze, expand;
        bool pool;
    } rows[] = {{16, 64, false},  {16, 64, true},   {32, 128, false}, {32, 128, true},
                {48, 192, false}, {48, 192, false}, {64, 256, false}, {64, 256, false}};
    /* The original's 227 x 227 as a border around the picture: 113, then 56 positions a side. */
    uint32_t v = pad(g, picture(g, 224, 224, 3), 1, 2);
    v = conv_padded(g, v, 64, 3, 2, RELU, false);
    v = pool(g, FOVEA_OP_MAX_POOL, v, 3, 2, false);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        v = conv(g, v, rows[i].squeeze, 1, 1, RELU);
        uint32_t one = conv(g, v, rows[i].expand, 1, 1, RELU);
        v = pair(g, FOVEA_OP_CONCAT, one, conv(g, v, rows[i].expand, 3, 1, RELU));
        if (rows[i].pool) v = pool(g, FOVEA_OP_MAX_POOL, v, 3, 2, true);
    }
    return answer(g, global_mean(g, conv(g, v, 1000, 1, 1, RELU)), true);
}

static bool build_resnet50(struct graph *g) {
    static const uint32_t counts[] = {3, 4, 6, 3};
    uint32_t v = conv(g, picture(g, 224, 224, 3), 64, 7, 2, RELU);
    v = pool(g, FOVEA_OP_MAX_POOL, v, 3, 2, true);
    for (uint32_t stage = 0, width = 64; stage < 4; stage++, width *= 2)
        for (uint32_t n = 0; n < counts[stage]; n++) {
            uint32_t stride = n == 0 && stage > 0 ? 2 : 1, from = v;
            if (n == 0) from = conv(g, v, 4 * width, 1, stride, LINEAR);
            v = conv(g, v, width, 1, 1, RELU);
            v = conv(g, v, width, 3, stride, RELU);
            v = conv(g, v, 4 * width, 1, 1, LINEAR);
            v = activate(g, pair(g, FOVEA_OP_ADD, from, v), RELU);
        }
    return thousand(g, v);
}

/* Squeeze and excite: every channel times a factor found from the means of all. */
static uint32_t excite(struct graph *g, uint32_t value, uint32_t squeezed) {
    if (value == GRAPH_NONE) return value;
    uint32_t factor = dense(g, global_mean(g, value), squeezed, SWISH);
    factor = dense(g, factor, channels_of(g, value), SIGMOID);
    return pair(g, FOVEA_OP_MULTIPLY, value, factor);
}

static bool build_efficientnetb0(struct graph *g) {
    static const struct {
        uint32_t factor, outputs, count, stride, kernel;
    } rows[] = {{1, 16, 1, 1, 3},  {6, 24, 2, 2, 3},  {6, 40, 2, 2, 5}, {6, 80, 3, 2, 3},
                {6, 112, 3, 1, 5}, {6, 192, 4, 2, 5}, {6, 320, 1, 1, 3}};
    uint32_t v = conv(g, picture(g, 224, 224, 3), 32, 3, 2, SWISH);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (uint32_t n = 0; n < rows[i].count && v != GRAPH_NONE; n++) {
            uint32_t inputs = channels_of(g, v), from = v;
            if (rows[i].factor > 1) v = conv(g, v, inputs * rows[i].factor, 1, 1, SWISH);
            v = depthwise(g, v, rows[i].kernel, n == 0 ? rows[i].stride : 1, SWISH);
            v = excite(g, v, inputs / 4);
            v = conv(g, v, rows[i].outputs, 1, 1, LINEAR);
            if (n > 0) v = pair(g, FOVEA_OP_ADD, v, from);
        }
    return thousand(g, conv(g, v, 1280, 1, 1, SWISH));
}

static bool build_unet(struct graph *g) {
    uint32_t v = picture(g, 128, 128, 1), skip[4];
    for (uint32_t level = 0; level < 5; level++) {
        v = conv(g, v, 16u << level, 3, 1, RELU);
        v = conv(g, v, 16u << level, 3, 1, RELU);
        if (level == 4) break;
        skip[level] = v;
        v = pool(g, FOVEA_OP_MAX_POOL, v, 2, 2, false);
    }
    for (uint32_t level = 4; level-- > 0;) {
        v = pair(g, FOVEA_OP_CONCAT, up_conv(g, v, 16u << level), skip[level]);
        v = conv(g, v, 16u << level, 3, 1, RELU);
        v = conv(g, v, 16u << level, 3, 1, RELU);
    }
    return answer(g, conv(g, v, 1, 1, 1, SIGMOID), false);
}

const struct arch arch_list[] = {
    {"seed", "90x120x3, four 3x3 convolutions, two dense layers", build_seed},
    {"mobilenet", "MobileNet 1.0, 224x224x3", build_mobilenet},
    {"mobilenetv2", "MobileNetV2 1.0, 224x224x3", build_mobilenetv2},
    {"squeezenet", "SqueezeNet 1.1, 224x224x3", build_squeezenet},
    {"resnet50", "ResNet-50 (stride in the 3x3), 224x224x3", build_resnet50},
    {"efficientnetb0", "EfficientNet-B0, 224x224x3", build_efficientnetb0},
    {"unet", "U-Net, 128x128x1, 16 to 256 filters", build_unet},
    {0},
};

/* Two pictures of noise: bytes have some ranges then, and take as long as with any other. */
struct noise {
    const struct fovea_model *model;
    uint32_t left, state;
};

static bool noise_start(void *context, const struct fovea_model *model, struct trouble *trouble) {
    (void)trouble;
    *(struct noise *)context = (struct noise){model, 2, 1};
    return true;
}

static bool noise_next(void *context, fovea_session *session, struct trouble *trouble) {
    struct noise *noise = context;
    struct fovea_io io;
    (void)trouble;
    if (noise->left == 0) return false;
    noise->left--;
    for (size_t i = 0; fovea_model_input(noise->model, i, &io) == FOVEA_OK; i++)
        for (size_t k = 0; k < io.count; k++) {
            noise->state = noise->state * 1664525u + 1013904223u;
            fovea_input(session, i)[k] = (float)(noise->state >> 8) * 0x1p-24f;
        }
    return true;
}

/* The graph, which becomes one whose weights, or layers, are as the word says. */
static bool keep_as(struct graph *graph, const char *weights) {
    struct narrow_report narrow = {0};
    struct quantize_report report;
    struct noise noise;
    const struct quantize_options options = {{noise_start, noise_next, &noise}, NULL, 0, 0};
    if (strcmp(weights, "f16") == 0) return graph_halve(graph, NULL, &narrow);
    if (strcmp(weights, "i8") == 0) {
        struct graph floats = *graph;
        if (!graph_quantize(&floats, &options, graph, &report)) return false;
    }
    return strcmp(weights, "f32") == 0 || graph_bytes(graph, NULL, &narrow);
}

bool arch_blob(struct pool *memory, const char *name, const char *weights, struct emitted *emitted,
               struct trouble *trouble) {
    struct graph graph;
    const struct arch *arch = arch_list;
    while (arch->name && strcmp(arch->name, name) != 0) arch++;
    if (!arch->name)
        return fail(trouble,
                    "no network '%s'; there are seed, mobilenet, mobilenetv2, squeezenet, "
                    "resnet50, efficientnetb0, unet",
                    name);
    graph_start(&graph, memory, trouble);
    return arch->build(&graph) && graph_note(&graph, "source", arch->text) &&
           graph_fold(&graph, NULL) && keep_as(&graph, weights) && graph_emit(&graph, emitted);
}
