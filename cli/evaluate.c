/* fovea evaluate: what a model's answers to labelled pictures are worth. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/masks.h"
#include "cli/pictures.h"

/* What the user asked for, before it is looked at. */
struct asked {
    const char *images, *root, *scores, *against, *chosen_on, *against_score;
    const char *json, *csv, *html, *save, *title;
    struct given points, groups, requirements, ignored;
    const char *level, *prevalence, *margin, *interval;
    long draws, seed;
    bool skip_bad, quiet;
    struct scores_wish read;
    struct evaluate_wishes wishes;
    struct engine_wishes engine;
    struct limits limits;
    struct recipe_wishes recipe;
    const char *masks, *answers, *threshold, *empty;
};

struct work {
    struct asked *asked;
    struct pool pool;
    struct trouble trouble;
    struct scores scores, against, chosen_on;
    struct evaluation evaluation;
    struct report report;
};

/* ---- options ---- */

/* A number from `low` to `high`; 0 or an exit code. */
static int take_number(const char *option, const char *text, double low, double high,
                       double *value) {
    char *end;
    if (!text) return 0;
    *value = strtod(text, &end);
    if (end != text && !*end && *value >= low && *value <= high) return 0;
    return cli_fail(CLI_BAD_USAGE, "%s takes a number from %g to %g, not '%s'", option, low, high,
                    text);
}

/* Columns of words: whatever an option names. */
static const char *const *word_columns(struct asked *asked, const char *names[GIVEN_MAX * 2 + 3]) {
    size_t count = 0;
    for (size_t i = 0; i < asked->groups.count; i++) names[count++] = asked->groups.text[i];
    for (size_t i = 0; i < asked->ignored.count; i++) names[count++] = asked->ignored.text[i];
    if (asked->wishes.cluster) names[count++] = asked->wishes.cluster;
    if (asked->wishes.folds) names[count++] = asked->wishes.folds;
    names[count] = NULL;
    return names;
}

/* Looks at everything that can be wrong before a file is opened; 0 or an exit code. */
static int take_wishes(struct asked *asked) {
    struct evaluate_wishes *w = &asked->wishes;
    w->level = 0.95;
    w->prevalence = w->margin = -1;
    int code = take_number("--level", asked->level, 0.5, 0.9999, &w->level);
    if (!code) code = take_number("--prevalence", asked->prevalence, 0, 1, &w->prevalence);
    if (!code) code = take_number("--margin", asked->margin, 0, 1, &w->margin);
    double share;
    if (!code) code = take_number("--mask-threshold", asked->threshold, -1e30, 1e30, &share);
    if (!code) code = take_number("--empty-is", asked->empty, 0, 1, &share);
    static const char *const usual[] = {"threshold=0.5", "sensitivity=0.95"};
    for (size_t i = 0; i < 2 && asked->points.count == 0 && !code; i++) {
        struct trouble trouble = {0};
        point_parse(usual[i], &w->points[w->point_count++], &trouble);
    }
    for (size_t i = 0; i < asked->points.count && !code; i++) {
        struct trouble trouble = {0};
        if (!point_parse(asked->points.text[i], &w->points[w->point_count++], &trouble))
            code = cli_fail(CLI_BAD_USAGE, "--at: %s", trouble.text);
    }
    for (size_t i = 0; i < asked->groups.count; i++)
        w->groups[w->group_count++] = asked->groups.text[i];
    w->draws = (uint32_t)asked->draws;
    w->seed = (uint64_t)asked->seed;
    w->exact = asked->interval && strcmp(asked->interval, "exact") == 0;
    return code;
}

/* ---- inputs ---- */

/* `hash` is of the file evaluated, NULL for others. */
static bool read_scores(struct work *w, const char *path, const char *column, struct scores *scores,
                        uint64_t *hash) {
    struct file_bytes file;
    struct scores_wish wish = w->asked->read;
    if (column) wish.score = column;
    wish.another = !hash;
    if (!file_open(path, &file, &w->trouble)) return false;
    const bool done =
        scores_read(scores, path, file.bytes, file.size, &wish, &w->pool, &w->trouble);
    if (done && hash) *hash = hash_bytes(HASH_START, file.bytes, file.size);
    file_close(&file);
    return done;
}

/* Runs a model on the pictures; with `report`, that is told what happened to them. */
static bool run_model(struct work *w, const char *model, const struct pictures *pictures,
                      struct scores *scores, struct report *report) {
    struct engine engine = {0};
    struct pictures_run run = {0};
    bool done = engine_open(&engine, model, &w->asked->engine, &w->trouble) &&
                pictures_run(pictures, &engine, &w->asked->limits, &w->asked->recipe,
                             &w->asked->read, scores, &run, &w->pool, &w->trouble);
    if (done && report && fovea_judge_calibrated(engine.judge)) {
        struct evaluate_wishes *wishes = &w->asked->wishes;
        bool asked = false;
        for (size_t i = 0; i < wishes->group_count; i++)
            asked |= strcmp(wishes->groups[i], PICTURES_VERDICT) == 0;
        if (!asked && wishes->group_count < GROUPS_MAX)
            wishes->groups[wishes->group_count++] = PICTURES_VERDICT;
    }
    /* Names and labels live in the model's file. */
    for (uint32_t k = 0; done && k < scores->classes; k++) {
        const char *name = scores->class_names[k];
        scores->class_names[k] = pool_text(&w->pool, name, strlen(name), &w->trouble);
        done = scores->class_names[k] != NULL;
    }
    if (done && report) {
        report->model = model;
        report->model_hash = hash_bytes(HASH_START, engine.file.bytes, engine.file.size);
        report->data_hash = pictures->hash;
        report->found = pictures->count;
        report->unread = run.unread;
        report->unread_count = run.unread_count;
        report->duplicates = run.duplicates;
        report->duplicate = run.duplicate;
        report->symmetries = run.symmetries;
    }
    engine_close(&engine);
    return done;
}

static bool get_scores(struct work *w, const char *model) {
    struct asked *asked = w->asked;
    struct pictures pictures;
    if (asked->scores) {
        if (!read_scores(w, asked->scores, NULL, &w->scores, &w->report.data_hash)) return false;
        w->report.found = w->scores.n;
    } else {
        if (!pictures_list(&pictures, asked->images, asked->root, &asked->read, &w->pool,
                           &w->trouble) ||
            !run_model(w, model, &pictures, &w->scores, &w->report))
            return false;
    }
    if (asked->against) {
        const bool done =
            asked->scores || !ends_with(asked->against, ".fovea")
                ? read_scores(w, asked->against, asked->against_score, &w->against, NULL)
                : run_model(w, asked->against, &pictures, &w->against, NULL);
        if (!done) return false;
        asked->wishes.against = &w->against;
        w->report.against = asked->against;
    }
    if (asked->chosen_on) {
        if (!read_scores(w, asked->chosen_on, NULL, &w->chosen_on, NULL)) return false;
        asked->wishes.chosen_on = &w->chosen_on;
        w->report.chosen_on = asked->chosen_on;
    }
    return true;
}

/* ---- masks ---- */

static bool get_masks(struct work *w, const char *model, struct mask_pair **pairs, size_t *count) {
    struct asked *asked = w->asked;
    struct engine engine = {0};
    struct masks_wish wish = {.truth = asked->masks,
                              .answers = asked->answers,
                              .images = asked->images,
                              .limits = &asked->limits,
                              .recipe = &asked->recipe,
                              .threshold = 0.5};
    if (asked->threshold) wish.threshold = strtod(asked->threshold, NULL); /* looked at before */
    bool done = !model || engine_open(&engine, model, &asked->engine, &w->trouble);
    if (done && model) {
        wish.engine = &engine;
        w->report.model = model;
        w->report.model_hash = hash_bytes(HASH_START, engine.file.bytes, engine.file.size);
    }
    done = done && masks_measure(&wish, pairs, count, &w->report, &w->pool, &w->trouble);
    engine_close(&engine);
    return done;
}

static bool evaluate_pictures(struct work *w, const char *model) {
    struct asked *asked = w->asked;
    struct mask_pair *pairs;
    size_t count;
    const double empty_is = asked->empty ? strtod(asked->empty, NULL) : -1;
    if (!asked->masks)
        return get_scores(w, model) &&
               evaluate(&w->evaluation, &w->scores, &asked->wishes, &w->pool, &w->trouble);
    return get_masks(w, model, &pairs, &count) &&
           evaluate_masks(&w->evaluation, pairs, count, empty_is, asked->masks, &asked->wishes,
                          &w->pool, &w->trouble);
}

/* ---- outputs ---- */

static void write_json(const struct work *w, FILE *out) {
    report_json(&w->report, out);
}
static void write_csv(const struct work *w, FILE *out) {
    report_csv(&w->report, out);
}
static void write_html(const struct work *w, FILE *out) {
    report_html(&w->report, out);
}
static void write_scores(const struct work *w, FILE *out) {
    report_scores(&w->scores, out);
}

static bool write_to(struct work *w, const char *path, void (*print)(const struct work *, FILE *)) {
    struct file_output output = {0};
    if (!path) return true;
    if (strcmp(path, "-") == 0) {
        print(w, stdout);
        return true;
    }
    bool done = output_open(&output, path, &w->trouble);
    FILE *stream = done ? output_stream(&output) : NULL;
    if (stream) {
        print(w, stream);
        done = !ferror(stream);
        done = fclose(stream) == 0 && done;
        if (!done) fail(&w->trouble, "cannot write %s: %s", path, strerror(errno));
        done = done && output_commit(&output);
    }
    output_abandon(&output);
    return stream && done;
}

static bool write_all(struct work *w) {
    const struct asked *asked = w->asked;
    if (!asked->quiet) report_text(&w->report);
    return write_to(w, asked->json, write_json) && write_to(w, asked->csv, write_csv) &&
           write_to(w, asked->html, write_html) && write_to(w, asked->save, write_scores);
}

/* Says what was not met, every one; the exit code. */
static int look_at_requirements(struct work *w) {
    int code = CLI_DONE;
    for (size_t i = 0; i < w->asked->requirements.count; i++) {
        struct trouble trouble = {0};
        if (!figures_require(&w->evaluation.figures, w->asked->requirements.text[i], &trouble))
            code = cli_trouble(&trouble);
    }
    return code;
}

static int work_through(struct work *w, const char *model) {
    struct asked *asked = w->asked;
    w->report.e = &w->evaluation;
    w->report.title = asked->title;
    if (!evaluate_pictures(w, model)) return cli_trouble(&w->trouble);
    if (w->report.duplicates)
        evaluate_note(&w->evaluation,
                      pool_print(&w->pool, &w->trouble,
                                 "%zu pictures are copies of others (%s): they count twice.",
                                 w->report.duplicates, w->report.duplicate));
    if (w->report.symmetries > 1)
        evaluate_note(
            &w->evaluation,
            pool_print(&w->pool, &w->trouble,
                       "Answers are means over %u mirror images and turns of each picture.",
                       w->report.symmetries));
    if (!write_all(w)) return cli_trouble(&w->trouble);
    int code = look_at_requirements(w);
    for (size_t i = 0; i < w->report.unread_count; i++) {
        struct trouble trouble = {0};
        fail(&trouble, "%s", w->report.unread[i].reason);
        cli_trouble(&trouble);
        if (!asked->skip_bad) code = CLI_BAD_INPUT;
    }
    return code;
}

static int check_words(void *wishes, int count, char **words) {
    struct asked *const asked = wishes;
    const int wanted = asked->scores || asked->answers ? 0 : asked->images ? 1 : 2;
    if (asked->scores && (count || asked->images || asked->root || asked->recipe.symmetries))
        return cli_fail(CLI_BAD_USAGE,
                        "--scores replaces the model and its pictures: give one or the other");
    if (count != wanted)
        return cli_fail(CLI_BAD_USAGE,
                        "evaluate takes a model and a folder or list, or --scores, or "
                        "--masks with --answers");
    if (asked->answers && !asked->masks) return cli_fail(CLI_BAD_USAGE, "--answers needs --masks");
    if (asked->masks && (asked->scores || asked->against || asked->save ||
                         asked->recipe.symmetries || (asked->answers && asked->images)))
        return cli_fail(
            CLI_BAD_USAGE,
            "--masks takes a model and pictures, or --answers, and no options of scores");
    if (wanted == 2) asked->images = words[1];
    if (asked->against_score && !asked->against)
        return cli_fail(CLI_BAD_USAGE, "--against-score needs --against");
    const char *const out[] = {asked->json, asked->csv, asked->html, asked->save};
    const char *const in[] = {asked->scores, asked->images, asked->against, asked->chosen_on,
                              count ? words[0] : NULL};
    for (size_t i = 0; i < sizeof out / sizeof *out; i++)
        for (size_t j = 0; out[i] && j < sizeof in / sizeof *in; j++)
            if (in[j] && file_same(out[i], in[j]))
                return cli_fail(CLI_BAD_USAGE, "a result would replace the input %s", in[j]);
    return take_wishes(asked);
}

static int take_options(struct asked *asked, int count, char **words) {
    struct evaluate_wishes *const w = &asked->wishes;
    const struct option options[] = {
        PICTURES_OPTIONS(asked->images, asked->root, asked->read, "labelled pictures"){
            "--scores", OPTION_TEXT, &asked->scores, 0, 0, "CSV",
            "columns id,label and a score per class: no model needed"},
        {"--score", OPTION_TEXT, &asked->read.score, 0, 0, "COLUMN",
         "the only score column: a yes/no test"},
        {"--positive", OPTION_TEXT, &w->positive, 0, 0, "CLASS,...",
         "binary view: these classes against all others"},
        {"--at", OPTION_MANY, &asked->points, 0, 0, "POINT",
         "sensitivity=0.95[:lower], specificity=0.9[:lower], threshold=0.5, youden"},
        {"--threshold-from", OPTION_TEXT, &asked->chosen_on, 0, 0, "CSV",
         "scores of other pictures, from which thresholds are chosen"},
        {"--group", OPTION_MANY, &asked->groups, 0, 0, "COLUMN",
         "evaluates each value of the column as a subgroup"},
        {"--cluster", OPTION_TEXT, &w->cluster, 0, 0, "COLUMN",
         "patients or lesions: the bootstrap draws all pictures of one together"},
        {"--folds", OPTION_TEXT, &w->folds, 0, 0, "COLUMN", "the folds of a cross-validation"},
        {"--ignore", OPTION_MANY, &asked->ignored, 0, 0, "COLUMN",
         "a column of numbers that are not scores"},
        {"--prevalence", OPTION_TEXT, &asked->prevalence, 0, 0, "SHARE",
         "also predictive values at this prevalence"},
        {"--against", OPTION_TEXT, &asked->against, 0, 0, "FILE",
         "another model's scores, or a .fovea: paired comparison"},
        {"--against-score", OPTION_TEXT, &asked->against_score, 0, 0, "COLUMN",
         "the score column of that file"},
        {"--margin", OPTION_TEXT, &asked->margin, 0, 0, "SHARE",
         "non-inferiority margin: the largest acceptable loss of sensitivity"},
        {"--masks", OPTION_TEXT, &asked->masks, 0, 0, "DIR",
         "segmentation: the true masks, named like the pictures"},
        {"--answers", OPTION_TEXT, &asked->answers, 0, 0, "DIR",
         "masks to evaluate, named alike, from any program or reader: no model needed"},
        {"--mask-threshold", OPTION_TEXT, &asked->threshold, 0, 0, "X",
         "the output above which a pixel belongs to the mask (0.5)"},
        {"--empty-is", OPTION_TEXT, &asked->empty, 0, 0, "X",
         "Dice and IoU of two empty masks (left out)"},
        {"--interval", OPTION_WORD, &asked->interval, 0, 0, "wilson|exact",
         "the interval of proportions (wilson); exact: Clopper-Pearson"},
        {"--level", OPTION_TEXT, &asked->level, 0, 0, "LEVEL",
         "confidence level of the intervals (0.95)"},
        {"--bootstrap", OPTION_WHOLE, &asked->draws, 0, 1000000, "N",
         "number of bootstrap draws (2000)"},
        {"--seed", OPTION_WHOLE, &asked->seed, 0, 2147483647, "N", "seed of the bootstrap (1)"},
        {"--holm", OPTION_FLAG, &w->holm, 0, 0, NULL,
         "p values of subgroups against the rest, with Holm's correction"},
        {"--json", OPTION_TEXT, &asked->json, 0, 0, "FILE",
         "all results as JSON; - for standard output, here and below"},
        {"--csv", OPTION_TEXT, &asked->csv, 0, 0, "FILE", "all metrics, one per line"},
        {"--html", OPTION_TEXT, &asked->html, 0, 0, "FILE",
         "a report to read and print: one file without scripts"},
        {"--title", OPTION_TEXT, &asked->title, 0, 0, "TEXT", "title of the report"},
        {"--save-scores", OPTION_TEXT, &asked->save, 0, 0, "FILE",
         "writes scores that --scores reads"},
        {"--require", OPTION_MANY, &asked->requirements, 0, 0, "FIGURE>=X",
         "exit code 1 if not met: 'auc(mel).low>=0.8', 'accuracy>=0.9'"},
        {"--skip-bad", OPTION_FLAG, &asked->skip_bad, 0, 0, NULL,
         "pictures that cannot be read are counted, and are no failure"},
        {"--quiet", OPTION_FLAG, &asked->quiet, 0, 0, NULL, "print nothing on standard output"},
        PHOTO_OPTIONS(*asked){0},
    };
    return photo_options_take(&command_evaluate, options, count, words, check_words, asked,
                              &asked->recipe);
}

static int run_evaluate(int count, char **words) {
    struct asked asked = {.draws = 2000, .seed = 1, .engine = {.threads = 1, .judged = true}};
    const char *names[GIVEN_MAX * 2 + 3];
    count = take_options(&asked, count, words);
    if (count < 0) return -1 - count;
    asked.read.positive = asked.wishes.positive;
    asked.read.words = word_columns(&asked, names);
    struct work work = {.asked = &asked, .pool = {.limits = &asked.limits}};
    const int code = work_through(&work, count ? words[0] : NULL);
    pool_free(&work.pool);
    return code;
}

const struct command command_evaluate = {
    "evaluate",
    "MODEL.fovea DIR|CSV, or --scores CSV",
    "Measures how good a model's answers to labelled pictures are: metrics with confidence "
    "intervals",
    "Pictures are labelled by their folder (DIR/label/picture) or by a CSV with the columns "
    "file,label and others.\n--scores evaluates the scores of any program, without a model: "
    "columns id,label and a score per class.\nEvery metric comes with its interval and its number "
    "of pictures, or with the reason why it has none.",
    run_evaluate,
};
