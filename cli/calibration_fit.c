#include "cli/calibration.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "clinic/calibration.h"
#include "clinic/curve.h"
#include "clinic/gate.h"
#include "clinic/interval.h"

/* Fewer pictures tell nothing about the shape of features. */
#define GATE_LEAST 50
#define FOLDS      10
#define CONFIDENT  0.05 /* how often the bound on the risk may be wrong: delta of SGR */

/* ---- temperature ---- */

static uint32_t answer_of(const double *p, uint32_t classes) {
    uint32_t best = 0;
    for (uint32_t k = 1; k < classes; k++)
        if (p[k] > p[best]) best = k;
    return best;
}

/* Whether the answer is right; of a picture of no class, whether it is not positive. */
static bool is_right(const struct calibration_job *job, size_t i, uint32_t answer) {
    const struct sample *s = &job->sample;
    return s->truth[i] == ABSTAIN_NO_CLASS ? !s->positive[answer] : s->truth[i] == answer;
}

static bool is_positive(const struct calibration_job *job, size_t i) {
    const struct sample *s = &job->sample;
    return s->truth[i] != ABSTAIN_NO_CLASS && s->positive[s->truth[i]];
}

static double error_at(const struct calibration_job *job, double temperature) {
    bool coarse = false;
    for (size_t i = 0; i < job->sample.n; i++) coarse |= job->sample.truth[i] == ABSTAIN_NO_CLASS;
    struct bin bins[CALIBRATION_BINS] = {{0}};
    double error, largest;
    for (size_t i = 0; i < job->sample.n; i++) {
        logits_soften(&job->logits, i, temperature, job->room);
        const uint32_t answer = answer_of(job->room, job->sample.classes);
        double confidence = job->room[answer];
        bool right = is_right(job, i, answer);
        if (coarse) { /* all that is known is whether a picture is positive */
            double p = 0;
            for (uint32_t k = 0; k < job->sample.classes; k++)
                p += job->sample.positive[k] ? job->room[k] : 0;
            confidence = p > 0.5 ? p : 1 - p;
            right = (p > 0.5) == is_positive(job, i);
        }
        struct bin *bin = &bins[bin_of(confidence, CALIBRATION_BINS)];
        bin->n += 1;
        bin->confidence += confidence;
        bin->right += right;
    }
    return calibration_errors(bins, CALIBRATION_BINS, &error, &largest) ? error : 0;
}

static bool fit_temperature(struct calibration_job *job) {
    const struct sample *s = &job->sample;
    job->logits = (struct logits){s->logits, s->truth, s->positive, s->n, s->turns, s->classes};
    job->room = pool_get(job->pool, s->classes, sizeof *job->room, job->trouble);
    job->probabilities =
        pool_get(job->pool, (uint64_t)s->n * s->classes, sizeof *job->room, job->trouble);
    if (!job->room || !job->probabilities) return false;
    job->c.temperature = (float)logits_temperature(&job->logits, job->room);
    const double t = (double)job->c.temperature;
    job->loss[0] = logits_loss(&job->logits, 1, job->room);
    job->loss[1] = logits_loss(&job->logits, t, job->room);
    job->error[0] = error_at(job, 1);
    job->error[1] = error_at(job, t);
    for (size_t i = 0; i < s->n; i++)
        logits_soften(&job->logits, i, t, job->probabilities + i * s->classes);
    return true;
}

static const double *row_of(const struct calibration_job *job, size_t i) {
    return job->probabilities + i * job->sample.classes;
}
static double positive_of(const struct calibration_job *job, size_t i) {
    double sum = 0;
    for (uint32_t k = 0; k < job->sample.classes; k++)
        sum += job->sample.positive[k] ? row_of(job, i)[k] : 0;
    return sum;
}

/* ---- the gate ---- */

/* Distances of each tenth of the pictures from a gate made of the others: of its own pictures a gate is too sure. */
static bool cross_distances(struct calibration_job *job, const uint32_t *of) {
    const struct sample *s = &job->sample;
    float *rows = pool_get(job->pool, (uint64_t)s->n * s->features, sizeof *rows, job->trouble);
    uint32_t *classes = pool_get(job->pool, s->n, sizeof *classes, job->trouble);
    for (size_t fold = 0; rows && classes && fold < FOLDS; fold++) {
        struct pool room = {0}; /* of one gate, given back */
        struct gate gate;
        size_t n = 0;
        for (size_t i = 0; i < s->n; i++) {
            if (i % FOLDS == fold) continue;
            memcpy(rows + n * s->features, s->rows + i * s->features, s->features * sizeof *rows);
            classes[n++] = of[i];
        }
        const bool done =
            gate_fit(&gate, rows, classes, n, s->features, s->classes, &room, job->trouble);
        for (size_t i = fold; done && i < s->n; i += FOLDS)
            job->distance[i] = (float)gate_distance(&gate, s->rows + i * s->features);
        pool_free(&room);
        if (!done) return false;
    }
    return rows && classes;
}

static bool fit_gate(struct calibration_job *job) {
    const struct sample *s = &job->sample;
    struct gate gate;
    uint32_t *of = pool_get(job->pool, s->n, sizeof *of, job->trouble);
    double *sorted = pool_get(job->pool, s->n, sizeof *sorted, job->trouble);
    job->distance = pool_get(job->pool, s->n, sizeof *job->distance, job->trouble);
    if (!of || !sorted || !job->distance) return false;
    job->no_gate = s->layers.features == HEAD_NONE ? "no dense layer before the answer"
                   : s->features == 0              ? "the last layer takes more than 4096 numbers"
                   : s->n < GATE_LEAST             ? "fewer than 50 pictures"
                                                   : NULL;
    if (job->no_gate) return true;
    for (size_t i = 0; i < s->n; i++)
        of[i] =
            s->truth[i] != ABSTAIN_NO_CLASS ? s->truth[i] : answer_of(row_of(job, i), s->classes);
    if (!cross_distances(job, of) ||
        !gate_fit(&gate, s->rows, of, s->n, s->features, s->classes, job->pool, job->trouble))
        return false;
    for (size_t i = 0; i < s->n; i++) sorted[i] = (double)job->distance[i];
    sort_numbers(sorted, s->n);
    job->c.features = gate.features;
    job->c.axes = gate.axes;
    job->c.feature_layer = s->layers.features;
    job->c.whitening = gate.whitening;
    job->c.means = gate.means;
    job->c.gate = (float)quantile_of_sorted(sorted, s->n, job->wish->keep_share);
    return true;
}

/* ---- promises ---- */

static bool fit_promise(struct calibration_job *job) {
    const struct sample *s = &job->sample;
    const double wanted = job->wish->sensitivity_share;
    double *values = pool_get(job->pool, s->n, sizeof *values, job->trouble), threshold;
    if (!values) return false;
    for (size_t i = 0; i < s->n; i++)
        if (is_positive(job, i)) values[job->positives++] = positive_of(job, i);
    if (!clear_threshold(values, job->positives, wanted, &threshold))
        return fail(job->trouble,
                    "%zu positive pictures are too few for a promise of %g: it takes %zu",
                    job->positives, wanted, clear_needs(wanted));
    job->c.clear = (float)threshold; /* below it: strictly, also as a float */
    if ((double)job->c.clear > threshold) job->c.clear = nextafterf(job->c.clear, 0);
    job->c.target = (float)wanted;
    job->c.positives = (uint32_t)job->positives;
    return job->c.clear > 0 ||
           fail(job->trouble, "the model gives positive pictures a probability of 0: there is "
                              "nothing to rule them out by");
}

static bool fit_risk(struct calibration_job *job) {
    const struct sample *s = &job->sample;
    double *confidence = pool_get(job->pool, s->n, sizeof *confidence, job->trouble);
    bool *right = pool_get(job->pool, s->n, sizeof *right, job->trouble);
    if (!confidence || !right) return false;
    for (size_t i = 0; i < s->n; i++) {
        const uint32_t answer = answer_of(row_of(job, i), s->classes);
        confidence[i] = row_of(job, i)[answer];
        right[i] = is_right(job, i, answer);
    }
    const uint32_t *order = order_by_score(confidence, s->n, job->pool, job->trouble);
    if (!order) return false;
    if (!risk_threshold(confidence, right, order, s->n, job->wish->risk_share, CONFIDENT,
                        &job->point))
        return fail(job->trouble,
                    "no confidence keeps the errors below %g for sure: the model is "
                    "not good enough, or the pictures are too few",
                    job->wish->risk_share);
    job->c.sure = (float)job->point.threshold;
    if ((double)job->c.sure > job->point.threshold) job->c.sure = nextafterf(job->c.sure, 0);
    job->c.risk = (float)job->wish->risk_share;
    return true;
}

static bool fit_sets(struct calibration_job *job) {
    const struct sample *s = &job->sample;
    double *values = pool_get(job->pool, s->n, sizeof *values, job->trouble);
    if (!values) return false;
    job->c.alpha = (float)job->wish->alpha_share;
    for (uint32_t k = 0; k < s->classes; k++) {
        size_t n = 0;
        for (size_t i = 0; i < s->n; i++)
            if (s->truth[i] == k) values[n++] = row_of(job, i)[k];
        job->c.conformal[k] = (float)set_threshold(values, n, job->wish->alpha_share);
    }
    return true;
}

/* ---- qualities and deciles ---- */

static bool is_gated(const char *name, size_t length, void *with) {
    return strlen(with) != length || strncmp(name, with, length) != 0;
}

static size_t sorted_qualities(const struct calibration_job *job, int q, double *values) {
    size_t n = 0;
    for (size_t i = 0; i < job->sample.n; i++)
        if (job->sample.photo[i]) values[n++] = (double)job->sample.quality[i][q];
    sort_numbers(values, n);
    return n;
}

static void set_deciles(struct calibration_job *job, int measure, const double *sorted, size_t n) {
    for (int i = 0; i < VERDICT_DECILES; i++)
        job->c.deciles[measure][i] = n ? (float)quantile_of_sorted(sorted, n, 0.1 * (i + 1)) : 0;
}

static bool fit_qualities(struct calibration_job *job) {
    const struct sample *s = &job->sample;
    double *values = pool_get(job->pool, s->n, sizeof *values, job->trouble);
    if (!values) return false;
    for (int q = 0; q < FOVEA_QUALITY_COUNT; q++) {
        const char *name = fovea_quality_name((enum fovea_quality)q);
        const size_t n = sorted_qualities(job, q, values);
        const bool asked = !each_name(job->wish->qualities, is_gated, (void *)(uintptr_t)name);
        job->c.low[q] = -FLT_MAX;
        job->c.high[q] = FLT_MAX;
        if (q == FOVEA_QUALITY_LIGHT) set_deciles(job, FOVEA_DRIFT_LIGHT, values, n);
        if (q == FOVEA_QUALITY_SHARPNESS) set_deciles(job, FOVEA_DRIFT_SHARPNESS, values, n);
        if (!asked || n == 0) continue;
        /* One in a hundred of such photos is beyond; of fewer than that none. */
        const size_t beyond = n >= 99 ? (n + 1) / 100 - 1 : 0;
        if (q != FOVEA_QUALITY_CLIPPED) job->c.low[q] = (float)values[beyond];
        job->c.high[q] = (float)values[n - 1 - beyond];
    }
    for (size_t i = 0; i < s->n; i++)
        values[i] = row_of(job, i)[answer_of(row_of(job, i), s->classes)];
    sort_numbers(values, s->n);
    set_deciles(job, FOVEA_DRIFT_CONFIDENCE, values, s->n);
    for (size_t i = 0; i < s->n; i++) values[i] = (double)job->distance[i];
    sort_numbers(values, s->n);
    set_deciles(job, FOVEA_DRIFT_DISTANCE, values, s->n);
    return true;
}

/* What it would say of the pictures it was made from. */
static bool count_verdicts(struct calibration_job *job) {
    const struct sample *s = &job->sample;
    float *p = pool_get(job->pool, s->classes, sizeof *p, job->trouble);
    for (size_t i = 0; p && i < s->n; i++) {
        struct fovea_finding f = {.probabilities = p, .classes = s->classes};
        for (uint32_t k = 0; k < s->classes; k++) p[k] = (float)row_of(job, i)[k];
        f.distance = job->distance[i];
        fovea_calibration_decide(&job->c, s->photo[i] ? s->quality[i] : NULL, &f);
        job->c.answered[f.answer]++;
        job->c.answered[s->classes + f.kind]++;
    }
    return p != NULL;
}

static bool make_tables(struct calibration_job *job) {
    const uint32_t classes = job->sample.classes;
    struct fovea_calibration *c = &job->c;
    c->classes = classes;
    c->logit_layer = job->sample.layers.logits;
    c->photos = (uint32_t)job->sample.n;
    c->positive = pool_get(job->pool, classes, sizeof *c->positive, job->trouble);
    c->conformal = pool_get(job->pool, classes, sizeof *c->conformal, job->trouble);
    c->deciles = pool_get(job->pool, FOVEA_DRIFT_COUNT, sizeof *c->deciles, job->trouble);
    c->answered =
        pool_get(job->pool, classes + FOVEA_VERDICT_COUNT, sizeof *c->answered, job->trouble);
    for (uint32_t k = 0; c->positive && k < classes; k++) c->positive[k] = job->sample.positive[k];
    return c->positive && c->conformal && c->deciles && c->answered;
}

bool calibration_fit(struct calibration_job *job) {
    return make_tables(job) && fit_temperature(job) && fit_gate(job) &&
           (!job->wish->group || fit_promise(job)) && (!job->wish->risk || fit_risk(job)) &&
           fit_sets(job) && fit_qualities(job) && count_verdicts(job);
}
