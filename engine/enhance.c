/* Steps of a recipe that change each pixel by a table: equalisation, contrast, gamma, colour constancy; and which
 * steps there are. Each is that of the library that weights/recipe.def names. */
#include "engine/math.h"
#include "engine/resize.h"

/* ---- helpers ---- */

/* In scratch memory: the stack is small. */
struct enhance_tables {
    uint32_t counts[256];
    uint8_t table[256];
};

/* How often each value comes in channel c. */
static void enhance_count_values(const struct fovea_bytes_picture *p, uint32_t c,
                                 uint32_t counts[256]) {
    fovea_fill(counts, 0, 256 * sizeof *counts);
    for (uint32_t y = 0; y < p->height; y++) {
        const uint8_t *row = p->pixels + y * p->stride + c;
        for (uint32_t x = 0; x < p->width; x++) counts[row[(size_t)x * p->channels]]++;
    }
}

static void enhance_apply_table(const struct fovea_bytes_picture *p, uint32_t c,
                                const uint8_t table[256]) {
    for (uint32_t y = 0; y < p->height; y++) {
        uint8_t *row = p->pixels + y * p->stride + c;
        for (uint32_t x = 0; x < p->width; x++)
            row[(size_t)x * p->channels] = table[row[(size_t)x * p->channels]];
    }
}

/* ---- enhance_luminance: OpenCV's YCrCb in 14 fractional bits ---- */

#define ENHANCE_SCALED(value) (((value) + (1 << 13)) >> 14)

static int32_t enhance_luminance(const uint8_t *p) {
    return ENHANCE_SCALED(4899 * p[0] + 9617 * p[1] + 1868 * p[2]);
}

/* A plane of the enhance_luminance; grey pictures are one. */
static struct fovea_bytes_picture enhance_take_plane(const struct fovea_bytes_picture *p,
                                                     struct fovea_arena *arena) {
    if (p->channels == 1) return *p;
    struct fovea_bytes_picture plane = {NULL, p->width, p->height, 1, p->width};
    plane.pixels = (uint8_t *)fovea_room(arena, p->height, p->width, 1);
    for (size_t y = 0; plane.pixels && y < p->height; y++)
        for (size_t x = 0; x < p->width; x++)
            plane.pixels[y * plane.stride + x] =
                (uint8_t)enhance_luminance(p->pixels + y * p->stride + 3 * x);
    return plane;
}

/* The picture with that enhance_luminance in the place of its own. */
static void enhance_give_plane(const struct fovea_bytes_picture *p,
                               const struct fovea_bytes_picture *plane) {
    for (size_t y = 0; p->channels == 3 && y < p->height; y++) {
        uint8_t *at = p->pixels + y * p->stride;
        for (size_t x = 0; x < p->width; x++, at += 3) {
            const int32_t was = enhance_luminance(at), is = plane->pixels[y * plane->stride + x];
            const int32_t half = 128 << 14;
            const int32_t cr = fovea_clip_byte(ENHANCE_SCALED((at[0] - was) * 11682 + half)) - 128;
            const int32_t cb = fovea_clip_byte(ENHANCE_SCALED((at[2] - was) * 9241 + half)) - 128;
            at[0] = fovea_clip_byte(is + ENHANCE_SCALED(cr * 22987));
            at[1] = fovea_clip_byte(is + ENHANCE_SCALED(cb * -5636 + cr * -11698));
            at[2] = fovea_clip_byte(is + ENHANCE_SCALED(cb * 29049));
        }
    }
}

/* cv2.equalizeHist */
static void enhance_equalise_plane(const struct fovea_bytes_picture *plane,
                                   struct enhance_tables *t) {
    uint32_t first = 0, sum = 0, *counts = t->counts;
    const uint32_t all = plane->width * plane->height;
    enhance_count_values(plane, 0, counts);
    while (!counts[first]) first++;
    if (counts[first] == all) return; /* one value: it stays */
    const float scale = 255.0f / (float)(all - counts[first]);
    for (uint32_t v = 0; v < 256; v++) {
        if (v > first) sum += counts[v];
        t->table[v] = fovea_clip_byte(fovea_rint((double)((float)sum * scale)));
    }
    enhance_apply_table(plane, 0, t->table);
}

/* ---- contrast: ImageOps.enhance_autocontrast ---- */

/* The table that maps the values but for `cutoff` per cent at either end to 0 .. 255. */
static void enhance_contrast_table(uint32_t counts[256], float cutoff, uint8_t table[256]) {
    uint64_t all = 0;
    int32_t low = 0, high = 255;
    for (int v = 0; v < 256; v++) all += counts[v];
    uint64_t cut[2];
    cut[0] = cut[1] = (uint64_t)((double)all * (double)cutoff / 100);
    for (int v = 0, left = 1; cutoff > 0 && v < 256 && left; v++) {
        const uint32_t off = counts[v] < cut[0] ? counts[v] : (uint32_t)cut[0];
        cut[0] -= off;
        counts[v] -= off;
        left = cut[0] > 0;
    }
    for (int v = 255, left = 1; cutoff > 0 && v >= 0 && left; v--) {
        const uint32_t off = counts[v] < cut[1] ? counts[v] : (uint32_t)cut[1];
        cut[1] -= off;
        counts[v] -= off;
        left = cut[1] > 0;
    }
    while (low < 255 && !counts[low]) low++;
    while (high > 0 && !counts[high]) high--;
    const double scale = high > low ? 255.0 / (high - low) : 1;
    const double offset = high > low ? -low * scale : 0;
    for (int v = 0; v < 256; v++) {
        const double at = v * scale;
        table[v] = fovea_clip_byte((int32_t)(at + offset));
    }
}

static void enhance_autocontrast(const struct fovea_bytes_picture *p, float cutoff,
                                 struct enhance_tables *t) {
    for (uint32_t c = 0; c < p->channels; c++) {
        enhance_count_values(p, c, t->counts);
        enhance_contrast_table(t->counts, cutoff, t->table);
        enhance_apply_table(p, c, t->table);
    }
}

/* By the histogram of Pillow's L, for all channels. */
static void enhance_stretch(const struct fovea_bytes_picture *p, float cutoff,
                            struct enhance_tables *t) {
    enhance_count_values(p, 0, t->counts);
    if (p->channels == 3) fovea_fill(t->counts, 0, sizeof t->counts);
    for (uint32_t y = 0; p->channels == 3 && y < p->height; y++) {
        const uint8_t *at = p->pixels + y * p->stride;
        for (uint32_t x = 0; x < p->width; x++, at += 3)
            t->counts[(19595u * at[0] + 38470u * at[1] + 7471u * at[2] + 0x8000u) >> 16]++;
    }
    enhance_contrast_table(t->counts, cutoff, t->table);
    for (uint32_t c = 0; c < p->channels; c++) enhance_apply_table(p, c, t->table);
}

/* ---- gamma and colours ---- */

static void enhance_gamma(const struct fovea_bytes_picture *p, float gamma,
                          struct enhance_tables *t) {
    const double exponent =
        fovea_rint((double)gamma * 1e6) / 1e6; /* the number as it was written */
    for (int v = 0; v < 256; v++)
        t->table[v] = fovea_clip_byte(fovea_rint(255 * fovea_power(v / 255.0, exponent)));
    for (uint32_t c = 0; c < p->channels; c++) enhance_apply_table(p, c, t->table);
}

/* Finlayson and Trezzi 2004: each channel by its Minkowski mean, the three of a length of sqrt(3); the fraction is
 * dropped, as a cast to uint8 does. */
static void enhance_shades(const struct fovea_bytes_picture *p, float given,
                           struct enhance_tables *t) {
    const double norm = fovea_rint((double)given * 1e6) / 1e6;
    double mean[3] = {0}, length = 0;
    if (p->channels == 1) return;
    for (uint32_t c = 0; c < 3; c++) {
        enhance_count_values(p, c, t->counts);
        for (int v = 1; v < 256; v++) mean[c] += t->counts[v] * fovea_power(v / 255.0, norm);
        mean[c] = fovea_power(mean[c] / ((double)p->width * p->height), 1 / norm);
        length += mean[c] * mean[c];
    }
    for (uint32_t c = 0; c < 3; c++) {
        if (mean[c] <= 0) continue; /* black: nothing to change */
        const double by = fovea_root(length / 3) / mean[c];
        for (int v = 0; v < 256; v++) t->table[v] = v * by >= 255 ? 255 : (uint8_t)(float)(v * by);
        enhance_apply_table(p, c, t->table);
    }
}

/* ---- what resize.h promises ---- */

static bool enhance_changes(enum fovea_photo_step step) {
    return step > FOVEA_STEP_RESIZED;
}

FOVEA_LOCAL bool fovea_enhances(const struct fovea_recipe *recipe, bool after) {
    bool resized = false, found = false;
    for (uint32_t i = 0; i < recipe->steps; i++) {
        if (recipe->step[i].step == FOVEA_STEP_RESIZED) resized = true;
        found |= enhance_changes(recipe->step[i].step) && resized == after;
    }
    return found;
}

static void enhance_plane(const struct fovea_recipe_step *s, const struct fovea_bytes_picture *p,
                          struct enhance_tables *t, struct fovea_arena *arena) {
    const struct fovea_bytes_picture plane = enhance_take_plane(p, arena);
    if (s->step == FOVEA_STEP_CLAHE)
        fovea_clahe(&plane, s->number[0], (uint32_t)s->number[1], t ? t->counts : NULL, arena);
    else if (arena->base)
        enhance_equalise_plane(&plane, t);
    if (arena->base) enhance_give_plane(p, &plane);
}

static void enhance_by_table(const struct fovea_recipe_step *s, const struct fovea_bytes_picture *p,
                             struct enhance_tables *t) {
    if (s->step == FOVEA_STEP_AUTOCONTRAST) enhance_autocontrast(p, s->number[0], t);
    if (s->step == FOVEA_STEP_STRETCH) enhance_stretch(p, s->number[0], t);
    if (s->step == FOVEA_STEP_GAMMA) enhance_gamma(p, s->number[0], t);
    if (s->step == FOVEA_STEP_SHADES) enhance_shades(p, s->number[0], t);
}

FOVEA_LOCAL void fovea_enhance(const struct fovea_recipe *recipe, bool after,
                               const struct fovea_bytes_picture *p, struct fovea_arena *arena) {
    struct enhance_tables *t = (struct enhance_tables *)fovea_room(arena, 1, 1, sizeof *t);
    const uint64_t start = arena->at;
    uint64_t most = start;
    bool resized = false;
    for (uint32_t i = 0; i < recipe->steps; i++) {
        const struct fovea_recipe_step *s = &recipe->step[i];
        if (s->step == FOVEA_STEP_RESIZED) resized = true;
        if (!enhance_changes(s->step) || resized != after) continue;
        arena->at = start; /* each has the memory for itself */
        if (s->step == FOVEA_STEP_CLAHE || s->step == FOVEA_STEP_EQUALISE)
            enhance_plane(s, p, t, arena);
        else if (s->step == FOVEA_STEP_MEDIAN)
            fovea_median(p, (uint32_t)s->number[0], arena);
        else if (s->step == FOVEA_STEP_GAUSSIAN)
            fovea_gaussian(p, (uint32_t)s->number[0], (double)s->number[1], arena);
        else if (arena->base)
            enhance_by_table(s, p, t);
        if (arena->at > most) most = arena->at;
    }
    arena->at = most;
}
