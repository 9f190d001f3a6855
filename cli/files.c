#define _DEFAULT_SOURCE /* madvise */
#define _POSIX_C_SOURCE 200809L
#include "cli/cli.h"
#include "cli/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* At most so much is read or written at once. */
#define PIECE ((size_t)1 << 30)

bool file_put(int descriptor, const uint8_t *bytes, size_t size) {
    while (size > 0) {
        ssize_t put = write(descriptor, bytes, (unsigned)(size < PIECE ? size : PIECE));
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        bytes += put;
        size -= (size_t)put;
    }
    return true;
}

#if defined(_WIN32)
#include "cli/files_windows.h"
#else
#include <sys/mman.h>

#define O_BINARY       0
#define LINKS_MAX      40 /* that lead from one to the next */
#define LINK_MAX_BYTES 4096

/* Large memory in huge pages, where the system has them: the processor knows fewer addresses of pages than a
 * network needs (up to 2 % of the time of U-Net, EfficientNet). */
#define HUGE_PAGE      ((size_t)2 << 20)

void *memory_get(size_t bytes) {
    void *memory;
    bool huge = bytes >= HUGE_PAGE;
    if (posix_memalign(&memory, huge ? HUGE_PAGE : 64, bytes) != 0) return NULL;
#ifdef MADV_HUGEPAGE
    if (huge) madvise(memory, bytes, MADV_HUGEPAGE); /* a wish: it may fail */
#endif
    return memory;
}

void memory_put(void *memory) {
    free(memory);
}

static void *map_file(int descriptor, size_t size) {
    void *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    return map != MAP_FAILED ? map : NULL;
}

static void unmap_file(const void *map, size_t size) {
    munmap((void *)(uintptr_t)map, size);
}

static bool write_at(int descriptor, uint64_t at, const uint8_t *bytes, size_t size) {
    while (size > 0) {
        ssize_t put = pwrite(descriptor, bytes, size < PIECE ? size : PIECE, (off_t)at);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        bytes += put;
        at += (uint64_t)put;
        size -= (size_t)put;
    }
    return true;
}

static bool replace_file(const char *from, const char *to) {
    return rename(from, to) == 0;
}

static bool same_inode(const char *a, const char *b, bool folders) {
    struct stat one, other;
    return stat(a, &one) == 0 && stat(b, &other) == 0 &&
           (folders ? S_ISDIR(one.st_mode) : S_ISREG(one.st_mode)) && one.st_ino == other.st_ino &&
           one.st_dev == other.st_dev;
}

static bool same_file(const char *a, const char *b) {
    return same_inode(a, b, false);
}

bool file_same_folder(const char *a, const char *b) {
    return same_inode(a, b, true);
}

static void read_bytes_as_they_are(int descriptor) {
    (void)descriptor; /* no other way here */
}

/* Where a path leads, links followed, whether or not there is a file yet; to be freed. NULL with errno set. */
static char *follow_links(const char *path) {
    char *at = malloc(strlen(path) + 1);
    if (at) strcpy(at, path);
    for (int links = 0; at; links++) {
        struct stat status;
        if (lstat(at, &status) != 0 || !S_ISLNK(status.st_mode)) return at;
        const size_t folder = (size_t)(base_name(at) - at), room = folder + LINK_MAX_BYTES + 1;
        char *next = links < LINKS_MAX ? malloc(room) : NULL;
        ssize_t length = next ? readlink(at, next + folder, LINK_MAX_BYTES) : -1;
        if (next && length > 0) {
            next[folder + (size_t)length] = 0;
            if (next[folder] == '/')
                memmove(next, next + folder, (size_t)length + 1);
            else
                memcpy(next, at, folder);
        } else {
            if (links == LINKS_MAX) errno = ELOOP;
            free(next);
            next = NULL;
        }
        free(at);
        at = next;
    }
    return NULL;
}

/* The new file has the rights of the one that it replaces. */
static void keep_rights(int descriptor, const struct stat *old) {
    if (fchown(descriptor, old->st_uid, old->st_gid) != 0 && old->st_uid != geteuid()) return;
    (void)!fchmod(descriptor, old->st_mode & 0777); /* else those of any new file */
}

/* A pipe that nobody reads is an error, not a wait. */
static int open_device(const char *path) {
    int descriptor = open(path, O_WRONLY | O_NONBLOCK);
    if (descriptor >= 0) fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK);
    return descriptor;
}
#endif

/* Reads what cannot be mapped (a pipe), behind `size` bytes `first` of it, into memory aligned like a map. */
static bool read_stream(int descriptor, const void *first, size_t size, struct file_bytes *file) {
    size_t room = size ? size * 2 : 0;
    uint8_t *bytes = size ? memory_get(room) : NULL;
    if (size && !bytes) return false;
    if (size) memcpy(bytes, first, size);
    for (;;) {
        if (size == room) {
            size_t larger = room ? room * 2 : 65536;
            void *grown = memory_get(larger);
            if (!grown) break;
            if (size) memcpy(grown, bytes, size);
            memory_put(bytes);
            bytes = grown;
            room = larger;
        }
        size_t part = room - size < PIECE ? room - size : PIECE;
        ssize_t got = read(descriptor, bytes + size, (unsigned)part);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) break;
        if (got == 0) {
            file->bytes = bytes;
            file->size = size;
            return true;
        }
        size += (size_t)got;
    }
    memory_put(bytes);
    return false;
}

/* The whole of an open file, mapped where that is possible. */
static bool read_whole(int descriptor, struct file_bytes *file) {
    struct stat status;
    if (fstat(descriptor, &status) != 0) return false;
    if (S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return false;
    }
    if (!S_ISREG(status.st_mode) || status.st_size == 0)
        return read_stream(descriptor, NULL, 0, file);
    void *map = map_file(descriptor, (size_t)status.st_size);
    if (!map) return false;
    file->bytes = map;
    file->size = (size_t)status.st_size;
    file->mapped = true;
    return true;
}

bool file_open(const char *path, struct file_bytes *file, struct trouble *trouble) {
    memset(file, 0, sizeof *file);
    int descriptor = open(path, O_RDONLY | O_BINARY);
    if (descriptor < 0) return fail(trouble, "cannot open %s: %s", path, strerror(errno));
    bool done = read_whole(descriptor, file);
    int reason = errno;
    close(descriptor);
    return done || fail(trouble, "cannot read %s: %s", path, strerror(reason));
}

bool input_open(struct file_input *input, const char *path, struct trouble *trouble) {
    const bool standard = strcmp(path, "-") == 0;
    memset(input, 0, sizeof *input);
    input->path = standard ? "standard input" : path;
    input->descriptor = standard ? 0 : open(path, O_RDONLY | O_BINARY);
    if (standard) read_bytes_as_they_are(0);
    input->open = input->descriptor >= 0;
    return input->open || fail(trouble, "cannot open %s: %s", path, strerror(errno));
}

bool input_read(struct file_input *input, char *bytes, size_t size, size_t *got,
                struct trouble *trouble) {
    ssize_t count;
    do count = read(input->descriptor, bytes, (unsigned)(size < PIECE ? size : PIECE));
    while (count < 0 && errno == EINTR);
    *got = count > 0 ? (size_t)count : 0;
    input->ended = count <= 0;
    return count >= 0 || fail(trouble, "cannot read %s: %s", input->path, strerror(errno));
}

bool input_rest(struct file_input *input, const char *bytes, size_t size, struct file_bytes *file,
                struct trouble *trouble) {
    memset(file, 0, sizeof *file);
    return read_stream(input->descriptor, bytes, size, file) ||
           fail(trouble, "cannot read %s: %s", input->path, strerror(errno));
}

void input_close(struct file_input *input) {
    if (input->open && input->descriptor > 0) close(input->descriptor);
    memset(input, 0, sizeof *input);
}

bool file_is_folder(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

bool file_exists(const char *path) {
    struct stat status;
    return stat(path, &status) == 0;
}

bool file_is_special(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && !S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode);
}

void file_close(struct file_bytes *file) {
    if (file->mapped)
        unmap_file(file->bytes, file->size);
    else
        memory_put((void *)(uintptr_t)file->bytes);
    memset(file, 0, sizeof *file);
}

bool file_same(const char *a, const char *b) {
    return strcmp(a, b) == 0 || same_file(a, b);
}

static bool output_fail(struct file_output *output, int reason) {
    return fail(output->trouble, "cannot write %s: %s", output->path, strerror(reason));
}

/* Makes the temporary file, of a name that nothing has yet: one may be there, of this process or left by another. */
static int create_temporary(struct file_output *output) {
    const size_t length = strlen(output->real) + 48;
    int descriptor = -1;
    output->temporary = malloc(length);
    if (!output->temporary) return -1;
    errno = EEXIST;
    for (unsigned n = 0; n < 100 && descriptor < 0 && errno == EEXIST; n++) {
        snprintf(output->temporary, length, "%s.part%ld-%u", output->real, (long)getpid(), n);
        process_remember(output->temporary);
        descriptor = open(output->temporary, O_RDWR | O_CREAT | O_EXCL | O_BINARY, 0666);
        if (descriptor < 0) process_forget(output->temporary);
    }
    return descriptor;
}

bool output_open(struct file_output *output, const char *path, struct trouble *trouble) {
    struct stat status;
    output->path = path;
    output->trouble = trouble;
    const bool old = stat(path, &status) == 0;
    if (old && !S_ISREG(status.st_mode)) {
        output->descriptor = open_device(path);
    } else if (old && access(path, W_OK) != 0) {
        output->descriptor = -1;
    } else {
        output->real = follow_links(path);
        output->descriptor = output->real ? create_temporary(output) : -1;
        if (old && output->descriptor >= 0) keep_rights(output->descriptor, &status);
    }
    output->open = output->descriptor >= 0;
    return output->open || output_fail(output, errno);
}

bool output_write(struct file_output *output, const uint8_t *bytes, size_t size) {
    return file_put(output->descriptor, bytes, size) || output_fail(output, errno);
}

FILE *output_stream(struct file_output *output) {
    int copy = dup(output->descriptor);
    FILE *stream = copy >= 0 ? fdopen(copy, "wb") : NULL;
    if (stream) return stream;
    output_fail(output, errno);
    if (copy >= 0) close(copy);
    return NULL;
}

bool output_patch(struct file_output *output, uint64_t at, const uint8_t *bytes, size_t size) {
    return write_at(output->descriptor, at, bytes, size) || output_fail(output, errno);
}

bool output_is_file(const struct file_output *output) {
    return output->temporary != NULL;
}

bool output_read(const struct file_output *output, struct file_bytes *file) {
    memset(file, 0, sizeof *file);
    return read_whole(output->descriptor, file) ||
           fail(output->trouble, "cannot read back what was written to %s: %s", output->path,
                strerror(errno));
}

/* Removes the temporary file where it is not a file under its own name by now. */
static void output_clear(struct file_output *output, bool unwanted) {
    if (output->temporary) {
        if (unwanted) unlink(output->temporary);
        process_forget(output->temporary);
    }
    free(output->temporary);
    free(output->real);
    output->temporary = output->real = NULL;
}

bool output_commit(struct file_output *output) {
    bool done = close(output->descriptor) == 0;
    output->open = false;
    done = done && (!output->temporary || replace_file(output->temporary, output->real));
    const int reason = errno;
    output_clear(output, !done);
    return done || output_fail(output, reason);
}

void output_abandon(struct file_output *output) {
    if (output->open) close(output->descriptor);
    output_clear(output, output->open);
    memset(output, 0, sizeof *output);
}

FILE *file_append(const char *path, size_t keep, struct trouble *trouble) {
    int descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_BINARY, 0666);
    FILE *stream = NULL;
    if (descriptor >= 0 && ftruncate(descriptor, (off_t)keep) == 0)
        stream = fdopen(descriptor, "ab");
    if (stream) return stream;
    fail(trouble, "cannot write %s: %s", path, strerror(errno));
    if (descriptor >= 0) close(descriptor);
    return NULL;
}

bool file_write(const char *path, const void *bytes, size_t size, struct trouble *trouble) {
    struct file_output output = {0};
    bool done = output_open(&output, path, trouble) && output_write(&output, bytes, size) &&
                output_commit(&output);
    output_abandon(&output);
    return done;
}
