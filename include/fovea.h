/** @file fovea.h
 * Runs a trained convolutional network (CNN) from one flat file, in plain C, in the caller's memory.
 *
 *     struct fovea_model model;
 *     struct fovea_error error;
 *     size_t bytes;
 *     fovea_session *session;
 *     fovea_model_open(&model, blob, size, &error);                 checks the file; copies nothing
 *     fovea_measure(&model, NULL, &bytes, &error);                  says how much memory it takes
 *     fovea_plan(&model, NULL, memory, bytes, &session, &error);    prepares everything, once
 *     fovea_input(session, 0), fovea_run(session), fovea_output(session, 0), as often as wanted
 *
 * Tensors are float32, without gaps, in NHWC order with the batch dimension (N = 1) left out: a picture is
 * (height, width, channels).
 *
 * Memory: the library allocates nothing and frees nothing. The blob must stay where it is, unchanged, as long as the
 * model or a session uses it; it may lie in flash or in a read-only mapping.
 *
 * Threads: there is no global state, and every function may be called from any thread. A model is never written after
 * it was opened, so threads may share it. A session belongs to one thread at a time: calls with the same session
 * must not overlap, not even fovea_output with fovea_run.
 *
 * Errors: functions that can fail return a status and fill in `error`, which may be NULL. A NULL elsewhere, where a
 * pointer is needed, gives FOVEA_ARGUMENT; of functions that return no status it gives NULL, 0 or false.
 *
 * Not promised, and may change with any version: the wording of texts and the names of kernels and ways; which kernels
 * run, and so the last bits of a result from one version, processor or instruction set to the next (on one machine
 * and with one version the same options give the same bits, with any number of threads); how much memory
 * fovea_measure states; the content of structures called opaque or reserved. Promised: a blob that one version opens,
 * later ones open, too; a check's id keeps its meaning.
 *
 * How structures may grow. All of them keep the size they have here. Fields of later versions take the place of
 * `reserved`, and zeros there mean what is done today. Structures that the caller fills in (fovea_options,
 * fovea_recipe, and fovea_photo_options of fovea_photo.h) must therefore be zeroed first, by `= {0}` or memset; other
 * values in `reserved` are refused. Structures that the library fills in (fovea_error, fovea_io, fovea_step_info,
 * fovea_memory) have room of the same kind. fovea_shape, fovea_ranked and fovea_image never get other fields. The
 * enumerations get new values at their ends: before FOVEA_..._COUNT, which therefore changes.
 */
#ifndef FOVEA_H
#define FOVEA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The version of this header; fovea_version() is that of the library. As long as this is 0, MINOR is raised where
 * programs may have to change (CHANGELOG.md says how), and PATCH where they need not. */
#define FOVEA_VERSION_MAJOR 0
/** See above. */
#define FOVEA_VERSION_MINOR 2
/** See above. */
#define FOVEA_VERSION_PATCH 0

#define FOVEA_RANK_MAX    6  /**< Most dimensions of a tensor, the batch left out. */
#define FOVEA_THREADS_MAX 64 /**< Most tasks that a step is split into. */

/* ---- status ---- */

/** What a call came to. */
enum fovea_status {
    FOVEA_OK = 0,      /**< Done. */
    FOVEA_ARGUMENT,    /**< An argument of the call is wrong. */
    FOVEA_TRUNCATED,   /**< The bytes end too early, or there are more than the file says. */
    FOVEA_FORMAT,      /**< Not a fovea blob, or its tables contradict themselves. */
    FOVEA_VERSION,     /**< A blob of a format that this build does not read. */
    FOVEA_CHECKSUM,    /**< The bytes are not those that were written. */
    FOVEA_ALIGNMENT,   /**< Blob or memory does not start at a multiple of 64 bytes. */
    FOVEA_RANGE,       /**< An offset or an index leads outside. */
    FOVEA_SHAPE,       /**< Shapes or sizes that do not fit together. */
    FOVEA_LIMIT,       /**< More than the stated limits allow. */
    FOVEA_UNSUPPORTED, /**< Correct, but this build cannot do it. */
    FOVEA_MEMORY,      /**< The memory given is too small, or (photo files) there is none. */
    FOVEA_PICTURE,     /**< Not a picture that can be read. */
    FOVEA_REFUSED,     /**< Correct, but not what the caller asked for: a signature, a version. */
    FOVEA_STATUS_COUNT /**< The number of values above. */
};

/** What went wrong, filled in by every call that takes one, FOVEA_OK included. Its texts are constants of the library
 * and stay valid. */
struct fovea_error {
    /** The kind; what the call returned. */
    enum fovea_status status;
    /** An English sentence; never NULL after a call, "" where all is well. The wording may change. */
    const char *text;
    /** Where: a byte offset (open, photo files), a node's index (plan, resize), or 0. */
    uint64_t where;
    /** The id of the check that refused, as "B-017", which stands once in the sources and never changes its meaning;
     * "" where all is well, or where a call to the system failed. */
    char check[6];
    /** Room for fields of later versions; neither read nor written. */
    uint64_t reserved[1];
};

/** A short English name of a status, a constant; "unknown status" for a number outside of the list. */
const char *fovea_status_text(enum fovea_status status);

/** The version of the library that is linked: major * 10000 + minor * 100 + patch. */
unsigned fovea_version(void);

/* ---- the machine ---- */

/** Instruction sets, as bits of fovea_cpu() and fovea_options.cpu_mask. */
#define FOVEA_CPU_SSE2    0x1u  /**< x86: SSE2. */
#define FOVEA_CPU_AVX2    0x2u  /**< x86: AVX2, FMA and F16C; the system saves the registers. */
#define FOVEA_CPU_NEON    0x4u  /**< ARM: NEON. */
#define FOVEA_CPU_SCALAR  0x8u  /**< ARM: no vectors, but fused multiply-add. */
#define FOVEA_CPU_HELIUM  0x10u /**< Cortex-M: Helium with floats. */
#define FOVEA_CPU_WASM    0x20u /**< WebAssembly: SIMD. */
#define FOVEA_CPU_AVX512  0x40u /**< x86: AVX-512 F, VL, DQ, BW; the system saves it. */
#define FOVEA_CPU_AVXVNNI 0x80u /**< x86: AVX-VNNI, products of bytes, beside AVX2. */
/** x86: the same of AVX-512, with F, VL, DQ and BW; the system saves masks and registers. */
#define FOVEA_CPU_AVX512VNNI 0x100u
#define FOVEA_CPU_PORTABLE   0x80000000u /**< The portable C kernels, which every machine has. */

/** The instruction sets that this machine and its system allow, FOVEA_CPU_PORTABLE among them. */
uint32_t fovea_cpu(void);

/* ---- model ---- */

/** The size of struct fovea_model in words of 64 bits. */
#define FOVEA_MODEL_WORDS 24

#ifndef FOVEA_WEIGHTS_MODEL_H /* the library's own sources see fields, no larger than this */
/** A view of a blob that has passed every check. Opaque, of known size: it may be a variable, a field or an element of
 * an array, and may be copied by assignment. There is nothing to close. Zeroed, it is a model that is not open,
 * which every function refuses. */
struct fovea_model {
    /** The library's own. */
    uint64_t opaque[FOVEA_MODEL_WORDS];
};
#endif

/** The shape of a tensor, the batch left out. */
struct fovea_shape {
    /** The number of dimensions, 0 .. FOVEA_RANK_MAX; a tensor of none has one element. */
    uint32_t rank;
    /** Their sizes, outermost first; 0 from `rank` on. */
    uint32_t dims[FOVEA_RANK_MAX];
};

/** How a picture gets the input's size; chosen at conversion, kept in the blob. */
enum fovea_resize {
    FOVEA_RESIZE_NONE = 0,     /**< Not at all: the picture must have the input's size. */
    FOVEA_RESIZE_PIL_NEAREST,  /**< Pillow's Image.resize: NEAREST. */
    FOVEA_RESIZE_PIL_BOX,      /**< Pillow: BOX. */
    FOVEA_RESIZE_PIL_BILINEAR, /**< Pillow: BILINEAR, antialiased as all but NEAREST are. */
    FOVEA_RESIZE_PIL_BICUBIC,  /**< Pillow: BICUBIC. */
    FOVEA_RESIZE_PIL_LANCZOS,  /**< Pillow: LANCZOS. */
    FOVEA_RESIZE_TF_BILINEAR,  /**< tf.image: half-pixel centres, no antialiasing, float. */
    FOVEA_RESIZE_TF_NEAREST,   /**< tf.image: nearest, half-pixel centres. */
    FOVEA_RESIZE_PIL_HAMMING,  /**< Pillow: HAMMING. */
    FOVEA_RESIZE_CV_NEAREST, /**< OpenCV on 8 bits, as on x86-64 without IPP, bit for bit: INTER_NEAREST. */
    FOVEA_RESIZE_CV_LINEAR,      /**< OpenCV: INTER_LINEAR. */
    FOVEA_RESIZE_CV_AREA,        /**< OpenCV: INTER_AREA. */
    FOVEA_RESIZE_CV_CUBIC,       /**< OpenCV: INTER_CUBIC. */
    FOVEA_RESIZE_CV_LANCZOS,     /**< OpenCV: INTER_LANCZOS4. */
    FOVEA_RESIZE_TF_BICUBIC,     /**< tf.image, no antialiasing: bicubic. */
    FOVEA_RESIZE_TF_AREA,        /**< tf.image: area. */
    FOVEA_RESIZE_TF_LANCZOS3,    /**< tf.image, no antialiasing: lanczos3. */
    FOVEA_RESIZE_TF_LANCZOS5,    /**< tf.image, no antialiasing: lanczos5. */
    FOVEA_RESIZE_TF_GAUSSIAN,    /**< tf.image, no antialiasing: gaussian. */
    FOVEA_RESIZE_TF_MITCHELL,    /**< tf.image, no antialiasing: mitchellcubic. */
    FOVEA_RESIZE_TF_BILINEAR_AA, /**< tf.image with antialias=True: bilinear. */
    FOVEA_RESIZE_TF_BICUBIC_AA,  /**< tf.image with antialias=True: bicubic. */
    FOVEA_RESIZE_TF_LANCZOS3_AA, /**< tf.image with antialias=True: lanczos3. */
    FOVEA_RESIZE_TF_LANCZOS5_AA, /**< tf.image with antialias=True: lanczos5. */
    FOVEA_RESIZE_TF_GAUSSIAN_AA, /**< tf.image with antialias=True: gaussian. */
    FOVEA_RESIZE_TF_MITCHELL_AA, /**< tf.image with antialias=True: mitchellcubic. */
    FOVEA_RESIZE_COUNT           /**< The number of values above. */
};

/** What becomes of a picture whose aspect ratio differs from the input's. */
enum fovea_fit {
    FOVEA_FIT_STRETCH = 0, /**< It is stretched. */
    FOVEA_FIT_CROP, /**< The largest part of the input's aspect ratio is cut out of its centre, in whole pixels. */
    FOVEA_FIT_CROP_EXACT, /**< The same to fractions of a pixel: ImageOps.fit; only with Pillow's filters. */
    FOVEA_FIT_PAD, /**< Borders are put around it before it is resized: Keras' pad_to_aspect_ratio. */
    FOVEA_FIT_LETTERBOX, /**< Borders are put around it when it is resized: YOLO's letterbox. */
    FOVEA_FIT_PIL_PAD,   /**< The same by the rounding of Pillow's ImageOps.pad. */
    FOVEA_FIT_SHORTER, /**< Its shorter side becomes FOVEA_STEP_SIDE, then the middle is cut out: torchvision. */
    FOVEA_FIT_CENTRAL, /**< The middle FOVEA_STEP_FRACTION of either side, stretched: tf.image.central_crop. */
    FOVEA_FIT_COUNT /**< The number of values above. */
};

/** The input's channels. */
enum fovea_colour {
    FOVEA_COLOUR_RGB = 0, /**< Red, green, blue. */
    FOVEA_COLOUR_BGR,     /**< Blue, green, red. */
    FOVEA_COLOUR_GREY,    /**< One: luma as Pillow's convert("L") computes it. */
    FOVEA_COLOUR_COUNT    /**< The number of values above. */
};

/** A JPEG's inverse transform. This and the next two are for reading photo files (fovea_photo.h). */
enum fovea_transform {
    FOVEA_TRANSFORM_ACCURATE = 0, /**< libjpeg's ISLOW. */
    FOVEA_TRANSFORM_FAST,         /**< libjpeg's IFAST. */
    FOVEA_TRANSFORM_COUNT         /**< The number of values above. */
};

/** At which part of its size a JPEG is decoded. */
enum fovea_shrink {
    FOVEA_SHRINK_NONE = 0, /**< At its size. */
    FOVEA_SHRINK_2,        /**< At 1/2. */
    FOVEA_SHRINK_4,        /**< At 1/4. */
    FOVEA_SHRINK_8,        /**< At 1/8. */
    FOVEA_SHRINK_DRAFT,    /**< At what Pillow's draft() chooses for the input's size. */
    FOVEA_SHRINK_COUNT     /**< The number of values above. */
};

/** What is done with the camera's orientation, which EXIF states. */
enum fovea_orientation {
    FOVEA_ORIENTATION_APPLY = 0, /**< The picture is turned upright. */
    FOVEA_ORIENTATION_IGNORE,    /**< It stays as it is stored. */
    FOVEA_ORIENTATION_COUNT      /**< The number of values above. */
};

/** Test-time augmentation: the answer is the mean of those to the picture and its mirror images and turns
 * (fovea_verdict.h does it). What may be mirrored is a property of the data: cells may, letters may not. */
enum fovea_symmetries {
    FOVEA_SYMMETRIES_NONE = 0, /**< The picture alone. */
    FOVEA_SYMMETRIES_MIRROR,   /**< Left and right exchanged, too. */
    FOVEA_SYMMETRIES_ALL,  /**< All 8 of a square, the 4 without quarter turns of a rectangle. */
    FOVEA_SYMMETRIES_COUNT /**< The number of values above. */
};

/** What else is done to a picture, with up to two numbers; their ranges stand in weights/recipe.def. The first ones are
 * settings of others. Those behind RESIZED change its bytes, in the order in which they stand: at the picture's own size,
 * or at the input's if FOVEA_STEP_RESIZED stands in front of them. */
enum fovea_photo_step {
    FOVEA_STEP_SIDE = 0, /**< Of FOVEA_FIT_SHORTER: pixels; without it 256. */
    FOVEA_STEP_FRACTION, /**< Of FOVEA_FIT_CENTRAL, a decimal number of 6 digits; without it 0.875. */
    FOVEA_STEP_FILL,     /**< The value of borders, 0 .. 255; without it 0. */
    FOVEA_STEP_GAP,      /**< Pillow's reducing_gap. */
    FOVEA_STEP_STANDARDISE, /**< The tensor in the end: tf.image.per_image_standardization. */
    FOVEA_STEP_SAMPLEWISE,  /**< The same as Keras' ImageDataGenerator has it. */
    FOVEA_STEP_RESIZED,     /**< Here the picture is resized; without it, behind all steps. */
    FOVEA_STEP_EQUALISE,    /**< OpenCV's equalizeHist, of the luminance (Y of YCrCb). */
    FOVEA_STEP_CLAHE, /**< OpenCV's createCLAHE, of the luminance: clip limit, tiles along a side. */
    FOVEA_STEP_AUTOCONTRAST, /**< Pillow's ImageOps.autocontrast: cutoff in per cent. */
    FOVEA_STEP_STRETCH,      /**< The same with preserve_tone=True. */
    FOVEA_STEP_GAMMA,        /**< scikit-image's exposure.adjust_gamma: gamma. */
    FOVEA_STEP_MEDIAN,       /**< OpenCV's medianBlur: size. */
    FOVEA_STEP_GAUSSIAN,     /**< OpenCV's GaussianBlur: size, sigma (0: by the size). */
    FOVEA_STEP_SHADES,       /**< Shades of grey (Finlayson and Trezzi 2004): the Minkowski norm. */
    FOVEA_STEP_COUNT         /**< The number of values above. */
};

/** The most steps of a recipe. */
#define FOVEA_STEPS_MAX 8

/** A step of a recipe. */
struct fovea_recipe_step {
    /** What is done. */
    enum fovea_photo_step step;
    /** Its numbers; what it has not is not looked at. */
    float number[2];
};

/** How a picture becomes an input: value = (pixel * scale - mean[c]) / std[c], with pixels of 0 .. 255 and c in the
 * order of `colour`. One of your own starts from a model's (fovea_model_input) or from zeros. */
struct fovea_recipe {
    /** How it gets the input's size. */
    enum fovea_resize resize;
    /** What becomes of another aspect ratio. */
    enum fovea_fit fit;
    /** The input's channels. */
    enum fovea_colour colour;
    /** Photo files: the JPEG's inverse transform. */
    enum fovea_transform transform;
    /** Photo files: the JPEG's size. */
    enum fovea_shrink shrink;
    /** Photo files: the camera's orientation. */
    enum fovea_orientation orientation;
    /** Which mirror images and turns of the picture are answered, too. */
    enum fovea_symmetries symmetries;
    /** Multiplies a pixel, first of all; finite. */
    float scale;
    /** Subtracted from each channel; finite. */
    float mean[3];
    /** Divides each channel; finite, not 0. */
    float std[3];
    /** The converter was not told all of it, and took the usual for the rest. */
    bool assumed;
    /** The converter was not told how pixels are scaled, nor does the model say it: photos are refused. */
    bool open;
    /** The number of steps, at most FOVEA_STEPS_MAX. */
    uint32_t steps;
    /** What else is done. */
    struct fovea_recipe_step step[FOVEA_STEPS_MAX];
    /** Room for fields of later versions; must be 0. */
    uint32_t reserved[4];
};

/** What an input or output is. Its texts lie in the blob, NUL-terminated. */
struct fovea_io {
    /** The name that the trained model gave it. */
    const char *name;
    /** The shape, the batch left out. */
    struct fovea_shape shape;
    /** The number of floats. */
    size_t count;
    /** Of an input: how pictures are prepared. Of an output: zeros. */
    struct fovea_recipe recipe;
    /** Of an output: the number of labels: 0, or the size of the last dimension, or 2 where that is 1 and the value is
     * the probability of the second. Of an input: 0. */
    uint32_t labels;
    /** Room for fields of later versions. */
    uint32_t reserved[3];
};

/** Checks the whole blob once and describes it; afterwards nothing in it is checked again.
 *
 * `blob`: `size` bytes as `fovea convert` writes them, aligned to 64 bytes, unchanged while the model is used. Any
 * other bytes are safe and give an error. Time grows with the size and the number of tensors.
 * On failure *model is zeroed, and `error` says why and at which byte. */
enum fovea_status fovea_model_open(struct fovea_model *model, const void *blob, size_t size,
                                   struct fovea_error *error);

/** The number of inputs; 0 for a model that is not open. */
size_t fovea_model_inputs(const struct fovea_model *model);
/** The number of outputs; 0 for a model that is not open. */
size_t fovea_model_outputs(const struct fovea_model *model);

/** Describes input `index`; FOVEA_ARGUMENT where the model has no such input, and *io is then as it was. */
enum fovea_status fovea_model_input(const struct fovea_model *model, size_t index,
                                    struct fovea_io *io);
/** Describes output `index`, in the same way. */
enum fovea_status fovea_model_output(const struct fovea_model *model, size_t index,
                                     struct fovea_io *io);

/** The memory that fovea_model_resize needs, in bytes; 0 for a model that is not open. */
size_t fovea_model_resize_bytes(const struct fovea_model *model);
/** Gives a fully convolutional model inputs of other sizes: *resized is `model` with inputs of these shapes (one for
 * each input); all other shapes, and the places of tensors in memory, are computed anew.
 *
 * `memory`: the caller's, of fovea_model_resize_bytes, aligned to 64 bytes, unchanged as long as *resized is used.
 * FOVEA_SHAPE, with the node's index, where an operator does not allow it (a dense layer behind a flattened
 * picture). *resized has no example for fovea_selftest. */
enum fovea_status fovea_model_resize(const struct fovea_model *model,
                                     const struct fovea_shape *shapes, void *memory, size_t bytes,
                                     struct fovea_model *resized, struct fovea_error *error);

/** Whether the model is one of fovea_model_resize. One that is not, and has a note "open-sizes" (as "?x?x3", inputs apart
 * with '/'), has sizes that stand for those that the trained model left open. */
bool fovea_model_resized(const struct fovea_model *model);

/** The text of label `label` of output `output`, in the blob; NULL where the blob has no such label. */
const char *fovea_model_label(const struct fovea_model *model, size_t output, size_t label);

/** The provenance text stored under `key` ("source", "keras", "converter", ...), in the blob; NULL where there is no
 * such key. */
const char *fovea_model_note(const struct fovea_model *model, const char *key);

/** *shape: of what layer `layer` of the model computes; *name: its name; both may be NULL. False where there is no such
 * layer. Several layers may have one name: an activation, for instance, is one of its own where it is not computed with
 * what it follows. */
bool fovea_model_layer(const struct fovea_model *model, size_t layer, struct fovea_shape *shape,
                       const char **name);

/** What was added to the blob behind the model (`fovea calibrate` does; fovea_verdict.h reads it), and its size in bytes;
 * NULL, and 0, where nothing was added. */
const void *fovea_model_extra(const struct fovea_model *model, size_t *bytes);

/* ---- session ---- */

/** A model made ready to run, at the start of the memory given to fovea_plan. */
typedef struct fovea_session fovea_session;

/** What is known of a step: one or more layers that are computed together. Texts are constants or lie in the blob;
 * `output` is valid during the watcher's call. */
struct fovea_step_info {
    /** This step's index, and the number of steps. */
    size_t index, count;
    /** The layer's index (fovea_model_layer). */
    size_t layer;
    /** The layer's name in the trained model. */
    const char *name;
    /** The operator, as "conv". */
    const char *op;
    /** The kernel's name; "" where nothing is computed. */
    const char *kernel;
    /** The kernel's instruction set: "ref" (portable C), "sse2", "avx2", "avx512", "neon", ..., or "". */
    const char *isa;
    /** The output's shape. */
    struct fovea_shape shape;
    /** The output; NULL from fovea_step_describe. */
    const float *output;
    /** Multiply-accumulate operations. */
    uint64_t macs;
    /** The number of weights. */
    uint64_t weights;
    /** The numeric type that the weights are stored as: "f32", "f16", "i8"; "" without weights. */
    const char *type;
    /** The algorithm: "direct", "winograd", ... (engine/ways.def explains them). */
    const char *way;
    /** Where that is "direct", why no faster one is used: an id, as "Y-007", and a text. Else "". */
    const char *reason;
    /** Where the output lies in the memory for tensors, in bytes. */
    uint64_t arena_offset;
    /** Room for fields of later versions. */
    uint64_t reserved[2];
};

/** Runs task(argument, i) once for every i < tasks, in any order, on any threads, and returns when all are done. Tasks
 * do not wait for one another, do not fail, and what they write does not overlap. */
typedef void fovea_parallel_for(void *pool, size_t tasks,
                                void (*task)(void *argument, size_t index), void *argument);

/** How a model is to be run. Zeros are the defaults: `struct fovea_options options = {0};`. */
struct fovea_options {
    /** sizeof(struct fovea_options), or 0, which means the same. Less: what a program was compiled with whose header
     * had fewer fields; they are taken as 0, and not read. */
    size_t size;
    /** The instruction sets that may be used, as FOVEA_CPU_... bits; those that the machine lacks do not matter. 0: all.
     * FOVEA_CPU_PORTABLE alone: only the portable C kernels. */
    uint32_t cpu_mask;
    /** Tasks that a large step is split into, 1 .. FOVEA_THREADS_MAX. 0: 1. */
    uint32_t threads;
    /** Who runs the tasks (fovea_threads.h has one). NULL: the calling thread, one after another. */
    fovea_parallel_for *parallel_for;
    /** Handed to parallel_for. */
    void *pool;
    /** Called after each step of fovea_run, in the thread that called it; each layer that it watches is then computed
     * by itself, so that its output can be seen. NULL: nobody. It must not call functions with this session. */
    void (*watcher)(void *context, const struct fovea_step_info *info);
    /** Handed to watcher. */
    void *context;
    /** Sums and products in the layers' own order: no Winograd, no Strassen. Those compute neighbouring positions
     * together, to the precision of the largest of them, and a NaN or infinity at one reaches the others. */
    bool exact;
    /** Nothing that costs memory for speed: no weights laid out anew, and layers with the largest tensors computed by
     * rows where the blob provides for it and there is no watcher. The bits are those of `exact`. */
    bool small_memory;
    /** For fovea_measure: 4, to measure for a machine whose pointers have 4 bytes. 0: for this one. */
    uint32_t pointer_bytes;
    /** The layers that the watcher is told of, by their indexes (fovea_model_layer); the caller's, as long as the session
     * is used. A layer that only gives a tensor another shape is not told. NULL: all layers. */
    const uint32_t *watched;
    /** Their number. */
    uint32_t watched_count;
    /** Room for fields of later versions; must be 0. */
    uint32_t reserved[4];
};

/** The defaults, as an initialiser; the same as {0}. */
#define FOVEA_OPTIONS_INIT                                                                         \
    {                                                                                              \
        sizeof(struct fovea_options), 0, 0, NULL, NULL, NULL, NULL, false, false, 0, NULL, 0, {    \
            0                                                                                      \
        }                                                                                          \
    }
/** For boards: `exact` and `small_memory`. What `fovea convert --emit c` states is for these. */
#define FOVEA_OPTIONS_SMALL                                                                        \
    {                                                                                              \
        sizeof(struct fovea_options), 0, 0, NULL, NULL, NULL, NULL, true, true, 0, NULL, 0, {      \
            0                                                                                      \
        }                                                                                          \
    }

/** Writes the defaults: zeros, and the size. For languages that cannot import the macros. NULL is allowed. */
void fovea_options_default(struct fovea_options *options);

/** *bytes = exactly the memory that fovea_plan takes for these options (NULL: the defaults), a multiple of 64. It is
 * fovea_plan itself, without memory: the same blob, options, machine and version give the same number.
 * On failure *bytes is 0, and `error` says why and at which node. */
enum fovea_status fovea_measure(const struct fovea_model *model,
                                const struct fovea_options *options, size_t *bytes,
                                struct fovea_error *error);

/** Builds a session for these options (NULL: the defaults) in `memory`.
 *
 * `memory`: the caller's, aligned to 64 bytes, of at least the measured bytes, and not touched otherwise until the
 * session is no longer used; there is nothing to close. The model is copied into it, the blob is not.
 * Results do not depend on `threads`. On failure *session is NULL, and `error` says why and at which node.
 *
 * Weights that are stored in half precision or in 8 bits (`convert --weights f16`, `w8`) are read as they are or, in
 * parts, through memory that is measured, too; results are, bit for bit, those of the same values stored as float32.
 * A build without the kernels for them (FOVEA_OPS_FILE) refuses such a blob with FOVEA_VERSION. */
enum fovea_status fovea_plan(const struct fovea_model *model, const struct fovea_options *options,
                             void *memory, size_t bytes, fovea_session **session,
                             struct fovea_error *error);

/** The tensor of input `index`, in the session's memory; NULL where there is no such input. A run may overwrite
 * inputs: write all of them before each. */
float *fovea_input(fovea_session *session, size_t index);
/** The tensor of output `index`, in the session's memory; NULL where there is no such output. Valid from the end of a
 * run until an input is written or the next run starts. */
const float *fovea_output(const fovea_session *session, size_t index);

/** Computes the outputs from the inputs. Cannot fail; NaN and infinities are computed with as numbers are. NULL:
 * nothing happens. */
void fovea_run(fovea_session *session);

/** The largest |difference| / max(1, largest |expected|) that fovea_selftest accepts. */
#define FOVEA_SELFTEST_LIMIT 2e-5f
/** Runs the model on the example stored in the blob (`convert --golden`) and compares: *largest is
 * the largest |difference| / max(1, largest |expected|). FOVEA_OK if it is at most FOVEA_SELFTEST_LIMIT,
 * FOVEA_CHECKSUM if not, FOVEA_UNSUPPORTED where the blob stores none. Overwrites the inputs. */
enum fovea_status fovea_selftest(fovea_session *session, float *largest);

/** The number of steps. */
size_t fovea_steps(const fovea_session *session);
/** Describes step `index` without running it; false where there is no such step. */
bool fovea_step_describe(const fovea_session *session, size_t index, struct fovea_step_info *info);

/** The name of kernel `index` of those that the session uses (kernels/kernels.def); NULL behind the last. */
const char *fovea_session_kernel(const fovea_session *session, size_t index);

/** What a session's memory is used for, in bytes. The rest of it are tables, and weights that were laid out anew. */
struct fovea_memory {
    /** Tensors. */
    size_t tensors;
    /** What steps need while they run. */
    size_t scratch;
    /** Room for fields of later versions. */
    size_t reserved[2];
};
/** What the session's memory is used for; zeros for NULL. */
struct fovea_memory fovea_session_memory(const fovea_session *session);

/** One of the largest values of an output. */
struct fovea_ranked {
    /** Its index in the last dimension. */
    uint32_t index;
    /** The value. */
    float value;
    /** Its label; NULL where the blob has none. */
    const char *label;
};
/** The `k` largest values of output `index`, along its last dimension, at position 0 of all others: in falling order,
 * equal ones by index, NaN last. A single value with two labels stands for two: 1 - value and value. `top` has room
 * for k. Returns how many were written; 0 where there is no such output. */
size_t fovea_top(const fovea_session *session, size_t index, size_t k, struct fovea_ranked *top);

/* ---- pictures ---- */

/** How a picture's pixels are stored: 8 bits a channel, channels beside each other, unless another is said. */
enum fovea_pixels {
    FOVEA_PIXELS_GREY = 0, /**< 1 channel. */
    FOVEA_PIXELS_RGB,      /**< 3 channels. */
    FOVEA_PIXELS_BGR,      /**< 3 channels. */
    FOVEA_PIXELS_RGBA,     /**< 4 channels; alpha is ignored. */
    FOVEA_PIXELS_BGRA,     /**< 4 channels; alpha is ignored. */
    FOVEA_PIXELS_RGB565,   /**< Words of 16 bits, low byte first, red in the upper five bits. */
    FOVEA_PIXELS_YUV420,   /**< A camera's frame: Y in `pixels`, U and V in planes of their own. */
    FOVEA_PIXELS_COUNT     /**< The number of values above. */
};

/** Of YUV420: which red, green and blue the numbers stand for, by ITU-R BT.601 or BT.709, rounded to the nearest
 * number. VIDEO: Y is 16..235, U and V are 16..240; FULL: 0..255, as in JPEG and in Android's camera. */
enum fovea_yuv {
    FOVEA_YUV_BT601_VIDEO = 0, /**< Standard definition. */
    FOVEA_YUV_BT601_FULL,      /**< JPEG, Android's YUV_420_888. */
    FOVEA_YUV_BT709_VIDEO,     /**< High definition. */
    FOVEA_YUV_BT709_FULL,      /**< High definition, full range. */
    FOVEA_YUV_COUNT            /**< The number of values above. */
};

/** How a picture is turned, clockwise, to stand upright (Android: rotationDegrees / 90). */
enum fovea_turn {
    FOVEA_TURN_NONE = 0, /**< It stands upright. */
    FOVEA_TURN_90,       /**< A quarter. */
    FOVEA_TURN_180,      /**< Half. */
    FOVEA_TURN_270,      /**< Three quarters. */
    FOVEA_TURN_COUNT     /**< The number of values above. */
};

/** A picture in the caller's memory, which is read where it lies, once. What follows `format` may be 0: one plane, all
 * of it, upright. */
struct fovea_image {
    /** The first row, the top one, from its left. */
    const uint8_t *pixels;
    /** In pixels, 1 .. 65535. */
    uint32_t width, height;
    /** Bytes from one row to the next, at least those of a row. */
    size_t stride;
    /** How pixels are stored. */
    enum fovea_pixels format;
    /** YUV420: U and V of each 2 x 2 pixels; of odd sides rounded up. */
    const uint8_t *u, *v;
    /** Bytes from one row of U or V to the next, and from one sample to the next, 1 or more. I420: step 1; NV12: v = u + 1,
     * step 2; NV21: u = v + 1, step 2; YUV_420_888: its pixel stride. */
    size_t chroma_stride, chroma_step;
    /** YUV420: what the numbers stand for. */
    enum fovea_yuv yuv;
    /** The part that is used, in pixels of the picture as it lies; of width or height 0: all that is right of or below
     * its corner. */
    uint32_t left, top, part_width, part_height;
    /** How the part is turned. */
    enum fovea_turn turn;
    /** Left and right are exchanged, after the turn. */
    bool mirrored;
};

/** *bytes = exactly the scratch memory that fovea_image_fit needs for a picture of this size. */
enum fovea_status fovea_image_measure(const fovea_session *session, size_t input,
                                      const struct fovea_image *image, size_t *bytes,
                                      struct fovea_error *error);

/** Writes the picture into input `input` by the recipe stored in the blob: colour order, crop or stretch, resize, then
 * scale, mean, std.
 *
 * The input is height x width x channels or, as models with their channels first have it, channels x height x width,
 * of 1 or 3 channels; or height x width, which is grey; others are refused.
 * `scratch`: the caller's, of the measured bytes, aligned to 8 bytes, free again afterwards.
 * FOVEA_UNSUPPORTED where the recipe is open (fovea_recipe). On failure the input is as it was. */
enum fovea_status fovea_image_fit(fovea_session *session, size_t input,
                                  const struct fovea_image *image, void *scratch, size_t bytes,
                                  struct fovea_error *error);

/** As fovea_image_measure, by a recipe of the caller's, whatever the blob says (NULL: by the blob's). Its colour is GREY
 * for an input of one channel, and another for three. */
enum fovea_status fovea_image_measure_by(const fovea_session *session, size_t input,
                                         const struct fovea_recipe *recipe,
                                         const struct fovea_image *image, size_t *bytes,
                                         struct fovea_error *error);
/** As fovea_image_fit, by such a recipe. */
enum fovea_status fovea_image_fit_by(fovea_session *session, size_t input,
                                     const struct fovea_recipe *recipe,
                                     const struct fovea_image *image, void *scratch, size_t bytes,
                                     struct fovea_error *error);

#ifdef __cplusplus
}
#endif

#endif
