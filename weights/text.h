/* What a blob's texts may be: well-formed UTF-8 (RFC 3629) without control characters, so that printing
 * them does nothing to a terminal and every program can show them. */
#ifndef FOVEA_WEIGHTS_TEXT_H
#define FOVEA_WEIGHTS_TEXT_H

#include "kernels/base.h"

/* The bytes before the first that must not be there; `size` where all may. NUL may: it ends texts. */
FOVEA_LOCAL size_t fovea_text_clean(const uint8_t *text, size_t size);

#endif
