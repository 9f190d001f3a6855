/* What a new user writes: a model and a photo in, the best answers out. */
#include <stdio.h>
#include <stdlib.h>

#include "fovea.h"
#include "fovea_photo.h"

static void *read_file(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    void *bytes = aligned_alloc(64, 1 << 22);
    *size = file && bytes ? fread(bytes, 1, 1 << 22, file) : 0;
    if (file) fclose(file);
    return bytes;
}

int main(int count, char **words) {
    struct fovea_error error = {FOVEA_ARGUMENT, "give a model and a photo", 0};
    struct fovea_model model;
    struct fovea_image image;
    struct fovea_ranked top[3];
    fovea_session *session;
    size_t size, bytes, scratch;
    if (count < 3) return puts(error.text), 2;
    void *blob = read_file(words[1], &size);
    if (fovea_model_open(&model, blob, size, &error) || fovea_measure(&model, NULL, &bytes, &error))
        return puts(error.text), 1;
    if (fovea_plan(&model, NULL, aligned_alloc(64, bytes), bytes, &session, &error))
        return puts(error.text), 1;
    void *photo = read_file(words[2], &size);
    if (fovea_photo_decode(photo, size, &image, &error) ||
        fovea_image_measure(session, 0, &image, &scratch, &error) ||
        fovea_image_fit(session, 0, &image, malloc(scratch + 1), scratch, &error))
        return puts(error.text), 1;
    fovea_run(session);
    for (size_t i = 0; i < fovea_top(session, 0, 3, top); i++)
        printf("%-16s %.4f\n", top[i].label ? top[i].label : "?", (double)top[i].value);
    return 0;
}
