/* Which part of a picture goes where in a tensor, as each of the ways in weights/recipe.def has it; and the
 * pictures that are made on the way there. Sides are below 2^16, so that products of two fit. */
#include "engine/math.h"
#include "engine/resize.h"
#include "weights/bytes.h"
#include "weights/check.h"

/* ---- settings ---- */

static const struct fit_step {
    uint8_t numbers;
    float usual, low, high, usual_second, least, most;
} fit_steps[FOVEA_STEP_COUNT] = {
#define STEP(constant, word, numbers, first, low, high, second, least, most, what)                 \
    [FOVEA_STEP_##constant] = {numbers, first, low, high, second, least, most},
#include "weights/recipe.def"
};

FOVEA_LOCAL bool fovea_recipe_has(const struct fovea_recipe *recipe, enum fovea_photo_step step) {
    for (uint32_t i = 0; i < recipe->steps; i++)
        if (recipe->step[i].step == step) return true;
    return false;
}

FOVEA_LOCAL float fovea_recipe_number(const struct fovea_recipe *recipe,
                                      enum fovea_photo_step step) {
    for (uint32_t i = 0; i < recipe->steps; i++)
        if (recipe->step[i].step == step) return recipe->step[i].number[0];
    return fit_steps[step].usual;
}

static bool fit_is_whole(float number) {
    return number == (float)(uint32_t)number;
}

FOVEA_LOCAL fovea_problem fovea_steps_flaw(const struct fovea_recipe *recipe) {
    if (recipe->steps > FOVEA_STEPS_MAX)
        return FOVEA_TEXT("S-500 more steps than a recipe can have");
    for (uint32_t i = 0; i < recipe->steps; i++) {
        const struct fovea_recipe_step *s = &recipe->step[i];
        if ((unsigned)s->step >= FOVEA_STEP_COUNT) return FOVEA_TEXT("S-501 an unknown step");
        const struct fit_step *row = &fit_steps[s->step];
        const bool windowed = s->step == FOVEA_STEP_MEDIAN || s->step == FOVEA_STEP_GAUSSIAN;
        if ((row->numbers > 0 && !(s->number[0] >= row->low && s->number[0] <= row->high)) ||
            (row->numbers > 1 && !(s->number[1] >= row->least && s->number[1] <= row->most)) ||
            (windowed && !(fit_is_whole(s->number[0]) && (uint32_t)s->number[0] % 2)) ||
            (s->step == FOVEA_STEP_SIDE && !fit_is_whole(s->number[0])) ||
            (s->step == FOVEA_STEP_CLAHE && !fit_is_whole(s->number[1])))
            return FOVEA_TEXT("S-502 a step's number is out of its range");
    }
    return FOVEA_NO_PROBLEM;
}

static bool fit_is_pillow(enum fovea_resize resize) {
    return (resize >= FOVEA_RESIZE_PIL_NEAREST && resize <= FOVEA_RESIZE_PIL_LANCZOS) ||
           resize == FOVEA_RESIZE_PIL_HAMMING;
}

/* ---- parts of the picture ---- */

static void fit_whole_box(struct fovea_fitting *f) {
    f->box[0] = f->box[1] = 0;
    f->box[2] = (float)f->image.width;
    f->box[3] = (float)f->image.height;
}

static void fit_cut(struct fovea_fitting *f, uint32_t left, uint32_t top, uint32_t width,
                    uint32_t height) {
    fovea_view_cut(&f->view, left, top);
    f->image.width = width;
    f->image.height = height;
    fit_whole_box(f);
}

/* Keras' centred crop box of the tensor's aspect ratio. Pillow's filters see the pixels beside it, as load_img has
 * them do; others are given the part alone. */
static fovea_problem fit_crop(struct fovea_fitting *f) {
    const uint32_t w = f->image.width, h = f->image.height;
    const uint64_t high = (uint64_t)w * f->height / f->width,
                   wide = (uint64_t)h * f->width / f->height;
    const uint32_t height = high < h ? (uint32_t)high : h, width = wide < w ? (uint32_t)wide : w;
    const uint32_t top = (h - height) / 2, left = (w - width) / 2;
    if (width == 0 || height == 0)
        return FOVEA_TEXT("S-031 the picture is too thin to be cropped to the input's shape");
    if (fit_is_pillow(f->recipe->resize)) {
        f->box[0] = (float)left;
        f->box[1] = (float)top;
        f->box[2] = (float)(left + width);
        f->box[3] = (float)(top + height);
    } else {
        fit_cut(f, left, top, width, height);
    }
    return FOVEA_NO_PROBLEM;
}

/* ImageOps.fit's box, in double until it is Pillow's. */
static fovea_problem fit_crop_exact(struct fovea_fitting *f) {
    const double w = f->image.width, h = f->image.height;
    const double ratio = (double)f->width / f->height;
    double width = w, height = h;
    if (!fit_is_pillow(f->recipe->resize))
        return FOVEA_TEXT(
            "S-503 only Pillow's filters take parts of a pixel, as --fit crop-exact does");
    if (w / h > ratio)
        width = ratio * h;
    else if (w / h < ratio)
        height = w / ratio;
    const double left = (w - width) * 0.5, top = (h - height) * 0.5;
    f->box[0] = (float)left;
    f->box[1] = (float)top;
    f->box[2] = (float)(left + width);
    f->box[3] = (float)(top + height);
    return FOVEA_NO_PROBLEM;
}

/* Keras' pad_to_aspect_ratio: in float32, and the same number of pixels on both sides. */
static fovea_problem fit_pad(struct fovea_fitting *f) {
    const uint32_t w = f->image.width, h = f->image.height;
    const float high = (float)((uint64_t)w * f->height) / (float)f->width;
    const float wide = (float)((uint64_t)h * f->width) / (float)f->height;
    if (high > 65535.0f || wide > 65535.0f)
        return FOVEA_TEXT("S-504 the picture with its borders would be larger than 65535 pixels");
    if ((uint32_t)high > h) f->border_y = ((uint32_t)high - h) / 2;
    if ((uint32_t)wide > w) f->border_x = ((uint32_t)wide - w) / 2;
    f->box[2] += (float)(2 * f->border_x);
    f->box[3] += (float)(2 * f->border_y);
    return FOVEA_NO_PROBLEM;
}

/* Sizes within the tensor's, by the rounding of YOLO's letterbox or of ImageOps.contain. */
static fovea_problem fit_within(struct fovea_fitting *f) {
    const double w = f->image.width, h = f->image.height;
    const double across = f->width / w, down = f->height / h;
    const bool pillow = f->recipe->fit == FOVEA_FIT_PIL_PAD;
    int32_t width = (int32_t)f->width, height = (int32_t)f->height;
    if (!pillow) {
        const double scale = across < down ? across : down;
        width = fovea_rint(w * scale);
        height = fovea_rint(h * scale);
    } else if (w / h > (double)f->width / f->height) {
        height = fovea_rint(h / w * f->width);
    } else if (w / h < (double)f->width / f->height) {
        width = fovea_rint(w / h * f->height);
    }
    if (width < 1 || height < 1)
        return FOVEA_TEXT("S-505 the picture is too thin for the input's shape");
    const double right = ((int32_t)f->width - width) * 0.5,
                 below = ((int32_t)f->height - height) * 0.5;
    f->right = fovea_rint(pillow ? right : right - 0.1);
    f->down = fovea_rint(pillow ? below : below - 0.1);
    f->width = (uint32_t)width;
    f->height = (uint32_t)height;
    return FOVEA_NO_PROBLEM;
}

/* torchvision's Resize(side) and CenterCrop. */
static fovea_problem fit_shorter(struct fovea_fitting *f) {
    const uint32_t side = (uint32_t)fovea_recipe_number(f->recipe, FOVEA_STEP_SIDE);
    const uint32_t w = f->image.width, h = f->image.height;
    const uint64_t width = w <= h ? side : (uint64_t)side * w / h;
    const uint64_t height = w <= h ? (uint64_t)side * h / w : side;
    if (width > 65535 || height > 65535)
        return FOVEA_TEXT("S-506 the picture would be more than 65535 pixels long");
    if (width < f->width || height < f->height)
        return FOVEA_TEXT("S-507 --side is smaller than the input");
    f->right = -fovea_rint((double)(width - f->width) / 2);
    f->down = -fovea_rint((double)(height - f->height) / 2);
    f->width = (uint32_t)width;
    f->height = (uint32_t)height;
    return FOVEA_NO_PROBLEM;
}

/* tf.image.central_crop: the fraction is the number that was written, of 6 digits. */
static fovea_problem fit_central(struct fovea_fitting *f) {
    const float given = fovea_recipe_number(f->recipe, FOVEA_STEP_FRACTION);
    const double fraction = fovea_rint((double)given * 1e6) / 1e6;
    const uint32_t w = f->image.width, h = f->image.height;
    const uint32_t left = (uint32_t)((w - w * fraction) / 2),
                   top = (uint32_t)((h - h * fraction) / 2);
    fit_cut(f, left, top, w - 2 * left, h - 2 * top);
    return FOVEA_NO_PROBLEM;
}

FOVEA_LOCAL fovea_problem fovea_fit(struct fovea_fitting *f) {
    static fovea_problem (*const fits[FOVEA_FIT_COUNT])(struct fovea_fitting *) = {
        [FOVEA_FIT_CROP] = fit_crop,       [FOVEA_FIT_CROP_EXACT] = fit_crop_exact,
        [FOVEA_FIT_PAD] = fit_pad,         [FOVEA_FIT_LETTERBOX] = fit_within,
        [FOVEA_FIT_PIL_PAD] = fit_within,  [FOVEA_FIT_SHORTER] = fit_shorter,
        [FOVEA_FIT_CENTRAL] = fit_central,
    };
    fit_whole_box(f);
    return fits[f->recipe->fit] ? fits[f->recipe->fit](f) : FOVEA_NO_PROBLEM;
}

/* ---- pictures made on the way ---- */

/* The bytes of a picture that the fitting looks at from here on. */
static uint8_t *fit_new_image(struct fovea_fitting *f, struct fovea_arena *arena, uint32_t width,
                              uint32_t height) {
    const size_t stride = (size_t)width * f->planes;
    uint8_t *pixels = (uint8_t *)fovea_room(arena, height, stride, 1);
    f->image =
        (struct fovea_image){.pixels = pixels,
                             .width = width,
                             .height = height,
                             .stride = stride,
                             .format = f->planes == 1 ? FOVEA_PIXELS_GREY : FOVEA_PIXELS_RGB};
    f->view = fovea_view_whole(width, height);
    return pixels;
}

FOVEA_LOCAL void fovea_fit_copy(struct fovea_fitting *f, struct fovea_arena *arena) {
    struct fovea_fitting from = *f;
    const uint32_t width = f->image.width + 2 * f->border_x,
                   height = f->image.height + 2 * f->border_y;
    uint8_t *to = fit_new_image(f, arena, width, height);
    f->border_x = f->border_y = 0;
    if (!to) return;
    fovea_fill(to, (int)fovea_recipe_number(f->recipe, FOVEA_STEP_FILL), height * f->image.stride);
    to += from.border_y * f->image.stride + (size_t)from.border_x * f->planes;
    for (uint32_t y = 0; y < from.image.height; y++, to += f->image.stride)
        for (uint32_t x = 0; x < from.image.width; x++) {
            uint8_t colours[3];
            fovea_fitting_pixel(&from, x, y, colours);
            for (uint32_t c = 0; c < f->planes; c++) to[(size_t)x * f->planes + c] = colours[c];
        }
}

/* One axis of Pillow's reduce: whole pixels that become one, and which of them the filter can reach. */
struct fit_reduced {
    uint32_t factor, first, end, count;
};

static struct fit_reduced fit_reduce_axis(float low, float high, uint32_t size, uint32_t out,
                                          float gap, double reach) {
    const double count = (double)(high - low), scale = count / out, beside = reach * scale;
    struct fit_reduced r = {.factor = (uint32_t)(count / out / (double)gap)};
    if (r.factor < 1) r.factor = 1;
    const double first = (double)low - beside, end = (double)high + beside;
    r.first = first > 0 ? (uint32_t)first : 0;
    r.end = end < size ? (uint32_t)end + (end > (uint32_t)end) : size;
    r.count = (r.end - r.first + r.factor - 1) / r.factor;
    return r;
}

/* The mean of `count` pixels as Pillow has it: times 2^24 / count in 32 bits. */
static uint8_t fit_reduce_mean(uint32_t sum, uint32_t count) {
    const uint32_t multiplier = (uint32_t)(4294967296.0f / (256.0f * (float)count));
    return (uint8_t)(((sum + count / 2) * multiplier) >> 24);
}

static void fit_reduce_rows(const struct fovea_fitting *f, const struct fit_reduced *across,
                            const struct fit_reduced *down, int16_t *row, uint32_t *sums,
                            uint8_t *to) {
    const size_t wide = f->image.width;
    for (uint32_t y = 0; y < down->count; y++) {
        const uint32_t first = down->first + y * down->factor;
        const uint32_t end = first + down->factor < down->end ? first + down->factor : down->end;
        fovea_fill(sums, 0, (size_t)across->count * f->planes * sizeof *sums);
        for (uint32_t line = first; line < end; line++) {
            fovea_fitting_row(f, line, 0, f->image.width, row, wide);
            for (uint32_t c = 0; c < f->planes; c++)
                for (uint32_t x = across->first; x < across->end; x++)
                    sums[(size_t)((x - across->first) / across->factor) * f->planes + c] +=
                        (uint16_t)row[c * wide + x];
        }
        for (uint32_t x = 0; x < across->count; x++) {
            const uint32_t from = across->first + x * across->factor;
            const uint32_t wide_here =
                from + across->factor < across->end ? across->factor : across->end - from;
            for (uint32_t c = 0; c < f->planes; c++)
                *to++ = fit_reduce_mean(sums[(size_t)x * f->planes + c], wide_here * (end - first));
        }
    }
}

FOVEA_LOCAL void fovea_fit_reduce(struct fovea_fitting *f, struct fovea_arena *arena) {
    const float gap = fovea_recipe_number(f->recipe, FOVEA_STEP_GAP);
    const double reach = fovea_filtered_support(f->recipe->resize) - 0.5;
    struct fovea_fitting from = *f;
    const struct fit_reduced across =
        fit_reduce_axis(f->box[0], f->box[2], f->image.width, f->width, gap, reach);
    const struct fit_reduced down =
        fit_reduce_axis(f->box[1], f->box[3], f->image.height, f->height, gap, reach);
    if (across.factor == 1 && down.factor == 1) return;
    uint8_t *to = fit_new_image(f, arena, across.count, down.count);
    int16_t *row = (int16_t *)fovea_room(arena, from.image.width, f->planes, sizeof *row);
    uint32_t *sums = (uint32_t *)fovea_room(arena, across.count, f->planes, sizeof *sums);
    for (int i = 0; i < 4; i++) {
        const struct fit_reduced *r = i % 2 ? &down : &across;
        f->box[i] = (float)(((double)f->box[i] - r->first) / r->factor);
    }
    if (to) fit_reduce_rows(&from, &across, &down, row, sums, to);
}
