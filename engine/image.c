/* Pictures to tensors: arguments checked, part of the picture chosen, colour and scale applied.
 *
 * The order is fixed: colour first (grey = (19595 R + 38470 G + 7471 B + 32768) >> 16, as Pillow's
 * "L"; grey to RGB by copying), then resize, then value = (pixel * scale - mean[c]) / std[c] in
 * float32, each operation rounded. One exception: where scale is the float nearest to 1/255 or
 * 1/127.5, the pixel is divided by 255 or 127.5 instead, because that is what `x / 255.0` in numpy
 * does; the two differ in the last bit.
 */
#include "engine/image.h"

#include "engine/resize.h"
#include "weights/bytes.h"
#include "weights/check.h"

#define IMAGE_SIDE_MAX 65535u

struct image_layout {
    uint8_t bytes, red, green, blue;
};

static const struct image_layout image_layouts[FOVEA_PIXELS_COUNT] = {
    [FOVEA_PIXELS_GREY] = {1, 0, 0, 0}, [FOVEA_PIXELS_RGB] = {3, 0, 1, 2},
    [FOVEA_PIXELS_BGR] = {3, 2, 1, 0},  [FOVEA_PIXELS_RGBA] = {4, 0, 1, 2},
    [FOVEA_PIXELS_BGRA] = {4, 2, 1, 0},
};

static const float image_divisors[] = {255.0f, 127.5f};

/* ---- checks ---- */

#define image_fail(error, status, text) fovea_report(error, status, FOVEA_TEXT(text), 0)

static bool image_side(uint32_t n) {
    return n >= 1 && n <= IMAGE_SIDE_MAX;
}

static bool image_finite(float value) {
    return value - value == 0.0f;
}

/* What is wrong with the picture. */
static fovea_problem image_flaw(const struct fovea_image *image) {
    if ((unsigned)image->format >= FOVEA_PIXELS_COUNT)
        return FOVEA_TEXT("S-018 unknown pixel format");
    if (!image_side(image->width) || !image_side(image->height))
        return FOVEA_TEXT("S-019 a picture's sides must be 1 to 65535 pixels");
    uint64_t row = (uint64_t)image->width * image_layouts[image->format].bytes;
    if (image->stride < row) return FOVEA_TEXT("S-020 the stride is shorter than a row");
    if (fovea_sum(fovea_product(image->stride, image->height - 1), row) >= SIZE_MAX)
        return FOVEA_TEXT("S-021 stride times height exceeds memory");
    return FOVEA_NO_PROBLEM;
}

static fovea_problem recipe_flaw(const struct fovea_recipe *recipe) {
    if ((unsigned)recipe->resize >= FOVEA_RESIZE_COUNT)
        return FOVEA_TEXT("S-022 unknown resize filter");
    if ((unsigned)recipe->fit >= FOVEA_FIT_COUNT)
        return FOVEA_TEXT("S-023 unknown way to fit a picture");
    if ((unsigned)recipe->colour >= FOVEA_COLOUR_COUNT)
        return FOVEA_TEXT("S-024 unknown colour order");
    if (!image_finite(recipe->scale))
        return FOVEA_TEXT("S-025 the recipe's scale is not a finite number");
    for (int c = 0; c < 3; c++)
        if (!image_finite(recipe->mean[c]) || !image_finite(recipe->std[c]) ||
            recipe->std[c] == 0.0f)
            return FOVEA_TEXT("S-026 the recipe's mean or std is not finite, or std is 0");
    for (size_t i = 0; i < sizeof recipe->reserved / sizeof *recipe->reserved; i++)
        if (recipe->reserved[i]) return FOVEA_TEXT("S-401 recipe.reserved must be 0");
    return FOVEA_NO_PROBLEM;
}

/* ---- the part of the picture used ---- */

/* Keras' centred crop box of the tensor's aspect ratio; false where it would be empty. */
static bool image_crop(struct fovea_fitting *f) {
    uint32_t w = f->image->width, h = f->image->height;
    uint64_t high = (uint64_t)w * f->height / f->width; /* sides below 2^16: no overflow */
    uint64_t wide = (uint64_t)h * f->width / f->height;
    f->box_height = high < h ? (uint32_t)high : h;
    f->box_width = wide < w ? (uint32_t)wide : w;
    f->top = (h - f->box_height) / 2;
    f->left = (w - f->box_width) / 2;
    return f->box_width > 0 && f->box_height > 0;
}

static float image_divisor(float scale) {
    for (size_t i = 0; i < sizeof image_divisors / sizeof *image_divisors; i++)
        if (scale == 1.0f / image_divisors[i]) return image_divisors[i];
    return 0.0f;
}

static enum fovea_status image_begin(struct fovea_fitting *f, const struct fovea_image *image,
                                     const struct fovea_recipe *recipe,
                                     const struct fovea_picture *place, struct fovea_error *error) {
    fovea_problem flaw;
    const uint32_t height = place->height, width = place->width, channels = place->channels;
    if (!image || !recipe)
        return image_fail(error, FOVEA_ARGUMENT, "S-027 no picture or no recipe");
    if ((flaw = image_flaw(image))) return fovea_report(error, FOVEA_ARGUMENT, flaw, 0);
    if ((flaw = recipe_flaw(recipe))) return fovea_report(error, FOVEA_ARGUMENT, flaw, 0);
    if (channels != (recipe->colour == FOVEA_COLOUR_GREY ? 1u : 3u))
        return image_fail(error, FOVEA_SHAPE,
                          "S-028 a grey recipe needs an input of 1 channel, a colour recipe of 3");
    if (!image_side(width) || !image_side(height))
        return image_fail(error, FOVEA_SHAPE, "S-029 the input's sides must be 1 to 65535");
    bool grey = image->format == FOVEA_PIXELS_GREY || recipe->colour == FOVEA_COLOUR_GREY;
    *f = (struct fovea_fitting){.image = image,
                                .recipe = recipe,
                                .box_width = image->width,
                                .box_height = image->height,
                                .width = width,
                                .height = height,
                                .channels = channels,
                                .pixel = place->first ? 1 : channels,
                                .plane = place->first ? (size_t)height * width : 1,
                                .planes = grey ? 1 : 3,
                                .divisor = image_divisor(recipe->scale)};
    if (recipe->resize == FOVEA_RESIZE_NONE && (image->width != width || image->height != height))
        return image_fail(
            error, FOVEA_SHAPE,
            "S-030 the recipe does not resize: the picture must have the input's size");
    if (recipe->fit == FOVEA_FIT_CROP && !image_crop(f))
        return image_fail(error, FOVEA_SHAPE,
                          "S-031 the picture is too thin to be cropped to the input's shape");
    return FOVEA_OK;
}

static bool image_filtered(const struct fovea_recipe *recipe) {
    return recipe->resize >= FOVEA_RESIZE_PIL_BOX && recipe->resize <= FOVEA_RESIZE_PIL_LANCZOS;
}

/* ---- what image.h and resize.h promise ---- */

FOVEA_LOCAL enum fovea_status fovea_image_scratch(const struct fovea_image *image,
                                                  const struct fovea_recipe *recipe,
                                                  const struct fovea_picture *place, size_t *bytes,
                                                  struct fovea_error *error) {
    struct fovea_fitting f;
    if (!bytes) return image_fail(error, FOVEA_ARGUMENT, "S-032 nowhere to write the size");
    *bytes = 0;
    enum fovea_status status = image_begin(&f, image, recipe, place, error);
    if (status != FOVEA_OK) return status;
    if (image_filtered(recipe) && !fovea_resize_filtered(&f, NULL, bytes))
        return image_fail(error, FOVEA_LIMIT,
                          "S-033 resizing would need more memory than there is");
    return fovea_report(error, FOVEA_OK, FOVEA_NO_PROBLEM, 0);
}

FOVEA_LOCAL enum fovea_status fovea_image_write(const struct fovea_image *image,
                                                const struct fovea_recipe *recipe,
                                                const struct fovea_picture *place, float *tensor,
                                                void *scratch, size_t bytes,
                                                struct fovea_error *error) {
    struct fovea_fitting f;
    size_t needed;
    enum fovea_status status = fovea_image_scratch(image, recipe, place, &needed, error);
    if (status != FOVEA_OK) return status;
    if (!tensor || !image->pixels || (needed && !scratch))
        return image_fail(error, FOVEA_ARGUMENT, "S-034 no pixels, no tensor or no scratch memory");
    if (bytes < needed) return image_fail(error, FOVEA_MEMORY, "S-035 too little scratch memory");
    if (needed && (uintptr_t)scratch % 8)
        return image_fail(error, FOVEA_ALIGNMENT,
                          "S-036 scratch memory must be aligned to 8 bytes");
    (void)image_begin(&f, image, recipe, place, error);
    f.tensor = tensor;
    if (image_filtered(recipe))
        (void)fovea_resize_filtered(&f, scratch, &needed);
    else
        fovea_resize_sampled(&f);
    return fovea_report(error, FOVEA_OK, FOVEA_NO_PROBLEM, 0);
}

/* Grey of equal R, G, B is that value: the weights add up to 65536. */
FOVEA_INLINE uint8_t image_grey(const uint8_t *p, const struct image_layout *at) {
    return (
        uint8_t)((19595u * p[at->red] + 38470u * p[at->green] + 7471u * p[at->blue] + 0x8000u) >>
                 16);
}

FOVEA_LOCAL void fovea_fitting_pixel(const struct fovea_fitting *f, uint32_t x, uint32_t y,
                                     uint8_t colours[3]) {
    const struct image_layout *at = &image_layouts[f->image->format];
    const uint8_t *p = f->image->pixels + y * f->image->stride + (size_t)x * at->bytes;
    if (f->planes == 1) {
        colours[0] = image_grey(p, at);
        return;
    }
    colours[0] = p[at->red];
    colours[1] = p[at->green];
    colours[2] = p[at->blue];
}

FOVEA_LOCAL void fovea_fitting_row(const struct fovea_fitting *f, uint32_t y, uint32_t first,
                                   uint32_t end, int16_t *planes, size_t pitch) {
    const struct image_layout at = image_layouts[f->image->format];
    const uint8_t *p = f->image->pixels + y * f->image->stride + (size_t)first * at.bytes;
    size_t count = end - first;
    if (at.bytes == 1) {
        for (size_t i = 0; i < count; i++) planes[i] = p[i];
    } else if (f->planes == 1) {
        for (size_t i = 0; i < count; i++) planes[i] = image_grey(p + i * at.bytes, &at);
    } else {
        for (size_t i = 0; i < count; i++, p += at.bytes) {
            planes[i] = p[at.red];
            planes[i + pitch] = p[at.green];
            planes[i + 2 * pitch] = p[at.blue];
        }
    }
}

FOVEA_LOCAL void fovea_fitting_put(const struct fovea_fitting *f, uint32_t x, uint32_t y,
                                   const float colours[3]) {
    const struct fovea_recipe *r = f->recipe;
    float *to = f->tensor + ((size_t)y * f->width + x) * f->pixel;
    for (uint32_t c = 0; c < f->channels; c++) {
        uint32_t from = f->planes == 1 ? 0 : r->colour == FOVEA_COLOUR_BGR ? 2 - c : c;
        float value = f->divisor != 0.0f ? colours[from] / f->divisor : colours[from] * r->scale;
        value = value - r->mean[c]; /* a statement each: a fused subtraction rounds differently */
        to[c * f->plane] = value / r->std[c];
    }
}

#undef image_fail
