/* Answers of a model with the truth beside them: what every statistic is made of, and its file:
 *
 *     id,label,site,akiec,bcc,mel       a header; id is optional
 *     ISIC_1,mel,back,0.1,0.2,0.7       the truth, other columns, a score for each class
 *
 * A file with a single score column is a yes/no test: the score is that of the positive label. */
#ifndef FOVEA_CLINIC_SCORES_H
#define FOVEA_CLINIC_SCORES_H

#include "convert/job/pool.h"

#define NO_CLASS UINT32_MAX

/* A column of words: groups, patients, folds. */
struct column {
    const char *name;
    uint32_t count;     /* different words, sorted by bytes */
    const char **words; /* "" where a field is empty */
    uint32_t *of;       /* of each row */
};

struct scores {
    const char *name; /* of the file or data set */
    uint32_t n, classes;
    const char **class_names;
    const char **ids; /* rows are sorted by them; "line 7" where the file has none */
    bool has_ids;
    uint32_t *truth; /* NO_CLASS: none of the classes, only "not the positive" (wish.negative) */
    float *values;   /* [n][classes] */
    struct column *columns;
    uint32_t column_count;
    bool yes_no;         /* from one score: class 1 is the positive */
    bool coarse;         /* there are rows of NO_CLASS */
    bool probabilities;  /* each row in [0, 1], with a sum of 1 */
    const char *why_not; /* and where not: a sentence */
};

/* How to read a file; a zeroed one means the defaults. */
struct scores_wish {
    const char *label; /* the truth's column (label) */
    bool
        another; /* a file that the names may not fit: "label" will do, columns of words may be missing */
    const char *score;        /* the one score column to take (all that hold numbers) */
    const char *positive;     /* of a yes/no test: the label that the score speaks for */
    const char *relabel;      /* "from=to,...": what labels of the file mean */
    const char *negative;     /* "a,b": labels that are not a class, and count as not positive */
    const char *const *words; /* names of columns of words, the last one NULL; NULL: none */
};

/* Reads such a file. The memory is the pool's; `bytes` are needed only meanwhile. False with `trouble` set, which
 * names the line: not a row is skipped. */
bool scores_read(struct scores *scores, const char *name, const void *bytes, size_t size,
                 const struct scores_wish *wish, struct pool *pool, struct trouble *trouble);

/* The column of that name; NULL: no such column. */
const struct column *scores_column(const struct scores *scores, const char *name);
/* The class of that name, or NO_CLASS. */
uint32_t scores_class(const struct scores *scores, const char *name, size_t length);

/* The class with the highest score of a row, the first of several. */
uint32_t scores_answer(const struct scores *scores, uint32_t row);

/* What a label of a file means by wish->relabel; NULL with `trouble` set: no memory. */
const char *scores_relabel(const struct scores_wish *wish, const char *label, struct pool *pool,
                           struct trouble *trouble);
/* Sets the truth of each row by its label. With one class, of one score a row, it makes the two of a yes/no test. False
 * with `trouble` set: a label that is no class. */
bool scores_label(struct scores *scores, const char *const *labels, const struct scores_wish *wish,
                  struct pool *pool, struct trouble *trouble);

/* Puts the rows in the order of their ids, makes dictionaries of the columns' words, and looks whether the values
 * are probabilities: what ends the making of scores, from a file or a model. `words[c]` are the fields of column c. */
bool scores_finish(struct scores *scores, const char ***words, struct pool *pool,
                   struct trouble *trouble);

/* Calls take(name, length) for each name of "a,b,c", until it says false; whether none did. */
bool each_name(const char *names, bool (*take)(const char *name, size_t length, void *with),
               void *with);

#endif
