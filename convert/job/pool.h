/* Memory and messages of the hosted programs: a pool that is freed at once, and one error text. */
#ifndef FOVEA_CONVERT_JOB_POOL_H
#define FOVEA_CONVERT_JOB_POOL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "convert/job/limits.h"

/* What may be NULL. tests/analyze.sh has clang's analyzer look for those that are followed unchecked; to compilers
 * it is nothing. */
#if defined(__clang_analyzer__)
#define FOVEA_NULLABLE _Nullable
#else
#define FOVEA_NULLABLE
#endif

#if defined(__MINGW32__)
#include <stdio.h>
#define FOVEA_PRINTF(text, first) __attribute__((format(__MINGW_PRINTF_FORMAT, text, first)))
#elif defined(__GNUC__)
#define FOVEA_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define FOVEA_PRINTF(text, first)
#endif

/* The first failure of a job, as one line for people; later ones do not overwrite it. */
struct trouble {
    bool set;
    char text[512];
    char check[6]; /* the id of the check that refused, or "": see weights/check.h */
    bool scarce;   /* memory or work did not suffice: of what was asked, nothing is known */
};

/* Notes the failure unless one is noted already; always returns false, so that a function can end
 * with `return fail(...)`. An id that `format` begins with goes into trouble->check. What a
 * terminal might act on in the arguments is spelled out (text.h). */
bool fail(struct trouble *trouble, const char *format, ...) FOVEA_PRINTF(2, 3);

/* The same for a text that says more than the check does: `check` is the id, or a text that begins with
 * it. */
bool fail_check(struct trouble *trouble, const char *check, const char *format, ...)
    FOVEA_PRINTF(3, 4);

/* Everything a job takes: memory, which one pool_free ends, whatever state the job stopped in, and work. */
struct pool {
    struct pool_chunk *chunks;
    size_t used;                 /* bytes handed out */
    size_t limit;                /* bytes handed out at most; 0: no limit */
    uint64_t spent, fuel;        /* steps of work done, and allowed; fuel 0: no limit */
    const struct limits *limits; /* NULL: the usual ones */
};

/* Pays for `steps` steps of work, each about as long as looking at a byte; false, with `trouble` set,
 * where the job's files do not justify so many. What a file can make a loop do is paid for before the
 * loop, so that no file is worth more than a time in proportion to its size. */
bool pool_spend(struct pool *pool, uint64_t steps, struct trouble *trouble);

/* Allows the work that a file of `size` bytes may make; for several, the sum of their sizes. */
void pool_fuel(struct pool *pool, uint64_t size);
/* Allows more. */
void pool_refuel(struct pool *pool, uint64_t steps);
/* Allows the memory that a file of `size` bytes may ask for. */
void pool_bound(struct pool *pool, uint64_t size);

/* `count` zeroed elements of `size` bytes, aligned for any type, living until pool_free; NULL, with
 * `trouble` set, where memory or the limit does not suffice or count * size overflows. count 0 gives
 * a valid pointer. */
void *FOVEA_NULLABLE pool_get(struct pool *pool, uint64_t count, size_t size,
                              struct trouble *trouble);

/* A copy of `length` bytes with a NUL behind them. */
char *FOVEA_NULLABLE pool_text(struct pool *pool, const char *bytes, size_t length,
                               struct trouble *trouble);

/* A text made as by printf. */
char *FOVEA_NULLABLE pool_print(struct pool *pool, struct trouble *trouble, const char *format, ...)
    FOVEA_PRINTF(3, 4);

void pool_free(struct pool *pool);

#endif
