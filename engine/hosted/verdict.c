/* The judge: runs a session for each turn of its input, calibrates, asks the gates. */
#include "engine/hosted/verdict.h"

#include <math.h>
#include <stdio.h>

#include "kernels/layout.h"
#include "weights/check.h"

struct fovea_judge {
    const struct fovea_model *model;
    struct fovea_calibration calibration;
    bool calibrated, featured;
    bool
        photographed; /* there is a photo to the next verdict; measured: there was one to the last */
    bool judged, measured;
    enum fovea_symmetries symmetries;
    uint32_t outputs, classes, watched[2], watched_count;
    struct fovea_shape input;
    size_t input_count;
    float *upright; /* the input as it came */
    float *logits, *features;
    double *sums, *squares, *turn; /* of the classes' probabilities; those of one turn */
    float *probabilities, *scores;
    float quality[FOVEA_QUALITY_COUNT];
    struct fovea_finding last;
};

/* ---- memory ---- */

/* Hands out memory from the front, in lines of 64 bytes; without any it only counts. */
struct shelf {
    uint8_t *memory;
    uint64_t used;
};
static void *shelf_take(struct shelf *shelf, uint64_t count, size_t size) {
    void *at = shelf->memory ? shelf->memory + shelf->used : NULL;
    shelf->used += (count * size + FOVEA_ALIGN - 1) / FOVEA_ALIGN * FOVEA_ALIGN;
    return at;
}

/* The judge and all of its arrays. NULL while counting. */
static struct fovea_judge *lay(const struct fovea_model *model,
                               const struct fovea_calibration *from, struct shelf *shelf) {
    struct fovea_judge whole = {.model = model}, *judge;
    struct fovea_io in, out, more;
    const struct fovea_calibration empty = {.logit_layer = VERDICT_NONE, .temperature = 1};
    struct fovea_calibration *c = &whole.calibration;
    fovea_model_input(model, 0, &in);
    fovea_model_output(model, 0, &out);
    *c = from ? *from : empty;
    whole.calibrated = from != NULL;
    whole.symmetries = from ? (enum fovea_symmetries)from->symmetries : in.recipe.symmetries;
    whole.input = in.shape;
    whole.input_count = in.count;
    if (out.shape.rank == 1 && fovea_model_output(model, 1, &more) != FOVEA_OK)
        whole.outputs = (uint32_t)out.count;
    whole.classes = whole.outputs == 1 ? 2 : whole.outputs;
    judge = (struct fovea_judge *)shelf_take(shelf, 1, sizeof *judge);
    whole.upright = (float *)shelf_take(shelf, in.count, sizeof(float));
    whole.sums = (double *)shelf_take(shelf, whole.classes, sizeof(double));
    whole.squares = (double *)shelf_take(shelf, whole.classes, sizeof(double));
    whole.turn = (double *)shelf_take(shelf, whole.classes, sizeof(double));
    whole.probabilities = (float *)shelf_take(shelf, whole.classes, sizeof(float));
    whole.scores = (float *)shelf_take(shelf, whole.outputs, sizeof(float));
    whole.logits = (float *)shelf_take(shelf, whole.outputs, sizeof(float));
    if (from) {
        whole.features = (float *)shelf_take(shelf, c->features, sizeof(float));
        c->positive = (uint32_t *)shelf_take(shelf, c->classes, sizeof(uint32_t));
        c->conformal = (float *)shelf_take(shelf, c->classes, sizeof(float));
        c->deciles =
            (float(*)[VERDICT_DECILES])shelf_take(shelf, FOVEA_DRIFT_COUNT, sizeof *c->deciles);
        c->answered =
            (uint32_t *)shelf_take(shelf, c->classes + FOVEA_VERDICT_COUNT, sizeof(uint32_t));
        c->whitening =
            (float *)shelf_take(shelf, fovea_whitening_count(c->features, c->axes), sizeof(float));
        c->means = (float *)shelf_take(shelf, (uint64_t)c->classes * c->axes, sizeof(float));
        if (c->features) whole.watched[whole.watched_count++] = c->feature_layer;
        if (c->logit_layer != VERDICT_NONE) whole.watched[whole.watched_count++] = c->logit_layer;
    }
    if (judge) *judge = whole;
    return judge;
}

static enum fovea_status start(const struct fovea_model *model, void *memory, size_t bytes,
                               fovea_judge **judge, size_t *needed, struct fovea_error *error) {
    struct fovea_calibration c;
    struct shelf shelf = {NULL, 0};
    if (!fovea_model_inputs(model))
        return fovea_report(error, FOVEA_ARGUMENT, FOVEA_TEXT("S-600 the model is not open"), 0);
    if ((uintptr_t)memory % FOVEA_ALIGN != 0)
        return fovea_report(error, FOVEA_ALIGNMENT,
                            FOVEA_TEXT("S-601 the memory must start at a multiple of 64 bytes"), 0);
    const bool calibrated = fovea_model_extra(model, NULL) != NULL;
    struct fovea_error own;
    if (!error) error = &own;
    if (calibrated && !fovea_calibration_begin(model, &c, error)) return error->status;
    lay(model, calibrated ? &c : NULL, &shelf);
    *needed = (size_t)shelf.used;
    if (!judge) return fovea_report(error, FOVEA_OK, FOVEA_NO_PROBLEM, 0);
    if (!memory || bytes < *needed)
        return fovea_report(error, FOVEA_MEMORY,
                            FOVEA_TEXT("S-602 the memory is smaller than fovea_judge_measure says"),
                            0);
    shelf = (struct shelf){(uint8_t *)memory, 0};
    fovea_judge *made = lay(model, calibrated ? &c : NULL, &shelf);
    if (calibrated && !fovea_calibration_finish(model, &made->calibration, error))
        return error->status;
    *judge = made;
    return fovea_report(error, FOVEA_OK, FOVEA_NO_PROBLEM, 0);
}

enum fovea_status fovea_judge_measure(const struct fovea_model *model, size_t *bytes,
                                      struct fovea_error *error) {
    size_t ignored;
    if (bytes) *bytes = 0;
    return start(model, NULL, 0, NULL, bytes ? bytes : &ignored, error);
}

enum fovea_status fovea_judge_start(const struct fovea_model *model, void *memory, size_t bytes,
                                    fovea_judge **judge, struct fovea_error *error) {
    size_t needed;
    if (!judge)
        return fovea_report(error, FOVEA_ARGUMENT, FOVEA_TEXT("S-603 judge must not be NULL"), 0);
    *judge = NULL;
    return start(model, memory, bytes, judge, &needed, error);
}

bool fovea_judge_calibrated(const fovea_judge *judge) {
    return judge && judge->calibrated;
}

void fovea_judge_turns(fovea_judge *judge, enum fovea_symmetries symmetries) {
    judge->symmetries = symmetries;
}

/* ---- what the model makes of it ---- */

double fovea_calibration_distance(const struct fovea_calibration *c, const float *features) {
    double least = -1;
    for (uint32_t k = 0; k < c->classes; k++) {
        const float *row = c->whitening, *mean = c->means + fovea_product(k, c->axes);
        double sum = 0;
        for (uint32_t a = 0; a < c->axes; a++) {
            const uint32_t count = c->axes == c->features ? a + 1 : c->features;
            double along = -(double)mean[a];
            for (uint32_t i = 0; i < count; i++) along += (double)row[i] * (double)features[i];
            row += count;
            sum += along * along;
        }
        if (least < 0 || sum < least) least = sum;
    }
    return least;
}

static void watch(void *context, const struct fovea_step_info *info) {
    fovea_judge *judge = (fovea_judge *)context;
    const struct fovea_calibration *c = &judge->calibration;
    if (c->features && info->layer == c->feature_layer && !judge->featured) {
        fovea_copy(judge->features, info->output, c->features * sizeof(float));
        judge->featured = true; /* those of the picture as it came */
    }
    if (info->layer == c->logit_layer)
        fovea_copy(judge->logits, info->output, judge->outputs * sizeof(float));
}

void fovea_judge_watch(fovea_judge *judge, struct fovea_options *options) {
    if (judge->watched_count == 0) return;
    options->watcher = watch;
    options->context = judge;
    options->watched = judge->watched;
    options->watched_count = judge->watched_count;
}

void fovea_judge_photo(fovea_judge *judge, const struct fovea_image *image) {
    fovea_quality_of(image, judge->quality);
    judge->photographed = true;
}

/* exp((z - most) / T) over their sum. */
static void soften(const float *logits, uint32_t count, double temperature, double *to) {
    double most = (double)logits[0], sum = 0;
    for (uint32_t k = 1; k < count; k++) most = (double)logits[k] > most ? (double)logits[k] : most;
    for (uint32_t k = 0; k < count; k++)
        sum += to[k] = exp(((double)logits[k] - most) / temperature);
    for (uint32_t k = 0; k < count; k++) to[k] /= sum;
}

/* The probability at another temperature, 0 and 1 kept from becoming infinite. */
static double temper(double p, double temperature) {
    const double least = 1e-12, inside = p < least ? least : p > 1 - least ? 1 - least : p;
    return temperature == 1 ? p : 1 / (1 + exp(-log(inside / (1 - inside)) / temperature));
}

/* What one run says, calibrated. */
static void read_turn(fovea_judge *judge, const fovea_session *session) {
    const struct fovea_calibration *c = &judge->calibration;
    const float *scores = fovea_output(session, 0);
    for (uint32_t k = 0; k < judge->outputs; k++) judge->scores[k] += scores[k];
    if (judge->outputs == 1) {
        judge->turn[1] = temper((double)scores[0], (double)c->temperature);
        judge->turn[0] = 1 - judge->turn[1];
    } else if (c->logit_layer != VERDICT_NONE) {
        soften(judge->logits, judge->outputs, (double)c->temperature, judge->turn);
    } else {
        for (uint32_t k = 0; k < judge->outputs; k++) judge->turn[k] = (double)scores[k];
    }
    for (uint32_t k = 0; k < judge->classes; k++) {
        judge->sums[k] += judge->turn[k];
        judge->squares[k] += judge->turn[k] * judge->turn[k];
    }
}

static void run_turns(fovea_judge *judge, fovea_session *session, struct fovea_finding *f) {
    const unsigned turns = judge->outputs ? fovea_turns(&judge->input, judge->symmetries) : 1;
    float *in = fovea_input(session, 0);
    for (uint32_t k = 0; k < judge->classes; k++) judge->sums[k] = judge->squares[k] = 0;
    for (uint32_t k = 0; k < judge->outputs; k++) judge->scores[k] = 0;
    judge->featured = false;
    if (turns > 1) fovea_copy(judge->upright, in, judge->input_count * sizeof *in);
    for (unsigned turn = 0; turn < turns; turn++) {
        if (turn) fovea_turn(&judge->input, turn, judge->upright, in);
        fovea_run(session);
        if (judge->outputs) read_turn(judge, session);
    }
    f->turns = turns;
    for (uint32_t k = 0; k < judge->outputs; k++) judge->scores[k] /= (float)turns;
    f->scores = judge->outputs ? judge->scores : NULL;
    f->classes = judge->classes;
    f->probabilities = judge->classes ? judge->probabilities : NULL;
    for (uint32_t k = 0; k < judge->classes; k++)
        judge->probabilities[k] = (float)(judge->sums[k] / turns);
}

/* ---- the gates ---- */

static bool retake(const struct fovea_calibration *c, const float *quality,
                   struct fovea_finding *f) {
    static const char *const words[FOVEA_QUALITY_COUNT][2] = {
        {"too dark", "too bright"},
        {"too little contrast", "too much contrast"},
        {"blurred", "too much noise"},
        {"too little black and white", "over- or underexposed"},
        {"too blue", "too yellow"}};
    for (int q = 0; quality && q < FOVEA_QUALITY_COUNT; q++) {
        if (quality[q] >= c->low[q] && quality[q] <= c->high[q]) continue;
        f->kind = FOVEA_VERDICT_RETAKE;
        const bool over = quality[q] > c->high[q];
        snprintf(f->reason, sizeof f->reason, "%s (%s %.3g, the calibration's photos have %s %.3g)",
                 words[q][over], fovea_quality_name((enum fovea_quality)q), (double)quality[q],
                 over ? "at most" : "at least", (double)(over ? c->high[q] : c->low[q]));
        return true;
    }
    return false;
}

static bool unlike(const struct fovea_calibration *c, struct fovea_finding *f) {
    if (!c->features || f->distance <= c->gate) return false;
    f->kind = FOVEA_VERDICT_UNLIKE;
    snprintf(f->reason, sizeof f->reason, "unlike the calibration's photos (distance %.4g > %.4g)",
             (double)f->distance, (double)c->gate);
    return true;
}

static bool is_positive(const struct fovea_calibration *c, uint32_t k) {
    return c->clear > 0 && c->positive[k];
}

/* The likeliest class; of those outside of the positive group where `cleared`. */
static uint32_t likeliest(const struct fovea_calibration *c, const struct fovea_finding *f,
                          bool cleared) {
    uint32_t best = 0;
    bool found = false;
    for (uint32_t k = 0; k < f->classes; k++) {
        if (cleared && is_positive(c, k)) continue;
        if (!found || f->probabilities[k] > f->probabilities[best]) best = k;
        found = true;
    }
    return best;
}

/* The positive group is ruled out only below the calibrated probability; that another class is likelier does not do. */
static bool uncleared(const struct fovea_calibration *c, struct fovea_finding *f) {
    if (!(c->clear > 0)) return false;
    if (f->positive < c->clear) {
        f->answer = likeliest(c, f, true);
        return false;
    }
    if (is_positive(c, f->answer)) return false;
    f->kind = FOVEA_VERDICT_UNSURE;
    snprintf(f->reason, sizeof f->reason,
             "the positive group has %.3g, and is ruled out below %.3g (sensitivity %.3g)",
             (double)f->positive, (double)c->clear, (double)c->target);
    return true;
}

static bool unsure(const struct fovea_calibration *c, struct fovea_finding *f) {
    const float p = f->probabilities[f->answer];
    if (p >= c->sure) return false;
    f->kind = FOVEA_VERDICT_UNSURE;
    snprintf(f->reason, sizeof f->reason,
             "only %.3g sure; with less than %.3g more than %.3g of the answers are wrong",
             (double)p, (double)c->sure, (double)c->risk);
    return true;
}

void fovea_calibration_decide(const struct fovea_calibration *c, const float *quality,
                              struct fovea_finding *f) {
    f->kind = FOVEA_VERDICT_ANSWER;
    f->reason[0] = 0;
    f->answer = likeliest(c, f, false);
    f->positive = -1;
    for (uint32_t k = 0; c->clear > 0 && k < f->classes; k++)
        f->positive =
            (f->positive < 0 ? 0 : f->positive) + (c->positive[k] ? f->probabilities[k] : 0);
    (void)(retake(c, quality, f) || unlike(c, f) || uncleared(c, f) || unsure(c, f));
}

static void describe(const fovea_judge *judge, struct fovea_finding *f) {
    const double mean = judge->sums[f->answer] / f->turns;
    const double variance = judge->squares[f->answer] / f->turns - mean * mean;
    double entropy = 0;
    for (uint32_t k = 0; k < judge->classes; k++) {
        const double p = judge->sums[k] / f->turns;
        if (p > 0) entropy -= p * log(p);
    }
    f->spread = (float)sqrt(variance > 0 ? variance : 0);
    f->entropy = (float)entropy;
}

void fovea_verdict(fovea_judge *judge, fovea_session *session, struct fovea_finding *finding) {
    const struct fovea_calibration *c = &judge->calibration;
    struct fovea_finding f = {.positive = -1, .distance = -1};
    run_turns(judge, session, &f);
    if (judge->classes) {
        if (c->features) f.distance = (float)fovea_calibration_distance(c, judge->features);
        fovea_calibration_decide(
            c, judge->photographed && judge->calibrated ? judge->quality : NULL, &f);
        describe(judge, &f);
        f.label = fovea_model_label(judge->model, 0, f.answer);
    }
    judge->last = f;
    judge->judged = judge->calibrated;
    judge->measured = judge->photographed;
    judge->photographed = false;
    *finding = f;
}

const char *fovea_verdict_text(enum fovea_verdict_kind kind) {
    static const char *const texts[] = {"answer", "unsure", "unlike", "retake"};
    return (unsigned)kind < FOVEA_VERDICT_COUNT ? texts[kind] : "unknown verdict";
}

/* ---- drift ---- */

static void count(uint32_t *cell) {
    *cell += *cell < UINT32_MAX;
}

static void count_value(const fovea_judge *judge, struct fovea_drift *drift, int measure,
                        float value) {
    const float *deciles = judge->calibration.deciles[measure];
    int bin = 0;
    while (bin < VERDICT_DECILES && value > deciles[bin]) bin++;
    count(&drift->bins[measure][bin]);
}

void fovea_drift_add(struct fovea_drift *drift, const fovea_judge *judge) {
    if (!drift || !judge || !judge->judged) return;
    const struct fovea_finding *f = &judge->last;
    count_value(judge, drift, FOVEA_DRIFT_CONFIDENCE, judge->probabilities[f->answer]);
    if (f->distance >= 0) count_value(judge, drift, FOVEA_DRIFT_DISTANCE, f->distance);
    if (judge->measured) {
        count_value(judge, drift, FOVEA_DRIFT_LIGHT, judge->quality[FOVEA_QUALITY_LIGHT]);
        count_value(judge, drift, FOVEA_DRIFT_SHARPNESS, judge->quality[FOVEA_QUALITY_SHARPNESS]);
    }
    count(&drift->classes[f->answer < FOVEA_DRIFT_CLASSES ? f->answer : FOVEA_DRIFT_CLASSES - 1]);
    count(&drift->verdicts[f->kind]);
}
