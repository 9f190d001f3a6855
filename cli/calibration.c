/* fovea calibrate: what labelled pictures teach a model about its answers, put into its file: a temperature, when a picture is
 * unlike them, when not to answer. */
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "cli/calibration.h"
#include "weights/blob_build.h"

struct asked {
    const char *images, *root, *out, *trained_on;
    const char *keep, *sensitivity, *risk, *alpha;
    bool seen;
    struct calibration_wish wish;
    struct scores_wish read;
    struct engine_wishes engine;
    struct limits limits;
    struct recipe_wishes recipe;
};

struct job {
    const struct asked *asked;
    struct pool pool;
    struct trouble *trouble;
    struct engine engine;
    struct calibration_job fit;
    size_t bad;
};

/* ---- trained on? ---- */

static int by_value(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Refuses pictures that the model sees as one it was trained on. */
static bool look_for_trained(struct job *job, const struct sample_wish *wish) {
    const struct asked *asked = job->asked;
    struct pictures pictures;
    uint64_t *hashes;
    size_t count, found = 0;
    const char *first = NULL;
    if (!asked->trained_on) return true;
    if (!pictures_list(&pictures, asked->trained_on, NULL, &asked->read, &job->pool,
                       job->trouble) ||
        !sample_hashes(&hashes, &count, &pictures, &job->engine, wish, &job->pool, job->trouble))
        return false;
    qsort(hashes, count, sizeof *hashes, by_value);
    for (size_t i = 0; i < job->fit.sample.n; i++)
        if (bsearch(&job->fit.sample.hash[i], hashes, count, sizeof *hashes, by_value)) {
            if (!first) first = job->fit.sample.names[i];
            found++;
        }
    return found == 0 || fail(job->trouble,
                              "%zu of %zu pictures are training pictures (%s): nothing can be "
                              "promised from pictures that the model has seen",
                              found, job->fit.sample.n, first);
}

/* ---- the file ---- */

static bool write_blob(struct job *job) {
    const struct fovea_model *from = &job->engine.model; /* without the seal of a signed file */
    size_t added;
    const void *extra = fovea_model_extra(from, &added);
    const size_t bare = (size_t)from->size - (extra ? added : 0);
    const uint64_t at = (bare + FOVEA_ALIGN - 1) / FOVEA_ALIGN * FOVEA_ALIGN;
    const uint64_t size = at + fovea_calibration_bytes(&job->fit.c);
    uint8_t *blob = memory_get((size_t)size);
    struct fovea_model model;
    struct fovea_error error;
    size_t bytes;
    if (!blob) return fail(job->trouble, "out of memory");
    memset(blob, 0, (size_t)size);
    memcpy(blob, from->blob, bare);
    fovea_calibration_write(&job->fit.c, blob + at);
    for (unsigned i = 0; i < 8; i++) {
        blob[FOVEA_BLOB_SIZE_AT + i] = (uint8_t)(size >> (8 * i));
        blob[FOVEA_BLOB_EXTRA_AT + i] = (uint8_t)(at >> (8 * i));
    }
    fovea_draft_seal(blob, size);
    bool done = fovea_model_open(&model, blob, (size_t)size, &error) == FOVEA_OK &&
                fovea_judge_measure(&model, &bytes, &error) == FOVEA_OK;
    if (!done)
        fail_check(job->trouble, error.check, "the converted model does not open: %s", error.text);
    done = done && file_write(job->asked->out, blob, (size_t)size, job->trouble);
    memory_put(blob);
    return done;
}

/* ---- telling ---- */

static void tell(const struct job *job) {
    const struct fovea_calibration *c = &job->fit.c;
    const struct sample *s = &job->fit.sample;
    say("%zu pictures, %u turns each%s\n", s->n, s->turns,
        job->asked->seen ? "; the model was trained on them: no promise is made" : "");
    say("temperature    %.4g: log loss %.4f -> %.4f, expected calibration error %.4f -> %.4f\n",
        (double)c->temperature, job->fit.loss[0], job->fit.loss[1], job->fit.error[0],
        job->fit.error[1]);
    if (c->features)
        say("unlike         above a distance of %.4g, by the %u numbers that the last layer takes "
            "(%.3g stay below)\n",
            (double)c->gate, c->features, job->asked->wish.keep_share);
    else
        say("unlike         no gate: %s\n", job->fit.no_gate);
    if (c->clear > 0)
        say("promise        %s is ruled out below %.4g: on average at least %.3g of new ones are "
            "not "
            "(from %u)\n",
            job->asked->read.positive, (double)c->clear, (double)c->target, c->positives);
    if (c->sure > 0)
        say("unsure         below %.4g: at most %.3g of the answers wrong (here %.4f of %.1f %%)\n",
            (double)c->sure, (double)c->risk, job->fit.point.risk, 100 * job->fit.point.coverage);
    for (int q = 0; q < FOVEA_QUALITY_COUNT; q++)
        if (c->high[q] < FLT_MAX)
            say("retake         %s outside %.4g to %.4g\n",
                fovea_quality_name((enum fovea_quality)q),
                c->low[q] > -FLT_MAX ? (double)c->low[q] : 0, (double)c->high[q]);
    say("of these pictures:");
    for (uint32_t v = 0; v < FOVEA_VERDICT_COUNT; v++)
        say(" %s %u", fovea_verdict_text((enum fovea_verdict_kind)v), c->answered[s->classes + v]);
    say("\n");
}

static bool calibrate(struct job *job, const char *path) {
    const struct asked *asked = job->asked;
    struct pictures pictures;
    if (!pictures_list(&pictures, asked->images, asked->root, &asked->read, &job->pool,
                       job->trouble) ||
        !engine_open(&job->engine, path, &asked->engine, job->trouble))
        return false;
    job->fit.c.symmetries = recipe_symmetries(&asked->recipe, &job->engine.model);
    const struct sample_wish wish = {&asked->limits, &asked->recipe, &asked->read,
                                     (enum fovea_symmetries)job->fit.c.symmetries};
    return sample_take(&job->fit.sample, &pictures, &job->engine, &wish, &job->bad, &job->pool,
                       job->trouble) &&
           look_for_trained(job, &wish) && calibration_fit(&job->fit) && write_blob(job);
}

/* ---- options ---- */

static int take_share(const char *option, const char *text, double *value) {
    char *end;
    if (!text) return 0;
    *value = strtod(text, &end);
    if (end != text && !*end && *value > 0 && *value < 1) return 0;
    return cli_fail(CLI_BAD_USAGE, "%s takes a number between 0 and 1, not '%s'", option, text);
}

static bool is_quality(const char *name, size_t length, void *unused) {
    (void)unused;
    for (int q = 0; q < FOVEA_QUALITY_COUNT; q++) {
        const char *is = fovea_quality_name((enum fovea_quality)q);
        if (strlen(is) == length && strncmp(is, name, length) == 0) return true;
    }
    return length == 4 && strncmp(name, "none", 4) == 0;
}

static int check_words(void *wishes, int count, char **words) {
    struct asked *const asked = wishes;
    if (count == 2 && !asked->images)
        asked->images = words[1];
    else if (count != 1 || !asked->images)
        return cli_fail(CLI_BAD_USAGE, "calibrate takes a model and a folder or list of pictures");
    if (!asked->out) return cli_fail(CLI_BAD_USAGE, "calibrate needs -o");
    if (file_same(asked->out, words[0]) || file_same(asked->out, asked->images))
        return cli_fail(CLI_BAD_USAGE, "-o would replace an input");
    if (asked->seen && (asked->read.positive || asked->risk))
        return cli_fail(CLI_BAD_USAGE, "--seen: nothing can be promised (--positive, --risk) from "
                                       "pictures that the model was trained on");
    if (asked->sensitivity && !asked->read.positive)
        return cli_fail(CLI_BAD_USAGE, "--sensitivity needs --positive");
    if (!each_name(asked->wish.qualities, is_quality, NULL))
        return cli_fail(CLI_BAD_USAGE,
                        "--quality takes none, or light,contrast,sharpness,clipped,"
                        "warmth, not '%s'",
                        asked->wish.qualities);
    int code = take_share("--keep", asked->keep, &asked->wish.keep_share);
    if (!code)
        code = take_share("--sensitivity", asked->sensitivity, &asked->wish.sensitivity_share);
    if (!code) code = take_share("--risk", asked->risk, &asked->wish.risk_share);
    if (!code) code = take_share("--alpha", asked->alpha, &asked->wish.alpha_share);
    return code;
}

static int run_calibrate(int count, char **words) {
    struct asked asked = {.wish = {.qualities = "light,sharpness,clipped",
                                   .keep_share = 0.95,
                                   .sensitivity_share = 0.95,
                                   .alpha_share = 0.05},
                          .engine = {.threads = 1}};
    const struct option options[] = {
        {"-o", OPTION_TEXT, &asked.out, 0, 0, "MODEL", "the calibrated model"},
        PICTURES_OPTIONS(asked.images, asked.root, asked.read,
                         "labelled pictures that it was not trained on"){
            "--positive", OPTION_TEXT, &asked.read.positive, 0, 0, "CLASS,...",
            "classes that must not be missed: --sensitivity is promised for them"},
        {"--sensitivity", OPTION_TEXT, &asked.sensitivity, 0, 0, "SHARE",
         "the promise: on average at least this share of them is not ruled out (0.95)"},
        {"--risk", OPTION_TEXT, &asked.risk, 0, 0, "SHARE",
         "the largest share of wrong answers, all errors weighing alike; with 95 % confidence"},
        {"--keep", OPTION_TEXT, &asked.keep, 0, 0, "SHARE",
         "share of pictures like these that are accepted as such (0.95)"},
        {"--alpha", OPTION_TEXT, &asked.alpha, 0, 0, "SHARE",
         "share of a class's pictures whose prediction set may lack it (0.05)"},
        {"--quality", OPTION_TEXT, &asked.wish.qualities, 0, 0, "NAME,...",
         "photo qualities (light,sharpness,clipped; also contrast, warmth; none): a photo outside "
         "of their 1st to 99th percentile is to be taken again"},
        {"--seen", OPTION_FLAG, &asked.seen, 0, 0, NULL,
         "the model was trained on these pictures: nothing is promised"},
        {"--trained-on", OPTION_TEXT, &asked.trained_on, 0, 0, "DIR|CSV",
         "the training pictures: calibrate refuses if one of them is among those given"},
        PHOTO_OPTIONS(asked){0},
    };
    count = photo_options_take(&command_calibrate, options, count, words, check_words, &asked,
                               &asked.recipe);
    if (count < 0) return -1 - count;
    struct trouble trouble = {0};
    struct job job = {.asked = &asked, .trouble = &trouble};
    asked.wish.group = asked.read.positive;
    asked.wish.risk = asked.risk != NULL;
    job.fit.wish = &asked.wish;
    job.fit.pool = &job.pool;
    job.fit.trouble = &trouble;
    const bool done = calibrate(&job, words[0]);
    if (done) tell(&job);
    const int code = !done ? cli_trouble(&trouble) : job.bad ? CLI_BAD_INPUT : CLI_DONE;
    engine_close(&job.engine);
    pool_free(&job.pool);
    return code;
}

const struct command command_calibrate = {
    "calibrate",
    "MODEL.fovea DIR|CSV -o MODEL2.fovea",
    "Calibrates a model's probabilities and teaches it to say 'cannot tell'",
    "The pictures must not have been used in training: a model is more confident about what it has "
    "seen.\nAfterwards run gives an answer or one of: take another photo; not such a picture; "
    "cannot tell.",
    run_calibrate,
};
