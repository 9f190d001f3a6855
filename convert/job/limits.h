/* The limits of weights/limits.def as they are for a job: the usual ones, or raised by the user. */
#ifndef FOVEA_CONVERT_JOB_LIMITS_H
#define FOVEA_CONVERT_JOB_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "weights/limits.h"

struct trouble;

enum limit {
#define LIMIT(constant, name, value, most, unit, why) LIMIT_##constant,
#include "weights/limits.def"
#undef LIMIT
    LIMIT_COUNT
};

struct limit_row {
    const char *name, *unit, *why;
    uint64_t value, most; /* as it is if nothing is said; as high as it can be set */
};
extern const struct limit_row limit_rows[LIMIT_COUNT];

struct limits {
    uint64_t value[LIMIT_COUNT];
};

void limits_start(struct limits *limits);

/* Sets one from "name=value"; false, with `trouble` set, for an unknown name or a value out of range. */
bool limits_set(struct limits *limits, const char *text, struct trouble *trouble);

/* What holds for a job with this pool. */
#define limit_of(pool, constant) limits_value((pool)->limits, LIMIT_##constant)

/* The value of one; the usual one where `limits` is NULL. */
uint64_t limits_value(const struct limits *limits, enum limit limit);

#endif
