/* Calls of models used as layers: which one a reference means, and what it is called on.
 *
 * Such a model counts its own making as call 0 in some lists and not in others: Keras 2 from 1 everywhere;
 * Keras 3 from 0 in inbound_nodes and, if Functional, from 1 in output_layers. What is believed is the first
 * guess, the usual one first, by which every index is one of the calls and every call is used. */
#include <string.h>

#include "convert/keras/keras.h"

/* The references to one layer: from inbound_nodes (kind 0) and output_layers (kind 1). */
struct use {
    uint32_t kind, call;
};
struct uses {
    struct use *items;      /* by layer */
    uint32_t *first, *last; /* [layers] */
};

static void count_uses(struct uses *uses, const struct ref *refs, uint32_t count) {
    for (uint32_t r = 0; r < count; r++) uses->last[refs[r].layer]++;
}

static void add_uses(struct uses *uses, uint32_t kind, const struct ref *refs, uint32_t count) {
    for (uint32_t r = 0; r < count; r++)
        uses->items[uses->last[refs[r].layer]++] = (struct use){kind, refs[r].call};
}

/* Sorts the references by the layer they mean. */
static bool gather_uses(struct keras *keras, const struct scope *scope, struct uses *uses) {
    uint32_t total = 0;
    uses->first = pool_get(keras->pool, scope->layer_count, sizeof(uint32_t), keras->trouble);
    uses->last = pool_get(keras->pool, scope->layer_count, sizeof(uint32_t), keras->trouble);
    if (!uses->first || !uses->last) return false;
    for (uint32_t l = 0; l < scope->layer_count; l++)
        for (uint32_t c = 0; c < scope->layers[l].call_count; c++)
            count_uses(uses, scope->layers[l].calls[c].refs, scope->layers[l].calls[c].ref_count);
    count_uses(uses, scope->outputs, scope->output_count);
    for (uint32_t l = 0; l < scope->layer_count; l++) {
        uses->first[l] = total;
        total += uses->last[l];
        uses->last[l] = uses->first[l];
    }
    uses->items = pool_get(keras->pool, total, sizeof *uses->items, keras->trouble);
    if (!uses->items) return false;
    for (uint32_t l = 0; l < scope->layer_count; l++)
        for (uint32_t c = 0; c < scope->layers[l].call_count; c++)
            add_uses(uses, 0, scope->layers[l].calls[c].refs, scope->layers[l].calls[c].ref_count);
    add_uses(uses, 1, scope->outputs, scope->output_count);
    return true;
}

/* Whether the guess holds: 2 if every call is used, 1 if every index is in range. */
static int try_bases(const struct layer *layer, const struct use *first, const struct use *last,
                     const uint32_t base[2], bool *used) {
    if (layer->call_count) memset(used, 0, layer->call_count);
    for (const struct use *use = first; use < last; use++) {
        uint32_t call = use->call - base[use->kind]; /* below 0: beyond every count */
        if (call >= layer->call_count) return 0;
        used[call] = true;
    }
    for (uint32_t c = 0; c < layer->call_count; c++)
        if (!used[c]) return 1;
    return 2;
}

static bool find_bases(struct keras *keras, const struct scope *scope, const struct layer *layer,
                       const struct use *first, const struct use *last, uint32_t best[2]) {
    bool functional = strcmp(layer->class_name, "Sequential") != 0;
    uint32_t usual[2] = {keras->generation < 3, keras->generation < 3 || functional};
    int found = 0;
    bool *used = pool_get(keras->pool, layer->call_count, 1, keras->trouble);
    if (!used) return false;
    for (uint32_t guess = 0; guess < 4 && found < 2; guess++) {
        const uint32_t base[2] = {usual[0] ^ (guess & 1), usual[1] ^ (guess >> 1)};
        int verdict = try_bases(layer, first, last, base, used);
        if (verdict <= found) continue;
        found = verdict;
        memcpy(best, base, sizeof base);
    }
    return found ||
           fail(keras->trouble, "K-090 model '%s': a use of layer '%s' that it does not have",
                scope->name, layer->name);
}

static bool settle_refs(struct keras *keras, const struct scope *scope, const uint32_t *base,
                        struct ref *refs, uint32_t count) {
    for (uint32_t r = 0; r < count; r++) {
        const struct layer *layer = &scope->layers[refs[r].layer];
        refs[r].call -= base[2 * refs[r].layer]; /* below 0 only where find_bases did not look */
        if (refs[r].call >= layer->call_count)
            return fail(keras->trouble,
                        "K-091 model '%s': a use of layer '%s' that it does not have", scope->name,
                        layer->name);
    }
    return true;
}

bool keras_settle_calls(struct keras *keras, const struct scope *scope) {
    struct uses uses;
    uint32_t *base =
        pool_get(keras->pool, 2 * (uint64_t)scope->layer_count, sizeof *base, keras->trouble);
    if (!base || !gather_uses(keras, scope, &uses)) return false;
    for (uint32_t l = 0; l < scope->layer_count; l++) {
        const struct layer *layer = &scope->layers[l];
        if (layer->model && layer->call_count > 0 &&
            !find_bases(keras, scope, layer, uses.items + uses.first[l], uses.items + uses.last[l],
                        base + (size_t)2 * l))
            return false;
    }
    for (uint32_t l = 0; l < scope->layer_count; l++)
        for (uint32_t c = 0; c < scope->layers[l].call_count; c++)
            if (!settle_refs(keras, scope, base, scope->layers[l].calls[c].refs,
                             scope->layers[l].calls[c].ref_count))
                return false;
    return settle_refs(keras, scope, base + 1, scope->outputs, scope->output_count);
}

/* ---- a model called on a dictionary ---- */

/* The dictionary that a call hands over; NULL where it is a list or a tensor. */
static const struct json *dictionary_of(const struct json *node) {
    if (!node || node->type != JSON_OBJECT) return NULL;
    const struct json *args = json_member(node, "args"), *first = args ? json_item(args, 0) : node;
    bool plain = first && first->type == JSON_OBJECT && !json_member(first, "class_name");
    return plain ? first : NULL;
}

/* The key of the input: that of the model's own dictionary, of which input_layers tells where each leads,
 * or else the input's name. */
static const char *key_of(const struct scope *model, const char *name) {
    const struct json *own = json_member(model->config, "input_layers");
    if (!own || own->type != JSON_OBJECT) return name;
    for (const struct json *m = own->first; m; m = m->next)
        if (json_is(json_item(m, 0), name)) return m->key;
    return name;
}

uint32_t *keras_match_inputs(struct keras *keras, const struct layer *layer,
                             const struct call *call, uint32_t *values) {
    const struct scope *model = layer->model;
    const struct json *dictionary = dictionary_of(call->node);
    if (!dictionary) return values;
    uint32_t *matched = pool_get(keras->pool, call->ref_count, sizeof *matched, keras->trouble);
    if (!matched || call->ref_count != model->input_count)
        return matched; /* refused by the caller */
    if (!pool_spend(keras->pool, model->input_count * (dictionary->count + call->ref_count),
                    keras->trouble))
        return NULL;
    for (uint32_t i = 0; i < model->input_count; i++) {
        const char *key = key_of(model, model->layers[model->inputs[i].layer].name);
        const struct json *member = json_member(dictionary, key);
        uint32_t r = 0;
        while (r < call->ref_count && call->refs[r].at != member) r++;
        if (r == call->ref_count) {
            fail(keras->trouble, "K-092 model '%s': called on a dictionary without '%s'",
                 layer->name, key);
            return NULL;
        }
        matched[i] = values[r];
    }
    return matched;
}
