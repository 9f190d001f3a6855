/* Groups: the links from names to object headers.
 *
 * Old style, a symbol table (specification III.A to III.D):
 *   message: B-tree O, local heap O
 *   B-tree, see hdf5_btree.c: type 0, key L, symbol table nodes below the leaves
 *   symbol table node: "SNOD", version 1, reserved 1, symbols 2, then per symbol: offset of its name
 *   in the heap L, object header O, cache type 4 (2: soft link), reserved 4, scratch 16
 *   local heap: "HEAP", version 1, reserved 3, size of its data L, free list L, data O
 * New style: link messages (IV.A.2.g), in the header or in dense storage:
 *   version 1, flags 1, [bit 3: type 1], [bit 2: creation order 8], [bit 4: character set 1], length of
 *   the name 1, 2, 4 or 8 by bits 0 and 1, name, then for a hard link: object header O */
#include "convert/files/hdf5_internal.h"

#include <string.h>

struct listing {
    const struct hdf5 *file;
    struct trouble *trouble;
    struct hdf5_link *links;
    size_t count, capacity;
    struct fovea_bytes names; /* data of the local heap */
};

/* A name of `length` bytes, with or without NUL behind it. */
static bool add_link(struct listing *list, const char *name, size_t length, uint64_t header,
                     uint64_t at) {
    const struct hdf5 *file = list->file;
    if (length == 0 || length > limit_of(file->pool, HDF5_NAME_MAX) || memchr(name, '/', length) ||
        memchr(name, '\0', length))
        return hdf5_fail(file, at, list->trouble, "H-034 the name of a link is unusable");
    if (!hdf5_spend(file, length + sizeof *list->links, list->trouble)) return false;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 16;
        struct hdf5_link *more = pool_get(file->pool, capacity, sizeof *more, list->trouble);
        if (!more) return false;
        if (list->count) memcpy(more, list->links, list->count * sizeof *more);
        list->links = more;
        list->capacity = capacity;
    }
    struct hdf5_link *link = &list->links[list->count++];
    link->header = header;
    link->name = pool_text(file->pool, name, length, list->trouble);
    return link->name != NULL;
}

/* ---- symbol tables ---- */

static bool read_symbol(struct listing *list, struct fovea_bytes *b) {
    const struct hdf5 *file = list->file;
    uint64_t at = hdf5_address(file, b), length = list->names.size;
    uint64_t name = hdf5_read_length(file, b); /* an O in the specification, an L in files */
    uint64_t header = hdf5_read_offset(file, b);
    uint32_t cached = fovea_read32(b);
    fovea_skip(b, 20);
    struct fovea_bytes text = fovea_part(&list->names, name, name < length ? length - name : 0);
    size_t bytes;
    const char *start = fovea_take_text(&text, (size_t)limit_of(file->pool, HDF5_NAME_MAX), &bytes);
    if (!start)
        return hdf5_fail(file, at, list->trouble, "H-035 the name of a link is outside its heap");
    return add_link(list, start, bytes, cached == 2 ? HDF5_SOFT : header, at);
}

static bool read_symbols(struct listing *list, uint64_t address) {
    const struct hdf5 *file = list->file;
    struct fovea_bytes b = hdf5_block(file, address, 8, "symbol table node", list->trouble);
    if (b.failed) return false;
    if (!fovea_match(&b, "SNOD", 4) || fovea_read8(&b) != 1)
        return hdf5_fail(file, address, list->trouble, "H-036 no symbol table node");
    fovea_skip(&b, 1);
    unsigned count = fovea_read16(&b);
    uint64_t entry = file->length_bytes + file->offset_bytes + 24;
    b = hdf5_block(file, address, 8 + count * entry, "symbol table node", list->trouble);
    fovea_skip(&b, 8);
    if (b.failed) return false;
    for (unsigned i = 0; i < count; i++)
        if (!read_symbol(list, &b)) return false;
    return true;
}

/* A leaf of the B-tree: key L and the address of a symbol table node. */
static bool read_leaf(void *context, struct fovea_bytes record) {
    struct listing *list = context;
    fovea_skip(&record, list->file->length_bytes);
    return read_symbols(list, hdf5_read_offset(list->file, &record));
}

static bool open_local_heap(struct listing *list, uint64_t address) {
    const struct hdf5 *file = list->file;
    struct fovea_bytes b =
        hdf5_block(file, address, 8 + 2 * file->length_bytes + file->offset_bytes, "local heap",
                   list->trouble);
    if (b.failed) return false;
    if (!fovea_match(&b, "HEAP", 4) || fovea_read8(&b) != 0)
        return hdf5_fail(file, address, list->trouble, "H-037 no local heap");
    fovea_skip(&b, 3);
    uint64_t size = hdf5_read_length(file, &b);
    fovea_skip(&b, file->length_bytes); /* the free list is of no use to a reader */
    list->names = hdf5_block(file, hdf5_read_offset(file, &b), size, "local heap", list->trouble);
    return !list->names.failed;
}

static bool read_symbol_table(struct listing *list, struct fovea_bytes body) {
    uint64_t at = hdf5_address(list->file, &body);
    uint64_t tree = hdf5_read_offset(list->file, &body);
    uint64_t heap = hdf5_read_offset(list->file, &body);
    if (body.failed)
        return hdf5_fail(list->file, at, list->trouble,
                         "H-038 the symbol table message is too short");
    return open_local_heap(list, heap) &&
           hdf5_visit_btree_1(list->file, tree, 0, list->file->length_bytes, read_leaf, list,
                              list->trouble);
}

/* ---- link messages ---- */

static bool read_link(struct listing *list, const struct hdf5_message *message) {
    const struct hdf5 *file = list->file;
    struct fovea_bytes b = message->body;
    uint64_t at = hdf5_address(file, &b), header;
    unsigned version = fovea_read8(&b), flags = fovea_read8(&b);
    if (version != 1 || message->flags & HDF5_SHARED)
        return hdf5_fail(file, at, list->trouble, "H-039 a link message that is not supported");
    unsigned type = flags & 0x08 ? fovea_read8(&b) : 0;
    fovea_skip(&b, flags & 0x04 ? 8 : 0);
    fovea_skip(&b, flags & 0x10 ? 1 : 0);
    uint64_t length = fovea_read(&b, 1u << (flags & 3));
    const uint8_t *name = fovea_take(&b, length);
    if (type == 0)
        header = hdf5_read_offset(file, &b);
    else
        header = type == 1 ? HDF5_SOFT : type == 64 ? HDF5_EXTERNAL : HDF5_USER;
    if (b.failed) return hdf5_fail(file, at, list->trouble, "H-040 a link message is too short");
    return add_link(list, (const char *)name, (size_t)length, header, at);
}

/* ---- the sorted list ---- */

static void sift_down(struct hdf5_link *links, size_t root, size_t count) {
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && strcmp(links[child].name, links[child + 1].name) < 0) child++;
        if (strcmp(links[root].name, links[child].name) >= 0) return;
        struct hdf5_link link = links[root];
        links[root] = links[child];
        links[child] = link;
    }
}

/* Heap sort: the file chooses the order, and no order may make it slow. */
static void sort_links(struct hdf5_link *links, size_t count) {
    for (size_t i = count / 2; i-- > 0;) sift_down(links, i, count);
    for (size_t i = count; i-- > 1;) {
        struct hdf5_link link = links[0];
        links[0] = links[i];
        links[i] = link;
        sift_down(links, 0, i);
    }
}

bool hdf5_is_group(const struct hdf5_header *header) {
    for (size_t i = 0; i < header->messages.count; i++) {
        unsigned type = header->messages.first[i].type;
        if (type == HDF5_SYMBOL_TABLE || type == HDF5_LINK_INFO) return true;
    }
    return false;
}

/* Link info (IV.A.2.c): version 1, flags 1, [bit 0: creation index 8], fractal heap O, name index O,
 * [bit 1: creation order index O]. In the name index: hash 4, heap identifier. */
static bool read_dense(struct listing *list, struct fovea_bytes body) {
    const struct hdf5 *file = list->file;
    struct hdf5_messages links = {NULL, 0, 0};
    uint64_t at = hdf5_address(file, &body);
    unsigned version = fovea_read8(&body), flags = fovea_read8(&body);
    fovea_skip(&body, flags & 1 ? 8 : 0);
    uint64_t heap = hdf5_read_offset(file, &body), names = hdf5_read_offset(file, &body);
    if (body.failed || version != 0)
        return hdf5_fail(file, at, list->trouble,
                         "H-041 a link info message that is not supported");
    if (heap == HDF5_UNDEFINED) return true;
    if (!hdf5_read_dense(file, heap, names, HDF5_LINK, &links, list->trouble)) return false;
    for (size_t i = 0; i < links.count; i++)
        if (!read_link(list, &links.first[i])) return false;
    return true;
}

static bool read_links(struct listing *list, const struct hdf5_header *header) {
    const struct hdf5_message *message;
    if (!hdf5_message(list->file, header, HDF5_SYMBOL_TABLE, &message, list->trouble)) return false;
    if (message && !read_symbol_table(list, message->body)) return false;
    if (!hdf5_message(list->file, header, HDF5_LINK_INFO, &message, list->trouble)) return false;
    if (message && !read_dense(list, message->body)) return false;
    for (size_t i = 0; i < header->messages.count; i++) {
        message = &header->messages.first[i];
        if (message->type == HDF5_LINK && !read_link(list, message)) return false;
    }
    return true;
}

bool hdf5_load_links(const struct hdf5 *file, struct hdf5_header *header, struct trouble *trouble) {
    struct listing list = {.file = file, .trouble = trouble};
    if (header->listed) return true;
    if (!hdf5_is_group(header))
        return hdf5_fail(file, header->address, trouble, "H-042 the object is not a group");
    if (!read_links(&list, header)) return false;
    sort_links(list.links, list.count);
    for (size_t i = 1; i < list.count; i++)
        if (strcmp(list.links[i - 1].name, list.links[i].name) == 0)
            return hdf5_fail(file, header->address, trouble,
                             "H-043 the group names \"%.100s\" twice", list.links[i].name);
    header->links = list.links;
    header->link_count = list.count;
    header->listed = true;
    return true;
}

static struct hdf5_object *make_children(const struct hdf5 *file, const char *parent,
                                         const struct hdf5_header *header,
                                         struct trouble *trouble) {
    size_t count = header->link_count, prefix = strcmp(parent, "/") == 0 ? 0 : strlen(parent);
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++) bytes += prefix + strlen(header->links[i].name) + 2;
    if (!hdf5_spend(file, bytes, trouble)) return NULL;
    char *text = pool_get(file->pool, bytes, 1, trouble);
    struct hdf5_object *children = pool_get(file->pool, count, sizeof *children, trouble);
    for (size_t i = 0; text && children && i < count; i++) {
        size_t length = strlen(header->links[i].name) + 1;
        children[i].path = text;
        children[i].header = header->links[i].header;
        if (prefix) memcpy(text, parent, prefix);
        text[prefix] = '/';
        memcpy(text + prefix + 1, header->links[i].name, length);
        text += prefix + 1 + length;
    }
    return text ? children : NULL;
}

bool hdf5_list(const struct hdf5 *file, const struct hdf5_object *group,
               const struct hdf5_object **children, size_t *count, struct trouble *trouble) {
    size_t names = 1;
    *children = NULL;
    *count = 0;
    file->state->path = group->path;
    struct hdf5_header *header = hdf5_header(file, group->header, trouble);
    if (!header || !hdf5_load_links(file, header, trouble)) return false;
    for (const char *c = group->path; *c; c++) names += *c == '/' && c[1] != '\0';
    if (names > limit_of(file->pool, HDF5_NESTING_MAX) && header->link_count > 0)
        return hdf5_fail(file, HDF5_UNDEFINED, trouble,
                         "H-044 groups nested deeper than the limit hdf5-nesting allows");
    if (!header->listed_path || strcmp(header->listed_path, group->path) != 0) {
        struct hdf5_object *made = make_children(file, group->path, header, trouble);
        if (!made) return false;
        header->children = made;
        header->listed_path = pool_text(file->pool, group->path, strlen(group->path), trouble);
        if (!header->listed_path) return false;
    }
    *children = header->children;
    *count = header->link_count;
    return true;
}
