/* fovea explain: which parts of a photo an answer hangs on, as a picture, and how far such a map can be believed. */
#include "cli/explain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/feed.h"
#include "cli/head.h"
#include "cli/pictures.h"

/* Above that a probability hardly moves, whatever is hidden: the margin to the next class is looked at. */
#define SATURATED 0.999

static void watch(void *context, const struct fovea_step_info *info) {
    struct explain *job = context;
    explain_head_watch(&job->head, info);
}

static size_t largest_of(const struct explain *job) {
    size_t best = 0;
    for (size_t i = 1; i < job->canvas.height * job->canvas.width; i++)
        if (job->map[i] > job->map[best]) best = i;
    return best;
}

/* ---- a photo ---- */

static bool explain_by(struct explain *job, enum method method, struct trouble *trouble) {
    const struct explain_wishes *asked = job->asked;
    struct faithfulness found;
    size_t forwards;
    if (!explain_map(job, method, &forwards, trouble)) return false;
    const size_t at = largest_of(job);
    const double largest = job->map[at];
    const int hit = asked->mask ? explain_inside(job) : -1;
    job->tally[method].hits += hit == 1;
    job->tally[method].asked += forwards;
    if (!explain_write(job, method, explain_decides(job, method, largest) ? largest : INFINITY,
                       trouble) ||
        (asked->score && !explain_measure(job, &job->tally[method], &found, trouble)))
        return false;
    explain_tell(job, method, largest, at, forwards, asked->score ? &found : NULL, hit);
    return true;
}

static bool measure_controls(struct explain *job, struct trouble *trouble) {
    struct faithfulness found;
    saliency_random(job->map, job->canvas.height, job->canvas.width, job->photos + 1);
    if (!explain_measure(job, &job->tally[METHODS], &found, trouble)) return false;
    saliency_centre(job->map, job->canvas.height, job->canvas.width);
    return explain_measure(job, &job->tally[METHODS + 1], &found, trouble);
}

/* A photo as the model's recipe has it upright, in its full size. */
static bool decode(const struct explain *job, const char *path, struct fovea_image *image,
                   struct trouble *trouble) {
    struct file_bytes file;
    struct fovea_error error;
    struct fovea_photo_options options = photo_options(&job->asked->limits);
    struct fovea_recipe said;
    struct fovea_io in;
    fovea_model_input(&job->engine.model, 0, &in);
    const struct fovea_recipe *r =
        recipe_for_run(&job->asked->recipe, &job->engine.model, 0, &said);
    options.as_stored = (r ? r->orientation : in.recipe.orientation) == FOVEA_ORIENTATION_IGNORE;
    if (!file_open(path, &file, trouble)) return false;
    const bool done =
        fovea_photo_decode_as(file.bytes, file.size, &options, image, &error) == FOVEA_OK;
    file_close(&file);
    return done || fail_check(trouble, error.check, "%s: %s", path, error.text);
}

static bool choose_class(struct explain *job, struct trouble *trouble) {
    const size_t classes = job->out.count == 1 ? 2 : job->out.count;
    struct fovea_ranked top;
    if (!job->asked->class) {
        if (job->out.count == 1)
            job->class = (double)fovea_output(job->engine.session, 0)[0] >= 0.5;
        else
            job->class = fovea_top(job->engine.session, 0, 1, &top) ? top.index : 0;
        return true;
    }
    for (uint32_t k = 0; k < classes; k++) {
        const char *label = fovea_model_label(&job->engine.model, 0, k);
        char number[16];
        snprintf(number, sizeof number, "%u", k);
        if (strcmp(label ? label : number, job->asked->class) == 0) {
            job->class = k;
            return true;
        }
    }
    return fail(trouble, "--class: '%s' is not a class of the model", job->asked->class);
}

/* Fits the photo into the model, runs it, and makes what stands in the place of hidden parts. */
static bool prepare(struct explain *job, struct group *group, struct trouble *trouble) {
    struct feed feed = {0};
    const size_t count = job->canvas.height * job->canvas.width * job->canvas.channels;
    bool done = feed_open(&feed, &job->engine.model, group, &job->asked->limits, trouble);
    feed.recipe = &job->asked->recipe;
    done = done && feed_fill(&feed, 0, job->engine.session, NULL, trouble);
    feed_close(&feed);
    if (!done) return false;
    struct fovea_io in;
    struct fovea_recipe said;
    fovea_model_input(&job->engine.model, 0, &in);
    const struct fovea_recipe *r =
        recipe_for_run(&job->asked->recipe, &job->engine.model, 0, &said);
    if (!r) r = &in.recipe;
    float black[3];
    for (size_t c = 0; c < 3; c++) black[c] = -r->mean[c] / r->std[c];
    memcpy(job->whole, fovea_input(job->engine.session, 0), count * sizeof(float));
    memcpy(job->canvas.values, job->whole, count * sizeof(float));
    saliency_fill(&job->canvas, job->filling, black, job->fill);
    saliency_fill(&job->canvas, SALIENCY_BLUR, black, job->blurred);
    fovea_run(job->engine.session);
    if (!choose_class(job, trouble)) return false;
    job->probability = explain_probability(job);
    job->margin = job->probability > SATURATED;
    job->base = job->margin ? explain_margin(job) : job->probability;
    return true;
}

static bool explain_photo(struct explain *job, struct group *group, struct trouble *trouble) {
    const struct explain_wishes *asked = job->asked;
    job->path = group->source[0].path;
    bool done = decode(job, job->path, &job->photo, trouble) && prepare(job, group, trouble);
    if (done && asked->mask) {
        done = decode(job, asked->mask, &job->mask, trouble);
        if (done && (job->mask.width != job->photo.width || job->mask.height != job->photo.height))
            done = fail(trouble, "%s differs in size from %s", asked->mask, job->path);
    }
    for (int m = 0; done && m < METHODS; m++) {
        const bool all = strcmp(asked->method, "all") == 0;
        if (!all && strcmp(asked->method, explain_words[m]) != 0) continue;
        const char *reason = explain_why_not(job, (enum method)m);
        if (reason && !all)
            done = fail(trouble,
                        "--method %s does not work for this model: %s; occlusion works for all",
                        asked->method, reason);
        else if (!reason)
            done = explain_by(job, (enum method)m, trouble);
    }
    done = done && (!asked->score || measure_controls(job, trouble));
    fovea_photo_free(&job->photo);
    fovea_photo_free(&job->mask);
    job->photos += done;
    return done;
}

/* ---- the model ---- */

static bool look_at_model(struct explain *job, const char *path, struct trouble *trouble) {
    struct fovea_io in;
    fovea_model_input(&job->engine.model, 0, &in);
    fovea_model_output(&job->engine.model, 0, &job->out);
    const uint32_t *d = in.shape.dims;
    struct canvas *c = &job->canvas;
    const bool grey = in.shape.rank == 2, last = in.shape.rank == 3 && (d[2] == 1 || d[2] == 3);
    const bool first = in.shape.rank == 3 && !last && (d[0] == 1 || d[0] == 3);
    if (fovea_model_input(&job->engine.model, 1, &in) == FOVEA_OK || !(grey || last || first) ||
        job->out.shape.rank != 1 || head_kind(&job->engine.model, 0) == HEAD_VALUES)
        return fail(trouble,
                    "%s: explain takes a model with one picture as input and probabilities of "
                    "classes as output",
                    path);
    if (grey || last)
        *c = (struct canvas){
            d[0], d[1], grey ? 1 : d[2], (size_t)d[1] * (grey ? 1 : d[2]), grey ? 1 : d[2],
            1,    NULL};
    else
        *c = (struct canvas){d[1], d[2], d[0], d[2], 1, (size_t)d[1] * d[2], NULL};
    const size_t pixels = c->height * c->width, count = pixels * c->channels;
    c->values = pool_get(&job->pool, count, sizeof(float), trouble);
    job->whole = pool_get(&job->pool, count, sizeof(float), trouble);
    job->fill = pool_get(&job->pool, count, sizeof(float), trouble);
    job->blurred = pool_get(&job->pool, count, sizeof(float), trouble);
    job->map = pool_get(&job->pool, pixels, sizeof(double), trouble);
    if (!c->values || !job->whole || !job->fill || !job->blurred || !job->map ||
        !explain_head_find(&job->head, &job->engine.model, &job->pool, trouble))
        return false;
    if (!job->head.why_not && strcmp(job->asked->method, "occlusion") != 0 &&
        strcmp(job->asked->method, "rise") != 0) {
        job->engine.options.watcher = watch;
        job->engine.options.context = job;
        job->engine.options.watched = job->head.layers;
        job->engine.options.watched_count = job->head.count;
        if (!engine_plan(&job->engine, path, trouble)) return false;
    }
    job->model_hash = hash_bytes(HASH_START, job->engine.file.bytes, job->engine.file.size);
    return true;
}

static bool explain_all(struct explain *job, char **words, size_t count, struct trouble *trouble) {
    if (!engine_open(&job->engine, words[0], &job->asked->engine, trouble) ||
        !look_at_model(job, words[0], trouble))
        return false;
    struct sources *sources = sources_open(words + 1, count - 1, 1, &job->asked->sources, trouble);
    bool done = sources != NULL;
    while (done) {
        struct trouble why = {0};
        struct group group = {0};
        const enum sources_state state = sources_next(sources, &group, &why);
        if (state == SOURCES_END) {
            done = !why.set || fail_check(trouble, why.check, "%s", why.text);
            break;
        }
        const bool good = state == SOURCES_GROUP && explain_photo(job, &group, &why);
        if (!good) cli_trouble(&why);
        job->bad += !good;
        group_free(&group);
    }
    sources_close(sources);
    return done;
}

/* ---- options ---- */

static int check_words(void *wishes, int count, char **words) {
    struct explain_wishes *const asked = wishes;
    if (count < 1 + !asked->sources.list)
        return cli_fail(CLI_BAD_USAGE, "explain takes a model and photos");
    const char *const out[] = {asked->out, asked->sheet, asked->npy};
    for (size_t i = 0; i < 3; i++) {
        if (!out[i]) continue;
        if (count != 2 || asked->sources.recursive || asked->sources.list ||
            strcmp(asked->method, "all") == 0)
            return cli_fail(CLI_BAD_USAGE, "-o, --sheet and --npy take one photo and one method");
        for (int w = 0; w < count; w++)
            if (file_same(out[i], words[w]))
                return cli_fail(CLI_BAD_USAGE, "a result would replace the input %s", words[w]);
    }
    if (asked->quality && strcmp(asked->method, "occlusion") == 0) asked->method = "rise";
    return 0;
}

static int run_explain(int count, char **words) {
    struct explain_wishes asked = {.method = "occlusion",
                                   .fill = "mean",
                                   .grid = 7,
                                   .masks = 400,
                                   .seed = 1,
                                   .engine = {.threads = 1}};
    const struct option options[] = {
        {"-o", OPTION_TEXT, &asked.out, 0, 0, "FILE.png", "the photo with the map as an overlay"},
        {"--sheet", OPTION_TEXT, &asked.sheet, 0, 0, "FILE.png",
         "photo, overlay and colour bar side by side"},
        {"--npy", OPTION_TEXT, &asked.npy, 0, 0, "FILE.npy",
         "the map as an array, in the size of the model's input"},
        {"--method", OPTION_WORD, &asked.method, 0, 0, "occlusion|rise|cam|gradcam|hirescam|all",
         "the method (occlusion): hiding parts; random masks; class activation maps of the last "
         "layers"},
        {"--quality", OPTION_FLAG, &asked.quality, 0, 0, NULL,
         "use rise: smoother and more faithful maps, 400 runs instead of 49"},
        {"--class", OPTION_TEXT, &asked.class, 0, 0, "LABEL", "the class to explain (the answer)"},
        {"--fill", OPTION_WORD, &asked.fill, 0, 0, "mean|blur|black",
         "what replaces a hidden part (mean)"},
        {"--grid", OPTION_WHOLE, &asked.grid, 1, 64, "N",
         "windows along each side (7), overlapping by half"},
        {"--masks", OPTION_WHOLE, &asked.masks, 1, 1000000, "N", "number of masks of rise (400)"},
        {"--seed", OPTION_WHOLE, &asked.seed, 0, 2147483647, "N", "seed of rise's masks (1)"},
        {"--colours", OPTION_WORD, &asked.colours, 0, 0, "turbo|viridis|grey|signed",
         "colour map; signed: red for evidence of the class, blue for evidence against it"},
        {"--score", OPTION_FLAG, &asked.score, 0, 0, NULL,
         "deletion and insertion scores of each map, beside those of a random map and of a centred "
         "Gaussian"},
        {"--mask", OPTION_TEXT, &asked.mask, 0, 0, "FILE",
         "print whether the map's largest value lies inside this mask"},
        {"--json", OPTION_FLAG, &asked.json, 0, 0, NULL, "one JSON object per line"},
        SOURCES_OPTIONS(asked.sources) PHOTO_OPTIONS(asked){0},
    };
    count = photo_options_take(&command_explain, options, count, words, check_words, &asked,
                               &asked.recipe);
    if (count < 0) return -1 - count;
    struct trouble trouble = {0};
    struct explain *job = calloc(1, sizeof *job);
    if (!job) return cli_fail(CLI_BAD_INPUT, "out of memory");
    job->asked = &asked;
    job->filling = strcmp(asked.fill, "blur") == 0    ? SALIENCY_BLUR
                   : strcmp(asked.fill, "black") == 0 ? SALIENCY_BLACK
                                                      : SALIENCY_MEAN;
    const bool done = explain_all(job, words, (size_t)count, &trouble);
    if (done) explain_table(job);
    const int code = !done ? cli_trouble(&trouble) : job->bad ? CLI_BAD_INPUT : CLI_DONE;
    engine_close(&job->engine);
    pool_free(&job->pool);
    free(job);
    return code;
}

const struct command command_explain = {
    "explain",
    "MODEL.fovea PHOTO... [-o OVERLAY.png]",
    "Shows which parts of a photo an answer depends on",
    "By default parts of the photo are hidden, one after another, and the drop of the class's "
    "probability is drawn; if the probability is above 0.999, the drop of the margin to the next "
    "class. If no part changes the answer, explain says so and draws nothing.",
    run_explain,
};
