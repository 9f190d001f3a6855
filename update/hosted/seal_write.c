#include "update/seal.h"

#include <string.h>

#include "update/ed25519.h"
#include "update/sha512.h"

bool seal_name_holds(const char *name) {
    const size_t length = strlen(name);
    return length > 0 && length < FOVEA_SEAL_NAME &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") ==
               length;
}

static void put(uint8_t *bytes, uint64_t number, unsigned size) {
    for (unsigned i = 0; i < size; i++) bytes[i] = (uint8_t)(number >> (8 * i));
}

static void digest_of(uint8_t digest[SHA512_BYTES], const void *bytes, size_t size) {
    struct fovea_hash hash;
    fovea_sha512_start(&hash);
    fovea_sha512_add(&hash, bytes, size);
    fovea_sha512_end(&hash, digest);
}

void seal_write(uint8_t header[FOVEA_SEAL_BYTES], const struct fovea_seal *seal,
                const void *content, size_t size, const uint8_t secret[32]) {
    uint8_t key[FOVEA_KEY_BYTES], digest[SHA512_BYTES];
    memset(header, 0, FOVEA_SEAL_BYTES);
    memcpy(header + SEAL_AT_MAGIC, SEAL_MAGIC, 4);
    put(header + SEAL_AT_KIND, seal->kind, 4);
    put(header + SEAL_AT_BYTES, FOVEA_SEAL_BYTES, 4);
    put(header + SEAL_AT_APP, seal->app, 4);
    memcpy(header + SEAL_AT_NAME, seal->name, strlen(seal->name));
    put(header + SEAL_AT_VERSION, seal->version, 8);
    put(header + SEAL_AT_CREATED, seal->created, 8);
    put(header + SEAL_AT_NOT_AFTER, seal->not_after, 8);
    put(header + SEAL_AT_SIZE, size, 8);
    digest_of(header + SEAL_AT_DIGEST, content, size);
    ed25519_public(key, secret);
    digest_of(digest, key, sizeof key);
    memcpy(header + SEAL_AT_KEY, digest, SEAL_KEY_BYTES);
    ed25519_sign(header + SEAL_AT_SIGNATURE, header, SEAL_AT_SIGNATURE, secret);
}
