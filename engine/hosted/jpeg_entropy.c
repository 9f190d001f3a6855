/* The entropy-coded data of a JPEG: bits, Huffman codes, the coefficients of a block (ITU T.81, F.2.2 and G.2).
 *
 * Whatever the bits say, a block costs a bounded number of steps, and nothing is written outside of its 64
 * coefficients. Numbers wrap at 16 bits as libjpeg's do. */
#include "engine/hosted/jpeg.h"

/* ---- bits ---- */

/* The first of eight bytes on top. */
FOVEA_INLINE uint64_t entropy_load(const uint8_t *p) {
    uint64_t v = fovea_load64(p);
    v = (v & 0x00ff00ff00ff00ffu) << 8 | (v >> 8 & 0x00ff00ff00ff00ffu);
    v = (v & 0x0000ffff0000ffffu) << 16 | (v >> 16 & 0x0000ffff0000ffffu);
    return v << 32 | v >> 32; /* compilers have an instruction for that */
}

/* The next byte; 0xff is written as 0xff 0, and anything else behind it is a marker, where the data end. */
static void entropy_byte(struct jpeg_stream *b) {
    uint64_t byte = 0;
    if (b->at == b->end) {
        b->invented += 8;
    } else if (*b->at != 0xff) {
        byte = *b->at++;
    } else {
        const uint8_t *next = b->at;
        while (next != b->end && *next == 0xff) next++;
        if (next != b->end && *next == 0) {
            byte = 0xff;
            b->at = next + 1;
        } else {
            b->invented += 8;
        }
    }
    b->bits |= byte << (56 - b->count);
    b->count += 8;
}

/* At least 32 bits, enough for a code and the number behind it. Bits below `count` may already be those of the
 * next byte: they are written again. */
FOVEA_INLINE void entropy_fill(struct jpeg_stream *b) {
    const uint64_t ones = 0x0101010101010101u, tops = ones << 7;
    if (b->count >= 32) return;
    if (b->end - b->at >= 8) {
        const uint64_t next = entropy_load(b->at), other = ~next;
        if (((other - ones) & next & tops) == 0) { /* no byte is 0xff */
            const uint32_t bytes = (64 - b->count) / 8;
            b->bits |= next >> b->count;
            b->at += bytes;
            b->count += 8 * bytes;
            return;
        }
    }
    while (b->count <= 48) entropy_byte(b);
}

FOVEA_INLINE void entropy_drop(struct jpeg_stream *b, uint32_t n) {
    b->bits <<= n;
    b->count -= n;
}

/* n bits, 1 to 16, that are there. */
FOVEA_INLINE uint32_t entropy_take(struct jpeg_stream *b, uint32_t n) {
    const uint32_t value = (uint32_t)(b->bits >> (64 - n));
    entropy_drop(b, n);
    return value;
}

FOVEA_INLINE uint32_t entropy_bit(struct jpeg_stream *b) {
    entropy_fill(b);
    return entropy_take(b, 1);
}

/* A number of n bits, 1 to 15: those that begin with 0 are negative. */
FOVEA_INLINE int32_t entropy_extend(uint32_t value, uint32_t n) {
    return (int32_t)value - (value >> (n - 1) ? 0 : (1 << n) - 1);
}

FOVEA_LOCAL void fovea_jpeg_bits(struct jpeg_stream *b, const uint8_t *data, const uint8_t *end) {
    *b = (struct jpeg_stream){.at = data, .end = end};
}

/* Bytes in front of the marker that nobody wanted are passed over, as libjpeg does. */
FOVEA_LOCAL void fovea_jpeg_restart(struct jpeg_stream *b) {
    const uint8_t *p = b->at;
    while (b->end - p >= 2 && !(p[0] == 0xff && p[1] != 0 && p[1] != 0xff)) p++;
    fovea_jpeg_bits(b, b->end - p >= 2 ? p + 2 : b->end, b->end);
}

/* ---- codes ---- */

/* Entry of the table for a code of `length` bits with `symbol`, and the bits behind it. */
static uint32_t entropy_entry(uint32_t symbol, uint32_t length, uint32_t index, bool numbers) {
    const uint32_t bits = symbol & 15, all = length + bits;
    if (numbers && bits && all <= JPEG_LOOK) {
        const uint32_t value = index >> (JPEG_LOOK - all) & ((1u << bits) - 1);
        return (uint32_t)entropy_extend(value, bits) << 16 | symbol >> 4 << 8 | all;
    }
    return symbol << 8 | length;
}

FOVEA_LOCAL void fovea_jpeg_code(struct jpeg_code *c, const uint8_t *codes, bool numbers) {
    uint32_t code = 0, symbol = 0;
    if (c->codes == codes) return;
    fovea_fill(c->fast, 0, sizeof c->fast);
    c->codes = codes;
    c->symbols = codes + 16;
    for (uint32_t length = 1; length <= 16; length++) {
        c->offset[length] = (int32_t)symbol - (int32_t)code;
        for (uint32_t i = 0; i < codes[length - 1]; i++, code++, symbol++)
            for (uint32_t rest = 0; length <= JPEG_LOOK && rest < 1u << (JPEG_LOOK - length);
                 rest++) {
                const uint32_t index = (code << (JPEG_LOOK - length)) + rest;
                c->fast[index] = entropy_entry(c->symbols[symbol], length, index, numbers);
            }
        c->most[length] = code << (16 - length);
        code <<= 1;
    }
}

/* A symbol whose code is longer than JPEG_LOOK, or has no meaning: -1. */
static int32_t entropy_long(struct jpeg_stream *b, const struct jpeg_code *c) {
    const uint32_t top = (uint32_t)(b->bits >> 48);
    uint32_t length = JPEG_LOOK + 1;
    while (length <= 16 && top >= c->most[length]) length++;
    if (length > 16) return -1;
    entropy_drop(b, length);
    return c->symbols[(int32_t)(top >> (16 - length)) + c->offset[length]];
}

FOVEA_INLINE int32_t entropy_symbol(struct jpeg_stream *b, const struct jpeg_code *c) {
    const uint32_t entry = c->fast[b->bits >> (64 - JPEG_LOOK)];
    if (!entry) return entropy_long(b, c);
    entropy_drop(b, entry & 255);
    return (int32_t)(entry >> 8 & 255);
}

/* ---- blocks of sequential scans ---- */

FOVEA_INLINE bool entropy_dc(struct jpeg_stream *b, const struct jpeg_code *code,
                             uint32_t *predicted) {
    entropy_fill(b);
    const int32_t bits = entropy_symbol(b, code);
    if (bits < 0 || bits > 15) return false;
    if (bits)
        *predicted += (uint32_t)entropy_extend(entropy_take(b, (uint32_t)bits), (uint32_t)bits);
    return true;
}

/* The loop that decides how fast a photo is read: the bits stay in registers, and are handed to those who fill
 * them up or look for long codes. */
FOVEA_LOCAL bool fovea_jpeg_block(struct jpeg_stream *b, const struct jpeg_code *dc,
                                  const struct jpeg_code *ac, const uint16_t multipliers[64],
                                  uint32_t *predicted, int16_t block[64], uint32_t *last) {
    uint32_t end = 0;
    if (!entropy_dc(b, dc, predicted)) return false;
    block[0] = (int16_t)(uint16_t)(*predicted * multipliers[0]);
    uint64_t bits = b->bits;
    uint32_t count = b->count;
    for (uint32_t k = 1; k < 64; k++) {
        if (count < 32) {
            b->bits = bits;
            b->count = count;
            entropy_fill(b);
            bits = b->bits;
            count = b->count;
        }
        const uint32_t entry = ac->fast[bits >> (64 - JPEG_LOOK)], n = entry & 255;
        int32_t value = (int32_t)entry >> 16;
        bits <<= n;
        count -= n;
        if (value) {
            k += entry >> 8 & 255;
        } else {
            uint32_t symbol = entry >> 8;
            if (!n) {
                b->bits = bits;
                b->count = count;
                const int32_t found = entropy_long(b, ac);
                if (found < 0) return false;
                symbol = (uint32_t)found;
                bits = b->bits;
                count = b->count;
            }
            const uint32_t size = symbol & 15;
            if (!size && symbol < 0xf0) break;
            k += symbol >> 4;
            if (!size) continue;
            value = entropy_extend((uint32_t)(bits >> (64 - size)), size);
            bits <<= size;
            count -= size;
        }
        if (k > 63) return false;
        block[jpeg_natural[k]] = (int16_t)(uint16_t)((uint32_t)value * multipliers[k]);
        end = k;
    }
    b->bits = bits;
    b->count = count;
    *last = end;
    return true;
}

/* ---- blocks of progressive scans ---- */

FOVEA_LOCAL bool fovea_jpeg_dc_first(struct jpeg_stream *b, const struct jpeg_code *code,
                                     uint32_t low, uint32_t *predicted, int16_t *dc) {
    if (!entropy_dc(b, code, predicted)) return false;
    *dc = (int16_t)(*predicted << low);
    return true;
}

FOVEA_LOCAL void fovea_jpeg_dc_next(struct jpeg_stream *b, uint32_t low, int16_t *dc) {
    if (entropy_bit(b)) *dc = (int16_t)(*dc | 1 << low);
}

/* The number of blocks, this one included, that a symbol of `zeros` < 15 and no bits leaves blank. */
FOVEA_INLINE uint32_t entropy_blank(struct jpeg_stream *b, uint32_t zeros) {
    return (1u << zeros) + (zeros ? entropy_take(b, zeros) : 0);
}

FOVEA_LOCAL bool fovea_jpeg_ac_first(struct jpeg_stream *b, const struct jpeg_code *code,
                                     const struct jpeg_scan *scan, uint32_t *blank, int16_t ac[64],
                                     uint8_t *last) {
    for (uint32_t k = scan->from; k <= scan->to; k++) {
        entropy_fill(b);
        const int32_t symbol = entropy_symbol(b, code);
        if (symbol < 0) return false;
        const uint32_t zeros = (uint32_t)symbol >> 4, n = symbol & 15;
        if (!n && zeros < 15) {
            *blank = entropy_blank(b, zeros) - 1;
            break;
        }
        k += zeros;
        if (!n) continue;
        if (k > scan->to) return false;
        ac[k] = (int16_t)((uint32_t)entropy_extend(entropy_take(b, n), n) << scan->low);
        if (k > *last) *last = (uint8_t)k;
    }
    return true;
}

/* One more bit of a coefficient that is not 0. */
FOVEA_INLINE void entropy_refine(struct jpeg_stream *b, int16_t *value, int32_t bit) {
    if (entropy_bit(b) && !(*value & bit)) *value = (int16_t)(*value + (*value > 0 ? bit : -bit));
}

/* From k on to the `zeros`-th coefficient that is 0, or to the scan's last; those between are refined. */
static uint32_t entropy_pass(struct jpeg_stream *b, const struct jpeg_scan *scan, int16_t ac[64],
                             uint32_t k, uint32_t zeros) {
    for (; k <= scan->to; k++) {
        if (ac[k])
            entropy_refine(b, &ac[k], 1 << scan->low);
        else if (zeros-- == 0)
            break;
    }
    return k;
}

FOVEA_LOCAL bool fovea_jpeg_ac_next(struct jpeg_stream *b, const struct jpeg_code *code,
                                    const struct jpeg_scan *scan, uint32_t *blank, int16_t ac[64],
                                    uint8_t *last) {
    uint32_t k = scan->from;
    for (; k <= scan->to && !*blank; k++) {
        entropy_fill(b);
        const int32_t symbol = entropy_symbol(b, code);
        if (symbol < 0 || (symbol & 15) > 1) return false;
        const uint32_t zeros = (uint32_t)symbol >> 4;
        if (symbol & 15) {
            const int32_t bit = 1 << scan->low, value = entropy_take(b, 1) ? bit : -bit;
            k = entropy_pass(b, scan, ac, k, zeros);
            if (k > scan->to) return false;
            ac[k] = (int16_t)value;
            if (k > *last) *last = (uint8_t)k;
        } else if (zeros == 15) {
            k = entropy_pass(b, scan, ac, k, zeros);
        } else {
            *blank = entropy_blank(b, zeros);
            break;
        }
    }
    if (!*blank) return true;
    for (; k <= scan->to && k <= *last; k++)
        if (ac[k]) entropy_refine(b, &ac[k], 1 << scan->low);
    --*blank;
    return true;
}
