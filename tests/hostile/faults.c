#include "tests/hostile/faults.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct faults faults;

static bool fails(enum fault_kind kind, const char *function, int reason) {
    size_t call = ++faults.calls[kind];
    if (faults.kind != kind || faults.at == 0 || call < faults.at) return false;
    if (call > faults.at && !faults.forever) return false;
    if (!faults.failed) faults.failed = function;
    errno = reason;
    return true;
}

#define WRAP(type, name, parameters)                                                               \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters

/* ---- memory ---- */

static void *held(void *block) {
    faults.blocks += block != NULL;
    return block;
}

WRAP(void *, malloc, (size_t size)) {
    return fails(FAULT_MEMORY, "malloc", ENOMEM) ? NULL : held(__real_malloc(size));
}
WRAP(void *, calloc, (size_t count, size_t size)) {
    return fails(FAULT_MEMORY, "calloc", ENOMEM) ? NULL : held(__real_calloc(count, size));
}
WRAP(void *, realloc, (void *old, size_t size)) {
    if (fails(FAULT_MEMORY, "realloc", ENOMEM)) return NULL;
    void *grown = __real_realloc(old, size);
    faults.blocks += grown && !old;
    return grown;
}
WRAP(int, posix_memalign, (void **block, size_t alignment, size_t size)) {
    if (fails(FAULT_MEMORY, "posix_memalign", ENOMEM)) return ENOMEM;
    int code = __real_posix_memalign(block, alignment, size);
    faults.blocks += code == 0;
    return code;
}
WRAP(void, free, (void *block)) {
    faults.blocks -= block != NULL;
    __real_free(block);
}

/* ---- threads ---- */

WRAP(int, pthread_create,
     (pthread_t * thread, const pthread_attr_t *how, void *(*start)(void *), void *argument)) {
    if (fails(FAULT_MEMORY, "pthread_create", EAGAIN)) return EAGAIN;
    return __real_pthread_create(thread, how, start, argument);
}

/* ---- files ---- */

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    unsigned mode = va_arg(arguments, unsigned);
    va_end(arguments);
    if (fails(FAULT_FILE, "open", EACCES)) return -1;
    int descriptor = __real_open(path, flags, mode);
    faults.descriptors += descriptor >= 0;
    return descriptor;
}
WRAP(int, close, (int descriptor)) {
    faults.descriptors--;
    int code = __real_close(descriptor);
    return fails(FAULT_FILE, "close", EIO) ? -1 : code;
}
WRAP(int, fstat, (int descriptor, struct stat *status)) {
    return fails(FAULT_FILE, "fstat", EIO) ? -1 : __real_fstat(descriptor, status);
}
WRAP(void *, mmap, (void *at, size_t size, int protection, int flags, int descriptor, off_t from)) {
    if (fails(FAULT_FILE, "mmap", ENODEV)) return MAP_FAILED;
    void *map = __real_mmap(at, size, protection, flags, descriptor, from);
    faults.blocks += map != MAP_FAILED;
    return map;
}
WRAP(int, munmap, (void *map, size_t size)) {
    faults.blocks--;
    return __real_munmap(map, size);
}
/* What is left of a read or write that is cut short; -1: interrupted. */
static ssize_t shortened(size_t size) {
    static bool interrupted;
    if (faults.kind != FAULT_SHORT || faults.at == 0) return (ssize_t)size;
    interrupted = !interrupted;
    errno = EINTR;
    return interrupted ? -1 : size > 4096 ? (ssize_t)(size / 2) : size > 0;
}
WRAP(ssize_t, read, (int descriptor, void *to, size_t size)) {
    if (fails(FAULT_FILE, "read", EIO)) return -1;
    ssize_t part = shortened(size);
    return part < 0 ? part : __real_read(descriptor, to, (size_t)part);
}
WRAP(ssize_t, write, (int descriptor, const void *from, size_t size)) {
    if (fails(FAULT_FILE, "write", ENOSPC)) return -1;
    ssize_t part = shortened(size);
    return part < 0 ? part : __real_write(descriptor, from, (size_t)part);
}
WRAP(ssize_t, pwrite, (int descriptor, const void *from, size_t size, off_t at)) {
    if (fails(FAULT_FILE, "pwrite", ENOSPC)) return -1;
    ssize_t part = shortened(size);
    return part < 0 ? part : __real_pwrite(descriptor, from, (size_t)part, at);
}
WRAP(int, rename, (const char *from, const char *to)) {
    return fails(FAULT_FILE, "rename", EXDEV) ? -1 : __real_rename(from, to);
}
WRAP(FILE *, fopen, (const char *path, const char *mode)) {
    if (fails(FAULT_FILE, "fopen", EMFILE)) return NULL;
    FILE *file = __real_fopen(path, mode);
    faults.descriptors += file != NULL;
    return file;
}
WRAP(FILE *, fdopen, (int descriptor, const char *mode)) {
    return fails(FAULT_FILE, "fdopen", EMFILE) ? NULL : __real_fdopen(descriptor, mode);
}
WRAP(int, dup, (int descriptor)) {
    if (fails(FAULT_FILE, "dup", EMFILE)) return -1;
    int copy = __real_dup(descriptor);
    faults.descriptors += copy >= 0;
    return copy;
}
WRAP(int, fclose, (FILE * file)) {
    faults.descriptors--;
    return __real_fclose(file);
}
WRAP(int, fseek, (FILE * file, long at, int from)) {
    return fails(FAULT_FILE, "fseek", EIO) ? -1 : __real_fseek(file, at, from);
}
WRAP(long, ftell, (FILE * file)) {
    return fails(FAULT_FILE, "ftell", EIO) ? -1 : __real_ftell(file);
}
WRAP(size_t, fread, (void *to, size_t size, size_t count, FILE *file)) {
    return fails(FAULT_FILE, "fread", EIO) ? 0 : __real_fread(to, size, count, file);
}
