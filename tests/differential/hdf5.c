/* Our HDF5 reader against the format's own library, on files of all kinds that the library writes: the same
 * links, names, shapes, types, bytes, numbers and texts, or a refusal that has a reason.
 * usage: hdf5 FOLDER [FILES [FIRST SEED]]; ends with "N passed, N failed". */
#include "tests/differential/hdf5_make.h"

#include "cli/npy.h"
#include "convert/files/hdf5_internal.h"

#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static size_t files, objects, right, refused, unread, failures;
static const char *at_path; /* of what is compared */
static uint32_t seed;

static bool wrong(const char *what) {
    if (failures++ < 20) printf("FAIL seed %u, %s: %s\n", seed, at_path, what);
    return false;
}

/* ---- refusals, counted by their words ---- */

static struct kind {
    char words[80];
    size_t count;
} kinds[100];

static void count_refusal(const struct trouble *trouble) {
    char words[80];
    size_t length = 0, k = 0;
    const char *text = strstr(trouble->text, ": ");
    for (text = text ? text + 2 : trouble->text; *text && length < sizeof words - 1; text++) {
        if (strncmp(text, " at byte", 8) == 0 || *text == '"') break;
        bool digit = *text >= '0' && *text <= '9';
        if (digit && length && words[length - 1] == '#') continue;
        words[length++] = digit ? '#' : *text;
    }
    words[length] = '\0';
    if (strncmp(words, "attribute", 9) == 0 && *text == '"') {
        text = strstr(text, "\": ");
        snprintf(words, sizeof words, "%.*s", (int)strcspn(text ? text + 3 : "", ":0123456789"),
                 text ? text + 3 : "");
    }
    while (k < 99 && kinds[k].count && strcmp(kinds[k].words, words) != 0) k++;
    memcpy(kinds[k].words, words, sizeof words);
    kinds[k].count++;
    refused++;
}

/* ---- what the library says of a value ---- */

struct source {
    hid_t id, type, space;
    bool attribute;
    size_t count;
};

static bool read_as(const struct source *s, hid_t memory, void *to) {
    return (s->attribute ? H5Aread(s->id, memory, to)
                         : H5Dread(s->id, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, to)) >= 0;
}

static bool is_ieee(hid_t type) {
    size_t sign, exponent, exponent_bits, mantissa, mantissa_bits, size = H5Tget_size(type);
    H5Tget_fields(type, &sign, &exponent, &exponent_bits, &mantissa, &mantissa_bits);
    return (size == 2 && exponent_bits == 5) || (size == 4 && exponent_bits == 8) ||
           (size == 8 && exponent_bits == 11);
}

/* Why a type may be refused; NULL where it may not. */
static const char *odd_type(hid_t type) {
    H5T_class_t class = H5Tget_class(type);
    if (H5Tcommitted(type) > 0) return "a type of the file's own";
    if (class == H5T_STRING) return NULL;
    if (class == H5T_INTEGER)
        return H5Tget_precision(type) == 8 * H5Tget_size(type) ? NULL : "few bits";
    return class == H5T_FLOAT && is_ieee(type) ? NULL : "another class";
}

static const char *odd_filters(hid_t list) {
    int filters = H5Pget_nfilters(list), seen = 0;
    for (int i = 0; i < filters; i++) {
        unsigned flags, config;
        size_t values = 0;
        int id = H5Pget_filter2(list, (unsigned)i, &flags, &values, NULL, 0, NULL, &config);
        if (id > 3) return "another filter";
        if (seen >> id & 1) return "a filter twice";
        seen |= 1 << id;
    }
    return NULL;
}

/* Whether some of the data was never written. */
static bool has_holes(hid_t set, hid_t list, hid_t space) {
    hsize_t dims[32], chunk[32], wanted = 1, there = 0;
    int rank = H5Sget_simple_extent_dims(space, dims, NULL);
    if (H5Sget_simple_extent_npoints(space) == 0) return false;
    if (H5Pget_layout(list) != H5D_CHUNKED) return H5Dget_storage_size(set) == 0;
    H5Pget_chunk(list, 32, chunk);
    for (int i = 0; i < rank; i++) wanted *= (dims[i] + chunk[i] - 1) / chunk[i];
    return H5Dget_num_chunks(set, H5S_ALL, &there) < 0 || there != wanted;
}

static const char *odd_dataset(hid_t set, hid_t space) {
    hid_t list = H5Dget_create_plist(set);
    const char *reason = odd_filters(list);
    if (H5Pget_external_count(list) > 0) reason = "data in other files";
    if (has_holes(set, list, space)) reason = "data that was never written";
    H5Pclose(list);
    return reason;
}

static const char *may_refuse(const struct source *s, const struct made *made) {
    const char *reason = odd_type(s->type);
    if (made->shared_messages) return "shared messages";
    if (!reason && H5Sget_simple_extent_ndims(s->space) > 8) reason = "many dimensions";
    return reason || s->attribute ? reason : odd_dataset(s->id, s->space);
}

/* ---- comparing ---- */

static bool same_shape(const struct source *s, const struct hdf5_value *value) {
    hsize_t dims[32];
    int rank = H5Sget_simple_extent_dims(s->space, dims, NULL);
    if (value->count != s->count || value->rank != (uint32_t)rank) return false;
    for (int i = 0; i < rank; i++)
        if (value->dims[i] != dims[i]) return false;
    return true;
}

static bool same_type(const struct source *s, const struct hdf5_value *value) {
    H5T_class_t class = H5Tget_class(s->type);
    if (value->size != H5Tget_size(s->type)) /* a reference is longer than a pointer */
        return value->class == HDF5_STRING && value->variable && H5Tis_variable_str(s->type) > 0;
    if (class == H5T_STRING) return value->class == HDF5_STRING && !value->variable;
    if (value->size > 1 && value->big_endian != (H5Tget_order(s->type) == H5T_ORDER_BE))
        return false;
    if (class == H5T_FLOAT) return value->class == HDF5_FLOAT;
    return value->class == (H5Tget_sign(s->type) == H5T_SGN_2 ? HDF5_SIGNED : HDF5_UNSIGNED);
}

static bool same_texts(const struct hdf5 *file, const struct source *s,
                       const struct hdf5_value *value) {
    const bool variable = H5Tis_variable_str(s->type) > 0;
    size_t size = H5Tget_size(s->type);
    char *all = calloc(s->count + 1, size);
    bool same = all && read_as(s, s->type, all);
    for (size_t i = 0; same && i < s->count; i++) {
        struct trouble trouble = {0};
        size_t length, expected;
        const char *text = variable ? ((char **)(void *)all)[i] : all + i * size;
        const char *ours = hdf5_string(file, value, i, &length, &trouble);
        if (!text) text = "";
        expected = variable ? strlen(text) : strnlen(text, size);
        if (!ours) wrong(trouble.text);
        same = ours && length == expected && memcmp(ours, text, length) == 0;
    }
    if (variable && all) H5Dvlen_reclaim(s->type, s->space, H5P_DEFAULT, all);
    free(all);
    return same || wrong("other texts");
}

static bool same_numbers(const struct source *s, const struct hdf5_value *value) {
    size_t size = H5Tget_size(s->type);
    uint8_t *stored = calloc(s->count + 1, size);
    long double *numbers = calloc(s->count + 1, sizeof *numbers); /* holds all of them exactly */
    float *ours = calloc(s->count + 1, sizeof *ours);
    bool same = stored && numbers && ours && read_as(s, s->type, stored) &&
                read_as(s, H5T_NATIVE_LDOUBLE, numbers);
    if (same && memcmp(stored, value->data, s->count * size) != 0) same = wrong("other bytes");
    if (same) hdf5_floats(value, 0, s->count, ours);
    for (size_t i = 0; same && i < s->count; i++) {
        float expected = (float)numbers[i];
        if (isnan(expected) ? !isnan(ours[i]) : memcmp(&expected, &ours[i], sizeof expected) != 0)
            same = wrong("another number");
    }
    free(stored);
    free(numbers);
    free(ours);
    return same;
}

/* One value; `good` and `trouble` are what our reader said. */
static void compare(const struct hdf5 *file, const struct source *s, const struct made *made,
                    bool good, const struct hdf5_value *value, const struct trouble *trouble) {
    const char *reason = s->space < 0 ? NULL : may_refuse(s, made);
    objects++;
    if (s->space < 0 || s->type < 0) {
        unread++; /* the library itself cannot tell what it is */
    } else if (!good) {
        if (!trouble->set)
            wrong("refused without a word");
        else if (!reason)
            wrong(trouble->text);
        else
            count_refusal(trouble);
    } else if (!same_shape(s, value)) {
        wrong("another shape");
    } else if (!same_type(s, value)) {
        wrong("another type");
    } else if (value->class == HDF5_STRING ? same_texts(file, s, value) : same_numbers(s, value)) {
        right++;
    }
}

/* ---- walking ---- */

struct walk {
    const struct hdf5 *file; /* ours */
    const struct made *made;
    const struct hdf5_object *object;
    size_t seen;
};

static herr_t visit_attribute(hid_t object, const char *name, const H5A_info_t *info,
                              void *context) {
    struct walk *walk = context;
    struct hdf5_value value;
    struct trouble trouble = {0};
    struct source s = {.id = H5Aopen(object, name, H5P_DEFAULT), .attribute = true};
    bool found;
    (void)info;
    s.type = H5Aget_type(s.id);
    s.space = H5Aget_space(s.id);
    s.count = (size_t)H5Sget_simple_extent_npoints(s.space);
    bool good = hdf5_attribute(walk->file, walk->object, name, &value, &found, &trouble);
    walk->seen++;
    if (good && !found)
        wrong("an attribute that is not found");
    else
        compare(walk->file, &s, walk->made, good, &value, &trouble);
    H5Tclose(s.type);
    H5Sclose(s.space);
    H5Aclose(s.id);
    return 0;
}

static void compare_attributes(struct walk *walk, hid_t object) {
    struct trouble trouble = {0};
    const char **names;
    size_t count;
    walk->seen = 0;
    H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, visit_attribute, walk);
    if (hdf5_attribute_names(walk->file, walk->object, &names, &count, &trouble)) {
        if (count != walk->seen) wrong("another number of attributes");
    } else if (!walk->made->shared_messages) {
        wrong(trouble.text);
    }
}

static void compare_dataset(struct walk *walk, hid_t set) {
    struct hdf5_value value;
    struct trouble trouble = {0};
    struct source s = {.id = set, .type = H5Dget_type(set), .space = H5Dget_space(set)};
    bool dataset = false;
    s.count = (size_t)H5Sget_simple_extent_npoints(s.space);
    if (!hdf5_is_dataset(walk->file, walk->object, &dataset, &trouble) || !dataset)
        wrong("a dataset that does not exist");
    bool good = hdf5_dataset(walk->file, walk->object, &value, &trouble);
    compare(walk->file, &s, walk->made, good, &value, &trouble);
    H5Tclose(s.type);
    H5Sclose(s.space);
}

/* The library's links, by name, against ours: all there, and of the same kind. */
static void compare_links(struct walk *walk, hid_t group) {
    const struct hdf5_object *children;
    struct trouble trouble = {0};
    size_t count;
    H5G_info_t info;
    if (!hdf5_list(walk->file, walk->object, &children, &count, &trouble)) {
        wrong(trouble.text);
        return;
    }
    H5Gget_info(group, &info);
    if (info.nlinks != count) wrong("another number of links");
    for (size_t i = 0; i < count && i < info.nlinks; i++) {
        char name[HDF5_NAME_MAX + 1] = "";
        H5L_info_t link;
        const char *ours = strrchr(children[i].path, '/') + 1;
        H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i, name, sizeof name,
                           H5P_DEFAULT);
        H5Lget_info(group, name, &link, H5P_DEFAULT);
        uint64_t target = link.type == H5L_TYPE_HARD   ? link.u.address
                          : link.type == H5L_TYPE_SOFT ? HDF5_SOFT
                                                       : HDF5_EXTERNAL;
        if (strcmp(ours, name) != 0 || children[i].header != target) wrong("another link");
        objects++;
        right++;
    }
}

static herr_t visit_object(hid_t root, const char *path, const H5O_info_t *info, void *context) {
    struct walk *walk = context;
    struct hdf5_object object;
    struct trouble trouble = {0};
    bool found;
    at_path = path;
    hid_t id = H5Oopen(root, path, H5P_DEFAULT);
    if (!hdf5_find(walk->file, NULL, strcmp(path, ".") == 0 ? "/" : path, &object, &found,
                   &trouble))
        wrong(trouble.text);
    else if (!found || object.header != info->addr)
        wrong("not found, or elsewhere");
    else {
        walk->object = &object;
        compare_attributes(walk, id);
        if (info->type == H5O_TYPE_DATASET) compare_dataset(walk, id);
        if (info->type == H5O_TYPE_GROUP) compare_links(walk, id);
    }
    H5Oclose(id);
    return 0;
}

static void compare_file(const char *path, const struct made *made) {
    struct pool pool = {0};
    struct trouble trouble = {0};
    size_t size;
    uint8_t *bytes = npy_file(path, &size);
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_core(access, 1 << 16, false);
    hid_t id = H5Fopen(path, H5F_ACC_RDONLY, access);
    struct walk walk = {.made = made};
    at_path = "/";
    H5Pclose(access);
    if (!bytes || id < 0) abort();
    walk.file = hdf5_open(&pool, bytes, size, &trouble);
    if (walk.file)
        H5Ovisit(id, H5_INDEX_NAME, H5_ITER_NATIVE, visit_object, &walk);
    else
        wrong(trouble.text);
    H5Fclose(id);
    pool_free(&pool);
    free(bytes);
}

/* In a process of its own: the library crashes on some of what it is asked for. */
static bool make_apart(const char *path, struct made *made) {
    int ends[2], status = -1;
    bool whole = false;
    fflush(stdout);
    if (pipe(ends) != 0) abort();
    pid_t child = fork();
    if (child == 0) {
        if (!hdf5_make(path, seed, made)) _exit(1);
        _exit(write(ends[1], made, sizeof *made) != sizeof *made);
    }
    close(ends[1]);
    if (child > 0) whole = read(ends[0], made, sizeof *made) == sizeof *made;
    close(ends[0]);
    return child > 0 && waitpid(child, &status, 0) == child && status == 0 && whole;
}

int main(int count, char **words) {
    char path[1100];
    struct made made;
    size_t crashed = 0;
    size_t wanted = count > 2 ? (size_t)atol(words[2]) : 300, written = 0;
    uint32_t first = count > 3 ? (uint32_t)atol(words[3]) : 1;
    if (count < 2) return 2;
    snprintf(path, sizeof path, "%.1000s/made.h5", words[1]);
    setenv("HDF5_EXTFILE_PREFIX", "${ORIGIN}", 1); /* data outside the file lies beside it */
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    for (seed = first; files < wanted && crashed < 10 + wanted / 20; seed++) {
        if (!make_apart(path, &made)) {
            crashed++;
            continue;
        }
        written += made.objects;
        compare_file(path, &made);
        files++;
    }
    remove(path);
    strcat(path, ".raw"); /* what a dataset keeps in another file */
    remove(path);
    for (size_t k = 0; k < 100 && kinds[k].count; k++)
        printf("%6zu refused: %s\n", kinds[k].count, kinds[k].words);
    if (files < wanted || written < 3 * files) failures++; /* what makes nothing shows nothing */
    if (crashed) printf("%6zu files that the library itself does not write\n", crashed);
    if (unread) printf("%6zu values that the library itself does not read\n", unread);
    printf("%zu files: %zu links and values, %zu right, %zu refused with reason, %zu mismatches\n",
           files, objects, right, refused, failures);
    printf("%zu passed, %zu failed\n", right + refused, failures);
    return failures != 0;
}
