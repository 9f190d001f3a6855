/* Class names and configs of Keras 1 in the form of Keras 2, which is the only one that layers know. */
#include <string.h>

#include "convert/keras/keras.h"

/* ---- building config ---- */

/* An object or an array in the making. */
struct maker {
    struct keras *keras;
    struct json *container, *last;
};

/* A new member (an element, where key is NULL) at the end, with the value of another; NULL on trouble. */
static struct json *add(struct maker *maker, const char *key, const struct json *value) {
    struct json *member = pool_get(maker->keras->pool, 1, sizeof *member, maker->keras->trouble);
    if (!member) return NULL;
    *member = *value;
    member->key = key;
    member->next = NULL;
    if (maker->last)
        maker->last->next = member;
    else
        maker->container->first = member;
    maker->last = member;
    maker->container->count++;
    return member;
}

static bool add_word(struct maker *maker, const char *key, const char *text) {
    const struct json word = {.type = JSON_STRING, .text = text, .length = strlen(text)};
    return add(maker, key, &word) != NULL;
}

static const struct json no_list = {.type = JSON_ARRAY};

/* A list made of members of `old`: "nb_row nb_col". Nothing where the first is missing. */
static bool add_list(struct maker *maker, const char *key, const struct json *old,
                     const char *parts) {
    char name[32];
    struct maker list = {.keras = maker->keras};
    for (const char *at = parts; *at;) {
        size_t length = strcspn(at, " ");
        memcpy(name, at, length);
        name[length] = 0;
        const struct json *value = json_member(old, name);
        if (!value) return true;
        if (!list.container) list.container = add(maker, key, &no_list);
        if (!list.container || !add(&list, NULL, value)) return false;
        at += length + (at[length] == ' ');
    }
    return true;
}

/* ---- classes and keys ---- */

static const struct {
    const char *old, *now;
} classes[] = {
    {"AtrousConvolution1D", "Conv1D"},
    {"AtrousConvolution2D", "Conv2D"},
    {"BatchNormalizationV1", "BatchNormalization"},
    {"BatchNormalizationV2", "BatchNormalization"},
    {"Convolution1D", "Conv1D"},
    {"Convolution1DTranspose", "Conv1DTranspose"},
    {"Convolution2D", "Conv2D"},
    {"Convolution2DTranspose", "Conv2DTranspose"},
    {"Convolution3D", "Conv3D"},
    {"Convolution3DTranspose", "Conv3DTranspose"},
    {"Deconvolution2D", "Conv2DTranspose"},
    {"GroupQueryAttention", "GroupedQueryAttention"}, /* as which Keras 3 exports it */
    {"SeparableConvolution1D", "SeparableConv1D"},
    {"SeparableConvolution2D", "SeparableConv2D"},
    {"SyncBatchNormalization", "BatchNormalization"},
    {"TimeDistributedDense", "Dense"},
};

/* Keys that were renamed, in classes whose name contains `within`. */
static const struct {
    const char *within, *old, *now;
} keys[] = {
    {"", "atrous_rate", "dilation_rate"},
    {"", "bias", "use_bias"},
    {"", "border_mode", "padding"},
    {"", "filter_length", "kernel_size"},
    {"", "inner_activation", "recurrent_activation"},
    {"", "nb_filter", "filters"},
    {"", "pool_length", "pool_size"},
    {"", "stride", "strides"},
    {"", "subsample", "strides"},
    {"", "subsample_length", "strides"},
    {"Dense", "output_dim", "units"},
    {"Dropout", "p", "rate"},
    {"GRU", "output_dim", "units"},
    {"LSTM", "output_dim", "units"},
    {"SimpleRNN", "output_dim", "units"},
    {"UpSampling1D", "length", "size"},
};

/* Lists that were single members. */
static const struct {
    const char *class_name, *key, *parts;
} lists[] = {
    {"Conv2D", "kernel_size", "nb_row nb_col"},
    {"Conv2DTranspose", "kernel_size", "nb_row nb_col"},
    {"Conv3D", "kernel_size", "kernel_dim1 kernel_dim2 kernel_dim3"},
    {"SeparableConv2D", "kernel_size", "nb_row nb_col"},
};

const char *keras_modern_class(const char *class_name) {
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strcmp(classes[i].old, class_name) == 0) return classes[i].now;
    return class_name;
}

static const char *now_called(const char *class_name, const char *key) {
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(keys[i].old, key) == 0 && strstr(class_name, keys[i].within)) return keys[i].now;
    return key;
}

void keras_old_order(struct keras *keras, const struct json *layers) {
    const struct json *first = NULL;
    for (const struct json *item = layers->first; item; item = item->next) {
        const struct json *order = json_member(json_member(item, "config"), "dim_ordering");
        if (!order || order->type != JSON_STRING) continue;
        if (first && !json_is(first, order->text)) {
            keras->dim_ordering = NULL;
            return;
        }
        first = order;
    }
    if (first) keras->dim_ordering = first;
}

/* Classes with an order that their configs never state: Keras 1 itself goes by the settings of the machine
 * that loads the file. */
static bool is_silent(const char *class_name) {
    static const char *const silent[] = {"Cropping2D",   "Cropping3D",    "UpSampling2D",
                                         "UpSampling3D", "ZeroPadding2D", "ZeroPadding3D"};
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
        if (strcmp(silent[i], class_name) == 0) return true;
    return false;
}

static bool modern_config(struct maker *config, const struct layer *layer) {
    const struct json *order = json_member(layer->config, "dim_ordering");
    if (!order && (strstr(layer->class_name, "2D") || strstr(layer->class_name, "3D")))
        order = config->keras->dim_ordering;
    for (const struct json *m = layer->config->first; m; m = m->next)
        if (strcmp(m->key, "dim_ordering") != 0 &&
            !add(config, now_called(layer->class_name, m->key), m))
            return false;
    bool last = json_is(order, "tf");
    if (order && !last && !json_is(order, "th"))
        return fail(config->keras->trouble,
                    "K-133 layer '%s': its 'dim_ordering' is neither tf nor th", layer->name);
    if (!order && !json_member(layer->config, "data_format") && is_silent(layer->class_name))
        return fail(config->keras->trouble,
                    "K-258 layer '%s' (%s): its config does not say whether channels are first or "
                    "last, and other layers do not agree on it",
                    layer->name, layer->class_name);
    if (order && !add_word(config, "data_format", last ? "channels_last" : "channels_first"))
        return false;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (strcmp(lists[i].class_name, layer->class_name) == 0 &&
            !add_list(config, lists[i].key, layer->config, lists[i].parts))
            return false;
    return true;
}

/* ---- single classes ---- */

/* Merge became a class for each mode. */
static bool modern_merge(struct maker *config, struct layer *layer) {
    static const struct {
        const char *mode, *class_name;
    } modes[] = {
        {"ave", "Average"}, {"concat", "Concatenate"}, {"dot", "Dot"},
        {"max", "Maximum"}, {"mul", "Multiply"},       {"sum", "Add"},
    };
    const struct json *mode = json_member(layer->config, "mode");
    const struct json *type = json_member(layer->config, "mode_type");
    const struct json *axis = json_member(layer->config, "concat_axis");
    const struct json *axes = json_member(layer->config, "dot_axes");
    if (json_member(layer->config, "layers"))
        return fail(config->keras->trouble,
                    "K-134 layer '%s' (Merge): merging whole models in a Sequential is not "
                    "supported",
                    layer->name);
    if (!mode || mode->type != JSON_STRING || (type && !json_is(type, "raw")))
        return fail(config->keras->trouble,
                    "K-135 layer '%s' (Merge): it merges by Python code, which fovea cannot "
                    "run",
                    layer->name);
    if (axis && !add(config, "axis", axis)) return false;
    if (axes && !add(config, "axes", axes)) return false;
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (json_is(mode, modes[i].mode)) {
            layer->class_name = modes[i].class_name;
            return true;
        }
    return fail(config->keras->trouble, "K-136 layer '%s' (Merge): mode '%s' is not supported",
                layer->name, mode->text);
}

/* (top, bottom, left, right), or a dictionary of them, became ((top, bottom), (left, right)); in one
 * dimension, a dictionary became (left, right). */
static bool modern_padding(struct maker *config, struct layer *layer) {
    static const char *const sides[] = {"top_pad", "bottom_pad", "left_pad", "right_pad"};
    static const struct json zero = {.type = JSON_NUMBER, .integral = true};
    struct json *padding = (struct json *)(uintptr_t)json_member(config->container, "padding");
    bool dictionary = padding && padding->type == JSON_OBJECT,
         line = strstr(layer->class_name, "1D");
    if (!dictionary && (line || !padding || padding->type != JSON_ARRAY || padding->count != 4))
        return true;
    struct json old = *padding;
    struct maker outer = {.keras = config->keras, .container = padding}, inner = outer;
    padding->type = JSON_ARRAY;
    padding->first = NULL;
    padding->count = 0;
    for (size_t i = line ? 2 : 0; i < 4; i++) {
        const struct json *side = dictionary ? json_member(&old, sides[i]) : json_item(&old, i);
        if (!line && i % 2 == 0) {
            inner.container = add(&outer, NULL, &no_list);
            inner.last = NULL;
        }
        if (!inner.container || !add(&inner, NULL, side ? side : &zero)) return false;
    }
    return true;
}

static bool modern_normalisation(struct maker *config, struct layer *layer) {
    const struct json *mode = json_member(layer->config, "mode");
    return !mode || (mode->integral && mode->integer == 0) ||
           fail(config->keras->trouble,
                "K-137 layer '%s' (BatchNormalization): a 'mode' other than 0 is not "
                "supported",
                layer->name);
}

/* The layer that a wrapper holds is modernised as well; wrappers in wrappers are refused. */
static bool modern_wrapper(struct maker *config, struct layer *layer) {
    struct json *member = (struct json *)(uintptr_t)json_member(config->container, "layer");
    const struct json *name = json_member(member, "class_name");
    struct layer inner = {.name = layer->name, .config = json_member(member, "config")};
    if (!name || name->type != JSON_STRING || !inner.config || json_member(inner.config, "layer"))
        return fail(config->keras->trouble,
                    "K-138 layer '%s' (%s): the layer inside it is not understood", layer->name,
                    layer->class_name);
    inner.class_name = name->text;
    if (!keras_modernise(config->keras, &inner)) return false;
    struct maker object = {.keras = config->keras, .container = member};
    member->first = NULL;
    member->count = 0;
    return add_word(&object, "class_name", inner.class_name) &&
           add(&object, "config", inner.config);
}

static const struct {
    const char *class_name;
    bool (*modernise)(struct maker *config, struct layer *layer);
} special[] = {
    {"BatchNormalization", modern_normalisation},
    {"Bidirectional", modern_wrapper},
    {"Merge", modern_merge},
    {"TimeDistributed", modern_wrapper},
    {"ZeroPadding1D", modern_padding},
    {"ZeroPadding2D", modern_padding},
};

bool keras_modernise(struct keras *keras, struct layer *layer) {
    struct json *object = pool_get(keras->pool, 1, sizeof *object, keras->trouble);
    struct maker config = {.keras = keras, .container = object};
    if (!object) return false;
    if (layer->config->type != JSON_OBJECT) return true;
    object->type = JSON_OBJECT;
    layer->class_name = keras_modern_class(layer->class_name);
    if (!modern_config(&config, layer)) return false;
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (strcmp(special[i].class_name, layer->class_name) == 0) {
            if (!special[i].modernise(&config, layer)) return false;
            break;
        }
    layer->config = object;
    return true;
}

bool keras_check_old_shape(struct layer_call *call) {
    const struct json *stated = json_member(call->config, "output_shape");
    const struct fovea_shape *made = graph_shape(call->graph, call->output);
    if (strcmp(call->class_name, "Conv2DTranspose") != 0 || !stated) return true;
    bool same = stated->type == JSON_ARRAY && stated->count == 4 && shape_rank(made) == 3;
    for (uint32_t d = 0; same && d < 3; d++) {
        const struct json *size = json_item(stated, d + 1);
        uint32_t here = call->first ? (d + 2) % 3 : d; /* channels first: c, y, x */
        same = size && (size->type == JSON_NULL ||
                        (size->integral && size->integer == shape_size(made, here)));
    }
    return same || keras_fail(call, "K-139 an 'output_shape' other than %s is not supported",
                              shape_text(call->graph, made));
}
