/* Files of scores: tables with commas as people and programs write them, what their columns mean, and memory that is
 * not there. */
#include "clinic/csv.h"
#include "clinic/scores.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- tables ---- */

/* The rows of a table, fields in brackets; or the id of the check that refuses it. */
static void rows_of(const char *bytes, size_t size, char rows[200]) {
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct csv csv;
    char *exact = malloc(size + !size); /* so that a read beyond it shows */
    assert_non_null(exact);
    memcpy(exact, bytes, size);
    rows[0] = 0;
    for (bool more = csv_open(&csv, "table", exact, size, &pool, &trouble); more;
         more = csv_next(&csv)) {
        for (size_t c = 0; c < csv.count; c++) {
            assert_true(strlen(rows) + strlen(csv.fields[c]) + 5 < 200);
            strcat(strcat(strcat(rows, "["), csv.fields[c]), "]");
        }
        strcat(rows, ";");
    }
    if (trouble.set) strcpy(rows, trouble.check);
    free(exact);
    pool_free(&pool);
}

static void tables_are_read_as_people_write_them(void **state) {
    (void)state;
    static const struct {
        const char *text, *rows;
    } tables[] = {
        {"a,b\n1,2\n", "[a][b];[1][2];"},
        {"a,b\n1,2", "[a][b];[1][2];"},
        {"a,b\r\n1,2\r\n", "[a][b];[1][2];"},
        {"a,b\r\n1,2\r", "[a][b];[1][2];"},
        {"\xef\xbb\xbf"
         "a\n1\n",
         "[a];[1];"},
        {"\n\na\n\n1\n", "[a];[1];"},
        {"a,\n,\n", "[a][];[][];"},
        {"\"a,b\",\"c\"\"d\"\n\"\"\"\",\"\"\n", "[a,b][c\"d];[\"][];"},
        {"\"a\nb\"\nc", "[a\nb];[c];"},
        {"\"a\"", "[a];"},
        {"a\tb\n", "[a\tb];"},
        {"a\rb\n", "L-005"},
        {"a\x1b\n", "L-005"},
        {"a\"b\n", "[a\"b];"},
        {"\"a", "L-002"},
        {"\"a\"b", "L-004"},
        {"", "L-007"},
        {"\n\n", "L-007"},
    };
    char rows[200];
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        rows_of(tables[i].text, strlen(tables[i].text), rows);
        assert_string_equal(rows, tables[i].rows);
    }
    rows_of("\"a\0b\"", 5, rows);
    assert_string_equal(rows, "L-003");
    rows_of("a\0b", 3, rows);
    assert_string_equal(rows, "L-005");
}

static void rows_and_columns_are_bounded(void **state) {
    (void)state;
    char rows[200];
    char *text = malloc(CSV_ROW_MAX + 4);
    assert_non_null(text);
    for (int quoted = 0; quoted < 2; quoted++) {
        memset(text, 'x', CSV_ROW_MAX + 4);
        if (quoted) text[0] = text[CSV_ROW_MAX + 3] = '"';
        rows_of(text, CSV_ROW_MAX + 4, rows);
        assert_string_equal(rows, "L-001");
    }
    memset(text, ',', CSV_COLUMNS_MAX);
    rows_of(text, CSV_COLUMNS_MAX, rows);
    assert_string_equal(rows, "L-006");
    free(text);
}

/* ---- scores ---- */

/* "id:truth:score score:word word;" of each row, or the check that refuses. */
static void scores_of(const char *text, const struct scores_wish *wish, char said[300]) {
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct scores s;
    said[0] = 0;
    const bool done = scores_read(&s, "file", text, strlen(text), wish, &pool, &trouble);
    assert_int_equal(done, !trouble.set);
    if (!done) strcpy(said, trouble.check);
    for (uint32_t i = 0; done && i < s.n; i++) {
        size_t at = strlen(said);
        at += (size_t)snprintf(said + at, 300 - at, "%s:%d", s.ids[i], (int)s.truth[i]);
        for (uint32_t k = 0; k < s.classes; k++)
            at += (size_t)snprintf(said + at, 300 - at, ":%g", (double)s.values[i * s.classes + k]);
        for (uint32_t c = 0; c < s.column_count; c++)
            at += (size_t)snprintf(said + at, 300 - at, ":%s=%s", s.columns[c].name,
                                   s.columns[c].words[s.columns[c].of[i]]);
        snprintf(said + at, 300 - at, ";");
    }
    pool_free(&pool);
}

static void columns_mean_what_the_wish_says(void **state) {
    (void)state;
    static const char *const site[] = {"site", NULL}, *const two[] = {"site", "age", NULL},
                             *const none[] = {NULL};
    static const struct {
        const char *text;
        struct scores_wish wish;
        const char *said;
    } files[] = {
        {"id,label,a,b\nx,b,0.25,0.75\n", {0}, "x:1:0.25:0.75;"},
        {"file,label,a,b\nx,a,0.25,0.75\n", {0}, "x:0:0.25:0.75;"},
        {"label,a,b\na,0.25,0.75\n", {0}, "line 2:0:0.25:0.75;"},
        /* a first column of another name, and "id" further behind, are words */
        {"name,label,a,b,id\nx,a,0,1,y\n", {0}, "line 2:0:0:1:name=x:id=y;"},
        /* what the first row leaves empty is a score, which must be there */
        {"label,a,b\na,,1\n", {0}, "L-012"},
        {"label,a,b\na,0x,1\nc,,1\n", {.positive = "a"}, "line 2:1:0:1:a=0x;line 3:0:0:1:a=;"},
        {"label,a,b\na,1,1\na,1x,1\n", {0}, "L-012"},
        {"label,a,b\na,1,1\na,1e99,1\n", {0}, "L-013"},
        /* numbers that are words, because somebody said so */
        {"label,a,b,site\na,0,1,7\n", {.words = site}, "line 2:0:0:1:site=7;"},
        {"label,a,b,site\na,0,1,7\n", {.words = none}, "line 2:0:0:1:7;"},
        {"label,a,b\na,0,1\n", {.words = site}, "L-009"},
        {"label,a,b,site\na,0,1,7\n", {.words = two}, "L-009"},
        {"label,a,b\na,0,1\n", {.words = site, .another = true}, "line 2:0:0:1;"},
        /* another column of the truth; where files differ "label" will do */
        {"dx,a,b\na,0,1\n", {.label = "dx"}, "line 2:0:0:1;"},
        {"label,a,b\na,0,1\n", {.label = "dx"}, "L-009"},
        {"label,a,b\na,0,1\n", {.label = "dx", .another = true}, "line 2:0:0:1;"},
        {"dx,a,b\na,0,1\n", {.label = "dx", .another = true}, "line 2:0:0:1;"},
        /* one score of several */
        {"label,a,b\nyes,0.5,1\nno,0.25,1\n",
         {.score = "a", .positive = "yes"},
         "line 2:1:0.5:0.5;line 3:0:0.75:0.25;"},
        {"label,a\nyes,0.5\n", {.score = "c"}, "L-009"},
        {"label,site\nyes,back\n", {0}, "L-011"},
        {"label,a,a\nyes,1,1\n", {0}, "L-010"},
        {"label,a,b\na,1\n", {0}, "L-014"},
        {"label,a,b\n", {0}, "L-019"},
        {"label,a,b\na,0,1\na,\"0\n", {0}, "L-002"},
    };
    char said[300];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        scores_of(files[i].text, &files[i].wish, said);
        if (strcmp(said, files[i].said) != 0)
            fail_msg("%s%s, not %s", files[i].text, said, files[i].said);
    }
}

/* More rows than there is room for at first: none is lost, words neither. */
static void many_rows_stay_in_order(void **state) {
    (void)state;
    enum { ROWS = 600 };
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct scores s;
    char *text = malloc(ROWS * 40);
    assert_non_null(text);
    size_t size = (size_t)sprintf(text, "id,label,a,b,site\n");
    for (int i = 0; i < ROWS; i++)
        size += (size_t)sprintf(text + size, "%03d,%c,%d,%d,s%d\n", i, 'a' + i % 2, i, -i, i % 3);
    assert_true(scores_read(&s, "file", text, size, &(struct scores_wish){0}, &pool, &trouble));
    free(text);
    assert_int_equal(s.n, ROWS);
    for (uint32_t i = 0; i < ROWS; i++) {
        const char site[] = {'s', (char)('0' + i % 3), 0};
        assert_int_equal(atoi(s.ids[i]), i);
        assert_int_equal(s.truth[i], i % 2);
        assert_true(s.values[2 * i] == (float)i && s.values[2 * i + 1] == -(float)i);
        assert_string_equal(s.columns[0].words[s.columns[0].of[i]], site);
    }
    pool_free(&pool);
}

/* Memory that ends at any place: one error that says so, and nothing else is wrong. */
static void memory_may_end_anywhere(void **state) {
    (void)state;
    static const char text[] = "id,label,a,b,site\nx,yes,0.25,0.75,back\ny,no,0.5,0.5,arm\n";
    static const struct scores_wish wish = {.relabel = "yes=a,no=b"};
    const size_t table = CSV_COLUMNS_MAX * sizeof(char *), step = 4;
    unsigned failures = 0;
    bool done = false;
    for (size_t limit = 1; !done;) {
        struct pool pool = {.limit = limit};
        struct trouble trouble = {0};
        struct scores s;
        done = scores_read(&s, "file", text, sizeof text - 1, &wish, &pool, &trouble);
        assert_int_equal(done, !trouble.set);
        if (!done) {
            assert_non_null(strstr(trouble.text, "memory"));
            failures++;
        }
        pool_free(&pool);
        limit = limit == 1 ? table + 1 : limit == table + 1 ? table + CSV_ROW_MAX : limit + step;
    }
    assert_true(failures > 30);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_read_as_people_write_them),
        cmocka_unit_test(rows_and_columns_are_bounded),
        cmocka_unit_test(columns_mean_what_the_wish_says),
        cmocka_unit_test(many_rows_stay_in_order),
        cmocka_unit_test(memory_may_end_anywhere),
    };
    return cmocka_run_group_tests_name("scores", tests, NULL, NULL);
}
