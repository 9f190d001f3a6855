/* Files that ask for more work than their size allows are refused soon; work that is allowed takes a time in
 * proportion. Bounds are loose: without what they test, each takes many times as long. */

/* before cmocka.h, which makes a macro of `fail` */
#include "convert/convert.h"
#include "convert/graph/graph.h"
#include "convert/files/inflate.h"
#include "tests/unit/hdf5_writer.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double seconds(void) {
    return (double)clock() / CLOCKS_PER_SEC;
}

/* A file of weights without any. */
static const struct writer *no_weights(void) {
    static struct writer file;
    static uint8_t room[W_ROOM];
    unsigned messages;
    if (file.size) return &file;
    w_begin(&file, room, false);
    const struct w_link none = {"none", w_group(&file, NULL, 0)};
    uint64_t root = w_group_begin(&file, &none, 1, &messages);
    w_attribute_texts(&file, "layer_names", 4, 1, "none");
    w_header_end(&file, root, messages + 1);
    w_end(&file, root);
    return &file;
}

static char text[1 << 20];
static size_t length;

static void add(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    length += (size_t)vsnprintf(text + length, sizeof text - length, format, arguments);
    va_end(arguments);
    assert_true(length < sizeof text);
}

static bool convert(struct trouble *trouble) {
    struct pool pool = {0};
    struct converted converted;
    struct convert_options options = {.config = text, .config_size = length};
    const struct writer *file = no_weights();
    options.recipe = (struct fovea_recipe){.scale = 1, .std = {1, 1, 1}};
    memset(trouble, 0, sizeof *trouble);
    bool done = convert_keras(&pool, file->bytes, file->size, &options, &converted, trouble);
    pool_free(&pool);
    return done;
}

/* Model `level` calls the model below it `calls` times, one after the other; the lowest does nothing. */
static void add_model(int level, int calls) {
    add("{\"class_name\":\"Functional\",\"name\":\"m%d\",\"config\":{\"name\":\"m%d\",\"layers\":["
        "{\"class_name\":\"InputLayer\",\"name\":\"in\",\"config\":{\"name\":\"in\","
        "\"batch_input_shape\":[null,4,4,3]},\"inbound_nodes\":[]}",
        level, level);
    if (level > 0) {
        add(",");
        add_model(level - 1, calls);
        length--; /* its last brace */
        add(",\"inbound_nodes\":[[[\"in\",0,0,{}]]");
        for (int i = 1; i < calls; i++) add(",[[\"m%d\",%d,0,{}]]", level - 1, i);
        add("]}");
    }
    add("],\"input_layers\":[[\"in\",0,0]],\"output_layers\":[[\"%s", level ? "m" : "in");
    if (level)
        add("%d\",%d,0]]}}", level - 1, calls);
    else
        add("\",0,0]]}}");
}

static void models_in_models_do_not_multiply(void **state) {
    (void)state;
    struct trouble trouble;
    length = 0;
    add_model(2, 5);
    if (!convert(&trouble)) fail_msg("%s", trouble.text);
    length = 0;
    add_model(10, 20);
    double start = seconds();
    assert_false(convert(&trouble));
    assert_string_equal(trouble.check, "C-022");
    assert_true(seconds() - start < 1);
}

static void configs_read_again_are_paid_for(void **state) {
    (void)state;
    struct trouble trouble;
    const int calls = 2000;
    length = 0;
    add("{\"class_name\":\"Functional\",\"config\":{\"name\":\"m\",\"layers\":["
        "{\"class_name\":\"InputLayer\",\"name\":\"in\",\"config\":{\"name\":\"in\","
        "\"batch_input_shape\":[null,4]},\"inbound_nodes\":[]},"
        "{\"class_name\":\"Activation\",\"name\":\"a\",\"config\":{");
    for (int i = 0; i < 40000; i++) add("\"%05x\":0,", i);
    add("\"activation\":\"relu\"},\"inbound_nodes\":[[[\"in\",0,0,{}]]");
    for (int i = 0; i + 1 < calls; i++) add(",[[\"a\",%d,0,{}]]", i);
    add("]}],\"input_layers\":[[\"in\",0,0]],\"output_layers\":[[\"a\",%d,0]]}}", calls - 1);
    double start = seconds();
    assert_false(convert(&trouble));
    assert_string_equal(trouble.check, "C-022");
    assert_true(seconds() - start < 1);
}

static void arrays_are_found_at_once(void **state) {
    (void)state;
    const uint32_t count = 60000;
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct graph graph;
    float *floats = calloc(count, sizeof *floats);
    assert_non_null(floats);
    graph_start(&graph, &pool, &trouble);
    double start = seconds();
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < count; i++) {
            struct array array = {.layout = ARRAY_PLAIN, .source = source_floats(&floats[i], 1)};
            assert_int_equal(graph_array(&graph, &array), i);
        }
    assert_true(seconds() - start < 1);
    struct array zeros = {.layout = ARRAY_PLAIN}; /* of which there may be many of many sizes */
    assert_int_equal(graph_array(&graph, &zeros), count);
    assert_int_equal(graph_array(&graph, &zeros), count + 1);
    pool_free(&pool);
    free(floats);
}

/* Blocks that yield nothing, `bits` long each, then one that ends the data. */
static size_t empty_blocks(uint8_t *to, size_t room, const char *bits) {
    size_t at = 0, count = strlen(bits);
    memset(to, 0, room);
    while (at + count + 16 < 8 * room)
        for (size_t i = 0; i < count; i++, at++)
            to[at / 8] |= (uint8_t)((bits[i] == '1') << at % 8);
    to[at / 8] |= (uint8_t)(1 << at % 8); /* the last block: fixed codes, end at once */
    at++;
    to[at / 8] |= (uint8_t)(1 << at % 8);
    at += 9;
    return (at + 7) / 8;
}

/* Codes of their own, of one bit for "end": 257 + 1 lengths, of which 256 are 0. Bits in their order. */
static const char own_codes[] = "001" /* not the last block, codes of its own */
                                "00000"
                                "00000"
                                "0111"      /* 257, 1; 18 lengths of the lengths' codes: */
                                "000000100" /* of 16, 17, 18: 0, 0, 1 */
                                "000000000000000000000000000000000000000000"
                                "100" /* ..., of 1: 1 */
                                "11111111"
                                "11101011"
                                "00" /* 138 and 118 zeros, two ones */
                                "0" /* the end */;

static void empty_blocks_cost_nothing(void **state) {
    (void)state;
    const size_t room = 4 << 20;
    uint8_t *data = malloc(room + INFLATE_AHEAD), out[1];
    assert_non_null(data);
    double start = seconds();
    assert_true(
        inflate_raw(data, empty_blocks(data, room, "0100000000"), out, 0));     /* fixed codes */
    assert_true(inflate_raw(data, empty_blocks(data, 150, own_codes), out, 0)); /* a few */
    assert_false(inflate_raw(data, empty_blocks(data, room, own_codes), out, 0));
    assert_true(seconds() - start < 1);
    free(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_in_models_do_not_multiply),
        cmocka_unit_test(configs_read_again_are_paid_for),
        cmocka_unit_test(arrays_are_found_at_once),
        cmocka_unit_test(empty_blocks_cost_nothing),
    };
    return cmocka_run_group_tests_name("work", tests, NULL, NULL);
}
