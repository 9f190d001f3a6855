/* Operations of keras.ops and of TensorFlow that stand in a model as if they were layers. Their arguments
 * are tensors or numbers, in the call or, in Keras 3, in the config. */
#ifndef FOVEA_CONVERT_KERAS_RAW_H
#define FOVEA_CONVERT_KERAS_RAW_H

#include "convert/keras/build.h"

/* An argument: absent (json NULL), a number or other setting (value GRAPH_NONE), or a tensor. */
struct keras_argument {
    const struct json *FOVEA_NULLABLE json;
    uint32_t value;
};

/* Argument `position` of the call, or by one of the names "x|input". Where the config has one of the
 * names, it is that. */
struct keras_argument keras_argument(const struct layer_call *call, size_t position,
                                     const char *names);

/* Whether keras_argument was asked for each argument by name: one that nobody knows would change the answer. Those that
 * are null or false, or mean nothing to the numbers, need not be. False, with trouble set, where one is left. */
bool keras_all_asked(struct layer_call *call);

/* What an argument is to hold; false, with trouble set, where it holds something else. */
bool keras_tensor_argument(struct layer_call *call, size_t position, const char *names,
                           uint32_t *value);
bool keras_number_argument(struct layer_call *call, size_t position, const char *names,
                           double fallback, double *number);
bool keras_flag_argument(struct layer_call *call, size_t position, const char *names, bool *flag);
/* A list, an item or (NULL) nothing; tuples are lists. */
const struct json *FOVEA_NULLABLE keras_list_argument(const struct layer_call *call,
                                                      size_t position, const char *names);
/* The tensors of a list. */
bool keras_tensors_argument(struct layer_call *call, const char *names, uint32_t **values,
                            uint32_t *count);

/* The whole numbers of a list, or one alone, at most FOVEA_RANK_MAX + 1 of them; `open` for a null. */
bool keras_read_integers(struct layer_call *call, const struct json *json, int64_t open,
                         int64_t *numbers, uint32_t *count);
/* The argument "axis", as a dimension of a tensor of `rank` dimensions beside the batch. */
bool keras_read_axis(struct layer_call *call, size_t position, int64_t fallback, uint32_t rank,
                     uint32_t *axis);

/* A number, a numpy array or nested lists as a constant that goes with tensors of `rank` dimensions. */
bool keras_constant_argument(struct layer_call *call, const struct json *json, uint32_t rank);

/* Two operands as tensors: a constant one is made to go with the other; one has to be a tensor. */
bool keras_tensor_pair(struct layer_call *call, const struct keras_argument *argument,
                       uint32_t *values);

/* Puts a copy of `value` at the end of a list or, with a key, of an object in the making; NULL on trouble. */
struct json *keras_json_add(struct layer_call *call, struct json *list, const char *key,
                            const struct json *value);

/* A call of one of TensorFlow's functions that no file holds: arguments by position and by name. */
#define KERAS_DRAFT_TENSORS 16
struct keras_draft {
    struct json args, kwargs;
    struct ref refs[KERAS_DRAFT_TENSORS];
    uint32_t values[KERAS_DRAFT_TENSORS], tensors;
};
/* Puts a tensor where keras_json_add puts numbers. */
bool keras_draft_tensor(struct layer_call *call, struct keras_draft *draft, struct json *list,
                        const char *key, uint32_t value);
/* call->output (or outputs) = the function, which raw.def has under the last part of its name. */
bool keras_operate(struct layer_call *call, const char *function, struct keras_draft *draft);
bool keras_knows_function(const char *function);
/* call->output = a layer of that class and config, without weights, on a value in Keras' order. */
bool keras_applied(struct layer_call *call, const char *class_name, const struct json *config,
                   uint32_t input);

typedef bool keras_raw(struct layer_call *call, const char *parameter);
#define RAW(class_name, functions, function, parameter) keras_raw function;
#include "convert/keras/raw.def"
#undef RAW

#endif
