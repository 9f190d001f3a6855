#include "include/fovea_slots.h"

#include "update/seal.h"
#include "update/sha512.h"
#include "weights/bytes.h"
#include "weights/check.h"

#define NONE FOVEA_REGION_COUNT

/* ---- the record: 64 bytes, the last 8 of them of the digest of the others ---- */

#define RECORD_BYTES 64
#define CHECK_AT     56
#define RECORD_MAGIC "FVR1"

struct record {
    uint64_t sequence, version; /* version: of the last file that was confirmed */
    enum fovea_region active, candidate;
    unsigned tries;
};

#define SLOTS_REFUSE(status, text) return fovea_report(error, (status), FOVEA_TEXT(text), 0)

static void check_of(uint8_t check[8], const uint8_t record[RECORD_BYTES]) {
    uint8_t digest[SHA512_BYTES];
    fovea_sha512(digest, record, CHECK_AT);
    fovea_copy(check, digest, 8);
}

static enum fovea_region slot_of(uint8_t byte) {
    return byte <= FOVEA_REGION_SLOT_B ? (enum fovea_region)byte : NONE;
}

/* The record in `region`; false where none is there as a whole. */
static FOVEA_NOINLINE bool read_record(const struct fovea_store *store, enum fovea_region region,
                                       struct record *record) {
    uint8_t bytes[RECORD_BYTES], check[8];
    if (!store->read(store->context, region, 0, bytes, sizeof bytes)) return false;
    struct fovea_bytes b = fovea_bytes_of(bytes, sizeof bytes);
    if (!fovea_match(&b, RECORD_MAGIC, 4)) return false;
    record->active = slot_of(fovea_read8(&b));
    record->candidate = slot_of(fovea_read8(&b));
    record->tries = fovea_read16(&b);
    record->sequence = fovea_read64(&b);
    record->version = fovea_read64(&b);
    check_of(check, bytes);
    return fovea_equal(check, bytes + CHECK_AT, sizeof check) && record->tries <= FOVEA_SLOTS_TRIES;
}

/* Writes what `slots` holds beside the record before. */
static enum fovea_status write_record(struct fovea_slots *slots, enum fovea_region active,
                                      enum fovea_region candidate, unsigned tries, uint64_t version,
                                      struct fovea_error *error) {
    uint8_t bytes[RECORD_BYTES] = RECORD_MAGIC;
    const struct fovea_store *store = &slots->store;
    const enum fovea_region region =
        slots->record == FOVEA_REGION_RECORD_A ? FOVEA_REGION_RECORD_B : FOVEA_REGION_RECORD_A;
    bytes[4] = (uint8_t)active;
    bytes[5] = (uint8_t)candidate;
    bytes[6] = (uint8_t)tries;
    seal_put(bytes + 8, slots->sequence + 1, 8);
    seal_put(bytes + 16, version, 8);
    check_of(bytes + CHECK_AT, bytes);
    if (!store->erase(store->context, region) ||
        !store->write(store->context, region, 0, bytes, sizeof bytes))
        SLOTS_REFUSE(FOVEA_MEMORY, "E-030 the device cannot store the record");
    slots->record = region;
    slots->sequence++;
    slots->active = active;
    slots->candidate = candidate;
    slots->tries = tries;
    slots->version = version;
    return FOVEA_OK;
}

/* ---- slots ---- */

/* Reads the file in a slot through, by the terms; its seal. `size`: its bytes, or 0 where only its header says. */
static enum fovea_status check_slot(const struct fovea_slots *slots, enum fovea_region slot,
                                    uint64_t newer_than, uint64_t size, struct fovea_seal *seal,
                                    struct fovea_error *error) {
    uint8_t piece[FOVEA_SEAL_BYTES];
    struct fovea_seal_terms terms = slots->terms;
    struct fovea_hash hash;
    const struct fovea_store *store = &slots->store;
    terms.newer_than = newer_than;
    if (!store->read(store->context, slot, 0, piece, sizeof piece))
        SLOTS_REFUSE(FOVEA_MEMORY, "E-031 the device cannot be read");
    enum fovea_status status = fovea_seal_read(seal, piece, sizeof piece, &terms, error);
    if (status != FOVEA_OK) return status;
    const uint64_t room = size ? size : store->slot_bytes;
    if (room < sizeof piece || seal->size > room - sizeof piece ||
        (size && seal->size != size - sizeof piece))
        SLOTS_REFUSE(FOVEA_TRUNCATED, "E-032 more or fewer bytes than the header says");
    fovea_seal_start(&hash);
    for (uint64_t at = 0; at < seal->size; at += sizeof piece) {
        const uint64_t left = seal->size - at;
        const size_t n = left < sizeof piece ? (size_t)left : sizeof piece;
        if (!store->read(store->context, slot, FOVEA_SEAL_BYTES + at, piece, n))
            SLOTS_REFUSE(FOVEA_MEMORY, "E-033 the device cannot be read");
        fovea_seal_add(&hash, piece, n);
    }
    return fovea_seal_end(&hash, seal, error);
}

/* Takes `slot` where its file holds. */
static bool use_slot(struct fovea_slots *slots, enum fovea_region slot) {
    struct fovea_seal seal;
    if (slot == NONE || check_slot(slots, slot, 0, 0, &seal, NULL) != FOVEA_OK) return false;
    slots->slot = slot;
    slots->seal = seal;
    return true;
}

/* The slot that is not in use. */
static enum fovea_region spare_slot(const struct fovea_slots *slots) {
    return slots->slot == FOVEA_REGION_SLOT_A ? FOVEA_REGION_SLOT_B : FOVEA_REGION_SLOT_A;
}

/* Without a record: the newest file that holds, as a factory leaves one. */
static void use_newest(struct fovea_slots *slots) {
    struct fovea_seal first;
    if (!use_slot(slots, FOVEA_REGION_SLOT_A)) {
        (void)use_slot(slots, FOVEA_REGION_SLOT_B);
        return;
    }
    first = slots->seal;
    if (use_slot(slots, FOVEA_REGION_SLOT_B) && slots->seal.version <= first.version) {
        slots->slot = FOVEA_REGION_SLOT_A;
        slots->seal = first;
    }
}

/* The newer of the two records, into `slots`; false where there is none. */
static bool read_records(struct fovea_slots *slots) {
    bool any = false;
    for (int i = 0; i < 2; i++) {
        const enum fovea_region region = i ? FOVEA_REGION_RECORD_B : FOVEA_REGION_RECORD_A;
        struct record record;
        if (!read_record(&slots->store, region, &record) ||
            (any && record.sequence <= slots->sequence))
            continue;
        any = true;
        slots->record = region;
        slots->sequence = record.sequence;
        slots->version = record.version;
        slots->active = record.active;
        slots->candidate = record.candidate;
        slots->tries = record.tries;
    }
    return any;
}

enum fovea_status fovea_slots_start(struct fovea_slots *slots, const struct fovea_store *store,
                                    const struct fovea_seal_terms *terms,
                                    struct fovea_error *error) {
    static const struct fovea_slots fresh;
    if (!slots || !store || !terms || !store->read || !store->write || !store->erase)
        SLOTS_REFUSE(FOVEA_ARGUMENT, "E-034 a pointer is NULL");
    *slots = fresh;
    slots->store = *store;
    slots->terms = *terms;
    slots->slot = slots->active = slots->candidate = slots->record = NONE;
    if (error) fovea_report(error, FOVEA_OK, FOVEA_NO_PROBLEM, 0);
    if (!read_records(slots)) {
        use_newest(slots);
        if (slots->slot == NONE) return FOVEA_OK;
        return write_record(slots, slots->slot, NONE, 0, slots->seal.version, error);
    }
    if (slots->candidate != NONE) { /* a trial's start counts before it happens */
        const bool go_on = slots->tries > 0;
        enum fovea_status status =
            write_record(slots, slots->active, go_on ? slots->candidate : NONE,
                         go_on ? slots->tries - 1 : 0, slots->version, error);
        if (status != FOVEA_OK) return status;
    }
    slots->trial = slots->candidate != NONE && use_slot(slots, slots->candidate);
    if (!slots->trial && !use_slot(slots, slots->active) && slots->active != NONE)
        (void)use_slot(slots, slots->active == FOVEA_REGION_SLOT_A ? FOVEA_REGION_SLOT_B
                                                                   : FOVEA_REGION_SLOT_A);
    return FOVEA_OK;
}

enum fovea_status fovea_slots_begin(struct fovea_slots *slots, struct fovea_error *error) {
    if (slots->trial) SLOTS_REFUSE(FOVEA_ARGUMENT, "E-035 a model is on trial: confirm it first");
    const enum fovea_region slot = spare_slot(slots);
    if (slots->candidate != NONE || (slots->active != NONE && slots->active != slots->slot)) {
        /* nothing may name the slot that is erased next */
        enum fovea_status status = write_record(slots, slots->slot, NONE, 0, slots->version, error);
        if (status != FOVEA_OK) return status;
    }
    if (!slots->store.erase(slots->store.context, slot))
        SLOTS_REFUSE(FOVEA_MEMORY, "E-036 the device cannot be erased");
    slots->written = 0;
    slots->open = true;
    return FOVEA_OK;
}

enum fovea_status fovea_slots_add(struct fovea_slots *slots, const void *bytes, size_t size,
                                  struct fovea_error *error) {
    const enum fovea_region slot = spare_slot(slots);
    if (!slots->open) SLOTS_REFUSE(FOVEA_ARGUMENT, "E-037 no file has been started");
    if (size > slots->store.slot_bytes - slots->written) {
        slots->open = false;
        SLOTS_REFUSE(FOVEA_LIMIT, "E-038 the slot is too small");
    }
    if (!slots->store.write(slots->store.context, slot, slots->written, bytes, size)) {
        slots->open = false;
        SLOTS_REFUSE(FOVEA_MEMORY, "E-039 the device cannot store the file");
    }
    slots->written += size;
    return FOVEA_OK;
}

enum fovea_status fovea_slots_end(struct fovea_slots *slots, fovea_slots_accept *accept,
                                  void *context, struct fovea_error *error) {
    struct fovea_seal seal;
    const enum fovea_region slot = spare_slot(slots);
    if (!slots->open) SLOTS_REFUSE(FOVEA_ARGUMENT, "E-040 no file has been started");
    slots->open = false;
    if (slots->written < FOVEA_SEAL_BYTES)
        SLOTS_REFUSE(FOVEA_TRUNCATED, "E-041 shorter than the header of a sealed file");
    enum fovea_status status =
        check_slot(slots, slot, slots->version, slots->written, &seal, error);
    if (status != FOVEA_OK) return status;
    if (accept && !accept(context, slot, &seal, slots->written))
        SLOTS_REFUSE(FOVEA_REFUSED, "E-042 the program does not accept the model");
    status = write_record(slots, slots->slot, slot, FOVEA_SLOTS_TRIES, slots->version, error);
    if (status == FOVEA_OK && error) fovea_report(error, FOVEA_OK, FOVEA_NO_PROBLEM, 0);
    return status;
}

enum fovea_status fovea_slots_confirm(struct fovea_slots *slots, struct fovea_error *error) {
    if (slots->slot == NONE) SLOTS_REFUSE(FOVEA_ARGUMENT, "E-043 there is no model");
    if (error) fovea_report(error, FOVEA_OK, FOVEA_NO_PROBLEM, 0);
    if (!slots->trial) return FOVEA_OK;
    enum fovea_status status =
        write_record(slots, slots->slot, NONE, 0, slots->seal.version, error);
    slots->trial = status != FOVEA_OK;
    return status;
}
