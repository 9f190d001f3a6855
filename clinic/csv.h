/* Tables with commas (RFC 4180): quotes, a byte order mark, lines that end as on Windows. Foreign bytes: read
 * through the cursor, rows and columns bounded; an error names the line. */
#ifndef FOVEA_CLINIC_CSV_H
#define FOVEA_CLINIC_CSV_H

#include "convert/job/pool.h"
#include "weights/bytes.h"

#define CSV_COLUMNS_MAX 32768
#define CSV_ROW_MAX     ((size_t)1 << 20) /* bytes */

struct csv {
    const char *name; /* of the file, for errors */
    struct fovea_bytes at;
    size_t line;         /* where the row begins that was read last, from 1 */
    size_t next;         /* where the next one does */
    size_t count;        /* fields of that row */
    const char **fields; /* they live until the next row is read */
    char *text;
    struct trouble *trouble;
};

/* Takes the first row, whose fields csv->fields then holds. False with `trouble` set: no table. The memory is
 * the pool's, the bytes the caller's. */
bool csv_open(struct csv *csv, const char *name, const void *bytes, size_t size, struct pool *pool,
              struct trouble *trouble);

/* The next row that is not empty; false at the end, or with `trouble` set. */
bool csv_next(struct csv *csv);

#endif
