/* The curve of Ed25519 (RFC 8032, section 5.1): -x^2 + y^2 = 1 + d x^2 y^2 modulo p = 2^255 - 19, and numbers modulo
 * its order L. Nothing here branches on, or indexes by, the values it computes with, but for fovea_point_decode, whose
 * input is public: what takes a secret takes the same time for each.
 */
#ifndef FOVEA_UPDATE_CURVE_H
#define FOVEA_UPDATE_CURVE_H

#include "include/fovea_sign.h"
#include "kernels/base.h"

/* Modulo p, in any form below 2^256; the least significant word first. */
struct fovea_field {
    uint32_t word[8];
};

/* Extended coordinates: x = X / Z, y = Y / Z, T = X Y / Z. */
struct fovea_point {
    struct fovea_field x, y, z, t;
};

/* s B + k P, B the base point of the signatures. Scalars are the least significant byte first. */
FOVEA_LOCAL void fovea_point_combine(struct fovea_point *sum, const uint8_t s[32],
                                     const uint8_t k[32], const struct fovea_point *p);
FOVEA_LOCAL void fovea_point_negate(struct fovea_point *point);
FOVEA_LOCAL void fovea_point_encode(uint8_t bytes[32], const struct fovea_point *point);
/* False where the bytes are no point's, or not in the one form that a point has. */
FOVEA_LOCAL bool fovea_point_decode(struct fovea_point *point, const uint8_t bytes[32]);

/* Modulo L: a number of 512 bits, and a * b + c of numbers of 256 bits; the least significant byte first. */
FOVEA_LOCAL void fovea_order_reduce(uint8_t result[32], const uint8_t bytes[64]);
FOVEA_LOCAL void fovea_order_muladd(uint8_t result[32], const uint8_t a[32], const uint8_t b[32],
                                    const uint8_t c[32]);
/* Whether a number is below L, as one in a signature has to be. */
FOVEA_LOCAL bool fovea_order_holds(const uint8_t bytes[32]);

#endif
