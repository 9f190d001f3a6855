/* What counts of answers say: a table of K classes, row = truth, column = answer. Values of a draw of the
 * bootstrap are the same functions of other counts. Pure functions. */
#ifndef FOVEA_CLINIC_CONFUSION_H
#define FOVEA_CLINIC_CONFUSION_H

#include <stdbool.h>
#include <stdint.h>

struct confusion {
    uint32_t classes;
    double n;
    double *cell;           /* [truth * classes + answer] */
    double *truth, *answer; /* sums of rows, of columns */
};

/* Sums up n, truth and answer from the cells. */
void confusion_sum(struct confusion *table);

/* One class against the rest. */
struct two_by_two {
    double tp, fn, fp, tn;
};
struct two_by_two confusion_class(const struct confusion *table, uint32_t of);

/* Each false where the figure does not exist (0/0). */
bool confusion_accuracy(const struct confusion *table, double *value);
bool confusion_balanced(const struct confusion *table, double *value); /* over classes with rows */
bool confusion_macro_f1(const struct confusion *table,
                        double *value);                             /* over classes seen or said */
bool confusion_kappa(const struct confusion *table, double *value); /* Cohen 1960 */
bool confusion_quadratic(const struct confusion *table, double *value); /* weights (i - j)^2 */
/* Matthews' correlation for K classes (Gorodkin 2004); 0 where one side has a single class. */
bool confusion_mcc(const struct confusion *table, double *value);

#endif
