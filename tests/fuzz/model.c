/* Random models, guided by what they reach: the input is the tape that a model is drawn from (tests/random), so that
 * what the fuzzer changes in it changes a layer, a size, a setting. The first bytes say which layer the model has to
 * have, whether layers may stand where they do not suit, and which damage is done. */
#include "tests/fuzz/fuzz.h"
#include "tests/random/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct model model;
    if (size < 6) return 0;
    const size_t index = data[2] | (size_t)data[3] << 8 | (size_t)data[4] << 16;
    struct wish wish = {.tape = data + 6,
                        .tape_size = size - 6,
                        .focus = data[0] % row_count(),
                        .layers = 99,
                        .wild = data[1] % 8 >= 5};
    const char *wrong = NULL;
    double digest;
    if (!model_draw(&model, &wish)) return 0;
    if (wish.wild)
        wrong = check_wild(&model);
    else if (data[1] % 8 == 0)
        wrong = check_legal(&model, &digest);
    else
        wrong = check_damaged(&model, index % damage_count(&model));
    FUZZ_MUST(!wrong, "%s", wrong);
    return 0;
}

/* Mostly within the part of one layer (draw.c), so that the others stay as they are; now and then a part is put in
 * another's place. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed) {
    enum { HEAD = 6 + TAPE_HEAD };
    uint32_t state = seed;
    const size_t parts = size > HEAD ? (size - HEAD) / TAPE_LAYER : 0;
    if (parts == 0 || fuzz_below(&state, 4) == 0) return LLVMFuzzerMutate(data, size, room);
    uint8_t *part = data + HEAD + TAPE_LAYER * fuzz_below(&state, parts);
    if (fuzz_below(&state, 6) == 0)
        memmove(part, data + HEAD + TAPE_LAYER * fuzz_below(&state, parts), TAPE_LAYER);
    else if (fuzz_below(&state, 6) == 0)
        data[fuzz_below(&state, 6)] = (uint8_t)fuzz_next(&state);
    else
        LLVMFuzzerMutate(part, TAPE_LAYER, TAPE_LAYER);
    return size;
}
