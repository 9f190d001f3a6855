#include "cli/sample.h"

#include <math.h>
#include <string.h>

#include "cli/feed.h"

struct taker {
    struct sample *sample;
    struct engine *engine;
    const struct sample_wish *wish;
    uint32_t watched[2];
    float *said; /* logits of the last run */
    bool featured;
    struct pool *pool;
    struct trouble *trouble;
};

static void watch(void *context, const struct fovea_step_info *info) {
    struct taker *t = context;
    struct sample *s = t->sample;
    if (info->layer == s->layers.features && s->features && !t->featured)
        memcpy(s->rows + s->n * s->features, info->output, s->features * sizeof(float));
    if (info->layer == s->layers.logits) memcpy(t->said, info->output, s->classes * sizeof(float));
}

/* ---- the model ---- */

static bool name_classes(struct taker *t) {
    struct sample *s = t->sample;
    const struct fovea_model *model = &t->engine->model;
    s->class_names = pool_get(t->pool, s->classes, sizeof *s->class_names, t->trouble);
    s->positive = pool_get(t->pool, s->classes, sizeof *s->positive, t->trouble);
    for (uint32_t k = 0; s->class_names && k < s->classes; k++) {
        const char *label = fovea_model_label(model, 0, k);
        s->class_names[k] = label ? label : pool_print(t->pool, t->trouble, "%u", k);
        if (!s->class_names[k]) return false;
    }
    return s->class_names && s->positive;
}

static uint32_t class_of(const struct sample *s, const char *name, size_t length) {
    for (uint32_t k = 0; k < s->classes; k++)
        if (strlen(s->class_names[k]) == length && strncmp(s->class_names[k], name, length) == 0)
            return k;
    return ABSTAIN_NO_CLASS;
}

static bool take_positive(const char *name, size_t length, void *with) {
    struct taker *t = with;
    const uint32_t k = class_of(t->sample, name, length);
    if (k == ABSTAIN_NO_CLASS)
        return fail(t->trouble, "--positive: '%.*s' is not a class of the model", (int)length,
                    name);
    t->sample->positive[k] = true;
    return true;
}

static bool look_at_model(struct taker *t) {
    struct fovea_io in, out, more;
    struct sample *s = t->sample;
    const struct fovea_model *model = &t->engine->model;
    fovea_model_input(model, 0, &in);
    fovea_model_output(model, 0, &out);
    const enum head_kind kind = head_kind(model, 0);
    if (fovea_model_input(model, 1, &more) == FOVEA_OK ||
        fovea_model_output(model, 1, &more) == FOVEA_OK || out.shape.rank != 1 ||
        kind == HEAD_VALUES || (kind == HEAD_SIGMOID && out.count > 1))
        return fail(t->trouble, "it takes a model with one input and one output of probabilities "
                                "that exclude one another: a softmax, or a single sigmoid");
    s->layers = head_layers(model, 0);
    if (kind == HEAD_SIGMOID) s->layers.logits = HEAD_NONE;
    if (kind == HEAD_SOFTMAX && s->layers.logits == HEAD_NONE)
        return fail(t->trouble,
                    "its softmax is applied to the model's input: there is nothing to calibrate");
    s->classes = out.count == 1 ? 2 : (uint32_t)out.count;
    s->turns = fovea_turns(&in.shape, t->wish->symmetries);
    struct fovea_shape shape = {0};
    if (s->layers.features != HEAD_NONE) fovea_model_layer(model, s->layers.features, &shape, NULL);
    uint64_t features = s->layers.features != HEAD_NONE;
    for (uint32_t i = 0; i < shape.rank; i++) features *= shape.dims[i];
    s->features = features <= SAMPLE_FEATURES ? (uint32_t)features : 0;
    return name_classes(t) &&
           (!t->wish->read->positive || each_name(t->wish->read->positive, take_positive, t));
}

/* ---- pictures ---- */

static bool make_room(struct taker *t, size_t n) {
    struct sample *s = t->sample;
    s->names = pool_get(t->pool, n, sizeof *s->names, t->trouble);
    s->truth = pool_get(t->pool, n, sizeof *s->truth, t->trouble);
    s->logits = pool_get(t->pool, (uint64_t)n * s->turns * s->classes, sizeof(float), t->trouble);
    s->rows = pool_get(t->pool, (uint64_t)n * s->features, sizeof(float), t->trouble);
    s->quality = pool_get(t->pool, n, sizeof *s->quality, t->trouble);
    s->photo = pool_get(t->pool, n, sizeof *s->photo, t->trouble);
    s->hash = pool_get(t->pool, n, sizeof *s->hash, t->trouble);
    t->said = pool_get(t->pool, s->classes, sizeof(float), t->trouble);
    return s->names && s->truth && s->logits && s->rows && s->quality && s->photo && s->hash &&
           t->said;
}

static bool is_negative(const char *name, size_t length, void *with) {
    return strlen(with) != length || strncmp(name, with, length) != 0;
}

/* The class of a label; of those of --negative none. */
static bool find_truth(struct taker *t, const char *label, uint32_t *truth) {
    const char *negative = t->wish->read->negative;
    *truth = class_of(t->sample, label, strlen(label));
    return *truth != ABSTAIN_NO_CLASS ||
           (negative && !each_name(negative, is_negative, (void *)(uintptr_t)label)) ||
           fail(t->trouble, "the label '%s' is not a class of the model", label);
}

static bool fill(struct taker *t, const char *path, float *quality, struct trouble *trouble) {
    struct source source = {.path = (char *)(uintptr_t)path};
    struct group group = {&source, 1, 0};
    struct feed feed = {0};
    bool done = feed_open(&feed, &t->engine->model, &group, t->wish->limits, trouble);
    feed.recipe = t->wish->recipe;
    feed.quality = quality;
    if (done && feed.batch != 1)
        done = fail(trouble, "%s: %zu arrays, but one picture is expected", path, feed.batch);
    done = done && feed_fill(&feed, 0, t->engine->session, NULL, trouble);
    feed_close(&feed);
    return done;
}

static uint64_t hash_input(const struct taker *t) {
    struct fovea_io in;
    fovea_model_input(&t->engine->model, 0, &in);
    return hash_bytes(HASH_START, fovea_input(t->engine->session, 0), in.count * sizeof(float));
}

/* ln(p / (1 - p)) beside 0: the logits of a single sigmoid. */
static void log_odds(float p, float to[2]) {
    const double least = 1e-12, inside = (double)p < least       ? least
                                         : (double)p > 1 - least ? 1 - least
                                                                 : (double)p;
    to[0] = 0;
    to[1] = (float)log(inside / (1 - inside));
}

/* `input` is the picture as it came. */
static bool run_turns(struct taker *t, const float *input, const char *path,
                      struct trouble *trouble) {
    struct sample *s = t->sample;
    struct fovea_io in;
    fovea_session *session = t->engine->session;
    fovea_model_input(&t->engine->model, 0, &in);
    for (uint32_t turn = 0; turn < s->turns; turn++) {
        float *to = s->logits + (s->n * s->turns + turn) * s->classes;
        if (turn) fovea_turn(&in.shape, turn, input, fovea_input(session, 0));
        fovea_run(session);
        t->featured = true;
        if (s->layers.logits == HEAD_NONE)
            log_odds(fovea_output(session, 0)[0], to);
        else
            memcpy(to, t->said, s->classes * sizeof *to);
        for (uint32_t k = 0; k < s->classes; k++)
            if (!(to[k] - to[k] == 0))
                return fail(trouble, "%s: the model's score is not a number", path);
    }
    return true;
}

static bool take_one(struct taker *t, const char *path, const char *label, float *input,
                     struct trouble *trouble) {
    struct sample *s = t->sample;
    struct fovea_io in;
    const size_t i = s->n;
    fovea_model_input(&t->engine->model, 0, &in);
    s->quality[i][0] = NAN;
    if (!find_truth(t, label, &s->truth[i])) return false;
    if (!fill(t, path, s->quality[i], trouble)) return true;
    s->photo[i] = !isnan(s->quality[i][0]);
    s->hash[i] = hash_input(t);
    s->names[i] = path;
    memcpy(input, fovea_input(t->engine->session, 0), in.count * sizeof *input);
    t->featured = false;
    if (run_turns(t, input, path, trouble)) s->n++;
    return true;
}

bool sample_take(struct sample *sample, const struct pictures *pictures, struct engine *engine,
                 const struct sample_wish *wish, size_t *bad, struct pool *pool,
                 struct trouble *trouble) {
    struct taker t = {
        .sample = sample, .engine = engine, .wish = wish, .pool = pool, .trouble = trouble};
    struct fovea_io in;
    *sample = (struct sample){0};
    *bad = 0;
    if (!look_at_model(&t) || !make_room(&t, pictures->count)) return false;
    uint32_t count = 0;
    if (sample->features) t.watched[count++] = sample->layers.features;
    if (sample->layers.logits != HEAD_NONE) t.watched[count++] = sample->layers.logits;
    engine->options.watcher = count ? watch : NULL;
    engine->options.context = &t;
    engine->options.watched = t.watched;
    engine->options.watched_count = count;
    fovea_model_input(&engine->model, 0, &in);
    float *input = pool_get(pool, in.count, sizeof *input, trouble);
    bool done = input && engine_plan(engine, pictures->name, trouble);
    for (size_t i = 0; done && i < pictures->count; i++) {
        struct trouble why = {0};
        done = take_one(&t, pictures->paths[i], pictures->labels[i], input, &why);
        if (why.set) cli_trouble(&why);
        *bad += why.set;
    }
    return done && (sample->n > 0 || fail(trouble, "none of the pictures could be read"));
}

bool sample_hashes(uint64_t **hashes, size_t *count, const struct pictures *pictures,
                   struct engine *engine, const struct sample_wish *wish, struct pool *pool,
                   struct trouble *trouble) {
    struct taker t = {.engine = engine, .wish = wish, .pool = pool, .trouble = trouble};
    *hashes = pool_get(pool, pictures->count, sizeof **hashes, trouble);
    *count = 0;
    for (size_t i = 0; *hashes && i < pictures->count; i++) {
        struct trouble why = {0};
        if (fill(&t, pictures->paths[i], NULL, &why))
            (*hashes)[(*count)++] = hash_input(&t);
        else
            cli_trouble(&why);
    }
    return *hashes != NULL;
}
