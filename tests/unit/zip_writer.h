/* A writer of archives, byte by byte. */
#ifndef FOVEA_TESTS_ZIP_WRITER_H
#define FOVEA_TESTS_ZIP_WRITER_H

#include "kernels/base.h"

#include <stdlib.h>
#include <string.h>

struct zip_part {            /* a member */
    const char *name, *text; /* text: unpacked */
    unsigned method, flags;
    bool wide;    /* sizes in a ZIP64 field of the local header, as Python writes them */
    bool trailer; /* sizes behind the data, none in the local header */
};

struct zip_made {
    uint8_t bytes[4096];
    size_t size, local[8], central, end;
};

FOVEA_UNUSED static void zip_put(struct zip_made *a, unsigned count, uint64_t value) {
    for (unsigned i = 0; i < count; i++) a->bytes[a->size++] = (uint8_t)(value >> (8 * i));
}

FOVEA_UNUSED static void zip_put_text(struct zip_made *a, const char *text, size_t size) {
    if (size) memcpy(a->bytes + a->size, text, size);
    a->size += size;
}

FOVEA_UNUSED static uint32_t zip_crc32(const char *text, size_t size) {
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < size; i++) {
        crc ^= (uint8_t)text[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

/* A deflated text here is one stored block. */
FOVEA_UNUSED static size_t zip_packed_size(const struct zip_part *part) {
    return strlen(part->text) + (part->method == 8 ? 5 : 0);
}

FOVEA_UNUSED static void zip_put_sizes(struct zip_made *a, const struct zip_part *part, bool open,
                                       bool wide) {
    zip_put(a, 4, open ? 0 : zip_crc32(part->text, strlen(part->text)));
    zip_put(a, 4, open ? 0 : wide ? 0xffffffffu : zip_packed_size(part));
    zip_put(a, 4, open ? 0 : wide ? 0xffffffffu : strlen(part->text));
    zip_put(a, 2, strlen(part->name));
}

FOVEA_UNUSED static void zip_put_member(struct zip_made *a, const struct zip_part *part) {
    size_t size = strlen(part->text);
    zip_put_text(a, "PK\3\4", 4);
    zip_put(a, 2, 20);
    zip_put(a, 2, part->flags | (part->trailer ? 8 : 0));
    zip_put(a, 2, part->method);
    zip_put(a, 4, 0);
    zip_put_sizes(a, part, part->trailer, part->wide);
    zip_put(a, 2, part->wide ? 20 : 0);
    zip_put_text(a, part->name, strlen(part->name));
    if (part->wide) {
        zip_put(a, 2, 1);
        zip_put(a, 2, 16);
        zip_put(a, 8, size);
        zip_put(a, 8, zip_packed_size(part));
    }
    if (part->method == 8) {
        zip_put(a, 1, 1);
        zip_put(a, 2, size);
        zip_put(a, 2, ~size);
    }
    zip_put_text(a, part->text, size);
    if (part->trailer) {
        zip_put_text(a, "PK\7\10", 4);
        zip_put(a, 4, zip_crc32(part->text, size));
        zip_put(a, 4, zip_packed_size(part));
        zip_put(a, 4, size);
    }
}

FOVEA_UNUSED static void zip_put_central(struct zip_made *a, const struct zip_part *part,
                                         size_t local) {
    zip_put_text(a, "PK\1\2", 4);
    zip_put(a, 4, 20 | 20 << 16);
    zip_put(a, 2, part->flags | (part->trailer ? 8 : 0));
    zip_put(a, 2, part->method);
    zip_put(a, 4, 0);
    zip_put_sizes(a, part, false, false);
    zip_put(a, 4, 0);
    zip_put(a, 8, 0);
    zip_put(a, 4, local);
    zip_put_text(a, part->name, strlen(part->name));
}

FOVEA_UNUSED static void zip_put_end(struct zip_made *a, unsigned count, bool wide) {
    size_t central = a->central, size = a->size - central, end64 = a->size;
    if (wide) {
        zip_put_text(a, "PK\6\6", 4);
        zip_put(a, 8, 44);
        zip_put(a, 4, 45 | 45 << 16);
        zip_put(a, 8, 0);
        zip_put(a, 8, count);
        zip_put(a, 8, count);
        zip_put(a, 8, size);
        zip_put(a, 8, central);
        zip_put_text(a, "PK\6\7", 4);
        zip_put(a, 4, 0);
        zip_put(a, 8, end64);
        zip_put(a, 4, 1);
    }
    a->end = a->size;
    zip_put_text(a, "PK\5\6", 4);
    zip_put(a, 4, 0);
    zip_put(a, 2, count);
    zip_put(a, 2, count);
    zip_put(a, 4, wide ? 0xffffffffu : size);
    zip_put(a, 4, wide ? 0xffffffffu : central);
    zip_put(a, 2, 0);
}

FOVEA_UNUSED static struct zip_made zip_make(const struct zip_part *parts, unsigned count,
                                             bool wide) {
    struct zip_made a = {.size = 0};
    for (unsigned i = 0; i < count; i++) {
        a.local[i] = a.size;
        zip_put_member(&a, &parts[i]);
    }
    a.central = a.size;
    for (unsigned i = 0; i < count; i++) zip_put_central(&a, &parts[i], a.local[i]);
    zip_put_end(&a, count, wide);
    return a;
}

#endif
