/* B-trees: walked from end to end, never searched, so that no comparison has to be trusted.
 *
 * Version 1 (specification III.A.1), nodes:
 *   "TREE", type 1, level 1, entries 2, siblings 2 O, then per entry: key, child O; and a last key
 * Version 2 (III.A.2):
 *   header: "BTHD", version 1, type 1, node size 4, record size 2, depth 2, split 1, merge 1, root O,
 *   records of the root 2, of the tree L, checksum 4
 *   internal node: "BTIN", version 1, type 1, records, then per child, one more than records: address O,
 *   its records, [if it is no leaf: records below it]; checksum 4. Both counts are as long as the
 *   largest possible count needs.
 *   leaf: "BTLF", version 1, type 1, records, checksum 4
 *
 * A path from the root is kept instead of recursion. Each level is one below its parent's, so that the
 * walk ends; nodes that several parents share are paid for each time. */
#include "convert/files/hdf5_internal.h"

struct node_1 {
    struct fovea_bytes rest; /* entries not visited yet */
    unsigned left, level;
};

static bool open_node_1(const struct hdf5 *file, uint64_t address, unsigned type,
                        uint64_t key_bytes, struct node_1 *node, struct trouble *trouble) {
    static const char what[] = "B-tree";
    uint64_t prefix = 8 + 2 * file->offset_bytes;
    struct fovea_bytes b = hdf5_block(file, address, prefix, what, trouble);
    if (b.failed) return false;
    if (!fovea_match(&b, "TREE", 4) || fovea_read8(&b) != type)
        return hdf5_fail(file, address, trouble, "H-045 no B-tree of type %u", type);
    node->level = fovea_read8(&b);
    node->left = fovea_read16(&b);
    uint64_t entries = fovea_product(node->left, key_bytes + file->offset_bytes);
    node->rest = hdf5_block(file, address, fovea_sum(prefix, entries), what, trouble);
    fovea_skip(&node->rest, prefix);
    return !node->rest.failed;
}

bool hdf5_visit_btree_1(const struct hdf5 *file, uint64_t address, unsigned type,
                        uint64_t key_bytes, hdf5_visit *visit, void *context,
                        struct trouble *trouble) {
    struct node_1 path[HDF5_LEVEL_MAX];
    size_t depth = 1;
    if (!open_node_1(file, address, type, key_bytes, &path[0], trouble)) return false;
    if (path[0].level >= HDF5_LEVEL_MAX)
        return hdf5_fail(file, address, trouble, "H-046 the B-tree has more than 64 levels");
    while (depth > 0) {
        struct node_1 *node = &path[depth - 1];
        if (node->left == 0) {
            depth--;
            continue;
        }
        node->left--;
        struct fovea_bytes record = fovea_take_part(&node->rest, key_bytes + file->offset_bytes);
        if (node->level == 0) {
            if (!visit(context, record)) return false;
            continue;
        }
        fovea_skip(&record, key_bytes);
        uint64_t child = hdf5_read_offset(file, &record);
        if (!open_node_1(file, child, type, key_bytes, &path[depth], trouble)) return false;
        if (path[depth].level + 1 != node->level)
            return hdf5_fail(file, child, trouble, "H-047 the levels of the B-tree are mixed up");
        depth++;
    }
    return true;
}

/* ---- version 2 ---- */

#define NODE_OVERHEAD 10 /* signature, version, type, checksum */

struct tree {
    unsigned type, record_bytes, depth;
    unsigned count_bytes;                 /* of the records of a child */
    unsigned total_bytes[HDF5_LEVEL_MAX]; /* of the records below a child, by its level */
};

struct node_2 {
    struct fovea_bytes records, children;
    uint64_t records_left, children_left;
};

static unsigned pointer_bytes(const struct hdf5 *file, const struct tree *tree, unsigned level) {
    return file->offset_bytes + tree->count_bytes + (level > 1 ? tree->total_bytes[level - 1] : 0);
}

/* The sizes of the counts follow from how many records nodes of each level can hold. */
static bool size_counts(const struct hdf5 *file, struct tree *tree, uint64_t node_bytes) {
    if (node_bytes <= NODE_OVERHEAD || tree->record_bytes == 0) return false;
    uint64_t below = (node_bytes - NODE_OVERHEAD) / tree->record_bytes; /* records in a leaf */
    tree->count_bytes = hdf5_bytes_for(below);
    for (unsigned level = 1; level <= tree->depth; level++) {
        uint64_t pointer = pointer_bytes(file, tree, level);
        if (node_bytes < NODE_OVERHEAD + pointer) return false;
        uint64_t records = (node_bytes - NODE_OVERHEAD - pointer) / (tree->record_bytes + pointer);
        below = fovea_sum(fovea_product(records + 1, below), records);
        tree->total_bytes[level] = hdf5_bytes_for(below);
    }
    return below != FOVEA_TOO_LARGE;
}

static bool open_node_2(const struct hdf5 *file, const struct tree *tree, uint64_t address,
                        uint64_t count, unsigned level, struct node_2 *node,
                        struct trouble *trouble) {
    const uint64_t children = level ? fovea_sum(count, 1) : 0;
    const uint64_t record_bytes = fovea_product(count, tree->record_bytes);
    const uint64_t child_bytes = fovea_product(children, pointer_bytes(file, tree, level));
    const uint64_t bytes = fovea_sum(fovea_sum(record_bytes, child_bytes), NODE_OVERHEAD);
    struct fovea_bytes b =
        hdf5_checked_block(file, address, bytes, level ? "BTIN" : "BTLF", "B-tree node", trouble);
    if (b.failed) return false;
    unsigned version = fovea_read8(&b), type = fovea_read8(&b);
    if (version != 0 || type != tree->type)
        return hdf5_fail(file, address, trouble, "H-049 a B-tree node of version %u, type %u",
                         version, type);
    node->records_left = count;
    node->records = fovea_take_part(&b, record_bytes);
    node->children_left = children;
    node->children = fovea_take_part(&b, child_bytes);
    return true;
}

static bool walk_2(const struct hdf5 *file, const struct tree *tree, struct node_2 *path,
                   hdf5_visit *visit, void *context, struct trouble *trouble) {
    for (unsigned depth = 1; depth > 0;) {
        struct node_2 *node = &path[depth - 1];
        unsigned level = tree->depth - (depth - 1);
        for (; node->records_left > 0; node->records_left--)
            if (!visit(context, fovea_take_part(&node->records, tree->record_bytes))) return false;
        if (node->children_left == 0) {
            depth--;
            continue;
        }
        node->children_left--;
        struct fovea_bytes pointer =
            fovea_take_part(&node->children, pointer_bytes(file, tree, level));
        uint64_t child = hdf5_read_offset(file, &pointer);
        uint64_t count = fovea_read(&pointer, tree->count_bytes);
        if (!open_node_2(file, tree, child, count, level - 1, &path[depth++], trouble))
            return false;
    }
    return true;
}

bool hdf5_visit_btree_2(const struct hdf5 *file, uint64_t address, unsigned type, hdf5_visit *visit,
                        void *context, struct trouble *trouble) {
    struct tree tree = {.type = type};
    struct node_2 path[HDF5_LEVEL_MAX];
    uint64_t length = 22 + file->offset_bytes + file->length_bytes;
    struct fovea_bytes b =
        hdf5_checked_block(file, address, length, "BTHD", "B-tree header", trouble);
    if (b.failed) return false;
    unsigned version = fovea_read8(&b), stored = fovea_read8(&b);
    uint64_t node_bytes = fovea_read32(&b);
    tree.record_bytes = fovea_read16(&b);
    tree.depth = fovea_read16(&b);
    fovea_skip(&b, 2);
    uint64_t root = hdf5_read_offset(file, &b), count = fovea_read16(&b);
    if (version != 0 || stored != type || tree.depth >= HDF5_LEVEL_MAX ||
        !size_counts(file, &tree, node_bytes))
        return hdf5_fail(file, address, trouble, "H-050 a B-tree of version %u, type %u, depth %u",
                         version, stored, tree.depth);
    if (root == HDF5_UNDEFINED) return true;
    return open_node_2(file, &tree, root, count, tree.depth, &path[0], trouble) &&
           walk_2(file, &tree, path, visit, context, trouble);
}
