/* fovea selftest: does this machine get the model's own answer? */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

/* The outputs of all steps of a run, kept to be compared with those of another. */
struct trace {
    float **outputs;
    size_t count;
    const struct trace *reference; /* NULL: this is it */
    size_t departs;                /* first step that differs from the reference; count: none */
    float largest;
    bool failed; /* out of memory */
};

static size_t elements(const struct fovea_shape *shape) {
    size_t count = 1;
    for (uint32_t i = 0; i < shape->rank; i++) count *= shape->dims[i];
    return count;
}

static void keep_output(struct trace *trace, const struct fovea_step_info *info) {
    size_t bytes = elements(&info->shape) * sizeof(float);
    float *copy = malloc(bytes);
    if (copy) memcpy(copy, info->output, bytes);
    trace->failed |= !copy;
    trace->outputs[info->index] = copy;
}

static void compare_output(struct trace *trace, const struct fovea_step_info *info) {
    const float *want = trace->reference->outputs[info->index];
    float scale = 1, largest = 0;
    if (trace->departs < trace->count || !want) return;
    for (size_t i = 0; i < elements(&info->shape); i++) scale = fmaxf(scale, fabsf(want[i]));
    for (size_t i = 0; i < elements(&info->shape); i++) {
        float off = fabsf(info->output[i] - want[i]) / scale;
        if (!(off <= largest)) largest = off;
    }
    if (largest <= FOVEA_SELFTEST_LIMIT) return;
    trace->departs = info->index;
    trace->largest = largest;
}

static void watch(void *context, const struct fovea_step_info *info) {
    struct trace *trace = context;
    if (trace->reference)
        compare_output(trace, info);
    else
        keep_output(trace, info);
}

/* Runs the self-test once more with the watcher. */
static bool run_traced(const struct engine *engine, uint32_t cpu_mask, struct trace *trace) {
    struct fovea_options options = engine->options;
    fovea_session *session;
    float largest;
    size_t bytes;
    options.cpu_mask = cpu_mask;
    options.watcher = watch;
    options.context = trace;
    if (fovea_measure(&engine->model, &options, &bytes, NULL) != FOVEA_OK) return false;
    void *memory = memory_get(bytes);
    bool done =
        memory && fovea_plan(&engine->model, &options, memory, bytes, &session, NULL) == FOVEA_OK;
    if (done) fovea_selftest(session, &largest);
    memory_put(memory);
    return done && !trace->failed;
}

/* Says which layer is the first whose output departs from that of the reference kernels. */
static void find_departure(const struct engine *engine) {
    struct trace reference = {.count = fovea_steps(engine->session)};
    struct trace here = {.count = reference.count, .reference = &reference};
    struct fovea_step_info info;
    here.departs = here.count;
    reference.outputs = calloc(reference.count + 1, sizeof *reference.outputs);
    if (reference.outputs && run_traced(engine, FOVEA_CPU_PORTABLE, &reference) &&
        run_traced(engine, engine->options.cpu_mask, &here)) {
        if (here.departs == here.count)
            say("  every layer agrees with the reference kernels: the stored answer belongs to a "
                "different "
                "model, or this machine computes wrongly\n");
        else if (fovea_step_describe(engine->session, here.departs, &info))
            say("  first layer that differs from the reference kernels: '%s' (%s, %s %s), by "
                "%.3g\n",
                info.name, info.op, info.kernel, info.isa, (double)here.largest);
    }
    for (size_t i = 0; reference.outputs && i < reference.count; i++) free(reference.outputs[i]);
    free(reference.outputs);
}

static int selftest_run(int count, char **words) {
    struct trouble trouble = {0};
    struct engine engine;
    struct engine_wishes wishes = {.threads = 1};
    float largest = 0;
    const struct option options[] = {
        ENGINE_OPTIONS(wishes){0},
    };
    count = options_take(&command_selftest, options, count, words);
    if (count < 0) return -1 - count;
    if (count != 1) return cli_fail(CLI_BAD_USAGE, "selftest takes one model");
    enum fovea_status status = FOVEA_ARGUMENT;
    if (engine_open(&engine, words[0], &wishes, &trouble))
        status = fovea_selftest(engine.session, &largest);
    if (status == FOVEA_OK || status == FOVEA_CHECKSUM)
        say("%s: %s, largest difference %.3g (%.3g allowed)\n", words[0],
            status == FOVEA_OK ? "pass" : "FAIL", (double)largest, (double)FOVEA_SELFTEST_LIMIT);
    if (status == FOVEA_CHECKSUM) find_departure(&engine);
    if (status == FOVEA_CHECKSUM)
        fail(&trouble,
             "%s: this machine computes a different answer from the one stored in the model",
             words[0]);
    else if (status == FOVEA_UNSUPPORTED)
        fail(&trouble, "%s has no self-test; convert the model again with --golden INPUT",
             words[0]);
    engine_close(&engine);
    return status == FOVEA_OK ? CLI_DONE : cli_trouble(&trouble);
}

const struct command command_selftest = {
    "selftest",
    "MODEL.fovea [...]",
    "Runs the example stored in the model on this machine",
    "The model must have been converted with --golden INPUT. If the answer differs, the first "
    "layer is named whose output differs from that of the portable kernels.",
    selftest_run,
};
