#include "update/ed25519.h"

#include "update/curve.h"
#include "update/sha512.h"

/* RFC 8032, section 5.1.5: the scalar, with the bits set and cleared that it has to have, and the prefix. */
static void expand(uint8_t expanded[64], const uint8_t secret[32]) {
    fovea_sha512(expanded, secret, 32);
    expanded[0] &= 0xf8;
    expanded[31] = (uint8_t)((expanded[31] & 0x7f) | 0x40);
}

/* The encoding of k B. */
static void times_base(uint8_t bytes[32], const uint8_t k[32]) {
    static const uint8_t none[32] = {0}, zero[32] = {1}; /* zero: the point (0, 1) */
    struct fovea_point point;
    (void)fovea_point_decode(&point, zero);
    fovea_point_combine(&point, k, none, &point);
    fovea_point_encode(bytes, &point);
}

void ed25519_public(uint8_t key[FOVEA_KEY_BYTES], const uint8_t secret[32]) {
    uint8_t expanded[64];
    expand(expanded, secret);
    times_base(key, expanded);
}

/* SHA-512(first | second | message) modulo L. */
static void digest_of(uint8_t scalar[32], const uint8_t first[32], const uint8_t *second,
                      size_t bytes, const uint8_t *message, size_t size) {
    struct fovea_hash hash;
    uint8_t digest[SHA512_BYTES];
    fovea_sha512_start(&hash);
    fovea_sha512_add(&hash, first, 32);
    fovea_sha512_add(&hash, second, bytes);
    fovea_sha512_add(&hash, message, size);
    fovea_sha512_end(&hash, digest);
    fovea_order_reduce(scalar, digest);
}

void ed25519_sign(uint8_t signature[FOVEA_SIGNATURE_BYTES], const uint8_t *message, size_t size,
                  const uint8_t secret[32]) {
    uint8_t expanded[64], key[FOVEA_KEY_BYTES], r[32], k[32];
    expand(expanded, secret);
    times_base(key, expanded);
    digest_of(r, expanded + 32, key, 0, message, size);
    times_base(signature, r);
    digest_of(k, signature, key, sizeof key, message, size);
    fovea_order_muladd(signature + 32, k, expanded, r);
}
