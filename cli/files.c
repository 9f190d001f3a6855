#define _POSIX_C_SOURCE 200809L
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads what cannot be mapped (a pipe) into memory aligned like a map. */
static bool read_stream(int descriptor, struct file_bytes *file) {
    size_t room = 0, size = 0;
    uint8_t *bytes = NULL;
    for (;;) {
        if (size == room) {
            size_t larger = room ? room * 2 : 65536;
            void *grown;
            if (posix_memalign(&grown, 4096, larger) != 0) break;
            if (size) memcpy(grown, bytes, size);
            free(bytes);
            bytes = grown;
            room = larger;
        }
        ssize_t got = read(descriptor, bytes + size, room - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) break;
        if (got == 0) {
            file->bytes = bytes;
            file->size = size;
            return true;
        }
        size += (size_t)got;
    }
    free(bytes);
    return false;
}

bool file_open(const char *path, struct file_bytes *file, struct trouble *trouble) {
    struct stat status;
    memset(file, 0, sizeof *file);
    int descriptor = open(path, O_RDONLY);
    if (descriptor < 0) return fail(trouble, "cannot open %s: %s", path, strerror(errno));
    bool done = false;
    if (fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
        errno = EISDIR;
    } else if (S_ISREG(status.st_mode) && status.st_size > 0) {
        void *map = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
        done = map != MAP_FAILED;
        if (done) {
            file->bytes = map;
            file->size = (size_t)status.st_size;
            file->mapped = true;
        }
    } else {
        done = read_stream(descriptor, file);
    }
    int reason = errno;
    close(descriptor);
    return done || fail(trouble, "cannot read %s: %s", path, strerror(reason));
}

void file_close(struct file_bytes *file) {
    if (file->mapped)
        munmap((void *)(uintptr_t)file->bytes, file->size);
    else
        free((void *)(uintptr_t)file->bytes);
    memset(file, 0, sizeof *file);
}

static bool write_all(int descriptor, const uint8_t *bytes, size_t size) {
    while (size > 0) {
        ssize_t put = write(descriptor, bytes, size);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        bytes += put;
        size -= (size_t)put;
    }
    return true;
}

bool file_write(const char *path, const void *bytes, size_t size, struct trouble *trouble) {
    struct stat status;
    /* A device or a pipe (/dev/null) is written to, never replaced. */
    bool direct = stat(path, &status) == 0 && !S_ISREG(status.st_mode);
    size_t length = strlen(path) + 16;
    char *temporary = malloc(length);
    if (!temporary) return fail(trouble, "out of memory");
    snprintf(temporary, length, "%s.part%ld", path, (long)getpid());
    const char *target = direct ? path : temporary;
    int descriptor = open(target, direct ? O_WRONLY : O_WRONLY | O_CREAT | O_EXCL, 0666);
    bool done = descriptor >= 0 && write_all(descriptor, bytes, size);
    int reason = errno;
    if (descriptor >= 0 && close(descriptor) != 0 && done) {
        done = false;
        reason = errno;
    }
    if (done && !direct && rename(temporary, path) != 0) {
        done = false;
        reason = errno;
    }
    if (!done && descriptor >= 0 && !direct) unlink(temporary);
    free(temporary);
    return done || fail(trouble, "cannot write %s: %s", path, strerror(reason));
}
