/* PGM and PPM of binary samples (P5, P6): width, height and the largest value as text, then the rows; two bytes a
 * sample, the upper one first, where that value is above 255. Samples become 0 to 255 as Pillow makes them. */
#include "engine/hosted/photo_file.h"

#include <stdlib.h>

static bool pnm_blank(int c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The next number, behind blanks and comments, with one blank behind it; 0 where there is none of five digits. */
static uint32_t pnm_number(struct fovea_bytes *in) {
    uint32_t value = 0;
    int digits = 0;
    for (bool comment = false; comment || pnm_blank(fovea_peek(in)) || fovea_peek(in) == '#';) {
        const int c = fovea_peek(in);
        if (c < 0) return 0;
        comment = c == '#' || (comment && c != '\n' && c != '\r');
        fovea_skip(in, 1);
    }
    for (; fovea_peek(in) >= '0' && fovea_peek(in) <= '9' && digits < 5; digits++)
        value = 10 * value + (uint32_t)fovea_read(in, 1) - '0';
    return pnm_blank((int)fovea_read(in, 1)) ? value : 0;
}

/* The header; what is left in `in` are the samples. */
static uint32_t pnm_header(struct fovea_bytes *in, struct fovea_photo_facts *facts) {
    fovea_skip(in, 1);
    facts->channels = fovea_read(in, 1) == '6' ? 3 : 1;
    facts->width = pnm_number(in);
    facts->height = pnm_number(in);
    return pnm_number(in);
}

FOVEA_LOCAL enum fovea_status fovea_pnm_gate(const void *file, size_t size,
                                             const struct fovea_photo_options *options,
                                             struct fovea_photo_facts *facts,
                                             struct fovea_error *error) {
    struct fovea_bytes in = fovea_bytes_of(file, size);
    *facts = (struct fovea_photo_facts){.orientation = 1};
    const uint32_t most = pnm_header(&in, facts);
    if (most == 0 || most > 65535 || facts->width == 0 || facts->height == 0)
        return fovea_refuse(error, FOVEA_PICTURE, "P-067 the header of the PGM or PPM is malformed",
                            in.at);
    const char *large = fovea_photo_too_large(options, facts->width, facts->height);
    if (large) return fovea_refuse(error, FOVEA_LIMIT, large, 2);
    facts->memory = (uint64_t)facts->width * facts->height * facts->channels;
    fovea_skip(&in, facts->memory << (most > 255));
    if (in.failed)
        return fovea_refuse(error, FOVEA_TRUNCATED, "P-068 the PGM or PPM ends too early", size);
    facts->size = in.at;
    return FOVEA_OK;
}

/* value / most * 255 in double, halves to the even number. */
static uint8_t pnm_sample(uint32_t value, uint32_t most) {
    const double exact = (double)value / most * 255;
    const uint32_t below = (uint32_t)exact;
    const double rest = exact - below;
    const uint32_t nearest = below + (rest > 0.5 || (rest == 0.5 && below % 2 == 1));
    return (uint8_t)(nearest < 255 ? nearest : 255);
}

FOVEA_LOCAL uint8_t *fovea_pnm_decode(const void *file, const struct fovea_photo_options *options,
                                      const struct fovea_photo_facts *facts, uint64_t *stopped) {
    struct fovea_bytes in = fovea_bytes_of(file, (size_t)facts->size);
    struct fovea_photo_facts again;
    const uint32_t most = pnm_header(&in, &again);
    uint8_t *pixels = (uint8_t *)calloc(1, (size_t)facts->memory);
    (void)options;
    *stopped = FOVEA_PHOTO_MEMORY;
    for (size_t i = 0; pixels && i < facts->memory; i++) {
        const uint32_t value = fovea_photo_read(&in, most > 255 ? 2 : 1);
        pixels[i] = most == 255 ? (uint8_t)value : pnm_sample(value, most);
    }
    return pixels;
}
