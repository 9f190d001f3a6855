/* Chunked datasets: boxes of one size, each stored and filtered for itself.
 *
 * Layout message behind version and class (specification IV.A.2.i):
 *   version 3: rank + 1 1, B-tree O, sizes of a chunk 4 each
 *   version 4: flags 1, rank + 1 1, bytes of a size 1, sizes of a chunk, type of index 1, what the index
 *   needs, its address O
 * The last "size of a chunk" is that of an element. Chunks at the far edges are stored whole. */
#include "convert/files/hdf5_internal.h"
#include "convert/files/inflate.h"

#include <limits.h>
#include <string.h>

#define EDGES_UNFILTERED                                                                           \
    0x01 /* version 4 flag: chunks that reach beyond the edges have no filters */

/* How many chunks there are, and how large they are. */
static bool size_chunks(const struct hdf5 *file, struct hdf5_chunks *c, uint64_t at,
                        struct trouble *trouble) {
    const struct hdf5_value *value = c->value;
    c->count = 1;
    c->bytes = value->size;
    for (uint32_t i = 0; i < value->rank; i++) {
        if (c->dims[i] == 0) return hdf5_fail(file, at, trouble, "H-107 a chunk of size 0");
        c->counts[i] = value->dims[i] / c->dims[i] + (value->dims[i] % c->dims[i] != 0);
        c->count = fovea_product(c->count, c->counts[i]);
        c->bytes = fovea_product(c->bytes, c->dims[i]);
    }
    if (c->bytes > INT_MAX) return hdf5_fail(file, at, trouble, "H-108 the chunks are too large");
    if (fovea_product(c->count, c->bytes) > file->state->storage)
        return hdf5_fail(file, at, trouble,
                         "H-109 the file is too short to hold %llu chunks of %llu bytes",
                         (unsigned long long)c->count, (unsigned long long)c->bytes);
    return true;
}

static bool read_sizes(const struct hdf5 *file, unsigned version, struct fovea_bytes *b,
                       struct hdf5_chunks *c, unsigned *flags, uint64_t *tree,
                       struct trouble *trouble) {
    uint64_t at = hdf5_address(file, b);
    *flags = version == 4 ? fovea_read8(b) : 0;
    unsigned rank = fovea_read8(b), width = 4;
    if (version == 4)
        width = fovea_read8(b);
    else
        *tree = hdf5_read_offset(file, b);
    if (width < 1 || width > 8 || rank < 2 || rank != c->value->rank + 1)
        return hdf5_fail(file, at, trouble, "H-110 chunks of %u sizes for data of %u dimensions",
                         rank, c->value->rank);
    for (unsigned i = 0; i < rank - 1; i++) c->dims[i] = fovea_read(b, width);
    uint64_t element = fovea_read(b, width);
    if (element != c->value->size) /* or 0, where the message is too short */
        return hdf5_fail(file, at, trouble, "H-111 chunks of elements of %llu bytes for data of %u",
                         (unsigned long long)element, c->value->size);
    return size_chunks(file, c, at, trouble);
}

bool hdf5_set_chunk(const struct hdf5 *file, struct hdf5_chunks *chunks,
                    const uint64_t place[HDF5_RANK_MAX], const struct hdf5_chunk *chunk,
                    struct trouble *trouble) {
    uint64_t index = 0;
    for (uint32_t i = 0; i < chunks->value->rank; i++) {
        if (place[i] >= chunks->counts[i])
            return hdf5_fail(file, chunk->address, trouble,
                             "H-112 a chunk outside the dataset, stored");
        index = index * chunks->counts[i] + place[i];
    }
    if (chunks->chunks[index].address != HDF5_UNDEFINED)
        return hdf5_fail(file, chunk->address, trouble, "H-113 a chunk that occurs twice, stored");
    chunks->chunks[index] = *chunk;
    return true;
}

/* Before anything is allocated for the contents: is every chunk there, and can it be that large? */
static bool check_chunks(const struct hdf5 *file, const struct hdf5_chunks *c,
                         const struct hdf5_filters *filters, struct trouble *trouble) {
    for (uint64_t i = 0; i < c->count; i++) {
        const struct hdf5_chunk *chunk = &c->chunks[i];
        if (chunk->address == HDF5_UNDEFINED)
            return hdf5_fail(file, HDF5_UNDEFINED, trouble,
                             "H-114 one of the %llu chunks was never written",
                             (unsigned long long)c->count);
        if (!fovea_in_range(chunk->address, chunk->stored, file->bytes.size))
            return hdf5_fail(file, chunk->address, trouble,
                             "H-115 a chunk reaches outside the file");
        if (hdf5_filtered_max(filters, chunk) < c->bytes)
            return hdf5_fail(file, chunk->address, trouble,
                             "H-116 a chunk of %llu bytes cannot come from %llu",
                             (unsigned long long)c->bytes, (unsigned long long)chunk->stored);
    }
    return true;
}

/* Copies the part of a chunk that lies inside the dataset, row by row. */
static void copy_chunk(const struct hdf5_chunks *c, const uint64_t place[HDF5_RANK_MAX],
                       const uint8_t *from, uint8_t *out) {
    const struct hdf5_value *value = c->value;
    const uint32_t last = value->rank - 1;
    size_t from_step[HDF5_RANK_MAX], to_step[HDF5_RANK_MAX], size[HDF5_RANK_MAX];
    size_t at[HDF5_RANK_MAX] = {0}, from_bytes = value->size, to_bytes = value->size;
    for (uint32_t i = value->rank; i-- > 0;) { /* all products are at most the two buffers' sizes */
        size_t start = (size_t)(place[i] * c->dims[i]), left = (size_t)value->dims[i] - start;
        size[i] = left < c->dims[i] ? left : (size_t)c->dims[i];
        from_step[i] = from_bytes;
        to_step[i] = to_bytes;
        out += start * to_bytes;
        from_bytes *= (size_t)c->dims[i];
        to_bytes *= (size_t)value->dims[i];
    }
    for (uint32_t i = last + 1; i > 0;) {
        memcpy(out, from, size[last] * value->size);
        for (i = last; i > 0;
             i--) { /* on to the next row, which may be the first of a next plane */
            from += from_step[i - 1];
            out += to_step[i - 1];
            if (++at[i - 1] < size[i - 1]) break;
            from -= size[i - 1] * from_step[i - 1];
            out -= size[i - 1] * to_step[i - 1];
            at[i - 1] = 0;
        }
    }
}

void hdf5_next_place(const struct hdf5_chunks *c, uint64_t place[HDF5_RANK_MAX]) {
    for (uint32_t i = c->value->rank; i-- > 0;) {
        if (++place[i] < c->counts[i]) return;
        place[i] = 0;
    }
}

static bool reaches_over(const struct hdf5_chunks *c, const uint64_t place[HDF5_RANK_MAX]) {
    bool over = false;
    for (uint32_t i = 0; i < c->value->rank; i++)
        over |= c->value->dims[i] - place[i] * c->dims[i] < c->dims[i];
    return over;
}

/* Two buffers that hold a chunk on its way through the filters, kept for the next dataset. */
static bool get_scratch(const struct hdf5 *file, uint64_t bytes, struct trouble *trouble) {
    struct hdf5_state *state = file->state;
    if (bytes <= state->scratch_bytes) return true;
    state->scratch_bytes = 0;
    for (unsigned i = 0; i < 2; i++) {
        state->scratch[i] = pool_get(file->pool, bytes, 1, trouble);
        if (!state->scratch[i]) return false;
    }
    state->scratch_bytes = bytes;
    return true;
}

static uint8_t *assemble(const struct hdf5 *file, const struct hdf5_chunks *c,
                         const struct hdf5_filters *filters, struct trouble *trouble) {
    const uint64_t bytes = fovea_product(c->value->count, c->value->size);
    uint64_t place[HDF5_RANK_MAX] = {0};
    const uint64_t all = fovea_product(c->count, c->bytes);
    if (!hdf5_spend(file, all / INFLATE_STEP, trouble)) return NULL;
    if (filters->count > 0 && !get_scratch(file, c->bytes + 4 * HDF5_FILTERS_MAX, trouble))
        return NULL;
    uint8_t *contents = pool_get(file->pool, bytes, 1, trouble);
    file->state->storage -= all;
    for (uint64_t i = 0; contents && i < c->count; i++, hdf5_next_place(c, place)) {
        const uint8_t *chunk =
            hdf5_unfilter(file, filters, &c->chunks[i], c->bytes, file->state->scratch, trouble);
        if (!chunk) return NULL;
        copy_chunk(c, place, chunk, contents);
    }
    return contents;
}

static bool get_table(const struct hdf5 *file, struct hdf5_chunks *c, struct trouble *trouble) {
    /* a chunk and its place in the index take more than 4 bytes of the file */
    if (c->count > file->bytes.size / 4)
        return hdf5_fail(file, HDF5_UNDEFINED, trouble,
                         "H-117 the file is too short to hold %llu chunks",
                         (unsigned long long)c->count);
    if (!hdf5_spend(file, c->count * sizeof *c->chunks, trouble)) return false;
    c->chunks = pool_get(file->pool, c->count, sizeof *c->chunks, trouble);
    for (uint64_t i = 0; c->chunks && i < c->count; i++) c->chunks[i].address = HDF5_UNDEFINED;
    return c->chunks != NULL;
}

static void leave_edges_alone(const struct hdf5_chunks *c) {
    uint64_t place[HDF5_RANK_MAX] = {0};
    for (uint64_t i = 0; i < c->count; i++, hdf5_next_place(c, place))
        if (reaches_over(c, place)) c->chunks[i].mask = UINT32_MAX;
}

bool hdf5_read_chunked(const struct hdf5 *file, struct hdf5_header *header, unsigned version,
                       struct fovea_bytes body, const uint64_t maxima[HDF5_RANK_MAX],
                       struct hdf5_value *value, struct trouble *trouble) {
    struct hdf5_chunks c = {.value = value};
    struct hdf5_filters filters = {.count = 0};
    const struct hdf5_message *message;
    uint64_t tree = HDF5_UNDEFINED;
    unsigned flags;
    if (value->count == 0) header->contents = file->bytes.start;
    value->data = header->contents;
    if (value->data) return true;
    memcpy(c.maxima, maxima, sizeof c.maxima);
    if (!hdf5_message(file, header, HDF5_FILTERS, &message, trouble) ||
        (message && !hdf5_read_filters(file, message->body, &filters, trouble)) ||
        !read_sizes(file, version, &body, &c, &flags, &tree, trouble) ||
        !get_table(file, &c, trouble) ||
        !(version == 4 ? hdf5_read_index(file, flags, body, &c, trouble)
                       : hdf5_read_chunk_tree(file, tree, &c, trouble)))
        return false;
    if (flags & EDGES_UNFILTERED) leave_edges_alone(&c);
    if (!check_chunks(file, &c, &filters, trouble)) return false;
    value->data = header->contents = assemble(file, &c, &filters, trouble);
    return value->data != NULL;
}
