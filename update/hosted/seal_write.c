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

void seal_write(uint8_t header[FOVEA_SEAL_BYTES], const struct fovea_seal *seal,
                const void *content, size_t size, const uint8_t secret[32]) {
    uint8_t key[FOVEA_KEY_BYTES], digest[SHA512_BYTES];
    memset(header, 0, FOVEA_SEAL_BYTES);
    memcpy(header + SEAL_AT_MAGIC, SEAL_MAGIC, 4);
    seal_put(header + SEAL_AT_KIND, seal->kind, 4);
    seal_put(header + SEAL_AT_BYTES, FOVEA_SEAL_BYTES, 4);
    seal_put(header + SEAL_AT_APP, seal->app, 4);
    memcpy(header + SEAL_AT_NAME, seal->name, strlen(seal->name));
    seal_put(header + SEAL_AT_VERSION, seal->version, 8);
    seal_put(header + SEAL_AT_CREATED, seal->created, 8);
    seal_put(header + SEAL_AT_NOT_AFTER, seal->not_after, 8);
    seal_put(header + SEAL_AT_SIZE, size, 8);
    fovea_sha512(header + SEAL_AT_DIGEST, content, size);
    ed25519_public(key, secret);
    fovea_sha512(digest, key, sizeof key);
    memcpy(header + SEAL_AT_KEY, digest, SEAL_KEY_BYTES);
    ed25519_sign(header + SEAL_AT_SIGNATURE, header, SEAL_AT_SIGNATURE, secret);
}
