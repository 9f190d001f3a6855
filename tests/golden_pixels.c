/* Our pixels against those of Pillow, OpenCV, tf.image's formula and libjpeg-turbo, on the pictures in
 * ../shared/images, which are no part of the repository. Run from the repository's root. */
#include "cli/choices.h"
#include "convert/files/json.h"
#include "engine/image.h"
#include "include/fovea_photo.h"
#include "cli/npy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMAGES "../shared/images/"

/* Those of tf.image follow its formula in double; tf.image itself, and so do we (tests/photos.sh), rounds the
 * centres to float, which moves its pixels by so much. All others are equal to the byte. */
#define TOLERANCE_TF 5e-3

static int passed, failures;

static void report(bool good, const char *what, const char *name, const char *text) {
    if (good) {
        passed++;
        return;
    }
    failures++;
    printf("FAILED %s %s: %s\n", what, name, text);
}

struct difference {
    double largest, mean;
};

static struct difference compare(const struct npy *want, const float *got) {
    struct difference d = {0};
    for (size_t i = 0; i < want->count; i++) {
        double apart = fabs((double)want->values[i] - (double)got[i]);
        if (!(apart <= d.largest)) d.largest = apart;
        d.mean += apart / (double)want->count;
    }
    return d;
}

/* ---- pieces ---- */

static bool photo_of(const char *folder, const char *name, struct fovea_image *image) {
    char path[512];
    struct fovea_error error = {0};
    size_t size;
    snprintf(path, sizeof path, IMAGES "%s%s", folder, name);
    uint8_t *file = npy_file(path, &size);
    bool good = file && fovea_photo_decode(file, size, image, &error) == FOVEA_OK;
    report(good, "decoding", name, file ? error.text : "the file cannot be read");
    free(file);
    return good;
}

static bool array_of(const char *name, struct npy *array) {
    char path[512];
    const char *why;
    snprintf(path, sizeof path, IMAGES "golden/%s", name);
    bool good = npy_read(path, array, &why);
    report(good, "reading", name, good ? "" : why);
    return good;
}

/* The picture resized, NULL on failure. */
static float *fitted(const struct fovea_image *image, enum fovea_resize resize, uint32_t width,
                     uint32_t height, const char *name) {
    bool grey = image->format == FOVEA_PIXELS_GREY;
    struct fovea_recipe recipe = {.resize = resize,
                                  .colour = grey ? FOVEA_COLOUR_GREY : FOVEA_COLOUR_RGB,
                                  .scale = 1.0f,
                                  .std = {1.0f, 1.0f, 1.0f}};
    uint32_t channels = grey ? 1 : 3;
    const struct fovea_picture place = {height, width, channels, false};
    struct fovea_error error = {0};
    size_t bytes;
    float *tensor = malloc((size_t)width * height * channels * sizeof *tensor);
    void *scratch = NULL;
    bool good = tensor && fovea_image_scratch(image, &recipe, &place, &bytes, &error) == FOVEA_OK;
    if (good) scratch = malloc(bytes ? bytes : 1);
    good = good && scratch &&
           fovea_image_write(image, &recipe, &place, tensor, scratch, bytes, &error) == FOVEA_OK;
    report(good, "resizing", name, error.text ? error.text : "no memory");
    free(scratch);
    if (good) return tensor;
    free(tensor);
    return NULL;
}

static uint32_t number_of(const struct json *list, size_t index) {
    const struct json *item = json_item(list, index);
    return item ? (uint32_t)item->integer : 0;
}
static const char *text_of(const struct json *list, size_t index) {
    const struct json *item = json_item(list, index);
    return item && item->type == JSON_STRING ? item->text : "";
}

/* ---- the four kinds of rows ---- */

static double tolerance(const char *word) {
    return strncmp(word, "tf-", 3) == 0 ? TOLERANCE_TF : 0.0;
}

static void resize_row(const struct json *row, const struct choice *filter, double *largest) {
    struct fovea_image image = {0};
    struct npy want = {0};
    const char *name = text_of(row, 4);
    uint32_t width = number_of(row, 1), height = number_of(row, 2);
    if (photo_of("golden/", text_of(row, 0), &image) && array_of(name, &want)) {
        float *got = fitted(&image, (enum fovea_resize)filter->value, width, height, name);
        size_t channels = image.format == FOVEA_PIXELS_GREY ? 1 : 3;
        bool sized = got && want.count == (size_t)width * height * channels;
        struct difference d = sized ? compare(&want, got) : (struct difference){999, 999};
        if (d.largest > *largest) *largest = d.largest;
        report(d.largest <= tolerance(filter->word), "resize", name, "pixels differ");
        free(got);
    }
    fovea_photo_free(&image);
    npy_free(&want);
}

static void resize_rows(const struct json *rows) {
    size_t checked[FOVEA_RESIZE_COUNT] = {0};
    double largest[FOVEA_RESIZE_COUNT] = {0};
    for (size_t i = 0; rows && i < rows->count; i++) {
        const struct json *row = json_item(rows, i);
        const char *word = text_of(row, 3);
        const bool cv = strncmp(word, "cv2-", 4) == 0;
        char ours[32];
        snprintf(ours, sizeof ours, "%s%s", cv ? "cv-" : "", word + (cv ? 4 : 0));
        const struct choice *filter = choice_find(resize_choices, ours);
        report(filter != NULL, "resize", word, "no such filter");
        if (!filter) continue;
        resize_row(row, filter, &largest[filter->value]);
        checked[filter->value]++;
    }
    for (size_t f = 0; f < FOVEA_RESIZE_COUNT; f++)
        if (checked[f])
            printf("resize %-13s %3zu rows, largest difference %g\n", resize_choices[f].word,
                   checked[f], largest[f]);
}

static void decode_row(const struct json *row) {
    struct fovea_image image = {0};
    struct npy want = {0};
    const char *name = text_of(row, 0);
    if (photo_of("", name, &image) && array_of(text_of(row, 2), &want)) {
        bool sized = want.count == image.stride * image.height;
        float *got = fitted(&image, FOVEA_RESIZE_NONE, image.width, image.height, name);
        if (sized && got) {
            struct difference d = compare(&want, got);
            printf("decode %s: largest difference %g, mean %.4f\n", name, d.largest, d.mean);
            report(d.largest == 0, "decode", name, "pixels differ");
        }
        report(sized && got, "decode", name, "another size");
        free(got);
    }
    fovea_photo_free(&image);
    npy_free(&want);
}

static void exif_row(const struct json *row) {
    struct fovea_image image = {0};
    struct npy want = {0};
    const char *name = text_of(row, 0);
    const struct json *size = json_item(row, 1);
    if (photo_of("", name, &image) && array_of(text_of(row, 2), &want)) {
        bool sized = image.width == number_of(size, 0) && image.height == number_of(size, 1);
        float *got = sized ? fitted(&image, FOVEA_RESIZE_PIL_BOX, (uint32_t)want.dims[1],
                                    (uint32_t)want.dims[0], name)
                           : NULL;
        if (got) {
            struct difference d = compare(&want, got);
            printf("exif %s: largest difference %g, mean %.4f\n", name, d.largest, d.mean);
            report(d.largest == 0, "exif", name, "pixels differ");
        }
        report(got != NULL, "exif", name, "another size");
        free(got);
    }
    fovea_photo_free(&image);
    npy_free(&want);
}

static bool image_is_grey_in(const char *mode) {
    return strcmp(mode, "L") == 0 || strcmp(mode, "LA") == 0 || strcmp(mode, "I") == 0;
}

static void format_row(const struct json *row) {
    struct fovea_image image = {0};
    const char *name = text_of(row, 0), *mode = text_of(row, 1);
    const struct json *size = json_item(row, 2);
    bool grey = image_is_grey_in(mode),
         either = strcmp(mode, "RGBA") == 0; /* 16-bit grey + alpha */
    if (photo_of("formats/", name, &image))
        report(image.width == number_of(size, 0) && image.height == number_of(size, 1) &&
                   (either || grey == (image.format == FOVEA_PIXELS_GREY)),
               "format", name, "another size or colour");
    fovea_photo_free(&image);
}

static void each_row(const struct json *rows, const char *what,
                     void (*check)(const struct json *row)) {
    for (size_t i = 0; rows && i < rows->count; i++) check(json_item(rows, i));
    printf("%s: %zu rows\n", what, rows ? rows->count : 0);
    report(rows && rows->count, what, "index.json", "no rows");
}

/* ---- cuts of real photos: every `step` bytes, the last 128 each, plain and with an end marker put
 * back ---- */

static void cut_photo(const char *name, size_t step) {
    char path[512];
    size_t size, plain = 0, ended = 0, cuts = 0;
    snprintf(path, sizeof path, IMAGES "%s", name);
    uint8_t *file = npy_file(path, &size), *copy = file ? malloc(size + 2) : NULL;
    for (size_t cut = 0; copy && cut < size; cut += cut + 128 < size ? step : 1, cuts++) {
        struct fovea_image image;
        memcpy(copy, file, cut);
        plain += fovea_photo_decode(copy, cut, &image, NULL) == FOVEA_OK;
        fovea_photo_free(&image);
        copy[cut] = 0xff;
        copy[cut + 1] = 0xd9;
        ended += cut + 2 < size && fovea_photo_decode(copy, cut + 2, &image, NULL) == FOVEA_OK;
        fovea_photo_free(&image);
    }
    printf("cuts of %s: %zu, taken for whole: %zu, with an end marker put back: %zu\n", name, cuts,
           plain, ended);
    report(cuts && !plain && !ended, "cut", name, "a cut photo was taken for whole");
    free(copy);
    free(file);
}

static int absent(void) {
    const char *ci = getenv("CI");
    bool required = ci && strcmp(ci, "true") == 0;
    printf("golden_pixels: %sgolden/index.json is not here; pixels were NOT compared\n", IMAGES);
    printf("0 passed, %d failed\n", required);
    return required ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(void) {
    struct pool pool = {0};
    struct trouble trouble = {0};
    size_t size;
    uint8_t *text = npy_file(IMAGES "golden/index.json", &size);
    if (!text) return absent();
    const struct json *index = json_parse(&pool, (const char *)text, size, &trouble);
    report(index != NULL, "reading", "index.json", trouble.text);
    if (index) {
        resize_rows(json_member(index, "resize"));
        each_row(json_member(index, "decode"), "decode", decode_row);
        each_row(json_member(index, "exif"), "exif", exif_row);
        each_row(json_member(index, "formats"), "formats", format_row);
        cut_photo("chest_xray/normal.jpg", 1009); /* progressive */
        cut_photo("chest_xray/pnm3.jpg", 1009);
        cut_photo("cifar/20-7.jpg", 1);
    }
    pool_free(&pool);
    free(text);
    printf("%d passed, %d failed\n", passed, failures);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
