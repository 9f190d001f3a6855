#include "cli/feed.h"

#include <stdlib.h>
#include <string.h>

#include "convert/files/zip.h"
#include "weights/blob.h"

/* ---- arrays ---- */

/* "2x90x120x3" */
static void print_dims(const struct npy *array, char *text, size_t room) {
    size_t at = 0;
    snprintf(text, room, "a single number");
    for (size_t i = 0; i < array->rank; i++)
        at += (size_t)snprintf(text + at, room - at, i ? "x%zu" : "%zu", array->dims[i]);
}

/* Reads the array and notes how many runs it is good for; all inputs have as many. */
static bool take_array(struct feed *feed, size_t input, const void *bytes, size_t size,
                       struct trouble *trouble) {
    struct fovea_io io;
    const char *why, *path = feed->input[input].path;
    struct npy *array = &feed->input[input].array;
    char wanted[SHAPE_TEXT], given[24 * NPY_RANK_MAX];
    fovea_model_input(feed->model, input, &io);
    if (!npy_read_bytes(bytes, size, array, &why))
        return fail_check(trouble, why, "%s: %s", path, fovea_check_text(why));
    const size_t batch = npy_batch(array, io.shape.dims, io.shape.rank);
    if (batch == 0) {
        print_dims(array, given, sizeof given);
        return fail(trouble, "%s: its shape of %s does not fit input '%s', which takes Nx%s%s",
                    path, given, io.name, print_shape(&io.shape, wanted, sizeof wanted),
                    open_sizes(feed->model) ? "; its sizes are open: --input-shape H,W" : "");
    }
    if (feed->batch && feed->batch != batch)
        return fail(trouble, "%s: a batch of %zu beside a batch of %zu", path, batch, feed->batch);
    feed->batch = batch;
    return true;
}

/* The arrays of an .npz: by the inputs' names or, if none has one, by their places. */
static bool take_archive(struct feed *feed, const char *path, const struct file_bytes *file,
                         const struct limits *limits, struct trouble *trouble) {
    struct pool pool = {.limits = limits};
    struct trouble inside = {0};
    pool_bound(&pool, file->size);
    pool_fuel(&pool, file->size);
    const struct zip *zip = zip_open(&pool, file->bytes, file->size, &inside);
    bool done = zip != NULL;
    for (size_t i = 0; done && i < feed->inputs; i++) {
        struct fovea_io io;
        const uint8_t *bytes = NULL;
        size_t size = 0;
        bool found = false;
        char place[32];
        fovea_model_input(feed->model, i, &io);
        snprintf(place, sizeof place, "arr_%zu.npy", i);
        char *name = pool_print(&pool, &inside, "%s.npy", io.name);
        done = name && zip_read(zip, name, &bytes, &size, &found, &inside) &&
               (found || zip_read(zip, place, &bytes, &size, &found, &inside)) &&
               (found || fail(&inside, "it holds neither '%s' nor '%s'", name, place)) &&
               take_array(feed, i, bytes, size, trouble);
    }
    if (inside.set) fail_check(trouble, inside.check, "%s: %s", path, inside.text);
    pool_free(&pool);
    return done;
}

/* ---- photos ---- */

static bool fit_photo(const struct feed *feed, size_t input, const struct fovea_image *image,
                      fovea_session *session, struct trouble *trouble) {
    const char *path = feed->input[input].path;
    struct fovea_error error;
    struct fovea_recipe said;
    const struct fovea_recipe *recipe =
        feed->recipe ? recipe_for_run(feed->recipe, feed->model, input, &said) : NULL;
    size_t bytes = 0;
    if (fovea_image_measure_by(session, input, recipe, image, &bytes, &error) != FOVEA_OK)
        return error.status == FOVEA_UNSUPPORTED
                   ? recipe_refuse(path, &error, trouble)
                   : fail_check(trouble, error.check, "%s: %s", path, error.text);
    void *scratch = malloc(bytes ? bytes : 1);
    if (!scratch) return fail(trouble, "%s: out of memory", path);
    bool done =
        fovea_image_fit_by(session, input, recipe, image, scratch, bytes, &error) == FOVEA_OK;
    free(scratch);
    return done || fail_check(trouble, error.check, "%s: %s", path, error.text);
}

/* Decodes a photo and writes it into the input by the model's recipe. */
static bool fill_photo(const struct feed *feed, size_t input, fovea_session *session,
                       fovea_judge *judge, struct feed_times *times, struct trouble *trouble) {
    const struct feed_input *from = &feed->input[input];
    struct fovea_image image = {0};
    struct fovea_error error;
    struct fovea_photo_options options = feed->limits;
    struct fovea_picture picture;
    struct fovea_recipe said;
    struct fovea_io io;
    fovea_model_input(feed->model, input, &io);
    const struct fovea_recipe *recipe =
        feed->recipe ? recipe_for_run(feed->recipe, feed->model, input, &said) : NULL;
    if (fovea_picture_of(&io.shape, &picture))
        fovea_photo_by(recipe ? recipe : &io.recipe, picture.width, picture.height, &options);
    const double start = now_ms();
    if (fovea_photo_decode_as(from->file.bytes, from->file.size, &options, &image, &error) !=
        FOVEA_OK)
        return fail_check(trouble, error.check, "%s: %s", from->path, error.text);
    if (feed->quality) fovea_quality_of(&image, feed->quality);
    if (fovea_judge_calibrated(judge)) fovea_judge_photo(judge, &image);
    const double decoded = now_ms();
    bool done = fit_photo(feed, input, &image, session, trouble);
    fovea_photo_free(&image);
    if (times) {
        times->decode_ms += decoded - start;
        times->fit_ms += now_ms() - decoded;
    }
    return done;
}

bool feed_photo(const struct feed *feed, size_t input, struct fovea_image *image,
                struct fovea_recipe *recipe, struct trouble *trouble) {
    const struct feed_input *from = &feed->input[input];
    struct fovea_photo_options options = feed->limits;
    struct fovea_error error;
    struct fovea_io io;
    fovea_model_input(feed->model, input, &io);
    *recipe = io.recipe;
    if (feed->recipe) recipe_for_run(feed->recipe, feed->model, input, recipe);
    if (!from->file.bytes)
        return fail(trouble, "%s: an array, but a photo is expected", from->path);
    options.as_stored = recipe->orientation == FOVEA_ORIENTATION_IGNORE;
    return fovea_photo_decode_as(from->file.bytes, from->file.size, &options, image, &error) ==
               FOVEA_OK ||
           fail_check(trouble, error.check, "%s: %s", from->path, error.text);
}

/* ---- a group ---- */

/* Opens source `index`; an .npz is for all inputs. */
static bool open_source(struct feed *feed, size_t index, struct source *source,
                        const struct limits *limits, struct trouble *trouble) {
    struct feed_input *input = &feed->input[index];
    struct file_bytes file = source->file;
    memset(&source->file, 0, sizeof source->file);
    input->path = strcmp(source->path, "-") == 0 ? "standard input" : source->path;
    if (!file.bytes && !file_open(source->path, &file, trouble)) return false;
    bool done = true;
    if (npy_looks_so(file.bytes, file.size)) {
        done = take_array(feed, index, file.bytes, file.size, trouble);
    } else if (zip_looks_so(file.bytes, file.size)) {
        for (size_t i = 0; i < feed->inputs; i++) feed->input[i].path = input->path;
        done = take_archive(feed, input->path, &file, limits, trouble);
    } else {
        input->file = file;
        const char *open = open_sizes(feed->model);
        if (open)
            return fail(trouble,
                        "%s: the model leaves the size of photos open (%s); set it with "
                        "--input-shape H,W, here or in fovea convert",
                        input->path, open);
        if (feed->batch > 1)
            return fail(trouble, "%s: a photo beside a batch of %zu", input->path, feed->batch);
        feed->batch = 1;
        return true;
    }
    file_close(&file);
    return done;
}

bool feed_open(struct feed *feed, const struct fovea_model *model, struct group *group,
               const struct limits *limits, struct trouble *trouble) {
    memset(feed, 0, sizeof *feed);
    feed->model = model;
    feed->limits = photo_options(limits);
    feed->inputs = fovea_model_inputs(model);
    feed->input = calloc(feed->inputs, sizeof *feed->input);
    if (!feed->input) return fail(trouble, "out of memory");
    for (size_t i = 0; i < group->count; i++)
        if (!open_source(feed, i, &group->source[i], limits, trouble)) return false;
    for (size_t i = 0; i < feed->inputs; i++)
        if (!feed->input[i].array.values && !feed->input[i].file.bytes)
            return fail(trouble, "%s: one file for a model of %zu inputs", group->source[0].path,
                        feed->inputs);
    return true;
}

bool feed_fill(const struct feed *feed, size_t index, fovea_session *session,
               struct feed_times *times, struct trouble *trouble) {
    return feed_fill_judged(feed, index, session, NULL, times, trouble);
}

bool feed_fill_judged(const struct feed *feed, size_t index, fovea_session *session,
                      fovea_judge *judge, struct feed_times *times, struct trouble *trouble) {
    if (times) memset(times, 0, sizeof *times);
    for (size_t i = 0; i < feed->inputs; i++) {
        struct fovea_io io;
        const float *values = feed->input[i].array.values;
        fovea_model_input(feed->model, i, &io);
        if (values)
            memcpy(fovea_input(session, i), values + index * io.count, io.count * sizeof *values);
        else if (!fill_photo(feed, i, session, judge, times, trouble))
            return false;
    }
    return true;
}

void feed_close(struct feed *feed) {
    for (size_t i = 0; feed->input && i < feed->inputs; i++) {
        npy_free(&feed->input[i].array);
        file_close(&feed->input[i].file);
    }
    free(feed->input);
    memset(feed, 0, sizeof *feed);
}

/* ---- all of them ---- */

bool feeder_open(struct feeder *feeder, const struct fovea_model *model, char *const *words,
                 size_t count, const struct sources_wishes *wishes, const struct limits *limits,
                 struct trouble *trouble) {
    memset(feeder, 0, sizeof *feeder);
    feeder->model = model;
    feeder->limits = limits;
    feeder->sources = sources_open(words, count, fovea_model_inputs(model), wishes, trouble);
    return feeder->sources != NULL;
}

enum feed_state feeder_next(struct feeder *feeder, fovea_session *session,
                            struct trouble *trouble) {
    memset(trouble, 0, sizeof *trouble);
    if (feeder->next >= feeder->feed.batch) {
        feed_close(&feeder->feed);
        group_free(&feeder->group);
        feeder->next = 0;
        enum sources_state state = sources_next(feeder->sources, &feeder->group, trouble);
        if (state == SOURCES_END) return trouble->set ? FEED_BAD : FEED_END; /* then, the end */
        if (state == SOURCES_BAD ||
            !feed_open(&feeder->feed, feeder->model, &feeder->group, feeder->limits, trouble)) {
            feeder->next = feeder->feed.batch; /* on to the next group */
            return FEED_BAD;
        }
        feeder->feed.recipe = feeder->recipe;
    }
    feeder->index = feeder->next++;
    return feed_fill(&feeder->feed, feeder->index, session, &feeder->times, trouble) ? FEED_FILLED
                                                                                     : FEED_BAD;
}

void feeder_close(struct feeder *feeder) {
    feed_close(&feeder->feed);
    group_free(&feeder->group);
    sources_close(feeder->sources);
    memset(feeder, 0, sizeof *feeder);
}
