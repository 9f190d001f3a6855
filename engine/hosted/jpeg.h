/* A JPEG file as its markers describe it, and what is done with its scans. One walk (jpeg_file.c) reads the
 * markers; the gate goes it once and looks at the structure only, the decoder (jpeg_decode.c) goes it again with
 * a function that takes each scan's data (jpeg_entropy.c) apart. So the decoder knows nothing of a file that
 * the gate has not seen. */
#ifndef FOVEA_ENGINE_HOSTED_JPEG_H
#define FOVEA_ENGINE_HOSTED_JPEG_H

#include "engine/hosted/jpeg_pixels.h"
#include "engine/hosted/photo_file.h"

#define JPEG_UNSENT 255 /* no scan has sent this coefficient */

struct jpeg_component {
    uint32_t id, across, down, quantiser;
    uint32_t wide, high;   /* blocks that hold pixels */
    uint16_t divisors[64]; /* its quantisation table when its first scan came, in zigzag order */
    bool scanned;
    uint8_t sent[64]; /* per coefficient: the lowest bit sent so far, or JPEG_UNSENT */
};

struct jpeg_scan {
    uint32_t count, from, to, high, low; /* components; spectral selection; bit position */
    struct {
        uint32_t component, dc, ac;
    } of[4];
    uint32_t mcus_wide, mcus_high, restart; /* restart: MCUs between restarts, or 0 */
    const uint8_t *data, *end; /* entropy-coded, up to the next marker that is no restart */
};

/* The colours that the numbers of its components mean. */
enum jpeg_colours { JPEG_GREY, JPEG_YCC, JPEG_RGB, JPEG_CMYK, JPEG_YCCK };

struct jpeg {
    struct fovea_bytes in;
    const struct fovea_photo_options *options;
    struct fovea_photo_facts *facts;
    struct fovea_error *error;
    struct jpeg_component components[4];
    uint32_t width, height;
    uint32_t count, across, down; /* components; the largest sampling factors */
    uint32_t mcus_wide, mcus_high;
    uint16_t quantisers[4][64]; /* in zigzag order */
    const uint8_t
        *codes[2][4]; /* of DC, of AC: 16 counts of codes by length, then their symbols; or NULL */
    uint32_t quantised; /* bit t set: table t is defined */
    uint32_t restart, scans;
    bool frame, progressive, exif, jfif, adobe;
    bool streamed;      /* the first scan has all of the picture */
    uint32_t transform; /* what Adobe's marker says of the colours */
    enum jpeg_colours colours;
    uint64_t segment; /* where the present marker stands */

    /* Takes a scan apart; false stops the walk. NULL: nobody does. */
    bool (*take)(void *taker, const struct jpeg *file, const struct jpeg_scan *scan);
    void *taker;
};

/* The walk from SOI to EOI. `file` has its first five fields set. */
FOVEA_LOCAL enum fovea_status fovea_jpeg_walk(struct jpeg *file);

FOVEA_INLINE uint32_t jpeg_parts(uint32_t whole, uint32_t part) {
    return (whole + part - 1) / part;
}

/* ---- entropy-coded data (jpeg_entropy.c) ---- */

/* Bits of a restart interval, the next one on top. Where the data end before a marker, zeros follow, and are
 * counted: bits that were wanted and not there show in fovea_jpeg_dry. */
struct jpeg_stream {
    const uint8_t *at, *end;
    uint64_t bits;
    uint32_t count, invented;
};

/* A code of 16 bits at most. `fast` is looked up by the next JPEG_LOOK bits: where they hold the code and the
 * number behind it, the number in the upper 16 bits (never 0), the zeros in front of it and the bits of both
 * in a byte each; where only the code, the symbol and its bits; 0 where the code is longer. */
#define JPEG_LOOK 10
struct jpeg_code {
    const uint8_t *codes; /* what it was made from */
    const uint8_t *symbols;
    uint32_t fast[1 << JPEG_LOOK];
    uint32_t most[17];  /* codes of up to that many bits are below it, as 16 bits; the last: 2^16 */
    int32_t offset[17]; /* of a code's symbol from the code */
};

FOVEA_LOCAL void fovea_jpeg_code(struct jpeg_code *code, const uint8_t *codes, bool numbers);

/* Begins at the first bit of [data, end); goes on behind the next restart marker. */
FOVEA_LOCAL void fovea_jpeg_bits(struct jpeg_stream *bits, const uint8_t *data, const uint8_t *end);
FOVEA_LOCAL void fovea_jpeg_restart(struct jpeg_stream *bits);

FOVEA_INLINE bool fovea_jpeg_dry(const struct jpeg_stream *bits) {
    return bits->invented > bits->count;
}

/* One block of a sequential scan, its coefficients times `multipliers` (in zigzag order), into the zeroed `block`
 * row by row. *last: the last coefficient that may not be 0, in zigzag order. False where a code has no meaning. */
FOVEA_LOCAL bool fovea_jpeg_block(struct jpeg_stream *bits, const struct jpeg_code *dc,
                                  const struct jpeg_code *ac, const uint16_t multipliers[64],
                                  uint32_t *predicted, int16_t block[64], uint32_t *last);

/* The four kinds of progressive scans, a block each; AC coefficients are kept in zigzag order. `blank`: blocks
 * that are still to come and have no news (or only refinements). */
FOVEA_LOCAL bool fovea_jpeg_dc_first(struct jpeg_stream *bits, const struct jpeg_code *code,
                                     uint32_t low, uint32_t *predicted, int16_t *dc);
FOVEA_LOCAL void fovea_jpeg_dc_next(struct jpeg_stream *bits, uint32_t low, int16_t *dc);
FOVEA_LOCAL bool fovea_jpeg_ac_first(struct jpeg_stream *bits, const struct jpeg_code *code,
                                     const struct jpeg_scan *scan, uint32_t *blank, int16_t ac[64],
                                     uint8_t *last);
FOVEA_LOCAL bool fovea_jpeg_ac_next(struct jpeg_stream *bits, const struct jpeg_code *code,
                                    const struct jpeg_scan *scan, uint32_t *blank, int16_t ac[64],
                                    uint8_t *last);

/* Where coefficient k of the zigzag order stands in a block. */
static const uint8_t jpeg_natural[64] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

/* ---- planes, and rows of the picture (jpeg_rows.c) ---- */

/* How rows of a plane become rows of the picture. */
enum jpeg_way { JPEG_AS_IT_IS, JPEG_ACROSS, JPEG_DOWN, JPEG_BOTH, JPEG_COPIES };

struct jpeg_plane {
    uint32_t side;               /* pixels of a block */
    uint32_t width, height;      /* pixels that belong to the picture */
    uint32_t wide, high;         /* blocks in whole MCUs */
    uint32_t held;               /* rows of pixels */
    uint32_t expand_x, expand_y; /* of the picture by pixels of the plane */
    enum jpeg_way way;
    uint16_t multipliers[64];
    fovea_jpeg_inverse *inverse;
    uint32_t predicted;
    uint8_t *rows; /* row r at r % held, wide * side bytes each */
    uint8_t *line; /* an upsampled row */
    int16_t *sums; /* of a row, one more at either end */
    int16_t *
        dc; /* progressive: coefficients of a block, and the last one that may not be 0. DC by itself: */
    int16_t *ac; /* the pages of those of blocks that are flat are never touched. */
    uint8_t *last;
};

/* Row y of the picture as the plane has it: within the plane's rows, or in its line. */
FOVEA_LOCAL const uint8_t *fovea_jpeg_upsampled(const struct fovea_jpeg_kernels *kernels,
                                                const struct jpeg_plane *plane, uint32_t y);

/* A row of the components to grey or to R, G, B. */
FOVEA_LOCAL void fovea_jpeg_colours(const struct fovea_jpeg_kernels *kernels,
                                    enum jpeg_colours colours, const uint8_t *const rows[4],
                                    uint8_t *out, size_t width);

/* ---- the whole (jpeg_decode.c) ---- */

/* Fills in facts: the picture's size, and the most memory that decoding takes. */
FOVEA_LOCAL void fovea_jpeg_measure(const struct jpeg *file);

#endif
