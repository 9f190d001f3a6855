/* A model file in use: map, open, measure, plan. */
#define _POSIX_C_SOURCE 200809L
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/secret.h"
#include "convert/files/hdf5.h"
#include "convert/files/zip.h"

struct fovea_photo_options photo_options(const struct limits *limits) {
    return (struct fovea_photo_options){
        .size = sizeof(struct fovea_photo_options),
        .side = (uint32_t)limits->value[LIMIT_FOVEA_PHOTO_SIDE_MAX],
        .area = (uint32_t)limits->value[LIMIT_FOVEA_PHOTO_AREA_MAX],
        .scans = (uint32_t)limits->value[LIMIT_FOVEA_PHOTO_SCANS_MAX],
    };
}

const char *open_sizes(const struct fovea_model *model) {
    return fovea_model_resized(model) ? NULL : fovea_model_note(model, "open-sizes");
}

double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
#if defined(_WIN32)
    const char *back = strrchr(path, '\\');
    if (back && (!slash || back > slash)) slash = back;
#endif
    return slash ? slash + 1 : path;
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool text_same_letters(const char *a, const char *b) {
    for (; *a && lower(*a) == lower(*b); a++) b++;
    return *a == 0 && *b == 0;
}

bool ends_with(const char *path, const char *suffix) {
    const size_t length = strlen(path), size = strlen(suffix);
    return length >= size && text_same_letters(path + length - size, suffix);
}

/* The features that kernels may use. An instruction set of the user's is one that this machine has. */
static bool isa_mask(const struct choice *isa, uint32_t *mask, struct trouble *trouble) {
    *mask = 0;
    if (!isa) return true;
    *mask = isa->value;
    return (fovea_cpu() & *mask) == *mask ||
           fail(trouble, "this machine has no %s; fovea --version lists what it has", isa->word);
}

/* Gives the model's pictures another height and width. */
static bool resize_inputs(struct engine *engine, const char *path, const struct fovea_shape *size,
                          struct trouble *trouble) {
    struct fovea_error error;
    struct fovea_io io;
    struct fovea_model resized;
    size_t bytes = fovea_model_resize_bytes(&engine->model);
    const size_t inputs = fovea_model_inputs(&engine->model);
    struct fovea_shape *shapes = calloc(inputs, sizeof *shapes);
    engine->tables = memory_get(bytes);
    if (!shapes || !engine->tables) {
        free(shapes);
        return fail(trouble, "out of memory");
    }
    for (size_t i = 0; i < inputs; i++) {
        fovea_model_input(&engine->model, i, &io);
        shapes[i] = io.shape;
        if (io.shape.rank != 3) continue;
        memcpy(shapes[i].dims, size->dims, 2 * sizeof *size->dims);
    }
    bool done = fovea_model_resize(&engine->model, shapes, engine->tables, bytes, &resized,
                                   &error) == FOVEA_OK;
    free(shapes);
    if (!done)
        return fail_check(trouble, error.check, "%s: inputs of %u,%u do not work: %s (node %llu)",
                          path, size->dims[0], size->dims[1], error.text,
                          (unsigned long long)error.where);
    engine->model = resized;
    return true;
}

bool engine_start(struct engine *engine, const struct engine_wishes *wishes,
                  struct trouble *trouble) {
    long threads = wishes ? wishes->threads : 1;
    const struct fovea_options options = FOVEA_OPTIONS_INIT;
    memset(engine, 0, sizeof *engine);
    engine->options = options;
    engine->options.threads = (uint32_t)threads;
    if (wishes) {
        engine->options.exact = wishes->exact;
        engine->options.small_memory = wishes->memory && strcmp(wishes->memory, "small") == 0;
    }
    if (!isa_mask(wishes ? wishes->isa : NULL, &engine->options.cpu_mask, trouble)) return false;
    if (threads > 1) {
        engine->threads = fovea_threads_start((unsigned)threads);
        if (!engine->threads) return fail(trouble, "cannot start %ld threads", threads);
        engine->options.parallel_for = fovea_threads_for;
        engine->options.pool = engine->threads;
    }
    return true;
}

/* Makes a judge of the model. False with `trouble` set. */
static bool judge_open(const struct fovea_model *model, void **memory, fovea_judge **judge,
                       const char *path, struct trouble *trouble) {
    struct fovea_error error;
    size_t bytes;
    if (fovea_judge_measure(model, &bytes, &error) != FOVEA_OK)
        return fail_check(trouble, error.check, "%s: %s", path, error.text);
    *memory = memory_get(bytes);
    if (!*memory) return fail(trouble, "%s: not enough memory: %zu bytes are needed", path, bytes);
    return fovea_judge_start(model, *memory, bytes, judge, &error) == FOVEA_OK ||
           fail_check(trouble, error.check, "%s: %s", path, error.text);
}

bool seat_open(struct seat *seat, const struct engine *engine, struct trouble *trouble) {
    struct fovea_options options = engine->options;
    struct fovea_error error;
    memset(seat, 0, sizeof *seat);
    if (engine->judge &&
        !judge_open(&engine->model, &seat->judge_memory, &seat->judge, "the model", trouble))
        return false;
    if (seat->judge) fovea_judge_watch(seat->judge, &options);
    seat->memory = memory_get(engine->bytes);
    if (!seat->memory) return fail(trouble, "not enough memory for another session");
    return fovea_plan(&engine->model, &options, seat->memory, engine->bytes, &seat->session,
                      &error) == FOVEA_OK ||
           fail_check(trouble, error.check, "%s", error.text);
}

void seat_close(struct seat *seat) {
    memory_put(seat->memory);
    memory_put(seat->judge_memory);
    memset(seat, 0, sizeof *seat);
}

bool engine_plan(struct engine *engine, const char *path, struct trouble *trouble) {
    struct fovea_error error;
    if (fovea_measure(&engine->model, &engine->options, &engine->bytes, &error) != FOVEA_OK)
        return fail_check(trouble, error.check, "%s: %s", path, error.text);
    memory_put(engine->memory);
    engine->memory = memory_get(engine->bytes);
    if (!engine->memory)
        return fail(trouble, "%s: not enough memory: %zu bytes are needed", path, engine->bytes);
    return fovea_plan(&engine->model, &engine->options, engine->memory, engine->bytes,
                      &engine->session, &error) == FOVEA_OK ||
           fail_check(trouble, error.check, "%s: %s", path, error.text);
}

static bool engine_load(struct engine *engine, const void *bytes, size_t size, const char *path,
                        const struct engine_wishes *wishes, struct trouble *trouble) {
    struct fovea_error error;
    if (!seal_unwrap(&bytes, &size, path, wishes ? &wishes->keys : NULL, trouble)) return false;
    if (zip_looks_so(bytes, size) || hdf5_looks_so(bytes, size))
        return fail(
            trouble,
            "%s is not a fovea model but may be a Keras file; fovea convert makes a model from it",
            path);
    if (fovea_model_open(&engine->model, bytes, size, &error) != FOVEA_OK)
        return fail_check(trouble, error.check, "%s: %s (byte %llu)", path, error.text,
                          (unsigned long long)error.where);
    if (wishes && wishes->shapes.count > 0 &&
        !resize_inputs(engine, path, wishes->shapes.shape, trouble))
        return false;
    if (wishes && wishes->judged) {
        if (!judge_open(&engine->model, &engine->judge_memory, &engine->judge, path, trouble))
            return false;
        fovea_judge_watch(engine->judge, &engine->options);
    }
    return engine_plan(engine, path, trouble);
}

bool engine_open(struct engine *engine, const char *path, const struct engine_wishes *wishes,
                 struct trouble *trouble) {
    struct file_bytes file;
    memset(engine, 0, sizeof *engine);
    const double start = now_ms();
    if (!file_open(path, &file, trouble)) return false;
    bool done = engine_open_file(engine, &file, path, wishes, trouble);
    engine->load_ms = now_ms() - start;
    return done;
}

bool engine_open_file(struct engine *engine, struct file_bytes *file, const char *name,
                      const struct engine_wishes *wishes, struct trouble *trouble) {
    bool done = engine_start(engine, wishes, trouble);
    engine->file = *file;
    memset(file, 0, sizeof *file);
    return done &&
           engine_load(engine, engine->file.bytes, engine->file.size, name, wishes, trouble);
}

bool engine_open_bytes(struct engine *engine, const void *bytes, size_t size, const char *name,
                       const struct engine_wishes *wishes, struct trouble *trouble) {
    if (!engine_start(engine, wishes, trouble)) return false;
    double start = now_ms();
    bool done = engine_load(engine, bytes, size, name, wishes, trouble);
    engine->load_ms = now_ms() - start;
    return done;
}

void engine_close(struct engine *engine) {
    fovea_threads_stop(engine->threads);
    memory_put(engine->memory);
    memory_put(engine->tables);
    memory_put(engine->judge_memory);
    file_close(&engine->file);
    memset(engine, 0, sizeof *engine);
}

size_t engine_saved(const struct engine *engine) {
    struct fovea_options options = engine->options;
    size_t bytes;
    if (!options.small_memory) return 0;
    options.small_memory = false;
    fovea_measure(&engine->model, &options, &bytes, NULL);
    return bytes > engine->bytes ? bytes - engine->bytes : 0;
}

void print_saved(const struct engine *engine) {
    size_t saved = engine_saved(engine);
    if (!engine->options.small_memory) return;
    say("memory small: %zu bytes, %zu (%.0f %%) less than fast\n", engine->bytes, saved,
        100 * (double)saved / (double)(saved + engine->bytes));
}

const char *print_shape(const struct fovea_shape *shape, char *buffer, size_t size) {
    size_t at = 0;
    snprintf(buffer, size, "1");
    for (uint32_t i = 0; i < shape->rank && at < size; i++)
        at += (size_t)snprintf(buffer + at, size - at, i ? "x%u" : "%u", shape->dims[i]);
    return buffer;
}
