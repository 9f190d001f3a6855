#include "cli/masks.h"

#include <stdlib.h>
#include <string.h>

#include "cli/feed.h"
#include "cli/sources.h"

struct names {
    const char **path;
    size_t count, room;
};

static bool add_name(struct names *names, const char *path, struct pool *pool,
                     struct trouble *trouble) {
    if (names->count == names->room) {
        const size_t larger = names->room ? names->room * 2 : 64;
        const char **copy = pool_get(pool, larger, sizeof *copy, trouble);
        if (!copy) return false;
        if (names->count) memcpy(copy, names->path, names->count * sizeof *copy);
        names->path = copy;
        names->room = larger;
    }
    names->path[names->count] = pool_text(pool, path, strlen(path), trouble);
    return names->path[names->count++] != NULL;
}

static bool list_names(struct names *names, const char *folder, struct pool *pool,
                       struct trouble *trouble) {
    char *word = pool_text(pool, folder, strlen(folder), trouble);
    const struct sources_wishes wishes = {.recursive = true};
    struct sources *sources = word ? sources_open(&word, 1, 1, &wishes, trouble) : NULL;
    bool done = sources != NULL;
    while (done) {
        struct trouble bad = {0};
        struct group group = {0};
        const enum sources_state state = sources_next(sources, &group, &bad);
        if (state == SOURCES_GROUP)
            done = add_name(names, group.source[0].path, pool, trouble);
        else if (bad.set)
            done = fail_check(trouble, bad.check, "%s", bad.text);
        if (state == SOURCES_END) break;
        group_free(&group);
    }
    sources_close(sources);
    return done && (names->count > 0 || fail(trouble, "%s: no pictures", folder));
}

/* The name that pairs a picture: without folder and end. */
static size_t stem_of(const char *path, const char **stem) {
    *stem = base_name(path);
    const char *dot = strrchr(*stem, '.');
    return dot ? (size_t)(dot - *stem) : strlen(*stem);
}

static const char *find_pair(const struct names *names, const char *path) {
    const char *wanted, *is;
    const size_t length = stem_of(path, &wanted);
    for (size_t i = 0; i < names->count; i++)
        if (stem_of(names->path[i], &is) == length && strncmp(is, wanted, length) == 0)
            return names->path[i];
    return NULL;
}

/* A decoded mask; freed by the caller. NULL with `trouble` set. */
static bool *read_mask(const char *path, const struct limits *limits, struct mask *mask,
                       struct trouble *trouble) {
    struct file_bytes file;
    struct fovea_image image = {0};
    struct fovea_error error;
    if (!file_open(path, &file, trouble)) return NULL;
    const struct fovea_photo_options within = photo_options(limits);
    const bool read =
        fovea_photo_decode_as(file.bytes, file.size, &within, &image, &error) == FOVEA_OK;
    file_close(&file);
    if (!read) {
        fail_check(trouble, error.check, "%s: %s", path, error.text);
        return NULL;
    }
    const size_t channels = image.format == FOVEA_PIXELS_GREY   ? 1
                            : image.format >= FOVEA_PIXELS_RGBA ? 4
                                                                : 3;
    bool *at = malloc((size_t)image.width * image.height);
    if (!at) fail(trouble, "%s: out of memory", path);
    for (uint32_t y = 0; at && y < image.height; y++)
        for (uint32_t x = 0; x < image.width; x++)
            at[(size_t)y * image.width + x] = image.pixels[y * image.stride + x * channels] >= 128;
    *mask = (struct mask){image.height, image.width, at};
    fovea_photo_free(&image);
    return at;
}

/* The mask that the model gives for a picture. */
static bool *run_mask(const struct masks_wish *wish, const char *path, struct mask *mask,
                      struct trouble *trouble) {
    struct source source = {.path = (char *)(uintptr_t)path};
    struct group group = {&source, 1, 0};
    struct feed feed = {0};
    struct fovea_io io;
    fovea_session *session = wish->engine->session;
    bool done = feed_open(&feed, &wish->engine->model, &group, wish->limits, trouble);
    feed.recipe = wish->recipe;
    if (done && feed.batch != 1)
        done = fail(trouble, "%s: %zu arrays, but one picture is expected", path, feed.batch);
    done = done && feed_fill(&feed, 0, session, NULL, trouble);
    feed_close(&feed);
    if (!done) return NULL;
    fovea_run(session);
    fovea_model_output(&wish->engine->model, 0, &io);
    *mask = (struct mask){io.shape.dims[0], io.shape.dims[1], NULL};
    bool *at = malloc(io.count);
    if (!at) fail(trouble, "%s: out of memory", path);
    for (size_t i = 0; at && i < io.count; i++)
        at[i] = (double)fovea_output(session, 0)[i] >= wish->threshold;
    mask->at = at;
    return at;
}

static bool measure_pair(const struct masks_wish *wish, const char *truth, const char *answer,
                         struct mask_pair *pair, struct trouble *trouble) {
    struct mask a, b;
    bool *first = read_mask(truth, wish->limits, &a, trouble);
    bool *second = !first          ? NULL
                   : wish->answers ? read_mask(answer, wish->limits, &b, trouble)
                                   : run_mask(wish, answer, &b, trouble);
    bool done = first && second;
    if (done && (a.width != b.width || a.height != b.height))
        done = fail(trouble, "%s is a mask of %ux%u pixels, that of %s has %ux%u", truth, a.height,
                    a.width, answer, b.height, b.width);
    if (done) {
        pair->overlap = overlap_of(&a, &b);
        pair->pixels = (uint64_t)a.width * a.height;
        done = surface_of(&a, &b, &pair->surface, trouble);
    }
    free(first);
    free(second);
    return done;
}

/* Whether the model answers with one number for each pixel. */
static bool fits(const struct masks_wish *wish, struct trouble *trouble) {
    struct fovea_io io;
    const struct fovea_model *model = &wish->engine->model;
    fovea_model_output(model, 0, &io);
    return (fovea_model_inputs(model) == 1 &&
            (io.shape.rank == 2 || (io.shape.rank == 3 && io.shape.dims[2] == 1))) ||
           fail(trouble,
                "--masks takes models with one input, whose first output is height x width (x 1)");
}

bool masks_measure(const struct masks_wish *wish, struct mask_pair **pairs, size_t *count,
                   struct report *report, struct pool *pool, struct trouble *trouble) {
    struct names truth = {0}, answers = {0};
    const char *other = wish->answers ? wish->answers : wish->images;
    if ((wish->engine && !fits(wish, trouble)) || !list_names(&truth, wish->truth, pool, trouble) ||
        !list_names(&answers, other, pool, trouble))
        return false;
    struct unread *unread = pool_get(pool, truth.count, sizeof *unread, trouble);
    *pairs = pool_get(pool, truth.count, sizeof **pairs, trouble);
    *count = 0;
    if (!unread || !*pairs) return false;
    report->unread = unread;
    report->found = truth.count;
    for (size_t i = 0; i < truth.count; i++) {
        struct trouble bad = {0};
        struct mask_pair *pair = &(*pairs)[*count];
        const char *answer = find_pair(&answers, truth.path[i]);
        pair->name = base_name(truth.path[i]);
        if (!answer) fail(&bad, "%s: no file of that name in %s", truth.path[i], other);
        if (answer && measure_pair(wish, truth.path[i], answer, pair, &bad)) {
            ++*count;
            continue;
        }
        unread[report->unread_count].name = truth.path[i];
        unread[report->unread_count].reason = pool_text(pool, bad.text, strlen(bad.text), trouble);
        if (!unread[report->unread_count++].reason) return false;
    }
    return *count > 0 || fail(trouble, "%s", unread[0].reason);
}
