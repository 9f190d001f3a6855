#include "packages/binding/held.h"

#include "include/fovea_photo.h"
#include "weights/blob.h"

static bool held_photo(struct held *held, const void *file, size_t size,
                       struct fovea_answer *answer, struct fovea_failure *failure) {
    struct fovea_photo_options options = {.size = sizeof options};
    struct fovea_error error;
    struct fovea_image image;
    struct fovea_io io;
    struct fovea_picture picture;
    if (!file) return held_fail(failure, FOVEA_ARGUMENT, "no bytes of a photo");
    fovea_model_input(&held->model, 0, &io);
    if (fovea_picture_of(&io.shape, &picture))
        fovea_photo_by(&io.recipe, picture.width, picture.height, &options);
    if (fovea_photo_decode_as(file, size, &options, &image, &error) != FOVEA_OK)
        return held_error(failure, &error);
    bool done = held_image(held, &image, answer, failure);
    fovea_photo_free(&image);
    return done;
}

bool fovea_handle_photo(fovea_handle handle, const void *file, size_t size,
                        struct fovea_answer *answer, struct fovea_failure *failure) {
    struct held *held = held_take(handle, failure);
    return held && held_give(handle, held_photo(held, file, size, answer, failure));
}
