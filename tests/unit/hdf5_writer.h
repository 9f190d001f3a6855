/* Writes small HDF5 files for the tests: old style (superblock 0, headers 1, symbol tables) or new style
 * (superblock 2, headers 2, links as messages, checksums). Objects are written before what refers to
 * them; each function gives the address of what it wrote. Its own code and, but for the checksum, none of
 * the reader's, so that a misunderstanding shows. */
#ifndef FOVEA_TESTS_HDF5_WRITER_H
#define FOVEA_TESTS_HDF5_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "convert/files/hdf5_internal.h"

#ifndef W_ROOM
#define W_ROOM (256u << 10)
#endif
#ifndef W_SEALS
#define W_SEALS 64
#endif
#define W_UNDEF UINT64_MAX

#define W_INLINE static inline __attribute__((unused))

struct writer {
    uint8_t *bytes; /* W_ROOM of them */
    size_t size;
    bool latest;
    unsigned width; /* bytes of addresses and lengths; 0: 8 */
    struct w_seal { /* what is covered by a checksum, which stands behind it */
        uint64_t start;
        size_t length;
    } seals[W_SEALS];
    unsigned seal_count;
};

W_INLINE void w_set(struct writer *w, uint64_t at, unsigned n, uint64_t value) {
    for (unsigned i = 0; i < n; i++) w->bytes[at + i] = (uint8_t)(value >> (8 * i));
}

W_INLINE uint64_t w_put(struct writer *w, unsigned n, uint64_t value) {
    if (w->size + n > W_ROOM) abort();
    w_set(w, w->size, n, value);
    w->size += n;
    return w->size - n;
}

W_INLINE uint64_t w_bytes(struct writer *w, const void *bytes, size_t n) {
    if (w->size + n > W_ROOM) abort();
    if (n) memcpy(w->bytes + w->size, bytes, n);
    w->size += n;
    return w->size - n;
}

/* An address or a length; new style only, where it is not of 8 bytes. */
W_INLINE uint64_t w_word(struct writer *w, uint64_t value) {
    return w_put(w, w->width ? w->width : 8, value);
}

W_INLINE uint64_t w_text(struct writer *w, const char *text) {
    return w_bytes(w, text, strlen(text));
}

W_INLINE void w_align(struct writer *w, uint64_t start) {
    while ((w->size - start) % 8) w_put(w, 1, 0);
}

/* Puts the checksum right over [start, start + length). */
W_INLINE void w_reseal(struct writer *w, uint64_t start, size_t length) {
    w_set(w, start + length, 4, hdf5_checksum(fovea_bytes_of(w->bytes + start, length)));
}

/* The checksum over all bytes since `start`. */
W_INLINE void w_seal(struct writer *w, uint64_t start) {
    const struct w_seal seal = {start, (size_t)(w->size - start)};
    if (w->seal_count == W_SEALS) abort();
    w->seals[w->seal_count++] = seal;
    w_put(w, 4, 0);
    w_reseal(w, start, seal.length);
}

/* w_set, and puts the checksum right that covers it. */
W_INLINE void w_change(struct writer *w, uint64_t at, unsigned n, uint64_t value) {
    w_set(w, at, n, value);
    for (unsigned i = 0; i < w->seal_count; i++) {
        const struct w_seal *seal = &w->seals[i];
        if (at >= seal->start && at < seal->start + seal->length)
            w_reseal(w, seal->start, seal->length);
    }
}

/* Flips a bit, and puts the checksum right that covers it. */
W_INLINE void w_flip(struct writer *w, size_t bit) {
    w_change(w, bit / 8, 1, w->bytes[bit / 8] ^ 1u << bit % 8);
}

/* ---- the superblock ---- */

W_INLINE void w_begin(struct writer *w, uint8_t *room, bool latest) {
    memset(room, 0, W_ROOM);
    *w = (struct writer){.bytes = room, .size = latest ? 48 : 96, .latest = latest};
}

W_INLINE void w_end(struct writer *w, uint64_t root) {
    const size_t size = w->size;
    w->size = 0;
    w_text(w, "\211HDF\r\n\032\n");
    if (w->latest) {
        w_put(w, 4, w->width ? 2 | w->width << 8 | w->width << 16 : 0x00080802);
        w_word(w, 0);
        w_word(w, W_UNDEF);
        w_word(w, size);
        w_word(w, root);
        w_seal(w, 0);
    } else {
        w_put(w, 8, UINT64_C(0x0008080000000000));
        w_put(w, 8, UINT64_C(0x0000000000100004));
        w_put(w, 8, 0);
        w_put(w, 8, W_UNDEF);
        w_put(w, 8, size);
        w_put(w, 8, W_UNDEF);
        w_put(w, 8, 0);
        w_put(w, 8, root);
    }
    w->size = size;
}

/* ---- object headers ---- */

W_INLINE uint64_t w_header(struct writer *w) {
    uint64_t start = w->size;
    if (w->latest) {
        w_text(w, "OHDR");
        w_put(w, 2, 0x0202); /* version 2, size of the block in 4 bytes */
        w_put(w, 4, 0);
    } else {
        w_align(w, 0);
        start = w->size;
        w_put(w, 4, 1);
        w_put(w, 4, 1);
        w_put(w, 8, 0);
    }
    return start;
}

W_INLINE void w_header_end(struct writer *w, uint64_t start, unsigned messages) {
    if (w->latest) {
        w_set(w, start + 6, 4, w->size - start - 10);
        w_seal(w, start);
    } else {
        w_set(w, start + 2, 2, messages);
        w_set(w, start + 8, 4, w->size - start - 16);
    }
}

/* Begins a message; its body follows, and w_message_end. */
W_INLINE uint64_t w_message(struct writer *w, unsigned type) {
    uint64_t start = w_put(w, w->latest ? 1 : 2, type);
    w_put(w, 2, 0);
    w_put(w, w->latest ? 1 : 4, 0);
    return start;
}

W_INLINE uint64_t w_body(const struct writer *w, uint64_t message) {
    return message + (w->latest ? 4 : 8);
}

W_INLINE void w_message_end(struct writer *w, uint64_t start) {
    uint64_t body = w_body(w, start);
    if (!w->latest) w_align(w, body);
    w_set(w, start + (w->latest ? 1 : 2), 2, w->size - body);
}

/* ---- datatypes and dataspaces: bodies of messages ---- */

enum w_type { W_F2, W_F4, W_F8, W_I1, W_I2, W_I4, W_I8, W_U1, W_U2, W_U4, W_U8, W_BIG = 0x20 };

/* A string of `size` bytes, or of variable length. */
W_INLINE void w_string_type(struct writer *w, unsigned size, bool variable) {
    w_put(w, 4, variable ? 0x00000119 : 0x00000113);
    w_put(w, 4, variable ? 16 : size);
    if (!variable) return;
    w_put(w, 8, UINT64_C(0x0000000100000010)); /* of bytes */
    w_put(w, 4, 0x00080000);
}

W_INLINE void w_type(struct writer *w, unsigned type) {
    static const unsigned sizes[] = {2, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8};
    static const uint8_t floats[3][9] = {{15, 0, 10, 5, 0, 10, 15, 0, 0},
                                         {31, 0, 23, 8, 0, 23, 127, 0, 0},
                                         {63, 0, 52, 11, 0, 52, 255, 3, 0}};
    const unsigned kind = type & 0x1f, size = sizes[kind], big = type & W_BIG ? 1 : 0;
    if (kind <= W_F8) {
        w_put(w, 4, 0x11 | (0x20 | big) << 8 | (unsigned)floats[kind][0] << 16);
        w_put(w, 4, size);
        w_put(w, 2, 0);
        w_put(w, 2, 8 * size);
        w_bytes(w, floats[kind] + 2, 6);
        w_put(w, 2, 0);
    } else {
        w_put(w, 4, 0x10 | (kind <= W_I8 ? 8 | big : big) << 8);
        w_put(w, 4, size);
        w_put(w, 2, 0);
        w_put(w, 2, 8 * size);
    }
}

/* Maximum sizes are written where `maxima` is not NULL. */
W_INLINE void w_space(struct writer *w, unsigned rank, const uint64_t *dims,
                      const uint64_t *maxima) {
    w_put(w, 1, w->latest ? 2 : 1);
    w_put(w, 1, rank);
    w_put(w, 1, maxima ? 1 : 0);
    w_put(w, w->latest ? 1 : 5, w->latest && rank > 0);
    for (unsigned i = 0; i < rank; i++) w_word(w, dims[i]);
    for (unsigned i = 0; maxima && i < rank; i++) w_word(w, maxima[i]);
}

/* ---- attributes ---- */

/* The body of an attribute message; strings where `text` bytes are given, else numbers of `type`. */
W_INLINE void w_attribute_body(struct writer *w, const char *name, unsigned type, unsigned text,
                               bool variable, unsigned rank, const uint64_t *dims, const void *data,
                               size_t bytes) {
    uint64_t start = w->size;
    w_put(w, 2, w->latest ? 3 : 1);
    w_put(w, 2, strlen(name) + 1);
    w_put(w, 4, 0);
    if (w->latest) w_put(w, 1, 0);
    w_bytes(w, name, strlen(name) + 1);
    if (!w->latest) w_align(w, start);
    uint64_t at = w->size;
    if (text || variable)
        w_string_type(w, text, variable);
    else
        w_type(w, type);
    w_set(w, start + 4, 2, w->size - at);
    if (!w->latest) w_align(w, start);
    at = w->size;
    w_space(w, rank, dims, NULL);
    w_set(w, start + 6, 2, w->size - at);
    if (!w->latest) w_align(w, start);
    w_bytes(w, data, bytes);
}

W_INLINE void w_attribute(struct writer *w, const char *name, unsigned type, unsigned rank,
                          const uint64_t *dims, const void *data, size_t bytes) {
    uint64_t m = w_message(w, HDF5_ATTRIBUTE);
    w_attribute_body(w, name, type, 0, false, rank, dims, data, bytes);
    w_message_end(w, m);
}

/* `count` strings of `size` bytes each, as a list. */
W_INLINE void w_attribute_texts(struct writer *w, const char *name, unsigned size, uint64_t count,
                                const char *texts) {
    uint64_t m = w_message(w, HDF5_ATTRIBUTE);
    w_attribute_body(w, name, 0, size, false, 1, &count, texts, size * (size_t)count);
    w_message_end(w, m);
}

/* ---- the global heap ---- */

/* A collection with the texts, numbered from 1. */
W_INLINE uint64_t w_collection(struct writer *w, const char *const *texts, unsigned count) {
    w_align(w, 0);
    uint64_t start = w_text(w, "GCOL");
    w_put(w, 4, 1);
    w_put(w, 8, 0);
    for (unsigned i = 0; i < count; i++) {
        w_put(w, 8, i + 1 + 0x10000);
        w_put(w, 8, strlen(texts[i]));
        w_text(w, texts[i]);
        w_align(w, start);
    }
    w_put(w, 8, 0);
    w_put(w, 8, 16);
    w_set(w, start + 8, 8, w->size - start);
    return start;
}

/* A list of references to them, as an attribute. */
W_INLINE void w_attribute_references(struct writer *w, const char *name, uint64_t heap,
                                     const char *const *texts, unsigned count) {
    uint8_t bytes[16 * 16] = {0};
    struct writer references = {.bytes = bytes};
    for (unsigned i = 0; i < count; i++) {
        w_put(&references, 4, strlen(texts[i]));
        w_put(&references, 8, heap);
        w_put(&references, 4, i + 1);
    }
    uint64_t m = w_message(w, HDF5_ATTRIBUTE), dims = count;
    w_attribute_body(w, name, 0, 0, true, 1, &dims, bytes, references.size);
    w_message_end(w, m);
}

/* ---- datasets ---- */

/* The three messages of a dataset but for the layout's body. */
W_INLINE uint64_t w_dataset_begin(struct writer *w, unsigned type, unsigned rank,
                                  const uint64_t *dims, const uint64_t *maxima) {
    uint64_t start = w_header(w), m = w_message(w, HDF5_DATASPACE);
    w_space(w, rank, dims, maxima);
    w_message_end(w, m);
    m = w_message(w, HDF5_DATATYPE);
    w_type(w, type);
    w_message_end(w, m);
    return start;
}

W_INLINE uint64_t w_contiguous(struct writer *w, unsigned type, unsigned rank, const uint64_t *dims,
                               const void *data, size_t bytes) {
    uint64_t at = w_bytes(w, data, bytes), start = w_dataset_begin(w, type, rank, dims, NULL);
    uint64_t m = w_message(w, HDF5_LAYOUT);
    w_put(w, 2, 0x0103);
    w_put(w, 8, bytes ? at : W_UNDEF);
    w_put(w, 8, bytes);
    w_message_end(w, m);
    w_header_end(w, start, 3);
    return start;
}

W_INLINE uint64_t w_compact(struct writer *w, unsigned type, unsigned rank, const uint64_t *dims,
                            const void *data, size_t bytes) {
    uint64_t start = w_dataset_begin(w, type, rank, dims, NULL), m = w_message(w, HDF5_LAYOUT);
    w_put(w, 2, 0x0003);
    w_put(w, 2, bytes);
    w_bytes(w, data, bytes);
    w_message_end(w, m);
    w_header_end(w, start, 3);
    return start;
}

/* ---- groups ---- */

struct w_link {
    const char *name;
    uint64_t header; /* HDF5_SOFT for a soft link, HDF5_EXTERNAL and HDF5_USER in new style only */
};

/* Heap, symbol table node and B-tree of an old-style group; *tree and *heap get their addresses. */
W_INLINE void w_symbols(struct writer *w, const struct w_link *links, unsigned count,
                        uint64_t *tree, uint64_t *heap) {
    w_align(w, 0);
    uint64_t offsets[64] = {0}, data = w_put(w, 8, 0);
    for (unsigned i = 0; i < count; i++) {
        offsets[i] = w_bytes(w, links[i].name, strlen(links[i].name) + 1) - data;
        w_align(w, data);
    }
    uint64_t length = w->size - data;
    *heap = w_text(w, "HEAP");
    w_put(w, 4, 0);
    w_put(w, 8, length);
    w_put(w, 8, 1);
    w_put(w, 8, data);
    uint64_t node = w_text(w, "SNOD");
    w_put(w, 4, 1 | count << 16);
    for (unsigned i = 0; i < count; i++) {
        w_put(w, 8, offsets[i]);
        w_put(w, 8, links[i].header == HDF5_SOFT ? W_UNDEF : links[i].header);
        w_put(w, 8, links[i].header == HDF5_SOFT ? 2 : 0);
        w_put(w, 8, 0);
        w_put(w, 8, 0);
    }
    *tree = w_text(w, "TREE");
    w_put(w, 4, 1u << 16);
    w_put(w, 8, W_UNDEF);
    w_put(w, 8, W_UNDEF);
    w_put(w, 8, 0);
    w_put(w, 8, node);
    w_put(w, 8, count ? offsets[count - 1] : 0);
}

W_INLINE void w_link_body(struct writer *w, const struct w_link *link) {
    const bool hard = link->header < HDF5_USER;
    w_put(w, 1, 1);
    w_put(w, 1, hard ? 0 : 8);
    if (!hard) w_put(w, 1, link->header == HDF5_SOFT ? 1 : link->header == HDF5_EXTERNAL ? 64 : 65);
    w_put(w, 1, strlen(link->name));
    w_text(w, link->name);
    if (hard) {
        w_word(w, link->header);
    } else {
        w_put(w, 2, 2);
        w_text(w, "/x");
    }
}

/* Begins a group's header with its links; attributes may follow, and w_header_end. Gives the number of
 * messages so far in *messages. */
W_INLINE uint64_t w_group_begin(struct writer *w, const struct w_link *links, unsigned count,
                                unsigned *messages) {
    uint64_t tree = 0, heap = 0;
    if (!w->latest) w_symbols(w, links, count, &tree, &heap);
    uint64_t start = w_header(w), m = w_message(w, w->latest ? HDF5_LINK_INFO : HDF5_SYMBOL_TABLE);
    *messages = 1;
    if (!w->latest) {
        w_put(w, 8, tree);
        w_put(w, 8, heap);
    } else {
        w_put(w, 2, 0);
        w_put(w, 8, W_UNDEF);
        w_put(w, 8, W_UNDEF);
    }
    w_message_end(w, m);
    for (unsigned i = 0; w->latest && i < count; i++, ++*messages) {
        m = w_message(w, HDF5_LINK);
        w_link_body(w, &links[i]);
        w_message_end(w, m);
    }
    return start;
}

W_INLINE uint64_t w_group(struct writer *w, const struct w_link *links, unsigned count) {
    unsigned messages;
    uint64_t start = w_group_begin(w, links, count, &messages);
    w_header_end(w, start, messages);
    return start;
}

#endif
