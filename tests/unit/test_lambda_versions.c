/* Lambdas as interpreters of Python 2.7 and 3.6 to 3.13 compiled them (tests/golden/lambda_versions.txt): each version's makes
 * the model that 3.11's makes, byte for byte. What that model answers, make conformance and golden models hold. */

#include "tests/unit/keras_writer.h"

#include <stdlib.h>

#define FILE_NAME "tests/golden/lambda_versions.txt"
#define KNOWN     "3.11"

/* A file has weights; these are nobody's. */
static const float one[] = {1};
static const struct entry weights[] = {
    {.path = "model_weights/d", .names = "d/kernel:0"},
    {"model_weights/d/d/kernel:0", NULL, one, 1, {1, 1}, 2},
};

/* The model of a Lambda of this code on a picture, without what tells its file apart; the caller frees it. */
static uint8_t *model_of(const char *what, const char *code, size_t *size) {
    static const char before[] =
        "{\"class_name\":\"Functional\",\"config\":{\"name\":\"m\",\"layers\":[{\"class_name\":"
        "\"InputLayer\",\"name\":\"x\",\"config\":{\"name\":\"x\",\"batch_input_shape\":"
        "[null,6,5,3]},\"inbound_nodes\":[]},{\"class_name\":\"Lambda\",\"name\":\"l\","
        "\"config\":{\"name\":\"l\",\"function\":[\"";
    static const char behind[] =
        "\",null,null]},\"inbound_nodes\":[[[\"x\",0,0,{}]]]}],\"input_layers\":[[\"x\",0,0]],"
        "\"output_layers\":[[\"l\",0,0]]}}";
    static const char hash[] = "fnv1a64:";
    struct writer w;
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct converted converted;
    const struct convert_options options = {.recipe = {.scale = 1, .std = {1, 1, 1}}};
    char config[4096];
    snprintf(config, sizeof config, "%s%s%s", before, code, behind);
    w_begin(&w, room, true);
    w_end(&w, put_group(&w, "", weights, COUNT(weights), config, "2.15.0"));
    if (!convert_keras(&pool, room, w.size, &options, &converted, &trouble))
        fail_msg("%s: %s", what, trouble.text);
    *size = (size_t)converted.size;
    uint8_t *model = malloc(*size);
    assert_non_null(model);
    memcpy(model, converted.blob, *size);
    pool_free(&pool);
    memset(model + 12, 0, 4); /* the checksum */
    for (size_t i = 0; i + sizeof hash + 15 <= *size; i++)
        if (memcmp(model + i, hash, sizeof hash - 1) == 0) memset(model + i, 0, sizeof hash + 15);
    return model;
}

static void every_version_makes_the_same_model(void **state) {
    static struct line { char version[8], name[32], code[2048]; } lines[512];
    size_t count = 0, known = 0, size, other_size;
    (void)state;
    FILE *file = fopen(FILE_NAME, "r");
    assert_non_null(file);
    while (count < COUNT(lines) && fscanf(file, "%7s %31s %2047s", lines[count].version,
                                          lines[count].name, lines[count].code) == 3)
        count++;
    fclose(file);
    for (size_t k = 0; k < count; k++) {
        unsigned versions = 0;
        if (strcmp(lines[k].version, KNOWN) != 0) continue;
        uint8_t *model = model_of(lines[k].name, lines[k].code, &size);
        for (size_t i = 0; i < count; i++) {
            if (i == k || strcmp(lines[i].name, lines[k].name) != 0) continue;
            uint8_t *other = model_of(lines[i].version, lines[i].code, &other_size);
            if (other_size != size || memcmp(other, model, size) != 0)
                fail_msg("%s: Python %s makes another model", lines[i].name, lines[i].version);
            free(other);
            versions++;
        }
        free(model);
        assert_int_equal(versions, 8);
        known++;
    }
    assert_int_equal(known, 35);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_version_makes_the_same_model)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
