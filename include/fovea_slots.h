/** @file fovea_slots.h
 * fovea_slots: a signed model replaced on the device, so that whenever the power fails a model is there that runs.
 * Optional, beside fovea.h and fovea_sign.h; needs nothing of an operating system.
 *
 * There are two slots, each for one sealed file (fovea_sign.h), and two places for a record of what is in them. A new
 * model goes into the slot that is not in use. It is taken on trial when its seal satisfies the terms and the program
 * accepts it (opens it, plans it, runs fovea_selftest and its own pictures). A model on trial that the program does not
 * confirm within FOVEA_SLOTS_TRIES starts gives way to the one before.
 *
 *     fovea_slots_start(&slots, &store, &terms, &error)    which slot to use now, and its seal
 *     ... open the model in slots.slot, run it ...
 *     fovea_slots_confirm(&slots, &error)                  after a good run; does nothing where none is on trial
 *
 *     fovea_slots_begin(&slots, &error)                    a new file comes in
 *     fovea_slots_add(&slots, piece, bytes, &error)        as often as needed
 *     fovea_slots_end(&slots, accept, context, &error)     on trial from the next start on
 *
 * A record is written beside the one before, never over it, and counts only as a whole. Versions never go back: a new
 * file's has to be above that of the last one that was confirmed.
 *
 * Memory: nothing is allocated; about 2.5 KB of stack. Threads: one at a time. Errors: as in fovea.h; what was there
 * before goes on to be used.
 */
#ifndef FOVEA_SLOTS_H
#define FOVEA_SLOTS_H

#include "fovea_sign.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Starts that a new model has on trial. */
#define FOVEA_SLOTS_TRIES 3

/** Places of the program's memory for models: files, or parts of flash that are erased as a whole. */
enum fovea_region {
    FOVEA_REGION_SLOT_A = 0, /**< Of slot_bytes. */
    FOVEA_REGION_SLOT_B,     /**< Of slot_bytes. */
    FOVEA_REGION_RECORD_A,   /**< Of 64 bytes. */
    FOVEA_REGION_RECORD_B,   /**< Of 64 bytes. */
    FOVEA_REGION_COUNT       /**< The number of values above. */
};

/** How to get at them. Each gives false where the device fails. */
struct fovea_store {
    /** Handed to all three functions. */
    void *context;
    /** Room of a slot. */
    uint64_t slot_bytes;
    /** Reads `size` bytes from `at` on. */
    bool (*read)(void *context, enum fovea_region region, uint64_t at, void *bytes, size_t size);
    /** Into a place that was erased; what it wrote is kept when it returns. If the power fails before, any of the bytes
     * may be there. A program never writes a place twice between two erasures. */
    bool (*write)(void *context, enum fovea_region region, uint64_t at, const void *bytes,
                  size_t size);
    /** Erases a place. */
    bool (*erase)(void *context, enum fovea_region region);
};

/** The state; what is not described is the library's own. */
struct fovea_slots {
    /** The slot to be used now; FOVEA_REGION_COUNT: no slot holds a model yet. */
    enum fovea_region slot;
    /** The seal of what is in it. */
    struct fovea_seal seal;
    /** It waits for fovea_slots_confirm. */
    bool trial;
    /** Starts that it has left after this one. */
    unsigned tries;
    /** The library's own, as all that follows. */
    struct fovea_store store;
    /** The library's own. */
    struct fovea_seal_terms terms;
    /** The library's own. */
    uint64_t sequence, version, written;
    /** The library's own. */
    enum fovea_region record, active, candidate;
    /** The library's own. */
    bool open;
};

/** Says which slot to use: reads the record, takes a trial's start off, checks the seal of the whole slot; where that
 * does not hold, the other slot's. `terms` says what holds: keys, name, app, time, not newer_than, which is known here.
 * Its keys and name, and what `store` points to, stay the caller's and have to live on. FOVEA_OK with slot
 * FOVEA_REGION_COUNT where no slot holds: a new device, or nothing left. */
enum fovea_status fovea_slots_start(struct fovea_slots *slots, const struct fovea_store *store,
                                    const struct fovea_seal_terms *terms,
                                    struct fovea_error *error);

/** Erases the slot that is not in use. A trial that is under way has to be confirmed first: FOVEA_ARGUMENT. */
enum fovea_status fovea_slots_begin(struct fovea_slots *slots, struct fovea_error *error);
/** The next bytes of the file, in any pieces. FOVEA_LIMIT where the slot is too small. */
enum fovea_status fovea_slots_add(struct fovea_slots *slots, const void *bytes, size_t size,
                                  struct fovea_error *error);

/** Whether the program takes the file in `slot`, of `bytes` with its header: what only running it shows. */
typedef bool fovea_slots_accept(void *context, enum fovea_region slot,
                                const struct fovea_seal *seal, uint64_t bytes);

/** Checks the file, asks `accept` (NULL: takes it), and puts it on trial from the next start on. On failure nothing has
 * changed but the bytes of the unused slot. */
enum fovea_status fovea_slots_end(struct fovea_slots *slots, fovea_slots_accept *accept,
                                  void *context, struct fovea_error *error);

/** The model in use stays, and no older one is taken from now on. */
enum fovea_status fovea_slots_confirm(struct fovea_slots *slots, struct fovea_error *error);

#ifdef __cplusplus
}
#endif

#endif
