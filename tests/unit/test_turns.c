/* The eight symmetries: they are eight, of pictures with channels last, first or none, and each undone by one of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <string.h>

#include "include/fovea_verdict.h"

#include <cmocka.h>

static void check_group(const struct fovea_shape *shape, size_t count) {
    float from[75], turned[8][75], back[75];
    for (size_t i = 0; i < count; i++) from[i] = (float)i;
    for (unsigned s = 0; s < 8; s++) {
        fovea_turn(shape, s, from, turned[s]);
        for (unsigned other = 0; other < s; other++)
            assert_memory_not_equal(turned[s], turned[other], count * sizeof(float));
        bool undone = false;
        for (unsigned other = 0; other < 8; other++) {
            fovea_turn(shape, other, turned[s], back);
            undone |= memcmp(back, from, count * sizeof(float)) == 0;
        }
        assert_true(undone);
    }
    assert_memory_equal(turned[0], from, count * sizeof(float));
}

static void test_squares(void **state) {
    (void)state;
    check_group(&(struct fovea_shape){3, {5, 5, 3}}, 75);
    check_group(&(struct fovea_shape){3, {3, 5, 5}}, 75);
    check_group(&(struct fovea_shape){2, {5, 5}}, 25);
}

static void test_oblong(void **state) {
    (void)state;
    const struct fovea_shape shape = {3, {2, 3, 1}};
    const float from[] = {1, 2, 3, 4, 5, 6}, mirrored[] = {3, 2, 1, 6, 5, 4},
                upside[] = {4, 5, 6, 1, 2, 3}, both[] = {6, 5, 4, 3, 2, 1};
    float to[6];
    fovea_turn(&shape, 1, from, to);
    assert_memory_equal(to, mirrored, sizeof to);
    fovea_turn(&shape, 2, from, to);
    assert_memory_equal(to, upside, sizeof to);
    fovea_turn(&shape, 3, from, to);
    assert_memory_equal(to, both, sizeof to);
    assert_int_equal(fovea_turns(&shape, FOVEA_SYMMETRIES_ALL), 4);
    assert_int_equal(fovea_turns(&shape, FOVEA_SYMMETRIES_MIRROR), 2);
    assert_int_equal(fovea_turns(&(struct fovea_shape){3, {4, 4, 3}}, FOVEA_SYMMETRIES_ALL), 8);
    assert_int_equal(fovea_turns(&(struct fovea_shape){3, {4, 4, 8}}, FOVEA_SYMMETRIES_ALL), 1);
    assert_int_equal(fovea_turns(&(struct fovea_shape){1, {9}}, FOVEA_SYMMETRIES_ALL), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_squares),
                                       cmocka_unit_test(test_oblong)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
