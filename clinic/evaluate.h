/* An evaluation: from scores to figures, tables and curves. */
#ifndef FOVEA_CLINIC_EVALUATE_H
#define FOVEA_CLINIC_EVALUATE_H

#include "clinic/calibration.h"
#include "clinic/confusion.h"
#include "clinic/curve.h"
#include "clinic/figures.h"
#include "clinic/scores.h"

#define POINTS_MAX       16
#define GROUPS_MAX       16
#define GROUP_WORDS_MAX  200
#define CURVE_CLASSES    50 /* with more classes, no bootstrap of their curves, no means over pairs */
#define RELIABILITY_BINS 10

/* How an operating point is chosen. */
enum point_kind { POINT_SENSITIVITY, POINT_SPECIFICITY, POINT_THRESHOLD, POINT_YOUDEN };
struct point_wish {
    const char *name; /* as the user wrote it */
    enum point_kind kind;
    double target;
    bool lower; /* the interval's lower end has to reach the target */
};
/* "sensitivity=0.95", "specificity=0.9:lower", "threshold=0.42", "youden". */
bool point_parse(const char *text, struct point_wish *wish, struct trouble *trouble);

struct evaluate_wishes {
    const char
        *positive; /* "mel,bcc": classes that count as positive; NULL: class 1 of two, else none */
    struct point_wish points[POINTS_MAX];
    size_t point_count;
    const char *groups[GROUPS_MAX];
    size_t group_count;
    const char *cluster, *folds;      /* columns; NULL: none */
    double level, prevalence, margin; /* prevalence, margin: negative for none */
    uint32_t draws;                   /* of the bootstrap */
    uint64_t seed;
    bool exact, holm;
    const struct scores *chosen_on; /* where thresholds are chosen; NULL: on the same pictures */
    const struct scores *against;   /* for the paired comparison; NULL: none */
};

/* One class, or the positive group, against the rest. */
struct view {
    const char *name;
    uint32_t members; /* classes in it */
    double *score;
    bool *positive;
    struct curve curve;
    struct auc auc;
};

struct point {
    const struct point_wish *wish;
    bool known;
    double threshold;
    struct two_by_two table;
    bool elsewhere; /* its threshold is not of these pictures */
    const char *subject;
};

/* A picture that was answered wrongly. */
struct mistake {
    uint32_t row, answer;
    double confidence;
};
#define MISTAKES_MAX 20

struct evaluation {
    const struct scores *scores;
    const struct evaluate_wishes *wishes;
    struct pool *pool;
    struct trouble *trouble;
    struct figures figures;
    uint32_t *answers;      /* of each row */
    struct confusion table; /* not where scores->coarse */
    struct view *classes;   /* of each class; where coarse: none */
    struct view positive;   /* name NULL: there is no positive group */
    struct bin *bins;       /* of the top probability: CALIBRATION_BINS; NULL: no probabilities */
    struct bin reliability[RELIABILITY_BINS]; /* of the positive's probability */
    struct point points[POINTS_MAX];
    size_t point_count;
    double *risk; /* risk[i]: share of wrong answers among the i + 1 surest; NULL where coarse */
    struct mistake mistakes[MISTAKES_MAX];
    size_t mistake_count;
    const char *notes[32]; /* what a reader has to know */
    size_t note_count;
};

/* All of it. The memory is the pool's; scores and wishes must outlive the evaluation. False with `trouble` set: the wishes name
 * what is not there, or memory failed. */
bool evaluate(struct evaluation *e, const struct scores *scores,
              const struct evaluate_wishes *wishes, struct pool *pool, struct trouble *trouble);

/* ---- its parts, each in a file ---- */

void evaluate_note(struct evaluation *e, const char *text);
/* One class against the rest, or several. `members[k]`: class k is in it. */
bool view_make(struct view *view, const struct scores *scores, const bool *members,
               const char *name, struct pool *pool, struct trouble *trouble);
/* Adds auc with DeLong's interval; on the rows of `only` where it is not NULL. */
bool evaluate_auc(struct evaluation *e, const char *section, const char *subject,
                  const struct view *view, const bool *only);
bool evaluate_bootstrap(struct evaluation *e); /* intervals that have no formula */
bool evaluate_points(struct evaluation *e);    /* operating points */
bool evaluate_groups(struct evaluation *e);    /* subgroups and folds */
bool evaluate_against(struct evaluation *e);   /* the paired comparison */

#endif
