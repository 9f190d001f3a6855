/* The door for other languages: what packages/python, packages/web and packages/android have in common, so that
 * each is a thin layer of its own types over these functions.
 *
 * A model in use is a number. The door owns everything behind it: the model's bytes, the session's memory, threads
 * and scratch memory. A number that was closed is refused, for ever: the place may be used again, the number is not.
 * Any function may be called from any thread at any time; a model that is at work in one thread is refused in
 * another ("in use"), never waited for. Different models run side by side.
 *
 * Failures: a function returns 0 (or false) and fills `failure`, which may not be NULL.
 */
#ifndef FOVEA_BINDING_HANDLE_H
#define FOVEA_BINDING_HANDLE_H

#include "include/fovea.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define FOVEA_DOOR __declspec(dllexport)
#else
#define FOVEA_DOOR __attribute__((visibility("default")))
#endif

typedef uint32_t fovea_handle; /* 0: no model */

/* Fixed sizes, the same on every machine: 4, 8 and 628 bytes. */
struct fovea_failure {
    int32_t status; /* an enum fovea_status */
    char check[8];  /* the id of the check that refused, or "" */
    char text[628]; /* UTF-8, cut where it is longer */
};

/* What a run writes. */
struct fovea_answer {
    float *values; /* all outputs, one after another; NULL: not wanted */
    size_t room;   /* floats in `values`: at least those of all outputs */
    uint32_t *
        index; /* the best classes of the first output, in falling order, as fovea_top tells them; */
    float *probability;  /* NULL: not wanted */
    size_t top;          /* room in these two */
    size_t count, found; /* written: floats in `values`; classes */
};

#define FOVEA_OPEN_BORROW                                                                          \
    1u                      /* the bytes are used where they are, if they are aligned to 64 bytes */
#define FOVEA_OPEN_SMALL 2u /* little memory rather than speed: fovea_options.small_memory */
#define FOVEA_OPEN_EXACT 4u /* fovea_options.exact */

/* Opens a model. Its bytes are copied unless borrowed; the caller keeps borrowed bytes, unchanged, until it is closed.
 * `threads`: 1 .. FOVEA_THREADS_MAX; builds without threads take 1 only, whatever is asked for. */
FOVEA_DOOR fovea_handle fovea_handle_open(const void *model, size_t size, uint32_t threads,
                                          uint32_t flags, struct fovea_failure *failure);

/* Frees all of it. False for a number that is closed or in use. */
FOVEA_DOOR bool fovea_handle_close(fovea_handle handle, struct fovea_failure *failure);

/* Floats of all inputs, and of all outputs, together; 0 on failure. */
FOVEA_DOOR size_t fovea_handle_inputs(fovea_handle handle, struct fovea_failure *failure);
FOVEA_DOOR size_t fovea_handle_outputs(fovea_handle handle, struct fovea_failure *failure);

/* Runs on `count` floats: all inputs, one after another, exactly. */
FOVEA_DOOR bool fovea_handle_predict(fovea_handle handle, const float *values, size_t count,
                                     struct fovea_answer *answer, struct fovea_failure *failure);

/* The same on a picture, for a model whose only input takes one, by the model's recipe. */
FOVEA_DOOR bool fovea_handle_image(fovea_handle handle, const struct fovea_image *image,
                                   struct fovea_answer *answer, struct fovea_failure *failure);

/* On pixels of one plane (an enum fovea_pixels); `size`: bytes that may be read. */
FOVEA_DOOR bool fovea_handle_pixels(fovea_handle handle, const uint8_t *pixels, size_t size,
                                    uint32_t width, uint32_t height, size_t stride, uint32_t format,
                                    struct fovea_answer *answer, struct fovea_failure *failure);

/* On the bytes of a photo's file (photo.c). */
FOVEA_DOOR bool fovea_handle_photo(fovea_handle handle, const void *file, size_t size,
                                   struct fovea_answer *answer, struct fovea_failure *failure);

/* Runs as fovea_handle_predict, every layer by itself, and shows each one's output. */
typedef void fovea_handle_watcher(void *context, const char *layer, const float *output,
                                  size_t count);
FOVEA_DOOR bool fovea_handle_watch(fovea_handle handle, const float *values, size_t count,
                                   fovea_handle_watcher *watcher, void *context,
                                   struct fovea_failure *failure);

/* Describes the model as lines of fields with tabs between them (no field holds either). Returns the bytes of the whole
 * text, without its NUL; at most `room`, NUL included, are written. 0 on failure.
 *     model   BYTES  MEMORY  LAYERS  ISA
 *     input   NAME  SHAPE  RESIZE  FIT  COLOUR  open|assumed|stated     SHAPE: 48,48,3; the last four "" for no picture
 *     output  NAME  SHAPE
 *     label   OUTPUT  TEXT              in order
 *     note    KEY  TEXT                 source, keras, converter, threshold, ... where they are known
 *     layer   NAME  OPERATOR  SHAPE  MACS  WEIGHTS  TYPE  WAY  KERNEL */
FOVEA_DOOR size_t fovea_handle_describe(fovea_handle handle, char *text, size_t room,
                                        struct fovea_failure *failure);

/* Converts the bytes of a Keras file (convert.c). `wishes`: lines of KEY=VALUE with the words of `fovea convert`, NULL
 * for none: label (one line each), preprocess, resize, fit, colour, transform, shrink, orientation, scale, mean, std,
 * weights, fold (yes, no), threshold, input-shape, source. `config`: the model's JSON, for files of weights alone, or
 * NULL. `said`: what was assumed or is open, one sentence a line, cut at `room`. The model is the caller's, to be given
 * to fovea_handle_free; NULL on failure. */
FOVEA_DOOR void *fovea_handle_convert(const void *file, size_t size, const char *wishes,
                                      const void *config, size_t config_size, size_t *model_size,
                                      char *said, size_t room, struct fovea_failure *failure);
FOVEA_DOOR void fovea_handle_free(void *model);

#ifdef __cplusplus
}
#endif

#endif
