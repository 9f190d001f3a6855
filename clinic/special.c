#include "clinic/special.h"

#include <math.h>

#define SQRT_2    1.41421356237309504880
#define SQRT_2_PI 2.50662827463100050242
#define SQRT_PI   1.77245385090551602730
#define TWO_PI    6.28318530717958647693

/* exp(-x * x) without the rounding of x * x: the square is split at a short number. */
static double exp_of_square(double x) {
    const double head = floor(x * 16) / 16;
    return exp(-head * head) * exp(-(x - head) * (x + head));
}

/* erf by its series of positive terms: Abramowitz & Stegun 7.1.6. 0 <= x < 2. */
static double erf_series(double x) {
    double term = x, sum = x;
    for (int n = 1; term > sum * 1e-18 && n < 200; n++) {
        term *= 2 * x * x / (2 * n + 1);
        sum += term;
    }
    return 2 / SQRT_PI * exp_of_square(x) * sum;
}

/* The complement by its continued fraction, from the inside out: Abramowitz & Stegun 7.1.14. x >= 2. */
static double erfc_fraction(double x) {
    double inner = x;
    for (int n = 160; n > 0; n--) inner = x + n / 2.0 / inner;
    return exp_of_square(x) / SQRT_PI / inner;
}

/* erfc of x >= 0. */
static double erfc_positive(double x) {
    return x < 2 ? 1 - erf_series(x) : x < 30 ? erfc_fraction(x) : 0;
}

double normal_cdf(double z) {
    if (z >= 0) return 1 - erfc_positive(z / SQRT_2) / 2;
    return erfc_positive(-z / SQRT_2) / 2;
}

double normal_two_sided(double z) {
    return erfc_positive(fabs(z) / SQRT_2);
}

double chi_square_tail(double x) {
    return x <= 0 ? 1 : erfc_positive(sqrt(x / 2));
}

/* Below one half: Abramowitz & Stegun 26.2.23 to start with (error under 5e-4), then Halley's steps on
 * the distribution itself, each of which triples the digits. */
static double lower_quantile(double p) {
    const double t = sqrt(-2 * log(p));
    double z = (2.515517 + t * (0.802853 + t * 0.010328)) /
                   (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) -
               t;
    for (int i = 0; i < 3; i++) {
        const double density = exp(-z * z / 2) / SQRT_2_PI;
        const double step = (normal_cdf(z) - p) / density;
        z -= step / (1 + z * step / 2);
    }
    return z;
}

double normal_quantile(double p) {
    return p == 0.5 ? 0 : p < 0.5 ? lower_quantile(p) : -lower_quantile(1 - p);
}

/* The error of Stirling's formula, ln(n!) - ln(sqrt(2 pi n) (n/e)^n), n > 0: its series (A&S 6.1.41) for
 * large n, reached from small n by ln(n + 1) of the factorial. */
static double stirling_error(double n) {
    double shifted = 0;
    for (; n < 16; n += 1) shifted += (n + 0.5) * log1p(1 / n) - 1;
    const double r = 1 / (n * n);
    const double series =
        1.0 / 12 - r * (1.0 / 360 - r * (1.0 / 1260 - r * (1.0 / 1680 - r * (1.0 / 1188))));
    return shifted + series / n;
}

/* x ln(x/m) + m - x without cancellation where x is close to m. */
static double deviance(double x, double m) {
    const double v = (x - m) / (x + m);
    if (fabs(v) >= 0.1) return x * log(x / m) + m - x;
    double sum = (x - m) * v, term = 2 * x * v;
    for (int j = 3; j < 100; j += 2) {
        term *= v * v;
        const double next = sum + term / j;
        if (next == sum) break;
        sum = next;
    }
    return sum;
}

/* C. Loader, Fast and accurate computation of binomial probabilities, 2000. */
double binomial_mass(double k, double n, double p) {
    if (k < 0 || k > n) return 0;
    if (p <= 0) return k == 0;
    if (p >= 1) return k == n;
    if (k == 0) return exp(n * log1p(-p));
    if (k == n) return exp(n * log(p));
    const double exponent = stirling_error(n) - stirling_error(k) - stirling_error(n - k) -
                            deviance(k, n * p) - deviance(n - k, n * (1 - p));
    return exp(exponent) * sqrt(n / (TWO_PI * k * (n - k)));
}

/* The continued fraction of the incomplete beta function, by Lentz's method: DLMF 8.17.22. It converges
 * in about sqrt(max(a, b)) terms for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double x, double a, double b) {
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double value = d;
    for (int m = 1; m < 100000; m++) {
        double step = 1;
        for (int odd = 0; odd < 2; odd++) {
            const double at = a + 2 * m + odd;
            const double part = odd ? -(a + m) * (a + b + m) * x / ((at - 1) * at)
                                    : m * (b - m) * x / ((at - 1) * at);
            d = 1 + part * d;
            d = 1 / (fabs(d) < tiny ? tiny : d);
            c = 1 + part / c;
            c = fabs(c) < tiny ? tiny : c;
            step = c * d;
            value *= step;
        }
        if (fabs(step - 1) < 1e-16) break;
    }
    return value;
}

/* x^a (1-x)^b / B(a, b), as a binomial probability: no difference of large logarithms. */
static double beta_front(double x, double a, double b) {
    return a * b / (a + b) * binomial_mass(a, a + b, x);
}

double beta_cdf(double x, double a, double b) {
    if (x <= 0) return 0;
    if (x >= 1) return 1;
    if (x > (a + 1) / (a + b + 2)) return 1 - beta_front(x, a, b) * beta_fraction(1 - x, b, a) / b;
    return beta_front(x, a, b) * beta_fraction(x, a, b) / a;
}

/* Newton's steps, kept within what bisection has left. */
double beta_quantile(double p, double a, double b) {
    double low = 0, high = 1, x = a / (a + b);
    if (p <= 0) return 0;
    if (p >= 1) return 1;
    for (int i = 0; i < 200; i++) {
        const double off = beta_cdf(x, a, b) - p;
        if (off > 0)
            high = x;
        else
            low = x;
        const double density = beta_front(x, a, b) / (x * (1 - x));
        double next = density > 0 ? x - off / density : -1;
        if (!(next > low && next < high)) next = low + (high - low) / 2;
        if (fabs(next - x) <= 1e-16 * x) return next;
        x = next;
    }
    return x;
}
