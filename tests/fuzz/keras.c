/* Any JSON as a model's description: layers are converted as it says, folded, packed, and what comes out is
 * run. Weights are made up: the linker sends the converter's requests for them here, and each gets as many
 * numbers as its settings need. */
#include "convert/convert.h"
#include "tests/fuzz/bend_json.h"
#include "tests/fuzz/empty_file.h"
#include "tests/made_up.h"
#include "tests/fuzz/use_blob.h"

bool __wrap_keras_weight(struct layer_call *call, const char *role, uint64_t count,
                         struct source *source);

bool __wrap_keras_weight(struct layer_call *call, const char *role, uint64_t count,
                         struct source *source) {
    return made_up_weight(call, role, count, 1u << 20, source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct fovea_shape shape = {3, {8, 8, 3}};
    const struct writer *file = empty_file();
    struct pool pool = {.limit = FUZZ_MEMORY};
    struct trouble trouble = {0};
    struct converted converted;
    struct convert_options options = {.config = data, .config_size = size};
    uint32_t salt = size ? fuzz_crc(data, size) : 0;
    if (size == 0) return 0;
    options.recipe = (struct fovea_recipe){.scale = 1, .std = {1, 1, 1}};
    options.no_fold = salt >> 31;
    if (salt >> 30 & 1) {
        options.input_shapes = &shape;
        options.input_shape_count = 1;
    }
    bool done = convert_keras(&pool, file->bytes, file->size, &options, &converted, &trouble);
    FUZZ_MUST(done != trouble.set, "refused without a reason");
    FUZZ_MUST(strncmp(trouble.text, OWN_FAULT, strlen(OWN_FAULT)) != 0, "%s", trouble.text);
    if (getenv("FUZZ_SHOW")) fprintf(stderr, "%s\n", done ? "converted" : trouble.text);
    if (done && converted.size < USE_ARENA)
        FUZZ_MUST(use_blob(converted.blob, (size_t)converted.size, salt), "made, but refused");
    pool_free(&pool);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed) {
    static char bent[1 << 20];
    uint32_t state = seed;
    size_t limit = room < sizeof bent ? room : sizeof bent;
    size_t made = fuzz_below(&state, 16) ? bend_json((char *)data, size, bent, limit, &state) : 0;
    if (made == 0) return LLVMFuzzerMutate(data, size, room);
    memcpy(data, bent, made);
    return made;
}
