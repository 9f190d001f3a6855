/* What all readers of an HDF5 file stand on: errors that name path and byte, blocks of the file, addresses and lengths
 * of the file's own sizes, and what is known by address. Knows no structure of the format. */
#include "convert/files/hdf5_internal.h"

#include <stdio.h>

bool hdf5_refuse(const struct hdf5 *file, uint64_t address, struct trouble *trouble,
                 const char *message) {
    const char *path = file->state->path ? file->state->path : "HDF5";
    const char *text = fovea_check_text(message);
    if (address == HDF5_UNDEFINED) return fail_check(trouble, message, "%.200s: %s", path, text);
    return fail_check(trouble, message, "%.200s: %s at byte %llu", path, text,
                      (unsigned long long)(file->base + address));
}

bool hdf5_fail(const struct hdf5 *file, uint64_t address, struct trouble *trouble,
               const char *format, ...) {
    char message[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return hdf5_refuse(file, address, trouble, message);
}

bool hdf5_spend(const struct hdf5 *file, uint64_t bytes, struct trouble *trouble) {
    return pool_spend(file->pool, bytes, trouble);
}

struct fovea_bytes hdf5_block(const struct hdf5 *file, uint64_t address, uint64_t length,
                              const char *what, struct trouble *trouble) {
    struct fovea_bytes block = fovea_part(&file->bytes, address, length);
    if (block.failed && address >= file->bytes.size)
        hdf5_fail(file, HDF5_UNDEFINED, trouble, "H-002 the address of the %s is outside the file",
                  what);
    else if (block.failed)
        hdf5_fail(file, address, trouble, "H-003 the file ends inside the %s", what);
    else if (!hdf5_spend(file, length, trouble))
        block.failed = true;
    return block;
}

struct fovea_bytes hdf5_checked_block(const struct hdf5 *file, uint64_t address, uint64_t length,
                                      const char *signature, const char *what,
                                      struct trouble *trouble) {
    struct fovea_bytes block = hdf5_block(file, address, length, what, trouble), covered = block;
    if (block.failed) return block;
    if (!fovea_match(&block, signature, 4) || block.size < 8) {
        block.failed = true;
        hdf5_fail(file, address, trouble, "H-017 no %s", what);
        return block;
    }
    block.size -= 4;
    covered.size -= 4;
    struct fovea_bytes tail = fovea_part(&file->bytes, address + block.size, 4);
    if (hdf5_checksum(covered) != fovea_read32(&tail)) {
        block.failed = true;
        hdf5_fail(file, address, trouble, "H-018 the checksum of the %s does not fit", what);
    }
    return block;
}

uint64_t hdf5_address(const struct hdf5 *file, const struct fovea_bytes *bytes) {
    return (uint64_t)((uintptr_t)bytes->start - (uintptr_t)file->bytes.start) + bytes->at;
}

uint64_t hdf5_read_offset(const struct hdf5 *file, struct fovea_bytes *bytes) {
    uint64_t value = fovea_read(bytes, file->offset_bytes);
    return value == UINT64_MAX >> (64 - 8 * file->offset_bytes) ? HDF5_UNDEFINED : value;
}

uint64_t hdf5_read_length(const struct hdf5 *file, struct fovea_bytes *bytes) {
    return fovea_read(bytes, file->length_bytes);
}

unsigned hdf5_log2(uint64_t value) {
    unsigned log = 0;
    while (value >> log > 1) log++;
    return value == UINT64_C(1) << log ? log : 64;
}

unsigned hdf5_bytes_for(uint64_t limit) {
    unsigned bytes = 1;
    while (bytes < 8 && limit >> (8 * bytes)) bytes++;
    return bytes;
}

/* A tree over the hexadecimal digits of an address: as deep as the file's size has digits, whatever
 * addresses the file chooses. Each slot holds the next digit's tree or, for the last digit, what is
 * known. */
struct digit {
    void *slot[16];
};

void **hdf5_known(const struct hdf5 *file, void **index, uint64_t address, const char *what,
                  struct trouble *trouble) {
    if (address >= file->bytes.size) {
        hdf5_fail(file, HDF5_UNDEFINED, trouble, "H-004 the address of the %s is outside the file",
                  what);
        return NULL;
    }
    unsigned digits = 1;
    for (size_t rest = file->bytes.size >> 4; rest; rest >>= 4) digits++;
    for (void **slot = index;;
         slot = &((struct digit *)*slot)->slot[address >> (4 * digits) & 15]) {
        if (digits-- == 0) return slot;
        if (!*slot) *slot = pool_get(file->pool, 1, sizeof(struct digit), trouble);
        if (!*slot) return NULL;
    }
}
