/* Fits pictures by recipes, for comparison with other libraries (oracle.py): reads lines from standard input,
 *
 *     IN.png OUT.npy WIDTH HEIGHT COLOUR RESIZE FIT [STEP ...]
 *
 * in the command's own words, and writes what would be the tensor, in float32. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/npy.h"
#include "cli/recipe.h"
#include "engine/image.h"

#define WORDS_MAX 16

static bool refuse(const char *what, const char *why) {
    fprintf(stderr, "fit: %s: %s\n", what, why);
    return false;
}

static bool write_tensor(const char *path, const float *tensor, const struct fovea_picture *place) {
    const size_t dims[] = {place->height, place->width, place->channels};
    uint8_t header[NPY_HEADER];
    FILE *out = fopen(path, "wb");
    if (!out) return refuse(path, "cannot be written");
    npy_header(dims, 3, header);
    const size_t count = dims[0] * dims[1] * dims[2];
    bool done = fwrite(header, 1, sizeof header, out) == sizeof header;
    for (size_t i = 0; done && i < count; i++) {
        uint8_t bytes[4];
        npy_floats(tensor + i, 1, bytes);
        done = fwrite(bytes, 1, 4, out) == 4;
    }
    return (fclose(out) == 0 && done) || refuse(path, "cannot be written");
}

static bool fit(const struct fovea_image *image, const struct fovea_recipe *recipe,
                const struct fovea_picture *place, const char *path) {
    struct fovea_error error = {0};
    size_t bytes = 0;
    float *tensor = malloc((size_t)place->width * place->height * place->channels * sizeof *tensor);
    bool done = tensor && fovea_image_scratch(image, recipe, place, &bytes, &error) == FOVEA_OK;
    void *scratch = malloc(bytes ? bytes : 1);
    done = done && scratch &&
           fovea_image_write(image, recipe, place, tensor, scratch, bytes, &error) == FOVEA_OK;
    if (!done) refuse(path, error.text ? error.text : "out of memory");
    done = done && write_tensor(path, tensor, place);
    free(scratch);
    free(tensor);
    return done;
}

static bool take_line(char **word, size_t count) {
    struct recipe_wishes wishes = {.resize = choice_find(resize_choices, word[5]),
                                   .fit = choice_find(fit_choices, word[6]),
                                   .colour = choice_find(colour_choices, word[4]),
                                   .preprocess = &preset_choices[0]};
    struct fovea_recipe recipe = recipe_default();
    struct file_bytes file;
    struct fovea_image image = {0};
    struct trouble trouble = {0};
    struct fovea_error error = {0};
    if (!wishes.resize || !wishes.fit || !wishes.colour) return refuse(word[1], "unknown words");
    for (size_t i = 7; i < count; i++) wishes.steps.text[wishes.steps.count++] = word[i];
    if (!recipe_take(&wishes, &recipe)) return false;
    const uint32_t channels = recipe.colour == FOVEA_COLOUR_GREY ? 1 : 3;
    const struct fovea_picture place = {(uint32_t)strtoul(word[3], NULL, 10),
                                        (uint32_t)strtoul(word[2], NULL, 10), channels, false};
    if (!file_open(word[0], &file, &trouble)) return refuse(word[0], trouble.text);
    bool done = fovea_photo_decode(file.bytes, file.size, &image, &error) == FOVEA_OK ||
                refuse(word[0], error.text);
    file_close(&file);
    done = done && fit(&image, &recipe, &place, word[1]);
    fovea_photo_free(&image);
    return done;
}

int main(void) {
    char line[2048];
    int failed = 0;
    while (fgets(line, sizeof line, stdin)) {
        char *word[WORDS_MAX] = {0};
        size_t count = 0;
        for (char *at = strtok(line, " \n"); at && count < WORDS_MAX; at = strtok(NULL, " \n"))
            word[count++] = at;
        if (count == 0) continue;
        failed += count < 7 || !take_line(word, count);
    }
    return failed > 0;
}
