/* Where the chunks of a dataset are: six kinds of index.
 *
 * B-tree of version 1, type 1 (specification III.A.1): key: bytes stored 4, filter mask 4, position of
 *   the chunk in elements 8 each, 0 8; child: the chunk's address
 * In layout messages of version 4 (IV.A.2.i, appendix C), by type, and then the address O:
 *   1 single chunk: [flag bit 1: bytes stored L, filter mask 4]; the address is the chunk's
 *   2 implicit: chunks one behind the other, in order, not filtered
 *   3 fixed array: page bits 1
 *   4 extensible array: five parameters 1
 *   5 B-tree of version 2: node size 4, split 1, merge 1; records of type 10: address O, position of the
 *     chunk in chunks 8 each; of type 11: address O, bytes stored, filter mask 4, position */
#include "convert/files/hdf5_internal.h"

struct index {
    const struct hdf5 *file;
    struct trouble *trouble;
    struct hdf5_chunks *chunks;
    /* how elements of arrays are numbered: by position, the dimension that grows without limit first */
    uint32_t order[HDF5_RANK_MAX];
    uint64_t extent[HDF5_RANK_MAX]; /* in chunks, by `order`; the first one does not matter */
};

/* ---- trees ---- */

static bool read_tree_chunk(void *context, struct fovea_bytes record) {
    struct index *index = context;
    const struct hdf5_chunks *c = index->chunks;
    uint64_t at = hdf5_address(index->file, &record), place[HDF5_RANK_MAX], start;
    struct hdf5_chunk chunk;
    chunk.stored = fovea_read32(&record);
    chunk.mask = fovea_read32(&record);
    for (uint32_t i = 0; i < c->value->rank; i++) {
        start = fovea_read64(&record);
        place[i] = start / c->dims[i];
        if (start % c->dims[i] != 0)
            return hdf5_fail(index->file, at, index->trouble,
                             "H-118 a chunk that begins inside another one");
    }
    start = fovea_read64(&record);
    chunk.address = hdf5_read_offset(index->file, &record);
    if (start != 0)
        return hdf5_fail(index->file, at, index->trouble,
                         "H-119 a chunk that begins inside an element");
    return hdf5_set_chunk(index->file, index->chunks, place, &chunk, index->trouble);
}

bool hdf5_read_chunk_tree(const struct hdf5 *file, uint64_t address, struct hdf5_chunks *chunks,
                          struct trouble *trouble) {
    struct index index = {.file = file, .trouble = trouble, .chunks = chunks};
    uint64_t key = 8 * ((uint64_t)chunks->value->rank + 2);
    if (address == HDF5_UNDEFINED) return true;
    return hdf5_visit_btree_1(file, address, 1, key, read_tree_chunk, &index, trouble);
}

static bool read_record(struct index *index, struct fovea_bytes record, bool filtered) {
    const uint32_t rank = index->chunks->value->rank;
    const uint64_t plain = index->file->offset_bytes + 8 * (uint64_t)rank;
    const uint64_t least = filtered ? plain + 5 : plain, most = filtered ? plain + 12 : plain;
    uint64_t at = hdf5_address(index->file, &record), place[HDF5_RANK_MAX];
    struct hdf5_chunk chunk = {.stored = index->chunks->bytes};
    if (record.size < least || record.size > most)
        return hdf5_fail(index->file, at, index->trouble, "H-120 chunk records of %zu bytes",
                         record.size);
    chunk.address = hdf5_read_offset(index->file, &record);
    if (filtered) {
        chunk.stored = fovea_read(&record, (unsigned)(record.size - plain - 4));
        chunk.mask = fovea_read32(&record);
    }
    for (uint32_t i = 0; i < rank; i++) place[i] = fovea_read64(&record);
    return hdf5_set_chunk(index->file, index->chunks, place, &chunk, index->trouble);
}

static bool read_plain_record(void *context, struct fovea_bytes record) {
    return read_record(context, record, false);
}

static bool read_filtered_record(void *context, struct fovea_bytes record) {
    return read_record(context, record, true);
}

static bool read_tree_2(struct index *index, uint64_t address) {
    const struct hdf5 *file = index->file;
    struct fovea_bytes b = fovea_part(&file->bytes, address, 6);
    fovea_skip(&b, 5);
    if (fovea_read8(&b) == 10)
        return hdf5_visit_btree_2(file, address, 10, read_plain_record, index, index->trouble);
    return hdf5_visit_btree_2(file, address, 11, read_filtered_record, index, index->trouble);
}

/* ---- numbered chunks ---- */

/* Chunks are numbered over the largest size the dataset may have, which is at least the one it has: one
 * chunk or more each way. */
static bool number_chunks(struct index *index, uint64_t at) {
    const struct hdf5_chunks *c = index->chunks;
    const uint32_t rank = c->value->rank;
    uint32_t unlimited = rank, used = 0;
    for (uint32_t i = 0; i < rank; i++) {
        if (c->maxima[i] != UINT64_MAX) continue;
        if (unlimited != rank)
            return hdf5_fail(index->file, at, index->trouble,
                             "H-122 a chunk array for two unlimited dimensions");
        unlimited = i;
    }
    if (unlimited != rank) index->order[used++] = unlimited;
    for (uint32_t i = 0; i < rank; i++)
        if (i != unlimited) index->order[used++] = i;
    for (uint32_t i = 0; i < rank; i++) {
        uint64_t maximum = c->maxima[index->order[i]], dim = c->dims[index->order[i]];
        index->extent[i] = maximum / dim + (maximum % dim != 0);
    }
    return true;
}

static bool set_numbered(void *context, uint64_t number, const struct hdf5_chunk *chunk) {
    struct index *index = context;
    uint64_t place[HDF5_RANK_MAX] = {0};
    for (uint32_t i = index->chunks->value->rank; i-- > 1; number /= index->extent[i])
        place[index->order[i]] = number % index->extent[i];
    place[index->order[0]] = number;
    return hdf5_set_chunk(index->file, index->chunks, place, chunk, index->trouble);
}

static uint64_t number_of(const struct index *index, const uint64_t place[HDF5_RANK_MAX]) {
    uint64_t number = 0;
    for (uint32_t i = 0; i < index->chunks->value->rank; i++)
        number = fovea_sum(fovea_product(number, index->extent[i]), place[index->order[i]]);
    return number;
}

static bool read_implicit(struct index *index, uint64_t address) {
    const struct hdf5_chunks *c = index->chunks;
    uint64_t place[HDF5_RANK_MAX] = {0};
    for (uint64_t i = 0; i < c->count; i++, hdf5_next_place(c, place)) {
        struct hdf5_chunk *chunk = &c->chunks[i];
        chunk->stored = c->bytes;
        chunk->address = fovea_sum(fovea_product(number_of(index, place), c->bytes), address);
        if (chunk->address == FOVEA_TOO_LARGE)
            return hdf5_fail(index->file, address, index->trouble,
                             "H-123 a chunk reaches outside the file");
    }
    return true;
}

bool hdf5_read_index(const struct hdf5 *file, unsigned flags, struct fovea_bytes body,
                     struct hdf5_chunks *chunks, struct trouble *trouble) {
    static const uint8_t parameters[] = {0, 0, 0, 1, 5, 6}; /* bytes to skip, by type */
    struct index index = {.file = file, .trouble = trouble, .chunks = chunks};
    const uint64_t at = hdf5_address(file, &body), first[HDF5_RANK_MAX] = {0};
    struct hdf5_elements elements = {file, trouble, chunks->bytes, set_numbered, &index};
    struct hdf5_chunk single = {.stored = chunks->bytes};
    unsigned type = fovea_read8(&body);
    if (type < 1 || type > 5)
        return hdf5_fail(file, at, trouble, "H-124 chunk index type %u is not supported", type);
    fovea_skip(&body, parameters[type]);
    if (type == 1 && flags & 2) {
        single.stored = hdf5_read_length(file, &body);
        single.mask = fovea_read32(&body);
    }
    single.address = hdf5_read_offset(file, &body);
    if (body.failed) return hdf5_fail(file, at, trouble, "H-125 the layout message is too short");
    if (single.address == HDF5_UNDEFINED) return true; /* nothing was written */
    if (type == 1) return hdf5_set_chunk(file, chunks, first, &single, trouble);
    if (type == 5) return read_tree_2(&index, single.address);
    if (!number_chunks(&index, at)) return false;
    if (type == 2) return read_implicit(&index, single.address);
    return type == 3 ? hdf5_read_fixed_array(&elements, single.address)
                     : hdf5_read_extensible_array(&elements, single.address);
}
