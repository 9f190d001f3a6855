/* What tests/kernels/check_pages.c has for systems, where memory has no guard pages: the numbers alone are looked at. */
#include <stdlib.h>

#include "tests/kernels/check.h"

unsigned char *check_pages(size_t least, size_t *bytes) {
    *bytes = fovea_round_up(least, 64);
    unsigned char *all = aligned_alloc(64, *bytes);
    if (!all) abort();
    return all;
}
