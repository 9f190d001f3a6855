/* A JPEG's scans to pixels. A picture whose first scan has all of it goes through two rows of MCUs at a time,
 * from bits to colours; one whose components come one by one is held in whole planes; a progressive one as
 * coefficients until its last scan. The planes of a picture, as libjpeg has them: inverse transforms of 8, 4, 2
 * or 1 pixels a side, then upsampling (jdsample: triangles where the factor is 2, else copies), then colours.
 *
 * All memory but the pixels is one piece, whose parts are placed by the same code that measures them. */
#include "engine/hosted/jpeg.h"

#include <stdlib.h>
#include <string.h>

struct jpeg_decoder {
    const struct jpeg *file;
    struct jpeg_plane planes[4];
    struct fovea_jpeg_kernels kernels;
    struct jpeg_code codes[2][4];
    struct jpeg_stream bits;
    uint32_t todo, blank; /* MCUs to the next restart; blocks of a progressive scan without news */
    uint32_t smallest;    /* pixels a side of the least enlarged component's blocks: 8, 4, 2, 1 */
    uint32_t width, height, shown; /* of the picture; rows that are done */
    bool fast, context;            /* context: some plane's rows need those below */
    uint8_t *memory, *pixels;
    bool no_memory;
};

/* ---- sizes ---- */

/* Pixels a side of a component's blocks: what spares upsampling, where the picture is shrunk. */
static uint32_t jpeg_side(const struct jpeg *file, const struct jpeg_component *c,
                          uint32_t smallest) {
    uint32_t side = smallest;
    while (side < 8 && file->across * smallest % (c->across * side * 2) == 0 &&
           file->down * smallest % (c->down * side * 2) == 0)
        side *= 2;
    return side;
}

static enum jpeg_way jpeg_way(const struct jpeg_plane *p, bool fancy) {
    if (p->expand_x == 1 && p->expand_y == 1) return JPEG_AS_IT_IS;
    if (fancy && p->expand_x == 2 && p->expand_y == 1 && p->width > 2) return JPEG_ACROSS;
    if (fancy && p->expand_x == 1 && p->expand_y == 2) return JPEG_DOWN;
    if (fancy && p->expand_x == 2 && p->expand_y == 2 && p->width > 2) return JPEG_BOTH;
    return p->expand_x == 1 ? JPEG_AS_IT_IS : JPEG_COPIES;
}

static void jpeg_plane_sizes(const struct jpeg_decoder *d, const struct jpeg_component *c,
                             struct jpeg_plane *p) {
    const struct jpeg *file = d->file;
    p->side = jpeg_side(file, c, d->smallest);
    p->width = jpeg_parts(file->width * c->across * p->side, file->across * 8);
    p->height = jpeg_parts(file->height * c->down * p->side, file->down * 8);
    p->wide = file->mcus_wide * c->across;
    p->high = file->mcus_high * c->down;
    p->expand_x = file->across * d->smallest / (c->across * p->side);
    p->expand_y = file->down * d->smallest / (c->down * p->side);
    p->way = jpeg_way(p, d->smallest > 1);
    p->held = (file->streamed || file->progressive ? 2 * c->down : p->high) * p->side;
}

static uint32_t jpeg_shrink(const struct jpeg *file) {
    const struct fovea_photo_options *o = file->options;
    uint32_t shrink = o->shrink;
    if (!o->least_width || !o->least_height) return shrink;
    while (shrink < 8 && file->width / o->least_width >= 2 * shrink &&
           file->height / o->least_height >= 2 * shrink)
        shrink *= 2;
    return shrink;
}

static void jpeg_sizes(struct jpeg_decoder *d, const struct jpeg *file) {
    d->file = file;
    const uint32_t shrink = jpeg_shrink(file);
    d->smallest = 8 / shrink;
    d->fast = file->options->fast;
    d->width = jpeg_parts(file->width, shrink);
    d->height = jpeg_parts(file->height, shrink);
    for (uint32_t i = 0; i < file->count; i++) {
        struct jpeg_plane *p = &d->planes[i];
        jpeg_plane_sizes(d, &file->components[i], p);
        d->context = d->context || p->way == JPEG_DOWN || p->way == JPEG_BOTH;
    }
}

/* ---- memory ---- */

struct jpeg_arena {
    uint8_t *base; /* NULL where sizes are only added up */
    uint64_t at;
};

static void *jpeg_place(struct jpeg_arena *arena, uint64_t count, size_t size) {
    uint64_t start = arena->at;
    arena->at += (count * size + 63) & ~(uint64_t)63; /* of sides below 2^17: no overflow */
    return arena->base ? arena->base + (size_t)start : NULL;
}

static uint64_t jpeg_places(struct jpeg_decoder *d, uint8_t *base) {
    struct jpeg_arena arena = {.base = base};
    for (uint32_t i = 0; i < d->file->count; i++) {
        struct jpeg_plane *p = &d->planes[i];
        uint64_t blocks = d->file->progressive ? (uint64_t)p->wide * p->high : 0;
        p->rows = (uint8_t *)jpeg_place(&arena, (uint64_t)p->held * p->wide * p->side, 1);
        p->line = (uint8_t *)jpeg_place(&arena, (uint64_t)p->width * p->expand_x, 1);
        p->sums = (int16_t *)jpeg_place(&arena, (uint64_t)p->width + 2, sizeof *p->sums);
        p->dc = (int16_t *)jpeg_place(&arena, blocks, sizeof *p->dc);
        p->ac = (int16_t *)jpeg_place(&arena, 64 * blocks, sizeof *p->ac);
        p->last = (uint8_t *)jpeg_place(&arena, blocks, 1);
    }
    return arena.at;
}

static uint64_t jpeg_picture_bytes(const struct jpeg_decoder *d) {
    return (uint64_t)d->width * d->height * (d->file->count == 1 ? 1 : 3);
}

/* The pixels twice: they may have to be turned upright. */
FOVEA_LOCAL void fovea_jpeg_measure(const struct jpeg *file) {
    struct jpeg_decoder d = {.smallest = 8};
    jpeg_sizes(&d, file);
    file->facts->width = d.width;
    file->facts->height = d.height;
    file->facts->memory = sizeof d + jpeg_places(&d, NULL) + 2 * jpeg_picture_bytes(&d);
}

/* ---- the start ---- */

/* Factors of the coefficients, in zigzag order: the quantisation table, times the scales of the fast transform
 * in two fractional bits where it is that (jidctfst, jddctmgr). */
static void jpeg_multipliers(struct jpeg_plane *p, const struct jpeg_component *c, bool fast) {
    static const double scales[8] = {1.0, 1.387039845, 1.306562965, 1.175875602,
                                     1.0, 0.785694958, 0.541196100, 0.275899379};
    for (uint32_t k = 0; k < 64; k++) {
        const uint32_t at = jpeg_natural[k];
        const uint32_t scale = (uint32_t)(scales[at / 8] * scales[at % 8] * 16384 + 0.5);
        p->multipliers[k] =
            fast ? (uint16_t)((c->divisors[k] * scale + (1u << 11)) >> 12) : c->divisors[k];
    }
}

static bool jpeg_begin(struct jpeg_decoder *d, const struct jpeg *file) {
    jpeg_sizes(d, file);
    d->kernels = fovea_jpeg_fastest();
    d->memory = (uint8_t *)calloc(1, (size_t)jpeg_places(d, NULL));
    d->pixels = d->memory ? (uint8_t *)calloc(1, (size_t)jpeg_picture_bytes(d)) : NULL;
    d->no_memory = d->pixels == NULL;
    if (d->no_memory) return false;
    jpeg_places(d, d->memory);
    for (uint32_t i = 0; i < file->count; i++) {
        struct jpeg_plane *p = &d->planes[i];
        const struct fovea_jpeg_kernels *k = &d->kernels;
        p->inverse = p->side == 4   ? k->quarter
                     : p->side == 2 ? k->pair
                     : p->side == 1 ? k->average
                     : d->fast      ? k->fast
                                    : k->accurate;
    }
    return true;
}

/* ---- blocks ---- */

/* What the inverse transform makes of a block of DC alone: all pixels are the same. */
static uint8_t jpeg_flat(const struct jpeg_decoder *d, const struct jpeg_plane *p, int16_t dc) {
    const int fixed = d->fast && p->side == 8 ? dc >> 5 : ((int16_t)(uint16_t)(dc * 4) + 16) >> 5;
    const int value = fixed + 128;
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* Block (column, row) of a plane to pixels. `last`: its last coefficient that may not be 0. */
static void jpeg_block_pixels(const struct jpeg_decoder *d, const struct jpeg_plane *p,
                              uint32_t column, uint32_t row, const int16_t block[64],
                              uint32_t last) {
    const size_t pitch = (size_t)p->wide * p->side;
    uint8_t *out = p->rows + row * p->side % p->held * pitch + (size_t)column * p->side;
    if (last) {
        p->inverse(block, out, pitch);
        return;
    }
    const uint8_t value = jpeg_flat(d, p, block[0]);
    for (uint32_t y = 0; y < p->side; y++) memset(out + y * pitch, value, p->side);
}

static bool jpeg_one_block(struct jpeg_decoder *d, const struct jpeg_scan *scan, uint32_t i,
                           uint32_t column, uint32_t row) {
    struct jpeg_plane *p = &d->planes[scan->of[i].component];
    const struct jpeg_code *dc = &d->codes[0][scan->of[i].dc], *ac = &d->codes[1][scan->of[i].ac];
    int16_t block[64] = {0};
    uint32_t last;
    if (!fovea_jpeg_block(&d->bits, dc, ac, p->multipliers, &p->predicted, block, &last))
        return false;
    jpeg_block_pixels(d, p, column, row, block, last);
    return true;
}

static bool jpeg_one_dc(struct jpeg_decoder *d, const struct jpeg_scan *scan, uint32_t i,
                        uint32_t column, uint32_t row) {
    struct jpeg_plane *p = &d->planes[scan->of[i].component];
    int16_t *dc = p->dc + (size_t)row * p->wide + column;
    if (!scan->high)
        return fovea_jpeg_dc_first(&d->bits, &d->codes[0][scan->of[i].dc], scan->low, &p->predicted,
                                   dc);
    fovea_jpeg_dc_next(&d->bits, scan->low, dc);
    return true;
}

static bool jpeg_one_ac(struct jpeg_decoder *d, const struct jpeg_scan *scan, uint32_t i,
                        uint32_t column, uint32_t row) {
    struct jpeg_plane *p = &d->planes[scan->of[i].component];
    const struct jpeg_code *code = &d->codes[1][scan->of[i].ac];
    const size_t at = (size_t)row * p->wide + column;
    if (d->blank && (!scan->high || p->last[at] < scan->from)) { /* nothing to read */
        d->blank--;
        return true;
    }
    return scan->high
               ? fovea_jpeg_ac_next(&d->bits, code, scan, &d->blank, p->ac + 64 * at, &p->last[at])
               : fovea_jpeg_ac_first(&d->bits, code, scan, &d->blank, p->ac + 64 * at,
                                     &p->last[at]);
}

/* ---- pixels ---- */

static void jpeg_show(const struct jpeg_decoder *d, uint32_t y) {
    const uint8_t *rows[4];
    uint8_t *out = d->pixels + (size_t)y * d->width * (d->file->count == 1 ? 1 : 3);
    for (uint32_t i = 0; i < d->file->count; i++)
        rows[i] = fovea_jpeg_upsampled(&d->kernels, &d->planes[i], y);
    fovea_jpeg_colours(&d->kernels, d->file->colours, rows, out, d->width);
}

/* Rows of MCUs before `end` are there: shows what can be shown. */
static void jpeg_show_rows(struct jpeg_decoder *d, uint32_t end) {
    uint32_t ready = end * d->file->down * d->smallest - (d->context ? 1 : 0);
    if (end == d->file->mcus_high) ready = d->height;
    while (d->shown < ready) jpeg_show(d, d->shown++);
}

/* ---- scans ---- */

/* Before each MCU: a restart where one is due. */
FOVEA_INLINE bool jpeg_next_mcu(struct jpeg_decoder *d, const struct jpeg_scan *scan) {
    if (d->todo--) return true;
    if (fovea_jpeg_dry(&d->bits)) return false;
    fovea_jpeg_restart(&d->bits);
    for (int i = 0; i < 4; i++) d->planes[i].predicted = 0;
    d->blank = 0;
    d->todo = scan->restart - 1;
    return true;
}

typedef bool jpeg_take_block(struct jpeg_decoder *d, const struct jpeg_scan *scan, uint32_t i,
                             uint32_t column, uint32_t row);

/* MCU (column, row) of a scan of several components. */
FOVEA_INLINE bool jpeg_mcu(struct jpeg_decoder *d, const struct jpeg_scan *scan, uint32_t column,
                           uint32_t row, jpeg_take_block *take) {
    for (uint32_t i = 0; i < scan->count; i++) {
        const struct jpeg_component *c = &d->file->components[scan->of[i].component];
        for (uint32_t y = 0; y < c->down; y++)
            for (uint32_t x = 0; x < c->across; x++)
                if (!take(d, scan, i, column * c->across + x, row * c->down + y)) return false;
    }
    return true;
}

static bool jpeg_mcu_row(struct jpeg_decoder *d, const struct jpeg_scan *scan, uint32_t row,
                         jpeg_take_block *take) {
    for (uint32_t x = 0; x < scan->mcus_wide; x++) {
        if (!jpeg_next_mcu(d, scan)) return false;
        if (!(scan->count > 1 ? jpeg_mcu(d, scan, x, row, take) : take(d, scan, 0, x, row)))
            return false;
    }
    return !fovea_jpeg_dry(&d->bits);
}

static void jpeg_scan_begin(struct jpeg_decoder *d, const struct jpeg_scan *scan) {
    const struct jpeg *file = d->file;
    fovea_jpeg_bits(&d->bits, scan->data, scan->end);
    d->todo = scan->restart ? scan->restart : UINT32_MAX;
    d->blank = 0;
    for (uint32_t i = 0; i < scan->count; i++) {
        const uint32_t dc = scan->of[i].dc, ac = scan->of[i].ac, c = scan->of[i].component;
        if (file->codes[0][dc]) fovea_jpeg_code(&d->codes[0][dc], file->codes[0][dc], false);
        if (file->codes[1][ac])
            fovea_jpeg_code(&d->codes[1][ac], file->codes[1][ac], !file->progressive);
        d->planes[c].predicted = 0;
        jpeg_multipliers(&d->planes[c], &file->components[c], d->fast && d->planes[c].side == 8);
    }
}

static bool jpeg_take(void *taker, const struct jpeg *file, const struct jpeg_scan *scan) {
    struct jpeg_decoder *d = (struct jpeg_decoder *)taker;
    jpeg_take_block *take = !file->progressive ? jpeg_one_block
                            : scan->from == 0  ? jpeg_one_dc
                                               : jpeg_one_ac;
    if (!d->memory && !jpeg_begin(d, file)) return false;
    jpeg_scan_begin(d, scan);
    for (uint32_t row = 0; row < scan->mcus_high; row++) {
        if (!jpeg_mcu_row(d, scan, row, take)) return false;
        if (file->streamed) jpeg_show_rows(d, row + 1);
    }
    return true;
}

/* ---- the end ---- */

/* A row of blocks of a progressive picture. */
static void jpeg_transform_row(const struct jpeg_decoder *d, const struct jpeg_plane *p,
                               uint32_t wide, uint32_t row) {
    for (uint32_t column = 0; column < wide; column++) {
        const size_t at = (size_t)row * p->wide + column;
        const uint32_t last = p->last[at];
        int16_t block[64] = {0};
        block[0] = (int16_t)(uint16_t)((uint32_t)p->dc[at] * p->multipliers[0]);
        for (uint32_t k = 1; k <= last; k++)
            block[jpeg_natural[k]] =
                (int16_t)(uint16_t)((uint32_t)p->ac[64 * at + k] * p->multipliers[k]);
        jpeg_block_pixels(d, p, column, row, block, last);
    }
}

static void jpeg_finish(struct jpeg_decoder *d) {
    const struct jpeg *file = d->file;
    for (uint32_t row = 0; row < file->mcus_high && !file->streamed; row++) {
        for (uint32_t i = 0; i < file->count && file->progressive; i++) {
            const struct jpeg_component *c = &file->components[i];
            for (uint32_t y = row * c->down; y < (row + 1) * c->down && y < c->high; y++)
                jpeg_transform_row(d, &d->planes[i], c->wide, y);
        }
        jpeg_show_rows(d, row + 1);
    }
}

FOVEA_LOCAL uint8_t *fovea_jpeg_decode(const void *file, const struct fovea_photo_options *options,
                                       const struct fovea_photo_facts *facts, uint64_t *stopped) {
    struct jpeg_decoder *d = (struct jpeg_decoder *)calloc(1, sizeof *d);
    struct fovea_photo_facts again = {0};
    struct jpeg walk = {.in = fovea_bytes_of(file, (size_t)facts->size),
                        .options = options,
                        .facts = &again,
                        .take = jpeg_take,
                        .taker = d};
    *stopped = FOVEA_PHOTO_MEMORY;
    if (!d) return NULL;
    bool done = fovea_jpeg_walk(&walk) == FOVEA_OK;
    if (done) jpeg_finish(d);
    if (!d->no_memory) *stopped = (uint64_t)(d->bits.at - (const uint8_t *)file);
    uint8_t *pixels = d->pixels;
    if (!done) {
        free(pixels);
        pixels = NULL;
    }
    free(d->memory);
    free(d);
    return pixels;
}
