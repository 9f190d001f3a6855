/* What run tells of each input: for people, as JSON (docs/run.schema.json) or as CSV. */
#ifndef FOVEA_CLI_ANSWER_H
#define FOVEA_CLI_ANSWER_H

#include "cli/feed.h"
#include "cli/keep.h"

/* Of run's JSON; a number that only grows, when a member changes its meaning or goes. */
#define ANSWER_SCHEMA 1

struct answer_style {
    enum { ANSWER_PEOPLE, ANSWER_JSON, ANSWER_CSV } form;
    FILE *out;
    const struct fovea_model *model;
    const struct keeper *keeper; /* of outputs that are saved, which people are not told as well */
    long top;                    /* classes to tell */
    double threshold;            /* from which on a name of a sigmoid holds */
    bool calibrated;             /* there are verdicts */
};

/* One run: which of the inputs it was, and how long it took. */
struct answer {
    const struct group *group;
    size_t batch, index; /* element `index` of a batch */
    struct feed_times times;
    double run_ms;
    const fovea_session *session; /* its outputs */
    const struct fovea_finding *finding;
};

/* What stands above all answers: the names of CSV's columns. */
void answer_begin(const struct answer_style *style);
/* False, with `trouble` set, without memory. */
bool answer_tell(const struct answer_style *style, const struct answer *answer,
                 struct trouble *trouble);
/* The record of an input that could not be read. */
void answer_bad(const struct answer_style *style, const struct group *group,
                const struct trouble *why);

#endif
