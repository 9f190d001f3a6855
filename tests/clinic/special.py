# Writes special.txt: values that test_clinic_special.c compares with, of scipy, and of mpmath to 40 digits
# where scipy itself is off by more than 1e-12 (the tails of beta distributions with large parameters).
# usage: python special.py >special.txt   (tests/clinic/setup.sh installs scipy)
from mpmath import beta, hyp2f1, mp, mpf
from scipy import special, stats

mp.dps = 40


def incomplete(a, b, x):  # DLMF 8.17.8, all terms positive
    a, b, x = mpf(a), mpf(b), mpf(x)
    return x**a * (1 - x) ** b / (a * beta(a, b)) * hyp2f1(a + b, 1, a + 1, x, maxterms=10**7)


def row(name, value, *arguments):
    print(name, *("%.17g" % a for a in arguments), "%.17g" % value)


for z in (-38, -20, -9.5, -5, -3, -2.83, -2.82, -1.96, -1, -0.3, -1e-3, 0, 0.5, 1, 2, 3, 6, 9):
    row("normal_cdf", special.ndtr(z), z)
for p in (1e-300, 1e-50, 1e-12, 0.001, 0.02425, 0.025, 0.1, 0.3, 0.499, 0.5, 0.7, 0.9, 0.975, 0.995, 1 - 1e-9):
    row("normal_quantile", special.ndtri(p), p)
for z in (0, 0.36, 1, 2.5, 9.366, 30):
    row("normal_two_sided", 2 * special.ndtr(-z), z)
for x in (0, 0.001, 0.5, 4.05, 5, 11.471944, 100, 1000):
    row("chi_square_tail", special.erfc((x / 2) ** 0.5), x)
for k, n, p in ((0, 10, 0.3), (10, 10, 0.3), (5, 20, 0.5), (445, 998, 0.5), (1, 1e6, 1e-6), (500000, 1e6, 0.5), (3, 7, 0.99)):
    row("binomial_mass", stats.binom.pmf(k, n, p), k, n, p)
for a, b in ((1, 1), (0.5, 0.5), (3, 10), (9, 4), (1, 5), (250, 750), (5000.5, 1000), (20000, 40000), (2, 1e6)):
    for q in (1e-9, 0.025, 0.5, 0.975):
        x = special.betaincinv(a, b, q)
        row("beta_cdf", incomplete(a, b, x), x, a, b)
        exact = mpf(x)
        for _ in range(3):  # Newton
            density = exact ** (mpf(a) - 1) * (1 - exact) ** (mpf(b) - 1) / beta(a, b)
            exact -= (incomplete(a, b, exact) - mpf(q)) / density
        row("beta_quantile", exact, q, a, b)
