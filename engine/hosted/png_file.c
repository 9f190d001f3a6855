/* The gate for PNG: signature, then chunks of length, name, data and CRC-32, IHDR first, IEND last. */
#include "engine/hosted/photo_file.h"

#define PNG_NAME(a, b, c, d)                                                                       \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

enum png_colour { PNG_GREY = 0, PNG_RGB = 2, PNG_PALETTE = 3, PNG_GREY_ALPHA = 4, PNG_RGBA = 6 };

/* Bit b set: depth b is allowed. */
static const struct png_kind {
    uint8_t channels, wanted;
    uint32_t depths;
} png_kinds[] = {
    [PNG_GREY] = {1, 1, 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8 | 1u << 16},
    [PNG_RGB] = {3, 3, 1u << 8 | 1u << 16},
    [PNG_PALETTE] = {1, 3, 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8},
    [PNG_GREY_ALPHA] = {2, 1, 1u << 8 | 1u << 16},
    [PNG_RGBA] = {4, 3, 1u << 8 | 1u << 16},
};

struct png_gate {
    struct fovea_bytes in;
    const struct fovea_photo_options *options;
    struct fovea_photo_facts *facts;
    struct fovea_error *error;
    uint32_t crc[4][256];
    uint32_t depth, colour, palette; /* palette: entries */
    bool interlaced, header, transparent, data_begun, data_over, exif, end;
    uint64_t data;  /* bytes in all IDAT chunks */
    uint64_t chunk; /* where the present chunk starts */
};

/* ---- CRC-32, four bytes a step; the tables are made here, so that none is global ---- */

static void png_crc_tables(struct png_gate *g) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
        g->crc[0][i] = c;
    }
    for (int t = 1; t < 4; t++)
        for (uint32_t i = 0; i < 256; i++)
            g->crc[t][i] = g->crc[t - 1][i] >> 8 ^ g->crc[0][g->crc[t - 1][i] & 255];
}

static uint32_t png_crc(const struct png_gate *g, const uint8_t *p, size_t size) {
    uint32_t c = 0xffffffffu;
    for (; size >= 4; size -= 4, p += 4) {
        c ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
        c = g->crc[3][c & 255] ^ g->crc[2][c >> 8 & 255] ^ g->crc[1][c >> 16 & 255] ^
            g->crc[0][c >> 24];
    }
    for (; size > 0; size--, p++) c = g->crc[0][(c ^ *p) & 255] ^ c >> 8;
    return ~c;
}

/* ---- chunks ---- */

static enum fovea_status png_refuse(struct png_gate *g, enum fovea_status status,
                                    const char *text) {
    return fovea_refuse(g->error, status, text, g->chunk);
}

static enum fovea_status png_header(struct png_gate *g, struct fovea_bytes data) {
    struct fovea_photo_facts *facts = g->facts;
    if (g->header || data.size != 13)
        return png_refuse(g, FOVEA_PICTURE, "P-038 a PNG has one IHDR chunk of 13 bytes");
    facts->width = fovea_photo_read(&data, 4);
    facts->height = fovea_photo_read(&data, 4);
    g->depth = fovea_photo_read(&data, 1);
    g->colour = fovea_photo_read(&data, 1);
    uint32_t compression = fovea_photo_read(&data, 1), filter = fovea_photo_read(&data, 1);
    uint32_t interlace = fovea_photo_read(&data, 1);
    if (facts->width == 0 || facts->height == 0)
        return png_refuse(g, FOVEA_PICTURE, "P-039 the PNG has no pixels");
    if (g->colour >= sizeof png_kinds / sizeof *png_kinds || g->depth > 16 ||
        !(png_kinds[g->colour].depths & 1u << g->depth))
        return png_refuse(g, FOVEA_PICTURE,
                          "P-040 the PNG's colour type and bit depth do not exist");
    if (compression || filter || interlace > 1)
        return png_refuse(g, FOVEA_UNSUPPORTED,
                          "P-041 the PNG's compression or interlacing is unknown");
    const char *large = fovea_photo_too_large(g->options, facts->width, facts->height);
    if (large) return png_refuse(g, FOVEA_LIMIT, large);
    facts->channels = png_kinds[g->colour].wanted;
    g->interlaced = interlace == 1;
    g->header = true;
    return FOVEA_OK;
}

static enum fovea_status png_palette(struct png_gate *g, struct fovea_bytes data) {
    if (g->colour == PNG_GREY || g->colour == PNG_GREY_ALPHA)
        return png_refuse(g, FOVEA_PICTURE, "P-042 a grey PNG cannot have a palette");
    if (g->palette || g->transparent || g->data_begun)
        return png_refuse(g, FOVEA_PICTURE, "P-043 the PNG's palette is not where it should be");
    if (data.size == 0 || data.size % 3 || data.size > 3 * 256)
        return png_refuse(g, FOVEA_PICTURE,
                          "P-044 a PNG's palette has 1 to 256 colours of 3 bytes");
    g->palette = (uint32_t)data.size / 3;
    return FOVEA_OK;
}

static enum fovea_status png_transparency(struct png_gate *g, struct fovea_bytes data) {
    bool sized = g->colour == PNG_PALETTE ? data.size <= g->palette
                 : g->colour == PNG_GREY  ? data.size == 2
                                          : g->colour == PNG_RGB && data.size == 6;
    if (g->transparent || g->data_begun || !sized)
        return png_refuse(g, FOVEA_PICTURE,
                          "P-045 the PNG's transparency does not fit its colours");
    g->transparent = true;
    return FOVEA_OK;
}

static enum fovea_status png_data(struct png_gate *g, struct fovea_bytes data) {
    if (g->data_over)
        return png_refuse(g, FOVEA_PICTURE,
                          "P-046 the PNG's IDAT chunks do not follow one another");
    if (g->colour == PNG_PALETTE && !g->palette)
        return png_refuse(g, FOVEA_PICTURE, "P-047 the PNG's palette is missing");
    g->data_begun = true;
    g->data += data.size; /* parts of one file: cannot overflow */
    return FOVEA_OK;
}

static enum fovea_status png_exif(struct png_gate *g, struct fovea_bytes data) {
    if (!g->exif) g->exif = fovea_exif_orientation(data, &g->facts->orientation);
    return FOVEA_OK;
}

static enum fovea_status png_end(struct png_gate *g, struct fovea_bytes data) {
    if (data.size || !g->data_begun)
        return png_refuse(g, FOVEA_PICTURE, "P-048 the PNG ends without pixels");
    g->end = true;
    return FOVEA_OK;
}

static enum fovea_status png_chunk(struct png_gate *g, uint32_t name, struct fovea_bytes data) {
    static const struct {
        uint32_t name;
        enum fovea_status (*check)(struct png_gate *g, struct fovea_bytes data);
    } known[] = {
        {PNG_NAME('I', 'H', 'D', 'R'), png_header},
        {PNG_NAME('P', 'L', 'T', 'E'), png_palette},
        {PNG_NAME('t', 'R', 'N', 'S'), png_transparency},
        {PNG_NAME('I', 'D', 'A', 'T'), png_data},
        {PNG_NAME('e', 'X', 'I', 'f'), png_exif},
        {PNG_NAME('I', 'E', 'N', 'D'), png_end},
    };
    bool data_chunk = name == PNG_NAME('I', 'D', 'A', 'T');
    if (name == PNG_NAME('C', 'g', 'B', 'I'))
        return png_refuse(g, FOVEA_UNSUPPORTED, "P-049 Apple's private variant of PNG is not read");
    if (!g->header && name != PNG_NAME('I', 'H', 'D', 'R'))
        return png_refuse(g, FOVEA_PICTURE, "P-050 a PNG starts with an IHDR chunk");
    g->data_over = g->data_over || (g->data_begun && !data_chunk);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].name == name) return known[i].check(g, data);
    if (!(name & 0x20000000u)) /* a capital first letter: needed to understand the picture */
        return png_refuse(g, FOVEA_UNSUPPORTED,
                          "P-051 the PNG has a critical chunk that is unknown");
    return FOVEA_OK;
}

static enum fovea_status png_walk(struct png_gate *g) {
    while (!g->end) {
        g->chunk = g->in.at;
        uint32_t length = fovea_photo_read(&g->in, 4);
        const uint8_t *body = fovea_take(&g->in, (uint64_t)length + 4);
        uint32_t crc = fovea_photo_read(&g->in, 4);
        if (g->in.failed)
            return fovea_refuse(g->error, FOVEA_TRUNCATED, "P-052 the PNG ends too early",
                                g->in.size);
        if (crc != png_crc(g, body, (size_t)length + 4))
            return png_refuse(g, FOVEA_CHECKSUM,
                              "P-053 a checksum in the PNG is wrong: it is damaged");
        struct fovea_bytes data = fovea_bytes_of(body, (size_t)length + 4);
        uint32_t name = fovea_photo_read(&data, 4);
        enum fovea_status status = png_chunk(g, name, fovea_part(&data, 4, length));
        if (status != FOVEA_OK) return status;
    }
    g->facts->size = g->in.at; /* what follows is not part of the picture */
    return FOVEA_OK;
}

FOVEA_LOCAL uint64_t fovea_png_rows(uint32_t width, uint32_t height, uint32_t pixel_bits,
                                    bool interlaced) {
    static const struct {
        uint8_t x, y, across, down;
    } passes[] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                  {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}, {0, 0, 1, 1}};
    uint64_t bytes = 0;
    for (size_t i = interlaced ? 0 : 7; i < (interlaced ? 7u : 8u); i++) {
        uint64_t w = (width + passes[i].across - 1u - passes[i].x) / passes[i].across;
        uint64_t h = (height + passes[i].down - 1u - passes[i].y) / passes[i].down;
        if (w) bytes += (1 + (w * pixel_bits + 7) / 8) * h; /* options: below 2^30 */
    }
    return bytes;
}

/* What stb_image holds at one time: the joined IDAT data, grown by doubling; the filtered rows; the
 * pixels, twice where interlaced or converted, and a palette's colours. */
static enum fovea_status png_memory(struct png_gate *g) {
    struct fovea_photo_facts *facts = g->facts;
    uint32_t channels = png_kinds[g->colour].channels, bytes = g->depth == 16 ? 2 : 1;
    uint64_t rows = fovea_png_rows(facts->width, facts->height, channels * g->depth, g->interlaced);
    if (rows / 1032 > g->data) /* the most that deflate can compress */
        return png_refuse(g, FOVEA_TRUNCATED, "P-055 the PNG has too little data for its size");
    uint64_t area = (uint64_t)facts->width * facts->height;
    facts->memory = 3 * g->data + rows + (2 * (channels + 1) * bytes + 4) * area + (1u << 16);
    return FOVEA_OK;
}

FOVEA_LOCAL enum fovea_status fovea_png_gate(const void *file, size_t size,
                                             const struct fovea_photo_options *options,
                                             struct fovea_photo_facts *facts,
                                             struct fovea_error *error) {
    struct png_gate g = {
        .in = fovea_bytes_of(file, size), .options = options, .facts = facts, .error = error};
    *facts = (struct fovea_photo_facts){.orientation = 1};
    png_crc_tables(&g);
    fovea_skip(&g.in, 8);
    enum fovea_status status = png_walk(&g);
    return status == FOVEA_OK ? png_memory(&g) : status;
}
