/* What include/fovea.h promises of its structures: zeros are the defaults, those of programs with an older or a newer
 * header work, reserved fields are refused, and a model that is not open is refused by everything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/drafts.h"
#include "tests/unit/answer.h"

static struct model_draft m;
static struct fovea_model model;
static struct fovea_error error;

/* A convolution that is done by Winograd's algorithm by default, and differently where exact or small memory is
 * asked for. */
static void open_model(void) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    draft_start(&m, 48, 48, 16);
    draft_window(words, 3, 3, 1, 1, FOVEA_PADDING_SAME);
    words[11] = 1;
    words[12] = 16;
    draft_node(&m, FOVEA_OP_CONV, 0, DRAFT_ALONE, 2, words);
    draft_seal(&m);
    assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, &error), FOVEA_OK);
}

static float *usual;
static size_t usual_bytes;

/* The same memory and the same bits as without options. */
static void expect_usual(const struct fovea_options *options) {
    size_t count, bytes;
    float *have = answer_of(&model, options, &count, &bytes);
    assert_int_equal(bytes, usual_bytes);
    assert_memory_equal(have, usual, count * sizeof *have);
    free(have);
}

static void test_zeros_are_the_defaults(void **state) {
    (void)state;
    const struct fovea_options zeroed = {0}, initialised = FOVEA_OPTIONS_INIT;
    struct fovea_options defaults, sized = {.size = sizeof sized};
    memset(&defaults, 0xff, sizeof defaults);
    fovea_options_default(&defaults);
    fovea_options_default(NULL);
    assert_memory_equal(&defaults, &sized, sizeof defaults);
    assert_int_equal(initialised.size, defaults.size);
    expect_usual(&zeroed);
    expect_usual(&initialised);
    expect_usual(&defaults);
}

/* Each field has an effect, so that the test above could fail. */
static void test_fields_matter(void **state) {
    (void)state;
    size_t bytes;
    const struct fovea_options exact = {.exact = true}, narrow = {.pointer_bytes = 4},
                               threads = {.threads = 3}, small = FOVEA_OPTIONS_SMALL;
    const struct fovea_options *const others[] = {&exact, &threads, &small};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(fovea_measure(&model, others[i], &bytes, NULL), FOVEA_OK);
        assert_int_not_equal(bytes, usual_bytes);
    }
    assert_int_equal(fovea_measure(&model, &narrow, &bytes, NULL), FOVEA_OK);
    assert_true(sizeof(void *) == 4 || bytes < usual_bytes);
}

static const char *isa_of(uint32_t mask) {
    static struct fovea_step_info info;
    struct fovea_options options = {0};
    fovea_session *session;
    size_t bytes;
    options.cpu_mask = mask;
    assert_int_equal(fovea_measure(&model, &options, &bytes, NULL), FOVEA_OK);
    void *memory = aligned_alloc(64, bytes);
    assert_int_equal(fovea_plan(&model, &options, memory, bytes, &session, NULL), FOVEA_OK);
    assert_true(fovea_step_describe(session, 0, &info));
    free(memory);
    return info.isa;
}

static void test_masks(void **state) {
    (void)state;
    assert_true(fovea_cpu() & FOVEA_CPU_PORTABLE);
    assert_string_equal(isa_of(FOVEA_CPU_PORTABLE), "ref");
    assert_string_equal(isa_of(0), isa_of(0xffffffffu));
    if (fovea_cpu() & FOVEA_CPU_SSE2)
        assert_string_equal(isa_of(FOVEA_CPU_PORTABLE | FOVEA_CPU_SSE2), "sse2");
}

/* Programs of an older header have fewer fields. What lies behind theirs is not read: it ends where the allocation
 * does, and in the second half would be refused. */
static void test_older_and_newer_callers(void **state) {
    (void)state;
    static const size_t sizes[] = {sizeof(size_t),
                                   offsetof(struct fovea_options, threads),
                                   offsetof(struct fovea_options, parallel_for),
                                   offsetof(struct fovea_options, exact),
                                   offsetof(struct fovea_options, pointer_bytes),
                                   offsetof(struct fovea_options, reserved)};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const struct fovea_options now = {.size = sizes[i]};
        struct fovea_options *older = malloc(sizes[i]);
        assert_non_null(older);
        memcpy(older, &now, sizes[i]);
        expect_usual(older);
        free(older);
        struct fovea_options followed;
        memset(&followed, 0xff, sizeof followed);
        memcpy(&followed, &now, sizes[i]);
        expect_usual(&followed);
    }
    struct {
        struct fovea_options known;
        uint64_t more;
    } newer = {.known = {.size = sizeof newer}, .more = 1};
    expect_usual(&newer.known);
}

static void test_reserved_is_refused(void **state) {
    (void)state;
    size_t bytes;
    const size_t words = sizeof((struct fovea_options *)0)->reserved / sizeof(uint32_t);
    for (size_t i = 0; i < words; i++) {
        struct fovea_options options = FOVEA_OPTIONS_INIT;
        options.reserved[i] = 1;
        assert_int_equal(fovea_measure(&model, &options, &bytes, &error), FOVEA_ARGUMENT);
        assert_string_equal(error.check, "S-400");
    }
    for (size_t size = 1; size < sizeof size; size++) {
        const struct fovea_options options = {.size = size};
        assert_int_equal(fovea_measure(&model, &options, &bytes, &error), FOVEA_ARGUMENT);
        assert_string_equal(error.check, "S-002");
    }
}

static void expect_closed(const struct fovea_model *closed) {
    struct fovea_model resized;
    struct fovea_shape shape = {0};
    struct fovea_io io;
    fovea_session *session;
    size_t bytes;
    _Alignas(64) static uint8_t memory[1024];
    assert_int_equal(fovea_model_inputs(closed), 0);
    assert_int_equal(fovea_model_outputs(closed), 0);
    assert_int_equal(fovea_model_input(closed, 0, &io), FOVEA_ARGUMENT);
    assert_int_equal(fovea_model_output(closed, 0, &io), FOVEA_ARGUMENT);
    assert_null(fovea_model_label(closed, 0, 0));
    assert_null(fovea_model_note(closed, "source"));
    assert_int_equal(fovea_model_resize_bytes(closed), 0);
    assert_int_equal(fovea_model_resize(closed, &shape, memory, sizeof memory, &resized, &error),
                     FOVEA_ARGUMENT);
    assert_int_equal(fovea_measure(closed, NULL, &bytes, &error), FOVEA_ARGUMENT);
    assert_int_equal(fovea_plan(closed, NULL, memory, sizeof memory, &session, &error),
                     FOVEA_ARGUMENT);
    assert_null(session);
}

static void test_closed_models_are_refused(void **state) {
    (void)state;
    struct fovea_model closed = {0};
    assert_int_equal(fovea_model_inputs(&model), 1);
    assert_int_equal(fovea_model_outputs(&model), 1);
    expect_closed(NULL);
    expect_closed(&closed);
    closed = model;
    assert_int_not_equal(fovea_model_open(&closed, m.blob, 100, &error), FOVEA_OK);
    expect_closed(&closed);
    closed = model;
    assert_int_not_equal(fovea_model_open(&closed, NULL, 100, &error), FOVEA_OK);
    expect_closed(&closed);
}

static int open_group(void **state) {
    (void)state;
    size_t count;
    open_model();
    usual = answer_of(&model, NULL, &count, &usual_bytes);
    return 0;
}

static int close_group(void **state) {
    (void)state;
    free(usual);
    free(m.blob);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zeros_are_the_defaults),
        cmocka_unit_test(test_fields_matter),
        cmocka_unit_test(test_masks),
        cmocka_unit_test(test_older_and_newer_callers),
        cmocka_unit_test(test_reserved_is_refused),
        cmocka_unit_test(test_closed_models_are_refused),
    };
    return cmocka_run_group_tests_name("options", tests, open_group, close_group);
}
