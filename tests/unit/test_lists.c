/* Lists of scores and of pictures that are too long, or lack a column: what no small file shows. */
#include "clinic/csv.h"
#include "clinic/scores.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/pictures.h"

static struct trouble trouble;

static const char *scores_check(const char *text, size_t size) {
    struct limits limits;
    struct pool pool = {.limits = &limits};
    struct scores scores;
    const struct scores_wish wish = {0};
    trouble = (struct trouble){0};
    limits_start(&limits);
    assert_true(limits_set(&limits, "score-rows=3", &trouble));
    const bool done = scores_read(&scores, "scores", text, size, &wish, &pool, &trouble);
    pool_free(&pool);
    assert_true(done == !trouble.set);
    return trouble.check;
}

static void test_rows(void **state) {
    (void)state;
    const char *four = "label,p\n1,.1\n0,.2\n1,.3\n0,.4\n", *three_end = strstr(four, "0,.4");
    assert_string_equal(scores_check(four, (size_t)(three_end - four)), "");
    assert_string_equal(scores_check(four, strlen(four)), "L-015");
}

/* A header of so many columns, or with a name of so many bytes, and what refuses it. */
static void test_wide(void **state) {
    (void)state;
    static char text[(1 << 20) + 64];
    size_t size = (size_t)sprintf(text, "label");
    for (size_t c = 1; c < CSV_COLUMNS_MAX; c++) size += (size_t)sprintf(text + size, ",%zu", c);
    text[size] = '\n';
    assert_string_equal(scores_check(text, size + 1), "L-019"); /* no rows: the header was read */
    text[size] = ',';
    text[size + 1] = '\n';
    assert_string_equal(scores_check(text, size + 2), "L-006");
    size = (size_t)sprintf(text, "label,");
    memset(text + size, 'p', CSV_ROW_MAX);
    const size_t most = CSV_ROW_MAX - 2; /* beside the ends of two fields */
    text[most] = '\n';
    assert_string_equal(scores_check(text, most + 1), "L-019");
    text[most] = 'p';
    text[most + 1] = '\n';
    assert_string_equal(scores_check(text, most + 2), "L-001");
}

static const char *pictures_check(const char *text, size_t *count) {
    char path[] = "/tmp/fovea-lists-XXXXXX";
    const struct scores_wish wish = {0};
    struct pool pool = {0};
    struct pictures pictures;
    const int file = mkstemp(path);
    assert_true(file >= 0);
    FILE *stream = fdopen(file, "wb");
    assert_non_null(stream);
    assert_true(fputs(text, stream) >= 0);
    assert_int_equal(fclose(stream), 0);
    trouble = (struct trouble){0};
    assert_true(pictures_list(&pictures, path, NULL, &wish, &pool, &trouble) == !trouble.set);
    *count = pictures.count;
    pool_free(&pool);
    remove(path);
    return trouble.check;
}

static void test_pictures(void **state) {
    (void)state;
    size_t count;
    assert_string_equal(pictures_check("site,file,label\nx,a.png,mel\ny,b.png,nv\n", &count), "");
    assert_int_equal(count, 2);
    assert_string_equal(pictures_check("path,label\na.png,mel\n", &count), "L-020");
    assert_string_equal(pictures_check("file,truth\na.png,mel\n", &count), "L-021");
    assert_string_equal(pictures_check("file,label\na.png\n", &count), "L-022");
    assert_string_equal(pictures_check("file,label\na.png,mel,x\n", &count), "L-022");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_wide),
                                       cmocka_unit_test(test_pictures)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
