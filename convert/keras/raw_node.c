/* TensorFlowOpLayer: an operation of TensorFlow 2.0 to 2.3 as its graphs have it, with the tensors among its
 * arguments in the call and the constants in the config. */
#include <stdlib.h>
#include <string.h>

#include "convert/keras/raw.h"

/* The function of raw.def that an operation is, and which attributes become its arguments: "keep_dims=keepdims". A
 * letter for each argument says what becomes of it: t a tensor or number, - nothing. */
static const struct node_row {
    const char *op, *function, *attributes;
} rows[] = {
    {"Abs", "abs", ""},
    {"Add", "add", ""},
    {"AddV2", "add", ""},
    {"ArgMax", "argmax", ""},
    {"ArgMin", "argmin", ""},
    {"AvgPool", "avg_pool2d", "ksize strides padding data_format"},
    {"BatchMatMulV2", "matmul", "adj_x=transpose_a adj_y=transpose_b"},
    {"BiasAdd", "bias_add", "data_format"},
    {"BroadcastTo", "broadcast_to", ""},
    {"Cast", "cast", ""},
    {"ClipByValue", "clip_by_value", ""},
    {"DepthToSpace", "depth_to_space", "block_size data_format"},
    {"Div", "divide", ""},
    {"Elu", "elu", ""},
    {"Equal", "equal", ""},
    {"Erf", "erf", ""},
    {"Exp", "exp", ""},
    {"ExpandDims", "expand_dims", ""},
    {"Greater", "greater", ""},
    {"GreaterEqual", "greater_equal", ""},
    {"Identity", "identity", ""},
    {"LeakyRelu", "leaky_relu", "alpha"},
    {"Less", "less", ""},
    {"LessEqual", "less_equal", ""},
    {"Log", "log", ""},
    {"Log1p", "log1p", ""},
    {"LogSoftmax", "log_softmax", ""},
    {"LogicalAnd", "logical_and", ""},
    {"LogicalNot", "logical_not", ""},
    {"LogicalOr", "logical_or", ""},
    {"MatMul", "matmul", "transpose_a transpose_b"},
    {"Max", "reduce_max", "keep_dims=keepdims"},
    {"MaxPool", "max_pool2d", "ksize strides padding data_format"},
    {"Maximum", "maximum", ""},
    {"Mean", "reduce_mean", "keep_dims=keepdims"},
    {"Min", "reduce_min", "keep_dims=keepdims"},
    {"Minimum", "minimum", ""},
    {"MirrorPad", "pad", "mode"},
    {"Mul", "multiply", ""},
    {"Neg", "negative", ""},
    {"NotEqual", "not_equal", ""},
    {"OneHot", "one_hot", "axis"},
    {"Pad", "pad", ""},
    {"Pow", "pow", ""},
    {"RealDiv", "divide", ""},
    {"Reciprocal", "reciprocal", ""},
    {"Relu", "relu", ""},
    {"Relu6", "relu6", ""},
    {"Reshape", "reshape", ""},
    {"ResizeBilinear", "resize_bilinear", "align_corners half_pixel_centers"},
    {"ResizeNearestNeighbor", "resize_nearest_neighbor", "align_corners half_pixel_centers"},
    {"ReverseV2", "reverse", ""},
    {"Rsqrt", "rsqrt", ""},
    {"SelectV2", "where", ""},
    {"Selu", "selu", ""},
    {"Sigmoid", "sigmoid", ""},
    {"Softmax", "softmax", ""},
    {"Softplus", "softplus", ""},
    {"Softsign", "softsign", ""},
    {"SpaceToDepth", "space_to_depth", "block_size data_format"},
    {"Sqrt", "sqrt", ""},
    {"Square", "square", ""},
    {"Squeeze", "squeeze", "squeeze_dims=axis"},
    {"StopGradient", "stop_gradient", ""},
    {"Sub", "subtract", ""},
    {"Sum", "reduce_sum", "keep_dims=keepdims"},
    {"Tanh", "tanh", ""},
    {"Tile", "tile", ""},
    {"Transpose", "transpose", ""},
};

static const struct node_row *row_of(const char *op) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].op, op) == 0) return &rows[i];
    return NULL;
}

bool keras_read_node(struct keras *keras, struct layer *layer) {
    const struct json *node = json_member(layer->config, "node_def");
    struct trouble inside = {0};
    layer->operation = node;
    if (!node || node->type != JSON_STRING) return true;
    layer->operation = json_parse(keras->pool, node->text, node->length, &inside);
    return layer->operation || fail_check(keras->trouble, inside.check,
                                          "layer '%s': its node_def: %s", layer->name, inside.text);
}

/* What an attribute holds: {"b": true}, {"i": "2"}, {"f": 0.2}, {"s": "VkFMSUQ="}, {"list": {"i": ["1", "2"]}}. */
static bool read_whole(const struct json *json, struct json *number) {
    char *end;
    if (json->type == JSON_NUMBER) {
        *number = *json;
        return true;
    }
    if (json->type != JSON_STRING || !*json->text) return false;
    const long value = strtol(json->text, &end, 10);
    *number = (struct json){
        .type = JSON_NUMBER, .integral = true, .integer = value, .number = (double)value};
    return *end == 0;
}

/* Base64, as JSON has bytes; NULL where the text is not base64. */
static const char *decode(struct layer_call *call, const char *text) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *bytes = pool_get(call->keras->pool, strlen(text) + 1, 1, call->keras->trouble),
         *at = bytes;
    uint32_t bits = 0, have = 0;
    for (; bytes && *text && *text != '='; text++) {
        const char *digit = strchr(digits, *text);
        if (!digit) return NULL;
        bits = (bits << 6 | (uint32_t)(digit - digits)) & 0xffffff;
        have += 6;
        if (have < 8) continue;
        have -= 8;
        *at++ = (char)(bits >> have & 0xff);
    }
    return bytes;
}

static bool read_attribute(struct layer_call *call, const struct json *value, struct json *made) {
    const struct json *list = json_member(json_member(value, "list"), "i");
    const struct json *flag = json_member(value, "b"), *whole = json_member(value, "i");
    const struct json *real = json_member(value, "f"), *text = json_member(value, "s");
    *made = (struct json){.type = JSON_NULL};
    if (list && list->type == JSON_ARRAY) {
        made->type = JSON_ARRAY;
        for (const struct json *item = list->first; item; item = item->next) {
            struct json number;
            if (!read_whole(item, &number))
                return keras_fail(call, "K-329 an attribute is damaged");
            if (!keras_json_add(call, made, NULL, &number)) return false;
        }
        return true;
    }
    if (flag) *made = *flag;
    if (real) *made = *real;
    if (whole && !read_whole(whole, made)) return keras_fail(call, "K-330 an attribute is damaged");
    if (text && text->type == JSON_STRING) {
        const char *bytes = decode(call, text->text);
        if (!bytes) return keras_fail(call, "K-331 an attribute is damaged");
        *made = (struct json){.type = JSON_STRING, .text = bytes, .length = strlen(bytes)};
    }
    return true;
}

/* The attributes that the row names, as settings. */
static bool read_settings(struct layer_call *call, const struct json *node, const char *names,
                          struct json *settings) {
    const struct json *all = json_member(node, "attr");
    for (const char *at = names; *at;) {
        const size_t length = strcspn(at, " "), own = strcspn(at, "= ");
        struct json made;
        char *name = pool_text(call->keras->pool, at, own, call->keras->trouble);
        char *key = own < length ? pool_text(call->keras->pool, at + own + 1, length - own - 1,
                                             call->keras->trouble)
                                 : name;
        if (!name || !key) return false;
        const struct json *value = json_member(all, name);
        if (value &&
            (!read_attribute(call, value, &made) || !keras_json_add(call, settings, key, &made)))
            return false;
        at += length + (at[length] == ' ');
    }
    return true;
}

bool keras_tensorflow_op(struct layer_call *call) {
    const struct json *node = call->layer->operation, *op = json_member(node, "op");
    const struct json *constants = json_member(call->config, "constants");
    const struct node_row *row = op && op->type == JSON_STRING ? row_of(op->text) : NULL;
    struct keras_draft draft = {.tensors = 0};
    uint32_t tensors = 0;
    if (!op || op->type != JSON_STRING)
        return keras_fail(call, "K-332 its 'node_def' names no operation");
    if (!row) return keras_fail(call, "K-333 the operation '%s' is not supported", op->text);
    for (char place[2] = "0";; place[0]++) {
        const struct json *constant = json_member(constants, place);
        if (!constant && tensors == call->input_count) break;
        if (*place > '9') return keras_fail(call, "K-334 it has too many arguments");
        if (constant
                ? !keras_json_add(call, &draft.args, NULL, constant)
                : !keras_draft_tensor(call, &draft, &draft.args, NULL, call->inputs[tensors++]))
            return false;
    }
    if (!read_settings(call, node, row->attributes, &draft.kwargs)) return false;
    if (strcmp(op->text, "Cast") == 0) { /* to the type it names; floats are what there is */
        struct json type = (struct json){.type = JSON_STRING, .text = "float32", .length = 7};
        const struct json *to = json_member(json_member(json_member(node, "attr"), "DstT"), "type");
        if (to && to->type == JSON_STRING && strcmp(to->text, "DT_FLOAT") != 0)
            type.text = to->text;
        if (!keras_json_add(call, &draft.kwargs, "dtype", &type)) return false;
    }
    return keras_operate(call, row->function, &draft);
}
