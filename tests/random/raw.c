/* A generator for each operation of raw.def, as Keras 3 and as TensorFlow in Keras 2 write it. */
#include "tests/random/raw.h"

#include <string.h>

/* ---- spelling ---- */

/* Where Keras 3 keeps the class. */
static const char *module_of(const char *class_name) {
    static const struct {
        const char *module, *classes;
    } modules[] = {
        {"keras.src.ops.core", " Cast ConvertToTensor StopGradient "},
        {"keras.src.ops.image", " ExtractPatches Resize "},
        {"keras.src.ops.math", " Erf Rsqrt "},
        {"keras.src.ops.nn", " AveragePool Celu DepthToSpace Elu Gelu Glu HardShrink HardSigmoid "
                             "HardSilu HardTanh LeakyRelu "
                             "LogSigmoid LogSoftmax MaxPool Mish Normalize OneHot Relu Relu6 Selu "
                             "Sigmoid Silu SoftShrink Softmax "
                             "Softplus Softsign SpaceToDepth SparsePlus SparseSigmoid Sparsemax "
                             "Squareplus TanhShrink Threshold "},
    };
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
        if (strstr(modules[i].classes, print(" %s ", class_name))) return modules[i].module;
    return "keras.src.ops.numpy";
}

bool operation_start(struct scope *scope, const struct row *row, struct operation *operation) {
    const bool third = scope->of->dialect == 3;
    memset(operation, 0, sizeof *operation);
    if (third ? !*row->class_name : !*row->functions) return false;
    const char *name = row->functions;
    size_t length = strcspn(name, "|");
    if (!third)
        while (name[length] == '|' && chance(scope, 2)) {
            name += length + 1;
            length = strcspn(name, "|");
        }
    const bool slice = !third && strcmp(row->name, "GetItem") == 0;
    struct layer *layer = begin(scope, third   ? row->class_name
                                       : slice ? "SlicingOpLambda"
                                               : "TFOpLambda");
    if (!layer) return false;
    operation->layer = layer;
    layer->raw = true;
    layer->module = module_of(row->class_name);
    layer->config = (struct text){0};
    set(layer, "name", "\"%s\"", layer->name);
    if (!third) {
        set(layer, "trainable", "true");
        set(layer, "dtype", "\"float32\"");
        set(layer, "function", "\"math.%.*s\"", (int)length, name);
    }
    scope->of->jumpy |= row->jumpy;
    return true;
}

void operation_tensor(struct scope *scope, struct operation *o, unsigned place, const char *name2,
                      const struct value *value) {
    o->place[place] = reference(scope, value);
    o->tensor[place] = true;
    o->place_name[place] = name2;
}
void operation_number(struct operation *o, unsigned place, const char *name2, const char *json) {
    o->place[place] = json;
    o->place_name[place] = name2;
}
void operation_setting(struct operation *o, const char *name3, const char *name2,
                       const char *json) {
    o->settings[o->setting_count++] = (struct setting){name3, name2, json};
}

static const char *node_3(struct scope *scope, struct operation *o) {
    struct text node = {0};
    put(&node, "{\"args\":[");
    for (unsigned i = 0; i < 3 && o->place[i]; i++) put(&node, "%s%s", i ? "," : "", o->place[i]);
    put(&node, "],\"kwargs\":{");
    /* Settings are the operation's own, or of the call. */
    bool own = !chance(scope, 3), first = true;
    for (unsigned i = 0; i < o->setting_count; i++) {
        const struct setting *s = &o->settings[i];
        if (!s->name3) continue;
        if (own)
            set(o->layer, s->name3, "%s", s->json);
        else
            put(&node, "%s\"%s\":%s", first ? "" : ",", s->name3, s->json);
        first = false;
    }
    put(&node, "}}");
    return node.start;
}

/* ["x",0,0,{"y":...}], or a number first: ["_CONSTANT_VALUE",-1,2.0,{"y":...}] */
static const char *node_2(struct operation *o) {
    struct text others = {0}, node = {0};
    for (unsigned i = 1; i < 3; i++)
        if (o->place[i])
            put(&others, "%s\"%s\":%s", others.size ? "," : "", o->place_name[i], o->place[i]);
    for (unsigned i = 0; i < o->setting_count; i++)
        if (o->settings[i].name2)
            put(&others, "%s\"%s\":%s", others.size ? "," : "", o->settings[i].name2,
                o->settings[i].json);
    put(&others, "%s\"name\":null", others.size ? "," : "");
    const char *first = o->place[0];
    if (!o->tensor[0])
        put(&node, "[\"_CONSTANT_VALUE\",-1,%s,{%s}]", first, others.start);
    else if (first[1] == '[') { /* a list of tensors, each with the rest */
        put(&node, "[");
        for (const char *at = first + 1, *end; (end = strstr(at, "]")) != NULL && *at == '[';
             at = end + 2) {
            put(&node, "%s%.*s,{%s}]", node.size > 1 ? "," : "", (int)(end - at), at, others.start);
            if (end[1] != ',') break;
        }
        put(&node, "]");
    } else
        put(&node, "%.*s,{%s}]", (int)strlen(first) - 1, first, others.start);
    return node.start;
}

bool operation_finish(struct scope *scope, struct operation *o, const struct fovea_shape *output) {
    add_node(o->layer, scope->of->dialect == 3 ? node_3(scope, o) : node_2(o));
    return note_output(scope, o->layer, 0, 0, output);
}

bool operation_on_one(struct scope *scope, struct operation *o, const struct value *value,
                      const struct fovea_shape *output) {
    operation_tensor(scope, o, 0, "x", value);
    return operation_finish(scope, o, output);
}

#define LIST_MOST 20000 /* of a constant: no legal tensor has more */

/* ---- operations ---- */

/* Parameter: what has to stand before it so that it is well conditioned. */
static bool draw_map(struct scope *scope, const struct row *row) {
    static const struct {
        const char *class_name, *name3, *name2, *json;
    } own[] = {
        {"Celu", "alpha", "alpha", "1.5"},
        {"Elu", "alpha", NULL, "1.0"},
        {"Gelu", "approximate", "approximate", "true"},
        {"LeakyRelu", "negative_slope", "alpha", "0.25"},
        {"Squareplus", "b", "b", "3"},
        {"SoftShrink", "threshold", NULL, "0.25"},
        {"HardShrink", "threshold", NULL, "0.25"},
        {"Threshold", "threshold", NULL, "0.25"},
        {"Relu", NULL, "max_value", "4.0"},
    };
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential) return false;
    if (*row->parameter && !(value = activated(scope, value, row->parameter))) return false;
    if (!operation_start(scope, row, &o)) return false;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(own[i].class_name, row->name) == 0 && (own[i].name3 || own[i].name2) &&
            (strcmp(row->name, "Threshold") == 0 || chance(scope, 2)))
            operation_setting(&o, own[i].name3, own[i].name2, own[i].json);
    if (strcmp(row->name, "Threshold") == 0) operation_setting(&o, "default_value", NULL, "0");
    return operation_on_one(scope, &o, value, &value->shape);
}

static bool draw_plain(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential || !operation_start(scope, row, &o)) return false;
    if (strcmp(row->name, "Cast") == 0) operation_setting(&o, "dtype", "dtype", "\"float32\"");
    return operation_on_one(scope, &o, value, &value->shape);
}

/* A tensor and a tensor, a number, or a constant of numbers. Parameter "positive": what is divided by. */
static bool draw_pair(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0), *other = NULL;
    struct fovea_shape out;
    struct operation o;
    if (!value || scope->sequential) return false;
    const uint32_t kind = roll(scope->dice, 4);
    const bool positive = strcmp(row->parameter, "positive") == 0;
    const bool reversed = row->functions[0] == 'r' && !*row->class_name;
    out = value->shape;
    if (kind == 0 && !(other = partner(scope, value, &out))) return false;
    if (positive && other && !(other = activated(scope, other, "sigmoid"))) return false;
    if (positive && (kind == 2 || reversed) && !(value = activated(scope, value, "sigmoid")))
        return false;
    if (!operation_start(scope, row, &o)) return false;
    struct text list = {0};
    for (uint32_t i = 0; i < last_of(&value->shape) && i < LIST_MOST; i++)
        put(&list, "%s%u.5", i ? "," : "", 1 + i % 3);
    const char *constant =
        kind == 3 && value->shape.rank
            ? scope->of->dialect == 3
                  ? print("{\"class_name\":\"__numpy__\",\"config\":{\"value\":[%s]}}", list.start)
                  : print("[%s]", list.start)
            : "0.75";
    if (kind == 2 && !reversed) { /* the number comes first */
        operation_number(&o, 0, "x", constant);
        operation_tensor(scope, &o, 1, "y", value);
    } else {
        operation_tensor(scope, &o, 0, "x", value);
        if (other)
            operation_tensor(scope, &o, 1, reversed ? "x" : "y", other);
        else
            operation_number(&o, 1, reversed ? "x" : "y", constant);
    }
    return operation_finish(scope, &o, &out);
}

/* TensorFlow's, along the channels, which may be first. */
static bool draw_bias(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential || !operation_start(scope, row, &o)) return false;
    const bool first = value->shape.rank > 1 && chance(scope, 2);
    const uint32_t count = first ? value->shape.dims[0] : last_of(&value->shape);
    struct text list = {0};
    for (uint32_t i = 0; i < count && i < LIST_MOST; i++)
        put(&list, "%s%u.25", i ? "," : "", i % 4);
    operation_tensor(scope, &o, 0, "value", value);
    operation_number(&o, 1, "bias", print("[%s]", list.start ? list.start : ""));
    if (first) operation_setting(&o, NULL, "data_format", "\"NCHW\"");
    return operation_finish(scope, &o, &value->shape);
}

static bool draw_clip(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential || !operation_start(scope, row, &o)) return false;
    operation_setting(&o, "x_min", "clip_value_min", "-0.25");
    operation_setting(&o, "x_max", "clip_value_max", "0.75");
    return operation_on_one(scope, &o, value, &value->shape);
}

static bool draw_power(struct scope *scope, const struct row *row) {
    static const char *const powers[] = {"2", "3", "1.0", "-1", "-2", "0.5", "-0.5", "5", NULL};
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential || !(value = activated(scope, value, "sigmoid"))) return false;
    if (!operation_start(scope, row, &o)) return false;
    operation_number(&o, 1, "y", one_of(scope, powers));
    return operation_on_one(scope, &o, value, &value->shape);
}

static bool draw_reduce(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential || !operation_start(scope, row, &o)) return false;
    const struct fovea_shape *shape = &value->shape;
    const uint32_t mask = shape->rank ? 1 + roll(scope->dice, (1u << shape->rank) - 1) : 1;
    const bool keep = chance(scope, 2);
    struct fovea_shape out = {0};
    struct text axes = {0};
    uint32_t count = 0;
    for (uint32_t d = 0; d < shape->rank; d++) {
        if (mask >> d & 1) put(&axes, "%s%d", count++ ? "," : "", axis_of(scope, shape, d));
        if (!(mask >> d & 1) || keep) out.dims[out.rank++] = mask >> d & 1 ? 1 : shape->dims[d];
    }
    if (!axes.size) put(&axes, "1");
    operation_setting(&o, "axis", "axis",
                      count == 1 && chance(scope, 2) ? axes.start : print("[%s]", axes.start));
    operation_setting(&o, "keepdims", "keepdims", keep ? "true" : "false");
    return operation_on_one(scope, &o, value, &out);
}

static bool draw_rows(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential) return false;
    struct fovea_shape out = value->shape;
    const uint32_t dimension = out.rank ? roll(scope->dice, out.rank) : 0;
    if (strcmp(row->name, "Glu") == 0) {
        if (out.dims[dimension] % 2) return false;
        out.dims[dimension] /= 2;
    }
    if (!operation_start(scope, row, &o)) return false;
    operation_setting(&o, "axis", "axis", print("%d", axis_of(scope, &value->shape, dimension)));
    if (strcmp(row->name, "Normalize") == 0) operation_setting(&o, "order", NULL, "2");
    return operation_on_one(scope, &o, value, &out);
}

static bool draw_matmul(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 2 + roll(scope->dice, 2)), *other;
    struct operation o;
    if (!value || scope->sequential || !(other = twin(scope, value))) return false;
    const uint32_t rank = value->shape.rank;
    struct fovea_shape out = value->shape;
    if (!scope->of->wild && (rank < 2 || elements(&out) > 2000)) return false;
    if (!operation_start(scope, row, &o)) return false;
    operation_tensor(scope, &o, 0, "a", value);
    if (scope->of->dialect == 2) { /* a times b transposed */
        operation_tensor(scope, &o, 1, "b", other);
        bool first = chance(scope, 2);
        operation_setting(&o, NULL, first ? "transpose_a" : "transpose_b", "true");
        if (rank > 1) {
            const uint32_t side = out.dims[first ? rank - 1 : rank - 2];
            out.dims[rank - 1] = out.dims[rank - 2] = side;
        }
    } else { /* a constant matrix */
        struct text matrix = {0};
        for (uint32_t i = 0; i < last_of(&out) && i < LIST_MOST; i++)
            put(&matrix, "%s[0.%u,0.25,%u]", i ? "," : "", 1 + i % 9, i % 2);
        operation_number(
            &o, 1, "b",
            print("{\"class_name\":\"__numpy__\",\"config\":{\"value\":[%s]}}", matrix.start));
        if (rank > 2 && !scope->of->wild) return false;
        out.dims[rank ? rank - 1 : 0] = 3;
    }
    return operation_finish(scope, &o, &out);
}

#define RAW(name, functions, draw, parameter)                                                      \
    { name, draw, 0, parameter, false, functions, name }
#define JUMPS(name, functions, draw, parameter)                                                    \
    { name, draw, 0, parameter, true, functions, name }
#define RANKED(name, functions, draw, rank)                                                        \
    { name, draw, rank, "", false, functions, name }

const struct row rows_of_operations[] = {
    RAW("Abs", "abs", draw_map, ""),
    RAW("Absolute", "", draw_map, ""),
    RAW("Add", "add|add_v2|radd", draw_pair, ""),
    RAW("Amax", "", draw_reduce, ""),
    RAW("Amin", "", draw_reduce, ""),
    JUMPS("All", "reduce_all", draw_reduce, ""),
    JUMPS("Any", "reduce_any", draw_reduce, ""),
    JUMPS("Argmax", "argmax", draw_argmax, ""),
    JUMPS("Argmin", "argmin", draw_argmax, ""),
    RAW("AveragePool", "avg_pool|avg_pool1d|avg_pool2d|avg_pool3d", draw_raw_pool, ""),
    RAW("BroadcastTo", "broadcast_to", draw_broadcast, ""),
    RAW("Cast", "cast", draw_plain, ""),
    RAW("Celu", "", draw_map, ""),
    RAW("Clip", "clip_by_value", draw_clip, ""),
    RAW("Concatenate", "concat", draw_list, ""),
    RAW("ConvertToTensor", "convert_to_tensor|identity", draw_plain, ""),
    RAW("Copy", "stop_gradient|ensure_shape", draw_plain, ""),
    RANKED("DepthToSpace", "depth_to_space", draw_blocks, 3),
    RAW("Divide", "divide|truediv|realdiv|div", draw_pair, "positive"),
    RAW("Elu", "elu", draw_map, ""),
    JUMPS("Equal", "equal", draw_pair, ""),
    RAW("Erf", "erf", draw_map, ""),
    RAW("Exp", "exp", draw_map, "tanh"),
    RAW("ExpandDims", "expand_dims", draw_expand, ""),
    RANKED("ExtractPatches", "extract_patches|extract_image_patches", draw_patches, 3),
    RAW("Flip", "reverse", draw_flip, ""),
    RAW("Gelu", "gelu", draw_map, ""),
    RAW("GetItem", "getitem", draw_slice, ""),
    RAW("Glu", "", draw_rows, ""),
    JUMPS("Greater", "greater", draw_pair, ""),
    JUMPS("GreaterEqual", "greater_equal", draw_pair, ""),
    JUMPS("HardShrink", "", draw_map, ""),
    RAW("HardSigmoid", "hard_sigmoid", draw_map, ""),
    RAW("HardSilu", "", draw_map, ""),
    RAW("HardTanh", "", draw_map, ""),
    RAW("LeakyRelu", "leaky_relu", draw_map, ""),
    JUMPS("Less", "less", draw_pair, ""),
    JUMPS("LessEqual", "less_equal", draw_pair, ""),
    RAW("Log", "log", draw_map, "sigmoid"),
    RAW("Log1p", "log1p", draw_map, "sigmoid"),
    RAW("LogSigmoid", "log_sigmoid", draw_map, ""),
    RAW("LogSoftmax", "log_softmax", draw_rows, ""),
    JUMPS("LogicalAnd", "logical_and", draw_pair, ""),
    JUMPS("LogicalNot", "logical_not", draw_plain, ""),
    JUMPS("LogicalOr", "logical_or", draw_pair, ""),
    RANKED("Matmul", "matmul", draw_matmul, 2),
    RAW("Max", "reduce_max", draw_reduce, ""),
    RAW("MaxPool", "max_pool|max_pool1d|max_pool2d|max_pool3d", draw_raw_pool, ""),
    RAW("Maximum", "maximum", draw_pair, ""),
    RAW("Mean", "reduce_mean", draw_reduce, ""),
    RAW("Min", "reduce_min", draw_reduce, ""),
    RAW("Minimum", "minimum", draw_pair, ""),
    RAW("Mish", "", draw_map, ""),
    RAW("Moveaxis", "", draw_move, ""),
    RAW("Multiply", "multiply|mul|rmul", draw_pair, ""),
    RAW("Negative", "negative|neg", draw_map, ""),
    RAW("Normalize", "l2_normalize", draw_rows, ""),
    JUMPS("NotEqual", "not_equal", draw_pair, ""),
    JUMPS("OneHot", "one_hot", draw_one_hot, ""),
    RAW("OnesLike", "ones_like|ones_like_v2", draw_plain, ""),
    RAW("Pad", "pad", draw_pad, ""),
    RAW("Power", "pow", draw_power, ""),
    RAW("Ravel", "", draw_raw_reshape, "K-163"),
    RAW("Reciprocal", "reciprocal", draw_map, "sigmoid"),
    RAW("Relu", "relu", draw_map, ""),
    RAW("Relu6", "relu6", draw_map, ""),
    RAW("Repeat", "repeat", draw_repeat, ""),
    RAW("Reshape", "reshape", draw_raw_reshape, ""),
    RANKED("Resize", "resize", draw_raw_resize, 3),
    RAW("Rsqrt", "rsqrt", draw_map, "sigmoid"),
    RAW("Selu", "selu", draw_map, ""),
    RAW("Sigmoid", "sigmoid", draw_map, ""),
    RAW("Silu", "silu|swish", draw_map, ""),
    RAW("SoftShrink", "", draw_map, ""),
    RAW("Softmax", "softmax|softmax_v2", draw_rows, ""),
    RAW("Softplus", "softplus", draw_map, ""),
    RAW("Softsign", "softsign", draw_map, ""),
    RANKED("SpaceToDepth", "space_to_depth", draw_blocks, 3),
    RAW("SparsePlus", "", draw_map, ""),
    RAW("SparseSigmoid", "", draw_map, ""),
    RAW("Sparsemax", "", draw_rows, ""),
    RAW("Split", "split", draw_split, ""),
    RAW("Sqrt", "sqrt", draw_map, "sigmoid"),
    RAW("Square", "square", draw_map, ""),
    RAW("Squareplus", "", draw_map, ""),
    RAW("Squeeze", "squeeze", draw_squeeze, ""),
    RAW("Stack", "stack", draw_list, ""),
    RAW("Std", "reduce_std", draw_reduce, ""),
    RAW("StopGradient", "", draw_plain, ""),
    RAW("Subtract", "subtract|sub", draw_pair, ""),
    RAW("Sum", "reduce_sum", draw_reduce, ""),
    RAW("Swapaxes", "", draw_move, ""),
    RAW("Tanh", "tanh", draw_map, ""),
    RAW("TanhShrink", "", draw_map, ""),
    JUMPS("Threshold", "", draw_map, ""),
    RAW("Tile", "tile", draw_repeat, ""),
    RAW("Transpose", "transpose", draw_transpose, ""),
    RAW("TrueDivide", "", draw_pair, "positive"),
    RAW("Var", "reduce_variance", draw_reduce, ""),
    JUMPS("Where", "where|where_v2", draw_where, ""),
    {"resize_bilinear", draw_raw_resize, 3, "bilinear", true, "resize_bilinear", ""},
    {"resize_nearest_neighbor", draw_raw_resize, 3, "nearest", true, "resize_nearest_neighbor", ""},
    RAW("ZerosLike", "zeros_like|zeros_like_v2", draw_plain, ""),
    {"bias_add", draw_bias, 0, "", false, "bias_add", ""},
    {"rsub", draw_pair, 0, "", false, "rsub", ""},
    {"rtruediv|rdiv", draw_pair, 0, "positive", false, "rtruediv|rdiv", ""},
};
const size_t operation_row_count = sizeof rows_of_operations / sizeof *rows_of_operations;
