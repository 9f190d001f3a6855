#include "convert/quantize/quantize.h"

#include <math.h>
#include <string.h>

#include "weights/bytes.h"

/* A value of the graph that is made, of bytes. */
static uint32_t as_form(struct quantize_job *job, uint32_t value,
                        const struct fovea_quantization *form) {
    if (value != GRAPH_NONE) {
        job->made->forms[value].type = FOVEA_I8;
        job->made->forms[value].quantization = *form;
    }
    return value;
}

static uint32_t put(struct quantize_job *job, uint32_t op, const char *layer, uint32_t input) {
    static const uint32_t none[FOVEA_ATTRIBUTES_MAX];
    return graph_node(job->made, op, layer, &input, 1, none, 0, none);
}

static const char *maker_of(const struct quantize_job *job, uint32_t value) {
    const struct graph *graph = job->graph;
    return value < graph->input_count ? graph->inputs[value].name
                                      : graph->nodes[value - graph->input_count].name;
}

/* Value `value` of the spread graph as floats, or as bytes, of the graph that is made: a boundary where it is the other.
 */
static uint32_t floats_of(struct quantize_job *job, uint32_t value) {
    struct value_facts *facts = &job->facts[value];
    if (facts->as_floats == GRAPH_NONE)
        facts->as_floats = put(job, FOVEA_OP_DEQUANTIZE, maker_of(job, value), facts->as_bytes);
    return facts->as_floats;
}

static uint32_t bytes_of(struct quantize_job *job, uint32_t value) {
    struct value_facts *facts = &job->facts[value];
    if (facts->as_bytes == GRAPH_NONE)
        facts->as_bytes = as_form(
            job, put(job, FOVEA_OP_QUANTIZE, maker_of(job, value), facts->as_floats), &facts->form);
    return facts->as_bytes;
}

/* Two words: the bounds of the clamp that the node's words from `tail` on may be, as bytes of `q`; where that is NULL, all
 * bytes. */
static void bound_words(const struct node *node, uint32_t tail, const struct fovea_quantization *q,
                        uint32_t *words) {
    double low = -128, high = 127;
    if (q && node->attribute[tail + FOVEA_TAIL_KIND] == FOVEA_ACTIVATION_CLAMP) {
        const double least = (double)fovea_float_of_bits(node->attribute[tail + FOVEA_TAIL_LOW]);
        const double most = (double)fovea_float_of_bits(node->attribute[tail + FOVEA_TAIL_HIGH]);
        low = fmin(fmax(rint(least / (double)q->scale) + q->zero, -128), 127);
        high = fmax(fmin(rint(most / (double)q->scale) + q->zero, 127), low);
    }
    words[0] = (uint32_t)(int32_t)low;
    words[1] = (uint32_t)(int32_t)high;
}

/* A node of floats, on the floats of its inputs. */
static uint32_t keep_node(struct quantize_job *job, const struct node *node) {
    uint32_t *inputs =
        pool_get(job->graph->pool, node->input_count, sizeof *inputs, job->graph->trouble);
    if (!inputs && node->input_count) return GRAPH_NONE;
    for (uint32_t i = 0; i < node->input_count; i++) {
        inputs[i] = floats_of(job, node->inputs[i]);
        if (inputs[i] == GRAPH_NONE) return GRAPH_NONE;
    }
    return graph_node(job->made, node->op, node->name, inputs, node->input_count, node->array,
                      node->array_count, node->attribute);
}

/* A layer with weights. Where nobody wants its bytes, its sums become floats, and its clamp a node of its own. */
static bool layer_node(struct quantize_job *job, uint32_t n) {
    const struct node *node = &job->graph->nodes[n];
    struct value_facts *facts = &job->facts[job->graph->input_count + n];
    const bool dense = node->op == FOVEA_OP_DENSE, conv = node->op == FOVEA_OP_CONV;
    const uint32_t op = dense ? FOVEA_OP_QDENSE : conv ? FOVEA_OP_QCONV : FOVEA_OP_QDEPTHWISE;
    const uint32_t tail = fovea_op_tail(node->op);
    uint32_t arrays[3], words[FOVEA_ATTRIBUTES_MAX] = {0};
    bool fits;
    if (!quantize_kernel(job, node, node->inputs[0], facts->bytes ? &facts->form : NULL, arrays,
                         &fits))
        return false;
    job->report->bytes += fits;
    job->report->floats += !fits;
    job->byte_node[n] = fits;
    if (!fits) return (facts->as_floats = keep_node(job, node)) != GRAPH_NONE;
    const uint32_t input = bytes_of(job, node->inputs[0]);
    if (input == GRAPH_NONE) return false;
    memcpy(words, node->attribute, tail * sizeof *words); /* what stands before */
    bound_words(node, tail, facts->bytes ? &facts->form : NULL, words + tail);
    const uint32_t value = graph_node(job->made, op, node->name, &input, 1, arrays, 3, words);
    if (facts->bytes) return (facts->as_bytes = as_form(job, value, &facts->form)) != GRAPH_NONE;
    facts->as_floats = value;
    if (value == GRAPH_NONE || node->attribute[tail + FOVEA_TAIL_KIND] == FOVEA_ACTIVATION_NONE)
        return value != GRAPH_NONE;
    memset(words, 0, sizeof words);
    memcpy(words, node->attribute + tail, FOVEA_TAIL_WORDS * sizeof *words);
    facts->as_floats =
        graph_node(job->made, FOVEA_OP_ACTIVATION, node->name, &value, 1, arrays, 0, words);
    return facts->as_floats != GRAPH_NONE;
}

/* What the activation makes of each byte, by the engine itself. */
static bool table_of(struct quantize_job *job, const struct node *node,
                     const struct fovea_quantization *from, const struct fovea_quantization *to,
                     int8_t *table) {
    struct graph small;
    struct fovea_model model;
    const struct fovea_shape shape = {1, {FOVEA_TABLE_BYTES}};
    graph_start(&small, job->graph->pool, job->graph->trouble);
    uint32_t value = graph_input(&small, "bytes", &shape);
    if (value == GRAPH_NONE) return false;
    small.inputs[0].recipe = (struct fovea_recipe){.scale = 1, .std = {1, 1, 1}};
    value = graph_node(&small, node->op, node->name, &value, 1, node->array, 0, node->attribute);
    if (value == GRAPH_NONE || !graph_output(&small, "values", value)) return false;
    fovea_session *session = quantize_session(&small, &model, NULL, NULL);
    if (!session) return false;
    float *input = fovea_input(session, 0);
    for (int32_t i = 0; i < FOVEA_TABLE_BYTES; i++)
        input[i] = (float)(i - 128 - from->zero) * from->scale;
    fovea_run(session);
    const float *output = fovea_output(session, 0);
    for (int32_t i = 0; i < FOVEA_TABLE_BYTES; i++) {
        const double q = rint((double)output[i] / (double)to->scale) + to->zero;
        table[i] = (int8_t)(q > -128 ? fmin(q, 127) : -128); /* also of what is no number */
    }
    return true;
}

static uint32_t table_node(struct quantize_job *job, const struct node *node,
                           const struct fovea_quantization *form) {
    struct graph *made = job->made;
    int8_t *table = pool_get(made->pool, FOVEA_TABLE_BYTES, 1, made->trouble);
    const struct fovea_quantization *from = &job->facts[node->inputs[0]].form;
    if (!table || !table_of(job, node, from, form, table)) return GRAPH_NONE;
    struct array array = {
        .layout = ARRAY_READY, .ready = table, .count = FOVEA_TABLE_BYTES, .type = FOVEA_I8};
    static const uint32_t none[FOVEA_ATTRIBUTES_MAX];
    const uint32_t id = graph_array(made, &array), input = bytes_of(job, node->inputs[0]);
    if (id == GRAPH_NONE || input == GRAPH_NONE) return GRAPH_NONE;
    return graph_node(made, FOVEA_OP_QTABLE, node->name, &input, 1, &id, 1, none);
}

/* Factors A, B and the shift of a sum. */
static void add_words(double a, double b, uint32_t *words) {
    uint32_t shift = 14;
    while (shift > 1 && fmax(a, b) * (double)(1u << shift) > 32767) shift--;
    const double unit = (double)(1u << shift);
    words[FOVEA_QADD_A] = (uint32_t)(int32_t)fmin(rint(a * unit), 32767);
    words[FOVEA_QADD_B] = (uint32_t)(int32_t)fmin(rint(b * unit), 32767);
    words[FOVEA_QADD_SHIFT] = shift;
}

static uint32_t other_node(struct quantize_job *job, const struct node *node,
                           const struct fovea_quantization *form) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {0}, op = node->op;
    uint32_t *inputs =
        pool_get(job->graph->pool, node->input_count, sizeof *inputs, job->graph->trouble);
    if (!inputs) return GRAPH_NONE;
    for (uint32_t i = 0; i < node->input_count; i++) {
        inputs[i] = bytes_of(job, node->inputs[i]);
        if (inputs[i] == GRAPH_NONE) return GRAPH_NONE;
    }
    const double a = (double)job->facts[node->inputs[0]].form.scale;
    const double b = node->input_count > 1 ? (double)job->facts[node->inputs[1]].form.scale : 1;
    const double to = (double)form->scale;
    switch (node->op) {
    case FOVEA_OP_ADD:
        op = FOVEA_OP_QADD;
        add_words(a / to, b / to, words);
        bound_words(node, 0, form, words + FOVEA_QADD_LOW);
        break;
    case FOVEA_OP_MULTIPLY:
        op = FOVEA_OP_QMULTIPLY;
        words[FOVEA_QMULTIPLY_SCALE] = fovea_bits_of_float((float)(a * b / to));
        bound_words(node, 0, form, words + FOVEA_QMULTIPLY_LOW);
        break;
    default:
        if (node->op == FOVEA_OP_MEAN_POOL) op = FOVEA_OP_QMEAN_POOL;
        memcpy(words, node->attribute, sizeof words);
        break;
    }
    static const uint32_t none[1];
    return graph_node(job->made, op, node->name, inputs, node->input_count, none, 0, words);
}

static bool has_weights(const struct node *node) {
    return node->op == FOVEA_OP_CONV || node->op == FOVEA_OP_DENSE ||
           node->op == FOVEA_OP_DEPTHWISE;
}

static bool rewrite_node(struct quantize_job *job, uint32_t n) {
    const struct node *node = &job->graph->nodes[n];
    struct value_facts *facts = &job->facts[job->graph->input_count + n];
    if (!job->byte_node[n]) {
        job->report->floats += node->array_count > 1;
        return (facts->as_floats = keep_node(job, node)) != GRAPH_NONE;
    }
    if (has_weights(node)) return layer_node(job, n);
    uint32_t value = node->op == FOVEA_OP_ACTIVATION ? table_node(job, node, &facts->form)
                                                     : other_node(job, node, &facts->form);
    return (facts->as_bytes = as_form(job, value, &facts->form)) != GRAPH_NONE;
}

bool quantize_rewrite(struct quantize_job *job) {
    const struct graph *graph = job->graph;
    struct graph *made = job->made;
    graph_start(made, graph->pool, graph->trouble);
    graph_share_arrays(graph, made);
    for (uint32_t i = 0; i < graph->input_count; i++) {
        job->facts[i].as_floats = graph_input(made, graph->inputs[i].name, &graph->inputs[i].shape);
        if (job->facts[i].as_floats == GRAPH_NONE) return false;
        made->inputs[i] = graph->inputs[i];
    }
    for (uint32_t n = 0; n < graph->node_count; n++)
        if (!rewrite_node(job, n)) return false;
    for (uint32_t o = 0; o < graph->output_count; o++) {
        const uint32_t value = floats_of(job, graph->outputs[o].value);
        if (value == GRAPH_NONE || !graph_output(made, graph->outputs[o].name, value)) return false;
        made->outputs[o].labels = graph->outputs[o].labels;
        made->outputs[o].label_count = graph->outputs[o].label_count;
    }
    for (uint32_t i = 0; i < graph->note_count; i++)
        if (!graph_note(made, graph->notes[i].key, graph->notes[i].value)) return false;
    return true;
}
