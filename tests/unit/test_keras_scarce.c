/* A file whose model leaves sizes open, read with too little memory or work: wherever that ends it, in the walk at the
 * usual sizes or in the one at larger sizes, it is the reason, and the file is not said to be made for one size. */
#include "convert/convert.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/cli.h"

static const char path[] = "tests/golden/conformance/a/variable_size_input_fcn/model.h5";

/* Whether it converts with that much memory and work; 0: without a limit. */
static bool converts(const struct file_bytes *file, size_t memory, uint64_t fuel,
                     struct trouble *trouble, struct pool *used) {
    struct pool pool = {.limit = memory, .fuel = fuel};
    struct converted converted = {0};
    const struct convert_options options = {.recipe = {.scale = 1, .std = {1, 1, 1}}};
    memset(trouble, 0, sizeof *trouble);
    const bool done = convert_keras(&pool, file->bytes, file->size, &options, &converted, trouble);
    if (used) *used = pool;
    pool_free(&pool);
    return done;
}

static void what_is_scarce_is_the_reason(void **state) {
    (void)state;
    struct file_bytes file;
    struct trouble trouble = {0};
    struct pool used;
    assert_true(file_open(path, &file, &trouble));
    assert_true(converts(&file, 0, 0, &trouble, &used));
    const uint64_t work = used.spent;
    const size_t memory = used.used;
    size_t ends = 0;
    for (uint64_t fuel = 1; fuel < work; fuel += 1 + work / 300, ends++) {
        assert_false(converts(&file, 0, fuel, &trouble, NULL));
        assert_string_equal(trouble.check, "C-022");
    }
    for (size_t most = 1; most < memory; most += 1 + memory / 300, ends++) {
        assert_false(converts(&file, most, 0, &trouble, NULL));
        assert_non_null(strstr(trouble.text, "out of memory"));
    }
    assert_true(ends > 400);
    assert_true(converts(&file, memory, work, &trouble, NULL));
    file_close(&file);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_scarce_is_the_reason)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
