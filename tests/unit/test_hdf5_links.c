/* User blocks, links, circles, limits. */
#include "tests/unit/hdf5_sample.h"

/* ---- user block, links, cycles ---- */

static void a_user_block_is_skipped(void **state) {
    (void)state;
    static uint8_t bytes[W_ROOM + 1024];
    struct sample s;
    make(&s, false);
    memset(bytes, 'u', 1024);
    memcpy(bytes + 1024, s.w.bytes, s.w.size);
    for (int told = 0; told < 2; told++) {
        struct hdf5_walk result = walk(bytes, s.w.size + 1024);
        if (result.refused) fail_msg("%s", result.first);
        assert_int_equal(result.datasets, 2);
        w_set(&(struct writer){.bytes = bytes}, 1024 + 24, 8, 1024);
        w_set(&(struct writer){.bytes = bytes}, 1024 + 40, 8, s.w.size + 1024);
    }
    w_set(&(struct writer){.bytes = bytes}, 1024 + 40, 8, 1023); /* it ends before it begins */
    assert_string_equal(walk(bytes, s.w.size + 1024).check, "H-012");
    memmove(bytes + 1, bytes, s.w.size + 1024);
    assert_non_null(strstr(walk(bytes, s.w.size + 1025).first, "the signature is missing"));
}

static void links_that_are_not_hard_are_listed_and_not_followed(void **state) {
    (void)state;
    static const struct {
        const char *path, *reason;
    } cases[] = {{"s", "/s: a soft link, which is not followed"},
                 {"s/x", "/s/x: a soft link, which is not followed"},
                 {"e", "/e: a link to another file, which is not followed"},
                 {"u", "/u: a link of a user-defined type, which is not followed"}};
    const struct w_link links[] = {{"u", HDF5_USER}, {"e", HDF5_EXTERNAL}, {"s", HDF5_SOFT}};
    struct writer w;
    struct opened o;
    const struct hdf5_object *children;
    struct hdf5_object root, object;
    size_t count;
    bool found;
    w_begin(&w, room, true);
    w_end(&w, w_group(&w, links, 3));
    open_bytes(&o, w.bytes, w.size);
    root = find(&o, NULL, "/");
    assert_true(hdf5_list(o.file, &root, &children, &count, &o.trouble));
    assert_int_equal(count, 3);
    assert_string_equal(children[0].path, "/e");
    for (size_t i = 0; i < 3; i++) {
        const struct hdf5_object *none;
        struct trouble trouble = {0};
        assert_false(hdf5_list(o.file, &children[i], &none, &count, &trouble));
        assert_string_equal(trouble.check, "H-015");
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct trouble trouble = {0};
        assert_false(hdf5_find(o.file, NULL, cases[i].path, &object, &found, &trouble));
        assert_string_equal(trouble.text, cases[i].reason);
    }
    close_bytes(&o);
}

static void a_group_inside_itself_ends(void **state) {
    (void)state;
    struct writer w;
    struct opened o;
    struct hdf5_object object;
    const struct hdf5_object *children;
    size_t count, depth = 0;
    w_begin(&w, room, false);
    const struct w_link link = {"again", 0};
    uint64_t root = w_group(&w, &link, 1);
    w_set(&w, find_bytes(&w, "SNOD", 4) + 16, 8, root);
    w_end(&w, root);
    assert_int_equal(walk(w.bytes, w.size).groups, 1);
    open_bytes(&o, w.bytes, w.size);
    object = find(&o, NULL, "/again/again");
    assert_string_equal(object.path, "/again/again");
    for (object = find(&o, NULL, "/");; object = children[0], depth++)
        if (!hdf5_list(o.file, &object, &children, &count, &o.trouble)) break;
    assert_int_equal(depth, HDF5_NESTING_MAX);
    assert_non_null(strstr(o.trouble.text, "nested deeper than the limit"));
    close_bytes(&o);
}

/* The deepest group that there may be may not have links, but be there. */
static void a_group_is_listed_as_deep_as_the_limit(void **state) {
    (void)state;
    struct writer w;
    struct opened o;
    const struct hdf5_object *children, *again;
    size_t count;
    char path[2 * HDF5_NESTING_MAX + 1];
    w_begin(&w, room, true);
    uint64_t group = w_group(&w, NULL, 0);
    for (int i = 0; i < HDF5_NESTING_MAX; i++) {
        const struct w_link link = {"g", group};
        group = w_group(&w, &link, 1);
        memcpy(path + 2 * i, "/g", 3);
    }
    w_end(&w, group);
    open_bytes(&o, w.bytes, w.size);
    struct hdf5_object deepest = find(&o, NULL, path);
    assert_true(hdf5_list(o.file, &deepest, &children, &count, &o.trouble));
    assert_int_equal(count, 0);
    path[2 * HDF5_NESTING_MAX - 2] = '\0';
    struct hdf5_object above = find(&o, NULL, path);
    assert_true(hdf5_list(o.file, &above, &children, &count, &o.trouble));
    assert_int_equal(count, 1);
    assert_string_equal(children[0].path, deepest.path);
    assert_true(hdf5_list(o.file, &above, &again, &count, &o.trouble));
    assert_ptr_equal(again, children); /* made once */
    close_bytes(&o);
}

static void damaged_links_are_named(void **state) {
    (void)state;
    static char name[HDF5_NAME_MAX + 2];
    struct writer w;
    memset(name, 'n', sizeof name - 1);
    for (size_t length = HDF5_NAME_MAX; length < sizeof name; length++) {
        w_begin(&w, room, true);
        uint64_t group = w_group(&w, NULL, 0), root = w_header(&w);
        uint64_t m = w_message(&w, HDF5_LINK_INFO);
        w_put(&w, 2, 0);
        w_put(&w, 8, W_UNDEF);
        w_put(&w, 8, W_UNDEF);
        w_message_end(&w, m);
        m = w_message(&w, HDF5_LINK);
        w_put(&w, 2, 0x0101); /* the length of the name in 2 bytes */
        w_put(&w, 2, length);
        w_bytes(&w, name, length);
        w_put(&w, 8, group);
        w_message_end(&w, m);
        w_header_end(&w, root, 0);
        w_end(&w, root);
        assert_string_equal(walk(w.bytes, w.size).check, length > HDF5_NAME_MAX ? "H-034" : "");
    }
    w_begin(&w, room, false);
    uint64_t root = w_header(&w), m = w_message(&w, HDF5_SYMBOL_TABLE);
    w_put(&w, 8, 0); /* a B-tree, and no heap */
    w_message_end(&w, m);
    w_header_end(&w, root, 1);
    w_end(&w, root);
    assert_string_equal(walk(w.bytes, w.size).check, "H-038");
}

static void a_tree_in_circles_ends(void **state) {
    (void)state;
    struct sample s;
    make(&s, false);
    w_set(&s.w, s.at[TREE] + 5, 1, 1);
    w_set(&s.w, s.at[TREE] + 32, 8, s.at[TREE]);
    assert_non_null(strstr(walk(s.w.bytes, s.w.size).first, "levels of the B-tree are mixed up"));

    /* levels in order, but each node names the next one twice: 2^40 ways */
    struct writer w;
    w_begin(&w, room, false);
    uint64_t tree, heap;
    const struct w_link none = {"", 0};
    w_symbols(&w, &none, 0, &tree, &heap);
    uint64_t below = tree;
    for (unsigned level = 1; level <= 40; level++) {
        uint64_t node = w_text(&w, "TREE");
        w_put(&w, 4, level << 8 | 2u << 16);
        w_put(&w, 8, W_UNDEF);
        w_put(&w, 8, W_UNDEF);
        for (int i = 0; i < 2; i++) {
            w_put(&w, 8, 0);
            w_put(&w, 8, below);
        }
        w_put(&w, 8, 0);
        below = node;
    }
    uint64_t root = w_header(&w), m = w_message(&w, HDF5_SYMBOL_TABLE);
    w_put(&w, 8, below);
    w_put(&w, 8, heap);
    w_message_end(&w, m);
    w_header_end(&w, root, 1);
    w_end(&w, root);
    assert_non_null(strstr(walk(w.bytes, w.size).first, "leads in circles"));
}

/* A header that continues at `next`, `twice` or once; its messages are `messages`. */
static void w_continuation(struct writer *w, uint64_t next, uint64_t length) {
    uint64_t m = w_message(w, HDF5_CONTINUATION);
    w_put(w, 8, next);
    w_put(w, 8, length);
    w_message_end(w, m);
}

static void continuations_are_read_once(void **state) {
    (void)state;
    struct writer w;
    for (int kind = 0; kind < 4; kind++) {
        w_begin(&w, room, false);
        uint64_t a = w.size, b = a + 48; /* two blocks of two messages each */
        uint64_t first[] = {b, a, b, b}, second[] = {b, a, a, b};
        w_continuation(&w, first[kind], 48);
        w_continuation(&w, second[kind], kind == 1 ? 24 : 48);
        w_continuation(&w, kind == 3 ? W_UNDEF : a, 48);
        w_continuation(&w, a, 48);
        uint64_t root = w_header(&w);
        w_continuation(&w, a, 48);
        w_header_end(&w, root, 5);
        w_end(&w, root);
        struct hdf5_walk result = walk(w.bytes, w.size);
        if (!strstr(result.first, "a block of the object header is met twice"))
            fail_msg("%d: %s", kind, result.first);
    }
    /* of length 0, of half a message, beyond the file */
    static const struct {
        uint64_t length;
        const char *reason;
    } cases[] = {{0, "fewer messages"},
                 {3, "longer than its object header"},
                 {1u << 20, "the file ends inside the object header"}};
    for (size_t i = 0; i < 3; i++) {
        w_begin(&w, room, false);
        uint64_t a = w.size;
        w_continuation(&w, a, 48);
        uint64_t root = w_header(&w);
        w_continuation(&w, a, cases[i].length);
        w_header_end(&w, root, 3);
        w_end(&w, root);
        struct hdf5_walk result = walk(w.bytes, w.size);
        if (!strstr(result.first, cases[i].reason)) fail_msg("%s", result.first);
    }
}

static void headers_have_limits(void **state) {
    (void)state;
    struct writer w;
    struct hdf5_walk result;
    w_begin(&w, room, false);
    uint64_t root = w_header(&w);
    for (int i = 0; i < 1025; i++) w_message_end(&w, w_message(&w, 5));
    w_header_end(&w, root, 1025);
    w_end(&w, root);
    result = walk(w.bytes, w.size);
    assert_non_null(strstr(result.first, "more messages than the limit"));
    w_begin(&w, room, false);
    uint64_t first = w.size;
    for (uint64_t i = 1; i <= 300; i++) w_continuation(&w, first + 24 * i, 24);
    root = w_header(&w);
    w_continuation(&w, first, 24);
    w_header_end(&w, root, 301);
    w_end(&w, root);
    result = walk(w.bytes, w.size);
    assert_non_null(strstr(result.first, "more than 256 blocks"));
}

static void paths_have_limits(void **state) {
    (void)state;
    struct sample s;
    struct opened o;
    struct hdf5_object object;
    bool found;
    char path[] = "/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a";
    make(&s, true);
    open_bytes(&o, s.w.bytes, s.w.size);
    assert_false(hdf5_find(o.file, NULL, path, &object, &found, &o.trouble));
    assert_non_null(strstr(o.trouble.text, "more names in a path"));
    close_bytes(&o);
    open_bytes(&o, s.w.bytes, s.w.size);
    path[64] = '\0';
    assert_null(find(&o, NULL, path).path);
    close_bytes(&o);
}

static void data_in_other_files(int messages, const char *check) {
    const uint64_t dims[] = {2, 3};
    struct writer w;
    w_begin(&w, room, true);
    uint64_t start = w_dataset_begin(&w, W_F4, 2, dims, NULL), m = w_message(&w, HDF5_LAYOUT);
    w_put(&w, 2, 0x0103);
    w_put(&w, 8, W_UNDEF);
    w_put(&w, 8, 24);
    w_message_end(&w, m);
    for (int i = 0; i < messages; i++) w_message_end(&w, w_message(&w, HDF5_EXTERNAL_FILES));
    w_header_end(&w, start, 0);
    const struct w_link link = {"x", start};
    w_end(&w, w_group(&w, &link, 1));
    struct hdf5_walk result = walk(w.bytes, w.size);
    assert_string_equal(result.check, check);
}

static void data_in_other_files_is_refused(void **state) {
    (void)state;
    data_in_other_files(1, "H-092");
    data_in_other_files(2, "H-032");
}

static void a_new_header_may_continue(void **state) {
    (void)state;
    const int64_t number = 9;
    struct writer w;
    static const char *const checks[] = {"", "H-018", "H-023", "H-017"};
    for (int flaw = 0; flaw < 4; flaw++) {
        w_begin(&w, room, true);
        uint64_t block = w_text(&w, "OCHK");
        w_attribute(&w, "far", W_I8, 0, NULL, &number, 8);
        w_bytes(&w, "\0\0\0", 3);                    /* a gap that holds no message */
        if (flaw == 2) w_set(&w, block + 5, 2, 100); /* a message longer than its block */
        w_seal(&w, block);
        uint64_t length = flaw == 3 ? 7 : w.size - block, root;
        unsigned messages;
        root = w_group_begin(&w, NULL, 0, &messages);
        w_continuation(&w, block, length);
        w_header_end(&w, root, 0);
        w_end(&w, root);
        if (flaw == 1) w.bytes[block + 9] ^= 1;
        struct hdf5_walk result = walk(w.bytes, w.size);
        assert_int_equal(result.attributes, !flaw);
        assert_string_equal(result.check, checks[flaw]);
    }
}

static void little_memory_is_no_crash(void **state) {
    (void)state;
    struct sample s;
    for (int latest = 0; latest < 2; latest++) {
        bool done = false;
        make(&s, latest);
        for (size_t limit = 1; !done; limit += 16) {
            struct hdf5_walk result = {0};
            struct pool pool = {.limit = limit};
            done = hdf5_walk(&pool, s.w.bytes, s.w.size, &result) && result.refused == 0;
            pool_free(&pool);
        }
    }
}

static void many_links_are_no_burden(void **state) {
    (void)state;
    static char names[3000][12];
    struct writer w;
    struct opened o;
    w_begin(&w, room, true);
    const uint64_t empty = w_group(&w, NULL, 0);
    struct w_link links[1000], tops[3];
    for (int g = 0; g < 3; g++) {
        static const char *const top[] = {"a", "b", "c"};
        for (int i = 0; i < 1000; i++) {
            snprintf(names[1000 * g + i], sizeof *names, "l%d", (i * 389) % 1000);
            links[i] = (struct w_link){names[1000 * g + i], empty};
        }
        tops[g] = (struct w_link){top[g], w_group(&w, links, 1000)};
    }
    w_end(&w, w_group(&w, tops, 3));
    open_bytes(&o, w.bytes, w.size);
    for (int i = 0; i < 100000; i++) {
        char path[20];
        snprintf(path, sizeof path, "/%c/l%d", 'a' + i % 3, i % 1000);
        assert_non_null(find(&o, NULL, path).path);
    }
    close_bytes(&o);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_user_block_is_skipped),
        cmocka_unit_test(links_that_are_not_hard_are_listed_and_not_followed),
        cmocka_unit_test(a_group_inside_itself_ends),
        cmocka_unit_test(a_group_is_listed_as_deep_as_the_limit),
        cmocka_unit_test(damaged_links_are_named),
        cmocka_unit_test(a_tree_in_circles_ends),
        cmocka_unit_test(continuations_are_read_once),
        cmocka_unit_test(headers_have_limits),
        cmocka_unit_test(paths_have_limits),
        cmocka_unit_test(data_in_other_files_is_refused),
        cmocka_unit_test(a_new_header_may_continue),
        cmocka_unit_test(little_memory_is_no_crash),
        cmocka_unit_test(many_links_are_no_burden),
    };
    return cmocka_run_group_tests_name("hdf5 links", tests, NULL, NULL);
}
