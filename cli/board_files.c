/* A model as source files: a C array, an assembler file, a list of the operators it needs. */
#define _POSIX_C_SOURCE 200809L
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/board.h"
#include "engine/session.h"

const char *const board_kinds[BOARD_KINDS] = {"c", "asm", "ops"};

#define NAME_MAX_LENGTH 200

/* A file in the making: names in it, and the text so far. */
struct board_file {
    const struct engine *engine;
    FILE *out;
    char name[NAME_MAX_LENGTH], upper[NAME_MAX_LENGTH]; /* model, MODEL */
};

/* "out/my-net.h" -> my_net, MY_NET */
static bool file_names(struct board_file *file, const char *path, struct trouble *trouble) {
    const char *base = base_name(path), *dot = strrchr(base, '.');
    size_t length = dot ? (size_t)(dot - base) : strlen(base);
    if (length < 1 || length >= NAME_MAX_LENGTH)
        return fail(trouble, "%s: a name of C cannot be made from this file name", path);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)base[i];
        bool word = c < 0x80 && isalnum(c) && (i > 0 || !isdigit(c));
        file->name[i] = word ? (char)c : '_';
        file->upper[i] = word ? (char)toupper(c) : '_';
    }
    file->name[length] = file->upper[length] = 0;
    return true;
}

/* A text as a C string. Every byte that is not plain is written in octal, of three digits, so that
 * nothing behind it can be taken for a part of it. */
static void put_text(FILE *out, const char *text) {
    fputc('"', out);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if (*c < 0x20 || *c > 0x7e || *c == '"' || *c == '\\' || *c == '?')
            fprintf(out, "\\%03o", *c);
        else
            fputc(*c, out);
    fputc('"', out);
}

/* For a comment: what is not plain becomes a question mark. */
static void put_plain(FILE *out, const char *text) {
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        fputc(*c < 0x20 || *c > 0x7e || *c == '*' || *c == '\\' ? '?' : *c, out);
}

static void put_top(const struct board_file *file, const char *what) {
    const char *source = fovea_model_note(&file->engine->model, "source");
    fprintf(file->out, "/* %s\n * Made by fovea %d.%d.%d", what, FOVEA_VERSION_MAJOR,
            FOVEA_VERSION_MINOR, FOVEA_VERSION_PATCH);
    if (source) {
        fputs(" from ", file->out);
        put_plain(file->out, source);
    }
    fputs("; do not edit. */\n", file->out);
}

static void put_io(const struct board_file *file, const char *kind, size_t index,
                   const struct fovea_io *io) {
    fprintf(file->out, "#define %s_%s_%zu_COUNT %zu\n", file->upper, kind, index, io->count);
    fprintf(file->out, "#define %s_%s_%zu_SHAPE {", file->upper, kind, index);
    for (uint32_t d = 0; d < io->shape.rank; d++)
        fprintf(file->out, d ? ", %u" : "%u", io->shape.dims[d]);
    fprintf(file->out, io->shape.rank ? "}\n" : "1}\n");
}

static void put_ios(const struct board_file *file) {
    const struct fovea_model *model = &file->engine->model;
    struct fovea_io io;
    fprintf(file->out, "\n#define %s_INPUTS  %zu\n#define %s_OUTPUTS %zu\n", file->upper,
            fovea_model_inputs(model), file->upper, fovea_model_outputs(model));
    for (size_t i = 0; fovea_model_input(model, i, &io) == FOVEA_OK; i++)
        put_io(file, "INPUT", i, &io);
    for (size_t i = 0; fovea_model_output(model, i, &io) == FOVEA_OK; i++) {
        put_io(file, "OUTPUT", i, &io);
        if (!io.labels) continue;
        fprintf(file->out, "#define %s_OUTPUT_%zu_LABELS { \\\n", file->upper, i);
        for (uint32_t l = 0; l < io.labels; l++) {
            fputs("    ", file->out);
            put_text(file->out, fovea_model_label(model, i, l));
            fputs(l + 1 < io.labels ? ", \\\n" : "}\n", file->out);
        }
    }
}

static void put_array(const struct board_file *file) {
    const uint8_t *bytes = file->engine->file.bytes;
    size_t size = file->engine->file.size;
    fprintf(file->out, "\n%s_ALIGN static const unsigned char %s_blob[%s_BYTES] = {", file->upper,
            file->name, file->upper);
    for (size_t i = 0; i < size; i++) fprintf(file->out, i % 24 ? "%u," : "\n    %u,", bytes[i]);
    fputs("\n};\n", file->out);
}

/* The header: sizes, shapes, labels; then the blob itself, or where the linker finds it. */
static bool put_header(const struct board_file *file, bool whole, struct trouble *trouble) {
    struct board_memory memory;
    const char *up = file->upper;
    FILE *out = file->out;
    if (!board_measure(&file->engine->model, &memory, trouble)) return false;
    put_top(file, whole ? "A model as an array; include it in one file."
                        : "A model that stands in an assembler file.");
    fprintf(out, "#ifndef FOVEA_MODEL_%s_H\n#define FOVEA_MODEL_%s_H\n\n#include <stdint.h>\n\n",
            up, up);
    fprintf(out,
            "/* The model, and what fovea_plan needs with FOVEA_OPTIONS_SMALL on a little-endian "
            "machine:\n"
            " *     %s_ALIGN static unsigned char memory[%s_ARENA_BYTES];\n"
            " * or, of an engine that was compiled with FOVEA_STRIPES=0, %s_WHOLE_BYTES. */\n",
            up, up, up);
    fprintf(out, "#define %s_BYTES %zu\n", up, file->engine->file.size);
    fprintf(
        out,
        "#if UINTPTR_MAX > 0xffffffffu\n#define %s_ARENA_BYTES %zu\n#define %s_WHOLE_BYTES %zu\n"
        "#else\n#define %s_ARENA_BYTES %zu\n#define %s_WHOLE_BYTES %zu\n#endif\n",
        up, memory.wide, up, memory.wide_whole, up, memory.narrow, up, memory.narrow_whole);
    fprintf(out,
            "#if defined(__cplusplus)\n#define %s_ALIGN alignas(64)\n#else\n"
            "#define %s_ALIGN _Alignas(64)\n#endif\n",
            up, up);
    put_ios(file);
    if (whole)
        put_array(file);
    else
        fprintf(out,
                "\n#if defined(__cplusplus)\nextern \"C\" {\n#endif\n"
                "extern const unsigned char %s_blob[%s_BYTES];\n"
                "#if defined(__cplusplus)\n}\n#endif\n",
                file->name, up);
    fputs("\n#endif\n", out);
    return true;
}

/* For GNU's and LLVM's assemblers, run by the C compiler; Apple's objects have other directives. */
static void put_assembler(const struct board_file *file, const char *model) {
    put_top(file, "A model, taken in by the assembler as it is (found with -I, if elsewhere).");
    fprintf(file->out,
            "#if defined(__APPLE__)\n    .const\n#define BLOB _%s_blob\n#else\n"
            "    .section .rodata.%s_blob, \"a\"\n#define BLOB %s_blob\n#endif\n"
            "    .balign 64\n    .globl BLOB\nBLOB:\n    .incbin ",
            file->name, file->name, file->name);
    put_text(file->out, model);
    fputs("\n#if defined(__ELF__) && !defined(__arm__)\n"
          "    .section .note.GNU-stack, \"\", @progbits\n#endif\n",
          file->out);
}

/* ---- operators ---- */

static bool uses_op(const struct fovea_model *model, uint32_t op) {
    for (uint32_t n = 0; n < model->nodes; n++)
        if (fovea_blob_node(model, n).op == op) return true;
    return false;
}

/* What fitting photos into the model's inputs takes. */
static void put_recipes(const struct board_file *file) {
#define RESIZE(constant, word, resizer, what) #resizer,
    static const char *const resizers[] = {
#include "weights/recipe.def"
    };
    struct fovea_io io;
    bool steps = false;
    fputs("#ifdef RESIZER\n", file->out);
#define RESIZER(name)                                                                              \
    for (size_t i = 0; fovea_model_input(&file->engine->model, i, &io) == FOVEA_OK; i++)           \
        if (strcmp(resizers[io.recipe.resize], #name) == 0) {                                      \
            fputs("RESIZER(" #name ")\n", file->out);                                              \
            break;                                                                                 \
        }
#include "weights/built.def"
#undef RESIZER
    for (size_t i = 0; fovea_model_input(&file->engine->model, i, &io) == FOVEA_OK; i++)
        steps |= io.recipe.steps > 0;
    fprintf(file->out, "#endif\n#ifdef RECIPE_STEPS\n%s#endif\n", steps ? "RECIPE_STEPS(1)\n" : "");
}

static void put_rows(const struct board_file *file, const struct fovea_session *session) {
    const struct fovea_model *model = &file->engine->model;
    put_top(file, "The operators a model needs: -DFOVEA_OPS_FILE='\"THIS FILE\"'.");
    fputs("#ifdef OP\n", file->out);
#define OP(code, ...)                                                                              \
    if (uses_op(model, code)) fputs("OP(" #code ", " #__VA_ARGS__ ")\n", file->out);
#include "weights/ops.def"
#undef OP
    fputs("#endif\n#ifdef KERNEL\n", file->out);
#define USED(kind, name, arguments)                                                                \
    if (session->kernels >> FOVEA_KERNEL_##name & 1)                                               \
        fputs(#kind "(" #name ", " #arguments ")\n", file->out);
#define KERNEL(name, arguments)    USED(KERNEL, name, arguments)
#define REFERENCE(name, arguments) USED(REFERENCE, name, arguments)
#define FAST(name, arguments)      USED(FAST, name, arguments)
#include "kernels/kernels.def"
#undef KERNEL
#undef USED
    fputs("#endif\n", file->out);
    put_recipes(file);
}

/* Plans the model as a board does, to see what that takes. */
static bool put_ops(const struct board_file *file, struct trouble *trouble) {
    struct fovea_options options = FOVEA_OPTIONS_SMALL;
    struct fovea_error error;
    fovea_session *session;
    size_t bytes;
    options.cpu_mask = FOVEA_CPU_PORTABLE;
    if (fovea_measure(&file->engine->model, &options, &bytes, &error) != FOVEA_OK)
        return fail_check(trouble, error.check, "%s", error.text);
    void *memory = memory_get(bytes);
    if (!memory) return fail(trouble, "out of memory");
    bool done =
        fovea_plan(&file->engine->model, &options, memory, bytes, &session, &error) == FOVEA_OK ||
        fail_check(trouble, error.check, "%s", error.text);
    if (done) put_rows(file, session);
    memory_put(memory);
    return done;
}

/* ---- files ---- */

/* `path` with another suffix, to be freed. */
static char *with_suffix(const char *path, const char *suffix) {
    const char *base = base_name(path), *dot = strrchr(base, '.');
    size_t length = dot ? (size_t)(dot - path) : strlen(path);
    char *other = malloc(length + strlen(suffix) + 1);
    if (!other) return NULL;
    memcpy(other, path, length);
    strcpy(other + length, suffix);
    return other;
}

/* One text made by `kind` (or, with `header`, the header beside an assembler file) and written. */
static bool write_text(struct board_file *file, enum board_kind kind, bool header, const char *path,
                       const char *model, struct trouble *trouble) {
    struct file_output output = {0};
    file->out = output_open(&output, path, trouble) ? output_stream(&output) : NULL;
    bool done = file->out != NULL;
    if (!done) {
        output_abandon(&output);
        return false;
    }
    if (kind == BOARD_OPS)
        done = put_ops(file, trouble);
    else if (kind == BOARD_C || header)
        done = put_header(file, kind == BOARD_C, trouble);
    else
        put_assembler(file, base_name(model));
    bool written = !ferror(file->out);
    if (fclose(file->out) != 0 || !written)
        done = fail(trouble, "cannot write %s: %s", path, strerror(errno));
    done = done && output_commit(&output);
    output_abandon(&output);
    return done;
}

bool board_emit(enum board_kind kind, const struct engine *engine, const char *path,
                struct trouble *trouble) {
    struct board_file file = {.engine = engine};
    if (!file_names(&file, path, trouble)) return false;
    if (kind != BOARD_ASM) return write_text(&file, kind, false, path, NULL, trouble);
    char *model = with_suffix(path, ".fovea"), *header = with_suffix(path, ".h");
    bool done = (model && header) || fail(trouble, "out of memory");
    if (done && (strcmp(model, path) == 0 || strcmp(header, path) == 0))
        done = fail(trouble, "%s: --emit asm writes three files; call this one .S", path);
    done = done && file_write(model, engine->file.bytes, engine->file.size, trouble) &&
           write_text(&file, kind, true, header, model, trouble) &&
           write_text(&file, kind, false, path, model, trouble);
    free(model);
    free(header);
    return done;
}
