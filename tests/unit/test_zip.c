/* before cmocka.h, which makes a macro of `fail` */
#include "convert/files/zip.h"
#include "tests/unit/zip_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

/* ---- reading ---- */

/* Whether the archive opens and has every part; what is read is what was written. In memory of exactly its
 * size, so that a read beyond the end shows under a sanitizer. */
static bool reads(const uint8_t *bytes, size_t size, const struct zip_part *parts, unsigned count,
                  struct trouble *trouble) {
    struct pool pool = {0};
    uint8_t *exact = malloc(size ? size : 1);
    assert_non_null(exact);
    if (size) memcpy(exact, bytes, size);
    const struct zip *zip = zip_open(&pool, exact, size, trouble);
    bool all = zip != NULL;
    for (unsigned i = 0; all && i < count; i++) {
        const uint8_t *contents;
        size_t length;
        bool found;
        all = zip_read(zip, parts[i].name, &contents, &length, &found, trouble) && found;
        if (!all) break;
        assert_int_equal(length, strlen(parts[i].text));
        assert_memory_equal(contents, parts[i].text, length);
    }
    free(exact);
    pool_free(&pool);
    return all;
}

static const struct zip_part usual[] = {
    {.name = "metadata.json", .text = "{}"},
    {.name = "config.json", .text = "{\"a\": 1}", .method = 8},
    {.name = "model.weights.h5", .text = "numbers numbers numbers", .wide = true},
    {.name = "assets/x", .text = "behind", .trailer = true},
};
#define USUAL (sizeof usual / sizeof *usual)

static void members_are_read(void **state) {
    (void)state;
    for (int wide = 0; wide < 2; wide++) {
        struct trouble trouble = {0};
        struct zip_made a = zip_make(usual, USUAL, wide);
        if (!reads(a.bytes, a.size, usual, USUAL, &trouble)) fail_msg("%s", trouble.text);
        assert_true(zip_looks_so(a.bytes, a.size));
    }
}

/* As zlib deflates a text, with codes and repetitions. */
static void compressed_members_are_read(void **state) {
    (void)state;
    static const uint8_t packed[] = {0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57,
                                     0xc8, 0x40, 0x27, 0xb9, 0x00};
    static const struct zip_part part = {.name = "a", .text = "hello hello hello hello\n"};
    size_t size = strlen(part.text);
    static const size_t lengths[] = {sizeof packed, sizeof packed - 1, sizeof packed + 1};
    for (size_t cut = 0; cut < 3; cut++) {
        struct trouble trouble = {0};
        struct zip_made a = zip_make(&part, 1, false), b = {.size = 0};
        size_t length = lengths[cut];
        memcpy(b.bytes, a.bytes, 31);
        b.bytes[8] = 8;
        b.bytes[18] = (uint8_t)length;
        b.size = 31;
        zip_put_text(&b, (const char *)packed, sizeof packed);
        b.size = 31 + length;
        b.central = b.size;
        zip_put_text(&b, (const char *)a.bytes + a.central, a.end - a.central);
        b.bytes[b.central + 10] = 8;
        b.bytes[b.central + 20] = (uint8_t)length;
        zip_put_end(&b, 1, false);
        bool read = reads(b.bytes, b.size, &part, 1, &trouble);
        if (read != (cut == 0)) fail_msg("%zu of %zu: %s", length, size, trouble.text);
    }
}

static void a_name_is_found_exactly_or_not(void **state) {
    (void)state;
    static const char *const others[] = {"",           "Config.json",  "./config.json",
                                         "config.jso", "config.json0", "assets"};
    struct zip_made a = zip_make(usual, USUAL, false);
    struct pool pool = {0};
    struct trouble trouble = {0};
    const struct zip *zip = zip_open(&pool, a.bytes, a.size, &trouble);
    assert_non_null(zip);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const uint8_t *contents;
        size_t size;
        bool found = true;
        assert_true(zip_read(zip, others[i], &contents, &size, &found, &trouble));
        assert_false(found);
    }
    pool_free(&pool);
}

static void every_part_of_an_archive_alone_is_refused(void **state) {
    (void)state;
    for (int wide = 0; wide < 2; wide++) {
        struct zip_made a = zip_make(usual, USUAL, wide);
        for (size_t size = 0; size < a.size; size++) {
            struct trouble trouble = {0};
            assert_false(reads(a.bytes, size, usual, USUAL, &trouble));
            assert_true(trouble.set);
        }
    }
}

/* Bytes nobody looks at (versions, times, attributes) may change; contents may not. */
static void a_changed_byte_is_refused_or_changes_nothing(void **state) {
    (void)state;
    unsigned accepted = 0, all = 0;
    for (int wide = 0; wide < 2; wide++) {
        struct zip_made a = zip_make(usual, USUAL, wide);
        for (size_t at = 0; at < a.size; at++)
            for (int bit = 0; bit < 8; bit++) {
                struct trouble trouble = {0};
                a.bytes[at] ^= (uint8_t)(1 << bit);
                accepted += reads(a.bytes, a.size, usual, USUAL, &trouble);
                all++;
                a.bytes[at] ^= (uint8_t)(1 << bit);
            }
    }
    assert_in_range(accepted, 1, all / 4);
}

static void each_field_takes_no_extreme_value(void **state) {
    (void)state;
    static const uint64_t values[] = {0,           1,           2,           0x7f,      0x80,
                                      0xff,        0x7fff,      0x8000,      0xffff,    0x7fffffff,
                                      0x80000000u, 0xfffffffeu, 0xffffffffu, UINT64_MAX};
    for (int wide = 0; wide < 2; wide++) {
        struct zip_made a = zip_make(usual, USUAL, wide), changed;
        for (size_t at = 0; at + 8 <= a.size; at++)
            for (size_t v = 0; v < sizeof values / sizeof *values; v++)
                for (unsigned width = 2; width <= 8; width *= 2) {
                    struct trouble trouble = {0};
                    changed = a;
                    for (unsigned i = 0; i < width; i++)
                        changed.bytes[at + i] = (uint8_t)(values[v] >> (8 * i));
                    reads(changed.bytes, changed.size, usual, USUAL, &trouble);
                }
    }
}

/* Some writers leave sizes behind the data open by setting all bits, the wide ones too. */
static void sizes_behind_the_data_may_be_open(void **state) {
    (void)state;
    static const struct zip_part part = {.name = "a", .text = "x", .trailer = true, .wide = true};
    struct zip_made a = zip_make(&part, 1, false);
    struct trouble trouble = {0};
    memset(a.bytes + 18, 0xff, 8);      /* narrow, which lead to the wide ones */
    memset(a.bytes + 30 + 5, 0xff, 16); /* behind the name and the field's head */
    if (!reads(a.bytes, a.size, &part, 1, &trouble)) fail_msg("%s", trouble.text);
    a.bytes[30 + 5] = 0xfe;
    assert_false(reads(a.bytes, a.size, &part, 1, &trouble));
    assert_string_equal(trouble.check, "Z-012");
}

static void expect_refusal(const struct zip_made *a, const struct zip_part *parts, unsigned count,
                           const char *reason) {
    struct trouble trouble = {0};
    if (reads(a->bytes, a->size, parts, count, &trouble)) fail_msg("accepted: %s", reason);
    if (!strstr(trouble.text, reason)) fail_msg("\"%s\", not \"%s\"", trouble.text, reason);
}

static void damage_is_named(void **state) {
    (void)state;
    const struct zip_made good = zip_make(usual, USUAL, false);
    struct zip_made a = good;
    a.bytes[a.size++] = 0;
    expect_refusal(&a, usual, 1, "behind its end record");
    a = good;
    memmove(a.bytes + 1, a.bytes, a.size++);
    expect_refusal(&a, usual, 1, "does not lie where");
    a = good; /* a comment that holds an end record */
    a.bytes[a.end + 20] = 22;
    memcpy(a.bytes + a.size, a.bytes + a.end, 22);
    a.size += 22;
    expect_refusal(&a, usual, 1, "behind its end record");
    a.bytes[a.size - 2] = 0;
    expect_refusal(&a, usual, 1, "two end records");
    a = good;
    a.bytes[a.local[2] - 1] ^= 1;
    expect_refusal(&a, usual, USUAL, "checksum of member config.json");
    a = good;
    a.bytes[a.local[0] + 26] = 0xff;
    a.bytes[a.local[0] + 27] = 0xff;
    expect_refusal(&a, usual, 1, "member 0");
    a = good;
    a.bytes[a.end + 4] = 1;
    expect_refusal(&a, usual, 1, "several disks");
    a = good;
    a.bytes[a.end + 8] = a.bytes[a.end + 10] = 3;
    expect_refusal(&a, usual, 1, "the length it says");
    a = good;
    a.bytes[a.end + 8] = a.bytes[a.end + 10] = 0;
    expect_refusal(&a, usual, 1, "does not lie where");
}

static void members_that_lie_are_named(void **state) {
    (void)state;
    static const struct {
        struct zip_part parts[2];
        const char *reason;
    } cases[] = {
        {{{.name = "a", .text = "x"}, {.name = "a", .text = "y"}}, "the same name"},
        {{{.name = "a", .text = "x", .flags = 1}, {.name = "b", .text = ""}}, "encrypted"},
        {{{.name = "a", .text = "x", .method = 12}, {.name = "b", .text = ""}}, "method 12"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct zip_made a = zip_make(cases[i].parts, 2, false);
        expect_refusal(&a, cases[i].parts, 2, cases[i].reason);
    }
    /* Two entries of the directory for one member. */
    struct zip_made a = {.size = 0};
    zip_put_member(&a, &usual[0]);
    a.central = a.size;
    zip_put_central(&a, &usual[0], 0);
    zip_put_central(&a, &usual[0], 0);
    zip_put_end(&a, 2, false);
    expect_refusal(&a, usual, 1, "overlap");
    /* Something between members. */
    a.size = 0;
    zip_put_member(&a, &usual[0]);
    zip_put(&a, 4, 0);
    a.central = a.size;
    zip_put_central(&a, &usual[0], 0);
    zip_put_end(&a, 1, false);
    expect_refusal(&a, usual, 1, "hidden");
    /* A stored member larger than what is stored. */
    a = zip_make(usual, 1, false);
    a.bytes[22]++;
    a.bytes[a.central + 24]++;
    expect_refusal(&a, usual, 1, "the size it says");
    /* A deflated one that says it is far larger. */
    a = zip_make(usual + 1, 1, false);
    a.bytes[24] = a.bytes[a.central + 26] = 1;
    expect_refusal(&a, usual + 1, 1, "larger than it can be");
    a.bytes[24] = a.bytes[a.central + 26] = 0;
    a.bytes[22]++;
    a.bytes[a.central + 24]++;
    expect_refusal(&a, usual + 1, 1, "compressed data of member config.json are damaged");
}

/* One stored member whose directory entry ends with the extra fields given. */
static struct zip_made with_extra(const uint8_t *extra, size_t size, bool wide_at) {
    struct zip_made a = {.size = 0};
    zip_put_member(&a, usual);
    a.central = a.size;
    zip_put_central(&a, usual, wide_at ? 0xffffffffu : 0);
    a.bytes[a.central + 30] = (uint8_t)size;
    zip_put_text(&a, (const char *)extra, size);
    zip_put_end(&a, 1, false);
    return a;
}

/* What a member says it holds is paid for before room is made for it. */
static void a_member_is_worth_its_archive(void **state) {
    (void)state;
    char text[2001] = {0};
    memset(text, ' ', sizeof text - 1);
    const struct zip_part part = {.name = "config.json", .text = text, .method = 8};
    struct zip_made a = zip_make(&part, 1, false);
    const uint64_t says = 2000 * 1000;
    for (unsigned i = 0; i < 4; i++)
        a.bytes[22 + i] = a.bytes[a.central + 24 + i] = (uint8_t)(says >> 8 * i);
    for (unsigned enough = 0; enough < 2; enough++) {
        struct pool pool = {.fuel = 0};
        struct trouble trouble = {0};
        const uint8_t *contents;
        size_t size;
        bool found;
        const struct zip *zip = zip_open(&pool, a.bytes, a.size, &trouble);
        assert_non_null(zip);
        const size_t used = pool.used;
        pool.fuel = pool.spent + says / 4 - !enough;
        assert_false(zip_read(zip, part.name, &contents, &size, &found, &trouble));
        assert_string_equal(trouble.check, enough ? "Z-021" : "C-022");
        assert_int_equal(pool.used > used, enough);
        pool_free(&pool);
    }
}

static void wide_fields_are_read(void **state) {
    (void)state;
    static const uint8_t zero_at[] = {1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t twice[] = {1, 0, 0, 0, 1, 0, 0, 0}, other[] = {2, 0, 1, 0, 7};
    static const uint8_t cut[] = {1, 0, 4, 0, 0, 0, 0, 0}, longer[] = {9, 0, 5, 0, 7};
    struct trouble trouble = {0};
    struct zip_made a = with_extra(zero_at, sizeof zero_at, true);
    assert_true(reads(a.bytes, a.size, usual, 1, &trouble));
    a = with_extra(other, sizeof other, false); /* of no meaning here */
    assert_true(reads(a.bytes, a.size, usual, 1, &trouble));
    a = with_extra(other, sizeof other, true);
    expect_refusal(&a, usual, 1, "entry 0 of its directory");
    a = with_extra(twice, sizeof twice, false);
    expect_refusal(&a, usual, 1, "entry 0 of its directory");
    a = with_extra(cut, sizeof cut, true);
    expect_refusal(&a, usual, 1, "entry 0 of its directory");
    a = with_extra(longer, sizeof longer, false);
    expect_refusal(&a, usual, 1, "entry 0 of its directory");
}

/* Members may not lie in the directory, nor be none. */
static void archives_without_members_are_refused(void **state) {
    (void)state;
    struct zip_made a = {.size = 0};
    zip_put_central(&a, usual, 0);
    zip_put_end(&a, 1, false);
    expect_refusal(&a, usual, 1, "header of member 0");
    a.size = a.central = 0;
    zip_put_end(&a, 0, false);
    expect_refusal(&a, usual, 1, "its directory does not lie");
    assert_true(zip_looks_so(a.bytes, a.size));
    assert_false(zip_looks_so(a.bytes, 3));
    assert_false(zip_looks_so("PK\7\10", 4));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_read),
        cmocka_unit_test(compressed_members_are_read),
        cmocka_unit_test(a_name_is_found_exactly_or_not),
        cmocka_unit_test(every_part_of_an_archive_alone_is_refused),
        cmocka_unit_test(a_changed_byte_is_refused_or_changes_nothing),
        cmocka_unit_test(each_field_takes_no_extreme_value),
        cmocka_unit_test(sizes_behind_the_data_may_be_open),
        cmocka_unit_test(damage_is_named),
        cmocka_unit_test(members_that_lie_are_named),
        cmocka_unit_test(a_member_is_worth_its_archive),
        cmocka_unit_test(wide_fields_are_read),
        cmocka_unit_test(archives_without_members_are_refused),
    };
    return cmocka_run_group_tests_name("zip", tests, NULL, NULL);
}
