#include "clinic/gate.h"

#include <math.h>
#include <string.h>

#include "clinic/random.h"

/* ---- small matrices, row by row ---- */

/* a becomes its lower Cholesky factor; false where it is not positive definite. */
static bool factor(double *a, uint32_t d) {
    for (uint32_t i = 0; i < d; i++)
        for (uint32_t j = 0; j <= i; j++) {
            double sum = a[(size_t)i * d + j];
            for (uint32_t k = 0; k < j; k++) sum -= a[(size_t)i * d + k] * a[(size_t)j * d + k];
            if (i == j && !(sum > 0)) return false;
            a[(size_t)i * d + j] = i == j ? sqrt(sum) : sum / a[(size_t)j * d + j];
        }
    return true;
}

/* The inverse of a lower triangle, in its place. */
static void invert(double *a, uint32_t d) {
    for (uint32_t i = 0; i < d; i++) {
        const double by = 1 / a[(size_t)i * d + i];
        for (uint32_t j = 0; j < i; j++) {
            double sum = 0;
            for (uint32_t k = j; k < i; k++) sum += a[(size_t)i * d + k] * a[(size_t)k * d + j];
            a[(size_t)i * d + j] = -sum * by;
        }
        a[(size_t)i * d + i] = by;
    }
}

/* Makes `count` rows of d numbers orthonormal (Gram-Schmidt, twice); one that depends on those before becomes 0. */
static void straighten(double *rows, uint32_t count, uint32_t d) {
    for (uint32_t i = 0; i < count; i++) {
        double *row = rows + (size_t)i * d, length = 0;
        for (uint32_t pass = 0; pass < 2; pass++)
            for (uint32_t j = 0; j < i; j++) {
                const double *other = rows + (size_t)j * d;
                double dot = 0;
                for (uint32_t k = 0; k < d; k++) dot += row[k] * other[k];
                for (uint32_t k = 0; k < d; k++) row[k] -= dot * other[k];
            }
        for (uint32_t k = 0; k < d; k++) length += row[k] * row[k];
        const double by = length > 1e-30 ? 1 / sqrt(length) : 0;
        for (uint32_t k = 0; k < d; k++) row[k] *= by;
    }
}

/* ---- principal axes ---- */

struct table {
    const float *rows;
    size_t n;
    uint32_t d;
    const double *centre; /* of the columns */
};

/* to = C axes, C the covariance of the rows, without making it. */
static void multiply(const struct table *t, const double *axes, uint32_t count, double *along,
                     double *to) {
    memset(to, 0, (size_t)count * t->d * sizeof *to);
    for (size_t i = 0; i < t->n; i++) {
        const float *row = t->rows + i * t->d;
        for (uint32_t a = 0; a < count; a++) {
            const double *axis = axes + (size_t)a * t->d;
            double sum = 0;
            for (uint32_t k = 0; k < t->d; k++) sum += ((double)row[k] - t->centre[k]) * axis[k];
            along[a] = sum;
        }
        for (uint32_t a = 0; a < count; a++)
            for (uint32_t k = 0; k < t->d; k++)
                to[(size_t)a * t->d + k] += along[a] * ((double)row[k] - t->centre[k]);
    }
}

/* The first `count` principal axes, by orthogonal iteration from a fixed start. */
static double *principal(const struct table *t, uint32_t count, struct pool *pool,
                         struct trouble *trouble) {
    struct random random = random_start(1);
    double *axes = pool_get(pool, (uint64_t)count * t->d, sizeof *axes, trouble);
    double *next = pool_get(pool, (uint64_t)count * t->d, sizeof *next, trouble);
    double *along = pool_get(pool, count, sizeof *along, trouble);
    if (!axes || !next || !along) return NULL;
    for (size_t i = 0; i < (size_t)count * t->d; i++)
        axes[i] = (double)random_bits(&random) / 4294967296.0 - 0.5;
    straighten(axes, count, t->d);
    for (unsigned turn = 0; turn < 12; turn++) {
        double *done = next;
        multiply(t, axes, count, along, next);
        straighten(next, count, t->d);
        next = axes;
        axes = done;
    }
    return axes;
}

/* ---- the gate ---- */

struct fit {
    struct gate *gate;
    const float *rows;
    const uint32_t *of;
    size_t n;
    double *centre;     /* of all rows */
    const double *axes; /* NULL: the features themselves */
    double *seen;       /* [n][axes]: rows along the axes */
    double *means;      /* [classes][axes] */
    double *shared;     /* covariance, then its factor, then W */
};

static bool find_axes(struct fit *f, struct pool *pool, struct trouble *trouble) {
    const uint32_t d = f->gate->features, axes = f->gate->axes;
    f->seen = pool_get(pool, (uint64_t)f->n * axes, sizeof *f->seen, trouble);
    f->centre = pool_get(pool, d, sizeof *f->centre, trouble);
    if (!f->seen || !f->centre) return false;
    for (size_t i = 0; i < f->n; i++)
        for (uint32_t k = 0; k < d; k++) f->centre[k] += (double)f->rows[i * d + k] / (double)f->n;
    if (axes < d) {
        const struct table table = {f->rows, f->n, d, f->centre};
        f->axes = principal(&table, axes, pool, trouble);
        if (!f->axes) return false;
    }
    for (size_t i = 0; i < f->n; i++)
        for (uint32_t a = 0; a < axes; a++) {
            const float *row = f->rows + i * d;
            double sum = f->axes ? 0 : (double)row[a];
            for (uint32_t k = 0; f->axes && k < d; k++)
                sum += (double)row[k] * f->axes[(size_t)a * d + k];
            f->seen[i * axes + a] = sum;
        }
    return true;
}

/* Means of the classes; a class without rows takes those of the first that has some. */
static bool find_means(struct fit *f, struct pool *pool, struct trouble *trouble) {
    const uint32_t axes = f->gate->axes, classes = f->gate->classes;
    size_t *rows = pool_get(pool, classes, sizeof *rows, trouble);
    f->means = pool_get(pool, (uint64_t)classes * axes, sizeof *f->means, trouble);
    if (!rows || !f->means) return false;
    for (size_t i = 0; i < f->n; i++) {
        rows[f->of[i]]++;
        for (uint32_t a = 0; a < axes; a++)
            f->means[(size_t)f->of[i] * axes + a] += f->seen[i * axes + a];
    }
    uint32_t first = 0;
    while (rows[first] == 0) first++;
    for (uint32_t k = 0; k < classes; k++)
        for (uint32_t a = 0; a < axes; a++)
            if (rows[k]) f->means[(size_t)k * axes + a] /= (double)rows[k];
    for (uint32_t k = 0; k < classes; k++)
        if (!rows[k])
            memcpy(f->means + (size_t)k * axes, f->means + (size_t)first * axes,
                   axes * sizeof *f->means);
    return true;
}

static void find_covariance(struct fit *f) {
    const uint32_t axes = f->gate->axes;
    double trace = 0;
    for (size_t i = 0; i < f->n; i++) {
        const double *row = f->seen + i * axes, *mean = f->means + (size_t)f->of[i] * axes;
        for (uint32_t a = 0; a < axes; a++)
            for (uint32_t b = 0; b <= a; b++)
                f->shared[(size_t)a * axes + b] +=
                    (row[a] - mean[a]) * (row[b] - mean[b]) / (double)f->n;
    }
    for (uint32_t a = 0; a < axes; a++) trace += f->shared[(size_t)a * axes + a];
    const double ridge = trace > 0 ? 1e-3 * trace / axes : 1;
    for (uint32_t a = 0; a < axes; a++) f->shared[(size_t)a * axes + a] += ridge;
}

/* W, and W times the means, as floats. */
static void keep(const struct fit *f) {
    struct gate *gate = f->gate;
    const uint32_t axes = gate->axes, d = gate->features;
    float *to = gate->whitening;
    for (uint32_t a = 0; a < axes; a++) {
        const double *row = f->shared + (size_t)a * axes;
        for (uint32_t k = 0; k < (f->axes ? d : a + 1); k++) {
            double sum = f->axes ? 0 : row[k];
            for (uint32_t b = 0; f->axes && b <= a; b++) sum += row[b] * f->axes[(size_t)b * d + k];
            *to++ = (float)sum;
        }
        for (uint32_t c = 0; c < gate->classes; c++) {
            double sum = 0;
            for (uint32_t b = 0; b <= a; b++) sum += row[b] * f->means[(size_t)c * axes + b];
            gate->means[(size_t)c * axes + a] = (float)sum;
        }
    }
}

bool gate_fit(struct gate *gate, const float *rows, const uint32_t *of, size_t n, uint32_t features,
              uint32_t classes, struct pool *pool, struct trouble *trouble) {
    const uint32_t axes = features <= GATE_FEATURES ? features : GATE_AXES;
    const uint64_t numbers =
        axes == features ? (uint64_t)axes * (axes + 1) / 2 : (uint64_t)axes * features;
    struct fit f = {.gate = gate, .rows = rows, .of = of, .n = n};
    *gate = (struct gate){.classes = classes, .features = features, .axes = axes};
    gate->whitening = pool_get(pool, numbers, sizeof(float), trouble);
    gate->means = pool_get(pool, (uint64_t)classes * axes, sizeof(float), trouble);
    f.shared = pool_get(pool, (uint64_t)axes * axes, sizeof(double), trouble);
    if (!gate->whitening || !gate->means || !f.shared || !find_axes(&f, pool, trouble) ||
        !find_means(&f, pool, trouble))
        return false;
    find_covariance(&f);
    if (!factor(f.shared, axes)) return fail(trouble, "features that are not finite");
    invert(f.shared, axes);
    keep(&f);
    return true;
}

double gate_distance(const struct gate *gate, const float *features) {
    double least = INFINITY;
    for (uint32_t k = 0; k < gate->classes; k++) {
        const float *row = gate->whitening;
        double sum = 0;
        for (uint32_t a = 0; a < gate->axes; a++) {
            const uint32_t count = gate->axes == gate->features ? a + 1 : gate->features;
            double along = -(double)gate->means[(size_t)k * gate->axes + a];
            for (uint32_t i = 0; i < count; i++) along += (double)row[i] * (double)features[i];
            row += count;
            sum += along * along;
        }
        least = sum < least ? sum : least;
    }
    return least;
}
