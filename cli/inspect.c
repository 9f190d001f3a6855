/* fovea inspect: what is in a model, layer by layer. */
#include <string.h>

#include "cli/board.h"
#include "engine/session.h"

static const char *const resize_names[FOVEA_RESIZE_COUNT] = {
    [FOVEA_RESIZE_NONE] = "none",
    [FOVEA_RESIZE_PIL_NEAREST] = "pil-nearest",
    [FOVEA_RESIZE_PIL_BOX] = "pil-box",
    [FOVEA_RESIZE_PIL_BILINEAR] = "pil-bilinear",
    [FOVEA_RESIZE_PIL_BICUBIC] = "pil-bicubic",
    [FOVEA_RESIZE_PIL_LANCZOS] = "pil-lanczos",
    [FOVEA_RESIZE_TF_BILINEAR] = "tf-bilinear",
    [FOVEA_RESIZE_TF_NEAREST] = "tf-nearest",
};
static const char *const fit_names[FOVEA_FIT_COUNT] = {"stretch", "crop"};
static const char *const colour_names[FOVEA_COLOUR_COUNT] = {"rgb", "bgr", "grey"};
static const char *const note_keys[] = {"source", "source-hash", "keras", "converter"};
#define NOTE_KEYS (sizeof note_keys / sizeof note_keys[0])

static bool is_picture(const struct fovea_shape *shape) {
    return shape->rank == 3 && (shape->dims[2] == 1 || shape->dims[2] == 3);
}

/* The step's output goes to the next one by rows, and never lies in memory as a whole. */
static bool goes_by_rows(const struct engine *engine, size_t step) {
    const struct fovea_session *session = engine->session;
    return fovea_blob_passed(&session->model, session->model.inputs + session->steps[step].node);
}

struct totals {
    uint64_t macs, weights;
    unsigned halves; /* steps */
};

static struct totals add_steps(const struct engine *engine) {
    struct totals totals = {0, 0, 0};
    struct fovea_step_info info;
    for (size_t i = 0; fovea_step_describe(engine->session, i, &info); i++) {
        totals.macs += info.macs;
        totals.weights += info.weights;
        totals.halves += strcmp(info.type, "f16") == 0;
    }
    return totals;
}

static void print_recipe(const struct fovea_recipe *r) {
    printf("    photo: %s, %s, resize %s; (pixel * %.9g - [%g %g %g]) / [%g %g %g]%s\n",
           colour_names[r->colour], fit_names[r->fit], resize_names[r->resize], (double)r->scale,
           (double)r->mean[0], (double)r->mean[1], (double)r->mean[2], (double)r->std[0],
           (double)r->std[1], (double)r->std[2], r->assumed ? " (assumed)" : "");
}

static void print_for_people(const struct engine *engine, const char *path) {
    struct fovea_io io;
    struct fovea_step_info info;
    char shape[SHAPE_TEXT];
    printf("%s: %zu bytes\n", path, engine->file.size);
    for (size_t i = 0; i < NOTE_KEYS; i++) {
        const char *note = fovea_model_note(&engine->model, note_keys[i]);
        if (note) printf("  %-12s %s\n", note_keys[i], note);
    }
    for (size_t i = 0; fovea_model_input(&engine->model, i, &io) == FOVEA_OK; i++) {
        printf("  input  %zu: %s, %s\n", i, io.name, print_shape(&io.shape, shape, sizeof shape));
        if (is_picture(&io.shape)) print_recipe(&io.recipe);
    }
    for (size_t i = 0; fovea_model_output(&engine->model, i, &io) == FOVEA_OK; i++) {
        printf("  output %zu: %s, %s\n", i, io.name, print_shape(&io.shape, shape, sizeof shape));
        for (uint32_t l = 0; l < io.labels; l++)
            printf("    %u %s\n", l, fovea_model_label(&engine->model, i, l));
    }
    printf("\n%4s %-28s %-11s %-16s %12s %14s %12s  %s\n", "step", "layer", "operator", "output",
           "weights", "MACs", "arena at", "kernel");
    for (size_t i = 0; fovea_step_describe(engine->session, i, &info); i++) {
        char place[24] = "by rows";
        if (!goes_by_rows(engine, i))
            snprintf(place, sizeof place, "%llu", (unsigned long long)info.arena_offset);
        printf("%4zu %-28s %-11s %-16s %12llu %14llu %12s  %s%s%s%s\n", i, info.name, info.op,
               print_shape(&info.shape, shape, sizeof shape), (unsigned long long)info.weights,
               (unsigned long long)info.macs, place, info.kernel, *info.isa ? " " : "", info.isa,
               strcmp(info.type, "f16") == 0 ? ", float16" : "");
    }
    struct totals totals = add_steps(engine);
    printf("\n%llu weights, %.3f million MACs, %zu bytes of memory in all\n",
           (unsigned long long)totals.weights, (double)totals.macs * 1e-6, engine->bytes);
    struct fovea_memory memory = fovea_session_memory(engine->session);
    printf("of them %zu for tensors, %zu of scratch, %zu for tables and weights laid out anew\n",
           memory.tensors, memory.scratch, engine->bytes - memory.tensors - memory.scratch);
    print_saved(engine);
    if (totals.halves) printf("%u layers keep their kernels as float16\n", totals.halves);
}

static void json_shape(const struct fovea_shape *shape) {
    printf("[");
    for (uint32_t i = 0; i < shape->rank; i++) printf(i ? ",%u" : "%u", shape->dims[i]);
    printf("]");
}

static void json_io(const struct engine *engine, bool input) {
    struct fovea_io io;
    printf("\"%s\":[", input ? "inputs" : "outputs");
    for (size_t i = 0;
         (input ? fovea_model_input : fovea_model_output)(&engine->model, i, &io) == FOVEA_OK;
         i++) {
        printf("%s{\"name\":", i ? "," : "");
        print_json_text(stdout, io.name);
        printf(",\"shape\":");
        json_shape(&io.shape);
        if (input && is_picture(&io.shape)) {
            const struct fovea_recipe *r = &io.recipe;
            printf(",\"photo\":{\"colour\":\"%s\",\"fit\":\"%s\",\"resize\":\"%s\",\"scale\":%.9g,"
                   "\"mean\":[%.9g,%.9g,%.9g],\"std\":[%.9g,%.9g,%.9g],\"assumed\":%s}",
                   colour_names[r->colour], fit_names[r->fit], resize_names[r->resize],
                   (double)r->scale, (double)r->mean[0], (double)r->mean[1], (double)r->mean[2],
                   (double)r->std[0], (double)r->std[1], (double)r->std[2],
                   r->assumed ? "true" : "false");
        }
        if (!input && io.labels) {
            printf(",\"labels\":[");
            for (uint32_t l = 0; l < io.labels; l++) {
                if (l) printf(",");
                print_json_text(stdout, fovea_model_label(&engine->model, i, l));
            }
            printf("]");
        }
        printf("}");
    }
    printf("],");
}

static void print_json(const struct engine *engine, const char *path) {
    struct fovea_step_info info;
    struct totals totals = add_steps(engine);
    printf("{\"model\":");
    print_json_text(stdout, path);
    struct fovea_memory memory = fovea_session_memory(engine->session);
    printf(",\"tensor_bytes\":%zu,\"scratch_bytes\":%zu,\"saved_bytes\":%zu", memory.tensors,
           memory.scratch, engine_saved(engine));
    printf(",\"bytes\":%zu,\"arena_bytes\":%zu,\"weights\":%llu,\"macs\":%llu,\"notes\":{",
           engine->file.size, engine->bytes, (unsigned long long)totals.weights,
           (unsigned long long)totals.macs);
    const char *comma = "";
    for (size_t i = 0; i < NOTE_KEYS; i++) {
        const char *note = fovea_model_note(&engine->model, note_keys[i]);
        if (!note) continue;
        printf("%s\"%s\":", comma, note_keys[i]);
        print_json_text(stdout, note);
        comma = ",";
    }
    printf("},");
    json_io(engine, true);
    json_io(engine, false);
    printf("\"steps\":[");
    for (size_t i = 0; fovea_step_describe(engine->session, i, &info); i++) {
        printf("%s{\"layer\":", i ? "," : "");
        print_json_text(stdout, info.name);
        printf(",\"op\":\"%s\",\"shape\":", info.op);
        json_shape(&info.shape);
        printf(",\"weights\":%llu,\"macs\":%llu,\"arena_offset\":%llu,\"kernel\":\"%s\","
               "\"isa\":\"%s\",\"weights_as\":\"%s\"}",
               (unsigned long long)info.weights, (unsigned long long)info.macs,
               (unsigned long long)info.arena_offset, info.kernel, info.isa, info.type);
    }
    printf("]}\n");
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
