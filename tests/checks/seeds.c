/* HDF5 files with one of everything, with links and attributes in dense storage; and photos. */
#include "tests/checks/checks.h"
#include "tests/unit/hdf5_sample.h"

#include "tests/unit/hdf5_dense.h"
#include "tests/unit/photos.h"

static bool give(const void *bytes, size_t size, uint8_t *to, size_t *out) {
    assert_true(size <= SEED_ROOM);
    memcpy(to, bytes, size);
    *out = size;
    return true;
}

bool seed_hdf5_sample(unsigned number, uint8_t *to, size_t *size) {
    static struct sample sample;
    static struct dense dense;
    if (number < 2) {
        memset(&sample, 0, sizeof sample);
        make(&sample, number == 1);
        return give(sample.w.bytes, sample.w.size, to, size);
    }
    if (number >= 6) return false;
    memset(&dense, 0, sizeof dense);
    dense.attributes = number & 1;
    dense.one_block = number >= 4;
    dense_make(&dense, room);
    return give(dense.w.bytes, dense.w.size, to, size);
}

bool seed_photo(unsigned number, uint8_t *to, size_t *size) {
    static struct photo_file f;
    static const uint8_t rows[64] = {0}, palette[6] = {1, 2, 3, 4, 5, 6};
    static const unsigned pngs[][4] = {
        {8, 2, 0, 39}, {8, 0, 0, 15}, {8, 6, 1, 53}, {8, 3, 0, 15}, {16, 0, 0, 27}};
    static const struct jpeg_shape jpegs[] = {
        {16, 8, 3, 0, false, false, 0}, {24, 16, 1, 2, false, false, 0},
        {16, 8, 3, 0, false, true, 0},  {16, 16, 3, 0, true, false, 2},
        {16, 16, 1, 0, true, true, 1},
    };
    const size_t first = sizeof pngs / sizeof *pngs, all = first + sizeof jpegs / sizeof *jpegs;
    if (number >= all) return false;
    memset(&f, 0, sizeof f);
    if (number >= first) {
        make_jpeg(&f, &jpegs[number - first]);
    } else {
        const unsigned *png = pngs[number];
        put_png_start(&f, 4, 3, png[0], png[1], png[2]);
        if (png[1] == 3) put_chunk(&f, "PLTE", palette, sizeof palette);
        put_png_rows(&f, rows, png[3], 1000);
        put_chunk(&f, "IEND", NULL, 0);
    }
    return give(f.bytes, f.size, to, size);
}
