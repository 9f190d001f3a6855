/* before cmocka.h, which makes a macro of `fail` */
#include "convert/files/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The text in memory of exactly its size, so that a read beyond it shows under a sanitizer. */
static const struct json *parse(struct pool *pool, const char *text, size_t size,
                                struct trouble *trouble) {
    char *exact = malloc(size ? size : 1);
    assert_non_null(exact);
    memcpy(exact, text, size);
    const struct json *tree = json_parse(pool, exact, size, trouble);
    free(exact);
    assert_int_equal(tree == NULL, trouble->set);
    return tree;
}

static void refuse(const char *text, size_t size, const char *reason) {
    struct pool pool = {0};
    struct trouble trouble = {0};
    if (parse(&pool, text, size, &trouble)) fail_msg("accepted: %s", text);
    if (!strstr(trouble.text, reason))
        fail_msg("%s: \"%s\", not \"%s\"", text, trouble.text, reason);
    pool_free(&pool);
}

static void the_tree_is_the_text(void **state) {
    (void)state;
    static const char text[] =
        " {\"name\":\t\"conv\\u00e9\\n\",\r\n\"filters\": 32, \"empty\": {}, \"list\": "
        "[1, -2.5e1, null, true, false, [], \"x\"]} ";
    struct pool pool = {0};
    struct trouble trouble = {0};
    const struct json *tree = parse(&pool, text, strlen(text), &trouble);
    assert_non_null(tree);
    assert_int_equal(tree->type, JSON_OBJECT);
    assert_int_equal(tree->count, 4);
    assert_null(tree->key);
    const struct json *name = json_member(tree, "name");
    assert_string_equal(name->text, "conv\xc3\xa9\n");
    assert_int_equal(name->length, 7);
    assert_string_equal(name->key, "name");
    assert_true(json_is(name, "conv\xc3\xa9\n"));
    assert_false(json_is(name, "conv"));
    const struct json *filters = json_member(tree, "filters");
    assert_true(filters->integral);
    assert_int_equal(filters->integer, 32);
    assert_true(filters->number == 32.0);
    const struct json *list = json_member(tree, "list");
    static const enum json_type types[] = {JSON_NUMBER, JSON_NUMBER, JSON_NULL,  JSON_TRUE,
                                           JSON_FALSE,  JSON_ARRAY,  JSON_STRING};
    assert_int_equal(list->count, 7);
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(json_item(list, i)->type, types[i]);
        assert_null(json_item(list, i)->key);
    }
    assert_true(json_item(list, 1)->number == -25.0);
    assert_false(json_item(list, 1)->integral);
    assert_null(json_item(list, 7));
    assert_null(json_item(tree, 0));
    assert_null(json_item(NULL, 0));
    assert_null(json_member(tree, "Name"));
    assert_null(json_member(list, "name"));
    assert_null(json_member(NULL, "name"));
    assert_false(json_is(NULL, ""));
    assert_int_equal(json_member(tree, "empty")->count, 0);
    pool_free(&pool);
}

static void bad_texts_are_refused_with_reason_and_place(void **state) {
    (void)state;
    static const struct {
        const char *text, *reason;
    } cases[] = {
        {"", "the text ends too early at byte 0"},
        {"  ", "the text ends too early at byte 2"},
        {"[1,]", "a value was expected at byte 3"},
        {"[,1]", "a value was expected at byte 1"},
        {"[1 2]", "a comma or ] was expected at byte 3"},
        {"[1", "the text ends too early at byte 2"},
        {"[1}", "a comma or ] was expected at byte 2"},
        {"{\"a\":1,}", "a key was expected at byte 7"},
        {"{a:1}", "a key was expected at byte 1"},
        {"{'a':1}", "a key was expected at byte 1"},
        {"{\"a\" 1}", "a colon was expected at byte 5"},
        {"{\"a\":1 \"b\":2}", "a comma or } was expected at byte 7"},
        {"1 2", "something follows the value at byte 2"},
        {"{} // comment", "something follows the value at byte 3"},
        {"nul", "a value was expected at byte 0"},
        {"nan", "a value was expected at byte 0"},
        {"-Infinit", "an unknown word at byte 0"},
        {"+1", "a value was expected at byte 0"},
        {"01", "a number that begins with 0 at byte 0"},
        {"-", "the text ends too early at byte 1"},
        {"-a", "a digit was expected at byte 1"},
        {".5", "a value was expected at byte 0"},
        {"1.", "the text ends too early at byte 2"},
        {"1.e5", "a digit was expected at byte 2"},
        {"1e", "the text ends too early at byte 2"},
        {"1e+", "the text ends too early at byte 3"},
        {"0x10", "something follows the value at byte 1"},
        {"1e400", "beyond the range of a double at byte 0"},
        {"-1e99999999999999999999", "beyond the range of a double at byte 0"},
        {"\"a", "the text ends too early at byte 2"},
        {"\"a\nb\"", "a control character inside a string at byte 2"},
        {"\"\\x\"", "an unknown escape at byte 2"},
        {"\"\\u12g4\"", "four hexadecimal digits at byte 5"},
        {"{\"a\\u0000b\": 1}", "a NUL character inside a key at byte 1"},
        {"\"\\ud800\"", "a lone surrogate at byte 3"},
        {"\"\\udc00\"", "a lone surrogate at byte 3"},
        {"\"\\ud800\\u0041\"", "a lone surrogate at byte 3"},
        {"\"\\udc00\\ud800\"", "a lone surrogate at byte 3"},
        {"\"\\ud800\\ue000\"", "a lone surrogate at byte 3"},
        {"\"\xc0\x80\"", "invalid UTF-8 at byte 1"},
        {"\"\xe0\x80\x80\"", "invalid UTF-8 at byte 1"},
        {"\"\xed\xa0\x80\"", "invalid UTF-8 at byte 1"},
        {"\"\xf0\x80\x80\x80\"", "invalid UTF-8 at byte 1"},
        {"\"\xf4\x90\x80\x80\"", "invalid UTF-8 at byte 1"},
        {"\"\xf5\x80\x80\x80\"", "invalid UTF-8 at byte 1"},
        {"\"\xe2\x82\"", "invalid UTF-8 at byte 1"},
        {"\"\x80\"", "invalid UTF-8 at byte 1"},
        {"\xef\xbb\xbf{}", "a value was expected at byte 0"},
        {"{\"a\":1,\"b\":2,\"a\":1}", "the key \"a\" occurs twice"},
        {"{\"a\":1,\"\\u0061\":2}", "the key \"a\" occurs twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refuse(cases[i].text, strlen(cases[i].text), cases[i].reason);
    refuse("[\0]", 3, "a value was expected at byte 1");
    refuse("\"a\0b\"", 5, "a control character inside a string at byte 2");
}

/* Such strings are values that nobody can use. */
static void a_string_with_nul_has_no_text(void **state) {
    (void)state;
    static const char text[] = "{\"a\": \"x\\u0000y\", \"b\": \"z\"}";
    struct pool pool = {0};
    struct trouble trouble = {0};
    const struct json *tree = parse(&pool, text, strlen(text), &trouble);
    assert_non_null(tree);
    assert_int_equal(json_member(tree, "a")->type, JSON_BINARY);
    assert_null(json_member(tree, "a")->text);
    assert_int_equal(json_member(tree, "a")->length, 0);
    assert_false(json_is(json_member(tree, "a"), "x"));
    assert_true(json_is(json_member(tree, "b"), "z"));
    pool_free(&pool);
}

static void numbers_are_the_nearest_doubles(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"0", 0},
        {"0.001", 0.001},
        {"1e-07", 1e-7},
        {"0.30000001192092896", 0x1.333334p-2},
        {"9007199254740993", 0x1p53},
        {"9007199254740993.0000000000000000000000000000001", 0x1.0000000000001p53},
        {"1.7976931348623157e308", 0x1.fffffffffffffp1023},
        {"1.7976931348623158079e308", 0x1.fffffffffffffp1023},
        {"2.2250738585072011e-308", 0x0.fffffffffffffp-1022},
        {"4.9406564584124654e-324", 0x1p-1074},
        {"2.4703282292062328e-324", 0x1p-1074},
        {"2.4703282292062327e-324", 0},
        {"1e-400", 0},
        {"0e99999999999", 0},
        {"123456789012345678901234567890", 0x1.8ee90ff6c373ep96},
        {"1e23", 0x1.52d02c7e14af6p+76},
        {"8.5e22", 8.5e22},
        {"9007199254740995", 0x1.0000000000002p53}, /* in the middle, above an odd one */
        {"1e-324", 0},
        {"184467440737095.51615", 0x1.4f8b588e368f1p47}, /* whose remainders pass a limb's end */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pool pool = {0};
        struct trouble trouble = {0};
        const struct json *tree = parse(&pool, cases[i].text, strlen(cases[i].text), &trouble);
        assert_non_null(tree);
        if (tree->number != cases[i].value)
            fail_msg("%s: %a, not %a", cases[i].text, tree->number, cases[i].value);
        pool_free(&pool);
    }
}

/* 2^53 + 1 lies in the middle of two doubles; a digit far behind the 800th decides. */
static void digits_far_behind_still_decide(void **state) {
    (void)state;
    char text[1200] = "9007199254740993.";
    for (int last = 0; last < 2; last++) {
        struct pool pool = {0};
        struct trouble trouble = {0};
        memset(text + 17, '0', 1000);
        text[1016] = (char)('0' + last);
        const struct json *tree = parse(&pool, text, 1017, &trouble);
        assert_non_null(tree);
        assert_true(tree->number == (last ? 0x1.0000000000001p53 : 0x1p53));
        pool_free(&pool);
    }
    struct pool pool = {0};
    struct trouble trouble = {0};
    memset(text, '1', 1000);
    memcpy(text + 1000, "e-1000", 6);
    const struct json *tree = parse(&pool, text, 1006, &trouble);
    assert_non_null(tree);
    assert_true(tree->number == 0.1111111111111111111);
    pool_free(&pool);
}

static void integers_are_told_from_fractions(void **state) {
    (void)state;
    static const char text[] = "[9223372036854775807, -9223372036854775808, 9223372036854775808, "
                               "-9223372036854775809, 3.0, 3e0, -0, 18446744073709551616]";
    static const bool integral[] = {true, true, false, false, false, false, true, false};
    struct pool pool = {0};
    struct trouble trouble = {0};
    const struct json *tree = parse(&pool, text, strlen(text), &trouble);
    assert_non_null(tree);
    for (size_t i = 0; i < sizeof integral; i++)
        assert_int_equal(json_item(tree, i)->integral, integral[i]);
    assert_true(json_item(tree, 0)->integer == INT64_MAX);
    assert_true(json_item(tree, 1)->integer == INT64_MIN);
    assert_true(json_item(tree, 6)->integer == 0);
    assert_true(signbit(json_item(tree, 6)->number));
    pool_free(&pool);
}

static void pythons_numbers_are_read(void **state) {
    (void)state;
    struct pool pool = {0};
    struct trouble trouble = {0};
    const struct json *tree = parse(&pool, "[NaN,Infinity,-Infinity]", 24, &trouble);
    assert_non_null(tree);
    assert_true(isnan(json_item(tree, 0)->number));
    assert_true(json_item(tree, 1)->number == (double)INFINITY);
    assert_true(json_item(tree, 2)->number == -(double)INFINITY);
    assert_false(json_item(tree, 1)->integral);
    pool_free(&pool);
}

static void unicode_is_decoded(void **state) {
    (void)state;
    static const char text[] =
        "\"\\u007f\\u0080\\u07ff\\u0800\\uffff\\uD83D\\uDE00 \xf0\x9f\x98\x80\"";
    struct pool pool = {0};
    struct trouble trouble = {0};
    const struct json *tree = parse(&pool, text, strlen(text), &trouble);
    assert_non_null(tree);
    assert_true(json_is(tree, "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x9f\x98\x80 "
                              "\xf0\x9f\x98\x80"));
    pool_free(&pool);
}

static void a_text_cut_anywhere_is_refused(void **state) {
    (void)state;
    static const char text[] =
        "{\"a\":[1.5e+3,\"\\uD83D\\uDE00\xc3\xa9\",{\"b\":null,\"c\":[[],{}]}],\"d\":-Infinity}";
    for (size_t size = 0; size < strlen(text); size++) refuse(text, size, "at byte");
}

/* `count` times `part`, in memory that the caller frees. */
static char *repeat(const char *part, size_t count, size_t room) {
    size_t length = strlen(part);
    char *text = calloc(count * length + room + 1, 1);
    assert_non_null(text);
    for (size_t i = 0; i < count; i++) memcpy(text + i * length, part, length);
    return text;
}

static void depth_ends_at_128(void **state) {
    (void)state;
    struct pool pool = {0};
    struct trouble trouble = {0};
    char *text = repeat("[", 128, 200);
    memset(text + 128, ']', 128);
    assert_non_null(parse(&pool, text, 256, &trouble));
    pool_free(&pool);
    free(text);
    text = repeat("[", 100000, 0);
    refuse(text, 100000, "nesting deeper than 128 at byte 128");
    free(text);
    text = repeat("{\"a\":", 100000, 0);
    refuse(text, 500000, "nesting deeper than 128 at byte 640");
    free(text);
}

static void limits_hold(void **state) {
    (void)state;
    const size_t most = (size_t)JSON_MIB_MAX << 20;
    char *text = repeat("k", 1100, 4);
    text[0] = '{';
    text[1] = '"';
    memcpy(text + 1090, "\":1}", 5);
    refuse(text, 1094, "a key longer than the limit json-key allows at byte 1");
    free(text);
    text = repeat(" ", most + 1, 0);
    struct pool pool = {0};
    struct trouble trouble = {0};
    assert_null(json_parse(&pool, text, most + 1, &trouble));
    assert_non_null(
        strstr(trouble.text, "the text goes on beyond the limit json-size at byte 67108864"));
    free(text);
    struct limits limits;
    limits_start(&limits);
    trouble = (struct trouble){0};
    pool = (struct pool){.limits = &limits};
    assert_true(limits_set(&limits, "json-values=3", &trouble));
    assert_non_null(parse(&pool, "[1,2]", 5, &trouble));
    assert_null(parse(&pool, "[1,2,3]", 7, &trouble));
    assert_string_equal(trouble.check, "J-019");
    pool_free(&pool);
}

/* Keys in falling, rising and equal-prefix order: the check for duplicates must not be quadratic. */
static void many_keys_are_no_burden(void **state) {
    (void)state;
    const size_t count = 200000;
    char *text = calloc(count, 24);
    assert_non_null(text);
    size_t at = 0;
    text[at++] = '{';
    for (size_t i = 0; i < count; i++) {
        size_t number = i % 2 ? i : count - i;
        char key[24] = "\"prefix-0000000\":1,";
        for (size_t d = 14; number > 0; number /= 10) key[d--] = (char)('0' + number % 10);
        if (i % 2) key[1] = 'q';
        memcpy(text + at, key, 19);
        at += 19;
    }
    text[at - 1] = '}';
    struct pool pool = {0};
    struct trouble trouble = {0};
    const struct json *tree = json_parse(&pool, text, at, &trouble);
    assert_non_null(tree);
    assert_int_equal(tree->count, count);
    memcpy(text + at - 19, text + 1, 16);
    pool_free(&pool);
    assert_null(json_parse(&pool, text, at, &trouble));
    assert_non_null(strstr(trouble.text, "occurs twice"));
    pool_free(&pool);
    free(text);
}

static void the_locale_does_not_matter(void **state) {
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8", "ru_RU.UTF-8"};
    struct pool pool = {0};
    struct trouble trouble = {0};
    bool set = false;
    for (size_t i = 0; i < sizeof names / sizeof *names && !set; i++)
        set = setlocale(LC_ALL, names[i]) != NULL;
    const struct json *tree = parse(&pool, "[1.5,2]", 7, &trouble);
    assert_non_null(tree);
    assert_int_equal(tree->count, 2);
    assert_true(json_item(tree, 0)->number == 1.5);
    setlocale(LC_ALL, "C");
    pool_free(&pool);
}

static void little_memory_is_no_crash(void **state) {
    (void)state;
    char text[600] = "{\"a\":[1,2,3,\"x\"],\"b\":{\"c\":null}";
    for (int key = 0; key < 40; key++) /* more than are sorted on the stack */
        snprintf(text + strlen(text), 12, ",\"k%d\":{}", key);
    strcat(text, "}");
    bool done = false;
    for (size_t limit = 1; !done; limit += 8) {
        struct pool pool = {.limit = limit};
        struct trouble trouble = {0};
        done = parse(&pool, text, strlen(text), &trouble) != NULL;
        pool_free(&pool);
    }
}

static void a_text_is_paid_for(void **state) {
    (void)state;
    struct pool pool = {.fuel = 9};
    struct trouble trouble = {0};
    assert_non_null(parse(&pool, "[1,2]", 5, &trouble));
    assert_null(parse(&pool, "[1,2]", 5, &trouble));
    assert_string_equal(trouble.check, "C-022");
    pool_free(&pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tree_is_the_text),
        cmocka_unit_test(bad_texts_are_refused_with_reason_and_place),
        cmocka_unit_test(a_string_with_nul_has_no_text),
        cmocka_unit_test(numbers_are_the_nearest_doubles),
        cmocka_unit_test(digits_far_behind_still_decide),
        cmocka_unit_test(integers_are_told_from_fractions),
        cmocka_unit_test(pythons_numbers_are_read),
        cmocka_unit_test(unicode_is_decoded),
        cmocka_unit_test(a_text_cut_anywhere_is_refused),
        cmocka_unit_test(depth_ends_at_128),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(many_keys_are_no_burden),
        cmocka_unit_test(the_locale_does_not_matter),
        cmocka_unit_test(little_memory_is_no_crash),
        cmocka_unit_test(a_text_is_paid_for),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
