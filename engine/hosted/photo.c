/* Photo files to pixels: which reader a file is for, what every reader leaves to be done. Hosted: needs
 * <stdlib.h> and <string.h>, and with the readers is the one place that allocates. Memory comes zeroed: damaged
 * data cannot show what was in it before. */
#include "engine/hosted/photo_file.h"

#include <stdlib.h>
#include <string.h>

/* ---- orientation ---- */

/* How each EXIF orientation undoes the camera's: bits, in this order of application. */
enum photo_turn { PHOTO_FLIP_X = 1, PHOTO_FLIP_Y = 2, PHOTO_TRANSPOSE = 4 };
static const uint8_t photo_turns[9] = {
    [2] = PHOTO_FLIP_X,
    [3] = PHOTO_FLIP_X | PHOTO_FLIP_Y,
    [4] = PHOTO_FLIP_Y,
    [5] = PHOTO_TRANSPOSE,
    [6] = PHOTO_FLIP_Y | PHOTO_TRANSPOSE,
    [7] = PHOTO_FLIP_X | PHOTO_FLIP_Y | PHOTO_TRANSPOSE,
    [8] = PHOTO_FLIP_X | PHOTO_TRANSPOSE,
};

/* Writes the picture upright; row y of `from` becomes row or column y of `to`, in blocks of 32 x 32
 * so that a transposition does not miss the cache at every pixel. */
static void photo_turn(const uint8_t *from, uint8_t *to, const struct fovea_photo_facts *facts) {
    const size_t w = facts->width, h = facts->height, n = facts->channels, block = 32;
    const unsigned turn = photo_turns[facts->orientation];
    const size_t across = turn & PHOTO_TRANSPOSE ? h : 1, down = turn & PHOTO_TRANSPOSE ? 1 : w;
    for (size_t top = 0; top < h; top += block)
        for (size_t left = 0; left < w; left += block)
            for (size_t y = top; y < h && y < top + block; y++)
                for (size_t x = left; x < w && x < left + block; x++) {
                    size_t tx = turn & PHOTO_FLIP_X ? w - 1 - x : x;
                    size_t ty = turn & PHOTO_FLIP_Y ? h - 1 - y : y;
                    const uint8_t *p = from + (y * w + x) * n;
                    uint8_t *q = to + (tx * across + ty * down) * n;
                    for (size_t c = 0; c < n; c++) q[c] = p[c];
                }
}

static uint8_t *photo_upright(uint8_t *pixels, struct fovea_photo_facts *facts) {
    if (photo_turns[facts->orientation] == 0) return pixels;
    uint8_t *turned = (uint8_t *)calloc((size_t)facts->width * facts->height, facts->channels);
    if (turned) photo_turn(pixels, turned, facts);
    free(pixels);
    if (photo_turns[facts->orientation] & PHOTO_TRANSPOSE) {
        uint32_t width = facts->width;
        facts->width = facts->height;
        facts->height = width;
    }
    return turned;
}

/* ---- kinds of files ---- */

static const struct photo_kind {
    uint8_t size, signature[8];
    fovea_photo_gate *gate;
    fovea_photo_decoder *decode;
} photo_kinds[] = {
    {3, {0xff, 0xd8, 0xff}, fovea_jpeg_gate, fovea_jpeg_decode},
    {8, {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'}, fovea_png_gate, fovea_png_decode},
    {2, {'B', 'M'}, fovea_bmp_gate, fovea_bmp_decode},
    {2, {'P', '5'}, fovea_pnm_gate, fovea_pnm_decode},
    {2, {'P', '6'}, fovea_pnm_gate, fovea_pnm_decode},
};

static const struct photo_kind *photo_kind(const void *file, size_t size) {
    for (size_t i = 0; i < sizeof photo_kinds / sizeof *photo_kinds; i++) {
        const struct photo_kind *kind = &photo_kinds[i];
        if (size >= kind->size && memcmp(file, kind->signature, kind->size) == 0) return kind;
    }
    return NULL;
}

/* What is not read, by its name, and the way out. */
#define WAY_OUT "; convert it to PNG or JPEG first, "
#define HEIC    "P-069 a HEIC or AVIF photo" WAY_OUT "as with: heif-convert photo.heic photo.png"
#define TIFF                                                                                       \
    "P-070 a TIFF file, or a camera's raw file" WAY_OUT "as with: magick photo.tif photo.png"
#define RAW    "P-071 a camera's raw file" WAY_OUT "as with: darktable-cli photo.raw photo.png"
#define OTHERS "P-072 a JPEG 2000 or JPEG XL picture" WAY_OUT "as with: magick photo.jp2 photo.png"
#define WEBP   "P-073 a WebP picture" WAY_OUT "as with: dwebp photo.webp -o photo.png"
#define GIF    "P-074 a GIF" WAY_OUT "as with: magick photo.gif[0] photo.png"
#define DICOM  "P-075 a DICOM file" WAY_OUT "as with: dcm2pnm --write-png scan.dcm scan.png"

static const struct photo_other {
    uint8_t at, size;
    const char *signature, *text;
} photo_others[] = {
    {4, 8, "ftypheic", HEIC},
    {4, 8, "ftypheix", HEIC},
    {4, 8, "ftyphevc", HEIC},
    {4, 8, "ftypmif1", HEIC},
    {4, 8, "ftypmsf1", HEIC},
    {4, 8, "ftypavif", HEIC},
    {4, 8, "ftypavis", HEIC},
    {4, 8, "ftypcrx ", RAW},
    {0, 8, "FUJIFILM", RAW},
    {0, 3, "IIR", RAW}, /* Olympus */
    {0, 3, "IIU", RAW}, /* Panasonic */
    {0, 4, "II*\0", TIFF},
    {0, 4, "MM\0*", TIFF},
    {0, 4, "II+\0", TIFF},
    {0, 4, "MM\0+", TIFF},
    {4, 8, "jP  \r\n\x87\n", OTHERS},
    {0, 4, "\xff\x4f\xff\x51", OTHERS},
    {4, 8, "JXL \r\n\x87\n", OTHERS},
    {0, 2, "\xff\x0a", OTHERS},
    {8, 4, "WEBP", WEBP},
    {0, 4, "GIF8", GIF},
    {128, 4, "DICM", DICOM},
};

static const char *photo_name(const void *file, size_t size) {
    for (size_t i = 0; i < sizeof photo_others / sizeof *photo_others; i++) {
        const struct photo_other *other = &photo_others[i];
        if (size >= (size_t)other->at + other->size &&
            memcmp((const uint8_t *)file + other->at, other->signature, other->size) == 0)
            return other->text;
    }
    return "P-002 not a photo that is read: JPEG, PNG, BMP, or binary PGM or PPM";
}

/* ---- what fovea_photo.h promises ---- */

/* The options as they were meant: fields that the caller's structure does not have, and zeros, are the
 * usual ones. False where they cannot be. */
static bool photo_options(const struct fovea_photo_options *given,
                          struct fovea_photo_options *options) {
    const size_t size = given && given->size ? given->size : sizeof *options;
    memset(options, 0, sizeof *options);
    if (size < sizeof given->size) return false;
    if (given) memcpy(options, given, size < sizeof *options ? size : sizeof *options);
    for (size_t i = 0; i < sizeof options->reserved / sizeof *options->reserved; i++)
        if (options->reserved[i]) return false;
    if (!options->side) options->side = FOVEA_PHOTO_SIDE_MAX;
    if (!options->area) options->area = FOVEA_PHOTO_AREA_MAX;
    if (!options->scans) options->scans = FOVEA_PHOTO_SCANS_MAX;
    if (!options->shrink) options->shrink = 1;
    return options->side <= FOVEA_PHOTO_SIDE_MAX_MOST &&
           options->area <= FOVEA_PHOTO_AREA_MAX_MOST &&
           options->scans <= FOVEA_PHOTO_SCANS_MAX_MOST && options->shrink <= 8 &&
           (options->shrink & (options->shrink - 1)) == 0;
}

enum fovea_status fovea_photo_decode(const void *file, size_t size, struct fovea_image *image,
                                     struct fovea_error *error) {
    return fovea_photo_decode_as(file, size, NULL, image, error);
}

enum fovea_status fovea_photo_decode_as(const void *file, size_t size,
                                        const struct fovea_photo_options *wanted,
                                        struct fovea_image *image, struct fovea_error *error) {
#define NO_MEMORY "there is not enough memory to decode the picture"
    struct fovea_photo_options options;
    struct fovea_photo_facts facts;
    uint64_t stopped;
    if (image) *image = (struct fovea_image){0};
    if (!file || !image)
        return fovea_refuse(error, FOVEA_ARGUMENT, "P-001 file and image must not be NULL", 0);
    if (!photo_options(wanted, &options))
        return fovea_refuse(error, FOVEA_ARGUMENT,
                            "P-061 an option has a value that is not allowed", 0);
    const struct photo_kind *kind = photo_kind(file, size);
    if (!kind) return fovea_refuse(error, FOVEA_UNSUPPORTED, photo_name(file, size), 0);
    enum fovea_status status = kind->gate(file, size, &options, &facts, error);
    if (status != FOVEA_OK) return status;
    if (facts.size > INT_MAX)
        return fovea_refuse(error, FOVEA_LIMIT, "P-003 the file is larger than 2 GiB", 0);
    if (facts.memory > SIZE_MAX) return fovea_refuse(error, FOVEA_MEMORY, NO_MEMORY, 0);
    uint8_t *pixels = kind->decode(file, &options, &facts, &stopped);
    if (!pixels)
        return stopped == FOVEA_PHOTO_MEMORY
                   ? fovea_refuse(error, FOVEA_MEMORY, NO_MEMORY, 0)
                   : fovea_refuse(error, FOVEA_PICTURE,
                                  "P-056 the picture's compressed data are damaged", stopped);
    if (!options.as_stored) pixels = photo_upright(pixels, &facts);
    if (!pixels) return fovea_refuse(error, FOVEA_MEMORY, NO_MEMORY, 0);
    image->pixels = pixels;
    image->width = facts.width;
    image->height = facts.height;
    image->stride = (size_t)facts.width * facts.channels;
    image->format = facts.channels == 1 ? FOVEA_PIXELS_GREY : FOVEA_PIXELS_RGB;
    return fovea_refuse(error, FOVEA_OK, "", 0);
#undef NO_MEMORY
}

void fovea_photo_by(const struct fovea_recipe *recipe, uint32_t width, uint32_t height,
                    struct fovea_photo_options *options) {
    const bool draft = recipe->shrink == FOVEA_SHRINK_DRAFT;
    options->fast = recipe->transform == FOVEA_TRANSFORM_FAST;
    options->shrink = draft ? 1 : 1u << recipe->shrink;
    options->least_width = draft ? width : 0;
    options->least_height = draft ? height : 0;
    options->as_stored = recipe->orientation == FOVEA_ORIENTATION_IGNORE;
}

void fovea_photo_free(struct fovea_image *image) {
    if (!image) return;
    free((void *)(uintptr_t)image->pixels);
    *image = (struct fovea_image){0};
}
