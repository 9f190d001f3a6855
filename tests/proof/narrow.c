/* See narrow.sh, which makes the included files from weights/bytes.h. */
#include "kernels/base.h"

#include <stdio.h>
#include <string.h>

static unsigned long long cases, failures;

static void must(bool good, const char *what, unsigned long a, unsigned long b, unsigned long c) {
    cases++;
    if (!good && failures++ < 10) printf("FAIL %s of %lu, %lu, %lu\n", what, a, b, c);
}

struct fovea_bytes { /* as it is, but for the widths */
    const uint8_t *start;
    uint8_t size, at;
    bool failed;
};

/* ---- 16 bits, in halves of 8: sums and products ---- */

#define wide_t          uint16_t
#define half_t          uint8_t
#define WIDE_MAX        UINT16_MAX
#define fovea_bytes     bytes_16
#define fovea_in_range  in_range_16
#define fovea_sum       sum_16
#define fovea_product   product_16
#define fovea_take      take_16
#define fovea_skip      skip_16
#define fovea_left      left_16
#define fovea_align     align_16
#define fovea_peek      peek_16
#define fovea_match     match_16
#define fovea_take_text take_text_16
#define fovea_part      part_16
#define fovea_take_part take_part_16
#undef FOVEA_STATIC
#define FOVEA_STATIC static inline __attribute__((unused))
struct bytes_16 {
    const uint8_t *start;
    uint16_t size, at;
    bool failed;
};
#include "narrow16.inc"
#undef wide_t
#undef half_t
#undef WIDE_MAX
#undef fovea_bytes
#undef fovea_in_range
#undef fovea_sum
#undef fovea_product
#undef fovea_take
#undef fovea_skip
#undef fovea_left
#undef fovea_align
#undef fovea_peek
#undef fovea_match
#undef fovea_take_text
#undef fovea_part
#undef fovea_take_part

static void sums_and_products(void) {
    for (uint32_t a = 0; a <= UINT16_MAX; a++)
        for (uint32_t b = a; b <= UINT16_MAX; b++) { /* and the other way round */
            const uint32_t most =
                UINT16_MAX; /* what is more becomes FOVEA_TOO_LARGE, which is as much */
            const uint32_t sum = a + b < most ? a + b : most, product = a * b < most ? a * b : most;
            const uint16_t x = (uint16_t)a, y = (uint16_t)b;
            const bool good = sum_16(x, y) == sum && sum_16(y, x) == sum &&
                              product_16(x, y) == product && product_16(y, x) == product;
            if (!good) must(false, "sum or product", a, b, 0);
            cases += 4;
        }
}

/* ---- 8 bits: ranges and the cursor ---- */

#define wide_t   uint8_t
#define half_t   uint8_t /* not asked for */
#define WIDE_MAX UINT8_MAX
#include "narrow8.inc"

static uint8_t data[256];

static void ranges(void) {
    for (unsigned offset = 0; offset < 256; offset++)
        for (unsigned length = 0; length < 256; length++)
            for (unsigned size = 0; size < 256; size++)
                must(fovea_in_range((uint8_t)offset, (uint8_t)length, (uint8_t)size) ==
                         (offset + length <= size),
                     "range", offset, length, size);
}

/* A cursor that has come to `at` of `size` bytes. */
static struct fovea_bytes cursor(unsigned size, unsigned at, bool failed) {
    struct fovea_bytes b = {data, (uint8_t)size, (uint8_t)at, failed};
    return b;
}

/* What holds of a cursor at all times, and whether it is `wanted` bytes on, or failed where it stood. */
static bool moved(const struct fovea_bytes *b, unsigned size, unsigned at, unsigned wanted,
                  bool failed) {
    bool fits = !failed && at + wanted <= size;
    return b->start == data && b->size == size && b->at <= b->size && b->failed == !fits &&
           b->at == (fits ? at + wanted : at);
}

static void steps(unsigned size, unsigned at, bool failed) {
    for (unsigned n = 0; n < 256; n++) {
        const bool fits = !failed && at + n <= size;
        struct fovea_bytes b = cursor(size, at, failed), whole = b;
        const uint8_t *p = fovea_take(&b, (uint8_t)n);
        must(moved(&b, size, at, n, failed) && p == (fits ? data + at : NULL), "take", size, at, n);
        b = whole;
        fovea_skip(&b, (uint8_t)n);
        must(moved(&b, size, at, n, failed), "skip", size, at, n);
        b = whole;
        struct fovea_bytes part = fovea_take_part(&b, (uint8_t)n);
        must(moved(&b, size, at, n, failed) && part.failed == !fits && part.at == 0 &&
                 (!fits || (part.start == data + at && part.size == n)),
             "take part", size, at, n);
        part = fovea_part(&whole, (uint8_t)at, (uint8_t)n);
        must(part.failed == !fits && part.size == (fits ? n : 0) && part.at == 0 &&
                 part.start == (fits ? data + at : NULL),
             "part", size, at, n);
    }
    for (unsigned unit = 1; unit < 256; unit *= 2) {
        struct fovea_bytes b = cursor(size, at, failed);
        fovea_align(&b, (uint8_t)unit);
        must(moved(&b, size, at, (unit - at % unit) % unit, failed), "align", size, at, unit);
    }
    struct fovea_bytes b = cursor(size, at, failed);
    const unsigned left = failed ? 0 : size - at;
    must(fovea_left(&b) == left, "left", size, at, 0);
    must(fovea_peek(&b) == (left ? data[at] : -1), "peek", size, at, 0);
}

/* A NUL at `end`, or none. */
static void texts(unsigned size, unsigned at, unsigned most) {
    for (unsigned end = at; end <= size; end += end < at + 4 || end + 4 > size ? 1 : 7) {
        struct fovea_bytes b = cursor(size, at, false);
        uint8_t length;
        memset(data, 'x', sizeof data);
        data[end] = 0;
        const char *text = fovea_take_text(&b, (uint8_t)most, &length);
        bool fits = end < size && end - at <= most;
        must(text == (fits ? (const char *)data + at : NULL) && b.failed == !fits &&
                 b.at == (fits ? end + 1 : at) && (!fits || length == end - at),
             "text", size, at, end);
    }
}

int main(void) {
    sums_and_products();
    ranges();
    for (unsigned i = 0; i < 256; i++) data[i] = (uint8_t)(i * 37 + 1);
    for (unsigned size = 0; size < 256; size++)
        for (unsigned at = 0; at <= size; at++)
            for (int failed = 0; failed < 2; failed++) steps(size, at, failed);
    for (unsigned size = 0; size < 64; size++)
        for (unsigned at = 0; at <= size; at++)
            for (unsigned most = 0; most < 66; most += 3) texts(size, at, most);
    printf("%llu cases of the checked arithmetic and the cursor, all there are: %llu wrong\n",
           cases, failures);
    printf("%llu passed, %llu failed\n", cases - failures, failures);
    return failures != 0;
}
