/* The decoder is stb_image's, compiled here for itself with everything but that left out. */
#include "convert/files/inflate.h"

#include <limits.h>
#include <stdint.h>

#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-function" /* judged at the end of the file */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#endif
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_SUPPORT_ZLIB
#define STBI_NO_PNG
#define STBI_NO_JPEG
#define STBI_NO_BMP
#define STBI_NO_PSD
#define STBI_NO_TGA
#define STBI_NO_GIF
#define STBI_NO_HDR
#define STBI_NO_PIC
#define STBI_NO_PNM
#define STBI_NO_LINEAR
#define STBI_NO_STDIO
#define STBI_NO_SIMD
#define STBI_NO_THREAD_LOCALS
#define STBI_NO_FAILURE_STRINGS
#define STBI_ASSERT(x) ((void)0) /* bad data is reported by return values */
#include "engine/hosted/third_party/stb_image.h"
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

/* RFC 1950, section 9: two sums modulo 65521; 5552 bytes are the most before they could overflow. */
static uint32_t adler32(const uint8_t *bytes, size_t size) {
    uint32_t a = 1, b = 0;
    while (size > 0) {
        size_t part = size < 5552 ? size : 5552;
        size -= part;
        while (part-- > 0) {
            a += *bytes++;
            b += a;
        }
        a %= 65521;
        b %= 65521;
    }
    return b << 16 | a;
}

/* Runs the decoder on `in_size` bytes and `ahead` more to look at; *end is where the deflate data ends. */
static bool decode(const void *in, size_t in_size, size_t ahead, void *out, size_t out_size,
                   bool zlib, const uint8_t **end) {
    stbi__zbuf z;
    char nothing;
    if (in_size > INT_MAX || out_size > INT_MAX) return false;
    z.zbuffer = (stbi_uc *)(uintptr_t)in; /* which it only reads */
    z.zbuffer_end = z.zbuffer + in_size + ahead;
    if (!stbi__do_zlib(&z, out_size ? out : &nothing, (int)out_size, 0, zlib)) return false;
    *end = z.zbuffer - z.num_bits / 8; /* whole bytes that were fetched and not used */
    return (size_t)(z.zout - z.zout_start) == out_size;
}

bool inflate_zlib(const void *in, size_t in_size, void *out, size_t out_size) {
    const uint8_t *end;
    if (in_size < 4 || *(const uint8_t *)in >> 4 > 7) return false; /* windows end at 32 KiB */
    if (!decode(in, in_size, 0, out, out_size, true, &end)) return false;
    const uint8_t *sum = (const uint8_t *)in + in_size - 4;
    uint32_t stored =
        (uint32_t)sum[0] << 24 | (uint32_t)sum[1] << 16 | (uint32_t)sum[2] << 8 | sum[3];
    return end == sum && adler32(out, out_size) == stored;
}

bool inflate_raw(const void *in, size_t in_size, void *out, size_t out_size) {
    const uint8_t *end;
    /* At the end of its input the decoder would no longer know how far it has come. */
    return decode(in, in_size, INFLATE_AHEAD, out, out_size, false, &end) &&
           end == (const uint8_t *)in + in_size;
}
