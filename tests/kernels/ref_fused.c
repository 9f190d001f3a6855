/* The reference once more, with every multiply-add rounded once. */
#include <math.h>

#include "tests/kernels/check.h"

#define REF_MADD(a, b, c) fmaf(a, b, c)
#define REF_NAME(name)    name##_ref_fused
#define REF_FUSED         true
#include "kernels/ref.c"
