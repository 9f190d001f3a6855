/* Verdicts: what a calibration in a blob does, that a damaged one is refused, test-time augmentation, drift. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <math.h>

#include "cli/cli.h"
#include "cli/head.h"
#include "clinic/random.h"
#include "convert/convert.h"
#include "engine/hosted/verdict.h"
#include "kernels/layout.h"
#include "tests/unit/drafts.h"
#include "weights/blob_build.h"
#include "weights/words.h"

#undef fail
#include <cmocka.h>

#define MODEL "tests/golden/conformance/a/net_mini_seed/model.h5"

static struct pool pool;
static uint8_t *plain; /* the model without calibration */
static size_t plain_size;
static struct fovea_model plain_model;
static struct fovea_calibration c; /* of it */
static uint8_t *blob;
static size_t blob_size;

static int make_model(void **unused) {
    (void)unused;
    struct file_bytes file;
    struct trouble trouble = {0};
    struct converted converted;
    struct convert_options options = {0};
    options.recipe = (struct fovea_recipe){.scale = 1, .std = {1, 1, 1}};
    if (!file_open(MODEL, &file, &trouble) ||
        !convert_keras(&pool, file.bytes, file.size, &options, &converted, &trouble))
        return -1;
    plain_size = (size_t)converted.size;
    plain = memory_get(plain_size);
    memcpy(plain, converted.blob, plain_size);
    file_close(&file);
    if (fovea_model_open(&plain_model, plain, plain_size, NULL) != FOVEA_OK) return -1;
    struct fovea_io out;
    fovea_model_output(&plain_model, 0, &out);
    const struct head_layers layers = head_layers(&plain_model, 0);
    struct fovea_shape shape;
    fovea_model_layer(&plain_model, layers.features, &shape, NULL);
    uint32_t features = 1;
    for (uint32_t i = 0; i < shape.rank; i++) features *= shape.dims[i];
    c = (struct fovea_calibration){.classes = (uint32_t)out.count,
                                   .features = features,
                                   .axes = features,
                                   .feature_layer = layers.features,
                                   .logit_layer = layers.logits,
                                   .temperature = 1,
                                   .gate = 1e30f};
    c.positive = calloc(c.classes, sizeof *c.positive);
    c.conformal = calloc(c.classes, sizeof *c.conformal);
    c.deciles = calloc(FOVEA_DRIFT_COUNT, sizeof *c.deciles);
    c.answered = calloc(c.classes + FOVEA_VERDICT_COUNT, sizeof *c.answered);
    c.whitening = calloc((size_t)fovea_whitening_count(features, features), sizeof(float));
    c.means = calloc((size_t)c.classes * features, sizeof(float));
    for (uint32_t a = 0; a < features; a++) c.whitening[a * (a + 1) / 2 + a] = 1;
    for (int q = 0; q < FOVEA_QUALITY_COUNT; q++) c.low[q] = -1e30f, c.high[q] = 1e30f;
    const size_t at = (plain_size + FOVEA_ALIGN - 1) / FOVEA_ALIGN * FOVEA_ALIGN;
    blob_size = at + (size_t)fovea_calibration_bytes(&c);
    blob = memory_get(blob_size);
    return 0;
}

/* The blob with `c`, sealed. */
static size_t seal(void) {
    const uint64_t at = blob_size - fovea_calibration_bytes(&c);
    memset(blob, 0, blob_size);
    memcpy(blob, plain, plain_size);
    fovea_calibration_write(&c, blob + at);
    for (unsigned i = 0; i < 8; i++) {
        blob[FOVEA_BLOB_SIZE_AT + i] = (uint8_t)((uint64_t)blob_size >> (8 * i));
        blob[FOVEA_BLOB_EXTRA_AT + i] = (uint8_t)(at >> (8 * i));
    }
    fovea_draft_seal(blob, blob_size);
    return (size_t)at;
}

/* ---- a judge at work ---- */

struct bench {
    struct fovea_model model;
    void *memory, *judge_memory;
    fovea_session *session;
    fovea_judge *judge;
    size_t inputs;
};

/* The judge keeps the model's address: the bench stays where it is. */
static void open_bench(struct bench *b, const uint8_t *bytes, size_t size) {
    memset(b, 0, sizeof *b);
    struct fovea_options options = FOVEA_OPTIONS_INIT;
    struct fovea_io in;
    size_t need;
    assert_int_equal(fovea_model_open(&b->model, bytes, size, NULL), FOVEA_OK);
    assert_int_equal(fovea_judge_measure(&b->model, &need, NULL), FOVEA_OK);
    b->judge_memory = memory_get(need);
    assert_int_equal(fovea_judge_start(&b->model, b->judge_memory, need, &b->judge, NULL),
                     FOVEA_OK);
    fovea_judge_watch(b->judge, &options);
    assert_int_equal(fovea_measure(&b->model, &options, &need, NULL), FOVEA_OK);
    b->memory = memory_get(need);
    assert_int_equal(fovea_plan(&b->model, &options, b->memory, need, &b->session, NULL), FOVEA_OK);
    fovea_model_input(&b->model, 0, &in);
    b->inputs = in.count;
}

static void close_bench(struct bench *b) {
    memory_put(b->memory);
    memory_put(b->judge_memory);
}

static void fill(const struct bench *b, uint64_t seed) {
    struct random random = random_start(seed);
    for (size_t i = 0; i < b->inputs; i++)
        fovea_input(b->session, 0)[i] = (float)random_bits(&random) / 4294967296.0f;
}

static struct fovea_finding judge(struct bench *b, uint64_t seed) {
    struct fovea_finding f;
    fill(b, seed);
    fovea_verdict(b->judge, b->session, &f);
    return f;
}

static struct fovea_finding judge_once(uint64_t seed) {
    seal();
    struct bench b;
    open_bench(&b, blob, blob_size);
    struct fovea_finding f = judge(&b, seed);
    close_bench(&b);
    f.probabilities = NULL;
    return f;
}

static void test_plain(void **unused) {
    (void)unused;
    struct bench b;
    open_bench(&b, plain, plain_size);
    const struct fovea_finding f = judge(&b, 1);
    assert_false(fovea_judge_calibrated(b.judge));
    assert_int_equal(f.kind, FOVEA_VERDICT_ANSWER);
    assert_int_equal(f.turns, 1);
    assert_memory_equal(f.probabilities, fovea_output(b.session, 0), f.classes * sizeof(float));
    struct fovea_ranked top;
    fovea_top(b.session, 0, 1, &top);
    assert_int_equal(f.answer, top.index);
    close_bench(&b);
}

/* The mean over turns is that of runs one by one. */
static void test_turns(void **unused) {
    (void)unused;
    struct bench b;
    open_bench(&b, plain, plain_size);
    struct fovea_io in;
    fovea_model_input(&b.model, 0, &in);
    float *picture = malloc(in.count * sizeof *picture);
    double mean = 0;
    fill(&b, 3);
    memcpy(picture, fovea_input(b.session, 0), in.count * sizeof *picture);
    const unsigned turns = fovea_turns(&in.shape, FOVEA_SYMMETRIES_ALL);
    assert_true(turns > 1);
    for (unsigned t = 0; t < turns; t++) {
        fovea_turn(&in.shape, t, picture, fovea_input(b.session, 0));
        fovea_run(b.session);
        mean += (double)fovea_output(b.session, 0)[0] / turns;
    }
    fovea_judge_turns(b.judge, FOVEA_SYMMETRIES_ALL);
    const struct fovea_finding f = judge(&b, 3);
    assert_int_equal(f.turns, turns);
    assert_true(fabs((double)f.probabilities[0] - mean) < 1e-6);
    assert_true(f.spread > 0);
    free(picture);
    close_bench(&b);
}

static void test_temperature(void **unused) {
    (void)unused;
    struct bench p;
    open_bench(&p, plain, plain_size);
    const struct fovea_finding raw = judge(&p, 5);
    c.temperature = 2;
    seal();
    struct bench b;
    open_bench(&b, blob, blob_size);
    const struct fovea_finding f = judge(&b, 5);
    double sum = 0;
    for (uint32_t k = 0; k < f.classes; k++) sum += sqrt((double)raw.probabilities[k]);
    for (uint32_t k = 0; k < f.classes; k++)
        assert_true(fabs(sqrt((double)raw.probabilities[k]) / sum - (double)f.probabilities[k]) <
                    1e-5);
    assert_memory_equal(f.scores, raw.scores, f.classes * sizeof(float));
    c.temperature = 1;
    close_bench(&p);
    close_bench(&b);
}

static void test_gates(void **unused) {
    (void)unused;
    struct fovea_finding f = judge_once(7);
    assert_int_equal(f.kind, FOVEA_VERDICT_ANSWER);
    assert_true(f.distance > 0);
    const uint32_t answer = f.answer;
    c.gate = f.distance / 2;
    f = judge_once(7);
    assert_int_equal(f.kind, FOVEA_VERDICT_UNLIKE);
    assert_non_null(strstr(f.reason, "unlike"));
    c.gate = 1e30f;
    c.sure = 1;
    f = judge_once(7);
    assert_int_equal(f.kind, FOVEA_VERDICT_UNSURE);
    c.sure = 0;
    c.positive[(answer + 1) % c.classes] = 1; /* not the likeliest, and not ruled out */
    c.clear = 1e-30f;
    f = judge_once(7);
    assert_int_equal(f.kind, FOVEA_VERDICT_UNSURE);
    assert_true(f.positive >= c.clear);
    c.clear = 1; /* ruled out below everything: the answer is another class */
    f = judge_once(7);
    assert_int_equal(f.kind, FOVEA_VERDICT_ANSWER);
    assert_int_equal(f.answer, answer);
    c.clear = 0;
    c.positive[(answer + 1) % c.classes] = 0;
}

static void test_retake(void **unused) {
    (void)unused;
    static uint8_t dark[64 * 64 * 3];
    const struct fovea_image image = {
        .pixels = dark, .width = 64, .height = 64, .stride = 64 * 3, .format = FOVEA_PIXELS_RGB};
    c.low[FOVEA_QUALITY_LIGHT] = 50;
    seal();
    struct bench b;
    open_bench(&b, blob, blob_size);
    struct fovea_finding f;
    fovea_judge_photo(b.judge, &image);
    f = judge(&b, 1);
    assert_int_equal(f.kind, FOVEA_VERDICT_RETAKE);
    assert_non_null(strstr(f.reason, "too dark"));
    f = judge(&b, 1); /* the photo is forgotten */
    assert_int_equal(f.kind, FOVEA_VERDICT_ANSWER);
    c.low[FOVEA_QUALITY_LIGHT] = -1e30f;
    close_bench(&b);
}

/* One grey in every format, also a part of a larger picture, is the same grey. */
static void test_quality(void **unused) {
    (void)unused;
    static uint8_t bytes[40 * 30 * 4], u[20 * 15], v[20 * 15];
    float quality[FOVEA_QUALITY_COUNT];
    memset(u, 128, sizeof u);
    memset(v, 128, sizeof v);
    for (int format = 0; format < FOVEA_PIXELS_COUNT; format++) {
        struct fovea_image image = {.pixels = bytes,
                                    .width = 40,
                                    .height = 30,
                                    .stride = 160,
                                    .format = (enum fovea_pixels)format,
                                    .u = u,
                                    .v = v,
                                    .chroma_stride = 20,
                                    .chroma_step = 1,
                                    .yuv = FOVEA_YUV_BT601_FULL};
        memset(bytes, 100, sizeof bytes);
        for (size_t i = 0; format == FOVEA_PIXELS_RGB565 && i < sizeof bytes; i += 2)
            bytes[i] = 0x2c, bytes[i + 1] = 0x63; /* 12, 25, 12 */
        fovea_quality_of(&image, quality);
        assert_true(fabsf(quality[FOVEA_QUALITY_LIGHT] - 100) < 1.5f);
        assert_true(fabsf(quality[FOVEA_QUALITY_WARMTH]) < 0.1f);
        assert_true(quality[FOVEA_QUALITY_CONTRAST] < 0.1f);
        memset(bytes, 0, 160 * 10); /* the part begins below that */
        image.top = 10;
        image.left = 5;
        fovea_quality_of(&image, quality);
        assert_true(fabsf(quality[FOVEA_QUALITY_LIGHT] - 100) < 1.5f);
    }
}

/* ---- refusals ---- */

static void refuse(size_t word, uint32_t value, const char *check) {
    const size_t at = seal();
    struct fovea_model model;
    struct fovea_error error;
    size_t bytes;
    for (unsigned i = 0; i < 4; i++) blob[at + 4 * word + i] = (uint8_t)(value >> (8 * i));
    fovea_draft_seal(blob, blob_size);
    assert_int_equal(fovea_model_open(&model, blob, blob_size, &error), FOVEA_OK);
    enum fovea_status status = fovea_judge_measure(&model, &bytes, &error);
    if (status == FOVEA_OK) {
        void *memory = memory_get(bytes);
        fovea_judge *made;
        status = fovea_judge_start(&model, memory, bytes, &made, &error);
        if (status != FOVEA_OK) assert_null(made);
        memory_put(memory);
    }
    assert_int_not_equal(status, FOVEA_OK);
    assert_string_equal(error.check, check);
}

#define NOT_A_NUMBER 0x7fc00000u

static void test_refusals(void **unused) {
    (void)unused;
    const size_t tables = VERDICT_WORDS + 2 * FOVEA_QUALITY_COUNT;
    refuse(0, 1, "B-600");
    refuse(1, 2, "B-600");
    refuse(2, c.classes + 1, "B-601");
    refuse(3, c.features + 1, "B-601");
    refuse(4, 0, "B-601");
    refuse(4, c.axes + 1, "B-601");
    refuse(5, 0xfffffff0u, "B-601");
    refuse(6, c.feature_layer, "B-601");
    refuse(7, FOVEA_SYMMETRIES_COUNT, "B-601");
    refuse(4, c.axes - 1, "B-602");
    refuse(10, 0, "B-603");
    refuse(10, NOT_A_NUMBER, "B-603");
    refuse(11, 0xbf800000u, "B-603");
    refuse(12, 0xbf800000u, "B-603");
    refuse(12, 0x40000000u, "B-603");
    refuse(13, 0xbf800000u, "B-603");
    refuse(13, 0x40000000u, "B-603");
    refuse(17, 0x7f000000u, "B-603");
    refuse(tables, 2, "B-604");
    refuse(tables + c.classes, NOT_A_NUMBER, "B-604");
    refuse(tables + 2 * c.classes, 0x3f800000u, "B-604");
    refuse(blob_size / 4 - (blob_size - (size_t)fovea_calibration_bytes(&c)) / 4 - 1, NOT_A_NUMBER,
           "B-604");
    struct fovea_error error;
    size_t bytes;
    fovea_judge *made;
    assert_int_equal(fovea_judge_measure(NULL, &bytes, &error), FOVEA_ARGUMENT);
    assert_string_equal(error.check, "S-600");
    assert_int_equal(fovea_judge_measure(&plain_model, &bytes, NULL), FOVEA_OK);
    uint8_t *memory = memory_get(bytes + 64);
    fovea_judge_start(&plain_model, memory + 8, bytes, &made, &error);
    assert_string_equal(error.check, "S-601");
    fovea_judge_start(&plain_model, memory, bytes - 1, &made, &error);
    assert_string_equal(error.check, "S-602");
    fovea_judge_start(&plain_model, memory, bytes, NULL, &error);
    assert_string_equal(error.check, "S-603");
    memory_put(memory);
}

/* What a judge says of a model written by hand, of `outputs` numbers in one dimension or as a picture, that says of
 * itself that `extra` bytes of `of` stand behind it. */
static const char *judged(bool line, uint32_t outputs, const struct fovea_calibration *of,
                          size_t extra) {
    static char check[sizeof((struct fovea_error *)0)->check];
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    struct model_draft m;
    struct fovea_model model;
    struct fovea_error error;
    size_t bytes;
    draft_start(&m, 4, 4, outputs);
    draft_window(words, 0, 0, 1, 1, FOVEA_PADDING_VALID);
    words[FOVEA_POOL_KEEP] = !line;
    draft_node(&m, FOVEA_OP_MEAN_POOL, 0, DRAFT_ALONE, 0, words);
    draft_seal(&m);
    const size_t at = (size_t)(m.size + 63) / 64 * 64, size = at + extra;
    uint8_t *whole = memory_get(size + (size_t)fovea_calibration_bytes(of));
    memset(whole, 0, size);
    memcpy(whole, m.blob, (size_t)m.size);
    fovea_calibration_write(of, whole + at);
    for (unsigned i = 0; i < 8; i++) {
        whole[FOVEA_BLOB_SIZE_AT + i] = (uint8_t)((uint64_t)size >> (8 * i));
        whole[FOVEA_BLOB_EXTRA_AT + i] = (uint8_t)((uint64_t)at >> (8 * i));
    }
    fovea_draft_seal(whole, size);
    if (fovea_model_open(&model, whole, size, &error) == FOVEA_OK)
        fovea_judge_measure(&model, &bytes, &error);
    memcpy(check, error.check, sizeof check);
    memory_put(whole);
    free(m.blob);
    return check;
}

static void test_models(void **unused) {
    (void)unused;
    static uint32_t words[8];
    static float numbers[64];
    struct fovea_calibration small = {.classes = 2,
                                      .logit_layer = VERDICT_NONE,
                                      .temperature = 1,
                                      .positive = words,
                                      .conformal = numbers,
                                      .deciles = calloc(FOVEA_DRIFT_COUNT, sizeof *small.deciles),
                                      .answered = words,
                                      .whitening = numbers,
                                      .means = numbers};
    const size_t whole = (size_t)fovea_calibration_bytes(&small);
    assert_string_equal(judged(true, 2, &small, whole), "");
    assert_string_equal(judged(true, 1, &small, whole), ""); /* yes or no from one number */
    assert_string_equal(judged(true, 3, &small, whole), "B-601");
    assert_string_equal(judged(false, 2, &small, whole), "B-601");
    small.logit_layer = 0;
    assert_string_equal(judged(true, 2, &small, whole), "");
    assert_string_equal(judged(true, 1, &small, whole), "B-601");
    assert_string_equal(judged(true, 2, &small, whole - 1), "B-602");
    assert_string_equal(judged(true, 2, &small, 7), "B-600");
    assert_string_equal(judged(true, 2, &small, 0), "B-014");
    free(small.deciles);
}

/* The extra part lies where the header says, or the blob is refused. */
static void test_place(void **unused) {
    (void)unused;
    struct fovea_model model;
    struct fovea_error error;
    static const int64_t off[] = {-64, 64, 4, 1 << 30};
    for (size_t i = 0; i < sizeof off / sizeof *off; i++) {
        const uint64_t at = (uint64_t)((int64_t)seal() + off[i]);
        for (unsigned b = 0; b < 8; b++) blob[FOVEA_BLOB_EXTRA_AT + b] = (uint8_t)(at >> (8 * b));
        fovea_draft_seal(blob, blob_size);
        assert_int_not_equal(fovea_model_open(&model, blob, blob_size, &error), FOVEA_OK);
        assert_string_equal(error.check, "B-014");
    }
}

/* Every word of the record at boundary values: refused, or judged by; under the sanitizers that is the test. */
static void test_sweep(void **unused) {
    (void)unused;
    static const uint32_t values[] = {0,          1,          2,          0x7f,       0xff,
                                      0x8000,     0xffff,     0x10000,    0x7fffffff, 0x80000000,
                                      0xfffffffe, 0xffffffff, 0x7f800000, 0xff800000, 0x3f800000};
    const size_t start = seal(), words = (blob_size - start) / 4;
    for (size_t word = 0; word < words; word += word < 64 ? 1 : 97)
        for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
            struct fovea_model model;
            size_t bytes;
            seal();
            for (unsigned i = 0; i < 4; i++)
                blob[start + 4 * word + i] = (uint8_t)(values[v] >> (8 * i));
            fovea_draft_seal(blob, blob_size);
            assert_int_equal(fovea_model_open(&model, blob, blob_size, NULL), FOVEA_OK);
            if (fovea_judge_measure(&model, &bytes, NULL) != FOVEA_OK) continue;
            assert_true(bytes < 16 * blob_size + (1 << 20));
            void *memory = memory_get(bytes);
            fovea_judge *made;
            const bool good = fovea_judge_start(&model, memory, bytes, &made, NULL) == FOVEA_OK;
            memory_put(memory);
            if (!good) continue;
            struct bench b;
            open_bench(&b, blob, blob_size);
            const struct fovea_finding f = judge(&b, 1);
            assert_true((unsigned)f.kind < FOVEA_VERDICT_COUNT && f.answer < f.classes);
            close_bench(&b);
        }
}

/* ---- watching some layers ---- */

struct watching {
    float *of[64];
    size_t count[64], calls;
};

static void watch(void *context, const struct fovea_step_info *info) {
    struct watching *w = context;
    size_t count = 1;
    for (uint32_t i = 0; i < info->shape.rank; i++) count *= info->shape.dims[i];
    assert_true(info->layer < 64);
    w->calls++;
    w->count[info->layer] = count;
    w->of[info->layer] = malloc(count * sizeof(float));
    memcpy(w->of[info->layer], info->output, count * sizeof(float));
}

static void run_watched(struct watching *w, const uint32_t *watched, uint32_t count) {
    struct fovea_options options = FOVEA_OPTIONS_INIT;
    size_t bytes;
    struct bench b = {.model = plain_model};
    struct fovea_io in;
    memset(w, 0, sizeof *w);
    options.watcher = watch;
    options.context = w;
    options.watched = watched;
    options.watched_count = count;
    assert_int_equal(fovea_measure(&plain_model, &options, &bytes, NULL), FOVEA_OK);
    b.memory = memory_get(bytes);
    assert_int_equal(fovea_plan(&plain_model, &options, b.memory, bytes, &b.session, NULL),
                     FOVEA_OK);
    fovea_model_input(&plain_model, 0, &in);
    b.inputs = in.count;
    fill(&b, 9);
    fovea_run(b.session);
    close_bench(&b);
}

static void test_watched(void **unused) {
    (void)unused;
    struct watching all, one;
    run_watched(&all, NULL, 0);
    assert_true(all.calls > 3);
    for (uint32_t layer = 0; layer < 64; layer++) {
        if (!all.of[layer]) continue;
        run_watched(&one, &layer, 1);
        assert_int_equal(one.calls, 1);
        assert_int_equal(one.count[layer], all.count[layer]);
        assert_memory_equal(one.of[layer], all.of[layer], all.count[layer] * sizeof(float));
        free(one.of[layer]);
    }
    for (uint32_t layer = 0; layer < 64; layer++) free(all.of[layer]);
    const char *name;
    assert_true(fovea_model_layer(&plain_model, 0, NULL, &name));
    assert_false(fovea_model_layer(&plain_model, 64, NULL, &name));
}

/* ---- drift ---- */

static void test_drift(void **unused) {
    (void)unused;
    struct fovea_drift drift = {{{0}}, {0}, {0}}, back;
    uint8_t bytes[FOVEA_DRIFT_BYTES];
    assert_true(sizeof drift < 2048);
    seal();
    struct bench b;
    open_bench(&b, blob, blob_size);
    fovea_drift_add(&drift, b.judge); /* nothing was judged */
    for (uint64_t seed = 0; seed < 20; seed++) {
        const struct fovea_finding f = judge(&b, seed);
        fovea_drift_add(&drift, b.judge);
        assert_int_equal(f.kind, FOVEA_VERDICT_ANSWER);
    }
    close_bench(&b);
    assert_int_equal(drift.verdicts[FOVEA_VERDICT_ANSWER], 20);
    assert_int_equal(drift.bins[FOVEA_DRIFT_CONFIDENCE][9], 20); /* all deciles are 0 */
    fovea_drift_save(&drift, bytes);
    memset(&back, 0, sizeof back);
    assert_true(fovea_drift_load(&back, bytes, sizeof bytes));
    assert_memory_equal(&back, &drift, sizeof back);
    assert_false(fovea_drift_load(&back, bytes, sizeof bytes - 1));
    bytes[0] ^= 1;
    assert_false(fovea_drift_load(&back, bytes, sizeof bytes));
}

/* Where nothing has changed, the index is above its limit about once in a hundred times, for few pictures and many. */
static void test_drift_limit(void **unused) {
    (void)unused;
    struct random random = random_start(4);
    static const uint32_t sizes[] = {50, 200, 1000};
    for (size_t s = 0; s < 3; s++) {
        unsigned above = 0;
        for (unsigned draw = 0; draw < 2000; draw++) {
            uint32_t then[10] = {0}, now[10] = {0};
            double index, limit;
            for (uint32_t i = 0; i < 800; i++) then[random_below(&random, 10)]++;
            for (uint32_t i = 0; i < sizes[s]; i++) now[random_below(&random, 10)]++;
            assert_true(fovea_drift_index(then, now, 10, &index, &limit));
            above += index > limit;
        }
        assert_in_range(above, 4, 44);
    }
    const uint32_t none[10] = {0}, some[10] = {1};
    double index, limit;
    assert_false(fovea_drift_index(none, some, 10, &index, &limit));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),       cmocka_unit_test(test_turns),
        cmocka_unit_test(test_temperature), cmocka_unit_test(test_gates),
        cmocka_unit_test(test_retake),      cmocka_unit_test(test_quality),
        cmocka_unit_test(test_refusals),    cmocka_unit_test(test_place),
        cmocka_unit_test(test_sweep),       cmocka_unit_test(test_watched),
        cmocka_unit_test(test_drift),       cmocka_unit_test(test_drift_limit),
        cmocka_unit_test(test_models)};
    return cmocka_run_group_tests(tests, make_model, NULL);
}
