/* Read: APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (directory), 4.3.14 to 4.3.16 (end records),
 * 4.5.3 (ZIP64 sizes). Refused: several disks, encryption, methods but 0 and 8. Nothing is ever written
 * to disk, so that members' names cannot do harm. */
#include "convert/files/zip.h"

#include <stdlib.h>
#include <string.h>

#include "convert/files/inflate.h"
#include "weights/bytes.h"
#include "weights/check.h"

#define LOCAL_SIZE    30
#define CENTRAL_SIZE  46
#define END_SIZE      22
#define END64_SIZE    56
#define LOCATOR_SIZE  20
#define COMMENT_MAX   65535
#define FULL16        0xffffu     /* "see the ZIP64 record" */
#define FULL32        0xffffffffu /* the same */
#define FLAG_TRAILER  0x0008u     /* sizes stand behind the data as well */
#define FLAGS_UNKNOWN 0x2061u     /* encryption of three kinds, patches */
#define ZIP64_EXTRA   1

struct member {
    const char *name; /* in the archive, not terminated */
    size_t name_length;
    uint32_t flags, method, crc;
    uint64_t stored, size, at; /* sizes in the archive and unpacked; offset of the local header */
    const uint8_t *data;
};

struct zip {
    struct pool *pool;
    struct fovea_bytes all;
    struct member *members; /* sorted by name */
    size_t count;
    uint32_t crc[256];
};

struct directory {
    uint64_t count, size, at, end; /* entries; where it lies; where the end records begin */
};

static bool damaged(struct trouble *trouble, const char *what) {
    return fail_check(trouble, what, "archive: %s", fovea_check_text(what));
}

bool zip_looks_so(const void *bytes, size_t size) {
    return size >= 4 && (memcmp(bytes, "PK\3\4", 4) == 0 || memcmp(bytes, "PK\5\6", 4) == 0);
}

/* ---- the end of the file ---- */

/* Whether an end record's signature stands at `at`, and whether its comment ends with the file. */
static bool is_end(const struct fovea_bytes *all, uint64_t at, bool *whole) {
    struct fovea_bytes b = fovea_part(all, at, END_SIZE);
    if (!fovea_match(&b, "PK\5\6", 4)) return false;
    fovea_skip(&b, 16);
    *whole = fovea_read16(&b) == all->size - at - END_SIZE;
    return true;
}

/* The last end record, whose comment has to end with the file; no other may claim the same. */
static bool find_end(const struct zip *zip, size_t *end, struct trouble *trouble) {
    size_t size = zip->all.size, found = 0;
    if (size < END_SIZE) return damaged(trouble, "Z-002 the file is too short");
    size_t last = size - END_SIZE, first = last > COMMENT_MAX ? last - COMMENT_MAX : 0;
    for (size_t at = last + 1; at-- > first;) {
        bool whole;
        if (!is_end(&zip->all, at, &whole)) continue;
        if (found == 0 && !whole)
            return damaged(trouble, "Z-003 something is behind its end record");
        if (!whole) continue;
        if (found++) return damaged(trouble, "Z-004 it has two end records");
        *end = at;
    }
    if (!found)
        return damaged(trouble,
                       "Z-005 it has no end record: the file is cut off, or not an archive");
    return true;
}

/* A field of the end record, or of its ZIP64 twin where the twin exists; both agree unless full. */
static bool widen(struct trouble *trouble, uint64_t narrow, uint64_t full, bool twin, uint64_t wide,
                  uint64_t *value) {
    *value = twin ? wide : narrow;
    if (twin ? narrow != full && narrow != wide : narrow == full)
        return damaged(trouble, "Z-006 its end records contradict each other");
    return true;
}

static bool read_directory(const struct zip *zip, struct directory *directory,
                           struct trouble *trouble) {
    size_t end_at = 0;
    uint64_t wide[4] = {0}; /* entries on this disk, entries, size, offset */
    if (!find_end(zip, &end_at, trouble)) return false;
    directory->end = end_at;
    struct fovea_bytes locator = {NULL, 0, 0, true};
    if (end_at >= LOCATOR_SIZE)
        locator = fovea_part(&zip->all, end_at - LOCATOR_SIZE, LOCATOR_SIZE);
    bool twin = fovea_match(&locator, "PK\6\7", 4);
    if (twin) {
        uint32_t disk = fovea_read32(&locator);
        directory->end = fovea_read64(&locator);
        uint32_t disks = fovea_read32(&locator);
        struct fovea_bytes end64 = fovea_part(&zip->all, directory->end, END64_SIZE);
        bool known = fovea_match(&end64, "PK\6\6", 4);
        uint64_t rest = fovea_read64(&end64); /* of the record, behind this field */
        fovea_skip(&end64, 4);
        uint64_t both_disks = fovea_read64(&end64);
        for (int i = 0; i < 4; i++) wide[i] = fovea_read64(&end64);
        uint64_t next = fovea_sum(fovea_sum(directory->end, 12), rest);
        if (!known || disk != 0 || disks > 1 || both_disks != 0 || next != end_at - LOCATOR_SIZE)
            return damaged(trouble, "Z-007 its ZIP64 end record is damaged");
    }
    struct fovea_bytes end = fovea_part(&zip->all, end_at, END_SIZE);
    fovea_skip(&end, 4);
    uint64_t here, disks = fovea_read32(&end), narrow_here = fovea_read16(&end);
    uint64_t narrow_count = fovea_read16(&end), narrow_size = fovea_read32(&end);
    uint64_t narrow_at = fovea_read32(&end);
    if (disks != 0) return damaged(trouble, "Z-008 parts on several disks are not supported");
    if (!widen(trouble, narrow_here, FULL16, twin, wide[0], &here) ||
        !widen(trouble, narrow_count, FULL16, twin, wide[1], &directory->count) ||
        !widen(trouble, narrow_size, FULL32, twin, wide[2], &directory->size) ||
        !widen(trouble, narrow_at, FULL32, twin, wide[3], &directory->at))
        return false;
    if (here != directory->count || directory->count == 0 ||
        fovea_sum(directory->at, directory->size) != directory->end ||
        directory->count > directory->size / CENTRAL_SIZE)
        return damaged(trouble, "Z-009 its directory does not lie where its end record says");
    return true;
}

/* ---- members ---- */

/* Replaces the sizes (and the offset, unless NULL) that are full by those of the ZIP64 extra field. */
static bool read_extra(struct fovea_bytes extra, struct member *member, uint64_t *at) {
    bool seen = false;
    while (fovea_left(&extra) > 0) {
        uint32_t id = fovea_read16(&extra), length = fovea_read16(&extra);
        struct fovea_bytes field = fovea_take_part(&extra, length);
        if (extra.failed) return false;
        if (id != ZIP64_EXTRA) continue;
        if (seen) return false;
        seen = true;
        if (member->size == FULL32) member->size = fovea_read64(&field);
        if (member->stored == FULL32) member->stored = fovea_read64(&field);
        if (at && *at == FULL32) *at = fovea_read64(&field);
        if (field.failed) return false;
    }
    return seen || (member->size != FULL32 && member->stored != FULL32 && (!at || *at != FULL32));
}

/* From `flags` to the lengths of name and extra field, which both headers have alike. */
static void read_common(struct fovea_bytes *in, struct member *member, size_t *extra_length) {
    member->flags = fovea_read16(in);
    member->method = fovea_read16(in);
    fovea_skip(in, 4); /* time and date */
    member->crc = fovea_read32(in);
    member->stored = fovea_read32(in);
    member->size = fovea_read32(in);
    member->name_length = fovea_read16(in);
    *extra_length = fovea_read16(in);
}

static bool read_central(struct fovea_bytes *in, struct member *member) {
    size_t extra_length;
    bool known = fovea_match(in, "PK\1\2", 4);
    fovea_skip(in, 4); /* versions */
    read_common(in, member, &extra_length);
    size_t comment_length = fovea_read16(in);
    uint32_t disk = fovea_read16(in);
    fovea_skip(in, 6); /* attributes */
    member->at = fovea_read32(in);
    member->name = (const char *)fovea_take(in, member->name_length);
    struct fovea_bytes extra = fovea_take_part(in, extra_length);
    fovea_skip(in, comment_length);
    return known && !in->failed && disk == 0 && read_extra(extra, member, &member->at) &&
           !memchr(member->name, 0, member->name_length);
}

/* Where sizes stand behind the data, the local header may leave them open. */
static bool same_number(const struct member *member, uint64_t local, uint64_t central) {
    return local == central || ((member->flags & FLAG_TRAILER) &&
                                (local == 0 || local == FULL32 || local == UINT64_MAX));
}

/* Compares the local header with the directory; *end: where the member's data end. */
static bool read_local(const struct zip *zip, struct member *member, uint64_t *end) {
    struct fovea_bytes in = fovea_part(&zip->all, member->at, zip->all.size - member->at);
    struct member local = *member;
    size_t extra_length;
    bool known = fovea_match(&in, "PK\3\4", 4);
    fovea_skip(&in, 2); /* version */
    read_common(&in, &local, &extra_length);
    local.name = (const char *)fovea_take(&in, local.name_length);
    struct fovea_bytes extra = fovea_take_part(&in, extra_length);
    member->data = fovea_take(&in, member->stored);
    *end = member->at + in.at;
    return known && !in.failed && read_extra(extra, &local, NULL) && local.flags == member->flags &&
           local.method == member->method && local.name_length == member->name_length &&
           memcmp(local.name, member->name, local.name_length) == 0 &&
           same_number(member, local.crc, member->crc) &&
           same_number(member, local.stored, member->stored) &&
           same_number(member, local.size, member->size);
}

static int compare_places(const void *a, const void *b) {
    uint64_t x = ((const struct member *)a)->at, y = ((const struct member *)b)->at;
    return x < y ? -1 : x > y;
}

static int compare_names(const void *a, const void *b) {
    const struct member *x = a, *y = b;
    size_t shorter = x->name_length < y->name_length ? x->name_length : y->name_length;
    int order = memcmp(x->name, y->name, shorter);
    return order ? order : x->name_length < y->name_length ? -1 : x->name_length > y->name_length;
}

/* The members lie one behind the other from the start of the file to the directory; only sizes behind
 * the data (12 to 24 bytes) may stand between them. */
static bool check_places(const struct zip *zip, const struct directory *directory,
                         struct trouble *trouble) {
    uint64_t free_from = 0;
    bool trailer = false;
    qsort(zip->members, zip->count, sizeof *zip->members, compare_places);
    for (size_t i = 0;; i++) {
        uint64_t at = i < zip->count ? zip->members[i].at : directory->at;
        if (at < free_from) return damaged(trouble, "Z-010 members overlap");
        uint64_t gap = at - free_from;
        if (trailer ? gap < 12 || gap > 24 : gap != 0)
            return damaged(trouble, "Z-011 something is hidden between its members");
        if (i == zip->count) return true;
        if (at >= directory->at || !read_local(zip, &zip->members[i], &free_from))
            return fail(trouble,
                        "Z-012 archive: header of member %zu and directory contradict each other",
                        i);
        trailer = zip->members[i].flags & FLAG_TRAILER;
    }
}

static void fill_crc(uint32_t *table) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t value = byte;
        for (int bit = 0; bit < 8; bit++) value = value >> 1 ^ (value & 1 ? 0xedb88320u : 0);
        table[byte] = value;
    }
}

const struct zip *zip_open(struct pool *pool, const void *bytes, size_t size,
                           struct trouble *trouble) {
    struct directory directory = {0};
    struct zip *zip = pool_get(pool, 1, sizeof *zip, trouble);
    if (!zip) return NULL;
    zip->pool = pool;
    zip->all = fovea_bytes_of(bytes, size);
    fill_crc(zip->crc);
    if (!read_directory(zip, &directory, trouble)) return NULL;
    zip->count = (size_t)directory.count;
    zip->members = pool_get(pool, zip->count, sizeof *zip->members, trouble);
    if (!zip->members) return NULL;
    struct fovea_bytes in = fovea_part(&zip->all, directory.at, directory.size);
    for (size_t i = 0; i < zip->count; i++)
        if (!read_central(&in, &zip->members[i])) {
            fail(trouble, "Z-013 archive: entry %zu of its directory is damaged", i);
            return NULL;
        }
    if (fovea_left(&in) != 0) {
        damaged(trouble, "Z-014 its directory does not have the length it says");
        return NULL;
    }
    if (!check_places(zip, &directory, trouble)) return NULL;
    qsort(zip->members, zip->count, sizeof *zip->members, compare_names);
    for (size_t i = 1; i < zip->count; i++)
        if (compare_names(&zip->members[i - 1], &zip->members[i]) == 0) {
            damaged(trouble, "Z-015 two members have the same name");
            return NULL;
        }
    return zip;
}

/* ---- contents ---- */

static uint32_t crc_of(const struct zip *zip, const uint8_t *bytes, size_t size) {
    uint32_t crc = FULL32;
    for (size_t i = 0; i < size; i++) crc = crc >> 8 ^ zip->crc[(crc ^ bytes[i]) & 0xff];
    return crc ^ FULL32;
}

static bool unpack(const struct zip *zip, const char *name, const struct member *member,
                   const uint8_t **contents, struct trouble *trouble) {
    if (member->flags & FLAGS_UNKNOWN)
        return fail(trouble, "Z-016 archive: member %s is encrypted", name);
    *contents = member->data;
    if (member->method == 0) {
        if (member->stored != member->size)
            return fail(trouble, "Z-017 archive: member %s does not have the size it says", name);
        return true;
    }
    if (member->method != 8)
        return fail(trouble,
                    "Z-018 archive: member %s is compressed by method %u; fovea reads stored and "
                    "deflated members",
                    name, member->method);
    if (member->size / INFLATE_RATIO_MAX > member->stored)
        return fail(trouble, "Z-019 archive: member %s says it is larger than it can be", name);
    /* The directory stands behind every member, so there is always something to look ahead at. */
    FOVEA_ASSERT(fovea_in_range((uint64_t)(member->data - zip->all.start),
                                member->stored + INFLATE_AHEAD, zip->all.size));
    if (!pool_spend(zip->pool, member->size / INFLATE_STEP, trouble)) return false;
    uint8_t *out = pool_get(zip->pool, member->size, 1, trouble);
    if (!out) return false;
    *contents = out;
    if (!inflate_raw(member->data, (size_t)member->stored, out, (size_t)member->size))
        return fail(trouble, "Z-021 archive: the compressed data of member %s are damaged", name);
    return true;
}

bool zip_read(const struct zip *zip, const char *name, const uint8_t **contents, size_t *size,
              bool *found, struct trouble *trouble) {
    const struct member wanted = {.name = name, .name_length = strlen(name)};
    const struct member *member =
        bsearch(&wanted, zip->members, zip->count, sizeof wanted, compare_names);
    *found = member != NULL;
    if (!member) return true;
    if (!unpack(zip, name, member, contents, trouble)) return false;
    *size = (size_t)member->size;
    if (crc_of(zip, *contents, *size) != member->crc)
        return fail(trouble,
                    "Z-022 archive: the checksum of member %s is wrong: the file is damaged", name);
    return true;
}
