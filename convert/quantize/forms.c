#include "convert/quantize/quantize.h"

#include <math.h>
#include <string.h>

/* Scale and zero point of a range that has 0 in it. */
static struct fovea_quantization form_of(double least, double most) {
    struct fovea_quantization q = {1, 0, 0};
    const float scale = (float)((most - least) / 255);
    if (!(scale >= 0x1p-60f && scale <= 0x1p60f)) return q;
    const double zero = rint(-128 - least / (double)scale);
    q.scale = scale;
    q.zero = (int32_t)fmin(fmax(zero, -128), 127);
    return q;
}

static bool is_named(const struct quantize_options *options, const char *layer) {
    for (size_t i = 0; i < options->float_count; i++)
        if (strcmp(options->floats[i], layer) == 0) return true;
    return false;
}

/* One shape, or one number a channel of a picture. */
static bool pair_fits(const struct quantize_job *job, const struct node *node) {
    const struct fovea_shape *a = graph_shape(job->graph, node->inputs[0]);
    const struct fovea_shape *b = graph_shape(job->graph, node->inputs[1]);
    uint64_t count;
    if (fovea_shape_equal(a, b)) return true;
    return node->op == FOVEA_OP_MULTIPLY && a->rank > 0 && b->rank > 0 &&
           fovea_shape_count(b, &count) && count == a->dims[a->rank - 1] &&
           b->dims[b->rank - 1] == a->dims[a->rank - 1];
}

static bool clamp_or_none(const struct node *node, uint32_t tail) {
    const uint32_t kind = node->attribute[tail + FOVEA_TAIL_KIND];
    return kind == FOVEA_ACTIVATION_NONE || kind == FOVEA_ACTIVATION_CLAMP;
}

/* A picture whose sums of differences fit into 32 bits. */
static bool mean_fits(const struct quantize_job *job, const struct node *node) {
    const struct fovea_shape *shape = graph_shape(job->graph, node->inputs[0]);
    return shape->rank == 3 && (uint64_t)shape->dims[0] * shape->dims[1] < INT32_MAX / 256;
}

/* Whether there is an operator of bytes that does what the node does; one without weights is worth it only between
 * others. */
static bool has_bytes(const struct quantize_job *job, const struct node *node, bool wanted) {
    for (uint32_t i = 0; i < node->input_count; i++)
        if (job->facts[node->inputs[i]].constant) return false;
    if (is_named(job->options, node->name)) return false;
    if (node->array_count > 0 && job->graph->arrays[node->array[0]].source.exact) return false;
    switch (node->op) {
    case FOVEA_OP_CONV:
    case FOVEA_OP_DENSE: return node->array_count == 2;
    case FOVEA_OP_DEPTHWISE: return node->array_count == 2 && wanted;
    case FOVEA_OP_ADD: return wanted && clamp_or_none(node, 0) && pair_fits(job, node);
    case FOVEA_OP_MULTIPLY: return wanted && clamp_or_none(node, 0) && pair_fits(job, node);
    case FOVEA_OP_MEAN_POOL: return wanted && mean_fits(job, node);
    case FOVEA_OP_MAX_POOL:
    case FOVEA_OP_CONCAT:
    case FOVEA_OP_RESHAPE:
    case FOVEA_OP_PAD:
    case FOVEA_OP_ACTIVATION: return wanted;
    default: return false;
    }
}

static bool keeps_scale(uint32_t op) {
    return fovea_op_form(op) == FOVEA_FORM_ALIKE;
}

static uint32_t root_of(const struct quantize_job *job, uint32_t value) {
    while (job->facts[value].same_as != value) value = job->facts[value].same_as;
    return value;
}

static void join(struct quantize_job *job, uint32_t a, uint32_t b) {
    a = root_of(job, a);
    b = root_of(job, b);
    struct value_facts *low = &job->facts[a < b ? a : b], *high = &job->facts[a < b ? b : a];
    low->least = fmin(low->least, high->least);
    low->most = fmax(low->most, high->most);
    high->same_as = a < b ? a : b;
}

bool quantize_plan(struct quantize_job *job) {
    const struct graph *graph = job->graph;
    job->byte_node = pool_get(graph->pool, graph->node_count, sizeof(bool), graph->trouble);
    if (!job->byte_node) return false;
    for (uint32_t n = graph->node_count; n-- > 0;) {
        const struct node *node = &graph->nodes[n];
        const bool wanted = job->facts[graph->input_count + n].wanted;
        job->byte_node[n] = has_bytes(job, node, wanted);
        job->facts[graph->input_count + n].bytes = job->byte_node[n] && wanted;
        for (uint32_t i = 0; job->byte_node[n] && i < node->input_count; i++)
            job->facts[node->inputs[i]].wanted = true;
    }
    for (uint32_t n = 0; n < graph->node_count; n++)
        for (uint32_t i = 0; job->byte_node[n] && keeps_scale(graph->nodes[n].op) &&
                             i < graph->nodes[n].input_count;
             i++)
            join(job, graph->nodes[n].inputs[i], graph->input_count + n);
    for (uint32_t v = 0; v < graph->input_count + graph->node_count; v++) {
        const struct value_facts *root = &job->facts[root_of(job, v)];
        job->facts[v].form = form_of(fmin(root->least, 0), fmax(root->most, 0));
    }
    return true;
}
