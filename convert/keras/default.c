/* What Keras takes for a setting that a config leaves out, where that depends on class or version: the
 * default of the constructor that the writing version handed the config to. Defaults that are the same
 * everywhere stand where the setting is read. */
#include <string.h>

#include "convert/keras/keras.h"

#define WHOLE(n)                                                                                   \
    { .type = JSON_NUMBER, .integral = true, .integer = n, .number = n }
#define TEXT(t)                                                                                    \
    { .type = JSON_STRING, .text = t, .length = sizeof t - 1 }

static const struct json zero = WHOLE(0), one = WHOLE(1), two = WHOLE(2);
static const struct json small = {.type = JSON_NUMBER, .number = 1e-5};
static const struct json smaller = {.type = JSON_NUMBER, .number = 1e-6};
static const struct json off = {.type = JSON_FALSE}, on = {.type = JSON_TRUE};
static const struct json hard_sigmoid = TEXT("hard_sigmoid"), sigmoid = TEXT("sigmoid");
static const struct json tanh_name = TEXT("tanh");

#define EVER 0, 990000 /* in all versions */

/* The first row that fits counts. */
static const struct default_row {
    const char *class_name; /* how it begins */
    const char *key;
    int since, until; /* versions, as keras->release has them; `until` is the first that differs */
    const struct json *value;
} rows[] = {
    {"AveragePooling", "pool_size", 0, 30000, &two}, /* Keras 3 has none */
    {"AvgPool", "pool_size", 0, 30000, &two},
    {"BatchNormalization", "epsilon", 0, 10008, &smaller},
    {"BatchNormalization", "epsilon", 10008, 10200, &small},
    {"Cropping2D", "cropping", EVER, &zero},
    {"Cropping", "cropping", EVER, &one},
    {"GRU", "activation", EVER, &tanh_name},
    {"GRU", "recurrent_activation", 0, 20300, &hard_sigmoid},
    {"GRU", "recurrent_activation", 20300, 990000, &sigmoid},
    {"GRU", "reset_after", 0, 20400, &off},
    {"GRU", "reset_after", 20400, 990000, &on},
    {"LSTM", "activation", EVER, &tanh_name},
    {"LSTM", "recurrent_activation", 0, 20300, &hard_sigmoid},
    {"LSTM", "recurrent_activation", 20300, 990000, &sigmoid},
    {"MaxPool", "pool_size", EVER, &two},
    {"SimpleRNN", "activation", EVER, &tanh_name},
    {"UpSampling", "size", EVER, &two},
    {"ZeroPadding", "padding", EVER, &one},
};

/* TensorFlow's own Keras has numbers like 2.2.4-tf until 2.3.0-tf, for TensorFlow 1 and 2, whose defaults
 * are the old ones and the new ones. */
static bool is_ambiguous(const struct keras *keras, const struct default_row *row) {
    return strstr(keras->version, "-tf") && (row->since > 20000 || row->until < 30000);
}

const struct json *keras_setting(const struct layer_call *call, const char *key) {
    const struct json *json = json_member(call->config, key);
    const int release = call->keras->release;
    for (size_t i = 0; !json && i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].key, key) == 0 && release >= rows[i].since && release < rows[i].until &&
            strncmp(rows[i].class_name, call->class_name, strlen(rows[i].class_name)) == 0)
            return is_ambiguous(call->keras, &rows[i]) ? NULL : rows[i].value;
    return json;
}
