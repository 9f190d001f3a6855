/* Any bytes as the marshalled code of a Lambda, on a picture or on two: refused with a reason, or an expression whose
 * model runs. */
#include "convert/convert.h"
#include "tests/fuzz/empty_file.h"
#include "tests/fuzz/use_blob.h"

#define CODE_MAX 24000u

#define INPUT(name)                                                                                \
    "{\"class_name\":\"InputLayer\",\"name\":\"" name "\",\"config\":{\"name\":\"" name            \
    "\",\"batch_input_shape\":[null,6,5,3]},\"inbound_nodes\":[]},"
#define MODEL_START                                                                                \
    "{\"class_name\":\"Functional\",\"config\":{\"name\":\"m\",\"layers\":[" INPUT("x") INPUT(     \
        "y") "{\"class_name\":\"Lambda\",\"name\":\"l\",\"config\":{\"name\":\"l\",\"arguments\":" \
             "{\"size\":2,\"axis\":-1,\"k\":0.5},\"function\":[\""
#define MODEL_CODE "\",[2,[0.5]],[\"mean\",7]]},\"inbound_nodes\":[[[\"x\",0,0,{}]"
#define MODEL_END                                                                                  \
    "]]}],\"input_layers\":[[\"x\",0,0],[\"y\",0,0]],\"output_layers\":[[\"l\",0,0]]}}"

static char *put(char *to, const char *text) {
    const size_t length = strlen(text);
    memcpy(to, text, length);
    return to + length;
}

static char *put_base64(char *to, const uint8_t *data, size_t size) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        const size_t left = size - i;
        const uint32_t bits = (uint32_t)data[i] << 16 |
                              (uint32_t)(left > 1 ? data[i + 1] : 0) << 8 |
                              (uint32_t)(left > 2 ? data[i + 2] : 0);
        for (unsigned d = 0; d < 4; d++)
            *to++ = d <= left ? digits[bits >> (18 - 6 * d) & 63] : '=';
    }
    return to;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char config[CODE_MAX / 3 * 4 + sizeof MODEL_START MODEL_CODE MODEL_END + 64];
    const struct writer *file = empty_file();
    struct pool pool = {.limit = FUZZ_MEMORY};
    struct trouble trouble = {0};
    struct converted converted;
    if (size == 0 || size > CODE_MAX) return 0;
    const uint32_t salt = fuzz_crc(data, size);
    char *end = put_base64(put(config, MODEL_START), data, size);
    end = put(put(put(end, MODEL_CODE), salt & 3 ? "" : ",[\"y\",0,0,{}]"), MODEL_END);
    const struct convert_options options = {.config = config,
                                            .config_size = (size_t)(end - config),
                                            .recipe = {.scale = 1, .std = {1, 1, 1}}};
    bool done = convert_keras(&pool, file->bytes, file->size, &options, &converted, &trouble);
    FUZZ_MUST(done != trouble.set, "refused without a reason");
    FUZZ_MUST(strncmp(trouble.text, OWN_FAULT, strlen(OWN_FAULT)) != 0, "%s", trouble.text);
    if (getenv("FUZZ_SHOW")) fprintf(stderr, "%s\n", done ? "converted" : trouble.text);
    if (done && converted.size < USE_ARENA)
        FUZZ_MUST(use_blob(converted.blob, (size_t)converted.size, salt), "made, but refused");
    pool_free(&pool);
    return 0;
}
