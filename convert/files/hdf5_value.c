/* Values to the caller's types, and the global heap that strings of variable length live in.
 *
 * Reference to a string (specification IV.B): length 4, collection O, index 4.
 * Collection (III.E): "GCOL", version 1, reserved 3, size of it all L, then objects: index 2 (0: the free
 * space, which ends the list), references 2, reserved 4, size L, data. The objects and their data begin at
 * multiples of 8 bytes, as files have it; with short L there is a gap, which the specification leaves out. */
#include "convert/files/hdf5_internal.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* ---- the global heap ---- */

/* A collection's objects, by rising index. */
struct collection {
    size_t count, capacity;
    struct object {
        unsigned index;
        struct fovea_bytes data;
    } * objects;
};

/* Where `index` stands or would have to stand. */
static size_t position(const struct collection *collection, unsigned index) {
    size_t low = 0, high = collection->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (collection->objects[middle].index < index)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool grow(const struct hdf5 *file, struct collection *collection, struct trouble *trouble) {
    size_t capacity = collection->capacity ? 2 * collection->capacity : 8;
    struct object *more = pool_get(file->pool, capacity, sizeof *more, trouble);
    if (!more) return false;
    if (collection->count) memcpy(more, collection->objects, collection->count * sizeof *more);
    collection->objects = more;
    collection->capacity = capacity;
    return true;
}

/* Objects come by rising index, but for those that took the place of others. */
static bool add_object(const struct hdf5 *file, struct collection *collection, unsigned index,
                       struct fovea_bytes data, struct trouble *trouble) {
    size_t at = position(collection, index), behind = collection->count - at;
    if (behind && collection->objects[at].index == index)
        return hdf5_fail(file, hdf5_address(file, &data), trouble,
                         "H-093 object %u occurs twice in its global heap", index);
    if (!hdf5_spend(file, behind * sizeof *collection->objects, trouble)) return false;
    if (collection->count == collection->capacity && !grow(file, collection, trouble)) return false;
    struct object *object = &collection->objects[at];
    memmove(object + 1, object, behind * sizeof *object);
    object->index = index;
    object->data = data;
    collection->count++;
    return true;
}

static bool read_objects(const struct hdf5 *file, struct collection *collection,
                         struct fovea_bytes b, struct trouble *trouble) {
    const size_t prefix = 8 + file->length_bytes;
    while (fovea_left(&b) >= prefix) {
        uint64_t at = hdf5_address(file, &b);
        unsigned index = fovea_read16(&b);
        fovea_skip(&b, 6);
        uint64_t size = hdf5_read_length(file, &b);
        if (index == 0) return true;
        fovea_align(&b, 8);
        struct fovea_bytes data = fovea_take_part(&b, size);
        if (data.failed)
            return hdf5_fail(file, at, trouble, "H-094 an object reaches beyond its global heap");
        fovea_align(&b, 8);
        if (!add_object(file, collection, index, data, trouble)) return false;
    }
    return true;
}

static struct collection *open_collection(const struct hdf5 *file, uint64_t address,
                                          struct trouble *trouble) {
    static const char what[] = "global heap";
    void **known = hdf5_known(file, &file->state->collections, address, what, trouble);
    if (!known || *known) return known ? *known : NULL;
    struct fovea_bytes b = hdf5_block(file, address, 8 + file->length_bytes, what, trouble);
    if (b.failed) return NULL;
    const uint64_t prefix = (b.size + 7) / 8 * 8;
    const bool good = fovea_match(&b, "GCOL", 4) && fovea_read8(&b) == 1;
    fovea_skip(&b, 3);
    const uint64_t length = hdf5_read_length(file, &b);
    if (!good || length < prefix) {
        hdf5_fail(file, address, trouble, "H-095 no global heap");
        return NULL;
    }
    b = hdf5_block(file, address, length, what, trouble);
    fovea_skip(&b, prefix);
    struct collection *collection = pool_get(file->pool, 1, sizeof *collection, trouble);
    if (!collection || b.failed || !read_objects(file, collection, b, trouble)) return NULL;
    *known = collection;
    return collection;
}

/* The bytes that a reference leads to: exactly as many as it says. */
static struct fovea_bytes follow(const struct hdf5 *file, struct fovea_bytes reference,
                                 struct trouble *trouble) {
    struct fovea_bytes nothing = {NULL, 0, 0, true};
    uint32_t length = fovea_read32(&reference);
    uint64_t address = hdf5_read_offset(file, &reference);
    uint32_t index = fovea_read32(&reference);
    if (length == 0) return fovea_bytes_of(file->bytes.start, 0);
    const struct collection *collection = open_collection(file, address, trouble);
    if (!collection) return nothing;
    size_t at = position(collection, index);
    if (at == collection->count || collection->objects[at].index != index) {
        hdf5_fail(file, address, trouble, "H-096 the global heap holds no object %u", index);
        return nothing;
    }
    if (collection->objects[at].data.size != length) {
        hdf5_fail(file, address, trouble, "H-097 a string of %u bytes is stored in %zu", length,
                  collection->objects[at].data.size);
        return nothing;
    }
    return collection->objects[at].data;
}

const char *hdf5_string(const struct hdf5 *file, const struct hdf5_value *value, uint64_t index,
                        size_t *length, struct trouble *trouble) {
    const uint64_t bytes = fovea_product(value->count, value->size);
    file->state->path = NULL;
    *length = 0;
    if (value->class != HDF5_STRING || index >= value->count || bytes >= SIZE_MAX) {
        hdf5_fail(file, HDF5_UNDEFINED, trouble, "H-098 there is no string %llu",
                  (unsigned long long)index);
        return NULL;
    }
    struct fovea_bytes all = fovea_bytes_of(value->data, (size_t)bytes);
    struct fovea_bytes text = fovea_part(&all, fovea_product(index, value->size), value->size);
    if (value->variable) text = follow(file, text, trouble);
    const char *start = (const char *)fovea_take(&text, text.size);
    if (!start) return NULL;
    const char *nul = memchr(start, '\0', text.size);
    *length = nul ? (size_t)(nul - start) : text.size;
    if (!hdf5_spend(file, *length, trouble)) return NULL; /* many references may lead to one text */
    return pool_text(file->pool, start, *length, trouble);
}

/* ---- numbers ---- */

/* Rounded to nearest; what is nearer to infinity than to the largest float becomes infinity. */
static float narrow(double value) {
    if (value >= 0x1.ffffffp127) return INFINITY;
    if (value <= -0x1.ffffffp127) return -INFINITY;
    if (value > FLT_MAX || value < -FLT_MAX) return value > 0 ? FLT_MAX : -FLT_MAX;
    return (float)value;
}

/* IEEE 754 binary16: sign 1, exponent 5 biased by 15, mantissa 10. */
static float widen(unsigned bits) {
    unsigned exponent = bits >> 10 & 31, mantissa = bits & 1023;
    uint32_t sign = (uint32_t)(bits >> 15) << 31;
    if (exponent == 31) return fovea_float_of_bits(sign | 0x7f800000u | mantissa << 13);
    if (exponent != 0) return fovea_float_of_bits(sign | (exponent + 112) << 23 | mantissa << 13);
    float tiny = (float)mantissa * 0x1p-24f;
    return sign ? -tiny : tiny;
}

static float float_of(const struct hdf5_value *value, uint64_t bits) {
    if (value->class == HDF5_FLOAT) {
        double number;
        if (value->size == 2) return widen((unsigned)bits);
        if (value->size == 4) return fovea_float_of_bits((uint32_t)bits);
        fovea_copy(&number, &bits, sizeof number);
        return narrow(number);
    }
    unsigned unused = 64 - 8 * value->size;
    bool negative = value->class == HDF5_SIGNED && bits >> (63 - unused) & 1;
    if (!negative) return (float)bits;
    uint64_t magnitude = (~bits + 1) & UINT64_MAX >> unused;
    return -(float)magnitude;
}

void hdf5_floats(const struct hdf5_value *value, uint64_t first, uint64_t count, float *out) {
    struct fovea_bytes b =
        fovea_bytes_of(value->data, (size_t)fovea_product(value->count, value->size));
    fovea_skip(&b, fovea_product(first, value->size));
    const bool usual = value->class == HDF5_FLOAT && value->size == 4 && !value->big_endian;
    for (uint64_t i = 0; usual && i < count; i++) out[i] = fovea_read_float(&b);
    for (uint64_t i = 0; !usual && i < count; i++) {
        uint64_t bits =
            value->big_endian ? fovea_read_big(&b, value->size) : fovea_read(&b, value->size);
        out[i] = float_of(value, bits);
    }
}
