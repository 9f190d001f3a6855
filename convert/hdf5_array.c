/* Arrays that hold the address of each numbered chunk (specification, appendix C).
 *
 * Element: address O, [client 1: bytes stored, filter mask 4]
 * Fixed array:
 *   header: "FAHD", version 1, client 1 (0: chunks, 1: filtered chunks), size of an element 1, page bits 1,
 *   elements L, data block O, checksum 4
 *   data block: "FADB", version 1, client 1, header O, elements, checksum 4. With more than 2^page bits
 *   elements: a bit per page (set: written) in place of the elements, checksum 4, then the pages, each
 *   with a checksum 4 of its own
 * Extensible array:
 *   header: "EAHD", version 1, client 1, size of an element 1, bits of the largest number 1, elements in
 *   the index block 1, smallest data block 1, smallest number of pointers 1, page bits 1, six counts L
 *   (the fifth: largest number set + 1), index block O, checksum 4
 *   index block: "EAIB", version 1, client 1, header O, elements, data blocks O, super blocks O, checksum 4
 *   super block: "EASB", version 1, client 1, header O, offset, a bit per page of each data block if
 *   these have pages, data blocks O, checksum 4
 *   data block: "EADB", version 1, client 1, header O, offset, then as above
 *   Super block n stands for 2^(n/2) data blocks of 2^((n+1)/2) smallest data blocks each; the data
 *   blocks of the first ones are named in the index block itself. */
#include "convert/hdf5_internal.h"

struct array {
    const struct hdf5_elements *to;
    const struct hdf5 *file;
    struct trouble *trouble;
    uint64_t header;
    unsigned client, element_bytes, page_bits;
    uint64_t count; /* numbers in use */
    uint64_t next;  /* number of the next element to be read */
    /* extensible arrays */
    unsigned bits, offset_bytes, index_elements, min_elements, min_pointers;
};

static bool read_element(struct array *array, struct fovea_bytes b) {
    const unsigned plain = array->file->offset_bytes;
    uint64_t number = array->next++;
    struct hdf5_chunk chunk = {.stored = array->to->plain_bytes};
    chunk.address = hdf5_read_offset(array->file, &b);
    if (array->client == 1) {
        chunk.stored = fovea_read(&b, array->element_bytes - plain - 4);
        chunk.mask = fovea_read32(&b);
    }
    if (chunk.address == HDF5_UNDEFINED || number >= array->count) return true;
    return array->to->element(array->to->context, number, &chunk);
}

static bool read_elements(struct array *array, struct fovea_bytes *b, uint64_t count) {
    for (uint64_t i = 0; i < count; i++)
        if (!read_element(array, fovea_take_part(b, array->element_bytes))) return false;
    return !b->failed;
}

/* Version, client and owner, which all blocks begin with. */
static bool check_prefix(struct array *array, struct fovea_bytes *b) {
    uint64_t at = hdf5_address(array->file, b);
    unsigned version = fovea_read8(b), client = fovea_read8(b);
    uint64_t owner = hdf5_read_offset(array->file, b);
    if (!b->failed && version == 0 && client == array->client && owner == array->header)
        return true;
    return hdf5_fail(array->file, at, array->trouble,
                     "H-126 a block that does not belong to its chunk array");
}

static bool check_element(struct array *array, unsigned version) {
    const unsigned plain = array->file->offset_bytes, width = array->element_bytes - plain - 4;
    bool good = array->client == 0 ? array->element_bytes == plain
                                   : array->client == 1 && width >= 1 && width <= 8;
    if (version == 0 && good && array->page_bits < 64) return true;
    return hdf5_fail(array->file, array->header, array->trouble,
                     "H-127 a chunk array of version %u, client %u, elements of %u bytes", version,
                     array->client, array->element_bytes);
}

/* ---- pages ---- */

static bool bit(const struct fovea_bytes *bits, uint64_t index) {
    struct fovea_bytes byte = fovea_part(bits, index / 8, 1);
    return fovea_read8(&byte) >> (7 - index % 8) & 1;
}

/* A page has no signature, only a checksum, which is part of `bytes`. */
static bool read_page(struct array *array, uint64_t address, uint64_t bytes, uint64_t count) {
    const struct hdf5 *file = array->file;
    struct fovea_bytes b =
        hdf5_block(file, address, bytes, "page of a chunk array", array->trouble);
    struct fovea_bytes elements = fovea_take_part(&b, bytes - 4);
    uint32_t stored = fovea_read32(&b);
    if (b.failed) return false;
    if (hdf5_checksum(elements) != stored)
        return hdf5_fail(file, address, array->trouble,
                         "H-128 the checksum of the page does not fit");
    return read_elements(array, &elements, count);
}

/* `count` elements in pages from `address` on; those of which the bit is not set were never written. */
static bool read_pages(struct array *array, uint64_t address, uint64_t count,
                       const struct fovea_bytes *written, uint64_t first_bit) {
    const uint64_t most = UINT64_C(1) << array->page_bits;
    for (uint64_t page = 0; count > 0; page++) {
        uint64_t here = count < most ? count : most, bytes, end;
        if (!fovea_multiply(here, array->element_bytes, &bytes) || !fovea_add(bytes, 4, &bytes) ||
            !fovea_add(address, bytes, &end))
            return hdf5_fail(array->file, address, array->trouble,
                             "H-129 the chunk array is too large");
        if (bit(written, first_bit + page)) {
            if (!read_page(array, address, bytes, here)) return false;
        } else {
            array->next += here;
        }
        address = end;
        count -= here;
    }
    return true;
}

/* ---- fixed arrays ---- */

static bool read_fixed_block(struct array *array, uint64_t address) {
    const struct hdf5 *file = array->file;
    const uint64_t prefix = 6 + file->offset_bytes;
    uint64_t pages = array->count >> array->page_bits;
    const bool paged = array->count > UINT64_C(1) << array->page_bits;
    pages += (array->count & ((UINT64_C(1) << array->page_bits) - 1)) != 0;
    uint64_t bytes = pages / 8 + (pages % 8 != 0), length;
    if ((!paged && !fovea_multiply(array->count, array->element_bytes, &bytes)) ||
        !fovea_add(bytes, prefix + 4, &length))
        return hdf5_fail(file, array->header, array->trouble, "H-130 the chunk array is too large");
    struct fovea_bytes b =
        hdf5_checked_block(file, address, length, "FADB", "chunk array", array->trouble);
    if (b.failed || !check_prefix(array, &b)) return false;
    if (!paged) return read_elements(array, &b, array->count);
    struct fovea_bytes written = fovea_take_part(&b, bytes);
    return read_pages(array, address + length, array->count, &written, 0);
}

bool hdf5_read_fixed_array(const struct hdf5_elements *to, uint64_t address) {
    const struct hdf5 *file = to->file;
    struct array array = {.to = to, .file = file, .trouble = to->trouble, .header = address};
    uint64_t length = 12 + file->length_bytes + file->offset_bytes;
    struct fovea_bytes b =
        hdf5_checked_block(file, address, length, "FAHD", "chunk array", to->trouble);
    if (b.failed) return false;
    unsigned version = fovea_read8(&b);
    array.client = fovea_read8(&b);
    array.element_bytes = fovea_read8(&b);
    array.page_bits = fovea_read8(&b);
    array.count = hdf5_read_length(file, &b);
    uint64_t block = hdf5_read_offset(file, &b);
    if (!check_element(&array, version)) return false;
    return block == HDF5_UNDEFINED || read_fixed_block(&array, block);
}

/* ---- extensible arrays ---- */

/* What super block n stands for. */
static uint64_t data_blocks(unsigned n) {
    return UINT64_C(1) << n / 2;
}
static uint64_t block_elements(const struct array *array, unsigned n) {
    return (UINT64_C(1) << (n + 1) / 2) * array->min_elements;
}

static bool read_data_block(struct array *array, uint64_t address, uint64_t count,
                            const struct fovea_bytes *written, uint64_t first_bit) {
    const struct hdf5 *file = array->file;
    uint64_t prefix = 6 + file->offset_bytes + array->offset_bytes, bytes, length;
    const bool paged = count > UINT64_C(1) << array->page_bits;
    if (address == HDF5_UNDEFINED) {
        array->next += count;
        return true;
    }
    if (!fovea_multiply(paged ? 0 : count, array->element_bytes, &bytes) ||
        !fovea_add(bytes, prefix + 4, &length))
        return hdf5_fail(file, address, array->trouble, "H-131 the chunk array is too large");
    struct fovea_bytes b =
        hdf5_checked_block(file, address, length, "EADB", "chunk array", array->trouble);
    if (b.failed || !check_prefix(array, &b)) return false;
    fovea_skip(&b, array->offset_bytes);
    if (!paged) return read_elements(array, &b, count);
    return read_pages(array, address + length, count, written, first_bit);
}

static bool read_super_block(struct array *array, uint64_t address, unsigned n) {
    const struct hdf5 *file = array->file;
    const uint64_t blocks = data_blocks(n), elements = block_elements(array, n);
    const uint64_t pages = elements >> array->page_bits, bitmap = pages > 1 ? (pages + 7) / 8 : 0;
    uint64_t prefix = 6 + file->offset_bytes + array->offset_bytes, bits, pointers, length;
    if (address == HDF5_UNDEFINED) {
        array->next += blocks * elements;
        return true;
    }
    if (!fovea_multiply(blocks, bitmap, &bits) ||
        !fovea_multiply(blocks, file->offset_bytes, &pointers) ||
        !fovea_add(bits, pointers, &length) || !fovea_add(length, prefix + 4, &length))
        return hdf5_fail(file, address, array->trouble, "H-132 the chunk array is too large");
    struct fovea_bytes b =
        hdf5_checked_block(file, address, length, "EASB", "chunk array", array->trouble);
    if (b.failed || !check_prefix(array, &b)) return false;
    fovea_skip(&b, array->offset_bytes);
    struct fovea_bytes written = fovea_take_part(&b, bits);
    for (uint64_t i = 0; i < blocks && array->next < array->count; i++)
        if (!read_data_block(array, hdf5_read_offset(file, &b), elements, &written, pages * i))
            return false;
    return !b.failed;
}

/* The bits of powers of two up to `value`; 64 where it is none. */
static unsigned log_of(unsigned value) {
    unsigned log = 0;
    while (log < 31 && value >> log > 1) log++;
    return value == 1u << log ? log : 64;
}

static bool read_index_block(struct array *array, uint64_t address) {
    const struct hdf5 *file = array->file;
    const unsigned direct = 2 * log_of(array->min_pointers); /* super blocks without a block */
    const unsigned supers = 1 + array->bits - log_of(array->min_elements);
    uint64_t pointers = 2 * (array->min_pointers - 1) + (supers - direct);
    uint64_t length = 10 + file->offset_bytes +
                      (uint64_t)array->index_elements * array->element_bytes +
                      pointers * file->offset_bytes;
    struct fovea_bytes none = {NULL, 0, 0, true};
    struct fovea_bytes b =
        hdf5_checked_block(file, address, length, "EAIB", "chunk array", array->trouble);
    if (b.failed || !check_prefix(array, &b) || !read_elements(array, &b, array->index_elements))
        return false;
    for (unsigned n = 0; n < direct; n++)
        for (uint64_t i = 0; i < data_blocks(n); i++)
            if (!read_data_block(array, hdf5_read_offset(file, &b), block_elements(array, n), &none,
                                 0))
                return false;
    for (unsigned n = direct; n < supers && array->next < array->count; n++)
        if (!read_super_block(array, hdf5_read_offset(file, &b), n)) return false;
    return true;
}

bool hdf5_read_extensible_array(const struct hdf5_elements *to, uint64_t address) {
    const struct hdf5 *file = to->file;
    struct array array = {.to = to, .file = file, .trouble = to->trouble, .header = address};
    uint64_t length = 16 + 6 * file->length_bytes + file->offset_bytes;
    struct fovea_bytes b =
        hdf5_checked_block(file, address, length, "EAHD", "chunk array", to->trouble);
    if (b.failed) return false;
    unsigned version = fovea_read8(&b);
    array.client = fovea_read8(&b);
    array.element_bytes = fovea_read8(&b);
    array.bits = fovea_read8(&b);
    array.index_elements = fovea_read8(&b);
    array.min_elements = fovea_read8(&b);
    array.min_pointers = fovea_read8(&b);
    array.page_bits = fovea_read8(&b);
    fovea_skip(&b, 4 * file->length_bytes);
    array.count = hdf5_read_length(file, &b);
    fovea_skip(&b, file->length_bytes);
    uint64_t block = hdf5_read_offset(file, &b);
    array.offset_bytes = (array.bits + 7) / 8;
    if (!check_element(&array, version)) return false;
    unsigned direct = log_of(array.min_pointers), smallest = log_of(array.min_elements);
    if (array.bits > 60 || direct > 7 || smallest > array.bits ||
        2 * direct > 1 + array.bits - smallest)
        return hdf5_fail(file, address, to->trouble,
                         "H-133 the sizes of the chunk array are impossible");
    return block == HDF5_UNDEFINED || read_index_block(&array, block);
}
