/* fovea run: photos or arrays in, probabilities out. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/npy.h"
#include "cli/recipe.h"

/* What one input of the model is fed with, for as many pictures as its batch has. */
struct feed {
    struct npy array; /* of an .npy file */
    bool is_array;
    size_t batch;
};

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
    struct kept *kept; /* one for each output; NULL: none is */
    size_t runs, room;
};

/* Whether an output would replace the file. */
static bool is_replaced(struct runner *runner, const char *file) {
    for (size_t o = 0; runner->kept && o < runner->outputs; o++)
        if (file_same(file, runner->kept[o].path)) return true;
    return false;
}

/* ---- feeding ---- */

static bool load_array(struct runner *runner, size_t input, const char *path, struct feed *feed) {
    struct fovea_io io;
    const char *why;
    char wanted[SHAPE_TEXT], given[24 * NPY_RANK_MAX] = "a single number";
    fovea_model_input(&runner->engine.model, input, &io);
    if (!npy_read(path, &feed->array, &why))
        return fail_check(runner->trouble, why, "%s: %s", path, fovea_check_text(why));
    const struct npy *array = &feed->array;
    if (!array->float32)
        return fail(runner->trouble,
                    "%s: its numbers are not float32; save it with "
                    "astype('float32')",
                    path);
    bool fits = array->rank == io.shape.rank + 1 && array->dims[0] >= 1;
    for (uint32_t i = 0; fits && i < io.shape.rank; i++)
        fits = array->dims[i + 1] == io.shape.dims[i];
    for (size_t i = 0, at = 0; i < array->rank; i++)
        at += (size_t)snprintf(given + at, sizeof given - at, i ? "x%zu" : "%zu", array->dims[i]);
    if (!fits)
        return fail(runner->trouble,
                    "%s: its shape of %s does not fit input '%s', which takes Nx%s", path, given,
                    io.name, print_shape(&io.shape, wanted, sizeof wanted));
    feed->is_array = true;
    feed->batch = array->dims[0];
    return true;
}

/* Decodes a photo and writes it into the input by the model's recipe. */
static bool load_photo(struct runner *runner, size_t input, const char *path) {
    struct file_bytes file;
    struct fovea_image image = {0};
    struct fovea_error error;
    fovea_session *session = runner->engine.session;
    size_t bytes = 0;
    if (!file_open(path, &file, runner->trouble)) return false;
    void *scratch = NULL;
    const struct fovea_photo_limits limits = photo_limits(&runner->limits);
    struct fovea_recipe said;
    const struct fovea_recipe *recipe =
        recipe_for_run(&runner->recipe, &runner->engine.model, input, &said);
    bool done =
        fovea_photo_decode_within(file.bytes, file.size, &limits, &image, &error) == FOVEA_OK &&
        fovea_image_measure_by(session, input, recipe, &image, &bytes, &error) == FOVEA_OK;
    if (done) {
        scratch = malloc(bytes ? bytes : 1);
        done = scratch && fovea_image_fit_by(session, input, recipe, &image, scratch, bytes,
                                             &error) == FOVEA_OK;
        if (!scratch) error.text = "out of memory";
    }
    free(scratch);
    fovea_photo_free(&image);
    file_close(&file);
    if (!done && error.status == FOVEA_UNSUPPORTED)
        return fail_check(runner->trouble, error.check,
                          "%s: %s; say it for this run with --preprocess NAME (" RECIPE_PRESETS
                          ") and --resize NAME (" RECIPE_RESIZES
                          "), and to convert to keep it in the model",
                          path, error.text);
    return done || fail_check(runner->trouble, error.check, "%s: %s", path, error.text);
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
    printf("  output '%s' %s: %g to %g, mean %g (-o PREFIX saves it)\n", io->name,
           print_shape(&io->shape, shape, sizeof shape), (double)low, (double)high,
           sum / (double)io->count);
}

static void tell_people(struct runner *runner, const char *name, double ms,
                        const struct fovea_ranked *top, size_t found) {
    struct fovea_io io;
    printf("%s  (%.2f ms)\n", name, ms);
    for (size_t i = 0; i < found; i++) {
        if (top[i].label)
            printf("  %-24s %8.4f\n", top[i].label, (double)top[i].value);
        else
            printf("  %-24u %8.4f\n", top[i].index, (double)top[i].value);
    }
    for (size_t o = 0; o < runner->outputs; o++) {
        fovea_model_output(&runner->engine.model, o, &io);
        if (o > 0 || io.shape.rank != 1) tell_tensor(fovea_output(runner->engine.session, o), &io);
    }
}

static void tell_json(char **paths, size_t count, size_t batch, size_t index, double ms,
                      const struct fovea_ranked *top, size_t found) {
    printf("{\"input\":");
    if (count > 1) printf("[");
    for (size_t i = 0; i < count; i++) {
        if (i) printf(",");
        print_json_text(stdout, paths[i]);
    }
    if (count > 1) printf("]");
    if (batch > 1) printf(",\"batch\":%zu", index);
    printf(",\"top\":[");
    for (size_t i = 0; i < found; i++) {
        printf("%s{\"label\":", i ? "," : "");
        if (top[i].label)
            print_json_text(stdout, top[i].label);
        else
            printf("null");
        printf(",\"index\":%u,\"probability\":", top[i].index);
        if (top[i].value - top[i].value == 0)
            printf("%.9g}", (double)top[i].value);
        else
            printf("null}"); /* JSON has no NaN and no infinity */
    }
    printf("],\"ms\":%.3f}\n", ms);
}

/* ---- running ---- */

static bool keep_outputs(struct runner *runner) {
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
        memcpy(*values + runner->runs * io.count, fovea_output(runner->engine.session, o),
               io.count * sizeof(float));
    }
    runner->runs++;
    return true;
}

static bool run_once(struct runner *runner, char **paths, size_t batch, size_t index) {
    struct fovea_ranked *top = NULL;
    size_t found = 0;
    double start = now_ms();
    fovea_run(runner->engine.session);
    double ms = now_ms() - start;
    if (!keep_outputs(runner)) return false;
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
        tell_json(paths, runner->inputs, batch, index, ms, top, found);
    else
        tell_people(runner, paths[0], ms, top, found);
    free(top);
    return true;
}

/* Runs the model on one INPUT for each of its inputs, once for each picture of their batch. */
static bool run_group(struct runner *runner, char **paths) {
    struct feed *feeds = calloc(runner->inputs, sizeof *feeds);
    if (!feeds) return fail(runner->trouble, "out of memory");
    bool done = true;
    size_t batch = 0;
    for (size_t i = 0; done && i < runner->inputs; i++) {
        if (ends_with(paths[i], ".npy"))
            done = load_array(runner, i, paths[i], &feeds[i]);
        else
            feeds[i].batch = 1;
        if (done && batch && feeds[i].batch != batch)
            done = fail(runner->trouble, "%s: a batch of %zu beside a batch of %zu", paths[i],
                        feeds[i].batch, batch);
        batch = feeds[i].batch;
    }
    for (size_t b = 0; done && b < batch; b++) {
        for (size_t i = 0; done && i < runner->inputs; i++) {
            struct fovea_io io;
            fovea_model_input(&runner->engine.model, i, &io);
            if (feeds[i].is_array)
                memcpy(fovea_input(runner->engine.session, i), feeds[i].array.values + b * io.count,
                       io.count * sizeof(float));
            else
                done = load_photo(runner, i, paths[i]);
        }
        done = done && run_once(runner, paths, batch, b);
    }
    for (size_t i = 0; i < runner->inputs; i++) npy_free(&feeds[i].array);
    free(feeds);
    return done;
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
            printf("%s: %zu x %s\n", kept->path, runner->runs,
                   print_shape(&io.shape, shape, sizeof shape));
        }
    }
    return true;
}

/* Groups of paths from standard input, one path a line. */
static bool run_lines(struct runner *runner) {
    char **paths = calloc(runner->inputs, sizeof *paths);
    char *line = NULL;
    size_t room = 0, have = 0, length = 0;
    bool done = paths || fail(runner->trouble, "out of memory");
    for (int c = 0; done && c != EOF;) {
        c = getchar();
        if (length + 1 >= room) {
            char *larger = realloc(line, room = room ? room * 2 : 256);
            if (!larger) {
                done = fail(runner->trouble, "out of memory");
                break;
            }
            line = larger;
        }
        if (c != EOF && c != '\n') {
            if (c < ' ' && c != '\t' && c != '\r') {
                done = fail(runner->trouble, "standard input is no list of files, one a line; what "
                                             "is in a file itself comes as /dev/stdin");
                break;
            }
            line[length++] = (char)c;
            continue;
        }
        if (length > 0 && line[length - 1] == '\r') length--;
        line[length] = 0;
        if (length == 0) continue;
        length = 0;
        if (is_replaced(runner, line)) {
            done = fail(runner->trouble, "-o would replace the input %s", line);
            break;
        }
        paths[have++] = line;
        line = NULL;
        room = 0;
        if (have < runner->inputs) continue;
        done = run_group(runner, paths);
        while (have > 0) free(paths[--have]);
    }
    if (done && have > 0)
        done = fail(runner->trouble,
                    "standard input: %zu paths are left over; the model takes %zu "
                    "a run",
                    have, runner->inputs);
    while (have > 0) free(paths[--have]);
    free(line);
    free(paths);
    return done;
}

static bool run_words(struct runner *runner, int count, char **words) {
    bool lines = count == 1 && strcmp(words[0], "-") == 0;
    if (!lines && (size_t)count % runner->inputs != 0)
        return fail(runner->trouble, "the model takes %zu inputs a run, %d were given",
                    runner->inputs, count);
    bool done = true;
    if (lines)
        done = run_lines(runner);
    else
        for (int i = 0; done && i < count; i += (int)runner->inputs)
            done = run_group(runner, words + i);
    if (done && runner->kept && runner->runs == 0)
        done = fail(runner->trouble, "no inputs were given");
    return done && (!runner->kept || save_outputs(runner));
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
    const struct option options[] = {
        {"--top", OPTION_WHOLE, &runner.top, 1, 1000000, "K", "how many classes to tell (3)"},
        {"--json", OPTION_FLAG, &runner.json, 0, 0, NULL, "one JSON object a line"},
        {"-o", OPTION_TEXT, &prefix, 0, 0, "PREFIX", "save outputs as PREFIX.npy (.0.npy, ...)"},
        {"--limit", OPTION_LIMIT, &runner.limits, 0, 0, "NAME=VALUE",
         "another limit for photos; fovea --limits lists them"},
        RECIPE_OPTIONS(runner.recipe) ENGINE_OPTIONS(wishes){0},
    };
    limits_start(&runner.limits);
    count = options_take(&command_run, options, count, words);
    if (count < 0) return -1 - count;
    if (count < 2) return cli_fail(CLI_BAD_USAGE, "run takes a model and inputs");
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
        done = open_outputs(&runner) && run_words(&runner, count - 1, words + 1);
    if (done && code == CLI_DONE && !runner.json) print_saved(&runner.engine);
    if (done && code == CLI_DONE && recipe_said(&runner.recipe))
        recipe_tell_run(runner.json ? stderr : stdout, &runner.recipe, &runner.engine.model);
    close_outputs(&runner);
    engine_close(&runner.engine);
    return done ? code : cli_trouble(&trouble);
}

const struct command command_run = {
    "run",
    "MODEL.fovea INPUT... [...]",
    "Runs a model on photos or arrays",
    "An INPUT is a JPEG or PNG, or a float32 .npy with a leading batch axis; a model of n inputs "
    "takes\n"
    "n INPUTs a run. A single - reads INPUTs from standard input, one a line.",
    run_run,
};
