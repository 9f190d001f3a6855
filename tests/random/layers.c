/* A generator for each layer of layers.def: on windows, shapes and merges here, those with rows of weights in
 * layers_weighted.c. Shapes of outputs are stated from Keras' own formulas, and compared with fovea's. */
#include "tests/random/layers.h"

#include <stdio.h>
#include <string.h>

/* ---- grids: lines, pictures, volumes, with their channels last or first ---- */

static unsigned spatial_of(const char *class_name) {
    const char *digit = strpbrk(class_name, "123");
    return digit ? (unsigned)(*digit - '0') : 2;
}

bool grid_pick(struct scope *scope, const char *class_name, struct grid *grid) {
    grid->n = spatial_of(class_name);
    grid->of = pick(scope, grid->n + 1);
    if (!grid->of) return false;
    const struct fovea_shape *shape = &grid->of->shape;
    grid->first = chance(scope, 5);
    for (unsigned i = 0; i < grid->n; i++) grid->size[i] = shape->dims[i + grid->first];
    grid->channels = shape->dims[grid->first ? 0 : grid->n];
    return true;
}

struct fovea_shape grid_shape(const struct grid *grid) {
    struct fovea_shape shape = {grid->n + 1, {0}};
    for (unsigned i = 0; i < grid->n; i++) shape.dims[i + grid->first] = grid->size[i];
    shape.dims[grid->first ? 0 : grid->n] = grid->channels;
    return shape;
}

struct layer *grid_begin(struct scope *scope, const char *class_name, const struct grid *grid) {
    struct layer *layer = begin(scope, class_name);
    if (layer) set(layer, "data_format", "\"channels_%s\"", grid->first ? "first" : "last");
    return layer;
}

/* A number for all axes, or a list. */
static void set_sizes(struct scope *scope, struct layer *layer, const char *key,
                      const uint32_t *sizes, unsigned n) {
    bool same = true;
    for (unsigned i = 1; i < n; i++) same &= sizes[i] == sizes[0];
    if (same && chance(scope, 3))
        set(layer, key, "%u", sizes[0]);
    else
        set(layer, key, "%s", list_of(sizes, n));
}

void window_draw(struct scope *scope, struct layer *layer, struct grid *grid, const char *key,
                 unsigned kinds, struct window *window) {
    const bool dilated = kinds & WINDOW_DILATED && chance(scope, 3);
    bool same = chance(scope, 2);
    for (unsigned i = 0; i < grid->n; i++) {
        window->kernel[i] = between(scope, 1, chance(scope, 4) ? 5 : 3);
        window->dilation[i] = dilated ? between(scope, 1, 3) : 1;
        window->stride[i] = dilated ? 1 : between(scope, 1, chance(scope, 3) ? 3 : 1);
        if (kinds & WINDOW_SQUARE) window->stride[i] = window->stride[0];
        if ((window->kernel[i] - 1) * window->dilation[i] + 1 > grid->size[i]) same = true;
    }
    if (scope->of->wild) same = chance(scope, 2);
    window->causal = kinds & WINDOW_CAUSAL && !grid->first && chance(scope, 3);
    window->same = same;
    bool own_stride = kinds & WINDOW_POOL && chance(scope, 3);
    for (unsigned i = 0; own_stride && i < grid->n; i++) window->stride[i] = window->kernel[i];
    set_sizes(scope, layer, key, window->kernel, grid->n);
    if (own_stride)
        set(layer, "strides", "null");
    else
        set_sizes(scope, layer, "strides", window->stride, grid->n);
    if (kinds & WINDOW_DILATED) set_sizes(scope, layer, "dilation_rate", window->dilation, grid->n);
    set(layer, "padding", "\"%s\"", window->causal ? "causal" : same ? "same" : "valid");
}

/* ceil(n / stride), or what lies inside. */
void window_apply(const struct window *window, struct grid *grid) {
    for (unsigned i = 0; i < grid->n; i++) {
        uint32_t reach = (window->kernel[i] - 1) * window->dilation[i] + 1;
        uint32_t size = grid->size[i], stride = window->stride[i] ? window->stride[i] : 1;
        grid->size[i] = window->same || window->causal ? (size + stride - 1) / stride
                        : size < reach                 ? 0
                                                       : (size - reach) / stride + 1;
    }
}

static bool draw_pool(struct scope *scope, const struct row *row) {
    struct grid grid;
    struct window window;
    if (!grid_pick(scope, row->name, &grid)) return false;
    struct layer *layer = grid_begin(scope, row->name, &grid);
    if (!layer) return false;
    window_draw(scope, layer, &grid, "pool_size", WINDOW_POOL, &window);
    window_apply(&window, &grid);
    const struct fovea_shape out = grid_shape(&grid);
    return connect_one(scope, layer, grid.of, &out);
}

static bool draw_global_pool(struct scope *scope, const struct row *row) {
    struct grid grid;
    if (!grid_pick(scope, row->name, &grid)) return false;
    struct layer *layer = grid_begin(scope, row->name, &grid);
    if (!layer) return false;
    const bool keep = chance(scope, 2);
    set(layer, "keepdims", keep ? "true" : "false");
    for (unsigned i = 0; i < grid.n; i++) grid.size[i] = 1;
    const struct fovea_shape kept = grid_shape(&grid), flat = {1, {grid.channels}};
    return connect_one(scope, layer, grid.of, keep ? &kept : &flat);
}

/* Pairs before and after, in one of the forms that a config may have. */
static void set_edges(struct scope *scope, struct layer *layer, const char *key, unsigned n,
                      uint32_t edges[3][2]) {
    struct text text = {0};
    bool symmetric = true, same = true;
    for (unsigned i = 0; i < n; i++) {
        symmetric &= edges[i][0] == edges[i][1];
        same &= edges[i][0] == edges[0][0] && edges[i][1] == edges[0][0];
    }
    if (n == 1 || !symmetric) {
        if (n == 1 && same && chance(scope, 2)) {
            set(layer, key, "%u", edges[0][0]);
            return;
        }
        put(&text, n > 1 ? "[" : "");
        for (unsigned i = 0; i < n; i++)
            put(&text, "%s[%u,%u]", i ? "," : "", edges[i][0], edges[i][1]);
        put(&text, n > 1 ? "]" : "");
    } else if (same && chance(scope, 2)) {
        put(&text, "%u", edges[0][0]);
    } else {
        for (unsigned i = 0; i < n; i++) put(&text, "%s%u", i ? "," : "[", edges[i][0]);
        put(&text, "]");
    }
    set(layer, key, "%s", text.start);
}

static bool draw_edges(struct scope *scope, const struct row *row) {
    const bool crop = strcmp(row->parameter, "cropping") == 0, symmetric = chance(scope, 2);
    struct grid grid;
    uint32_t edges[3][2];
    if (!grid_pick(scope, row->name, &grid)) return false;
    struct layer *layer = grid_begin(scope, row->name, &grid);
    if (!layer) return false;
    for (unsigned i = 0; i < grid.n; i++) {
        uint32_t most = crop ? (grid.size[i] - 1) / 2 : 3;
        for (int side = 0; side < 2; side++)
            edges[i][side] =
                side && symmetric ? edges[i][0] : between(scope, 0, most < 3 ? most : 3);
        grid.size[i] += crop ? -edges[i][0] - edges[i][1] : edges[i][0] + edges[i][1];
    }
    set_edges(scope, layer, row->parameter, grid.n, edges);
    const struct fovea_shape out = grid_shape(&grid);
    return connect_one(scope, layer, grid.of, &out);
}

static bool draw_up_sampling(struct scope *scope, const struct row *row) {
    static const char *const filters[] = {"nearest", "bilinear", NULL};
    struct grid grid;
    uint32_t times[3];
    if (!grid_pick(scope, row->name, &grid)) return false;
    if (elements(&grid.of->shape) > 3000 && !scope->of->wild) return false;
    struct layer *layer = grid_begin(scope, row->name, &grid);
    if (!layer) return false;
    for (unsigned i = 0; i < grid.n; i++) grid.size[i] *= times[i] = between(scope, 1, 2);
    if (grid.n == 1)
        set(layer, "size", "%u", times[0]);
    else
        set_sizes(scope, layer, "size", times, grid.n);
    if (grid.n == 2) set(layer, "interpolation", "\"%s\"", one_of(scope, filters));
    const struct fovea_shape out = grid_shape(&grid);
    return connect_one(scope, layer, grid.of, &out);
}

/* Resizing, CenterCrop, RandomCrop: to a height and a width. */
static bool draw_resized(struct scope *scope, const struct row *row) {
    static const char *const filters[] = {"bilinear", "nearest", NULL};
    struct grid grid;
    if (!grid_pick(scope, row->name, &grid)) return false;
    /* Up to Keras 2 these lie channels-last. */
    const bool old = scope->of->dialect == 2 && strcmp(row->name, "Resizing") != 0;
    if (old && grid.first) return false;
    struct layer *layer = old ? begin(scope, row->name) : grid_begin(scope, row->name, &grid);
    if (!layer) return false;
    uint32_t height = between(scope, 1, grid.size[0] + 3),
             width = between(scope, 1, grid.size[1] + 3);
    set(layer, "height", "%u", height);
    set(layer, "width", "%u", width);
    if (*row->parameter) {
        set(layer, "interpolation", "\"%s\"", one_of(scope, filters));
        set(layer, "crop_to_aspect_ratio", chance(scope, 3) ? "true" : "false");
        set(layer, "antialias", "false");
    }
    /* Outside training Keras since 3.8 leaves a random crop out. */
    const bool crop = strcmp(row->name, "RandomCrop") == 0 && scope->of->dialect == 3;
    const bool stays = crop && strcmp(scope->of->version, "3.3.3") != 0;
    scope->of->versioned |= crop;
    if (!stays) grid.size[0] = height, grid.size[1] = width;
    const struct fovea_shape out = grid_shape(&grid);
    return connect_one(scope, layer, grid.of, &out);
}

/* ---- number by number ---- */

static bool draw_same(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, row->rank);
    struct layer *layer = value ? begin(scope, row->name) : NULL;
    if (!layer) return false;
    if (row->parameter && *row->parameter) put(&layer->config, ",%s", row->parameter);
    return connect_one(scope, layer, value, &value->shape);
}

static bool draw_random_size(struct scope *scope, const struct row *row) {
    return scope->of->dialect == 2 && draw_same(scope, row);
}

const char *const map_names[] = {"linear",     "relu",    "relu6", "elu",          "selu",
                                 "gelu",       "sigmoid", "tanh",  "softplus",     "softsign",
                                 "silu",       "swish",   "mish",  "hard_sigmoid", "exponential",
                                 "leaky_relu", NULL};
const char *const map_names_3[] = {"celu",        "hard_silu",   "hard_swish",  "hard_tanh",
                                   "log_sigmoid", "soft_shrink", "sparse_plus", "sparse_sigmoid",
                                   "squareplus",  "tanh_shrink", "hard_shrink", "log_softmax",
                                   "sparsemax",   "glu",         "softmax",     NULL};

static bool draw_activation(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct layer *layer = value ? begin(scope, row->name) : NULL;
    if (!layer) return false;
    const char *name =
        one_of(scope, scope->of->dialect == 3 && chance(scope, 2) ? map_names_3 : map_names);
    struct fovea_shape out = value->shape;
    if (strcmp(name, "glu") == 0) {
        if (last_of(&out) % 2)
            name = "softmax";
        else
            out.dims[out.rank ? out.rank - 1 : 0] /= 2;
    }
    if (strcmp(name, "hard_shrink") == 0) scope->of->jumpy = true;
    if (scope->of->dialect == 3 && chance(scope, 4) && strcmp(name, "glu") != 0)
        set(layer, "activation",
            "{\"module\":\"builtins\",\"class_name\":\"function\",\"config\":\"%s\","
            "\"registered_name\":\"function\"}",
            name);
    else
        set(layer, "activation", "\"%s\"", name);
    return connect_one(scope, layer, value, &out);
}

static bool draw_relu(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct layer *layer = value ? begin(scope, row->name) : NULL;
    if (!layer) return false;
    if (strcmp(row->name, "ELU") == 0) set(layer, "alpha", "%u.25", roll(scope->dice, 3));
    if (strcmp(row->name, "LeakyReLU") == 0)
        set(layer, scope->of->dialect == 3 ? "negative_slope" : "alpha", "0.%u",
            roll(scope->dice, 9));
    if (strcmp(row->name, "ThresholdedReLU") == 0)
        set(layer, "theta", "0.%u", 1 + roll(scope->dice, 8));
    if (strcmp(row->name, "ReLU") == 0) {
        bool jumps = chance(scope, 4);
        set(layer, "max_value", chance(scope, 2) ? "6.0" : "null");
        set(layer, "negative_slope", "0.%u", chance(scope, 2) ? 25 : 0);
        set(layer, "threshold", jumps ? "0.25" : "0.0");
        scope->of->jumpy |= jumps;
    }
    return connect_one(scope, layer, value, &value->shape);
}

static bool draw_softmax(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct layer *layer = value ? begin(scope, row->name) : NULL;
    if (!layer) return false;
    const uint32_t rank = value->shape.rank ? value->shape.rank : 1;
    if (rank > 1 && chance(scope, 3))
        set(layer, "axis", "[%d,%d]", axis_of(scope, &value->shape, 0),
            axis_of(scope, &value->shape, rank - 1));
    else
        set(layer, "axis", "%d", axis_of(scope, &value->shape, roll(scope->dice, rank)));
    return connect_one(scope, layer, value, &value->shape);
}

/* lambda x: x * 2 + 1, of Python 3.11. */
#define DOUBLE_AND_ONE                                                                             \
    "4wEAAAAAAAAAAAAAAAIAAAADAAAA8xIAAACXAHwAZAF6BQAAZAJ6AAAAUwApA07pAgAAAOkBAAAAqQApAdoBeHMBAAAA" \
    "IPoH"                                                                                         \
    "PHN0ZGluPvoIPGxhbWJkYT5yBwAAAAIAAABzDgAAAIAAsAGwIbEDsEGxBYAA8wAAAAA="

static bool draw_lambda(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct layer *layer = value ? begin(scope, row->name) : NULL;
    if (!layer) return false;
    if (scope->of->dialect == 2)
        set(layer, "function", "[\"" DOUBLE_AND_ONE "\",null,null]");
    else
        set(layer, "function",
            "{\"class_name\":\"__lambda__\",\"config\":{\"code\":\"" DOUBLE_AND_ONE
            "\",\"defaults\":null,\"closure\":null}}");
    return connect_one(scope, layer, value, &value->shape);
}

/* TensorFlow's own operations, as Keras 2.2 to 2.3 wrote them: the tensor and a number. */
static bool draw_node(struct scope *scope, const struct row *row) {
    static const char *const operations[] = {"AddV2",   "Mul",     "Sub", "Maximum",
                                             "Minimum", "RealDiv", NULL};
    const struct value *value = pick(scope, 0);
    if (!value || scope->of->dialect != 2 || scope->sequential) return false;
    struct layer *layer = begin(scope, row->name);
    if (!layer) return false;
    set(layer, "node_def", "{\"op\":\"%s\"}", one_of(scope, operations));
    set(layer, "constants", "{\"1\":0.75}");
    return connect_one(scope, layer, value, &value->shape);
}

static bool draw_rescaling(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct layer *layer = value ? begin(scope, row->name) : NULL;
    if (!layer) return false;
    set(layer, "scale", "0.%u", 25 + roll(scope->dice, 70));
    set(layer, "offset", "%d.5", (int)roll(scope->dice, 3) - 1);
    return connect_one(scope, layer, value, &value->shape);
}

/* ---- shapes ---- */

static bool draw_flatten(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct layer *layer = value ? begin(scope, row->name) : NULL;
    if (!layer) return false;
    bool first = value->shape.rank > 1 && chance(scope, 5);
    set(layer, "data_format", "\"channels_%s\"", first ? "first" : "last");
    const struct fovea_shape out = {1, {(uint32_t)elements(&value->shape)}};
    return connect_one(scope, layer, value, &out);
}

/* As many numbers in other dimensions. */
struct fovea_shape reshaped(struct scope *scope, const struct fovea_shape *shape) {
    struct fovea_shape out = {0};
    uint64_t left = elements(shape);
    const uint32_t rank = 1 + roll(scope->dice, 4);
    while (out.rank + 1 < rank) {
        uint32_t part = 1;
        for (uint32_t p = 2 + roll(scope->dice, 6); p > 1; p--)
            if (left % p == 0) {
                part = p;
                break;
            }
        out.dims[out.rank++] = part;
        left /= part;
    }
    out.dims[out.rank++] = (uint32_t)left;
    return out;
}

static bool draw_reshape(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct layer *layer = value ? begin(scope, row->name) : NULL;
    if (!layer) return false;
    const struct fovea_shape out = reshaped(scope, &value->shape);
    const uint32_t open = chance(scope, 2) ? roll(scope->dice, out.rank) : out.rank;
    struct text text = {0};
    for (uint32_t d = 0; d < out.rank; d++)
        put(&text, "%s%d", d ? "," : "", d == open ? -1 : (int)out.dims[d]);
    set(layer, "target_shape", "[%s]", text.start);
    return connect_one(scope, layer, value, &out);
}

void shuffled(struct scope *scope, uint32_t *order, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) order[i] = i;
    for (uint32_t i = count; i > 1; i--) {
        uint32_t j = roll(scope->dice, i), other = order[i - 1];
        order[i - 1] = order[j];
        order[j] = other;
    }
}

static bool draw_permute(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct layer *layer = value ? begin(scope, row->name) : NULL;
    if (!layer) return false;
    uint32_t order[FOVEA_RANK_MAX];
    struct fovea_shape out = {value->shape.rank, {0}};
    shuffled(scope, order, out.rank);
    for (uint32_t d = 0; d < out.rank; d++) out.dims[d] = value->shape.dims[order[d]++];
    set(layer, "dims", "%s", list_of(order, out.rank));
    return connect_one(scope, layer, value, &out);
}

static bool draw_repeat_vector(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 1);
    struct layer *layer = value ? begin(scope, row->name) : NULL;
    if (!layer) return false;
    const struct fovea_shape out = {2, {between(scope, 1, 5), value->shape.dims[0]}};
    set(layer, "n", "%u", out.dims[0]);
    return connect_one(scope, layer, value, &out);
}

/* ---- several inputs ---- */

/* A tensor that goes with the value: of the same shape, or with ones in some places. *out: both together. */
const struct value *partner(struct scope *scope, const struct value *value,
                            struct fovea_shape *out) {
    const struct fovea_shape *shape = &value->shape;
    *out = *shape;
    if (shape->rank && chance(scope, 3)) {
        struct fovea_shape narrow = *shape;
        for (uint32_t d = 0; d < shape->rank; d++)
            if (chance(scope, 2)) narrow.dims[d] = 1;
        const struct value *made = fresh(scope, &narrow);
        if (made) return made;
    }
    return twin(scope, value);
}

static bool draw_merge(struct scope *scope, const struct row *row) {
    const struct value *values[3] = {pick(scope, 0)};
    struct fovea_shape out;
    if (!values[0]) return false;
    unsigned count = strcmp(row->name, "Subtract") != 0 && chance(scope, 3) ? 3 : 2;
    for (unsigned i = 1; i < count; i++)
        if (!(values[i] = partner(scope, values[0], &out))) return false;
    struct layer *layer = begin(scope, row->name);
    return layer && connect(scope, layer, values, count, &out);
}

/* keras.applications': a + scale * b. */
static bool draw_custom_scale(struct scope *scope, const struct row *row) {
    const struct value *values[2] = {pick(scope, 0)};
    if (!values[0] || !(values[1] = twin(scope, values[0]))) return false;
    struct layer *layer = begin(scope, row->name);
    if (!layer) return false;
    set(layer, "scale", "0.%u", 1 + roll(scope->dice, 9));
    return connect(scope, layer, values, 2, &values[0]->shape);
}

static bool draw_concatenate(struct scope *scope, const struct row *row) {
    const struct value *values[2] = {pick(scope, 0)};
    if (!values[0]) return false;
    struct fovea_shape other = values[0]->shape, out = other;
    const uint32_t axis = other.rank ? roll(scope->dice, other.rank) : 0;
    other.dims[axis] = between(scope, 1, 5);
    values[1] = chance(scope, 2) ? fresh(scope, &other) : NULL;
    if (!values[1]) values[1] = twin(scope, values[0]);
    struct layer *layer = values[1] ? begin(scope, row->name) : NULL;
    if (!layer) return false;
    out.dims[axis] += values[1]->shape.dims[axis];
    set(layer, "axis", "%d", axis_of(scope, &values[0]->shape, axis));
    return connect(scope, layer, values, 2, &out);
}

static bool draw_dot(struct scope *scope, const struct row *row) {
    const struct value *values[2] = {pick(scope, 1 + roll(scope->dice, 3))};
    if (!values[0] || !(values[1] = twin(scope, values[0]))) return false;
    const struct fovea_shape *shape = &values[0]->shape;
    if (!scope->of->wild && (shape->rank < 1 || elements(shape) > 500)) return false;
    struct layer *layer = begin(scope, row->name);
    if (!layer) return false;
    const uint32_t axis = shape->rank ? roll(scope->dice, shape->rank) : 0;
    set(layer, "axes", chance(scope, 2) ? "[%d,%d]" : "%d", axis_of(scope, shape, axis),
        (int)axis + 1);
    set(layer, "normalize", chance(scope, 3) ? "true" : "false");
    struct fovea_shape out = {0};
    for (int side = 0; side < 2; side++)
        for (uint32_t d = 0; d < shape->rank && out.rank < FOVEA_RANK_MAX; d++)
            if (d != axis) out.dims[out.rank++] = shape->dims[d];
    if (out.rank == 0) out.dims[out.rank++] = 1;
    return connect(scope, layer, values, 2, &out);
}

#define SAME(name, settings)                                                                       \
    { name, draw_same, 0, settings, false, NULL, NULL }
#define ROW(name, draw, rank, parameter)                                                           \
    { name, draw, rank, parameter, false, NULL, NULL }
#define STEP(name, draw, rank, parameter)                                                          \
    { name, draw, rank, parameter, true, NULL, NULL }
#define IN_1_2_3(name, draw, parameter)                                                            \
    ROW(name "1D", draw, 2, parameter), ROW(name "2D", draw, 3, parameter),                        \
        ROW(name "3D", draw, 4, parameter)

const struct row rows_of_layers[] = {
    ROW("Activation", draw_activation, 0, ""),
    SAME("ActivityRegularization", "\"l1\":0.5,\"l2\":0.0"),
    IN_1_2_3("AdaptiveAveragePooling", draw_adaptive_pool, ""),
    IN_1_2_3("AdaptiveMaxPooling", draw_adaptive_pool, ""),
    ROW("Add", draw_merge, 0, ""),
    ROW("AdditiveAttention", draw_attention, 2, ""),
    SAME("AlphaDropout", "\"rate\":0.5"),
    ROW("Attention", draw_attention, 2, ""),
    SAME("AugMix", ""),
    ROW("Average", draw_merge, 0, ""),
    IN_1_2_3("AveragePooling", draw_pool, ""),
    IN_1_2_3("AvgPool", draw_pool, ""),
    ROW("BatchNormalization", draw_batch_normalization, 0, ""),
    ROW("Bidirectional", draw_bidirectional, 2, ""),
    STEP("CategoryEncoding", draw_category_encoding, 0, ""),
    ROW("CenterCrop", draw_resized, 3, ""),
    ROW("Concatenate", draw_concatenate, 0, ""),
    IN_1_2_3("Conv", draw_conv, ""),
    ROW("Conv1DTranspose", draw_conv_transposed, 2, ""),
    ROW("Conv2DTranspose", draw_conv_transposed, 3, ""),
    ROW("Conv3DTranspose", draw_conv_transposed, 4, ""),
    ROW("ConvLSTM1D", draw_conv_lstm, 3, ""),
    ROW("ConvLSTM2D", draw_conv_lstm, 4, ""),
    ROW("ConvLSTM3D", draw_conv_lstm, 5, ""),
    IN_1_2_3("Cropping", draw_edges, "cropping"),
    ROW("CuDNNGRU", draw_cudnn, 2, ""),
    ROW("CuDNNLSTM", draw_cudnn, 2, ""),
    ROW("CustomScaleLayer", draw_custom_scale, 0, ""),
    SAME("CutMix", "\"factor\":1.0"),
    ROW("Dense", draw_dense, 0, ""),
    ROW("DepthwiseConv1D", draw_depthwise, 2, ""),
    ROW("DepthwiseConv2D", draw_depthwise, 3, ""),
    STEP("Discretization", draw_discretization, 0, ""),
    ROW("Dot", draw_dot, 0, ""),
    SAME("Dropout", "\"rate\":0.5"),
    ROW("ELU", draw_relu, 0, ""),
    ROW("EinsumDense", draw_einsum_dense, 0, ""),
    STEP("Embedding", draw_embedding, 0, ""),
    ROW("Flatten", draw_flatten, 0, ""),
    ROW("GRU", draw_recurrent, 2, ""),
    SAME("GaussianDropout", "\"rate\":0.5"),
    SAME("GaussianNoise", "\"stddev\":0.5"),
    IN_1_2_3("GlobalAveragePooling", draw_global_pool, ""),
    IN_1_2_3("GlobalAvgPool", draw_global_pool, ""),
    IN_1_2_3("GlobalMaxPool", draw_global_pool, ""),
    IN_1_2_3("GlobalMaxPooling", draw_global_pool, ""),
    ROW("GroupNormalization", draw_group_normalization, 0, ""),
    ROW("GroupedQueryAttention", draw_grouped_attention, 2, ""),
    SAME("Identity", ""),
    STEP("IntegerLookup", draw_integer_lookup, 0, ""),
    ROW("LSTM", draw_recurrent, 2, ""),
    ROW("Lambda", draw_lambda, 0, ""),
    ROW("LayerNormalization", draw_layer_normalization, 0, ""),
    ROW("LayerScale", draw_layer_scale, 0, ""),
    ROW("LeakyReLU", draw_relu, 0, ""),
    STEP("Masking", draw_masking, 2, ""),
    SAME("MaxNumBoundingBoxes", "\"max_number\":4"),
    IN_1_2_3("MaxPool", draw_pool, ""),
    IN_1_2_3("MaxPooling", draw_pool, ""),
    ROW("Maximum", draw_merge, 0, ""),
    ROW("Minimum", draw_merge, 0, ""),
    SAME("MixUp", "\"alpha\":0.2"),
    ROW("MultiHeadAttention", draw_multi_head_attention, 0, ""),
    ROW("Multiply", draw_merge, 0, ""),
    ROW("Normalization", draw_normalization, 0, ""),
    ROW("PReLU", draw_prelu, 0, ""),
    ROW("Permute", draw_permute, 0, ""),
    ROW("RMSNormalization", draw_layer_normalization, 0, "scale"),
    ROW("RNN", draw_recurrent, 2, ""),
    SAME("RandAugment", "\"num_ops\":2"),
    SAME("RandomBrightness", "\"factor\":0.5"),
    SAME("RandomColorDegeneration", "\"factor\":0.5"),
    SAME("RandomColorJitter", "\"brightness_factor\":0.5"),
    SAME("RandomContrast", "\"factor\":0.5"),
    ROW("RandomCrop", draw_resized, 3, ""),
    SAME("RandomElasticTransform", "\"factor\":0.5"),
    SAME("RandomErasing", "\"factor\":0.5"),
    SAME("RandomFlip", "\"mode\":\"horizontal\""),
    SAME("RandomGaussianBlur", "\"factor\":0.5"),
    SAME("RandomGrayscale", "\"factor\":0.5"),
    ROW("RandomHeight", draw_random_size, 3, "\"factor\":0.5"),
    SAME("RandomHue", "\"factor\":0.5"),
    SAME("RandomInvert", "\"factor\":0.5"),
    SAME("RandomPerspective", "\"factor\":0.5"),
    SAME("RandomPosterization", "\"factor\":0.5"),
    SAME("RandomRotation", "\"factor\":0.5"),
    SAME("RandomSaturation", "\"factor\":0.5"),
    SAME("RandomSharpness", "\"factor\":0.5"),
    SAME("RandomShear", "\"x_factor\":0.5"),
    SAME("RandomTranslation", "\"height_factor\":0.5"),
    ROW("RandomWidth", draw_random_size, 3, "\"factor\":0.5"),
    SAME("RandomZoom", "\"height_factor\":0.5"),
    ROW("ReLU", draw_relu, 0, ""),
    ROW("RepeatVector", draw_repeat_vector, 1, ""),
    ROW("Rescaling", draw_rescaling, 0, ""),
    ROW("Reshape", draw_reshape, 0, ""),
    ROW("Resizing", draw_resized, 3, "filter"),
    ROW("SeparableConv1D", draw_separable, 2, ""),
    ROW("SeparableConv2D", draw_separable, 3, ""),
    ROW("SimpleRNN", draw_recurrent, 2, ""),
    ROW("Softmax", draw_softmax, 0, ""),
    SAME("SpatialDropout1D", "\"rate\":0.5"),
    SAME("SpatialDropout2D", "\"rate\":0.5"),
    SAME("SpatialDropout3D", "\"rate\":0.5"),
    SAME("StochasticDepth", "\"rate\":0.5"),
    ROW("Subtract", draw_merge, 0, ""),
    STEP("ThresholdedReLU", draw_relu, 0, ""),
    ROW("TensorFlowOpLayer", draw_node, 0, ""),
    ROW("TimeDistributed", draw_time_distributed, 0, ""),
    ROW("UnitNormalization", draw_layer_normalization, 0, "unit"),
    IN_1_2_3("UpSampling", draw_up_sampling, ""),
    IN_1_2_3("ZeroPadding", draw_edges, "padding"),
};
const size_t layer_row_count = sizeof rows_of_layers / sizeof *rows_of_layers;
