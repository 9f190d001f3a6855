/* Arrays as numpy saves them. */
#ifndef FOVEA_CLI_NPY_H
#define FOVEA_CLI_NPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NPY_RANK_MAX 8

struct npy {
    size_t rank, dims[NPY_RANK_MAX];
    size_t count;  /* product of dims */
    float *values; /* C order; other types and Fortran order converted */
};

/* Reads an .npy file of format 1 to 3: bool, integers of 8 to 64 bits, float16, float32, float64, of either byte
 * order, in C or Fortran order. False, with *why saying what is wrong, on anything else; nothing is owned then. */
bool npy_read(const char *path, struct npy *array, const char **why);
/* The same from the file's bytes in memory. */
bool npy_read_bytes(const void *bytes, size_t size, struct npy *array, const char **why);
/* Whether the bytes begin as an .npy file does. */
bool npy_looks_so(const void *bytes, size_t size);
/* How many tensors of `shape` (`rank` sizes) the array holds: its first axis, where it has one more than they do,
 * else 1; 0 where it holds none. */
size_t npy_batch(const struct npy *array, const uint32_t *shape, size_t rank);
void npy_free(struct npy *array);

/* What stands in front of float32 values in C order: format 1.0. Room for 8 dimensions of 64 bits. */
#define NPY_HEADER 256
void npy_header(const size_t *dims, size_t rank, uint8_t header[NPY_HEADER]);
/* The values as the file has them, little-endian, 4 bytes each. */
void npy_floats(const float *values, size_t count, uint8_t *bytes);

/* The bytes of a file in memory of exactly its size, to be freed; NULL where it cannot be read. */
uint8_t *npy_file(const char *path, size_t *size);

#endif
