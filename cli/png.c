#include "cli/png.h"

#include <stdlib.h>
#include <string.h>

/* Bytes that grow; `failed` where there was no memory for them. */
struct bytes {
    uint8_t *at;
    size_t size, room;
    bool failed;
};

static void put(struct bytes *b, uint8_t byte) {
    if (b->size == b->room && !b->failed) {
        const size_t larger = b->room ? 2 * b->room : 1 << 16;
        uint8_t *more = larger > b->room ? realloc(b->at, larger) : NULL;
        b->failed = !more;
        if (more) b->at = more;
        if (more) b->room = larger;
    }
    if (!b->failed) b->at[b->size++] = byte;
}

static void put32(struct bytes *b, uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) put(b, (uint8_t)(value >> shift));
}

/* ---- deflate ---- */

#define WINDOW   32768u
#define HASHES   32768u
#define SHORTEST 3u
#define LONGEST  258u

struct deflate {
    struct bytes *out;
    uint32_t bits, count; /* not written yet, from the lowest on */
};

static void put_bits(struct deflate *d, uint32_t value, unsigned count) {
    d->bits |= value << d->count;
    d->count += count;
    for (; d->count >= 8; d->count -= 8, d->bits >>= 8) put(d->out, (uint8_t)d->bits);
}

/* Codes are packed from their highest bit on. */
static void put_code(struct deflate *d, uint32_t code, unsigned count) {
    uint32_t turned = 0;
    for (unsigned i = 0; i < count; i++) turned |= (code >> i & 1) << (count - 1 - i);
    put_bits(d, turned, count);
}

/* RFC 1951, 3.2.6. */
static void put_symbol(struct deflate *d, uint32_t symbol) {
    if (symbol < 144)
        put_code(d, 0x30 + symbol, 8);
    else if (symbol < 256)
        put_code(d, 0x190 + symbol - 144, 9);
    else if (symbol < 280)
        put_code(d, symbol - 256, 7);
    else
        put_code(d, 0xc0 + symbol - 280, 8);
}

/* 3.2.5: 2 * a_bit values with a code each, then a_bit codes for each further bit. */
static void split(uint32_t value, uint32_t a_bit, uint32_t *code, uint32_t *extra, unsigned *bits) {
    *bits = 0;
    while (value >> *bits >= 2 * a_bit) ++*bits;
    *code = *bits * a_bit + (value >> *bits);
    *extra = value & ((1u << *bits) - 1);
}

static void put_match(struct deflate *d, uint32_t length, uint32_t distance) {
    uint32_t code, extra;
    unsigned bits;
    if (length == LONGEST) {
        put_symbol(d, 285);
    } else {
        split(length - SHORTEST, 4, &code, &extra, &bits);
        put_symbol(d, 257 + code);
        put_bits(d, extra, bits);
    }
    split(distance - 1, 2, &code, &extra, &bits);
    put_code(d, code, 5);
    put_bits(d, extra, bits);
}

static uint32_t hash_of(const uint8_t *at) {
    return (at[0] * 0x9e5u ^ at[1] * 0x1f35u ^ at[2] * 0x7b1u) % HASHES;
}

static uint32_t match_length(const uint8_t *a, const uint8_t *b, size_t most) {
    uint32_t length = 0;
    while (length < most && length < LONGEST && a[length] == b[length]) length++;
    return length;
}

/* A zlib stream: the last place with the same three bytes is looked at, no other. */
static void put_zlib(struct bytes *out, const uint8_t *bytes, size_t size) {
    struct deflate d = {out, 0, 0};
    size_t *last = calloc(HASHES, sizeof *last); /* 1 + the place */
    uint32_t a = 1, b = 0;
    out->failed |= !last;
    put(out, 0x78);
    put(out, 0x01);
    put_bits(&d, 1, 1);
    put_bits(&d, 1, 2);
    for (size_t at = 0; last && at < size;) {
        uint32_t length = 0;
        size_t from = 0;
        if (size - at >= SHORTEST) {
            size_t *entry = &last[hash_of(bytes + at)];
            from = *entry;
            *entry = at + 1;
            if (from && at - (from - 1) <= WINDOW)
                length = match_length(bytes + from - 1, bytes + at, size - at);
        }
        if (length >= SHORTEST)
            put_match(&d, length, (uint32_t)(at - (from - 1)));
        else
            put_symbol(&d, bytes[at]);
        at += length >= SHORTEST ? length : 1;
    }
    put_symbol(&d, 256);
    put_bits(&d, 0, 7);
    for (size_t i = 0; i < size; i++) {
        a = (a + bytes[i]) % 65521;
        b = (b + a) % 65521;
    }
    put32(out, b << 16 | a);
    free(last);
}

/* ---- rows ---- */

static uint8_t paeth(int left, int up, int corner) {
    const int guess = left + up - corner;
    const int l = abs(guess - left), u = abs(guess - up), c = abs(guess - corner);
    return (uint8_t)(l <= u && l <= c ? left : u <= c ? up : corner);
}

/* A row by one of the five filters. `up`: the row above, NULL over the first. */
static void filter_row(unsigned filter, const uint8_t *row, const uint8_t *up, size_t size,
                       size_t pixel, uint8_t *to) {
    for (size_t i = 0; i < size; i++) {
        const int left = i < pixel ? 0 : row[i - pixel], above = up ? up[i] : 0;
        const int corner = i < pixel || !up ? 0 : up[i - pixel];
        const int guess[] = {0, left, above, (left + above) / 2, paeth(left, above, corner)};
        to[i] = (uint8_t)(row[i] - guess[filter]);
    }
}

static uint64_t weight_of(const uint8_t *row, size_t size) {
    uint64_t sum = 0;
    for (size_t i = 0; i < size; i++) sum += row[i] < 128 ? row[i] : 256u - row[i];
    return sum;
}

static void filter_rows(const struct png_picture *p, uint8_t *to) {
    const size_t size = (size_t)p->width * p->channels;
    for (uint32_t y = 0; y < p->height; y++, to += size + 1) {
        const uint8_t *row = p->pixels + y * size, *up = y ? row - size : NULL;
        uint64_t least = UINT64_MAX;
        unsigned best = 0;
        for (unsigned filter = 0; filter < 5; filter++) {
            filter_row(filter, row, up, size, p->channels, to + 1);
            const uint64_t weight = weight_of(to + 1, size);
            if (weight < least) best = filter;
            if (weight < least) least = weight;
        }
        to[0] = (uint8_t)best;
        filter_row(best, row, up, size, p->channels, to + 1);
    }
}

/* ---- chunks ---- */

static size_t chunk_begin(struct bytes *b, const char *type) {
    const size_t start = b->size;
    put32(b, 0);
    for (int i = 0; i < 4; i++) put(b, (uint8_t)type[i]);
    return start;
}

static void chunk_end(struct bytes *b, size_t start) {
    uint32_t crc = 0xffffffffu;
    if (b->failed) return;
    const uint32_t length = (uint32_t)(b->size - start - 8);
    for (int i = 0; i < 4; i++) b->at[start + (size_t)i] = (uint8_t)(length >> (24 - 8 * i));
    for (size_t i = start + 4; i < b->size; i++) {
        crc ^= b->at[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    put32(b, ~crc);
}

static void put_text(struct bytes *b, const struct png_text *text) {
    const size_t start = chunk_begin(b, "iTXt");
    for (const char *at = text->key; *at; at++) put(b, (uint8_t)*at);
    for (int i = 0; i < 5; i++) put(b, 0); /* ends the key; plain; no language, no other key */
    for (const char *at = text->text; *at; at++) put(b, (uint8_t)*at);
    chunk_end(b, start);
}

static void put_header(struct bytes *b, const struct png_picture *p) {
    static const uint8_t magic[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    for (size_t i = 0; i < sizeof magic; i++) put(b, magic[i]);
    const size_t start = chunk_begin(b, "IHDR");
    put32(b, p->width);
    put32(b, p->height);
    put(b, 8);
    put(b, p->channels == 1 ? 0 : p->channels == 3 ? 2 : 6);
    for (int i = 0; i < 3; i++) put(b, 0);
    chunk_end(b, start);
}

bool png_write(const char *path, const struct png_picture *picture, const struct png_text *texts,
               struct trouble *trouble) {
    struct bytes b = {0};
    const size_t size = ((size_t)picture->width * picture->channels + 1) * picture->height;
    uint8_t *rows = malloc(size);
    if (rows) {
        filter_rows(picture, rows);
        put_header(&b, picture);
        for (; texts && texts->key; texts++) put_text(&b, texts);
        size_t start = chunk_begin(&b, "IDAT");
        put_zlib(&b, rows, size);
        chunk_end(&b, start);
        start = chunk_begin(&b, "IEND");
        chunk_end(&b, start);
    }
    const bool done = rows && !b.failed ? file_write(path, b.at, b.size, trouble)
                                        : fail(trouble, "%s: out of memory", path);
    free(rows);
    free(b.at);
    return done;
}
