/* Any bytes as JSON: what the parser accepts is a whole tree. */
#include "convert/files/json.h"
#include "tests/fuzz/bend_json.h"

/* Visits the tree without recursion; `count` children each, and no more values than bytes. */
static size_t visit(const struct json *root) {
    const struct json *stack[JSON_DEPTH_MAX + 2];
    size_t depth = 0, seen = 0;
    stack[depth++] = root;
    while (depth) {
        const struct json *value = stack[depth - 1], *child = value->first;
        stack[depth - 1] = depth > 1 ? value->next : NULL;
        if (!stack[depth - 1]) depth--;
        seen++;
        size_t count = 0;
        for (const struct json *c = child; c; c = c->next) count++;
        FUZZ_MUST(count == value->count, "a container of %zu with %zu", value->count, count);
        if (value->type == JSON_STRING)
            FUZZ_MUST(strlen(value->text) == value->length, "a text with a NUL");
        FUZZ_MUST(depth <= JSON_DEPTH_MAX, "too deep");
        if (child) stack[depth++] = child;
    }
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pool pool = {.limit = FUZZ_MEMORY};
    struct trouble trouble = {0};
    const struct json *root = json_parse(&pool, (const char *)data, size, &trouble);
    FUZZ_MUST(!root == trouble.set, "refused without a reason");
    if (root) FUZZ_MUST(visit(root) <= size, "more values than bytes");
    pool_free(&pool);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed) {
    static char bent[1 << 20];
    uint32_t state = seed;
    size_t limit = room < sizeof bent ? room : sizeof bent;
    size_t made = fuzz_below(&state, 2) ? bend_json((char *)data, size, bent, limit, &state) : 0;
    if (made == 0) return LLVMFuzzerMutate(data, size, room);
    memcpy(data, bent, made);
    return made;
}
