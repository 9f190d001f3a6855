/* What can happen to a photo before the net sees it. Pure functions; what is drawn is drawn from the seed. */
#ifndef FOVEA_CLINIC_CORRUPT_H
#define FOVEA_CLINIC_CORRUPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum change {
#define CHANGE(name, what) CHANGE_##name,
#include "clinic/corrupt.def"
#undef CHANGE
    CHANGES
};
#define CHANGE_LEVELS 5

struct change_row {
    const char *name, *what;
};
extern const struct change_row change_rows[CHANGES];

/* RGB, without gaps. */
struct rgb {
    uint32_t width, height;
    uint8_t *pixels;
};

/* Writes the photo, changed to level 1 to 5, to `to`, which has room for width * height pixels; a quarter turn swaps its sides. `room`
 * is for 3 * width * height numbers. */
void corrupt(const struct rgb *from, enum change change, unsigned level, uint64_t seed,
             double *room, struct rgb *to);

#endif
