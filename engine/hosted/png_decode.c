/* PNG to pixels: stb_image's decoder, behind our gate.
 *
 * The gate's sizes bound all that stb_image can allocate: the IDAT data follow from the file's length, and the
 * inflated rows may not exceed what the picture needs (a local patch). So there is no counting allocator and
 * no state of ours or the thread's; stb_image's own error text, a variable, is compiled out. Memory comes
 * zeroed: damaged data cannot show what was in it before. */
#include "engine/hosted/photo_file.h"

#include <stdlib.h>
#include <string.h>

static void *png_zeroed(size_t size) {
    return calloc(1, size ? size : 1);
}

static void *png_grown(void *old, size_t old_size, size_t size) {
    void *grown = png_zeroed(size);
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
#define STBI_MALLOC(size)                       png_zeroed(size)
#define STBI_REALLOC_SIZED(old, old_size, size) png_grown((old), (old_size), (size))
#define STBI_FREE(memory)                       free(memory)
#include "engine/hosted/third_party/stb_image.h"

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#elif defined(_MSC_VER)
#pragma warning(pop)
#endif

/* stb_image does not say whether memory or data failed it. Memory that failed it does not hold the
 * bound of all it may ask for either. */
static bool png_short_of_memory(uint64_t bytes) {
    void *volatile probe =
        malloc((size_t)bytes); /* volatile: else the compiler skips the question */
    bool short_of_memory = probe == NULL;
    free(probe);
    return short_of_memory;
}

FOVEA_LOCAL uint8_t *fovea_png_decode(const void *file, const struct fovea_photo_options *options,
                                      const struct fovea_photo_facts *facts, uint64_t *stopped) {
    (void)options;
    int width = 0, height = 0, channels = 0;
    stbi__context context;
    stbi__start_mem(&context, (const stbi_uc *)file, (int)facts->size);
    uint8_t *pixels =
        stbi__load_and_postprocess_8bit(&context, &width, &height, &channels, (int)facts->channels);
    *stopped = (uint64_t)(context.img_buffer - context.img_buffer_original);
    if (!pixels && png_short_of_memory(facts->memory)) *stopped = FOVEA_PHOTO_MEMORY;
    if (pixels && ((uint32_t)width != facts->width || (uint32_t)height != facts->height)) {
        free(pixels);
        return NULL;
    }
    return pixels;
}
