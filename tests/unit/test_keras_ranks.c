/* Every layer of layers.def and every operation of raw.def on inputs of rank 0 to 6, of sizes 1, small, large and the
 * largest, one input to three, with several settings: converted or refused with a reason, nothing undefined. What is
 * converted is opened and, where it is small, run. Sizes of 0 are refused as inputs.
 *
 * Weights are made up: the linker sends the converter's requests for them here. */
#include "convert/convert.h"
#include "tests/fuzz/use_blob.h"
#include "tests/made_up.h"
#include "tests/unit/keras_writer.h"

bool __wrap_keras_weight(struct layer_call *call, const char *role, uint64_t count,
                         struct source *source);
bool __wrap_keras_name_groups(struct keras *keras, struct scope *scope);

bool __wrap_keras_weight(struct layer_call *call, const char *role, uint64_t count,
                         struct source *source) {
    return made_up_weight(call, role, count, 1u << 14, source);
}

bool __wrap_keras_name_groups(struct keras *keras, struct scope *scope) {
    (void)keras;
    (void)scope;
    return true;
}

/* ---- what is tried ---- */

static const struct {
    const char *class_name;
    keras_layer *convert;
} layers[] = {
#define LAYER(class_name, function) {class_name, function},
#include "convert/keras/layers.def"
#undef LAYER
};
static const struct {
    const char *class_name, *functions;
} operations[] = {
#define RAW(class_name, functions, function, parameter) {class_name, functions},
#include "convert/keras/raw.def"
#undef RAW
};

/* lambda x: x * 2, of Python 3.11. */
#define DOUBLES                                                                                    \
    "YwEAAAAAAAAAAAAAAAIAAAADAAAA8wwAAACXAHwAZAF6BQAAUwCpAk7pAgAAAKkAKQHaAXhzAQAAACDa"             \
    "AWb6CDxsYW1iZGE+cgYAAAADAAAA8woAAACAALABsCGxA4AA8wAAAAA="
/* Settings, all classes' together: a class reads its own. */
#define COMMON                                                                                     \
    "\"filters\":4,\"units\":3,\"use_bias\":true,\"depth_multiplier\":2,\"n\":3,\"rate\":0.5,"     \
    "\"input_dim\":5,\"output_dim\":3,\"height\":3,\"width\":2,\"num_heads\":2,\"key_dim\":2,"     \
    "\"offset\":0.5,\"reset_after\":true,\"return_sequences\":true,"                               \
    "\"alpha\":0.2,\"theta\":1,\"max_value\":6,\"newshape\":[-1,2],"                               \
    "\"function\":[\"" DOUBLES "\"],\"node_def\":{\"op\":\"AddV2\"},\"constants\":{\"1\":2},"      \
    "\"block_size\":2,\"indices_or_sections\":1,\"dtype\":\"float32\","                            \
    "\"output_size\":2,\"num_tokens\":4,\"bin_boundaries\":[0,1],\"vocabulary\":[3,5],"            \
    "\"num_oov_indices\":1,\"num_query_heads\":4,\"num_key_value_heads\":2,\"head_dim\":2,"
#define CELL                                                                                       \
    "\"cell\":{\"class_name\":\"GRUCell\",\"config\":{\"units\":2,\"reset_after\":true,"           \
    "\"recurrent_activation\":\"sigmoid\"}},"
static const char *const settings[] = {
    COMMON CELL
    "\"axes\":-1,\"scale\":true,\"repeats\":2,\"kernel_size\":2,\"pool_size\":2,\"size\":2,"
    "\"padding\":\"same\",\"cropping\":1,"
    "\"strides\":2,\"axis\":-1,\"target_shape\":[-1],\"dims\":[1],"
    "\"equation\":\"ab,bc->ac\",\"output_shape\":[4],\"bias_axes\":\"c\","
    "\"activation\":\"softmax\",\"layer\":{\"class_name\":\"Dense\",\"config\":{"
    "\"units\":2,\"activation\":\"relu\"}}",
    COMMON CELL "\"scale\":0.5,\"axes\":[0,2,1],\"repeats\":[1,1,2],\"kernel_size\":1,\"pool_"
                "size\":1,\"size\":[3,2],"
                "\"padding\":1,\"cropping\":0,"
                "\"axis\":1,\"target_shape\":[1,-1,1,1,1,1],\"dims\":[2,1],\"groups\":1,"
                "\"data_format\":\"channels_first\",\"equation\":\"...a,abc->...bc\","
                "\"output_shape\":[2,2],\"activation\":\"glu\",\"shared_axes\":[1],"
                "\"layer\":{\"class_name\":\"Flatten\",\"config\":{}}",
    COMMON CELL "\"scale\":true,\"kernel_size\":3,\"pool_size\":3,\"padding\":"
                "\"valid\",\"dilation_rate\":2,"
                "\"axis\":[1,2],\"target_shape\":[],\"dims\":[3,1,2],\"groups\":-1,\"normalize\":"
                "true,\"equation\":\"abc,bcde->ade\",\"output_shape\":[null,2,2],\"bias_axes\":"
                "\"de\",\"keepdims\":true,\"score_mode\":\"concat\",\"attention_axes\":[1],"
                "\"layer\":{\"class_name\":\"LSTM\",\"config\":{\"units\":2,"
                "\"recurrent_activation\":\"sigmoid\"}}",
    COMMON CELL
    "\"scale\":true,\"kernel_size\":[1,1,1],\"pool_size\":[1,1,1],\"padding\":[[1,2],[3,4]],"
    "\"cropping\":[[0,1],[1,0]],\"axis\":-6,\"target_shape\":[2,2,-1],"
    "\"dims\":[6,5,4,3,2,1],\"groups\":2,\"output_shape\":3,\"output_padding\":1,"
    "\"equation\":\"abcdefg,gh->abcdefh\",\"activation\":\"log_softmax\","
    "\"interpolation\":\"bilinear\",\"crop_to_aspect_ratio\":true,"
    "\"layer\":{\"class_name\":\"Conv2D\",\"config\":{\"filters\":2,\"kernel_size\":1}}",
    COMMON CELL "\"scale\":[0.5],\"padding\":\"causal\",\"kernel_size\":2,\"axis\":null,\"layer\":{"
                "\"class_name\":"
                "\"TimeDistributed\",\"config\":{\"layer\":{\"class_name\":\"Dense\",\"config\":{"
                "\"units\":1}}}},\"mean\":[0.5],\"variance\":[1],\"merge_mode\":null",
};
/* Arguments, %s standing for the input's tensor; layers have the first ones alone. */
#define LAYER_ARGUMENTS 4
static const char *const arguments[] = {"%s",
                                        "%s,%s",
                                        "[%s,%s]",
                                        "[%s,%s,%s]",
                                        "%s,1",
                                        "%s,[0,2,1]",
                                        "%s,[1,2,3,4,5,6]",
                                        "2,%s",
                                        "%s,-1,%s",
                                        "%s,[[0,0],[1,2]]",
                                        "%s,[{\"class_name\":\"__slice__\",\"config\":{}},0]",
                                        "%s,-6,2",
                                        "%s,[-1,1],[2,1]"};

/* Sizes by dimension, repeated. */
static const uint32_t sizes[][3] = {{1, 1, 1}, {2, 3, 4},        {4, 4, 4},
                                    {5, 1, 7}, {1, 16777216, 1}, {16777216, 1, 1},
                                    {9, 8, 6}, {4096, 4096, 31}, {16777216, 16777216, 16777216}};

static char config[16384];
static struct writer file;
static size_t converted_count, refused_count;

static const char *shape_text_of(uint32_t rank, const uint32_t *size) {
    static char text[128];
    size_t at = (size_t)snprintf(text, sizeof text, "[null");
    for (uint32_t d = 0; d < rank; d++)
        at += (size_t)snprintf(text + at, sizeof text - at, ",%u", size[d % 3]);
    snprintf(text + at, sizeof text - at, "]");
    return text;
}

/* `class_name` with each %s of `form` replaced by the tensors x, z, x. */
static void write_config(const char *class_name, const char *module, const char *setting,
                         const char *form, uint32_t rank, const uint32_t *size) {
    char list[2048];
    size_t at = 0, tensors = 0;
    for (const char *c = form; *c; c++) {
        if (*c != '%') {
            list[at++] = *c;
            continue;
        }
        at += (size_t)snprintf(list + at, sizeof list - at,
                               "{\"class_name\":\"__keras_tensor__\",\"config\":{\"keras_history\":"
                               "[\"%s\",0,0]}}",
                               tensors++ % 2 ? "z" : "x");
        c++;
    }
    list[at] = 0;
    const char *shape = shape_text_of(rank, size);
    snprintf(
        config, sizeof config,
        "{\"class_name\":\"Functional\",\"module\":\"keras\",\"config\":{\"name\":\"m\","
        "\"layers\":[{\"class_name\":\"InputLayer\",\"config\":{\"name\":\"x\",\"batch_shape\":"
        "%s},\"inbound_nodes\":[]},{\"class_name\":\"InputLayer\",\"config\":{\"name\":\"z\","
        "\"batch_shape\":%s},\"inbound_nodes\":[]},{\"class_name\":\"%s\",\"module\":\"%s\","
        "\"config\":{\"name\":\"l\",%s},\"inbound_nodes\":[{\"args\":[%s],\"kwargs\":{}}]}],"
        "\"input_layers\":[[\"x\",0,0],[\"z\",0,0]],\"output_layers\":[[\"l\",0,0]]}}",
        shape, shape, class_name, module, setting, list);
}

static void take(uint32_t salt) {
    struct pool pool = {.limit = (size_t)64 << 20};
    struct trouble trouble = {0};
    struct converted made;
    struct convert_options options = {.config = config, .config_size = strlen(config)};
    options.recipe = (struct fovea_recipe){.scale = 1, .std = {1, 1, 1}};
    options.no_fold = salt % 2;
    bool done = convert_keras(&pool, file.bytes, file.size, &options, &made, &trouble);
    if (done == trouble.set || (!done && !trouble.check[0] && !strstr(trouble.text, "memory")))
        fail_msg("neither converted nor refused with a reason: %s\n%s", trouble.text, config);
    if (done && made.size < USE_ARENA && !use_blob(made.blob, (size_t)made.size, salt))
        fail_msg("made, but refused: %s", config);
    converted_count += done;
    refused_count += !done;
    pool_free(&pool);
}

/* One class on everything, with so many settings and arguments. *done: whether anything was converted. */
static void take_class(const char *class_name, const char *module, size_t setting_count,
                       size_t argument_count, bool *done) {
    const size_t before = converted_count;
    uint32_t salt = 0;
    for (size_t s = 0; s < setting_count; s++)
        for (size_t a = 0; a < argument_count; a++)
            for (uint32_t rank = 0; rank <= FOVEA_RANK_MAX; rank++)
                for (size_t z = 0; z < (rank ? sizeof sizes / sizeof *sizes : 1); z++) {
                    write_config(class_name, module, settings[s], arguments[a], rank, sizes[z]);
                    take(salt++);
                }
    *done = converted_count > before;
}

static void all_layers_take_any_rank(void **state) {
    bool done;
    (void)state;
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        take_class(layers[i].class_name, "keras.layers",
                   layers[i].convert == keras_vanish ? 1 : sizeof settings / sizeof *settings,
                   LAYER_ARGUMENTS, &done);
        if (!done) fail_msg("no settings here convert a %s", layers[i].class_name);
    }
}

static void all_operations_take_any_rank(void **state) {
    bool done;
    (void)state;
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        if (!operations[i].class_name[0]) continue; /* as the one it is the other way round */
        take_class(operations[i].class_name, "keras.src.ops.numpy", 2,
                   sizeof arguments / sizeof *arguments, &done);
        if (!done && strcmp(operations[i].class_name, "Ravel") != 0)
            fail_msg("no settings here convert a %s", operations[i].class_name);
    }
    print_message("%zu converted, %zu refused\n", converted_count, refused_count);
}

static void nothing_takes_a_size_of_zero(void **state) {
    static const uint32_t zero[3] = {2, 0, 2}, beyond[3] = {2, 16777217, 2};
    (void)state;
    for (uint32_t rank = 2; rank <= FOVEA_RANK_MAX; rank++) {
        const size_t before = converted_count;
        write_config("ReLU", "keras.layers", settings[0], "%s", rank, zero);
        take(0);
        write_config("ReLU", "keras.layers", settings[0], "%s", rank, beyond);
        take(0);
        assert_int_equal(converted_count, before);
    }
}

static int open_file(void **state) {
    unsigned messages;
    (void)state;
    w_begin(&file, room, false);
    uint64_t root = w_group_begin(&file, NULL, 0, &messages);
    w_attribute_texts(&file, "layer_names", 4, 1, "none");
    w_header_end(&file, root, messages + 1);
    w_end(&file, root);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_layers_take_any_rank),
        cmocka_unit_test(all_operations_take_any_rank),
        cmocka_unit_test(nothing_takes_a_size_of_zero),
    };
    return cmocka_run_group_tests_name("Keras ranks", tests, open_file, NULL);
}
