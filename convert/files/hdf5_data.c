/* Datasets: what the data is (datatype), how much (dataspace) and where (layout).
 *
 * Datatype (specification IV.A.2.d): class and version 1 (low and high half), class bits 3, size 4, then
 *   integers: bit offset 2, precision 2; bits 0: big-endian, 3: signed
 *   floats: bit offset 2, precision 2, exponent at 1, exponent bits 1, mantissa at 1, mantissa bits 1,
 *   exponent bias 4; class bits 0 and 6: byte order, 4 and 5: normalization, 8 to 15: sign at
 *   strings: class bits 0 to 3: padding; variable length: class bits 0 to 3: 1 for a string
 * Dataspace (IV.A.2.b): version 1, rank 1, flags 1 (bit 0: maximum sizes), version 1: reserved 5,
 *   version 2: type 1 (2: null), then sizes L per dimension, [maximum sizes L]
 * Layout (IV.A.2.i, versions 3 and 4): version 1, class 1, then
 *   compact: size 2, data; contiguous: address O, size L; chunked: see hdf5_chunk.c */
#include "convert/files/hdf5_internal.h"

/* ---- the datatype ---- */

struct type {
    unsigned class, bits;
    uint32_t size;
    struct fovea_bytes properties;
    uint64_t at;
};

static bool read_integer(const struct hdf5 *file, struct type *type, struct hdf5_value *value,
                         struct trouble *trouble) {
    unsigned offset = fovea_read16(&type->properties);
    unsigned precision = fovea_read16(&type->properties);
    const unsigned sizes = 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8;
    if (type->properties.failed || type->size > 8 || !(sizes >> type->size & 1) || offset != 0 ||
        precision != 8 * type->size)
        return hdf5_fail(file, type->at, trouble,
                         "H-069 integers of %u bits in %u bytes are not supported", precision,
                         type->size);
    value->class = type->bits & 0x08 ? HDF5_SIGNED : HDF5_UNSIGNED;
    value->big_endian = type->bits & 0x01;
    return true;
}

/* Only the three IEEE formats, as they are written. */
static bool read_float(const struct hdf5 *file, struct type *type, struct hdf5_value *value,
                       struct trouble *trouble) {
    static const struct {
        unsigned size, sign_at, exponent_at, exponent_bits, mantissa_bits, bias;
    } ieee[] = {{2, 15, 10, 5, 10, 15}, {4, 31, 23, 8, 23, 127}, {8, 63, 52, 11, 52, 1023}};
    struct fovea_bytes *b = &type->properties;
    unsigned offset = fovea_read16(b), precision = fovea_read16(b), exponent_at = fovea_read8(b);
    unsigned exponent_bits = fovea_read8(b), mantissa_at = fovea_read8(b);
    unsigned mantissa_bits = fovea_read8(b), bias = fovea_read32(b);
    bool plain = !b->failed && offset == 0 && mantissa_at == 0 && (type->bits & 0x40) == 0 &&
                 (type->bits >> 4 & 3) == 2;
    for (size_t i = 0; plain && i < sizeof ieee / sizeof *ieee; i++) {
        if (type->size != ieee[i].size || precision != 8 * type->size ||
            (type->bits >> 8 & 0xff) != ieee[i].sign_at || exponent_at != ieee[i].exponent_at ||
            exponent_bits != ieee[i].exponent_bits || mantissa_bits != ieee[i].mantissa_bits ||
            bias != ieee[i].bias)
            continue;
        value->class = HDF5_FLOAT;
        value->big_endian = type->bits & 0x01;
        return true;
    }
    return hdf5_fail(
        file, type->at, trouble,
        "H-070 floating-point numbers of %u bytes that are not IEEE 754's are not supported",
        type->size);
}

static bool read_text(const struct hdf5 *file, struct type *type, struct hdf5_value *value,
                      struct trouble *trouble) {
    value->class = HDF5_STRING;
    value->variable = type->class == 9;
    value->null_padded = (value->variable ? type->bits >> 4 & 15 : type->bits & 15) == 1;
    if (type->size == 0) return hdf5_fail(file, type->at, trouble, "H-071 strings of 0 bytes");
    if (value->variable && type->size != 8 + file->offset_bytes)
        return hdf5_fail(file, type->at, trouble, "H-072 references to strings of %u bytes",
                         type->size);
    return true;
}

bool hdf5_read_datatype(const struct hdf5 *file, struct fovea_bytes body, struct hdf5_value *value,
                        struct trouble *trouble) {
    static const char *const names[] = {"integer",    "floating-point",  "time",     "string",
                                        "bitfield",   "opaque",          "compound", "reference",
                                        "enumerated", "variable-length", "array"};
    struct type type = {.at = hdf5_address(file, &body)};
    unsigned first = fovea_read8(&body), version = first >> 4;
    type.class = first & 15;
    type.bits = (unsigned)fovea_read(&body, 3);
    type.size = fovea_read32(&body);
    type.properties = body;
    value->size = type.size;
    if (body.failed)
        return hdf5_fail(file, type.at, trouble, "H-073 the datatype message is too short");
    if (version < 1 || version > 5)
        return hdf5_fail(file, type.at, trouble, "H-074 datatype version %u is not supported",
                         version);
    if (type.class == 0) return read_integer(file, &type, value, trouble);
    if (type.class == 1) return read_float(file, &type, value, trouble);
    if (type.class == 3 || (type.class == 9 && (type.bits & 15) == 1))
        return read_text(file, &type, value, trouble);
    if (type.class == 5 && type.size == 2) { /* as Keras keeps bfloat16 */
        value->class = HDF5_OPAQUE;
        return true;
    }
    return hdf5_fail(file, type.at, trouble, "H-075 %s data is not supported",
                     type.class < sizeof names / sizeof *names ? names[type.class] : "unknown");
}

/* ---- the dataspace ---- */

static bool read_sizes(const struct hdf5 *file, struct fovea_bytes *b, bool limited,
                       struct hdf5_value *value, uint64_t maxima[HDF5_RANK_MAX],
                       struct trouble *trouble) {
    uint64_t at = hdf5_address(file, b);
    const uint64_t unlimited = UINT64_MAX >> (64 - 8 * file->length_bytes);
    value->count = 1;
    for (uint32_t i = 0; i < value->rank; i++) {
        maxima[i] = value->dims[i] = hdf5_read_length(file, b);
        value->count = fovea_product(value->count, value->dims[i]);
        if (value->count == FOVEA_TOO_LARGE)
            return hdf5_fail(file, at, trouble, "H-076 the product of the dimensions is too large");
    }
    for (uint32_t i = 0; limited && i < value->rank; i++) {
        maxima[i] = hdf5_read_length(file, b);
        if (maxima[i] == unlimited) maxima[i] = UINT64_MAX;
        if (!b->failed && maxima[i] < value->dims[i])
            return hdf5_fail(file, at, trouble, "H-077 a dimension is above its maximum");
    }
    if (b->failed) return hdf5_fail(file, at, trouble, "H-078 the dataspace message is too short");
    return true;
}

bool hdf5_read_dataspace(const struct hdf5 *file, struct fovea_bytes body, struct hdf5_value *value,
                         uint64_t maxima[HDF5_RANK_MAX], struct trouble *trouble) {
    uint64_t at = hdf5_address(file, &body);
    unsigned version = fovea_read8(&body);
    value->rank = fovea_read8(&body);
    unsigned flags = fovea_read8(&body), type = 1;
    if (version == 1)
        fovea_skip(&body, 5);
    else
        type = fovea_read8(&body);
    if (body.failed)
        return hdf5_fail(file, at, trouble, "H-079 the dataspace message is too short");
    if (version < 1 || version > 2 || flags > 1)
        return hdf5_fail(file, at, trouble,
                         "H-080 dataspace version %u with flags %u is not supported", version,
                         flags);
    if (value->rank > HDF5_RANK_MAX)
        return hdf5_fail(file, at, trouble, "H-081 more than 8 dimensions: %u", value->rank);
    if (version == 2 && (type > 2 || (type != 1 && value->rank != 0)))
        return hdf5_fail(file, at, trouble, "H-082 a dataspace of type %u and rank %u", type,
                         value->rank);
    if (!read_sizes(file, &body, flags & 1, value, maxima, trouble)) return false;
    if (type == 2) value->count = 0;
    return true;
}

bool hdf5_value_bytes(const struct hdf5 *file, const struct hdf5_value *value, uint64_t *bytes,
                      struct trouble *trouble) {
    *bytes = fovea_product(value->count, value->size);
    if (*bytes < SIZE_MAX) return true;
    return hdf5_fail(file, HDF5_UNDEFINED, trouble,
                     "H-083 the dimensions are too large: %llu elements",
                     (unsigned long long)value->count);
}

/* ---- the layout ---- */

/* Data in one piece: exactly as many bytes as the dimensions ask for. */
static bool place(const struct hdf5 *file, struct hdf5_value *value, struct fovea_bytes data,
                  uint64_t stored, uint64_t at, struct trouble *trouble) {
    uint64_t bytes;
    if (!hdf5_value_bytes(file, value, &bytes, trouble)) return false;
    if (stored != bytes)
        return hdf5_fail(file, at, trouble,
                         "H-084 %llu bytes are stored, but the dimensions need %llu",
                         (unsigned long long)stored, (unsigned long long)bytes);
    value->data = bytes ? fovea_take(&data, bytes) : file->bytes.start;
    if (!value->data) return hdf5_fail(file, at, trouble, "H-085 the data is outside the file");
    return true;
}

static bool read_compact(const struct hdf5 *file, struct fovea_bytes *b, struct hdf5_value *value,
                         uint64_t at, struct trouble *trouble) {
    unsigned size = fovea_read16(b);
    struct fovea_bytes data = fovea_take_part(b, size);
    return place(file, value, data, size, at, trouble);
}

static bool read_contiguous(const struct hdf5 *file, struct fovea_bytes *b,
                            struct hdf5_value *value, uint64_t at, struct trouble *trouble) {
    uint64_t address = hdf5_read_offset(file, b), size = hdf5_read_length(file, b);
    if (b->failed) return hdf5_fail(file, at, trouble, "H-086 the layout message is too short");
    if (address == HDF5_UNDEFINED && value->count > 0)
        return hdf5_fail(file, at, trouble, "H-087 the data was never written");
    return place(file, value, fovea_part(&file->bytes, address, size), size, at, trouble);
}

static bool read_layout(const struct hdf5 *file, struct hdf5_header *header,
                        struct fovea_bytes body, const uint64_t maxima[HDF5_RANK_MAX],
                        struct hdf5_value *value, struct trouble *trouble) {
    uint64_t at = hdf5_address(file, &body);
    unsigned version = fovea_read8(&body), class = fovea_read8(&body);
    if (body.failed) return hdf5_fail(file, at, trouble, "H-088 the layout message is too short");
    if (version < 3 || version > 4)
        return hdf5_fail(file, at, trouble, "H-089 layout version %u is not supported", version);
    if (class == 0) return read_compact(file, &body, value, at, trouble);
    if (class == 1) return read_contiguous(file, &body, value, at, trouble);
    if (class == 2) return hdf5_read_chunked(file, header, version, body, maxima, value, trouble);
    return hdf5_fail(file, at, trouble, "H-090 %s is not supported",
                     class == 3 ? "a virtual dataset" : "an unknown layout of data");
}

bool hdf5_is_dataset(const struct hdf5 *file, const struct hdf5_object *object, bool *dataset,
                     struct trouble *trouble) {
    file->state->path = object->path;
    const struct hdf5_header *header = hdf5_header(file, object->header, trouble);
    *dataset = false;
    for (size_t i = 0; header && i < header->messages.count; i++)
        *dataset |= header->messages.first[i].type == HDF5_LAYOUT;
    return header != NULL;
}

bool hdf5_dataset(const struct hdf5 *file, const struct hdf5_object *object,
                  struct hdf5_value *value, struct trouble *trouble) {
    const struct hdf5_message *type, *space, *layout, *external;
    uint64_t maxima[HDF5_RANK_MAX];
    file->state->path = object->path;
    *value = (struct hdf5_value){0};
    struct hdf5_header *header = hdf5_header(file, object->header, trouble);
    if (!header || !hdf5_message(file, header, HDF5_DATATYPE, &type, trouble) ||
        !hdf5_message(file, header, HDF5_DATASPACE, &space, trouble) ||
        !hdf5_message(file, header, HDF5_LAYOUT, &layout, trouble) ||
        !hdf5_message(file, header, HDF5_EXTERNAL_FILES, &external, trouble))
        return false;
    if (!type || !space || !layout)
        return hdf5_fail(file, header->address, trouble, "H-091 the object is not a dataset");
    if (external)
        return hdf5_fail(file, header->address, trouble,
                         "H-092 data in other files is not supported");
    return hdf5_read_datatype(file, type->body, value, trouble) &&
           hdf5_read_dataspace(file, space->body, value, maxima, trouble) &&
           read_layout(file, header, layout->body, maxima, value, trouble);
}
