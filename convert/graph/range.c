#include "convert/graph/range.h"

#include <math.h>

/* What lies between the input and a value: value = scale * input + shift, the mean over channels of each. */
struct scaling {
    double scale, shift;
    bool reached, scaled;
    const char *name; /* of the first layer that scaled */
};

/* The range that scale and shift bring to one of the ranges that networks work on: a width of 1 to 8 about
 * 0, or 0 .. 255 about another middle. `zero` is the number that becomes 0. */
static enum graph_range range_of_scaling(const struct scaling *s) {
    const double step = fabs(s->scale), zero = -s->shift / s->scale, byte = 255 * step;
    const double width[2] = {step, 2 * step};
    if (!(step > 0)) return RANGE_OPEN;
    bool whole = byte > 0.9 && byte<8, centred = zero> 1.5 && zero < 256 && byte < 520;
    if (zero > -0.5 && zero < 256 && (whole || centred)) return RANGE_BYTES;
    bool moved = zero > 0.01 || s->scale < 0;
    for (int i = 0; i < 2; i++) {
        bool usual = width[i] > 0.9 && width[i]<8, bytes = width[i]> 250 && width[i] < 260;
        if (i == 0 && zero > -0.01 && zero < 1.01 && (bytes || (usual && moved))) return RANGE_UNIT;
        if (i == 1 && fabs(zero + 1) < 0.01 && (bytes || usual)) return RANGE_SIGNED;
    }
    return RANGE_OPEN;
}

/* Of numbers with this mean and variance. Those of 0 .. 1 have at most mean * (1 - mean). */
static enum graph_range range_of_moments(double mean, double variance) {
    if (mean > 1.5 && variance > 1.5) return RANGE_BYTES;
    bool unit = mean > 0.02 && mean < 0.98 && variance <= mean * (1 - mean) && variance < 0.13;
    return unit ? RANGE_UNIT : RANGE_OPEN;
}

#define NUMBERS_MOST 1024 /* looked at of an array; channels are fewer */

static double mean_of(const struct array *array) {
    uint64_t count = array->source.count < NUMBERS_MOST ? array->source.count : NUMBERS_MOST;
    double sum = 0;
    float number;
    for (uint64_t i = 0; i < count; i++) {
        source_read(&array->source, i, 1, &number);
        sum += (double)number;
    }
    return count ? sum / (double)count : 0;
}

/* Operators that leave numbers what they are, or take some of them. */
static bool only_moves(uint32_t op) {
    static const uint32_t moving[] = {FOVEA_OP_RESHAPE, FOVEA_OP_CONCAT,    FOVEA_OP_PAD,
                                      FOVEA_OP_CROP,    FOVEA_OP_REARRANGE, FOVEA_OP_RESIZE,
                                      FOVEA_OP_PERMUTE, FOVEA_OP_MAX_POOL,  FOVEA_OP_MEAN_POOL};
    for (size_t i = 0; i < sizeof moving / sizeof *moving; i++)
        if (moving[i] == op) return true;
    return false;
}

/* The constant beside `value` in an operator of two; NULL where there is none. */
static const struct array *constant_beside(const struct graph *graph, const struct node *node,
                                           uint32_t value) {
    if (node->input_count != 2 || node->inputs[0] == node->inputs[1]) return NULL;
    uint32_t other = node->inputs[node->inputs[0] == value];
    if (other < graph->input_count) return NULL;
    const struct node *constant = &graph->nodes[other - graph->input_count];
    return constant->op == FOVEA_OP_CONSTANT ? &graph->arrays[constant->array[0]] : NULL;
}

/* Whether the node scales and shifts `value`, and then by what. */
static bool scales(const struct graph *graph, const struct node *node, uint32_t value,
                   double *scale, double *shift) {
    *scale = 1;
    *shift = 0;
    uint32_t tail = fovea_op_tail(node->op);
    if (tail != FOVEA_NO_TAIL && node->attribute[tail] != FOVEA_ACTIVATION_NONE) return false;
    if (node->op == FOVEA_OP_AFFINE) {
        *scale = mean_of(&graph->arrays[node->array[0]]);
        *shift = mean_of(&graph->arrays[node->array[1]]);
        return true;
    }
    const struct array *beside = constant_beside(graph, node, value);
    if (!beside) return false;
    double number = mean_of(beside);
    bool second = node->inputs[1] == value;
    switch (node->op) {
    case FOVEA_OP_ADD: *shift = number; return true;
    case FOVEA_OP_MULTIPLY: *scale = number; return true;
    case FOVEA_OP_SUBTRACT:
        *scale = second ? -1 : 1;
        *shift = second ? number : -number;
        return true;
    case FOVEA_OP_DIVIDE: *scale = 1 / number; return !second && number != 0;
    default: return false;
    }
}

static const struct graph_moments *moments_at(const struct graph *graph, uint32_t value) {
    const struct graph_moments *at = graph->moments;
    while (at && at->value != value) at = at->next;
    return at;
}

/* What the paths from the input have told so far. */
struct verdict {
    enum graph_range range;
    const char *name;
    bool contradicted;
};

static void hear(struct verdict *verdict, enum graph_range range, const char *name) {
    verdict->contradicted |= verdict->name && verdict->range != range;
    verdict->range = range;
    verdict->name = name;
}

/* The node is no scaling, or one whose moments are noted: the end of a path. */
static void end_path(struct verdict *verdict, const struct graph *graph, const struct node *node,
                     const struct scaling *s, uint32_t value) {
    const struct graph_moments *moments = moments_at(graph, value);
    if (s->scaled)
        hear(verdict, range_of_scaling(s), s->name);
    else if (moments)
        hear(verdict, range_of_moments(moments->mean, moments->variance), node->name);
    else
        hear(verdict, RANGE_OPEN, node->name);
}

bool graph_range(struct graph *graph, uint32_t input, enum graph_range *range, const char **name) {
    const uint32_t first = graph->input_count;
    struct verdict verdict = {.range = RANGE_OPEN};
    struct scaling *scaling =
        pool_get(graph->pool, (uint64_t)first + graph->node_count, sizeof *scaling, graph->trouble);
    if (!scaling || !pool_spend(graph->pool, 16 * (uint64_t)graph->node_count, graph->trouble))
        return false;
    scaling[input] = (struct scaling){.scale = 1, .reached = true};
    const struct graph_moments *whole = moments_at(graph, input);
    for (uint32_t n = 0; n < graph->node_count; n++) {
        const struct node *node = &graph->nodes[n];
        for (uint32_t i = 0; i < node->input_count; i++) {
            const struct scaling *from = &scaling[node->inputs[i]];
            double scale = 1, shift = 0;
            if (!from->reached) continue;
            bool moves = only_moves(node->op);
            if (!moves && ((!from->scaled && moments_at(graph, node->inputs[i])) ||
                           !scales(graph, node, node->inputs[i], &scale, &shift))) {
                end_path(&verdict, graph, node, from, node->inputs[i]);
                continue;
            }
            if (scaling[first + n].reached) { /* joined with what came another way */
                end_path(&verdict, graph, node, from, node->inputs[i]);
                continue;
            }
            scaling[first + n] = (struct scaling){from->scale * scale, from->shift * scale + shift,
                                                  true, from->scaled || !moves,
                                                  from->scaled || moves ? from->name : node->name};
        }
    }
    *range = verdict.contradicted ? RANGE_OPEN : verdict.range;
    *name = verdict.name;
    if (whole && whole->whole) {
        *range = RANGE_BYTES;
        *name = graph->inputs[input].name;
    }
    return true;
}
