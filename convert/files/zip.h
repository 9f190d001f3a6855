/* ZIP archives, read only, from bytes in memory: members stored or deflated, ZIP64 included. Strict: the
 * directory and the members fill the file without gap, overlap or anything before or behind. */
#ifndef FOVEA_CONVERT_FILES_ZIP_H
#define FOVEA_CONVERT_FILES_ZIP_H

#include "convert/job/pool.h"

struct zip; /* an open archive; lives in the pool it was opened with */

/* Whether the bytes begin as an archive does. */
bool zip_looks_so(const void *bytes, size_t size);

/* Checks the directory and every member's header. The bytes stay the caller's and must outlive the
 * pool's contents. NULL, with `trouble` set, where they are no archive that can be read. */
const struct zip *FOVEA_NULLABLE zip_open(struct pool *pool, const void *bytes, size_t size,
                                          struct trouble *trouble);

/* The contents of the member of exactly that name, their checksum compared: in place where they are
 * stored, else in the pool. *found tells whether it exists. */
bool zip_read(const struct zip *zip, const char *name, const uint8_t **contents, size_t *size,
              bool *found, struct trouble *trouble);

#endif
