/* Lifetimes to offsets. A slot is the memory of one value and of those that lie over it; its first
 * value is its name. */
#include "weights/blob_build.h"

/* Moments: inputs exist from 0, node n computes at n + 1, outputs are wanted at node_count + 1. */
static void find_last_uses(struct fovea_draft *draft) {
    uint32_t values = draft->input_count + draft->node_count;
    for (uint32_t v = 0; v < values; v++)
        draft->values[v].last = v < draft->input_count ? 0 : v - draft->input_count + 1;
    for (uint32_t n = 0; n < draft->node_count; n++)
        for (uint32_t i = 0; i < draft->nodes[n].input_count; i++)
            draft->values[draft->nodes[n].inputs[i]].last = n + 1;
    for (uint32_t o = 0; o < draft->output_count; o++)
        draft->values[draft->outputs[o].value].last = draft->node_count + 1;
}

static bool is_constant(const struct fovea_draft *draft, uint32_t value) {
    return value >= draft->input_count &&
           fovea_op_place(draft->nodes[value - draft->input_count].op) == FOVEA_PLACE_CONSTANT;
}

/* The slot that node n's output joins, or its own value. */
static uint32_t choose_slot(const struct fovea_draft *draft, uint32_t n) {
    const struct fovea_draft_node *node = &draft->nodes[n];
    const struct fovea_draft_value *output = &draft->values[draft->input_count + n];
    enum fovea_place place = fovea_op_place(node->op);
    if (place != FOVEA_PLACE_ALIAS && place != FOVEA_PLACE_OVER) return draft->input_count + n;
    uint32_t slot = draft->values[node->inputs[0]].slot;
    if (place == FOVEA_PLACE_ALIAS) return slot;
    bool free = draft->values[slot].until == n + 1 && !is_constant(draft, slot);
    uint64_t before, after; /* to the element: what is stretched must not be written over */
    fovea_shape_count(&draft->values[node->inputs[0]].shape, &before);
    fovea_shape_count(&output->shape, &after);
    return free && before == after ? slot : draft->input_count + n;
}

static void find_slots(struct fovea_draft *draft) {
    uint32_t values = draft->input_count + draft->node_count;
    for (uint32_t v = 0; v < values; v++) {
        struct fovea_draft_value *value = &draft->values[v];
        uint64_t count;
        fovea_shape_count(&value->shape, &count);
        value->bytes = (count * sizeof(float) + FOVEA_ALIGN - 1) & ~(uint64_t)(FOVEA_ALIGN - 1);
        value->slot = v < draft->input_count ? v : choose_slot(draft, v - draft->input_count);
        struct fovea_draft_value *slot = &draft->values[value->slot];
        if (value->slot == v) {
            value->from = v < draft->input_count ? 0 : v - draft->input_count + 1;
            value->until = value->last;
        } else if (slot->until < value->last) {
            slot->until = value->last;
        }
    }
}

/* Shell sort of the slots' order by falling size, ties by age: deterministic. */
static bool comes_before(const struct fovea_draft *draft, uint32_t a, uint32_t b) {
    uint64_t size_a = draft->values[a].bytes, size_b = draft->values[b].bytes;
    return size_a != size_b ? size_a > size_b : a < b;
}
static void sort_by_size(struct fovea_draft *draft, uint32_t count) {
    struct fovea_draft_value *values = draft->values;
    for (uint32_t gap = count / 2; gap > 0; gap /= 2)
        for (uint32_t i = gap; i < count; i++) {
            uint32_t moved = values[i].order, j = i;
            for (; j >= gap && comes_before(draft, moved, values[j - gap].order); j -= gap)
                values[j].order = values[j - gap].order;
            values[j].order = moved;
        }
}

/* The lowest offset at which slot `order[index]` meets none of the slots placed before it that live
 * at the same time. Each round lifts the offset over the obstacles it meets. False without fuel. */
static bool find_offset(struct fovea_draft *draft, uint32_t index, uint32_t *fuel) {
    struct fovea_draft_value *slot = &draft->values[draft->values[index].order];
    uint64_t offset = 0;
    for (bool moved = true; moved;) {
        moved = false;
        if (*fuel < index) return false;
        *fuel -= index;
        for (uint32_t i = 0; i < index; i++) {
            const struct fovea_draft_value *other = &draft->values[draft->values[i].order];
            bool together = slot->from <= other->until && other->from <= slot->until;
            if (together && offset < other->offset + other->bytes &&
                other->offset < offset + slot->bytes) {
                offset = other->offset + other->bytes;
                moved = true;
            }
        }
    }
    slot->offset = offset;
    return true;
}

bool fovea_draft_place(struct fovea_draft *draft) {
    uint32_t values = draft->input_count + draft->node_count, slots = 0;
    uint32_t fuel = draft->fuel ? draft->fuel : FOVEA_PLACE_FUEL;
    find_last_uses(draft);
    find_slots(draft);
    for (uint32_t v = 0; v < values; v++) {
        draft->values[v].offset = 0;
        if (draft->values[v].slot == v && !is_constant(draft, v)) draft->values[slots++].order = v;
    }
    sort_by_size(draft, slots);
    draft->arena = 0;
    for (uint32_t i = 0; i < slots; i++) {
        struct fovea_draft_value *slot = &draft->values[draft->values[i].order];
        if (!find_offset(draft, i, &fuel)) return false;
        if (draft->arena < slot->offset + slot->bytes) draft->arena = slot->offset + slot->bytes;
    }
    for (uint32_t v = 0; v < values; v++)
        draft->values[v].offset = draft->values[draft->values[v].slot].offset;
    return true;
}
