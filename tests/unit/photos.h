/* Small JPEG and PNG files made byte by byte, for the tests of the photo reader. */
#ifndef FOVEA_TESTS_PHOTOS_H
#define FOVEA_TESTS_PHOTOS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct photo_file {
    uint8_t bytes[1 << 17];
    size_t size;
};

static inline void put(struct photo_file *f, uint64_t value, unsigned bytes) {
    while (bytes-- > 0) f->bytes[f->size++] = (uint8_t)(value >> (8 * bytes));
}

static inline void put_bytes(struct photo_file *f, const void *bytes, size_t size) {
    memcpy(f->bytes + f->size, bytes, size);
    f->size += size;
}

/* Replaces `gone` bytes at `at` by `size` others. */
static inline void splice(struct photo_file *f, size_t at, size_t gone, const void *bytes,
                          size_t size) {
    memmove(f->bytes + at + size, f->bytes + at + gone, f->size - at - gone);
    if (size) memcpy(f->bytes + at, bytes, size);
    f->size = f->size - gone + size;
}

/* ---- PNG ---- */

static inline uint32_t png_sum(const uint8_t *p, size_t size) {
    uint32_t c = 0xffffffffu;
    for (size_t i = 0; i < size; i++) {
        c ^= p[i];
        for (int bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
    }
    return ~c;
}

static inline void put_chunk(struct photo_file *f, const char *name, const void *data,
                             size_t size) {
    put(f, size, 4);
    size_t start = f->size;
    put_bytes(f, name, 4);
    if (size) put_bytes(f, data, size);
    put(f, png_sum(f->bytes + start, size + 4), 4);
}

static inline void put_png_start(struct photo_file *f, uint32_t w, uint32_t h, unsigned depth,
                                 unsigned colour, unsigned interlace) {
    static struct photo_file header;
    f->size = header.size = 0;
    put(f, 0x89504e470d0a1a0au, 8);
    put(&header, w, 4);
    put(&header, h, 4);
    put(&header, depth, 1);
    put(&header, colour, 1);
    put(&header, 0, 2);
    put(&header, interlace, 1);
    put_chunk(f, "IHDR", header.bytes, header.size);
}

/* `rows` as zlib data of stored blocks, in IDAT chunks of `split` bytes. */
static inline void put_png_rows(struct photo_file *f, const uint8_t *rows, size_t size,
                                size_t split) {
    static struct photo_file z;
    uint32_t a = 1, b = 0;
    z.size = 0;
    put(&z, 0x7801, 2);
    for (size_t at = 0, n; at < size || at == 0; at += n + !n) {
        n = size - at > 40000 ? 40000 : size - at;
        put(&z, at + n == size, 1);
        put(&z, (n & 255) << 8 | n >> 8, 2);
        put(&z, (~n & 255) << 8 | (~n >> 8 & 255), 2);
        put_bytes(&z, rows + at, n);
    }
    for (size_t i = 0; i < size; i++) {
        a = (a + rows[i]) % 65521;
        b = (b + a) % 65521;
    }
    put(&z, b << 16 | a, 4);
    for (size_t at = 0; at < z.size; at += split)
        put_chunk(f, "IDAT", z.bytes + at, z.size - at < split ? z.size - at : split);
}

/* A grey PNG of 8 bits, value 7 x + 11 y. */
static inline void make_grey_png(struct photo_file *f, uint32_t w, uint32_t h) {
    static uint8_t rows[1 << 14];
    size_t size = 0;
    for (uint32_t y = 0; y < h; y++) {
        rows[size++] = 0;
        for (uint32_t x = 0; x < w; x++) rows[size++] = (uint8_t)(7 * x + 11 * y);
    }
    put_png_start(f, w, h, 8, 0, 0);
    put_png_rows(f, rows, size, 50);
    put_chunk(f, "IEND", NULL, 0);
}

/* ---- JPEG: flat 8x8 blocks, quantiser 8, so that a block's pixels are 128 + its DC value ---- */

struct jpeg_shape {
    uint32_t width, height, components; /* each component in full size */
    uint32_t restart;                   /* MCUs, 0: none */
    bool progressive, apart;            /* apart: one scan per component */
    uint32_t bands;                     /* progressive: scans of AC coefficients per component */
};

static inline int block_value(uint32_t c, uint32_t bx, uint32_t by) {
    return (int)((bx * 29 + by * 53 + c * 17) % 200) - 100;
}

struct jpeg_bits {
    struct photo_file *file;
    uint32_t hold, count;
};

static inline void put_bits(struct jpeg_bits *b, uint32_t value, uint32_t count) {
    while (count-- > 0) {
        b->hold = b->hold << 1 | (value >> count & 1);
        if (++b->count < 8) continue;
        put(b->file, b->hold & 255, 1);
        if ((b->hold & 255) == 255) put(b->file, 0, 1);
        b->count = 0;
    }
}

static inline void pad_bits(struct jpeg_bits *b) {
    while (b->count) put_bits(b, 1, 1);
}

/* Code of category n: n itself in four bits; then the difference. */
static inline void put_dc(struct jpeg_bits *b, int difference) {
    uint32_t size = 0, magnitude = (uint32_t)(difference < 0 ? -difference : difference);
    while (magnitude >> size) size++;
    put_bits(b, size, 4);
    put_bits(b, (uint32_t)(difference < 0 ? difference - 1 : difference), size);
}

enum scan_kind { SCAN_ALL, SCAN_DC, SCAN_DC_LOW, SCAN_AC };

static inline void put_scan(struct photo_file *f, const struct jpeg_shape *s, enum scan_kind kind,
                            uint32_t first, uint32_t end, uint32_t from, uint32_t to) {
    struct jpeg_bits b = {f, 0, 0};
    int before[4] = {0};
    uint32_t wide = (s->width + 7) / 8, mcus = wide * ((s->height + 7) / 8);
    put(f, 0xffda, 2);
    put(f, 6 + 2 * (end - first), 2);
    put(f, end - first, 1);
    for (uint32_t c = first; c < end; c++) put(f, (c + 1) << 8, 2);
    put(f, from << 8 | to, 2);
    put(f, kind == SCAN_DC ? 0x01 : kind == SCAN_DC_LOW ? 0x10 : 0, 1);
    for (uint32_t m = 0; m < mcus; m++) {
        if (s->restart && m && m % s->restart == 0) {
            pad_bits(&b);
            put(f, 0xffd0 + (m / s->restart - 1) % 8, 2);
            memset(before, 0, sizeof before);
        }
        for (uint32_t c = first; c < end; c++) {
            int value = block_value(c, m % wide, m / wide);
            int coarse = kind == SCAN_DC ? (value + 200) / 2 - 100 : value; /* floor */
            if (kind == SCAN_ALL || kind == SCAN_DC) put_dc(&b, coarse - before[c]);
            if (kind == SCAN_ALL || kind == SCAN_AC) put_bits(&b, 0, 1); /* end of block */
            if (kind == SCAN_DC_LOW) put_bits(&b, (uint32_t)value & 1, 1);
            before[c] = coarse;
        }
    }
    pad_bits(&b);
}

static inline void put_jpeg_tables(struct photo_file *f, const struct jpeg_shape *s) {
    put(f, 0xffdb0043, 4);
    put(f, 0, 1);
    for (int i = 0; i < 64; i++) put(f, 8, 1);
    put(f, s->progressive ? 0xffc2 : 0xffc0, 2);
    put(f, 8 + 3 * s->components, 2);
    put(f, 8, 1);
    put(f, s->height, 2);
    put(f, s->width, 2);
    put(f, s->components, 1);
    for (uint32_t c = 0; c < s->components; c++) put(f, (c + 1) << 16 | 0x1100, 3);
    put(f, 0xffc4001f, 4); /* DC: 12 codes of 4 bits */
    put(f, 0, 1);
    for (int i = 1; i <= 16; i++) put(f, i == 4 ? 12 : 0, 1);
    for (unsigned i = 0; i < 12; i++) put(f, i, 1);
    put(f, 0xffc40014, 4); /* AC: one code of 1 bit, end of block */
    put(f, 0x10, 1);
    for (int i = 1; i <= 16; i++) put(f, i == 1, 1);
    put(f, 0, 1);
    if (s->restart) put(f, 0xffdd00040000u | s->restart, 6);
}

static inline void make_jpeg(struct photo_file *f, const struct jpeg_shape *s) {
    f->size = 0;
    put(f, 0xffd8, 2);
    if (s->components == 4) { /* Adobe's marker: CMYK */
        put(f, 0xffee000e, 4);
        put_bytes(f, "Adobe\0\144\0\0\0\0", 12);
    }
    put_jpeg_tables(f, s);
    for (uint32_t c = 0; c < (s->apart ? s->components : 1); c++) {
        uint32_t first = s->apart ? c : 0, end = s->apart ? c + 1 : s->components;
        put_scan(f, s, s->progressive ? SCAN_DC : SCAN_ALL, first, end, 0, s->progressive ? 0 : 63);
    }
    for (uint32_t c = 0; s->progressive && c < s->components; c++)
        for (uint32_t band = 0; band < s->bands; band++)
            put_scan(f, s, SCAN_AC, c, c + 1, 1 + 63 * band / s->bands, 63 * (band + 1) / s->bands);
    if (s->progressive) put_scan(f, s, SCAN_DC_LOW, 0, s->components, 0, 0);
    put(f, 0xffd9, 2);
}

#endif
