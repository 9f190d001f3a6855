#include "clinic/scores.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct column *scores_column(const struct scores *scores, const char *name) {
    for (uint32_t c = 0; c < scores->column_count; c++)
        if (strcmp(scores->columns[c].name, name) == 0) return &scores->columns[c];
    return NULL;
}

uint32_t scores_class(const struct scores *scores, const char *name, size_t length) {
    for (uint32_t k = 0; k < scores->classes; k++)
        if (strncmp(scores->class_names[k], name, length) == 0 && !scores->class_names[k][length])
            return k;
    return NO_CLASS;
}

uint32_t scores_answer(const struct scores *scores, uint32_t row) {
    const float *value = scores->values + (size_t)row * scores->classes;
    uint32_t best = 0;
    for (uint32_t k = 1; k < scores->classes; k++)
        if (value[k] > value[best]) best = k;
    return best;
}

bool each_name(const char *names, bool (*take)(const char *name, size_t length, void *with),
               void *with) {
    for (const char *at = names; at; at = strchr(at, ',')) {
        at += at > names;
        if (!take(at, strcspn(at, ","), with)) return false;
        if (!strchr(at, ',')) break;
    }
    return true;
}

/* ---- the end of the making ---- */

struct key {
    const char *text;
    uint32_t row;
};

static int by_text(const void *a, const void *b) {
    const struct key *x = a, *y = b;
    const int order = strcmp(x->text, y->text);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

static bool make_column(struct column *column, const char **fields, uint32_t n, struct key *keys,
                        struct pool *pool, struct trouble *trouble) {
    column->words = pool_get(pool, n, sizeof *column->words, trouble);
    column->of = pool_get(pool, n, sizeof *column->of, trouble);
    if (!column->words || !column->of) return false;
    for (uint32_t i = 0; i < n; i++) keys[i] = (struct key){fields[i], i};
    qsort(keys, n, sizeof *keys, by_text);
    for (uint32_t i = 0; i < n; i++) {
        if (i == 0 || strcmp(keys[i].text, keys[i - 1].text) != 0)
            column->words[column->count++] = keys[i].text;
        column->of[keys[i].row] = column->count - 1;
    }
    return true;
}

/* Copies rows of `size` bytes into their new order. */
static void reorder(void *rows, size_t size, const struct key *keys, uint32_t n, void *copy) {
    memcpy(copy, rows, n * size);
    for (uint32_t i = 0; i < n; i++)
        memcpy((char *)rows + i * size, (const char *)copy + keys[i].row * size, size);
}

static bool sort_rows(struct scores *s, const char ***words, struct key *keys, struct pool *pool,
                      struct trouble *trouble) {
    const size_t row = s->classes * sizeof *s->values;
    char *copy = pool_get(pool, s->n, row > sizeof(char *) ? row : sizeof(char *), trouble);
    if (!copy) return false;
    for (uint32_t i = 0; i < s->n; i++) keys[i] = (struct key){s->ids[i], i};
    qsort(keys, s->n, sizeof *keys, by_text);
    for (uint32_t i = 1; i < s->n; i++)
        if (strcmp(keys[i].text, keys[i - 1].text) == 0)
            return fail(trouble, "L-008 %s: two rows of %s", s->name, keys[i].text);
    reorder(s->ids, sizeof *s->ids, keys, s->n, copy);
    reorder(s->truth, sizeof *s->truth, keys, s->n, copy);
    reorder(s->values, row, keys, s->n, copy);
    for (uint32_t c = 0; c < s->column_count; c++)
        reorder(words[c], sizeof *words[c], keys, s->n, copy);
    return true;
}

/* Probabilities of float32 sum to 1 within their rounding. */
static void look_for_probabilities(struct scores *s) {
    s->probabilities = true;
    for (uint32_t i = 0; i < s->n && s->probabilities; i++) {
        double sum = 0;
        for (uint32_t k = 0; k < s->classes; k++) {
            const double value = (double)s->values[(size_t)i * s->classes + k];
            sum += value;
            if (value < 0 || value > 1) {
                s->probabilities = false;
                s->why_not = "the scores are not probabilities: some are below 0 or above 1";
            }
        }
        if (s->probabilities && fabs(sum - 1) > 1e-3) {
            s->probabilities = false;
            s->why_not = "the scores are not probabilities: those of a row do not sum to 1";
        }
    }
}

bool scores_finish(struct scores *scores, const char ***words, struct pool *pool,
                   struct trouble *trouble) {
    struct key *keys = pool_get(pool, scores->n, sizeof *keys, trouble);
    if (!keys) return false;
    if (scores->has_ids && !sort_rows(scores, words, keys, pool, trouble)) return false;
    for (uint32_t c = 0; c < scores->column_count; c++)
        if (!make_column(&scores->columns[c], words[c], scores->n, keys, pool, trouble))
            return false;
    for (uint32_t i = 0; i < scores->n; i++) scores->coarse |= scores->truth[i] == NO_CLASS;
    look_for_probabilities(scores);
    return true;
}
