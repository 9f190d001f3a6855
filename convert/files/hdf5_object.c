/* Object headers: the messages that describe a group or a dataset.
 *
 * Version 1 (specification IV.A.1.a), then 4 bytes up to a multiple of 8:
 *   version 1, reserved 1, messages 2, references 4, size of the first block 4
 *   each message: type 2, size 2, flags 1, reserved 3, body (a multiple of 8 bytes)
 *   continuation blocks: messages only
 * Version 2 (IV.A.1.b):
 *   "OHDR", version 1, flags 1, [bit 5: four times 4], [bit 4: two counts 2], size of the first
 *   block 1, 2, 4 or 8 by bits 0 and 1, messages, gap, checksum 4
 *   each message: type 1, size 2, flags 1, [bit 2: creation order 2], body
 *   continuation blocks: "OCHK", messages, gap, checksum 4 */
#include "convert/files/hdf5_internal.h"

#include <string.h>

#define UNKNOWN_FATAL  0x80 /* message flag: who does not know the type may not read the object */
#define TYPE_LAST      0x18 /* the types up to here are known, if not all of use */
#define CREATION_ORDER 0x04 /* version 2 header flag: messages carry their creation order */

struct block {
    uint64_t address, length;
};

/* A header in work: its blocks, found so far and read so far. */
struct walk {
    const struct hdf5 *file;
    struct hdf5_header *header;
    struct trouble *trouble;
    unsigned version, flags;
    unsigned expected; /* version 1: messages in all blocks */
    struct block blocks[HDF5_BLOCKS_MAX];
    size_t count;
};

bool hdf5_add_message(const struct hdf5 *file, struct hdf5_messages *messages,
                      const struct hdf5_message *message, struct trouble *trouble) {
    if (!hdf5_spend(file, sizeof *message, trouble)) return false;
    if (messages->count == messages->capacity) {
        size_t capacity = messages->capacity ? 2 * messages->capacity : 8;
        struct hdf5_message *more = pool_get(file->pool, capacity, sizeof *more, trouble);
        if (!more) return false;
        if (messages->count) memcpy(more, messages->first, messages->count * sizeof *more);
        messages->first = more;
        messages->capacity = capacity;
    }
    messages->first[messages->count++] = *message;
    return true;
}

/* Blocks are read once: none may share a byte with another. */
static bool add_block(struct walk *walk, uint64_t address, uint64_t length) {
    if (!fovea_in_range(address, length, walk->file->bytes.size))
        return hdf5_fail(walk->file, address, walk->trouble,
                         "H-019 the file ends inside the object header");
    for (size_t i = 0; i < walk->count; i++) {
        const struct block *other = &walk->blocks[i];
        if (address < other->address + other->length && other->address < address + length)
            return hdf5_fail(walk->file, address, walk->trouble,
                             "H-020 a block of the object header is met twice");
    }
    if (walk->count == HDF5_BLOCKS_MAX)
        return hdf5_fail(walk->file, address, walk->trouble,
                         "H-021 the object header has more than 256 blocks");
    walk->blocks[walk->count].address = address;
    walk->blocks[walk->count++].length = length;
    return true;
}

static bool follow(struct walk *walk, struct hdf5_message *message) {
    uint64_t address = hdf5_read_offset(walk->file, &message->body);
    uint64_t length = hdf5_read_length(walk->file, &message->body);
    if (message->body.failed || message->flags & HDF5_SHARED)
        return hdf5_fail(walk->file, hdf5_address(walk->file, &message->body), walk->trouble,
                         "H-022 the object header's continuation does not exist");
    return add_block(walk, address, length);
}

static bool take_message(struct walk *walk, struct hdf5_message *message, uint64_t at) {
    struct hdf5_messages *messages = &walk->header->messages;
    if (message->body.failed)
        return hdf5_fail(walk->file, at, walk->trouble,
                         "H-023 a message is longer than its object header");
    if (message->type > TYPE_LAST && message->flags & UNKNOWN_FATAL)
        return hdf5_fail(walk->file, at, walk->trouble,
                         "H-024 an unknown message, type %u, that must not be ignored",
                         message->type);
    if (message->type == HDF5_CONTINUATION) return follow(walk, message);
    if (messages->count >= limit_of(walk->file->pool, HDF5_MESSAGES_MAX))
        return hdf5_fail(
            walk->file, at, walk->trouble,
            "H-025 the object header has more messages than the limit hdf5-messages allows");
    return message->type == 0 || hdf5_add_message(walk->file, messages, message, walk->trouble);
}

static bool read_block_1(struct walk *walk, const struct block *block) {
    struct fovea_bytes b =
        hdf5_block(walk->file, block->address, block->length, "object header", walk->trouble);
    while (fovea_left(&b) > 0) {
        uint64_t at = hdf5_address(walk->file, &b);
        struct hdf5_message message = {.type = fovea_read16(&b)};
        unsigned size = fovea_read16(&b);
        message.flags = fovea_read8(&b);
        fovea_skip(&b, 3);
        message.body = fovea_take_part(&b, size);
        if (size % 8 != 0)
            return hdf5_fail(walk->file, at, walk->trouble,
                             "H-026 a message of %u bytes, not a multiple of 8", size);
        if (walk->expected-- == 0)
            return hdf5_fail(walk->file, at, walk->trouble,
                             "H-027 the object header has more messages than it says");
        if (!take_message(walk, &message, at)) return false;
    }
    return !b.failed;
}

/* The body of a version 2 block: messages, then a gap too short for one. */
static bool read_messages_2(struct walk *walk, struct fovea_bytes b) {
    const unsigned prefix = walk->flags & CREATION_ORDER ? 6 : 4;
    while (fovea_left(&b) >= prefix) {
        uint64_t at = hdf5_address(walk->file, &b);
        struct hdf5_message message = {.type = fovea_read8(&b)};
        unsigned size = fovea_read16(&b);
        message.flags = fovea_read8(&b);
        fovea_skip(&b, prefix - 4);
        message.body = fovea_take_part(&b, size);
        if (!take_message(walk, &message, at)) return false;
    }
    return !b.failed;
}

static bool read_block_2(struct walk *walk, const struct block *block) {
    struct fovea_bytes b = hdf5_checked_block(walk->file, block->address, block->length, "OCHK",
                                              "object header continuation", walk->trouble);
    return !b.failed && read_messages_2(walk, b);
}

static bool read_header_1(struct walk *walk) {
    const struct hdf5 *file = walk->file;
    uint64_t address = walk->header->address;
    struct fovea_bytes b = hdf5_block(file, address, 16, "object header", walk->trouble);
    fovea_skip(&b, 2);
    walk->expected = fovea_read16(&b);
    fovea_skip(&b, 4);
    uint32_t length = fovea_read32(&b);
    if (b.failed || !add_block(walk, address + b.size, length)) return false;
    for (size_t i = 0; i < walk->count; i++)
        if (!read_block_1(walk, &walk->blocks[i])) return false;
    if (walk->expected != 0)
        return hdf5_fail(file, address, walk->trouble,
                         "H-028 the object header has fewer messages than it says");
    return true;
}

/* The prefix says how long the first block is, checksum and all. */
static bool measure_header_2(struct walk *walk, uint64_t *prefix, uint64_t *length) {
    uint64_t address = walk->header->address, size = walk->file->bytes.size;
    struct fovea_bytes b = fovea_part(&walk->file->bytes, address, size - address);
    fovea_skip(&b, 4);
    unsigned version = fovea_read8(&b);
    walk->flags = fovea_read8(&b);
    fovea_skip(&b, walk->flags & 0x20 ? 16 : 0);
    fovea_skip(&b, walk->flags & 0x10 ? 4 : 0);
    uint64_t messages = fovea_read(&b, 1u << (walk->flags & 3));
    *prefix = b.at;
    *length = fovea_sum(*prefix + 4, messages);
    if (b.failed)
        return hdf5_fail(walk->file, address, walk->trouble,
                         "H-029 the file ends inside the object header");
    if (version != 2)
        return hdf5_fail(walk->file, address, walk->trouble,
                         "H-030 object header version %u is not supported", version);
    return true;
}

static bool read_header_2(struct walk *walk) {
    uint64_t address = walk->header->address, prefix, length;
    if (!measure_header_2(walk, &prefix, &length) || !add_block(walk, address, length))
        return false;
    struct fovea_bytes b =
        hdf5_checked_block(walk->file, address, length, "OHDR", "object header", walk->trouble);
    fovea_skip(&b, prefix - 4);
    if (b.failed || !read_messages_2(walk, b)) return false;
    for (size_t i = 1; i < walk->count; i++)
        if (!read_block_2(walk, &walk->blocks[i])) return false;
    return true;
}

static bool read_header(struct walk *walk) {
    uint64_t address = walk->header->address;
    struct fovea_bytes b = hdf5_block(walk->file, address, 4, "object header", walk->trouble),
                       probe = b;
    if (b.failed) return false;
    if (fovea_match(&probe, "OHDR", 4)) return read_header_2(walk);
    unsigned version = fovea_read8(&b);
    if (version != 1)
        return hdf5_fail(walk->file, address, walk->trouble,
                         "H-031 there is no object header here");
    return read_header_1(walk);
}

struct hdf5_header *hdf5_header(const struct hdf5 *file, uint64_t address,
                                struct trouble *trouble) {
    if (!hdf5_check_link(file, address, trouble)) return NULL;
    void **known = hdf5_known(file, &file->state->headers, address, "object header", trouble);
    if (!known || *known) return known ? *known : NULL;
    struct hdf5_header *header = pool_get(file->pool, 1, sizeof *header, trouble);
    if (!header) return NULL;
    header->address = address;
    struct walk walk = {.file = file, .header = header, .trouble = trouble};
    if (!read_header(&walk)) return NULL;
    *known = header;
    return header;
}

bool hdf5_message(const struct hdf5 *file, const struct hdf5_header *header,
                  enum hdf5_message_type type, const struct hdf5_message **message,
                  struct trouble *trouble) {
    *message = NULL;
    for (size_t i = 0; i < header->messages.count; i++) {
        const struct hdf5_message *m = &header->messages.first[i];
        if (m->type != type) continue;
        uint64_t at = hdf5_address(file, &m->body);
        if (*message)
            return hdf5_fail(file, at, trouble,
                             "H-032 the object header has two messages of type %d", type);
        if (m->flags & HDF5_SHARED)
            return hdf5_fail(file, at, trouble, "H-033 shared messages (type %d) are not supported",
                             type);
        *message = m;
    }
    return true;
}
