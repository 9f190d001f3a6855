#include <string.h>

#include "cli/report/report.h"

/* THE table of what figures are called; others are their own name. */
static const struct {
    const char *metric, *words;
} table[] = {
    {"accuracy", "Accuracy"},
    {"majority_baseline", "Accuracy of always saying the most frequent class"},
    {"balanced_accuracy", "Balanced accuracy (mean sensitivity)"},
    {"macro_f1", "F1, mean of classes"},
    {"kappa", "Cohen's kappa"},
    {"kappa_quadratic", "Cohen's kappa, quadratic weights"},
    {"mcc", "Matthews correlation"},
    {"log_loss", "Log loss"},
    {"brier", "Brier score"},
    {"ece", "Calibration error, expected (15 bins)"},
    {"mce", "Calibration error, largest (15 bins)"},
    {"auc_macro", "AUC, mean of classes against the rest"},
    {"auc_weighted", "AUC, weighted by class counts"},
    {"auc_ovo", "AUC, mean of pairs of classes"},
    {"risk_coverage_area", "Area under the risk-coverage curve"},
    {"prevalence", "Prevalence"},
    {"sensitivity", "Sensitivity"},
    {"specificity", "Specificity"},
    {"ppv", "Positive predictive value"},
    {"npv", "Negative predictive value"},
    {"f1", "F1"},
    {"auc", "AUC"},
    {"auc_logit", "AUC, interval on the logit scale"},
    {"average_precision", "Average precision"},
    {"calibration_slope", "Calibration slope (1 is perfect)"},
    {"calibration_intercept", "Calibration intercept (0 is perfect)"},
    {"threshold", "Threshold"},
    {"tp", "True positives"},
    {"fn", "False negatives"},
    {"fp", "False positives"},
    {"tn", "True negatives"},
    {"ppv_at_prevalence", "Positive predictive value at the prevalence given"},
    {"npv_at_prevalence", "Negative predictive value at the prevalence given"},
    {"net_benefit", "Net benefit per picture"},
    {"accuracy_difference", "Accuracy, first minus second"},
    {"accuracy_mcnemar_p", "Accuracy: exact McNemar test, p"},
    {"accuracy_mcnemar_mid_p", "Accuracy: McNemar mid-p"},
    {"accuracy_mcnemar_chi_square_p", "Accuracy: McNemar chi-square, p"},
    {"sensitivity_difference", "Sensitivity, first minus second"},
    {"sensitivity_mcnemar_p", "Sensitivity: exact McNemar test, p"},
    {"sensitivity_mcnemar_mid_p", "Sensitivity: McNemar mid-p"},
    {"sensitivity_mcnemar_chi_square_p", "Sensitivity: McNemar chi-square, p"},
    {"specificity_difference", "Specificity, first minus second"},
    {"specificity_mcnemar_p", "Specificity: exact McNemar test, p"},
    {"specificity_mcnemar_mid_p", "Specificity: McNemar mid-p"},
    {"specificity_mcnemar_chi_square_p", "Specificity: McNemar chi-square, p"},
    {"both_right", "Both right"},
    {"first_only_right", "Only the first right"},
    {"second_only_right", "Only the second right"},
    {"neither_right", "Neither right"},
    {"noninferior", "Not inferior within the margin (1: yes)"},
    {"agreement", "Same answer"},
    {"agreement_kappa", "Same answer, Cohen's kappa"},
    {"largest_difference", "Largest difference of a score"},
    {"jensen_shannon", "Jensen-Shannon divergence, mean"},
    {"auc_second", "AUC of the second"},
    {"auc_difference", "AUC, first minus second"},
    {"auc_z", "AUC: DeLong's Z"},
    {"auc_p", "AUC: paired DeLong test, p"},
    {"accuracy_mean", "Accuracy, mean of folds"},
    {"accuracy_sd", "Accuracy, standard deviation of folds"},
    {"auc_mean", "AUC, mean of folds"},
    {"auc_sd", "AUC, standard deviation of folds"},
    {"accuracy_differs_p", "Accuracy differs from the rest, p"},
};

const char *metric_words(const char *metric) {
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].metric, metric) == 0) return table[i].words;
    return metric;
}
