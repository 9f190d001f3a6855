/* What an evaluation found, for people and programs. Each writer prints to a stream; nothing here computes a
 * statistic. */
#ifndef FOVEA_CLI_REPORT_REPORT_H
#define FOVEA_CLI_REPORT_REPORT_H

#include <stdio.h>

#include "clinic/evaluate.h"

/* A picture that could not be evaluated. */
struct unread {
    const char *name, *reason;
};

struct report {
    const struct evaluation *e;
    const char *model; /* file; NULL: scores alone */
    uint64_t model_hash, data_hash;
    const char *against, *chosen_on; /* files; NULL: none */
    size_t found;                    /* pictures, before those that could not be read */
    const struct unread *unread;
    size_t unread_count;
    unsigned symmetries;   /* of which each answer is the mean; 0, 1: of none */
    size_t duplicates;     /* pictures that the model sees as another one */
    const char *duplicate; /* such a pair */
    const char *title;     /* of the page; NULL: the usual one */
};

void report_text(const struct report *report);              /* on standard output */
void report_json(const struct report *report, FILE *out);   /* one line */
void report_csv(const struct report *report, FILE *out);    /* the figures, one a line */
void report_html(const struct report *report, FILE *out);   /* one page that needs nothing else */
void report_scores(const struct scores *scores, FILE *out); /* what scores_read reads */

/* Plain words for the name of a figure ("ppv": "positive predictive value"). */
const char *metric_words(const char *metric);

#endif
