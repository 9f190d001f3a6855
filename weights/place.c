/* Lifetimes to offsets. A slot is the memory of one value and of those that lie over it; its first
 * value is its name. */
#include "weights/blob_build.h"

#define PLACE_TRIES 32 /* orders of placing, where the first one leaves gaps */

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
    bool alike = draft->values[node->inputs[0]].type == output->type;
    return free && alike && before == after ? slot : draft->input_count + n;
}

static void find_slots(struct fovea_draft *draft) {
    uint32_t values = draft->input_count + draft->node_count;
    for (uint32_t v = 0; v < values; v++) {
        struct fovea_draft_value *value = &draft->values[v];
        uint64_t count;
        fovea_shape_count(&value->shape, &count);
        value->bytes = (fovea_tensor_bytes(count, value->type) + FOVEA_ALIGN - 1) &
                       ~(uint64_t)(FOVEA_ALIGN - 1);
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

/* Slots order[0] .. in this order, each as low as it goes. */
static bool place_in_order(struct fovea_draft *draft, uint32_t slots, uint32_t *fuel) {
    draft->arena = 0;
    for (uint32_t i = 0; i < slots; i++) {
        struct fovea_draft_value *slot = &draft->values[draft->values[i].order];
        if (!find_offset(draft, i, fuel)) return false;
        if (draft->arena < slot->offset + slot->bytes) draft->arena = slot->offset + slot->bytes;
    }
    return true;
}

/* The most that slots needed at one moment take together: no order makes do with less. */
static bool find_least(const struct fovea_draft *draft, uint32_t slots, uint32_t *fuel,
                       uint64_t *least) {
    *least = 0;
    for (uint32_t i = 0; i < slots; i++) {
        uint32_t from = draft->values[draft->values[i].order].from;
        uint64_t alive = 0;
        if (*fuel < slots) return false;
        *fuel -= slots;
        for (uint32_t k = 0; k < slots; k++) {
            const struct fovea_draft_value *other = &draft->values[draft->values[k].order];
            if (other->from <= from && from <= other->until) alive += other->bytes;
        }
        if (*least < alive) *least = alive;
    }
    return true;
}

/* Another order: the slot that reaches highest goes first or, every other time, one drawn by lot, lest the
 * same few change places for ever. */
static void change_order(struct fovea_draft *draft, uint32_t slots, uint32_t try) {
    uint32_t at = (try * 2654435761u >> 8) % slots;
    for (uint32_t i = 0; try % 2 == 0 && i < slots; i++) {
        const struct fovea_draft_value *slot = &draft->values[draft->values[i].order];
        if (slot->offset + slot->bytes == draft->arena) at = i;
    }
    uint32_t first = draft->values[at].order;
    for (; at > 0; at--) draft->values[at].order = draft->values[at - 1].order;
    draft->values[0].order = first;
}

static void copy_offsets(struct fovea_draft *draft, uint32_t slots, bool keep) {
    for (uint32_t i = 0; i < slots; i++) {
        struct fovea_draft_value *slot = &draft->values[draft->values[i].order];
        if (keep)
            slot->kept = slot->offset;
        else
            slot->offset = slot->kept;
    }
}

/* Large ones first is good, not always best: other orders are tried as long as there is something to gain. */
static bool place_slots(struct fovea_draft *draft, uint32_t slots, uint32_t fuel) {
    uint64_t least, best;
    sort_by_size(draft, slots);
    if (!place_in_order(draft, slots, &fuel)) return false;
    best = draft->arena;
    copy_offsets(draft, slots, true);
    bool known = find_least(draft, slots, &fuel, &least);
    for (uint32_t i = 0; known && i < PLACE_TRIES && best > least; i++) {
        change_order(draft, slots, i);
        if (!place_in_order(draft, slots, &fuel)) break;
        if (draft->arena >= best) continue;
        best = draft->arena;
        copy_offsets(draft, slots, true);
    }
    copy_offsets(draft, slots, false);
    draft->arena = best;
    return true;
}

bool fovea_draft_place(struct fovea_draft *draft) {
    uint32_t values = draft->input_count + draft->node_count, slots = 0;
    find_last_uses(draft);
    find_slots(draft);
    for (uint32_t v = 0; v < values; v++) {
        draft->values[v].offset = 0;
        if (draft->values[v].slot == v && !is_constant(draft, v)) draft->values[slots++].order = v;
    }
    if (!place_slots(draft, slots, draft->fuel ? draft->fuel : FOVEA_PLACE_FUEL)) return false;
    for (uint32_t v = 0; v < values; v++)
        draft->values[v].offset = draft->values[draft->values[v].slot].offset;
    return true;
}
