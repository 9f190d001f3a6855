/* Memory and files that fail on demand: the linker sends the program's calls here (see the Makefile). */
#ifndef FOVEA_TESTS_FAULTS_H
#define FOVEA_TESTS_FAULTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

enum fault_kind {
    FAULT_MEMORY, /* malloc, calloc, realloc, posix_memalign, pthread_create */
    FAULT_FILE,   /* open, fstat, mmap, read, write, pwrite, close, rename, dup, fopen, fdopen,
                   fseek, ftell, fread */
    FAULT_SHORT,  /* read and write do one byte at a time, and are interrupted before each */
    FAULT_KINDS
};

struct faults {
    enum fault_kind kind;
    size_t at;    /* the call of that kind that fails, counted from 1; 0: none */
    bool forever; /* and all after it */
    /* found */
    atomic_size_t calls[FAULT_KINDS];
    atomic_long blocks, descriptors; /* held, by all threads together */
    const char *failed;              /* the function that failed first */
};
extern struct faults faults;

#endif
