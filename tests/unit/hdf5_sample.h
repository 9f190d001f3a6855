/* A small HDF5 file with one of everything, and how tests open it. Included once a program, before any
 * test; brings cmocka along. */
#ifndef FOVEA_TESTS_HDF5_SAMPLE_H
#define FOVEA_TESTS_HDF5_SAMPLE_H

/* before cmocka.h, which makes a macro of `fail` */
#include "tests/unit/hdf5_walk.h"
#include "tests/unit/hdf5_writer.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

/* ---- a small file with one of everything ---- */

FOVEA_UNUSED static uint8_t room[W_ROOM];

enum anchor { SUPER, KERNEL, BIAS, ROOT, COLLECTION, HEAP, NODE, TREE, NUMBER, ANCHORS };

struct sample {
    struct writer w;
    uint64_t at[ANCHORS];
};

FOVEA_UNUSED static uint64_t find_bytes(const struct writer *w, const char *text, size_t length) {
    for (size_t i = w->size - length; i > 0; i--)
        if (memcmp(w->bytes + i, text, length) == 0) return i;
    return 0;
}

FOVEA_UNUSED static const float kernel[6] = {1, 2, 3, 4, 5, 6};
FOVEA_UNUSED static const uint8_t bias[3] = {7, 8, 9};
FOVEA_UNUSED static const char *const texts[] = {"{\"class_name\": \"Sequential\"}", "",
                                                 "caf\xc3\xa9"};

FOVEA_UNUSED static void make(struct sample *s, bool latest) {
    const uint64_t dims[] = {2, 3}, three = 3, none = 0;
    const int64_t number = -5;
    struct writer *w = &s->w;
    unsigned messages;
    w_begin(w, room, latest);
    s->at[SUPER] = 0;
    s->at[KERNEL] = w_contiguous(w, W_F4, 2, dims, kernel, sizeof kernel);
    s->at[BIAS] = w_compact(w, W_U1, 1, &three, bias, sizeof bias);
    const struct w_link inner[] = {{"bias", s->at[BIAS]}, {"kernel", s->at[KERNEL]}};
    const uint64_t group = w_group(w, inner, 2);
    s->at[COLLECTION] = w_collection(w, texts, 3);
    const struct w_link links[] = {{"inner", group}, {"w", s->at[KERNEL]}};
    s->at[ROOT] = w_group_begin(w, links, 2, &messages);
    w_attribute(w, "number", W_I8, 0, NULL, &number, 8);
    w_attribute(w, "empty", W_F8, 1, &none, NULL, 0);
    w_attribute_texts(w, "names", 4, 3, "ab\0\0abcd\0\0\0\0");
    w_attribute_references(w, "config", s->at[COLLECTION], texts, 3);
    w_header_end(w, s->at[ROOT], messages + 4);
    w_end(w, s->at[ROOT]);
    s->at[HEAP] = find_bytes(w, "HEAP", 4);
    s->at[NODE] = find_bytes(w, "SNOD", 4);
    s->at[TREE] = find_bytes(w, "TREE", 4);
    s->at[NUMBER] = find_bytes(w, "number", 6) - 8; /* of the body, in old style */
}

/* An open file in memory of exactly its size, so that a read beyond it shows under a sanitizer. */
struct opened {
    uint8_t *bytes;
    struct pool pool;
    struct trouble trouble;
    const struct hdf5 *file;
};

FOVEA_UNUSED static void open_bytes(struct opened *o, const uint8_t *bytes, size_t size) {
    *o = (struct opened){.bytes = malloc(size ? size : 1)};
    assert_non_null(o->bytes);
    memcpy(o->bytes, bytes, size);
    o->file = hdf5_open(&o->pool, o->bytes, size, &o->trouble);
    assert_int_equal(o->file == NULL, o->trouble.set);
}

FOVEA_UNUSED static void close_bytes(struct opened *o) {
    pool_free(&o->pool);
    free(o->bytes);
}

FOVEA_UNUSED static struct hdf5_walk walk(const uint8_t *bytes, size_t size) {
    struct hdf5_walk result = {0};
    struct pool pool = {.limit = 64u << 20};
    uint8_t *exact = malloc(size ? size : 1);
    assert_non_null(exact);
    memcpy(exact, bytes, size);
    hdf5_walk(&pool, exact, size, &result);
    assert_int_equal(result.silent, 0);
    pool_free(&pool);
    free(exact);
    return result;
}

FOVEA_UNUSED static struct hdf5_object find(struct opened *o, const struct hdf5_object *from,
                                            const char *path) {
    struct hdf5_object object;
    bool found;
    if (!hdf5_find(o->file, from, path, &object, &found, &o->trouble))
        fail_msg("%s: %s", path, o->trouble.text);
    if (!found) object.path = NULL;
    return object;
}

FOVEA_UNUSED static struct hdf5_value attribute(struct opened *o, const char *name) {
    struct hdf5_object root = find(o, NULL, "/");
    struct hdf5_value value;
    bool found;
    if (!hdf5_attribute(o->file, &root, name, &value, &found, &o->trouble) || !found)
        fail_msg("%s: %s", name, o->trouble.text);
    return value;
}

#endif
