/* What the generators of layers.c and layers_weighted.c share. */
#ifndef FOVEA_TESTS_RANDOM_LAYERS_H
#define FOVEA_TESTS_RANDOM_LAYERS_H

#include "tests/random/model.h"

/* A line, a picture or a volume of channels: `of` taken apart. */
struct grid {
    const struct value *of;
    unsigned n; /* sizes */
    uint32_t size[3], channels;
    bool first; /* to Keras the channels come first */
};
/* A value of as many dimensions as the class works on; false where there is none. */
bool grid_pick(struct scope *scope, const char *class_name, struct grid *grid);
struct fovea_shape grid_shape(const struct grid *grid);
struct layer *grid_begin(struct scope *scope, const char *class_name, const struct grid *grid);

struct window {
    uint32_t kernel[3], stride[3], dilation[3];
    bool same, causal;
};
#define WINDOW_POOL    1u
#define WINDOW_DILATED 2u
#define WINDOW_CAUSAL  4u
#define WINDOW_SQUARE  8u
/* Draws one that fits, and writes it into the config; window_apply: the sizes behind it. */
void window_draw(struct scope *scope, struct layer *layer, struct grid *grid, const char *key,
                 unsigned kinds, struct window *window);
void window_apply(const struct window *window, struct grid *grid);

struct fovea_shape reshaped(struct scope *scope, const struct fovea_shape *shape);
void shuffled(struct scope *scope, uint32_t *order, uint32_t count);
const struct value *partner(struct scope *scope, const struct value *value,
                            struct fovea_shape *out);

/* Names of activations: of all versions, and of Keras 3. */
extern const char *const map_names[], *const map_names_3[];

typedef bool draw_row(struct scope *scope, const struct row *row);
draw_row draw_adaptive_pool, draw_category_encoding, draw_conv_lstm, draw_cudnn,
    draw_discretization, draw_grouped_attention, draw_integer_lookup, draw_masking;
draw_row draw_attention, draw_batch_normalization, draw_bidirectional, draw_conv,
    draw_conv_transposed, draw_dense, draw_depthwise, draw_einsum_dense, draw_embedding,
    draw_group_normalization, draw_layer_normalization, draw_layer_scale, draw_multi_head_attention,
    draw_normalization, draw_prelu, draw_recurrent, draw_separable, draw_time_distributed;

#endif
