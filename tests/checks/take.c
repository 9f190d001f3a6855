/* What is made of the bytes of each kind, and which check refuses them. Checksums are put right first,
 * so that what stands behind them is reached; weights of a bare config are made up. */
#include "tests/checks/checks.h"

#include "cli/npy.h"
#include "clinic/scores.h"
#include "convert/convert.h"
#include "convert/files/zip.h"
#include "include/fovea_photo.h"
#include "tests/fuzz/reseal.h"
#include "tests/made_up.h"
#include "tests/unit/hdf5_walk.h"
#include "tests/unit/hdf5_writer.h"
#include "weights/blob_build.h"
#include "weights/check.h"

static char met[6];

static const char *note(const char *check) {
    memcpy(met, check, sizeof met);
    return met;
}

/* ---- what the linker sends here ---- */

static bool made_up;    /* weights */
static uint8_t *sealed; /* bytes whose checksums are put right; NULL: none */
static size_t sealed_size, repaired;

bool __real_keras_weight(struct layer_call *call, const char *role, uint64_t count,
                         struct source *source);
bool __wrap_keras_weight(struct layer_call *call, const char *role, uint64_t count,
                         struct source *source);
bool __real_keras_name_groups(struct keras *keras, struct scope *scope);
bool __wrap_keras_name_groups(struct keras *keras, struct scope *scope);
uint32_t __real_hdf5_checksum(struct fovea_bytes covered);
uint32_t __wrap_hdf5_checksum(struct fovea_bytes covered);

bool __wrap_keras_weight(struct layer_call *call, const char *role, uint64_t count,
                         struct source *source) {
    if (!made_up) return __real_keras_weight(call, role, count, source);
    return made_up_weight(call, role, count, 1u << 16, source);
}

bool __wrap_keras_name_groups(struct keras *keras, struct scope *scope) {
    return made_up || __real_keras_name_groups(keras, scope);
}

uint32_t __wrap_hdf5_checksum(struct fovea_bytes covered) {
    uint32_t sum = __real_hdf5_checksum(covered);
    if (!sealed || covered.start < sealed ||
        (size_t)(covered.start - sealed) + covered.size + 4 > sealed_size)
        return sum;
    uint8_t *stored = sealed + (covered.start - sealed) + covered.size;
    for (unsigned i = 0; i < 4; i++) {
        repaired += stored[i] != (uint8_t)(sum >> (8 * i));
        stored[i] = (uint8_t)(sum >> (8 * i));
    }
    return sum;
}

/* ---- the kinds ---- */

const char *take_json(uint8_t *bytes, size_t size) {
    struct pool pool = {.limit = 16u << 20};
    struct trouble trouble = {0};
    json_parse(&pool, (const char *)bytes, size, &trouble);
    pool_free(&pool);
    return note(trouble.check);
}

static uint8_t *copy_of(const void *bytes, size_t size) {
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) abort();
    memcpy(copy, bytes, size);
    return copy;
}

/* Converts; *blob, unless it is NULL, gets what comes of it. */
static const char *convert(const void *bytes, size_t size, const void *config, size_t config_size,
                           uint8_t **blob, size_t *length) {
    struct pool pool = {.limit = 64u << 20};
    struct trouble trouble = {0};
    struct converted converted;
    struct convert_options options = {
        .config = config, .config_size = config_size, .no_fold = blob && size % 2};
    options.recipe = (struct fovea_recipe){.scale = 1, .std = {1, 1, 1}};
    bool done = convert_keras(&pool, bytes, size, &options, &converted, &trouble);
    if (done && blob) {
        *length = (size_t)converted.size;
        *blob = copy_of(converted.blob, *length);
    }
    pool_free(&pool);
    return note(trouble.check);
}

/* A description alone, with a file of weights that holds none. */
static const char *convert_config(const void *config, size_t config_size, uint8_t **blob,
                                  size_t *length) {
    static struct writer file;
    static uint8_t room[W_ROOM];
    unsigned messages;
    if (file.size == 0) {
        w_begin(&file, room, false);
        uint64_t root = w_group_begin(&file, NULL, 0, &messages);
        w_attribute_texts(&file, "layer_names", 4, 1, "none");
        w_header_end(&file, root, messages + 1);
        w_end(&file, root);
    }
    made_up = true;
    const char *check = convert(file.bytes, file.size, config, config_size, blob, length);
    made_up = false;
    return check;
}

const char *take_keras(uint8_t *bytes, size_t size) {
    return convert_config(bytes, size, NULL, NULL);
}

const char *take_convert(uint8_t *bytes, size_t size) {
    if (zip_looks_so(bytes, size)) reseal_zip(bytes, size);
    return convert(bytes, size, NULL, 0, NULL, NULL);
}

const char *take_hdf5(uint8_t *bytes, size_t size) {
    struct hdf5_walk walk;
    for (int round = 0; round < 4; round++) {
        struct pool pool = {.limit = 16u << 20};
        walk = (struct hdf5_walk){0};
        repaired = 0;
        sealed = bytes;
        sealed_size = size;
        hdf5_walk(&pool, bytes, size, &walk);
        sealed = NULL;
        pool_free(&pool);
        if (repaired == 0) break;
    }
    return note(walk.check);
}

/* With its checksums as they are. */
const char *take_hdf5_raw(uint8_t *bytes, size_t size) {
    struct pool pool = {.limit = 16u << 20};
    struct hdf5_walk walk = {0};
    hdf5_walk(&pool, bytes, size, &walk);
    pool_free(&pool);
    return note(walk.check);
}

const char *take_zip(uint8_t *bytes, size_t size) {
    static const char *const names[] = {"metadata.json", "config.json", "model.weights.h5"};
    struct pool pool = {.limit = 16u << 20};
    struct trouble trouble = {0};
    const uint8_t *contents;
    size_t length;
    bool found;
    const struct zip *zip = zip_open(&pool, bytes, size, &trouble);
    for (size_t i = 0; zip && i < 3; i++)
        zip_read(zip, names[i], &contents, &length, &found, &trouble);
    pool_free(&pool);
    return note(trouble.check);
}

const char *take_photo(uint8_t *bytes, size_t size) {
    struct fovea_image image;
    struct fovea_error error;
    reseal_png(bytes, size);
    fovea_photo_decode(bytes, size, &image, &error);
    fovea_photo_free(&image);
    return note(error.check);
}

const char *take_blob(uint8_t *bytes, size_t size) {
    struct fovea_model model;
    struct fovea_error error;
    size_t needed;
    uint8_t *copy = aligned_alloc(64, (size + 63) / 64 * 64 + 64);
    if (!copy) abort();
    memcpy(copy, bytes, size);
    if (size >= FOVEA_BLOB_HEADER) fovea_draft_seal(copy, size);
    if (fovea_model_open(&model, copy, size, &error) == FOVEA_OK)
        fovea_measure(&model, NULL, &needed, &error);
    free(copy);
    return note(error.check);
}

const char *take_npy(uint8_t *bytes, size_t size) {
    struct npy array;
    const char *why = "";
    char check[6];
    npy_read_bytes(bytes, size, &array, &why);
    (void)fovea_check_split(why ? why : "", check);
    npy_free(&array);
    return note(check);
}

const char *take_scores(uint8_t *bytes, size_t size) {
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct scores scores;
    const struct scores_wish wish = {0};
    scores_read(&scores, "scores", bytes, size, &wish, &pool, &trouble);
    pool_free(&pool);
    return note(trouble.check);
}

/* ---- seeds from Keras files ---- */

uint8_t *config_of(const uint8_t *bytes, size_t size, size_t *length) {
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct hdf5_object root;
    struct hdf5_value value;
    const uint8_t *contents;
    uint8_t *config = NULL;
    bool found = false;
    if (zip_looks_so(bytes, size)) {
        const struct zip *zip = zip_open(&pool, bytes, size, &trouble);
        if (zip && zip_read(zip, "config.json", &contents, length, &found, &trouble) && found)
            config = copy_of(contents, *length);
    } else {
        const struct hdf5 *file = hdf5_open(&pool, bytes, size, &trouble);
        if (file && hdf5_find(file, NULL, "/", &root, &found, &trouble) &&
            hdf5_attribute(file, &root, "model_config", &value, &found, &trouble) && found) {
            const char *text = hdf5_string(file, &value, 0, length, &trouble);
            if (text) config = copy_of(text, *length);
        }
    }
    pool_free(&pool);
    return config;
}

uint8_t *blob_of(const uint8_t *bytes, size_t size, size_t *length) {
    uint8_t *blob = NULL;
    convert(bytes, size, NULL, 0, &blob, length);
    return blob;
}

uint8_t *blob_of_config(const char *config, size_t *length) {
    uint8_t *blob = NULL;
    convert_config(config, strlen(config), &blob, length);
    return blob;
}
