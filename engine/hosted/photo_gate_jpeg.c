/* The gate for JPEG: markers and segments from SOI to EOI, and the entropy-coded data between them.
 *
 * JPEG has no checksum and decoders paint grey where data are missing, so completeness is proved
 * from the structure: tables before use, every component scanned, every coefficient of a progressive
 * picture sent to its last bit, as many restart intervals as the picture has, EOI at the end. That
 * the data within an interval suffice, only the decoder can tell (engine/hosted/third_party/README.md).
 * Segments are skipped whole: the EOI of a thumbnail inside one is not mistaken for the picture's.
 * Bytes after EOI are not part of the picture and not looked at: phones put previews and films there.
 */
#include "engine/hosted/photo_gate.h"

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

#define JPEG_UNSENT 255 /* no scan has sent this coefficient */

struct jpeg_component {
    uint32_t id, across, down, quantiser;
    uint8_t sent[64]; /* per coefficient: the lowest bit sent so far, or JPEG_UNSENT */
};

struct jpeg_scan {
    uint32_t count, from, to, high, low; /* components; spectral selection; bit position */
    struct {
        uint32_t component, dc, ac;
    } of[4];
};

struct jpeg_gate {
    struct fovea_bytes in;
    const struct fovea_photo_limits *limits;
    struct fovea_photo_facts *facts;
    struct fovea_error *error;
    struct jpeg_component components[4];
    uint32_t count, across, down; /* components; the largest sampling factors */
    uint32_t mcus_wide, mcus_high;
    uint32_t quantisers, dc, ac; /* bit t set: table t is defined */
    uint32_t restart, scans;
    bool frame, progressive, exif,
        inks;         /* inks: Adobe's marker says that four components are CMYK */
    uint64_t segment; /* where the present marker stands */
};

static enum fovea_status jpeg_refuse(struct jpeg_gate *g, enum fovea_status status,
                                     const char *text) {
    return fovea_refuse(g->error, status, text, g->segment);
}

static enum fovea_status jpeg_cut(struct jpeg_gate *g) {
    return fovea_refuse(g->error, FOVEA_TRUNCATED, "P-006 the JPEG ends too early", g->in.size);
}

static uint32_t jpeg_parts(uint32_t whole, uint32_t part) {
    return (whole + part - 1) / part;
}

/* ---- segments ---- */

static enum fovea_status jpeg_quantisers(struct jpeg_gate *g, struct fovea_bytes data) {
    while (fovea_left(&data)) {
        uint32_t head = fovea_photo_read(&data, 1);
        if (head >> 4 > 1 || (head & 15) > 3) break;
        fovea_skip(&data, head >> 4 ? 128 : 64);
        if (!data.failed) g->quantisers |= 1u << (head & 15);
    }
    return data.failed || fovea_left(&data)
               ? jpeg_refuse(g, FOVEA_PICTURE,
                             "P-007 a quantisation table of the JPEG is malformed")
               : FOVEA_OK;
}

static enum fovea_status jpeg_huffman(struct jpeg_gate *g, struct fovea_bytes data) {
    while (fovea_left(&data)) {
        uint32_t head = fovea_photo_read(&data, 1), codes = 0;
        if (head >> 4 > 1 || (head & 15) > 3) break;
        for (int i = 0; i < 16; i++) codes += fovea_photo_read(&data, 1);
        if (codes > 256) break;
        fovea_skip(&data, codes);
        if (!data.failed && codes) *(head >> 4 ? &g->ac : &g->dc) |= 1u << (head & 15);
    }
    return data.failed || fovea_left(&data)
               ? jpeg_refuse(g, FOVEA_PICTURE, "P-008 a Huffman table of the JPEG is malformed")
               : FOVEA_OK;
}

static enum fovea_status jpeg_restart(struct jpeg_gate *g, struct fovea_bytes data) {
    g->restart = fovea_photo_read(&data, 2);
    return data.failed || fovea_left(&data)
               ? jpeg_refuse(g, FOVEA_PICTURE, "P-009 the JPEG's restart interval is malformed")
               : FOVEA_OK;
}

static uint32_t jpeg_tiff(struct fovea_bytes *in, unsigned bytes, bool little) {
    return little ? (uint32_t)fovea_read(in, bytes) : fovea_photo_read(in, bytes);
}

/* Orientation from the first directory of the EXIF data; malformed ones are ignored, as viewers do. */
static void jpeg_exif(struct jpeg_gate *g, struct fovea_bytes data) {
    if (!fovea_match(&data, "Exif\0", 6)) return;
    struct fovea_bytes tiff = fovea_take_part(&data, fovea_left(&data));
    uint32_t order = fovea_photo_read(&tiff, 2);
    bool little = order == 0x4949u;
    if (g->exif || (!little && order != 0x4d4du)) return;
    g->exif = true;
    if (jpeg_tiff(&tiff, 2, little) != 42) return;
    uint32_t offset = jpeg_tiff(&tiff, 4, little);
    tiff.at = 0;
    fovea_skip(&tiff, offset);
    uint32_t entries = jpeg_tiff(&tiff, 2, little);
    for (uint32_t i = 0; i < entries; i++) {
        struct fovea_bytes entry = fovea_take_part(&tiff, 12);
        uint32_t tag = jpeg_tiff(&entry, 2, little), type = jpeg_tiff(&entry, 2, little);
        uint32_t count = jpeg_tiff(&entry, 4, little), value = jpeg_tiff(&entry, 2, little);
        if (tag != 0x112) continue;
        if (type == 3 && count == 1 && value >= 1 && value <= 8) g->facts->orientation = value;
        return;
    }
}

/* Adobe's marker, where the decoder reads it: CMYK is 0, and 2 where three of the inks are YCbCr. */
static void jpeg_adobe(struct jpeg_gate *g, struct fovea_bytes data) {
    if (!fovea_match(&data, "Adobe", 6)) return;
    fovea_skip(&data, 5);
    uint32_t transform = fovea_photo_read(&data, 1);
    if (!data.failed) g->inks = transform == 0 || transform == 2;
}

/* ---- the frame ---- */

static const char *jpeg_component_flaw(const struct jpeg_gate *g, uint32_t index) {
    const struct jpeg_component *c = &g->components[index];
    if (c->across < 1 || c->across > 4 || c->down < 1 || c->down > 4)
        return "P-010 a sampling factor of the JPEG is not 1 to 4";
    if (c->quantiser > 3) return "P-011 the JPEG names a quantisation table that cannot exist";
    for (uint32_t i = 0; i < index; i++)
        if (g->components[i].id == c->id)
            return "P-012 two components of the JPEG have the same name";
    return NULL;
}

static enum fovea_status jpeg_components(struct jpeg_gate *g, struct fovea_bytes *data) {
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

/* What stb_image holds at one time: planes in whole MCUs, with 16-bit coefficients beside them where
 * progressive; a line per component; the pixels; its own state. */
static void jpeg_memory(struct jpeg_gate *g) {
    struct fovea_photo_facts *facts = g->facts;
    uint64_t mcus = (uint64_t)g->mcus_wide * g->mcus_high, blocks = 0;
    for (uint32_t i = 0; i < g->count; i++)
        blocks += mcus * g->components[i].across * g->components[i].down;
    facts->memory = blocks * 64 * (g->progressive ? 3 : 1) + (1u << 17);
    facts->memory += (uint64_t)facts->width * (facts->height * facts->channels + 4);
}

static enum fovea_status jpeg_frame(struct jpeg_gate *g, uint32_t marker, struct fovea_bytes data) {
    struct fovea_photo_facts *facts = g->facts;
    if (marker > JPEG_SOF2)
        return jpeg_refuse(g, FOVEA_UNSUPPORTED,
                           "P-014 only baseline, extended and progressive Huffman JPEGs are read");
    if (g->frame) return jpeg_refuse(g, FOVEA_PICTURE, "P-015 the JPEG has two frames");
    uint32_t precision = fovea_photo_read(&data, 1);
    facts->height = fovea_photo_read(&data, 2);
    facts->width = fovea_photo_read(&data, 2);
    g->count = fovea_photo_read(&data, 1);
    if (data.failed || fovea_left(&data) != 3 * g->count)
        return jpeg_refuse(g, FOVEA_PICTURE, "P-016 the JPEG's frame header is malformed");
    if (precision != 8)
        return jpeg_refuse(g, FOVEA_UNSUPPORTED, "P-017 only JPEGs of 8 bits are read");
    if (facts->width == 0 || facts->height == 0)
        return jpeg_refuse(g, FOVEA_PICTURE, "P-018 the JPEG's header does not say its size");
    if (g->count != 1 && g->count != 3 && g->count != 4)
        return jpeg_refuse(g, FOVEA_UNSUPPORTED,
                           "P-019 only JPEGs of 1, 3 or 4 components are read");
    const char *large = fovea_photo_too_large(g->limits, facts->width, facts->height);
    if (large) return jpeg_refuse(g, FOVEA_LIMIT, large);
    enum fovea_status status = jpeg_components(g, &data);
    if (status != FOVEA_OK) return status;
    facts->channels = g->count == 1 ? 1 : 3;
    g->mcus_wide = jpeg_parts(facts->width, 8 * g->across);
    g->mcus_high = jpeg_parts(facts->height, 8 * g->down);
    g->progressive = marker == JPEG_SOF2;
    g->frame = true;
    jpeg_memory(g);
    return FOVEA_OK;
}

/* ---- scans ---- */

static const char *jpeg_scan_header(const struct jpeg_gate *g, struct fovea_bytes data,
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
static const char *jpeg_progression(struct jpeg_gate *g, const struct jpeg_scan *scan) {
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

static const char *jpeg_sequence(struct jpeg_gate *g, const struct jpeg_scan *scan) {
    if (scan->from || scan->high || scan->low)
        return "P-023 a scan header of the JPEG is malformed";
    for (uint32_t i = 0; i < scan->count; i++) {
        struct jpeg_component *c = &g->components[scan->of[i].component];
        if (c->sent[0] == 0) return "P-024 a component of the JPEG is scanned twice";
        fovea_fill(c->sent, 0, sizeof c->sent);
    }
    return NULL;
}

static const char *jpeg_tables(const struct jpeg_gate *g, const struct jpeg_scan *scan) {
    bool dc = !g->progressive || (scan->from == 0 && scan->high == 0);
    bool ac = !g->progressive || scan->from > 0;
    for (uint32_t i = 0; i < scan->count; i++) {
        if (!(g->quantisers >> g->components[scan->of[i].component].quantiser & 1))
            return "P-025 a quantisation table of the JPEG is missing";
        if (scan->of[i].dc > 3 || scan->of[i].ac > 3 || (dc && !(g->dc >> scan->of[i].dc & 1)) ||
            (ac && !(g->ac >> scan->of[i].ac & 1)))
            return "P-026 a Huffman table of the JPEG is missing";
    }
    return NULL;
}

/* MCUs of a scan, and the 8x8 blocks in each. */
static uint32_t jpeg_mcus(const struct jpeg_gate *g, const struct jpeg_scan *scan,
                          uint32_t *blocks) {
    *blocks = 0;
    for (uint32_t i = 0; i < scan->count; i++) {
        const struct jpeg_component *c = &g->components[scan->of[i].component];
        *blocks += c->across * c->down;
    }
    if (scan->count > 1) return g->mcus_wide * g->mcus_high;
    const struct jpeg_component *c = &g->components[scan->of[0].component];
    *blocks = 1;
    return jpeg_parts(jpeg_parts(g->facts->width * c->across, g->across), 8) *
           jpeg_parts(jpeg_parts(g->facts->height * c->down, g->down), 8);
}

/* The entropy-coded bytes up to the next marker that is no restart; restarts are counted. */
static enum fovea_status jpeg_entropy(struct jpeg_gate *g, uint32_t *restarts, uint64_t *bytes) {
    struct fovea_bytes rest = fovea_part(&g->in, g->in.at, fovea_left(&g->in));
    size_t left = fovea_left(&rest), i = 0;
    const uint8_t *p = fovea_take(&rest, left);
    *restarts = 0;
    *bytes = 0;
    for (size_t start = 0;; i++) {
        while (i < left && p[i] != 0xff) i++;
        size_t marker = i;
        while (i < left && p[i] == 0xff) i++;
        if (i >= left) return jpeg_cut(g);
        if (p[i] == 0) continue; /* a stuffed 0xff */
        *bytes += marker - start;
        if (p[i] < JPEG_RST0 || p[i] > JPEG_RST7) {
            fovea_skip(&g->in, marker);
            return FOVEA_OK;
        }
        g->segment = g->in.at + marker;
        if (p[i] != JPEG_RST0 + (*restarts)++ % 8)
            return jpeg_refuse(g, FOVEA_PICTURE, "P-027 a restart interval of the JPEG is missing");
        start = i + 1;
    }
}

static enum fovea_status jpeg_scan(struct jpeg_gate *g, struct fovea_bytes data) {
    struct jpeg_scan scan = {0};
    const char *flaw;
    if (!g->frame)
        return jpeg_refuse(g, FOVEA_PICTURE, "P-028 the JPEG has a scan before its frame");
    if (++g->scans > g->limits->scans)
        return jpeg_refuse(g, FOVEA_LIMIT,
                           "P-029 the JPEG has more scans than the limit photo-scans allows");
    if ((flaw = jpeg_scan_header(g, data, &scan)) ||
        (flaw = g->progressive ? jpeg_progression(g, &scan) : jpeg_sequence(g, &scan)) ||
        (flaw = jpeg_tables(g, &scan)))
        return jpeg_refuse(g, FOVEA_PICTURE, flaw);
    uint32_t blocks, restarts, mcus = jpeg_mcus(g, &scan, &blocks);
    if (blocks > 10)
        return jpeg_refuse(g, FOVEA_PICTURE, "P-030 the JPEG has too many blocks per MCU");
    uint64_t bytes, at = g->segment;
    enum fovea_status status = jpeg_entropy(g, &restarts, &bytes);
    if (status != FOVEA_OK) return status;
    g->segment = at;
    uint32_t expected = g->restart ? jpeg_parts(mcus, g->restart) - 1 : 0;
    bool trailing = g->restart && restarts == expected + 1; /* one after the last: harmless */
    if (restarts != expected && !trailing)
        return jpeg_refuse(
            g, restarts < expected ? FOVEA_TRUNCATED : FOVEA_PICTURE,
            "P-031 a restart interval of the JPEG is missing, or there are too many");
    if (scan.from == 0 && !scan.high && bytes < (uint64_t)mcus * blocks / 8) /* a bit a block */
        return jpeg_refuse(g, FOVEA_TRUNCATED, "P-032 the JPEG has too little data for its size");
    return FOVEA_OK;
}

static enum fovea_status jpeg_end(struct jpeg_gate *g) {
    if (!g->frame) return jpeg_refuse(g, FOVEA_PICTURE, "P-033 the JPEG has no picture in it");
    for (uint32_t c = 0; c < g->count; c++)
        for (uint32_t k = 0; k < 64; k++)
            if (g->components[c].sent[k] != 0)
                return jpeg_refuse(g, FOVEA_TRUNCATED,
                                   "P-034 the JPEG ends before the last of its scans");
    if (g->count == 4 && !g->inks) /* the decoder takes three of them for YCbCr */
        return jpeg_refuse(g, FOVEA_UNSUPPORTED,
                           "P-062 the JPEG has four components that it does not say are inks");
    g->facts->size = g->in.at;
    return FOVEA_OK;
}

/* ---- the walk ---- */

static enum fovea_status jpeg_segment(struct jpeg_gate *g, uint32_t marker,
                                      struct fovea_bytes data) {
    if (marker == JPEG_DHT) return jpeg_huffman(g, data);
    if (marker == JPEG_DQT) return jpeg_quantisers(g, data);
    if (marker == JPEG_DRI) return jpeg_restart(g, data);
    if (marker == JPEG_SOS) return jpeg_scan(g, data);
    if (marker == JPEG_APP1) jpeg_exif(g, data);
    if (marker == JPEG_APP14) jpeg_adobe(g, data);
    if ((marker >= JPEG_APP0 && marker <= JPEG_APP15) || marker == JPEG_COM || marker == JPEG_DNL)
        return FOVEA_OK;
    if (marker >= JPEG_SOF0 && marker <= JPEG_SOF15) return jpeg_frame(g, marker, data);
    return jpeg_refuse(g, FOVEA_UNSUPPORTED, "P-035 the JPEG has a marker that is unknown");
}

FOVEA_LOCAL enum fovea_status fovea_photo_gate_jpeg(const void *file, size_t size,
                                                    const struct fovea_photo_limits *limits,
                                                    struct fovea_photo_facts *facts,
                                                    struct fovea_error *error) {
    struct jpeg_gate g = {
        .in = fovea_bytes_of(file, size), .limits = limits, .facts = facts, .error = error};
    *facts = (struct fovea_photo_facts){.orientation = 1};
    fovea_skip(&g.in, 2);
    for (;;) {
        g.segment = g.in.at;
        uint32_t marker = fovea_photo_read(&g.in, 1);
        if (!g.in.failed && marker != 0xff)
            return jpeg_refuse(&g, FOVEA_PICTURE,
                               "P-036 the JPEG has no marker where one should be");
        while (marker == 0xff) marker = fovea_photo_read(&g.in, 1);
        if (g.in.failed) return jpeg_cut(&g);
        if (marker == JPEG_EOI) return jpeg_end(&g);
        uint32_t length = fovea_photo_read(&g.in, 2);
        if (!g.in.failed && length < 2)
            return jpeg_refuse(&g, FOVEA_PICTURE, "P-037 a segment of the JPEG is malformed");
        struct fovea_bytes data = fovea_part(&g.in, g.in.at, length - 2);
        fovea_skip(&g.in, length - 2);
        if (g.in.failed) return jpeg_cut(&g);
        enum fovea_status status = jpeg_segment(&g, marker, data);
        if (status != FOVEA_OK) return status;
    }
}
