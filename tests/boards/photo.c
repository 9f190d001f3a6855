/* photo MODEL.fovea PHOTO OUT.npy: the input tensor a model sees of a photo. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/npy.h"
#include "engine/photo.h"

int main(int count, char **words) {
    struct engine engine;
    struct trouble trouble = {0};
    struct file_bytes photo;
    struct fovea_image image;
    struct fovea_io io;
    size_t bytes, size;
    if (count != 4 || !engine_open(&engine, words[1], NULL, &trouble) ||
        !file_open(words[2], &photo, &trouble) ||
        fovea_photo_decode(photo.bytes, photo.size, &image, NULL) ||
        fovea_image_measure(engine.session, 0, &image, &bytes, NULL) ||
        fovea_image_fit(engine.session, 0, &image, malloc(bytes + 1), bytes, NULL) ||
        fovea_model_input(&engine.model, 0, &io))
        return fprintf(stderr, "photo: %s\n", trouble.text), 1;
    size_t dims[4] = {1, io.shape.dims[0], io.shape.dims[1], io.shape.dims[2]};
    uint8_t *npy = npy_bytes(fovea_input(engine.session, 0), dims, 4, &size);
    return npy && file_write(words[3], npy, size, &trouble) ? 0 : 1;
}
