/* The limits of limits.def as constants. */
#ifndef FOVEA_WEIGHTS_LIMITS_H
#define FOVEA_WEIGHTS_LIMITS_H

enum fovea_limits {
#define LIMIT(constant, name, value, most, unit, why) constant = value,
#include "weights/limits.def"
#undef LIMIT
};

#endif
