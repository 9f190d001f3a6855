/* HDF5 files, read only, from bytes in memory: groups, attributes, datasets.
 *
 * Read: see the table at the top of hdf5_file.c. Everything else (external files, virtual datasets,
 * compound types, other filters, ...) is refused by name. Nothing outside the given bytes is touched.
 */
#ifndef FOVEA_CONVERT_FILES_HDF5_H
#define FOVEA_CONVERT_FILES_HDF5_H

#include "convert/job/pool.h"

struct hdf5; /* an open file; lives in the pool it was opened with */

/* A group or a dataset. */
struct hdf5_object {
    const char *path; /* from the root: "/", "/model_weights/conv2d" */
    uint64_t header;  /* address of its object header */
};

enum hdf5_class { HDF5_FLOAT, HDF5_SIGNED, HDF5_UNSIGNED, HDF5_STRING, HDF5_OPAQUE };

/* The contents of a dataset or of an attribute, checked: `data` holds exactly count elements (strings
 * of variable length: references, resolved by hdf5_string). */
struct hdf5_value {
    enum hdf5_class class;
    uint32_t size; /* bytes of an element as stored: 1, 2, 4, 8; strings: any */
    bool big_endian, variable, null_padded;
    uint32_t rank; /* 0: a scalar */
    uint64_t dims[HDF5_RANK_MAX];
    uint64_t count; /* product of dims; may be 0 */
    const uint8_t *data;
};

/* Whether the signature of HDF5 stands where it may. */
bool hdf5_looks_so(const void *bytes, size_t size);

/* Opens the `size` bytes at `bytes`, which stay the caller's and must outlive the pool's contents.
 * NULL, with `trouble` set, where they are no HDF5 file that can be read. */
const struct hdf5 *FOVEA_NULLABLE hdf5_open(struct pool *pool, const void *bytes, size_t size,
                                            struct trouble *trouble);

/* The object at `path`, '/'-separated from `from` (NULL: the root); "" or "/" give `from` itself.
 * *found tells whether it exists; false only on a damaged or unsupported file. */
bool hdf5_find(const struct hdf5 *file, const struct hdf5_object *from, const char *path,
               struct hdf5_object *object, bool *found, struct trouble *trouble);

/* The links of a group, in the file's order of names; *count 0 for an empty group. A dataset is
 * refused. */
bool hdf5_list(const struct hdf5 *file, const struct hdf5_object *group,
               const struct hdf5_object **children, size_t *count, struct trouble *trouble);

/* Attribute `name` of an object. *found tells whether it exists. */
bool hdf5_attribute(const struct hdf5 *file, const struct hdf5_object *object, const char *name,
                    struct hdf5_value *value, bool *found, struct trouble *trouble);

/* Whether the object is a dataset (has a data layout), and its contents. */
bool hdf5_is_dataset(const struct hdf5 *file, const struct hdf5_object *object, bool *dataset,
                     struct trouble *trouble);
bool hdf5_dataset(const struct hdf5 *file, const struct hdf5_object *object,
                  struct hdf5_value *value, struct trouble *trouble);

/* String `index` of a STRING value, cut at its first NUL, copied into the file's pool and terminated;
 * NULL on trouble. */
const char *FOVEA_NULLABLE hdf5_string(const struct hdf5 *file, const struct hdf5_value *value,
                                       uint64_t index, size_t *length, struct trouble *trouble);

/* Numbers `first` .. `first + count - 1` of a FLOAT, SIGNED or UNSIGNED value as float32 (rounded to
 * nearest). The range lies inside the value. */
void hdf5_floats(const struct hdf5_value *value, uint64_t first, uint64_t count, float *out);

#endif
