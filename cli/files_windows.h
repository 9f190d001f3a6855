/* What cli/files.c asks of the system, on Windows. */
#ifndef FOVEA_CLI_FILES_WINDOWS_H
#define FOVEA_CLI_FILES_WINDOWS_H

#define WIN32_LEAN_AND_MEAN
#include <io.h>
#include <malloc.h>
#include <windows.h>

void *memory_get(size_t bytes) {
    return _aligned_malloc(bytes, 64);
}

void memory_put(void *memory) {
    _aligned_free(memory);
}

static void *map_file(int descriptor, size_t size) {
    HANDLE file = (HANDLE)_get_osfhandle(descriptor);
    HANDLE section = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);
    if (!section) return NULL;
    void *map = MapViewOfFile(section, FILE_MAP_READ, 0, 0, size);
    CloseHandle(section); /* the view holds on to it */
    return map;
}

static void unmap_file(const void *map, size_t size) {
    (void)size;
    UnmapViewOfFile(map);
}

static bool write_at(int descriptor, uint64_t at, const uint8_t *bytes, size_t size) {
    int64_t end = _lseeki64(descriptor, 0, SEEK_CUR);
    if (end < 0 || _lseeki64(descriptor, (int64_t)at, SEEK_SET) < 0) return false;
    bool done = file_put(descriptor, bytes, size);
    return _lseeki64(descriptor, end, SEEK_SET) == end && done;
}

/* rename does not replace here. */
static bool replace_file(const char *from, const char *to) {
    if (MoveFileExA(from, to, MOVEFILE_REPLACE_EXISTING)) return true;
    errno = EACCES;
    return false;
}

/* Which file or folder a path leads to; stat does not tell here. */
static bool identify(const char *path, BY_HANDLE_FILE_INFORMATION *file) {
    const DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    HANDLE handle =
        CreateFileA(path, 0, share, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (handle == INVALID_HANDLE_VALUE) return false;
    bool known = GetFileType(handle) == FILE_TYPE_DISK && GetFileInformationByHandle(handle, file);
    CloseHandle(handle);
    return known;
}

static bool same_file(const char *a, const char *b) {
    BY_HANDLE_FILE_INFORMATION one, other;
    return identify(a, &one) && identify(b, &other) &&
           one.dwVolumeSerialNumber == other.dwVolumeSerialNumber &&
           one.nFileIndexHigh == other.nFileIndexHigh && one.nFileIndexLow == other.nFileIndexLow;
}

bool file_same_folder(const char *a, const char *b) {
    return strcmp(a, b) == 0 || same_file(a, b);
}

static void read_bytes_as_they_are(int descriptor) {
    _setmode(descriptor, _O_BINARY);
}

static char *follow_links(const char *path) {
    char *copy = malloc(strlen(path) + 1);
    return copy ? strcpy(copy, path) : NULL;
}

/* A new file has the rights of its folder. */
static void keep_rights(int descriptor, const struct stat *old) {
    (void)descriptor;
    (void)old;
}

static int open_device(const char *path) {
    return open(path, O_WRONLY | O_BINARY);
}

#endif
