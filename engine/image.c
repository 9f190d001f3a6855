/* Pictures to tensors: arguments checked, part of the picture chosen, colour and scale applied.
 *
 * The order is fixed: colour first (grey = (19595 R + 38470 G + 7471 B + 32768) >> 16, as Pillow's
 * "L"; grey to RGB by copying), then resize, then value = (pixel * scale - mean[c]) / std[c] in
 * float32, each operation rounded. One exception: where scale is the float nearest to 1/255 or
 * 1/127.5, the pixel is divided by 255 or 127.5 instead, because that is what `x / 255.0` in numpy
 * does; the two differ in the last bit.
 */
#include "engine/image.h"

#include "engine/math.h"
#include "engine/resize.h"
#include "weights/bytes.h"
#include "weights/check.h"

#define IMAGE_SIDE_MAX 65535u

enum image_resizers { IMAGE_none, IMAGE_sampled, IMAGE_filtered, IMAGE_cv, IMAGE_tf };

static const float image_divisors[] = {255.0f, 127.5f};

/* ---- checks ---- */

#define image_fail(error, status, text) fovea_report(error, status, FOVEA_TEXT(text), 0)

static bool image_side(uint32_t n) {
    return n >= 1 && n <= IMAGE_SIDE_MAX;
}

static bool image_finite(float value) {
    return value - value == 0.0f;
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
    return fovea_steps_flaw(recipe);
}

static float image_divisor(float scale) {
    for (size_t i = 0; i < sizeof image_divisors / sizeof *image_divisors; i++)
        if (scale == 1.0f / image_divisors[i]) return image_divisors[i];
    return 0.0f;
}

/* What is built: all resizers, or those of the file that FOVEA_OPS_FILE names. */
static const struct image_row {
    enum image_resizers id;
    fovea_resizer *run;
} image_rows[] = {
    {IMAGE_none, NULL},
#define RESIZER(name) {IMAGE_##name, fovea_resize_##name},
#include "weights/built.def"
#undef RESIZER
};

static fovea_resizer *image_resizer(const struct fovea_recipe *recipe) {
    static const uint8_t ids[FOVEA_RESIZE_COUNT] = {
#define RESIZE(constant, word, resizer, what) [FOVEA_RESIZE_##constant] = IMAGE_##resizer,
#include "weights/recipe.def"
    };
    for (size_t i = 0; i < sizeof image_rows / sizeof *image_rows; i++)
        if (image_rows[i].id == (enum image_resizers)ids[recipe->resize]) return image_rows[i].run;
    return NULL;
}

/* Whether a resizer gives whole numbers of 0 to 255. */
static bool image_gives_bytes(enum fovea_resize resize) {
    return resize < FOVEA_RESIZE_TF_BICUBIC && resize != FOVEA_RESIZE_TF_BILINEAR;
}

static enum fovea_status image_begin(struct fovea_fitting *f, const struct fovea_image *image,
                                     const struct fovea_recipe *recipe,
                                     const struct fovea_picture *place, struct fovea_error *error) {
    fovea_problem flaw;
    struct fovea_view view;
    const uint32_t height = place->height, width = place->width, channels = place->channels;
    if (!image || !recipe)
        return image_fail(error, FOVEA_ARGUMENT, "S-027 image and recipe must not be NULL");
    if ((flaw = fovea_view_of(image, &view))) return fovea_report(error, FOVEA_ARGUMENT, flaw, 0);
    if ((flaw = recipe_flaw(recipe))) return fovea_report(error, FOVEA_ARGUMENT, flaw, 0);
    if (channels != (recipe->colour == FOVEA_COLOUR_GREY ? 1u : 3u))
        return image_fail(error, FOVEA_SHAPE,
                          "S-028 a grey recipe needs an input of 1 channel, a colour recipe of 3");
    if (!image_side(width) || !image_side(height))
        return image_fail(error, FOVEA_SHAPE, "S-029 the input's sides must be 1 to 65535");
    if (!image_resizer(recipe))
        return image_fail(error, FOVEA_UNSUPPORTED,
                          "S-508 this build does not have the recipe's resize filter");
    if (recipe->steps && !FOVEA_STEPS_BUILT)
        return image_fail(error, FOVEA_UNSUPPORTED,
                          "S-510 this build does not support recipe steps");
    if (FOVEA_STEPS_BUILT && fovea_enhances(recipe, true) && !image_gives_bytes(recipe->resize))
        return image_fail(error, FOVEA_ARGUMENT,
                          "S-509 steps behind 'resize' need a filter that gives whole numbers, not "
                          "one of tf.image");
    bool grey = image->format == FOVEA_PIXELS_GREY || recipe->colour == FOVEA_COLOUR_GREY;
    *f = (struct fovea_fitting){.image = *image,
                                .view = view,
                                .recipe = recipe,
                                .width = width,
                                .height = height,
                                .place_width = width,
                                .place_height = height,
                                .channels = channels,
                                .pixel = place->first ? 1 : channels,
                                .plane = place->first ? (size_t)height * width : 1,
                                .planes = grey ? 1 : 3,
                                .divisor = image_divisor(recipe->scale)};
    f->image.width = view.width;
    f->image.height = view.height;
    if ((flaw = fovea_fit(f))) return fovea_report(error, FOVEA_SHAPE, flaw, 0);
    if (recipe->resize == FOVEA_RESIZE_NONE && (f->image.width + 2 * f->border_x != f->width ||
                                                f->image.height + 2 * f->border_y != f->height))
        return image_fail(
            error, FOVEA_SHAPE,
            "S-030 the recipe does not resize: the picture must have the input's size");
    return FOVEA_OK;
}

/* ---- the work ---- */

/* Where the resized picture does not reach: borders. */
static void image_borders(const struct fovea_fitting *f) {
    const float fill = fovea_recipe_number(f->recipe, FOVEA_STEP_FILL),
                colours[3] = {fill, fill, fill};
    struct fovea_fitting all = *f;
    all.right = all.down = 0;
    for (uint32_t y = 0; y < f->place_height; y++)
        for (uint32_t x = 0; x < f->place_width; x++) fovea_fitting_put(&all, x, y, colours);
}

/* The tensor from the bytes that were put aside. */
static void image_from_bytes(struct fovea_fitting *f) {
    const uint8_t *from = f->bytes;
    f->bytes = NULL;
    f->right = f->down = 0;
    for (uint32_t y = 0; y < f->place_height; y++)
        for (uint32_t x = 0; x < f->place_width; x++, from += f->planes) {
            float colours[3] = {0};
            for (uint32_t c = 0; c < f->planes; c++) colours[c] = from[c];
            fovea_fitting_put(f, x, y, colours);
        }
}

/* tf.image.per_image_standardization, and what Keras' ImageDataGenerator calls samplewise. */
static void image_standardise(const struct fovea_fitting *f) {
    const size_t count = (size_t)f->place_width * f->place_height * f->channels;
    const bool tf = fovea_recipe_has(f->recipe, FOVEA_STEP_STANDARDISE);
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) sum += (double)f->tensor[i];
    const double mean = sum / (double)count;
    for (size_t i = 0; i < count; i++) {
        const double off = (double)f->tensor[i] - mean;
        squares += off * off;
    }
    const double deviation = fovea_root(squares / (double)count);
    const double least = 1 / fovea_root((double)count);
    const double by = !tf ? deviation + 1e-6 : deviation > least ? deviation : least;
    for (size_t i = 0; i < count; i++) f->tensor[i] = (float)(((double)f->tensor[i] - mean) / by);
}

static void image_enhance(const struct fovea_fitting *f, uint8_t *pixels, bool after,
                          struct fovea_arena *arena) {
    struct fovea_bytes_picture picture = {pixels, f->place_width, f->place_height, f->planes,
                                          (size_t)f->place_width * f->planes};
    if (!after) { /* the copy, without its borders */
        picture.width = f->image.width;
        picture.height = f->image.height;
        picture.stride = f->image.stride;
    }
    fovea_enhance(f->recipe, after, &picture, arena);
}

/* The whole way; without an arena's base only the scratch memory is added up. */
static void image_run(struct fovea_fitting *f, struct fovea_arena *arena) {
    const struct fovea_recipe *r = f->recipe;
    const bool before = FOVEA_STEPS_BUILT && fovea_enhances(r, false);
    const bool after = FOVEA_STEPS_BUILT && fovea_enhances(r, true);
    const bool windowed = f->width < f->place_width || f->height < f->place_height;
    if (before) {
        const uint32_t border_x = f->border_x, border_y = f->border_y;
        f->border_x = f->border_y = 0;
        fovea_fit_copy(f, arena);
        image_enhance(f, (uint8_t *)(uintptr_t)f->image.pixels, false, arena);
        f->border_x = border_x;
        f->border_y = border_y;
    }
    if (f->border_x || f->border_y) fovea_fit_copy(f, arena);
    if (FOVEA_STEPS_BUILT && fovea_recipe_has(r, FOVEA_STEP_GAP) &&
        image_resizer(r) == fovea_resize_filtered)
        fovea_fit_reduce(f, arena);
    if (after)
        f->bytes =
            (uint8_t *)fovea_room(arena, f->place_height, (uint64_t)f->place_width * f->planes, 1);
    if (windowed && arena->base) image_borders(f);
    image_resizer(r)(f, arena);
    if (after) image_enhance(f, f->bytes, true, arena);
    if (!arena->base) return;
    if (after) image_from_bytes(f);
    if (!FOVEA_STEPS_BUILT) return;
    if (fovea_recipe_has(r, FOVEA_STEP_STANDARDISE) || fovea_recipe_has(r, FOVEA_STEP_SAMPLEWISE))
        image_standardise(f);
}

/* ---- what image.h and resize.h promise ---- */

FOVEA_LOCAL void *fovea_room(struct fovea_arena *arena, uint64_t count, uint64_t each,
                             size_t size) {
    uint64_t start = arena->at, bytes = fovea_product(fovea_product(count, each), size);
    arena->at = fovea_sum(start, fovea_sum(bytes, 7) & ~(uint64_t)7);
    return arena->base ? arena->base + (size_t)start : NULL;
}

/* Adds up the scratch memory, on a copy: the work changes what it is given. */
static enum fovea_status image_count(const struct fovea_fitting *f, size_t *bytes,
                                     struct fovea_error *error) {
    struct fovea_fitting counted = *f;
    struct fovea_arena arena = {NULL, 0};
    image_run(&counted, &arena);
    if (arena.at >= SIZE_MAX - 7)
        return image_fail(error, FOVEA_LIMIT,
                          "S-033 resizing would need more memory than there is");
    *bytes = (size_t)arena.at;
    return fovea_report(error, FOVEA_OK, FOVEA_NO_PROBLEM, 0);
}

FOVEA_LOCAL enum fovea_status fovea_image_scratch(const struct fovea_image *image,
                                                  const struct fovea_recipe *recipe,
                                                  const struct fovea_picture *place, size_t *bytes,
                                                  struct fovea_error *error) {
    struct fovea_fitting f;
    if (!bytes) return image_fail(error, FOVEA_ARGUMENT, "S-032 bytes must not be NULL");
    *bytes = 0;
    const enum fovea_status status = image_begin(&f, image, recipe, place, error);
    return status != FOVEA_OK ? status : image_count(&f, bytes, error);
}

FOVEA_LOCAL enum fovea_status fovea_image_write(const struct fovea_image *image,
                                                const struct fovea_recipe *recipe,
                                                const struct fovea_picture *place, float *tensor,
                                                void *scratch, size_t bytes,
                                                struct fovea_error *error) {
    struct fovea_fitting f;
    size_t needed;
    uint64_t nothing = 0; /* where no memory is needed there may be none */
    enum fovea_status status = image_begin(&f, image, recipe, place, error);
    if (status == FOVEA_OK) status = image_count(&f, &needed, error);
    if (status != FOVEA_OK) return status;
    const bool chroma = image->format != FOVEA_PIXELS_YUV420 || (image->u && image->v);
    if (!tensor || !image->pixels || !chroma || (needed && !scratch))
        return image_fail(error, FOVEA_ARGUMENT,
                          "S-034 pixels, tensor and scratch memory must not be NULL");
    if (bytes < needed) return image_fail(error, FOVEA_MEMORY, "S-035 too little scratch memory");
    if (needed && (uintptr_t)scratch % 8)
        return image_fail(error, FOVEA_ALIGNMENT,
                          "S-036 scratch memory must be aligned to 8 bytes");
    struct fovea_arena arena = {needed ? (uint8_t *)scratch : (uint8_t *)&nothing, 0};
    f.tensor = tensor;
    image_run(&f, &arena);
    return fovea_report(error, FOVEA_OK, FOVEA_NO_PROBLEM, 0);
}

FOVEA_LOCAL void fovea_fitting_pixel(const struct fovea_fitting *f, uint32_t x, uint32_t y,
                                     uint8_t colours[3]) {
    int16_t planes[3];
    fovea_pixels_row(&f->image, &f->view, f->planes == 1, x, y, 1, planes, 1);
    for (uint32_t c = 0; c < f->planes; c++) colours[c] = (uint8_t)planes[c];
}

FOVEA_LOCAL void fovea_fitting_row(const struct fovea_fitting *f, uint32_t y, uint32_t first,
                                   uint32_t end, int16_t *planes, size_t pitch) {
    fovea_pixels_row(&f->image, &f->view, f->planes == 1, first, y, end - first, planes, pitch);
}

FOVEA_LOCAL void fovea_fitting_put(const struct fovea_fitting *f, uint32_t x, uint32_t y,
                                   const float colours[3]) {
    const struct fovea_recipe *r = f->recipe;
    x += (uint32_t)f->right; /* what lies left of the tensor wraps to beyond it */
    y += (uint32_t)f->down;
    if (x >= f->place_width || y >= f->place_height) return;
    const size_t at = (size_t)y * f->place_width + x;
    for (uint32_t c = 0; f->bytes && c < f->planes; c++)
        f->bytes[at * f->planes + c] = (uint8_t)colours[c];
    if (f->bytes) return;
    float *to = f->tensor + at * f->pixel;
    for (uint32_t c = 0; c < f->channels; c++) {
        uint32_t from = f->planes == 1 ? 0 : r->colour == FOVEA_COLOUR_BGR ? 2 - c : c;
        float value = f->divisor != 0.0f ? colours[from] / f->divisor : colours[from] * r->scale;
        value = value - r->mean[c]; /* a statement each: a fused subtraction rounds differently */
        to[c * f->plane] = value / r->std[c];
    }
}

#undef image_fail
