/* The blob's checksum: four 64-bit lanes take the little-endian 64-bit words in turn, so that their
 * multiplications overlap and it is as fast as memory. Detects accidents, all but one in 2^32; it is no
 * protection against forgery. */
#ifndef FOVEA_WEIGHTS_CHECKSUM_H
#define FOVEA_WEIGHTS_CHECKSUM_H

#include "kernels/base.h"

#define FOVEA_CHECKSUM_AT 12 /* of the header's four bytes that hold it; they count as zeros */

struct fovea_checksum {
    uint64_t lane[4], size;
};

FOVEA_LOCAL void fovea_checksum_start(struct fovea_checksum *sum);
/* The next bytes of the blob: a multiple of 32, but for the last ones, whose end counts as zeros. */
FOVEA_LOCAL void fovea_checksum_add(struct fovea_checksum *sum, const uint8_t *bytes, size_t size);
FOVEA_LOCAL uint32_t fovea_checksum_end(const struct fovea_checksum *sum);

/* The checksum a whole blob of at least 32 bytes should have. */
FOVEA_LOCAL uint32_t fovea_checksum(const uint8_t *blob, uint64_t size);

#endif
