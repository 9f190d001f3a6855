/* Photo files to pixels. Hosted: needs <stdlib.h> and <string.h>, and is the one place that allocates.
 *
 * The gate (photo_gate.h) has read the whole file before stb_image sees it. Its sizes bound all that
 * stb_image can allocate: the planes follow from the frame header, the IDAT data from the file's
 * length, and the inflated rows may not exceed what the picture needs (a local patch). So there is no
 * counting allocator and no state of ours or the thread's; stb_image's own error text, a variable, is
 * compiled out. Memory comes zeroed: damaged data cannot show what was in it before.
 */
#include "include/fovea_photo.h"

#include "engine/hosted/photo_gate.h"

#include <stdlib.h>
#include <string.h>

/* The gate's own limits can be set up to these; what follows from them fits into stb_image's ints. */
enum photo_most {
#define LIMIT(constant, name, value, most, unit, why) constant##_MOST = most,
#include "weights/limits.def"
#undef LIMIT
};

/* ---- stb_image, closed in ---- */

static void *photo_zeroed(size_t size) {
    return calloc(1, size ? size : 1);
}

static void *photo_grown(void *old, size_t old_size, size_t size) {
    void *grown = photo_zeroed(size);
    if (grown && old) {
        memcpy(grown, old, old_size < size ? old_size : size);
        free(old);
    }
    return grown;
}

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wcast-align"
#elif defined(_MSC_VER)
#pragma warning(push, 0)
#endif

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#define STBI_NO_FAILURE_STRINGS
#define STBI_NO_GIF /* ONLY_... comes too late for its prototypes */
#define STBI_NO_THREAD_LOCALS
#define STBI_THREAD_LOCAL                       /* its switches are never set: constants to the compiler */
#define STBI_MAX_DIMENSIONS                     FOVEA_PHOTO_SIDE_MAX_MOST
#define STBI_ASSERT(condition)                  ((void)0) /* the file must not be able to abort */
#define STBI_MALLOC(size)                       photo_zeroed(size)
#define STBI_REALLOC_SIZED(old, old_size, size) photo_grown((old), (old_size), (size))
#define STBI_FREE(memory)                       free(memory)
#include "engine/hosted/third_party/stb_image.h"

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#elif defined(_MSC_VER)
#pragma warning(pop)
#endif

/* The pixels, or NULL; *stopped is then the byte at which decoding ended. */
static uint8_t *photo_pixels(const void *file, const struct fovea_photo_facts *facts,
                             uint64_t *stopped) {
    int width = 0, height = 0, channels = 0;
    stbi__context context;
    stbi__start_mem(&context, (const stbi_uc *)file, (int)facts->size);
    uint8_t *pixels =
        stbi__load_and_postprocess_8bit(&context, &width, &height, &channels, (int)facts->channels);
    *stopped = (uint64_t)(context.img_buffer - context.img_buffer_original);
    if (pixels && ((uint32_t)width != facts->width || (uint32_t)height != facts->height)) {
        free(pixels);
        return NULL;
    }
    return pixels;
}

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
    uint8_t *turned =
        (uint8_t *)photo_zeroed((size_t)facts->width * facts->height * facts->channels);
    if (turned) photo_turn(pixels, turned, facts);
    free(pixels);
    if (photo_turns[facts->orientation] & PHOTO_TRANSPOSE) {
        uint32_t width = facts->width;
        facts->width = facts->height;
        facts->height = width;
    }
    return turned;
}

/* ---- what photo.h promises ---- */

static const struct photo_kind {
    uint8_t size, signature[8];
    enum fovea_status (*gate)(const void *file, size_t size,
                              const struct fovea_photo_limits *limits,
                              struct fovea_photo_facts *facts, struct fovea_error *error);
} photo_kinds[] = {
    {3, {0xff, 0xd8, 0xff}, fovea_photo_gate_jpeg},
    {8, {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'}, fovea_photo_gate_png},
};

static const struct photo_kind *photo_kind(const void *file, size_t size) {
    for (size_t i = 0; i < sizeof photo_kinds / sizeof *photo_kinds; i++) {
        const struct photo_kind *kind = &photo_kinds[i];
        if (size >= kind->size && memcmp(file, kind->signature, kind->size) == 0) return kind;
    }
    return NULL;
}

/* stb_image does not say whether memory or data failed it. Memory that failed it does not hold the
 * bound of all it may ask for either. */
static bool photo_short_of_memory(uint64_t bytes) {
    void *volatile probe =
        malloc((size_t)bytes); /* volatile: else the compiler skips the question */
    bool short_of_memory = probe == NULL;
    free(probe);
    return short_of_memory;
}

enum fovea_status fovea_photo_decode(const void *file, size_t size, struct fovea_image *image,
                                     struct fovea_error *error) {
    const struct fovea_photo_limits usual = {FOVEA_PHOTO_SIDE_MAX, FOVEA_PHOTO_AREA_MAX,
                                             FOVEA_PHOTO_SCANS_MAX};
    return fovea_photo_decode_within(file, size, &usual, image, error);
}

enum fovea_status fovea_photo_decode_within(const void *file, size_t size,
                                            const struct fovea_photo_limits *limits,
                                            struct fovea_image *image, struct fovea_error *error) {
#define NO_MEMORY "there is not enough memory to decode the picture"
    struct fovea_photo_facts facts;
    uint64_t stopped;
    if (image) *image = (struct fovea_image){0};
    if (!file || !image) return fovea_refuse(error, FOVEA_ARGUMENT, "P-001 no file or no image", 0);
    if (!limits || limits->side > FOVEA_PHOTO_SIDE_MAX_MOST ||
        limits->area > FOVEA_PHOTO_AREA_MAX_MOST || limits->scans > FOVEA_PHOTO_SCANS_MAX_MOST)
        return fovea_refuse(error, FOVEA_ARGUMENT, "P-061 limits beyond what can be read", 0);
    const struct photo_kind *kind = photo_kind(file, size);
    if (!kind) return fovea_refuse(error, FOVEA_UNSUPPORTED, "P-002 not a JPEG or PNG file", 0);
    enum fovea_status status = kind->gate(file, size, limits, &facts, error);
    if (status != FOVEA_OK) return status;
    if (facts.size > INT_MAX)
        return fovea_refuse(error, FOVEA_LIMIT, "P-003 the file is larger than 2 GiB", 0);
    if (facts.memory > SIZE_MAX) return fovea_refuse(error, FOVEA_MEMORY, NO_MEMORY, 0);
    uint8_t *pixels = photo_pixels(file, &facts, &stopped);
    if (!pixels)
        return photo_short_of_memory(facts.memory)
                   ? fovea_refuse(error, FOVEA_MEMORY, NO_MEMORY, 0)
                   : fovea_refuse(error, FOVEA_PICTURE,
                                  "P-056 the picture's compressed data are damaged", stopped);
    pixels = photo_upright(pixels, &facts);
    if (!pixels) return fovea_refuse(error, FOVEA_MEMORY, NO_MEMORY, 0);
    image->pixels = pixels;
    image->width = facts.width;
    image->height = facts.height;
    image->stride = (size_t)facts.width * facts.channels;
    image->format = facts.channels == 1 ? FOVEA_PIXELS_GREY : FOVEA_PIXELS_RGB;
    return fovea_refuse(error, FOVEA_OK, "", 0);
#undef NO_MEMORY
}

void fovea_photo_free(struct fovea_image *image) {
    if (!image) return;
    free((void *)(uintptr_t)image->pixels);
    *image = (struct fovea_image){0};
}
