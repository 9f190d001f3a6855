/* fovea inspect: what is in a model, layer by layer. */
#include <stddef.h>
#include <string.h>

#include "cli/board.h"
#include "cli/json.h"
#include "cli/recipe.h"
#include "engine/session.h"

/* The reason of layers whose kind knows one way only: not told. */
#define NO_OTHER_WAY "Y-008"

static const char *const note_keys[] = {"source",    "source-hash", "keras",
                                        "converter", "threshold",   "open-sizes"};

/* ---- what is told, each fact once: for people and as JSON ---- */

/* Numbers of the model as a whole. */
struct numbers {
    uint64_t bytes, arena, tensors, scratch, tables, saved, halves, eights, weights, macs;
};

static const struct {
    const char *key, *text; /* no text: others say it (print_saved) */
    size_t at;
    bool rare; /* not told to people where it is 0 */
} number_facts[] = {
#define NUMBER(key, text, field, rare)                                                             \
    { key, text, offsetof(struct numbers, field), rare }
    NUMBER("bytes", "bytes of the file", bytes, false),
    NUMBER("arena_bytes", "bytes of memory while it is in use", arena, false),
    NUMBER("tensor_bytes", "bytes of it for tensors", tensors, false),
    NUMBER("scratch_bytes", "bytes of it for scratch", scratch, false),
    NUMBER("table_bytes", "bytes of it for tables and weights laid out anew", tables, false),
    NUMBER("saved_bytes", NULL, saved, false),
    NUMBER("f16_layers", "layers with weights in float16", halves, true),
    NUMBER("i8_layers", "layers with weights in 8 bits", eights, true),
    NUMBER("weights", "weights", weights, false),
    NUMBER("macs", "multiply-adds (MACs) in a run", macs, false),
};

/* Words of a photo's recipe. */
static const struct {
    const char *key;
    const struct choice *words;
    size_t at;
    bool rare; /* not told to people where it is the first of its words */
} recipe_facts[] = {
#define WORD(key, words, field, rare)                                                              \
    { key, words, offsetof(struct fovea_recipe, field), rare }
    WORD("colour", colour_choices, colour, false),
    WORD("fit", fit_choices, fit, false),
    WORD("resize", resize_choices, resize, false),
    WORD("transform", transform_choices, transform, true),
    WORD("shrink", shrink_choices, shrink, true),
    WORD("orientation", orientation_choices, orientation, true),
    WORD("tta", symmetries_choices, symmetries, true),
};

/* What fovea_step_describe knows of a step. */
enum step_kind { STEP_TEXT, STEP_SHAPE, STEP_WHOLE, STEP_PLACE };
static const struct {
    const char *key, *title; /* without a title: for people, part of the column before */
    int width;               /* of the column; negative: to the left */
    const char *before;      /* stands before it where there is something to tell */
    const char *usual;       /* what an empty text means; not told to people */
    enum step_kind kind;
    size_t at;
} step_facts[] = {
#define STEP(key, title, width, before, usual, kind, field)                                        \
    { key, title, width, before, usual, kind, offsetof(struct fovea_step_info, field) }
    STEP("layer", "layer", -28, " ", "", STEP_TEXT, name),
    STEP("op", "operator", -11, " ", "", STEP_TEXT, op),
    STEP("shape", "output", -16, " ", "", STEP_SHAPE, shape),
    STEP("weights", "weights", 12, " ", "", STEP_WHOLE, weights),
    STEP("macs", "MACs", 14, " ", "", STEP_WHOLE, macs),
    STEP("arena_offset", "arena at", 12, " ", "", STEP_PLACE, arena_offset),
    STEP("way", "way", -8, "  ", "", STEP_TEXT, way),
    STEP("kernel", "kernel", 0, "  ", "", STEP_TEXT, kernel),
    STEP("isa", NULL, 0, " ", "", STEP_TEXT, isa),
    STEP("weights_as", NULL, 0, ", ", "f32", STEP_TEXT, type),
};

#define COUNT(table) (sizeof table / sizeof table[0])

static uint32_t recipe_value(const struct fovea_recipe *recipe, size_t fact) {
    uint32_t value; /* an enum of the public header */
    memcpy(&value, (const char *)recipe + recipe_facts[fact].at, sizeof value);
    return value;
}

static uint64_t step_number(const struct fovea_step_info *info, size_t fact) {
    return *(const uint64_t *)((const char *)info + step_facts[fact].at);
}

static const char *step_text(const struct fovea_step_info *info, size_t fact) {
    const char *const text = *(const char *const *)((const char *)info + step_facts[fact].at);
    return *text ? text : step_facts[fact].usual;
}

static uint64_t number_of(const struct numbers *numbers, size_t fact) {
    return *(const uint64_t *)((const char *)numbers + number_facts[fact].at);
}

static struct numbers numbers_of(const struct engine *engine) {
    const struct fovea_memory memory = fovea_session_memory(engine->session);
    struct numbers numbers = {.bytes = engine->file.size,
                              .arena = engine->bytes,
                              .tensors = memory.tensors,
                              .scratch = memory.scratch,
                              .tables = engine->bytes - memory.tensors - memory.scratch,
                              .saved = engine_saved(engine)};
    struct fovea_step_info info;
    for (size_t i = 0; fovea_step_describe(engine->session, i, &info); i++) {
        numbers.macs += info.macs;
        numbers.weights += info.weights;
        numbers.halves += strcmp(info.type, "f16") == 0;
        numbers.eights += strcmp(info.type, "i8") == 0;
    }
    return numbers;
}

static bool is_picture(const struct fovea_io *io) {
    struct fovea_picture picture;
    return fovea_picture_of(&io->shape, &picture) && (io->shape.rank == 3 || !io->recipe.open);
}

/* The step's output goes to the next one by rows, and never lies in memory as a whole. */
static bool goes_by_rows(const struct engine *engine, size_t step) {
    const struct fovea_session *session = engine->session;
    return fovea_blob_passed(&session->model, session->model.inputs + session->steps[step].node);
}

/* ---- for people ---- */

static void print_recipe(const struct fovea_recipe *r) {
    say("    photo:");
    for (size_t i = 0, told = 0; i < COUNT(recipe_facts); i++) {
        const uint32_t value = recipe_value(r, i);
        if (!recipe_facts[i].rare || value)
            say("%s %s %s", told++ ? "," : "", recipe_facts[i].key,
                choice_word(recipe_facts[i].words, value));
    }
    if (r->open) {
        say("; how pixels are scaled is open: photos are refused\n");
        return;
    }
    say("; (pixel * %.9g - [%g %g %g]) / [%g %g %g]%s\n", (double)r->scale, (double)r->mean[0],
        (double)r->mean[1], (double)r->mean[2], (double)r->std[0], (double)r->std[1],
        (double)r->std[2], r->assumed ? " (assumed)" : "");
    for (uint32_t i = 0; i < r->steps; i++) {
        char text[RECIPE_STEP_TEXT];
        say("    %s step %s\n",
            i ? "     " : "photo:", recipe_step_text(&r->step[i], text, sizeof text));
    }
}

static void print_ends(const struct fovea_model *model) {
    struct fovea_io io;
    char shape[SHAPE_TEXT];
    for (size_t i = 0; fovea_model_input(model, i, &io) == FOVEA_OK; i++) {
        say("  input  %zu: %s, %s\n", i, io.name, print_shape(&io.shape, shape, sizeof shape));
        if (is_picture(&io)) print_recipe(&io.recipe);
    }
    for (size_t i = 0; fovea_model_output(model, i, &io) == FOVEA_OK; i++) {
        say("  output %zu: %s, %s\n", i, io.name, print_shape(&io.shape, shape, sizeof shape));
        for (uint32_t l = 0; l < io.labels; l++)
            say("    %u %s\n", l, fovea_model_label(model, i, l));
    }
}

static void print_step(const struct engine *engine, size_t index,
                       const struct fovea_step_info *info) {
    say("%4zu", index);
    for (size_t i = 0; i < COUNT(step_facts); i++) {
        char text[SHAPE_TEXT] = "by rows";
        const char *word = text;
        if (step_facts[i].kind == STEP_TEXT)
            word = step_text(info, i);
        else if (step_facts[i].kind == STEP_SHAPE)
            print_shape(&info->shape, text, sizeof text);
        else if (step_facts[i].kind == STEP_WHOLE || !goes_by_rows(engine, index))
            snprintf(text, sizeof text, "%llu", (unsigned long long)step_number(info, i));
        if (step_facts[i].title || strcmp(word, step_facts[i].usual) != 0)
            say("%s%*s", step_facts[i].before, step_facts[i].width, word);
    }
    say("\n");
}

static void print_steps(const struct engine *engine) {
    struct fovea_step_info info;
    say("\n%4s", "step");
    for (size_t i = 0; i < COUNT(step_facts); i++)
        if (step_facts[i].title)
            say("%s%*s", step_facts[i].before, step_facts[i].width, step_facts[i].title);
    say("\n");
    for (size_t i = 0; fovea_step_describe(engine->session, i, &info); i++)
        print_step(engine, i, &info);
}

/* Layers that are computed as they are defined although others of their kind are not: each reason once, with
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

static void print_for_people(const struct engine *engine, const char *path) {
    const struct numbers numbers = numbers_of(engine);
    say("%s\n", path);
    for (size_t i = 0; i < COUNT(note_keys); i++) {
        const char *note = fovea_model_note(&engine->model, note_keys[i]);
        if (note) say("  %-12s %s\n", note_keys[i], note);
    }
    print_ends(&engine->model);
    print_steps(engine);
    say("\n");
    for (size_t i = 0; i < COUNT(number_facts); i++) {
        const unsigned long long value = number_of(&numbers, i);
        if (number_facts[i].text && (value || !number_facts[i].rare))
            say("%14llu %s\n", value, number_facts[i].text);
    }
    print_saved(engine);
    print_reasons(engine);
}

/* ---- as JSON ---- */

static void json_floats(struct json_writer *json, const char *key, const float *values,
                        size_t count) {
    json_array(json, key);
    for (size_t i = 0; i < count; i++) json_number(json, NULL, (double)values[i]);
    json_close(json);
}

static void json_recipe(struct json_writer *json, const struct fovea_recipe *r) {
    json_object(json, "photo");
    for (size_t i = 0; i < COUNT(recipe_facts); i++)
        json_string(json, recipe_facts[i].key,
                    choice_word(recipe_facts[i].words, recipe_value(r, i)));
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

static void json_labels(struct json_writer *json, const struct fovea_model *model, size_t output,
                        uint32_t labels) {
    if (labels == 0) return;
    json_array(json, "labels");
    for (uint32_t l = 0; l < labels; l++)
        json_string(json, NULL, fovea_model_label(model, output, l));
    json_close(json);
}

static void json_ends(struct json_writer *json, const struct fovea_model *model) {
    struct fovea_io io = {0};
    for (int side = 0; side < 2; side++) {
        json_array(json, side ? "outputs" : "inputs");
        for (size_t i = 0;
             (side ? fovea_model_output : fovea_model_input)(model, i, &io) == FOVEA_OK; i++) {
            json_object(json, NULL);
            json_string(json, "name", io.name);
            json_shape(json, "shape", &io.shape);
            if (side == 0 && is_picture(&io)) json_recipe(json, &io.recipe);
            json_labels(json, model, i, io.labels);
            json_close(json);
        }
        json_close(json);
    }
}

static void json_steps(struct json_writer *json, const struct engine *engine) {
    struct fovea_step_info info;
    json_array(json, "steps");
    for (size_t i = 0; fovea_step_describe(engine->session, i, &info); i++) {
        json_object(json, NULL);
        for (size_t k = 0; k < COUNT(step_facts); k++)
            if (step_facts[k].kind == STEP_TEXT)
                json_string(json, step_facts[k].key, step_text(&info, k));
            else if (step_facts[k].kind == STEP_SHAPE)
                json_shape(json, step_facts[k].key, &info.shape);
            else
                json_whole(json, step_facts[k].key, step_number(&info, k));
        json_string(json, "reason", info.reason); /* for people: print_reasons */
        json_close(json);
    }
    json_close(json);
}

static void print_json(const struct engine *engine, const char *path) {
    const struct numbers numbers = numbers_of(engine);
    struct json_writer json = json_to(stdout);
    json_object(&json, NULL);
    json_string(&json, "model", path);
    for (size_t i = 0; i < COUNT(number_facts); i++)
        json_whole(&json, number_facts[i].key, number_of(&numbers, i));
    json_object(&json, "notes");
    for (size_t i = 0; i < COUNT(note_keys); i++) {
        const char *note = fovea_model_note(&engine->model, note_keys[i]);
        if (note) json_string(&json, note_keys[i], note);
    }
    json_close(&json);
    json_ends(&json, &engine->model);
    json_steps(&json, engine);
    json_close(&json);
}

static int inspect_run(int count, char **words) {
    bool json = false, board = false;
    struct engine_wishes wishes = {.threads = 1};
    const struct option options[] = {
        {"--json", OPTION_FLAG, &json, 0, 0, NULL, "one JSON object"},
        {"--board", OPTION_FLAG, &board, 0, 0, NULL,
         "what it needs on a board without an operating system"},
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
