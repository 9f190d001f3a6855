/* The header of a sealed file: THE table of its fields, which reading and writing share. */
#ifndef FOVEA_UPDATE_SEAL_H
#define FOVEA_UPDATE_SEAL_H

#include "include/fovea_sign.h"
#include "kernels/base.h"

#define SEAL_MAGIC "FVS1"

/* Where each field begins. */
enum seal_place {
    SEAL_AT_MAGIC = 0,
    SEAL_AT_KIND = 4,
    SEAL_AT_BYTES = 8, /* of the header */
    SEAL_AT_APP = 12,
    SEAL_AT_NAME = 16,
    SEAL_AT_VERSION = 48,
    SEAL_AT_CREATED = 56,
    SEAL_AT_NOT_AFTER = 64,
    SEAL_AT_SIZE = 72,
    SEAL_AT_DIGEST = 80,
    SEAL_AT_KEY = 144,
    SEAL_AT_ZEROS = 152,
    SEAL_AT_SIGNATURE = FOVEA_SEAL_BYTES - FOVEA_SIGNATURE_BYTES,
};
#define SEAL_KEY_BYTES 8 /* of the digest of the public key */

/* Writes a number of `size` bytes, little-endian, as fovea_read (weights/bytes.h) reads it. */
FOVEA_STATIC void seal_put(uint8_t *bytes, uint64_t number, unsigned size) {
    for (unsigned i = 0; i < size; i++) bytes[i] = (uint8_t)(number >> (8 * i));
}

/* Whether a name is 1 to FOVEA_SEAL_NAME - 1 letters, digits, '.', '-' or '_'. */
bool seal_name_holds(const char *name);

/* The header of `size` bytes of content, by what `seal` says of kind, name, version, app, created and not_after,
 * signed. Needs a name that holds and a version of 1 or more. */
void seal_write(uint8_t header[FOVEA_SEAL_BYTES], const struct fovea_seal *seal,
                const void *content, size_t size, const uint8_t secret[32]);

#endif
