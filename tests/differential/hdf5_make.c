#include "tests/differential/hdf5_make.h"

#include "tests/fuzz/fuzz.h"

#include <hdf5.h>

#define RANK_MOST     10
#define ELEMENTS_MOST 6000u

struct make {
    uint32_t state;
    hid_t file;
    struct made *made;
    const char *path;
    unsigned names;
};

static uint32_t below(struct make *m, size_t limit) {
    return fuzz_below(&m->state, limit);
}
static bool chance(struct make *m, unsigned times) { /* one in so many */
    return below(m, times) == 0;
}

/* ---- types ---- */

static hid_t half(void) {
    hid_t type = H5Tcopy(H5T_IEEE_F32LE);
    H5Tset_fields(type, 15, 10, 5, 0, 10);
    H5Tset_size(type, 2);
    H5Tset_ebias(type, 15);
    return type;
}

/* A type that is none of those that hold weights or text. */
static hid_t odd_type(struct make *m) {
    const hsize_t dims[] = {2, 3};
    hid_t type;
    int value = 7;
    switch (below(m, 9)) {
    case 0:
        type = H5Tcreate(H5T_COMPOUND, 12);
        H5Tinsert(type, "a", 0, H5T_STD_I32LE);
        H5Tinsert(type, "b", 4, H5T_IEEE_F64BE);
        return type;
    case 1:
        type = H5Tenum_create(H5T_STD_I32LE);
        H5Tenum_insert(type, "seven", &value);
        return type;
    case 2: return H5Tarray_create2(H5T_IEEE_F32LE, 2, dims);
    case 3:
        type = H5Tcreate(H5T_OPAQUE, 5);
        H5Tset_tag(type, "five bytes");
        return type;
    case 4: return H5Tcopy(H5T_STD_B16LE);
    case 5: return H5Tcopy(H5T_STD_REF_OBJ);
    case 6: return H5Tvlen_create(H5T_STD_I16LE);
    case 7:
        type = H5Tcopy(H5T_STD_I16LE);
        H5Tset_precision(type, 12);
        return type;
    default: return H5Tcopy(H5T_NATIVE_LDOUBLE);
    }
}

static hid_t make_type(struct make *m) {
    const hid_t plain[] = {H5T_IEEE_F32LE, H5T_IEEE_F32BE, H5T_IEEE_F64LE, H5T_IEEE_F64BE,
                           H5T_STD_I8LE,   H5T_STD_I16BE,  H5T_STD_I32LE,  H5T_STD_I64BE,
                           H5T_STD_U8BE,   H5T_STD_U16LE,  H5T_STD_U32BE,  H5T_STD_U64LE,
                           H5T_STD_I64LE,  H5T_STD_I32BE};
    static const H5T_str_t pads[] = {H5T_STR_NULLTERM, H5T_STR_NULLPAD, H5T_STR_SPACEPAD};
    hid_t type;
    uint32_t kind = below(m, 24);
    if (kind < 14) return H5Tcopy(plain[kind]);
    if (kind < 17) {
        type = half();
        if (chance(m, 3)) H5Tset_order(type, H5T_ORDER_BE);
    } else if (kind < 23) {
        type = H5Tcopy(H5T_C_S1);
        H5Tset_size(type, kind < 20 ? H5T_VARIABLE : 1 + below(m, 40));
        H5Tset_strpad(type, pads[below(m, 3)]);
        if (chance(m, 2)) H5Tset_cset(type, H5T_CSET_UTF8);
    } else {
        type = odd_type(m);
    }
    return type;
}

/* ---- contents ---- */

struct contents {
    void *bytes;
    char *texts; /* of variable length */
};

/* Random, repeated, or mostly zero, so that chunks compress to all kinds of sizes. */
static struct contents make_contents(struct make *m, hid_t type, size_t count) {
    size_t size = H5Tget_size(type), bytes = count * size;
    struct contents c = {calloc(bytes + 1, 1), NULL};
    uint8_t *at = c.bytes;
    const uint32_t manner = below(m, 4);
    FUZZ_MUST(c.bytes, "no memory");
    if (H5Tis_variable_str(type) > 0) {
        char **pointers = c.bytes;
        c.texts = calloc(count + 1, 64);
        FUZZ_MUST(c.texts, "no memory");
        for (size_t i = 0; i < count; i++) {
            char *text = c.texts + 64 * i;
            for (uint32_t length = below(m, 60); length > 0; length--)
                text[length - 1] = (char)('a' + below(m, 26));
            pointers[i] = chance(m, 9) ? NULL : text;
        }
    } else if (H5Tget_class(type) != H5T_VLEN && H5Tget_class(type) != H5T_REFERENCE) {
        for (size_t i = 0; i < bytes; i++) {
            if (manner == 3 || (manner == 2 && !chance(m, 16))) continue;
            at[i] = (uint8_t)(manner == 1 ? i / 3 : below(m, 256));
        }
    }
    return c;
}
static void contents_free(struct contents *c) {
    free(c->bytes);
    free(c->texts);
}

/* ---- spaces ---- */

struct box {
    int rank;
    hsize_t dims[RANK_MOST], maxima[RANK_MOST];
    bool scalar, null, grows;
};

static void make_box(struct make *m, struct box *box, uint32_t most) {
    *box = (struct box){.rank = 0};
    box->scalar = chance(m, 10);
    box->null = !box->scalar && chance(m, 20);
    if (box->scalar || box->null) return;
    box->rank = 1 + (int)below(m, chance(m, 30) ? RANK_MOST : 4);
    box->grows = chance(m, 3);
    uint32_t left = most;
    for (int i = 0; i < box->rank; i++) {
        uint32_t dim = 1 + below(m, box->rank == 1 ? left : left < 40 ? left : 40);
        if (chance(m, 60)) dim = 0;
        box->dims[i] = dim;
        left /= dim ? dim : 1;
        box->maxima[i] = dim;
        if (box->grows) box->maxima[i] = chance(m, 2) ? H5S_UNLIMITED : dim + below(m, 30);
    }
}
static hid_t make_space(const struct box *box, bool limited) {
    if (box->scalar) return H5Screate(H5S_SCALAR);
    if (box->null) return H5Screate(H5S_NULL);
    return H5Screate_simple(box->rank, box->dims, limited ? box->maxima : NULL);
}
static size_t box_count(const struct box *box) {
    size_t count = box->null ? 0 : 1;
    for (int i = 0; i < box->rank; i++) count *= (size_t)box->dims[i];
    return count;
}

/* ---- names and attributes ---- */

static void make_name(struct make *m, char name[400]) {
    int length = snprintf(name, 400, "%s%u", chance(m, 4) ? "n\xc3\xa4me:" : "x", m->names++);
    if (!chance(m, 12)) return;
    for (uint32_t more = below(m, 300); more > 0; more--)
        name[length++] = (char)('a' + below(m, 26));
    name[length] = '\0';
}

/* A type of the file's own, to be shared, in some cases. */
static void commit(struct make *m, hid_t type) {
    char name[400];
    if (!chance(m, 25)) return;
    make_name(m, name);
    H5Tcommit2(m->file, name, type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
}

static void make_attribute(struct make *m, hid_t object) {
    char name[400];
    struct box box;
    make_box(m, &box, chance(m, 40) ? 40000 : 300);
    hid_t type = make_type(m), space = make_space(&box, chance(m, 4));
    make_name(m, name);
    commit(m, type);
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute >= 0) { /* else: larger than a header of this version holds */
        struct contents c = make_contents(m, type, box_count(&box));
        if (!chance(m, 20)) H5Awrite(attribute, type, c.bytes);
        m->made->objects++;
        contents_free(&c);
        H5Aclose(attribute);
        if (chance(m, 15)) H5Adelete(object, name);
        if (chance(m, 15)) H5Arename(object, name, "another name");
    }
    H5Tclose(type);
    H5Sclose(space);
}
static void make_attributes(struct make *m, hid_t object) {
    for (uint32_t n = chance(m, 6) ? 6 + below(m, 30) : below(m, 5); n > 0; n--)
        make_attribute(m, object);
    if (chance(m, 20)) H5Oset_comment(object, "a comment");
}

/* ---- datasets ---- */

/* Those of the library that change sizes by themselves stand alone: behind others they crash it. */
static void add_filters(struct make *m, hid_t list) {
    static const unsigned plugin[] = {1, 2, 3};
    const uint32_t alone = below(m, 60);
    if (alone == 0) H5Pset_nbit(list);
    if (alone == 1) H5Pset_scaleoffset(list, H5Z_SO_INT, H5Z_SO_INT_MINBITS_DEFAULT);
    if (alone == 2) H5Pset_filter(list, 300, H5Z_FLAG_OPTIONAL, 3, plugin);
    const bool twice = chance(m, 30);
    unsigned used = 0;
    for (uint32_t n = alone < 2 ? 0 : below(m, 4); n > 0; n--) {
        const uint32_t filter = below(m, 3);
        if (used >> filter & 1 && !twice) continue;
        used |= 1u << filter;
        if (filter == 0) H5Pset_deflate(list, below(m, 10));
        if (filter == 1) H5Pset_shuffle(list);
        if (filter == 2) H5Pset_fletcher32(list);
    }
}

static void set_chunks(struct make *m, hid_t list, const struct box *box, hsize_t chunk[RANK_MOST],
                       size_t most) {
    size_t chunks = 1;
    for (int i = 0; i < box->rank; i++) {
        hsize_t dim = box->dims[i] ? box->dims[i] : 1;
        chunk[i] = 1 + below(m, (size_t)dim);
        if (box->maxima[i] == H5S_UNLIMITED && chance(m, 5)) chunk[i] = dim + below(m, 9);
    }
    for (int i = 0;; i = (i + 1) % box->rank) { /* not more of them than `most` */
        chunks = 1;
        for (int d = 0; d < box->rank; d++)
            chunks *= (size_t)((box->dims[d] + chunk[d] - 1) / chunk[d]);
        if (chunks <= most) break;
        if (2 * chunk[i] <= box->dims[i])
            chunk[i] *= 2;
        else if (box->dims[i])
            chunk[i] = box->dims[i];
    }
    H5Pset_chunk(list, box->rank, chunk);
    add_filters(m, list);
    if (chance(m, 4)) H5Pset_chunk_opts(list, H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS);
    if (chance(m, 3)) H5Pset_alloc_time(list, H5D_ALLOC_TIME_EARLY);
}

/* Chunk 0 as the program that writes it has it: none of its filters applied, or shuffle alone. */
static void write_raw_chunk(struct make *m, hid_t set, hid_t list, hid_t type,
                            const struct box *box, const hsize_t *chunk) {
    const hsize_t zero[RANK_MOST] = {0};
    size_t size = H5Tget_size(type), count = 1;
    unsigned flags, config;
    size_t values = 0;
    int filters = H5Pget_nfilters(list), shuffle = -1;
    for (int i = 0; i < box->rank; i++) count *= (size_t)chunk[i];
    if (filters < 1 || box_count(box) == 0 || count * size > 100000 ||
        H5Tis_variable_str(type) != 0 || H5Tget_class(type) == H5T_VLEN)
        return;
    for (int i = 0; i < filters; i++, values = 0)
        if (H5Pget_filter2(list, (unsigned)i, &flags, &values, NULL, 0, NULL, &config) ==
            H5Z_FILTER_SHUFFLE)
            shuffle = i;
    uint32_t mask = (1u << filters) - 1;
    struct contents c = make_contents(m, type, count);
    uint8_t *plain = c.bytes, *stored = malloc(count * size);
    FUZZ_MUST(stored, "no memory");
    memcpy(stored, plain, count * size);
    if (shuffle >= 0 && size > 1 && chance(m, 2)) {
        mask &= ~(1u << shuffle);
        for (size_t i = 0; i < count * size; i++) stored[i % size * count + i / size] = plain[i];
    }
    H5Dwrite_chunk(set, H5P_DEFAULT, mask, zero, count * size, stored);
    free(stored);
    contents_free(&c);
}

static void write_part(struct make *m, hid_t set, hid_t type, const struct box *box,
                       const void *bytes) {
    hsize_t start[RANK_MOST] = {0}, count[RANK_MOST];
    for (int i = 0; i < box->rank; i++) {
        start[i] = below(m, (size_t)box->dims[i]);
        count[i] = 1 + below(m, (size_t)(box->dims[i] - start[i]));
    }
    hid_t space = H5Dget_space(set), memory = H5Screate_simple(box->rank, count, NULL);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
    H5Dwrite(set, type, memory, space, H5P_DEFAULT, bytes);
    H5Sclose(memory);
    H5Sclose(space);
}

/* Larger or smaller; the library crashes where chunks that are not filtered at the edges become fewer. */
static void resize(struct make *m, hid_t set, hid_t list, const struct box *box) {
    hsize_t dims[RANK_MOST];
    unsigned options = 0;
    H5Pget_chunk_opts(list, &options);
    for (int i = 0; i < box->rank; i++) {
        dims[i] =
            chance(m, 2) ? 1 + below(m, (size_t)box->dims[i] + 1) : box->dims[i] + below(m, 8);
        if (dims[i] > box->maxima[i]) dims[i] = box->maxima[i];
    }
    H5Dset_extent(set, dims);
}

static void fill(struct make *m, hid_t set, hid_t list, hid_t type, const struct box *box,
                 const hsize_t *chunk) {
    struct contents c = make_contents(m, type, box_count(box));
    const bool chunked = H5Pget_layout(list) == H5D_CHUNKED;
    if (box->rank > 0 && box_count(box) > 0 && chance(m, 12))
        write_part(m, set, type, box, c.bytes);
    else if (!chance(m, 15))
        H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, c.bytes);
    if (chunked && chance(m, 4)) write_raw_chunk(m, set, list, type, box, chunk);
    if (chunked && box->grows && chance(m, 4)) resize(m, set, list, box);
    contents_free(&c);
}

static void make_dataset(struct make *m, hid_t group) {
    char name[400];
    struct box box;
    hsize_t chunk[RANK_MOST] = {1};
    const bool many =
        chance(m, 12); /* chunks: enough for arrays with pages, and trees with levels */
    make_box(m, &box, many ? 4 * ELEMENTS_MOST : ELEMENTS_MOST);
    hid_t type = make_type(m), list = H5Pcreate(H5P_DATASET_CREATE);
    const uint32_t layout = below(m, 8);
    const bool chunked = box.rank > 0 && (layout > 2 || box.grows);
    if (chunked) set_chunks(m, list, &box, chunk, many ? 4000 : 60);
    if (!chunked && layout == 0 && box_count(&box) > 0) {
        H5Pset_layout(list, H5D_COMPACT);
        H5Pset_alloc_time(list, H5D_ALLOC_TIME_EARLY);
    }
    if (!chunked && layout != 0 && box.rank > 0 && chance(m, 25)) {
        snprintf(name, sizeof name, "%.390s.raw", m->path);
        H5Pset_external(list, name, 0, H5F_UNLIMITED);
    }
    if (chance(m, 4)) H5Pset_obj_track_times(list, false);
    if (chunked && chance(m, 4)) H5Pset_fill_time(list, H5D_FILL_TIME_NEVER);
    if (chance(m, 4)) H5Pset_attr_phase_change(list, 2, 1);
    if (chance(m, 6))
        H5Pset_attr_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    if (chance(m, 5)) {
        const int value = -3;
        H5Pset_fill_value(list, H5T_NATIVE_INT, &value);
    }
    hid_t space = make_space(&box, chunked && box.grows);
    make_name(m, name);
    commit(m, type);
    hid_t set = H5Dcreate2(group, name, type, space, H5P_DEFAULT, list, H5P_DEFAULT);
    if (set >= 0) {
        m->made->objects++;
        fill(m, set, list, type, &box, chunk);
        make_attributes(m, set);
        H5Dclose(set);
    }
    H5Sclose(space);
    H5Pclose(list);
    H5Tclose(type);
}

/* ---- groups ---- */

static hid_t make_group(struct make *m, hid_t parent) {
    char name[400];
    hid_t list = H5Pcreate(H5P_GROUP_CREATE);
    if (chance(m, 3)) H5Pset_link_phase_change(list, 3, 2);
    if (chance(m, 5))
        H5Pset_link_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    if (chance(m, 5)) H5Pset_attr_phase_change(list, 0, 0);
    make_name(m, name);
    hid_t group = H5Gcreate2(parent, name, H5P_DEFAULT, list, H5P_DEFAULT);
    H5Pclose(list);
    FUZZ_MUST(group >= 0, "a group that cannot be made");
    m->made->objects++;
    return group;
}

static void make_links(struct make *m, hid_t group) {
    char name[400];
    make_name(m, name);
    if (chance(m, 5)) H5Lcreate_soft("/nowhere", group, name, H5P_DEFAULT, H5P_DEFAULT);
    make_name(m, name);
    if (chance(m, 9)) H5Lcreate_external("other.h5", "/x", group, name, H5P_DEFAULT, H5P_DEFAULT);
    make_name(m, name);
    if (chance(m, 6)) H5Lcreate_hard(m->file, ".", group, name, H5P_DEFAULT, H5P_DEFAULT);
}

static void fill_group(struct make *m, hid_t group, unsigned depth) {
    uint32_t sets = chance(m, 8) ? 8 + below(m, 30) : below(m, 4);
    for (; sets > 0; sets--) make_dataset(m, group);
    make_attributes(m, group);
    for (uint32_t groups = depth < 4 ? below(m, 3) : 0; groups > 0; groups--) {
        hid_t child = make_group(m, group);
        fill_group(m, child, depth + 1);
        H5Gclose(child);
    }
    for (uint32_t empty = chance(m, 12) ? 40 + below(m, 80) : 0; empty > 0; empty--)
        H5Gclose(make_group(m, group));
    make_links(m, group);
    if (chance(m, 8)) H5Ldelete_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, 0, H5P_DEFAULT);
}

/* ---- the file ---- */

static void choose_file(struct make *m, hid_t creation, hid_t access) {
    static const H5F_libver_t low[] = {H5F_LIBVER_EARLIEST, H5F_LIBVER_EARLIEST, H5F_LIBVER_V18,
                                       H5F_LIBVER_V110, H5F_LIBVER_LATEST};
    H5Pset_fapl_core(access, 1 << 20, true); /* written when it is closed, in one piece */
    H5Pset_libver_bounds(access, low[below(m, 5)], H5F_LIBVER_LATEST);
    if (chance(m, 4)) H5Pset_userblock(creation, (hsize_t)512 << below(m, 4));
    if (chance(m, 5)) H5Pset_sizes(creation, chance(m, 2) ? 4 : 8, chance(m, 2) ? 4 : 8);
    if (chance(m, 5)) H5Pset_sym_k(creation, 2, 2);
    if (chance(m, 5)) H5Pset_istore_k(creation, 2);
    if (chance(m, 5)) H5Pset_link_phase_change(creation, 2, 1);
    if (chance(m, 8))
        H5Pset_file_space_strategy(creation, (H5F_fspace_strategy_t)below(m, 4), true, 1);
    if (chance(m, 5)) H5Pset_alignment(access, 1, (hsize_t)1 << below(m, 8));
    if (chance(m, 5)) H5Pset_meta_block_size(access, 128);
    if (chance(m, 15)) {
        m->made->shared_messages = true;
        H5Pset_shared_mesg_nindexes(creation, 1);
        H5Pset_shared_mesg_index(creation, 0, H5O_SHMESG_ALL_FLAG, 20);
    }
}

bool hdf5_make(const char *path, uint32_t seed, struct made *made) {
    struct make m = {.state = seed * 2654435761u + 1, .made = made, .path = path};
    hid_t creation = H5Pcreate(H5P_FILE_CREATE), access = H5Pcreate(H5P_FILE_ACCESS);
    *made = (struct made){0};
    choose_file(&m, creation, access);
    m.file = H5Fcreate(path, H5F_ACC_TRUNC, creation, access);
    if (m.file >= 0) {
        hid_t root = H5Gopen2(m.file, "/", H5P_DEFAULT);
        fill_group(&m, root, 0);
        H5Gclose(root);
    }
    H5Pclose(creation);
    H5Pclose(access);
    return m.file >= 0 && H5Fclose(m.file) >= 0;
}
