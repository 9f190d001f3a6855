/* The distributions against scipy and mpmath (tests/clinic/special.txt), to a relative 1e-12; quantiles of the
 * beta distribution to 1e-11. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clinic/random.h"
#include "clinic/special.h"

static double value_of(const char *name, const double *x) {
    if (strcmp(name, "normal_cdf") == 0) return normal_cdf(x[0]);
    if (strcmp(name, "normal_quantile") == 0) return normal_quantile(x[0]);
    if (strcmp(name, "normal_two_sided") == 0) return normal_two_sided(x[0]);
    if (strcmp(name, "chi_square_tail") == 0) return chi_square_tail(x[0]);
    if (strcmp(name, "binomial_mass") == 0) return binomial_mass(x[0], x[1], x[2]);
    if (strcmp(name, "beta_cdf") == 0) return beta_cdf(x[0], x[1], x[2]);
    if (strcmp(name, "beta_quantile") == 0) return beta_quantile(x[0], x[1], x[2]);
    fail_msg("no function %s", name);
    return 0;
}

static void test_against_scipy(void **state) {
    (void)state;
    FILE *file = fopen("tests/clinic/special.txt", "r");
    assert_non_null(file);
    char line[256];
    int rows = 0;
    double largest = 0;
    while (fgets(line, sizeof line, file)) {
        char *at = strchr(line, ' ');
        double x[5] = {0};
        int count = 0;
        assert_non_null(at);
        *at++ = 0;
        for (char *end; count < 5; at = end) {
            x[count] = strtod(at, &end);
            if (end == at) break;
            count++;
        }
        const double want = x[count - 1], is = value_of(line, x);
        const double off = want == 0 ? fabs(is) : fabs(is - want) / fabs(want);
        const double bound = strcmp(line, "beta_quantile") == 0 ? 1e-11 : 1e-12;
        if (!(off <= bound)) fail_msg("%s row %d: %.17g, not %.17g", line, rows, is, want);
        largest = off > largest ? off : largest;
        rows++;
    }
    fclose(file);
    assert_int_equal(rows, 126);
    printf("largest relative difference from scipy: %.2g\n", largest);
}

static void test_ends(void **state) {
    (void)state;
    assert_true(beta_cdf(0, 2, 3) == 0 && beta_cdf(1, 2, 3) == 1);
    assert_true(beta_quantile(0, 2, 3) == 0 && beta_quantile(1, 2, 3) == 1);
    assert_true(binomial_mass(-1, 3, .5) == 0 && binomial_mass(4, 3, .5) == 0);
    assert_true(binomial_mass(0, 3, 0) == 1 && binomial_mass(3, 3, 1) == 1);
    assert_true(normal_cdf(-60) == 0 && normal_cdf(60) == 1);
}

/* The first numbers of the reference implementation's demo (pcg32, seed 42, stream 54). */
static void test_generator(void **state) {
    (void)state;
    const uint32_t known[] = {0xa15c02b7, 0x7b47f409, 0xba1d3330,
                              0x83d2f293, 0xbfa4784b, 0xcbed606e};
    struct random random = {0, 54u << 1 | 1};
    random_bits(&random);
    random.state += 42;
    random_bits(&random);
    for (size_t i = 0; i < 6; i++) assert_int_equal(random_bits(&random), known[i]);
    random = random_start(1);
    uint32_t seen = 0;
    for (int i = 0; i < 1000; i++) {
        const uint32_t n = random_below(&random, 5);
        assert_true(n < 5);
        seen |= 1u << n;
    }
    assert_int_equal(seen, 31);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_scipy),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_generator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
