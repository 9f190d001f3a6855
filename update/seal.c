#include "update/seal.h"

#include "update/sha512.h"
#include "weights/bytes.h"
#include "weights/check.h"

#define REFUSE(status, text, at) return fovea_report(error, (status), FOVEA_TEXT(text), (at))

bool fovea_seal_is(const void *bytes, size_t size) {
    struct fovea_bytes b = fovea_bytes_of(bytes, bytes ? size : 0);
    return fovea_match(&b, SEAL_MAGIC, 4);
}

static bool same_text(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

/* Whether the bytes are a name: letters, digits, '.', '-', '_', at least one, and zeros behind them to the end. */
static bool is_name(const uint8_t *name) {
    size_t length = 0;
    for (; length < FOVEA_SEAL_NAME && name[length]; length++) {
        uint8_t c = name[length];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
            c != '.' && c != '-' && c != '_')
            return false;
    }
    const bool fits = length > 0 && length < FOVEA_SEAL_NAME;
    for (; length < FOVEA_SEAL_NAME; length++)
        if (name[length]) return false;
    return fits;
}

/* The key that the header names, among those that are trusted; their number where none is. */
static FOVEA_NOINLINE size_t find_key(const struct fovea_seal_terms *terms, const uint8_t *id) {
    size_t i = 0;
    for (; i < terms->key_count; i++) {
        uint8_t digest[SHA512_BYTES];
        fovea_sha512(digest, terms->keys[i], FOVEA_KEY_BYTES);
        if (fovea_equal(digest, id, SEAL_KEY_BYTES)) break;
    }
    return i;
}

/* The fields; nothing is believed before the signature has been checked. */
static enum fovea_status read_fields(struct fovea_seal *seal, const uint8_t *header,
                                     struct fovea_error *error) {
    struct fovea_bytes b = fovea_bytes_of(header, FOVEA_SEAL_BYTES);
    if (!fovea_match(&b, SEAL_MAGIC, 4))
        REFUSE(FOVEA_FORMAT, "E-001 not a sealed file", SEAL_AT_MAGIC);
    const uint32_t kind = fovea_read32(&b), bytes = fovea_read32(&b);
    if (bytes != FOVEA_SEAL_BYTES)
        REFUSE(FOVEA_VERSION, "E-002 a format of signed files that this build does not read",
               SEAL_AT_BYTES);
    if (kind != FOVEA_SEAL_MODEL && kind != FOVEA_SEAL_KEYS)
        REFUSE(FOVEA_VERSION, "E-003 a kind of content that this build does not know",
               SEAL_AT_KIND);
    seal->kind = (enum fovea_seal_kind)kind;
    seal->app = fovea_read32(&b);
    const uint8_t *name = fovea_take(&b, FOVEA_SEAL_NAME);
    if (!is_name(name)) REFUSE(FOVEA_FORMAT, "E-004 the name is not allowed", SEAL_AT_NAME);
    fovea_copy(seal->name, name, FOVEA_SEAL_NAME);
    seal->version = fovea_read64(&b);
    seal->created = fovea_read64(&b);
    seal->not_after = fovea_read64(&b);
    const uint64_t size = fovea_read64(&b);
    if (seal->version == 0) REFUSE(FOVEA_FORMAT, "E-005 version 0 is not allowed", SEAL_AT_VERSION);
    seal->size = size;
    fovea_copy(seal->digest, fovea_take(&b, SHA512_BYTES), SHA512_BYTES);
    fovea_skip(&b, SEAL_KEY_BYTES);
    while (b.at < SEAL_AT_SIGNATURE)
        if (fovea_read8(&b))
            REFUSE(FOVEA_VERSION, "E-006 a field that this build does not know", b.at - 1);
    return FOVEA_OK;
}

static enum fovea_status check_signature(struct fovea_seal *seal, const uint8_t *header,
                                         const struct fovea_seal_terms *terms,
                                         struct fovea_error *error) {
    seal->key = find_key(terms, header + SEAL_AT_KEY);
    if (seal->key == terms->key_count)
        REFUSE(FOVEA_REFUSED, "E-007 not signed by a key that is trusted", SEAL_AT_KEY);
    fovea_verify *verify = terms->verify ? terms->verify : fovea_verify_ed25519;
    if (!verify(terms->context, terms->keys[seal->key], header, SEAL_AT_SIGNATURE,
                header + SEAL_AT_SIGNATURE))
        REFUSE(FOVEA_CHECKSUM, "E-008 the signature is not that of the header", SEAL_AT_SIGNATURE);
    return FOVEA_OK;
}

static enum fovea_status check_terms(const struct fovea_seal *seal,
                                     const struct fovea_seal_terms *terms,
                                     struct fovea_error *error) {
    const enum fovea_seal_kind kind = terms->kind ? terms->kind : FOVEA_SEAL_MODEL;
    if (seal->kind != kind)
        REFUSE(FOVEA_REFUSED, "E-009 not the kind of content that was asked for", SEAL_AT_KIND);
    if (terms->name && !same_text(terms->name, seal->name))
        REFUSE(FOVEA_REFUSED, "E-010 not the name that was asked for", SEAL_AT_NAME);
    if (seal->version <= terms->newer_than)
        REFUSE(FOVEA_REFUSED, "E-011 not newer than the version in use", SEAL_AT_VERSION);
    if (terms->app && terms->app < seal->app)
        REFUSE(FOVEA_REFUSED, "E-012 needs a later version of this program", SEAL_AT_APP);
    if (terms->now && seal->not_after && terms->now > seal->not_after)
        REFUSE(FOVEA_REFUSED, "E-013 it has expired", SEAL_AT_NOT_AFTER);
    if (kind == FOVEA_SEAL_KEYS && (seal->size == 0 || seal->size % FOVEA_KEY_BYTES))
        REFUSE(FOVEA_FORMAT, "E-014 keys of a wrong size", SEAL_AT_SIZE);
    return FOVEA_OK;
}

enum fovea_status fovea_seal_read(struct fovea_seal *seal, const void *header, size_t size,
                                  const struct fovea_seal_terms *terms, struct fovea_error *error) {
    static const struct fovea_seal none;
    if (!seal || !header || !terms || !terms->keys || terms->key_count == 0)
        REFUSE(FOVEA_ARGUMENT, "E-015 a pointer is NULL, or there is no key", 0);
    *seal = none;
    if (size < FOVEA_SEAL_BYTES)
        REFUSE(FOVEA_TRUNCATED, "E-016 shorter than the header of a sealed file", size);
    enum fovea_status status = read_fields(seal, header, error);
    if (status == FOVEA_OK) status = check_signature(seal, header, terms, error);
    if (status == FOVEA_OK) status = check_terms(seal, terms, error);
    if (status != FOVEA_OK)
        *seal = none;
    else if (error)
        fovea_report(error, FOVEA_OK, FOVEA_NO_PROBLEM, 0);
    return status;
}

void fovea_seal_start(struct fovea_hash *hash) {
    fovea_sha512_start(hash);
}

void fovea_seal_add(struct fovea_hash *hash, const void *piece, size_t size) {
    fovea_sha512_add(hash, piece, size);
}

enum fovea_status fovea_seal_end(struct fovea_hash *hash, const struct fovea_seal *seal,
                                 struct fovea_error *error) {
    uint8_t digest[SHA512_BYTES];
    const uint64_t size = hash->size;
    fovea_sha512_end(hash, digest);
    if (size != seal->size)
        REFUSE(FOVEA_TRUNCATED, "E-017 more or less content than the header says", SEAL_AT_SIZE);
    if (!fovea_equal(digest, seal->digest, SHA512_BYTES))
        REFUSE(FOVEA_CHECKSUM, "E-018 the content is not what was signed", FOVEA_SEAL_BYTES);
    return FOVEA_OK;
}

enum fovea_status fovea_seal_open(struct fovea_seal *seal, const void *bytes, size_t size,
                                  const struct fovea_seal_terms *terms, struct fovea_error *error) {
    static const struct fovea_seal none;
    enum fovea_status status = fovea_seal_read(seal, bytes, size, terms, error);
    if (status != FOVEA_OK) return status;
    struct fovea_hash hash;
    fovea_sha512_start(&hash);
    fovea_sha512_add(&hash, (const uint8_t *)bytes + FOVEA_SEAL_BYTES, size - FOVEA_SEAL_BYTES);
    status = fovea_seal_end(&hash, seal, error);
    seal->content = (const uint8_t *)bytes + FOVEA_SEAL_BYTES;
    if (status != FOVEA_OK) *seal = none;
    return status;
}
