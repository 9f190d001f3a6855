/* How each layer is done, and why not otherwise. Everything here is a pure function of the model, the shapes and
 * the setting: it binds nothing, and the same question has the same answer while measuring, planning and when
 * somebody asks afterwards. A blob that changes meanwhile makes a choice that binding then refuses. */
#ifndef FOVEA_ENGINE_CHOOSE_H
#define FOVEA_ENGINE_CHOOSE_H

#include "engine/rows.h"

/* Reasons that several ways share. */
#define WHY_EXACT   "Y-001 the order of sums must be the layers' own"
#define WHY_SMALL   "Y-002 small memory was asked for"
#define WHY_UNBUILT "Y-003 this build lacks the kernels"

/* Where nodes are read from. */
struct fovea_asking {
    const struct fovea_setting *setting;
    const struct fovea_model *model;
    fovea_shape_source *shapes;
    const void *context;
    struct fovea_node_view *view; /* to read them into */
};

struct fovea_choice {
    enum fovea_way way;
    uint32_t nodes;  /* done by it, from the node asked for on */
    uint32_t height; /* of CHAIN: rows of the last layer at a time */
    const char *
        reason; /* why not the way that would be the fastest one if it fitted; "" where it is that */
};

/* How node `node` and perhaps those behind it are done. */
FOVEA_LOCAL struct fovea_choice fovea_choose(const struct fovea_asking *asking, uint32_t node);

/* How a node that was read is done by itself; *reason as above. */
FOVEA_LOCAL enum fovea_way fovea_choose_layer(const struct fovea_setting *setting,
                                              const struct fovea_node_view *view,
                                              const char **reason);

FOVEA_LOCAL const char *fovea_way_name(enum fovea_way way);

/* ---- each way's own question: NULL where it is taken, else why not ---- */

FOVEA_LOCAL const char *fovea_vector_why_not(const struct fovea_conv *conv,
                                             const struct fovea_numbers *kernel);

/* Two tensors to one, element by element: dimensions of the output, neighbours merged where both run on evenly;
 * a stride of 0 stretches. */
struct fovea_pair_dims {
    uint32_t rank, dims[FOVEA_RANK_MAX];
    uint32_t a_stride[FOVEA_RANK_MAX], b_stride[FOVEA_RANK_MAX];
};
FOVEA_LOCAL void fovea_pair_dims_of(const struct fovea_rule_query *query,
                                    struct fovea_pair_dims *dims);

#if !FOVEA_SMALL
FOVEA_LOCAL const char *fovea_winograd_why_not(const struct fovea_setting *setting,
                                               const struct fovea_conv *conv);
FOVEA_LOCAL const char *fovea_strassen_why_not(const struct fovea_setting *setting,
                                               const struct fovea_conv *conv);

/* A chain from `node` on: choice->nodes and height. */
FOVEA_LOCAL const char *fovea_chain_why_not(const struct fovea_asking *asking, uint32_t node,
                                            struct fovea_choice *choice);

/* Whether a product so merged gives each channel a factor, and how its weights can be multiplied instead of the
 * input of the convolution behind. */
FOVEA_LOCAL bool fovea_scale_channels(const struct fovea_pair_dims *dims,
                                      const struct fovea_tail *tail);
FOVEA_LOCAL const char *fovea_scale_why_not(const struct fovea_setting *setting,
                                            const struct fovea_pair_dims *dims,
                                            const struct fovea_conv *conv);

/* Whether a convolution done by Winograd's algorithm can do this max pool, too. */
FOVEA_LOCAL bool fovea_winograd_pools(const struct fovea_conv *conv, const struct fovea_pool *pool);

/* ---- and its binding of more than one node ---- */

/* The way FACTORS: `step`, bound so far to its tensors, makes the weights of the convolution bound since. */
FOVEA_LOCAL void fovea_bind_factors(struct fovea_binding *binding, struct fovea_step *step);
/* What is left to do of a pool behind a convolution that does it. */
FOVEA_LOCAL void fovea_bind_pooled(struct fovea_binding *binding);
#endif

#endif
