/* The benchmark's networks have the multiply-adds they are known for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "cli/arch.h" /* before cmocka takes the name `fail` */

#include <cmocka.h>

static uint64_t macs_of(const char *name) {
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct emitted emitted;
    struct fovea_model model;
    uint64_t macs = 0;
    assert_true(arch_blob(&pool, name, "f32", &emitted, &trouble));
    assert_int_equal(fovea_model_open(&model, emitted.blob, (size_t)emitted.size, NULL), FOVEA_OK);
    for (uint32_t n = 0; n < model.nodes; n++) {
        struct fovea_node_view view;
        assert_true(fovea_node_read(&model, n, fovea_blob_shape, &model, &view));
        macs += view.query.macs;
    }
    pool_free(&pool);
    return macs;
}

static void test_macs(void **state) {
    static const struct {
        const char *name;
        double millions, rounded; /* to what */
    } rows[] = {{"seed", 263.6, 0.1},        {"mobilenet", 568.7, 0.1},
                {"mobilenetv2", 300.8, 0.1}, {"squeezenet", 387.7, 0.1},
                {"resnet50", 4089, 1},       {"efficientnetb0", 385.8, 0.1},
                {"unet", 753.4, 0.1}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double off = (double)macs_of(rows[i].name) * 1e-6 - rows[i].millions;
        if (off > rows[i].rounded / 2 || off < -rows[i].rounded / 2)
            fail_msg("%s is off by %g million multiply-adds", rows[i].name, off);
    }
}

static void test_unknown(void **state) {
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct emitted emitted;
    (void)state;
    assert_false(arch_blob(&pool, "alexnet", "f32", &emitted, &trouble));
    assert_non_null(strstr(trouble.text, "alexnet"));
    pool_free(&pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_macs), cmocka_unit_test(test_unknown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
