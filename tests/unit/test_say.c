/* What the command prints of texts that are not its own. */
#define _POSIX_C_SOURCE 200809L
/* before cmocka.h, which makes a macro of `fail` */
#include "cli/json.h"
#include "cli/say.h"
#include "convert/files/json.h"
#include "convert/job/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN(text, wanted)                                                                        \
    do {                                                                                           \
        char shown[256];                                                                           \
        text_clean(text, shown, sizeof shown);                                                     \
        assert_string_equal(shown, wanted);                                                        \
    } while (0)

static void what_a_terminal_acts_on_is_spelled_out(void **state) {
    (void)state;
    SHOWN("conv2d_1 \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
          "conv2d_1 \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    SHOWN("\x1b[31m\n\t\x7f", "\\x1b[31m\\x0a\\x09\\x7f");
    SHOWN("a\xc2\x9b"
          "31mb\xc2\x80\xc2\x9f\xc2\xa0",
          "a\\x9b31mb\\x80\\x9f\xc2\xa0"); /* C1 */
    SHOWN("\xe2\x80\xae"
          "fdp.\xe2\x81\xa6\xe2\x80\x8f\xd8\x9c",
          "\\u202efdp.\\u2066\\u200f\\u061c");
    SHOWN("a\xe2\x80\x8b"
          "b\xef\xbb\xbf\xc2\xad\xe2\x80\x8d",
          "a\\u200bb\\ufeff\\u00ad\\u200d");
    SHOWN("\xe2\x80\xa8\xe2\x80\xa9\xef\xbf\xbf", "\\u2028\\u2029\\uffff");
    SHOWN("\xf3\xa0\x81\x81\xf4\x8f\xbf\xbf", "\\ue0041\\u10ffff");
}

static void what_is_not_utf8_is_spelled_by_its_bytes(void **state) {
    (void)state;
    SHOWN("\x80\xff\xfe", "\\x80\\xff\\xfe");
    SHOWN("\xc0\xaf\xe0\x80\xaf\xf0\x80\x80\xaf", "\\xc0\\xaf\\xe0\\x80\\xaf\\xf0\\x80\\x80\\xaf");
    SHOWN("\xed\xa0\x80", "\\xed\\xa0\\x80");          /* a surrogate */
    SHOWN("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* beyond the last */
    SHOWN("a\xe2\x82", "a\\xe2\\x82");                 /* cut */
    SHOWN("\xe2"
          "b",
          "\\xe2"
          "b");
}

/* Every code point, encoded here, is itself or spelled out, and so is every pair of bytes. */
static void nothing_else_gets_through(void **state) {
    (void)state;
    size_t spelled = 0;
    for (uint32_t c = 1; c < 0x110000; c++) {
        char text[5] = {0}, shown[TEXT_SHOWN];
        size_t n = 0;
        if (c < 0x80)
            text[n++] = (char)c;
        else if (c < 0x800)
            text[n++] = (char)(0xc0 | c >> 6);
        else if (c < 0x10000)
            text[n++] = (char)(0xe0 | c >> 12);
        else
            text[n++] = (char)(0xf0 | c >> 18);
        if (c >= 0x10000) text[n++] = (char)(0x80 | (c >> 12 & 0x3f));
        if (c >= 0x800) text[n++] = (char)(0x80 | (c >> 6 & 0x3f));
        if (c >= 0x80) text[n++] = (char)(0x80 | (c & 0x3f));
        const bool surrogate = c >= 0xd800 && c < 0xe000;
        assert_int_equal(text_show(text, shown), surrogate ? 1 : n);
        if (strcmp(shown, text) == 0) continue;
        spelled++;
        assert_int_equal(shown[0], '\\');
        for (const char *s = shown; *s; s++) assert_in_range(*s, 0x21, 0x7e);
    }
    assert_in_range(spelled, 2048 + 4096, 2048 + 4096 + 1000);
    for (unsigned pair = 0x100; pair < 0x10000; pair++) {
        const char text[3] = {(char)(pair >> 8), (char)pair, 0};
        char shown[4 * TEXT_SHOWN];
        text_clean(text, shown, sizeof shown);
        for (const char *s = shown; *s; s++) assert_false((unsigned char)*s < 0x20 || *s == 0x7f);
    }
}

static void a_text_is_cut_between_characters(void **state) {
    (void)state;
    char shown[8];
    for (size_t room = 1; room <= sizeof shown; room++) {
        memset(shown, 'x', sizeof shown);
        size_t length = text_clean("\xc3\xa9\xe2\x82\xac\x1b", shown, room);
        assert_int_equal(length, room < 3 ? 0 : room < 6 ? 2 : 5);
        assert_int_equal(shown[length], 0);
    }
}

/* What `print` writes into a stream. */
static char *written;
static FILE *begin(size_t *size) {
    FILE *out = open_memstream(&written, size);
    assert_non_null(out);
    return out;
}
static void ends_as(FILE *out, const char *wanted) {
    fclose(out);
    assert_string_equal(written, wanted);
    free(written);
}

static void say_prints_like_printf(void **state) {
    (void)state;
    char wanted[400];
    size_t size;
    FILE *out = begin(&size);
    const long long large = -1234567890123ll;
    const size_t whole = SIZE_MAX;
#define FORMAT                                                                                     \
    "%d|%5d|%-5d|%05d|%+d|%u|%x|%c|%%|%ld|%lld|%zu|%12llu|%*d|%.3f|%9.2f|%g|%-8.3g|%s|%10s|%-10s|" \
    "%.2s|%*d|%*s|\n"
#define VALUES                                                                                     \
    -1, 2, 3, 4, 5, 6u, 255u, 'c', -7l, large, whole, 8ull, 6, 9, 1.5, -2.25, 1e-9, 0.125, "text", \
        "right", "left", "cut short", -4, 3, -8, "left"
    say_to(out, FORMAT, VALUES);
    snprintf(wanted, sizeof wanted, FORMAT, VALUES);
    ends_as(out, wanted);
}

static void say_shows_texts_as_they_may_be_shown(void **state) {
    (void)state;
    size_t size;
    FILE *out = begin(&size);
    say_to(out, "\n%s|%-6s|%6s|%-3s|%.1s|\n", "a\nb\x1b", "\xc3\xa9", "\xe2\x82\xac", "\xc2\x9b",
           "\xc3\xa9");
    ends_as(out, "\na\\x0ab\\x1b|\xc3\xa9     |     \xe2\x82\xac|\\x9b||\n");
}

static void a_failure_shows_texts_so_too(void **state) {
    (void)state;
    struct trouble trouble = {0};
    (fail)(&trouble, "layer '%s'", "\xe2\x80\xae\xc2\x9b\xff\n");
    assert_string_equal(trouble.text, "layer '\\u202e\\x9b\\xff\\x0a'");
}

static void json_is_written(void **state) {
    (void)state;
    size_t size;
    FILE *out = begin(&size);
    struct json_writer json = json_to(out);
    const struct fovea_shape shape = {2, {3, 4}};
    json_object(&json, NULL);
    json_string(&json, "name", "a\"b\\c\n");
    json_null(&json, "label");
    json_array(&json, "values");
    json_number(&json, NULL, 0.1f);
    json_number(&json, NULL, (double)NAN);
    json_number(&json, NULL, (double)-INFINITY);
    json_number(&json, NULL, -0.0);
    json_close(&json);
    json_object(&json, "empty");
    json_close(&json);
    json_decimal(&json, "ms", 1.23456, 3);
    json_decimal(&json, "none", (double)INFINITY, 3);
    json_whole(&json, "count", UINT64_MAX);
    json_bool(&json, "yes", true);
    json_shape(&json, "shape", &shape);
    json_close(&json);
    json_array(&json, NULL);
    json_object(&json, NULL);
    json_close_all(&json);
    ends_as(out,
            "{\"name\":\"a\\\"b\\\\c\\u000a\",\"label\":null,\"values\":[0.100000001,null,null,-0],"
            "\"empty\":{},\"ms\":1.235,\"none\":null,\"count\":18446744073709551615,\"yes\":true,"
            "\"shape\":[3,4]}\n[{}]\n");
}

/* What the writer spells, our strict reader understands, and nothing of it can act on a terminal. */
static void json_of_any_text_is_json(void **state) {
    (void)state;
    for (unsigned i = 0; i < 3000; i++) {
        char text[32];
        size_t size;
        uint32_t seed = i * 2654435761u + 1;
        for (size_t k = 0; k < sizeof text; k++) {
            seed = seed * 1664525u + 1013904223u;
            text[k] = (char)(seed >> 24 ? seed >> 24 : 1);
        }
        text[sizeof text - 1] = 0;
        FILE *out = begin(&size);
        struct json_writer json = json_to(out);
        json_array(&json, NULL);
        json_string(&json, NULL, text);
        json_string(&json, NULL, "\xe2\x80\xae\xf3\xa0\x81\x81");
        json_close(&json);
        fclose(out);
        struct pool pool = {0};
        struct trouble trouble = {0};
        const struct json *tree = json_parse(&pool, written, size, &trouble);
        if (!tree) fail_msg("%s: %s", written, trouble.text);
        assert_string_equal(json_item(tree, 1)->text, "\xe2\x80\xae\xf3\xa0\x81\x81");
        for (size_t k = 0; k + 1 < size; k++) assert_false((unsigned char)written[k] < 0x20);
        pool_free(&pool);
        free(written);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_terminal_acts_on_is_spelled_out),
        cmocka_unit_test(what_is_not_utf8_is_spelled_by_its_bytes),
        cmocka_unit_test(nothing_else_gets_through),
        cmocka_unit_test(a_text_is_cut_between_characters),
        cmocka_unit_test(say_prints_like_printf),
        cmocka_unit_test(say_shows_texts_as_they_may_be_shown),
        cmocka_unit_test(a_failure_shows_texts_so_too),
        cmocka_unit_test(json_is_written),
        cmocka_unit_test(json_of_any_text_is_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
