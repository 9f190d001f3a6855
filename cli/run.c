/* fovea run: photos or arrays in, probabilities out. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/feed.h"
#include "cli/json.h"

/* An output that is saved: its file appears when all runs are done. */
struct kept {
    char *path; /* PREFIX.npy, or PREFIX.0.npy and so on */
    struct file_output file;
    float *values; /* of all runs */
};

struct runner {
    struct engine engine;
    struct trouble *trouble;
    struct limits limits; /* of photos */
    struct recipe_wishes recipe;
    long top;
    bool json;
    size_t inputs, outputs;
    struct kept *kept;             /* one for each output; NULL: none is */
    size_t runs, room, given, bad; /* given: runs that were asked for */
    bool told;                     /* what went wrong is said already */
};

/* Whether an output would replace the file. */
static bool is_replaced(struct runner *runner, const char *file) {
    for (size_t o = 0; runner->kept && o < runner->outputs; o++)
        if (file_same(file, runner->kept[o].path)) return true;
    return false;
}

/* ---- telling ---- */

static void tell_tensor(const float *values, const struct fovea_io *io) {
    float low = values[0], high = values[0];
    double sum = 0;
    char shape[SHAPE_TEXT];
    for (size_t i = 0; i < io->count; i++) {
        low = values[i] < low ? values[i] : low;
        high = values[i] > high ? values[i] : high;
        sum += (double)values[i];
    }
    say("  output '%s' %s: %g to %g, mean %g (-o PREFIX saves it)\n", io->name,
        print_shape(&io->shape, shape, sizeof shape), (double)low, (double)high,
        sum / (double)io->count);
}

static void tell_people(struct runner *runner, const char *name, double ms,
                        const struct fovea_ranked *top, size_t found) {
    struct fovea_io io;
    say("%s  (%.2f ms)\n", name, ms);
    for (size_t i = 0; i < found; i++) {
        if (top[i].label)
            say("  %-24s %8.4f\n", top[i].label, (double)top[i].value);
        else
            say("  %-24u %8.4f\n", top[i].index, (double)top[i].value);
    }
    for (size_t o = 0; o < runner->outputs; o++) {
        fovea_model_output(&runner->engine.model, o, &io);
        if (o > 0 || io.shape.rank != 1) tell_tensor(fovea_output(runner->engine.session, o), &io);
    }
}

static void json_input(struct json_writer *json, const struct group *group) {
    if (group->count == 1) {
        json_string(json, "input", group->source[0].path);
        return;
    }
    json_array(json, "input");
    for (size_t i = 0; i < group->count; i++) json_string(json, NULL, group->source[i].path);
    json_close(json);
}

static void tell_json(const struct feeder *feeder, double ms, const struct fovea_ranked *top,
                      size_t found) {
    struct json_writer json = json_to(stdout);
    json_object(&json, NULL);
    json_input(&json, &feeder->group);
    if (feeder->feed.batch > 1) json_whole(&json, "batch", feeder->index);
    json_array(&json, "top");
    for (size_t i = 0; i < found; i++) {
        json_object(&json, NULL);
        json_string(&json, "label", top[i].label);
        json_whole(&json, "index", top[i].index);
        json_number(&json, "probability", (double)top[i].value);
        json_close(&json);
    }
    json_close(&json);
    json_decimal(&json, "ms", ms, 3);
    json_close(&json);
}

/* What could not be read: a record of its own, and a line for people. */
static void tell_bad(struct runner *runner, const struct group *group,
                     const struct trouble *trouble) {
    runner->bad++;
    cli_trouble(trouble);
    if (!runner->json) return;
    struct json_writer json = json_to(stdout);
    json_object(&json, NULL);
    json_input(&json, group);
    json_object(&json, "error");
    json_string(&json, "check", trouble->check[0] ? trouble->check : NULL);
    json_string(&json, "text", trouble->text);
    json_close_all(&json);
}

/* ---- running ---- */

/* Keeps the outputs of a run; of one that could not be, NaN, so that row i belongs to input i. */
static bool keep_outputs(struct runner *runner, bool ran) {
    struct fovea_io io;
    if (!runner->kept) return true;
    bool grow = runner->runs == runner->room;
    if (grow) runner->room = runner->room ? runner->room * 2 : 16;
    for (size_t o = 0; o < runner->outputs; o++) {
        float **values = &runner->kept[o].values;
        fovea_model_output(&runner->engine.model, o, &io);
        if (grow) {
            float *larger = NULL;
            if (io.count <= SIZE_MAX / sizeof(float) / runner->room)
                larger = realloc(*values, runner->room * io.count * sizeof(float));
            if (!larger) return fail(runner->trouble, "out of memory for the outputs");
            *values = larger;
        }
        float *row = *values + runner->runs * io.count;
        if (ran)
            memcpy(row, fovea_output(runner->engine.session, o), io.count * sizeof(float));
        else
            for (size_t i = 0; i < io.count; i++) row[i] = NAN;
    }
    runner->runs++;
    return true;
}

static bool run_once(struct runner *runner, const struct feeder *feeder) {
    struct fovea_ranked *top = NULL;
    size_t found = 0;
    double start = now_ms();
    fovea_run(runner->engine.session);
    double ms = now_ms() - start;
    if (!keep_outputs(runner, true)) return false;
    if (runner->kept && !runner->json) return true;
    struct fovea_io io;
    fovea_model_output(&runner->engine.model, 0, &io);
    if (io.shape.rank == 1) {
        size_t most = (size_t)runner->top < io.count ? (size_t)runner->top : io.count;
        top = malloc(most * sizeof *top);
        if (!top) return fail(runner->trouble, "out of memory");
        found = fovea_top(runner->engine.session, 0, most, top);
    }
    if (runner->json)
        tell_json(feeder, ms, top, found);
    else
        tell_people(runner, feeder->group.source[0].path, ms, top, found);
    free(top);
    return true;
}

static bool save_outputs(struct runner *runner) {
    struct fovea_io io;
    for (size_t o = 0; o < runner->outputs; o++) {
        size_t dims[1 + FOVEA_RANK_MAX] = {runner->runs}, size;
        struct kept *kept = &runner->kept[o];
        fovea_model_output(&runner->engine.model, o, &io);
        for (uint32_t i = 0; i < io.shape.rank; i++) dims[i + 1] = io.shape.dims[i];
        uint8_t *bytes = npy_bytes(kept->values, dims, io.shape.rank + 1, &size);
        bool done = bytes ? output_write(&kept->file, bytes, size) && output_commit(&kept->file)
                          : fail(runner->trouble, "out of memory");
        free(bytes);
        if (!done) return false;
        if (!runner->json) {
            char shape[SHAPE_TEXT];
            say("%s: %zu x %s\n", kept->path, runner->runs,
                print_shape(&io.shape, shape, sizeof shape));
        }
    }
    return true;
}

/* Runs everything there is; one that cannot be read does not stop the others. */
static bool run_all(struct runner *runner, struct feeder *feeder) {
    for (;;) {
        struct trouble trouble;
        enum feed_state state = feeder_next(feeder, runner->engine.session, &trouble);
        if (state == FEED_END) break;
        runner->given++;
        for (size_t i = 0; i < feeder->group.count; i++) /* of a list or folder */
            if (feeder->group.source[i].path && is_replaced(runner, feeder->group.source[i].path))
                return fail(runner->trouble, "-o would replace the input %s",
                            feeder->group.source[i].path);
        if (state == FEED_FILLED && !run_once(runner, feeder)) return false;
        if (state == FEED_FILLED) continue;
        tell_bad(runner, &feeder->group, &trouble);
        if (!keep_outputs(runner, false)) return false;
    }
    if (runner->kept && runner->runs == 0) return fail(runner->trouble, "no inputs were given");
    return !runner->kept || runner->bad == runner->runs || save_outputs(runner);
}

static bool run_words(struct runner *runner, char **words, size_t count,
                      const struct sources_wishes *wishes) {
    struct feeder feeder = {0};
    bool done = feeder_open(&feeder, &runner->engine.model, words, count, wishes, &runner->limits,
                            runner->trouble);
    feeder.recipe = &runner->recipe;
    done = done && run_all(runner, &feeder);
    feeder_close(&feeder);
    if (!done || runner->bad == 0) return done;
    if (runner->given == 1) runner->told = true; /* nothing to sum up */
    return fail(runner->trouble, "%zu of %zu inputs could not be read", runner->bad, runner->given);
}

/* Where the outputs go. */
static bool name_outputs(struct runner *runner, const char *prefix) {
    size_t length = strlen(prefix);
    if (ends_with(prefix, ".npy")) length -= 4;
    runner->kept = calloc(runner->outputs, sizeof *runner->kept);
    for (size_t o = 0; runner->kept && o < runner->outputs; o++) {
        char *path = runner->kept[o].path = malloc(length + 32);
        if (!path) break;
        if (runner->outputs == 1)
            snprintf(path, length + 32, "%.*s.npy", (int)length, prefix);
        else
            snprintf(path, length + 32, "%.*s.%zu.npy", (int)length, prefix, o);
    }
    return (runner->kept && runner->kept[runner->outputs - 1].path) ||
           fail(runner->trouble, "out of memory");
}

/* Before anything runs: a path that cannot be written to is told at once. */
static bool open_outputs(struct runner *runner) {
    for (size_t o = 0; runner->kept && o < runner->outputs; o++)
        if (!output_open(&runner->kept[o].file, runner->kept[o].path, runner->trouble))
            return false;
    return true;
}

static void close_outputs(struct runner *runner) {
    for (size_t o = 0; runner->kept && o < runner->outputs; o++) {
        output_abandon(&runner->kept[o].file);
        free(runner->kept[o].values);
        free(runner->kept[o].path);
    }
    free(runner->kept);
}

static int run_run(int count, char **words) {
    struct trouble trouble = {0};
    struct runner runner = {.trouble = &trouble, .top = 3};
    const char *prefix = NULL;
    struct engine_wishes wishes = {.threads = 1};
    struct sources_wishes sources = {0};
    const struct option options[] = {
        {"--top", OPTION_WHOLE, &runner.top, 1, 1000000, "K", "how many classes to tell (3)"},
        {"--json", OPTION_FLAG, &runner.json, 0, 0, NULL, "one JSON object a line"},
        {"-o", OPTION_TEXT, &prefix, 0, 0, "PREFIX", "save outputs as PREFIX.npy (.0.npy, ...)"},
        {"--limit", OPTION_LIMIT, &runner.limits, 0, 0, "NAME=VALUE",
         "another limit for photos; fovea --limits lists them"},
        RECIPE_OPTIONS(runner.recipe) SOURCES_OPTIONS(sources) ENGINE_OPTIONS(wishes){0},
    };
    limits_start(&runner.limits);
    count = options_take(&command_run, options, count, words);
    if (count < 0) return -1 - count;
    if (count < 1 + !sources.list) return cli_fail(CLI_BAD_USAGE, "run takes a model and inputs");
    if (prefix && (!*base_name(prefix) || strcmp(base_name(prefix), ".npy") == 0))
        return cli_fail(CLI_BAD_USAGE, "-o %s names no file", prefix);
    struct fovea_recipe said = recipe_default();
    if (!recipe_take(&runner.recipe, &said)) return CLI_BAD_USAGE;
    int code = CLI_DONE;
    bool done = engine_open(&runner.engine, words[0], &wishes, &trouble);
    runner.inputs = runner.engine.model.inputs;
    runner.outputs = runner.engine.model.outputs;
    done = done && (!prefix || name_outputs(&runner, prefix));
    for (int i = 0; done && code == CLI_DONE && i < count; i++)
        if (is_replaced(&runner, words[i]))
            code = cli_fail(CLI_BAD_USAGE, "-o %s would replace %s", prefix, words[i]);
    if (done && code == CLI_DONE)
        done = open_outputs(&runner) && run_words(&runner, words + 1, (size_t)count - 1, &sources);
    if (done && code == CLI_DONE && !runner.json) print_saved(&runner.engine);
    if (done && code == CLI_DONE && recipe_said(&runner.recipe))
        recipe_tell_run(runner.json ? stderr : stdout, &runner.recipe, &runner.engine.model);
    close_outputs(&runner);
    engine_close(&runner.engine);
    return done ? code : runner.told ? CLI_BAD_INPUT : cli_trouble(&trouble);
}

const struct command command_run = {
    "run",
    "MODEL.fovea INPUT... [...]",
    "Runs a model on photos or arrays",
    "An INPUT is a JPEG or PNG, or a float32 .npy with a leading batch axis; a model of n inputs "
    "takes "
    "n INPUTs a run. A single - reads INPUTs from standard input, one a line.",
    run_run,
};
