#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clinic/csv.h"
#include "clinic/scores.h"

enum role { ROLE_NONE, ROLE_ID, ROLE_LABEL, ROLE_WORDS, ROLE_SCORE };

struct reader {
    struct csv csv;
    const struct scores_wish *wish;
    struct scores *scores;
    struct pool *pool;
    struct trouble *trouble;
    size_t columns;
    enum role *roles;
    const char **names;
    const char ***words; /* of each column of words, the fields of the rows */
    const char **labels; /* as the file has them, relabelled */
    uint32_t room;
};

static bool is_number(const char *text, double *value) {
    char *end;
    *value = strtod(text, &end);
    return end != text && *end == 0;
}

static bool is_word(const struct scores_wish *wish, const char *name) {
    for (size_t i = 0; wish->words && wish->words[i]; i++)
        if (strcmp(wish->words[i], name) == 0) return true;
    return false;
}

static bool wanted_score(const struct scores_wish *wish, const char *name) {
    return !wish->score || strcmp(wish->score, name) == 0;
}

/* ---- the header ---- */

static bool has_column(const struct csv *csv, const char *name) {
    for (size_t c = 0; c < csv->count; c++)
        if (strcmp(csv->fields[c], name) == 0) return true;
    return false;
}

static bool look_for_column(struct reader *r, const char *name) {
    if (has_column(&r->csv, name)) return true;
    return fail(r->trouble, "L-009 %s: no column '%s'", r->csv.name, name);
}

static bool read_header(struct reader *r) {
    const char *label = r->wish->label ? r->wish->label : "label";
    if (r->wish->another && !has_column(&r->csv, label)) label = "label";
    r->columns = r->csv.count;
    r->roles = pool_get(r->pool, r->columns, sizeof *r->roles, r->trouble);
    r->names = pool_get(r->pool, r->columns, sizeof *r->names, r->trouble);
    if (!r->roles || !r->names) return false;
    for (size_t c = 0; c < r->columns; c++) {
        const char *name = r->csv.fields[c];
        r->names[c] = pool_text(r->pool, name, strlen(name), r->trouble);
        if (!r->names[c]) return false;
        for (size_t before = 0; before < c; before++)
            if (strcmp(r->names[before], name) == 0)
                return fail(r->trouble, "L-010 %s: two columns '%s'", r->csv.name, name);
        if (strcmp(name, label) == 0)
            r->roles[c] = ROLE_LABEL;
        else if (is_word(r->wish, name))
            r->roles[c] = ROLE_WORDS;
        else if (c == 0 && (strcmp(name, "id") == 0 || strcmp(name, "file") == 0))
            r->roles[c] = ROLE_ID;
    }
    if (!look_for_column(r, label)) return false;
    if (r->wish->score && !look_for_column(r, r->wish->score)) return false;
    for (size_t i = 0; !r->wish->another && r->wish->words && r->wish->words[i]; i++)
        if (!look_for_column(r, r->wish->words[i])) return false;
    return true;
}

/* By the first row: what nobody named is a score where it is a number, else words. */
static bool assign_roles(struct reader *r) {
    struct scores *s = r->scores;
    s->class_names = pool_get(r->pool, r->columns + 2, sizeof *s->class_names, r->trouble);
    s->columns = pool_get(r->pool, r->columns, sizeof *s->columns, r->trouble);
    r->words = pool_get(r->pool, r->columns, sizeof *r->words, r->trouble);
    if (!s->class_names || !s->columns || !r->words) return false;
    for (size_t c = 0; c < r->columns; c++) {
        double value;
        const char *field = r->csv.fields[c];
        if (r->roles[c] == ROLE_NONE && (is_number(field, &value) || !*field)) {
            if (wanted_score(r->wish, r->names[c])) r->roles[c] = ROLE_SCORE;
        } else if (r->roles[c] == ROLE_NONE) {
            r->roles[c] = ROLE_WORDS;
        }
        if (r->roles[c] == ROLE_SCORE) s->class_names[s->classes++] = r->names[c];
        if (r->roles[c] == ROLE_WORDS) s->columns[s->column_count++].name = r->names[c];
        s->has_ids |= r->roles[c] == ROLE_ID;
    }
    if (s->classes > 0) return true;
    return fail(r->trouble, "L-011 %s: no column of numbers beside the labels", r->csv.name);
}

/* ---- rows ---- */

static bool grow(struct reader *r) {
    struct scores *s = r->scores;
    const uint32_t larger = r->room ? r->room * 2 : 256;
    const char **ids = pool_get(r->pool, larger, sizeof *ids, r->trouble);
    const char **labels = pool_get(r->pool, larger, sizeof *labels, r->trouble);
    const size_t row = s->classes * sizeof *s->values;
    float *values = pool_get(r->pool, larger, row, r->trouble);
    if (!ids || !labels || !values) return false;
    if (s->n) {
        memcpy(ids, s->ids, s->n * sizeof *ids);
        memcpy(labels, r->labels, s->n * sizeof *labels);
        memcpy(values, s->values, s->n * row);
    }
    for (uint32_t c = 0; c < s->column_count; c++) {
        const char **words = pool_get(r->pool, larger, sizeof *words, r->trouble);
        if (!words) return false;
        if (s->n) memcpy(words, r->words[c], s->n * sizeof *words);
        r->words[c] = words;
    }
    s->ids = ids;
    s->values = values;
    r->labels = labels;
    r->room = larger;
    return true;
}

static bool read_score(struct reader *r, size_t column, const char *field, float *value) {
    double number;
    if (!is_number(field, &number))
        return fail(r->trouble, "L-012 %s line %zu: '%.40s' in column '%s' is not a number",
                    r->csv.name, r->csv.line, field, r->names[column]);
    *value = strtof(field, NULL);
    if (isfinite(*value)) return true;
    return fail(r->trouble, "L-013 %s line %zu: '%.40s' in column '%s' is not a finite number",
                r->csv.name, r->csv.line, field, r->names[column]);
}

static bool read_row(struct reader *r) {
    struct scores *s = r->scores;
    if (r->csv.count != r->columns)
        return fail(r->trouble, "L-014 %s line %zu: %zu columns, the header has %zu", r->csv.name,
                    r->csv.line, r->csv.count, r->columns);
    if (s->n == limit_of(r->pool, SCORES_ROWS_MAX))
        return fail(r->trouble, "L-015 %s: more than %u rows (--limit score-rows)", r->csv.name,
                    s->n);
    if (s->n == r->room && !grow(r)) return false;
    float *value = s->values + (size_t)s->n * s->classes;
    const char *id = NULL;
    for (size_t c = 0, words = 0; c < r->columns; c++) {
        const char *field = r->csv.fields[c], *text = "";
        if (r->roles[c] == ROLE_SCORE) {
            if (!read_score(r, c, field, value++)) return false;
            continue;
        }
        if (r->roles[c] == ROLE_LABEL)
            text = r->labels[s->n] = scores_relabel(r->wish, field, r->pool, r->trouble);
        else if (r->roles[c] == ROLE_WORDS)
            text = r->words[words++][s->n] = pool_text(r->pool, field, strlen(field), r->trouble);
        else if (r->roles[c] == ROLE_ID)
            text = id = pool_text(r->pool, field, strlen(field), r->trouble);
        if (!text) return false;
    }
    if (!id) id = pool_print(r->pool, r->trouble, "line %zu", r->csv.line);
    s->ids[s->n++] = id;
    return id != NULL;
}

bool scores_read(struct scores *scores, const char *name, const void *bytes, size_t size,
                 const struct scores_wish *wish, struct pool *pool, struct trouble *trouble) {
    *scores = (struct scores){.name = name};
    struct reader r = {.wish = wish, .scores = scores, .pool = pool, .trouble = trouble};
    if (!csv_open(&r.csv, name, bytes, size, pool, trouble) || !read_header(&r)) return false;
    while (csv_next(&r.csv)) {
        if (scores->n == 0 && r.csv.count == r.columns && !assign_roles(&r)) return false;
        if (!read_row(&r)) return false;
    }
    if (trouble->set) return false;
    if (scores->n == 0) return fail(trouble, "L-019 %s: a header without rows", name);
    return scores_label(scores, r.labels, wish, pool, trouble) &&
           scores_finish(scores, r.words, pool, trouble);
}
