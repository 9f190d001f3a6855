/* What stands behind a number of handle.h; for the files of this folder. */
#ifndef FOVEA_BINDING_HELD_H
#define FOVEA_BINDING_HELD_H

#include "weights/model.h" /* first: struct held is the same in all files that include this first */

#include "packages/binding/handle.h"

struct held {
    struct fovea_model model;
    fovea_session *session;
    struct fovea_options options;
    const void *bytes; /* of the model: borrowed, or `copy` */
    size_t size, memory_size;
    void *copy, *memory, *scratch; /* each of held_memory */
    size_t scratch_size;
    void *threads; /* a fovea_threads, or NULL */
};

/* Takes the model for this call; NULL, with `failure` filled, where it is closed or in use. */
struct held *held_take(fovea_handle handle, struct fovea_failure *failure);
/* Gives it back; returns `done`. */
bool held_give(fovea_handle handle, bool done);

/* Memory aligned to 64 bytes. */
void *held_memory(size_t bytes);
void held_free(void *memory);

/* Each fills `failure` and returns false. An id that `text` begins with goes into `check`. */
bool held_fail(struct fovea_failure *failure, enum fovea_status status, const char *text);
bool held_error(struct fovea_failure *failure, const struct fovea_error *error);
void held_fine(struct fovea_failure *failure);

/* The answer's places suffice. */
bool held_room(const struct held *held, const struct fovea_answer *answer,
               struct fovea_failure *failure);
/* Floats of all inputs, or of all outputs. */
size_t held_count(const struct held *held, bool outputs);
/* Runs and writes the answer. */
void held_run(struct held *held, struct fovea_answer *answer);
/* fovea_image_fit and held_run. */
bool held_image(struct held *held, const struct fovea_image *image, struct fovea_answer *answer,
                struct fovea_failure *failure);

#endif
