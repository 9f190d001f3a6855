#include "cli/golden.h"

#include <string.h>

static bool read_photo(struct golden *golden, const char *path,
                       const struct fovea_photo_options *limits, struct trouble *trouble) {
    struct file_bytes file;
    struct fovea_error error;
    if (!file_open(path, &file, trouble)) return false;
    enum fovea_status status =
        fovea_photo_decode_as(file.bytes, file.size, limits, &golden->photo, &error);
    file_close(&file);
    return status == FOVEA_OK || fail_check(trouble, error.check, "%s: %s", path, error.text);
}

/* One file that is no array is a photo, whatever its name is. */
static bool is_photo(const char *path, bool *photo, struct trouble *trouble) {
    struct file_bytes file;
    *photo = false;
    if (strchr(path, ',')) return true;
    if (!file_open(path, &file, trouble)) return false;
    *photo = !npy_looks_so(file.bytes, file.size);
    file_close(&file);
    return true;
}

bool golden_read(struct golden *golden, const char *paths, const struct limits *limits,
                 struct convert_options *options, struct trouble *trouble) {
    bool photo = false;
    memset(golden, 0, sizeof *golden);
    if (paths && !is_photo(paths, &photo, trouble)) return false;
    if (photo) {
        struct fovea_photo_options within = photo_options(limits);
        if (options->recipe.shrink == FOVEA_SHRINK_DRAFT)
            return fail(
                trouble,
                "--golden takes a photo with --shrink none, 2, 4 or 8; with draft, an .npy");
        fovea_photo_by(&options->recipe, 0, 0, &within);
        options->golden_photo = &golden->photo;
        return read_photo(golden, paths, &within, trouble);
    }
    if (!tensors_read(&golden->numbers, paths, trouble)) return false;
    for (size_t i = 0; i < golden->numbers.files; i++) {
        const struct npy *array = &golden->numbers.array[i];
        golden->source[i] = source_floats(array->values, array->count);
        golden->batch[i] = array->rank ? array->dims[0] : 1;
    }
    options->golden = golden->source;
    options->golden_batch = golden->batch;
    options->golden_count = golden->numbers.files;
    return true;
}

void golden_free(struct golden *golden) {
    tensors_free(&golden->numbers);
    fovea_photo_free(&golden->photo);
}
