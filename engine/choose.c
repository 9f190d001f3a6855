#include "engine/choose.h"

#include "engine/conv.h"
#include "weights/check.h"

#define NO_FASTER "Y-008 no faster way exists for such a layer"

const char *fovea_way_name(enum fovea_way way) {
#define WAY(NAME, name, built, what)                                                               \
    if (FOVEA_TEXTS && (built) && way == FOVEA_WAY_##NAME) return #name;
#include "engine/ways.def"
#undef WAY
    return "";
}

/* The way of a layer that is a convolution. */
static FOVEA_NOINLINE enum fovea_way choose_way(const struct fovea_setting *setting,
                                                const struct fovea_node_view *view,
                                                const char **reason) {
    const struct fovea_conv *conv = &view->query.as.conv;
    *reason = FOVEA_REASON(NO_FASTER);
    if (view->record.op != FOVEA_OP_CONV && view->record.op != FOVEA_OP_DENSE)
        return FOVEA_WAY_DIRECT;
    if (FOVEA_NARROW_BUILT && !fovea_vector_why_not(conv, &view->array[0]))
        return *reason = "", FOVEA_WAY_VECTOR;
#if !FOVEA_SMALL
    *reason = fovea_winograd_why_not(setting, conv);
    if (!*reason) return *reason = "", FOVEA_WAY_WINOGRAD;
    const char *other = fovea_strassen_why_not(setting, conv);
    if (!other) return *reason = "", FOVEA_WAY_STRASSEN;
    if (conv->window.y.kernel * conv->window.x.kernel == 1)
        *reason = other; /* the way that would have been its own */
#else
    (void)setting;
    *reason = FOVEA_REASON(WHY_UNBUILT);
#endif
    return FOVEA_WAY_DIRECT;
}

enum fovea_way fovea_choose_layer(const struct fovea_setting *setting,
                                  const struct fovea_node_view *view, const char **reason) {
    *reason = "";
    if (FOVEA_SMALL && !FOVEA_NARROW_BUILT) return FOVEA_WAY_DIRECT; /* there is no other */
    return choose_way(setting, view, reason);
}

#if !FOVEA_SMALL
static bool choose_read(const struct fovea_asking *asking, uint32_t node) {
    return node < asking->model->nodes &&
           fovea_node_read(asking->model, node, asking->shapes, asking->context, asking->view);
}

/* Whether the next node, and nothing else, reads the node's output, first. */
static bool choose_followed(const struct fovea_asking *asking, uint32_t node) {
    return node + 1 < asking->model->nodes &&
           fovea_blob_reader(asking->model, asking->model->inputs + node) == node + 1;
}

/* Whether the output of a node that is read lies where its first input does. */
static bool choose_in_place(const struct fovea_asking *asking) {
    struct fovea_value input, output;
    fovea_blob_value(asking->model, fovea_node_input(asking->view, 0), &input);
    fovea_blob_value(asking->model, asking->model->inputs + asking->view->node, &output);
    return input.offset == output.offset;
}

static bool choose_factors(const struct fovea_asking *asking, uint32_t node,
                           struct fovea_choice *choice) {
    const struct fovea_node_view *view = asking->view;
    if (asking->setting->exact || view->record.op != FOVEA_OP_MULTIPLY) return false;
    struct fovea_pair_dims dims;
    fovea_pair_dims_of(&view->query, &dims);
    if (!fovea_scale_channels(&dims, &view->query.as.tail)) return false;
    choice->reason =
        FOVEA_REASON("Y-009 factors: a convolution is not its only reader, or it is not in place");
    if (!choose_in_place(asking) || !choose_followed(asking, node) ||
        !choose_read(asking, node + 1) || view->record.op != FOVEA_OP_CONV)
        return false;
    choice->reason = fovea_scale_why_not(asking->setting, &dims, &view->query.as.conv);
    return !choice->reason;
}

/* Whether a convolution that is read, done by Winograd's algorithm, does the pool behind it, too. */
static bool choose_pool(const struct fovea_asking *asking, uint32_t node) {
    const struct fovea_node_view *view = asking->view;
    if (fovea_watches(asking->setting, node) || view->record.inputs != 1 ||
        !choose_followed(asking, node))
        return false;
    const struct fovea_conv conv = view->query.as.conv;
    return choose_read(asking, node + 1) && view->record.op == FOVEA_OP_MAX_POOL &&
           fovea_winograd_pools(&conv, &view->query.as.pool);
}
#endif

/* The nodes of the stripe that begins here: those whose outputs go on by rows, and one more, if there is one. */
static uint32_t choose_stripe(const struct fovea_asking *asking, uint32_t node) {
    uint32_t end = node;
    while (end + 1 < asking->model->nodes &&
           fovea_blob_passed(asking->model, asking->model->inputs + end))
        end++;
    return end - node + 1;
}

struct fovea_choice fovea_choose(const struct fovea_asking *asking, uint32_t node) {
    struct fovea_choice choice = {FOVEA_WAY_DIRECT, 1, 1, ""};
    if (FOVEA_STRIPES && fovea_blob_passed(asking->model, asking->model->inputs + node)) {
        choice.way = FOVEA_WAY_STRIPE;
        choice.nodes = choose_stripe(asking, node);
        return choice;
    }
#if !FOVEA_SMALL
    const char *chain = fovea_chain_why_not(asking, node, &choice);
    if (!chain) {
        choice.way = FOVEA_WAY_CHAIN;
        return choice;
    }
    choice.nodes = 1;
    if (!choose_read(asking, node)) return choice; /* binding will say so */
    bool together = !asking->setting->small_memory && !fovea_watches(asking->setting, node);
    if (together && choose_factors(asking, node, &choice)) {
        choice.way = FOVEA_WAY_FACTORS;
        choice.nodes = 2;
        choice.reason = "";
        return choice;
    }
    if (!choose_read(asking, node)) return choice;
    const char *reason;
    choice.way = fovea_choose_layer(asking->setting, asking->view, &reason);
    if (asking->view->record.op == FOVEA_OP_DEPTHWISE) reason = chain;
    if (choice.way == FOVEA_WAY_WINOGRAD && choose_pool(asking, node)) choice.nodes = 2;
    if (*choice.reason == 0) choice.reason = reason;
#endif
    return choice;
}
