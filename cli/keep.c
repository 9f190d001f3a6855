#include "cli/keep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/npy.h"

bool keeper_name(struct keeper *keeper, const struct fovea_model *model, const char *prefix,
                 struct trouble *trouble) {
    size_t length = strlen(prefix);
    if (ends_with(prefix, ".npy")) length -= 4;
    keeper->model = model;
    keeper->kept = calloc(fovea_model_outputs(model), sizeof *keeper->kept);
    for (size_t o = 0; keeper->kept && o < fovea_model_outputs(model); o++) {
        char *path = keeper->kept[o].path = malloc(length + 32);
        if (!path) break;
        if (fovea_model_outputs(model) == 1)
            snprintf(path, length + 32, "%.*s.npy", (int)length, prefix);
        else
            snprintf(path, length + 32, "%.*s.%zu.npy", (int)length, prefix, o);
    }
    return (keeper->kept && keeper->kept[fovea_model_outputs(model) - 1].path) ||
           fail(trouble, "out of memory");
}

/* The header of all rows of output `index`. */
static void header_of(const struct keeper *keeper, size_t index, uint8_t header[NPY_HEADER]) {
    struct fovea_io io;
    size_t dims[1 + FOVEA_RANK_MAX] = {keeper->rows};
    fovea_model_output(keeper->model, index, &io);
    for (uint32_t i = 0; i < io.shape.rank; i++) dims[i + 1] = io.shape.dims[i];
    npy_header(dims, io.shape.rank + 1, header);
}

bool keeper_open(struct keeper *keeper, struct trouble *trouble) {
    uint8_t header[NPY_HEADER];
    for (size_t o = 0; keeper->kept && o < fovea_model_outputs(keeper->model); o++) {
        struct file_output *file = &keeper->kept[o].file;
        if (!output_open(file, keeper->kept[o].path, trouble)) return false;
        header_of(keeper, o, header); /* its place: rows are counted at the end */
        if (output_is_file(file) && !output_write(file, header, sizeof header)) return false;
    }
    return true;
}

bool keeper_replaces(const struct keeper *keeper, const char *file) {
    for (size_t o = 0; keeper->kept && o < fovea_model_outputs(keeper->model); o++)
        if (file_same(file, keeper->kept[o].path)) return true;
    return false;
}

static bool wait_row(struct kept *kept, size_t rows, const float *row, size_t count,
                     struct trouble *trouble) {
    float *larger = NULL;
    if (count <= SIZE_MAX / sizeof(float) / (rows + 1))
        larger = realloc(kept->waiting, (rows + 1) * count * sizeof(float));
    if (!larger) return fail(trouble, "out of memory for the outputs");
    kept->waiting = larger;
    memcpy(larger + rows * count, row, count * sizeof(float));
    return true;
}

/* As little-endian bytes, through a buffer. */
static bool write_floats(struct file_output *file, const float *values, size_t count) {
    uint8_t bytes[4096];
    for (size_t at = 0; at < count;) {
        size_t part = count - at < sizeof bytes / 4 ? count - at : sizeof bytes / 4;
        npy_floats(values + at, part, bytes);
        if (!output_write(file, bytes, 4 * part)) return false;
        at += part;
    }
    return true;
}

static bool keep_one(struct keeper *keeper, size_t index, const float *values, size_t count,
                     struct trouble *trouble) {
    struct kept *kept = &keeper->kept[index];
    if (output_is_file(&kept->file)) return write_floats(&kept->file, values, count);
    return wait_row(kept, keeper->rows, values, count, trouble);
}

bool keeper_row(struct keeper *keeper, const fovea_session *session, const float *first,
                struct trouble *trouble) {
    for (size_t o = 0; keeper->kept && o < fovea_model_outputs(keeper->model); o++) {
        struct fovea_io io;
        fovea_model_output(keeper->model, o, &io);
        float *nothing = session ? NULL : malloc(io.count * sizeof(float));
        if (!session && !nothing) return fail(trouble, "out of memory");
        for (size_t i = 0; nothing && i < io.count; i++) nothing[i] = NAN;
        bool done = keep_one(keeper, o,
                             !session          ? nothing
                             : o == 0 && first ? first
                                               : fovea_output(session, o),
                             io.count, trouble);
        free(nothing);
        if (!done) return false;
    }
    keeper->rows++;
    return true;
}

bool keeper_finish(struct keeper *keeper, struct trouble *trouble) {
    uint8_t header[NPY_HEADER];
    (void)trouble; /* each file has it */
    for (size_t o = 0; keeper->kept && o < fovea_model_outputs(keeper->model); o++) {
        struct kept *kept = &keeper->kept[o];
        struct fovea_io io;
        fovea_model_output(keeper->model, o, &io);
        header_of(keeper, o, header);
        bool done = output_is_file(&kept->file)
                        ? output_patch(&kept->file, 0, header, sizeof header)
                        : output_write(&kept->file, header, sizeof header) &&
                              write_floats(&kept->file, kept->waiting, keeper->rows * io.count);
        if (!done) return false;
    }
    for (size_t o = 0; keeper->kept && o < fovea_model_outputs(keeper->model); o++)
        if (!output_commit(&keeper->kept[o].file)) return false;
    return true;
}

void keeper_close(struct keeper *keeper) {
    for (size_t o = 0; keeper->kept && o < fovea_model_outputs(keeper->model); o++) {
        output_abandon(&keeper->kept[o].file);
        free(keeper->kept[o].waiting);
        free(keeper->kept[o].path);
    }
    free(keeper->kept);
    memset(keeper, 0, sizeof *keeper);
}

int keeper_check_prefix(const char *prefix) {
    static const struct {
        const char *suffix, *instead;
    } others[] = {{".npz", "outputs are written as .npy, one file for each: give a PREFIX"},
                  {".json", "--json writes JSON to standard output, --resume FILE to a file"},
                  {".jsonl", "--json writes JSON to standard output, --resume FILE to a file"},
                  {".csv", "--csv writes to standard output"},
                  {".jpg", "masks are written as .png"},
                  {".jpeg", "masks are written as .png"}};
    const char *const name = base_name(prefix);
    if (!*name || strcmp(name, ".npy") == 0)
        return cli_fail(CLI_BAD_USAGE, "-o %s names no file", prefix);
    if (strcmp(prefix, "-") == 0)
        return cli_fail(CLI_BAD_USAGE, "-o - : arrays are written to files only; --json and --csv "
                                       "write to standard output");
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (ends_with(prefix, others[i].suffix))
            return cli_fail(CLI_BAD_USAGE, "-o %s: %s", prefix, others[i].instead);
    return 0;
}
