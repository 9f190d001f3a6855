/* pairs OUT.fovea: every operator of two tensors (weights/pairs.def), one after the other, with the answer this
 * machine gives: for shortened.sh, as the golden models do not have them all. */
#include "cli/cli.h"
#include "tests/unit/drafts.h"

#define SIDE 4

static void draft_pairs(struct model_draft *m) {
    static const uint32_t ops[] = {FOVEA_OP_ADD,     FOVEA_OP_MULTIPLY,      FOVEA_OP_SUBTRACT,
                                   FOVEA_OP_DIVIDE,  FOVEA_OP_MAXIMUM,       FOVEA_OP_MINIMUM,
                                   FOVEA_OP_GREATER, FOVEA_OP_GREATER_EQUAL, FOVEA_OP_EQUAL,
                                   FOVEA_OP_KEEP,    FOVEA_OP_SLOPE};
    uint32_t none[FOVEA_ATTRIBUTES_MAX] = {0}, value = 0;
    draft_start(m, SIDE, SIDE, 2);
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
        value = draft_node(m, ops[i], value, 0, 0, none);
}

int main(int count, char **words) {
    static struct model_draft plain, model;
    struct trouble trouble = {0};
    float input[SIDE * SIDE * 2];
    for (int i = 0; i < SIDE * SIDE * 2; i++) input[i] = (float)(i % 7 + 1) / 8;
    draft_pairs(&plain);
    draft_seal(&plain);
    draft_pairs(&model);
    draft_seal_golden(&model, &plain, SIDE, SIDE, input);
    if (count != 2 || !file_write(words[1], model.blob, (size_t)model.size, &trouble))
        return fprintf(stderr, "pairs: %s\n", trouble.text), 1;
    free(plain.blob);
    free(model.blob);
    return 0;
}
