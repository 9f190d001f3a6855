#include "weights/bytes.h"
#include "weights/rules.h"

bool fovea_rule_rnn(struct fovea_rule_query *query) {
    static const uint32_t gates[FOVEA_CELL_COUNT] = {1, 4, 3, 3};
    struct fovea_rnn *rnn = &query->as.rnn;
    const uint32_t *word = query->attribute;
    if (query->inputs != 1 || query->arrays != 2 || query->first.rank != 2)
        return fovea_rule_fail(query,
                               "R-051 a recurrent layer needs one sequence, kernel and bias");
    if (word[FOVEA_RNN_CELL] >= FOVEA_CELL_COUNT)
        return fovea_rule_fail(query, "R-052 a recurrent cell this version does not know");
    rnn->cell = (enum fovea_cell)word[FOVEA_RNN_CELL];
    rnn->gates = gates[word[FOVEA_RNN_CELL]];
    rnn->units = word[FOVEA_RNN_UNITS];
    rnn->steps = query->first.dims[0];
    for (int i = FOVEA_RNN_BACKWARDS; i <= FOVEA_RNN_FLIPPED; i++)
        if (word[i] > 1) return fovea_rule_fail(query, "R-053 a recurrent layer's unknown flag");
    rnn->backwards = word[FOVEA_RNN_BACKWARDS];
    rnn->sequence = word[FOVEA_RNN_SEQUENCE];
    rnn->flipped = word[FOVEA_RNN_FLIPPED];
    if (rnn->units < 1 || rnn->units > FOVEA_DIM_MAX ||
        query->first.dims[1] != (uint64_t)rnn->units * rnn->gates)
        return fovea_rule_fail(query,
                               "R-054 a sequence that does not fit the recurrent layer's units");
    if (!fovea_rule_tail(query, FOVEA_RNN_STATE, &rnn->state) ||
        !fovea_rule_tail(query, FOVEA_RNN_GATE, &rnn->gate))
        return false;
    query->array_count[1] = (uint64_t)fovea_round_up(rnn->units, FOVEA_BLOCK) * rnn->gates;
    query->array_count[0] = fovea_product(query->array_count[1], rnn->units);
    query->macs =
        fovea_product((uint64_t)rnn->steps * rnn->units, (uint64_t)rnn->gates * rnn->units);
    query->output.rank = rnn->sequence ? 2 : 1;
    query->output.dims[0] = rnn->sequence ? rnn->steps : rnn->units;
    query->output.dims[1] = rnn->units;
    return true;
}
