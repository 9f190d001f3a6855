/* Colours first, whatever holds them: a row of the upright picture is gathered from the frame as it lies.
 *
 * YUV becomes RGB in 16-bit fixed point: R = (ys (Y - y0) + rv (V - 128) + 32768) >> 16, cut to 0..255, and likewise G
 * and B, with the constants of ITU-R BT.601 (Kr 0.299, Kb 0.114) and BT.709 (0.2126, 0.0722): the nearest integer of the
 * exact formula, or its neighbour where that is within 0.01 of a half. U and V are those of the 2 x 2 pixels they stand
 * for, not interpolated, as Android, libyuv and OpenCV do by default. tests/differential/yuv.c holds it against libyuv. */
#include "engine/pixels.h"

#include "weights/bytes.h"
#include "weights/check.h"

#define PIXELS_SIDE_MAX 65535u

/* bytes of a pixel in the first plane */
static const uint8_t pixels_bytes[FOVEA_PIXELS_COUNT] = {
    [FOVEA_PIXELS_GREY] = 1,   [FOVEA_PIXELS_RGB] = 3,  [FOVEA_PIXELS_BGR] = 3,
    [FOVEA_PIXELS_RGBA] = 4,   [FOVEA_PIXELS_BGRA] = 4, [FOVEA_PIXELS_RGB565] = 2,
    [FOVEA_PIXELS_YUV420] = 1,
};

static const struct pixels_matrix {
    int32_t ys, y0, rv, gu, gv, bu;
} pixels_matrices[FOVEA_YUV_COUNT] = {
    [FOVEA_YUV_BT601_VIDEO] = {76309, 16, 104597, 25675, 53279, 132201},
    [FOVEA_YUV_BT601_FULL] = {65536, 0, 91881, 22553, 46802, 116130},
    [FOVEA_YUV_BT709_VIDEO] = {76309, 16, 117489, 13975, 34925, 138438},
    [FOVEA_YUV_BT709_FULL] = {65536, 0, 103206, 12276, 30679, 121609},
};

/* ---- checks ---- */

static bool pixels_side(uint32_t n) {
    return n >= 1 && n <= PIXELS_SIDE_MAX;
}

/* The rows of a plane: `row` bytes each, `stride` apart. */
static bool pixels_fit(size_t stride, uint32_t rows, uint64_t row) {
    return fovea_sum(fovea_product(stride, rows - 1), row) < SIZE_MAX;
}

static fovea_problem chroma_flaw(const struct fovea_image *image) {
    if (image->format != FOVEA_PIXELS_YUV420) return FOVEA_NO_PROBLEM;
    if ((unsigned)image->yuv >= FOVEA_YUV_COUNT) return FOVEA_TEXT("S-650 unknown kind of YUV");
    if (image->chroma_step < 1)
        return FOVEA_TEXT("S-651 the step from one sample of U or V to the next is 0");
    uint64_t row = fovea_sum(fovea_product((image->width + 1) / 2 - 1, image->chroma_step), 1);
    if (image->chroma_stride < row)
        return FOVEA_TEXT("S-652 the stride of U and V is shorter than their rows");
    if (!pixels_fit(image->chroma_stride, (image->height + 1) / 2, row))
        return FOVEA_TEXT("S-653 the stride of U and V times their height exceeds memory");
    return FOVEA_NO_PROBLEM;
}

static fovea_problem plane_flaw(const struct fovea_image *image) {
    if ((unsigned)image->format >= FOVEA_PIXELS_COUNT)
        return FOVEA_TEXT("S-018 unknown pixel format");
    if (!pixels_side(image->width) || !pixels_side(image->height))
        return FOVEA_TEXT("S-019 a picture's sides must be 1 to 65535 pixels");
    uint64_t row = (uint64_t)image->width * pixels_bytes[image->format];
    if (image->stride < row) return FOVEA_TEXT("S-020 the stride is shorter than a row");
    if (!pixels_fit(image->stride, image->height, row))
        return FOVEA_TEXT("S-021 stride times height exceeds memory");
    return chroma_flaw(image);
}

/* One axis of the part that is used; false where it is not inside. */
static bool pixels_part(uint32_t size, uint32_t first, uint32_t *count) {
    if (first >= size) return false;
    if (*count == 0) *count = size - first;
    return *count <= size - first;
}

FOVEA_LOCAL fovea_problem fovea_view_of(const struct fovea_image *image, struct fovea_view *view) {
    fovea_problem flaw = plane_flaw(image);
    uint32_t w = image->part_width, h = image->part_height;
    if (flaw) return flaw;
    if ((unsigned)image->turn >= FOVEA_TURN_COUNT) return FOVEA_TEXT("S-654 unknown turn");
    if (!pixels_part(image->width, image->left, &w) || !pixels_part(image->height, image->top, &h))
        return FOVEA_TEXT("S-655 the part to be used lies outside of the picture");
    const int32_t left = (int32_t)image->left, top = (int32_t)image->top;
    const int32_t right = left + (int32_t)w - 1, bottom = top + (int32_t)h - 1;
    switch (image->turn) {
    case FOVEA_TURN_90: *view = (struct fovea_view){h, w, left, bottom, 0, -1, 1, 0}; break;
    case FOVEA_TURN_180: *view = (struct fovea_view){w, h, right, bottom, -1, 0, 0, -1}; break;
    case FOVEA_TURN_270: *view = (struct fovea_view){h, w, right, top, 0, 1, -1, 0}; break;
    default: *view = (struct fovea_view){w, h, left, top, 1, 0, 0, 1}; break;
    }
    if (!image->mirrored) return FOVEA_NO_PROBLEM;
    const int32_t last = (int32_t)view->width - 1;
    view->start_x += last * view->across_x;
    view->start_y += last * view->across_y;
    view->across_x = -view->across_x;
    view->across_y = -view->across_y;
    return FOVEA_NO_PROBLEM;
}

/* ---- rows ---- */

/* Where a row's colours go. */
struct pixels_row {
    int16_t *planes;
    size_t pitch, count;
    bool grey;
};

/* Grey of equal R, G, B is that value: the weights add up to 65536. */
FOVEA_INLINE void pixels_put(const struct pixels_row *to, bool grey, size_t i, uint32_t red,
                             uint32_t green, uint32_t blue) {
    if (grey) {
        to->planes[i] = (int16_t)((19595u * red + 38470u * green + 7471u * blue + 0x8000u) >> 16);
        return;
    }
    to->planes[i] = (int16_t)red;
    to->planes[i + to->pitch] = (int16_t)green;
    to->planes[i + 2 * to->pitch] = (int16_t)blue;
}

/* Pixels `step` bytes apart, their colours at these places in each. */
FOVEA_INLINE void bytes_row(const struct pixels_row *to, bool grey, const uint8_t *p,
                            ptrdiff_t step, uint32_t red, uint32_t green, uint32_t blue) {
    for (size_t i = 0; i < to->count; i++, p += step)
        pixels_put(to, grey, i, p[red], p[green], p[blue]);
}

/* Of a grey picture no other plane is asked for. */
static void grey_row(const struct pixels_row *to, const uint8_t *p, ptrdiff_t step) {
    for (size_t i = 0; i < to->count; i++, p += step) to->planes[i] = *p;
}

static void words_row(const struct pixels_row *to, const uint8_t *p, ptrdiff_t step) {
    for (size_t i = 0; i < to->count; i++, p += step) {
        uint32_t word = (uint32_t)p[0] | (uint32_t)p[1] << 8;
        uint32_t red = word >> 11, green = word >> 5 & 63, blue = word & 31;
        pixels_put(to, to->grey, i, red << 3 | red >> 2, green << 2 | green >> 4,
                   blue << 3 | blue >> 2);
    }
}

FOVEA_INLINE uint32_t pixels_clip(int32_t sum) {
    int32_t value = (sum + 0x8000) >> 16; /* arithmetic in every compiler we know */
    return (uint32_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static void yuv_row(const struct pixels_row *to, const struct fovea_image *image, int32_t x,
                    int32_t y, int32_t across_x, int32_t across_y) {
    const struct pixels_matrix m = pixels_matrices[image->yuv];
    for (size_t i = 0; i < to->count; i++, x += across_x, y += across_y) {
        size_t at = (size_t)(y >> 1) * image->chroma_stride + (size_t)(x >> 1) * image->chroma_step;
        int32_t u = image->u[at] - 128, v = image->v[at] - 128;
        int32_t light = (image->pixels[(size_t)y * image->stride + (size_t)x] - m.y0) * m.ys;
        pixels_put(to, to->grey, i, pixels_clip(light + m.rv * v),
                   pixels_clip(light - m.gu * u - m.gv * v), pixels_clip(light + m.bu * u));
    }
}

FOVEA_LOCAL void fovea_pixels_row(const struct fovea_image *image, const struct fovea_view *view,
                                  bool grey, uint32_t first, uint32_t y, size_t count,
                                  int16_t *planes, size_t pitch) {
    const struct pixels_row to = {planes, pitch, count, grey};
    const int32_t column = (int32_t)first, row = (int32_t)y;
    const int32_t x = view->start_x + column * view->across_x + row * view->down_x;
    const int32_t line = view->start_y + column * view->across_y + row * view->down_y;
    const ptrdiff_t bytes = pixels_bytes[image->format];
    const ptrdiff_t step = view->across_x * bytes + view->across_y * (ptrdiff_t)image->stride;
    const uint8_t *p = image->pixels + (size_t)line * image->stride + (size_t)(x * bytes);
    switch (image->format) {
    case FOVEA_PIXELS_GREY: grey_row(&to, p, step); break;
    case FOVEA_PIXELS_RGB565: words_row(&to, p, step); break;
    case FOVEA_PIXELS_YUV420: yuv_row(&to, image, x, line, view->across_x, view->across_y); break;
    case FOVEA_PIXELS_BGR:
    case FOVEA_PIXELS_BGRA:
        grey ? bytes_row(&to, true, p, step, 2, 1, 0) : bytes_row(&to, false, p, step, 2, 1, 0);
        break;
    default:
        grey ? bytes_row(&to, true, p, step, 0, 1, 2) : bytes_row(&to, false, p, step, 0, 1, 2);
        break;
    }
}
