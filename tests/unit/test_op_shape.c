/* Operators that move numbers: rearranged, permuted, cropped, padded, resized, against plain index
 * arithmetic; and what they refuse. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/drafts.h"
#define RANDOM_FROM 88172645u
#include "tests/unit/random.h"

#define MOST 20000

/* The input holds its own indices, so that what came where can be read off. */
static float numbers[MOST];
static void fill(void) {
    for (uint32_t i = 0; i < MOST; i++) numbers[i] = (float)i;
}

static float *run(struct model_draft *m, struct fovea_shape *shape) {
    draft_seal(m);
    float *have = draft_run(m, m->input.shape.dims[0], m->input.shape.dims[1], numbers,
                            1 + below(4), 0, shape);
    free(m->blob);
    assert_non_null(have);
    return have;
}

/* A rearrangement of random shape whose elements all lie inside; false where the draw has none. */
static bool random_words(struct model_draft *m, uint32_t *words, int64_t step[6], int64_t *base) {
    uint32_t rank = below(7);
    int64_t lowest = 0, highest = 0, total = 1, size = 1;
    for (uint32_t i = 0; i < 3; i++) total *= m->input.shape.dims[i];
    memset(words, 0, FOVEA_ATTRIBUTES_MAX * sizeof *words);
    words[0] = rank;
    for (uint32_t i = 0; i < rank; i++) {
        static const int64_t near[] = {0, 1, -1, 2};
        words[1 + i] = 1 + below(rank > 3 ? 4 : 9);
        step[i] = below(2) ? near[below(4)] : (int64_t)below(40) - 10;
        int64_t reach = step[i] * (int64_t)(words[1 + i] - 1);
        *(reach < 0 ? &lowest : &highest) += reach;
        size *= words[1 + i];
        words[14 + i] = (uint32_t)(int32_t)step[i];
    }
    if (highest - lowest >= total || size > MOST) return false;
    *base = -lowest + below((uint32_t)(total - (highest - lowest)));
    words[20] = (uint32_t)*base;
    words[7] = 3;
    for (uint32_t i = 0; i < 3; i++) words[8 + i] = m->input.shape.dims[i];
    return true;
}

static void test_rearrange(void **state) {
    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct model_draft m;
        struct fovea_shape shape = {0};
        uint32_t words[FOVEA_ATTRIBUTES_MAX], at[6] = {0};
        int64_t step[6], base;
        draft_start(&m, 1 + below(9), 1 + below(9), 1 + below(20));
        if (!random_words(&m, words, step, &base)) continue;
        draft_node(&m, FOVEA_OP_REARRANGE, 0, DRAFT_ALONE, 0, words);
        float *have = run(&m, &shape);
        uint32_t rank = words[0], count = 1;
        for (uint32_t i = 0; i < rank; i++) count *= words[1 + i];
        for (uint32_t i = 0; i < count; i++) {
            int64_t place = base;
            for (uint32_t d = 0; d < rank; d++) place += at[d] * step[d];
            assert_true(have[i] == (float)place);
            for (uint32_t d = rank; d-- > 0 && ++at[d] == words[1 + d];) at[d] = 0;
        }
        free(have);
    }
}

static void test_permute(void **state) {
    static const uint32_t orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                         {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    (void)state;
    for (int round = 0; round < 300; round++) {
        struct model_draft m;
        struct fovea_shape shape = {0};
        const uint32_t *order = orders[round % 6];
        uint32_t words[FOVEA_ATTRIBUTES_MAX] = {3, order[0], order[1], order[2]}, at[3];
        draft_start(&m, 1 + below(20), 1 + below(20), 1 + below(20));
        draft_node(&m, FOVEA_OP_PERMUTE, 0, DRAFT_ALONE, 0, words);
        const uint32_t *dims = m.input.shape.dims;
        float *have = run(&m, &shape), *next = have;
        for (at[order[0]] = 0; at[order[0]] < shape.dims[0]; at[order[0]]++)
            for (at[order[1]] = 0; at[order[1]] < shape.dims[1]; at[order[1]]++)
                for (at[order[2]] = 0; at[order[2]] < shape.dims[2]; at[order[2]]++)
                    assert_true(*next++ == (float)((at[0] * dims[1] + at[1]) * dims[2] + at[2]));
        free(have);
    }
}

/* Crop undoes pad; what pad adds is zero. */
static void test_pad_and_crop(void **state) {
    (void)state;
    for (int round = 0; round < 300; round++) {
        struct model_draft m;
        struct fovea_shape shape = {0};
        uint32_t words[FOVEA_ATTRIBUTES_MAX] = {below(4), below(4), below(4), below(4)};
        uint32_t h = 1 + below(7), w = 1 + below(7), c = 1 + below(9);
        for (int crop = 0; crop < 2; crop++) {
            double sum = 0;
            draft_start(&m, h, w, c);
            uint32_t padded = draft_node(&m, FOVEA_OP_PAD, 0, DRAFT_ALONE, 0, words);
            if (crop) draft_node(&m, FOVEA_OP_CROP, padded, DRAFT_ALONE, 0, words);
            float *have = run(&m, &shape);
            assert_int_equal(shape.dims[0], crop ? h : h + words[0] + words[2]);
            assert_int_equal(shape.dims[1], crop ? w : w + words[1] + words[3]);
            for (uint32_t i = 0; i < shape.dims[0] * shape.dims[1] * c; i++) {
                sum += (double)have[i];
                if (crop) assert_true(have[i] == numbers[i]);
            }
            double count = (double)h * w * c;
            assert_true(sum == count * (count - 1) / 2);
            free(have);
        }
    }
}

/* Along one axis: the two neighbours of output o and how far it lies towards the second. */
static double centre(uint32_t o, uint32_t input, uint32_t output) {
    double at = (o + 0.5) * input / output - 0.5;
    return at < 0 ? 0 : at > input - 1 ? input - 1 : at;
}

static void test_resize(void **state) {
    (void)state;
    for (int round = 0; round < 400; round++) {
        struct model_draft m;
        struct fovea_shape shape = {0};
        uint32_t h = 1 + below(9), w = 1 + below(9), c = 1 + below(20), times = below(2);
        bool nearest = times && below(2);
        uint32_t words[FOVEA_ATTRIBUTES_MAX] = {1 + below(times ? 4 : 20),
                                                1 + below(times ? 4 : 20), nearest, times};
        draft_start(&m, h, w, c);
        draft_node(&m, FOVEA_OP_RESIZE, 0, DRAFT_ALONE, 0, words);
        float *have = run(&m, &shape);
        assert_int_equal(shape.dims[0], times ? h * words[0] : words[0]);
        assert_int_equal(shape.dims[1], times ? w * words[1] : words[1]);
        for (uint32_t i = 0; i < shape.dims[0] * shape.dims[1] * c; i++) {
            uint32_t y = i / c / shape.dims[1], x = i / c % shape.dims[1];
            /* The picture is a plane, so that a mixture of neighbours lies on it too. */
            double at_y = centre(y, h, shape.dims[0]), at_x = centre(x, w, shape.dims[1]);
            if (nearest) at_y = y / words[0], at_x = x / words[1];
            double want = (at_y * w + at_x) * c + i % c;
            assert_true(fabs((double)have[i] - want) < 1e-3);
        }
        free(have);
    }
}

static void expect_refused(uint32_t op, const uint32_t *words) {
    struct model_draft m;
    struct fovea_rule_query query;
    uint32_t none[FOVEA_ATTRIBUTES_MAX] = {0};
    draft_start(&m, 4, 5, 6);
    draft_node(&m, FOVEA_OP_ACTIVATION, 0, DRAFT_ALONE, 0, none); /* a node to write over */
    m.nodes[0].op = op;
    memcpy(m.nodes[0].attribute, words, sizeof m.nodes[0].attribute);
    assert_false(fovea_draft_shape(&m.draft, 0, &query));
    assert_non_null(query.problem);
}

static void test_refusals(void **state) {
    (void)state;
    const uint32_t rearrange[][FOVEA_ATTRIBUTES_MAX] = {
        {1, [1] = 121, [7] = 3, 4, 5, 6, [14] = 1},                   /* one too many */
        {1, [1] = 120, [7] = 3, 4, 5, 6, [14] = 1, [20] = 1},         /* shifted out */
        {1, [1] = 2, [7] = 3, 4, 5, 6, [14] = 0xffffffffu},           /* before the first */
        {1, [1] = 2, [7] = 3, 5, 4, 6, [14] = 1},                     /* made for another input */
        {1, [1] = 2, [14] = 1},                                       /* made for none */
        {1, [1] = 2, [7] = 3, 4, 5, 6, [14] = 1, 1},                  /* a step beyond the rank */
        {7, [1] = 1, 1, 1, 1, 1, 1, [7] = 3, 4, 5, 6},                /* rank */
        {6, [1] = 1u << 24, 1u << 24, 1u << 24, 1, 1, 1, 3, 4, 5, 6}, /* elements */
    };
    for (size_t i = 0; i < sizeof rearrange / sizeof *rearrange; i++)
        expect_refused(FOVEA_OP_REARRANGE, rearrange[i]);
    const uint32_t permute[][FOVEA_ATTRIBUTES_MAX] = {
        {2, 0, 1}, {3, 0, 1, 1}, {3, 0, 1, 3}, {3, 0, 1, 2, 1}, {0xffffffffu, 0}};
    for (size_t i = 0; i < sizeof permute / sizeof *permute; i++)
        expect_refused(FOVEA_OP_PERMUTE, permute[i]);
    const uint32_t crop[][FOVEA_ATTRIBUTES_MAX] = {{4}, {2, 0, 2}, {0, 0xffffffffu}, {0, 3, 0, 2}};
    for (size_t i = 0; i < sizeof crop / sizeof *crop; i++) expect_refused(FOVEA_OP_CROP, crop[i]);
    const uint32_t resize[][FOVEA_ATTRIBUTES_MAX] = {
        {0, 1}, {1, 1, 2}, {1, 1, 0, 2}, {1u << 25, 1}, {1u << 31, 1, 0, 1}};
    for (size_t i = 0; i < sizeof resize / sizeof *resize; i++)
        expect_refused(FOVEA_OP_RESIZE, resize[i]);
    const uint32_t reshape[][FOVEA_ATTRIBUTES_MAX] = {{1, 121}, {1, 120, [7] = 3, 5, 4, 6}};
    for (size_t i = 0; i < sizeof reshape / sizeof *reshape; i++)
        expect_refused(FOVEA_OP_RESHAPE, reshape[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rearrange),    cmocka_unit_test(test_permute),
        cmocka_unit_test(test_pad_and_crop), cmocka_unit_test(test_resize),
        cmocka_unit_test(test_refusals),
    };
    fill();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
