#include "tests/unit/hdf5_sample.h"

#include <float.h>

static void check_sample(bool latest) {
    struct sample s;
    struct opened o;
    const struct hdf5_object *children;
    struct hdf5_value value;
    size_t count, length;
    float numbers[6];
    bool dataset, found;
    make(&s, latest);
    open_bytes(&o, s.w.bytes, s.w.size);
    if (!o.file) fail_msg("%s", o.trouble.text);

    struct hdf5_object root = find(&o, NULL, "");
    assert_string_equal(root.path, "/");
    assert_true(hdf5_list(o.file, &root, &children, &count, &o.trouble));
    assert_int_equal(count, 2);
    assert_string_equal(children[0].path, "/inner");
    assert_string_equal(children[1].path, "/w");
    assert_true(hdf5_is_dataset(o.file, &children[0], &dataset, &o.trouble) && !dataset);
    assert_true(hdf5_is_dataset(o.file, &children[1], &dataset, &o.trouble) && dataset);
    const struct hdf5_object inner = children[0];
    assert_true(hdf5_list(o.file, &inner, &children, &count, &o.trouble));
    assert_int_equal(count, 2);
    assert_string_equal(children[0].path, "/inner/bias");

    struct hdf5_object object = find(&o, NULL, "//inner///kernel/");
    assert_string_equal(object.path, "/inner/kernel");
    assert_true(hdf5_dataset(o.file, &object, &value, &o.trouble));
    assert_int_equal(value.class, HDF5_FLOAT);
    assert_int_equal(value.size, 4);
    assert_int_equal(value.rank, 2);
    assert_int_equal(value.dims[0], 2);
    assert_int_equal(value.dims[1], 3);
    assert_int_equal(value.count, 6);
    hdf5_floats(&value, 0, 6, numbers);
    assert_memory_equal(numbers, kernel, sizeof kernel);
    hdf5_floats(&value, 4, 2, numbers);
    assert_memory_equal(numbers, kernel + 4, 8);

    object = find(&o, &inner, "bias");
    assert_string_equal(object.path, "/inner/bias");
    assert_true(hdf5_dataset(o.file, &object, &value, &o.trouble));
    assert_int_equal(value.class, HDF5_UNSIGNED);
    assert_memory_equal(value.data, bias, 3);

    assert_null(find(&o, NULL, "inne").path);
    assert_null(find(&o, NULL, "inner2").path);
    assert_null(find(&o, NULL, "w/deeper").path);
    assert_true(hdf5_attribute(o.file, &object, "number", &value, &found, &o.trouble) && !found);

    value = attribute(&o, "number");
    assert_int_equal(value.class, HDF5_SIGNED);
    assert_int_equal(value.rank, 0);
    hdf5_floats(&value, 0, 1, numbers);
    assert_true(numbers[0] == -5);
    value = attribute(&o, "empty");
    assert_int_equal(value.class, HDF5_FLOAT);
    assert_int_equal(value.rank, 1);
    assert_int_equal(value.count, 0);
    static const char *const names[] = {"ab", "abcd", ""};
    value = attribute(&o, "names");
    assert_int_equal(value.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(hdf5_string(o.file, &value, i, &length, &o.trouble), names[i]);
        assert_int_equal(length, strlen(names[i]));
    }
    value = attribute(&o, "config");
    assert_true(value.variable);
    for (size_t i = 3; i-- > 0;)
        assert_string_equal(hdf5_string(o.file, &value, i, &length, &o.trouble), texts[i]);
    assert_null(hdf5_string(o.file, &value, 3, &length, &o.trouble));
    close_bytes(&o);

    struct hdf5_walk all = walk(s.w.bytes, s.w.size);
    if (all.refused) fail_msg("%s", all.first);
    assert_int_equal(all.groups, 2);
    assert_int_equal(all.datasets, 2);
    assert_int_equal(all.attributes, 4);
}

static void an_old_file_is_read(void **state) {
    (void)state;
    check_sample(false);
}

static void a_new_file_is_read(void **state) {
    (void)state;
    check_sample(true);
}

/* ---- numbers ---- */

static void check_number(unsigned type, uint64_t bits, float expected) {
    static const unsigned sizes[] = {2, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8};
    const unsigned size = sizes[type & 0x1f];
    struct writer w;
    struct opened o;
    uint8_t bytes[8];
    float number;
    for (unsigned i = 0; i < size; i++)
        bytes[type & W_BIG ? size - 1 - i : i] = (uint8_t)(bits >> (8 * i));
    w_begin(&w, room, false);
    const struct w_link link = {"x", w_contiguous(&w, type, 0, NULL, bytes, size)};
    w_end(&w, w_group(&w, &link, 1));
    open_bytes(&o, w.bytes, w.size);
    struct hdf5_object object = find(&o, NULL, "x");
    struct hdf5_value value;
    if (!hdf5_dataset(o.file, &object, &value, &o.trouble)) fail_msg("%s", o.trouble.text);
    assert_int_equal(value.rank, 0);
    assert_int_equal(value.count, 1);
    hdf5_floats(&value, 0, 1, &number);
    if (memcmp(&number, &expected, sizeof number) != 0 && !(isnan(number) && isnan(expected)))
        fail_msg("type %u, %llx: %a, not %a", type, (unsigned long long)bits, (double)number,
                 (double)expected);
    close_bytes(&o);
}

static void numbers_of_all_types_become_floats(void **state) {
    (void)state;
    static const struct {
        unsigned type;
        uint64_t bits;
        float value;
    } cases[] = {
        {W_F2, 0x3c00, 1},
        {W_F2, 0xc500, -5},
        {W_F2, 0x0001, 0x1p-24f},
        {W_F2, 0x83ff, -0x1.ff8p-15f},
        {W_F2, 0x0400, 0x1p-14f},
        {W_F2, 0x7bff, 65504},
        {W_F2, 0x8000, -0.0f},
        {W_F2, 0xfc00, -INFINITY},
        {W_F2, 0x7e00, NAN},
        {W_F4, 0x3f800000, 1},
        {W_F4, 0x00000001, 0x1p-149f},
        {W_F8, 0x3ff0000000000000, 1},
        {W_F8, 0x3fb999999999999a, 0.1f},
        {W_F8, 0x47efffffe0000000, 0x1.fffffep127f},
        {W_F8, 0x47efffffefffffff, 0x1.fffffep127f},
        {W_F8, 0x47effffff0000000, INFINITY},
        {W_F8, 0xffefffffffffffff, -INFINITY},
        {W_F8, 0x7ff0000000000000, INFINITY},
        {W_F8, 0x7ff8000000000000, NAN},
        {W_I1, 0x80, -128},
        {W_I2, 0xffff, -1},
        {W_I4, 0x80000000, -0x1p31f},
        {W_I8, 0x8000000000000000, -0x1p63f},
        {W_I8, 0x0000000001000001, 0x1p24f},
        {W_I8, 0x0000000001000003, 0x1.000004p24f},
        {W_I8, 0xfffffffffefffffd, -0x1.000004p24f},
        {W_I8, 0x4000004000000001, 0x1.000002p62f},
        {W_U1, 0xff, 255},
        {W_U2, 0xfffe, 65534},
        {W_U4, 0xffffffff, 0x1p32f},
        {W_U8, 0xffffffffffffffff, 0x1p64f},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_number(cases[i].type, cases[i].bits, cases[i].value);
        check_number(cases[i].type | W_BIG, cases[i].bits, cases[i].value);
    }
}

/* ---- damage ---- */

static const struct patch {
    enum anchor anchor;
    unsigned offset, bytes;
    uint64_t value;
    const char *reason;
} patches[] = {
    {SUPER, 0, 1, 0, "the signature is missing"},
    {SUPER, 8, 1, 4, "superblock version 4"},
    {SUPER, 9, 1, 1, "unknown versions"},
    {SUPER, 13, 1, 0, "addresses of 0 and lengths of 8"},
    {SUPER, 13, 1, 3, "addresses of 3 and lengths of 8"},
    {SUPER, 14, 1, 16, "addresses of 8 and lengths of 16"},
    {SUPER, 24, 8, 7, "the base address 7"},
    {SUPER, 24, 8, W_UNDEF, "the base address"},
    {SUPER, 40, 8, W_UNDEF - 1, "the file is cut short"},
    {SUPER, 40, 8, 100, "is outside the file"},
    {SUPER, 48, 8, 0, "several parts"},
    {SUPER, 64, 8, W_UNDEF, "the object header is outside the file"},
    {SUPER, 64, 8, 0, "there is no object header here at byte 0"},
    {KERNEL, 0, 1, 2, "there is no object header"},
    {KERNEL, 2, 2, 65535, "fewer messages than it says"},
    {KERNEL, 2, 2, 2, "more messages than it says"},
    {KERNEL, 8, 4, 0xffffffff, "the file ends inside the object header"},
    {KERNEL, 8, 4, 90, "longer than its object header"},
    {KERNEL, 16, 2, 3, "two messages of type 3"},
    {KERNEL, 16, 2, 8, "two messages of type 8"},
    {KERNEL, 16, 2, 0, "the object is not a dataset"},
    {KERNEL, 18, 2, 0xfff8, "longer than its object header"},
    {KERNEL, 18, 2, 23, "23 bytes, not a multiple of 8"},
    {KERNEL, 20, 1, 2, "shared messages (type 1)"},
    {KERNEL, 16, 8, 0x00000080001800ff, "an unknown message, type 255, that must not be ignored"},
    {KERNEL, 48, 2, 0, "the object is not a dataset"},
    {KERNEL, 80, 2, 7, "the object is not a group"},
    {KERNEL, 24, 1, 3, "dataspace version 3"},
    {KERNEL, 25, 1, 9, "more than 8 dimensions: 9"},
    {KERNEL, 25, 1, 255, "more than 8 dimensions: 255"},
    {KERNEL, 25, 1, 0, "24 bytes are stored, but the dimensions need 4"},
    {KERNEL, 26, 1, 1, "the dataspace message is too short"},
    {KERNEL, 26, 1, 2, "dataspace version 1 with flags 2"},
    {KERNEL, 32, 8, UINT64_C(1) << 63, "the product of the dimensions is too large"},
    {KERNEL, 32, 8, UINT64_C(1) << 62, "the dimensions are too large"},
    {KERNEL, 32, 8, 0, "24 bytes are stored, but the dimensions need 0"},
    {KERNEL, 32, 8, 3, "24 bytes are stored, but the dimensions need 36"},
    {KERNEL, 56, 1, 0x01, "datatype version 0"},
    {KERNEL, 56, 1, 0x12, "time data"},
    {KERNEL, 56, 1, 0x14, "bitfield data"},
    {KERNEL, 56, 1, 0x15, "opaque data"},
    {KERNEL, 56, 1, 0x16, "compound data"},
    {KERNEL, 56, 1, 0x17, "reference data"},
    {KERNEL, 56, 1, 0x18, "enumerated data"},
    {KERNEL, 56, 1, 0x19, "variable-length data"},
    {KERNEL, 56, 1, 0x1a, "array data"},
    {KERNEL, 56, 1, 0x1f, "unknown data"},
    {KERNEL, 57, 1, 0x61, "not IEEE 754's"},
    {KERNEL, 57, 1, 0x00, "not IEEE 754's"},
    {KERNEL, 58, 1, 30, "not IEEE 754's"},
    {KERNEL, 60, 4, 0, "floating-point numbers of 0 bytes"},
    {KERNEL, 60, 4, 3, "floating-point numbers of 3 bytes"},
    {KERNEL, 60, 4, 0x80000000, "floating-point numbers of 2147483648 bytes"},
    {KERNEL, 64, 2, 1, "not IEEE 754's"},
    {KERNEL, 66, 2, 31, "not IEEE 754's"},
    {KERNEL, 68, 1, 22, "not IEEE 754's"},
    {KERNEL, 72, 4, 126, "not IEEE 754's"},
    {KERNEL, 88, 1, 1, "layout version 1"},
    {KERNEL, 88, 1, 6, "layout version 6"},
    {KERNEL, 89, 1, 3, "a virtual dataset"},
    {KERNEL, 89, 1, 9, "an unknown layout"},
    {KERNEL, 90, 8, W_UNDEF, "the data was never written"},
    {KERNEL, 90, 8, W_UNDEF - 9, "the data is outside the file"},
    {KERNEL, 98, 8, 23, "23 bytes are stored"},
    {KERNEL, 98, 8, UINT64_C(1) << 63, "bytes are stored, but the dimensions need 24"},
    {BIAS, 56, 2, 1, "integers of 8 bits in 1 bytes"},
    {BIAS, 58, 2, 7, "integers of 7 bits"},
    {BIAS, 52, 4, 3, "integers of 8 bits in 3 bytes"},
    {BIAS, 52, 4, 0, "integers of 8 bits in 0 bytes"},
    {BIAS, 74, 2, 200, "200 bytes are stored, but the dimensions need 3"},
    {TREE, 0, 1, 'X', "no B-tree of type 0"},
    {TREE, 4, 1, 1, "no B-tree of type 0"},
    {TREE, 5, 1, 1, "no B-tree of type 0"},
    {TREE, 5, 1, 64, "more than 64 levels"},
    {TREE, 6, 2, 65535, "the file ends inside the B-tree"},
    {TREE, 32, 8, W_UNDEF, "the symbol table node is outside the file"},
    {NODE, 0, 1, 'X', "no symbol table node"},
    {NODE, 4, 1, 2, "no symbol table node"},
    {NODE, 6, 2, 65535, "the file ends inside the symbol table node"},
    {NODE, 8, 8, 1000, "the name of a link is outside its heap"},
    {NODE, 8, 8, W_UNDEF, "the name of a link is outside its heap"},
    {NODE, 8, 8, 0, "the name of a link is unusable"},
    {NODE, 48, 8, 8, "the group names \"inner\" twice"},
    {NODE, 16, 8, W_UNDEF, "the address of the object header is outside the file"},
    {NODE, 24, 4, 2, "a soft link, which is not followed"},
    {HEAP, 0, 1, 'X', "no local heap"},
    {HEAP, 4, 1, 1, "no local heap"},
    {HEAP, 8, 8, UINT64_C(1) << 63, "the file ends inside the local heap"},
    {HEAP, 8, 8, 12, "the name of a link is outside its heap"},
    {HEAP, 24, 8, W_UNDEF, "the address of the local heap is outside the file"},
    {COLLECTION, 0, 1, 'X', "no global heap"},
    {COLLECTION, 4, 1, 2, "no global heap"},
    {COLLECTION, 8, 8, UINT64_C(1) << 40, "the file ends inside the global heap"},
    {COLLECTION, 16, 2, 9, "the global heap holds no object 1"},
    {COLLECTION, 16, 2, 2, "object 2 occurs twice"},
    {COLLECTION, 24, 8, 29, "a string of 28 bytes is stored in 29"},
    {COLLECTION, 24, 8, W_UNDEF, "an object reaches beyond its global heap"},
    {NUMBER, 0, 1, 9, "attribute version 9"},
    {NUMBER, 2, 2, 6, "has no name"},
    {NUMBER, 2, 2, 65535, "too short or has no name"},
    {NUMBER, 4, 2, 4, "the datatype message is too short"},
    {NUMBER, 6, 2, 1, "the dataspace message is too short"},
};

static void damage_is_named(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof patches / sizeof *patches; i++) {
        const struct patch *p = &patches[i];
        struct sample s;
        make(&s, false);
        w_set(&s.w, s.at[p->anchor] + p->offset, p->bytes, p->value);
        struct hdf5_walk result = walk(s.w.bytes, s.w.size);
        if (!strstr(result.first, p->reason))
            fail_msg("patch %zu: \"%s\", not \"%s\"", i, result.first, p->reason);
    }
}

static void messages_tell_where(void **state) {
    (void)state;
    struct sample s;
    make(&s, false);
    w_set(&s.w, s.at[KERNEL] + 56, 1, 0x16);
    char expected[100];
    snprintf(expected, sizeof expected, "/w: compound data is not supported at byte %d",
             (int)s.at[KERNEL] + 56);
    assert_string_equal(walk(s.w.bytes, s.w.size).first, expected);
}

static void what_cannot_be_read_hides_nothing_else(void **state) {
    (void)state;
    struct sample s;
    make(&s, false);
    w_set(&s.w, s.at[KERNEL] + 56, 1, 0x16); /* a compound dataset */
    w_set(&s.w, s.at[NUMBER] + 16, 1, 0x18); /* and an attribute of an enumerated type */
    struct hdf5_walk result = walk(s.w.bytes, s.w.size); /* the dataset is met once */
    assert_int_equal(result.refused, 2);
    assert_int_equal(result.groups, 2);
    assert_int_equal(result.datasets, 1);
    assert_int_equal(result.attributes, 3);
}

/* Each cut, with the end of the file put right in the superblock, must be noticed. */
static void a_file_cut_anywhere_is_refused(void **state) {
    (void)state;
    for (int latest = 0; latest < 2; latest++) {
        struct sample s;
        make(&s, latest);
        for (size_t size = 0; size < s.w.size; size++) {
            if (walk(s.w.bytes, size).refused == 0) fail_msg("%zu bytes accepted", size);
            if (size < 96) continue;
            w_set(&s.w, latest ? 28 : 40, 8, size);
            if (latest) w_reseal(&s.w, 0, 44);
            if (walk(s.w.bytes, size).refused == 0) fail_msg("%zu bytes accepted", size);
            w_set(&s.w, latest ? 28 : 40, 8, s.w.size);
            if (latest) w_reseal(&s.w, 0, 44);
        }
    }
}

static void any_bit_may_be_wrong(void **state) {
    (void)state;
    for (int latest = 0; latest < 2; latest++) {
        struct sample s;
        make(&s, latest);
        for (size_t bit = 0; bit < 8 * s.w.size; bit++) {
            s.w.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            struct hdf5_walk result = walk(s.w.bytes, s.w.size);
            bool sealed = latest && bit / 8 >= s.at[ROOT]; /* checksums leave no bit alone */
            if (sealed && result.refused == 0) fail_msg("bit %zu is not covered", bit);
            s.w.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            w_flip(&s.w, bit); /* and now with the checksum put right */
            (void)walk(s.w.bytes, s.w.size);
            w_flip(&s.w, bit);
        }
    }
}

static void checksums_are_checked(void **state) {
    (void)state;
    struct sample s;
    make(&s, true);
    s.w.bytes[20] ^= 1;
    assert_non_null(strstr(walk(s.w.bytes, s.w.size).first, "the checksum of the superblock"));
    make(&s, true);
    s.w.bytes[s.at[ROOT] + 12] ^= 1;
    assert_non_null(strstr(walk(s.w.bytes, s.w.size).first, "the checksum of the object header"));
}

/* ---- the demonstration model ---- */

static uint8_t *read_file(const char *path, size_t *size) {
    FILE *f = fopen(path, "rb");
    if (!f) fail_msg("%s does not open: run the tests from the root of the repository", path);
    uint8_t *bytes = malloc(1u << 20);
    assert_non_null(bytes);
    *size = fread(bytes, 1, 1u << 20, f);
    fclose(f);
    return bytes;
}

static void the_demonstration_model_is_read(void **state) {
    (void)state;
    size_t size, length;
    uint8_t *bytes = read_file("weights/demo/patterns.h5", &size);
    struct hdf5_walk all = walk(bytes, size);
    if (all.refused) fail_msg("%s", all.first);
    struct opened o;
    open_bytes(&o, bytes, size);
    struct hdf5_value value = attribute(&o, "model_config");
    const char *text = hdf5_string(o.file, &value, 0, &length, &o.trouble);
    assert_non_null(text);
    assert_int_equal(text[0], '{');
    assert_int_equal(text[length - 1], '}');
    close_bytes(&o);
    for (size_t cut = 0; cut < size; cut += cut < 4096 ? 1 : 97) {
        w_set(&(struct writer){.bytes = bytes}, 40, 8, cut);
        struct hdf5_walk part = walk(bytes, cut);
        if (part.refused == 0 && part.datasets == all.datasets &&
            part.attributes == all.attributes && cut < size / 2)
            fail_msg("%zu of %zu bytes are as good as all", cut, size);
    }
    free(bytes);
}

static void doubles_become_the_nearest_floats(void **state) {
    (void)state;
    static const double doubles[] = {
        1e39, -1e39, 0x1.fffffefp127, -0x1.fffffefp127, 0x1.ffffffp127, 1e-60, 0x1.000001p-149,
        1.1,  -0.0};
    static const float floats[] = {INFINITY, -INFINITY, FLT_MAX, -FLT_MAX, INFINITY,
                                   0,        0x1p-149f, 1.1f,    -0.0f};
    struct writer w;
    struct opened o;
    unsigned messages;
    const uint64_t nine = 9;
    float out[9];
    w_begin(&w, room, true);
    const uint64_t root = w_group_begin(&w, NULL, 0, &messages);
    w_attribute(&w, "d", W_F8, 1, &nine, doubles, sizeof doubles);
    w_header_end(&w, root, messages + 1);
    w_end(&w, root);
    open_bytes(&o, w.bytes, w.size);
    struct hdf5_value value = attribute(&o, "d");
    hdf5_floats(&value, 0, 9, out);
    assert_memory_equal(out, floats, sizeof out);
    hdf5_floats(&value, 8, 1, out); /* and only a part of them */
    assert_memory_equal(out, floats + 8, sizeof *out);
    close_bytes(&o);
}

static void strings_that_are_not_there_are_refused(void **state) {
    (void)state;
    struct sample s;
    struct opened o;
    size_t length;
    make(&s, false);
    open_bytes(&o, s.w.bytes, s.w.size);
    struct hdf5_value numbers = attribute(&o, "number"), names = attribute(&o, "names");
    assert_string_equal(hdf5_string(o.file, &names, 2, &length, &o.trouble), "");
    assert_null(hdf5_string(o.file, &names, 3, &length, &o.trouble));
    o.trouble.set = false;
    assert_null(hdf5_string(o.file, &numbers, 0, &length, &o.trouble));
    assert_true(o.trouble.set);
    o.trouble.set = false;
    names.count = UINT64_MAX; /* more than could be counted in bytes */
    assert_null(hdf5_string(o.file, &names, 1, &length, &o.trouble));
    close_bytes(&o);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_old_file_is_read),
        cmocka_unit_test(a_new_file_is_read),
        cmocka_unit_test(numbers_of_all_types_become_floats),
        cmocka_unit_test(damage_is_named),
        cmocka_unit_test(messages_tell_where),
        cmocka_unit_test(what_cannot_be_read_hides_nothing_else),
        cmocka_unit_test(a_file_cut_anywhere_is_refused),
        cmocka_unit_test(any_bit_may_be_wrong),
        cmocka_unit_test(checksums_are_checked),
        cmocka_unit_test(the_demonstration_model_is_read),
        cmocka_unit_test(doubles_become_the_nearest_floats),
        cmocka_unit_test(strings_that_are_not_there_are_refused),
    };
    return cmocka_run_group_tests_name("hdf5", tests, NULL, NULL);
}
