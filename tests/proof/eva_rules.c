/* For Frama-C's value analysis (tests/proof/eva.sh): every rule of an operator (weights/rule_*.c), for any number
 * of inputs and arrays, attributes of any 32 bits and shapes of any 32 bits (more than a blob that was opened
 * can hold). Proved is that nothing undefined can happen: no index outside, no division by 0, no signed
 * overflow, nothing read that was not set; and that all is set which eva_view.c takes for granted. */
#include <__fc_builtin.h>

#include "weights/rules.h"
#include "weights/stripe.h"

#define ALL                                                                                        \
    (FOVEA_RANK_MAX + 1) /* ranks, which are taken one by one where something is related to them */

static const uint32_t codes[] = {
#define OP(code, NAME, name, ...) code,
#include "weights/ops.def"
#undef OP
};

static uint32_t ranks[2]; /* of the first input, and of the others; ALL: any */

static uint32_t any(void) {
    return Frama_C_unsigned_int_interval(0, UINT32_MAX);
}

static void any_shape(const void *context, uint32_t input, struct fovea_shape *shape) {
    const uint32_t rank = ranks[input > 0];
    (void)context;
    shape->rank = rank < ALL ? rank : Frama_C_unsigned_int_interval(0, FOVEA_RANK_MAX);
    for (uint32_t i = 0; i < FOVEA_RANK_MAX; i++) shape->dims[i] = any();
}

static void apply(uint32_t code, uint32_t attributes, uint32_t first_word) {
    struct fovea_rule_query query;
    query.op = code;
    query.inputs = any();
    query.arrays = Frama_C_unsigned_int_interval(0, FOVEA_ARRAYS_MAX);
    query.attributes = attributes;
    for (uint32_t i = 0; i < query.attributes; i++) query.attribute[i] = i ? any() : first_word;
    query.shape_of = any_shape;
    query.context = 0;
    if (!fovea_rule_apply(&query)) {
        (void)query.problem[0];
        return;
    }
    (void)fovea_shape_equal(&query.output, &query.output);
    for (uint32_t i = 0; i < FOVEA_ARRAYS_MAX; i++) (void)query.array_count[i];
    (void)fovea_stripe_window(&query);
}

static void apply_all(uint32_t code) {
    const bool word_is_rank = code <= FOVEA_OP_REARRANGE;
    const uint32_t attributes = fovea_op_attributes(code);
    const bool two_inputs = code >= FOVEA_OP_ADD && code <= FOVEA_OP_KEEP;
    //@ loop unroll 7;
    for (ranks[0] = 0; ranks[0] < ALL; ranks[0]++)
        //@ loop unroll 7;
        for (ranks[1] = two_inputs ? 0 : ALL; ranks[1] < ALL + !two_inputs; ranks[1]++) {
            //@ loop unroll 7;
            for (uint32_t word = 0; word_is_rank && word < ALL; word++)
                apply(code, attributes, word);
            apply(code, attributes,
                  Frama_C_unsigned_int_interval(word_is_rank ? ALL : 0, UINT32_MAX));
        }
}

int main(void) {
    //@ loop unroll 64;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        const uint32_t attributes = fovea_op_attributes(codes[i]);
        apply_all(codes[i]);
        apply(codes[i], Frama_C_unsigned_int_interval(attributes + 1, FOVEA_ATTRIBUTES_MAX), any());
        if (attributes > 0)
            apply(codes[i], Frama_C_unsigned_int_interval(0, attributes - 1), any());
    }
    apply(UINT32_MAX, Frama_C_unsigned_int_interval(0, FOVEA_ATTRIBUTES_MAX), any());
    return 0;
}
