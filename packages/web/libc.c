/* What wasi-libc's stdio would ask of a WASI host: there are no files here, so that the modules import nothing. */
#include <stdint.h>

#define BAD_DESCRIPTOR 8

int32_t __imported_wasi_snapshot_preview1_fd_close(int32_t fd) {
    (void)fd;
    return BAD_DESCRIPTOR;
}
int32_t __imported_wasi_snapshot_preview1_fd_seek(int32_t fd, int64_t offset, int32_t whence,
                                                  int32_t position) {
    (void)fd, (void)offset, (void)whence, (void)position;
    return BAD_DESCRIPTOR;
}
int32_t __imported_wasi_snapshot_preview1_fd_write(int32_t fd, int32_t vectors, int32_t count,
                                                   int32_t written) {
    (void)fd, (void)vectors, (void)count, (void)written;
    return BAD_DESCRIPTOR;
}
