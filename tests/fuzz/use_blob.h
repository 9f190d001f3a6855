/* Uses a blob in every way the engine offers, inside memory of exactly the stated size. */
#ifndef FOVEA_TESTS_FUZZ_USE_BLOB_H
#define FOVEA_TESTS_FUZZ_USE_BLOB_H

#include "weights/model.h"
#include "tests/fuzz/fuzz.h"

#define USE_ARENA  ((size_t)24 << 20)
#define USE_MACS   2000000u
#define USE_FLOATS 1000000u

/* `bytes` bytes that start at a multiple of 64 and end where the allocation does. */
struct exact {
    void *whole;
    uint8_t *start;
};
static inline struct exact exact_memory(size_t bytes) {
    /* The front is padded, never the end: so a write behind the last byte is seen. */
    uint8_t *whole = malloc(bytes + 64);
    FUZZ_MUST(whole, "no memory");
    size_t skip = (64 - (uintptr_t)whole % 64) % 64;
    if (skip == 0) return (struct exact){whole, whole};
    uint8_t *moved = realloc(whole, skip + bytes);
    FUZZ_MUST(moved, "no memory");
    if ((uintptr_t)(moved + skip) % 64 == 0) return (struct exact){moved, moved + skip};
    free(moved);
    void *aligned;
    FUZZ_MUST(posix_memalign(&aligned, 64, bytes ? bytes : 1) == 0, "no memory");
    return (struct exact){aligned, aligned};
}

/* Whether a session is small enough to be run by a fuzzer. */
static inline bool use_is_small(const fovea_session *session) {
    struct fovea_step_info info;
    uint64_t work = 0;
    for (size_t i = 0; fovea_step_describe(session, i, &info); i++) {
        uint64_t floats = 1;
        for (uint32_t d = 0; d < info.shape.rank; d++) floats *= info.shape.dims[d];
        if (info.macs > USE_MACS || floats > USE_FLOATS) return false;
        work += info.macs + 4 * floats;
        if (work > USE_MACS) return false;
    }
    return true;
}

/* Plans and runs with `options`; the outputs one after another in *answer (to be freed), NULL where it
 * was not run. What can be measured can be planned, and takes no byte more. */
static inline float *use_run(const struct fovea_model *model, const struct fovea_options *options,
                             size_t *count) {
    struct fovea_error error;
    struct fovea_io io;
    fovea_session *session;
    float *answer = NULL;
    size_t bytes;
    *count = 0;
    if (fovea_measure(model, options, &bytes, &error) != FOVEA_OK || bytes > USE_ARENA) return NULL;
    struct exact memory = exact_memory(bytes);
    memset(memory.start, 0xff, bytes);
    FUZZ_MUST(fovea_plan(model, options, memory.start, bytes, &session, &error) == FOVEA_OK,
              "measured, but not planned: %s", error.text);
    if (use_is_small(session)) {
        for (size_t i = 0; fovea_model_input(model, i, &io) == FOVEA_OK; i++)
            for (size_t f = 0; f < io.count; f++)
                fovea_input(session, i)[f] = (float)((f * 37 + i) % 101) / 64 - 0.7f;
        fovea_run(session);
        for (size_t o = 0; fovea_model_output(model, o, &io) == FOVEA_OK; o++) *count += io.count;
        answer = malloc(*count * sizeof *answer + 1);
        FUZZ_MUST(answer, "no memory");
        size_t at = 0;
        for (size_t o = 0; fovea_model_output(model, o, &io) == FOVEA_OK; at += io.count, o++)
            memcpy(answer + at, fovea_output(session, o), io.count * sizeof *answer);
        float largest;
        fovea_selftest(session, &largest);
        struct fovea_ranked top[5];
        size_t ranked = fovea_top(session, 0, 5, top);
        for (size_t t = 0; t < ranked; t++)
            FUZZ_MUST(!top[t].label || strlen(top[t].label) + 1 > 0, "a label that cannot be read");
        static const uint8_t pixels[7 * 5 * 3] = {1, 2, 3};
        const struct fovea_image image = {
            .pixels = pixels, .width = 7, .height = 5, .stride = 7 * 3, .format = FOVEA_PIXELS_RGB};
        if (fovea_image_measure(session, 0, &image, &bytes, &error) == FOVEA_OK &&
            bytes < USE_ARENA) {
            struct exact scratch = exact_memory(bytes);
            fovea_image_fit(session, 0, &image, scratch.start, bytes, &error);
            free(scratch.whole);
        }
    }
    free(memory.whole);
    return answer;
}

/* Results do not depend on the number of threads. */
static inline void use_compare(const float *a, const float *b, size_t count) {
    for (size_t i = 0; a && b && i < count; i++)
        FUZZ_MUST((a[i] != a[i] && b[i] != b[i]) || memcmp(&a[i], &b[i], sizeof *a) == 0,
                  "output %zu is %a with one thread, %a with more", i, (double)a[i], (double)b[i]);
}

/* `salt` picks what is tried. True where the blob is accepted. */
static inline bool use_blob(const uint8_t *bytes, size_t size, uint32_t salt) {
    struct fovea_model model, resized;
    struct fovea_error error;
    struct fovea_io io;
    struct exact blob = exact_memory(size), tables = {0};
    if (size) memcpy(blob.start, bytes, size);
    bool accepted = fovea_model_open(&model, blob.start, size, &error) == FOVEA_OK;
    FUZZ_MUST(error.text && accepted == (error.status == FOVEA_OK), "no word on what is wrong");
    if (accepted) {
        struct fovea_options options = FOVEA_OPTIONS_INIT;
        static const uint32_t masks[] = {0, FOVEA_CPU_PORTABLE, FOVEA_CPU_SSE2, 0};
        options.cpu_mask = masks[salt % 4];
        options.exact = salt / 4 % 2;
        options.small_memory = salt / 8 % 2;
        const struct fovea_model *used = &model;
        if (salt / 16 % 4 == 0) {
            struct fovea_shape *shapes = calloc(model.inputs, sizeof *shapes);
            size_t need = fovea_model_resize_bytes(&model);
            tables = exact_memory(need);
            for (uint32_t i = 0; i < model.inputs; i++) {
                fovea_model_input(&model, i, &io);
                shapes[i] = io.shape;
                if (io.shape.rank < 2) continue;
                shapes[i].dims[0] = 1 + salt / 64 % 29;
                shapes[i].dims[1] = 1 + salt / 2048 % 31;
            }
            if (fovea_model_resize(&model, shapes, tables.start, need, &resized, &error) ==
                FOVEA_OK)
                used = &resized;
            free(shapes);
        }
        for (size_t o = 0; fovea_model_output(used, o, &io) == FOVEA_OK; o++)
            for (size_t l = 0; l <= io.labels && l < 100; l++) fovea_model_label(used, o, l);
        fovea_model_note(used, "source");
        size_t one, more;
        float *first = use_run(used, &options, &one);
        options.threads = 2 + salt / 128 % 5;
        float *second = use_run(used, &options, &more);
        if (one == more) use_compare(first, second, one);
        free(first);
        free(second);
    }
    free(tables.whole);
    free(blob.whole);
    return accepted;
}

#endif
