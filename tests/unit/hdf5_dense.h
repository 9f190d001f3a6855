/* Links and attributes in dense storage, written by hand: a fractal heap with direct, indirect and huge
 * objects, and the B-tree that names them. */
#ifndef FOVEA_TESTS_HDF5_DENSE_H
#define FOVEA_TESTS_HDF5_DENSE_H

#include "tests/unit/hdf5_writer.h"

#include <stdio.h>

/* Blocks of 128 bytes, two in a row, up to 256 bytes for direct ones, in a heap of 64 KiB:
 * rows 0 and 1 hold 128 bytes per block, row 2 256, row 3 indirect blocks of two rows. */
enum { DENSE_ROWS = 4, DENSE_WIDTH = 2, DENSE_START = 128, DENSE_PREFIX = 19, DENSE_OBJECTS = 5 };

/* Offsets of the blocks that are there, one object in each. */
static const struct {
    uint64_t offset, size;
} dense_blocks[DENSE_OBJECTS - 1] = {{0, 128}, {384, 128}, {512, 256}, {1024 + 512 + 128, 128}};

struct dense {
    struct writer w;
    bool attributes;              /* or links */
    bool one_block;               /* the root is a direct block */
    unsigned id_flaw;             /* added to the kind of the first identifier */
    uint64_t place_flaw;          /* added to its offset */
    uint64_t heap, index, sealed; /* all bytes from `sealed` on are covered by checksums */
};

W_INLINE uint64_t dense_put_direct(struct writer *w, uint64_t heap, uint64_t offset, uint64_t size,
                                   const uint8_t *object, size_t length) {
    uint64_t start = w_text(w, "FHDB");
    w_put(w, 1, 0);
    w_put(w, 8, heap);
    w_put(w, 2, offset);
    w_put(w, 4, 0);
    w_bytes(w, object, length);
    while (w->size < start + size) w_put(w, 1, 0);
    w_set(w, start + 15, 4, hdf5_checksum(fovea_bytes_of(w->bytes + start, (size_t)size)));
    return start;
}

W_INLINE uint64_t dense_put_indirect(struct writer *w, uint64_t heap, uint64_t offset,
                                     const uint64_t *children, unsigned count) {
    uint64_t start = w_text(w, "FHIB");
    w_put(w, 1, 0);
    w_put(w, 8, heap);
    w_put(w, 2, offset);
    for (unsigned i = 0; i < count; i++) w_put(w, 8, children[i]);
    w_seal(w, start);
    return start;
}

/* The message that object i is. */
W_INLINE size_t dense_object(const struct dense *d, unsigned i, uint64_t header, uint8_t *bytes) {
    struct writer w = {.bytes = bytes, .latest = true};
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
    w_put(w, 8, 2);
    w_put(w, 8, huge);
    for (int i = 0; i < 10; i++) w_put(w, 8, i == 1 ? W_UNDEF : 0);
    w_put(w, 2, DENSE_WIDTH);
    w_put(w, 8, DENSE_START);
    w_put(w, 8, 256);
    w_put(w, 2, 16);
    w_put(w, 2, 1);
    w_put(w, 8, root);
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
    w_put(w, 8, root);
    w_put(w, 2, count);
    w_put(w, 8, count);
    w_seal(w, start);
    return start;
}

W_INLINE uint64_t dense_put_huge(struct dense *d, uint64_t header) {
    uint8_t bytes[512];
    struct writer *w = &d->w;
    const size_t length = dense_object(d, DENSE_OBJECTS - 1, header, bytes);
    uint64_t at = w_bytes(w, bytes, length);
    d->sealed = w->size;
    uint64_t leaf = w_text(w, "BTLF");
    w_put(w, 2, 0x0100);
    w_put(w, 8, at);
    w_put(w, 8, length);
    w_put(w, 8, 1);
    w_seal(w, leaf);
    return dense_put_tree_header(w, 1, 24, leaf, 1);
}

W_INLINE void dense_put_records(struct dense *d, const size_t *lengths, unsigned count) {
    struct writer *w = &d->w;
    uint64_t leaf = w_text(w, "BTLF");
    w_put(w, 1, 0);
    w_put(w, 1, d->attributes ? 8 : 5);
    for (unsigned i = 0; i < count; i++) {
        const bool huge = i == DENSE_OBJECTS - 1;
        if (!d->attributes) w_put(w, 4, 0);
        w_put(w, 1, (huge ? 0x10u : 0) + (i == 0 ? d->id_flaw : 0));
        if (huge) {
            w_put(w, 4, 1);
        } else {
            w_put(w, 2, dense_blocks[i].offset + DENSE_PREFIX + (i == 0 ? d->place_flaw : 0));
            w_put(w, 1, lengths[i]);
            w_put(w, 1, 0);
        }
        w_put(w, 2, 0);
        if (d->attributes) w_put(w, 8, 0), w_put(w, 2, 0);
    }
    w_seal(w, leaf);
    d->index =
        dense_put_tree_header(w, d->attributes ? 8 : 5, d->attributes ? 17 : 11, leaf, count);
}

/* `bytes_of_file`: W_ROOM of them */
W_INLINE void dense_make(struct dense *d, uint8_t *bytes_of_file) {
    struct writer *w = &d->w;
    const uint8_t number = 3;
    uint8_t bytes[512];
    size_t lengths[DENSE_OBJECTS] = {0};
    uint64_t direct[DENSE_OBJECTS - 1], root;
    const unsigned count = d->one_block ? 1 : DENSE_OBJECTS;
    w_begin(w, bytes_of_file, true);
    const uint64_t target = w_compact(w, W_U1, 0, NULL, &number, 1);
    uint64_t huge = count > 1 ? dense_put_huge(d, target) : W_UNDEF;
    d->heap = w->size;
    w->size += 146;
    for (unsigned i = 0; i < DENSE_OBJECTS - 1 && i < count; i++) {
        lengths[i] = dense_object(d, i, target, bytes);
        direct[i] = dense_put_direct(w, d->heap, dense_blocks[i].offset, dense_blocks[i].size,
                                     bytes, lengths[i]);
    }
    root = direct[0];
    if (!d->one_block) {
        const uint64_t inner[4] = {W_UNDEF, direct[3], W_UNDEF, W_UNDEF};
        const uint64_t below = dense_put_indirect(w, d->heap, 1024 + 512, inner, 4);
        const uint64_t outer[DENSE_ROWS * DENSE_WIDTH] = {direct[0], W_UNDEF, W_UNDEF, direct[1],
                                                          direct[2], W_UNDEF, W_UNDEF, below};
        root = dense_put_indirect(w, d->heap, 0, outer, DENSE_ROWS * DENSE_WIDTH);
    }
    dense_put_heap_header(d, root, huge);
    dense_put_records(d, lengths, count);
    uint64_t start = w_header(w), m = w_message(w, HDF5_LINK_INFO);
    w_put(w, 2, 0);
    w_put(w, 8, d->attributes ? W_UNDEF : d->heap);
    w_put(w, 8, d->attributes ? W_UNDEF : d->index);
    w_message_end(w, m);
    if (d->attributes) {
        m = w_message(w, HDF5_ATTRIBUTE_INFO);
        w_put(w, 2, 0);
        w_put(w, 8, d->heap);
        w_put(w, 8, d->index);
        w_message_end(w, m);
    }
    w_header_end(w, start, 0);
    w_end(w, start);
}

#endif
