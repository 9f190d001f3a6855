/* SHA-512 (FIPS 180-4, section 6.4), a piece at a time. */
#ifndef FOVEA_UPDATE_SHA512_H
#define FOVEA_UPDATE_SHA512_H

#include "include/fovea_sign.h"
#include "kernels/base.h"

#define SHA512_BYTES 64

FOVEA_LOCAL void fovea_sha512_start(struct fovea_hash *hash);
FOVEA_LOCAL void fovea_sha512_add(struct fovea_hash *hash, const uint8_t *bytes, size_t size);
/* Afterwards `hash` has to be started anew. */
FOVEA_LOCAL void fovea_sha512_end(struct fovea_hash *hash, uint8_t digest[SHA512_BYTES]);

/* Of one piece. */
FOVEA_LOCAL void fovea_sha512(uint8_t digest[SHA512_BYTES], const void *bytes, size_t size);
/* Whether two pieces are equal, in the same time wherever they differ. */
FOVEA_LOCAL bool fovea_equal(const uint8_t *a, const uint8_t *b, size_t size);

#endif
