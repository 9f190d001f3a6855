/* Chains: a few convolutions, at least one of them depthwise, done together by rows (rows.h). For many channels at
 * many positions (the expanded ones of an inverted residual) that is faster than writing a tensor to memory and
 * reading it back. */
#include "engine/choose.h"

#if !FOVEA_SMALL

#define ROWS_BYTES    (256u * 1024) /* of all the rows kept: half of a second-level cache */
#define WEIGHTS_BYTES (160u * 1024) /* beside them: read again for every few rows */
#define WHOLE_BYTES   (512u * 1024) /* tensors smaller than that do not leave the cache anyway */
#define HEIGHT_MOST   8

/* What is known of layers that could be a chain. */
struct chain {
    uint32_t count;
    struct fovea_axis y[FOVEA_CHAIN_MOST];
    size_t output_row[FOVEA_CHAIN_MOST]; /* floats */
    uint64_t weights;                    /* bytes, as floats */
    bool depthwise;                      /* two convolutions of one position each gain nothing */
};

/* The window of a node that can be a link; NULL where it cannot. */
static const struct fovea_window *chain_window(const struct fovea_node_view *view, bool first) {
    const struct fovea_rule_query *query = &view->query;
    const struct fovea_conv *conv = &query->as.conv;
    if (view->record.op == FOVEA_OP_DEPTHWISE) return &query->as.depthwise.window;
    if (view->record.op != FOVEA_OP_CONV || conv->groups != 1) return NULL;
    bool pointwise = conv->window.y.kernel == 1 && conv->window.x.kernel == 1;
    return pointwise || (first && conv->window.y.stride > 1) ? &conv->window : NULL;
}

/* Reads node `node` as the next link; false where the chain ends before it. */
static bool chain_link(const struct fovea_asking *asking, uint32_t node, struct chain *chain) {
    const struct fovea_node_view *view = asking->view;
    const uint32_t i = chain->count;
    if (node >= asking->model->nodes ||
        !fovea_node_read(asking->model, node, asking->shapes, asking->context, asking->view))
        return false;
    const struct fovea_window *window = chain_window(view, i == 0);
    if (!window || view->query.inputs > (i == 2 ? 2 : 1)) return false;
    if (i > 0 && fovea_blob_reader(asking->model, asking->model->inputs + node - 1) != node)
        return false;
    const struct fovea_shape *output = &view->query.output;
    chain->y[i] = window->y;
    chain->output_row[i] = (size_t)output->dims[1] * output->dims[2];
    chain->weights += view->query.array_count[0] * sizeof(float);
    chain->depthwise |= view->record.op == FOVEA_OP_DEPTHWISE;
    chain->count++;
    return true;
}

/* The bytes of rows kept for `height` rows of the last link. */
static uint64_t chain_bytes(const struct chain *chain, uint32_t height) {
    uint64_t bytes = 0;
    uint32_t rows = height;
    for (uint32_t i = chain->count - 1; i-- > 0;) {
        rows = fovea_rows_seen(&chain->y[i + 1], rows);
        bytes += rows * chain->output_row[i] * sizeof(float);
    }
    return bytes;
}

/* Whether memory of the arena that the chain's first link reads is also that which its last writes. */
static bool chain_overlaps(const struct fovea_asking *asking, uint32_t node,
                           const struct chain *chain) {
    const struct fovea_model *model = asking->model;
    struct fovea_value input, output;
    uint32_t first = fovea_blob_word(model, fovea_blob_node(model, node).first);
    if (first >= model->values) return true;
    fovea_blob_value(model, first, &input);
    fovea_blob_value(model, model->inputs + node + chain->count - 1, &output);
    return input.offset < output.offset + fovea_value_bytes(&output) &&
           output.offset < input.offset + fovea_value_bytes(&input);
}

const char *fovea_chain_why_not(const struct fovea_asking *asking, uint32_t node,
                                struct fovea_choice *choice) {
    struct chain chain = {.count = 0};
    uint64_t whole = 0;
    if (asking->setting->small_memory) return FOVEA_REASON(WHY_SMALL);
    if (fovea_watches(asking->setting, node))
        return FOVEA_REASON("Y-019 chain: the layer is watched");
    while (chain.count < FOVEA_CHAIN_MOST && chain_link(asking, node + chain.count, &chain) &&
           !fovea_watches(asking->setting, node + chain.count - 1)) {
    }
    while (chain.count > 1 && chain_overlaps(asking, node, &chain)) chain.count--;
    if (chain.count < 2 || !chain.depthwise)
        return FOVEA_REASON("Y-020 chain: no convolutions in a row that only the next one reads");
    if (chain.weights > WEIGHTS_BYTES)
        return FOVEA_REASON("Y-021 chain: more weights than stay in the cache");
    for (uint32_t i = 0; i + 1 < chain.count; i++)
        whole += (uint64_t)chain.y[i].output * chain.output_row[i] * sizeof(float);
    if (whole < WHOLE_BYTES)
        return FOVEA_REASON("Y-022 chain: tensors that stay in the cache anyway");
    if (chain_bytes(&chain, 1) > ROWS_BYTES)
        return FOVEA_REASON("Y-023 chain: rows too long for the cache");
    choice->nodes = chain.count;
    choice->height = 1;
    while (choice->height < HEIGHT_MOST && chain_bytes(&chain, choice->height + 1) <= ROWS_BYTES)
        choice->height++;
    return NULL;
}

#endif
