#if defined(_WIN32)
#define _CRT_RAND_S
#endif
#include "cli/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(_WIN32)
bool secret_make(uint8_t secret[SECRET_BYTES], struct trouble *trouble) {
    for (size_t i = 0; i < SECRET_BYTES; i += 4) {
        unsigned word;
        if (rand_s(&word) != 0) return fail(trouble, "the system provides no random numbers");
        memcpy(secret + i, &word, 4);
    }
    return true;
}
#else
bool secret_make(uint8_t secret[SECRET_BYTES], struct trouble *trouble) {
    struct file_input source = {0};
    size_t at = 0, got = 1;
    bool done = input_open(&source, "/dev/urandom", trouble);
    while (done && at < SECRET_BYTES && got > 0) {
        done = input_read(&source, (char *)secret + at, SECRET_BYTES - at, &got, trouble);
        at += got;
    }
    input_close(&source);
    return done && (at == SECRET_BYTES || fail(trouble, "the system provides no random numbers"));
}
#endif

void secret_forget(uint8_t secret[SECRET_BYTES]) {
    volatile uint8_t *bytes = secret;
    for (size_t i = 0; i < SECRET_BYTES; i++) bytes[i] = 0;
}

void hex_print(char text[HEX_TEXT], const uint8_t bytes[32]) {
    for (size_t i = 0; i < 32; i++) snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

bool hex_read(uint8_t bytes[32], const char *text, size_t length) {
    if (length != HEX_TEXT - 1) return false;
    for (size_t i = 0; i < HEX_TEXT - 1; i++) {
        const char *digits = "0123456789abcdef0123456789ABCDEF";
        const char *at = text[i] ? strchr(digits, text[i]) : NULL;
        if (!at) return false;
        const unsigned digit = (unsigned)(at - digits) & 15;
        bytes[i / 2] = (uint8_t)(i % 2 ? bytes[i / 2] | digit : digit << 4);
    }
    return true;
}

bool secret_save(const char *path, const uint8_t secret[SECRET_BYTES], struct trouble *trouble) {
    char text[HEX_TEXT + 1];
    hex_print(text, secret);
    memcpy(text + HEX_TEXT - 1, "\n", 2);
    int descriptor =
        open(path, O_WRONLY | O_CREAT | O_EXCL, 0600); /* a lost key is lost for ever */
    if (descriptor < 0) return fail(trouble, "cannot make %s: %s", path, strerror(errno));
    bool done = file_put(descriptor, (const uint8_t *)text, HEX_TEXT);
    int reason = errno;
    if (close(descriptor) != 0 && done) {
        done = false;
        reason = errno;
    }
    memset(text, 0, sizeof text);
    if (done) return true;
    unlink(path);
    return fail(trouble, "cannot write %s: %s", path, strerror(reason));
}

bool secret_load(const char *path, uint8_t secret[SECRET_BYTES], struct trouble *trouble) {
    struct file_bytes file;
    if (!file_open(path, &file, trouble)) return false;
    const char *text = (const char *)file.bytes;
    size_t length = 0;
    while (length < file.size && length < HEX_TEXT && text[length] != '\n' && text[length] != '\r')
        length++;
    bool done = file.size <= HEX_TEXT + 1 && hex_read(secret, text, length);
    file_close(&file);
    return done || fail(trouble, "%s is not a key file: fovea key new makes one", path);
}

bool keys_read(const struct given *texts, uint8_t keys[GIVEN_MAX][FOVEA_KEY_BYTES],
               struct trouble *trouble) {
    for (size_t i = 0; i < texts->count; i++)
        if (!hex_read(keys[i], texts->text[i], strlen(texts->text[i])))
            return fail(trouble, "'%s' is not a public key, which has 64 hexadecimal digits",
                        texts->text[i]);
    return true;
}

bool seal_unwrap(const void **bytes, size_t *size, const char *path, const struct given *texts,
                 struct trouble *trouble) {
    uint8_t keys[GIVEN_MAX][FOVEA_KEY_BYTES];
    struct fovea_seal_terms terms = {0};
    struct fovea_seal seal;
    struct fovea_error error;
    const bool asked = texts && texts->count > 0;
    if (!fovea_seal_is(*bytes, *size))
        return !asked || fail(trouble, "%s is not signed; fovea sign makes a signed file", path);
    if (asked) {
        if (!keys_read(texts, keys, trouble)) return false;
        terms.keys = keys;
        terms.key_count = texts->count;
        if (fovea_seal_open(&seal, *bytes, *size, &terms, &error) != FOVEA_OK)
            return fail_check(trouble, error.check, "%s: %s (byte %llu)", path, error.text,
                              (unsigned long long)error.where);
    } else if (*size < FOVEA_SEAL_BYTES) {
        return fail(trouble, "%s: shorter than the header of a signed file", path);
    } else {
        say_to(stderr, "fovea: %s: the signature was not checked; --public KEY checks it\n", path);
    }
    *bytes = (const uint8_t *)*bytes + FOVEA_SEAL_BYTES;
    *size -= FOVEA_SEAL_BYTES;
    return true;
}
