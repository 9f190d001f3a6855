#include "clinic/confusion.h"

#include <math.h>
#include <stddef.h>

static double at(const struct confusion *t, uint32_t truth, uint32_t answer) {
    return t->cell[(size_t)truth * t->classes + answer];
}

void confusion_sum(struct confusion *table) {
    table->n = 0;
    for (uint32_t k = 0; k < table->classes; k++) table->truth[k] = table->answer[k] = 0;
    for (uint32_t i = 0; i < table->classes; i++)
        for (uint32_t j = 0; j < table->classes; j++) {
            table->truth[i] += at(table, i, j);
            table->answer[j] += at(table, i, j);
            table->n += at(table, i, j);
        }
}

struct two_by_two confusion_class(const struct confusion *table, uint32_t of) {
    const double tp = at(table, of, of);
    const double fn = table->truth[of] - tp, fp = table->answer[of] - tp;
    return (struct two_by_two){tp, fn, fp, table->n - tp - fn - fp};
}

static double right(const struct confusion *table) {
    double sum = 0;
    for (uint32_t k = 0; k < table->classes; k++) sum += at(table, k, k);
    return sum;
}

bool confusion_accuracy(const struct confusion *table, double *value) {
    *value = right(table) / table->n;
    return table->n > 0;
}

bool confusion_balanced(const struct confusion *table, double *value) {
    double sum = 0, present = 0;
    for (uint32_t k = 0; k < table->classes; k++)
        if (table->truth[k] > 0) {
            sum += at(table, k, k) / table->truth[k];
            present += 1;
        }
    *value = sum / present;
    return present > 0;
}

bool confusion_macro_f1(const struct confusion *table, double *value) {
    double sum = 0, present = 0;
    for (uint32_t k = 0; k < table->classes; k++)
        if (table->truth[k] + table->answer[k] > 0) {
            sum += 2 * at(table, k, k) / (table->truth[k] + table->answer[k]);
            present += 1;
        }
    *value = sum / present;
    return present > 0;
}

bool confusion_kappa(const struct confusion *table, double *value) {
    double chance = 0;
    for (uint32_t k = 0; k < table->classes; k++) chance += table->truth[k] * table->answer[k];
    chance /= table->n * table->n;
    *value = (right(table) / table->n - chance) / (1 - chance);
    return table->n > 0 && chance < 1;
}

bool confusion_quadratic(const struct confusion *table, double *value) {
    double seen = 0, expected = 0;
    for (uint32_t i = 0; i < table->classes; i++)
        for (uint32_t j = 0; j < table->classes; j++) {
            const double off = (double)i - (double)j;
            seen += off * off * at(table, i, j);
            expected += off * off * table->truth[i] * table->answer[j];
        }
    *value = 1 - seen * table->n / expected;
    return expected > 0;
}

bool confusion_mcc(const struct confusion *table, double *value) {
    const double n = table->n;
    double both = 0, truth = 0, answer = 0;
    for (uint32_t k = 0; k < table->classes; k++) {
        both += table->truth[k] * table->answer[k];
        truth += table->truth[k] * table->truth[k];
        answer += table->answer[k] * table->answer[k];
    }
    const double below = sqrt(n * n - answer) * sqrt(n * n - truth);
    *value = below > 0 ? (right(table) * n - both) / below : 0;
    return n > 0;
}
