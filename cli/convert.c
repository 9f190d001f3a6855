/* fovea convert: a trained Keras file becomes a model. */
#define _POSIX_C_SOURCE 200809L
#include "convert/convert.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/board.h"
#include "cli/calibrate.h"
#include "cli/golden.h"
#include "cli/head.h"
#include "convert/files/hdf5.h"
#include "convert/files/zip.h"
#include "cli/recipe.h"
#include "weights/blob.h"

struct wishes {
    const char *config;
    const char *output, *labels, *golden;
    struct recipe_wishes recipe;
    struct calibrate_wishes calibrate;
    const char *threshold, *tolerance;
    const char *check[2], *emit, *weights; /* weights: of kept_as, or NULL */
    enum board_kind kind;                  /* BOARD_KINDS: the model itself */
    bool no_fold, explain, layers;
    struct shapes shapes; /* for inputs whose sizes the file leaves open */
};

/* One conversion: where the model goes, and how long it has taken. */
struct job {
    struct file_output output;
    struct trouble *trouble;
    double start_ms;
    int shown; /* per cent last told, or -1 */
};

/* One label a line; blank lines at the end do not count. */
static bool read_labels(struct pool *pool, const char *path, struct convert_options *options,
                        struct trouble *trouble) {
    struct file_bytes file;
    if (!path) return true;
    if (!file_open(path, &file, trouble)) return false;
    const char *at = (const char *)file.bytes, *end = at + file.size;
    if (file.size >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
        at += 3; /* as Windows' editors begin */
    if (at < end && memchr(at, 0, (size_t)(end - at))) {
        file_close(&file);
        return fail(trouble, "%s is not a text in UTF-8", path);
    }
    while (end > at && (end[-1] == '\n' || end[-1] == '\r' || end[-1] == ' ')) end--;
    size_t lines = end > at;
    for (const char *c = at; c < end; c++) lines += *c == '\n';
    const char **labels = pool_get(pool, lines, sizeof *labels, trouble);
    for (size_t i = 0; labels && i < lines; i++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at)), *next = stop ? stop + 1 : end;
        if (!stop) stop = end;
        while (stop > at && (stop[-1] == '\r' || stop[-1] == ' ')) stop--;
        labels[i] = pool_text(pool, at, (size_t)(stop - at), trouble);
        if (!labels[i]) labels = NULL;
        at = next;
    }
    file_close(&file);
    options->labels = labels;
    options->label_count = lines;
    return labels != NULL;
}

static void tell_fold(void *context, const char *line) {
    (void)context;
    say("  fold: %s\n", line);
}

/* How weights can be kept: the words of --weights. */
static const struct kept {
    const char *word, *name, *part; /* of what an error is stated as a part */
    enum fovea_type type;
} kept_as[] = {
    {"f32", "float32", "", FOVEA_F32},
    {"f16", "float16", "of it", FOVEA_F16},
    {"w8", "8 bits", "of the output's largest", FOVEA_I8},
    {"i8", "8 bits", "of the output's largest", FOVEA_I8},
};

static const struct kept *kept_of(const struct wishes *wishes) {
    for (size_t i = 0; wishes->weights && i < sizeof kept_as / sizeof kept_as[0]; i++)
        if (strcmp(wishes->weights, kept_as[i].word) == 0) return &kept_as[i];
    return &kept_as[0];
}

static bool computes_with_bytes(const struct wishes *wishes) {
    return wishes->weights && strcmp(wishes->weights, "i8") == 0;
}

static void tell_narrow(void *context, const char *line) {
    say("  %s: %s\n", ((const struct kept *)context)->name, line);
}

static void print_narrow(const struct kept *kept, const struct narrow_report *narrow) {
    say("%s: %u kernels, %u stay float32; a weight is off by at most %.2g, or %.2g %s", kept->name,
        narrow->narrow, narrow->floats, narrow->absolute, narrow->relative, kept->part);
    if (narrow->golden >= 0) say("; the golden answer by %.2g", narrow->golden);
    say("\n");
}

static void report(const struct engine *engine, const struct converted *converted,
                   const struct wishes *wishes, const char *source) {
    char shape[SHAPE_TEXT];
    struct fovea_io io;
    struct fovea_step_info info;
    uint64_t macs = 0;
    struct fovea_picture place;
    bool picture = false;
    say("%s (Keras %s) -> %s\n", source, converted->keras_version, wishes->output);
    if (wishes->layers)
        say("  %4s %-28s %-11s %-16s %14s\n", "step", "layer", "operator", "output", "MACs");
    for (size_t i = 0; fovea_step_describe(engine->session, i, &info); i++) {
        if (wishes->layers)
            say("  %4zu %-28s %-11s %-16s %14llu\n", i, info.name, info.op,
                print_shape(&info.shape, shape, sizeof shape), (unsigned long long)info.macs);
        macs += info.macs;
    }
    for (size_t i = 0; fovea_model_input(&engine->model, i, &io) == FOVEA_OK; i++) {
        say("input  %s\n", print_shape(&io.shape, shape, sizeof shape));
        picture |= fovea_picture_of(&io.shape, &place) && (io.shape.rank == 3 || !io.recipe.open);
    }
    const char *open = open_sizes(&engine->model);
    if (open) say("open   %s: another size with --input-shape, here or later\n", open);
    for (size_t i = 0; fovea_model_output(&engine->model, i, &io) == FOVEA_OK; i++)
        say("output %s\n", print_shape(&io.shape, shape, sizeof shape));
    say("%llu parameters, %.3f million MACs, model %zu bytes, memory to run %zu bytes\n",
        (unsigned long long)converted->parameters, (double)macs * 1e-6, engine->file.size,
        engine->bytes);
    if (converted->stateful)
        say("stateful: layer '%s' starts from state 0 in every run\n", converted->stateful);
    const struct kept *kept = kept_of(wishes);
    if (computes_with_bytes(wishes))
        calibrate_report(&converted->quantized);
    else if (kept->type != FOVEA_F32)
        print_narrow(kept, &converted->narrow);
    if (!picture) return;
    recipe_report(&wishes->recipe, converted);
    if (!wishes->labels) say("assumed: no labels (--labels FILE, one a line)\n");
}

/* ---- where the model goes ---- */

static bool sink_start(void *context, uint64_t size) {
    struct job *job = context;
    (void)size;
    return job->output.open; /* opened before, so that a bad path is said first */
}
static bool sink_write(void *context, const uint8_t *bytes, size_t size) {
    return output_write(&((struct job *)context)->output, bytes, size);
}
static bool sink_patch(void *context, uint64_t at, const uint8_t *bytes, size_t size) {
    return output_patch(&((struct job *)context)->output, at, bytes, size);
}
/* One line that is written over, for people who have waited a second. */
static void sink_progress(void *context, uint64_t done, uint64_t size) {
    struct job *job = context;
    int now = (int)(done * 100 / size);
    if (now == job->shown || now_ms() - job->start_ms < 1000 || !isatty(2)) return;
    job->shown = now;
    say_to(stderr, "\rfovea: writing %s: %d %%%s", job->output.path, now, now == 100 ? "\n" : "");
}

static bool is_model(const struct file_bytes *file) {
    return file->size >= 8 && memcmp(file->bytes, FOVEA_BLOB_MAGIC, 8) == 0;
}

/* Opens what was written, before it gets its name. What the converter makes and the engine refuses is our fault. */
static bool open_draft(struct engine *engine, struct job *job, const char *name) {
    struct file_bytes file;
    struct trouble inside = {0};
    if (!output_read(&job->output, &file)) return false;
    if (engine_open_file(engine, &file, name, NULL, &inside)) return true;
    return fail_check(
        job->trouble, inside.check,
        "%s; nothing is written: the converter made a model that does not run; please report this",
        inside.text);
}

/* Models of other programs, by their names: what they are, and the way from them to a Keras file. */
static const struct foreign {
    const char *suffix, *what, *way;
} foreigners[] = {
    {".tflite", "a TensorFlow Lite model", "give the Keras model that it was made from"},
    {".pb", "a TensorFlow graph", "load it in Keras and model.save('model.keras')"},
    {".onnx", "an ONNX model", "give the Keras model that it was exported from"},
    {".pt", "a PyTorch model", "rebuild it in Keras and copy its weights"},
    {".pth", "a PyTorch model", "rebuild it in Keras and copy its weights"},
    {".safetensors", "an archive of weights", "load them into a Keras model and save that"},
    {".mlmodel", "a Core ML model", "give the Keras model that it was made from"},
    {".json", "a model's description without weights", "give the weights, and this with --config"},
};

static bool refuse_foreign(const char *path, struct trouble *trouble) {
    const char *dot = strrchr(base_name(path), '.');
    for (size_t i = 0; dot && i < sizeof foreigners / sizeof foreigners[0]; i++)
        if (text_same_letters(dot, foreigners[i].suffix))
            return fail(trouble, "%s: convert reads Keras files, and this is %s: %s", path,
                        foreigners[i].what, foreigners[i].way);
    return true;
}

/* What a conversion holds while it goes on. */
struct conversion {
    const char *path;
    const struct wishes *wishes;
    struct job *job;
    bool model; /* the file is a fovea model already */
    struct file_bytes file, config;
    struct golden golden;
    struct calibrate calibrate;
    struct convert_options options;
    struct converted converted;
};

/* Everything that is read, except for the Keras file's contents. */
static bool take_inputs(struct conversion *c, struct pool *pool) {
    const struct wishes *const wishes = c->wishes;
    struct trouble *const trouble = c->job->trouble;
    if (!read_labels(pool, wishes->labels, &c->options, trouble) ||
        !golden_read(&c->golden, wishes->golden, pool->limits, &c->options, trouble))
        return false;
    if (computes_with_bytes(wishes)) {
        if (!calibrate_begin(&c->calibrate, &wishes->calibrate, pool->limits, pool, trouble))
            return false;
        c->options.quantize = &c->calibrate.options;
    }
    if (wishes->config && !file_open(wishes->config, &c->config, trouble)) return false;
    c->options.config = c->config.bytes;
    c->options.config_size = c->config.size;
    if (file_is_folder(c->path))
        return fail(trouble, "%s is a folder; in Keras, model.save('model.keras') writes a file",
                    c->path);
    return file_open(c->path, &c->file, trouble);
}

/* Writes the model to the job's output, unless the file is one. */
static bool make_model(struct conversion *c, struct pool *pool) {
    const struct wishes *const wishes = c->wishes;
    struct job *const job = c->job;
    const uint8_t *const bytes = c->file.bytes;
    const size_t size = c->file.size;
    struct trouble inside = {0};
    if (c->model)
        return wishes->kind != BOARD_KINDS ||
               fail(job->trouble, "%s is a fovea model already; --emit writes source files from it",
                    c->path);
    if (!zip_looks_so(bytes, size) && !hdf5_looks_so(bytes, size) &&
        !refuse_foreign(c->path, job->trouble))
        return false;
    pool_bound(pool, size); /* a file can ask for many times its size; valid ones stay far below */
    return output_open(&job->output, wishes->output, job->trouble) &&
           (output_is_file(&job->output) ||
            fail(job->trouble, "%s is not a file; a model needs one", wishes->output)) &&
           (convert_keras(pool, bytes, size, &c->options, &c->converted, &inside) ||
            fail_check(job->trouble, inside.check, "%s: %s", c->path, inside.text));
}

/* Shows that what was written opens, plans and, if asked for, answers as it should; then it gets its name. */
static bool finish_model(struct conversion *c, struct engine *engine) {
    const struct wishes *const wishes = c->wishes;
    struct job *const job = c->job;
    return (c->model ? engine_open(engine, c->path, NULL, job->trouble)
                     : open_draft(engine, job, wishes->output)) &&
           (!wishes->check[0] ||
            check_answers(engine, wishes->check[0], wishes->check[1],
                          wishes->tolerance ? strtod(wishes->tolerance, NULL) : CHECK_TOLERANCE,
                          job->trouble)) &&
           (wishes->kind == BOARD_KINDS
                ? output_commit(&job->output)
                : board_emit(wishes->kind, engine, wishes->output, job->trouble));
}

static bool convert_file(const char *path, const struct wishes *wishes,
                         const struct fovea_recipe *recipe, struct pool *pool, struct job *job) {
    const struct kept *kept = kept_of(wishes);
    struct fold_listener listener = {tell_fold, NULL},
                         narrow = {tell_narrow, (void *)(uintptr_t)kept};
    const struct emit_sink sink = {sink_start, sink_write, sink_patch, sink_progress, job};
    struct conversion c = {
        .path = path,
        .wishes = wishes,
        .job = job,
        .options = {.source = base_name(path),
                    .recipe = *recipe,
                    .input_shapes = wishes->shapes.shape,
                    .input_shape_count = wishes->shapes.count,
                    .no_fold = wishes->no_fold,
                    .threshold = wishes->threshold,
                    .listener = wishes->explain ? &listener : NULL,
                    .weights = kept->type,
                    .narrow_listener = &narrow,
                    .sink = &sink},
    };
    struct engine engine = {0};
    bool done = take_inputs(&c, pool);
    c.model = done && is_model(&c.file);
    done = done && make_model(&c, pool);
    file_close(&c.file);
    file_close(&c.config);
    golden_free(&c.golden);
    calibrate_end(&c.calibrate);
    done = done && finish_model(&c, &engine);
    if (done && c.model) say("%s -> %s\n", path, wishes->output);
    if (done && !c.model) report(&engine, &c.converted, wishes, path);
    engine_close(&engine);
    return done;
}

static int convert_run(int count, char **words) {
    struct wishes wishes = {0};
    struct limits limits;
    const struct option options[] = {
        {"-o", OPTION_TEXT, &wishes.output, 0, 0, "OUT.fovea", "the model to write"},
        {"--config", OPTION_TEXT, &wishes.config, 0, 0, "MODEL.json",
         "the model's JSON, for files that hold weights only"},
        {"--labels", OPTION_TEXT, &wishes.labels, 0, 0, "FILE",
         "class names of the first output, one per line; two for a single sigmoid, whose value is "
         "the probability of the second"},
        RECIPE_OPTIONS(wishes.recipe){
            "--golden", OPTION_TEXT, &wishes.golden, 0, 0, "INPUT",
            "store this photo (or .npy) and its answer, for fovea selftest"},
        {"--threshold", OPTION_TEXT, &wishes.threshold, 0, 0, "P",
         "decision threshold of sigmoid outputs (0.5)"},
        {"--check", OPTION_PAIR, wishes.check, 0, 0, "IN.npy OUT.npy",
         "run the model and print the largest difference; nothing is written if it exceeds "
         "--tolerance. OUT.npz may hold the outputs of layers by name: the first layer that "
         "differs is named (use --no-fold)"},
        {"--tolerance", OPTION_TEXT, &wishes.tolerance, 0, 0, "X",
         "for --check, relative to the largest expected value or to 1, whichever is larger (1e-4)"},
        {"--weights", OPTION_WORD, &wishes.weights, 0, 0, "f32|f16|w8|i8",
         "numeric type of the weights of convolutions and dense layers; i8 also computes in 8 "
         "bits. Prints the error of rounding"},
        CALIBRATE_OPTIONS(wishes.calibrate){
            "--emit", OPTION_WORD, &wishes.emit, 0, 0, "c|asm|ops",
            "OUT is source code: the model as a C array, as an assembler file, or the list of its "
            "operators; IN may be a .fovea model"},
        {"--input-shape", OPTION_SHAPES, &wishes.shapes, SHAPES_MAX, FOVEA_RANK_MAX, "H,W,C",
         "sizes that the model leaves open: only those, or the whole shape; separate several "
         "inputs by /"},
        {"--limit", OPTION_LIMIT, &limits, 0, 0, "NAME=VALUE",
         "changes a limit (fovea --limits lists them); may be repeated"},
        {"--layers", OPTION_FLAG, &wishes.layers, 0, 0, NULL, "list the model's layers"},
        {"--explain", OPTION_FLAG, &wishes.explain, 0, 0, NULL,
         "print which layers were folded, and why others were not"},
        {"--no-fold", OPTION_FLAG, &wishes.no_fold, 0, 0, NULL, "fold nothing: keep every layer"},
        {0},
    };
    count = options_take(&command_convert, options, count, words);
    if (count < 0) return -1 - count;
    if (count != 1) return cli_fail(CLI_BAD_USAGE, "convert takes one Keras file");
    if (!wishes.output || strcmp(wishes.output, "-") == 0)
        return cli_fail(CLI_BAD_USAGE, "convert needs -o OUT.fovea, a file");
    char *end = NULL;
    if (wishes.tolerance && (!(strtod(wishes.tolerance, &end) >= 0) || *end))
        return cli_fail(CLI_BAD_USAGE, "--tolerance takes a number, not '%s'", wishes.tolerance);
    if (wishes.threshold && !head_is_threshold(wishes.threshold))
        return cli_fail(CLI_BAD_USAGE, "--threshold takes a number from 0 to 1, not '%s'",
                        wishes.threshold);
    const char *const inputs[] = {words[0],      wishes.config,   wishes.labels,
                                  wishes.golden, wishes.check[0], wishes.check[1]};
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++)
        if (inputs[i] && file_same(inputs[i], wishes.output))
            return cli_fail(CLI_BAD_USAGE, "-o %s would replace an input", wishes.output);
    while (wishes.kind < BOARD_KINDS &&
           !(wishes.emit && strcmp(wishes.emit, board_kinds[wishes.kind]) == 0))
        wishes.kind++;
    struct fovea_recipe recipe = recipe_default();
    if (!recipe_take(&wishes.recipe, &recipe)) return CLI_BAD_USAGE;
    struct pool pool = {.limits = &limits};
    struct trouble trouble = {0};
    struct job job = {.trouble = &trouble, .start_ms = now_ms(), .shown = -1};
    bool done = convert_file(words[0], &wishes, &recipe, &pool, &job);
    output_abandon(&job.output);
    pool_free(&pool);
    return done ? CLI_DONE : cli_trouble(&trouble);
}

const struct command command_convert = {
    "convert",
    "IN.keras -o OUT.fovea [...]",
    "Converts a trained Keras file into a model",
    "Reads .keras, .h5 and .hdf5 files of Keras 1 to 3 (model.save), and files of weights "
    "(save_weights) together with the model's JSON. The preprocessing of photos in training is "
    "stored in the model, so that run needs no flags and an app cannot get it wrong.",
    convert_run,
};
