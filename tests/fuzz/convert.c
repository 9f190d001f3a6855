/* Any bytes as a Keras file, from end to end: read, converted, and what comes out is run. */
#include "convert/convert.h"
#include "tests/fuzz/bend_json.h"
#include "tests/fuzz/reseal.h"
#include "tests/fuzz/use_blob.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pool pool = {.limit = FUZZ_MEMORY};
    struct trouble trouble = {0};
    struct converted converted;
    struct convert_options options = {.source = "fuzz"};
    uint32_t salt = (uint32_t)size * 2654435761u;
    options.weights = salt >> 20 & 1 ? FOVEA_F16 : FOVEA_F32;
    options.recipe = (struct fovea_recipe){.scale = 1, .std = {1, 1, 1}};
    bool done = convert_keras(&pool, data, size, &options, &converted, &trouble);
    FUZZ_MUST(done != trouble.set, "refused without a reason");
    FUZZ_MUST(strncmp(trouble.text, OWN_FAULT, strlen(OWN_FAULT)) != 0, "%s", trouble.text);
    if (getenv("FUZZ_SHOW")) fprintf(stderr, "%s\n", done ? "converted" : trouble.text);
    if (done && converted.size < USE_ARENA)
        FUZZ_MUST(use_blob(converted.blob, (size_t)converted.size, salt), "made, but refused");
    pool_free(&pool);
    return 0;
}

/* The model's JSON inside the file: the longest text that starts as one and closes. */
static bool find_json(const uint8_t *data, size_t size, size_t *start, size_t *length) {
    *length = 0;
    for (size_t at = 0; at + 1 < size; at++) {
        if (data[at] != '{' || data[at + 1] != '"') continue;
        size_t depth = 0, end = at;
        bool inside = false;
        for (; end < size && data[end]; end++) {
            if (inside && data[end] == '\\') {
                end++;
                continue;
            }
            if (data[end] == '"') inside = !inside;
            if (inside) continue;
            depth += data[end] == '{';
            if (data[end] == '}' && --depth == 0) break;
        }
        if (end < size && data[end] == '}' && end + 1 - at > *length) {
            *start = at;
            *length = end + 1 - at;
        }
        if (end > at + 64) at = end;
    }
    return *length > 0;
}

/* Bends the JSON within its place; spaces fill what is left. */
static bool bend_inside(uint8_t *data, size_t size, uint32_t *state) {
    static char bent[1 << 20];
    size_t start, length;
    if (!find_json(data, size, &start, &length) || length > sizeof bent / 4) return false;
    size_t made = bend_json((const char *)data + start, length, bent, sizeof bent, state);
    if (made > length) made = bend_squeeze(bent, made);
    if (made == 0 || made > length) return false;
    memcpy(data + start, bent, made);
    memset(data + start + made, ' ', length - made);
    return true;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed) {
    uint32_t state = seed;
    if (fuzz_below(&state, 4) == 0 || !bend_inside(data, size, &state))
        size = LLVMFuzzerMutate(data, size, room);
    if (size > 1 && data[0] == 'P') reseal_zip(data, size);
    return size;
}
