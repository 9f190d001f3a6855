/* Memory between two pages that nobody may touch: bytes that start, or end, exactly there. Who includes this
 * defines _DEFAULT_SOURCE before all headers. */
#ifndef FOVEA_TESTS_GUARDED_H
#define FOVEA_TESTS_GUARDED_H

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct guarded {
    uint8_t *start; /* of the memory between the pages */
    size_t size;    /* of it: whole pages */
};

/* At least `size` bytes. */
static inline struct guarded guarded_memory(size_t size) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct guarded g = {NULL, (size + page - 1) / page * page + page};
    uint8_t *map = mmap(NULL, g.size + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED || mprotect(map + page, g.size, PROT_READ | PROT_WRITE) != 0) abort();
    g.start = map + page;
    return g;
}

/* The place of `size` bytes that end with the memory, at a multiple of `unit` bytes. */
static inline uint8_t *guarded_end(const struct guarded *g, size_t size, size_t unit) {
    return g->start + (g->size - size) / unit * unit;
}

static inline void guarded_free(struct guarded *g) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    munmap(g->start - page, g->size + 2 * page);
}

#endif
