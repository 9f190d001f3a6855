#include "weights/bytes.h"
#include "weights/rules.h"

/* Whether the input, if there is one, has `count` numbers in one dimension. */
static bool rule_rnn_line(const struct fovea_rule_query *query, uint32_t input, uint32_t count) {
    struct fovea_shape shape;
    if (input >= query->inputs) return true;
    query->shape_of(query->context, input, &shape);
    return shape.rank == 1 && shape.dims[0] == count;
}

bool fovea_rule_rnn(struct fovea_rule_query *query) {
    static const uint32_t gates[FOVEA_CELL_COUNT] = {1, 4, 3, 3};
    struct fovea_rnn *rnn = &query->as.rnn;
    const uint32_t *word = query->attribute;
    if (query->inputs > 3 || query->arrays != 2 || query->first.rank != 2)
        return fovea_rule_fail(query,
                               "R-051 a recurrent layer needs one sequence, kernel and bias");
    if (word[FOVEA_RNN_CELL] >= FOVEA_CELL_COUNT)
        return fovea_rule_fail(query, "R-052 a recurrent cell this version does not know");
    rnn->cell = (enum fovea_cell)word[FOVEA_RNN_CELL];
    rnn->gates = gates[word[FOVEA_RNN_CELL]];
    rnn->units = word[FOVEA_RNN_UNITS];
    rnn->steps = query->first.dims[0];
    const uint32_t most = rnn->cell == FOVEA_CELL_LSTM ? 3 : 1;
    for (int i = FOVEA_RNN_BACKWARDS; i <= FOVEA_RNN_FLIPPED; i++)
        if (word[i] > (i == FOVEA_RNN_SEQUENCE ? most : 1))
            return fovea_rule_fail(query, "R-053 a recurrent layer's unknown flag");
    rnn->backwards = word[FOVEA_RNN_BACKWARDS];
    rnn->sequence = word[FOVEA_RNN_SEQUENCE] & 1;
    rnn->cells = word[FOVEA_RNN_SEQUENCE] >> 1;
    rnn->flipped = word[FOVEA_RNN_FLIPPED];
    if (rnn->units < 1 || rnn->units > FOVEA_DIM_MAX ||
        query->first.dims[1] != (uint64_t)rnn->units * rnn->gates)
        return fovea_rule_fail(query,
                               "R-054 a sequence that does not fit the recurrent layer's units");
    rnn->inputs = query->inputs;
    const uint32_t state = rnn->units * (rnn->cell == FOVEA_CELL_LSTM ? 2 : 1);
    if (!rule_rnn_line(query, 1, rnn->steps) || !rule_rnn_line(query, 2, state))
        return fovea_rule_fail(query, "R-460 a mask or a first state that does not fit its layer");
    if (!fovea_rule_tail(query, FOVEA_RNN_STATE, &rnn->state) ||
        !fovea_rule_tail(query, FOVEA_RNN_GATE, &rnn->gate))
        return false;
    query->array_count[1] = (uint64_t)fovea_round_up(rnn->units, FOVEA_BLOCK) * rnn->gates;
    query->array_count[0] = fovea_product(query->array_count[1], rnn->units);
    query->macs =
        fovea_product((uint64_t)rnn->steps * rnn->units, (uint64_t)rnn->gates * rnn->units);
    query->output.rank = rnn->sequence ? 2 : 1;
    const uint32_t width = rnn->units * (rnn->cells ? 2 : 1);
    query->output.dims[0] = rnn->sequence ? rnn->steps : width;
    query->output.dims[1] = width;
    return true;
}
