/* Ed25519 beside libsodium, and the answers of Wycheproof's cases.
 *
 *     signing random N             N random messages: keys, signatures and verdicts of both are the same
 *     signing wycheproof FILE      each case of ed25519_test.json
 *
 * Ends with "N passed, N failed".
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "convert/files/json.h"
#include "include/fovea_sign.h"
#include "update/ed25519.h"

#define RANDOM_FROM 88172645u
#include "tests/unit/random.h"

static unsigned passed, failed;

static void count(bool good, const char *what, unsigned long which) {
    if (good) {
        passed++;
        return;
    }
    failed++;
    printf("FAILED %s %lu\n", what, which);
}

static void fill(uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) bytes[i] = (uint8_t)below(256);
}

static void compare(unsigned long round) {
    static uint8_t message[1024];
    uint8_t secret[32], ours[32], theirs[32], long_secret[64], signature[64], want[64];
    const size_t size = below(sizeof message);
    fill(secret, 32);
    fill(message, size);
    crypto_sign_seed_keypair(theirs, long_secret, secret);
    ed25519_public(ours, secret);
    count(memcmp(ours, theirs, 32) == 0, "public key", round);
    crypto_sign_detached(want, NULL, message, size, long_secret);
    ed25519_sign(signature, message, size, secret);
    count(memcmp(signature, want, 64) == 0, "signature", round);
    /* a bit of the signature, of the message, of the key, or none is another */
    uint8_t *const places[] = {signature, size ? message : signature, ours, NULL};
    const size_t sizes[] = {64, size ? size : 64, 32, 0};
    for (int i = 0; i < 4; i++) {
        const size_t at = places[i] ? below((uint32_t)sizes[i]) : 0;
        const uint8_t bit = (uint8_t)(1u << below(8));
        if (places[i]) places[i][at] ^= bit;
        const bool good = fovea_verify_ed25519(NULL, ours, message, size, signature);
        count(good == (crypto_sign_verify_detached(signature, message, size, ours) == 0) &&
                  good == !places[i],
              "verdict", round);
        if (places[i]) places[i][at] ^= bit;
    }
}

/* Hexadecimal digits of a member; false where they are too many, or an odd number. */
static bool digits(const struct json *object, const char *name, uint8_t *bytes, size_t room,
                   size_t *size) {
    const struct json *text = json_member(object, name);
    *size = 0;
    if (!text || text->type != JSON_STRING || text->length % 2 || text->length / 2 > room)
        return false;
    for (unsigned value; *size < text->length / 2; ++*size) {
        if (sscanf(text->text + 2 * *size, "%2x", &value) != 1) return false;
        bytes[*size] = (uint8_t)value;
    }
    return true;
}

static void run_case(const struct json *one, const uint8_t key[32], unsigned long which) {
    static uint8_t message[1 << 16];
    uint8_t signature[256];
    size_t size, length;
    const struct json *result = json_member(one, "result");
    if (!result || result->type != JSON_STRING ||
        !digits(one, "msg", message, sizeof message, &size)) {
        count(false, "form of case", which);
        return;
    }
    /* a signature of another length cannot even be handed over */
    const bool good = digits(one, "sig", signature, sizeof signature, &length) && length == 64 &&
                      fovea_verify_ed25519(NULL, key, message, size, signature);
    count(good == (strcmp(result->text, "valid") == 0), "case", which);
}

static bool run_wycheproof(const char *path) {
    struct file_bytes file;
    struct trouble trouble = {0};
    struct pool pool = {0};
    if (!file_open(path, &file, &trouble)) return false;
    pool_fuel(&pool, file.size);
    pool_bound(&pool, file.size);
    const struct json *root = json_parse(&pool, (const char *)file.bytes, file.size, &trouble);
    const struct json *groups = root ? json_member(root, "testGroups") : NULL;
    unsigned long cases = 0;
    for (const struct json *group = groups ? groups->first : NULL; group; group = group->next) {
        uint8_t key[32];
        size_t size;
        const struct json *public = json_member(group, "publicKey"),
                          *tests = json_member(group, "tests");
        if (!public) public = json_member(group, "key");
        if (!public || !digits(public, "pk", key, sizeof key, &size) || size != 32) {
            count(false, "key of group", cases);
            continue;
        }
        for (const struct json *one = tests ? tests->first : NULL; one; one = one->next)
            run_case(one, key, ++cases);
    }
    pool_free(&pool);
    file_close(&file);
    return cases > 0;
}

int main(int count_of_words, char **words) {
    bool done = count_of_words >= 3 && sodium_init() >= 0;
    if (done && strcmp(words[1], "random") == 0) {
        for (unsigned long i = 0; i < strtoul(words[2], NULL, 10); i++) compare(i);
    } else {
        done = done && run_wycheproof(words[2]);
    }
    if (!done) failed++;
    printf("%u passed, %u failed\n", passed, failed);
    return failed > 0;
}
