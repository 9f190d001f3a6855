/* All ways to convert and to compute a legal model agree: bit for bit where that is promised, else as closely as the
 * model's own numbers allow.
 *
 *     the same bits    forms of the file; 1 to 5 threads; small memory; a watcher that sees every layer; SSE2 and
 *                      the reference; AVX2 and the fused reference; half precision and floats, with weights that
 *                      halves hold; inputs of another size, and a model that was converted to that size
 *     nearly the same  the reference and AVX2; faster algorithms and exact sums; folded and not */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "convert/convert.h"
#include "tests/fuzz/use_blob.h"
#include "tests/random/check.h"

/* ---- converting ---- */

bool convert_file(struct pool *pool, const struct file *file, bool halves, bool no_fold,
                  const struct fovea_shape *shapes, size_t shape_count, struct converted *converted,
                  const char **text) {
    static struct trouble trouble;
    const struct convert_options options = {.recipe = {.scale = 1, .std = {1, 1, 1}},
                                            .config = file->config,
                                            .config_size = file->config ? strlen(file->config) : 0,
                                            .no_fold = no_fold,
                                            .weights = halves ? FOVEA_F16 : FOVEA_F32,
                                            .input_shapes = shapes,
                                            .input_shape_count = shape_count};
    /* Bytes that end where their memory does, so that a sanitizer sees what is read behind them. */
    uint8_t *bytes = malloc(file->size);
    if (!bytes) abort();
    memcpy(bytes, file->bytes, file->size);
    trouble = (struct trouble){0};
    *pool = (struct pool){.limit = FUZZ_MEMORY};
    const bool done = convert_keras(pool, bytes, file->size, &options, converted, &trouble);
    free(bytes);
    *text = done == trouble.set ? "refused without a reason" : done ? NULL : trouble.text;
    return done;
}

/* ---- running ---- */

struct answer {
    float *values;
    size_t count;
};

static void watch(void *context, const struct fovea_step_info *info) {
    (void)context, (void)info;
}

/* All outputs one after another; `shift` is how much the inputs are off, as a part of them. The session's
 * memory ends where it was measured to. */
static const char *run(const struct fovea_model *model, const struct fovea_options *options,
                       float shift, struct answer *answer) {
    struct fovea_io io;
    struct fovea_error error;
    fovea_session *session;
    size_t bytes;
    *answer = (struct answer){0};
    if (fovea_measure(model, options, &bytes, &error)) return error.text;
    if (bytes % 64) return "its memory is no multiple of 64, as aligned_alloc needs";
    if (bytes > USE_ARENA) return "its session is too large for a test";
    struct exact memory = exact_memory(bytes);
    memset(memory.start, 0xff, bytes); /* what is not written is a NaN */
    if (fovea_plan(model, options, memory.start, bytes, &session, &error)) return error.text;
    for (size_t i = 0; fovea_model_input(model, i, &io) == FOVEA_OK; i++)
        for (size_t f = 0; f < io.count; f++)
            fovea_input(session, i)[f] =
                ((float)((f * 7919 + i * 31) % 997) / 498 - 1) * (1 + shift);
    fovea_run(session);
    for (size_t o = 0; fovea_model_output(model, o, &io) == FOVEA_OK; o++)
        answer->count += io.count;
    answer->values = malloc(answer->count * sizeof(float) + 1);
    if (!answer->values) abort();
    size_t at = 0;
    for (size_t o = 0; fovea_model_output(model, o, &io) == FOVEA_OK; at += io.count, o++)
        memcpy(answer->values + at, fovea_output(session, o), io.count * sizeof(float));
    free(memory.whole);
    return NULL;
}

/* The first number whose bits differ; one NaN is as good as another. */
static const char *same_bits(const char *way, const struct answer *a, const struct answer *b) {
    if (a->count != b->count) return print("%s: %zu numbers, not %zu", way, b->count, a->count);
    for (size_t i = 0; i < a->count; i++) {
        const float x = a->values[i], y = b->values[i];
        if (memcmp(&x, &y, sizeof x) != 0 && !(x != x && y != y))
            return print("%s: output %zu is %.9g, not %.9g", way, i, (double)y, (double)x);
    }
    return NULL;
}

/* ---- nearly the same ---- */

struct closeness {
    double allowed; /* NaN: nothing is said of such a model */
};

static double difference(const struct answer *a, const struct answer *b, double *largest) {
    double most = 0;
    *largest = 0;
    for (size_t i = 0; i < a->count; i++) {
        const double off = fabs((double)a->values[i] - (double)b->values[i]);
        *largest = fmax(*largest, fabs((double)a->values[i]));
        if (!(off <= most)) most = off;
        if (!isfinite(a->values[i])) *largest = INFINITY;
    }
    return most;
}

/* How far rounding may carry: what a change of the inputs by some units of their last place does. */
static double closeness(const struct model *model, const struct answer *plain,
                        const struct answer *shifted) {
    double largest, off = difference(plain, shifted, &largest);
    if (model->jumpy || !(largest < 1e6) || !(off <= largest * 1e-2)) return NAN;
    return 2e-5 * fmax(largest, 1) + 4 * off;
}

static const char *near(const char *way, const struct answer *a, const struct answer *b,
                        double allowed) {
    double largest, off = difference(a, b, &largest);
    if (a->count != b->count) return print("%s: %zu numbers, not %zu", way, b->count, a->count);
    if (isnan(allowed) || off <= allowed) return NULL;
    return print("%s: off by %.3g where the largest is %.3g and %.3g is allowed", way, off, largest,
                 allowed);
}

/* ---- one blob, in all ways to compute it ---- */

static const struct way {
    const char *name;
    uint32_t mask, threads;
    bool exact, small, watched, fused;
    int like; /* the way that gives the same bits */
} ways[] = {
    {"as is", 0, 1, true, false, false, false, -1},
    {"fast", 0, 1, false, false, false, false, -1},
    {"reference", FOVEA_CPU_PORTABLE, 1, true, false, false, false, -1},
    {"fast reference", FOVEA_CPU_PORTABLE, 1, false, false, false, false, -1},
    {"2 threads", 0, 2, true, false, false, false, 0},
    {"5 threads", 0, 5, true, false, false, false, 0},
    {"3 threads, fast", 0, 3, false, false, false, false, 1},
    {"4 threads, small", 0, 4, true, true, false, false, 0},
    {"small memory", 0, 1, true, true, false, false, 0},
    {"small memory, not exact", 0, 1, false, true, false, false, 0},
    {"watched", 0, 1, true, false, true, false, 0},
    {"SSE2", FOVEA_CPU_SSE2, 1, true, false, false, false, 2},
    {"SSE2, fast", FOVEA_CPU_SSE2, 1, false, false, false, false, -1},
    {"SSE2, small, 3 threads", FOVEA_CPU_SSE2, 3, true, true, false, false, 2},
    {"fused reference", 0, 1, true, false, false, true, 0},
    {"fused reference, fast", 0, 1, false, false, false, true, 1},
};
#define WAYS (sizeof ways / sizeof *ways)

static const char *run_way(const struct fovea_model *model, const struct way *way, float shift,
                           struct answer *answer) {
    struct fovea_options options = FOVEA_OPTIONS_INIT;
    options.cpu_mask = way->mask;
    options.threads = way->threads;
    options.exact = way->exact;
    options.small_memory = way->small;
    options.watcher = way->watched ? watch : NULL;
    kernels_fused_reference = way->fused;
    const char *wrong = run(model, &options, shift, answer);
    kernels_fused_reference = false;
    return wrong ? print("%s: %s", way->name, wrong) : NULL;
}

/* *plain: the answer of the first way, to be freed; *allowed: how near others have to be. */
static const char *all_ways(const struct model *drawn, const struct fovea_model *model,
                            struct answer *plain, double *allowed) {
    struct answer answers[WAYS] = {{0}}, shifted;
    const char *wrong = run_way(model, &ways[0], 0, &answers[0]);
    if (!wrong) wrong = run_way(model, &ways[0], 1e-5f, &shifted);
    if (wrong) return wrong;
    *allowed = closeness(drawn, &answers[0], &shifted);
    free(shifted.values);
    for (size_t i = 1; !wrong && i < WAYS; i++) {
        wrong = run_way(model, &ways[i], 0, &answers[i]);
        if (!wrong)
            wrong = ways[i].like >= 0 ? same_bits(ways[i].name, &answers[ways[i].like], &answers[i])
                                      : near(ways[i].name, &answers[0], &answers[i], *allowed);
    }
    for (size_t i = 1; i < WAYS; i++) free(answers[i].values);
    *plain = answers[0];
    return wrong;
}

/* ---- a file ---- */

static const char *open_blob(const struct converted *converted, struct fovea_model *model) {
    struct fovea_error error;
    return fovea_model_open(model, converted->blob, (size_t)converted->size, &error) ? error.text
                                                                                     : NULL;
}

static const char *shapes_right(const struct model *drawn, const struct fovea_model *model) {
    const struct scope *scope = drawn->outermost;
    struct fovea_io io;
    for (unsigned o = 0; o < scope->output_count; o++) {
        const struct fovea_shape *want = &scope->values[scope->outputs[o]].shape;
        if (fovea_model_output(model, o, &io))
            return print("%u outputs, not %u", o, scope->output_count);
        if (io.shape.rank != want->rank ||
            memcmp(io.shape.dims, want->dims, want->rank * sizeof *want->dims) != 0)
            return print("output %u ('%s') is %s, not %s", o,
                         scope->values[scope->outputs[o]].layer->name,
                         list_of(io.shape.dims, io.shape.rank), list_of(want->dims, want->rank));
    }
    return NULL;
}

/* Converts `file` and runs it in the first way only. */
static const char *plain_answer(const char *what, const struct file *file, bool halves,
                                bool no_fold, const struct fovea_shape *shapes, size_t count,
                                struct answer *answer) {
    struct pool pool;
    struct converted converted;
    struct fovea_model model;
    const char *wrong;
    *answer = (struct answer){0};
    if (convert_file(&pool, file, halves, no_fold, shapes, count, &converted, &wrong)) {
        wrong = open_blob(&converted, &model);
        if (!wrong) wrong = run_way(&model, &ways[0], 0, answer);
    }
    pool_free(&pool);
    return wrong ? print("%s: %s", what, wrong) : NULL;
}

/* Half precision, unfolded layers. */
static const char *other_blobs(const struct file *file, const struct answer *plain,
                               double allowed) {
    struct answer unfolded, halves, folded;
    const char *wrong = plain_answer("unfolded", file, false, true, NULL, 0, &unfolded);
    if (!wrong) wrong = near("unfolded", plain, &unfolded, allowed);
    if (!wrong) wrong = plain_answer("halves", file, true, true, NULL, 0, &halves);
    if (!wrong) {
        wrong = same_bits("halves", &unfolded, &halves);
        free(halves.values);
    }
    if (!wrong) wrong = plain_answer("halves, folded", file, true, false, NULL, 0, &folded);
    if (!wrong) {
        wrong = near("halves, folded", plain, &folded, 1000 * allowed);
        free(folded.values);
    }
    free(unfolded.values);
    return wrong;
}

/* ---- other sizes ---- */

static const char *resized_answer(const struct fovea_model *model, const struct fovea_shape *shapes,
                                  struct answer *answer) {
    struct fovea_model resized;
    struct fovea_error error;
    const size_t bytes = fovea_model_resize_bytes(model);
    struct exact tables = exact_memory(bytes);
    const char *wrong = "";
    *answer = (struct answer){0};
    if (fovea_model_resize(model, shapes, tables.start, bytes, &resized, &error) == FOVEA_OK)
        wrong = run_way(&resized, &ways[0], 0, answer);
    free(tables.whole);
    return wrong; /* "": refused */
}

/* Open sizes given at conversion, and changed after it: the same as where the file states them. */
static const char *other_sizes(const struct model *drawn, enum form form,
                               const struct answer *plain) {
    struct fovea_shape shapes[MODEL_INPUTS];
    struct pool pool;
    struct converted converted;
    struct fovea_model model;
    struct answer now, later = {0}, own = {0};
    struct file file;
    const char *wrong, *config = model_config(drawn, true);
    unsigned count = 0, pictures = 0;
    for (unsigned l = 0; l < drawn->outermost->layer_count; l++)
        if (strcmp(drawn->outermost->layers[l].class_name, "InputLayer") == 0) {
            pictures += drawn->outermost->layers[l].input.rank == 3;
            shapes[count++] = drawn->outermost->layers[l].input;
        }
    if (pictures == 0) return NULL;
    model_file(drawn, form, config, NULL, &file);
    wrong = plain_answer("sizes given", &file, false, false, shapes, count, &now);
    if (!wrong) {
        wrong = same_bits("sizes given", plain, &now);
        free(now.values);
    }
    if (wrong) return wrong;
    if (!convert_file(&pool, &file, false, false, shapes, count, &converted, &wrong)) return wrong;
    wrong = open_blob(&converted, &model);
    for (unsigned i = 0; i < count; i++)
        if (shapes[i].rank == 3) shapes[i].dims[0] += 3, shapes[i].dims[1] += 1;
    if (!wrong) wrong = resized_answer(&model, shapes, &later);
    pool_free(&pool);
    if (wrong && !*wrong) return NULL;
    if (!wrong)
        wrong = plain_answer("other sizes at conversion", &file, false, false, shapes, count, &own);
    /* Channels that come first are not asked to grow; a blob knows those of a depthwise convolution to the block. */
    if (wrong && strstr(wrong, "where its settings need")) {
        free(later.values);
        return NULL;
    }
    if (!wrong) wrong = same_bits("other sizes afterwards", &own, &later);
    free(own.values);
    free(later.values);
    return wrong;
}

/* ---- all of it ---- */

static double digest_of(const struct answer *answer) {
    double sum = 0, weight = 0;
    for (size_t i = 0; i < answer->count; i++) {
        const double factor = 1 + (double)(i * 37 % 101) / 101;
        sum += factor * (double)answer->values[i];
        weight += factor * fabs((double)answer->values[i]);
    }
    return answer->count ? (sum + weight) / (double)answer->count : 0;
}

const char *check_legal(const struct model *model, double *digest) {
    struct answer plain = {0}, other;
    double allowed = NAN;
    const char *wrong = NULL;
    bool first = true;
    *digest = NAN;
    for (enum form form = 0; !wrong && form < FORM_COUNT; form++) {
        struct file file;
        if (!form_fits(model, form)) continue;
        model_file(model, form, NULL, NULL, &file);
        if (model->refused) {
            struct pool pool;
            struct converted converted;
            bool done = convert_file(&pool, &file, false, false, NULL, 0, &converted, &wrong);
            pool_free(&pool);
            if (done) return "converted, although that operation has no meaning here";
            return wrong == NULL ? "refused without a reason" : NULL;
        }
        if (!first) {
            wrong = plain_answer("another form of file", &file, false, false, NULL, 0, &other);
            if (!wrong) {
                wrong = same_bits("another form of file", &plain, &other);
                free(other.values);
            }
            continue;
        }
        struct pool pool;
        struct converted converted;
        struct fovea_model opened;
        first = false;
        if (convert_file(&pool, &file, false, false, NULL, 0, &converted, &wrong)) {
            wrong = open_blob(&converted, &opened);
            if (!wrong) wrong = shapes_right(model, &opened);
            if (!wrong) wrong = all_ways(model, &opened, &plain, &allowed);
        }
        pool_free(&pool);
        if (!wrong) wrong = other_blobs(&file, &plain, allowed);
        if (!wrong) wrong = other_sizes(model, form, &plain);
    }
    if (!isnan(allowed)) *digest = digest_of(&plain);
    free(plain.values);
    return wrong;
}
