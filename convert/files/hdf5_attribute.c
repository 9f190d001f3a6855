/* Attributes: small named values of an object (specification IV.A.2.m).
 *
 *   version 1, version 1: reserved 1, versions 2 and 3: flags 1 (bits 0, 1: datatype, dataspace shared),
 *   size of the name 2 (its NUL included), of the datatype 2, of the dataspace 2,
 *   version 3: character set 1, name, datatype, dataspace, data;
 *   version 1: each of the first three is filled up to a multiple of 8 bytes */
#include "convert/files/hdf5_internal.h"

#include <string.h>

struct attribute {
    const char *name;
    size_t name_length;
    struct fovea_bytes datatype, dataspace, data;
    bool shared; /* its datatype or its dataspace is a reference to one */
};

static bool split(const struct hdf5 *file, const struct hdf5_message *message,
                  struct attribute *attribute, struct trouble *trouble) {
    struct fovea_bytes b = message->body;
    uint64_t at = hdf5_address(file, &b);
    if (message->flags & HDF5_SHARED)
        return hdf5_fail(file, at, trouble, "H-062 shared attributes are not supported");
    unsigned version = fovea_read8(&b), flags = fovea_read8(&b);
    unsigned name = fovea_read16(&b), datatype = fovea_read16(&b), dataspace = fovea_read16(&b);
    if (version < 1 || version > 3)
        return hdf5_fail(file, at, trouble, "H-063 attribute version %u is not supported", version);
    fovea_skip(&b, version == 3 ? 1 : 0);
    const size_t unit = version == 1 ? 8 : 1;
    struct fovea_bytes text = fovea_take_part(&b, name);
    fovea_align(&b, unit);
    attribute->datatype = fovea_take_part(&b, datatype);
    fovea_align(&b, unit);
    attribute->dataspace = fovea_take_part(&b, dataspace);
    fovea_align(&b, unit);
    attribute->data = fovea_take_part(&b, fovea_left(&b));
    attribute->shared = version > 1 && flags & 3;
    attribute->name = fovea_take_text(&text, (size_t)limit_of(file->pool, HDF5_NAME_MAX),
                                      &attribute->name_length);
    if (b.failed || !attribute->name)
        return hdf5_fail(file, at, trouble,
                         "H-064 an attribute message is too short or has no name");
    return true;
}

static bool decode(const struct hdf5 *file, const struct attribute *attribute,
                   struct hdf5_value *value, struct trouble *trouble) {
    uint64_t maxima[HDF5_RANK_MAX], bytes, at = hdf5_address(file, &attribute->data);
    struct fovea_bytes data = attribute->data;
    if (attribute->shared)
        return hdf5_fail(file, at, trouble,
                         "H-065 attribute \"%.100s\": shared types are not supported",
                         attribute->name);
    if (!hdf5_read_datatype(file, attribute->datatype, value, trouble) ||
        !hdf5_read_dataspace(file, attribute->dataspace, value, maxima, trouble) ||
        !hdf5_value_bytes(file, value, &bytes, trouble))
        return false;
    /* the message, not the data, is filled up to a multiple of 8 bytes */
    if (bytes > data.size || data.size - bytes >= 8)
        return hdf5_fail(file, at, trouble,
                         "H-066 attribute \"%.100s\": %zu bytes, but the dimensions need %llu",
                         attribute->name, data.size, (unsigned long long)bytes);
    value->data = fovea_take(&data, bytes);
    return true;
}

/* Searches `messages` for the attribute; a name may stand there only once. */
static bool search(const struct hdf5 *file, const struct hdf5_messages *messages, const char *name,
                   struct attribute *result, bool *found, struct trouble *trouble) {
    const size_t length = strlen(name);
    for (size_t i = 0; i < messages->count; i++) {
        const struct hdf5_message *message = &messages->first[i];
        struct attribute attribute;
        if (message->type != HDF5_ATTRIBUTE) continue;
        if (!hdf5_spend(file, 8, trouble) || !split(file, message, &attribute, trouble))
            return false;
        if (attribute.name_length != length || memcmp(attribute.name, name, length) != 0) continue;
        if (*found)
            return hdf5_fail(file, hdf5_address(file, &message->body), trouble,
                             "H-067 the attribute \"%.100s\" occurs twice", name);
        *result = attribute;
        *found = true;
    }
    return true;
}

/* Attribute info (IV.A.2.v): version 1, flags 1, [bit 0: creation index 2], fractal heap O, name index O,
 * [bit 1: creation order index O]. Reads what is in dense storage, once. */
static bool load_dense(const struct hdf5 *file, struct hdf5_header *header,
                       struct trouble *trouble) {
    const struct hdf5_message *info;
    struct hdf5_messages dense = {NULL, 0, 0};
    if (header->dense_read) return true;
    if (!hdf5_message(file, header, HDF5_ATTRIBUTE_INFO, &info, trouble)) return false;
    if (info) {
        struct fovea_bytes b = info->body;
        uint64_t at = hdf5_address(file, &b);
        unsigned version = fovea_read8(&b), flags = fovea_read8(&b);
        fovea_skip(&b, flags & 1 ? 2 : 0);
        uint64_t heap = hdf5_read_offset(file, &b), names = hdf5_read_offset(file, &b);
        if (b.failed || version != 0)
            return hdf5_fail(file, at, trouble,
                             "H-068 an attribute info message that is not supported");
        if (heap != HDF5_UNDEFINED &&
            !hdf5_read_dense(file, heap, names, HDF5_ATTRIBUTE, &dense, trouble))
            return false;
    }
    header->dense = dense;
    header->dense_read = true;
    return true;
}

bool hdf5_attribute(const struct hdf5 *file, const struct hdf5_object *object, const char *name,
                    struct hdf5_value *value, bool *found, struct trouble *trouble) {
    struct attribute attribute;
    *found = false;
    *value = (struct hdf5_value){0};
    file->state->path = object->path;
    struct hdf5_header *header = hdf5_header(file, object->header, trouble);
    if (!header || !load_dense(file, header, trouble) ||
        !search(file, &header->messages, name, &attribute, found, trouble) ||
        !search(file, &header->dense, name, &attribute, found, trouble))
        return false;
    return !*found || decode(file, &attribute, value, trouble);
}

bool hdf5_attribute_names(const struct hdf5 *file, const struct hdf5_object *object,
                          const char ***names, size_t *count, struct trouble *trouble) {
    *names = NULL;
    *count = 0;
    file->state->path = object->path;
    struct hdf5_header *header = hdf5_header(file, object->header, trouble);
    if (!header || !load_dense(file, header, trouble)) return false;
    const struct hdf5_messages *lists[] = {&header->messages, &header->dense};
    *names =
        pool_get(file->pool, (uint64_t)lists[0]->count + lists[1]->count, sizeof **names, trouble);
    for (size_t l = 0; *names && l < 2; l++) {
        for (size_t i = 0; i < lists[l]->count; i++) {
            struct attribute attribute;
            if (lists[l]->first[i].type != HDF5_ATTRIBUTE) continue;
            if (!split(file, &lists[l]->first[i], &attribute, trouble)) return false;
            (*names)[(*count)++] = attribute.name;
        }
    }
    return *names != NULL;
}
