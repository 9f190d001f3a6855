/* Whether tensors that are needed at the same time lie apart. There is no memory here to note lifetimes in:
 * from each reader of a tensor the nodes before it are walked back to the one that makes the tensor, or to
 * another reader, from where the walk was done before. So each tensor is followed through its life once. */
#include "weights/blob.h"

struct places {
    const struct fovea_model *model;
    uint32_t fuel;
    uint32_t culprit; /* value */
    fovea_problem problem;
};

struct place {
    uint64_t offset, bytes;
};

static struct place place_of(const struct places *p, uint32_t value) {
    struct fovea_value record;
    fovea_blob_value(p->model, value, &record);
    if (record.offset == FOVEA_NO_PLACE) return (struct place){0, 0};
    return (struct place){record.offset, fovea_value_bytes(&record)};
}

static bool places_meet(const struct place *a, const struct place *b) {
    return a->offset < b->offset + b->bytes && b->offset < a->offset + a->bytes;
}

#define places_fail(p, problem, value) places_refuse(p, FOVEA_TEXT(problem), value)
static bool places_refuse(struct places *p, fovea_problem problem, uint32_t value) {
    p->problem = problem;
    p->culprit = value;
    return false;
}

static bool places_spend(struct places *p, uint32_t value, uint32_t cost) {
    if (p->fuel < cost)
        return places_fail(p, "B-040 too many tensors alive at once to check", value);
    p->fuel -= cost;
    return true;
}

static uint32_t places_input(const struct places *p, const struct fovea_node_record *node,
                             uint32_t input) {
    return fovea_blob_word(p->model, node->first + input);
}

/* Whether the value lies among the weights, perhaps under another shape. */
static bool places_constant(struct places *p, uint32_t value, bool *constant) {
    *constant = false;
    while (value >= p->model->inputs) {
        struct fovea_node_record node = fovea_blob_node(p->model, value - p->model->inputs);
        enum fovea_place place = fovea_op_place(node.op);
        *constant = place == FOVEA_PLACE_CONSTANT;
        if (place != FOVEA_PLACE_ALIAS) break;
        if (!places_spend(p, value, 1)) return false;
        value = places_input(p, &node, 0);
    }
    return true;
}

/* A node may write over what it reads: element by element, the first input and nothing else. */
static bool places_over(const struct places *p, const struct fovea_node_record *node,
                        const struct place *output, const struct place *read) {
    struct place first = place_of(p, places_input(p, node, 0));
    return fovea_op_place(node->op) == FOVEA_PLACE_OVER && first.offset == output->offset &&
           read->offset == output->offset && read->bytes == output->bytes;
}

/* Value `value` is still whole where node `reader` (or, behind the last node, the caller) reads it. A reader
 * that passes its output on by rows reads until the end of the stripe. */
static bool places_last(struct places *p, uint32_t value, uint32_t reader) {
    const struct place read = place_of(p, value);
    const uint32_t inputs = p->model->inputs, from = value < inputs ? 0 : value - inputs + 1;
    bool constant;
    if (!places_constant(p, value, &constant)) return false;
    if (constant || fovea_blob_passed(p->model, value)) return true;
    uint32_t end = reader;
    while (end < p->model->nodes && fovea_blob_passed(p->model, inputs + end)) end++;
    for (uint32_t n = end < p->model->nodes ? end + 1 : end; n-- > from;) {
        struct fovea_node_record node = fovea_blob_node(p->model, n);
        enum fovea_place place = fovea_op_place(node.op);
        struct place output = place_of(p, inputs + n);
        if (place != FOVEA_PLACE_ALIAS && place != FOVEA_PLACE_CONSTANT &&
            places_meet(&output, &read) && !(n == reader && places_over(p, &node, &output, &read)))
            return places_fail(p, "B-041 a tensor overlaps one that is still needed", inputs + n);
        if (!places_spend(p, value, 1 + node.inputs)) return false;
        for (uint32_t i = 0; n < reader && i < node.inputs; i++)
            if (places_input(p, &node, i) == value) return true;
    }
    return true;
}

static bool places_inputs(struct places *p) {
    for (uint32_t i = 1; i < p->model->inputs; i++) {
        const struct place input = place_of(p, i);
        for (uint32_t j = 0; j < i; j++) {
            const struct place other = place_of(p, j);
            if (places_meet(&input, &other)) return places_fail(p, "B-042 two inputs overlap", i);
        }
    }
    return true;
}

static bool places_nodes(struct places *p) {
    const struct fovea_model *model = p->model;
    for (uint32_t n = 0; n < model->nodes; n++) {
        struct fovea_node_record node = fovea_blob_node(model, n);
        for (uint32_t i = 0; i < node.inputs; i++)
            if (!places_last(p, places_input(p, &node, i), n)) return false;
    }
    for (uint32_t o = 0; o < model->outputs; o++)
        if (!places_last(p, fovea_blob_output(model, o), model->nodes)) return false;
    return true;
}

bool fovea_blob_places(const struct fovea_model *model, uint32_t fuel, fovea_problem *problem,
                       uint32_t *culprit) {
    struct places p = {model, fuel, 0, FOVEA_NO_PROBLEM};
    const bool apart = places_inputs(&p) && places_nodes(&p);
    *problem = p.problem;
    *culprit = p.culprit;
    return apart;
}

#undef places_fail
