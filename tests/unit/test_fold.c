/* Folding: constants are computed in advance, and only what nobody else reads is folded away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "convert/graph/emit.h"
#include "convert/graph/fold.h"

#include <cmocka.h>

struct job {
    struct pool pool;
    struct trouble trouble;
    struct graph graph;
};

static void start(struct job *job) {
    *job = (struct job){0};
    graph_start(&job->graph, &job->pool, &job->trouble);
}

static uint32_t add_input(struct job *job, uint32_t count) {
    struct fovea_shape shape = {1, {count}};
    uint32_t value = graph_input(&job->graph, "input", &shape);
    job->graph.inputs[value].recipe = (struct fovea_recipe){.scale = 1, .std = {1, 1, 1}};
    return value;
}

static uint32_t add_constant(struct job *job, const float *numbers, uint32_t count) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {1, count};
    struct array array = {.layout = ARRAY_PLAIN, .source = source_floats(numbers, count)};
    array.taps = array.inputs = array.outputs = array.groups = 1;
    array.count = count;
    uint32_t id = graph_array(&job->graph, &array);
    return graph_node(&job->graph, FOVEA_OP_CONSTANT, "constant", NULL, 0, &id, 1, words);
}

static uint32_t add_pair(struct job *job, uint32_t op, uint32_t a, uint32_t b) {
    const uint32_t inputs[2] = {a, b}, none[FOVEA_ATTRIBUTES_MAX] = {0};
    return graph_node(&job->graph, op, "pair", inputs, 2, NULL, 0, none);
}

static uint32_t add_relu(struct job *job, uint32_t value) {
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {FOVEA_ACTIVATION_CLAMP, 0,
                                                  fovea_bits_of_float(1e30f), 0};
    return graph_node(&job->graph, FOVEA_OP_ACTIVATION, "relu", &value, 1, NULL, 0, words);
}

/* Emits, runs on `in`, copies output `index`, and tells how many steps there were. */
static size_t answer(struct job *job, const float *in, size_t count, float *out, size_t index) {
    struct emitted emitted;
    struct fovea_model model;
    fovea_session *session;
    size_t bytes;
    assert_true(graph_emit(&job->graph, &emitted));
    assert_int_equal(fovea_model_open(&model, emitted.blob, (size_t)emitted.size, NULL), FOVEA_OK);
    assert_int_equal(fovea_measure(&model, NULL, &bytes, NULL), FOVEA_OK);
    uint8_t *memory = pool_get(&job->pool, bytes + 64, 1, &job->trouble);
    memory += (64 - (uintptr_t)memory % 64) % 64;
    assert_int_equal(fovea_plan(&model, NULL, memory, bytes, &session, NULL), FOVEA_OK);
    for (size_t i = 0; i < count; i++) fovea_input(session, 0)[i] = in[i];
    fovea_run(session);
    for (size_t i = 0; i < count; i++) out[i] = fovea_output(session, index)[i];
    return fovea_steps(session);
}

static void constants_are_computed(void **state) {
    (void)state;
    static const float a[3] = {1, 2, 3}, b[3] = {4, -9, 6}, in[3] = {2, 2, 2};
    float out[3];
    struct job job;
    start(&job);
    uint32_t x = add_input(&job, 3), p = add_constant(&job, a, 3), q = add_constant(&job, b, 3);
    uint32_t sum = add_relu(&job, add_pair(&job, FOVEA_OP_ADD, p, q));
    graph_output(&job.graph, "out", add_pair(&job, FOVEA_OP_MULTIPLY, x, sum));
    assert_true(graph_fold(&job.graph, NULL));
    assert_int_equal(answer(&job, in, 3, out, 0), 1); /* the product alone is left to do */
    assert_true(out[0] == 10 && out[1] == 0 && out[2] == 18);
    pool_free(&job.pool);
}

static void what_others_read_stays(void **state) {
    (void)state;
    static const float a[2] = {1, -5}, in[2] = {1, 1};
    float sum[2], relu[2];
    struct job job;
    start(&job);
    uint32_t x = add_input(&job, 2), p = add_constant(&job, a, 2);
    uint32_t both = add_pair(&job, FOVEA_OP_ADD, x, p);
    graph_output(&job.graph, "sum", both);
    graph_output(&job.graph, "relu", add_relu(&job, both));
    assert_true(graph_fold(&job.graph, NULL));
    assert_int_equal(answer(&job, in, 2, sum, 0), 2);
    answer(&job, in, 2, relu, 1);
    assert_true(sum[0] == 2 && sum[1] == -4 && relu[0] == 2 && relu[1] == 0);
    pool_free(&job.pool);
}

static void an_activation_joins_its_producer(void **state) {
    (void)state;
    static const float a[2] = {1, -5}, in[2] = {1, 1};
    float out[2];
    struct job job;
    start(&job);
    uint32_t x = add_input(&job, 2), p = add_constant(&job, a, 2);
    graph_output(&job.graph, "relu", add_relu(&job, add_pair(&job, FOVEA_OP_ADD, x, p)));
    assert_true(graph_fold(&job.graph, NULL));
    assert_int_equal(answer(&job, in, 2, out, 0), 1);
    assert_true(out[0] == 2 && out[1] == 0);
    pool_free(&job.pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constants_are_computed),
        cmocka_unit_test(what_others_read_stays),
        cmocka_unit_test(an_activation_joins_its_producer),
    };
    return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
