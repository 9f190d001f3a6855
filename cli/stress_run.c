#include "cli/stress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/head.h"
#include "clinic/attack.h"

const unsigned attack_sizes[ATTACK_SIZES] = {2, 4, 8}, attack_steps[ATTACK_STEPS] = {10, 50, 300};

#define WIDEST 448u /* photos are averaged down to that */

struct runner {
    struct stress *s;
    struct engine *engine;
    const struct stress_wish *wish;
    struct pool *pool;
    struct trouble *trouble;
    /* the picture in work */
    struct rgb photo, changed;
    double *room;
    uint32_t truth, answer; /* truth: NO_CLASS: of none */
    /* the attack */
    struct canvas canvas;
    float *whole;
    size_t count, outputs;
};

/* ---- labels ---- */

static uint32_t class_of(const struct stress *s, const char *name, size_t length) {
    for (uint32_t k = 0; k < s->classes; k++)
        if (strlen(s->class_names[k]) == length && strncmp(s->class_names[k], name, length) == 0)
            return k;
    return NO_CLASS;
}

static bool take_positive(const char *name, size_t length, void *with) {
    struct runner *r = with;
    const uint32_t k = class_of(r->s, name, length);
    if (k == NO_CLASS)
        return fail(r->trouble, "--positive: '%.*s' is not a class of the model", (int)length,
                    name);
    r->s->group[k] = true;
    return true;
}

static bool is_other(const char *name, size_t length, void *with) {
    return strlen(with) != length || strncmp(name, with, length) != 0;
}

static bool find_truth(struct runner *r, const char *label) {
    const char *negative = r->wish->read->negative;
    r->truth = class_of(r->s, label, strlen(label));
    r->s->coarse |= r->truth == NO_CLASS;
    return r->truth != NO_CLASS ||
           (negative && !each_name(negative, is_other, (void *)(uintptr_t)label)) ||
           fail(r->trouble, "the label '%s' is not a class of the model", label);
}

static bool make_cell(struct runner *r, struct stress_cell *cell, size_t n) {
    cell->right = pool_get(r->pool, r->s->classes, sizeof *cell->right, r->trouble);
    cell->score = pool_get(r->pool, n, sizeof *cell->score, r->trouble);
    return cell->right && cell->score;
}

static bool look_at_model(struct runner *r, size_t n) {
    struct stress *s = r->s;
    struct fovea_io out, more;
    const struct fovea_model *model = &r->engine->model;
    fovea_model_output(model, 0, &out);
    if (fovea_model_input(model, 1, &more) == FOVEA_OK ||
        fovea_model_output(model, 1, &more) == FOVEA_OK || out.shape.rank != 1 ||
        head_kind(model, 0) == HEAD_VALUES)
        return fail(r->trouble, "stress takes a model with one picture as input and probabilities "
                                "of classes as output");
    s->classes = out.count == 1 ? 2 : (uint32_t)out.count;
    s->class_names = pool_get(r->pool, s->classes, sizeof *s->class_names, r->trouble);
    s->group = pool_get(r->pool, s->classes, sizeof *s->group, r->trouble);
    s->of_class = pool_get(r->pool, s->classes, sizeof *s->of_class, r->trouble);
    s->positive = pool_get(r->pool, n, sizeof *s->positive, r->trouble);
    if (!s->class_names || !s->group || !s->of_class || !s->positive) return false;
    for (uint32_t k = 0; k < s->classes; k++) {
        const char *label = fovea_model_label(model, 0, k);
        s->class_names[k] = label ? label : pool_print(r->pool, r->trouble, "%u", k);
        if (!s->class_names[k]) return false;
    }
    if (out.count == 1) s->group[1] = true; /* unless it is said otherwise */
    if (r->wish->read->positive) {
        memset(s->group, 0, s->classes * sizeof *s->group);
        if (!each_name(r->wish->read->positive, take_positive, r)) return false;
    }
    for (uint32_t k = 0; k < s->classes; k++) s->has_positive |= s->group[k];
    if (!make_cell(r, &s->clean, n)) return false;
    for (int c = 0; c < CHANGES; c++)
        for (int l = 0; l < CHANGE_LEVELS; l++)
            if (!make_cell(r, &s->cells[c][l], n)) return false;
    if (r->wish->recipe->symmetries)
        fovea_judge_turns(r->engine->judge, recipe_symmetries(r->wish->recipe, model));
    return true;
}

/* ---- photos ---- */

/* The photo as RGB, averaged down to WIDEST. */
static bool take_photo(struct runner *r, const struct fovea_image *image, struct trouble *trouble) {
    struct rgb *p = &r->photo;
    const unsigned channels = image->format == FOVEA_PIXELS_GREY   ? 1
                              : image->format >= FOVEA_PIXELS_RGBA ? 4
                                                                   : 3;
    p->width = image->width < WIDEST ? image->width : WIDEST;
    p->height = (uint32_t)((uint64_t)image->height * p->width / image->width);
    if (p->height < 1) p->height = 1;
    const size_t pixels = (size_t)p->width * p->height;
    p->pixels = malloc(3 * pixels);
    r->changed.pixels = malloc(3 * pixels);
    r->room = malloc(3 * pixels * sizeof *r->room);
    if (!p->pixels || !r->changed.pixels || !r->room) return fail(trouble, "out of memory");
    for (uint32_t y = 0; y < p->height; y++)
        for (uint32_t x = 0; x < p->width; x++)
            for (unsigned c = 0; c < 3; c++) {
                const uint32_t y0 = (uint32_t)((uint64_t)y * image->height / p->height);
                const uint32_t y1 = (uint32_t)((uint64_t)(y + 1) * image->height / p->height);
                const uint32_t x0 = (uint32_t)((uint64_t)x * image->width / p->width);
                const uint32_t x1 = (uint32_t)((uint64_t)(x + 1) * image->width / p->width);
                uint64_t sum = 0, n = (uint64_t)(y1 - y0) * (x1 - x0);
                for (uint32_t i = y0; i < y1; i++)
                    for (uint32_t j = x0; j < x1; j++)
                        sum += image->pixels[i * image->stride + (size_t)j * channels +
                                             (channels == 1 ? 0 : c)];
                p->pixels[((size_t)y * p->width + x) * 3 + c] = (uint8_t)((sum + n / 2) / n);
            }
    return true;
}

static void drop_photo(struct runner *r) {
    free(r->photo.pixels);
    free(r->changed.pixels);
    free(r->room);
    r->photo.pixels = r->changed.pixels = NULL;
    r->room = NULL;
}

/* Fits a picture into the model and judges it. */
static bool judge(struct runner *r, const struct rgb *picture, struct fovea_finding *f,
                  struct trouble *trouble) {
    const struct fovea_image image = {.pixels = picture->pixels,
                                      .width = picture->width,
                                      .height = picture->height,
                                      .stride = (size_t)picture->width * 3,
                                      .format = FOVEA_PIXELS_RGB};
    struct fovea_recipe said;
    struct fovea_error error;
    size_t bytes;
    fovea_session *session = r->engine->session;
    const struct fovea_recipe *recipe =
        recipe_for_run(r->wish->recipe, &r->engine->model, 0, &said);
    if (fovea_image_measure_by(session, 0, recipe, &image, &bytes, &error) != FOVEA_OK)
        return fail_check(trouble, error.check, "%s", error.text);
    void *scratch = malloc(bytes ? bytes : 1);
    if (!scratch) return fail(trouble, "out of memory");
    const bool done =
        fovea_image_fit_by(session, 0, recipe, &image, scratch, bytes, &error) == FOVEA_OK;
    free(scratch);
    if (!done) return fail_check(trouble, error.check, "%s", error.text);
    if (fovea_judge_calibrated(r->engine->judge)) fovea_judge_photo(r->engine->judge, &image);
    if (r->whole) memcpy(r->whole, fovea_input(session, 0), r->count * sizeof(float));
    fovea_verdict(r->engine->judge, session, f);
    return true;
}

static void count_answer(struct runner *r, const struct fovea_finding *f,
                         struct stress_cell *cell) {
    const struct stress *s = r->s;
    const bool refused = f->kind != FOVEA_VERDICT_ANSWER;
    cell->refused += refused;
    cell->flipped += cell != &s->clean && (refused || f->answer != r->answer);
    cell->confidence += (double)f->probabilities[f->answer];
    if (r->truth != NO_CLASS) cell->right[r->truth] += !refused && f->answer == r->truth;
    for (uint32_t k = 0; k < s->classes; k++)
        cell->score[s->n] += s->group[k] ? (double)f->probabilities[k] : 0;
}

/* ---- attacks ---- */

static double margin(void *context, const struct canvas *canvas) {
    struct runner *r = context;
    fovea_session *session = r->engine->session;
    memcpy(fovea_input(session, 0), canvas->values, r->count * sizeof(float));
    fovea_run(session);
    const float *scores = fovea_output(session, 0);
    if (r->outputs == 1) return r->truth ? (double)scores[0] - 0.5 : 0.5 - (double)scores[0];
    double other = 0;
    for (uint32_t k = 0; k < r->s->classes; k++)
        if (k != r->truth) other = fmax(other, (double)scores[k]);
    return (double)scores[r->truth] - other;
}

/* Room for the attack; false where the input is no picture, or memory failed. */
static bool prepare_attack(struct runner *r) {
    struct fovea_io in, out;
    fovea_model_input(&r->engine->model, 0, &in);
    fovea_model_output(&r->engine->model, 0, &out);
    r->outputs = out.count;
    const uint32_t *d = in.shape.dims;
    const bool last = in.shape.rank == 3 && (d[2] == 1 || d[2] == 3);
    struct canvas *c = &r->canvas;
    r->count = in.count;
    if (in.shape.rank == 2)
        *c = (struct canvas){d[0], d[1], 1, d[1], 1, 1, NULL};
    else if (last)
        *c = (struct canvas){d[0], d[1], d[2], (size_t)d[1] * d[2], d[2], 1, NULL};
    else
        *c = (struct canvas){d[1], d[2], d[0], d[2], 1, (size_t)d[1] * d[2], NULL};
    c->values = pool_get(r->pool, in.count, sizeof(float), r->trouble);
    r->whole = pool_get(r->pool, in.count, sizeof(float), r->trouble);
    return c->values && r->whole;
}

static bool attack(struct runner *r, struct trouble *trouble) {
    struct fovea_recipe said;
    struct fovea_io in;
    fovea_model_input(&r->engine->model, 0, &in);
    const struct fovea_recipe *recipe =
        recipe_for_run(r->wish->recipe, &r->engine->model, 0, &said);
    if (!recipe) recipe = &in.recipe;
    for (int e = 0; e < ATTACK_SIZES; e++) {
        struct attack_bounds b;
        struct judge_of by = {margin, r, 0};
        unsigned broken;
        for (int c = 0; c < 3; c++) {
            const float low = -recipe->mean[c] / recipe->std[c];
            const float high = (255 * recipe->scale - recipe->mean[c]) / recipe->std[c];
            b.low[c] = low < high ? low : high;
            b.high[c] = low < high ? high : low;
            b.most[c] = (b.high[c] - b.low[c]) * (float)attack_sizes[e] / 255;
        }
        memcpy(r->canvas.values, r->whole, r->count * sizeof(float));
        if (!attack_square(&r->canvas, r->whole, &b, attack_steps[ATTACK_STEPS - 1],
                           r->wish->seed + r->s->n, &by, &broken, trouble))
            return false;
        for (int q = 0; q < ATTACK_STEPS; q++)
            r->s->broken[e][q] += broken > 0 && broken <= attack_steps[q];
    }
    r->s->attacked++;
    return true;
}

/* ---- all of them ---- */

/* All changes of one photo. What has been counted of it when something fails ends with it. */
static bool run_photo(struct runner *r, const struct fovea_image *image, struct trouble *trouble) {
    struct stress *s = r->s;
    struct fovea_finding f;
    bool done = take_photo(r, image, trouble) && judge(r, &r->photo, &f, trouble);
    if (done) {
        r->answer = f.answer;
        count_answer(r, &f, &s->clean);
        if (r->whole && r->truth != NO_CLASS && f.answer == r->truth) done = attack(r, trouble);
    }
    float *whole = r->whole;
    r->whole = NULL; /* what was attacked is the photo as it is */
    for (int c = 0; done && c < CHANGES; c++)
        for (unsigned l = 0; done && l < CHANGE_LEVELS; l++) {
            corrupt(&r->photo, (enum change)c, l + 1, r->wish->seed + s->n * 977 + l, r->room,
                    &r->changed);
            done = judge(r, &r->changed, &f, trouble);
            if (done) count_answer(r, &f, &s->cells[c][l]);
        }
    r->whole = whole;
    drop_photo(r);
    if (!done) return false;
    if (r->truth != NO_CLASS) s->of_class[r->truth]++;
    s->positive[s->n++] = r->truth != NO_CLASS && s->group[r->truth];
    return true;
}

static bool decode(const struct runner *r, const char *path, struct fovea_image *image,
                   struct trouble *trouble) {
    struct file_bytes file;
    struct fovea_error error;
    const struct fovea_photo_options options = photo_options(r->wish->limits);
    if (!file_open(path, &file, trouble)) return false;
    const bool done =
        fovea_photo_decode_as(file.bytes, file.size, &options, image, &error) == FOVEA_OK;
    file_close(&file);
    return done || fail_check(trouble, error.check, "%s: %s", path, error.text);
}

bool stress_run(struct stress *s, const struct pictures *pictures, struct engine *engine,
                const struct stress_wish *wish, struct pool *pool, struct trouble *trouble) {
    struct runner r = {.s = s, .engine = engine, .wish = wish, .pool = pool, .trouble = trouble};
    if (!look_at_model(&r, pictures->count) || (wish->attack && !prepare_attack(&r))) return false;
    double *taken = pool_get(pool, (uint64_t)s->classes + 1, sizeof *taken, trouble);
    bool done = taken != NULL;
    for (size_t i = 0; done && i < pictures->count; i++) {
        struct trouble why = {0};
        struct fovea_image image = {0};
        done = find_truth(&r, pictures->labels[i]);
        if (!done) break;
        double *of = &taken[r.truth == NO_CLASS ? s->classes : r.truth];
        if (wish->most && *of >= (double)wish->most) continue;
        if (!decode(&r, pictures->paths[i], &image, &why)) {
            cli_trouble(&why);
            s->bad++;
            continue;
        }
        done = run_photo(&r, &image, trouble);
        *of += done;
        fovea_photo_free(&image);
    }
    return done && (s->n > 0 || fail(trouble, "none of the pictures could be read"));
}
