#include "convert/graph/fold.h"
#include "convert/graph/shape.h"

#include <string.h>

static struct node *producer(struct graph *graph, uint32_t value) {
    return value < graph->input_count ? NULL : &graph->nodes[value - graph->input_count];
}

/* How many nodes and outputs read each value. */
static uint32_t *count_readers(struct graph *graph) {
    uint32_t *readers = pool_get(graph->pool, (uint64_t)graph->input_count + graph->node_count,
                                 sizeof *readers, graph->trouble);
    if (!readers) return NULL;
    for (uint32_t n = 0; n < graph->node_count; n++)
        for (uint32_t i = 0; i < graph->nodes[n].input_count; i++)
            readers[graph->nodes[n].inputs[i]]++;
    for (uint32_t o = 0; o < graph->output_count; o++) readers[graph->outputs[o].value]++;
    return readers;
}

static bool has_tail(const struct node *node) {
    uint32_t word = fovea_op_tail(node->op);
    return word != FOVEA_NO_TAIL && node->attribute[word] != FOVEA_ACTIVATION_NONE;
}

/* The four words of an activation at `from` go to the tail of `node`. */
static void set_tail(struct node *node, const uint32_t *from) {
    memcpy(node->attribute + fovea_op_tail(node->op), from, 4 * sizeof *from);
}

void fold_tell(struct graph *graph, const struct fold_listener *listener, const struct node *what,
               const char *text, const struct node *where) {
    if (!listener) return;
    char *line = pool_print(graph->pool, graph->trouble, "%s '%s' %s '%s'", fovea_op_name(what->op),
                            what->name, text, where->name);
    if (line) listener->tell(listener->context, line);
}

/* Node n is gone; whoever reads its output reads `value`. */
static void replace(struct graph *graph, struct node *node, uint32_t value) {
    node->dead = true;
    node->instead = value;
    for (uint32_t i = 0; i < node->array_count; i++) graph->arrays[node->array[i]].users--;
}

/* A private copy of the array a node uses, so that a shared layer's other users keep theirs. */
static struct array *own_array(struct graph *graph, struct node *node, uint32_t which) {
    struct array *array = &graph->arrays[node->array[which]];
    if (array->users == 1) return array;
    if (!pool_spend(graph->pool, array->count, graph->trouble))
        return NULL; /* it is written twice */
    struct array copy = *array;
    copy.users = 1;
    /* Never found again as equal: memory sources are not looked up, and scale is set at once. */
    array->users--;
    uint32_t id = graph->array_count;
    copy.scale = pool_get(graph->pool, copy.outputs, sizeof(double), graph->trouble);
    if (!copy.scale || graph_array(graph, &copy) == GRAPH_NONE) return NULL;
    graph->arrays[id].scale = array->scale;
    node->array[which] = id;
    return &graph->arrays[id];
}

/* The scale and the shift of an affine node, in the pool; its arrays are the plain floats. */
static bool read_affine(struct graph *graph, const struct node *affine, float **scale,
                        float **shift, size_t *channels) {
    *channels = (size_t)graph->arrays[affine->array[0]].count;
    *scale = pool_get(graph->pool, *channels, sizeof **scale, graph->trouble);
    *shift = pool_get(graph->pool, *channels, sizeof **shift, graph->trouble);
    if (!*scale || !*shift) return false;
    source_read(&graph->arrays[affine->array[0]].source, 0, *channels, *scale);
    source_read(&graph->arrays[affine->array[1]].source, 0, *channels, *shift);
    return true;
}

/* y = scale * (sum + bias) + shift: into the kernel's scale and the bias. */
static bool fold_affine(struct graph *graph, struct node *affine, struct node *before) {
    size_t channels;
    float *scale, *shift;
    if (!read_affine(graph, affine, &scale, &shift, &channels)) return false;
    float *bias = pool_get(graph->pool, channels, sizeof *bias, graph->trouble);
    double *factor = pool_get(graph->pool, channels, sizeof *factor, graph->trouble);
    if (!bias || !factor) return false;
    if (!own_array(graph, before, 0) || !own_array(graph, before, 1)) return false;
    struct array *kernel = &graph->arrays[before->array[0]];
    struct array *offset = &graph->arrays[before->array[1]];
    if (offset->source.count) source_read(&offset->source, 0, channels, bias);
    for (size_t c = 0; c < channels; c++) {
        double had = kernel->scale ? kernel->scale[c] : 1.0;
        factor[c] = had * (double)scale[c];
        bias[c] = (float)((double)bias[c] * (double)scale[c] + (double)shift[c]);
    }
    kernel->scale = factor;
    offset->source = source_floats(bias, channels);
    return true;
}

/* Not where something is added to its output: that would be scaled, too. */
static bool can_scale(const struct node *node) {
    return node && node->input_count == 1 &&
           (node->op == FOVEA_OP_CONV || node->op == FOVEA_OP_CONV_TRANSPOSED ||
            node->op == FOVEA_OP_DEPTHWISE || node->op == FOVEA_OP_DENSE);
}

/* Whether what stands before an operator may be scaled into its kernel: only without padding, whose
 * zeros would not be scaled and shifted, and without groups. */
static bool takes_scaled_input(const struct node *node) {
    if (node->op == FOVEA_OP_DENSE) return true;
    if (node->attribute[FOVEA_WINDOW_PADDING] != FOVEA_PADDING_VALID) return false;
    return node->op == FOVEA_OP_DEPTHWISE ||
           (node->op == FOVEA_OP_CONV && node->attribute[FOVEA_CONV_GROUPS] == 1);
}

/* sum of w (scale x + shift): scale into the kernel's inputs, w shift into the bias. A depthwise
 * kernel's rows are channels wide and hold one input each. */
static bool fold_before(struct graph *graph, const struct node *affine, struct node *node) {
    float *scale, *shift;
    size_t channels;
    if (!read_affine(graph, affine, &scale, &shift, &channels)) return false;
    if (!own_array(graph, node, 0) || !own_array(graph, node, 1)) return false;
    struct array *kernel = &graph->arrays[node->array[0]], *offset = &graph->arrays[node->array[1]];
    size_t outputs = kernel->outputs;
    bool depthwise = kernel->layout == ARRAY_DEPTHWISE;
    if (!pool_spend(graph->pool, kernel->count, graph->trouble)) return false;
    double *factor = pool_get(graph->pool, channels, sizeof *factor, graph->trouble);
    double *sum = pool_get(graph->pool, outputs, sizeof *sum, graph->trouble);
    float *row = pool_get(graph->pool, outputs, sizeof *row, graph->trouble);
    float *bias = pool_get(graph->pool, outputs, sizeof *bias, graph->trouble);
    if (!factor || !sum || !row || !bias) return false;
    for (size_t r = 0; r < kernel->taps * kernel->inputs; r++) {
        array_read_row(kernel, r, outputs, row);
        for (size_t o = 0; o < outputs; o++)
            sum[o] += (double)row[o] * (double)shift[depthwise ? o : r % kernel->inputs];
    }
    if (offset->source.count) source_read(&offset->source, 0, outputs, bias);
    for (size_t o = 0; o < outputs; o++) bias[o] = (float)((double)bias[o] + sum[o]);
    const double *had = depthwise ? kernel->scale : kernel->input_scale;
    for (size_t c = 0; c < channels; c++) factor[c] = (had ? had[c] : 1) * (double)scale[c];
    if (depthwise)
        kernel->scale = factor;
    else
        kernel->input_scale = factor;
    offset->source = source_floats(bias, outputs);
    return true;
}

/* Two scale-and-shifts become one: s2 (s1 x + t1) + t2. */
static bool fold_affines(struct graph *graph, struct node *second, struct node *first) {
    float *s1, *t1, *s2, *t2;
    size_t channels;
    if (!read_affine(graph, first, &s1, &t1, &channels) ||
        !read_affine(graph, second, &s2, &t2, &channels))
        return false;
    for (size_t c = 0; c < channels; c++) {
        t2[c] = (float)((double)t1[c] * (double)s2[c] + (double)t2[c]);
        s2[c] = (float)((double)s1[c] * (double)s2[c]);
    }
    if (!own_array(graph, first, 0) || !own_array(graph, first, 1)) return false;
    graph->arrays[first->array[0]].source = source_floats(s2, channels);
    graph->arrays[first->array[1]].source = source_floats(t2, channels);
    return true;
}

/* The window's padding words become explicit: those of the picture added around it. */
static void fold_pad(struct node *pad, struct node *conv) {
    conv->attribute[FOVEA_WINDOW_PADDING] = FOVEA_PADDING_EXPLICIT;
    for (int i = 0; i < 4; i++)
        conv->attribute[FOVEA_WINDOW_TOP + i] = pad->attribute[FOVEA_EDGE_TOP + i];
    conv->inputs[0] = pad->inputs[0];
}

/* Whether the node only moves numbers about; `channels`: and each stays in its channel. */
static bool only_moves(const struct graph *graph, const struct node *node, bool channels) {
    const uint32_t *word = node->attribute, *step = word + FOVEA_REARRANGE_STEPS;
    const struct fovea_shape *from, *to;
    switch (node->op) {
    case FOVEA_OP_CROP: return true;
    case FOVEA_OP_RESIZE: return word[FOVEA_RESIZING_FILTER] == FOVEA_FILTER_NEAREST;
    case FOVEA_OP_PERMUTE:
        return !channels || word[word[FOVEA_SHAPE_RANK]] + 1 == word[FOVEA_SHAPE_RANK];
    case FOVEA_OP_RESHAPE:
    case FOVEA_OP_REARRANGE: break;
    default: return false;
    }
    if (!channels) return true;
    from = graph_shape(graph, node->inputs[0]);
    to = graph_shape(graph, graph->input_count + (uint32_t)(node - graph->nodes));
    if (shape_rank(from) < 1 || shape_rank(to) < 1) return false;
    const uint32_t last = shape_first_to_end(shape_rank(to), 0), width = shape_from_end(to, 0);
    if (shape_from_end(from, 0) != width) return false;
    if (node->op == FOVEA_OP_RESHAPE) return true;
    bool even = step[last] == 1 && word[FOVEA_REARRANGE_BASE] % width == 0;
    for (uint32_t i = 0; i < last; i++) even &= (int32_t)step[i] % (int32_t)width == 0;
    return even;
}

/* The node that `value` comes from, seen through those that only move numbers; *alone tells whether
 * nobody else reads anything on the way. */
static struct node *origin(struct graph *graph, const uint32_t *readers, uint32_t value,
                           bool channels, bool *alone) {
    struct node *node = producer(graph, value);
    *alone = readers[value] == 1;
    while (node && *alone && only_moves(graph, node, channels)) {
        value = node->inputs[0];
        node = producer(graph, value);
        *alone = readers[value] == 1;
    }
    return node;
}

/* Two reshapes are one; one that changes nothing goes, unless it is there to say for which shape. */
static void fold_reshape(struct graph *graph, uint32_t n, uint32_t *readers) {
    struct node *node = &graph->nodes[n], *before = producer(graph, node->inputs[0]);
    const uint32_t words = FOVEA_RESHAPE_INPUT, self = graph->input_count + n;
    const uint32_t *from = node->attribute + words;
    const bool pinned = memcmp(node->attribute, from, words * sizeof *from) == 0;
    if (before && before->op == FOVEA_OP_RESHAPE) {
        uint32_t between = node->inputs[0], input = before->inputs[0];
        memcpy(node->attribute + words, before->attribute + words, words * sizeof *node->attribute);
        node->inputs[0] = input;
        readers[input]++;
        if (--readers[between] == 0) {
            replace(graph, before, input);
            readers[input]--;
        }
    }
    uint32_t input = node->inputs[0];
    if (pinned || !fovea_shape_equal(graph_shape(graph, input), graph_shape(graph, self))) return;
    replace(graph, node, input);
    readers[input] += readers[self] - 1;
}

/* The live value in place of one whose node was folded away. */
static uint32_t live_value(struct graph *graph, uint32_t value) {
    struct node *node = producer(graph, value);
    for (; node && node->dead; node = producer(graph, value)) value = node->instead;
    return value;
}

/* The sum of two tensors becomes the second input of the convolution or dense layer that makes the
 * later of the two, where nobody else reads that. */
static bool fold_add(struct graph *graph, struct node *add, uint32_t *readers,
                     const struct fold_listener *listener) {
    bool second = add->inputs[1] > add->inputs[0];
    uint32_t value = add->inputs[second], other = add->inputs[!second];
    struct node *before = producer(graph, value);
    if (!before || value == other || readers[value] != 1 || has_tail(before) ||
        before->input_count != 1 || (before->op != FOVEA_OP_CONV && before->op != FOVEA_OP_DENSE) ||
        !fovea_shape_equal(&graph->shapes[value], &graph->shapes[other]))
        return true;
    uint32_t *inputs = pool_get(graph->pool, 2, sizeof *inputs, graph->trouble);
    if (!inputs) return false;
    inputs[0] = before->inputs[0];
    inputs[1] = other;
    before->inputs = inputs;
    before->input_count = 2;
    set_tail(before, add->attribute);
    fold_tell(graph, listener, add, "is folded into", before);
    uint32_t sum = graph->input_count + (uint32_t)(add - graph->nodes);
    readers[value] = readers[sum];
    replace(graph, add, value);
    return true;
}

/* ---- the list of folds ---- */

/* A node under examination. */
struct look {
    struct graph *graph;
    uint32_t *readers;
    const struct fold_listener *listener;
    uint32_t self; /* the value it makes */
    struct node *node;
    struct node *before;         /* that makes what it reads first; NULL: none */
    struct node *origin;         /* the same, seen through what only moves numbers */
    bool alone, alone_to_origin; /* nobody else reads it, or anything on the way */
};

static struct look look_at(struct graph *graph, uint32_t n, uint32_t *readers,
                           const struct fold_listener *listener) {
    struct look look = {.graph = graph, .readers = readers, .listener = listener};
    look.self = graph->input_count + n;
    look.node = &graph->nodes[n];
    const bool channels = look.node->op == FOVEA_OP_AFFINE;
    if (look.node->input_count != 1) return look;
    look.before = producer(graph, look.node->inputs[0]);
    look.alone = readers[look.node->inputs[0]] == 1;
    look.origin = look.before;
    look.alone_to_origin = look.alone;
    if (channels || look.node->op == FOVEA_OP_ACTIVATION)
        look.origin = origin(graph, readers, look.node->inputs[0], channels, &look.alone_to_origin);
    return look;
}

/* The node has gone into the one it comes from, and what it read stands in its place. */
static void absorb(const struct look *look, struct node *into) {
    const uint32_t value = look->node->inputs[0];
    fold_tell(look->graph, look->listener, look->node, "is folded into", into);
    replace(look->graph, look->node, value);
    look->readers[value] = look->readers[look->self];
}

static bool is_sum(const struct look *look) {
    return look->node->op == FOVEA_OP_ADD;
}
static bool apply_sum(const struct look *look) {
    return fold_add(look->graph, look->node, look->readers, look->listener);
}

static bool is_reshape(const struct look *look) {
    return look->node->op == FOVEA_OP_RESHAPE && look->node->input_count == 1;
}
static bool apply_reshape(const struct look *look) {
    fold_reshape(look->graph, look->self - look->graph->input_count, look->readers);
    return true;
}

static bool is_affine_before(const struct look *look) {
    return look->before && look->before->op == FOVEA_OP_AFFINE && look->alone &&
           !has_tail(look->before) && can_scale(look->node) && takes_scaled_input(look->node);
}
static bool apply_affine_before(const struct look *look) {
    const uint32_t input = look->before->inputs[0];
    fold_tell(look->graph, look->listener, look->before, "is folded into", look->node);
    if (!fold_before(look->graph, look->before, look->node)) return false;
    look->node->inputs[0] = input;
    replace(look->graph, look->before, input);
    return true;
}

static bool is_affine_behind(const struct look *look) {
    return look->node->op == FOVEA_OP_AFFINE && look->origin &&
           (can_scale(look->origin) || look->origin->op == FOVEA_OP_AFFINE);
}
static bool apply_affine_behind(const struct look *look) {
    struct node *into = look->origin;
    if (!look->alone_to_origin || has_tail(into)) {
        fold_tell(look->graph, look->listener, look->node,
                  look->alone_to_origin ? "stays: an activation stands before it, in"
                                        : "stays: others read",
                  into);
        return true;
    }
    if (!(can_scale(into) ? fold_affine : fold_affines)(look->graph, look->node, into))
        return false;
    absorb(look, into);
    return true;
}

static bool is_activation_behind(const struct look *look) {
    return look->node->op == FOVEA_OP_ACTIVATION && look->origin &&
           fovea_op_tail(look->origin->op) != FOVEA_NO_TAIL && !has_tail(look->origin);
}
static bool apply_activation_behind(const struct look *look) {
    if (!look->alone_to_origin) {
        fold_tell(look->graph, look->listener, look->node, "stays: others read", look->origin);
        return true;
    }
    set_tail(look->origin, look->node->attribute);
    absorb(look, look->origin);
    return true;
}

static bool is_padding_before(const struct look *look) {
    return look->before && look->before->op == FOVEA_OP_PAD && look->alone &&
           (look->node->op == FOVEA_OP_CONV || look->node->op == FOVEA_OP_DEPTHWISE) &&
           look->node->attribute[FOVEA_WINDOW_PADDING] == FOVEA_PADDING_VALID;
}
static bool apply_padding_before(const struct look *look) {
    fold_tell(look->graph, look->listener, look->before, "becomes the padding of", look->node);
    fold_pad(look->before, look->node);
    look->before->dead = true;
    look->before->instead = look->before->inputs[0];
    return true;
}

/* The first that matches is applied, and no other: a node is folded once. */
static const struct fold {
    bool (*matches)(const struct look *look);
    bool (*apply)(const struct look *look);
} folds[] = {
    {is_sum, apply_sum},
    {is_reshape, apply_reshape},
    {is_affine_before, apply_affine_before},
    {is_affine_behind, apply_affine_behind},
    {is_activation_behind, apply_activation_behind},
    {is_padding_before, apply_padding_before},
};

static bool fold_node(struct graph *graph, uint32_t n, uint32_t *readers,
                      const struct fold_listener *listener) {
    struct node *node = &graph->nodes[n];
    for (uint32_t i = 0; i < node->input_count; i++)
        node->inputs[i] = live_value(graph, node->inputs[i]);
    const struct look look = look_at(graph, n, readers, listener);
    for (size_t f = 0; f < sizeof folds / sizeof *folds; f++)
        if (folds[f].matches(&look)) return folds[f].apply(&look);
    return true;
}

bool graph_fold(struct graph *graph, const struct fold_listener *listener) {
    if (!graph_fold_constants(graph, listener)) return false;
    uint32_t *readers = count_readers(graph);
    if (!readers) return false;
    for (uint32_t n = 0; n < graph->node_count; n++)
        if (!fold_node(graph, n, readers, listener)) return false;
    for (uint32_t o = 0; o < graph->output_count; o++)
        graph->outputs[o].value = live_value(graph, graph->outputs[o].value);
    return true;
}
