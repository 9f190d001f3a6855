/* Transposed convolutions of random geometry against the plainest loops in double precision: kernels
 * smaller and larger than the stride, paddings, output paddings, dilation, other input sizes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/drafts.h"
#define RANDOM_FROM 2463534242u
#include "tests/unit/random.h"
#include "weights/pack.h"

/* One axis as Keras defines it, from the sum of all kernels. */
struct axis {
    uint32_t input, kernel, stride, dilation;
    int padding; /* output padding, or -1 */
    int64_t output, before;
};

static struct axis random_axis(uint32_t input, bool same) {
    struct axis a = {.input = input, .kernel = 1 + below(6), .stride = 1 + below(4), .dilation = 1};
    if (below(4) == 0) {
        a.stride = 1;
        a.dilation = 1 + below(3);
    }
    a.padding = below(2) ? (int)below(a.stride) : -1;
    int64_t reach = (a.kernel - 1) * a.dilation + 1, whole = (input - 1) * a.stride + reach;
    if (same) {
        a.output =
            a.padding < 0 ? input * a.stride : (input - 1) * a.stride + reach % 2 + a.padding;
        a.before = whole > a.output ? (whole - a.output) / 2 : 0;
    } else {
        a.output = a.padding < 0 ? (input - 1) * a.stride + (reach > a.stride ? reach : a.stride)
                                 : whole + a.padding;
    }
    return a;
}

/* The blob's order of taps: by phase, and within a phase the last one first. */
static void order_taps(const struct axis *a, uint32_t *order) {
    uint32_t at = 0;
    for (uint32_t phase = 0; phase < a->stride; phase++)
        for (uint32_t k = a->kernel; k-- > 0;)
            if (k % a->stride == phase) order[at++] = k;
    assert_int_equal(at, a->kernel);
}

static void scatter(const struct axis *y, const struct axis *x, uint32_t c, uint32_t o,
                    const float *in, const float *kernel, const float *bias, double *out) {
    for (int64_t i = 0; i < y->output * x->output * o; i++) out[i] = (double)bias[i % o];
    for (uint32_t iy = 0; iy < y->input; iy++)
        for (uint32_t ix = 0; ix < x->input; ix++)
            for (uint32_t k = 0; k < y->kernel * x->kernel; k++) {
                int64_t oy = iy * y->stride + k / x->kernel * y->dilation - y->before;
                int64_t ox = ix * x->stride + k % x->kernel * x->dilation - x->before;
                if (oy < 0 || oy >= y->output || ox < 0 || ox >= x->output) continue;
                for (uint32_t p = 0; p < o * c; p++)
                    out[(oy * x->output + ox) * o + p / c] +=
                        (double)in[(iy * x->input + ix) * c + p % c] *
                        (double)kernel[k * o * c + p];
            }
}

static void check_one(void) {
    struct model_draft m;
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {0}, order_y[6], order_x[6];
    uint32_t c = 1 + below(9), o = 1 + below(20), off = 0;
    bool same = below(2);
    struct axis y = random_axis(1 + below(7), same), x = random_axis(1 + below(9), same);
    if (y.output < 1 || x.output < 1) return; /* Keras refuses those */
    for (int i = 0; i < 2; i++) {
        const struct axis *a = i ? &x : &y;
        words[i] = a->kernel;
        words[2 + i] = a->stride;
        words[4 + i] = a->dilation;
        words[7 + i] = (uint32_t)(a->padding + 1);
    }
    words[6] = same ? FOVEA_PADDING_SAME : FOVEA_PADDING_VALID;
    words[9] = o;
    draft_start(&m, 3, 2, c);
    draft_node(&m, FOVEA_OP_CONV_TRANSPOSED, 0, DRAFT_ALONE, 2, words);
    draft_seal(&m);
    order_taps(&y, order_y);
    order_taps(&x, order_x);
    uint32_t taps = y.kernel * x.kernel;
    size_t inputs = (size_t)y.input * x.input * c, outputs = (size_t)(y.output * x.output) * o;
    float *kernel = malloc(taps * o * c * sizeof *kernel), *in = malloc(inputs * sizeof *in);
    float bias[20], row[20];
    double *want = malloc(outputs * sizeof *want);
    for (uint32_t i = 0; i < taps * o * c; i++) kernel[i] = number();
    for (size_t i = 0; i < inputs; i++) in[i] = number();
    for (uint32_t i = 0; i < o; i++) bias[i] = number();
    struct fovea_pack pack = {taps, c, o, 1};
    float *packed = fovea_draft_array(&m.draft, m.blob, 0);
    memset(packed, 0, (size_t)m.counts[0] * sizeof *packed);
    for (uint32_t r = 0; r < taps * c; r++) {
        uint32_t tap = r / c;
        tap = order_y[tap / x.kernel] * x.kernel + order_x[tap % x.kernel];
        for (uint32_t i = 0; i < o; i++) row[i] = kernel[(tap * o + i) * c + r % c];
        fovea_pack_row(&pack, packed, r, row);
    }
    fovea_pack_bias(&pack, fovea_draft_array(&m.draft, m.blob, 1), bias);
    fovea_draft_seal(m.blob, m.size);
    scatter(&y, &x, c, o, in, kernel, bias, want);
    struct fovea_shape shape = {0};
    float *have = draft_run(&m, y.input, x.input, in, 1 + below(4),
                            below(2) ? 0 : FOVEA_CPU_PORTABLE | below(8), &shape);
    assert_non_null(have);
    assert_true(shape.rank == 3 && shape.dims[0] == y.output && shape.dims[1] == x.output &&
                shape.dims[2] == o);
    for (size_t i = 0; i < outputs; i++) off += !(fabs(want[i] - (double)have[i]) < 2e-5);
    assert_int_equal(off, 0);
    free(have);
    free(want);
    free(kernel);
    free(in);
    free(m.blob);
}

static void test_random(void **state) {
    (void)state;
    for (int i = 0; i < 1500; i++) check_one();
}

/* Records that are off in one word. */
static void test_refusals(void **state) {
    static const struct {
        uint32_t word, value;
    } wrong[] = {{0, 0}, {1, 40000}, {2, 0}, {4, 2}, {6, 2}, {7, 0x80000000u}, {9, 0}, {10, 99}};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct model_draft m;
        struct fovea_rule_query query;
        uint32_t words[FOVEA_ATTRIBUTES_MAX] = {3, 3, 2, 2, 1, 1, 1, 0, 0, 8};
        draft_start(&m, 5, 5, 4);
        draft_node(&m, FOVEA_OP_CONV_TRANSPOSED, 0, DRAFT_ALONE, 2, words);
        m.nodes[0].attribute[wrong[i].word] = wrong[i].value;
        assert_false(fovea_draft_shape(&m.draft, 0, &query));
        assert_non_null(query.problem);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
