/* The markers and segments of a JPEG from SOI to EOI, and the entropy-coded data between them; the gate.
 *
 * JPEG has no checksum and decoders paint grey where data are missing, so completeness is proved
 * from the structure: tables before use, every component scanned, every coefficient of a progressive
 * picture sent to its last bit, as many restart intervals as the picture has, EOI at the end. That
 * the data within an interval suffice, only the decoder can tell (jpeg_entropy.c).
 * Segments are skipped whole: the EOI of a thumbnail inside one is not mistaken for the picture's.
 * Bytes after EOI are not part of the picture and not looked at: phones put previews and films there.
 */
#include "engine/hosted/jpeg.h"

#include <string.h>

enum jpeg_marker {
    JPEG_SOF0 = 0xc0, /* baseline */
    JPEG_SOF1 = 0xc1, /* extended sequential */
    JPEG_SOF2 = 0xc2, /* progressive */
    JPEG_DHT = 0xc4,
    JPEG_SOF15 = 0xcf,
    JPEG_RST0 = 0xd0,
    JPEG_RST7 = 0xd7,
    JPEG_EOI = 0xd9,
    JPEG_SOS = 0xda,
    JPEG_DQT = 0xdb,
    JPEG_DNL = 0xdc,
    JPEG_DRI = 0xdd,
    JPEG_APP0 = 0xe0,
    JPEG_APP1 = 0xe1,
    JPEG_APP14 = 0xee,
    JPEG_APP15 = 0xef,
    JPEG_COM = 0xfe
};

static enum fovea_status jpeg_refuse(struct jpeg *g, enum fovea_status status, const char *text) {
    return fovea_refuse(g->error, status, text, g->segment);
}

static enum fovea_status jpeg_cut(struct jpeg *g) {
    return fovea_refuse(g->error, FOVEA_TRUNCATED, "P-006 the JPEG ends too early", g->in.size);
}

/* ---- segments ---- */

static enum fovea_status jpeg_quantisers(struct jpeg *g, struct fovea_bytes data) {
    while (fovea_left(&data)) {
        uint32_t head = fovea_photo_read(&data, 1);
        if (head >> 4 > 1 || (head & 15) > 3) break;
        uint16_t *table = g->quantisers[head & 15];
        for (int k = 0; k < 64; k++)
            table[k] = (uint16_t)fovea_photo_read(&data, head >> 4 ? 2 : 1);
        if (!data.failed) g->quantised |= 1u << (head & 15);
    }
    return data.failed || fovea_left(&data)
               ? jpeg_refuse(g, FOVEA_PICTURE,
                             "P-007 a quantisation table of the JPEG is malformed")
               : FOVEA_OK;
}

/* The symbols of a code of 16 counts; 257 where some would not fit into the bits of their codes. */
static uint32_t jpeg_symbols(const uint8_t counts[16]) {
    uint32_t symbols = 0, code = 0;
    for (uint32_t length = 1; length <= 16; length++) {
        symbols += counts[length - 1];
        code += counts[length - 1];
        if (symbols > 256 || code > 1u << length) return 257;
        code <<= 1;
    }
    return symbols;
}

static enum fovea_status jpeg_huffman(struct jpeg *g, struct fovea_bytes data) {
    while (fovea_left(&data)) {
        uint32_t head = fovea_photo_read(&data, 1);
        if (head >> 4 > 1 || (head & 15) > 3) break;
        const uint8_t *counts = fovea_take(&data, 16);
        uint32_t symbols = counts ? jpeg_symbols(counts) : 257;
        if (symbols > 256) break;
        fovea_skip(&data, symbols);
        if (!data.failed && symbols) g->codes[head >> 4][head & 15] = counts;
    }
    return data.failed || fovea_left(&data)
               ? jpeg_refuse(g, FOVEA_PICTURE, "P-008 a Huffman table of the JPEG is malformed")
               : FOVEA_OK;
}

static enum fovea_status jpeg_restart(struct jpeg *g, struct fovea_bytes data) {
    g->restart = fovea_photo_read(&data, 2);
    return data.failed || fovea_left(&data)
               ? jpeg_refuse(g, FOVEA_PICTURE, "P-009 the JPEG's restart interval is malformed")
               : FOVEA_OK;
}

/* The first EXIF segment counts. */
static void jpeg_exif(struct jpeg *g, struct fovea_bytes data) {
    if (g->exif || !fovea_match(&data, "Exif\0", 6)) return;
    g->exif =
        fovea_exif_orientation(fovea_take_part(&data, fovea_left(&data)), &g->facts->orientation);
}

static void jpeg_jfif(struct jpeg *g, struct fovea_bytes data) {
    if (fovea_left(&data) >= 14 && fovea_match(&data, "JFIF", 5)) g->jfif = true;
}

static void jpeg_adobe(struct jpeg *g, struct fovea_bytes data) {
    if (fovea_left(&data) < 12 || !fovea_match(&data, "Adobe", 5)) return;
    fovea_skip(&data, 6);
    g->adobe = true;
    g->transform = fovea_photo_read(&data, 1);
}

/* As libjpeg decides, when the first scan comes: markers first, then the components' names. */
static enum jpeg_colours jpeg_colours(const struct jpeg *g) {
    const struct jpeg_component *c = g->components;
    if (g->count == 1) return JPEG_GREY;
    if (g->count == 4) return g->adobe && g->transform != 0 ? JPEG_YCCK : JPEG_CMYK;
    if (g->jfif) return JPEG_YCC;
    if (g->adobe) return g->transform == 0 ? JPEG_RGB : JPEG_YCC;
    return c[0].id == 'R' && c[1].id == 'G' && c[2].id == 'B' ? JPEG_RGB : JPEG_YCC;
}

/* ---- the frame ---- */

static const char *jpeg_component_flaw(const struct jpeg *g, uint32_t index) {
    const struct jpeg_component *c = &g->components[index];
    if (c->across < 1 || c->across > 4 || c->down < 1 || c->down > 4)
        return "P-010 a sampling factor of the JPEG is not 1 to 4";
    if (c->quantiser > 3) return "P-011 the JPEG names a quantisation table that cannot exist";
    for (uint32_t i = 0; i < index; i++)
        if (g->components[i].id == c->id)
            return "P-012 two components of the JPEG have the same name";
    return NULL;
}

static enum fovea_status jpeg_components(struct jpeg *g, struct fovea_bytes *data) {
    g->across = g->down = 1;
    for (uint32_t i = 0; i < g->count; i++) {
        struct jpeg_component *c = &g->components[i];
        c->id = fovea_photo_read(data, 1);
        uint32_t sampling = fovea_photo_read(data, 1);
        c->across = sampling >> 4;
        c->down = sampling & 15;
        c->quantiser = fovea_photo_read(data, 1);
        fovea_fill(c->sent, JPEG_UNSENT, sizeof c->sent);
        const char *flaw = jpeg_component_flaw(g, i);
        if (flaw) return jpeg_refuse(g, FOVEA_PICTURE, flaw);
        if (c->across > g->across) g->across = c->across;
        if (c->down > g->down) g->down = c->down;
    }
    for (uint32_t i = 0; i < g->count; i++)
        if (g->across % g->components[i].across || g->down % g->components[i].down)
            return jpeg_refuse(
                g, FOVEA_UNSUPPORTED,
                "P-013 the JPEG's sampling factors are not multiples of one another");
    return FOVEA_OK;
}

/* Blocks of all components, in MCUs and by themselves. */
static void jpeg_blocks(struct jpeg *g) {
    if (g->count == 1) /* its blocks follow one another, whatever its factors */
        g->across = g->down = g->components[0].across = g->components[0].down = 1;
    g->mcus_wide = jpeg_parts(g->width, 8 * g->across);
    g->mcus_high = jpeg_parts(g->height, 8 * g->down);
    for (uint32_t i = 0; i < g->count; i++) {
        struct jpeg_component *c = &g->components[i];
        c->wide = jpeg_parts(g->width * c->across, 8 * g->across);
        c->high = jpeg_parts(g->height * c->down, 8 * g->down);
    }
}

static enum fovea_status jpeg_frame(struct jpeg *g, uint32_t marker, struct fovea_bytes data) {
    if (marker > JPEG_SOF2)
        return jpeg_refuse(g, FOVEA_UNSUPPORTED,
                           "P-014 only baseline, extended and progressive Huffman JPEGs are read");
    if (g->frame) return jpeg_refuse(g, FOVEA_PICTURE, "P-015 the JPEG has two frames");
    uint32_t precision = fovea_photo_read(&data, 1);
    g->height = fovea_photo_read(&data, 2);
    g->width = fovea_photo_read(&data, 2);
    g->count = fovea_photo_read(&data, 1);
    if (data.failed || fovea_left(&data) != 3 * g->count)
        return jpeg_refuse(g, FOVEA_PICTURE, "P-016 the JPEG's frame header is malformed");
    if (precision != 8) return jpeg_refuse(g, FOVEA_UNSUPPORTED, "P-017 only 8-bit JPEGs are read");
    if (g->width == 0 || g->height == 0)
        return jpeg_refuse(g, FOVEA_PICTURE, "P-018 the JPEG's header does not say its size");
    if (g->count != 1 && g->count != 3 && g->count != 4)
        return jpeg_refuse(g, FOVEA_UNSUPPORTED,
                           "P-019 only JPEGs of 1, 3 or 4 components are read");
    const char *large = fovea_photo_too_large(g->options, g->width, g->height);
    if (large) return jpeg_refuse(g, FOVEA_LIMIT, large);
    enum fovea_status status = jpeg_components(g, &data);
    if (status != FOVEA_OK) return status;
    jpeg_blocks(g);
    g->progressive = marker == JPEG_SOF2;
    g->frame = true;
    return FOVEA_OK;
}

/* ---- scans ---- */

static const char *jpeg_scan_header(const struct jpeg *g, struct fovea_bytes data,
                                    struct jpeg_scan *scan) {
    uint32_t seen = 0;
    scan->count = fovea_photo_read(&data, 1);
    if (scan->count < 1 || scan->count > g->count || fovea_left(&data) != 2 * scan->count + 3)
        return "P-020 a scan header of the JPEG is malformed";
    for (uint32_t i = 0; i < scan->count; i++) {
        uint32_t id = fovea_photo_read(&data, 1), tables = fovea_photo_read(&data, 1), c = 0;
        while (c < g->count && g->components[c].id != id) c++;
        if (c == g->count || seen & 1u << c)
            return "P-021 a scan of the JPEG names a wrong component";
        seen |= 1u << c;
        scan->of[i].component = c;
        scan->of[i].dc = tables >> 4;
        scan->of[i].ac = tables & 15;
    }
    scan->from = fovea_photo_read(&data, 1);
    scan->to = fovea_photo_read(&data, 1);
    uint32_t bits = fovea_photo_read(&data, 1);
    scan->high = bits >> 4;
    scan->low = bits & 15;
    return NULL;
}

/* Scan parameters a progressive picture may have: DC alone or one component's AC, and each
 * coefficient first without predecessor, then refined by one bit at a time. */
static const char *jpeg_progression(struct jpeg *g, const struct jpeg_scan *scan) {
    bool dc = scan->from == 0;
    if (scan->to > 63 || scan->from > scan->to || scan->low > 13 ||
        (dc ? scan->to != 0 : scan->count != 1) || (scan->high && scan->high != scan->low + 1))
        return "P-022 a progressive scan of the JPEG has impossible parameters";
    for (uint32_t i = 0; i < scan->count; i++) {
        struct jpeg_component *c = &g->components[scan->of[i].component];
        for (uint32_t k = scan->from; k <= scan->to; k++) {
            if (c->sent[k] != (scan->high ? scan->high : JPEG_UNSENT))
                return "P-060 the JPEG's progressive scans contradict one another";
            c->sent[k] = (uint8_t)scan->low;
        }
    }
    return NULL;
}

static const char *jpeg_sequence(struct jpeg *g, const struct jpeg_scan *scan) {
    if (scan->from || scan->high || scan->low)
        return "P-023 a scan header of the JPEG is malformed";
    for (uint32_t i = 0; i < scan->count; i++) {
        struct jpeg_component *c = &g->components[scan->of[i].component];
        if (c->scanned) return "P-024 a component of the JPEG is scanned twice";
        fovea_fill(c->sent, 0, sizeof c->sent);
    }
    return NULL;
}

static const char *jpeg_tables(struct jpeg *g, const struct jpeg_scan *scan) {
    bool dc = !g->progressive || (scan->from == 0 && scan->high == 0);
    bool ac = !g->progressive || scan->from > 0;
    for (uint32_t i = 0; i < scan->count; i++) {
        struct jpeg_component *c = &g->components[scan->of[i].component];
        if (!(g->quantised >> c->quantiser & 1))
            return "P-025 a quantisation table of the JPEG is missing";
        if (scan->of[i].dc > 3 || scan->of[i].ac > 3 || (dc && !g->codes[0][scan->of[i].dc]) ||
            (ac && !g->codes[1][scan->of[i].ac]))
            return "P-026 a Huffman table of the JPEG is missing";
        if (!c->scanned) memcpy(c->divisors, g->quantisers[c->quantiser], sizeof c->divisors);
        c->scanned = true;
    }
    return NULL;
}

/* The MCUs of a scan; gives the 8x8 blocks in each. */
static uint32_t jpeg_mcus(const struct jpeg *g, struct jpeg_scan *scan) {
    uint32_t blocks = 0;
    for (uint32_t i = 0; i < scan->count; i++) {
        const struct jpeg_component *c = &g->components[scan->of[i].component];
        blocks += c->across * c->down;
        scan->mcus_wide = scan->count > 1 ? g->mcus_wide : c->wide;
        scan->mcus_high = scan->count > 1 ? g->mcus_high : c->high;
    }
    return scan->count > 1 ? blocks : 1;
}

/* The entropy-coded bytes up to the next marker that is no restart; restarts are counted. */
static enum fovea_status jpeg_entropy(struct jpeg *g, struct jpeg_scan *scan, uint32_t *restarts,
                                      uint64_t *bytes) {
    struct fovea_bytes rest = fovea_part(&g->in, g->in.at, fovea_left(&g->in));
    size_t left = fovea_left(&rest);
    const uint8_t *p = fovea_take(&rest, left), *end = p + left, *start = p;
    scan->data = p;
    *restarts = 0;
    *bytes = 0;
    for (;;) {
        const uint8_t *marker =
            p < end ? (const uint8_t *)memchr(p, 0xff, (size_t)(end - p)) : NULL;
        for (p = marker; p && p < end && *p == 0xff;) p++;
        if (!p || p == end) return jpeg_cut(g);
        if (*p++ == 0) continue; /* a stuffed 0xff */
        *bytes += (uint64_t)(marker - start);
        if (p[-1] < JPEG_RST0 || p[-1] > JPEG_RST7) {
            scan->end = marker;
            fovea_skip(&g->in, (uint64_t)(marker - scan->data));
            return FOVEA_OK;
        }
        g->segment = g->in.at + (uint64_t)(marker - scan->data);
        if (p[-1] != JPEG_RST0 + (*restarts)++ % 8)
            return jpeg_refuse(g, FOVEA_PICTURE, "P-027 a restart interval of the JPEG is missing");
        start = p;
    }
}

/* The data of a scan: as many restart intervals as it has, a bit a block at the least. */
static enum fovea_status jpeg_scan_data(struct jpeg *g, struct jpeg_scan *scan) {
    uint32_t restarts, blocks = jpeg_mcus(g, scan), mcus = scan->mcus_wide * scan->mcus_high;
    if (blocks > 10)
        return jpeg_refuse(g, FOVEA_PICTURE, "P-030 the JPEG has too many blocks per MCU");
    uint64_t bytes, at = g->segment;
    enum fovea_status status = jpeg_entropy(g, scan, &restarts, &bytes);
    if (status != FOVEA_OK) return status;
    g->segment = at;
    uint32_t expected = g->restart ? jpeg_parts(mcus, g->restart) - 1 : 0;
    bool trailing = g->restart && restarts == expected + 1; /* one after the last: harmless */
    if (restarts != expected && !trailing)
        return jpeg_refuse(
            g, restarts < expected ? FOVEA_TRUNCATED : FOVEA_PICTURE,
            "P-031 a restart interval of the JPEG is missing, or there are too many");
    if (scan->from == 0 && !scan->high && bytes < (uint64_t)mcus * blocks / 8)
        return jpeg_refuse(g, FOVEA_TRUNCATED, "P-032 the JPEG has too little data for its size");
    return FOVEA_OK;
}

static enum fovea_status jpeg_scan(struct jpeg *g, struct fovea_bytes data) {
    struct jpeg_scan scan = {.restart = g->restart};
    const char *flaw;
    if (!g->frame)
        return jpeg_refuse(g, FOVEA_PICTURE, "P-028 the JPEG has a scan before its frame");
    if (++g->scans > g->options->scans)
        return jpeg_refuse(g, FOVEA_LIMIT,
                           "P-029 the JPEG has more scans than the limit photo-scans allows");
    if ((flaw = jpeg_scan_header(g, data, &scan)) ||
        (flaw = g->progressive ? jpeg_progression(g, &scan) : jpeg_sequence(g, &scan)) ||
        (flaw = jpeg_tables(g, &scan)))
        return jpeg_refuse(g, FOVEA_PICTURE, flaw);
    if (g->scans == 1) {
        g->colours = jpeg_colours(g);
        g->streamed = !g->progressive && scan.count == g->count;
    }
    enum fovea_status status = jpeg_scan_data(g, &scan);
    if (status != FOVEA_OK || !g->take) return status;
    return g->take(g->taker, g, &scan) ? FOVEA_OK : FOVEA_PICTURE;
}

static enum fovea_status jpeg_end(struct jpeg *g) {
    if (!g->frame) return jpeg_refuse(g, FOVEA_PICTURE, "P-033 the JPEG has no picture in it");
    for (uint32_t c = 0; c < g->count; c++)
        for (uint32_t k = 0; k < 64; k++)
            if (g->components[c].sent[k] != 0)
                return jpeg_refuse(g, FOVEA_TRUNCATED,
                                   "P-034 the JPEG ends before the last of its scans");
    g->facts->channels = g->count == 1 ? 1 : 3;
    g->facts->size = g->in.at;
    return FOVEA_OK;
}

/* ---- the walk ---- */

static enum fovea_status jpeg_segment(struct jpeg *g, uint32_t marker, struct fovea_bytes data) {
    if (marker == JPEG_DHT) return jpeg_huffman(g, data);
    if (marker == JPEG_DQT) return jpeg_quantisers(g, data);
    if (marker == JPEG_DRI) return jpeg_restart(g, data);
    if (marker == JPEG_SOS) return jpeg_scan(g, data);
    if (marker == JPEG_APP0) jpeg_jfif(g, data);
    if (marker == JPEG_APP1) jpeg_exif(g, data);
    if (marker == JPEG_APP14) jpeg_adobe(g, data);
    if ((marker >= JPEG_APP0 && marker <= JPEG_APP15) || marker == JPEG_COM || marker == JPEG_DNL)
        return FOVEA_OK;
    if (marker >= JPEG_SOF0 && marker <= JPEG_SOF15) return jpeg_frame(g, marker, data);
    return jpeg_refuse(g, FOVEA_UNSUPPORTED, "P-035 the JPEG has a marker that is unknown");
}

FOVEA_LOCAL enum fovea_status fovea_jpeg_walk(struct jpeg *g) {
    fovea_skip(&g->in, 2);
    for (;;) {
        g->segment = g->in.at;
        uint32_t marker = fovea_photo_read(&g->in, 1);
        if (!g->in.failed && marker != 0xff)
            return jpeg_refuse(g, FOVEA_PICTURE,
                               "P-036 the JPEG has no marker where one should be");
        while (marker == 0xff) marker = fovea_photo_read(&g->in, 1);
        if (g->in.failed) return jpeg_cut(g);
        if (marker == JPEG_EOI) return jpeg_end(g);
        uint32_t length = fovea_photo_read(&g->in, 2);
        if (!g->in.failed && length < 2)
            return jpeg_refuse(g, FOVEA_PICTURE, "P-037 a segment of the JPEG is malformed");
        struct fovea_bytes data = fovea_part(&g->in, g->in.at, length - 2);
        fovea_skip(&g->in, length - 2);
        if (g->in.failed) return jpeg_cut(g);
        enum fovea_status status = jpeg_segment(g, marker, data);
        if (status != FOVEA_OK) return status;
    }
}

FOVEA_LOCAL enum fovea_status fovea_jpeg_gate(const void *file, size_t size,
                                              const struct fovea_photo_options *options,
                                              struct fovea_photo_facts *facts,
                                              struct fovea_error *error) {
    struct jpeg g = {
        .in = fovea_bytes_of(file, size), .options = options, .facts = facts, .error = error};
    *facts = (struct fovea_photo_facts){.orientation = 1};
    enum fovea_status status = fovea_jpeg_walk(&g);
    if (status == FOVEA_OK) fovea_jpeg_measure(&g);
    return status;
}
