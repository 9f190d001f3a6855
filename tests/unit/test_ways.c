/* Which way a layer is done, where that is a question of cost: the decisions themselves, asked for layers on either side
 * of each bound, whatever this machine's processor is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/conv.h"
#include "engine/choose.h"
#include "tests/unit/drafts.h"

/* A square picture and kernel, padded to its own size. */
static struct fovea_conv square(uint32_t side, uint32_t kernel, uint32_t inputs, uint32_t outputs) {
    const struct fovea_axis axis = {
        .input = side, .output = side, .kernel = kernel, .stride = 1, .dilation = 1, .before = 0};
    return (struct fovea_conv){
        .window = {axis, axis}, .groups = 1, .inputs = inputs, .outputs = outputs};
}

static struct fovea_setting portable(void) {
    struct fovea_setting setting = {.tasks = 1};
    fovea_kernels_select(&setting.kernels, 0);
    return setting;
}

static void expect(const char *why_not, const char *id) {
    if (!id) {
        assert_null(why_not);
        return;
    }
    assert_non_null(why_not);
    assert_int_equal(strncmp(why_not, id, strlen(id)), 0);
}

static void winograd_pays_for_tiles_and_channels(void **state) {
    const struct fovea_setting setting = portable();
    (void)state;
    const struct fovea_conv large = square(32, 3, 64, 64), few = square(2, 3, 64, 64),
                            thin = square(32, 3, 2, 64);
    expect(fovea_winograd_why_not(&setting, &large), NULL);
    expect(fovea_winograd_why_not(&setting, &few), "Y-007");
    expect(fovea_winograd_why_not(&setting, &thin), "Y-007");
}

static void strassen_pays_for_products(void **state) {
    struct fovea_setting setting = portable();
    (void)state;
    const struct fovea_conv large = square(28, 1, 256, 256), few = square(4, 1, 256, 32);
    expect(fovea_strassen_why_not(&setting, &large), NULL);
    expect(fovea_strassen_why_not(&setting, &few), "Y-014");
    setting.kernels.wide = true;
    expect(fovea_strassen_why_not(&setting, &large), "Y-420");
}

static void ignore(void *context, const struct fovea_step_info *info) {
    (void)context;
    (void)info;
}

/* The reason for the way of a depthwise convolution by itself. */
static const char *why_no_chain(bool watched) {
    static char reason[200];
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    struct fovea_options options = FOVEA_OPTIONS_INIT;
    struct model_draft m;
    struct fovea_step_info info;
    fovea_session *session;
    void *memory;
    if (watched) options.watcher = ignore;
    draft_start(&m, 9, 9, 4);
    draft_window(words, 3, 3, 1, 1, FOVEA_PADDING_SAME);
    draft_node(&m, FOVEA_OP_DEPTHWISE, 0, DRAFT_ALONE, 2, words);
    draft_seal(&m);
    session = draft_plan(&m, &options, &memory);
    assert_true(fovea_step_describe(session, 0, &info));
    strncpy(reason, info.reason, sizeof reason - 1);
    free(memory);
    free(m.blob);
    return reason;
}

static void chains_are_of_neighbours_that_nobody_watches(void **state) {
    (void)state;
    assert_non_null(strstr(why_no_chain(false), "chain: no convolutions in a row"));
    assert_non_null(strstr(why_no_chain(true), "chain: the layer is watched"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(winograd_pays_for_tiles_and_channels),
        cmocka_unit_test(strassen_pays_for_products),
        cmocka_unit_test(chains_are_of_neighbours_that_nobody_watches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
