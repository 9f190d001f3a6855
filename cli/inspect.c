/* fovea inspect: what is in a model, layer by layer. */
#include <string.h>

#include "cli/board.h"
#include "cli/json.h"
#include "cli/recipe.h"
#include "engine/session.h"

static const char *const note_keys[] = {"source",    "source-hash", "keras",
                                        "converter", "threshold",   "open-sizes"};
#define NO_OTHER_WAY "Y-008"
#define NOTE_KEYS    (sizeof note_keys / sizeof note_keys[0])

static bool is_picture(const struct fovea_io *io) {
    struct fovea_picture picture;
    return fovea_picture_of(&io->shape, &picture) && (io->shape.rank == 3 || !io->recipe.open);
}

/* The step's output goes to the next one by rows, and never lies in memory as a whole. */
static bool goes_by_rows(const struct engine *engine, size_t step) {
    const struct fovea_session *session = engine->session;
    return fovea_blob_passed(&session->model, session->model.inputs + session->steps[step].node);
}

struct totals {
    uint64_t macs, weights;
    unsigned halves, bytes; /* steps */
};

static struct totals add_steps(const struct engine *engine) {
    struct totals totals = {0, 0, 0, 0};
    struct fovea_step_info info;
    for (size_t i = 0; fovea_step_describe(engine->session, i, &info); i++) {
        totals.macs += info.macs;
        totals.weights += info.weights;
        totals.halves += strcmp(info.type, "f16") == 0;
        totals.bytes += strcmp(info.type, "i8") == 0;
    }
    return totals;
}

static void print_recipe(const struct fovea_recipe *r) {
    if (r->open) {
        say("    photo: %s, %s, resize %s; how pixels are scaled is open: photos are refused\n",
            choice_word(colour_choices, r->colour), choice_word(fit_choices, r->fit),
            choice_word(resize_choices, r->resize));
        return;
    }
    say("    photo: %s, %s, resize %s; (pixel * %.9g - [%g %g %g]) / [%g %g %g]%s\n",
        choice_word(colour_choices, r->colour), choice_word(fit_choices, r->fit),
        choice_word(resize_choices, r->resize), (double)r->scale, (double)r->mean[0],
        (double)r->mean[1], (double)r->mean[2], (double)r->std[0], (double)r->std[1],
        (double)r->std[2], r->assumed ? " (assumed)" : "");
    for (uint32_t i = 0; i < r->steps; i++) {
        char text[RECIPE_STEP_TEXT];
        say("    %s step %s\n",
            i ? "     " : "photo:", recipe_step_text(&r->step[i], text, sizeof text));
    }
}

/* Layers that are done as they are defined although other layers of their kind are not: each reason once, with
 * the layers it holds for. */
static void print_reasons(const struct engine *engine) {
    struct fovea_step_info info, other;
    for (size_t i = 0; fovea_step_describe(engine->session, i, &info); i++) {
        size_t before = 0, count = 0;
        if (!*info.reason || strncmp(info.reason, NO_OTHER_WAY, strlen(NO_OTHER_WAY)) == 0)
            continue;
        for (size_t k = 0; k < i && fovea_step_describe(engine->session, k, &other); k++)
            before += strcmp(info.reason, other.reason) == 0;
        if (before > 0) continue;
        say("%s:", info.reason);
        for (size_t k = i; fovea_step_describe(engine->session, k, &other); k++)
            if (strcmp(info.reason, other.reason) == 0)
                say("%s %s", count++ ? "," : "", other.name);
        say("\n");
    }
}

/* What is not as usual of how photo files are read. */
static void print_reading(const struct fovea_recipe *r) {
    if (r->transform) say("    JPEG: transform %s\n", choice_word(transform_choices, r->transform));
    if (r->shrink) say("    JPEG: shrink %s\n", choice_word(shrink_choices, r->shrink));
    if (r->orientation)
        say("    EXIF: orientation %s\n", choice_word(orientation_choices, r->orientation));
    if (r->symmetries)
        say("    test-time augmentation: %s\n", choice_word(symmetries_choices, r->symmetries));
}

static void print_for_people(const struct engine *engine, const char *path) {
    struct fovea_io io;
    struct fovea_step_info info;
    char shape[SHAPE_TEXT];
    say("%s: %zu bytes\n", path, engine->file.size);
    for (size_t i = 0; i < NOTE_KEYS; i++) {
        const char *note = fovea_model_note(&engine->model, note_keys[i]);
        if (note) say("  %-12s %s\n", note_keys[i], note);
    }
    for (size_t i = 0; fovea_model_input(&engine->model, i, &io) == FOVEA_OK; i++) {
        say("  input  %zu: %s, %s\n", i, io.name, print_shape(&io.shape, shape, sizeof shape));
        if (is_picture(&io)) print_recipe(&io.recipe);
        if (is_picture(&io)) print_reading(&io.recipe);
    }
    for (size_t i = 0; fovea_model_output(&engine->model, i, &io) == FOVEA_OK; i++) {
        say("  output %zu: %s, %s\n", i, io.name, print_shape(&io.shape, shape, sizeof shape));
        for (uint32_t l = 0; l < io.labels; l++)
            say("    %u %s\n", l, fovea_model_label(&engine->model, i, l));
    }
    say("\n%4s %-28s %-11s %-16s %12s %14s %12s  %-8s  %s\n", "step", "layer", "operator", "output",
        "weights", "MACs", "arena at", "way", "kernel");
    for (size_t i = 0; fovea_step_describe(engine->session, i, &info); i++) {
        char place[24] = "by rows";
        if (!goes_by_rows(engine, i))
            snprintf(place, sizeof place, "%llu", (unsigned long long)info.arena_offset);
        say("%4zu %-28s %-11s %-16s %12llu %14llu %12s  %-8s  %s%s%s%s\n", i, info.name, info.op,
            print_shape(&info.shape, shape, sizeof shape), (unsigned long long)info.weights,
            (unsigned long long)info.macs, place, info.way, info.kernel, *info.isa ? " " : "",
            info.isa,
            strcmp(info.type, "f16") == 0  ? ", float16"
            : strcmp(info.type, "i8") == 0 ? ", 8 bits"
                                           : "");
    }
    struct totals totals = add_steps(engine);
    say("\n%llu weights, %.3f million MACs, %zu bytes of memory in all\n",
        (unsigned long long)totals.weights, (double)totals.macs * 1e-6, engine->bytes);
    struct fovea_memory memory = fovea_session_memory(engine->session);
    say("of them %zu for tensors, %zu of scratch, %zu for tables and weights laid out anew\n",
        memory.tensors, memory.scratch, engine->bytes - memory.tensors - memory.scratch);
    print_reasons(engine);
    print_saved(engine);
    if (totals.halves) say("%u layers keep their kernels as float16\n", totals.halves);
    if (totals.bytes) say("%u layers keep their kernels in 8 bits\n", totals.bytes);
}

static void json_floats(struct json_writer *json, const char *key, const float *values,
                        size_t count) {
    json_array(json, key);
    for (size_t i = 0; i < count; i++) json_number(json, NULL, (double)values[i]);
    json_close(json);
}

static void json_recipe(struct json_writer *json, const struct fovea_recipe *r) {
    json_object(json, "photo");
    json_string(json, "colour", choice_word(colour_choices, r->colour));
    json_string(json, "fit", choice_word(fit_choices, r->fit));
    json_string(json, "resize", choice_word(resize_choices, r->resize));
    json_string(json, "transform", choice_word(transform_choices, r->transform));
    json_string(json, "shrink", choice_word(shrink_choices, r->shrink));
    json_string(json, "orientation", choice_word(orientation_choices, r->orientation));
    json_string(json, "tta", choice_word(symmetries_choices, r->symmetries));
    json_number(json, "scale", (double)r->scale);
    json_floats(json, "mean", r->mean, 3);
    json_floats(json, "std", r->std, 3);
    json_bool(json, "assumed", r->assumed);
    json_bool(json, "open", r->open);
    json_array(json, "steps");
    for (uint32_t i = 0; i < r->steps; i++) {
        char text[RECIPE_STEP_TEXT];
        json_string(json, NULL, recipe_step_text(&r->step[i], text, sizeof text));
    }
    json_close(json);
    json_close(json);
}

static void json_inputs(struct json_writer *json, const struct fovea_model *model) {
    struct fovea_io io;
    json_array(json, "inputs");
    for (size_t i = 0; fovea_model_input(model, i, &io) == FOVEA_OK; i++) {
        json_object(json, NULL);
        json_string(json, "name", io.name);
        json_shape(json, "shape", &io.shape);
        if (is_picture(&io)) json_recipe(json, &io.recipe);
        json_close(json);
    }
    json_close(json);
}

static void json_outputs(struct json_writer *json, const struct fovea_model *model) {
    struct fovea_io io;
    json_array(json, "outputs");
    for (size_t i = 0; fovea_model_output(model, i, &io) == FOVEA_OK; i++) {
        json_object(json, NULL);
        json_string(json, "name", io.name);
        json_shape(json, "shape", &io.shape);
        if (io.labels) {
            json_array(json, "labels");
            for (uint32_t l = 0; l < io.labels; l++)
                json_string(json, NULL, fovea_model_label(model, i, l));
            json_close(json);
        }
        json_close(json);
    }
    json_close(json);
}

static void json_steps(struct json_writer *json, const struct engine *engine) {
    struct fovea_step_info info;
    json_array(json, "steps");
    for (size_t i = 0; fovea_step_describe(engine->session, i, &info); i++) {
        json_object(json, NULL);
        json_string(json, "layer", info.name);
        json_string(json, "op", info.op);
        json_shape(json, "shape", &info.shape);
        json_whole(json, "weights", info.weights);
        json_whole(json, "macs", info.macs);
        json_whole(json, "arena_offset", info.arena_offset);
        json_string(json, "kernel", info.kernel);
        json_string(json, "isa", info.isa);
        json_string(json, "weights_as", *info.type ? info.type : "f32");
        json_string(json, "way", info.way);
        json_string(json, "reason", info.reason);
        json_close(json);
    }
    json_close(json);
}

static void print_json(const struct engine *engine, const char *path) {
    const struct totals totals = add_steps(engine);
    const struct fovea_memory memory = fovea_session_memory(engine->session);
    struct json_writer json = json_to(stdout);
    json_object(&json, NULL);
    json_string(&json, "model", path);
    json_whole(&json, "tensor_bytes", memory.tensors);
    json_whole(&json, "scratch_bytes", memory.scratch);
    json_whole(&json, "saved_bytes", engine_saved(engine));
    json_whole(&json, "bytes", engine->file.size);
    json_whole(&json, "arena_bytes", engine->bytes);
    json_whole(&json, "weights", totals.weights);
    json_whole(&json, "macs", totals.macs);
    json_object(&json, "notes");
    for (size_t i = 0; i < NOTE_KEYS; i++) {
        const char *note = fovea_model_note(&engine->model, note_keys[i]);
        if (note) json_string(&json, note_keys[i], note);
    }
    json_close(&json);
    json_inputs(&json, &engine->model);
    json_outputs(&json, &engine->model);
    json_steps(&json, engine);
    json_close(&json);
}

static int inspect_run(int count, char **words) {
    bool json = false, board = false;
    struct engine_wishes wishes = {.threads = 1};
    const struct option options[] = {
        {"--json", OPTION_FLAG, &json, 0, 0, NULL, "one JSON object"},
        {"--board", OPTION_FLAG, &board, 0, 0, NULL, "what it needs on a board without an OS"},
        ENGINE_OPTIONS(wishes){0},
    };
    count = options_take(&command_inspect, options, count, words);
    if (count < 0) return -1 - count;
    if (count != 1) return cli_fail(CLI_BAD_USAGE, "inspect takes one model");
    if (json && board) return cli_fail(CLI_BAD_USAGE, "inspect takes --json or --board, not both");
    struct trouble trouble = {0};
    struct engine engine;
    bool opened = engine_open(&engine, words[0], &wishes, &trouble);
    if (opened && board)
        opened = board_print(&engine, words[0], &trouble);
    else if (opened)
        (json ? print_json : print_for_people)(&engine, words[0]);
    engine_close(&engine);
    return opened ? CLI_DONE : cli_trouble(&trouble);
}

const struct command command_inspect = {
    "inspect",   "MODEL.fovea [--json] [--board]", "Shows what is in a model, layer by layer", NULL,
    inspect_run,
};
