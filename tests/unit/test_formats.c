/* Blobs of older formats, which tests/cli.sh runs beside the same models converted now: they open and plan, are
 * refused where they claim another format, cut or bent, and give an answer of the right size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "tests/unit/answer.h"
#include "weights/blob.h"
#include "weights/blob_build.h"

static const char *const files[] = {"tests/golden/formats/1_net_mini_seed.fovea",
                                    "tests/golden/formats/2_block_se.fovea"};

static uint8_t *load(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    uint8_t *bytes = aligned_alloc(64, 1 << 20);
    assert_non_null(bytes);
    *size = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    assert_true(*size > FOVEA_BLOB_HEADER && *size < 1 << 20);
    return bytes;
}

static const char *check_of(uint8_t *bytes, size_t size) {
    static struct fovea_error error;
    struct fovea_model model;
    size_t needed;
    fovea_draft_seal(bytes, size);
    if (fovea_model_open(&model, bytes, size, &error) == FOVEA_OK)
        fovea_measure(&model, NULL, &needed, &error);
    return error.check;
}

static void test_older_open(void **state) {
    (void)state;
    for (uint32_t format = 1; format <= 2; format++) {
        size_t size, count, bytes;
        uint8_t *blob = load(files[format - 1], &size);
        struct fovea_model model;
        struct fovea_value value;
        assert_int_equal(fovea_model_open(&model, blob, size, NULL), FOVEA_OK);
        assert_int_equal(model.format, format);
        fovea_blob_value(&model, 0, &value);
        assert_int_equal(value.type, FOVEA_F32);
        assert_int_equal(value.reader, FOVEA_NO_READER); /* not said by these formats */
        free(answer_of(&model, NULL, &count, &bytes));
        free(blob);
    }
}

/* The format's number and the arrays' types tell the same. */
static void test_formats_fit(void **state) {
    (void)state;
    for (uint32_t format = 1; format <= 2; format++) {
        size_t size;
        uint8_t *blob = load(files[format - 1], &size);
        assert_string_equal(check_of(blob, size), "");
        blob[8] = (uint8_t)(3 - format);
        assert_string_equal(check_of(blob, size), "B-046");
        for (blob[8] = 0; blob[8] < 6; blob[8]++)
            assert_true((check_of(blob, size)[0] == 0) == (blob[8] == format));
        free(blob);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_older_open),
                                       cmocka_unit_test(test_formats_fit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
