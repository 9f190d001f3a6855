/* Signed files: Ed25519 by the vectors of its standard, and every way a seal can be wrong. */
#include "include/fovea_sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "update/curve.h"
#include "update/ed25519.h"
#include "update/seal.h"
#include "update/sha512.h"

#define CONTENT 300

static const uint8_t secrets[2][32] = {{1, 2, 3}, {4, 5, 6}};
static uint8_t keys[2][FOVEA_KEY_BYTES];

static void from_hex(const char *text, uint8_t *bytes) {
    for (unsigned value; *text && sscanf(text, "%2x", &value) == 1; text += 2)
        *bytes++ = (uint8_t)value;
}

/* ---- the standards' vectors ---- */

static const struct {
    const char *secret, *public, *message, *signature;
} vectors[] = {
    /* RFC 8032, section 7.1: TEST 1, 2, 3, SHA(abc) */
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "46b"
     "d25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d8c"
     "387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "659"
     "4a7c15e9716ed28dc027beceea1ec40a"},
    {"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
     "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3fee"
     "bbd"
     "454d4423643ce80e2a9ac94fa54ca49f",
     "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e"
     "030"
     "3dca179c138ac17ad9bef1177331a704"},
};

static void signs_as_the_standard_does(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        uint8_t secret[32], key[32], want_key[32], message[64], signature[64], want[64];
        const size_t size = strlen(vectors[i].message) / 2;
        from_hex(vectors[i].secret, secret);
        from_hex(vectors[i].public, want_key);
        from_hex(vectors[i].message, message);
        from_hex(vectors[i].signature, want);
        ed25519_public(key, secret);
        assert_memory_equal(key, want_key, 32);
        ed25519_sign(signature, message, size, secret);
        assert_memory_equal(signature, want, 64);
        assert_true(fovea_verify_ed25519(NULL, key, message, size, signature));
        for (size_t bit = 0; bit < 512; bit++) {
            signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_false(fovea_verify_ed25519(NULL, key, message, size, signature));
            signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

static void hashes_as_the_standard_does(void **state) {
    static const struct {
        const char *text, *digest;
    } rows[] = {
        /* FIPS 180's examples of one and two blocks, and the empty message */
        {"", "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
             "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"},
        {"abc", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnop"
         "qrlmnopqrsmnopqrstnopqrstu",
         "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
         "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t piece = 1; piece < 130; piece++) {
            struct fovea_hash hash;
            uint8_t digest[64], want[64];
            const size_t size = strlen(rows[i].text);
            from_hex(rows[i].digest, want);
            fovea_sha512_start(&hash);
            for (size_t at = 0; at < size; at += piece)
                fovea_sha512_add(&hash, (const uint8_t *)rows[i].text + at,
                                 size - at < piece ? size - at : piece);
            fovea_sha512_end(&hash, digest);
            assert_memory_equal(digest, want, 64);
        }
}

/* S + L signs the same where a verifier does not ask; so do other forms of the same point. */
static void takes_one_form_of_a_signature(void **state) {
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                      0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                      0,    0,    0,    0,    0,    0,    0,    0,
                                      0,    0,    0,    0,    0,    0,    0,    0x10};
    uint8_t signature[64], message[3] = {1, 2, 3};
    unsigned carry = 0;
    struct fovea_point point;
    (void)state;
    ed25519_sign(signature, message, 3, secrets[0]);
    for (int i = 0; i < 32; i++) {
        carry += (unsigned)signature[32 + i] + order[i];
        signature[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    assert_false(fovea_verify_ed25519(NULL, keys[0], message, 3, signature));
    assert_false(fovea_order_holds(order));

    uint8_t bytes[32];
    memset(bytes, 0xff, 32); /* y = 2^255 - 1 - p = 18, in another form */
    assert_false(fovea_point_decode(&point, bytes));
    bytes[31] = 0x7f;
    assert_false(fovea_point_decode(&point, bytes));
    memset(bytes, 0, 32);
    bytes[0] = 1; /* (0, 1) */
    assert_true(fovea_point_decode(&point, bytes));
    bytes[31] = 0x80; /* (-0, 1) */
    assert_false(fovea_point_decode(&point, bytes));
    memset(bytes, 0, 32);
    bytes[0] = 2; /* no x to this y */
    assert_false(fovea_point_decode(&point, bytes));
}

/* ---- seals ---- */

static struct fovea_seal a_seal(void) {
    struct fovea_seal seal = {.kind = FOVEA_SEAL_MODEL, .name = "skin", .version = 7};
    seal.app = 3;
    seal.created = 1000;
    seal.not_after = 2000;
    return seal;
}

static struct fovea_seal_terms our_terms(void) {
    struct fovea_seal_terms terms = {0};
    terms.keys = (const uint8_t(*)[FOVEA_KEY_BYTES])keys;
    terms.key_count = 2;
    return terms;
}

/* A sealed file in memory of exactly its size. */
static uint8_t *a_file(const struct fovea_seal *seal, size_t size, const uint8_t *secret) {
    uint8_t *file = malloc(FOVEA_SEAL_BYTES + size);
    assert_non_null(file);
    for (size_t i = 0; i < size; i++) file[FOVEA_SEAL_BYTES + i] = (uint8_t)(i * 7);
    seal_write(file, seal, file + FOVEA_SEAL_BYTES, size, secret);
    return file;
}

static void opens_what_was_signed(void **state) {
    struct fovea_seal seal = a_seal(), got;
    struct fovea_seal_terms terms = our_terms();
    struct fovea_error error;
    (void)state;
    for (size_t signer = 0; signer < 2; signer++) {
        uint8_t *file = a_file(&seal, CONTENT, secrets[signer]);
        assert_true(fovea_seal_is(file, FOVEA_SEAL_BYTES));
        terms.name = "skin";
        terms.newer_than = 6;
        terms.app = 3;
        terms.now = 2000;
        assert_int_equal(fovea_seal_open(&got, file, FOVEA_SEAL_BYTES + CONTENT, &terms, &error),
                         FOVEA_OK);
        assert_int_equal(error.status, FOVEA_OK);
        assert_string_equal(got.name, "skin");
        assert_int_equal(got.kind, FOVEA_SEAL_MODEL);
        assert_int_equal(got.version, 7);
        assert_int_equal(got.app, 3);
        assert_int_equal(got.created, 1000);
        assert_int_equal(got.not_after, 2000);
        assert_int_equal(got.key, signer);
        assert_int_equal(got.size, CONTENT);
        assert_ptr_equal(got.content, file + FOVEA_SEAL_BYTES);
        free(file);
    }
    assert_false(fovea_seal_is("FVS", 3));
    assert_false(fovea_seal_is(NULL, 9));
}

/* Refused with this id, and nothing left of the seal. */
static void refused(const uint8_t *file, size_t size, const struct fovea_seal_terms *terms,
                    enum fovea_status status, const char *check) {
    static const struct fovea_seal none;
    struct fovea_seal seal;
    struct fovea_error error;
    memset(&seal, 0xee, sizeof seal);
    assert_int_equal(fovea_seal_open(&seal, file, size, terms, &error), status);
    assert_string_equal(error.check, check);
    assert_int_equal(error.status, status);
    assert_memory_equal(&seal, &none, sizeof none);
    assert_int_equal(fovea_seal_open(&seal, file, size, terms, NULL), status);
}

/* THE table of terms that a good file does not satisfy. */
static void refuses_what_was_not_asked_for(void **state) {
    static const struct {
        const char *check, *name;
        enum fovea_seal_kind kind;
        uint64_t newer_than, now;
        uint32_t app;
    } rows[] = {
        {"E-009", NULL, FOVEA_SEAL_KEYS, 0, 0, 0},
        {"E-010", "brain", 0, 0, 0, 0},
        {"E-010", "skin2", 0, 0, 0, 0},
        {"E-010", "ski", 0, 0, 0, 0},
        {"E-011", NULL, 0, 7, 0, 0},
        {"E-011", NULL, 0, 8, 0, 0},
        {"E-011", NULL, 0, UINT64_MAX, 0, 0},
        {"E-012", NULL, 0, 0, 0, 2},
        {"E-013", NULL, 0, 0, 2001, 0},
        {"E-013", NULL, 0, 0, UINT64_MAX, 0},
    };
    struct fovea_seal seal = a_seal();
    uint8_t *file = a_file(&seal, CONTENT, secrets[0]);
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fovea_seal_terms terms = our_terms();
        terms.name = rows[i].name;
        terms.kind = rows[i].kind;
        terms.newer_than = rows[i].newer_than;
        terms.now = rows[i].now;
        terms.app = rows[i].app;
        refused(file, FOVEA_SEAL_BYTES + CONTENT, &terms, FOVEA_REFUSED, rows[i].check);
    }
    struct fovea_seal_terms one = our_terms();
    one.keys++;
    one.key_count = 1;
    refused(file, FOVEA_SEAL_BYTES + CONTENT, &one, FOVEA_REFUSED, "E-007");
    free(file);
}

static void refuses_bad_arguments(void **state) {
    struct fovea_seal seal = a_seal(), got;
    struct fovea_seal_terms terms = our_terms();
    uint8_t *file = a_file(&seal, CONTENT, secrets[0]);
    const size_t size = FOVEA_SEAL_BYTES + CONTENT;
    (void)state;
    assert_int_equal(fovea_seal_open(NULL, file, size, &terms, NULL), FOVEA_ARGUMENT);
    assert_int_equal(fovea_seal_open(&got, NULL, size, &terms, NULL), FOVEA_ARGUMENT);
    assert_int_equal(fovea_seal_open(&got, file, size, NULL, NULL), FOVEA_ARGUMENT);
    terms.key_count = 0;
    assert_int_equal(fovea_seal_open(&got, file, size, &terms, NULL), FOVEA_ARGUMENT);
    terms = our_terms();
    terms.keys = NULL;
    assert_int_equal(fovea_seal_open(&got, file, size, &terms, NULL), FOVEA_ARGUMENT);
    free(file);
}

/* Whatever bit is another, and wherever the file ends: refused. */
static void refuses_other_bytes(void **state) {
    struct fovea_seal seal = a_seal(), got;
    struct fovea_seal_terms terms = our_terms();
    const size_t size = FOVEA_SEAL_BYTES + 40;
    uint8_t *file = a_file(&seal, 40, secrets[0]);
    (void)state;
    for (size_t bit = 0; bit < 8 * size; bit++) {
        file[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(fovea_seal_open(&got, file, size, &terms, NULL), FOVEA_OK);
        file[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *part = malloc(cut + !cut);
        assert_non_null(part);
        memcpy(part, file, cut);
        refused(part, cut, &terms, FOVEA_TRUNCATED, cut < FOVEA_SEAL_BYTES ? "E-016" : "E-017");
        free(part);
    }
    uint8_t *longer = malloc(size + 1);
    assert_non_null(longer);
    memcpy(longer, file, size);
    longer[size] = 0;
    refused(longer, size + 1, &terms, FOVEA_TRUNCATED, "E-017");
    free(longer);
    file[size - 1] ^= 1;
    refused(file, size, &terms, FOVEA_CHECKSUM, "E-018");
    free(file);
}

/* THE table of fields that no maker of ours writes, each in a header whose signature is right. */
static void refuses_fields_though_signed(void **state) {
    static const struct {
        const char *check;
        enum fovea_status status;
        size_t at;
        uint8_t value, bytes;
    } rows[] = {
        {"E-001", FOVEA_FORMAT, 0, 'G', 1},
        {"E-001", FOVEA_FORMAT, 3, '2', 1},
        {"E-002", FOVEA_VERSION, SEAL_AT_BYTES, 1, 1},
        {"E-002", FOVEA_VERSION, SEAL_AT_BYTES + 3, 1, 1},
        {"E-003", FOVEA_VERSION, SEAL_AT_KIND, 0, 1},
        {"E-003", FOVEA_VERSION, SEAL_AT_KIND, 3, 1},
        {"E-004", FOVEA_FORMAT, SEAL_AT_NAME, 0, 32},
        {"E-004", FOVEA_FORMAT, SEAL_AT_NAME, 'a', 32},
        {"E-004", FOVEA_FORMAT, SEAL_AT_NAME + 1, 0x1b, 1},
        {"E-004", FOVEA_FORMAT, SEAL_AT_NAME + 1, 0xc3, 1},
        {"E-004", FOVEA_FORMAT, SEAL_AT_NAME + 1, '/', 1},
        {"E-004", FOVEA_FORMAT, SEAL_AT_NAME + 31, 'x', 1},
        {"E-005", FOVEA_FORMAT, SEAL_AT_VERSION, 0, 8},
        {"E-006", FOVEA_VERSION, SEAL_AT_ZEROS, 1, 1},
        {"E-006", FOVEA_VERSION, SEAL_AT_SIGNATURE - 1, 1, 1},
        {"E-007", FOVEA_REFUSED, SEAL_AT_KEY + 7, 1, 1},
        {"E-008", FOVEA_CHECKSUM, SEAL_AT_SIGNATURE, 1, 1},
        {"E-017", FOVEA_TRUNCATED, SEAL_AT_SIZE, 1, 1},
        {"E-017", FOVEA_TRUNCATED, SEAL_AT_SIZE, 0xff, 8},
    };
    struct fovea_seal seal = a_seal();
    struct fovea_seal_terms terms = our_terms();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t *file = a_file(&seal, CONTENT, secrets[0]);
        memset(file + rows[i].at, rows[i].value, rows[i].bytes);
        if (rows[i].at < SEAL_AT_SIGNATURE)
            ed25519_sign(file + SEAL_AT_SIGNATURE, file, SEAL_AT_SIGNATURE, secrets[0]);
        refused(file, FOVEA_SEAL_BYTES + CONTENT, &terms, rows[i].status, rows[i].check);
        free(file);
    }
}

static void takes_content_in_pieces(void **state) {
    struct fovea_seal seal = a_seal(), got;
    struct fovea_seal_terms terms = our_terms();
    uint8_t *file = a_file(&seal, CONTENT, secrets[0]);
    (void)state;
    for (size_t piece = 1; piece <= CONTENT; piece += 13) {
        struct fovea_hash hash;
        assert_int_equal(fovea_seal_read(&got, file, FOVEA_SEAL_BYTES, &terms, NULL), FOVEA_OK);
        assert_null(got.content);
        fovea_seal_start(&hash);
        for (size_t at = 0; at < CONTENT; at += piece)
            fovea_seal_add(&hash, file + FOVEA_SEAL_BYTES + at,
                           CONTENT - at < piece ? CONTENT - at : piece);
        assert_int_equal(fovea_seal_end(&hash, &got, NULL), FOVEA_OK);
    }
    struct fovea_hash less;
    fovea_seal_start(&less);
    fovea_seal_add(&less, file + FOVEA_SEAL_BYTES, CONTENT - 1);
    assert_int_equal(fovea_seal_end(&less, &got, NULL), FOVEA_TRUNCATED);
    free(file);
}

/* A list of keys: what is trusted from now on. */
static void takes_lists_of_keys(void **state) {
    struct fovea_seal list = a_seal(), got;
    struct fovea_seal_terms terms = our_terms();
    struct fovea_error error;
    (void)state;
    list.kind = FOVEA_SEAL_KEYS;
    terms.kind = FOVEA_SEAL_KEYS;
    static const size_t sizes[] = {64, 0, 33};
    for (size_t i = 0; i < 3; i++) {
        uint8_t *file = a_file(&list, sizes[i], secrets[0]);
        if (i == 0) {
            assert_int_equal(fovea_seal_open(&got, file, FOVEA_SEAL_BYTES + 64, &terms, &error),
                             FOVEA_OK);
            assert_int_equal(got.size / FOVEA_KEY_BYTES, 2);
        } else {
            refused(file, FOVEA_SEAL_BYTES + sizes[i], &terms, FOVEA_FORMAT, "E-014");
        }
        free(file);
    }
}

static bool count_calls(void *context, const uint8_t key[FOVEA_KEY_BYTES], const uint8_t *message,
                        size_t size, const uint8_t signature[FOVEA_SIGNATURE_BYTES]) {
    int *calls = context;
    ++*calls;
    assert_memory_equal(key, keys[1], FOVEA_KEY_BYTES);
    return *calls < 2 && fovea_verify_ed25519(NULL, key, message, size, signature);
}

static void asks_the_platforms_verifier(void **state) {
    struct fovea_seal seal = a_seal(), got;
    struct fovea_seal_terms terms = our_terms();
    int calls = 0;
    uint8_t *file = a_file(&seal, CONTENT, secrets[1]);
    (void)state;
    terms.verify = count_calls;
    terms.context = &calls;
    assert_int_equal(fovea_seal_open(&got, file, FOVEA_SEAL_BYTES + CONTENT, &terms, NULL),
                     FOVEA_OK);
    assert_int_equal(calls, 1);
    refused(file, FOVEA_SEAL_BYTES + CONTENT, &terms, FOVEA_CHECKSUM, "E-008");
    free(file);
}

static void names(void **state) {
    (void)state;
    assert_true(seal_name_holds("skin-7.b_C"));
    assert_true(seal_name_holds("0123456789012345678901234567890"));
    assert_false(seal_name_holds("01234567890123456789012345678901"));
    assert_false(seal_name_holds(""));
    assert_false(seal_name_holds("a b"));
    assert_false(seal_name_holds("../x"));
}

int main(void) {
    for (int i = 0; i < 2; i++) ed25519_public(keys[i], secrets[i]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_as_the_standard_does),
        cmocka_unit_test(hashes_as_the_standard_does),
        cmocka_unit_test(takes_one_form_of_a_signature),
        cmocka_unit_test(opens_what_was_signed),
        cmocka_unit_test(refuses_what_was_not_asked_for),
        cmocka_unit_test(refuses_bad_arguments),
        cmocka_unit_test(refuses_other_bytes),
        cmocka_unit_test(refuses_fields_though_signed),
        cmocka_unit_test(takes_content_in_pieces),
        cmocka_unit_test(takes_lists_of_keys),
        cmocka_unit_test(asks_the_platforms_verifier),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
