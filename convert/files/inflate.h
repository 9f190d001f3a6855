/* Decompression of deflate data into memory of known size. */
#ifndef FOVEA_CONVERT_FILES_INFLATE_H
#define FOVEA_CONVERT_FILES_INFLATE_H

#include <stdbool.h>
#include <stddef.h>

/* The most that deflate makes of one byte. */
#define INFLATE_RATIO_MAX 1032

/* A zlib stream (RFC 1950) that fills `out` exactly, whose checksum fits, and that has nothing behind
 * it. */
bool inflate_zlib(const void *in, size_t in_size, void *out, size_t out_size);

/* A bare deflate stream (RFC 1951) of exactly `in_size` bytes that fills `out` exactly; checksums are
 * the caller's. The decoder looks ahead: INFLATE_AHEAD bytes behind the stream have to be readable. */
#define INFLATE_AHEAD 4

/* Bytes that come out of the decoder in one step of work (pool_spend), at the least. */
#define INFLATE_STEP 4
bool inflate_raw(const void *in, size_t in_size, void *out, size_t out_size);

#endif
