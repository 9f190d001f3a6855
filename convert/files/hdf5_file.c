/* Opening an HDF5 file and finding objects by path.
 *
 *              read                                        refused by name
 * superblock   0, 1, 2, 3; user block                      several files
 * headers      1, 2; continuations; checksums              shared messages
 * groups       symbol tables, link messages, dense links   following soft, external, user links
 * attributes   1, 2, 3; in the header, dense, huge         shared types
 * types        IEEE floats of 2, 4, 8 bytes, integers of   compound, enumerated, array, reference,
 *              1, 2, 4, 8, both byte orders; strings of    opaque, bitfield, time, sequences, other
 *              fixed and variable length                   numbers
 * spaces       scalar, null, up to 8 dimensions            more
 * layouts      3, 4: compact, contiguous, chunked with     1, 2; virtual, external; data or chunks
 *              any index                                   that were never written
 * filters      deflate, shuffle, fletcher32                all others
 */
#include "convert/files/hdf5_internal.h"

#include <string.h>

#include "convert/files/inflate.h"

/* ---- the superblock ----
 *
 * Versions 0 and 1 (specification II.A "Disk Format: Level 0A", behind the signature):
 *   version 1, of free space 1, of the root entry 1, reserved 1, of shared headers 1, size of O 1,
 *   size of L 1, reserved 1, leaf K 2, internal K 2, flags 4, [version 1: chunk K 2, reserved 2],
 *   base O, free space O, end of file O, driver block O, root entry: name L, object header O, ...
 * Versions 2 and 3:
 *   version 1, size of O 1, size of L 1, flags 1, base O, extension O, end of file O,
 *   object header of the root O, checksum 4 */

#define SIGNATURE       "\211HDF\r\n\032\n"
#define SIGNATURE_BYTES 8

struct superblock {
    uint64_t base, end, driver;
};

static bool read_sizes(struct hdf5 *file, struct fovea_bytes *b, struct trouble *trouble) {
    file->offset_bytes = fovea_read8(b);
    file->length_bytes = fovea_read8(b);
    const unsigned good = 1u << 2 | 1u << 4 | 1u << 8;
    if (file->offset_bytes <= 8 && file->length_bytes <= 8 && good >> file->offset_bytes & 1 &&
        good >> file->length_bytes & 1)
        return true;
    return fail(trouble, "H-005 HDF5: addresses of %u and lengths of %u bytes are not supported",
                file->offset_bytes, file->length_bytes);
}

static bool read_superblock_0(struct hdf5 *file, struct fovea_bytes *b, unsigned version,
                              struct superblock *super, struct trouble *trouble) {
    uint8_t free_space = fovea_read8(b), root = fovea_read8(b);
    fovea_skip(b, 1);
    uint8_t shared = fovea_read8(b);
    if (free_space || root || shared)
        return fail(trouble, "H-006 HDF5: the superblock names unknown versions of its parts");
    if (!read_sizes(file, b, trouble)) return false;
    fovea_skip(b, version == 1 ? 13 : 9);
    super->base = hdf5_read_offset(file, b);
    (void)hdf5_read_offset(file, b);
    super->end = hdf5_read_offset(file, b);
    super->driver = hdf5_read_offset(file, b);
    (void)hdf5_read_length(file, b);
    file->root = hdf5_read_offset(file, b);
    return true;
}

static bool read_superblock_2(struct hdf5 *file, struct fovea_bytes *b, struct superblock *super,
                              struct trouble *trouble) {
    struct fovea_bytes whole = *b;
    if (!read_sizes(file, b, trouble)) return false;
    fovea_skip(b, 1);
    super->base = hdf5_read_offset(file, b);
    (void)hdf5_read_offset(file, b);
    super->end = hdf5_read_offset(file, b);
    super->driver = HDF5_UNDEFINED;
    file->root = hdf5_read_offset(file, b);
    whole.size = b->at;
    uint32_t stored = fovea_read32(b);
    if (!b->failed && hdf5_checksum(whole) != stored)
        return fail(trouble, "H-007 HDF5: the checksum of the superblock does not fit");
    return true;
}

/* `b` begins with the signature, `position` bytes into the file. */
static bool read_superblock(struct hdf5 *file, struct fovea_bytes b, uint64_t position,
                            struct trouble *trouble) {
    struct superblock super = {0, 0, 0};
    struct fovea_bytes all = b;
    fovea_skip(&b, SIGNATURE_BYTES);
    unsigned version = fovea_read8(&b);
    if (version > 3)
        return fail(trouble, "H-008 HDF5: superblock version %u is not supported", version);
    if (version < 2 ? !read_superblock_0(file, &b, version, &super, trouble)
                    : !read_superblock_2(file, &b, &super, trouble))
        return false;
    if (b.failed) return fail(trouble, "H-009 HDF5: the file ends inside the superblock");
    if (super.driver != HDF5_UNDEFINED)
        return fail(trouble, "H-010 HDF5: files in several parts are not supported");
    /* a user block may have been put in front without telling the superblock */
    if (super.base != position && super.base != 0)
        return fail(trouble,
                    "H-011 HDF5: the base address %llu is not that of the superblock, %llu",
                    (unsigned long long)super.base, (unsigned long long)position);
    uint64_t length = super.end - super.base;
    file->base = position;
    file->bytes = fovea_part(&all, 0, length);
    if (super.end < super.base || file->bytes.failed)
        return fail(trouble, "H-012 HDF5: the file is cut short: it has %zu bytes of %llu",
                    (size_t)position + all.size, (unsigned long long)super.end);
    return true;
}

/* Finds the signature, which stands at 0 or, behind a user block, at 512, 1024, 2048, ... */
static bool find_signature(struct fovea_bytes b, uint64_t *at, struct fovea_bytes *rest) {
    for (*at = 0; *at < b.size; *at = *at ? 2 * *at : 512) {
        struct fovea_bytes probe = *rest = fovea_part(&b, *at, b.size - *at);
        if (fovea_match(&probe, SIGNATURE, SIGNATURE_BYTES)) return true;
    }
    return false;
}

bool hdf5_looks_so(const void *bytes, size_t size) {
    struct fovea_bytes rest;
    uint64_t at;
    return find_signature(fovea_bytes_of(bytes, size), &at, &rest);
}

static bool find_superblock(struct hdf5 *file, struct fovea_bytes b, struct trouble *trouble) {
    struct fovea_bytes rest;
    uint64_t at;
    return find_signature(b, &at, &rest)
               ? read_superblock(file, rest, at, trouble)
               : fail(trouble, "H-013 HDF5: this is not an HDF5 file: the signature is missing");
}

const struct hdf5 *hdf5_open(struct pool *pool, const void *bytes, size_t size,
                             struct trouble *trouble) {
    struct hdf5 *file = pool_get(pool, 1, sizeof *file, trouble);
    struct hdf5_state *state = pool_get(pool, 1, sizeof *state, trouble);
    if (!file || !state) return NULL;
    file->pool = pool;
    file->state = state;
    if (!find_superblock(file, fovea_bytes_of(bytes, size), trouble)) return NULL;
    const uint64_t most = limit_of(pool, CONVERT_CONTENTS_MIB) << 20;
    const uint64_t storage = fovea_product(file->bytes.size, INFLATE_RATIO_MAX);
    state->storage = storage < most ? storage : most;
    if (pool->fuel == 0) pool_fuel(pool, size);
    return hdf5_header(file, file->root, trouble) ? file : NULL;
}

/* ---- paths ---- */

bool hdf5_check_link(const struct hdf5 *file, uint64_t header, struct trouble *trouble) {
    const char *kind = header == HDF5_SOFT       ? "a soft link"
                       : header == HDF5_EXTERNAL ? "a link to another file"
                       : header == HDF5_USER     ? "a link of a user-defined type"
                                                 : NULL;
    if (kind)
        return hdf5_fail(file, HDF5_UNDEFINED, trouble, "H-015 %s, which is not followed", kind);
    return true;
}

static const struct hdf5_link *find_link(const struct hdf5_header *group, const char *name,
                                         size_t length) {
    size_t low = 0, high = group->link_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *other = group->links[middle].name;
        int order = strncmp(other, name, length);
        if (order == 0 && other[length] == '\0') return &group->links[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* `parent` and `path` with one '/' before each name; *names counts them. */
static const char *join(const struct hdf5 *file, const char *parent, const char *path,
                        size_t *names, struct trouble *trouble) {
    size_t at = 0;
    char *joined = pool_print(file->pool, trouble, "%s/%s", parent, path);
    *names = 0;
    if (!joined) return NULL;
    for (const char *c = joined; *c; c++) {
        if (*c == '/' && (c[1] == '/' || c[1] == '\0')) continue;
        *names += *c == '/';
        joined[at++] = *c;
    }
    if (at == 0) joined[at++] = '/';
    joined[at] = '\0';
    return joined;
}

bool hdf5_find(const struct hdf5 *file, const struct hdf5_object *from, const char *path,
               struct hdf5_object *object, bool *found, struct trouble *trouble) {
    size_t names;
    *found = false;
    object->header = from ? from->header : file->root;
    object->path = join(file, from ? from->path : "", path, &names, trouble);
    if (!object->path) return false;
    file->state->path = object->path;
    if (names > limit_of(file->pool, HDF5_NESTING_MAX))
        return hdf5_fail(file, HDF5_UNDEFINED, trouble,
                         "H-016 more names in a path than the limit hdf5-nesting allows");
    for (;;) {
        path += strspn(path, "/");
        size_t length = strcspn(path, "/");
        if (!hdf5_check_link(file, object->header, trouble)) return false;
        if (length == 0) break;
        struct hdf5_header *group = hdf5_header(file, object->header, trouble);
        if (!group) return false;
        if (!hdf5_is_group(group)) return true;
        if (!hdf5_load_links(file, group, trouble)) return false;
        const struct hdf5_link *link = find_link(group, path, length);
        if (!link) return true;
        object->header = link->header;
        path += length;
    }
    *found = true;
    return true;
}
