/* A call of an operation, as raw.c spells it for raw.c and raw_shape.c. */
#ifndef FOVEA_TESTS_RANDOM_RAW_H
#define FOVEA_TESTS_RANDOM_RAW_H

#include "tests/random/layers.h"

#define SETTINGS 4
/* A call: tensors and numbers in their places, and settings, each with its names in Keras 3 and 2. */
struct operation {
    struct layer *layer;
    const char *place[3]; /* an argument; NULL: none */
    bool tensor[3];
    const char *place_name[3]; /* in Keras 2, of those behind the first */
    struct setting {
        const char *name3, *name2, *json;
    } settings[SETTINGS];
    unsigned setting_count;
};

/* Begins the row's operation; false where this version of Keras does not have it. */
bool operation_start(struct scope *scope, const struct row *row, struct operation *operation);
/* Puts a tensor or a number (JSON) into a place of the call; `name2` is what Keras 2 calls it. */
void operation_tensor(struct scope *scope, struct operation *o, unsigned place, const char *name2,
                      const struct value *value);
void operation_number(struct operation *o, unsigned place, const char *name2, const char *json);
/* A setting with its names in Keras 3 and 2; NULL: not there. */
void operation_setting(struct operation *o, const char *name3, const char *name2, const char *json);
/* Makes the call, of what was put into its places, or of one tensor. */
bool operation_finish(struct scope *scope, struct operation *o, const struct fovea_shape *output);
bool operation_on_one(struct scope *scope, struct operation *o, const struct value *value,
                      const struct fovea_shape *output);

draw_row draw_raw_resize, draw_raw_pool, draw_patches, draw_argmax, draw_one_hot;
draw_row draw_blocks, draw_broadcast, draw_expand, draw_flip, draw_list, draw_move, draw_pad,
    draw_raw_reshape, draw_repeat, draw_slice, draw_split, draw_squeeze, draw_transpose, draw_where;

#endif
