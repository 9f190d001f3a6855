/* What the command's self-test says on a machine that computes one layer wrongly: that layer's name. The choice of
 * kernels is wrapped, so that all but the reference kernels compute a sigmoid wrongly. */

#include "tests/unit/keras_writer.h"

#include "cli/cli.h"
#include "kernels/tables.h"

#include <unistd.h>

void __real_fovea_kernels_select(struct fovea_kernels *table, uint32_t cpu);
void __wrap_fovea_kernels_select(struct fovea_kernels *table, uint32_t cpu);

static bool wrong;
static void (*right_sigmoid)(const struct fovea_map *);

static void wrong_sigmoid(const struct fovea_map *map) {
    right_sigmoid(map);
    map->output[map->count - 1] += 0.125f;
}

void __wrap_fovea_kernels_select(struct fovea_kernels *table, uint32_t cpu) {
    __real_fovea_kernels_select(table, cpu);
    right_sigmoid = table->sigmoid_f32;
    if (wrong && cpu) table->sigmoid_f32 = wrong_sigmoid;
}

#define LAYER(name, function)                                                                      \
    ",{\"class_name\":\"Activation\",\"config\":{\"name\":\"" name "\",\"activation\":\"" function \
    "\"}}"
static const char config[] =
    "{\"class_name\":\"Sequential\",\"config\":{\"name\":\"m\",\"layers\":[{\"class_name\":"
    "\"InputLayer\",\"config\":{\"name\":\"x\",\"batch_input_shape\":[null,4]}}" LAYER(
        "early", "tanh") LAYER("departing", "sigmoid") LAYER("late", "softsign") "]}}";

/* The model with its answer on some numbers, as a file. */
static void write_model(const char *path) {
    static const struct entry none[] = {{.path = "model_weights/x", .names = ""}};
    static const float numbers[] = {0.5f, -1, 2, 0.25f};
    const struct source golden = source_floats(numbers, 4);
    const struct convert_options options = {
        .recipe = {.scale = 1, .std = {1, 1, 1}}, .golden = &golden, .golden_count = 1};
    struct writer w;
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct converted converted;
    w_begin(&w, room, true);
    w_end(&w, put_group(&w, "", none, 1, config, "2.15.0"));
    if (!convert_keras(&pool, room, w.size, &options, &converted, &trouble))
        fail_msg("%s", trouble.text);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(converted.blob, 1, (size_t)converted.size, file), converted.size);
    assert_int_equal(fclose(file), 0);
    pool_free(&pool);
}

/* Runs the command on the model; its exit code, and what it says to both outputs. */
static int selftest(const char *model, const char *log, char *text, size_t size) {
    char path[64];
    char *words[] = {path, NULL};
    int kept[2];
    strcpy(path, model);
    fflush(stdout), fflush(stderr);
    for (int i = 0; i < 2; i++) kept[i] = dup(1 + i);
    FILE *file = fopen(log, "w+b");
    assert_non_null(file);
    for (int i = 0; i < 2; i++) dup2(fileno(file), 1 + i);
    const int code = command_selftest.run(1, words);
    fflush(stdout), fflush(stderr);
    for (int i = 0; i < 2; i++) dup2(kept[i], 1 + i), close(kept[i]);
    rewind(file);
    text[fread(text, 1, size - 1, file)] = 0;
    fclose(file);
    return code;
}

static void test_departing_layer_is_named(void **state) {
    (void)state;
    char model[] = "/tmp/fovea-selftest-XXXXXX", log[] = "/tmp/fovea-selftest-XXXXXX", text[2000];
    close(mkstemp(model));
    close(mkstemp(log));
    wrong = false;
    write_model(model);
    assert_int_equal(selftest(model, log, text, sizeof text), 0);
    assert_non_null(strstr(text, "pass, largest difference"));
    wrong = true;
    const int code = selftest(model, log, text, sizeof text);
    remove(model);
    remove(log);
    if (fovea_cpu() == FOVEA_CPU_PORTABLE) return; /* nothing but the reference here */
    assert_int_equal(code, CLI_BAD_INPUT);
    assert_non_null(strstr(text, "FAIL, largest difference"));
    assert_non_null(strstr(text, "the reference kernels: 'departing' ("));
    assert_non_null(strstr(text, "by 0.125"));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_departing_layer_is_named)};
    return cmocka_run_group_tests_name("self-test", tests, NULL, NULL);
}
