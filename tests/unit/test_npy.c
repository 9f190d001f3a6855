/* Arrays as numpy saves them: every type of numbers, both byte orders, both orders of elements. */
#include "cli/npy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

/* An .npy file of format `version` in memory of exactly its size, so that a read beyond it shows. */
static uint8_t *file_of(int version, const char *header, const void *data, size_t bytes,
                        size_t *size) {
    const size_t length = strlen(header), start = version == 1 ? 10 : 12;
    uint8_t *file = malloc(start + length + bytes);
    assert_non_null(file);
    memcpy(file, "\x93NUMPY", 6);
    file[6] = (uint8_t)version;
    file[7] = 0;
    for (size_t i = 8; i < start; i++) file[i] = (uint8_t)(length >> 8 * (i - 8));
    memcpy(file + start, header, length);
    if (bytes) memcpy(file + start + length, data, bytes);
    *size = start + length + bytes;
    return file;
}

static bool read_file(int version, const char *header, const void *data, size_t bytes,
                      struct npy *array, const char **why) {
    size_t size;
    uint8_t *file = file_of(version, header, data, bytes, &size);
    bool done = npy_read_bytes(file, size, array, why);
    free(file);
    return done;
}

static const struct type_row {
    const char *type;
    unsigned bytes;
    uint64_t bits[3];
    float values[3];
} rows[] = {
    {"b1", 1, {0, 1, 2}, {0, 1, 1}},
    {"u1", 1, {0, 200, 255}, {0, 200, 255}},
    {"i1", 1, {0x7f, 0x80, 0xff}, {127, -128, -1}},
    {"u2", 2, {1, 0x8000, 0xffff}, {1, 32768, 65535}},
    {"i2", 2, {1, 0x8000, 0xfffe}, {1, -32768, -2}},
    {"u4", 4, {1, 0x80000000, 0xffffffff}, {1, 2147483648.f, 4294967296.f}},
    {"i4", 4, {1, 0x80000000, 0xffffffff}, {1, -2147483648.f, -1}},
    {"u8", 8, {1, 0x8000000000000000, 0xffffffffffffffff}, {1, 0x1p63f, 0x1p64f}},
    {"i8", 8, {16777217, 0x8000000000000000, 0xffffffffffffffff}, {16777216, -0x1p63f, -1}},
    {"f2", 2, {0x3c00, 0xc100, 0x0001}, {1, -2.5f, 0x1p-24f}},
    {"f4", 4, {0x3f800000, 0xc0200000, 0x00000001}, {1, -2.5f, 0x1p-149f}},
    {"f8", 8, {0x3ff0000000000000, 0xc004000000000000, 0x3fb999999999999a}, {1, -2.5f, 0.1f}},
};

static void every_type_in_both_byte_orders(void **state) {
    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
        for (const char *order = "<>|"; *order; order++)
            for (int version = 1; version <= 3; version++) {
                const struct type_row *row = &rows[r];
                uint8_t data[24];
                char header[100];
                struct npy array;
                const char *why;
                for (size_t i = 0; i < 3; i++)
                    for (unsigned b = 0; b < row->bytes; b++) {
                        const unsigned place = *order == '>' ? row->bytes - 1 - b : b;
                        data[i * row->bytes + place] = (uint8_t)(row->bits[i] >> 8 * b);
                    }
                snprintf(header, sizeof header,
                         "{'descr': '%c%s', 'fortran_order': False, 'shape': (3,), }\n", *order,
                         row->type);
                if (!read_file(version, header, data, 3 * row->bytes, &array, &why))
                    fail_msg("%s: %s", header, why);
                assert_int_equal(array.rank, 1);
                assert_int_equal(array.count, 3);
                for (size_t i = 0; i < 3; i++)
                    if (array.values[i] != row->values[i])
                        fail_msg("%s: %g, not %g", header, (double)array.values[i],
                                 (double)row->values[i]);
                npy_free(&array);
            }
}

static void what_is_no_number_is_kept(void **state) {
    (void)state;
    static const uint8_t halves[] = {0x00, 0x7c, 0x00, 0xfc, 0x00, 0x7e};
    struct npy array;
    const char *why;
    assert_true(read_file(1, "{'descr': '<f2', 'fortran_order': False, 'shape': (3,)}", halves,
                          sizeof halves, &array, &why));
    assert_true(isinf(array.values[0]) && array.values[0] > 0);
    assert_true(isinf(array.values[1]) && array.values[1] < 0);
    assert_true(isnan(array.values[2]));
    npy_free(&array);
}

static void fortran_order_becomes_c_order(void **state) {
    (void)state;
    static const uint8_t data[] = {0, 3, 1, 4, 2, 5};
    struct npy array;
    const char *why;
    assert_true(read_file(1, "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3)}", data,
                          sizeof data, &array, &why));
    for (size_t i = 0; i < 6; i++) assert_true(array.values[i] == (float)i);
    npy_free(&array);
}

static void other_types_are_refused(void **state) {
    (void)state;
    static const char *const types[] = {"'<c8'", "'<f1'",          "'<f3'", "'<f9'", "'|b2'",
                                        "'<u3'", "'<i0'",          "'|S4'", "'<M8'", "'f4'",
                                        "'<f44", "[('a', '<f4')]", "'"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        char header[100];
        struct npy array;
        const char *why;
        snprintf(header, sizeof header, "{'descr': %s, 'fortran_order': False, 'shape': (1,)}",
                 types[i]);
        assert_false(read_file(1, header, "12345678", 8, &array, &why));
        assert_memory_equal(why, "N-005", 5);
    }
}

static void headers_that_end_early_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *header, *check;
    } cases[] = {
        {"{'descr': ", "N-005"},
        {"{'descr': '", "N-005"},
        {"{'descr': '<", "N-005"},
        {"{'descr': '<f", "N-005"},
        {"{'descr': '<f4", "N-005"},
        {"{'descr': 'xf4', 'fortran_order': False, 'shape': (1,)}", "N-005"},
        {"{'descr': '<f4', 'shape': (1,)}", "N-006"},
        {"{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,)}", "N-006"},
        {"{'descr': '<f4', 'fortran_order': False}", "N-001"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': 1}", "N-001"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,", "N-002"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1)}", "N-002"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", "N-002"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296,4294967296)}", "N-003"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", "N-007"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1)}", NULL},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': ()}", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct npy array;
        const char *why = "";
        const bool done = read_file(1, cases[i].header, "1234", 4, &array, &why);
        if (done != !cases[i].check || (!done && memcmp(why, cases[i].check, 5) != 0))
            fail_msg("%s: %s", cases[i].header, done ? "accepted" : why);
        if (done) npy_free(&array);
    }
}

static void other_files_are_refused(void **state) {
    (void)state;
    static const char header[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (0,)}";
    struct npy array;
    const char *why;
    assert_true(read_file(3, header, NULL, 0, &array, &why)); /* of no numbers */
    assert_int_equal(array.count, 0);
    assert_non_null(array.values);
    npy_free(&array);
    assert_false(read_file(0, header, NULL, 0, &array, &why));
    assert_memory_equal(why, "N-004", 5);
    assert_false(read_file(4, header, NULL, 0, &array, &why));
    assert_memory_equal(why, "N-004", 5);
    assert_false(npy_read_bytes("\x93NUMPX\x01\0\0\0", 10, &array, &why));
    assert_memory_equal(why, "N-004", 5);
    assert_false(npy_read_bytes("\x93NUMPY\x01\0\1\0", 10, &array, &why)); /* cut */
    assert_memory_equal(why, "N-004", 5);
    assert_true(npy_looks_so("\x93NUMPY", 6));
    assert_false(npy_looks_so("\x93NUMPX", 6));
    assert_false(npy_looks_so("\x93NUMP", 5));
}

/* What is written is read back, whatever the rank; the largest header has room. */
static void headers_are_read_back(void **state) {
    (void)state;
    const size_t dims[NPY_RANK_MAX] = {1, 2, 1, 3, 1, 1, 2, 1};
    const float values[12] = {1, -2.5f, 0x1p-149f};
    for (size_t rank = 0; rank <= NPY_RANK_MAX; rank++) {
        uint8_t file[NPY_HEADER + sizeof values];
        struct npy array;
        const char *why;
        size_t count = 1;
        for (size_t d = 0; d < rank; d++) count *= dims[d];
        npy_header(dims, rank, file);
        npy_floats(values, count, file + NPY_HEADER);
        assert_true(npy_read_bytes(file, NPY_HEADER + 4 * count, &array, &why));
        assert_int_equal(array.rank, rank);
        assert_memory_equal(array.dims, dims, rank * sizeof *dims);
        assert_memory_equal(array.values, values, count * sizeof *values);
        npy_free(&array);
    }
    uint8_t header[NPY_HEADER + 1] = {0};
    size_t large[NPY_RANK_MAX];
    for (size_t d = 0; d < NPY_RANK_MAX; d++) large[d] = SIZE_MAX;
    npy_header(large, NPY_RANK_MAX, header);
    assert_non_null(strstr((const char *)header + 10, "), }  "));
    assert_int_equal(header[NPY_HEADER - 1], '\n');
}

/* An empty file is a file of no bytes. */
static void files_may_be_empty(void **state) {
    (void)state;
    char path[] = "/tmp/fovea-npy.XXXXXX";
    const int made = mkstemp(path);
    size_t size = 1;
    assert_true(made >= 0);
    close(made);
    uint8_t *bytes = npy_file(path, &size);
    unlink(path);
    assert_non_null(bytes);
    assert_int_equal(size, 0);
    free(bytes);
    assert_null(npy_file(path, &size));
}

static void a_batch_axis_is_told_from_none(void **state) {
    (void)state;
    static const uint32_t shape[] = {4, 5};
    struct npy array = {.rank = 3, .dims = {7, 4, 5}};
    assert_int_equal(npy_batch(&array, shape, 2), 7);
    array = (struct npy){.rank = 2, .dims = {4, 5}};
    assert_int_equal(npy_batch(&array, shape, 2), 1);
    array = (struct npy){.rank = 2, .dims = {5, 4}};
    assert_int_equal(npy_batch(&array, shape, 2), 0);
    array = (struct npy){.rank = 3, .dims = {4, 5, 1}};
    assert_int_equal(npy_batch(&array, shape, 2), 0);
    array = (struct npy){.rank = 0};
    assert_int_equal(npy_batch(&array, shape, 0), 1);
    assert_int_equal(npy_batch(&array, shape, 1), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_in_both_byte_orders),
        cmocka_unit_test(what_is_no_number_is_kept),
        cmocka_unit_test(fortran_order_becomes_c_order),
        cmocka_unit_test(other_types_are_refused),
        cmocka_unit_test(headers_that_end_early_are_refused),
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(headers_are_read_back),
        cmocka_unit_test(files_may_be_empty),
        cmocka_unit_test(a_batch_axis_is_told_from_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
