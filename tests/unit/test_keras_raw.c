/* Raw operations in the spellings of Keras 2 (TFOpLambda, SlicingOpLambda) and Keras 3, on the tensor
 * [[1, 2, 3], [4, 5, 6]]: what comes out, and what is refused by which words. */

/* before cmocka.h, which makes a macro of `fail` */
#include "convert/graph/emit.h"
#include "convert/keras/keras.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An operation on layer "x", and perhaps another behind it; the last one's name is "y". */
struct example {
    int generation;
    const char *layers;
    uint32_t rank, dims[3];
    float values[12];
};

#define K2(function, node)                                                                         \
    "{\"class_name\":\"TFOpLambda\",\"name\":\"y\",\"config\":{\"name\":\"y\",\"function\":"       \
    "\"" function "\"},\"inbound_nodes\":[" node "]}"
#define X2(arguments) "[\"x\",0,0,{" arguments "}]"
#define NUMBER(n)     "[\"_CONSTANT_VALUE\",-1," n ",{\"y\":[\"x\",0,0],\"name\":null}]"
#define SLICE(node)                                                                                \
    "{\"class_name\":\"SlicingOpLambda\",\"name\":\"y\",\"config\":{\"name\":\"y\",\"function\":"  \
    "\"__operators__.getitem\"},\"inbound_nodes\":[" node "]}"
#define NODE3(module, class_name, config, arguments, others)                                       \
    "{" module "\"class_name\":\"" class_name "\",\"name\":\"y\",\"config\":{" config              \
    "},\"inbound_nodes\":[{\"args\":[" arguments "],\"kwargs\":{" others "}}]}"
#define K3(class_name, config, arguments, others) NODE3("", class_name, config, arguments, others)
/* "Add" is a layer, whose tensors come as a list, and an operation. */
#define ADD3(module, config) NODE3(module, "Add", config, "[" X3 "," X3 "]", "")
#define T(name, call, output)                                                                      \
    "{\"class_name\":\"__keras_tensor__\",\"config\":{\"keras_history\":[\"" name "\"," call       \
    "," output "]}}"
#define X3         T("x", "0", "0")
#define ALL        "{\"start\":null,\"stop\":null,\"step\":null}"
#define BACK       "{\"start\":null,\"stop\":null,\"step\":-1}"
#define S3(config) "{\"class_name\":\"__slice__\",\"config\":" config "}"

static const struct example examples[] = {
    {2, K2("math.greater", NUMBER("3")), 2, {2, 3}, {1, 1, 0, 0, 0, 0}},
    {2, K2("math.greater", X2("\"y\":3")), 2, {2, 3}, {0, 0, 0, 1, 1, 1}},
    {2, K2("math.less_equal", X2("\"y\":3")), 2, {2, 3}, {1, 1, 1, 0, 0, 0}},
    {2, K2("math.not_equal", X2("\"y\":[3,5,6]")), 2, {2, 3}, {1, 1, 1, 1, 0, 0}},
    {3, K3("Equal", "", X3 ",4", ""), 2, {2, 3}, {0, 0, 0, 1, 0, 0}},
    {3, K3("GreaterEqual", "", X3 "," X3, ""), 2, {2, 3}, {1, 1, 1, 1, 1, 1}},
    {3, K3("Where", "", X3 ",7.0," X3, ""), 2, {2, 3}, {7, 7, 7, 7, 7, 7}},
    {3, K3("LogicalNot", "", X3, ""), 2, {2, 3}, {0, 0, 0, 0, 0, 0}},
    {3, K3("LogicalAnd", "", X3 "," X3, ""), 2, {2, 3}, {1, 1, 1, 1, 1, 1}},
    {3, K3("LogicalOr", "", X3 ",0", ""), 2, {2, 3}, {1, 1, 1, 1, 1, 1}},
    {2, K2("math.logical_and", X2("\"y\":[0,2,3]")), 2, {2, 3}, {0, 1, 1, 0, 1, 1}},
    {2, K2("math.subtract", NUMBER("1")), 2, {2, 3}, {0, -1, -2, -3, -4, -5}},
    {2, K2("math.truediv", NUMBER("6.0")), 2, {2, 3}, {6, 3, 2, 1.5f, 1.2f, 1}},
    {2, K2("math.subtract", X2("\"y\":2.5")), 2, {2, 3}, {-1.5f, -.5f, .5f, 1.5f, 2.5f, 3.5f}},
    {2, K2("__operators__.add", X2("\"y\":[\"x\",0,0]")), 2, {2, 3}, {2, 4, 6, 8, 10, 12}},
    {2, K2("math.multiply", X2("\"y\":[1,10,100]")), 2, {2, 3}, {1, 20, 300, 4, 50, 600}},
    {2,
     K2("concat", "[[\"x\",0,0,{\"axis\":-1}],[\"x\",0,0,{\"axis\":-1}]]"),
     2,
     {2, 6},
     {1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6}},
    {2,
     K2("math.reduce_mean", X2("\"axis\":[1],\"keepdims\":true")),
     2,
     {1, 3},
     {2.5f, 3.5f, 4.5f}},
    {2, K2("math.reduce_min", X2("\"axis\":-1")), 1, {2}, {1, 4}},
    {2,
     K2("linalg.matmul", X2("\"b\":[\"x\",0,0],\"transpose_b\":true")),
     2,
     {2, 2},
     {14, 32, 32, 77}},
    {2, K2("transpose", X2("\"perm\":[0,2,1]")), 2, {3, 2}, {1, 4, 2, 5, 3, 6}},
    {2, SLICE(X2("\"slice_spec\":[" ALL ",1]")), 1, {3}, {4, 5, 6}},
    {2,
     SLICE(X2("\"slice_spec\":{\"class_name\":\"__tuple__\",\"items\":[{\"class_name\":"
              "\"__ellipsis__\"}," BACK ",null]}")),
     3,
     {2, 3, 1},
     {3, 2, 1, 6, 5, 4}},
    {3, K3("Subtract", "\"name\":\"y\"", "1.0," X3, ""), 2, {2, 3}, {0, -1, -2, -3, -4, -5}},
    {3, K3("TrueDivide", "", X3 ",2", ""), 2, {2, 3}, {.5f, 1, 1.5f, 2, 2.5f, 3}},
    {3, K3("Maximum", "", "", "\"x1\":" X3 ",\"x2\":4"), 2, {2, 3}, {4, 4, 4, 4, 5, 6}},
    {3,
     K3("Add", "", X3 ",{\"class_name\":\"__numpy__\",\"config\":{\"value\":[[[1],[2]]]}}", ""),
     2,
     {2, 3},
     {2, 3, 4, 6, 7, 8}},
    {3, ADD3("\"module\":\"keras.layers\",", ""), 2, {2, 3}, {2, 4, 6, 8, 10, 12}},
    {3, ADD3("", "\"dtype\":\"float32\""), 2, {2, 3}, {2, 4, 6, 8, 10, 12}},
    {3, ADD3("", "\"trainable\":true"), 2, {2, 3}, {2, 4, 6, 8, 10, 12}},
    {3, K3("Sum", "\"axis\":[1,2],\"keepdims\":false", X3, ""), 0, {0}, {21}},
    {3, K3("Var", "\"axis\":1,\"keepdims\":false", X3, ""), 1, {3}, {2.25f, 2.25f, 2.25f}},
    {3, K3("Power", "", X3 ",2", ""), 2, {2, 3}, {1, 4, 9, 16, 25, 36}},
    {3,
     K3("GetItem", "", X3 ",[" S3(ALL) "," S3(BACK) "," S3("{\"start\":-2}") "]", ""),
     2,
     {2, 2},
     {5, 6, 2, 3}},
    {3,
     K3("Pad", "\"pad_width\":[[0,0],[1,0],[0,1]],\"mode\":\"constant\"", X3, ""),
     2,
     {3, 4},
     {0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 0}},
    {3, K3("Reshape", "\"newshape\":[-1,3,2]", X3, ""), 2, {3, 2}, {1, 2, 3, 4, 5, 6}},
    {3,
     "{\"class_name\":\"Split\",\"name\":\"s\",\"config\":{\"indices_or_sections\":[1],\"axis\":2},"
     "\"inbound_nodes\":[{\"args\":[" X3
     "],\"kwargs\":{}}]}," K3("Squeeze", "\"axis\":null", T("s", "0", "0"), ""),
     1,
     {2},
     {1, 4}},
    {3, K3("Clip", "\"x_min\":2,\"x_max\":5", X3, ""), 2, {2, 3}, {2, 2, 3, 4, 5, 5}},
    {3, K3("Tile", "\"repeats\":[1,1,2]", X3, ""), 2, {2, 6}, {1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6}},
};

static const struct refusal {
    int generation;
    const char *layers, *words;
} refusals[] = {
    {2, K2("math.cumsum", X2("")), "'math.cumsum' is not supported"},
    {2, K2("math.reduce_mean", X2("\"axis\":0")), "along the batch"},
    {2, K2("math.reduce_mean", X2("\"axis\":null")), "along the batch"},
    {2, K2("reshape", X2("\"shape\":[-1,2]")), "moves the batch"},
    {2, K2("split", X2("\"num_or_size_splits\":2,\"axis\":2")), "parts"},
    {2, K2("math.add", X2("\"y\":null")), "constant"},
    {2, K2("math.add", X2("\"y\":[[1,2],[3]]")), "constant"},
    {2, K2("pad", X2("\"paddings\":[[0,0],[1,1],[0,0]],\"mode\":\"MIRROR\"")), "padding mode"},
    {2, SLICE(X2("\"slice_spec\":[0]")), "from the batch"},
    {2, SLICE(X2("\"slice_spec\":[" ALL ",7]")), "out of range"},
    {2, SLICE(X2("\"slice_spec\":[" ALL ",0,0,0]")), "more indices"},
    {3, K3("Transpose", "\"axes\":[1,0,2]", X3, ""), "moves the batch"},
    {3, K3("Transpose", "\"axes\":[0,1,1]", X3, ""), "axes"},
    {3, K3("Power", "", X3 ",1.5", ""), "power of 1.5"},
    {3, K3("Cast", "\"dtype\":\"int32\"", X3, ""), "float"},
    {3, K3("Glu", "\"axis\":-1", X3, ""), "cannot halve"},
    {3, ADD3("\"module\":\"keras.src.ops.numpy\",", "\"dtype\":\"float32\""),
     "neither of its arguments"},
    {3, K3("Repeat", "\"repeats\":2,\"axis\":null", X3, ""), "batch"},
};

/* The operation's model as a graph; false with trouble set. */
static bool convert(struct pool *pool, struct trouble *trouble, struct graph *graph, int generation,
                    const char *layers) {
    static const char input[] = "{\"class_name\":\"InputLayer\",\"name\":\"x\",\"config\":{"
                                "\"batch_input_shape\":[null,2,3]},\"inbound_nodes\":[]}";
    struct keras keras = {.pool = pool, .trouble = trouble, .graph = graph};
    char text[4096];
    keras.version = "?";
    keras.generation = keras.weight_generation = generation;
    int size =
        snprintf(text, sizeof text,
                 "{\"class_name\":\"Functional\",\"config\":{\"name\":\"m\",\"layers\":[%s,%s],"
                 "\"input_layers\":[[\"x\",0,0]],\"output_layers\":[[\"y\",0,0]]}}",
                 input, layers);
    assert_in_range(size, 1, sizeof text - 1);
    graph_start(graph, pool, trouble);
    const struct json *model = json_parse(pool, text, (size_t)size, trouble);
    assert_non_null(model);
    struct scope *scope = keras_scope(&keras, model);
    return scope && keras_walk(&keras, scope);
}

static void check_example(const struct example *e) {
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct graph graph;
    struct emitted emitted;
    struct fovea_model model;
    struct fovea_io io;
    fovea_session *session;
    size_t bytes;
    if (!convert(&pool, &trouble, &graph, e->generation, e->layers))
        fail_msg("%s: %s", e->layers, trouble.text);
    for (uint32_t i = 0; i < graph.input_count; i++)
        graph.inputs[i].recipe = (struct fovea_recipe){.scale = 1, .std = {1, 1, 1}};
    if (!graph_emit(&graph, &emitted)) fail_msg("%s: %s", e->layers, trouble.text);
    assert_int_equal(fovea_model_open(&model, emitted.blob, (size_t)emitted.size, NULL), FOVEA_OK);
    assert_int_equal(fovea_measure(&model, NULL, &bytes, NULL), FOVEA_OK);
    void *memory = aligned_alloc(64, bytes);
    assert_int_equal(fovea_plan(&model, NULL, memory, bytes, &session, NULL), FOVEA_OK);
    for (int i = 0; i < 6; i++) fovea_input(session, 0)[i] = (float)(i + 1);
    fovea_run(session);
    assert_int_equal(fovea_model_output(&model, 0, &io), FOVEA_OK);
    if (io.shape.rank != e->rank) fail_msg("%s: %u dimensions", e->layers, io.shape.rank);
    for (uint32_t d = 0; d < e->rank; d++) assert_int_equal(io.shape.dims[d], e->dims[d]);
    for (size_t i = 0; i < io.count; i++) {
        double have = (double)fovea_output(session, 0)[i], want = (double)e->values[i];
        if (!(fabs(have - want) < 1e-5)) fail_msg("%s: %g at %zu", e->layers, have, i);
    }
    free(memory);
    pool_free(&pool);
}

static void operations_compute(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) check_example(&examples[i]);
}

static void what_cannot_be_done_is_said(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct pool pool = {0};
        struct trouble trouble = {0};
        struct graph graph;
        assert_false(convert(&pool, &trouble, &graph, refusals[i].generation, refusals[i].layers));
        if (!strstr(trouble.text, refusals[i].words) || !strstr(trouble.text, "'y'"))
            fail_msg("%s: %s", refusals[i].layers, trouble.text);
        pool_free(&pool);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations_compute),
        cmocka_unit_test(what_cannot_be_done_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
