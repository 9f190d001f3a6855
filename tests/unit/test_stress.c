/* What happens to photos, and attacks: values worked by hand, and what must not change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <math.h>

#include "clinic/attack.h"
#include "clinic/corrupt.h"
#include "clinic/random.h"

#undef fail
#include <cmocka.h>

#define WIDTH  37
#define HEIGHT 23
#define COUNT  (WIDTH * HEIGHT * 3)

static uint8_t photo[COUNT], changed[COUNT + 2], again[COUNT + 2];
static double room[COUNT];

static struct rgb run(const struct rgb *from, enum change change, unsigned level, uint8_t *to) {
    struct rgb out = {0, 0, to};
    to[COUNT] = to[COUNT + 1] = 0xa5;
    corrupt(from, change, level, 7, room, &out);
    assert_int_equal(to[COUNT], 0xa5);
    return out;
}

/* The same twice; never larger; stronger with the level but for turns. */
static void test_all(void **unused) {
    (void)unused;
    struct random random = random_start(1);
    const struct rgb from = {WIDTH, HEIGHT, photo};
    for (size_t i = 0; i < COUNT; i++)
        photo[i] =
            (uint8_t)(128 + 60 * sin(0.3 * (double)(i / 3 % WIDTH)) + (random_bits(&random) >> 28));
    for (int c = 0; c < CHANGES; c++) {
        double moved[CHANGE_LEVELS] = {0};
        for (unsigned level = 1; level <= CHANGE_LEVELS; level++) {
            const struct rgb out = run(&from, (enum change)c, level, changed);
            run(&from, (enum change)c, level, again);
            assert_memory_equal(changed, again, COUNT);
            assert_int_equal(out.width * out.height, WIDTH * HEIGHT);
            for (size_t i = 0; i < COUNT; i++) moved[level - 1] += abs(changed[i] - photo[i]);
            assert_true(moved[level - 1] > 0 || c == CHANGE_blur || c == CHANGE_lowres ||
                        c == CHANGE_shift);
        }
        if (c <= CHANGE_cool || c == CHANGE_noise || c == CHANGE_jpeg || c == CHANGE_vignette ||
            c == CHANGE_hair)
            assert_true(moved[4] > moved[0]);
    }
}

static void test_values(void **unused) {
    (void)unused;
    const struct rgb from = {WIDTH, HEIGHT, photo};
    memset(photo, 100, COUNT);
    run(&from, CHANGE_brighter, 2, changed);
    assert_int_equal(changed[0], 151);
    run(&from, CHANGE_darker, 1, changed);
    assert_int_equal(changed[0], 85);
    run(&from, CHANGE_warm, 2, changed);
    assert_true(changed[0] == 110 && changed[1] == 100 && changed[2] == 90);
    run(&from, CHANGE_cool, 2, changed);
    assert_true(changed[0] == 90 && changed[1] == 100 && changed[2] == 110);
    run(&from, CHANGE_gamma, 5, changed);
    assert_int_equal(changed[0], 39); /* 255 * (100 / 255)^2 */
    /* What is flat stays flat. */
    static const enum change flat[] = {CHANGE_blur, CHANGE_motion, CHANGE_lowres,   CHANGE_contrast,
                                       CHANGE_zoom, CHANGE_shift,  CHANGE_rotation, CHANGE_turn};
    for (size_t i = 0; i < sizeof flat / sizeof *flat; i++)
        for (unsigned level = 1; level <= CHANGE_LEVELS; level++) {
            run(&from, flat[i], level, changed);
            assert_memory_equal(changed, photo, COUNT);
        }
    run(&from, CHANGE_jpeg, 1, changed);
    for (size_t i = 0; i < COUNT; i++) assert_true(abs(changed[i] - 100) <= 8);
}

/* Each turn undone: the mirrors by themselves, a quarter by the other one. */
static void test_turns(void **unused) {
    (void)unused;
    const struct rgb from = {WIDTH, HEIGHT, photo};
    for (size_t i = 0; i < COUNT; i++) photo[i] = (uint8_t)(i * 7);
    static const unsigned undo[] = {1, 2, 3, 5, 4};
    for (unsigned level = 1; level <= 5; level++) {
        const struct rgb out = run(&from, CHANGE_turn, level, changed);
        const struct rgb back = run(&out, CHANGE_turn, undo[level - 1], again);
        assert_int_equal(back.width, WIDTH);
        assert_memory_equal(again, photo, COUNT);
    }
}

/* ---- attacks ---- */

static double mean(void *bias, const struct canvas *c) {
    double sum = 0;
    for (size_t i = 0; i < c->height * c->width * c->channels; i++) sum += (double)c->values[i];
    return sum / (double)(c->height * c->width * c->channels) - *(double *)bias;
}

static void test_attack(void **unused) {
    (void)unused;
    static float values[16 * 16 * 3], whole[16 * 16 * 3];
    const struct attack_bounds bounds = {{0, 0, 0}, {1, 1, 1}, {0.1f, 0.1f, 0.1f}};
    struct canvas c = {16, 16, 3, 48, 3, 1, values};
    struct trouble trouble = {0};
    unsigned broken;
    for (size_t i = 0; i < 768; i++) values[i] = whole[i] = 0.5f;
    double bias = 0.45; /* a mean of 0.45 can be reached, one of 0.35 cannot */
    struct judge_of judge = {mean, &bias, 0};
    assert_true(attack_square(&c, whole, &bounds, 300, 1, &judge, &broken, &trouble));
    assert_true(broken > 0 && broken == judge.asked);
    assert_memory_equal(values, whole, sizeof values);
    bias = 0.35;
    judge.asked = 0;
    assert_true(attack_square(&c, whole, &bounds, 300, 1, &judge, &broken, &trouble));
    assert_true(broken == 0 && judge.asked == 300);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all), cmocka_unit_test(test_values),
                                       cmocka_unit_test(test_turns), cmocka_unit_test(test_attack)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
