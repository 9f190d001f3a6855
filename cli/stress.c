/* fovea stress: what light, focus, framing and the camera do to a model's answers; and what chance changes can do. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/head.h"
#include "cli/pictures.h"
#include "cli/stress.h"
#include "clinic/curve.h"

struct asked {
    const char *images, *root, *csv, *against;
    struct scores_wish read;
    long seed, most;
    bool attack;
    struct engine_wishes engine;
    struct limits limits;
    struct recipe_wishes recipe;
};

/* ---- what is told ---- */

static double share(double part, double whole) {
    return whole > 0 ? part / whole : NAN;
}

/* The mean of the classes' shares that are right; of classes with pictures. */
static double balanced(const struct stress *s, const struct stress_cell *cell) {
    double sum = 0, classes = 0;
    for (uint32_t k = 0; k < s->classes; k++) {
        if (s->of_class[k] == 0) continue;
        sum += cell->right[k] / s->of_class[k];
        classes++;
    }
    return share(sum, classes);
}

static bool auc_of(const struct stress *s, const struct stress_cell *cell, double *value,
                   struct pool *pool, struct trouble *trouble) {
    struct auc auc;
    *value = NAN;
    if (!s->has_positive) return true;
    if (!auc_make(&auc, cell->score, s->positive, s->n, pool, trouble)) return false;
    if (auc.positives && auc.negatives) *value = auc.value;
    return true;
}

static void say_number(double value, int width) {
    if (isnan(value))
        say(" %*s", width, "-");
    else
        say(" %*.3f", width, value);
}

static bool tell(const struct stress *s, struct pool *pool, struct trouble *trouble) {
    double auc;
    if (!auc_of(s, &s->clean, &auc, pool, trouble)) return false;
    say("%zu pictures%s; as they are: ", s->n, s->coarse ? "" : ", balanced accuracy");
    if (!s->coarse) say("%.3f, ", balanced(s, &s->clean));
    if (!isnan(auc)) say("AUC %.3f, ", auc);
    say("mean confidence %.3f\n\n", share(s->clean.confidence, (double)s->n));
    say("%-11s answers changed at level 1 to 5         %7s %7s %7s\n", "change",
        s->coarse ? "" : "bal.acc", "AUC", "surest");
    for (int c = 0; c < CHANGES; c++) {
        say("%-11s", change_rows[c].name);
        double accuracy = 0, confidence = 0;
        for (int l = 0; l < CHANGE_LEVELS; l++) {
            const struct stress_cell *cell = &s->cells[c][l];
            say_number(share(cell->flipped, (double)s->n), 6);
            accuracy += balanced(s, cell) / CHANGE_LEVELS;
            confidence = fmax(confidence, share(cell->confidence, (double)s->n));
        }
        if (!auc_of(s, &s->cells[c][2], &auc, pool, trouble)) return false;
        say("    ");
        say_number(s->coarse ? NAN : accuracy, 7);
        say_number(auc, 7);
        say_number(confidence, 7);
        say("\n");
    }
    say("\nbal.acc: balanced accuracy, mean of the levels; AUC: at level 3; surest: the highest "
        "mean confidence of any level\n");
    return true;
}

/* Mean over changes of the errors of one model over those of the other (mCE: Hendrycks & Dietterich 2019). */
static void tell_against(const struct stress *s, const struct stress *other) {
    double sum = 0, count = 0;
    for (int c = 0; c < CHANGES; c++) {
        double mine = 0, theirs = 0;
        for (int l = 0; l < CHANGE_LEVELS; l++) {
            mine += 1 - balanced(s, &s->cells[c][l]);
            theirs += 1 - balanced(other, &other->cells[c][l]);
        }
        if (!(theirs > 0)) continue;
        sum += mine / theirs;
        count++;
    }
    if (count > 0)
        say("mean corruption error against the other model: %.3f (below 1: more robust)\n",
            sum / count);
}

static void tell_attack(const struct stress *s) {
    say("\nright answers left after so many tries of a random attack (Square, without gradients: "
        "an upper bound), of %zu\n%-8s",
        s->attacked, "epsilon");
    for (int q = 0; q < ATTACK_STEPS; q++) say(" %7u", attack_steps[q]);
    say("\n");
    for (int e = 0; e < ATTACK_SIZES; e++) {
        say("%u/255  ", attack_sizes[e]);
        for (int q = 0; q < ATTACK_STEPS; q++)
            say_number(1 - share(s->broken[e][q], (double)s->attacked), 7);
        say("\n");
    }
}

static bool write_csv(const struct stress *s, const char *path, struct pool *pool,
                      struct trouble *trouble) {
    struct file_output file = {0};
    double auc;
    bool done = output_open(&file, path, trouble);
    FILE *out = done ? output_stream(&file) : NULL;
    if (out) say_to(out, "change,level,n,flipped,not_answered,balanced_accuracy,auc,confidence\n");
    for (int c = -1; out && done && c < CHANGES; c++)
        for (int l = 0; done && l < (c < 0 ? 1 : CHANGE_LEVELS); l++) {
            const struct stress_cell *cell = c < 0 ? &s->clean : &s->cells[c][l];
            const double n = (double)s->n;
            done = auc_of(s, cell, &auc, pool, trouble);
            say_to(out, "%s,%d,%zu,%.9g,%.9g,", c < 0 ? "none" : change_rows[c].name,
                   c < 0 ? 0 : l + 1, s->n, share(cell->flipped, n), share(cell->refused, n));
            if (s->coarse)
                say_to(out, ",");
            else
                say_to(out, "%.9g,", balanced(s, cell));
            if (isnan(auc))
                say_to(out, ",");
            else
                say_to(out, "%.9g,", auc);
            say_to(out, "%.9g\n", share(cell->confidence, n));
        }
    if (out) done = fclose(out) == 0 && done;
    done = out && done && output_commit(&file);
    if (!done) fail(trouble, "cannot write %s", path);
    output_abandon(&file);
    return done;
}

/* ---- options ---- */

static bool stress_all(const struct asked *asked, const char *model, struct stress *s,
                       struct pool *pool, struct trouble *trouble) {
    const struct stress_wish wish = {.limits = &asked->limits,
                                     .recipe = &asked->recipe,
                                     .read = &asked->read,
                                     .seed = (uint64_t)asked->seed,
                                     .most = asked->most,
                                     .attack = asked->attack};
    struct pictures pictures;
    struct engine engine = {0};
    const bool done =
        pictures_list(&pictures, asked->images, asked->root, &asked->read, pool, trouble) &&
        engine_open(&engine, model, &asked->engine, trouble) &&
        stress_run(s, &pictures, &engine, &wish, pool, trouble);
    engine_close(&engine);
    return done;
}

static int check_words(void *wishes, int count, char **words) {
    struct asked *const asked = wishes;
    if (count == 2 && !asked->images) asked->images = words[1], count = 1;
    if (count != 1 || !asked->images)
        return cli_fail(CLI_BAD_USAGE, "stress takes a model and a folder or list of photos");
    if (asked->csv && (file_same(asked->csv, asked->images) || file_same(asked->csv, words[0])))
        return cli_fail(CLI_BAD_USAGE, "--csv would replace an input");
    return 0;
}

static int run_stress(int count, char **words) {
    struct asked asked = {.seed = 1, .engine = {.threads = 1, .judged = true}};
    const struct option options[] = {
        PICTURES_OPTIONS(asked.images, asked.root, asked.read,
                         "labelled photos"){"--positive", OPTION_TEXT, &asked.read.positive, 0, 0,
                                            "CLASS,...", "the positive classes of the AUC"},
        {"--most", OPTION_WHOLE, &asked.most, 1, 1000000, "N",
         "at most so many photos per class, the first by name"},
        {"--attack", OPTION_FLAG, &asked.attack, 0, 0, NULL,
         "also random attacks on right answers: 300 tries each at 2, 4 and 8 of 255 steps"},
        {"--against", OPTION_TEXT, &asked.against, 0, 0, "MODEL",
         "a model to compare with: the mean corruption error relative to it"},
        {"--csv", OPTION_TEXT, &asked.csv, 0, 0, "FILE",
         "all corruptions and levels, one per line"},
        {"--seed", OPTION_WHOLE, &asked.seed, 0, 2147483647, "N",
         "seed of noise, hair and attacks (1)"},
        PHOTO_OPTIONS(asked){0},
    };
    count = photo_options_take(&command_stress, options, count, words, check_words, &asked,
                               &asked.recipe);
    if (count < 0) return -1 - count;
    struct trouble trouble = {0};
    struct pool pool = {0};
    struct stress *s = calloc(2, sizeof *s);
    bool done = s != NULL || fail(&trouble, "out of memory");
    done = done && stress_all(&asked, words[0], &s[0], &pool, &trouble) &&
           tell(&s[0], &pool, &trouble);
    if (done && asked.attack) tell_attack(&s[0]);
    if (done && asked.against) {
        asked.attack = false;
        done = stress_all(&asked, asked.against, &s[1], &pool, &trouble);
        if (done) tell_against(&s[0], &s[1]);
    }
    done = done && (!asked.csv || write_csv(&s[0], asked.csv, &pool, &trouble));
    const int code = !done ? cli_trouble(&trouble) : s[0].bad ? CLI_BAD_INPUT : CLI_DONE;
    free(s);
    pool_free(&pool);
    return code;
}

const struct command command_stress = {
    "stress",
    "MODEL.fovea DIR|CSV",
    "Measures which changes of light, focus, framing and camera change a model's answers",
    "Each photo is answered as it is and after 17 corruptions at five levels; photos wider than "
    "448 pixels are first scaled down by averaging. If a calibrated model gives no answer, it "
    "counts as changed.",
    run_stress,
};
