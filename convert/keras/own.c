/* Which layers are Keras' own, what wrappers stand around them, and what is said of those that are neither. */
#include <string.h>

#include "convert/keras/keras.h"

static bool is_among(const char *const *names, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}
#define AMONG(names, name) is_among(names, sizeof names / sizeof *names, name)

/* ---- wrappers that at inference are the layer inside them ---- */

static const struct wrapper_row {
    const char *class_name, *part; /* part: the attribute that holds the layer */
} wrappers[] = {
    {"PruneLowMagnitude", "layer"},     /* the kernel in the file has its zeros */
    {"QuantizeAnnotate", "layer"},      /* marked, not yet quantized */
    {"QuantizeAnnotateLayer", "layer"}, /* the same, earlier */
    {"SpectralNormalization", "layer"}, /* the kernel in the file is the normalized one */
};

bool keras_unwrap(struct keras *keras, struct layer *layer, const struct json **item) {
    *item = layer->item;
    for (int depth = 0; depth < KERAS_DEPTH_MAX; depth++) {
        const struct wrapper_row *row = NULL;
        for (size_t i = 0; !row && i < sizeof wrappers / sizeof *wrappers; i++)
            if (strcmp(wrappers[i].class_name, layer->class_name) == 0) row = &wrappers[i];
        if (!row) return true;
        const struct json *inner = json_member(layer->config, "layer");
        const struct json *class_name = json_member(inner, "class_name");
        const struct json *config = json_member(inner, "config");
        if (!class_name || class_name->type != JSON_STRING || !config)
            return fail(keras->trouble,
                        "K-301 layer '%s' (%s): the layer inside it is not understood", layer->name,
                        layer->class_name);
        const char between[2] = {keras->separator ? keras->separator : '/', 0};
        layer->part = layer->part ? pool_print(keras->pool, keras->trouble, "%s%s%s", layer->part,
                                               between, row->part)
                                  : row->part;
        if (!layer->part) return false;
        layer->class_name = keras_modern_class(class_name->text);
        layer->config = config;
        *item = inner;
    }
    return fail(keras->trouble, "K-302 layer '%s': too many layers within one another",
                layer->name);
}

/* ---- whose a layer is ---- */

/* Classes of other packages that are read all the same. */
static const char *const known_strangers[] = {"PruneLowMagnitude", "QuantizeAnnotate",
                                              "QuantizeAnnotateLayer"};

/* Layers that many people write, each as what Keras has for it, where they have no settings of their own. */
static const struct custom_row {
    const char *class_name, *activation; /* "linear": only matters in training */
} customs[] = {
    {"DropPath", "linear"},
    {"GELU", "gelu"},
    {"Gelu", "gelu"},
    {"HSwish", "hard_silu"},
    {"HardSwish", "hard_silu"},
    {"Hswish", "hard_silu"},
    {"Mish", "mish"},
    {"ReLU6", "relu6"},
    {"Relu6", "relu6"},
    {"SiLU", "silu"},
    {"StochasticDepth", "linear"},
    {"Swish", "silu"},
};

/* What every layer's config may have; for those that only matter in training anything. */
static bool has_no_settings(const struct json *config) {
    static const char *const common[] = {
        "name",    "trainable",         "dtype",      "activity_regularizer", "autocast",
        "dynamic", "batch_input_shape", "batch_shape"};
    if (config && config->type != JSON_OBJECT) return false; /* a list's items have no keys */
    for (const struct json *m = config ? config->first : NULL; m; m = m->next)
        if (!AMONG(common, m->key)) return false;
    return true;
}

bool keras_read_custom(struct keras *keras, struct layer *layer) {
    const struct custom_row *row = NULL;
    const char *package = strchr(layer->class_name, '>'); /* "package>Name" of .h5 files */
    const char *name = package ? package + 1 : layer->class_name;
    for (size_t i = 0; !row && i < sizeof customs / sizeof *customs; i++)
        if (strcmp(customs[i].class_name, name) == 0) row = &customs[i];
    if (!row || (strcmp(row->activation, "linear") != 0 && !has_no_settings(layer->config)))
        return true;
    struct json *made = pool_get(keras->pool, 2, sizeof *made, keras->trouble);
    if (!made) return false;
    made[1] = (struct json){.type = JSON_STRING,
                            .key = "activation",
                            .text = row->activation,
                            .length = strlen(row->activation)};
    made[0] = (struct json){.type = JSON_OBJECT, .count = 1, .first = &made[1]};
    layer->class_name = "Activation";
    layer->config = made;
    layer->known = true;
    return true;
}

/* What to do instead, for classes that are met. */
static const struct {
    const char *class_name, *hint;
} hints[] = {
    {"ClusterWeights",
     "its weights are clustered; save tfmot.clustering.keras.strip_clustering(model)"},
    {"Hashing", "do this before the model"},
    {"HashedCrossing", "do this before the model"},
    {"KerasLayer", "it holds a SavedModel of TensorFlow Hub; build the model from Keras' layers"},
    {"MelSpectrogram", "do this before the model"},
    {"QuantizeLayer", "it quantizes activations; save the model before quantize_apply()"},
    {"QuantizeWrapper", "it quantizes activations; save the model before quantize_apply()"},
    {"QuantizeWrapperV2", "it quantizes activations; save the model before quantize_apply()"},
    {"STFTSpectrogram", "do this before the model"},
    {"StringLookup", "do this before the model"},
    {"TFSMLayer", "it holds a SavedModel; build the model from Keras' layers"},
    {"TextVectorization", "do this before the model"},
    {"TorchModuleWrapper", "it holds a model of PyTorch; build the model from Keras' layers"},
};

const char *keras_hint(const char *class_name) {
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
        if (strcmp(hints[i].class_name, class_name) == 0) return hints[i].hint;
    return NULL;
}

/* Absent, null or a text. */
static bool is_open_text(const struct json *json) {
    return !json || json->type == JSON_NULL || json->type == JSON_STRING;
}

bool keras_check_own(struct keras *keras, const struct layer *layer, const struct json *item) {
    static const char *const homes[] = {
        "keras.",  "keras_core.", "tf_keras.", "tensorflow.keras.", "tensorflow.python.keras.",
        "builtins"};
    const struct json *module = json_member(item, "module");
    const struct json *registered = json_member(item, "registered_name");
    if (!is_open_text(module) || !is_open_text(registered))
        return fail(keras->trouble,
                    "K-264 layer '%s': its 'module' or 'registered_name' is not text", layer->name);
    bool own = !module || module->type == JSON_NULL || strcmp(module->text, "keras") == 0;
    for (size_t i = 0; !own && i < sizeof homes / sizeof *homes; i++)
        own = strncmp(module->text, homes[i], strlen(homes[i])) == 0;
    if (registered && registered->type == JSON_STRING && strchr(registered->text, '>')) own = false;
    const char *hint = keras_hint(layer->class_name);
    return own || layer->known || AMONG(known_strangers, layer->class_name) ||
           fail(keras->trouble,
                "K-018 layer '%s' is a custom layer (%s), made of Python code that the file does "
                "not "
                "hold; %s",
                layer->name, layer->class_name, hint ? hint : "replace it by layers of Keras");
}
