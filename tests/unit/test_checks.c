/* The checks that no file reaches, or not alone: of operators asked for directly, of drafts, graphs, sessions
 * and the caller's arguments. Those of files are in tests/checks. */

/* before cmocka.h, which makes a macro of `fail` */
#include "convert/graph/graph.h"
#include "include/fovea_photo.h"
#include "engine/session.h"
#include "tests/unit/drafts.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void is(const char *problem, const char *id) {
    if (strncmp(problem, id, 5) != 0) fail_msg("\"%s\", not %s", problem, id);
}

/* ---- operators ---- */

static void shapes_of(const void *context, uint32_t input, struct fovea_shape *shape) {
    *shape = ((const struct fovea_shape *)context)[input];
}

/* The operator on these shapes is refused by this check. */
static void refused(const char *id, uint32_t op, const struct fovea_shape *shapes, uint32_t inputs,
                    uint32_t arrays, const uint32_t *words) {
    struct fovea_rule_query query = {.op = op, .inputs = inputs, .arrays = arrays};
    query.attributes = fovea_op_attributes(op);
    memcpy(query.attribute, words, sizeof query.attribute);
    query.shape_of = shapes_of;
    query.context = shapes;
    assert_false(fovea_rule_apply(&query));
    is(query.problem, id);
}

#define WIDE (1u << 24)

static void operators_are_checked(void **state) {
    (void)state;
    static const struct fovea_shape small[2] = {{3, {4, 4, 8}}, {3, {4, 4, 9}}};
    static const struct fovea_shape wide = {3, {1, 1, WIDE}}, number = {0, {0}};
    static const struct fovea_shape none = {2, {0, 3}}, row = {2, {1, WIDE}};
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    draft_window(words, 3, 3, 1, 1, FOVEA_PADDING_SAME);
    words[11] = 1;
    words[12] = 8;
    refused("R-014", FOVEA_OP_CONV, small, 2, 2, words);
    draft_window(words, 32767, 32767, 1, 1, FOVEA_PADDING_SAME);
    words[11] = 1;
    words[12] = WIDE;
    refused("R-006", FOVEA_OP_CONV, &wide, 1, 2, words);
    draft_window(words, 0, 0, 1, 1, FOVEA_PADDING_SAME);
    refused("R-016", FOVEA_OP_CONV, small, 1, 2, words);
    refused("R-025", FOVEA_OP_DEPTHWISE, small, 1, 2, words);
    uint32_t transposed[FOVEA_ATTRIBUTES_MAX] = {32767, 32767, 1,   1, 1, 1, FOVEA_PADDING_SAME,
                                                 0,     0,     WIDE};
    refused("R-006", FOVEA_OP_CONV_TRANSPOSED, &wide, 1, 2, transposed);
    uint32_t dense[FOVEA_ATTRIBUTES_MAX] = {WIDE};
    refused("R-028", FOVEA_OP_DENSE, &number, 1, 2, dense);
    refused("R-030", FOVEA_OP_DENSE, &none, 1, 2, dense);
    uint32_t zero[FOVEA_ATTRIBUTES_MAX] = {0};
    refused("R-040", FOVEA_OP_ACTIVATION, small, 2, 0, zero);
    uint32_t cell[FOVEA_ATTRIBUTES_MAX] = {0, WIDE};
    refused("R-006", FOVEA_OP_RNN, &row, 1, 2, cell);
    static const struct fovea_shape empty = {1, {0}};
    uint32_t moved[FOVEA_ATTRIBUTES_MAX] = {1, 1, 0, 0, 0, 0, 0, 1};
    refused("R-070", FOVEA_OP_REARRANGE, &empty, 1, 0, moved);
    refused("R-069", FOVEA_OP_REARRANGE, small, 2, 0, zero);
}

/* ---- drafts and graphs ---- */

static void drafts_are_checked(void **state) {
    (void)state;
    struct model_draft m;
    uint64_t size;
    draft_small(&m);
    free(m.blob);
    m.inputs[0][0] = 1;
    assert_false(fovea_draft_measure(&m.draft, &size));
    is(m.draft.problem, "C-017");
    m.inputs[0][0] = 0;
    m.input.shape.dims[0] = 0;
    assert_false(fovea_draft_measure(&m.draft, &size));
    is(m.draft.problem, "C-018");
    m.input.shape.dims[0] = 9;
    m.counts[0]++;
    assert_false(fovea_draft_measure(&m.draft, &size));
    is(m.draft.problem, "C-019");
    m.counts[0]--;
    m.draft.fuel = 1;
    assert_false(fovea_draft_measure(&m.draft, &size));
    is(m.draft.problem, "C-021");
    m.draft.fuel = 0;
    char *name = malloc(FOVEA_TABLE_MAX + 1u);
    assert_non_null(name);
    memset(name, 'x', FOVEA_TABLE_MAX);
    name[FOVEA_TABLE_MAX] = 0;
    m.note.value = name;
    assert_false(fovea_draft_measure(&m.draft, &size));
    is(m.draft.problem, "C-020");
    m.note.value = "";
    assert_true(fovea_draft_measure(&m.draft, &size));
    free(name);
}

/* As if a blob held so few parts: what it does hold takes gigabytes. */
static void a_graph_has_as_many_parts_as_a_table(void **state) {
    (void)state;
    static const struct fovea_shape shape = {1, {4}};
    static const uint32_t relu[FOVEA_ATTRIBUTES_MAX] = {0};
    struct limits limits;
    struct pool pool = {.limits = &limits};
    struct trouble trouble = {0};
    struct graph graph;
    limits_start(&limits);
    limits.value[LIMIT_FOVEA_TABLE_MAX] = 32;
    graph_start(&graph, &pool, &trouble);
    uint32_t value = graph_input(&graph, "in", &shape);
    for (int i = 1; i < 32; i++)
        value = graph_node(&graph, FOVEA_OP_ACTIVATION, "layer", &value, 1, NULL, 0, relu);
    assert_int_equal(value, 31);
    assert_false(trouble.set);
    assert_int_equal(graph_node(&graph, FOVEA_OP_ACTIVATION, "layer", &value, 1, NULL, 0, relu),
                     GRAPH_NONE);
    assert_string_equal(trouble.check, "C-005");
    pool_free(&pool);
}

static void graphs_are_checked(void **state) {
    (void)state;
    static const struct fovea_shape shape = {1, {4}}, none = {1, {0}};
    static const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {4}, relu[FOVEA_ATTRIBUTES_MAX] = {0};
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct graph graph;
    graph_start(&graph, &pool, &trouble);
    assert_int_equal(graph_input(&graph, "none", &none), GRAPH_NONE);
    assert_string_equal(trouble.check, "C-006");
    trouble.set = false;
    for (int i = 0; i < FOVEA_IO_MAX; i++)
        assert_int_equal(graph_input(&graph, "in", &shape), (uint32_t)i);
    assert_int_equal(graph_input(&graph, "in", &shape), GRAPH_NONE);
    assert_string_equal(trouble.check, "C-007");
    trouble.set = false;
    for (int i = 0; i < FOVEA_IO_MAX; i++) assert_true(graph_output(&graph, "out", 0));
    assert_false(graph_output(&graph, "out", 0));
    assert_string_equal(trouble.check, "C-010");
    trouble.set = false;
    const struct array wrong = {.count = 5};
    const uint32_t arrays[2] = {graph_array(&graph, &wrong), graph_array(&graph, &wrong)};
    uint32_t value = 0;
    assert_int_equal(graph_node(&graph, FOVEA_OP_DENSE, "dense", &value, 1, arrays, 2, words),
                     GRAPH_NONE);
    assert_string_equal(trouble.check, "C-008");
    trouble.set = false;
    for (int n = 0; n < FOVEA_NODES_MAX; n++)
        value = graph_node(&graph, FOVEA_OP_ACTIVATION, "layer", &value, 1, NULL, 0, relu);
    assert_false(trouble.set);
    assert_int_equal(graph_node(&graph, FOVEA_OP_ACTIVATION, "layer", &value, 1, NULL, 0, relu),
                     GRAPH_NONE);
    assert_string_equal(trouble.check, "C-009");
    pool_free(&pool);
}

/* ---- sessions ---- */

static struct model_draft m;
static struct fovea_model model;
static struct fovea_error error;

static void open_small(void) {
    draft_small(&m);
    assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, &error), FOVEA_OK);
}

/* What is planned after the 32-bit word at `at` was changed under the open model. */
static void changed(uint64_t at, uint32_t value, const char *id) {
    fovea_session *session;
    struct fovea_options options = FOVEA_OPTIONS_INIT;
    size_t bytes;
    uint8_t kept[4];
    options.small_memory = true;
    assert_int_equal(fovea_measure(&model, &options, &bytes, &error), FOVEA_OK);
    void *memory = aligned_alloc(64, bytes);
    assert_non_null(memory);
    memcpy(kept, m.blob + at, 4);
    for (unsigned i = 0; i < 4; i++) m.blob[at + i] = (uint8_t)(value >> (8 * i));
    assert_int_not_equal(fovea_plan(&model, &options, memory, bytes, &session, &error), FOVEA_OK);
    assert_string_equal(error.check, id);
    memcpy(m.blob + at, kept, 4);
    free(memory);
}

static void changes_are_noticed(void **state) {
    (void)state;
    open_small();
    changed(model.at_values, 7, "S-046");
    changed(model.at_values + FOVEA_BLOB_VALUE + 4, 8, "S-046");
    free(m.blob);
}

/* Three tensors of 2 GiB each are more than pointers of 4 bytes reach. */
static void measures_of_narrow_machines_are_checked(void **state) {
    (void)state;
    struct fovea_options options = FOVEA_OPTIONS_INIT;
    uint32_t words[FOVEA_ATTRIBUTES_MAX], none[FOVEA_ATTRIBUTES_MAX] = {0};
    size_t bytes;
    options.pointer_bytes = 4;
    for (uint32_t height = 2048; height <= 8192; height *= 4) {
        draft_start(&m, height, 65535, 1);
        draft_window(words, 3, 3, 1, 1, FOVEA_PADDING_SAME);
        words[11] = 1;
        uint32_t a = draft_node(&m, FOVEA_OP_MAX_POOL, 0, DRAFT_ALONE, 0, words);
        uint32_t b = draft_node(&m, FOVEA_OP_MAX_POOL, 0, DRAFT_ALONE, 0, words);
        draft_node(&m, FOVEA_OP_ADD, a, b, 0, none);
        draft_seal(&m);
        assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, &error), FOVEA_OK);
        fovea_measure(&model, &options, &bytes, &error);
        assert_string_equal(error.check, height == 2048 ? "" : "S-007");
        free(m.blob);
    }
}

/* A model that was placed with more patience than resizing has: work grows by the square of its layers. */
static void placing_is_bounded(void **state) {
    (void)state;
    enum { LAYERS = 19600 };
    static uint32_t inputs[LAYERS];
    static struct fovea_draft_value values[LAYERS + 1];
    struct fovea_model resized;
    draft_start(&m, 1, 1, 1);
    struct fovea_draft_node *nodes = calloc(LAYERS, sizeof *nodes);
    assert_non_null(nodes);
    for (uint32_t n = 0; n < LAYERS; n++) {
        inputs[n] = n;
        nodes[n].op = FOVEA_OP_MAX_POOL;
        nodes[n].name = "pool";
        nodes[n].inputs = &inputs[n];
        nodes[n].input_count = 1;
        draft_window(nodes[n].attribute, 1, 1, 1, 1, FOVEA_PADDING_VALID);
        nodes[n].attribute[11] = 1;
    }
    m.output.value = LAYERS;
    m.draft.nodes = nodes;
    m.draft.node_count = LAYERS;
    m.draft.values = values;
    m.draft.fuel = FOVEA_PLACE_FUEL + FOVEA_PLACE_FUEL / 8;
    draft_seal(&m);
    assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, &error), FOVEA_OK);
    const size_t tables = fovea_model_resize_bytes(&model);
    void *memory = aligned_alloc(64, (tables + 63) / 64 * 64);
    assert_non_null(memory);
    fovea_model_resize(&model, &m.input.shape, memory, tables, &resized, &error);
    assert_string_equal(error.check, "S-013");
    free(memory);
    free(nodes);
    free(m.blob);
}

/* A convolution that keeps weights of its own, turned for Winograd's algorithm, and needs scratch. */
static void small_memory_is_noticed(void **state) {
    (void)state;
    fovea_session *session;
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    size_t bytes;
    draft_start(&m, 48, 48, 16);
    draft_window(words, 3, 3, 1, 1, FOVEA_PADDING_SAME);
    words[11] = 1;
    words[12] = 16;
    draft_node(&m, FOVEA_OP_CONV, 0, DRAFT_ALONE, 2, words);
    draft_seal(&m);
    assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, &error), FOVEA_OK);
    assert_int_equal(fovea_measure(&model, NULL, &bytes, &error), FOVEA_OK);
    uint8_t *memory = aligned_alloc(64, bytes);
    assert_non_null(memory);
    for (size_t room = 0; room < bytes; room += 64) {
        assert_int_equal(fovea_plan(&model, NULL, memory, room, &session, &error), FOVEA_MEMORY);
        assert_string_equal(error.check, "S-045");
    }
    free(memory);
    free(m.blob);
}

static void arguments_are_checked(void **state) {
    (void)state;
    struct fovea_options options = FOVEA_OPTIONS_INIT;
    struct fovea_shape wrong = {3, {0, 11, 3}}, right = {3, {9, 11, 3}};
    struct fovea_model resized;
    fovea_session *session;
    struct fovea_image image = {0};
    size_t bytes, tables;
    open_small();
    options.pointer_bytes = 5;
    fovea_measure(&model, &options, &bytes, &error);
    assert_string_equal(error.check, "S-004");
    tables = fovea_model_resize_bytes(&model);
    uint8_t *memory = aligned_alloc(64, (tables + 127) / 64 * 64);
    assert_non_null(memory);
    fovea_model_resize(&model, &wrong, memory, tables, &resized, &error);
    assert_string_equal(error.check, "S-008");
    fovea_model_resize(&model, NULL, memory, tables, &resized, &error);
    assert_string_equal(error.check, "S-010");
    fovea_model_resize(&model, &right, memory + 8, tables, &resized, &error);
    assert_string_equal(error.check, "S-011");
    free(memory);
    assert_int_equal(fovea_measure(&model, NULL, &bytes, &error), FOVEA_OK);
    memory = aligned_alloc(64, bytes);
    assert_int_equal(fovea_plan(&model, NULL, memory, bytes, &session, &error), FOVEA_OK);
    const struct fovea_photo_options limits = {.size = sizeof limits, .scans = 1001};
    fovea_photo_decode_as("x", 1, &limits, &image, &error);
    assert_string_equal(error.check, "P-061");
    const struct fovea_photo_options later = {.reserved = {1}};
    fovea_photo_decode_as("x", 1, &later, &image, &error);
    assert_string_equal(error.check, "P-061");
    const struct fovea_photo_options zeroed = {0};
    fovea_photo_decode_as("x", 1, &zeroed, &image, &error);
    assert_string_equal(error.check, "P-002");
    const uint8_t pixels[3] = {1, 2, 3};
    const struct fovea_image dot = {
        .pixels = pixels, .width = 1, .height = 1, .stride = 3, .format = FOVEA_PIXELS_RGB};
    const struct fovea_recipe unknown = {.scale = 1, .std = {1, 1, 1}, .reserved = {0, 0, 0, 1}};
    fovea_image_measure_by(session, 0, &unknown, &dot, &tables, &error);
    assert_string_equal(error.check, "S-401");
    fovea_image_measure(NULL, 0, &image, &tables, &error);
    assert_string_equal(error.check, "S-014");
    fovea_image_measure(session, 1, &image, &tables, &error);
    assert_string_equal(error.check, "S-015");
    fovea_image_measure(session, 0, &image, NULL, &error);
    assert_string_equal(error.check, "S-017");
    free(memory);
    free(m.blob);
}

/* A model whose output is as wide as its input, with labels; and one that is no picture's. */
static void other_models_are_checked(void **state) {
    (void)state;
    static const char *const labels[] = {"a", "b", "c"};
    struct fovea_shape wider = {3, {2, 4, 1}};
    struct fovea_model resized;
    fovea_session *session;
    struct fovea_image image = {0};
    size_t bytes;
    uint32_t order[FOVEA_ATTRIBUTES_MAX] = {3, 2, 0, 1};
    draft_start(&m, 2, 3, 1);
    draft_node(&m, FOVEA_OP_PERMUTE, 0, DRAFT_ALONE, 0, order);
    m.output.labels = labels;
    m.output.label_count = 3;
    draft_seal(&m);
    assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, &error), FOVEA_OK);
    size_t tables = fovea_model_resize_bytes(&model);
    uint8_t *memory = aligned_alloc(64, (tables + 63) / 64 * 64);
    fovea_model_resize(&model, &wider, memory, tables, &resized, &error);
    assert_string_equal(error.check, "S-009");
    free(memory);
    free(m.blob);
    draft_start(&m, 2, 3, 2);
    uint32_t relu[FOVEA_ATTRIBUTES_MAX] = {0};
    draft_node(&m, FOVEA_OP_ACTIVATION, 0, DRAFT_ALONE, 0, relu);
    draft_seal(&m);
    assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, &error), FOVEA_OK);
    assert_int_equal(fovea_measure(&model, NULL, &bytes, &error), FOVEA_OK);
    memory = aligned_alloc(64, bytes);
    assert_int_equal(fovea_plan(&model, NULL, memory, bytes, &session, &error), FOVEA_OK);
    fovea_image_measure(session, 0, &image, &tables, &error);
    assert_string_equal(error.check, "S-016");
    free(memory);
    free(m.blob);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_are_checked),
        cmocka_unit_test(drafts_are_checked),
        cmocka_unit_test(a_graph_has_as_many_parts_as_a_table),
        cmocka_unit_test(graphs_are_checked),
        cmocka_unit_test(changes_are_noticed),
        cmocka_unit_test(placing_is_bounded),
        cmocka_unit_test(measures_of_narrow_machines_are_checked),
        cmocka_unit_test(small_memory_is_noticed),
        cmocka_unit_test(arguments_are_checked),
        cmocka_unit_test(other_models_are_checked),
    };
    return cmocka_run_group_tests_name("checks", tests, NULL, NULL);
}
