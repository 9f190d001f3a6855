/* HDF5 files of all kinds, written by the format's own library. */
#ifndef FOVEA_TESTS_HDF5_MAKE_H
#define FOVEA_TESTS_HDF5_MAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What was asked of the whole file that the reader refuses. */
struct made {
    bool shared_messages; /* datatypes and the like may stand in a table of the file's */
    size_t objects;       /* groups, datasets and attributes written */
};

/* Writes the file that the seed stands for, and perhaps one of that name with .raw behind it; false where the
 * library itself fails. */
bool hdf5_make(const char *path, uint32_t seed, struct made *made);

#endif
