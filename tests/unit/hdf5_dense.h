/* Links and attributes in dense storage, written by hand: a fractal heap with direct, indirect and huge
 * objects, and the B-tree that names them. */
#ifndef FOVEA_TESTS_HDF5_DENSE_H
#define FOVEA_TESTS_HDF5_DENSE_H

#include "tests/unit/hdf5_writer.h"

#include <stdio.h>

/* Blocks of 128 bytes, two in a row, up to 256 bytes for direct ones, in a heap of 64 KiB:
 * rows 0 and 1 hold 128 bytes per block, row 2 256, row 3 indirect blocks of two rows. */
enum { DENSE_ROWS = 4, DENSE_WIDTH = 2, DENSE_START = 128, DENSE_OBJECTS = 5 };

/* Offsets of the blocks that are there, one object in each. */
static const struct {
    uint64_t offset, size;
} dense_blocks[DENSE_OBJECTS - 1] = {{0, 128}, {384, 128}, {512, 256}, {1024 + 512 + 128, 128}};

struct dense {
    struct writer w;
    bool attributes;              /* or links */
    bool one_block;               /* the root is a direct block */
    unsigned width;               /* bytes of addresses and lengths; 0: 8 */
    unsigned bits;                /* of offsets in the heap; 0: 16 */
    unsigned id_flaw;             /* added to the kind of the first identifier */
    uint64_t place_flaw;          /* added to its offset */
    unsigned huge_flaw;           /* taken from the number of the huge object */
    unsigned record_flaw;         /* bytes that its record lacks */
    unsigned index_flaw;          /* and those that name objects */
    uint64_t heap, index, sealed; /* all bytes from `sealed` on are covered by checksums */
};

W_INLINE unsigned dense_offset_bytes(const struct dense *d) {
    return d->bits ? (d->bits + 7) / 8 : 2;
}
W_INLINE unsigned dense_width(const struct dense *d) {
    return d->width ? d->width : 8;
}

W_INLINE uint64_t dense_put_prefix(struct dense *d, const char *signature, uint64_t offset) {
    uint64_t start = w_text(&d->w, signature);
    w_put(&d->w, 1, 0);
    w_word(&d->w, d->heap);
    w_put(&d->w, dense_offset_bytes(d), offset);
    return start;
}

W_INLINE uint64_t dense_put_direct(struct dense *d, uint64_t offset, uint64_t size,
                                   const uint8_t *object, size_t length) {
    struct writer *w = &d->w;
    uint64_t start = dense_put_prefix(d, "FHDB", offset), sum = w_put(w, 4, 0);
    w_bytes(w, object, length);
    while (w->size < start + size) w_put(w, 1, 0);
    w_set(w, sum, 4, hdf5_checksum(fovea_bytes_of(w->bytes + start, (size_t)size)));
    return start;
}

W_INLINE uint64_t dense_put_indirect(struct dense *d, uint64_t offset, const uint64_t *children,
                                     unsigned count) {
    struct writer *w = &d->w;
    uint64_t start = dense_put_prefix(d, "FHIB", offset);
    for (unsigned i = 0; i < count; i++) w_word(w, children[i]);
    w_seal(w, start);
    return start;
}

/* The message that object i is. */
W_INLINE size_t dense_object(const struct dense *d, unsigned i, uint64_t header, uint8_t *bytes) {
    struct writer w = {.bytes = bytes, .latest = true, .width = d->width};
    char name[16];
    snprintf(name, sizeof name, "object%u", i);
    const uint64_t count = i == DENSE_OBJECTS - 1 ? 200 : 1;
    static uint8_t values[200];
    memset(values, (int)(10 + i), sizeof values);
    const struct w_link link = {name, header};
    if (d->attributes)
        w_attribute_body(&w, name, W_U1, 0, false, 1, &count, values, (size_t)count);
    else
        w_link_body(&w, &link);
    return w.size;
}

W_INLINE void dense_put_heap_header(struct dense *d, uint64_t root, uint64_t huge) {
    struct writer *w = &d->w;
    const size_t end = w->size;
    w->size = (size_t)d->heap;
    w_text(w, "FRHP");
    w_put(w, 1, 0);
    w_put(w, 2, d->attributes ? 8 : 7);
    w_put(w, 2, 0);
    w_put(w, 1, 2);
    w_put(w, 4, 200);
    w_word(w, 2);
    w_word(w, huge);
    for (int i = 0; i < 10; i++) w_word(w, i == 1 ? W_UNDEF : 0);
    w_put(w, 2, DENSE_WIDTH);
    w_word(w, DENSE_START);
    w_word(w, 256);
    w_put(w, 2, d->bits ? d->bits : 16);
    w_put(w, 2, 1);
    w_word(w, root);
    w_put(w, 2, d->one_block ? 0 : DENSE_ROWS);
    w_seal(w, d->heap);
    w->size = end;
}

W_INLINE uint64_t dense_put_tree_header(struct writer *w, unsigned type, unsigned record,
                                        uint64_t root, unsigned count) {
    uint64_t start = w_text(w, "BTHD");
    w_put(w, 1, 0);
    w_put(w, 1, type);
    w_put(w, 4, 512);
    w_put(w, 2, record);
    w_put(w, 4, 0x28640000);
    w_word(w, root);
    w_put(w, 2, count);
    w_word(w, count);
    w_seal(w, start);
    return start;
}

/* The huge object, and the tree that finds it; *at and *length of it go into its identifier where that
 * has room for both. */
W_INLINE uint64_t dense_put_huge(struct dense *d, uint64_t header, uint64_t *at, size_t *length) {
    uint8_t bytes[512];
    struct writer *w = &d->w;
    *length = dense_object(d, DENSE_OBJECTS - 1, header, bytes);
    *at = w_bytes(w, bytes, *length);
    d->sealed = w->size;
    uint64_t leaf = w_text(w, "BTLF");
    w_put(w, 2, 0x0100);
    w_word(w, *at);
    w_word(w, *length);
    w_word(w, 1);
    w->size -= d->record_flaw;
    w_seal(w, leaf);
    return dense_put_tree_header(w, 1, 3 * dense_width(d) - d->record_flaw, leaf, 1);
}

W_INLINE void dense_put_records(struct dense *d, const size_t *lengths, uint64_t huge_at,
                                unsigned count) {
    const unsigned id_bytes = d->attributes ? 8 : 7;
    const uint64_t prefix = 9 + dense_width(d) + dense_offset_bytes(d);
    struct writer *w = &d->w;
    uint64_t leaf = w_text(w, "BTLF");
    w_put(w, 1, 0);
    w_put(w, 1, d->attributes ? 8 : 5);
    for (unsigned i = 0; i < count; i++) {
        const bool huge = i == DENSE_OBJECTS - 1;
        uint8_t bytes[24] = {0};
        struct writer id = {.bytes = bytes, .width = d->width};
        w_put(&id, 1, (huge ? 0x10u : 0) + (i == 0 ? d->id_flaw : 0));
        if (huge && 2 * dense_width(d) < id_bytes) {
            w_word(&id, huge_at);
            w_word(&id, lengths[i]);
        } else if (huge) {
            w_put(&id, 4, 1 - d->huge_flaw);
        } else {
            w_put(&id, dense_offset_bytes(d),
                  dense_blocks[i].offset + prefix + (i == 0 ? d->place_flaw : 0));
            w_put(&id, 1, lengths[i]);
        }
        if (!d->attributes) w_put(w, 4, 0);
        w_bytes(w, bytes, id_bytes);
        if (d->attributes) w_put(w, 8, 0), w_put(w, 1, 0);
        w->size -= d->index_flaw;
    }
    w_seal(w, leaf);
    d->index = dense_put_tree_header(w, d->attributes ? 8 : 5,
                                     (d->attributes ? 17 : 11) - d->index_flaw, leaf, count);
}

/* `bytes_of_file`: W_ROOM of them */
W_INLINE void dense_make(struct dense *d, uint8_t *bytes_of_file) {
    struct writer *w = &d->w;
    const uint8_t number = 3;
    uint8_t bytes[512];
    size_t lengths[DENSE_OBJECTS] = {0};
    uint64_t direct[DENSE_OBJECTS - 1], root, huge = W_UNDEF, huge_at = 0;
    const unsigned count = d->one_block ? 1 : DENSE_OBJECTS;
    w_begin(w, bytes_of_file, true);
    w->width = d->width;
    const uint64_t target = w_compact(w, W_U1, 0, NULL, &number, 1);
    if (count > 1) huge = dense_put_huge(d, target, &huge_at, &lengths[DENSE_OBJECTS - 1]);
    d->heap = w->size;
    w->size += 26 + 15 * dense_width(d);
    for (unsigned i = 0; i < DENSE_OBJECTS - 1 && i < count; i++) {
        lengths[i] = dense_object(d, i, target, bytes);
        direct[i] =
            dense_put_direct(d, dense_blocks[i].offset, dense_blocks[i].size, bytes, lengths[i]);
    }
    root = direct[0];
    if (!d->one_block) {
        const uint64_t inner[4] = {W_UNDEF, direct[3], W_UNDEF, W_UNDEF};
        const uint64_t below = dense_put_indirect(d, 1024 + 512, inner, 4);
        const uint64_t outer[DENSE_ROWS * DENSE_WIDTH] = {direct[0], W_UNDEF, W_UNDEF, direct[1],
                                                          direct[2], W_UNDEF, W_UNDEF, below};
        root = dense_put_indirect(d, 0, outer, DENSE_ROWS * DENSE_WIDTH);
    }
    dense_put_heap_header(d, root, huge);
    dense_put_records(d, lengths, huge_at, count);
    uint64_t start = w_header(w), m = w_message(w, HDF5_LINK_INFO);
    w_put(w, 2, 0);
    w_word(w, d->attributes ? W_UNDEF : d->heap);
    w_word(w, d->attributes ? W_UNDEF : d->index);
    w_message_end(w, m);
    if (d->attributes) {
        m = w_message(w, HDF5_ATTRIBUTE_INFO);
        w_put(w, 2, 0);
        w_word(w, d->heap);
        w_word(w, d->index);
        w_message_end(w, m);
    }
    w_header_end(w, start, 0);
    w_end(w, start);
}

#endif
