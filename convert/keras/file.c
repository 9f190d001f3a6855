/* What a file is, and where in it config and weights are:
 *
 *   .keras               archive: config.json, metadata.json, model.weights.h5
 *   .h5, .hdf5           HDF5 with attribute model_config, and the weights in group model_weights
 *   weights, until 2     HDF5 with attribute layer_names at the root or in model_weights
 *   .weights.h5, since 3 HDF5 with group layers
 *
 * Files of the last two kinds need a config from elsewhere. */
#include <string.h>

#include "convert/keras/keras.h"
#include "convert/files/zip.h"

/* A text attribute; NULL where there is none. */
static bool read_text(struct keras *keras, const struct hdf5_object *object, const char *name,
                      const char **text, size_t *length) {
    struct hdf5_value value;
    bool found;
    *text = NULL;
    if (!hdf5_attribute(keras->file, object, name, &value, &found, keras->trouble)) return false;
    if (!found) return true;
    if (value.class != HDF5_STRING || value.count != 1)
        return fail(keras->trouble, "K-001 attribute '%s' of the file is not text", name);
    *text = hdf5_string(keras->file, &value, 0, length, keras->trouble);
    return *text != NULL;
}

/* ---- versions ---- */

/* "3.15.1" as 31501; no part of it counts beyond 99. */
static int release_of(const char *version) {
    int release = 0;
    for (int part = 0; part < 3; part++) {
        int number = 0;
        for (; *version >= '0' && *version <= '9'; version++)
            number = number < 10 ? 10 * number + (*version - '0') : 99;
        release = 100 * release + number;
        version += *version == '.';
    }
    return release;
}

static bool set_generation(struct keras *keras, const char *version, int *generation) {
    *generation = release_of(version) / 10000;
    return (*generation >= 1 && *generation <= 3) ||
           fail(keras->trouble, "K-002 written by Keras %s, a version fovea does not know",
                version);
}

/* A config states its version, or has what Keras 3 puts beside each class; else it is as old as the
 * weights. */
static bool set_versions(struct keras *keras, const struct json *model, const char *stated,
                         const char *of_weights) {
    const struct json *member = json_member(model, "keras_version");
    if (member && member->type != JSON_STRING && member->type != JSON_NULL)
        return fail(keras->trouble, "K-266 the config's 'keras_version' is not text");
    if (!of_weights) of_weights = keras->layout == KERAS_NUMBERED ? "3" : "1";
    keras->version = stated                                         ? stated
                     : member && member->type == JSON_STRING        ? member->text
                     : keras->apart && json_member(model, "module") ? "3"
                                                                    : of_weights;
    keras->release = release_of(keras->version);
    return set_generation(keras, keras->version, &keras->generation) &&
           set_generation(keras, of_weights, &keras->weight_generation);
}

/* `what` is for messages. */
static bool parse(struct keras *keras, const char *what, const void *text, size_t size,
                  const struct json **model) {
    struct trouble inside = {0};
    *model = json_parse(keras->pool, text, size, &inside);
    return *model || fail_check(keras->trouble, inside.check, "%s: %s", what, inside.text);
}

static bool parse_apart(struct keras *keras, const struct keras_config *config,
                        const struct json **model) {
    keras->apart = true;
    if (config->size == 0)
        return fail(
            keras->trouble,
            "K-003 the file holds weights only; give the model's config with --config (in Keras: "
            "open('config.json', 'w').write(model.to_json()))");
    const char *given = "the config given";
    if (!parse(keras, given, config->text, config->size, model)) return false;
    /* json.dump(model.to_json(), file) makes a JSON text of a JSON text. */
    return (*model)->type != JSON_STRING ||
           parse(keras, given, (*model)->text, (*model)->length, model);
}

static bool refuse_config(struct keras *keras, const struct keras_config *config) {
    return config->size == 0 ||
           fail(keras->trouble,
                "K-004 the file has a config of its own; --config is for files that hold "
                "weights only");
}

/* ---- weights by numbers ---- */

/* The group of the outermost model's layers; *found tells whether the file is of that layout. */
static bool find_container(struct keras *keras, const struct hdf5_object *root, bool *found) {
    static const char *const containers[] = {"layers", "_layer_checkpoint_dependencies"};
    const struct hdf5_object *children;
    struct hdf5_object object;
    size_t count;
    *found = false;
    keras->separator = '/';
    for (int i = 0; i < 2; i++) {
        keras->container = containers[i];
        if (!hdf5_find(keras->file, root, containers[i], &object, found, keras->trouble))
            return false;
        if (*found) return true;
    }
    if (!hdf5_list(keras->file, root, &children, &count, keras->trouble)) return false;
    keras->separator = '\\';
    for (size_t c = 0; c < count; c++)
        for (int i = 0; i < 2; i++) {
            size_t length = strlen(containers[i]);
            keras->container = containers[i];
            *found = strncmp(children[c].path + 1, containers[i], length) == 0 &&
                     children[c].path[1 + length] == '\\';
            if (*found) return true;
        }
    return true;
}

/* ---- the kinds of files ---- */

static bool open_weights(struct keras *keras, const void *bytes, size_t size,
                         struct hdf5_object *root) {
    bool found;
    keras->file = hdf5_open(keras->pool, bytes, size, keras->trouble);
    return keras->file && hdf5_find(keras->file, NULL, "/", root, &found, keras->trouble);
}

static bool open_archive(struct keras *keras, const void *bytes, size_t size,
                         const struct json **model) {
    const uint8_t *config, *metadata, *weights;
    size_t config_size, metadata_size, weights_size;
    const struct json *about = NULL;
    struct hdf5_object root;
    bool found;
    const struct zip *zip = zip_open(keras->pool, bytes, size, keras->trouble);
    if (!zip || !zip_read(zip, "config.json", &config, &config_size, &found, keras->trouble))
        return false;
    if (!found)
        return fail(keras->trouble,
                    "K-005 an archive, but not a .keras file: it has no config.json");
    if (!parse(keras, "config.json", config, config_size, model)) return false;
    if (!zip_read(zip, "metadata.json", &metadata, &metadata_size, &found, keras->trouble))
        return false;
    if (found && !parse(keras, "metadata.json", metadata, metadata_size, &about)) return false;
    const struct json *version = json_member(about, "keras_version");
    if (!version || version->type != JSON_STRING)
        return fail(keras->trouble,
                    "K-006 the archive does not say which version of Keras wrote it");
    if (!zip_read(zip, "model.weights.h5", &weights, &weights_size, &found, keras->trouble))
        return false;
    if (!found)
        return fail(keras->trouble,
                    "K-007 the archive has no model.weights.h5; weights in other forms (in "
                    "parts, or as .npz) are not supported");
    /* What is packed well has a structure of more bytes than the archive. */
    pool_refuel(keras->pool, 4 * (uint64_t)weights_size);
    if (!open_weights(keras, weights, weights_size, &root) || !find_container(keras, &root, &found))
        return false;
    keras->layout = KERAS_NUMBERED;
    return set_versions(keras, *model, version->text, version->text);
}

static bool open_hdf5(struct keras *keras, const void *bytes, size_t size,
                      const struct keras_config *config, const struct json **model) {
    struct hdf5_object root;
    struct hdf5_value names;
    const char *text, *version, *backend;
    size_t length, ignored;
    bool group, named, parts, numbered = false;
    if (!open_weights(keras, bytes, size, &root) ||
        !read_text(keras, &root, "model_config", &text, &length) ||
        !hdf5_find(keras->file, &root, "model_weights", &keras->weights, &group, keras->trouble))
        return false;
    if (!group) keras->weights = root;
    if (text && !group)
        return fail(keras->trouble, "K-008 the file holds a model's config, but no weights");
    if (!hdf5_attribute(keras->file, &keras->weights, "layer_names", &names, &named,
                        keras->trouble) ||
        !hdf5_attribute(keras->file, &keras->weights, "layer_names0", &names, &parts,
                        keras->trouble) ||
        (!text && !named && !parts && !find_container(keras, &root, &numbered)))
        return false;
    if (!text && !named && !parts && !numbered)
        return fail(keras->trouble,
                    "K-009 an HDF5 file, but not Keras': it has neither a model's config "
                    "nor weights of layers");
    keras->layout = numbered ? KERAS_NUMBERED : KERAS_NAMED;
    if (text ? !refuse_config(keras, config) || !parse(keras, "model_config", text, length, model)
             : !parse_apart(keras, config, model))
        return false;
    if (!read_text(keras, &root, "keras_version", &version, &ignored) ||
        (!version && !read_text(keras, &keras->weights, "keras_version", &version, &ignored)) ||
        !read_text(keras, &root, "backend", &backend, &ignored) ||
        (!backend && !read_text(keras, &keras->weights, "backend", &backend, &ignored)))
        return false;
    keras->backend = !backend                         ? KERAS_TENSORFLOW
                     : strcmp(backend, "theano") == 0 ? KERAS_THEANO
                     : strcmp(backend, "cntk") == 0   ? KERAS_CNTK
                                                      : KERAS_TENSORFLOW;
    return set_versions(keras, *model, text ? version ? version : "1" : NULL, version);
}

/* Files that are taken for models, by the bytes they begin with; '?': any byte. */
static const struct {
    const char *start, *what;
} strangers[] = {
    {"version https://git-lfs",
     "a pointer of Git LFS in its place; fetch the file itself (git lfs pull)"},
    {"<!DOCTYPE", "a page of HTML; the download was not of the file itself"},
    {"<!doctype", "a page of HTML; the download was not of the file itself"},
    {"<html", "a page of HTML; the download was not of the file itself"},
    {"????TFL3", "a model of TensorFlow Lite; convert the Keras model that it was made from"},
    {"\b\1\x12", "a SavedModel of TensorFlow; in Keras, model.save('model.keras') makes a file"},
    {"\b?\x12", "an ONNX model; convert the Keras model that it was made from"},
    {"\b?:", "an ONNX model; convert the Keras model that it was made from"},
    {"\x80\2", "a pickle of Python; in Keras, model.save('model.keras') makes a file"},
    {"\x80\4", "a pickle of Python; in Keras, model.save('model.keras') makes a file"},
};

static const char *stranger_of(const char *bytes, size_t size) {
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        const char *start = strangers[i].start;
        const size_t length = strlen(start);
        size_t same = 0;
        while (same < length && same < size && (start[same] == '?' || start[same] == bytes[same]))
            same++;
        if (same == length) return strangers[i].what;
    }
    return NULL;
}

bool keras_open(struct keras *keras, const void *bytes, size_t size,
                const struct keras_config *config, const struct json **model) {
    if (zip_looks_so(bytes, size))
        return refuse_config(keras, config) && open_archive(keras, bytes, size, model);
    if (hdf5_looks_so(bytes, size)) return open_hdf5(keras, bytes, size, config, model);
    if (size > 0 && *(const char *)bytes == '{')
        return fail(keras->trouble,
                    "K-010 a JSON text: a model's config comes with --config, beside the "
                    "file of its weights");
    const char *stranger = stranger_of(bytes, size);
    if (stranger) return fail(keras->trouble, "K-375 not a Keras file, but %s", stranger);
    return fail(keras->trouble,
                "K-011 not a Keras file: neither HDF5 (.h5, .hdf5) nor a .keras archive");
}
