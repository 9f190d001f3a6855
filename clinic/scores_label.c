/* What labels say about scores: which class of the scores each one means. */
#include <string.h>

#include "clinic/scores.h"

const char *scores_relabel(const struct scores_wish *wish, const char *label, struct pool *pool,
                           struct trouble *trouble) {
    const char *pairs = wish->relabel;
    const size_t length = strlen(label);
    for (const char *at = pairs; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, label, length) == 0 && at[length] == '=')
            return pool_text(pool, at + length + 1, strcspn(at + length + 1, ","), trouble);
    }
    return pool_text(pool, label, length, trouble);
}

static bool is_name(const char *names, const char *name) {
    const size_t length = strlen(name);
    for (const char *at = names; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strcspn(at, ",") == length && strncmp(at, name, length) == 0) return true;
    }
    return false;
}

/* The class of a label: of its name, or "3" for a column p3. */
static uint32_t class_of(const struct scores *s, const char *label) {
    char numbered[24];
    const uint32_t class = scores_class(s, label, strlen(label));
    if (class != NO_CLASS || strlen(label) > 10) return class;
    numbered[0] = 'p';
    strcpy(numbered + 1, label);
    return scores_class(s, numbered, strlen(numbered));
}

static bool label_rows(struct scores *s, const char *const *labels, const struct scores_wish *wish,
                       struct trouble *trouble) {
    for (uint32_t i = 0; i < s->n; i++) {
        s->truth[i] = class_of(s, labels[i]);
        if (s->truth[i] == NO_CLASS && !is_name(wish->negative, labels[i]))
            return fail(trouble,
                        "L-016 %s, %s: the label '%.60s' is not a class of the scores (--relabel "
                        "FROM=TO maps it to one)",
                        s->name, s->ids[i], labels[i]);
    }
    return true;
}

/* One score: its labels are two, of which it speaks for the positive. */
static bool label_yes_no(struct scores *s, const char *const *labels,
                         const struct scores_wish *wish, struct pool *pool,
                         struct trouble *trouble) {
    const char *yes = wish->positive, *no = NULL;
    for (uint32_t i = 0; !yes && i < s->n; i++)
        if (*labels[i] && strcmp(labels[i], s->class_names[0]) == 0) yes = s->class_names[0];
    for (uint32_t i = 0; !yes && i < s->n; i++)
        if (strcmp(labels[i], "1") == 0) yes = "1";
    if (!yes)
        return fail(trouble,
                    "L-017 %s: one score per row, and no label '1': --positive LABEL names the "
                    "label that it is the score of",
                    s->name);
    float *values = pool_get(pool, s->n, 2 * sizeof *values, trouble);
    if (!values) return false;
    bool shares = true;
    for (uint32_t i = 0; i < s->n; i++) shares &= s->values[i] >= 0 && s->values[i] <= 1;
    for (uint32_t i = 0; i < s->n; i++) {
        const char *label = labels[i];
        s->truth[i] = strcmp(label, yes) == 0;
        if (!s->truth[i] && !no) no = label;
        if (!s->truth[i] && strcmp(label, no) != 0)
            return fail(trouble,
                        "L-018 %s: one score per row, and more than two labels: %s, %s, %s",
                        s->name, yes, no, label);
        values[2 * i] = shares ? 1 - s->values[i] : -s->values[i]; /* a logit answers above 0 */
        values[2 * i + 1] = s->values[i];
    }
    s->values = values;
    s->yes_no = true;
    s->classes = 2;
    s->class_names[0] = no ? no : "other";
    s->class_names[1] = yes;
    return true;
}

bool scores_label(struct scores *scores, const char *const *labels, const struct scores_wish *wish,
                  struct pool *pool, struct trouble *trouble) {
    scores->truth = pool_get(pool, scores->n, sizeof *scores->truth, trouble);
    if (!scores->truth) return false;
    return scores->classes == 1 ? label_yes_no(scores, labels, wish, pool, trouble)
                                : label_rows(scores, labels, wish, trouble);
}
