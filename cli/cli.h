/* What the subcommands share. Exit codes: 0 done; 1 a file, or this machine, does not allow it; 2 the words
 * of the command are off, whatever is in the files. */
#ifndef FOVEA_CLI_CLI_H
#define FOVEA_CLI_CLI_H

#include <stdio.h>

#include "cli/choices.h"
#include "cli/say.h"
#include "convert/job/pool.h"
#include "weights/model.h"
#include "include/fovea_photo.h"
#include "include/fovea_threads.h"
#include "include/fovea_verdict.h"
#include "weights/check.h"

enum { CLI_DONE = 0, CLI_BAD_INPUT = 1, CLI_BAD_USAGE = 2 };

/* ---- options ---- */

enum option_kind {
    OPTION_FLAG,
    OPTION_TEXT,
    OPTION_WORD,   /* one of those in `value`, which has '|' between them */
    OPTION_CHOICE, /* one of choice_lists[low] (choices.h) */
    OPTION_PAIR,
    OPTION_WHOLE,
    OPTION_SHAPES,
    OPTION_LIMIT,
    OPTION_MANY, /* may be given more than once */
    OPTION_STEP, /* the same, of step_choices (choices.h) */
};

#define SHAPES_MAX 16

/* Of --input-shape: "64,64,3", or one for each input with slashes between them. */
struct shapes {
    struct fovea_shape shape[SHAPES_MAX];
    size_t count;
};

/* Of options that may be given more than once. */
#define GIVEN_MAX 16
struct given {
    const char *text[GIVEN_MAX];
    size_t count;
};

struct option {
    const char *name; /* "--top" or "-o" */
    enum option_kind kind;
    void *
        target; /* bool *, const char **, const char *[2], long *, const struct choice **, struct shapes *,
                     struct limits *, struct given * */
    long low,
        high; /* of OPTION_WHOLE; OPTION_SHAPES: how many shapes, and sizes of each, at most */
    const char *value; /* what the help calls the value */
    const char *help;
};

struct command {
    const char *name, *arguments, *summary, *details;
    int (*run)(int count, char **words); /* the words behind the command's name */
};

/* Takes the options out of `words` and leaves the others, in order; their number, or -1 - exit code
 * where the command has to end (--help was printed, or the words are off). `options` ends with a NULL
 * name; limits that one of them sets are the usual ones before. */
int options_take(const struct command *command, const struct option *options, int count,
                 char **words);

/* Prints "fovea: ..." on stderr; the exit code. */
int cli_fail(int code, const char *format, ...) FOVEA_PRINTF(2, 3);
/* The same of what a job met, with --verbose the check's id behind it; CLI_BAD_INPUT. */
int cli_trouble(const struct trouble *trouble);

extern const struct command command_convert, command_run, command_inspect, command_bench,
    command_selftest, command_evaluate, command_calibrate, command_explain, command_stress,
    command_drift, command_key, command_sign, command_verify;

/* ---- files ---- */

/* Memory for models and sessions, at a multiple of 64 bytes; NULL where there is none. Goes back to
 * memory_put, which takes NULL. */
void *memory_get(size_t bytes);
void memory_put(void *memory);

/* The whole of a file, mapped where possible, aligned to 64 bytes. False with `trouble` set. */
struct file_bytes {
    const uint8_t *bytes;
    size_t size;
    bool mapped;
};
bool file_open(const char *path, struct file_bytes *file, struct trouble *trouble);
void file_close(struct file_bytes *file);
bool file_exists(const char *path);
bool file_is_folder(const char *path);
bool file_is_special(const char *path); /* a device, a pipe, ... */

/* A file that is read piece by piece; "-" is standard input. Zeroed before use; input_close takes every
 * state. */
struct file_input {
    const char *path; /* outlives it */
    int descriptor;
    bool open, ended; /* ended: nothing more comes */
};
bool input_open(struct file_input *input, const char *path, struct trouble *trouble);
/* At most `size` bytes, as many as there are now; *got 0 at the end. */
bool input_read(struct file_input *input, char *bytes, size_t size, size_t *got,
                struct trouble *trouble);
/* `size` bytes that were read already and all that follow them, as a file in memory. */
bool input_rest(struct file_input *input, const char *bytes, size_t size, struct file_bytes *file,
                struct trouble *trouble);
void input_close(struct file_input *input);

/* Whether two paths lead to one file: a result must not replace what it was made from. */
bool file_same(const char *a, const char *b);
bool file_same_folder(const char *a, const char *b);

/* All bytes to a descriptor, however few are taken at once; false with errno set. */
bool file_put(int descriptor, const uint8_t *bytes, size_t size);

/* Writes a file as a whole or not at all: a temporary one beside it, then renamed. */
bool file_write(const char *path, const void *bytes, size_t size, struct trouble *trouble);

/* A stream to what is behind the first `keep` bytes of a file, the rest of which goes; it is made where there is none.
 * NULL with `trouble` set. */
FILE *file_append(const char *path, size_t keep, struct trouble *trouble);

/* A file being written piece by piece: it appears under its name only when all is well, with the rights of the file
 * it replaces; a link stays a link. Zeroed before use; output_abandon takes every state. */
struct file_output {
    const char *path;
    char *real;      /* where the path leads; NULL like temporary */
    char *temporary; /* NULL where the path is a device or a pipe, which is written to directly */
    int descriptor;
    bool open;
    struct trouble *trouble;
};
bool output_open(struct file_output *output, const char *path, struct trouble *trouble);
bool output_write(struct file_output *output, const uint8_t *bytes, size_t size);
/* For texts: a stream to the same file, to be closed before the output is; NULL with trouble set. */
FILE *output_stream(struct file_output *output);
bool output_patch(struct file_output *output, uint64_t at, const uint8_t *bytes, size_t size);
/* Whether it goes to a file, not to a device or a pipe, and can be read back before it gets its name. */
bool output_is_file(const struct file_output *output);
bool output_read(const struct file_output *output, struct file_bytes *file);
bool output_commit(struct file_output *output);
void output_abandon(struct file_output *output);

/* ---- a model in use ---- */

struct engine {
    struct file_bytes file;
    struct fovea_model model;
    struct fovea_options options;
    fovea_threads *threads;
    void *memory, *tables; /* tables: of a resized model */
    size_t bytes;
    fovea_session *session;
    fovea_judge *judge; /* of the session, where wishes.judged; else NULL */
    void *judge_memory;
    double load_ms;
};
/* How to plan: threads; `isa` NULL: the best there is; `shapes`: none, or height and width for
 * the inputs that are pictures. */
struct engine_wishes {
    long threads;
    const struct choice *isa;
    struct shapes shapes;
    const char *memory; /* NULL or "fast", "small" */
    struct given keys;  /* public keys, one of which must have signed the file; none: any file */
    bool exact;
    bool
        judged; /* the session has a judge, who watches what it needs: no option of the command line */
};
#define ENGINE_OPTIONS(wishes)                                                                     \
    {"--public",                                                                                   \
     OPTION_MANY,                                                                                  \
     &(wishes).keys,                                                                               \
     0,                                                                                            \
     0,                                                                                            \
     "KEY",                                                                                        \
     "accept only a file signed by this key (fovea sign)"},                                        \
        {"--threads",       OPTION_WHOLE, &(wishes).threads,      1,                               \
         FOVEA_THREADS_MAX, "N",          "number of threads (1)"},                                \
        {"--isa", OPTION_CHOICE, &(wishes).isa, CHOICES_ISA, 0, "NAME", "instruction set"},        \
        {"--input-shape",                                                                          \
         OPTION_SHAPES,                                                                            \
         &(wishes).shapes,                                                                         \
         1,                                                                                        \
         2,                                                                                        \
         "H,W",                                                                                    \
         "another size for a fully convolutional model"},                                          \
        {"--exact",                                                                                \
         OPTION_FLAG,                                                                              \
         &(wishes).exact,                                                                          \
         0,                                                                                        \
         0,                                                                                        \
         NULL,                                                                                     \
         "sums in the order that defines the layer: no Winograd, no Strassen"},                    \
        {"--memory",                                                                               \
         OPTION_WORD,                                                                              \
         &(wishes).memory,                                                                         \
         0,                                                                                        \
         0,                                                                                        \
         "fast|small",                                                                             \
         "small: nothing that only gains speed, and large tensors computed row by row; prints "    \
         "the saving"},

/* Opens and plans. False with `trouble` set; engine_close takes every state. */
bool engine_open(struct engine *engine, const char *path, const struct engine_wishes *wishes,
                 struct trouble *trouble);
/* The same for a file that is open already, which becomes the engine's; `name` is for messages. */
bool engine_open_file(struct engine *engine, struct file_bytes *file, const char *name,
                      const struct engine_wishes *wishes, struct trouble *trouble);
/* The same for a model in memory that outlives the engine; `name` is for messages. */
bool engine_open_bytes(struct engine *engine, const void *bytes, size_t size, const char *name,
                       const struct engine_wishes *wishes, struct trouble *trouble);
/* Only options and threads; what the others begin with. */
bool engine_start(struct engine *engine, const struct engine_wishes *wishes,
                  struct trouble *trouble);
/* Plans once more, with engine->options as they are now. */
bool engine_plan(struct engine *engine, const char *path, struct trouble *trouble);
void engine_close(struct engine *engine);
/* Another session of the same kind, in memory of its own that goes back to memory_put, and its judge, where the engine has one.
 * False with `trouble` set; what was taken stays in `seat`, for seat_close. */
struct seat {
    void *memory, *judge_memory;
    fovea_session *session;
    fovea_judge *judge;
};
bool seat_open(struct seat *seat, const struct engine *engine, struct trouble *trouble);
void seat_close(struct seat *seat);
/* Bytes that an engine planned with --memory small takes less than one planned without; else 0. */
size_t engine_saved(const struct engine *engine);
/* Says so in a line; nothing without --memory small. */
void print_saved(const struct engine *engine);

/* Those of photos among the limits. */
struct fovea_photo_options photo_options(const struct limits *limits);

/* The sizes that the model's file left open and nobody has given (--input-shape), as "?x?x3"; else NULL. */
const char *open_sizes(const struct fovea_model *model);

double now_ms(void);
const char *base_name(const char *path);
/* Whether two texts are the same but for upper and lower case of A to Z; whether one ends so with the other. */
bool text_same_letters(const char *a, const char *b);
bool ends_with(const char *path, const char *suffix);

/* "90x120x3". */
const char *print_shape(const struct fovea_shape *shape, char *buffer, size_t size);

#define SHAPE_TEXT 96

#endif
