#include "cli/npy.h"

#include "weights/bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint8_t *npy_file(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    long length = -1;
    uint8_t *bytes = NULL;
    if (!file) return NULL;
    if (fseek(file, 0, SEEK_END) == 0) length = ftell(file);
    rewind(file);
    if (length >= 0) bytes = malloc(length ? (size_t)length : 1);
    if (bytes && fread(bytes, 1, (size_t)length, file) != (size_t)length) {
        free(bytes);
        bytes = NULL;
    }
    fclose(file);
    *size = bytes ? (size_t)length : 0;
    return bytes;
}

/* What follows "'key':" in the header's Python dictionary; NULL where it is missing. */
static const char *npy_entry(const char *header, const char *key) {
    const char *at = strstr(header, key);
    if (!at) return NULL;
    at += strlen(key);
    return at + strspn(at, " ");
}

static const char *npy_shape(const char *header, struct npy *array) {
    const char *at = npy_entry(header, "'shape':");
    uint64_t count = 1;
    if (!at || *at++ != '(') return "N-001 no shape";
    for (;;) {
        at += strspn(at, " ,");
        if (*at == ')') break;
        char *end;
        unsigned long long n = strtoull(at, &end, 10);
        if (end == at || array->rank == NPY_RANK_MAX || n >= SIZE_MAX)
            return "N-002 a shape not read";
        count = fovea_product(count, n);
        if (count >= SIZE_MAX) return "N-003 a shape too large";
        array->dims[array->rank++] = (size_t)n;
        at = end;
    }
    array->count = (size_t)count;
    return NULL;
}

static float npy_double(struct fovea_bytes *in) {
    uint64_t bits = fovea_read64(in);
    double value;
    memcpy(&value, &bits, sizeof value);
    return (float)value;
}
static float npy_float(struct fovea_bytes *in) {
    return fovea_read_float(in);
}
static float npy_int(struct fovea_bytes *in) {
    return (float)(int32_t)fovea_read32(in);
}
static float npy_long(struct fovea_bytes *in) {
    return (float)(int64_t)fovea_read64(in);
}
static float npy_byte(struct fovea_bytes *in) {
    return fovea_read8(in);
}

static const struct npy_type {
    const char *name;
    size_t bytes;
    float (*read)(struct fovea_bytes *in);
} npy_types[] = {
    {"'<f4'", 4, npy_float}, {"'<f8'", 8, npy_double}, {"'|u1'", 1, npy_byte},
    {"'<i4'", 4, npy_int},   {"'<i8'", 8, npy_long},
};

static const struct npy_type *npy_type(const char *header) {
    const char *at = npy_entry(header, "'descr':");
    for (size_t i = 0; at && i < sizeof npy_types / sizeof *npy_types; i++)
        if (strncmp(at, npy_types[i].name, strlen(npy_types[i].name)) == 0) return &npy_types[i];
    return NULL;
}

/* The place in C order of element `i` of an array stored with its first index running fastest. */
static size_t npy_c_order(const struct npy *array, size_t i) {
    size_t place = 0;
    for (size_t d = 0; d < array->rank; d++) {
        place = place * array->dims[d] + i % array->dims[d];
        i /= array->dims[d];
    }
    return place;
}

static const char *npy_parse(struct fovea_bytes *in, struct npy *array) {
    static const uint8_t magic[6] = {0x93, 'N', 'U', 'M', 'P', 'Y'};
    const uint8_t *start = fovea_take(in, sizeof magic);
    uint64_t version = fovea_read(in, 1);
    fovea_skip(in, 1);
    uint64_t length = fovea_read(in, version == 1 ? 2 : 4);
    const uint8_t *text = fovea_take(in, length);
    if (in->failed || memcmp(start, magic, sizeof magic) != 0 || version < 1 || version > 2)
        return "N-004 not an npy file of format 1 or 2";
    char *header = calloc(1, (size_t)length + 1);
    if (!header) return "no memory";
    memcpy(header, text, (size_t)length);
    const struct npy_type *type = npy_type(header);
    const char *order = npy_entry(header, "'fortran_order':"), *why = NULL;
    bool fortran = order && strncmp(order, "True", 4) == 0;
    if (!type)
        why = "N-005 its numbers are no little-endian float32, float64, int32, int64 or uint8; "
              "save it with astype('<f4')";
    else if (!fortran && (!order || strncmp(order, "False", 5) != 0))
        why = "N-006 no order of elements";
    else
        why = npy_shape(header, array);
    free(header);
    if (why) return why;
    array->float32 = type->read == npy_float;
    if (fovea_product(array->count, type->bytes) != fovea_left(in))
        return "N-007 the file is not as long as its shape says";
    array->values = calloc(array->count ? array->count : 1, sizeof *array->values);
    if (!array->values) return "no memory";
    for (size_t i = 0; i < array->count; i++)
        array->values[fortran ? npy_c_order(array, i) : i] = type->read(in);
    return NULL;
}

bool npy_read_bytes(const void *bytes, size_t size, struct npy *array, const char **why) {
    struct fovea_bytes in = fovea_bytes_of(bytes, size);
    memset(array, 0, sizeof *array);
    *why = npy_parse(&in, array);
    return *why == NULL;
}

bool npy_read(const char *path, struct npy *array, const char **why) {
    size_t size;
    uint8_t *file = npy_file(path, &size);
    memset(array, 0, sizeof *array);
    *why = "the file cannot be read";
    if (!file) return false;
    bool done = npy_read_bytes(file, size, array, why);
    free(file);
    return done;
}

void npy_free(struct npy *array) {
    free(array->values);
    memset(array, 0, sizeof *array);
}

uint8_t *npy_bytes(const float *values, const size_t *dims, size_t rank, size_t *size) {
    char header[64 + NPY_RANK_MAX * 24];
    size_t count = 1, at = 0;
    at += (size_t)snprintf(header, sizeof header,
                           "{'descr': '<f4', 'fortran_order': False, 'shape': (");
    for (size_t i = 0; i < rank; i++) {
        at += (size_t)snprintf(header + at, sizeof header - at, "%zu%s", dims[i],
                               rank == 1 || i + 1 < rank ? ", " : "");
        count *= dims[i];
    }
    at += (size_t)snprintf(header + at, sizeof header - at, "), }");
    size_t padded = (10 + at + 1 + 63) / 64 * 64; /* the data starts at a multiple of 64 */
    uint8_t *bytes = malloc(padded + count * sizeof *values);
    if (!bytes) return NULL;
    memset(bytes, ' ', padded);
    memcpy(bytes, "\x93NUMPY\x01\x00", 8);
    bytes[8] = (uint8_t)(padded - 10);
    bytes[9] = (uint8_t)((padded - 10) >> 8);
    memcpy(bytes + 10, header, at);
    bytes[padded - 1] = '\n';
    for (size_t i = 0; i < count; i++) {
        uint32_t bits = fovea_bits_of_float(values[i]);
        for (size_t b = 0; b < 4; b++) bytes[padded + 4 * i + b] = (uint8_t)(bits >> (8 * b));
    }
    *size = padded + count * sizeof *values;
    return bytes;
}
