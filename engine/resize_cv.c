/* OpenCV's resize of 8-bit pictures, bit for bit as on x86-64 (without Intel's IPP): nearest, linear, area, cubic,
 * lanczos4.
 *
 * Linear, cubic and lanczos4: columns first, in whole numbers with weights of 11 fractional bits, then rows, of which
 * each kind rounds in a way of its own. Area takes means in float where both axes shrink, in whole numbers where they
 * do so by whole factors, and is linear with other weights where one grows. Two columns and two rows to one are the
 * same for linear as for area. */
#include "engine/math.h"
#include "engine/resize.h"

#define CV_BITS 11
#define CV_TAPS 8

enum cv_kind { CV_LINEAR, CV_LINEAR_AREA, CV_CUBIC, CV_LANCZOS };
static const uint32_t cv_taps[] = {2, 2, 4, 8};

struct cv_axis {
    uint32_t size, out, taps;
    double scale, inverse; /* picture pixels per output pixel; the other way round */
    int32_t *starts;  /* per output pixel: the first of its taps, perhaps outside of the picture */
    int16_t *weights; /* per output pixel: one a tap */
};

static struct cv_axis cv_axis(uint32_t size, uint32_t out, uint32_t taps) {
    struct cv_axis a = {.size = size, .out = out, .taps = taps};
    a.inverse = (double)out / size;
    a.scale = 1 / a.inverse;
    return a;
}

FOVEA_INLINE uint32_t cv_clip(int32_t at, uint32_t size) {
    return at < 0 ? 0 : (uint32_t)at >= size ? size - 1 : (uint32_t)at;
}

/* ---- weights ---- */

static void cv_cubic(float x, float w[CV_TAPS]) {
    const float a = -0.75f, next = x + 1, rest = 1 - x;
    w[0] = ((a * next - 5 * a) * next + 8 * a) * next - 4 * a;
    w[1] = ((a + 2) * x - (a + 3)) * x * x + 1;
    w[2] = ((a + 2) * rest - (a + 3)) * rest * rest + 1;
    w[3] = 1.0f - w[0] - w[1] - w[2];
}

static void cv_lanczos(float x, float w[CV_TAPS]) {
    static const double half = 0.70710678118654752440;
    static const double turns[8][2] = {{1, 0},  {-half, -half}, {0, 1},  {half, -half},
                                       {-1, 0}, {half, half},   {0, -1}, {-half, half}};
    const double y0 = -(double)(x + 3) * FOVEA_PI * 0.25, sine = fovea_sin(y0),
                 cosine = fovea_cos(y0);
    float sum = 0;
    for (int i = 0; i < 8; i++) {
        const float off = x + 3 - (float)i;
        const double y = -(double)off * FOVEA_PI * 0.25;
        w[i] = off < 1e-6f && off > -1e-6f
                   ? 1e30f /* all but this one vanish */
                   : (float)((turns[i][0] * sine + turns[i][1] * cosine) / (y * y));
        sum += w[i];
    }
    sum = 1.0f / sum;
    for (int i = 0; i < 8; i++) w[i] *= sum;
}

/* Of output pixel i: where its taps begin, and how far it lies behind the middle one. */
static float cv_centre(const struct cv_axis *a, enum cv_kind kind, uint32_t i, int32_t *start) {
    if (kind == CV_LINEAR_AREA) {
        *start = fovea_floor(i * a->scale);
        const float at = (float)((i + 1) - (*start + 1) * a->inverse);
        return at <= 0 ? 0 : at - (float)fovea_floor((double)at);
    }
    const float at = (float)((i + 0.5) * a->scale - 0.5);
    *start = fovea_floor((double)at);
    return at - (float)*start;
}

/* Columns before the first or behind the last are, for linear, the first or last alone (`clamped`). */
static void cv_weigh(struct cv_axis *a, enum cv_kind kind, bool clamped) {
    for (uint32_t i = 0; i < a->out; i++) {
        float w[CV_TAPS];
        int32_t start;
        float at = cv_centre(a, kind, i, &start);
        if (clamped && kind <= CV_LINEAR_AREA) {
            const int32_t last = (int32_t)a->size - 1;
            if (start < 0 || start >= last) at = 0;
            start = start < 0 ? 0 : start > last ? last : start;
        }
        w[0] = 1.0f - at;
        w[1] = at;
        if (kind == CV_CUBIC) cv_cubic(at, w);
        if (kind == CV_LANCZOS) cv_lanczos(at, w);
        a->starts[i] = start - (int32_t)(a->taps / 2 - 1);
        for (uint32_t t = 0; t < a->taps; t++)
            a->weights[(size_t)i * a->taps + t] =
                (int16_t)fovea_rint((double)(w[t] * (1 << CV_BITS)));
    }
}

/* ---- weighted ---- */

struct cv_work {
    const struct fovea_fitting *f;
    struct cv_axis columns, rows;
    enum cv_kind kind;
    int16_t *source; /* a picture row, plane by plane */
    int32_t *ring;   /* `taps` resized rows, plane by plane; row y at y % taps */
    int32_t held[CV_TAPS];
};

static void cv_across(const struct cv_work *w, uint32_t y, int32_t *to) {
    const struct cv_axis *a = &w->columns;
    const uint32_t size = a->size;
    fovea_fitting_row(w->f, y, 0, size, w->source, size);
    for (uint32_t c = 0; c < w->f->planes; c++) {
        const int16_t *plane = w->source + (size_t)c * size, *weight = a->weights;
        for (uint32_t x = 0; x < a->out; x++, weight += a->taps) {
            const int32_t start = a->starts[x];
            int32_t sum = 0;
            if (start >= 0 && start + (int32_t)a->taps <= (int32_t)size)
                for (uint32_t t = 0; t < a->taps; t++) sum += plane[start + (int32_t)t] * weight[t];
            else
                for (uint32_t t = 0; t < a->taps; t++)
                    sum += plane[cv_clip(start + (int32_t)t, size)] * weight[t];
            *to++ = sum;
        }
    }
}

/* Rows of whole blocks of 8 numbers, colours interleaved, go through vectors of floats; what is left over does not. */
static uint8_t cv_cubic_down(const int32_t *const row[], size_t at, const int16_t w[4],
                             bool block) {
    if (!block) {
        int32_t sum = 1 << (2 * CV_BITS - 1);
        for (int t = 0; t < 4; t++) sum += row[t][at] * w[t];
        return fovea_clip_byte(sum >> (2 * CV_BITS));
    }
    const float unit = 1.0f / (1 << (2 * CV_BITS));
    float sum = (float)row[3][at] * ((float)w[3] * unit);
    for (int t = 2; t >= 0; t--) {
        const float part = (float)row[t][at] * ((float)w[t] * unit);
        sum = part + sum;
    }
    return fovea_clip_byte(fovea_rint((double)sum));
}

static uint8_t cv_linear_down(const int32_t *const row[], size_t at, const int16_t w[2]) {
    const int32_t upper = (w[0] * (row[0][at] >> 4)) >> 16,
                  lower = (w[1] * (row[1][at] >> 4)) >> 16;
    return (uint8_t)((upper + lower + 2) >> 2);
}

static uint8_t cv_lanczos_down(const int32_t *const row[], size_t at, const int16_t w[8]) {
    int64_t sum = 1 << (2 * CV_BITS - 1);
    for (int t = 0; t < 8; t++) sum += (int64_t)row[t][at] * w[t];
    return fovea_clip_byte((int32_t)sum >> (2 * CV_BITS));
}

static void cv_down(struct cv_work *w, uint32_t y) {
    const struct fovea_fitting *f = w->f;
    const struct cv_axis *v = &w->rows;
    const int16_t *weight = v->weights + (size_t)y * v->taps;
    const size_t wide = w->columns.out, whole = wide * f->channels / 8 * 8;
    const int32_t *row[CV_TAPS];
    for (uint32_t t = 0; t < v->taps; t++) {
        const uint32_t from = cv_clip(v->starts[y] + (int32_t)t, v->size), slot = from % v->taps;
        int32_t *to = w->ring + slot * wide * f->planes;
        if (w->held[slot] != (int32_t)from) cv_across(w, from, to);
        w->held[slot] = (int32_t)from;
        row[t] = to;
    }
    for (uint32_t x = 0; x < wide; x++) {
        float colours[3] = {0};
        for (uint32_t c = 0; c < f->planes; c++) {
            const size_t at = c * wide + x;
            const bool block = (size_t)x * f->channels + c < whole;
            colours[c] = w->kind == CV_CUBIC     ? cv_cubic_down(row, at, weight, block)
                         : w->kind == CV_LANCZOS ? cv_lanczos_down(row, at, weight)
                                                 : cv_linear_down(row, at, weight);
        }
        fovea_fitting_put(f, x, y, colours);
    }
}

static void cv_weighted(const struct fovea_fitting *f, struct fovea_arena *arena,
                        enum cv_kind kind) {
    struct cv_work w = {.f = f, .kind = kind};
    struct cv_axis *axes[] = {&w.columns, &w.rows};
    w.columns = cv_axis(f->image.width, f->width, cv_taps[kind]);
    w.rows = cv_axis(f->image.height, f->height, cv_taps[kind]);
    for (int i = 0; i < 2; i++) {
        axes[i]->starts = (int32_t *)fovea_room(arena, axes[i]->out, 1, sizeof(int32_t));
        axes[i]->weights =
            (int16_t *)fovea_room(arena, axes[i]->out, axes[i]->taps, sizeof(int16_t));
    }
    w.source = (int16_t *)fovea_room(arena, f->image.width, f->planes, sizeof(int16_t));
    w.ring =
        (int32_t *)fovea_room(arena, w.rows.taps, (uint64_t)f->width * f->planes, sizeof(int32_t));
    if (!arena->base) return;
    cv_weigh(&w.columns, kind, true);
    cv_weigh(&w.rows, kind, false);
    for (int t = 0; t < CV_TAPS; t++) w.held[t] = -1;
    for (uint32_t y = 0; y < f->height; y++) cv_down(&w, y);
}

/* ---- means ---- */

/* The share of picture pixel `at` in output pixel i: part of the first and of the last one, below a thousandth
 * nothing. */
struct cv_span {
    uint32_t first, end;
    float head, body, tail; /* head: of the pixel before `first`; tail: of `end`; 0: none */
};

static struct cv_span cv_span(const struct cv_axis *a, uint32_t i) {
    const double low = i * a->scale, high = low + a->scale, rest = a->size - low;
    const double cell = a->scale < rest ? a->scale : rest;
    int32_t first = fovea_floor(low) + (low > fovea_floor(low)), end = fovea_floor(high);
    if (end > (int32_t)a->size - 1) end = (int32_t)a->size - 1;
    if (first > end) first = end;
    struct cv_span s = {(uint32_t)first, (uint32_t)end, 0, (float)(1.0 / cell), 0};
    if (first - low > 1e-3) s.head = (float)((first - low) / cell);
    if (high - end > 1e-3) {
        double over = high - end < 1 ? high - end : 1;
        s.tail = (float)((over < cell ? over : cell) / cell);
    }
    return s;
}

struct cv_means {
    const struct fovea_fitting *f;
    struct cv_axis columns, rows;
    int16_t *source;
    float *line, *sums;
};

/* The means along picture row y, times `share`, put (`first`) or added to the sums. */
static void cv_mean_row(const struct cv_means *m, uint32_t y, float share, bool first) {
    const size_t size = m->columns.size;
    fovea_fitting_row(m->f, y, 0, m->columns.size, m->source, size);
    for (uint32_t c = 0; c < m->f->planes; c++) {
        const int16_t *plane = m->source + c * size;
        float *sums = m->sums + (size_t)c * m->columns.out;
        for (uint32_t x = 0; x < m->columns.out; x++) {
            const struct cv_span s = cv_span(&m->columns, x);
            float sum = 0;
            if (s.head != 0) sum += (float)plane[s.first - 1] * s.head;
            for (uint32_t i = s.first; i < s.end; i++) sum += (float)plane[i] * s.body;
            if (s.tail != 0) sum += (float)plane[s.end] * s.tail;
            const float part = sum * share;
            sums[x] = first ? part : sums[x] + part;
        }
    }
}

static void cv_put_means(const struct cv_means *m, uint32_t y) {
    for (uint32_t x = 0; x < m->columns.out; x++) {
        float colours[3] = {0};
        for (uint32_t c = 0; c < m->f->planes; c++)
            colours[c] =
                fovea_clip_byte(fovea_rint((double)m->sums[(size_t)c * m->columns.out + x]));
        fovea_fitting_put(m->f, x, y, colours);
    }
}

static void cv_fractions(const struct cv_means *m) {
    for (uint32_t y = 0; y < m->rows.out; y++) {
        const struct cv_span s = cv_span(&m->rows, y);
        bool first = true;
        if (s.head != 0) {
            cv_mean_row(m, s.first - 1, s.head, first);
            first = false;
        }
        for (uint32_t i = s.first; i < s.end; i++, first = false) cv_mean_row(m, i, s.body, first);
        if (s.tail != 0) cv_mean_row(m, s.end, s.tail, first);
        cv_put_means(m, y);
    }
}

/* By whole factors: sums in whole numbers; of four pixels halves are rounded up, else to even. */
static void cv_whole_factors(const struct cv_means *m, uint32_t across, uint32_t down) {
    const float share = 1.0f / (float)(across * down);
    const size_t size = m->columns.size;
    int32_t *sums = (int32_t *)m->sums;
    for (uint32_t y = 0; y < m->rows.out; y++) {
        fovea_fill(sums, 0, (size_t)m->columns.out * m->f->planes * sizeof *sums);
        for (uint32_t i = 0; i < down; i++) {
            fovea_fitting_row(m->f, y * down + i, 0, m->columns.size, m->source, size);
            for (uint32_t c = 0; c < m->f->planes; c++)
                for (size_t x = 0; x < (size_t)m->columns.out * across; x++)
                    sums[(size_t)c * m->columns.out + x / across] += m->source[c * size + x];
        }
        for (uint32_t x = 0; x < m->columns.out; x++) {
            float colours[3] = {0};
            for (uint32_t c = 0; c < m->f->planes; c++) {
                const int32_t sum = sums[(size_t)c * m->columns.out + x];
                colours[c] = across == 2 && down == 2
                                 ? (uint8_t)((sum + 2) >> 2)
                                 : fovea_clip_byte(fovea_rint((double)((float)sum * share)));
            }
            fovea_fitting_put(m->f, x, y, colours);
        }
    }
}

/* The factor where it is whole to the precision of a double, else 0. */
static uint32_t cv_factor(const struct cv_axis *a) {
    const int32_t whole = fovea_rint(a->scale);
    const double off = a->scale - whole;
    return off < 0x1p-52 && off > -0x1p-52 ? (uint32_t)whole : 0;
}

static void cv_means(const struct fovea_fitting *f, struct fovea_arena *arena) {
    struct cv_means m = {.f = f};
    m.columns = cv_axis(f->image.width, f->width, 0);
    m.rows = cv_axis(f->image.height, f->height, 0);
    const uint32_t across = cv_factor(&m.columns), down = cv_factor(&m.rows);
    m.source = (int16_t *)fovea_room(arena, f->image.width, f->planes, sizeof(int16_t));
    m.sums = (float *)fovea_room(arena, f->width, f->planes, sizeof(float));
    if (!arena->base) return;
    if (across && down)
        cv_whole_factors(&m, across, down);
    else
        cv_fractions(&m);
}

/* ---- nearest, and no change ---- */

static void cv_nearest(const struct fovea_fitting *f) {
    const struct cv_axis columns = cv_axis(f->image.width, f->width, 0);
    const struct cv_axis rows = cv_axis(f->image.height, f->height, 0);
    for (uint32_t y = 0; y < f->height; y++)
        for (uint32_t x = 0; x < f->width; x++) {
            uint8_t p[3] = {0};
            fovea_fitting_pixel(f, cv_clip(fovea_floor(x * columns.scale), columns.size),
                                cv_clip(fovea_floor(y * rows.scale), rows.size), p);
            fovea_fitting_put(f, x, y, (float[3]){p[0], p[1], p[2]});
        }
}

FOVEA_LOCAL void fovea_resize_cv(const struct fovea_fitting *f, struct fovea_arena *arena) {
    const enum fovea_resize resize = f->recipe->resize;
    const struct cv_axis columns = cv_axis(f->image.width, f->width, 0);
    const struct cv_axis rows = cv_axis(f->image.height, f->height, 0);
    const bool same = f->image.width == f->width && f->image.height == f->height;
    const bool halved = cv_factor(&columns) == 2 && cv_factor(&rows) == 2;
    if (same || resize == FOVEA_RESIZE_CV_NEAREST) {
        if (arena->base) cv_nearest(f);
    } else if ((resize == FOVEA_RESIZE_CV_AREA && columns.scale >= 1 && rows.scale >= 1) ||
               (resize == FOVEA_RESIZE_CV_LINEAR && halved)) {
        cv_means(f, arena);
    } else {
        cv_weighted(f, arena,
                    resize == FOVEA_RESIZE_CV_LINEAR  ? CV_LINEAR
                    : resize == FOVEA_RESIZE_CV_CUBIC ? CV_CUBIC
                    : resize == FOVEA_RESIZE_CV_AREA  ? CV_LINEAR_AREA
                                                      : CV_LANCZOS);
    }
}
