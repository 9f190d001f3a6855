/* fovea bench: how fast a model runs here, against what the machine could do at best. */
#include <stdlib.h>
#include <string.h>

#include "cli/arch.h"
#include "cli/peak.h"
#include "cli/cli.h"
#include "cli/json.h"

/* The least time of each step, noted by the watcher. */
struct profile {
    double *best_ms, last;
    size_t count;
};

struct bench {
    struct pool pool; /* of a network built in */
    struct engine engine;
    struct profile profile;
    double *ms;  /* of each run */
    double peak; /* 10^9 operations a second, all threads together */
    long runs;   /* wanted; 0: about two seconds of them */
    size_t done;
    uint64_t macs;
};

#define BENCH_MOST_RUNS 100000
#define BENCH_MS        2000.0

static void watch(void *context, const struct fovea_step_info *info) {
    struct profile *profile = context;
    double now = now_ms(), ms = now - profile->last;
    if (profile->best_ms[info->index] == 0 || ms < profile->best_ms[info->index])
        profile->best_ms[info->index] = ms;
    profile->last = now_ms();
}

/* The peak of all threads at the same time. */
struct peak_job {
    uint32_t cpu;
    double gflops[FOVEA_THREADS_MAX];
};
static void peak_task(void *argument, size_t index) {
    struct peak_job *job = argument;
    job->gflops[index] = fovea_peak_gflops(job->cpu);
}
static double peak_now(const struct engine *engine) {
    const uint32_t mask = engine->options.cpu_mask;
    struct peak_job job = {fovea_cpu() & (mask ? mask : ~0u), {0}};
    double sum = 0;
    if (engine->threads)
        fovea_threads_for(engine->threads, engine->options.threads, peak_task, &job);
    else
        peak_task(&job, 0);
    for (uint32_t i = 0; i < engine->options.threads; i++) sum += job.gflops[i];
    return sum;
}

/* Numbers between -1 and 1 that are the same each time. */
static void fill_inputs(const struct engine *engine) {
    struct fovea_io io;
    uint32_t state = 1;
    for (size_t i = 0; fovea_model_input(&engine->model, i, &io) == FOVEA_OK; i++) {
        float *input = fovea_input(engine->session, i);
        for (size_t k = 0; k < io.count; k++) {
            state = state * 1664525u + 1013904223u;
            input[k] = (float)(int32_t)state * 0x1p-31f;
        }
    }
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Runs, each beside a slice of the peak loop, so that both see the same machine. */
static bool measure(struct bench *bench, struct trouble *trouble) {
    size_t most = bench->runs ? (size_t)bench->runs : BENCH_MOST_RUNS;
    bench->ms = malloc(most * sizeof *bench->ms);
    if (!bench->ms) return fail(trouble, "out of memory");
    fill_inputs(&bench->engine);
    fovea_run(bench->engine.session);
    double start = now_ms();
    while (bench->done < most && (bench->runs || bench->done < 3 || now_ms() - start < BENCH_MS)) {
        double peak = peak_now(&bench->engine);
        bench->peak = peak > bench->peak ? peak : bench->peak;
        fill_inputs(&bench->engine);
        double before = bench->profile.last = now_ms();
        fovea_run(bench->engine.session);
        bench->ms[bench->done++] = now_ms() - before;
    }
    qsort(bench->ms, bench->done, sizeof *bench->ms, compare_doubles);
    return true;
}

/* Of a step: its least time, and what it did in that. */
static double step_us(const struct bench *bench, size_t step) {
    return bench->profile.best_ms[step] * 1e3;
}
static double step_gflops(const struct bench *bench, const struct fovea_step_info *info) {
    const double us = step_us(bench, info->index);
    return us > 0 ? 2e-3 * (double)info->macs / us : 0;
}

static void print_profile(const struct bench *bench) {
    struct fovea_step_info info;
    char shape[SHAPE_TEXT];
    say("%4s %-28s %-11s %-16s %-8s %10s %9s %8s\n", "step", "layer", "operator", "output", "way",
        "min us", "GFLOP/s", "of peak");
    for (size_t i = 0; fovea_step_describe(bench->engine.session, i, &info); i++) {
        const double gflops = step_gflops(bench, &info);
        say("%4zu %-28s %-11s %-16s %-8s %10.1f", i, info.name, info.op,
            print_shape(&info.shape, shape, sizeof shape), info.way, step_us(bench, i));
        if (info.macs) say(" %9.2f %8.2f", gflops, gflops / bench->peak);
        say("\n");
    }
}

static void json_profile(const struct bench *bench, struct json_writer *json) {
    struct fovea_step_info info;
    json_array(json, "steps");
    for (size_t i = 0; fovea_step_describe(bench->engine.session, i, &info); i++) {
        json_object(json, NULL);
        json_string(json, "layer", info.name);
        json_string(json, "op", info.op);
        json_string(json, "way", info.way);
        json_string(json, "reason", info.reason);
        json_decimal(json, "min_us", step_us(bench, i), 3);
        json_decimal(json, "gflops", step_gflops(bench, &info), 3);
        json_close(json);
    }
    json_close(json);
}

static void print_text(const struct bench *bench, const char *path, const char *isa, bool profile) {
    const double least = bench->ms[0], gflops = 2e-6 * (double)bench->macs / least;
    const long threads = (long)bench->engine.options.threads;
    if (profile) print_profile(bench);
    say("%s: %zu run%s, %ld thread%s, %s\n", path, bench->done, bench->done == 1 ? "" : "s",
        threads, threads == 1 ? "" : "s", isa);
    say("  min %.3f ms, median %.3f ms; loading took %.3f ms\n", least, bench->ms[bench->done / 2],
        bench->engine.load_ms);
    say("  %.2f GFLOP/s effective, %.2f of the measured peak of %.2f GFLOP/s\n", gflops,
        gflops / bench->peak, bench->peak);
    say("  %.3f million MACs, %zu bytes of memory\n", (double)bench->macs * 1e-6,
        bench->engine.bytes);
    print_saved(&bench->engine);
}

static void print_json(const struct bench *bench, const char *path, const char *isa, bool profile) {
    const double least = bench->ms[0], gflops = 2e-6 * (double)bench->macs / least;
    struct json_writer json = json_to(stdout);
    json_object(&json, NULL);
    json_string(&json, "model", path);
    json_whole(&json, "threads", bench->engine.options.threads);
    json_string(&json, "isa", isa);
    json_whole(&json, "runs", bench->done);
    json_decimal(&json, "min_ms", least, 6);
    json_decimal(&json, "median_ms", bench->ms[bench->done / 2], 6);
    json_decimal(&json, "gflops", gflops, 4);
    json_decimal(&json, "peak_gflops", bench->peak, 4);
    json_decimal(&json, "of_peak", gflops / bench->peak, 5);
    json_whole(&json, "arena_bytes", bench->engine.bytes);
    json_decimal(&json, "load_ms", bench->engine.load_ms, 4);
    json_whole(&json, "macs", bench->macs);
    json_whole(&json, "saved_bytes", engine_saved(&bench->engine));
    if (profile) json_profile(bench, &json);
    json_close(&json);
}

/* Opens the file `path` or, where that is NULL, the network `arch`. */
static bool open_model(struct bench *bench, const char *path, const char *arch, const char *weights,
                       const struct engine_wishes *wishes, struct trouble *trouble) {
    struct emitted emitted;
    if (path) return engine_open(&bench->engine, path, wishes, trouble);
    return arch_blob(&bench->pool, arch, weights, &emitted, trouble) &&
           engine_open_bytes(&bench->engine, emitted.blob, (size_t)emitted.size, arch, wishes,
                             trouble);
}

/* Makes the opened model ready; with a profile it is planned again, with the watcher. */
static bool prepare(struct bench *bench, const char *name, bool profile, const char **used,
                    struct trouble *trouble) {
    struct engine *engine = &bench->engine;
    struct fovea_step_info info;
    bench->profile.count = fovea_steps(engine->session);
    bench->profile.best_ms = calloc(bench->profile.count + 1, sizeof(double));
    if (!bench->profile.best_ms) return fail(trouble, "out of memory");
    *used = "none";
    for (size_t i = 0; fovea_step_describe(engine->session, i, &info); i++) {
        bench->macs += info.macs;
        if (*info.isa) *used = info.isa;
    }
    if (!profile) return true;
    engine->options.watcher = watch;
    engine->options.context = &bench->profile;
    return engine_plan(engine, name, trouble);
}

static int bench_run(int count, char **words) {
    struct bench bench = {0};
    struct trouble trouble = {0};
    bool json = false, profile = false;
    const char *used = "", *arch = NULL, *weights = "f32";
    struct engine_wishes wishes = {.threads = 1};
    const struct option options[] = {
        {"--arch", OPTION_WORD, &arch, 0, 0,
         "seed|mobilenet|mobilenetv2|squeezenet|resnet50|efficientnetb0|unet",
         "a built-in network"},
        {"--weights", OPTION_WORD, &weights, 0, 0, "f32|f16|w8|i8",
         "for --arch: the numeric type of weights; i8 also computes in 8 bits"},
        {"--runs", OPTION_WHOLE, &bench.runs, 1, BENCH_MOST_RUNS, "N",
         "number of runs (as many as fit into two seconds)"},
        ENGINE_OPTIONS(wishes){"--profile", OPTION_FLAG, &profile, 0, 0, NULL,
                               "one row per layer, each timed by itself"},
        {"--json", OPTION_FLAG, &json, 0, 0, NULL, "one JSON object"},
        {0},
    };
    count = options_take(&command_bench, options, count, words);
    if (count < 0) return -1 - count;
    if (count + (arch != NULL) != 1)
        return cli_fail(CLI_BAD_USAGE, "bench takes one model, or --arch and none");
    const char *path = arch ? NULL : words[0], *name = arch ? arch : path;
    bool done = open_model(&bench, path, arch, weights, &wishes, &trouble) &&
                prepare(&bench, name, profile, &used, &trouble) && measure(&bench, &trouble);
    if (done) (json ? print_json : print_text)(&bench, name, used, profile);
    free(bench.ms);
    free(bench.profile.best_ms);
    engine_close(&bench.engine);
    pool_free(&bench.pool);
    return done ? CLI_DONE : cli_trouble(&trouble);
}

const struct command command_bench = {
    "bench",
    "MODEL.fovea | --arch NAME [...]",
    "Measures how fast a model runs",
    "Times are those of whole runs. The peak is the highest multiply-add rate of this machine, "
    "measured between the runs.",
    bench_run,
};
