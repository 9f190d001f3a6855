/* Makes the seed corpora. usage: seeds FOLDER FILE...
 * Keras files go to FOLDER/convert as they are, their JSON to keras and json, what they convert to to blob;
 * an HDF5 file inside an archive to hdf5; photos to photo, arrays to npy. */
#include "cli/npy.h"
#include "convert/convert.h"
#include "convert/files/hdf5.h"
#include "convert/files/zip.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/drafts.h"
#include "tests/unit/photos.h"

#include <sys/stat.h>

#define SEED_MAX 200000u

static const char *folder;
static unsigned number;

static void keep(const char *target, const void *bytes, size_t size) {
    char path[1024];
    if (size > SEED_MAX) return;
    snprintf(path, sizeof path, "%s/%s", folder, target);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%s/seed%04u", folder, target, number);
    FILE *file = fopen(path, "wb");
    FUZZ_MUST(file, "cannot write %s", path);
    fwrite(bytes, 1, size, file);
    fclose(file);
}

static void keep_config(struct pool *pool, const uint8_t *bytes, size_t size) {
    struct trouble trouble = {0};
    struct hdf5_object root;
    struct hdf5_value value;
    bool found;
    size_t length;
    const struct hdf5 *file = hdf5_open(pool, bytes, size, &trouble);
    keep("hdf5", bytes, size);
    if (file && hdf5_find(file, NULL, "/", &root, &found, &trouble) &&
        hdf5_attribute(file, &root, "model_config", &value, &found, &trouble) && found) {
        const char *text = hdf5_string(file, &value, 0, &length, &trouble);
        if (!text) return;
        keep("keras", text, length);
        if (length < 4096) keep("json", text, length);
    }
}

static void keep_members(struct pool *pool, const uint8_t *bytes, size_t size) {
    struct trouble trouble = {0};
    const uint8_t *contents;
    size_t length;
    bool found;
    const struct zip *zip = zip_open(pool, bytes, size, &trouble);
    if (size < 16384) keep("zip", bytes, size); /* the contents are for others */
    if (zip && zip_read(zip, "config.json", &contents, &length, &found, &trouble) && found)
        keep("keras", contents, length);
    if (zip && zip_read(zip, "model.weights.h5", &contents, &length, &found, &trouble) && found)
        keep("hdf5", contents, length);
}

static void keep_keras(const uint8_t *bytes, size_t size) {
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct converted converted;
    struct convert_options options = {.source = "seed"};
    options.recipe = (struct fovea_recipe){
        .resize = FOVEA_RESIZE_PIL_BICUBIC, .fit = FOVEA_FIT_CROP, .scale = 1, .std = {1, 1, 1}};
    options.no_fold = number % 3 == 0;
    keep("convert", bytes, size);
    if (bytes[0] == 'P')
        keep_members(&pool, bytes, size);
    else
        keep_config(&pool, bytes, size);
    if (size < SEED_MAX && convert_keras(&pool, bytes, size, &options, &converted, &trouble))
        keep("blob", converted.blob, (size_t)converted.size);
    options.weights = FOVEA_F16;
    if (number++ % 2 && size < SEED_MAX &&
        convert_keras(&pool, bytes, size, &options, &converted, &trouble))
        keep("blob", converted.blob, (size_t)converted.size);
    pool_free(&pool);
}

/* Small pictures of each kind, and deflate data: a PNG's and an empty stream. */
static void keep_made(void) {
    static struct photo_file f;
    static const uint8_t rows[64] = {0};
    static const uint8_t fixed[] = {0, 0, 5, 0x4b, 0x4c, 0x4a, 0x06, 0x42, 0};
    static const unsigned kinds[][3] = {{8, 2, 0}, {8, 0, 0}, {8, 6, 1}, {1, 0, 0}, {16, 0, 0}};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++, number++) {
        put_png_start(&f, 4, 3, kinds[k][0], kinds[k][1], kinds[k][2]);
        put_png_rows(&f, rows, k == 0 ? 39 : k == 1 ? 15 : k == 2 ? 53 : k == 3 ? 6 : 27, 1000);
        put_chunk(&f, "IEND", NULL, 0);
        keep("photo", f.bytes, f.size);
        f.bytes[38] = 1, f.bytes[39] = 0, f.bytes[40] = k == 0 ? 39 : 15;
        keep("inflate", f.bytes + 38, f.size - 38 - 16);
    }
    keep("inflate", fixed, sizeof fixed);
}

/* A layer for Strassen's algorithm; and a pool and factors of channels that others take over. */
static void keep_drafts(void) {
    uint32_t conv[FOVEA_ATTRIBUTES_MAX] = {0}, pool[FOVEA_ATTRIBUTES_MAX] = {0};
    struct model_draft m;
    for (int pooled = 0; pooled < 2; pooled++, number++) {
        const uint32_t inputs = pooled ? 16 : 64;
        draft_start(&m, 12, 12, inputs);
        draft_window(conv, pooled ? 3 : 1, pooled ? 3 : 1, 1, 1, FOVEA_PADDING_SAME);
        conv[11] = 1;
        conv[12] = 2 * inputs;
        uint32_t a = draft_node(&m, FOVEA_OP_CONV, 0, DRAFT_ALONE, 2, conv);
        if (pooled) {
            draft_window(pool, 2, 2, 2, 1, FOVEA_PADDING_VALID);
            pool[11] = 1;
            a = draft_node(&m, FOVEA_OP_MAX_POOL, a, DRAFT_ALONE, 0, pool);
            a = draft_excite(&m, a);
            draft_window(conv, 1, 1, 1, 1, FOVEA_PADDING_SAME);
            conv[11] = 1;
            conv[12] = 8;
            draft_node(&m, FOVEA_OP_CONV, a, DRAFT_ALONE, 2, conv);
        }
        draft_seal(&m);
        keep("blob", m.blob, (size_t)m.size);
        free(m.blob);
    }
}

int main(int count, char **words) {
    if (count < 2) return 2;
    folder = words[1];
    mkdir(folder, 0777);
    keep_made();
    keep_drafts();
    for (int i = 2; i < count; i++, number++) {
        size_t size;
        uint8_t *bytes = npy_file(words[i], &size);
        if (bytes && size > 16) {
            if (bytes[0] == 'P' || bytes[1] == 'H')
                keep_keras(bytes, size);
            else if (bytes[0] == 0xff)
                keep("photo", bytes, size);
            else if (bytes[0] == 0x93)
                keep("npy", bytes, size);
        }
        free(bytes);
    }
    return 0;
}
