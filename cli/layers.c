#include "cli/layers.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "convert/files/zip.h"

typedef void watcher(void *context, const struct fovea_step_info *info);

/* A session of the engine's model in which each layer is computed by itself and shown. */
struct watched {
    void *memory;
    fovea_session *session;
};

static bool watched_open(struct watched *w, const struct engine *engine, watcher *watch,
                         void *context, struct trouble *trouble) {
    struct fovea_options options = engine->options;
    struct fovea_error error;
    size_t bytes;
    options.watcher = watch;
    options.context = context;
    if (fovea_measure(&engine->model, &options, &bytes, &error) != FOVEA_OK)
        return fail_check(trouble, error.check, "%s", error.text);
    w->memory = memory_get(bytes);
    if (!w->memory) return fail(trouble, "no memory to look at each layer: %zu bytes", bytes);
    return fovea_plan(&engine->model, &options, w->memory, bytes, &w->session, &error) ==
               FOVEA_OK ||
           fail_check(trouble, error.check, "%s", error.text);
}

/* A layer may be several steps of one name: the last of them makes its output. */
static bool is_last(const fovea_session *session, const struct fovea_step_info *info) {
    struct fovea_step_info next;
    return !fovea_step_describe(session, info->index + 1, &next) ||
           strcmp(next.name, info->name) != 0;
}

static size_t count_of(const struct fovea_shape *shape) {
    size_t count = 1;
    for (uint32_t d = 0; d < shape->rank; d++) count *= shape->dims[d];
    return count;
}

/* ---- to files ---- */

struct dump {
    struct watched watched;
    const char *folder;
    struct trouble *trouble;
};

static bool write_values(struct file_output *file, const float *values, size_t count) {
    uint8_t bytes[4096];
    for (size_t at = 0; at < count;) {
        const size_t part = count - at < sizeof bytes / 4 ? count - at : sizeof bytes / 4;
        npy_floats(values + at, part, bytes);
        if (!output_write(file, bytes, 4 * part)) return false;
        at += part;
    }
    return true;
}

static void dump_step(void *context, const struct fovea_step_info *info) {
    struct dump *dump = context;
    char path[1024], name[128];
    uint8_t header[NPY_HEADER];
    size_t dims[FOVEA_RANK_MAX], i = 0;
    struct file_output file = {0};
    if (dump->trouble->set || !is_last(dump->watched.session, info)) return;
    for (; info->name[i] && i + 1 < sizeof name; i++) /* only what every file system takes */
        name[i] = strchr("/\\:*?\"<>|", info->name[i]) || (uint8_t)info->name[i] < 32
                      ? '_'
                      : info->name[i];
    name[i] = 0;
    snprintf(path, sizeof path, "%s/%03zu_%s.npy", dump->folder, info->index, name);
    for (uint32_t d = 0; d < info->shape.rank; d++) dims[d] = info->shape.dims[d];
    npy_header(dims, info->shape.rank, header);
    if (output_open(&file, path, dump->trouble) && output_write(&file, header, sizeof header) &&
        write_values(&file, info->output, count_of(&info->shape)))
        output_commit(&file);
    output_abandon(&file);
}

static bool make_folder(const char *folder, struct trouble *trouble) {
#ifdef _WIN32
    const int made = mkdir(folder);
#else
    const int made = mkdir(folder, 0777);
#endif
    return made == 0 || file_is_folder(folder) ||
           fail(trouble, "cannot make the folder %s: %s", folder, strerror(errno));
}

bool layers_dump(const struct engine *engine, const struct feed *feed, size_t index,
                 const char *folder, struct trouble *trouble) {
    struct dump dump = {.folder = folder, .trouble = trouble};
    bool done = make_folder(folder, trouble) &&
                watched_open(&dump.watched, engine, dump_step, &dump, trouble) &&
                feed_fill(feed, index, dump.watched.session, NULL, trouble);
    if (done) fovea_run(dump.watched.session);
    memory_put(dump.watched.memory);
    return done && !trouble->set;
}

/* ---- beside Keras' ---- */

struct comparison {
    struct watched watched;
    struct pool *pool;
    const struct zip *zip;
    const char *path;
    double tolerance, largest;
    size_t compared, batch, element; /* of the batch, the one that is run */
    char first[256];                 /* what is told of the first that differs */
    struct trouble *trouble;
};

/* Of `count` numbers that the array has from `first` on. */
static double difference(const float *have, const struct npy *want, size_t first, size_t count) {
    double scale = 1, largest = 0;
    for (size_t i = 0; i < want->count; i++) scale = fmax(scale, fabs((double)want->values[i]));
    for (size_t i = 0; i < count; i++) {
        const double off = fabs((double)have[i] - (double)want->values[first + i]) / scale;
        if (!(off <= largest)) largest = off; /* a NaN, too */
    }
    return largest;
}

static void compare_step(void *context, const struct fovea_step_info *info) {
    struct comparison *c = context;
    const uint8_t *bytes;
    size_t size;
    bool found = false;
    const char *why;
    struct npy want = {0};
    if (c->trouble->set || !is_last(c->watched.session, info)) return;
    char *name = pool_print(c->pool, c->trouble, "%s.npy", info->name);
    if (!name || !zip_read(c->zip, name, &bytes, &size, &found, c->trouble) || !found) return;
    if (!npy_read_bytes(bytes, size, &want, &why)) {
        fail_check(c->trouble, why, "%s: %s: %s", c->path, name, fovea_check_text(why));
        return;
    }
    if (npy_batch(&want, info->shape.dims, info->shape.rank) != c->batch) {
        fail(c->trouble, "%s: '%s' does not have the layer's shape, %zu times", c->path, name,
             c->batch);
        npy_free(&want);
        return;
    }
    const size_t count = count_of(&info->shape);
    const double off = difference(info->output, &want, c->element * count, count);
    npy_free(&want);
    c->compared += c->element == 0;
    if (!(off <= c->largest)) c->largest = off;
    if (!c->first[0] && !(off <= c->tolerance))
        snprintf(c->first, sizeof c->first, "the first layer that differs is '%s' (%s): %.3g",
                 info->name, info->op, off);
}

bool layers_check(const struct engine *engine, const struct npy *inputs, const char *path,
                  double tolerance, struct trouble *trouble) {
    struct limits limits;
    limits_start(&limits);
    struct pool pool = {.limits = &limits};
    struct comparison c = {.pool = &pool, .path = path, .tolerance = tolerance, .trouble = trouble};
    struct file_bytes file;
    struct fovea_io io;
    if (!file_open(path, &file, trouble)) return false;
    pool_bound(&pool, file.size);
    pool_fuel(&pool, file.size);
    c.zip = zip_open(&pool, file.bytes, file.size, trouble);
    bool done = c.zip && watched_open(&c.watched, engine, compare_step, &c, trouble);
    for (size_t i = 0; done && fovea_model_input(&engine->model, i, &io) == FOVEA_OK; i++) {
        const size_t batch = npy_batch(&inputs[i], io.shape.dims, io.shape.rank);
        if (batch == 0 || (i > 0 && batch != c.batch))
            done = fail(trouble, "--check: array %zu does not fit '%s'", i, io.name);
        c.batch = batch;
    }
    for (c.element = 0; done && c.element < c.batch && !c.first[0]; c.element++) {
        for (size_t i = 0; fovea_model_input(&engine->model, i, &io) == FOVEA_OK; i++)
            memcpy(fovea_input(c.watched.session, i), inputs[i].values + c.element * io.count,
                   io.count * sizeof(float));
        fovea_run(c.watched.session);
    }
    memory_put(c.watched.memory);
    pool_free(&pool);
    file_close(&file);
    if (!done || trouble->set) return false;
    if (c.compared == 0)
        return fail(trouble, "%s: no array has the name of a layer; convert with --no-fold", path);
    say("check: largest difference %.3g in %zu layers: %s\n", c.largest, c.compared,
        c.first[0] ? "FAIL" : "PASS");
    return !c.first[0] || fail(trouble, "--check: %s, more than %g", c.first, tolerance);
}
