#include "cli/pictures.h"

#include <stdlib.h>
#include <string.h>

#include "cli/feed.h"
#include "cli/sources.h"
#include "clinic/csv.h"

uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size) {
    const uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++) hash = (hash ^ at[i]) * 0x100000001b3u;
    return hash;
}

/* ---- which pictures ---- */

struct lister {
    struct pictures *pictures;
    const struct scores_wish *wish;
    size_t room;
    struct pool *pool;
    struct trouble *trouble;
};

static bool grow_list(struct lister *l, const char ***list, size_t larger) {
    const char **copy = pool_get(l->pool, larger, sizeof *copy, l->trouble);
    if (!copy) return false;
    if (l->pictures->count) memcpy(copy, *list, l->pictures->count * sizeof *copy);
    *list = copy;
    return true;
}

/* Makes room for one more. */
static bool grow_lists(struct lister *l) {
    struct pictures *p = l->pictures;
    if (p->count < l->room) return true;
    const size_t larger = l->room ? l->room * 2 : 256;
    if (!grow_list(l, &p->paths, larger) || !grow_list(l, &p->labels, larger)) return false;
    for (size_t c = 0; c < p->columns; c++)
        if (!grow_list(l, &p->words[c], larger)) return false;
    l->room = larger;
    return true;
}

static bool add_picture(struct lister *l, const char *path, const char *label) {
    struct pictures *p = l->pictures;
    if (!grow_lists(l)) return false;
    p->paths[p->count] = pool_text(l->pool, path, strlen(path), l->trouble);
    p->labels[p->count] = scores_relabel(l->wish, label, l->pool, l->trouble);
    if (!p->paths[p->count] || !p->labels[p->count]) return false;
    p->hash = hash_bytes(p->hash, path, strlen(path) + 1);
    p->hash = hash_bytes(p->hash, label, strlen(label) + 1);
    p->count++;
    return true;
}

/* "mel" of "set/mel/1.jpg". */
static bool add_from_folder(struct lister *l, const char *path) {
    const char *name = base_name(path);
    if (name - path < 2) return fail(l->trouble, "%s is not in a folder that labels it", path);
    const char *end = name - 1, *from = end;
    while (from > path && from[-1] != '/' && from[-1] != '\\') from--;
    const char *label = pool_text(l->pool, from, (size_t)(end - from), l->trouble);
    return label && add_picture(l, path, label);
}

static bool list_folder(struct lister *l, const char *path) {
    char *word = pool_text(l->pool, path, strlen(path), l->trouble);
    const struct sources_wishes wishes = {.recursive = true};
    if (!word) return false;
    struct sources *sources = sources_open(&word, 1, 1, &wishes, l->trouble);
    bool done = sources != NULL;
    while (done) {
        struct trouble trouble = {0};
        struct group group = {0};
        const enum sources_state state = sources_next(sources, &group, &trouble);
        if (state == SOURCES_GROUP)
            done = add_from_folder(l, group.source[0].path);
        else if (trouble.set)
            done = fail_check(l->trouble, trouble.check, "%s", trouble.text);
        if (state == SOURCES_END) break;
        group_free(&group);
    }
    sources_close(sources);
    return done;
}

/* The path of a file that the CSV names. */
static const char *resolve(struct lister *l, const char *csv, const char *root, const char *file) {
    if (file[0] == '/') return pool_text(l->pool, file, strlen(file), l->trouble);
    if (root) return pool_print(l->pool, l->trouble, "%s/%s", root, file);
    return pool_print(l->pool, l->trouble, "%.*s%s", (int)(base_name(csv) - csv), csv, file);
}

/* Takes a header: which columns are file and label; the others are words, in their order. */
static bool list_header(struct lister *l, struct csv *csv, size_t *file, size_t *label) {
    struct pictures *p = l->pictures;
    const char *wanted = l->wish->label ? l->wish->label : "label";
    p->column_names = pool_get(l->pool, csv->count, sizeof *p->column_names, l->trouble);
    p->words = pool_get(l->pool, csv->count, sizeof *p->words, l->trouble);
    if (!p->column_names || !p->words) return false;
    *file = *label = csv->count;
    for (size_t c = 0; c < csv->count; c++) {
        const char *name = csv->fields[c];
        if (*file == csv->count && (strcmp(name, "file") == 0 || strcmp(name, "id") == 0))
            *file = c;
        else if (strcmp(name, wanted) == 0)
            *label = c;
        else if (!(p->column_names[p->columns++] =
                       pool_text(l->pool, name, strlen(name), l->trouble)))
            return false;
    }
    if (*file == csv->count) return fail(l->trouble, "L-020 %s: no column 'file'", csv->name);
    if (*label == csv->count)
        return fail(l->trouble, "L-021 %s: no column '%s'", csv->name, wanted);
    return true;
}

static bool list_row(struct lister *l, struct csv *csv, const char *root, size_t file,
                     size_t label) {
    struct pictures *p = l->pictures;
    if (csv->count != p->columns + 2)
        return fail(l->trouble, "L-022 %s line %zu: %zu columns, the header has %zu", csv->name,
                    csv->line, csv->count, p->columns + 2);
    if (!grow_lists(l)) return false;
    for (size_t c = 0, word = 0; c < csv->count; c++) {
        const char *text = csv->fields[c];
        if (c == file || c == label) continue;
        if (!(p->words[word++][p->count] = pool_text(l->pool, text, strlen(text), l->trouble)))
            return false;
    }
    const char *path = resolve(l, csv->name, root, csv->fields[file]);
    return path && add_picture(l, path, csv->fields[label]);
}

static bool list_csv(struct lister *l, const char *path, const char *root) {
    struct file_bytes bytes;
    struct csv csv;
    size_t file = 0, label = 0;
    if (!file_open(path, &bytes, l->trouble)) return false;
    bool done = csv_open(&csv, path, bytes.bytes, bytes.size, l->pool, l->trouble) &&
                list_header(l, &csv, &file, &label);
    while (done && csv_next(&csv)) done = list_row(l, &csv, root, file, label);
    file_close(&bytes);
    return done && !l->trouble->set;
}

bool pictures_list(struct pictures *pictures, const char *path, const char *root,
                   const struct scores_wish *wish, struct pool *pool, struct trouble *trouble) {
    *pictures = (struct pictures){.name = path, .hash = HASH_START};
    struct lister l = {pictures, wish, 0, pool, trouble};
    if (!(file_is_folder(path) ? list_folder(&l, path) : list_csv(&l, path, root))) return false;
    return pictures->count > 0 || fail(trouble, "%s: no pictures", path);
}

/* ---- running them ---- */

struct runner {
    const struct pictures *pictures;
    struct engine *engine;
    const struct limits *limits;
    const struct recipe_wishes *recipe;
    struct scores *scores;
    struct pictures_run *run;
    const char **labels; /* of the rows */
    const char ***words;
    struct seen {
        uint64_t hash;
        uint32_t row;
    } * seen;
    struct fovea_finding finding; /* of the last one */
    struct pool *pool;
    struct trouble *trouble;
};

static bool name_classes(struct runner *r) {
    struct fovea_io io;
    const struct fovea_model *model = &r->engine->model;
    fovea_model_output(model, 0, &io);
    if (fovea_model_inputs(model) != 1 || io.shape.rank != 1)
        return fail(r->trouble,
                    "%s: evaluate takes models with one input, whose first output is a "
                    "vector of scores",
                    r->pictures->name);
    struct scores *s = r->scores;
    s->classes = (uint32_t)io.count;
    s->class_names = pool_get(r->pool, io.count + 2, sizeof *s->class_names, r->trouble);
    for (uint32_t k = 0; s->class_names && k < s->classes; k++) {
        const char *label = fovea_model_label(model, 0, k);
        const char *none = s->classes == 1 ? "" : pool_print(r->pool, r->trouble, "%u", k);
        s->class_names[k] = label ? label : none; /* of a single score no class 0 */
        if (!s->class_names[k]) return false;
    }
    return s->class_names != NULL;
}

/* Whether a list has a column of that name already. */
static bool names_verdict(const struct pictures *p) {
    bool found = false;
    for (size_t c = 0; c < p->columns; c++)
        found |= strcmp(p->column_names[c], PICTURES_VERDICT) == 0;
    return found;
}

static bool make_rows(struct runner *r) {
    struct scores *s = r->scores;
    const struct pictures *p = r->pictures;
    s->name = p->name;
    s->has_ids = true;
    s->ids = pool_get(r->pool, p->count, sizeof *s->ids, r->trouble);
    s->values =
        pool_get(r->pool, fovea_product(p->count, s->classes), sizeof *s->values, r->trouble);
    const bool verdicts = fovea_judge_calibrated(r->engine->judge) && !names_verdict(p);
    const size_t columns = p->columns + verdicts;
    s->columns = pool_get(r->pool, columns, sizeof *s->columns, r->trouble);
    r->labels = pool_get(r->pool, p->count, sizeof *r->labels, r->trouble);
    r->words = pool_get(r->pool, columns, sizeof *r->words, r->trouble);
    r->seen = pool_get(r->pool, p->count, sizeof *r->seen, r->trouble);
    if (r->recipe->symmetries)
        fovea_judge_turns(r->engine->judge, recipe_symmetries(r->recipe, &r->engine->model));
    r->run->unread = pool_get(r->pool, p->count, sizeof *r->run->unread, r->trouble);
    if (!s->ids || !s->values || !s->columns || !r->labels || !r->words || !r->seen ||
        !r->run->unread)
        return false;
    s->column_count = (uint32_t)columns;
    for (size_t c = 0; c < columns; c++) {
        s->columns[c].name = c < p->columns ? p->column_names[c] : PICTURES_VERDICT;
        r->words[c] = pool_get(r->pool, p->count, sizeof **r->words, r->trouble);
        if (!r->words[c]) return false;
    }
    return true;
}

/* Decodes and runs one; false with `trouble` set: it could not be read. */
static bool run_picture(struct runner *r, const char *path, struct trouble *trouble) {
    struct source source = {.path = (char *)(uintptr_t)path};
    struct group group = {&source, 1, 0};
    struct feed feed = {0};
    fovea_session *session = r->engine->session;
    bool done = feed_open(&feed, &r->engine->model, &group, r->limits, trouble);
    feed.recipe = r->recipe;
    if (done && feed.batch != 1)
        done = fail(trouble, "%s: %zu arrays, but one picture is expected", path, feed.batch);
    done = done && feed_fill_judged(&feed, 0, session, r->engine->judge, NULL, trouble);
    feed_close(&feed);
    if (!done) return false;
    struct fovea_io io;
    fovea_model_input(&r->engine->model, 0, &io);
    r->seen[r->scores->n] = (struct seen){
        hash_bytes(HASH_START, fovea_input(session, 0), io.count * sizeof(float)), r->scores->n};
    fovea_verdict(r->engine->judge, session, &r->finding);
    r->run->symmetries = r->finding.turns;
    return true;
}

/* Keeps what the model says of picture i as the next row; false with `trouble` set: it says nothing finite. */
static bool keep_row(struct runner *r, size_t i, struct trouble *trouble) {
    struct scores *s = r->scores;
    float *row = s->values + (size_t)s->n * s->classes;
    for (uint32_t k = 0; k < s->classes; k++) {
        row[k] = r->finding.probabilities[s->classes == 1 ? 1 : k];
        if (row[k] - row[k] != 0)
            return fail(trouble, "%s: the model's score of class %s is not a number",
                        r->pictures->paths[i], s->class_names[k]);
    }
    s->ids[s->n] = r->pictures->paths[i];
    r->labels[s->n] = r->pictures->labels[i];
    for (size_t c = 0; c < r->pictures->columns; c++) r->words[c][s->n] = r->pictures->words[c][i];
    if (s->column_count > r->pictures->columns)
        r->words[r->pictures->columns][s->n] = fovea_verdict_text(r->finding.kind);
    s->n++;
    return true;
}

static int by_hash(const void *a, const void *b) {
    const struct seen *x = a, *y = b;
    if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static bool count_duplicates(struct runner *r) {
    const uint32_t n = r->scores->n;
    qsort(r->seen, n, sizeof *r->seen, by_hash);
    for (uint32_t i = 1; i < n; i++) {
        if (r->seen[i].hash != r->seen[i - 1].hash) continue;
        if (r->run->duplicates++ > 0) continue;
        r->run->duplicate =
            pool_print(r->pool, r->trouble, "%s and %s", r->scores->ids[r->seen[i - 1].row],
                       r->scores->ids[r->seen[i].row]);
        if (!r->run->duplicate) return false;
    }
    return true;
}

bool pictures_run(const struct pictures *pictures, struct engine *engine,
                  const struct limits *limits, const struct recipe_wishes *recipe,
                  const struct scores_wish *wish, struct scores *scores, struct pictures_run *run,
                  struct pool *pool, struct trouble *trouble) {
    struct runner r = {.pictures = pictures,
                       .engine = engine,
                       .limits = limits,
                       .recipe = recipe,
                       .scores = scores,
                       .run = run,
                       .pool = pool,
                       .trouble = trouble};
    *scores = (struct scores){0};
    *run = (struct pictures_run){0};
    if (!name_classes(&r) || !make_rows(&r)) return false;
    for (size_t i = 0; i < pictures->count; i++) {
        struct trouble bad = {0};
        if (run_picture(&r, pictures->paths[i], &bad) && keep_row(&r, i, &bad)) continue;
        struct unread *unread = &run->unread[run->unread_count++];
        unread->name = pictures->paths[i];
        unread->reason = pool_text(pool, bad.text, strlen(bad.text), trouble);
        if (!unread->reason) return false;
    }
    if (scores->n == 0)
        return fail(trouble, "none of the %zu pictures could be read: %s", pictures->count,
                    run->unread[0].reason);
    return count_duplicates(&r) && scores_label(scores, r.labels, wish, pool, trouble) &&
           scores_finish(scores, r.words, pool, trouble);
}
