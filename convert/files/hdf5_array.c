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
#include "convert/files/hdf5_internal.h"

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

/* What stands in the block at `address`, `bytes` bytes between its owner and its checksum. */
static struct fovea_bytes open_block(const struct array *array, uint64_t address,
                                     const char *signature, uint64_t bytes) {
    const struct hdf5 *file = array->file;
    const uint64_t length = fovea_sum(bytes, 10 + file->offset_bytes);
    struct fovea_bytes b =
        hdf5_checked_block(file, address, length, signature, "chunk array", array->trouble);
    if (b.failed) return b;
    unsigned version = fovea_read8(&b), client = fovea_read8(&b);
    uint64_t owner = hdf5_read_offset(file, &b);
    b.failed = version != 0 || client != array->client || owner != array->header;
    if (b.failed)
        hdf5_fail(file, address, array->trouble,
                  "H-126 a block that does not belong to its chunk array");
    return b;
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

static uint64_t page_elements(const struct array *array) {
    return UINT64_C(1) << array->page_bits;
}

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
                         "H-128 the checksum of the page does not match");
    return read_elements(array, &elements, count);
}

/* The pages with `count` elements that stand behind their block; those of which the bit is not set were
 * never written. */
static bool read_pages(struct array *array, const struct fovea_bytes *block, uint64_t count,
                       const struct fovea_bytes *written, uint64_t first_bit) {
    const uint64_t most = page_elements(array);
    uint64_t address = hdf5_address(array->file, block) + fovea_left(block) + 4;
    for (uint64_t page = 0; count > 0; page++) {
        uint64_t here = count < most ? count : most;
        uint64_t bytes = fovea_sum(fovea_product(here, array->element_bytes), 4);
        if (bit(written, first_bit + page)) {
            if (!read_page(array, address, bytes, here)) return false;
        } else {
            array->next += here;
        }
        address = fovea_sum(address, bytes);
        count -= here;
    }
    return true;
}

/* ---- fixed arrays ---- */

static bool read_fixed_block(struct array *array, uint64_t address) {
    const uint64_t most = page_elements(array);
    const uint64_t pages = array->count / most + (array->count % most != 0);
    const bool paged = pages > 1;
    uint64_t bytes =
        paged ? pages / 8 + (pages % 8 != 0) : fovea_product(array->count, array->element_bytes);
    struct fovea_bytes b = open_block(array, address, "FADB", bytes);
    if (b.failed) return false;
    if (!paged) return read_elements(array, &b, array->count);
    struct fovea_bytes written = fovea_take_part(&b, bytes);
    return read_pages(array, &b, array->count, &written, 0);
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
    const bool paged = count > page_elements(array);
    if (address == HDF5_UNDEFINED) {
        array->next += count;
        return true;
    }
    uint64_t elements = paged ? 0 : fovea_product(count, array->element_bytes);
    struct fovea_bytes b =
        open_block(array, address, "EADB", fovea_sum(elements, array->offset_bytes));
    fovea_skip(&b, array->offset_bytes);
    if (b.failed) return false;
    if (!paged) return read_elements(array, &b, count);
    return read_pages(array, &b, count, written, first_bit);
}

static bool read_super_block(struct array *array, uint64_t address, unsigned n) {
    const struct hdf5 *file = array->file;
    const uint64_t blocks = data_blocks(n), elements = block_elements(array, n);
    const uint64_t pages = elements >> array->page_bits, bitmap = pages > 1 ? (pages + 7) / 8 : 0;
    if (address == HDF5_UNDEFINED) {
        array->next += blocks * elements;
        return true;
    }
    uint64_t bytes = fovea_product(blocks, bitmap + file->offset_bytes);
    struct fovea_bytes b =
        open_block(array, address, "EASB", fovea_sum(bytes, array->offset_bytes));
    fovea_skip(&b, array->offset_bytes);
    struct fovea_bytes written = fovea_take_part(&b, fovea_product(blocks, bitmap));
    if (b.failed) return false;
    for (uint64_t i = 0; i < blocks && array->next < array->count; i++)
        if (!read_data_block(array, hdf5_read_offset(file, &b), elements, &written, pages * i))
            return false;
    return true;
}

static bool read_index_block(struct array *array, uint64_t address) {
    const struct hdf5 *file = array->file;
    const unsigned direct = 2 * hdf5_log2(array->min_pointers); /* super blocks without a block */
    const unsigned supers = 1 + array->bits - hdf5_log2(array->min_elements);
    uint64_t pointers = 2 * (array->min_pointers - 1) + (supers - direct);
    uint64_t elements = fovea_product(array->index_elements, array->element_bytes);
    uint64_t bytes = fovea_sum(elements, fovea_product(pointers, file->offset_bytes));
    struct fovea_bytes none = {NULL, 0, 0, true};
    struct fovea_bytes b = open_block(array, address, "EAIB", bytes);
    if (b.failed || !read_elements(array, &b, array->index_elements)) return false;
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
    unsigned direct = hdf5_log2(array.min_pointers), smallest = hdf5_log2(array.min_elements);
    if (array.bits > 60 || direct > 7 || smallest > array.bits ||
        2 * direct > 1 + array.bits - smallest)
        return hdf5_fail(file, address, to->trouble,
                         "H-133 the sizes of the chunk array are impossible");
    return block == HDF5_UNDEFINED || read_index_block(&array, block);
}
