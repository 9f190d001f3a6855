/* Keras files whose weights are missing, misnamed or misshapen, each of them in turn, and whose description has each
 * of its values replaced by each other type, dropped and doubled: through the whole converter.
 * usage: sweep_models FILE...; ends with "N passed, N failed".
 *
 * Nothing is written: the linker sends here what the converter asks of the file (weights by hdf5_find,
 * hdf5_dataset and hdf5_string, the description by hdf5_attribute and zip_read), and one answer is bent. */
#include "tests/json_end.h"
#include "cli/npy.h"
#include "convert/convert.h"
#include "convert/files/hdf5.h"
#include "convert/files/zip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t weights_bent, values_bent, refused, same, other, failures;

/* ---- what is bent ---- */

enum fault { NONE, ABSENT, MISNAMED, SHORTER, FLATTER, WHOLE_NUMBERS, DAMAGED, FAULTS };
static struct {
    enum fault fault;
    size_t at, asked; /* which of the questions is answered wrongly; how many there were */
} bent;
static char *description; /* in place of the file's, or NULL */
static char *found_description;

/* Whether it is this question's turn. */
static bool is_turn(enum fault fault) {
    return bent.fault == fault && bent.asked++ == bent.at;
}

bool __real_hdf5_find(const struct hdf5 *file, const struct hdf5_object *from, const char *path,
                      struct hdf5_object *object, bool *found, struct trouble *trouble);
bool __wrap_hdf5_find(const struct hdf5 *file, const struct hdf5_object *from, const char *path,
                      struct hdf5_object *object, bool *found, struct trouble *trouble);
bool __real_hdf5_dataset(const struct hdf5 *file, const struct hdf5_object *object,
                         struct hdf5_value *value, struct trouble *trouble);
bool __wrap_hdf5_dataset(const struct hdf5 *file, const struct hdf5_object *object,
                         struct hdf5_value *value, struct trouble *trouble);
const char *__real_hdf5_string(const struct hdf5 *file, const struct hdf5_value *value,
                               uint64_t index, size_t *length, struct trouble *trouble);
const char *__wrap_hdf5_string(const struct hdf5 *file, const struct hdf5_value *value,
                               uint64_t index, size_t *length, struct trouble *trouble);
bool __real_zip_read(const struct zip *zip, const char *name, const uint8_t **contents,
                     size_t *size, bool *found, struct trouble *trouble);
bool __wrap_zip_read(const struct zip *zip, const char *name, const uint8_t **contents,
                     size_t *size, bool *found, struct trouble *trouble);

bool __wrap_hdf5_find(const struct hdf5 *file, const struct hdf5_object *from, const char *path,
                      struct hdf5_object *object, bool *found, struct trouble *trouble) {
    if (!__real_hdf5_find(file, from, path, object, found, trouble)) return false;
    if (*found && is_turn(ABSENT)) *found = false;
    return true;
}

bool __wrap_hdf5_dataset(const struct hdf5 *file, const struct hdf5_object *object,
                         struct hdf5_value *value, struct trouble *trouble) {
    if (is_turn(DAMAGED)) return fail(trouble, "H-000 %s: damaged", object->path);
    if (!__real_hdf5_dataset(file, object, value, trouble)) return false;
    if (value->rank > 0 && value->count > 0 && is_turn(SHORTER)) {
        value->count -= value->count / value->dims[0];
        value->dims[0]--;
    }
    if (is_turn(FLATTER)) {
        value->rank = 1;
        value->dims[0] = value->count;
    }
    if (is_turn(WHOLE_NUMBERS)) value->class = HDF5_SIGNED;
    return true;
}

/* The description is a text of one element, weights' names stand among several or alone. */
const char *__wrap_hdf5_string(const struct hdf5 *file, const struct hdf5_value *value,
                               uint64_t index, size_t *length, struct trouble *trouble) {
    const char *text = __real_hdf5_string(file, value, index, length, trouble);
    if (text && text[0] == '{') {
        if (!found_description) found_description = strdup(text);
        if (!description) return text;
        *length = strlen(description);
        return description;
    }
    if (text && *length > 0 && is_turn(MISNAMED)) ((char *)(uintptr_t)text)[*length / 2] ^= 1;
    return text;
}

bool __wrap_zip_read(const struct zip *zip, const char *name, const uint8_t **contents,
                     size_t *size, bool *found, struct trouble *trouble) {
    if (!__real_zip_read(zip, name, contents, size, found, trouble)) return false;
    if (!*found || strcmp(name, "config.json") != 0) return true;
    if (!found_description) found_description = strndup((const char *)*contents, *size);
    if (!description) return true;
    *contents = (const uint8_t *)description;
    *size = strlen(description);
    return true;
}

/* ---- one run ---- */

static uint64_t hash_of(const void *bytes, size_t size, uint64_t hash) {
    for (size_t i = 0; i < size; i++) hash = (hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3u;
    return hash | 1;
}

static void failed(const char *name, const char *what, const struct trouble *trouble) {
    printf("FAIL %s: %s (%s%s)\n", name, what, trouble->set ? "" : "no reason", trouble->text);
    if (bent.fault) printf("     weight fault %d at %zu\n", (int)bent.fault, bent.at);
    if (description) printf("     %.3000s\n", description);
    failures++;
}

/* What is made of the file; 0 where it is refused, which has to be with a reason and its check. */
static uint64_t take(const uint8_t *bytes, size_t size, const char *name) {
    struct pool pool = {.limit = (size_t)256 << 20};
    struct trouble trouble = {0};
    struct converted converted = {0};
    struct convert_options options = {.recipe = {.scale = 1, .std = {1, 1, 1}}};
    uint64_t hash = 0;
    bent.asked = 0;
    bool done = convert_keras(&pool, bytes, size, &options, &converted, &trouble);
    if (done == trouble.set) failed(name, "neither converted nor refused", &trouble);
    if (!done && (!trouble.check[0] && !strstr(trouble.text, "memory")))
        failed(name, "refused without a check", &trouble);
    if (done) {
        struct fovea_model model;
        void *copy;
        if (posix_memalign(&copy, 64, (size_t)converted.size) != 0) abort();
        memcpy(copy, converted.blob, (size_t)converted.size);
        if (fovea_model_open(&model, copy, (size_t)converted.size, NULL) != FOVEA_OK)
            failed(name, "made, but refused", &trouble);
        else /* without the notes, one of which names the file's contents */
            hash = hash_of(converted.blob + model.at_text + model.text,
                           (size_t)(converted.size - model.at_text - model.text),
                           hash_of(converted.blob + 32, (size_t)model.at_notes - 32, 1));
        free(copy);
    }
    pool_free(&pool);
    return hash;
}

/* ---- weights ---- */

/* A file with a weight that is not as it was is refused, or the weight did not matter. */
static void sweep_weights(const uint8_t *bytes, size_t size, uint64_t right, const char *name) {
    for (bent.fault = ABSENT; bent.fault < FAULTS; bent.fault++)
        for (bent.at = 0;; bent.at++) {
            uint64_t made = take(bytes, size, name);
            if (bent.asked <= bent.at) break;
            weights_bent++;
            refused += made == 0;
            same += made == right;
            if (made && made != right)
                failed(name, "a weight is missing or bent, and another model comes of it",
                       &(struct trouble){0});
        }
    bent.fault = NONE;
}

/* ---- the description ---- */

/* The description with `gone` bytes at `at` replaced. */
static void take_replaced(const uint8_t *bytes, size_t size, size_t at, size_t gone,
                          const char *with, size_t length, uint64_t right, const char *name) {
    const size_t rest = strlen(found_description) - at - gone;
    description = malloc(at + length + rest + 1);
    if (!description) abort();
    memcpy(description, found_description, at);
    memcpy(description + at, with, length);
    memcpy(description + at + length, found_description + at + gone, rest);
    description[at + length + rest] = 0;
    uint64_t made = take(bytes, size, name);
    values_bent++;
    refused += made == 0;
    same += made == right;
    other += made && made != right;
    free(description);
    description = NULL;
}

static void sweep_description(const uint8_t *bytes, size_t size, uint64_t right, const char *name) {
    static const char *const values[] = {"null",
                                         "true",
                                         "false",
                                         "0",
                                         "-1",
                                         "1",
                                         "7",
                                         "1.5",
                                         "1e300",
                                         "NaN",
                                         "32768",
                                         "\"x\"",
                                         "\"linear\"",
                                         "16777216",
                                         "[]",
                                         "[1]",
                                         "[-1,2]",
                                         "[null,2]",
                                         "{}",
                                         "[[]]",
                                         "\"\"",
                                         "\"\\u0000\"",
                                         "9223372036854775807",
                                         "{\"class_name\":\"x\"}",
                                         "{\"class_name\":\"Dense\",\"config\":{\"units\":1}}"};
    const char *text = found_description;
    char before = ':';
    bool quoted = false;
    for (size_t at = 0; text[at]; at++) {
        const char c = text[at];
        if (quoted) {
            if (c == '\\') at++;
            if (c == '"') quoted = false;
            continue;
        }
        if (c == ' ' || c == '\n') continue;
        const bool value = strchr(":,[{", before) && !strchr(",:]}", c);
        before = c;
        quoted = c == '"';
        if (!value) continue;
        const size_t end = json_value_end(text, strlen(text), at), length = end - at;
        if (text[end] == ':') { /* a key */
            take_replaced(bytes, size, at + 1, 0, "x", 1, right, name);
            continue;
        }
        for (size_t v = 0; v < sizeof values / sizeof *values; v++)
            take_replaced(bytes, size, at, length, values[v], strlen(values[v]), right, name);
        if (length > 2000 || text[end] != ',') continue;
        take_replaced(bytes, size, at, length + 1, "", 0, right, name);
        take_replaced(bytes, size, at, 0, text + at, length + 1, right, name);
    }
}

static void sweep_file(const char *path) {
    size_t size;
    uint8_t *bytes = npy_file(path, &size);
    uint64_t right = bytes ? take(bytes, size, path) : 0;
    if (!bytes)
        failed(path, "cannot be read", &(struct trouble){0});
    else if (right) { /* others are refused for a reason of their own */
        sweep_weights(bytes, size, right, path);
        sweep_description(bytes, size, right, path);
    }
    free(found_description);
    found_description = NULL;
    free(bytes);
}

int main(int count, char **words) {
    for (int w = 1; w < count; w++) sweep_file(words[w]);
    printf("%d models: %zu times a weight missing or bent, %zu times a value replaced: %zu "
           "refused, %zu "
           "the same model, %zu others\n",
           count - 1, weights_bent, values_bent, refused, same, other);
    printf("%zu passed, %zu failed\n", weights_bent + values_bent - failures, failures);
    return failures != 0;
}
