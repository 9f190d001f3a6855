/* fovea: runs a trained CNN from one flat file, in plain C, in the caller's memory.
 *
 *     struct fovea_model model;                 a view of the file's bytes; copies nothing
 *     struct fovea_error error;
 *     size_t bytes;
 *     fovea_session *session;
 *     fovea_model_open(&model, blob, size, &error)              says yes, or why not and where
 *     fovea_measure(&model, &options, &bytes, &error)           says how much memory
 *     fovea_plan(&model, &options, memory, bytes, &session, &error)
 *     fovea_input(session, 0), fovea_run(session), fovea_output(session, 0), as often as wanted
 *
 * Tensors are float32, tight, NHWC with N = 1 left out: a picture is (height, width, channels).
 * Memory: the library allocates nothing. The blob must stay where it is, unchanged, as long as the
 * model or a session uses it; it may lie in flash or in a read-only map.
 * Threads: there is no global state. A model is never written after open and may be shared; a
 * session belongs to one thread at a time.
 * Errors: `error` may be NULL everywhere. A NULL where a pointer is needed gives FOVEA_ARGUMENT.
 */
#ifndef FOVEA_H
#define FOVEA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FOVEA_VERSION_MAJOR 0
#define FOVEA_VERSION_MINOR 1
#define FOVEA_VERSION_PATCH 0

#define FOVEA_RANK_MAX    6  /* dimensions of a tensor, batch left out */
#define FOVEA_THREADS_MAX 64 /* tasks a step is split into at most */

/* ---- status ---- */

enum fovea_status {
    FOVEA_OK = 0,
    FOVEA_ARGUMENT,    /* a call's arguments are off */
    FOVEA_TRUNCATED,   /* the bytes end too early, or there are more than the file says */
    FOVEA_FORMAT,      /* not a fovea blob, or its tables contradict themselves */
    FOVEA_VERSION,     /* a blob of a format this build does not read */
    FOVEA_CHECKSUM,    /* the bytes are not those that were written */
    FOVEA_ALIGNMENT,   /* blob or memory does not start at a multiple of 64 bytes */
    FOVEA_RANGE,       /* an offset or an index leads outside */
    FOVEA_SHAPE,       /* shapes or sizes that do not fit together */
    FOVEA_LIMIT,       /* more than the stated limits allow */
    FOVEA_UNSUPPORTED, /* right, but this build cannot do it */
    FOVEA_MEMORY,      /* the memory given is too small */
    FOVEA_PICTURE,     /* not a picture that can be read */
    FOVEA_REFUSED,     /* right, but not what the caller asked for: a signature, a version */
    FOVEA_STATUS_COUNT
};

/* What went wrong: the kind, a constant English text, the place, and the check that found it. */
struct fovea_error {
    enum fovea_status status;
    const char *text; /* never NULL after a call that took this structure */
    uint64_t where;   /* byte offset (open, photo), node index (plan), or 0 */
    char check[6];    /* its id, as "B-017", which stands once in the sources and never changes its
                         meaning; "" where all is well, or in a build without texts */
};

/* A short English name of a status; "unknown status" for a number outside the list. */
const char *fovea_status_text(enum fovea_status status);

/* The library's version: major * 10000 + minor * 100 + patch. */
unsigned fovea_version(void);

/* ---- the machine ---- */

#define FOVEA_CPU_SSE2   0x1u
#define FOVEA_CPU_AVX2   0x2u /* with FMA and F16C, and the OS saves the wide registers */
#define FOVEA_CPU_NEON   0x4u
#define FOVEA_CPU_SCALAR 0x8u  /* no vectors, but fused multiply-add */
#define FOVEA_CPU_HELIUM 0x10u /* with floats */
#define FOVEA_CPU_WASM   0x20u /* SIMD */

/* The features found on this machine, as FOVEA_CPU_... bits. */
uint32_t fovea_cpu(void);

/* ---- model ---- */

/* A view of a blob that has passed every check. Its fields are the library's own. */
struct fovea_model {
    const uint8_t *blob, *resized; /* resized: the table of values of fovea_model_resize, or NULL */
    size_t size;
    uint64_t arena, striped, extra;
    bool in_stripes;
    uint32_t values, nodes, inputs, outputs, arrays, words, text, notes, golden, format;
    uint32_t at_values, at_nodes, at_inputs, at_outputs, at_arrays, at_words, at_notes, at_text;
};

/* The shape of a tensor, batch left out. */
struct fovea_shape {
    uint32_t rank;
    uint32_t dims[FOVEA_RANK_MAX];
};

/* How a picture becomes an input tensor; chosen at conversion, kept in the blob. */
enum fovea_resize {
    FOVEA_RESIZE_NONE = 0, /* the picture must have the input's size */
    FOVEA_RESIZE_PIL_NEAREST,
    FOVEA_RESIZE_PIL_BOX,
    FOVEA_RESIZE_PIL_BILINEAR,
    FOVEA_RESIZE_PIL_BICUBIC,
    FOVEA_RESIZE_PIL_LANCZOS,
    FOVEA_RESIZE_TF_BILINEAR, /* tf.image: half-pixel centres, no antialiasing, float */
    FOVEA_RESIZE_TF_NEAREST,
    FOVEA_RESIZE_COUNT
};
enum fovea_fit { FOVEA_FIT_STRETCH = 0, FOVEA_FIT_CROP, FOVEA_FIT_COUNT };
enum fovea_colour { FOVEA_COLOUR_RGB = 0, FOVEA_COLOUR_BGR, FOVEA_COLOUR_GREY, FOVEA_COLOUR_COUNT };

/* How a photo file becomes a picture, before all that (fovea_photo.h does it). */
enum fovea_transform { /* a JPEG's inverse transform: libjpeg's ISLOW or IFAST */
                       FOVEA_TRANSFORM_ACCURATE = 0,
                       FOVEA_TRANSFORM_FAST,
                       FOVEA_TRANSFORM_COUNT
};
enum fovea_shrink { /* a JPEG is decoded at 1/2, 1/4, 1/8 of its size, or as Pillow's draft() chooses */
                    FOVEA_SHRINK_NONE = 0,
                    FOVEA_SHRINK_2,
                    FOVEA_SHRINK_4,
                    FOVEA_SHRINK_8,
                    FOVEA_SHRINK_DRAFT,
                    FOVEA_SHRINK_COUNT
};
enum fovea_orientation { /* what EXIF says of the camera's: turned upright, or as stored */
                         FOVEA_ORIENTATION_APPLY = 0,
                         FOVEA_ORIENTATION_IGNORE,
                         FOVEA_ORIENTATION_COUNT
};

/* Test-time augmentation: the answer is the mean of those to the picture and its mirror images and turns
 * (fovea_verdict.h does it). What may be mirrored is a property of the data: cells may, letters may not. */
enum fovea_symmetries {
    FOVEA_SYMMETRIES_NONE = 0,
    FOVEA_SYMMETRIES_MIRROR, /* left and right */
    FOVEA_SYMMETRIES_ALL, /* all 8 of a square, the 4 without quarter turns of what is no square */
    FOVEA_SYMMETRIES_COUNT
};

/* value = (pixel * scale - mean[c]) / std[c], pixel 0..255, c in the order of `colour`. */
struct fovea_recipe {
    enum fovea_resize resize;
    enum fovea_fit fit;
    enum fovea_colour colour;
    enum fovea_transform transform;
    enum fovea_shrink shrink;
    enum fovea_orientation orientation;
    enum fovea_symmetries symmetries;
    float scale, mean[3], std[3];
    bool assumed; /* the user did not say it all: what the converter took for the rest */
    bool open; /* nobody said how pixels were scaled, nor does the model tell: photos are refused */
};

/* Describes input or output `index`; all texts lie in the blob, NUL-terminated. */
struct fovea_io {
    const char *name;
    struct fovea_shape shape;
    size_t count;               /* floats */
    struct fovea_recipe recipe; /* inputs */
    uint32_t labels; /* outputs: number of labels: 0, or the size of the last dimension, or 2 where
                                   that is 1: the value is the probability of the second */
};

/* Checks the whole blob once and describes it; afterwards nothing in it is checked again. `blob` must
 * be aligned to 64 bytes. On failure `model` is unusable and `error` says why and at which byte. */
enum fovea_status fovea_model_open(struct fovea_model *model, const void *blob, size_t size,
                                   struct fovea_error *error);

enum fovea_status fovea_model_input(const struct fovea_model *model, size_t index,
                                    struct fovea_io *io);
enum fovea_status fovea_model_output(const struct fovea_model *model, size_t index,
                                     struct fovea_io *io);

/* A fully convolutional model takes pictures of other sizes: *resized is `model` with inputs of these
 * shapes (one for each input), all other shapes and places found anew. It uses `memory` (aligned to 64
 * bytes, fovea_model_resize_bytes of it) as long as it is used itself. FOVEA_SHAPE, with the node's
 * index, where an operator does not allow it (a dense layer behind a flattened picture). */
size_t fovea_model_resize_bytes(const struct fovea_model *model);
enum fovea_status fovea_model_resize(const struct fovea_model *model,
                                     const struct fovea_shape *shapes, void *memory, size_t bytes,
                                     struct fovea_model *resized, struct fovea_error *error);

/* The text of label `label` of output `output`; NULL where there is none. */
const char *fovea_model_label(const struct fovea_model *model, size_t output, size_t label);

/* The provenance text stored under `key` ("source", "keras", "converter", ...); NULL where there is
 * none. */
const char *fovea_model_note(const struct fovea_model *model, const char *key);

/* What layer `layer` of the model makes, and its name; both may be NULL. False for a layer outside. Several layers may have one name:
 * an activation, for instance, is one of its own where it is not done with what it follows. */
bool fovea_model_layer(const struct fovea_model *model, size_t layer, struct fovea_shape *shape,
                       const char **name);

/* What was added to the blob behind the model (fovea calibrate; fovea_verdict.h reads it), and its bytes; NULL, and 0, where
 * nothing was. */
const void *fovea_model_extra(const struct fovea_model *model, size_t *bytes);

/* ---- session ---- */

typedef struct fovea_session fovea_session;

/* What a watcher is told after each step. Pointers are valid during the call. */
struct fovea_step_info {
    size_t index, count; /* this step, number of steps */
    size_t layer;        /* of the model */
    const char *name;    /* the layer's name in the trained model */
    const char *op;      /* the operator */
    const char *kernel;  /* the kernel's name, "" where nothing is computed */
    const char *isa;     /* its instruction set: "ref", "sse2", "avx2", "neon", or "" */
    struct fovea_shape shape;
    const float *output; /* the step's output; NULL when asked by fovea_step_describe */
    uint64_t macs;       /* multiply-accumulates */
    uint64_t weights;    /* numbers of weights */
    const char
        *type; /* of the numbers its first weights are kept as: "f32", "f16", "i8"; "" for none */
    const char
        *way; /* how the layer is done: "direct", "winograd", ... (engine/ways.def explains them) */
    const char *reason; /* where that is "direct": the id of the reason, as "Y-007", and a text */
    uint64_t arena_offset; /* where in the arena the output lies, bytes */
};

/* Runs task(argument, i) for every i < tasks, in any order, on any threads, and returns when all are
 * done. Tasks never wait for one another. */
typedef void fovea_parallel_for(void *pool, size_t tasks,
                                void (*task)(void *argument, size_t index), void *argument);

/* Start from FOVEA_OPTIONS_INIT; a field added later is 0 in programs compiled before it existed. */
struct fovea_options {
    size_t size;       /* sizeof (struct fovea_options) */
    uint32_t cpu_mask; /* FOVEA_CPU_... bits that may be used; 0 leaves the portable C kernels */
    uint32_t threads;  /* tasks a large step is split into, 1 .. FOVEA_THREADS_MAX */
    fovea_parallel_for *parallel_for; /* NULL: tasks run one after another in the caller's thread */
    void *pool;                       /* handed to parallel_for */
    /* NULL: none; with one, every layer that it watches is computed by itself, so that its output can be seen. */
    void (*watcher)(void *context, const struct fovea_step_info *info);
    void *context; /* handed to watcher */
    /* Sums and products in the layers' own order: no Winograd, no Strassen. Those compute neighbouring positions
     * together, to the precision of the largest of them; a NaN or infinity at one reaches the others. */
    bool exact;
    bool
        small_memory; /* none that needs memory for weights of its own either; layers with large tensors are done
                          by rows (the blob says which), unless there is a watcher */
    uint32_t
        pointer_bytes; /* for fovea_measure, of another machine's pointers: 4; 0: of this one's */
    /* The layers that the watcher is told of, by their indexes (fovea_model_layer); NULL: all of them. A layer that only gives a
     * tensor another shape has no step, and is not told. The caller's, as long as the session is used. */
    const uint32_t *watched;
    uint32_t watched_count;
};

#define FOVEA_OPTIONS_INIT                                                                         \
    {                                                                                              \
        sizeof(struct fovea_options), 0xffffffffu, 1, NULL, NULL, NULL, NULL, false, false, 0,     \
            NULL, 0                                                                                \
    }
/* For boards: nothing that costs memory for speed. What fovea convert --emit states is for these. */
#define FOVEA_OPTIONS_SMALL                                                                        \
    { sizeof(struct fovea_options), 0xffffffffu, 1, NULL, NULL, NULL, NULL, true, true, 0, NULL, 0 }

/* *bytes = exactly the memory fovea_plan takes for these options (NULL: the defaults), in whole lines of 64
 * bytes. The same code as fovea_plan on no memory: the same blob, options and machine give the same number. */
enum fovea_status fovea_measure(const struct fovea_model *model,
                                const struct fovea_options *options, size_t *bytes,
                                struct fovea_error *error);

/* Weights kept in half precision or in 8 bits (convert --weights f16, w8) are read as they are or, in parts, through scratch
 * memory that is measured too; results are those of the same values as float32, bit for bit. A build
 * without the kernels for it (FOVEA_OPS_FILE) refuses such a blob with FOVEA_VERSION.
 *
 * Builds a session in `memory` (aligned to 64 bytes, at least the measured bytes, the caller's until
 * no longer used; there is nothing to close). Results do not depend on `threads`. */
enum fovea_status fovea_plan(const struct fovea_model *model, const struct fovea_options *options,
                             void *memory, size_t bytes, fovea_session **session,
                             struct fovea_error *error);

/* The tensor of input or output `index`, inside the session's memory; NULL for an index outside.
 * Inputs may be overwritten by a run: write all of them before each. Outputs are valid from the end
 * of a run until inputs are written or the next run starts. */
float *fovea_input(fovea_session *session, size_t index);
const float *fovea_output(const fovea_session *session, size_t index);

/* Computes the outputs from the inputs. Cannot fail. */
void fovea_run(fovea_session *session);

/* Runs the model on the input stored in the blob and compares with the stored answer: *largest is the
 * largest |difference| / max(1, largest |expected|). FOVEA_OK if it is at most FOVEA_SELFTEST_LIMIT,
 * FOVEA_CHECKSUM if not, FOVEA_UNSUPPORTED where the blob stores none. Overwrites the inputs. */
#define FOVEA_SELFTEST_LIMIT 2e-5f
enum fovea_status fovea_selftest(fovea_session *session, float *largest);

/* The number of steps, and what is known of step `index` without running; false for an index
 * outside. */
size_t fovea_steps(const fovea_session *session);
bool fovea_step_describe(const fovea_session *session, size_t index, struct fovea_step_info *info);

/* The name of kernel `index` of those that the session uses (kernels/kernels.def), NULL behind the last. */
const char *fovea_session_kernel(const fovea_session *session, size_t index);

/* What a session's memory is used for, in bytes: the tensors, what steps need while they run, and the rest
 * (tables, and weights that were laid out anew). */
struct fovea_memory {
    size_t tensors, scratch;
};
struct fovea_memory fovea_session_memory(const fovea_session *session);

/* The `k` largest values of output `index` along its last dimension at position 0, in falling order,
 * ties by index. A single value with two labels stands for two, 1 - value and value. Returns how many
 * were written, at most k. */
struct fovea_ranked {
    uint32_t index;
    float value;
    const char *label; /* NULL where the blob has none */
};
size_t fovea_top(const fovea_session *session, size_t index, size_t k, struct fovea_ranked *top);

/* ---- pictures ---- */

enum fovea_pixels {
    FOVEA_PIXELS_GREY = 0,
    FOVEA_PIXELS_RGB,
    FOVEA_PIXELS_BGR,
    FOVEA_PIXELS_RGBA, /* alpha is ignored */
    FOVEA_PIXELS_BGRA,
    FOVEA_PIXELS_COUNT
};

/* A picture of 8-bit channels in the caller's memory, top row first. */
struct fovea_image {
    const uint8_t *pixels;
    uint32_t width, height; /* 1 .. 65535 */
    size_t stride;          /* bytes from one row to the next, at least width * channels */
    enum fovea_pixels format;
};

/* *bytes = exactly the scratch memory fovea_image_fit needs for a picture of this size. */
enum fovea_status fovea_image_measure(const fovea_session *session, size_t input,
                                      const struct fovea_image *image, size_t *bytes,
                                      struct fovea_error *error);

/* Writes the picture into input `input` by the recipe stored in the blob: colour order, crop or stretch,
 * resize, scale, mean, std. The input is height x width x channels or, as models with their channels first
 * have it, channels x height x width, of 1 or 3 channels; or height x width, which is grey. `scratch` is
 * aligned to 8 bytes and free again afterwards. FOVEA_UNSUPPORTED where the recipe is open. */
enum fovea_status fovea_image_fit(fovea_session *session, size_t input,
                                  const struct fovea_image *image, void *scratch, size_t bytes,
                                  struct fovea_error *error);

/* The same by a recipe of the caller's, whatever the blob says (NULL: by the blob's). Its colour is GREY for
 * an input of one channel, and no other for three. */
enum fovea_status fovea_image_measure_by(const fovea_session *session, size_t input,
                                         const struct fovea_recipe *recipe,
                                         const struct fovea_image *image, size_t *bytes,
                                         struct fovea_error *error);
enum fovea_status fovea_image_fit_by(fovea_session *session, size_t input,
                                     const struct fovea_recipe *recipe,
                                     const struct fovea_image *image, void *scratch, size_t bytes,
                                     struct fovea_error *error);

#ifdef __cplusplus
}
#endif

#endif
