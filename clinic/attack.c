#include "clinic/attack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clinic/random.h"

#define FIRST_SHARE 0.3 /* of the picture that the first squares cover; small nets */

static size_t place_of(const struct canvas *c, size_t y, size_t x, size_t channel) {
    return y * c->by_row + x * c->by_column + channel * c->by_channel;
}

/* Moves one value to the edge of what is allowed. */
static float moved(const float *whole, const struct attack_bounds *b, size_t at, size_t channel,
                   bool up) {
    const float value = whole[at] + (up ? b->most[channel] : -b->most[channel]);
    return value < b->low[channel]    ? b->low[channel]
           : value > b->high[channel] ? b->high[channel]
                                      : value;
}

/* The share of the picture a square covers after `query` of `queries`: halved at these of 10 000. */
static double share_at(unsigned query, unsigned queries) {
    static const unsigned halved[] = {10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000};
    const double at = 10000.0 * query / queries;
    double share = FIRST_SHARE;
    for (size_t i = 0; i < sizeof halved / sizeof *halved; i++)
        if (at > halved[i]) share /= 2;
    return share;
}

static void stripes(struct canvas *c, const float *whole, const struct attack_bounds *bounds,
                    struct random *random) {
    for (size_t channel = 0; channel < c->channels; channel++)
        for (size_t x = 0; x < c->width; x++) {
            const bool up = random_bits(random) >> 31;
            for (size_t y = 0; y < c->height; y++) {
                const size_t at = place_of(c, y, x, channel);
                c->values[at] = moved(whole, bounds, at, channel, up);
            }
        }
}

static void square(struct canvas *c, const float *whole, const struct attack_bounds *bounds,
                   double share, struct random *random) {
    size_t side = (size_t)(sqrt(share * (double)c->height * (double)c->width) + 0.5);
    side = side < 1 ? 1 : side;
    const size_t high = side < c->height ? side : c->height,
                 wide = side < c->width ? side : c->width;
    const size_t y0 = random_below(random, (uint32_t)(c->height - high + 1));
    const size_t x0 = random_below(random, (uint32_t)(c->width - wide + 1));
    for (size_t channel = 0; channel < c->channels; channel++) {
        const bool up = random_bits(random) >> 31;
        for (size_t y = y0; y < y0 + high; y++)
            for (size_t x = x0; x < x0 + wide; x++) {
                const size_t at = place_of(c, y, x, channel);
                c->values[at] = moved(whole, bounds, at, channel, up);
            }
    }
}

bool attack_square(struct canvas *canvas, const float *whole, const struct attack_bounds *bounds,
                   unsigned queries, uint64_t seed, struct judge_of *judge, unsigned *broken,
                   struct trouble *trouble) {
    const size_t count = canvas->height * canvas->width * canvas->channels;
    struct random random = random_start(seed);
    float *best = malloc(count * sizeof *best);
    if (!best) return fail(trouble, "out of memory");
    double least = INFINITY;
    *broken = 0;
    for (unsigned query = 1; query <= queries && *broken == 0; query++) {
        if (query == 1)
            stripes(canvas, whole, bounds, &random);
        else
            square(canvas, whole, bounds, share_at(query, queries), &random);
        judge->asked++;
        const double margin = judge->score(judge->context, canvas);
        if (margin < least) {
            least = margin;
            memcpy(best, canvas->values, count * sizeof *best);
        } else {
            memcpy(canvas->values, best, count * sizeof *best);
        }
        if (margin < 0) *broken = query;
    }
    memcpy(canvas->values, whole, count * sizeof *whole);
    free(best);
    return true;
}
