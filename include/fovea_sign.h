/** @file fovea_sign.h
 * Signed model files. Optional, beside fovea.h; needs nothing of an operating system.
 *
 * A sealed file (.fvs) is a header of FOVEA_SEAL_BYTES bytes, signed, and behind it a model as it is, at a multiple of
 * 64 bytes: fovea_model_open takes it from where it lies, in flash or in a map.
 *
 *     static const uint8_t keys[][32] = {{...}};                    compiled into the program
 *     struct fovea_seal_terms terms = {0};
 *     terms.keys = keys, terms.key_count = 1, terms.name = "skin", terms.newer_than = stored_version;
 *     struct fovea_seal seal;
 *     fovea_seal_open(&seal, bytes, size, &terms, &error)           signature, terms, every byte
 *     fovea_model_open(&model, seal.content, seal.size, &error)
 *
 * What it shows: that the content is, bit for bit, what the owner of a secret key signed under this name and version.
 * What it does not: that the model is good, or that its owner kept the key secret. The signature is Ed25519 (RFC 8032,
 * section 5.1.7, without the cofactor); S must be below L, and the points in the one form that each has. It is taken
 * over the header alone, which holds the SHA-512 of the content.
 *
 * Layout, numbers little-endian: magic "FVS1"; kind, bytes of the header, least app version (4 bytes each); name (32,
 * ended by zeros); version, created, not after, size of the content (8 each); SHA-512 of the content (64); the first 8
 * bytes of the SHA-512 of the public key; 48 zeros; signature of all that (64).
 *
 * Memory: nothing is allocated; about 2 KB of stack. Threads: there is no state. Errors: as in fovea.h.
 */
#ifndef FOVEA_SIGN_H
#define FOVEA_SIGN_H

#include "fovea.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FOVEA_KEY_BYTES       32  /**< Bytes of a public key. */
#define FOVEA_SIGNATURE_BYTES 64  /**< Bytes of a signature. */
#define FOVEA_SEAL_BYTES      256 /**< Bytes of the header. */
#define FOVEA_SEAL_NAME       32  /**< Bytes of a name, with the zero that ends it. */

/** What is sealed. */
enum fovea_seal_kind {
    FOVEA_SEAL_MODEL = 1, /**< a model */
    FOVEA_SEAL_KEYS = 2,  /**< public keys, FOVEA_KEY_BYTES each: those trusted from now on */
};

/** Checks an Ed25519 signature; what a platform's own verifier (a keystore, a secure element) looks like. */
typedef bool fovea_verify(void *context, const uint8_t key[FOVEA_KEY_BYTES], const uint8_t *message,
                          size_t size, const uint8_t signature[FOVEA_SIGNATURE_BYTES]);

/** The verifier built in; `context` is not used. About 9000 multiplications modulo 2^255 - 19. */
bool fovea_verify_ed25519(void *context, const uint8_t key[FOVEA_KEY_BYTES], const uint8_t *message,
                          size_t size, const uint8_t signature[FOVEA_SIGNATURE_BYTES]);

/** What a file has to satisfy. Start from zeros: a field that is 0 asks for nothing, but keys are always asked for. */
struct fovea_seal_terms {
    /** Public keys, any of which may have signed. */
    const uint8_t (*keys)[FOVEA_KEY_BYTES];
    /** Their number. */
    size_t key_count;
    /** What it must be. 0: a model. */
    enum fovea_seal_kind kind;
    /** The name it must have. NULL: any. */
    const char *name;
    /** Its version must be larger than this: the one in use, so that no old file comes back. */
    uint64_t newer_than;
    /** This program's version, which the file may ask to be no lower than. */
    uint32_t app;
    /** The time, seconds since 1970 in UTC, of a clock that can be trusted. */
    uint64_t now;
    /** Who checks the signature. NULL: fovea_verify_ed25519. */
    fovea_verify *verify;
    /** Handed to verify. */
    void *context;
};

/** What a header says. */
struct fovea_seal {
    /** What was signed. */
    enum fovea_seal_kind kind;
    /** Its name, ended by a zero. */
    char name[FOVEA_SEAL_NAME];
    /** Its version, 1 or more. */
    uint64_t version;
    /** The least version of the program. */
    uint32_t app;
    /** When it was signed, seconds since 1970 in UTC, as its maker's clock had it. */
    uint64_t created;
    /** Until when it holds, in the same form. 0: for ever. */
    uint64_t not_after;
    /** Which of the keys signed. */
    size_t key;
    /** SHA-512 of the content. */
    uint8_t digest[64];
    /** Bytes of the content. */
    uint64_t size;
    /** The content, behind the header in the bytes given to fovea_seal_open; else NULL. */
    const uint8_t *content;
};

/** Whether bytes begin as a sealed file does. */
bool fovea_seal_is(const void *bytes, size_t size);

/** Checks a whole file in memory: signature, terms, size and digest. On failure *seal is zeroed, `error` says why:
 * FOVEA_TRUNCATED, FOVEA_FORMAT, FOVEA_VERSION (made by a later version of fovea), FOVEA_CHECKSUM (not what was signed),
 * FOVEA_REFUSED (no key of ours, or not what the terms ask for); `where` is the byte of the file. */
enum fovea_status fovea_seal_open(struct fovea_seal *seal, const void *bytes, size_t size,
                                  const struct fovea_seal_terms *terms, struct fovea_error *error);

/** The same for a file that is still coming in: the first FOVEA_SEAL_BYTES bytes are checked at once, the content as it
 * comes, in pieces of any size. */
enum fovea_status fovea_seal_read(struct fovea_seal *seal, const void *header, size_t size,
                                  const struct fovea_seal_terms *terms, struct fovea_error *error);
/** The state of a digest; its fields are the library's own. */
struct fovea_hash {
    /** The library's own. */
    uint64_t state[8], size;
    /** The library's own. */
    uint8_t block[128];
};
/** Begins a digest. */
void fovea_seal_start(struct fovea_hash *hash);
/** Adds the next piece of the content. */
void fovea_seal_add(struct fovea_hash *hash, const void *piece, size_t size);
/** FOVEA_OK where all of the content, and no more, was added, as it was when it was signed. */
enum fovea_status fovea_seal_end(struct fovea_hash *hash, const struct fovea_seal *seal,
                                 struct fovea_error *error);

#ifdef __cplusplus
}
#endif

#endif
