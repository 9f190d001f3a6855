/* fovea drift: whether what a model meets has changed, from counts alone. */
#include "cli/drift.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/json.h"
#include "engine/hosted/verdict.h"

bool drift_read(struct fovea_drift *drift, const char *path, struct trouble *trouble) {
    struct file_bytes file;
    memset(drift, 0, sizeof *drift);
    if (!file_exists(path)) return true;
    if (!file_open(path, &file, trouble)) return false;
    const bool done = fovea_drift_load(drift, file.bytes, file.size);
    file_close(&file);
    return done || fail(trouble, "%s is not a file that run --drift wrote", path);
}

bool drift_write(const struct fovea_drift *drift, const char *path, struct trouble *trouble) {
    uint8_t bytes[FOVEA_DRIFT_BYTES];
    fovea_drift_save(drift, bytes);
    return file_write(path, bytes, sizeof bytes, trouble);
}

/* ---- what a calibration's pictures were like ---- */

static bool tables(struct fovea_calibration *c, struct pool *pool, struct trouble *trouble) {
    c->positive = pool_get(pool, c->classes, sizeof *c->positive, trouble);
    c->conformal = pool_get(pool, c->classes, sizeof *c->conformal, trouble);
    c->deciles = pool_get(pool, FOVEA_DRIFT_COUNT, sizeof *c->deciles, trouble);
    c->answered =
        pool_get(pool, (uint64_t)c->classes + FOVEA_VERDICT_COUNT, sizeof *c->answered, trouble);
    c->whitening =
        pool_get(pool, fovea_whitening_count(c->features, c->axes), sizeof(float), trouble);
    c->means = pool_get(pool, fovea_product(c->classes, c->axes), sizeof(float), trouble);
    return c->positive && c->conformal && c->deciles && c->answered && c->whitening && c->means;
}

/* As many in each bin, between deciles; of what was not measured, none. */
static void fill_bins(const struct fovea_calibration *c, int measure, struct fovea_drift *drift) {
    const float *d = c->deciles[measure];
    if (d[0] == 0 && d[VERDICT_DECILES - 1] == 0) return;
    for (uint64_t i = 0; i < FOVEA_DRIFT_BINS; i++)
        drift->bins[measure][i] =
            (uint32_t)((i + 1) * c->photos / FOVEA_DRIFT_BINS - i * c->photos / FOVEA_DRIFT_BINS);
}

static bool of_model(struct fovea_drift *drift, const char *path, struct pool *pool,
                     struct trouble *trouble) {
    struct engine engine;
    struct fovea_calibration c;
    struct fovea_error error;
    memset(drift, 0, sizeof *drift);
    bool done = engine_open(&engine, path, NULL, trouble);
    if (done && !fovea_model_extra(&engine.model, NULL))
        done = fail(trouble, "%s was not calibrated (fovea calibrate)", path);
    if (done && !fovea_calibration_begin(&engine.model, &c, &error))
        done = fail_check(trouble, error.check, "%s: %s", path, error.text);
    done = done && tables(&c, pool, trouble);
    if (done && !fovea_calibration_finish(&engine.model, &c, &error))
        done = fail_check(trouble, error.check, "%s: %s", path, error.text);
    for (int m = 0; done && m < FOVEA_DRIFT_COUNT; m++) fill_bins(&c, m, drift);
    for (uint32_t k = 0; done && k < c.classes; k++)
        drift->classes[k < FOVEA_DRIFT_CLASSES ? k : FOVEA_DRIFT_CLASSES - 1] += c.answered[k];
    for (uint32_t v = 0; done && v < FOVEA_VERDICT_COUNT; v++)
        drift->verdicts[v] = c.answered[c.classes + v];
    engine_close(&engine);
    return done;
}

/* ---- telling ---- */

struct row {
    const char *name;
    const uint32_t *then, *now;
    uint32_t bins;
};

/* The bins up to the last one that either side has, at least two. */
static uint32_t used(const uint32_t *then, const uint32_t *now, uint32_t most) {
    while (most > 2 && then[most - 1] == 0 && now[most - 1] == 0) most--;
    return most;
}

#define ROWS (FOVEA_DRIFT_COUNT + 2)
static void rows_of(const struct fovea_drift *then, const struct fovea_drift *now,
                    struct row rows[ROWS]) {
    static const char *const names[FOVEA_DRIFT_COUNT] = {"confidence", "distance", "light",
                                                         "sharpness"};
    for (int m = 0; m < FOVEA_DRIFT_COUNT; m++)
        rows[m] = (struct row){names[m], then->bins[m], now->bins[m], FOVEA_DRIFT_BINS};
    rows[FOVEA_DRIFT_COUNT] = (struct row){"answers", then->classes, now->classes,
                                           used(then->classes, now->classes, FOVEA_DRIFT_CLASSES)};
    rows[FOVEA_DRIFT_COUNT + 1] =
        (struct row){"verdicts", then->verdicts, now->verdicts, FOVEA_VERDICT_COUNT};
}

static uint64_t total(const uint32_t *bins, uint32_t count) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) sum += bins[i];
    return sum;
}

static void tell(const struct row *rows, bool as_json) {
    struct json_writer json = json_to(stdout);
    if (as_json)
        json_object(&json, NULL);
    else
        say("%-12s %8s %8s %8s %8s\n", "of", "then", "now", "index", "limit");
    for (int i = 0; i < ROWS; i++) {
        const struct row *r = &rows[i];
        const uint64_t n = total(r->then, r->bins), m = total(r->now, r->bins);
        double index, limit;
        const bool known = fovea_drift_index(r->then, r->now, r->bins, &index, &limit);
        if (as_json) {
            json_object(&json, r->name);
            json_whole(&json, "then", n);
            json_whole(&json, "now", m);
            if (known) json_double(&json, "index", index);
            if (known) json_double(&json, "limit", limit);
            if (known)
                json_bool(&json, "changed", index > limit);
            else
                json_string(&json, "reason", "one of the two holds no pictures");
            json_close(&json);
        } else if (known) {
            say("%-12s %8llu %8llu %8.4f %8.4f  %s\n", r->name, (unsigned long long)n,
                (unsigned long long)m, index, limit, index > limit ? "changed" : "");
        } else {
            say("%-12s %8llu %8llu  one of the two holds no pictures\n", r->name,
                (unsigned long long)n, (unsigned long long)m);
        }
    }
    if (as_json)
        json_close(&json);
    else
        say("\nindex: population stability index; limit: it is exceeded in one of 100 cases in "
            "which nothing has changed\n");
}

/* The counts of `now` for others: no cell of fewer than `least` pictures. */
static bool export_counts(const struct row *rows, const char *path, long least,
                          struct trouble *trouble) {
    struct file_output file = {0};
    bool done = output_open(&file, path, trouble);
    FILE *out = done ? output_stream(&file) : NULL;
    if (out) {
        struct json_writer json = json_to(out);
        json_object(&json, NULL);
        json_whole(&json, "least", (uint64_t)least);
        for (int i = 0; i < ROWS; i++) {
            json_array(&json, rows[i].name);
            for (uint32_t b = 0; b < rows[i].bins; b++)
                if (rows[i].now[b] >= (uint64_t)least)
                    json_whole(&json, NULL, rows[i].now[b]);
                else
                    json_null(&json, NULL);
            json_close(&json);
        }
        json_close(&json);
        done = !ferror(out);
        done = fclose(out) == 0 && done;
        if (!done) fail(trouble, "cannot write %s: %s", path, strerror(errno));
        done = done && output_commit(&file);
    }
    output_abandon(&file);
    return out && done;
}

static int run_drift(int count, char **words) {
    const char *out = NULL;
    long least = 20;
    bool json = false;
    const struct option options[] = {
        {"--json", OPTION_FLAG, &json, 0, 0, NULL, "one JSON object"},
        {"--export", OPTION_TEXT, &out, 0, 0, "FILE.json",
         "the counts of NOW, to share; they hold no pictures"},
        {"--least", OPTION_WHOLE, &least, 1, 1000000, "N", "counts below N are not exported (20)"},
        {0},
    };
    count = options_take(&command_drift, options, count, words);
    if (count < 0) return -1 - count;
    if (count != 2)
        return cli_fail(CLI_BAD_USAGE,
                        "drift takes a model or an earlier .drift file, and a .drift file");
    if (out && (file_same(out, words[0]) || file_same(out, words[1])))
        return cli_fail(CLI_BAD_USAGE, "--export would replace an input");
    struct trouble trouble = {0};
    struct pool pool = {0};
    struct fovea_drift then, now;
    struct row rows[ROWS];
    for (int i = 0; i < 2; i++)
        if (!file_exists(words[i])) return cli_fail(CLI_BAD_INPUT, "cannot open %s", words[i]);
    struct file_bytes file;
    bool done = file_open(words[0], &file, &trouble);
    const bool state = done && fovea_drift_load(&then, file.bytes, file.size);
    if (done) file_close(&file);
    done = done && (state || of_model(&then, words[0], &pool, &trouble)) &&
           drift_read(&now, words[1], &trouble);
    rows_of(&then, &now, rows);
    done = done && (!out || export_counts(rows, out, least, &trouble));
    if (done) tell(rows, json);
    pool_free(&pool);
    return done ? CLI_DONE : cli_trouble(&trouble);
}

const struct command command_drift = {
    "drift",
    "MODEL.fovea|THEN.drift NOW.drift",
    "Tells whether the inputs or answers of a model have changed, from counts alone",
    "run --drift FILE writes the counts. A calibrated model holds those of its calibration "
    "pictures.",
    run_drift,
};
