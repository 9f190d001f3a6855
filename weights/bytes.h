/* The only code that takes foreign bytes apart or multiplies sizes that a file states.
 *
 * A cursor walks a bounded range. A read past its end gives zero and sets `failed`, which stays set;
 * readers ask once, at the end of a structure, and never use a size before asking. Numbers are
 * little-endian on disk, whatever the machine.
 */
#ifndef FOVEA_WEIGHTS_BYTES_H
#define FOVEA_WEIGHTS_BYTES_H

#include "kernels/base.h"

struct fovea_bytes {
    const uint8_t *start;
    size_t size, at;
    bool failed;
};

FOVEA_STATIC struct fovea_bytes fovea_bytes_of(const void *start, size_t size) {
    struct fovea_bytes b = {(const uint8_t *)start, size, 0, false};
    return b;
}

/* The little-endian number in eight, or four, bytes that the caller knows to be there. */
FOVEA_INLINE uint64_t fovea_load64(const uint8_t *p) {
#if FOVEA_BIG_ENDIAN
    uint64_t value = 0;
    for (unsigned i = 0; i < 8; i++) value |= (uint64_t)p[i] << (8 * i);
#else
    uint64_t value; /* one load, which a loop over bytes does not become at -O2 */
    fovea_copy(&value, p, sizeof value);
#endif
    return value;
}

FOVEA_INLINE uint32_t fovea_load32(const uint8_t *p) {
#if FOVEA_BIG_ENDIAN
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
#else
    uint32_t value;
    fovea_copy(&value, p, sizeof value);
    return value;
#endif
}

/* True where [offset, offset + length) lies inside `size`. */
FOVEA_STATIC bool fovea_in_range(uint64_t offset, uint64_t length, uint64_t size) {
    return offset <= size && length <= size - offset;
}

/* a + b and a * b, or FOVEA_TOO_LARGE where that is beyond 64 bits. It stays so through further sums and
 * products (but of nothing), and no bound lets it pass: one comparison at the end of a chain is enough. */
#define FOVEA_TOO_LARGE UINT64_MAX
FOVEA_STATIC uint64_t fovea_sum(uint64_t a, uint64_t b) {
    return a <= UINT64_MAX - b ? a + b : FOVEA_TOO_LARGE;
}
FOVEA_STATIC uint64_t fovea_product(uint64_t a, uint64_t b) {
    /* In halves: a division, or a product of 128 bits, is a call of a library on small machines. */
    uint64_t low = (uint64_t)(uint32_t)a * (uint32_t)b;
    uint64_t middle = (a >> 32) * (uint32_t)b + (b >> 32) * (uint32_t)a; /* one of them is 0, or: */
    bool fits = (a >> 32 == 0 || b >> 32 == 0) && middle >> 32 == 0;
    return fits ? fovea_sum(middle << 32, low) : FOVEA_TOO_LARGE;
}

/* The next `n` bytes, or NULL (and failed) where fewer are left. */
FOVEA_STATIC const uint8_t *fovea_take(struct fovea_bytes *b, uint64_t n) {
    if (b->failed || n > b->size - b->at) {
        b->failed = true;
        return NULL;
    }
    const uint8_t *p = b->start + b->at;
    b->at += (size_t)n;
    return p;
}

FOVEA_STATIC void fovea_skip(struct fovea_bytes *b, uint64_t n) {
    (void)fovea_take(b, n);
}

FOVEA_STATIC size_t fovea_left(const struct fovea_bytes *b) {
    return b->failed ? 0 : b->size - b->at;
}

/* Skips to the next multiple of `unit` (a power of two), counted from the start of the range. */
FOVEA_STATIC void fovea_align(struct fovea_bytes *b, size_t unit) {
    fovea_skip(b, (0 - b->at) & (unit - 1));
}

/* The next byte without taking it, or -1 at the end. */
FOVEA_STATIC int fovea_peek(const struct fovea_bytes *b) {
    return fovea_left(b) ? b->start[b->at] : -1;
}

/* Takes the next `n` bytes where they equal `text`; false, and failed, otherwise. */
FOVEA_STATIC bool fovea_match(struct fovea_bytes *b, const char *text, size_t n) {
    const uint8_t *p = fovea_take(b, n);
    bool same = p != NULL;
    for (size_t i = 0; same && i < n; i++) same = p[i] == (uint8_t)text[i];
    b->failed |= !same;
    return same;
}

/* The text up to the next NUL, which is taken as well; NULL, and failed, where none is within `max`
 * bytes of text. */
FOVEA_STATIC const char *fovea_take_text(struct fovea_bytes *b, size_t max, size_t *length) {
    size_t left = fovea_left(b), n = 0;
    while (n < left && n <= max && b->start[b->at + n] != 0) n++;
    *length = n;
    if (n > max || n == left) {
        b->failed = true;
        return NULL;
    }
    return (const char *)fovea_take(b, (uint64_t)n + 1);
}

/* A cursor over [offset, offset + length) of the whole range of `b`; failed where that is outside. */
FOVEA_STATIC struct fovea_bytes fovea_part(const struct fovea_bytes *b, uint64_t offset,
                                           uint64_t length) {
    struct fovea_bytes part = {NULL, 0, 0, true};
    if (!b->failed && fovea_in_range(offset, length, b->size)) {
        part.start = b->start + (size_t)offset;
        part.size = (size_t)length;
        part.failed = false;
    }
    return part;
}

/* A cursor over the next `n` bytes, which are taken. */
FOVEA_STATIC struct fovea_bytes fovea_take_part(struct fovea_bytes *b, uint64_t n) {
    struct fovea_bytes part = {fovea_take(b, n), 0, 0, b->failed};
    if (!part.failed) part.size = (size_t)n;
    return part;
}

/* An unsigned number of `bytes` (1 to 8) bytes. */
FOVEA_STATIC uint64_t fovea_read(struct fovea_bytes *b, unsigned bytes) {
    const uint8_t *p = fovea_take(b, bytes);
    uint64_t value = 0;
    for (unsigned i = 0; p && i < bytes; i++) value |= (uint64_t)p[i] << (8 * i);
    return value;
}
FOVEA_STATIC uint8_t fovea_read8(struct fovea_bytes *b) {
    return (uint8_t)fovea_read(b, 1);
}
FOVEA_STATIC uint16_t fovea_read16(struct fovea_bytes *b) {
    return (uint16_t)fovea_read(b, 2);
}
FOVEA_STATIC uint32_t fovea_read32(struct fovea_bytes *b) {
    const uint8_t *p = fovea_take(b, 4);
    return p ? fovea_load32(p) : 0;
}
FOVEA_STATIC uint64_t fovea_read64(struct fovea_bytes *b) {
    const uint8_t *p = fovea_take(b, 8);
    return p ? fovea_load64(p) : 0;
}

/* The same, most significant byte first. */
FOVEA_STATIC uint64_t fovea_read_big(struct fovea_bytes *b, unsigned bytes) {
    const uint8_t *p = fovea_take(b, bytes);
    uint64_t value = 0;
    for (unsigned i = 0; p && i < bytes; i++) value = value << 8 | p[i];
    return value;
}

FOVEA_INLINE float fovea_float_of_bits(uint32_t bits) {
    float value;
    fovea_copy(&value, &bits, sizeof value);
    return value;
}
FOVEA_INLINE uint32_t fovea_bits_of_float(float value) {
    uint32_t bits;
    fovea_copy(&bits, &value, sizeof bits);
    return bits;
}
FOVEA_STATIC float fovea_read_float(struct fovea_bytes *b) {
    return fovea_float_of_bits(fovea_read32(b));
}

#endif
