/* Reading and writing what fovea calibrate adds to a blob. */
#include "engine/hosted/verdict.h"

#include "weights/check.h"

#define verdict_fail(error, status, text) verdict_refuse(error, status, FOVEA_TEXT(text))
static bool verdict_refuse(struct fovea_error *error, enum fovea_status status,
                           fovea_problem text) {
    fovea_report(error, status, text, 0);
    return false;
}

uint64_t fovea_whitening_count(uint32_t features, uint32_t axes) {
    return axes == features ? fovea_product(axes, (uint64_t)axes + 1) / 2
                            : fovea_product(axes, features);
}

uint64_t fovea_calibration_bytes(const struct fovea_calibration *c) {
    const uint64_t fixed = VERDICT_WORDS + 2 * FOVEA_QUALITY_COUNT + FOVEA_VERDICT_COUNT +
                           FOVEA_DRIFT_COUNT * VERDICT_DECILES;
    const uint64_t numbers = fovea_sum(fovea_product(c->classes, (uint64_t)c->axes + 3),
                                       fovea_whitening_count(c->features, c->axes));
    return fovea_product(fovea_sum(fixed, numbers), sizeof(float));
}

/* Finite; `*good` becomes false where it is not. */
static float read_finite(struct fovea_bytes *b, bool *good) {
    const float value = fovea_read_float(b);
    *good &= value - value == 0;
    return value;
}

static uint64_t count_of(const struct fovea_shape *shape) {
    uint64_t count = 1;
    for (uint32_t i = 0; i < shape->rank; i++) count = fovea_product(count, shape->dims[i]);
    return count;
}

/* Whether layer `layer` makes `count` numbers. */
static bool layer_makes(const struct fovea_model *model, uint32_t layer, uint64_t count) {
    struct fovea_shape shape;
    return fovea_model_layer(model, layer, &shape, NULL) && count_of(&shape) == count;
}

static bool fits(const struct fovea_model *model, const struct fovea_calibration *c) {
    struct fovea_io io = {0};
    fovea_model_output(model, 0, &io); /* each model has one */
    if (io.shape.rank != 1) return false;
    const uint64_t classes = io.count == 1 ? 2 : io.count;
    const bool logits = c->logit_layer == VERDICT_NONE ||
                        (io.count > 1 && layer_makes(model, c->logit_layer, io.count));
    const bool features = c->features == 0 ? c->axes == 0
                                           : c->features <= VERDICT_FEATURES && c->axes >= 1 &&
                                                 c->axes <= c->features &&
                                                 layer_makes(model, c->feature_layer, c->features);
    return c->classes == classes && logits && features;
}

bool fovea_calibration_begin(const struct fovea_model *model, struct fovea_calibration *c,
                             struct fovea_error *error) {
    size_t size;
    const void *extra = fovea_model_extra(model, &size);
    struct fovea_bytes b = fovea_bytes_of(extra, size);
    bool good = true;
    fovea_fill(c, 0, sizeof *c);
    const uint32_t magic = fovea_read32(&b), format = fovea_read32(&b);
    if (b.failed || magic != VERDICT_MAGIC || format != VERDICT_FORMAT)
        return verdict_fail(error, FOVEA_VERSION,
                            "B-600 what follows the model is unknown to this version");
    uint32_t *const words[] = {&c->classes,     &c->features,   &c->axes,   &c->feature_layer,
                               &c->logit_layer, &c->symmetries, &c->photos, &c->positives};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) *words[i] = fovea_read32(&b);
    float *const numbers[] = {&c->temperature, &c->gate, &c->sure, &c->clear,
                              &c->target,      &c->risk, &c->alpha};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        *numbers[i] = read_finite(&b, &good);
    for (int q = 0; q < FOVEA_QUALITY_COUNT; q++) {
        c->low[q] = read_finite(&b, &good);
        c->high[q] = read_finite(&b, &good);
        good &= c->low[q] <= c->high[q];
    }
    if (!fits(model, c) || c->symmetries >= FOVEA_SYMMETRIES_COUNT)
        return verdict_fail(error, FOVEA_SHAPE,
                            "B-601 the calibration belongs to a different model");
    if (size != fovea_calibration_bytes(c))
        return verdict_fail(error, FOVEA_TRUNCATED,
                            "B-602 the calibration's length is not what it says");
    if (!good || !(c->temperature > 0) || c->gate < 0 || c->sure < 0 || c->sure > 1 ||
        c->clear < 0 || c->clear > 1)
        return verdict_fail(error, FOVEA_RANGE,
                            "B-603 a number of the calibration is out of range");
    return true;
}

static bool read_deciles(struct fovea_bytes *b, float deciles[VERDICT_DECILES]) {
    bool good = true;
    for (int i = 0; i < VERDICT_DECILES; i++) {
        deciles[i] = read_finite(b, &good);
        good &= i == 0 || deciles[i - 1] <= deciles[i];
    }
    return good;
}

bool fovea_calibration_finish(const struct fovea_model *model, struct fovea_calibration *c,
                              struct fovea_error *error) {
    size_t size;
    const void *extra = fovea_model_extra(model, &size);
    struct fovea_bytes b = fovea_bytes_of(extra, size);
    bool good = true;
    for (int i = 0; i < VERDICT_WORDS + 2 * FOVEA_QUALITY_COUNT; i++) fovea_read32(&b); /* known */
    for (uint32_t k = 0; k < c->classes; k++) {
        c->positive[k] = fovea_read32(&b);
        good &= c->positive[k] <= 1;
    }
    for (uint32_t k = 0; k < c->classes; k++) c->conformal[k] = read_finite(&b, &good);
    for (int m = 0; m < FOVEA_DRIFT_COUNT; m++) good &= read_deciles(&b, c->deciles[m]);
    for (uint32_t k = 0; k < c->classes + FOVEA_VERDICT_COUNT; k++)
        c->answered[k] = fovea_read32(&b);
    const uint64_t whitening = fovea_whitening_count(c->features, c->axes);
    for (uint64_t i = 0; i < whitening; i++) c->whitening[i] = read_finite(&b, &good);
    for (uint64_t i = 0; i < fovea_product(c->classes, c->axes); i++)
        c->means[i] = read_finite(&b, &good);
    if (!good)
        return verdict_fail(error, FOVEA_RANGE,
                            "B-604 a table of the calibration holds impossible values");
    return true;
}

/* ---- writing ---- */

static void put(uint8_t **at, uint32_t word) {
    for (int i = 0; i < 4; i++) *(*at)++ = (uint8_t)(word >> (8 * i));
}
static void put_floats(uint8_t **at, const float *values, uint64_t count) {
    for (uint64_t i = 0; i < count; i++) put(at, fovea_bits_of_float(values[i]));
}
static void put_words(uint8_t **at, const uint32_t *words, uint64_t count) {
    for (uint64_t i = 0; i < count; i++) put(at, words[i]);
}

void fovea_calibration_write(const struct fovea_calibration *c, uint8_t *bytes) {
    uint8_t *at = bytes;
    const uint32_t words[] = {VERDICT_MAGIC, VERDICT_FORMAT,   c->classes,     c->features,
                              c->axes,       c->feature_layer, c->logit_layer, c->symmetries,
                              c->photos,     c->positives};
    const float numbers[] = {c->temperature, c->gate, c->sure, c->clear,
                             c->target,      c->risk, c->alpha};
    put_words(&at, words, sizeof words / sizeof *words);
    put_floats(&at, numbers, sizeof numbers / sizeof *numbers);
    for (int q = 0; q < FOVEA_QUALITY_COUNT; q++) {
        put_floats(&at, &c->low[q], 1);
        put_floats(&at, &c->high[q], 1);
    }
    put_words(&at, c->positive, c->classes);
    put_floats(&at, c->conformal, c->classes);
    for (int m = 0; m < FOVEA_DRIFT_COUNT; m++) put_floats(&at, c->deciles[m], VERDICT_DECILES);
    put_words(&at, c->answered, c->classes + FOVEA_VERDICT_COUNT);
    put_floats(&at, c->whitening, fovea_whitening_count(c->features, c->axes));
    put_floats(&at, c->means, fovea_product(c->classes, c->axes));
}

#undef verdict_fail
