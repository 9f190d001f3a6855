/* Rows of planes to rows of the picture: upsampling (libjpeg's jdsample, a triangle where the factor is 2), then
 * colours. */
#include "engine/hosted/jpeg.h"

#include <string.h>

static const uint8_t *jpeg_row(const struct jpeg_plane *p, uint32_t row) {
    return p->rows + (size_t)(row % p->held) * p->wide * p->side;
}

static void jpeg_across(const struct fovea_jpeg_kernels *k, const struct jpeg_plane *p,
                        unsigned shift) {
    int16_t *sums = p->sums + 1;
    sums[-1] = sums[0];
    sums[p->width] = sums[p->width - 1];
    k->spread(sums, p->line, p->width, shift);
}

/* Row y of the picture as plane p has it. */
FOVEA_LOCAL const uint8_t *fovea_jpeg_upsampled(const struct fovea_jpeg_kernels *k,
                                                const struct jpeg_plane *p, uint32_t y) {
    const uint32_t own = y / p->expand_y, below = own + 1 < p->height ? own + 1 : own;
    const bool lower = y % p->expand_y != 0;
    const uint8_t *near = jpeg_row(p, own);
    const uint8_t *far = jpeg_row(p, lower ? below : own ? own - 1 : own);
    switch (p->way) {
    case JPEG_AS_IT_IS: return near;
    case JPEG_ACROSS:
        k->widen(near, p->sums + 1, p->width);
        jpeg_across(k, p, 2);
        break;
    case JPEG_DOWN: k->between(near, far, lower ? 2 : 1, p->line, p->width); break;
    case JPEG_BOTH:
        k->mix(near, far, p->sums + 1, p->width);
        jpeg_across(k, p, 4);
        break;
    case JPEG_COPIES:
        for (uint32_t x = 0; x < p->width; x++)
            memset(p->line + (size_t)x * p->expand_x, near[x], p->expand_x);
        break;
    }
    return p->line;
}

/* Of 0 to 255 each, as a share of 255, rounded. */
static uint8_t jpeg_share(uint32_t a, uint32_t b) {
    const uint32_t t = a * b + 128;
    return (uint8_t)((t + (t >> 8)) >> 8);
}

/* Inks are stored inverted, as Adobe does and Pillow and djpeg assume: 255 is no ink. */
static void jpeg_print(uint8_t *rgb, const uint8_t *black, size_t count, uint8_t invert) {
    for (size_t x = 0; x < count; x++, rgb += 3)
        for (size_t c = 0; c < 3; c++) rgb[c] = jpeg_share(rgb[c] ^ invert, black[x]);
}

FOVEA_LOCAL void fovea_jpeg_colours(const struct fovea_jpeg_kernels *k, enum jpeg_colours colours,
                                    const uint8_t *const rows[4], uint8_t *out, size_t width) {
    switch (colours) {
    case JPEG_GREY: memcpy(out, rows[0], width); break;
    case JPEG_YCC:
    case JPEG_YCCK: k->colour(rows[0], rows[1], rows[2], out, width); break;
    case JPEG_RGB:
    case JPEG_CMYK:
        for (size_t x = 0; x < width; x++)
            for (size_t c = 0; c < 3; c++) out[3 * x + c] = rows[c][x];
        break;
    }
    if (colours == JPEG_CMYK) jpeg_print(out, rows[3], width, 0);
    if (colours == JPEG_YCCK) jpeg_print(out, rows[3], width, 255);
}
