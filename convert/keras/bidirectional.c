/* A recurrent layer both ways. */
#include <string.h>

#include "convert/keras/rnn.h"

static bool merge_ways(struct layer_call *call, const char *mode, uint32_t forward,
                       uint32_t backward) {
    const uint32_t pair[2] = {forward, backward};
    const uint32_t rank = shape_rank(graph_shape(call->graph, forward));
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {[FOVEA_CONCAT_AXIS] =
                                                      shape_first_to_end(rank, 0)};
    if (strcmp(mode, "concat") == 0)
        return keras_node(call, FOVEA_OP_CONCAT, pair, 2, NULL, 0, words);
    if (strcmp(mode, "mul") == 0) return keras_combined(call, FOVEA_OP_MULTIPLY, forward, backward);
    if (strcmp(mode, "sum") != 0 && strcmp(mode, "ave") != 0)
        return keras_fail(call, "K-219 merge_mode '%s' is not supported", mode);
    return keras_combined(call, FOVEA_OP_ADD, forward, backward) &&
           (mode[0] == 's' || keras_scaled(call, call->output, 0.5f, 0));
}

/* Where both ways have a mask, steps that do not count give 0 in sequences; not before tf.keras did so. */
static bool clears_masked(const struct keras *keras) {
    return keras->release >= 20400 || strstr(keras->version, "tf");
}

/* The states to start from are half those of the first way, half those of the second. */
static void share_states(const struct recurrence *both, uint32_t way, struct recurrence *one) {
    one->mask = both->mask;
    one->first_count = both->first_count / 2;
    memcpy(one->first, both->first + way * one->first_count, one->first_count * sizeof(uint32_t));
}

static bool run_way(struct layer_call *call, uint32_t way, const struct recurrence *both,
                    struct recurrence *one) {
    const struct json *own = json_member(call->config, "backward_layer");
    const bool has_own = own && own->type != JSON_NULL;
    struct layer_call inner;
    if (!keras_inner(call, way && has_own ? "backward_layer" : "layer",
                     way ? "backward_layer" : "forward_layer", &inner) ||
        !keras_read_recurrence(&inner, one))
        return false;
    if (way && !has_own) one->backwards = !one->backwards;
    one->flipped = way == 1;
    one->zero = one->sequence && clears_masked(call->keras);
    share_states(both, way, one);
    if (!keras_recur(&inner, one)) return false;
    call->output = inner.output;
    return true;
}

/* The second way runs from the end, and its sequence is turned round to go with the first's. */
bool keras_bidirectional(struct layer_call *call) {
    const struct json *mode = json_member(call->config, "merge_mode");
    struct recurrence both = {.mask = GRAPH_NONE}, ways[2];
    uint32_t outputs[2];
    if (!keras_read_call(call, &both)) return false;
    if (both.first_count % 2)
        return keras_fail(call, "K-483 it is given %u initial states, which are not pairs",
                          both.first_count);
    for (uint32_t i = 0; i < 2; i++) {
        if (!run_way(call, i, &both, &ways[i])) return false;
        outputs[i] = call->output;
    }
    for (uint32_t i = 0; i < 2; i++)
        for (uint32_t s = 0; s < ways[i].last_count && both.last_count < KERAS_STATES_MAX; s++)
            both.last[both.last_count++] = ways[i].last[s];
    both.states = ways[0].states && ways[1].states;
    if (mode && mode->type == JSON_NULL) {
        if (both.last_count == KERAS_STATES_MAX)
            return keras_fail(call, "K-485 it has more than %d states", KERAS_STATES_MAX - 1);
        both.states = true; /* two outputs, and the states */
        memmove(both.last + 1, both.last, (KERAS_STATES_MAX - 1) * sizeof *both.last);
        both.last[0] = outputs[1];
        both.last_count++;
        call->output = outputs[0];
        return keras_give_states(call, &both);
    }
    if (mode && mode->type != JSON_STRING)
        return keras_fail(call, "K-220 its 'merge_mode' is not text");
    return merge_ways(call, mode ? mode->text : "concat", outputs[0], outputs[1]) &&
           keras_give_states(call, &both);
}
