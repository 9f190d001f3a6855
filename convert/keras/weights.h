/* Between the files that find a layer's weights. Internal to convert/keras/.
 *
 * A layer asks for a weight by its role (keras_weight). variables.def says which weights a class has, in
 * which order, and what they were called; keras_named.c and keras_numbered.c find them in the two layouts of
 * files; keras_kernel.c turns kernels that old versions kept otherwise. */
#ifndef FOVEA_CONVERT_KERAS_WEIGHTS_H
#define FOVEA_CONVERT_KERAS_WEIGHTS_H

#include "convert/keras/keras.h"

/* A class' row in variables.def. */
struct variables;
/* A weight of a class. */
struct variable {
    const char *names; /* "kernel|W": the role, then what older files call it */
    size_t length;     /* of `names` */
    bool trainable;
    size_t index, index_of_kind; /* among all of the layer's; among those as trainable as itself */
};

/* NULL where the class has no row. */
const struct variables *FOVEA_NULLABLE keras_variables(const char *class_name);
/* The attribute of the layer that holds them ("cell"), or "". */
const char *keras_variables_part(const struct variables *row);
/* True where the class keeps its weights in layers of its own, so that there is no list of them. */
bool keras_variables_inside(const struct variables *row);
/* Variable `index` of a layer with that config; false behind the last one. */
bool keras_variable(const struct variables *row, const struct json *config, size_t index,
                    struct variable *variable);
/* How many there are, of one kind or (NULL) of both. */
size_t keras_variable_count(const struct variables *row, const struct json *config,
                            const bool *trainable);
/* Whether `name` is one of the variable's names. */
bool keras_variable_is(const struct variable *variable, const char *name, size_t length);

/* Refuses where the list does not hold as many numbers arrays as the settings make variables. */
bool keras_check_count(struct keras *keras, const char *layer, const char *class_name,
                       const struct json *config, const struct weight_list *list);

/* Reads a dataset into the weight, whose name is set, and counts its numbers; bfloat16 becomes float32. */
bool keras_load_dataset(struct keras *keras, const struct hdf5_object *dataset,
                        struct weight *weight);

/* Refuses what holds whole numbers, or no numbers. */
bool keras_check_floats(struct layer_call *call, const struct weight *weight);

/* The variable's weight in the two layouts; NULL on trouble. */
struct weight *FOVEA_NULLABLE keras_named_weight(struct layer_call *call,
                                                 const struct variable *variable);
struct weight *FOVEA_NULLABLE keras_numbered_weight(struct layer_call *call,
                                                    const struct variables *row,
                                                    const struct variable *variable);

/* Whether the file has adaptations (LoRA) of the layer's kernel beside it, and *source with them. */
bool keras_has_lora(const struct keras *keras, const struct json *config);
bool keras_add_lora(struct layer_call *call, const char *role, struct source *source);

/* The shape a weight has in the file; impossible for what no layer has. */
struct fovea_shape keras_weight_shape(const struct weight *weight);
/* Brings a kernel into the order of Keras 2; refuses one that does not fit the config. */
bool keras_modern_weight(struct layer_call *call, const char *role, struct weight *weight);

#endif
