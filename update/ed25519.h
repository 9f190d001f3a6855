/* Signatures by Ed25519 (RFC 8032, section 5.1). What checks them is fovea_verify_ed25519 (fovea_sign.h); what makes
 * them stands in update/hosted and takes the same time for every secret. */
#ifndef FOVEA_UPDATE_ED25519_H
#define FOVEA_UPDATE_ED25519_H

#include "include/fovea_sign.h"

/* The public key of a secret of 32 random bytes, and the signature of a message. */
void ed25519_public(uint8_t key[FOVEA_KEY_BYTES], const uint8_t secret[32]);
void ed25519_sign(uint8_t signature[FOVEA_SIGNATURE_BYTES], const uint8_t *message, size_t size,
                  const uint8_t secret[32]);

#endif
