/* Keras' own answers against ours, for every case of ../shared/conformance and ../shared/real.
 *
 *     conformance ROOT REFUSALS [--isa NAME] [--threads N] [--exact] [--memory fast|small] [--weights f16|w8]
 *                 [NAME...]
 *
 * A case passes where max |x - output64| / max(1, max |output64|) <= max(2e-5, 3 x Keras' own float32
 * error). With --weights f16 (w8) each layer of halves (bytes), whose weights are off by up to 2^-11 of themselves
 * (2^-8 of the output's largest), adds 2 (8) times that: what comes out where the errors of layers add up
 * and sums are not much smaller than their terms. And no arena is larger than ARENA_MOST times the tensors alive at one time
 * (arena.h). Cases that REFUSALS lists (one name a line) must be refused with a message instead. With
 * NAMEs, only cases whose name contains one of them are run, and told one by one. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/npy.h"
#include "convert/convert.h"
#include "convert/files/json.h"
#include "tests/arena.h"

#define ARENA_MOST 1.10

static struct {
    const char *root;
    bool no_fold;
    enum fovea_type type;
    const char *weights;
    struct engine engine; /* how to plan */
    char **names;
    int name_count;
    char *refusals;
    struct tally {
        const char *form;
        unsigned passed, failed, refused;
    } tally[8];
    unsigned planned_open;
    double worst, loosest; /* error of what is allowed; arena of the tensors alive */
    char worst_case[200], loosest_case[200];
} suite;

static bool is_wanted(const char *name) {
    if (suite.name_count == 0) return true;
    for (int i = 0; i < suite.name_count; i++)
        if (strstr(name, suite.names[i])) return true;
    return false;
}

static bool is_refusal(const char *name) {
    size_t length = strlen(name);
    for (const char *at = suite.refusals; (at = strstr(at, name)) != NULL; at += length)
        if ((at == suite.refusals || at[-1] == '\n') && (at[length] == '\n' || at[length] == ' '))
            return true;
    return false;
}

/* One model file, with its config where that is another (else ""), inputs and expected outputs. */
struct trial {
    char model[512], config[512], input[8][512], output[8][512];
    size_t inputs, outputs;
    double tolerance;
    double parameters; /* as Keras counts them; 0: not known */
    double arena;      /* found: the model's, of the least there can be */
};

static bool read_array(const char *path, struct npy *array, char *why) {
    const char *reason;
    if (npy_read(path, array, &reason)) return true;
    snprintf(why, 512, "%s: %s", path, reason);
    return false;
}

/* The largest error of output `index` over all of the batch, relative as the suite counts it. */
static bool compare(fovea_session *session, const struct fovea_model *model, size_t index,
                    const struct npy *expected, size_t batch, double *error, char *why) {
    struct fovea_io io;
    fovea_model_output(model, index, &io);
    size_t batches = expected->dims[0];
    if (io.count * batches != expected->count || expected->rank != io.shape.rank + 1) {
        snprintf(why, 512, "output %zu has another shape", index);
        return false;
    }
    for (uint32_t d = 0; d < io.shape.rank; d++)
        if (expected->dims[d + 1] != io.shape.dims[d]) {
            snprintf(why, 512, "output %zu has another shape", index);
            return false;
        }
    const float *have = fovea_output(session, index);
    const float *want = expected->values + batch * io.count;
    double largest = 1;
    for (size_t i = 0; i < expected->count; i++)
        largest = fmax(largest, fabs((double)expected->values[i]));
    for (size_t i = 0; i < io.count; i++) {
        double off = fabs((double)have[i] - (double)want[i]) / largest;
        if (!(off <= *error)) *error = off;
    }
    return true;
}

static bool run_session(const struct trial *trial, const struct fovea_model *model,
                        fovea_session *session, double *error, char *why) {
    struct npy input[8] = {0}, output[8] = {0};
    bool done = trial->inputs == model->inputs && trial->outputs == model->outputs;
    if (!done) snprintf(why, 512, "another number of inputs or outputs");
    for (size_t i = 0; done && i < trial->inputs; i++) {
        struct fovea_io io;
        fovea_model_input(model, i, &io);
        done = read_array(trial->input[i], &input[i], why);
        if (done && (input[i].rank == 0 || input[i].count != io.count * input[i].dims[0])) {
            snprintf(why, 512, "input %zu has another shape", i);
            done = false;
        }
    }
    for (size_t o = 0; done && o < trial->outputs; o++)
        done = read_array(trial->output[o], &output[o], why);
    for (size_t b = 0; done && b < input[0].dims[0]; b++) {
        for (size_t i = 0; i < trial->inputs; i++) {
            size_t count = input[i].count / input[i].dims[0];
            memcpy(fovea_input(session, i), input[i].values + b * count, count * sizeof(float));
        }
        fovea_run(session);
        for (size_t o = 0; done && o < trial->outputs; o++)
            done = compare(session, model, o, &output[o], b, error, why);
    }
    for (size_t i = 0; i < 8; i++) {
        npy_free(&input[i]);
        npy_free(&output[i]);
    }
    return done;
}

/* The trial's inputs' shapes, for models that leave them open. */
static void fill_shapes(const struct trial *trial, struct fovea_shape *shapes) {
    for (size_t i = 0; i < trial->inputs; i++) {
        struct npy array = {0};
        char why[512];
        memset(&shapes[i], 0, sizeof shapes[i]);
        if (!read_array(trial->input[i], &array, why)) continue;
        for (size_t d = 1; d < array.rank && d <= FOVEA_RANK_MAX; d++)
            shapes[i].dims[shapes[i].rank++] = (uint32_t)array.dims[d];
        npy_free(&array);
    }
}

/* Converts; a model that wants --input-shape gets the shapes of the trial's inputs. */
static bool convert_trial(const struct trial *trial, const struct file_bytes *file,
                          const struct file_bytes *config, struct pool *pool,
                          struct converted *converted, struct trouble *trouble) {
    struct fovea_shape shapes[8];
    struct convert_options options = {.recipe = {.scale = 1, .std = {1, 1, 1}},
                                      .no_fold = suite.no_fold,
                                      .weights = suite.type,
                                      .config = config->bytes,
                                      .config_size = config->size};
    if (convert_keras(pool, file->bytes, file->size, &options, converted, trouble)) return true;
    if (!strstr(trouble->text, "--input-shape")) return false;
    fill_shapes(trial, shapes);
    options.input_shapes = shapes;
    options.input_shape_count = trial->inputs;
    *trouble = (struct trouble){0};
    return convert_keras(pool, file->bytes, file->size, &options, converted, trouble);
}

/* A model whose file leaves sizes open is planned for the inputs there are. *tables: its memory, for memory_put. */
static bool plan_open(const struct trial *trial, struct fovea_model *model, void **tables,
                      char *why) {
    const size_t bytes = fovea_model_resize_bytes(model);
    struct fovea_shape shapes[8];
    struct fovea_model resized;
    struct fovea_error problem;
    if (trial->inputs == 0 || !fovea_model_note(model, "open-sizes")) return true;
    fill_shapes(trial, shapes);
    *tables = memory_get(bytes);
    if (!*tables ||
        fovea_model_resize(model, shapes, *tables, bytes, &resized, &problem) != FOVEA_OK) {
        snprintf(why, 512, "does not take its inputs' sizes: %s",
                 *tables ? problem.text : "no memory");
        return false;
    }
    *model = resized;
    suite.planned_open++;
    return true;
}

/* Adds to the tolerance what layers of narrow weights may cost. */
static double allow_narrow(struct trial *trial, const fovea_session *session) {
    struct fovea_step_info info;
    for (size_t i = 0; fovea_step_describe(session, i, &info); i++)
        trial->tolerance += strcmp(info.type, "f16") == 0  ? 2 * 0x1p-11
                            : strcmp(info.type, "i8") == 0 ? 8 * 0x1p-8
                                                           : 0;
    return trial->tolerance;
}

/* Converts, plans, runs, compares. 1: within the tolerance, 0: refused by the converter, -1: wrong. */
static int run_trial(struct trial *trial, double *error, char *why) {
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct file_bytes file, config = {0};
    struct converted converted;
    int verdict = -1;
    *error = 0;
    if ((trial->config[0] && !file_open(trial->config, &config, &trouble)) ||
        !file_open(trial->model, &file, &trouble)) {
        snprintf(why, 512, "%s", trouble.text);
        return -1;
    }
    if (!convert_trial(trial, &file, &config, &pool, &converted, &trouble)) {
        snprintf(why, 512, "%s", trouble.text);
        verdict = trouble.set && trouble.text[0] ? 0 : -1;
    } else if (trial->parameters > 0 && trial->parameters != (double)converted.parameters) {
        snprintf(why, 512, "%llu parameters, %.0f by Keras",
                 (unsigned long long)converted.parameters, trial->parameters);
    } else {
        struct fovea_model model;
        struct fovea_error problem;
        fovea_session *session;
        size_t bytes;
        void *memory = NULL, *tables = NULL;
        if (fovea_model_open(&model, converted.blob, (size_t)converted.size, &problem) ||
            !plan_open(trial, &model, &tables, why) ||
            fovea_measure(&model, &suite.engine.options, &bytes, &problem) ||
            (memory = memory_get(bytes)) == NULL ||
            fovea_plan(&model, &suite.engine.options, memory, bytes, &session, &problem))
            snprintf(why + strlen(why), 512 - strlen(why), "; does not plan");
        else if ((trial->arena = (double)model.arena / (double)arena_least(&model)) > ARENA_MOST)
            snprintf(why, 512, "the arena is %.3f of the tensors alive", trial->arena);
        else if (trial->inputs == 0)
            verdict = 1;
        else if (run_session(trial, &model, session, error, why))
            verdict = *error <= allow_narrow(trial, session) ? 1 : -1;
        if (verdict < 0 && *error > 0)
            snprintf(why, 512, "error %.3g over %.3g", *error, trial->tolerance);
        memory_put(memory);
        memory_put(tables);
    }
    file_close(&file);
    if (trial->config[0]) file_close(&config);
    pool_free(&pool);
    return verdict;
}

/* The counts of a form of files. */
static struct tally *tally_of(const char *form) {
    struct tally *tally = suite.tally;
    while (tally->form && strcmp(tally->form, form) != 0) tally++;
    tally->form = form;
    return tally;
}

/* `refusal`: the file must not be converted. */
static void judge(const char *name, const char *form, struct trial *trial, bool refusal) {
    char why[512] = "";
    double error;
    if (!is_wanted(name)) return;
    if (access(trial->model, R_OK) != 0) return; /* this copy is without that form */
    int verdict = run_trial(trial, &error, why);
    bool expected = refusal || is_refusal(name);
    bool right = expected ? verdict == 0 : verdict == 1;
    struct tally *tally = tally_of(form);
    if (right && expected)
        tally->refused++;
    else if (right)
        tally->passed++;
    else
        tally->failed++;
    if (verdict == 1 && error / trial->tolerance > suite.worst) {
        suite.worst = error / trial->tolerance;
        snprintf(suite.worst_case, sizeof suite.worst_case, "%s", name);
    }
    if (trial->arena > suite.loosest) {
        suite.loosest = trial->arena;
        snprintf(suite.loosest_case, sizeof suite.loosest_case, "%s", name);
    }
    if (!right || suite.name_count)
        printf("%s %s: error %.3g (%.3g allowed) %s\n", right ? "ok  " : "FAIL", name, error,
               trial->tolerance, right && !expected ? "" : why);
}

/* ---- ../shared/conformance ---- */

/* "output.npy" in directory a/x, or k2/x.output.npy where the generations differ; 64: output64. */
static void output_path(char *path, const char *case_name, const char *file, bool k2) {
    const char *dot = strstr(file, "output");
    size_t stem = dot ? (size_t)(dot - file) + 6 : 0;
    if (k2) {
        snprintf(path, 512, "%s/conformance/k2/%s.%.*s64%s", suite.root, strchr(case_name, '/') + 1,
                 (int)stem, file, file + stem);
        if (access(path, R_OK) == 0) return;
    }
    snprintf(path, 512, "%s/conformance/%s/%.*s64%s", suite.root, case_name, (int)stem, file,
             file + stem);
}

static void fill_trial(struct trial *trial, const struct json *entry, const char *case_name,
                       const char *form) {
    bool k2 = strcmp(form, "k2h5") == 0, bare = strstr(form, "weights") != NULL;
    const struct json *inputs = json_member(entry, "inputs"),
                      *outputs = json_member(entry, "outputs");
    memset(trial, 0, sizeof *trial);
    if (k2)
        snprintf(trial->model, sizeof trial->model, "%s/conformance/k2/%s.h5", suite.root,
                 strchr(case_name, '/') + 1);
    else
        snprintf(trial->model, sizeof trial->model, "%s/conformance/%s/%s%s", suite.root, case_name,
                 strcmp(form, "legacy_weights.h5") == 0 ? "" : "model.", form);
    if (bare)
        snprintf(trial->config, sizeof trial->config, "%s/conformance/%s/config.json", suite.root,
                 case_name);
    for (const struct json *i = inputs->first; i && trial->inputs < 8; i = i->next)
        snprintf(trial->input[trial->inputs++], 512, "%s/conformance/%s/%s", suite.root, case_name,
                 json_member(i, "file")->text);
    for (const struct json *o = outputs->first; o && trial->outputs < 8; o = o->next)
        output_path(trial->output[trial->outputs++], case_name, json_member(o, "file")->text, k2);
    const struct json *noise = json_member(entry, "f32_relerr");
    trial->tolerance = fmax(2e-5, noise ? 3 * noise->number : 0);
    const struct json *parameters = json_member(entry, "parameters");
    if (parameters) trial->parameters = parameters->number;
}

static bool read_manifest(struct pool *pool, const char *path, const struct json **manifest) {
    struct trouble trouble = {0};
    struct file_bytes file;
    *manifest = NULL;
    if (file_open(path, &file, &trouble)) {
        *manifest = json_parse(pool, (const char *)file.bytes, file.size, &trouble);
        file_close(&file);
    }
    if (!*manifest) printf("FAIL %s: %s\n", path, trouble.text);
    return *manifest != NULL;
}

static void run_conformance(void) {
    static const char *const forms[] = {"h5", "k2h5", "keras", "weights.h5", "legacy_weights.h5"};
    char path[512];
    struct pool pool = {0};
    const struct json *manifest;
    snprintf(path, sizeof path, "%s/conformance/manifest.json", suite.root);
    if (!read_manifest(&pool, path, &manifest)) {
        tally_of("manifest")->failed++;
    } else {
        for (const struct json *entry = manifest->first; entry; entry = entry->next)
            for (size_t f = 0; f < sizeof forms / sizeof forms[0]; f++) {
                struct trial trial;
                char name[300];
                fill_trial(&trial, entry, entry->key, forms[f]);
                snprintf(name, sizeof name, "%s.%s", entry->key, forms[f]);
                judge(name, forms[f], &trial, false);
            }
    }
    pool_free(&pool);
}

/* ---- ../shared/real ---- */

static bool real_array(char *path, const char *base, const char *kind, int index) {
    if (index < 0)
        snprintf(path, 512, "%s/real/expected/%s.%s.npy", suite.root, base, kind);
    else
        snprintf(path, 512, "%s/real/expected/%s.%s_%d.npy", suite.root, base, kind, index);
    return access(path, R_OK) == 0;
}

/* Files of weights only, which by themselves are refused, and configs for them. There is no expected
 * output: it counts that they convert. */
static const struct {
    const char *weights, *config;
    bool fits;
} real_configs[] = {
    {"skin/ham10000_64x64_weightsonly_k2.5.h5", "ham10000_64x64_k2.5.json", true},
    {"skin/ham10000_64x64_weightsonly_k2.5.h5", "ham10000_64x64_other.json", false},
    {"medical/retina_unet_th_k1.h5", "retina_unet_th_k1.json", true},
};

/* The manifest says of each file whether it has an expected output, or must be refused. */
static void run_real(void) {
    char path[512], name[300];
    struct pool pool = {0};
    const struct json *manifest;
    snprintf(path, sizeof path, "%s/real/manifest.json", suite.root);
    if (!read_manifest(&pool, path, &manifest)) tally_of("manifest")->failed++;
    for (const struct json *entry = manifest ? manifest->first : NULL; entry; entry = entry->next) {
        const struct json *stated = json_member(entry, "file");
        const char *file = stated ? stated->text : entry->key;
        struct trial trial = {.tolerance = 1e-4};
        snprintf(trial.model, sizeof trial.model, "%s/real/models/%s", suite.root,
                 strncmp(file, "models/", 7) == 0 ? file + 7 : file);
        const char *base = base_name(file);
        if (real_array(trial.input[0], base, "input", -1)) trial.inputs = 1;
        while (trial.inputs < 8 && !real_array(path, base, "input", -1) &&
               real_array(trial.input[trial.inputs], base, "input", (int)trial.inputs))
            trial.inputs++;
        if (real_array(trial.output[0], base, "output64", -1)) trial.outputs = 1;
        while (trial.outputs < 8 && !real_array(path, base, "output64", -1) &&
               real_array(trial.output[trial.outputs], base, "output64", (int)trial.outputs))
            trial.outputs++;
        const struct json *status = json_member(entry, "status");
        const char *text = status && status->type == JSON_STRING ? status->text : "";
        snprintf(name, sizeof name, "real/%s", base);
        judge(name, "real", &trial, strcmp(text, "expected output") != 0);
    }
    for (size_t i = 0; i < sizeof real_configs / sizeof real_configs[0]; i++) {
        struct trial trial = {.tolerance = 1e-4};
        snprintf(trial.model, sizeof trial.model, "%s/real/models/%s", suite.root,
                 real_configs[i].weights);
        snprintf(trial.config, sizeof trial.config, "%s/real/configs/%s", suite.root,
                 real_configs[i].config);
        snprintf(name, sizeof name, "real/%s", real_configs[i].config);
        judge(name, "real", &trial, !real_configs[i].fits);
    }
    pool_free(&pool);
}

int main(int count, char **words) {
    struct trouble trouble = {0};
    struct file_bytes refusals;
    char path[512];
    struct engine_wishes wishes = {.threads = 1};
    const struct option options[] = {
        ENGINE_OPTIONS(wishes){"--no-fold", OPTION_FLAG, &suite.no_fold, 0, 0, NULL, "keep layers"},
        {"--weights", OPTION_TEXT, &suite.weights, 0, 0, "f16|w8", "narrow kernels"},
        {0}};
    const struct command command = {"conformance", "ROOT REFUSALS [NAME...]", "Compares", NULL,
                                    NULL};
    count = 1 + options_take(&command, options, count - 1, words + 1);
    if (count < 3 || !engine_start(&suite.engine, &wishes, &trouble)) {
        fprintf(stderr, "usage: conformance ROOT REFUSALS [NAME...] %s\n", trouble.text);
        return 2;
    }
    if (suite.weights)
        suite.type = strcmp(suite.weights, "f16") == 0  ? FOVEA_F16
                     : strcmp(suite.weights, "w8") == 0 ? FOVEA_I8
                                                        : FOVEA_F32;
    suite.root = words[1];
    suite.names = words + 3;
    suite.name_count = count - 3;
    snprintf(path, sizeof path, "%s/conformance/manifest.json", suite.root);
    if (access(path, R_OK) != 0) {
        const char *ci = getenv("CI");
        bool required = ci && strcmp(ci, "true") == 0;
        printf("conformance: %s is not here; Keras' answers were NOT compared\n", path);
        printf("0 passed, %d failed\n", required);
        return required;
    }
    if (!file_open(words[2], &refusals, &trouble)) {
        fprintf(stderr, "%s\n", trouble.text);
        return 2;
    }
    suite.refusals = calloc(1, refusals.size + 2);
    memcpy(suite.refusals, refusals.bytes, refusals.size);
    suite.refusals[refusals.size] = '\n';
    file_close(&refusals);
    run_conformance();
    run_real();
    struct tally sum = {0};
    for (const struct tally *tally = suite.tally; tally->form; tally++) {
        printf("%-20s %3u right, %2u refused as they should be, %3u wrong or refused\n",
               tally->form, tally->passed, tally->refused, tally->failed);
        sum.passed += tally->passed;
        sum.refused += tally->refused;
        sum.failed += tally->failed;
    }
    printf("conformance: %u right, %u refused as they should be, worst error %.2f of what is "
           "allowed (%s)\n",
           sum.passed, sum.refused, suite.worst, suite.worst_case);
    printf(
        "conformance: the largest arena is %.3f of the tensors alive at once (%s), %.2f allowed\n",
        suite.loosest, suite.loosest_case, ARENA_MOST);
    printf("conformance: %u models with open sizes, planned for those of their inputs\n",
           suite.planned_open);
    printf("%u passed, %u failed\n", sum.passed + sum.refused, sum.failed);
    free(suite.refusals);
    engine_close(&suite.engine);
    return sum.failed != 0;
}
