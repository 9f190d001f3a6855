/* Filters: what was done to each chunk before it was written (specification IV.A.2.l).
 *
 *   version 1, filters 1, version 1: reserved 6, then per filter: id 2, length of the name 2 (version 2:
 *   only for ids from 256), flags 2, values 2, name, values 4 each; version 1: to a multiple of 8 bytes
 *
 * They are undone from the last to the first. Sizes are known at each step: fletcher32 adds 4 bytes,
 * shuffle none, and deflate gives back what went into it. */
#include "convert/files/hdf5_internal.h"

#include <string.h>

#include "convert/files/inflate.h"

enum { DEFLATE = 1, SHUFFLE = 2, FLETCHER32 = 3, LZF = 32000 }; /* LZF: h5py's */

static bool read_filter(const struct hdf5 *file, struct fovea_bytes *b, unsigned version,
                        struct hdf5_filter *filter, struct trouble *trouble) {
    static const char *const refused[] = {"szip", "nbit", "scaleoffset"};
    uint64_t at = hdf5_address(file, b);
    filter->id = fovea_read16(b);
    unsigned name = version == 1 || filter->id >= 256 ? fovea_read16(b) : 0;
    fovea_skip(b, 2);
    unsigned values = fovea_read16(b);
    fovea_skip(b, name);
    struct fovea_bytes list = fovea_take_part(b, 4 * values);
    if (version == 1) fovea_skip(b, values % 2 ? 4 : 0);
    filter->element = values ? fovea_read32(&list) : 0;
    if (b->failed) return hdf5_fail(file, at, trouble, "H-099 the filter message is too short");
    if (filter->id >= 4 && filter->id <= 6)
        return hdf5_fail(file, at, trouble, "H-100 the filter %s is not supported",
                         refused[filter->id - 4]);
    if ((filter->id < DEFLATE || filter->id > FLETCHER32) && filter->id != LZF)
        return hdf5_fail(file, at, trouble, "H-101 filter %u is not supported", filter->id);
    if (filter->id == SHUFFLE && filter->element == 0)
        return hdf5_fail(file, at, trouble, "H-102 the filter shuffle has elements of 0 bytes");
    return true;
}

bool hdf5_read_filters(const struct hdf5 *file, struct fovea_bytes body,
                       struct hdf5_filters *filters, struct trouble *trouble) {
    uint64_t at = hdf5_address(file, &body);
    unsigned version = fovea_read8(&body);
    filters->count = fovea_read8(&body);
    fovea_skip(&body, version == 1 ? 6 : 0);
    if (body.failed || version < 1 || version > 2)
        return hdf5_fail(file, at, trouble, "H-103 filter version %u is not supported", version);
    if (filters->count > HDF5_FILTERS_MAX)
        return hdf5_fail(file, at, trouble, "H-104 more than 4 filters: %u", filters->count);
    for (unsigned i = 0; i < filters->count; i++) {
        if (!read_filter(file, &body, version, &filters->filter[i], trouble)) return false;
        for (unsigned j = 0; j < i; j++)
            if (filters->filter[j].id == filters->filter[i].id)
                return hdf5_fail(file, at, trouble, "H-105 filter %u is listed twice",
                                 filters->filter[i].id);
    }
    return true;
}

static bool applied(const struct hdf5_chunk *chunk, unsigned filter) {
    return !(chunk->mask >> filter & 1);
}

uint64_t hdf5_filtered_max(const struct hdf5_filters *filters, const struct hdf5_chunk *chunk) {
    uint64_t most = chunk->stored;
    for (unsigned i = 0; i < filters->count; i++)
        if ((filters->filter[i].id == DEFLATE || filters->filter[i].id == LZF) && applied(chunk, i))
            most = fovea_product(most, INFLATE_RATIO_MAX);
    return most;
}

/* ---- the three of them ---- */

/* Sums of big-endian 16-bit words modulo 65535; 360 words are the most before they could overflow. */
static uint32_t fletcher32(const uint8_t *bytes, size_t size) {
    uint32_t a = 0, b = 0;
    for (size_t at = 0; at < size;) {
        for (unsigned i = 0; i < 360 && at < size; i++, at += 2) {
            a += (uint32_t)bytes[at] << 8 | (at + 1 < size ? bytes[at + 1] : 0u);
            b += a;
        }
        a = (a & 0xffff) + (a >> 16);
        b = (b & 0xffff) + (b >> 16);
    }
    a = (a & 0xffff) + (a >> 16);
    b = (b & 0xffff) + (b >> 16);
    return b << 16 | a;
}

/* Takes the sum from the end. Old versions of the format's library stored it with its bytes swapped in
 * both halves. */
static const char *undo_fletcher32(struct fovea_bytes *data) {
    if (data->size < 4) return "H-134 a chunk is too short for its checksum";
    data->size -= 4;
    struct fovea_bytes tail = {data->start, data->size + 4, data->size, false};
    uint32_t stored = fovea_read32(&tail), sum = fletcher32(data->start, data->size);
    uint32_t swapped = (sum & 0x00ff00ffu) << 8 | (sum >> 8 & 0x00ff00ffu);
    return stored == sum || stored == swapped ? NULL : "H-135 a chunk does not match its checksum";
}

/* All first bytes of the elements stand together, then all second ones, ...; what is left over behind
 * the last whole element was not moved. */
static const char *undo_shuffle(struct fovea_bytes *data, uint32_t element, uint8_t *out,
                                uint64_t room) {
    if (data->size > room || element > data->size)
        return "H-136 a chunk has the wrong size to be shuffled";
    const size_t count = data->size / element, whole = count * element;
    const uint8_t *from = data->start;
    for (size_t byte = 0; byte < element; byte++)
        for (size_t i = 0; i < count; i++) out[i * element + byte] = *from++;
    memcpy(out + whole, from, data->size - whole);
    data->start = out;
    return NULL;
}

/* LZF: below 32 that many and one bytes as they are; else of what there is, `length` + 2 bytes (length in the
 * upper 3 bits, 7: and the next byte) from so far back (13 bits, and 1). */
static const char *undo_lzf(struct fovea_bytes *data, uint64_t size, uint8_t *out) {
    uint64_t at = 0;
    while (fovea_left(data) > 0) {
        const unsigned control = fovea_read8(data);
        uint64_t length = control >> 5, back = (uint64_t)(control & 31) << 8;
        if (control < 32) {
            if (control + 1 > size - at) return "H-170 a chunk decompresses to more than its size";
            for (unsigned i = 0; i <= control; i++) out[at++] = (uint8_t)fovea_read8(data);
            continue;
        }
        if (length == 7) length += fovea_read8(data);
        back += (uint64_t)fovea_read8(data) + 1;
        if (length + 2 > size - at || back > at) return "H-171 a chunk does not decompress";
        for (uint64_t i = 0; i < length + 2; i++, at++) out[at] = out[at - back];
    }
    if (data->failed) return "H-172 a chunk ends in the middle";
    *data = fovea_bytes_of(out, (size_t)at);
    return NULL;
}

static const char *undo_deflate(struct fovea_bytes *data, uint64_t size, uint8_t *out) {
    if (!inflate_zlib(data->start, data->size, out, (size_t)size))
        return "H-137 a chunk does not decompress";
    *data = fovea_bytes_of(out, (size_t)size);
    return NULL;
}

const uint8_t *hdf5_unfilter(const struct hdf5 *file, const struct hdf5_filters *filters,
                             const struct hdf5_chunk *chunk, uint64_t bytes, uint8_t *scratch[2],
                             struct trouble *trouble) {
    struct fovea_bytes data = fovea_part(&file->bytes, chunk->address, chunk->stored);
    const uint64_t room = bytes + 4 * HDF5_FILTERS_MAX;
    uint64_t sums = 0; /* bytes that checksums in front of the current filter add */
    const char *wrong = NULL;
    for (unsigned i = 0; i < filters->count; i++)
        sums += filters->filter[i].id == FLETCHER32 && applied(chunk, i) ? 4 : 0;
    for (unsigned i = filters->count, turn = 0; i-- > 0 && !wrong;) {
        const struct hdf5_filter *filter = &filters->filter[i];
        if (!applied(chunk, i)) continue;
        if (filter->id == FLETCHER32) {
            sums -= 4;
            wrong = undo_fletcher32(&data);
        } else if (filter->id == SHUFFLE) {
            wrong = undo_shuffle(&data, filter->element, scratch[turn++ % 2], room);
        } else if (filter->id == LZF) {
            wrong = undo_lzf(&data, bytes + sums, scratch[turn++ % 2]);
        } else {
            wrong = undo_deflate(&data, bytes + sums, scratch[turn++ % 2]);
        }
    }
    if (!wrong && data.size != bytes) wrong = "H-106 a chunk has the wrong size";
    if (!wrong) return data.start;
    hdf5_refuse(file, chunk->address, trouble, wrong);
    return NULL;
}
