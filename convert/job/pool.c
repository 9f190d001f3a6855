#include "convert/job/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "convert/job/text.h"
#include "weights/bytes.h"
#include "weights/check.h"

/* The header of each allocation; its size keeps what follows aligned for any type. */
union pool_header {
    struct pool_chunk *next;
    max_align_t align;
};
struct pool_chunk {
    union pool_header header;
};

static void note(struct trouble *trouble, const char *check, const char *format,
                 va_list arguments) {
    if (trouble->set) return;
    trouble->set = true;
    memcpy(trouble->check, check, sizeof trouble->check);
    char text[2 * sizeof trouble->text];
    vsnprintf(text, sizeof text, format, arguments);
    text_clean(text, trouble->text, sizeof trouble->text);
}

/* fail, where memory or work does not suffice. */
FOVEA_PRINTF(2, 3)
static bool fail_scarce(struct trouble *trouble, const char *format, ...) {
    char check[FOVEA_CHECK_ID];
    const char *rest = fovea_check_split(format, check);
    va_list arguments;
    trouble->scarce |= !trouble->set;
    va_start(arguments, format);
    note(trouble, check, rest, arguments);
    va_end(arguments);
    return false;
}

bool fail(struct trouble *trouble, const char *format, ...) {
    char check[FOVEA_CHECK_ID];
    const char *rest = fovea_check_split(format, check);
    va_list arguments;
    va_start(arguments, format);
    note(trouble, check, rest, arguments);
    va_end(arguments);
    return false;
}

bool fail_check(struct trouble *trouble, const char *check, const char *format, ...) {
    char id[FOVEA_CHECK_ID];
    va_list arguments;
    (void)fovea_check_split(check, id);
    va_start(arguments, format);
    note(trouble, id, format, arguments);
    va_end(arguments);
    return false;
}

bool pool_spend(struct pool *pool, uint64_t steps, struct trouble *trouble) {
    if (pool->fuel != 0 && steps > pool->fuel - pool->spent)
        return fail_scarce(trouble,
                           "C-022 the file leads in circles, or causes more work than its size "
                           "allows (limit fuel)");
    pool->spent += steps;
    return true;
}

void pool_fuel(struct pool *pool, uint64_t size) {
    const uint64_t extra = limit_of(pool, CONVERT_FUEL_KIB) << 10;
    const uint64_t fuel = fovea_sum(fovea_product(size, limit_of(pool, CONVERT_FUEL)), extra);
    pool->fuel = fovea_sum(pool->spent, fuel);
}

void pool_refuel(struct pool *pool, uint64_t steps) {
    if (pool->fuel != 0) pool->fuel = fovea_sum(pool->fuel, steps);
}

void pool_bound(struct pool *pool, uint64_t size) {
    const uint64_t extra = limit_of(pool, CONVERT_MEMORY_MIB) << 20;
    const uint64_t bytes = fovea_sum(fovea_product(size, limit_of(pool, CONVERT_MEMORY)), extra);
    pool->limit = bytes < SIZE_MAX ? (size_t)bytes : SIZE_MAX;
}

void *pool_get(struct pool *pool, uint64_t count, size_t size, struct trouble *trouble) {
    const size_t header = sizeof(union pool_header);
    const uint64_t wanted = fovea_product(count, size);
    if (wanted > SIZE_MAX - header) {
        fail_scarce(trouble, "out of memory: %llu elements wanted", (unsigned long long)count);
        return NULL;
    }
    const size_t bytes = (size_t)wanted;
    if (pool->limit != 0 && bytes > pool->limit - pool->used) {
        fail_scarce(trouble, "out of memory: the limit of %zu bytes is reached (limit memory)",
                    pool->limit);
        return NULL;
    }
    struct pool_chunk *chunk = calloc(1, header + bytes);
    if (!chunk) {
        fail_scarce(trouble, "out of memory: %zu bytes wanted", bytes);
        return NULL;
    }
    chunk->header.next = pool->chunks;
    pool->chunks = chunk;
    pool->used += bytes;
    return (char *)chunk + header;
}

char *pool_text(struct pool *pool, const char *bytes, size_t length, struct trouble *trouble) {
    char *text = pool_get(pool, fovea_sum(length, 1), 1, trouble);
    if (text && length) memcpy(text, bytes, length);
    return text;
}

char *pool_print(struct pool *pool, struct trouble *trouble, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    /* A text that cannot be printed has a negative length, for which there is no memory. */
    char *text = pool_get(pool, fovea_sum((uint64_t)length, 1), 1, trouble);
    if (!text) return NULL;
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

void pool_free(struct pool *pool) {
    struct pool_chunk *chunk = pool->chunks;
    while (chunk) {
        struct pool_chunk *next = chunk->header.next;
        free(chunk);
        chunk = next;
    }
    pool->chunks = NULL;
    pool->used = 0;
}
