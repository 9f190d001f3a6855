#include "update/curve.h"
#include "update/sha512.h"

/* Whether S B = R + k A, by R = S B - k A: the points are equal where their encodings are. */
bool fovea_verify_ed25519(void *context, const uint8_t key[FOVEA_KEY_BYTES], const uint8_t *message,
                          size_t size, const uint8_t signature[FOVEA_SIGNATURE_BYTES]) {
    struct fovea_point p;
    struct fovea_hash hash;
    uint8_t digest[SHA512_BYTES], k[32];
    (void)context;
    if (!fovea_order_holds(signature + 32) || !fovea_point_decode(&p, key)) return false;
    fovea_sha512_start(&hash);
    fovea_sha512_add(&hash, signature, 32);
    fovea_sha512_add(&hash, key, FOVEA_KEY_BYTES);
    fovea_sha512_add(&hash, message, size);
    fovea_sha512_end(&hash, digest);
    fovea_order_reduce(k, digest);
    fovea_point_negate(&p);
    fovea_point_combine(&p, signature + 32, k, &p);
    fovea_point_encode(k, &p);
    return fovea_equal(k, signature, sizeof k);
}
