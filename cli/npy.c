#include "cli/npy.h"

#include "kernels/half.h"
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

static const uint8_t npy_magic[6] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

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
    if (!at || *at++ != '(') return "N-001 its header has no shape";
    for (;;) {
        at += strspn(at, " ,");
        if (*at == ')') break;
        char *end;
        unsigned long long n = strtoull(at, &end, 10);
        if (end == at || array->rank == NPY_RANK_MAX || n >= SIZE_MAX)
            return "N-002 its header has a shape that cannot be read";
        count = fovea_product(count, n);
        if (count >= SIZE_MAX) return "N-003 its shape is too large";
        array->dims[array->rank++] = (size_t)n;
        at = end;
    }
    array->count = (size_t)count;
    return NULL;
}

/* "<f4": how numbers lie in the file. */
struct npy_type {
    char order, kind; /* < or >; f, i, u or b as numpy has it */
    unsigned bytes;
};

static bool npy_type(const char *header, struct npy_type *type) {
    const char *at = npy_entry(header, "'descr':");
    if (!at || at[0] != '\'' || !at[1] || !at[2] || !at[3] || at[4] != '\'') return false;
    type->order = at[1];
    type->kind = at[2];
    type->bytes = (unsigned)(at[3] - '0');
    const unsigned n = type->bytes;
    if (!strchr("<>|=", type->order)) return false;
    if (type->kind == 'b') return n == 1;
    if (type->kind == 'f') return n == 2 || n == 4 || n == 8;
    return (type->kind == 'i' || type->kind == 'u') && (n == 1 || n == 2 || n == 4 || n == 8);
}

/* A number of the file as float32, rounded as numpy's astype does. */
static float npy_number(struct fovea_bytes *in, const struct npy_type *type) {
    const unsigned width = 8 * type->bytes;
    uint64_t bits = fovea_read(in, type->bytes), turned = 0;
    for (unsigned i = 0; i < width; i += 8) turned = turned << 8 | (bits >> i & 0xff);
    if (type->order == '>') bits = turned;
    if (type->kind == 'b') return bits != 0;
    if (type->kind == 'u') return (float)bits;
    if (type->kind == 'i') {
        const uint64_t sign = (uint64_t)1 << (width - 1);
        return (float)(int64_t)((bits ^ sign) - sign);
    }
    if (type->bytes == 2) return fovea_half_value((uint16_t)bits);
    if (type->bytes == 4) return fovea_float_of_bits((uint32_t)bits);
    double value;
    memcpy(&value, &bits, sizeof value);
    return (float)value;
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
    const uint8_t *start = fovea_take(in, sizeof npy_magic);
    uint64_t version = fovea_read(in, 1);
    fovea_skip(in, 1);
    uint64_t length = fovea_read(in, version == 1 ? 2 : 4);
    const uint8_t *text = fovea_take(in, length);
    if (in->failed || memcmp(start, npy_magic, sizeof npy_magic) != 0 || version < 1 || version > 3)
        return "N-004 this is not an .npy file of format 1, 2 or 3";
    char *header = calloc(1, (size_t)length + 1);
    if (!header) return "no memory";
    memcpy(header, text, (size_t)length);
    struct npy_type type;
    const char *order = npy_entry(header, "'fortran_order':"), *why = NULL;
    bool fortran = order && strncmp(order, "True", 4) == 0;
    if (!npy_type(header, &type))
        why = "N-005 its elements are not bool, integers, float16, float32 or float64; save it "
              "with astype('float32')";
    else if (!fortran && (!order || strncmp(order, "False", 5) != 0))
        why = "N-006 its header does not say the order of elements";
    else
        why = npy_shape(header, array);
    free(header);
    if (why) return why;
    if (fovea_product(array->count, type.bytes) != fovea_left(in))
        return "N-007 the file is not as long as its shape says";
    array->values = calloc(array->count ? array->count : 1, sizeof *array->values);
    if (!array->values) return "no memory";
    for (size_t i = 0; i < array->count; i++)
        array->values[fortran ? npy_c_order(array, i) : i] = npy_number(in, &type);
    return NULL;
}

bool npy_looks_so(const void *bytes, size_t size) {
    return size >= sizeof npy_magic && memcmp(bytes, npy_magic, sizeof npy_magic) == 0;
}

size_t npy_batch(const struct npy *array, const uint32_t *shape, size_t rank) {
    const bool batched = array->rank == rank + 1;
    bool fits = batched || array->rank == rank;
    for (size_t i = 0; fits && i < rank; i++) fits = array->dims[i + batched] == shape[i];
    return !fits ? 0 : batched ? array->dims[0] : 1;
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

void npy_header(const size_t *dims, size_t rank, uint8_t header[NPY_HEADER]) {
    char text[NPY_HEADER];
    size_t at =
        (size_t)snprintf(text, sizeof text, "{'descr': '<f4', 'fortran_order': False, 'shape': (");
    for (size_t i = 0; i < rank; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%zu%s", dims[i],
                               rank == 1 || i + 1 < rank ? ", " : "");
    at += (size_t)snprintf(text + at, sizeof text - at, "), }");
    memset(header, ' ', NPY_HEADER);
    memcpy(header, "\x93NUMPY\x01\x00", 8);
    header[8] = (uint8_t)(NPY_HEADER - 10);
    header[9] = (uint8_t)((NPY_HEADER - 10) >> 8);
    memcpy(header + 10, text, at); /* at most 59 + 8 * 22 */
    header[NPY_HEADER - 1] = '\n';
}

void npy_floats(const float *values, size_t count, uint8_t *bytes) {
    for (size_t i = 0; i < count; i++) {
        const uint32_t bits = fovea_bits_of_float(values[i]);
        for (size_t b = 0; b < 4; b++) bytes[4 * i + b] = (uint8_t)(bits >> (8 * b));
    }
}
