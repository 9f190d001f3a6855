/* Files that others collected: JSONTestSuite, and the files of the known vulnerabilities in HDF5 readers.
 * They are not part of this repository; the test runs where they lie beside it, and says where not. */

/* before cmocka.h, which makes a macro of `fail` */
#include "convert/files/json.h"
#include "tests/unit/hdf5_walk.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define JSON_FILES "../shared/hostile/json/test_parsing"
#define HDF5_FILES "../shared/hostile/cve_hdf5"

#define HDF5_MEMORY   (64u << 20)
#define HDF5_SECONDS  0.050
#define SIZE_MAX_READ (8u << 20)

/* Calls `check` for each file of a folder; false where there is no such folder. */
static bool each_file(const char *folder,
                      void (*check)(const char *name, const uint8_t *bytes, size_t size)) {
    DIR *directory = opendir(folder);
    if (!directory) return false;
    uint8_t *bytes = malloc(SIZE_MAX_READ);
    assert_non_null(bytes);
    for (struct dirent *entry; (entry = readdir(directory));) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        FILE *f = entry->d_name[0] == '.' ? NULL : fopen(path, "rb");
        if (!f) continue;
        size_t size = fread(bytes, 1, SIZE_MAX_READ, f);
        fclose(f);
        uint8_t *exact = malloc(size ? size : 1); /* so that a read beyond the end shows */
        assert_non_null(exact);
        memcpy(exact, bytes, size);
        check(entry->d_name, exact, size);
        free(exact);
    }
    free(bytes);
    closedir(directory);
    return true;
}

static size_t files;

/* y_ must be accepted, n_ refused, i_ is ours to decide; we differ on purpose in these: */
static const char *const exceptions[] = {
    "n_number_NaN.json",            /* Python writes these three */
    "n_number_infinity.json",       /* */
    "n_number_minus_infinity.json", /* */
    "y_object_duplicated_key.json", /* a key that stands twice says two things */
    "y_object_duplicated_key_and_value.json",
    "y_object_escaped_null_in_key.json", /* keys here end at their NUL */
};

static void check_json(const char *name, const uint8_t *bytes, size_t size) {
    struct pool pool = {0};
    struct trouble trouble = {0};
    bool accepted = json_parse(&pool, (const char *)bytes, size, &trouble) != NULL;
    bool wanted = name[0] == 'y';
    for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++)
        wanted ^= strcmp(name, exceptions[i]) == 0;
    if (name[0] != 'i' && accepted != wanted)
        fail_msg("%s: %s", name, accepted ? "accepted" : trouble.text);
    assert_int_equal(accepted, !trouble.set);
    pool_free(&pool);
    files++;
}

static void the_json_test_suite_is_answered(void **state) {
    (void)state;
    files = 0;
    if (!each_file(JSON_FILES, check_json)) {
        print_message("NOT RUN: there is no %s\n", JSON_FILES);
        skip();
    }
    print_message("%zu files of JSONTestSuite\n", files);
    assert_true(files > 300);
}

static double seconds(void) {
    return (double)clock() / CLOCKS_PER_SEC;
}

static double slowest;
static size_t opened, largest;

static void check_hdf5(const char *name, const uint8_t *bytes, size_t size) {
    struct pool pool = {.limit = HDF5_MEMORY};
    struct hdf5_walk walk = {0};
    if (strcmp(name, "COPYING") == 0) return;
    double start = seconds();
    opened += hdf5_walk(&pool, bytes, size, &walk);
    double took = seconds() - start;
    if (took > slowest) slowest = took;
    if (pool.used > largest) largest = pool.used;
    if (walk.silent) fail_msg("%s: refused without a reason", name);
    if (strstr(walk.first, "out of memory")) fail_msg("%s: %s", name, walk.first);
    pool_free(&pool);
    files++;
}

static void the_files_of_known_vulnerabilities_do_no_harm(void **state) {
    (void)state;
    files = opened = largest = 0;
    if (!each_file(HDF5_FILES, check_hdf5)) {
        print_message("NOT RUN: there is no %s\n", HDF5_FILES);
        skip();
    }
    print_message("%zu HDF5 files, %zu of them open; slowest %.2f ms, most memory %zu bytes\n",
                  files, opened, 1e3 * slowest, largest);
    assert_int_equal(files, 145);
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
    assert_true(slowest < HDF5_SECONDS);
#endif
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_json_test_suite_is_answered),
        cmocka_unit_test(the_files_of_known_vulnerabilities_do_no_harm),
    };
    return cmocka_run_group_tests_name("foreign files", tests, NULL, NULL);
}
