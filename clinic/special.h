/* Distributions, in double precision: normal, chi-square with one degree of freedom, binomial, beta. Written
 * out so that every machine gives the same figures; the relative error is below 1e-12 (1e-11: beta_quantile)
 * over the ranges that intervals and tests use (tests/unit/test_clinic_special.c). Pure functions. */
#ifndef FOVEA_CLINIC_SPECIAL_H
#define FOVEA_CLINIC_SPECIAL_H

/* P(Z <= z) of a standard normal Z, also far in the tails. */
double normal_cdf(double z);
/* The z with normal_cdf(z) = p, 0 < p < 1. */
double normal_quantile(double p);
/* P(|Z| >= |z|): the two-sided p value of a z statistic. */
double normal_two_sided(double z);
/* P(X >= x) of a chi-square X with one degree of freedom. */
double chi_square_tail(double x);

/* P(K = k) of a binomial K of n trials with probability p; k and n may be any numbers, 0 <= k <= n. */
double binomial_mass(double k, double n, double p);

/* The regularized incomplete beta function I_x(a, b), a, b > 0: P(X <= x) of a beta variable. */
double beta_cdf(double x, double a, double b);
/* The x with beta_cdf(x, a, b) = p, 0 <= p <= 1. */
double beta_quantile(double p, double a, double b);

#endif
