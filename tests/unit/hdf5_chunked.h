/* Chunked datasets written by hand, by every index and filter. Included once a program. */
#ifndef FOVEA_TESTS_HDF5_CHUNKED_H
#define FOVEA_TESTS_HDF5_CHUNKED_H

/* before cmocka.h, which makes a macro of `fail` */
#include "tests/unit/hdf5_writer.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* ---- a dataset of 5 x 7 numbers in 3 x 3 chunks of 2 x 3 ---- */

enum { ROWS = 5, COLUMNS = 7, CHUNKS = 9, BYTES = 12 };

enum kind { TREE_1, SINGLE, IMPLICIT, FIXED, PAGED, EXTENSIBLE, TREE_2, DEEP_TREE_2, KINDS };

enum { DEFLATE = 1, SHUFFLE = 2, FLETCHER32 = 3, LZF = 32000 };

FOVEA_UNUSED static uint8_t room[W_ROOM];

struct plan {
    enum kind kind;
    unsigned filters[5], filter_count; /* in the order of writing */
    uint32_t skip;                     /* filters not applied, in the first chunk */
    bool latest, second_grows, edges_unfiltered, swapped_sums;
    bool no_index, both_grow; /* nothing was written; two dimensions without limits */
    bool all_in_index;        /* of an extensible array, which then has one element too many */
    unsigned stored_bytes;    /* of a chunk's size in a tree of version 2; 0: 2 */
    struct flaw {
        int missing, twice;       /* numbers of chunks; -1: none */
        uint64_t move;            /* added to the place of the last chunk */
        int64_t stored;           /* added to the size of the first chunk */
        size_t data;              /* byte of the first chunk to flip, from 1 */
        unsigned dim0, id, rank;  /* instead of the right values, if not 0 */
        uint64_t index;           /* and the address of the index */
        bool extra, scalar;       /* the element too many is there; there are no dimensions */
        int record;               /* added to the length of records */
        unsigned layout, filters; /* bytes left of these messages, if not 0 */
    } flaw;
};

FOVEA_UNUSED static struct plan plan_of(enum kind kind) {
    struct plan plan = {
        .kind = kind, .latest = kind != TREE_1, .flaw = {.missing = -1, .twice = -1}};
    return plan;
}

struct chunk {
    uint64_t address, stored;
    uint32_t mask;
};

FOVEA_UNUSED static unsigned number_at(unsigned row, unsigned column) {
    return 50 * row + 7 * column + 300;
}

FOVEA_UNUSED static size_t chunk_bytes(const struct plan *plan) {
    return plan->kind == SINGLE ? 2 * ROWS * COLUMNS : BYTES;
}

/* ---- filters ---- */

FOVEA_UNUSED static uint32_t adler(const uint8_t *bytes, size_t size) {
    uint32_t a = 1, b = 0;
    for (size_t i = 0; i < size; i++) {
        a = (a + bytes[i]) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

/* A zlib stream of one stored block. */
FOVEA_UNUSED static size_t deflate(uint8_t *bytes, size_t size) {
    uint8_t in[128];
    const uint32_t sum = adler(bytes, size);
    memcpy(in, bytes, size);
    struct writer out = {.bytes = bytes};
    w_put(&out, 3, 0x010178);
    w_put(&out, 2, size);
    w_put(&out, 2, ~size);
    w_bytes(&out, in, size);
    for (unsigned i = 0; i < 4; i++) w_put(&out, 1, sum >> (24 - 8 * i));
    return out.size;
}

FOVEA_UNUSED static size_t shuffle(uint8_t *bytes, size_t size) {
    uint8_t in[128];
    memcpy(in, bytes, size);
    for (size_t i = 0; i < size / 2; i++) {
        bytes[i] = in[2 * i];
        bytes[size / 2 + i] = in[2 * i + 1];
    }
    return size;
}

FOVEA_UNUSED static size_t fletcher32(uint8_t *bytes, size_t size) {
    uint32_t a = 0, b = 0;
    for (size_t i = 0; i < size; i += 2) {
        a = (a + (uint32_t)(bytes[i] << 8) + (i + 1 < size ? bytes[i + 1] : 0)) % 65535;
        b = (b + a) % 65535;
    }
    struct writer out = {.bytes = bytes, .size = size};
    w_put(&out, 4, b << 16 | a);
    return out.size;
}

/* h5py's LZF: what stands before is repeated where 3 bytes or more are the same, other bytes stand alone. */
FOVEA_UNUSED static size_t lzf(uint8_t *bytes, size_t size) {
    uint8_t in[128];
    memcpy(in, bytes, size);
    struct writer out = {.bytes = bytes};
    for (size_t at = 0; at < size;) {
        size_t length = 0, back = 0;
        for (size_t from = 0; from < at; from++) {
            size_t same = 0;
            while (at + same < size && in[from + same] == in[at + same]) same++;
            if (same > length) length = same, back = at - from;
        }
        if (length < 3) {
            w_put(&out, 1, 0);
            w_put(&out, 1, in[at++]);
            continue;
        }
        w_put(&out, 1, (length < 9 ? length - 2 : 7) << 5 | (back - 1) >> 8);
        if (length >= 9) w_put(&out, 1, length - 9);
        w_put(&out, 1, (back - 1) & 255);
        at += length;
    }
    return out.size;
}

FOVEA_UNUSED static struct chunk put_chunk(struct writer *w, const struct plan *plan, unsigned i) {
    uint8_t bytes[256] = {0};
    const unsigned across = plan->kind == SINGLE ? COLUMNS : 3;
    size_t size = chunk_bytes(plan);
    struct chunk chunk = {.mask = i == 0 ? plan->skip : 0};
    const bool edge = plan->edges_unfiltered && (i % 3 == 2 || i >= 6);
    for (unsigned k = 0; k < size / 2; k++) {
        unsigned row = k / across, column = k % across;
        if (plan->kind != SINGLE) {
            row += 2 * (i / 3);
            column += 3 * (i % 3);
        }
        unsigned value = row < ROWS && column < COLUMNS ? number_at(row, column) : 0xdead;
        bytes[2 * k] = (uint8_t)value;
        bytes[2 * k + 1] = (uint8_t)(value >> 8);
    }
    for (unsigned f = 0; f < plan->filter_count && !edge; f++) {
        if (chunk.mask >> f & 1) continue;
        size = plan->filters[f] == DEFLATE   ? deflate(bytes, size)
               : plan->filters[f] == SHUFFLE ? shuffle(bytes, size)
               : plan->filters[f] == LZF     ? lzf(bytes, size)
                                             : fletcher32(bytes, size);
    }
    for (unsigned k = 0; plan->swapped_sums && k < 2;
         k++) { /* as old versions of the library wrote them */
        uint8_t *half = bytes + size - 4 + 2 * k, first = half[0];
        half[0] = half[1];
        half[1] = first;
    }
    if (i == 0 && plan->flaw.data) bytes[plan->flaw.data - 1] ^= 0x10;
    chunk.address = w_bytes(w, bytes, size);
    chunk.stored = size + (uint64_t)(i == 0 ? plan->flaw.stored : 0);
    if ((int)i == plan->flaw.missing) chunk.address = W_UNDEF;
    return chunk;
}

/* ---- indices ---- */

/* Chunk i's place in the array: by rows, or by columns where the second dimension grows. */
FOVEA_UNUSED static unsigned numbered(const struct plan *plan, unsigned i) {
    return plan->second_grows ? i % 3 * 3 + i / 3 : i;
}

FOVEA_UNUSED static uint64_t put_tree_1(struct writer *w, const struct plan *plan,
                                        const struct chunk *chunks) {
    unsigned count = 0;
    uint64_t start = w_text(w, "TREE");
    w_put(w, 4, 1);
    w_put(w, 8, W_UNDEF);
    w_put(w, 8, W_UNDEF);
    for (unsigned i = 0; i < CHUNKS; i++) {
        if ((int)i == plan->flaw.missing) continue;
        unsigned k = (int)i == plan->flaw.twice ? 0 : i;
        w_put(w, 4, chunks[i].stored);
        w_put(w, 4, chunks[i].mask);
        w_put(w, 8, 2 * (k / 3) + (i == CHUNKS - 1 ? plan->flaw.move : 0));
        w_put(w, 8, 3 * (k % 3));
        w_put(w, 8, 0);
        w_put(w, 8, chunks[i].address);
        count++;
    }
    w_bytes(w, (uint8_t[32]){0}, 32);
    w_set(w, start + 6, 2, count);
    return start;
}

FOVEA_UNUSED static void put_element(struct writer *w, const struct plan *plan,
                                     const struct chunk *chunk) {
    w_put(w, 8, chunk ? chunk->address : W_UNDEF);
    if (!plan->filter_count) return;
    w_put(w, 2, chunk ? chunk->stored : 0);
    w_put(w, 4, chunk ? chunk->mask : 0);
}

/* `count` elements from number `first` on. */
FOVEA_UNUSED static void put_elements(struct writer *w, const struct plan *plan,
                                      const struct chunk *chunks, unsigned first, unsigned count) {
    for (unsigned i = first; i < first + count; i++)
        put_element(w, plan, i < CHUNKS ? &chunks[numbered(plan, i)] : NULL);
}

FOVEA_UNUSED static void put_array_prefix(struct writer *w, const struct plan *plan,
                                          const char *signature) {
    w_text(w, signature);
    w_put(w, 1, 0);
    w_put(w, 1, plan->filter_count ? 1 : 0);
}

/* In pages: the last one would be of one element only. */
FOVEA_UNUSED static uint64_t put_fixed_array(struct writer *w, const struct plan *plan,
                                             const struct chunk *chunks) {
    const bool paged = plan->kind == PAGED;
    const uint64_t header = w->size, block = header + 28;
    put_array_prefix(w, plan, "FAHD");
    w_put(w, 1, plan->filter_count ? 14 : 8);
    w_put(w, 1, paged ? 2 : 10);
    w_put(w, 8, CHUNKS);
    w_put(w, 8, block);
    w_seal(w, header);
    if (w->size != block) abort();
    put_array_prefix(w, plan, "FADB");
    w_put(w, 8, header);
    if (paged)
        w_put(w, 1, 0xe0);
    else
        put_elements(w, plan, chunks, 0, CHUNKS);
    w_seal(w, block);
    for (unsigned i = 0; paged && i < CHUNKS; i += 4) {
        uint64_t page = w->size;
        put_elements(w, plan, chunks, i, CHUNKS - i < 4 ? CHUNKS - i : 4);
        w_seal(w, page);
    }
    return header;
}

/* A data block of `count` elements, in pages where they are more than 2. */
FOVEA_UNUSED static uint64_t put_data_block(struct writer *w, const struct plan *plan,
                                            const struct chunk *chunks, uint64_t header,
                                            unsigned first, unsigned count) {
    const bool paged = count > 2;
    uint64_t start = w->size;
    put_array_prefix(w, plan, "EADB");
    w_put(w, 8, header);
    w_put(w, 1, first - 1);
    if (!paged) put_elements(w, plan, chunks, first, count);
    w_seal(w, start);
    for (unsigned i = 0; paged && i < count; i += 2) {
        uint64_t page = w->size;
        put_elements(w, plan, chunks, first + i, 2);
        w_seal(w, page);
    }
    return start;
}

/* 1 element in the index block, 1 and 2 in data blocks named there; super blocks 2 and 3 have two blocks
 * of 2 and of 4 elements, the latter in two pages each, of which the second was never written. */
FOVEA_UNUSED static uint64_t put_extensible_array(struct writer *w, const struct plan *plan,
                                                  const struct chunk *chunks) {
    const uint64_t header = w->size;
    const unsigned inner = plan->all_in_index ? CHUNKS + 1 : 1;
    uint64_t direct[2] = {W_UNDEF, W_UNDEF}, super[2] = {W_UNDEF, W_UNDEF};
    put_array_prefix(w, plan, "EAHD");
    w_put(w, 1, plan->filter_count ? 14 : 8);
    w_put(w, 1, 4); /* bits, */
    w_put(w, 1, inner);
    w_put(w, 3, 0x010201); /* blocks of 1, 2 pointers, pages of 2 */
    for (unsigned i = 0; i < 6; i++) w_put(w, 8, i == 4 ? CHUNKS + plan->all_in_index : 0);
    uint64_t at = w_put(w, 8, 0);
    w_seal(w, header);
    for (unsigned n = 0; n < 2 && inner == 1; n++)
        direct[n] = put_data_block(w, plan, chunks, header, n + 1, n + 1);
    for (unsigned n = 0; n < 2 && inner == 1; n++) {
        uint64_t blocks[2];
        const unsigned first = n ? 8 : 4, count = n ? 4 : 2;
        blocks[0] = put_data_block(w, plan, chunks, header, first, count);
        blocks[1] = n ? W_UNDEF : put_data_block(w, plan, chunks, header, first + count, count);
        super[n] = w->size;
        put_array_prefix(w, plan, "EASB");
        w_put(w, 8, header);
        w_put(w, 1, first - 1);
        if (n) w_put(w, 2, 0x80);
        w_put(w, 8, blocks[0]);
        w_put(w, 8, blocks[1]);
        w_seal(w, super[n]);
    }
    uint64_t index = w->size;
    put_array_prefix(w, plan, "EAIB");
    w_put(w, 8, header);
    put_elements(w, plan, chunks, 0, inner);
    if (plan->flaw.extra) w_set(w, w->size - 8, 8, chunks[0].address);
    w_put(w, 8, direct[0]);
    w_put(w, 8, direct[1]);
    w_put(w, 8, super[0]);
    w_put(w, 8, super[1]);
    w_put(w, 8, W_UNDEF);
    w_seal(w, index);
    w_set(w, at, 8, index);
    w_reseal(w, header, (size_t)(at + 8 - header));
    return header;
}

FOVEA_UNUSED static void put_record(struct writer *w, const struct plan *plan,
                                    const struct chunk *chunks, unsigned i) {
    unsigned k = (int)i == plan->flaw.twice ? 0 : i;
    w_put(w, 8, chunks[i].address);
    if (plan->filter_count) {
        w_put(w, plan->stored_bytes ? plan->stored_bytes : 2, chunks[i].stored);
        w_put(w, 4, chunks[i].mask);
    }
    w_put(w, 8, k / 3 + (i == CHUNKS - 1 ? plan->flaw.move : 0));
    w_put(w, 8, k % 3);
    w->size += (size_t)plan->flaw.record;
}

FOVEA_UNUSED static uint64_t put_node(struct writer *w, const struct plan *plan,
                                      const struct chunk *chunks, const char *signature,
                                      unsigned first, unsigned count) {
    uint64_t start = w_text(w, signature);
    w_put(w, 1, 0);
    w_put(w, 1, plan->filter_count ? 11 : 10);
    for (unsigned i = first; i < first + count; i++)
        if ((int)i != plan->flaw.missing) put_record(w, plan, chunks, i);
    return start;
}

FOVEA_UNUSED static uint64_t put_tree_2(struct writer *w, const struct plan *plan,
                                        const struct chunk *chunks) {
    const bool deep = plan->kind == DEEP_TREE_2;
    const unsigned count = deep ? 1 : CHUNKS - (plan->flaw.missing >= 0);
    uint64_t root, leaves[2];
    for (unsigned i = 0; i < 2 && deep; i++) {
        leaves[i] = put_node(w, plan, chunks, "BTLF", 5 * i, 4);
        w_seal(w, leaves[i]);
    }
    root = put_node(w, plan, chunks, deep ? "BTIN" : "BTLF", deep ? 4 : 0, deep ? 1 : CHUNKS);
    for (unsigned i = 0; i < 2 && deep; i++) {
        w_put(w, 8, leaves[i]);
        w_put(w, 1, 4);
    }
    w_seal(w, root);
    uint64_t header = w_text(w, "BTHD");
    w_put(w, 1, 0);
    w_put(w, 1, plan->filter_count ? 11 : 10);
    w_put(w, 4, 2048);
    const int record = 24 + (!plan->filter_count  ? 0
                             : plan->stored_bytes ? (int)plan->stored_bytes + 4
                                                  : 6);
    w_put(w, 2, (unsigned)(record + plan->flaw.record));
    w_put(w, 2, deep);
    w_put(w, 2, 0x2864);
    w_put(w, 8, root);
    w_put(w, 2, count);
    w_put(w, 8, CHUNKS);
    w_seal(w, header);
    return header;
}

/* ---- the dataset ---- */

FOVEA_UNUSED static void put_layout(struct writer *w, const struct plan *plan,
                                    const struct chunk *chunks, uint64_t index) {
    static const unsigned types[] = {0, 1, 2, 3, 3, 4, 5, 5};
    static const unsigned skipped[] = {0, 0, 0, 1, 1, 5, 6, 6};
    const unsigned rank = plan->flaw.rank ? plan->flaw.rank : 3;
    const unsigned dim0 = plan->flaw.dim0        ? plan->flaw.dim0 - 1
                          : plan->kind == SINGLE ? (unsigned)ROWS
                                                 : 2;
    if (plan->kind == TREE_1) {
        w_put(w, 2, 0x0203);
        w_put(w, 1, rank);
        w_put(w, 8, index);
        w_put(w, 4, dim0);
        w_put(w, 4, 3);
        w_put(w, 4, 2);
        return;
    }
    w_put(w, 2, 0x0204);
    w_put(w, 1,
          (plan->edges_unfiltered ? 1 : 0) | (plan->kind == SINGLE && plan->filter_count ? 2 : 0));
    w_put(w, 1, rank);
    w_put(w, 1, 1);
    w_put(w, 1, dim0);
    w_put(w, 1, plan->kind == SINGLE ? COLUMNS : 3);
    w_put(w, 1, 2);
    w_put(w, 1, types[plan->kind]);
    w_bytes(w, (uint8_t[8]){0}, skipped[plan->kind]);
    if (plan->kind == SINGLE && plan->filter_count) {
        w_put(w, 8, chunks[0].stored);
        w_put(w, 4, chunks[0].mask);
    }
    w_put(w, 8, index);
}

FOVEA_UNUSED static void put_filters(struct writer *w, const struct plan *plan) {
    w_put(w, 1, plan->latest ? 2 : 1);
    w_put(w, 1, plan->filter_count);
    if (!plan->latest) w_put(w, 6, 0);
    for (unsigned i = 0; i < plan->filter_count; i++) {
        const unsigned id = plan->flaw.id && i == 0 ? plan->flaw.id : plan->filters[i];
        const bool value = id != FLETCHER32;
        w_put(w, 2, id);
        if (!plan->latest || id >= 256) w_put(w, 2, 8);
        w_put(w, 2, 1);
        w_put(w, 2, value);
        if (!plan->latest || id >= 256) w_bytes(w, "filter\0", 8);
        if (value) w_put(w, 4, 2);
        if (value && !plan->latest) w_put(w, 4, 0);
    }
}

FOVEA_UNUSED static void make(struct writer *w, const struct plan *plan) {
    const uint64_t dims[] = {ROWS, COLUMNS};
    uint64_t grows[] = {plan->second_grows ? ROWS : W_UNDEF,
                        plan->second_grows ? W_UNDEF : COLUMNS};
    struct chunk chunks[CHUNKS];
    w_begin(w, room, plan->latest);
    for (unsigned i = 0; i < (plan->kind == SINGLE ? 1 : CHUNKS); i++)
        chunks[i] = put_chunk(w, plan, i);
    uint64_t index = chunks[0].address;
    if (plan->kind == TREE_1) index = put_tree_1(w, plan, chunks);
    if (plan->kind == FIXED || plan->kind == PAGED) index = put_fixed_array(w, plan, chunks);
    if (plan->kind == EXTENSIBLE) index = put_extensible_array(w, plan, chunks);
    if (plan->kind >= TREE_2) index = put_tree_2(w, plan, chunks);
    if (plan->no_index) index = W_UNDEF;
    if (plan->flaw.index) index = plan->flaw.index;
    if (plan->both_grow) grows[0] = grows[1] = W_UNDEF;
    uint64_t start = w_dataset_begin(w, W_U2, plan->flaw.scalar ? 0 : 2, dims,
                                     plan->kind == EXTENSIBLE ? grows : NULL);
    uint64_t m = w_message(w, HDF5_LAYOUT);
    put_layout(w, plan, chunks, index);
    if (plan->flaw.layout) w->size = (size_t)w_body(w, m) + plan->flaw.layout;
    w_message_end(w, m);
    if (plan->filter_count) {
        m = w_message(w, HDF5_FILTERS);
        put_filters(w, plan);
        if (plan->flaw.filters) w->size = (size_t)w_body(w, m) + plan->flaw.filters;
        w_message_end(w, m);
    }
    w_header_end(w, start, plan->filter_count ? 4 : 3);
    const struct w_link link = {"x", start};
    w_end(w, w_group(w, &link, 1));
}

/* Reads the dataset twice; NULL where it is as it should be, else what is wrong. */
FOVEA_UNUSED static const char *read_back(const struct writer *w, struct trouble *trouble) {
    struct pool pool = {.limit = 16u << 20};
    struct hdf5_object object;
    struct hdf5_value value, again;
    bool found;
    const char *wrong = NULL;
    uint8_t *exact = malloc(w->size);
    assert_non_null(exact);
    memcpy(exact, w->bytes, w->size);
    const struct hdf5 *file = hdf5_open(&pool, exact, w->size, trouble);
    if (!file || !hdf5_find(file, NULL, "x", &object, &found, trouble) || !found ||
        !hdf5_dataset(file, &object, &value, trouble)) {
        wrong = trouble->text;
    } else {
        float numbers[ROWS * COLUMNS];
        hdf5_floats(&value, 0, ROWS * COLUMNS, numbers);
        for (unsigned i = 0; i < ROWS * COLUMNS && !wrong; i++)
            if ((unsigned)numbers[i] != number_at(i / COLUMNS, i % COLUMNS))
                wrong = "another number";
        assert_true(hdf5_dataset(file, &object, &again, trouble));
        assert_ptr_equal(again.data, value.data); /* put together once */
    }
    pool_free(&pool);
    free(exact);
    return wrong;
}

FOVEA_UNUSED static void check(const struct plan *plan) {
    struct trouble trouble = {0};
    struct writer w;
    make(&w, plan);
    const char *wrong = read_back(&w, &trouble);
    if (wrong) fail_msg("index %d with %u filters: %s", (int)plan->kind, plan->filter_count, wrong);
}

FOVEA_UNUSED static void refuse(const struct plan *plan, const char *reason) {
    struct trouble trouble = {0};
    struct writer w;
    make(&w, plan);
    const char *wrong = read_back(&w, &trouble);
    if (!wrong || !strstr(wrong, reason))
        fail_msg("index %d: \"%s\", not \"%s\"", (int)plan->kind, wrong ? wrong : "accepted",
                 reason);
}

FOVEA_UNUSED static void set_filters(struct plan *plan, const unsigned *filters, unsigned count) {
    plan->filter_count = count;
    for (unsigned i = 0; i < count; i++) plan->filters[i] = filters[i];
}

#endif
