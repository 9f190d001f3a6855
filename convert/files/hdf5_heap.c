/* Fractal heaps (specification III.G), where dense storage keeps links and attributes.
 *
 * Header: "FRHP", version 1, identifier size 2, filter size 2, flags 1 (bit 1: direct blocks have
 *   checksums), largest managed object 4, next huge identifier L, B-tree of huge objects O, free space L,
 *   its manager O, managed space L, allocated L, iterator L, managed objects L, huge objects 2 L, tiny
 *   objects 2 L, table width 2, starting block size L, largest direct block L, heap size in bits 2,
 *   starting rows 2, root block O, rows of the root 2 (0: it is a direct block), checksum 4
 * Direct block: "FHDB", version 1, heap header O, offset in the heap, [checksum 4], objects; the
 *   checksum is that of the block with zeros in its place
 * Indirect block: "FHIB", version 1, heap header O, offset in the heap, child O per block of each row,
 *   checksum 4. Blocks of rows 0 and 1 have the starting size, those of each next row twice as much;
 *   what is larger than the largest direct block is an indirect block.
 * Identifier: flags 1 (bits 4 and 5: 0 managed, 1 huge, 2 tiny), for a managed object: offset in the
 *   heap, length. */
#include "convert/files/hdf5_internal.h"

#include <string.h>

struct heap {
    uint64_t address;
    unsigned flags, id_bytes, heap_bits, root_rows;
    uint64_t max_managed, width, start, max_direct, root, huge_tree;
    unsigned offset_bytes, length_bytes; /* in identifiers */
    unsigned start_log, width_log, direct_log;
};

/* How many bytes hold numbers up to 2^bits. */
static unsigned bytes_for_bits(unsigned bits) {
    return (bits + 7) / 8;
}

static bool check_heap(const struct hdf5 *file, struct heap *heap, struct trouble *trouble) {
    heap->start_log = hdf5_log2(heap->start);
    heap->width_log = hdf5_log2(heap->width);
    heap->direct_log = hdf5_log2(heap->max_direct);
    if (heap->width_log > 16 || heap->direct_log > 32 || heap->start_log > heap->direct_log ||
        heap->heap_bits > 64 || heap->heap_bits < heap->direct_log ||
        heap->max_managed > heap->max_direct)
        return hdf5_fail(file, heap->address, trouble,
                         "H-051 the sizes of the fractal heap are impossible");
    const unsigned managed = hdf5_bytes_for(heap->max_managed);
    heap->offset_bytes = bytes_for_bits(heap->heap_bits);
    heap->length_bytes = bytes_for_bits(heap->direct_log);
    if (managed < heap->length_bytes) heap->length_bytes = managed;
    return true;
}

static bool open_heap(const struct hdf5 *file, uint64_t address, struct heap *heap,
                      struct trouble *trouble) {
    *heap = (struct heap){.address = address};
    const unsigned offset = file->offset_bytes, length = file->length_bytes;
    struct fovea_bytes b = hdf5_checked_block(file, address, 26 + 3 * offset + 12 * length, "FRHP",
                                              "fractal heap", trouble);
    if (b.failed) return false;
    unsigned version = fovea_read8(&b);
    heap->id_bytes = fovea_read16(&b);
    unsigned filters = fovea_read16(&b);
    heap->flags = fovea_read8(&b);
    heap->max_managed = fovea_read32(&b);
    fovea_skip(&b, length);
    heap->huge_tree = hdf5_read_offset(file, &b);
    fovea_skip(&b, length + offset + 8 * length);
    heap->width = fovea_read16(&b);
    heap->start = hdf5_read_length(file, &b);
    heap->max_direct = hdf5_read_length(file, &b);
    heap->heap_bits = fovea_read16(&b);
    fovea_skip(&b, 2);
    heap->root = hdf5_read_offset(file, &b);
    heap->root_rows = fovea_read16(&b);
    if (version != 0 || filters != 0)
        return hdf5_fail(file, address, trouble,
                         "H-052 a fractal heap of version %u with %u bytes of filters", version,
                         filters);
    return check_heap(file, heap, trouble);
}

/* ---- blocks ---- */

static uint64_t prefix_bytes(const struct hdf5 *file, const struct heap *heap) {
    return 5 + file->offset_bytes + heap->offset_bytes;
}

/* What stands at the front of both kinds of blocks, behind the signature. */
static bool check_prefix(const struct hdf5 *file, const struct heap *heap, struct fovea_bytes *b,
                         uint64_t offset, struct trouble *trouble) {
    uint64_t at = hdf5_address(file, b);
    unsigned version = fovea_read8(b);
    uint64_t owner = hdf5_read_offset(file, b), stored = fovea_read(b, heap->offset_bytes);
    if (!b->failed && version == 0 && owner == heap->address && stored == offset) return true;
    return hdf5_fail(file, at, trouble, "H-053 a block that does not belong to its fractal heap");
}

/* Checks a direct block, once, on a copy with zeros for the checksum. */
static bool check_direct(const struct hdf5 *file, const struct heap *heap, uint64_t address,
                         uint64_t size, uint64_t offset, struct trouble *trouble) {
    static const char what[] = "fractal heap block";
    void **known = hdf5_known(file, &file->state->blocks, address, what, trouble);
    if (!known || *known) return known != NULL;
    struct fovea_bytes b = hdf5_block(file, address, size, what, trouble), all = b;
    if (b.failed) return false;
    if (!fovea_match(&b, "FHDB", 4)) return hdf5_fail(file, address, trouble, "H-054 no %s", what);
    if (!check_prefix(file, heap, &b, offset, trouble)) return false;
    if (heap->flags & 2) {
        const char *whole = (const char *)fovea_take(&all, size);
        char *copy = pool_text(file->pool, whole, (size_t)size, trouble);
        if (!copy) return false;
        size_t at = b.at;
        uint32_t stored = fovea_read32(&b);
        if (b.failed) return hdf5_fail(file, address, trouble, "H-055 no %s", what);
        memset(copy + at, 0, 4);
        if (hdf5_checksum(fovea_bytes_of(copy, (size_t)size)) != stored)
            return hdf5_fail(file, address, trouble, "H-056 the checksum of the %s does not match",
                             what);
    }
    *known = file->state;
    return true;
}

/* The address of child `index` of an indirect block of `rows` rows. */
static bool read_child(const struct hdf5 *file, const struct heap *heap, uint64_t address,
                       uint64_t offset, unsigned rows, uint64_t index, uint64_t *child,
                       struct trouble *trouble) {
    static const char what[] = "fractal heap's indirect block";
    const uint64_t entries = fovea_product(fovea_product(heap->width, rows), file->offset_bytes);
    const uint64_t bytes = fovea_sum(prefix_bytes(file, heap), entries); /* but for the checksum */
    void **known = hdf5_known(file, &file->state->blocks, address, what, trouble);
    if (!known) return false;
    if (!*known) {
        struct fovea_bytes b =
            hdf5_checked_block(file, address, fovea_sum(bytes, 4), "FHIB", what, trouble);
        if (b.failed || !check_prefix(file, heap, &b, offset, trouble)) return false;
        *known = file->state;
    }
    struct fovea_bytes block = fovea_part(&file->bytes, address, bytes);
    fovea_skip(&block,
               fovea_sum(prefix_bytes(file, heap), fovea_product(index, file->offset_bytes)));
    *child = hdf5_read_offset(file, &block); /* 0 beyond the file's end: no block stands there */
    return hdf5_spend(file, file->offset_bytes, trouble);
}

/* A block on the way down to an object. */
struct place {
    uint64_t address;
    uint64_t offset; /* of the block in the heap */
    uint64_t within; /* of the object in the block */
    unsigned log;    /* of the size, for a direct block */
    unsigned rows;   /* 0: a direct block */
};

/* From an indirect block into the child that holds the object; children are always smaller. */
static bool descend(const struct hdf5 *file, const struct heap *heap, struct place *place,
                    struct trouble *trouble) {
    const unsigned first_log = heap->start_log + heap->width_log; /* of row 0 */
    uint64_t start = 0, rest = place->within >> first_log;
    unsigned row = 0;
    for (; rest > 0; rest >>= 1) row++;
    if (row > 0) start = UINT64_C(1) << (first_log + row - 1);
    unsigned log = heap->start_log + (row ? row - 1 : 0);
    bool direct = log <= heap->direct_log;
    if (row >= place->rows || (!direct && log < first_log))
        return hdf5_fail(file, place->address, trouble, "H-058 an object outside its fractal heap");
    uint64_t column = (place->within - start) >> log, skipped = start + (column << log), child;
    if (!read_child(file, heap, place->address, place->offset, place->rows,
                    row * heap->width + column, &child, trouble))
        return false;
    place->address = child;
    place->offset += skipped;
    place->within -= skipped;
    place->log = log;
    place->rows = direct ? 0 : log - first_log + 1;
    return true;
}

static bool find_managed(const struct hdf5 *file, const struct heap *heap, struct fovea_bytes *id,
                         struct fovea_bytes *object, struct trouble *trouble) {
    struct place place = {.address = heap->root, .log = heap->start_log, .rows = heap->root_rows};
    place.within = fovea_read(id, heap->offset_bytes);
    uint64_t length = fovea_read(id, heap->length_bytes);
    while (place.rows > 0)
        if (!descend(file, heap, &place, trouble)) return false;
    uint64_t size = UINT64_C(1) << place.log, prefix = prefix_bytes(file, heap);
    if (heap->flags & 2) prefix += 4;
    if (!check_direct(file, heap, place.address, size, place.offset, trouble)) return false;
    struct fovea_bytes block = fovea_part(&file->bytes, place.address, size);
    *object = fovea_part(&block, place.within, length);
    if (place.within >= prefix && !object->failed && !id->failed) return true;
    return hdf5_fail(file, place.address, trouble,
                     "H-059 an object reaches beyond its block of the heap");
}

/* ---- huge objects: outside the heap, found by number in a B-tree ---- */

struct huge {
    const struct hdf5 *file;
    uint64_t wanted;
    uint64_t address, length;
    bool found;
};

static bool match_huge(void *context, struct fovea_bytes record) {
    struct huge *huge = context;
    uint64_t address = hdf5_read_offset(huge->file, &record);
    uint64_t length = hdf5_read_length(huge->file, &record);
    if (hdf5_read_length(huge->file, &record) != huge->wanted || record.failed) return true;
    huge->address = address;
    huge->length = length;
    huge->found = true;
    return true;
}

static bool find_huge(const struct hdf5 *file, const struct heap *heap, struct fovea_bytes *id,
                      struct fovea_bytes *object, struct trouble *trouble) {
    struct huge huge = {.file = file};
    unsigned left = (unsigned)fovea_left(id);
    if (left >= file->offset_bytes + file->length_bytes) { /* long enough for no number */
        huge.address = hdf5_read_offset(file, id);
        huge.length = hdf5_read_length(file, id);
        huge.found = true;
    } else {
        huge.wanted = fovea_read(id, left < file->length_bytes ? left : file->length_bytes);
        if (!hdf5_visit_btree_2(file, heap->huge_tree, 1, match_huge, &huge, trouble)) return false;
    }
    if (!huge.found)
        return hdf5_fail(file, heap->address, trouble,
                         "H-060 the fractal heap holds no huge object %llu",
                         (unsigned long long)huge.wanted);
    *object = hdf5_block(file, huge.address, huge.length, "huge object", trouble);
    return !object->failed;
}

/* ---- dense storage ---- */

struct entries {
    const struct hdf5 *file;
    enum hdf5_message_type type;
    struct hdf5_messages *messages;
    struct trouble *trouble;
};

static bool note_entry(void *context, struct fovea_bytes record) {
    struct entries *entries = context;
    struct hdf5_message message = {.type = (uint16_t)entries->type, .body = record};
    return hdf5_add_message(entries->file, entries->messages, &message, entries->trouble);
}

/* From a record of the index of names to the object that it names. For links: hash 4, identifier 7; for
 * attributes: identifier 8, message flags 1, creation order 4, hash 4. */
static bool resolve(const struct hdf5 *file, const struct heap *heap, struct hdf5_message *message,
                    struct trouble *trouble) {
    struct fovea_bytes record = message->body;
    uint64_t at = hdf5_address(file, &record);
    const bool link = message->type == HDF5_LINK;
    fovea_skip(&record, link ? 4 : 0);
    struct fovea_bytes id = fovea_take_part(&record, link ? 7 : 8);
    if (!link) message->flags = fovea_read8(&record);
    unsigned kind = fovea_read8(&id);
    if (record.failed || heap->id_bytes != id.size || kind > 0x1f)
        return hdf5_fail(file, at, trouble, "H-061 a heap identifier that is not supported");
    if (message->flags & HDF5_SHARED) /* its identifier is that of another heap */
        return hdf5_fail(file, at, trouble, "H-139 shared attributes are not supported");
    return kind >> 4 == 0 ? find_managed(file, heap, &id, &message->body, trouble)
                          : find_huge(file, heap, &id, &message->body, trouble);
}

bool hdf5_read_dense(const struct hdf5 *file, uint64_t address, uint64_t names,
                     enum hdf5_message_type type, struct hdf5_messages *messages,
                     struct trouble *trouble) {
    struct heap heap;
    struct entries entries = {file, type, messages, trouble};
    if (!open_heap(file, address, &heap, trouble) ||
        !hdf5_visit_btree_2(file, names, type == HDF5_LINK ? 5 : 8, note_entry, &entries, trouble))
        return false;
    for (size_t i = 0; i < messages->count; i++)
        if (!resolve(file, &heap, &messages->first[i], trouble)) return false;
    return true;
}
