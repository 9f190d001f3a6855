/* Secret keys, and public ones as texts. A key file holds the 64 hexadecimal digits of a secret and a line's end; only
 * its owner may read it. */
#ifndef FOVEA_CLI_SECRET_H
#define FOVEA_CLI_SECRET_H

#include "cli/cli.h"
#include "include/fovea_sign.h"

#define SECRET_BYTES 32
#define HEX_TEXT     (2 * 32 + 1) /* of 32 bytes, with the NUL */

/* 32 random bytes from the system. */
bool secret_make(uint8_t secret[SECRET_BYTES], struct trouble *trouble);
/* Writes a key file that nobody else may read; never over another file. */
bool secret_save(const char *path, const uint8_t secret[SECRET_BYTES], struct trouble *trouble);
bool secret_load(const char *path, uint8_t secret[SECRET_BYTES], struct trouble *trouble);
/* Overwrites it, which a compiler may not leave out. */
void secret_forget(uint8_t secret[SECRET_BYTES]);

void hex_print(char text[HEX_TEXT], const uint8_t bytes[32]);
/* False where the text is not 64 hexadecimal digits. */
bool hex_read(uint8_t bytes[32], const char *text, size_t length);

/* A model out of a sealed file: *bytes and *size are what is inside, where that is what they are. With keys the seal has
 * to hold by one of them; without, it is said on stderr that nobody asked. */
bool seal_unwrap(const void **bytes, size_t *size, const char *path, const struct given *keys,
                 struct trouble *trouble);

/* The keys given as texts. */
bool keys_read(const struct given *texts, uint8_t keys[GIVEN_MAX][FOVEA_KEY_BYTES],
               struct trouble *trouble);

#endif
