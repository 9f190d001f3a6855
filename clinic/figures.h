/* The list of everything an evaluation found: a number, its interval, how many pictures it is of and how it was made, or the
 * reason why there is none. Reports are views of this list; requirements look figures up in it. */
#ifndef FOVEA_CLINIC_FIGURES_H
#define FOVEA_CLINIC_FIGURES_H

#include "clinic/interval.h"
#include "convert/job/pool.h"

struct figure {
    const char *section; /* overall, class, positive, point, group, fold, comparison */
    const char *subject; /* the class, group or point; "" for all */
    const char *metric;
    double value, low, high;
    bool known, ranged; /* there is a value, an interval */
    size_t n;           /* pictures it is of */
    const char *method; /* of the interval */
    const char *reason; /* why there is no value, or no interval; else NULL */
};

struct figures {
    struct figure *list;
    size_t count, room;
    struct pool *pool;
    struct trouble *trouble; /* set where memory failed: look once, at the end */
};

/* Adds one; the texts must outlive the list. A value that is not finite becomes "not known". */
struct figure *figures_add(struct figures *figures, const char *section, const char *subject,
                           const char *metric, double value, size_t n);
/* Gives the last one an interval, or the reason for having none. */
void figure_range(struct figure *figure, struct interval range, const char *method);
/* Adds one that has no value. */
void figures_none(struct figures *figures, const char *section, const char *subject,
                  const char *metric, size_t n, const char *reason);
/* Adds hits / n with an interval, or "no pictures" where n is 0. */
void figures_share(struct figures *figures, const char *section, const char *subject,
                   const char *metric, double hits, double n, bool exact, double level);

/* NULL: no such figure. Any section where `section` is NULL. */
const struct figure *figures_find(const struct figures *figures, const char *section,
                                  const char *subject, const char *metric);

/* Whether it is the first of its section and subject: where a line about that begins. */
bool figures_is_first(const struct figures *figures, const struct figure *figure);

/* Whether "metric(subject)>=0.85" holds; also "metric>=x", "metric(subject).low>=x", .high, and <=, >, <. False with
 * `trouble` set: it does not, or there is no such figure. */
bool figures_require(const struct figures *figures, const char *text, struct trouble *trouble);

#endif
