/* conv OUT.fovea: one 3x3 convolution from 16 to 32 channels on a picture of 32x32, with random weights and
 * the answer this machine gives: what instructions a multiply-add are counted on. */
#include "cli/cli.h"
#include "tests/unit/drafts.h"

static void draft_conv(struct model_draft *m, uint32_t side, uint32_t from, uint32_t to) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    draft_start(m, side, side, from);
    draft_window(words, 3, 3, 1, 1, FOVEA_PADDING_SAME);
    words[11] = 1; /* group */
    words[12] = to;
    draft_node(m, FOVEA_OP_CONV, 0, DRAFT_ALONE, 2, words);
}

int main(int count, char **words) {
    static struct model_draft plain, model;
    struct trouble trouble = {0};
    draft_conv(&plain, 32, 16, 32);
    draft_seal(&plain);
    draft_conv(&model, 32, 16, 32);
    draft_seal_golden(&model, &plain, 32, 32, NULL);
    if (count != 2 || !file_write(words[1], model.blob, (size_t)model.size, &trouble))
        return fprintf(stderr, "conv: %s\n", trouble.text), 1;
    free(plain.blob);
    free(model.blob);
    return 0;
}
