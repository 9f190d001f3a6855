/* Keras' description of a model to the neutral graph. Internal to convert/keras*.c. */
#ifndef FOVEA_CONVERT_KERAS_KERAS_H
#define FOVEA_CONVERT_KERAS_KERAS_H

#include "convert/graph/graph.h"
#include "convert/graph/shape.h"
#include "convert/files/json.h"
#include "weights/check.h"

/* ---- weights of the file ---- */

struct weight {
    const char *name; /* as the file has it: "conv2d/kernel:0", "layers/conv2d/vars/0" */
    struct hdf5_value value;
    const float *floats; /* its numbers in the order of Keras 2, where the file has another */
    bool used;           /* once already: in the order of Keras 2 */
};
/* The weights of a layer, of a layer's part ("cell"), or of a model used as a layer, in Keras' order. */
struct weight_list {
    const char *part;
    struct weight *items;
    size_t count;
    bool loaded;
    struct weight_list *next; /* of another part of the same layer */
};

/* How the file keeps them: groups by layers' names, with names of weights (HDF5 files until Keras 2, and
 * after that .h5); or groups by class and count, with numbers (.keras and .weights.h5). */
enum keras_layout { KERAS_NAMED, KERAS_NUMBERED };

/* What the model was trained with, as far as it matters: to Theano kernels are those of a true convolution, and
 * both of the others pad elsewhere. Backends of later versions do as TensorFlow does. */
enum keras_backend { KERAS_TENSORFLOW, KERAS_THEANO, KERAS_CNTK };

/* ---- the model's description, parsed ---- */

/* "Output `tensor` of call `call` of layer `layer`." */
struct ref {
    uint32_t layer, call, tensor;
    const struct json *at; /* where the file says so */
};
/* One use of a layer: one entry of its inbound_nodes. */
struct call {
    const struct json *node; /* NULL in a Sequential */
    struct ref *refs;        /* the tensors it is called on */
    uint32_t ref_count;
};
struct layer {
    const char *name, *class_name;
    const struct json *config, *item; /* item: the whole description, config included */
    const struct json *operation;     /* of a TensorFlowOpLayer */
    const char *outer_class,
        *part; /* as the file has it; part: of the wrapper it was in, or NULL */
    struct call *calls;
    uint32_t call_count, first_call; /* first_call: number of calls of all layers before */
    struct scope *model;             /* the layer is a model itself */
    bool each_step;                  /* which works on each step of its input (TimeDistributed) */
    const char *group;               /* that holds its weights; NULL: none */
    struct weight_list *weights; /* loaded; KERAS_NAMED: of layers of the outermost model only */
    uint32_t first_trainable, first_fixed; /* KERAS_NAMED, inside a model: its weights among the */
    bool placed;                           /* outermost layer's, where their order tells them */
    bool known;                            /* Keras' own, in the place of a custom one */
};
/* A Sequential or Functional model. */
struct scope {
    const char *name, *class_name;
    const struct json *config, *item; /* item: the whole description, config included */
    const char *group;                /* KERAS_NUMBERED: that holds its weights */
    struct layer *layers;
    uint32_t layer_count, call_count;
    uint32_t *by_name; /* layers in the order of their names */
    struct ref *inputs, *outputs;
    uint32_t input_count, output_count;
    uint32_t depth;
    struct scope *next; /* of those waiting to be parsed */
};

/* What a value is to Keras: see keras_order.c. */
struct value_order {
    bool first;     /* the channels-last form of a tensor that has its channels first */
    uint32_t other; /* the same tensor in the other order, or GRAPH_NONE */
    uint32_t mask;  /* which of its steps count (mask.h), or GRAPH_NONE */
};
/* A kernel whose numbers were put into another order, for the layers that share it. */
struct keras_reorder {
    const void *data;
    const struct json *config;
    struct source source;
    struct keras_reorder *next;
};

struct keras {
    struct pool *pool;
    struct trouble *trouble;
    struct graph *graph;
    const struct hdf5 *file;
    struct hdf5_object weights; /* the group that holds the layers' groups */
    enum keras_layout layout;
    const char *container; /* KERAS_NUMBERED: "layers", the group of a model's layers */
    char separator;        /* KERAS_NUMBERED: of its paths; '\\' in files of old Windows versions */
    bool apart;            /* config and weights come from different files */
    const char *version;   /* of the config: "3.15.1"; "1" where nothing says */
    int generation;        /* of the config: 1, 2, 3 */
    int release;           /* of the config: 31501 for 3.15.1 */
    int weight_generation; /* of the weights */
    enum keras_backend backend;
    const struct json *dim_ordering; /* of layers of Keras 1 that do not state theirs, or NULL */
    struct scope *waiting;           /* models to be parsed */
    uint64_t parameters;             /* numbers of all weights that were read: what Keras counts */
    const struct fovea_shape *input_shapes; /* given by the user, for inputs with open sizes */
    size_t input_shape_count;
    bool sizes_wanted;          /* sizes left open must be given; else usual ones are taken, */
    uint32_t sizes_more;        /* so much larger than the usual ones */
    uint32_t *sizes_taken;      /* of each input, a mask; NULL: none */
    struct value_order *orders; /* by value */
    uint32_t order_count;
    bool masked; /* some value has a mask */
    const char
        *stateful; /* a layer that keeps its state from batch to batch in Keras; NULL: none */
    struct keras_reorder *reorders;
};

/* A model's description in a file of its own, and that file's size. */
struct keras_config {
    const void *text;
    size_t size; /* 0: not there */
};

/* Finds out what the bytes are, and where weights and config are in them. *model: the description of the
 * outermost model. */
bool keras_open(struct keras *keras, const void *bytes, size_t size,
                const struct keras_config *config, const struct json **model);

/* Parses a model's description, and the models inside it, into scopes; the outermost one. */
struct scope *FOVEA_NULLABLE keras_scope(struct keras *keras, const struct json *model);

/* Puts what Keras has for it in the place of a custom layer that many people write. */
bool keras_read_custom(struct keras *keras, struct layer *layer);
/* Refuses layers that are Python code: by their class, their module, or the name they were registered by
 * (Keras' own have none, or their class name). */
bool keras_check_own(struct keras *keras, const struct layer *layer, const struct json *item);
/* Puts the layer inside a wrapper that only matters in training in its place; *item: its
 * description, the layer's own where there is no wrapper. */
bool keras_unwrap(struct keras *keras, struct layer *layer, const struct json **item);
/* What to do instead of a layer that cannot be converted; NULL where nothing special is to be said. */
const char *keras_hint(const char *class_name);

/* The class that an older name means. */
const char *keras_modern_class(const char *class_name);
/* Notes the order of dimensions that the layers of a model of Keras 1 agree on: it is that of layers whose
 * old configs do not say (UpSampling2D, ZeroPadding2D). */
void keras_old_order(struct keras *keras, const struct json *layers);
/* Parses the description of a TensorFlowOpLayer's operation. */
bool keras_read_node(struct keras *keras, struct layer *layer);
/* Brings class name and config of a layer of Keras 1 into the form of Keras 2. */
bool keras_modernise(struct keras *keras, struct layer *layer);

/* Gives the layers of a model the groups of their weights: by class and count (KERAS_NUMBERED); by name,
 * or by order where the names of a config apart are others (KERAS_NAMED, outermost model only). */
bool keras_number_groups(struct keras *keras, struct scope *scope);
bool keras_name_groups(struct keras *keras, struct scope *scope);

/* "MaxPooling2D" -> "max_pooling2d": an underscore before each capital that begins a word; NULL on trouble. */
char *FOVEA_NULLABLE keras_snake_case(struct keras *keras, const char *name);

bool keras_find_layer(const struct scope *scope, const char *name, uint32_t *layer);

/* Makes the call indices of references to models within the scope count from 0. */
bool keras_settle_calls(struct keras *keras, const struct scope *scope);

/* The values that a call hands to a model, in the order of the model's inputs: a dictionary's are found by
 * its keys. NULL on trouble. */
uint32_t *FOVEA_NULLABLE keras_match_inputs(struct keras *keras, const struct layer *layer,
                                            const struct call *call, uint32_t *values);

/* Makes the graph's inputs, those of the outermost model. */
bool keras_make_inputs(struct keras *keras, const struct scope *scope, uint32_t *values);

/* Parses a model's description and walks it. Where usual sizes were taken for open ones, it is done with larger ones,
 * too: nothing but tensors may depend on them. Which sizes are open is noted in the graph. */
bool keras_read(struct keras *keras, const struct json *model);

/* Runs the outermost scope's layers through the table below: fills graph, inputs and outputs. */
bool keras_walk(struct keras *keras, struct scope *scope);

/* The shape (batch left out) an InputLayer, or a layer that carries its own input shape, states. */
struct stated_shape {
    bool stated;
    struct fovea_shape shape;
    uint32_t open; /* mask of the dimensions whose size is not stated: 1 in `shape` */
};
bool keras_stated_shape(struct keras *keras, const struct layer *layer,
                        struct stated_shape *stated);

/* True for Sequential, Functional and their older names. */
bool keras_is_model(const char *class_name);

/* ---- one layer being converted ---- */

struct layer_call {
    struct keras *keras;
    struct graph *graph;
    const char *name, *class_name;
    const struct json *config, *node;
    uint64_t *FOVEA_NULLABLE
        asked; /* of an operation's arguments by name, a bit each (argument.c) */
    const uint32_t *inputs;
    uint32_t input_count;
    const struct ref *refs;     /* where each tensor stands in `node`; NULL in a Sequential: */
    const uint32_t *ref_values; /* those of `inputs`, and masks that arguments name */
    uint32_t ref_count;
    uint32_t output;       /* to be set */
    uint32_t *outputs;     /* to be set instead where there are several, */
    uint32_t output_count; /* with their number */
    bool first; /* inputs and output lie channels-last, to Keras their channels are first */
    struct layer *layer, *outermost; /* outermost: the outermost model's layer it is (in) */
    const char *part; /* the attribute of the layer that is converted: "forward_layer"; or NULL */
    const char *const *path; /* names of the models around it, outermost first */
    uint32_t path_count;
};

/* The converting function of a class; NULL for one that is not in layers.def. */
typedef bool keras_layer(struct layer_call *call);
keras_layer *FOVEA_NULLABLE keras_layer_of(const char *class_name);

/* Whether the layer is an operation of raw.def, and what converts it. */
bool keras_is_raw(const struct keras *keras, const struct layer *layer);
bool keras_raw_layer(struct layer_call *call);

/* A model that is run for each step of one input: the step's slice, and what came out so far. */
struct keras_steps {
    uint32_t source, input, count, done, *results;
};
/* NULL on trouble. */
struct keras_steps *keras_steps_begin(struct layer_call *call);
/* Takes the result of a step; *more: steps->input is the next one's slice, else call->output is all of them. */
bool keras_steps_next(struct layer_call *call, struct keras_steps *steps, uint32_t result,
                      bool *more);

/* ---- for the layer files; false (or NULL, GRAPH_NONE) means that `trouble` is set ---- */

bool keras_fail(struct layer_call *call, const char *format, ...) FOVEA_PRINTF(2, 3);

/* The config's member, or what the Keras that wrote it takes where there is none; NULL where that is
 * nothing, or the same in every class and version. */
const struct json *FOVEA_NULLABLE keras_setting(const struct layer_call *call, const char *key);
bool keras_integer(struct layer_call *call, const char *key, int64_t low, int64_t high,
                   int64_t *value);
bool keras_number(struct layer_call *call, const char *key, double fallback, double *value);
bool keras_flag(struct layer_call *call, const char *key, bool fallback, bool *value);
/* False, null or the number 0. */
bool keras_is_off(const struct json *json);
/* A text is `fallback` where the config has none; a setting of another type is trouble, not absent. */
bool keras_text(struct layer_call *call, const char *key, const char *fallback, const char **text);

/* Needs exactly one input (of `rank` dimensions, batch left out, unless 0). */
bool keras_one_input(struct layer_call *call, uint32_t rank);
const struct fovea_shape *keras_input_shape(const struct layer_call *call, uint32_t input);
/* False, with trouble set, where the layer wants channels first and the walk has not seen to it. */
bool keras_channels_last(struct layer_call *call);
/* An axis of the config, counted with the batch or from the end, as one of the dimensions that the
 * tensor has here. */
bool keras_axis(struct layer_call *call, int64_t stated, uint32_t rank, uint32_t *axis);

/* Transposed convolutions of Keras 1 state their output's shape; false where Keras 2 derives another. */
bool keras_check_old_shape(struct layer_call *call);

/* The weight of that role (its name in variables.def), of exactly `count` numbers. */
bool keras_weight(struct layer_call *call, const char *role, uint64_t count, struct source *source);
/* The same with any size. */
struct weight *FOVEA_NULLABLE keras_find_weight(struct layer_call *call, const char *role);

/* Appends a node named after the layer; its value becomes call->output. */
bool keras_node(struct layer_call *call, uint32_t op, const uint32_t *inputs, uint32_t input_count,
                const uint32_t *arrays, uint32_t array_count, const uint32_t *attributes);
/* The same on one input. */
bool keras_step(struct layer_call *call, uint32_t op, uint32_t input, const uint32_t *arrays,
                uint32_t array_count, const uint32_t *attributes);

/* ---- layers on a line, a picture or a volume ---- */

/* Whether the config has `key`, and not as null. */
bool keras_has(const struct layer_call *call, const char *key);
/* The number of spatial dimensions, from the class's name: 1 for "Conv1DTranspose". */
uint32_t keras_spatial(const struct layer_call *call);
/* One number for all, or a list of one for each spatial dimension, at least `low`, as depth, height,
 * width; 1 for those the layer does not have. */
bool keras_sizes(struct layer_call *call, const char *key, int64_t low, uint32_t sizes[3]);

struct keras_window {
    uint32_t kernel[3], stride[3], dilation[3]; /* depth, height, width */
    uint32_t words[FOVEA_WINDOW_WORDS];         /* of height and width, for the blob */
};
bool keras_read_window(struct layer_call *call, const char *kernel_key,
                       struct keras_window *window);

/* The one input, of the class's number of dimensions, as a picture: a line is a picture of one row.
 * keras_unpicture turns call->output back. */
bool keras_picture(struct layer_call *call, uint32_t *picture);
bool keras_unpicture(struct layer_call *call);
/* call->output = the same numbers under another shape; `any_input`: of inputs of any shape, which is
 * what a Reshape of Keras means, and not only of this one. */
bool keras_shaped(struct layer_call *call, uint32_t input, const struct fovea_shape *shape,
                  bool any_input);
/* call->output = the input as it is, where that holds for its sizes only: a model with other inputs
 * (fovea_model_resize) is refused, where it would lack what vanished here. */
bool keras_pinned(struct layer_call *call, uint32_t input);
/* call->output = the input's dimensions in another order. */
bool keras_permuted(struct layer_call *call, uint32_t input, const uint32_t *from);
/* call->output[i0, i1, ...] = input[base + i0 * steps[0] + i1 * steps[1] + ...], of `shape`. */
bool keras_rearranged(struct layer_call *call, uint32_t input, const struct fovea_shape *shape,
                      const int64_t *steps, int64_t base);
/* The shape as attribute words, of which those behind its rank stay 0; refused where it is impossible. */
bool keras_put_shape(struct layer_call *call, uint32_t *words, const struct fovea_shape *shape);

/* Puts the numbers of a kernel into another order: number (i0, i1, ...) comes from the sum of
 * index[i] * step over the dimensions; no index: i itself. */
struct keras_order {
    uint32_t count;
    const uint32_t *index;
    uint64_t step;
};
bool keras_reordered(struct layer_call *call, struct source *source, uint32_t rank,
                     const struct keras_order *orders);

/* A convolution over a volume; kernel as Keras keeps it. */
bool keras_volume_conv(struct layer_call *call, const struct keras_window *window,
                       struct source *kernel, const struct source *bias, uint32_t outputs,
                       uint32_t groups);
/* A convolution of a picture: kernel rows [ky][kx][inputs of a group] of `outputs`. */
bool keras_add_conv(struct layer_call *call, const uint32_t *window, uint32_t input,
                    const struct source *kernel, const struct source *bias, uint32_t inputs,
                    uint32_t outputs, uint32_t groups);
/* The bias, or zeros where the layer has none. */
bool keras_bias(struct layer_call *call, uint64_t count, struct source *source);

/* ---- the order of channels ---- */

enum keras_order_kind { KERAS_PLAIN, KERAS_PICTURE, KERAS_ANY };
/* The order in which the class takes its tensors, as layers.def says. */
enum keras_order_kind keras_layer_order(const char *class_name);
/* Whether the layer is to work on the channels-last form of channels-first tensors. */
bool keras_wants_first(struct layer_call *call, enum keras_order_kind kind, bool *first);
/* The value in the wanted order; GRAPH_NONE on trouble. */
uint32_t keras_ordered(struct keras *keras, uint32_t value, bool first, const char *layer);
bool keras_mark_first(struct keras *keras, uint32_t value, bool first);
/* From here on call->output, and what is made of it, is in Keras' order. */
bool keras_plain_output(struct layer_call *call);

/* Applies the activation that config member `key` names to call->output; absent or "linear": none. */
bool keras_activation(struct layer_call *call, const char *key);
/* Appends an activation of the blob. */
bool keras_tail(struct layer_call *call, enum fovea_activation kind, float low, float high,
                float alpha);

/* Arrays of weights; GRAPH_NONE on trouble. */
uint32_t keras_conv_array(struct layer_call *call, const struct source *source, size_t taps,
                          size_t inputs, size_t outputs, size_t groups);
uint32_t keras_depthwise_array(struct layer_call *call, const struct source *source, size_t taps,
                               size_t channels);
uint32_t keras_bias_array(struct layer_call *call, const struct source *source, size_t outputs,
                          size_t groups);
uint32_t keras_plain_array(struct layer_call *call, const struct source *source);

/* `count` floats of the pool. */
float *FOVEA_NULLABLE keras_floats(struct layer_call *call, uint64_t count);

#define LAYER(class_name, function) keras_layer function;
#include "convert/keras/layers.def"

#endif
