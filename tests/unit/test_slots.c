/* Models replaced on a device whose power fails at every byte that is written and at every erasure. */
#include "include/fovea_slots.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "update/ed25519.h"
#include "update/seal.h"

#define CONTENT    90
#define ROOM       512
#define FILE_BYTES (FOVEA_SEAL_BYTES + CONTENT)

static const uint8_t secret[32] = {7};
static uint8_t key[1][FOVEA_KEY_BYTES];

/* Flash: erased to ones; a write only clears bits. Beyond `power` steps nothing happens any more. */
struct flash {
    uint8_t bytes[FOVEA_REGION_COUNT][ROOM];
    long power; /* steps left: a byte, or half an erasure */
    long steps; /* taken */
    bool broken_reads;
    uint64_t broken_from; /* reads behind that place of a slot fail; 0: none */
};

static bool step(struct flash *flash) {
    flash->steps++;
    return flash->power < 0 || flash->power-- > 0;
}

static bool flash_read(void *context, enum fovea_region region, uint64_t at, void *bytes,
                       size_t size) {
    const struct flash *flash = context;
    if (flash->broken_reads || at > ROOM || size > ROOM - at) return false;
    if (flash->broken_from && at >= flash->broken_from) return false;
    memcpy(bytes, flash->bytes[region] + at, size);
    return true;
}

static bool flash_write(void *context, enum fovea_region region, uint64_t at, const void *bytes,
                        size_t size) {
    struct flash *flash = context;
    const uint8_t *from = bytes;
    if (at > ROOM || size > ROOM - at) return false;
    for (size_t i = 0; i < size; i++) {
        if (!step(flash)) return false;
        assert_int_equal(flash->bytes[region][at + i], 0xff); /* never twice between two erasures */
        flash->bytes[region][at + i] = from[i];
    }
    return true;
}

static bool flash_erase(void *context, enum fovea_region region) {
    struct flash *flash = context;
    if (!step(flash)) return false;
    memset(flash->bytes[region], 0xff, ROOM / 2);
    if (!step(flash)) return false;
    memset(flash->bytes[region] + ROOM / 2, 0xff, ROOM / 2);
    return true;
}

static struct fovea_store store_of(struct flash *flash) {
    struct fovea_store store = {flash, ROOM, flash_read, flash_write, flash_erase};
    return store;
}

/* Signatures take long, and test_seal.c checks them: here the first byte of one is that of its message's sum. */
static bool quick_verify(void *context, const uint8_t of[FOVEA_KEY_BYTES], const uint8_t *message,
                         size_t size, const uint8_t signature[FOVEA_SIGNATURE_BYTES]) {
    unsigned sum = 1;
    (void)context;
    (void)of;
    for (size_t i = 0; i < size; i++) sum = sum * 31 + message[i];
    return signature[0] == (uint8_t)sum && signature[1] == (uint8_t)(sum >> 8);
}

static void a_file(uint8_t file[FILE_BYTES], uint64_t version) {
    struct fovea_seal seal = {.kind = FOVEA_SEAL_MODEL, .name = "skin", .version = version};
    unsigned sum = 1;
    for (size_t i = 0; i < CONTENT; i++) file[FOVEA_SEAL_BYTES + i] = (uint8_t)(i * version);
    seal_write(file, &seal, file + FOVEA_SEAL_BYTES, CONTENT, secret);
    for (size_t i = 0; i < SEAL_AT_SIGNATURE; i++) sum = sum * 31 + file[i];
    file[SEAL_AT_SIGNATURE] = (uint8_t)sum;
    file[SEAL_AT_SIGNATURE + 1] = (uint8_t)(sum >> 8);
}

#define VERSIONS 6
static uint8_t files[VERSIONS][FILE_BYTES];

static struct fovea_seal_terms our_terms(void) {
    struct fovea_seal_terms terms = {0};
    terms.keys = (const uint8_t(*)[FOVEA_KEY_BYTES])key;
    terms.key_count = 1;
    terms.name = "skin";
    terms.verify = quick_verify;
    return terms;
}

static enum fovea_status start(struct fovea_slots *slots, struct flash *flash) {
    const struct fovea_store store = store_of(flash);
    const struct fovea_seal_terms terms = our_terms();
    return fovea_slots_start(slots, &store, &terms, NULL);
}

static enum fovea_status install(struct fovea_slots *slots, uint64_t version,
                                 fovea_slots_accept *accept) {
    enum fovea_status status = fovea_slots_begin(slots, NULL);
    for (size_t at = 0; status == FOVEA_OK && at < FILE_BYTES; at += 100)
        status = fovea_slots_add(slots, files[version] + at,
                                 FILE_BYTES - at < 100 ? FILE_BYTES - at : 100, NULL);
    return status == FOVEA_OK ? fovea_slots_end(slots, accept, NULL, NULL) : status;
}

static void fresh_flash(struct flash *flash) {
    memset(flash, 0, sizeof *flash);
    memset(flash->bytes, 0xff, sizeof flash->bytes);
    flash->power = -1;
}

/* As a factory leaves it: version 1 in slot A, no record. */
static void factory(struct flash *flash) {
    fresh_flash(flash);
    memcpy(flash->bytes[FOVEA_REGION_SLOT_A], files[1], FILE_BYTES);
}

static void expect_version(const struct fovea_slots *slots, uint64_t version, bool trial,
                           unsigned tries) {
    assert_int_not_equal(slots->slot, FOVEA_REGION_COUNT);
    assert_int_equal(slots->seal.version, version);
    assert_int_equal(slots->trial, trial);
    if (trial) assert_int_equal(slots->tries, tries);
}

static void replaces_a_model(void **state) {
    struct flash flash;
    struct fovea_slots slots;
    (void)state;
    factory(&flash);
    assert_int_equal(start(&slots, &flash), FOVEA_OK);
    expect_version(&slots, 1, false, 0);
    assert_int_equal(install(&slots, 2, NULL), FOVEA_OK);
    expect_version(&slots, 1, false, 0); /* until the next start */
    start(&slots, &flash);
    expect_version(&slots, 2, true, 2);
    assert_int_equal(fovea_slots_begin(&slots, NULL), FOVEA_ARGUMENT);
    assert_int_equal(fovea_slots_confirm(&slots, NULL), FOVEA_OK);
    assert_int_equal(fovea_slots_confirm(&slots, NULL), FOVEA_OK);
    start(&slots, &flash);
    expect_version(&slots, 2, false, 0);
    assert_int_equal(install(&slots, 3, NULL), FOVEA_OK);
    start(&slots, &flash);
    fovea_slots_confirm(&slots, NULL);
    start(&slots, &flash);
    expect_version(&slots, 3, false, 0);
}

static void goes_back_where_nobody_confirms(void **state) {
    struct flash flash;
    struct fovea_slots slots;
    (void)state;
    factory(&flash);
    start(&slots, &flash);
    install(&slots, 2, NULL);
    for (unsigned tries = FOVEA_SLOTS_TRIES; tries-- > 0;) {
        start(&slots, &flash);
        expect_version(&slots, 2, true, tries);
    }
    for (int i = 0; i < 3; i++) {
        start(&slots, &flash);
        expect_version(&slots, 1, false, 0);
    }
    assert_int_equal(install(&slots, 2, NULL), FOVEA_OK); /* it may come again, repaired or not */
}

static bool never(void *context, enum fovea_region slot, const struct fovea_seal *seal,
                  uint64_t bytes) {
    (void)context;
    assert_int_equal(slot, FOVEA_REGION_SLOT_B);
    assert_int_equal(bytes, FILE_BYTES);
    assert_int_equal(seal->version, 2);
    return false;
}

static void takes_no_other_file(void **state) {
    struct flash flash;
    struct fovea_slots slots;
    uint8_t piece[ROOM + 1] = {0};
    struct fovea_error error;
    (void)state;
    factory(&flash);
    start(&slots, &flash);
    assert_int_equal(install(&slots, 1, NULL), FOVEA_REFUSED); /* not newer */
    assert_int_equal(install(&slots, 2, never), FOVEA_REFUSED);
    assert_int_equal(fovea_slots_add(&slots, piece, 1, NULL), FOVEA_ARGUMENT);
    assert_int_equal(fovea_slots_end(&slots, NULL, NULL, NULL), FOVEA_ARGUMENT);
    fovea_slots_begin(&slots, NULL);
    assert_int_equal(fovea_slots_add(&slots, piece, ROOM + 1, &error), FOVEA_LIMIT);
    assert_string_equal(error.check, "E-038");
    assert_int_equal(fovea_slots_end(&slots, NULL, NULL, NULL), FOVEA_ARGUMENT);
    fovea_slots_begin(&slots, NULL);
    fovea_slots_add(&slots, files[2], 100, NULL);
    assert_int_equal(fovea_slots_end(&slots, NULL, NULL, &error), FOVEA_TRUNCATED);
    assert_string_equal(error.check, "E-041");
    fovea_slots_begin(&slots, NULL);
    fovea_slots_add(&slots, files[2], FILE_BYTES - 1, NULL);
    assert_int_equal(fovea_slots_end(&slots, NULL, NULL, &error), FOVEA_TRUNCATED);
    assert_string_equal(error.check, "E-032");
    fovea_slots_begin(&slots, NULL);
    fovea_slots_add(&slots, files[2], FILE_BYTES - 1, NULL);
    piece[0] = (uint8_t)(files[2][FILE_BYTES - 1] ^ 1);
    fovea_slots_add(&slots, piece, 1, NULL);
    assert_int_equal(fovea_slots_end(&slots, NULL, NULL, NULL), FOVEA_CHECKSUM);
    start(&slots, &flash);
    expect_version(&slots, 1, false, 0);
    install(&slots, 3, NULL);
    start(&slots, &flash);
    fovea_slots_confirm(&slots, NULL);
    assert_int_equal(install(&slots, 2, NULL), FOVEA_REFUSED); /* older than the one confirmed */
}

static void says_what_fails(void **state) {
    struct flash flash;
    struct fovea_slots slots;
    struct fovea_error error;
    struct fovea_store store = store_of(&flash);
    const struct fovea_seal_terms terms = our_terms();
    (void)state;
    fresh_flash(&flash);
    assert_int_equal(fovea_slots_start(NULL, &store, &terms, NULL), FOVEA_ARGUMENT);
    assert_int_equal(fovea_slots_start(&slots, NULL, &terms, NULL), FOVEA_ARGUMENT);
    assert_int_equal(fovea_slots_start(&slots, &store, NULL, NULL), FOVEA_ARGUMENT);
    store.erase = NULL;
    assert_int_equal(fovea_slots_start(&slots, &store, &terms, NULL), FOVEA_ARGUMENT);
    assert_int_equal(start(&slots, &flash), FOVEA_OK); /* an empty device */
    assert_int_equal(slots.slot, FOVEA_REGION_COUNT);
    assert_int_equal(fovea_slots_confirm(&slots, &error), FOVEA_ARGUMENT);
    assert_string_equal(error.check, "E-043");
    assert_int_equal(install(&slots, 1, NULL), FOVEA_OK);
    start(&slots, &flash);
    expect_version(&slots, 1, true, 2);
    assert_int_equal(fovea_slots_confirm(&slots, NULL), FOVEA_OK);
    start(&slots, &flash);
    expect_version(&slots, 1, false, 0);

    fovea_slots_begin(&slots, NULL);
    fovea_slots_add(&slots, files[2], FILE_BYTES, NULL);
    flash.broken_reads = true;
    assert_int_equal(fovea_slots_end(&slots, NULL, NULL, &error), FOVEA_MEMORY);
    assert_string_equal(error.check, "E-031");

    flash.broken_reads = false;
    flash.broken_from = FOVEA_SEAL_BYTES;
    fovea_slots_begin(&slots, NULL);
    fovea_slots_add(&slots, files[2], FILE_BYTES, NULL);
    assert_int_equal(fovea_slots_end(&slots, NULL, NULL, &error), FOVEA_MEMORY);
    assert_string_equal(error.check, "E-033");
    flash.broken_from = 0;

    fovea_slots_begin(&slots, NULL);
    flash.power = 0; /* no byte more is written */
    assert_int_equal(fovea_slots_add(&slots, files[2], FILE_BYTES, &error), FOVEA_MEMORY);
    assert_string_equal(error.check, "E-039");
    assert_int_equal(fovea_slots_add(&slots, files[2], 1, &error), FOVEA_ARGUMENT);
    flash.power = -1;
    fovea_slots_begin(&slots, NULL);
    fovea_slots_add(&slots, files[2], FILE_BYTES, NULL);
    flash.power = 0;
    assert_int_equal(fovea_slots_end(&slots, NULL, NULL, &error), FOVEA_MEMORY);
    assert_string_equal(error.check, "E-030");
}

/* A slot that has rotted: the other one, though older, and the rotten one is the next to be written. */
static void uses_the_other_slot(void **state) {
    struct flash flash;
    struct fovea_slots slots;
    (void)state;
    factory(&flash);
    start(&slots, &flash);
    install(&slots, 2, NULL);
    start(&slots, &flash);
    fovea_slots_confirm(&slots, NULL);
    flash.bytes[FOVEA_REGION_SLOT_B][FILE_BYTES - 3] ^= 4;
    start(&slots, &flash);
    expect_version(&slots, 1, false, 0);
    assert_int_equal(install(&slots, 3, NULL), FOVEA_OK);
    start(&slots, &flash);
    expect_version(&slots, 3, true, 2);
    memset(flash.bytes[FOVEA_REGION_RECORD_A], 0,
           ROOM); /* both records lost: the newest file that holds */
    memset(flash.bytes[FOVEA_REGION_RECORD_B], 0, ROOM);
    start(&slots, &flash);
    expect_version(&slots, 3, false, 0);
}

/* A life: two updates that are confirmed, one that is not, one that is refused. Goes on wherever it was cut off. */
static bool live(struct flash *flash, uint64_t *confirmed) {
    struct fovea_slots slots;
    *confirmed = 1;
    if (start(&slots, flash) != FOVEA_OK) return false;
    for (uint64_t version = 2; version <= 3; version++) {
        if (slots.seal.version < version && install(&slots, version, NULL) != FOVEA_OK)
            return false;
        if (start(&slots, flash) != FOVEA_OK || fovea_slots_confirm(&slots, NULL) != FOVEA_OK)
            return false;
        *confirmed = slots.seal.version;
    }
    if (install(&slots, 4, NULL) != FOVEA_OK) return false;
    for (unsigned i = 0; i <= FOVEA_SLOTS_TRIES; i++)
        if (start(&slots, flash) != FOVEA_OK) return false;
    return slots.seal.version == 3 && install(&slots, 2, NULL) == FOVEA_REFUSED &&
           flash->power != 0;
}

/* The power fails after every step; then it may fail once more, soon, while the device starts. */
static void has_a_model_whenever_the_power_fails(void **state) {
    static struct flash flash, after;
    struct fovea_slots slots;
    uint64_t confirmed;
    (void)state;
    factory(&flash);
    assert_true(live(&flash, &confirmed));
    const long steps = flash.steps;
    long states = 0, without = 0, unconfirmed = 0;
    for (long power = 0; power < steps; power++) {
        factory(&flash);
        flash.power = power;
        (void)live(&flash, &confirmed);
        for (long again = 0; again < 140; again += 7) {
            after = flash;
            after.power = again;
            (void)start(&slots, &after);
            after.power = -1;
            states++;
            without += start(&slots, &after) != FOVEA_OK || slots.slot == FOVEA_REGION_COUNT;
            unconfirmed += !slots.trial && slots.seal.version == 4; /* which nobody ever confirms */
        }
        flash.power = -1;
        if (start(&slots, &flash) == FOVEA_OK && slots.trial) fovea_slots_confirm(&slots, NULL);
        assert_int_equal(install(&slots, confirmed, NULL), FOVEA_REFUSED); /* none comes back */
        assert_int_equal(install(&slots, 5, NULL), FOVEA_OK); /* and it takes a new one */
        start(&slots, &flash);
        expect_version(&slots, 5, true, 2);
    }
    printf("%ld steps, %ld states of a device whose power failed, %ld without a model\n", steps,
           states, without);
    assert_int_equal(without, 0);
    assert_int_equal(unconfirmed, 0);
}

int main(void) {
    ed25519_public(key[0], secret);
    for (uint64_t version = 1; version < VERSIONS; version++) a_file(files[version], version);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replaces_a_model),
        cmocka_unit_test(goes_back_where_nobody_confirms),
        cmocka_unit_test(takes_no_other_file),
        cmocka_unit_test(says_what_fails),
        cmocka_unit_test(uses_the_other_slot),
        cmocka_unit_test(has_a_model_whenever_the_power_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
