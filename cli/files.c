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

static bool output_fail(struct file_output *output, int reason) {
    return fail(output->trouble, "cannot write %s: %s", output->path, strerror(reason));
}

bool output_open(struct file_output *output, const char *path, struct trouble *trouble) {
    struct stat status;
    output->path = path;
    output->trouble = trouble;
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        output->descriptor = open(path, O_WRONLY);
    } else {
        size_t length = strlen(path) + 32;
        output->temporary = malloc(length);
        if (!output->temporary) return fail(trouble, "out of memory");
        snprintf(output->temporary, length, "%s.part%ld", path, (long)getpid());
        output->descriptor = open(output->temporary, O_RDWR | O_CREAT | O_EXCL, 0666);
    }
    output->open = output->descriptor >= 0;
    return output->open || output_fail(output, errno);
}

bool output_write(struct file_output *output, const uint8_t *bytes, size_t size) {
    return write_all(output->descriptor, bytes, size) || output_fail(output, errno);
}

bool output_patch(struct file_output *output, uint64_t at, const uint8_t *bytes, size_t size) {
    if (!output->temporary)
        return fail(output->trouble, "%s is no file; a model needs one", output->path);
    return pwrite(output->descriptor, bytes, size, (off_t)at) == (ssize_t)size ||
           output_fail(output, errno);
}

const char *output_draft(const struct file_output *output) {
    return output->temporary;
}

bool output_commit(struct file_output *output) {
    bool closed = close(output->descriptor) == 0;
    output->open = false;
    if (!closed || (output->temporary && rename(output->temporary, output->path) != 0)) {
        int reason = errno;
        if (output->temporary) unlink(output->temporary);
        free(output->temporary);
        output->temporary = NULL;
        return output_fail(output, reason);
    }
    free(output->temporary);
    output->temporary = NULL;
    return true;
}

void output_abandon(struct file_output *output) {
    if (output->open) close(output->descriptor);
    if (output->open && output->temporary) unlink(output->temporary);
    free(output->temporary);
    memset(output, 0, sizeof *output);
}

bool file_write(const char *path, const void *bytes, size_t size, struct trouble *trouble) {
    struct file_output output = {0};
    bool done = output_open(&output, path, trouble) && output_write(&output, bytes, size) &&
                output_commit(&output);
    output_abandon(&output);
    return done;
}
