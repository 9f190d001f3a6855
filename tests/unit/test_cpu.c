/* Which kernels are chosen for which features. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/cpu.h"
#include "kernels/kernels.h"

enum {
    ALL = FOVEA_CPU_SSE2 | FOVEA_CPU_AVX2 | FOVEA_CPU_NEON | FOVEA_CPU_SCALAR | FOVEA_CPU_HELIUM |
          FOVEA_CPU_WASM | FOVEA_CPU_AVXVNNI | FOVEA_CPU_AVX512VNNI
};

static void expect_complete(const struct fovea_kernels *table) {
#define KERNEL(name, arguments) assert_true(table->name != NULL);
#include "kernels/kernels.def"
#undef KERNEL
    assert_non_null(table->isa);
    assert_in_range(table->tile_pixels, 1, FOVEA_TILE_PIXELS);
}

static void no_feature_means_the_reference(void **state) {
    struct fovea_kernels table;
    (void)state;
    fovea_kernels_select(&table, 0);
    expect_complete(&table);
    assert_string_equal(table.isa, "ref");
    assert_false(table.fused);
}

static void every_subset_of_features_is_complete(void **state) {
    const uint32_t found = fovea_cpu_detect();
    (void)state;
    for (uint32_t mask = 0; mask <= ALL; mask++) {
        struct fovea_kernels table, again;
        if (mask & ~found) continue;
        memset(&table, 0xaa, sizeof table);
        memset(&again, 0x55, sizeof again);
        fovea_kernels_select(&table, mask);
        fovea_kernels_select(&again, mask);
        expect_complete(&table);
        assert_string_equal(table.isa, again.isa);
#define KERNEL(name, arguments) assert_true(table.name == again.name);
#include "kernels/kernels.def"
#undef KERNEL
        if (mask & FOVEA_CPU_AVX2)
            assert_string_equal(table.isa, "avx2");
        else if (mask & FOVEA_CPU_SSE2)
            assert_string_equal(table.isa, "sse2");
        else if (mask & FOVEA_CPU_NEON)
            assert_string_equal(table.isa, "neon");
    }
}

static void a_table_is_of_one_piece(void **state) {
    /* `fused` speaks for every kernel of a table, so a better set must not leave a gap that an
     * unfused one below would fill. */
    const uint32_t found = fovea_cpu_detect();
    struct fovea_kernels below, table;
    (void)state;
    for (uint32_t bit = 1; bit <= ALL; bit <<= 1) {
        if (!(found & bit)) continue;
        fovea_kernels_select(&below, found & (bit - 1));
        fovea_kernels_select(&table, bit);
#define KERNEL(name, arguments)    assert_true(table.name != below.name);
#define REFERENCE(name, arguments) assert_true(table.name == below.name);
#include "kernels/kernels.def"
#undef KERNEL
    }
}

static void the_machine_is_what_the_build_says(void **state) {
    const uint32_t found = fovea_cpu_detect();
    (void)state;
    assert_int_equal(found & ~(uint32_t)ALL, 0);
    assert_int_equal(found, fovea_cpu_detect());
#if defined(__x86_64__)
    assert_true(found & FOVEA_CPU_SSE2);
    assert_false(found & FOVEA_CPU_NEON);
#elif defined(__aarch64__)
    assert_int_equal(found, FOVEA_CPU_NEON);
#endif
}

static void kernels_have_names(void **state) {
    struct fovea_kernels table;
    size_t index = 0;
    (void)state;
    fovea_kernels_select(&table, 0);
#define KERNEL(name, arguments)                                                                    \
    assert_string_equal(fovea_kernel_name(&table, index), #name);                                  \
    index++;
#include "kernels/kernels.def"
#undef KERNEL
    assert_null(fovea_kernel_name(&table, index));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_feature_means_the_reference),
        cmocka_unit_test(every_subset_of_features_is_complete),
        cmocka_unit_test(a_table_is_of_one_piece),
        cmocka_unit_test(the_machine_is_what_the_build_says),
        cmocka_unit_test(kernels_have_names),
    };
    return cmocka_run_group_tests_name("cpu", tests, NULL, NULL);
}
