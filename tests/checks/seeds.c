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
    if (number >= 8) return false;
    if (number >= 6) { /* a symbol table cut short; a description that is a number */
        struct writer *w = &sample.w;
        const int64_t five = 5;
        uint64_t root;
        unsigned messages = 1;
        w_begin(w, room, number == 7);
        if (number == 6) {
            root = w_header(w);
            const uint64_t message = w_message(w, HDF5_SYMBOL_TABLE);
            w_put(w, 8, 0);
            w_message_end(w, message);
        } else {
            root = w_group_begin(w, NULL, 0, &messages);
            w_attribute(w, "model_config", W_I8, 0, NULL, &five, 8);
            messages++;
        }
        w_header_end(w, root, messages);
        w_end(w, root);
        return give(w->bytes, w->size, to, size);
    }
    memset(&dense, 0, sizeof dense);
    dense.attributes = number & 1;
    dense.one_block = number >= 4;
    dense_make(&dense, room);
    return give(dense.w.bytes, dense.w.size, to, size);
}

static struct photo_file f;

static void put_odd_photo(unsigned number) {
    static const uint8_t rows[64] = {0}, palette[6] = {1, 2, 3, 4, 5, 6};
    static const struct jpeg_shape jpeg = {16, 8, 3, 0, false, false, 0};
    static const struct jpeg_shape inks = {16, 8, 4, 0, false, false, 0};
    switch (number) {
    case 0: /* a palette behind the rows */
    case 1: /* transparency of a wrong size */
    case 2: /* Apple's chunk */
        put_png_start(&f, 4, 3, 8, 2, 0);
        if (number == 1) put_chunk(&f, "tRNS", rows, 3);
        if (number == 2) put_chunk(&f, "CgBI", rows, 4);
        put_png_rows(&f, rows, 39, 1000);
        if (number == 0) put_chunk(&f, "PLTE", palette, sizeof palette);
        put_chunk(&f, "IEND", NULL, 0);
        break;
    case 3: /* nothing but a start and an end */ put(&f, 0xffd8ffd9, 4); break;
    case 4: /* a frame of two components */
        put(&f, 0xffd8, 2);
        put(&f, 0xffc0000e, 4);
        put(&f, 0x08, 1);
        put(&f, 0x00080010, 4);
        put(&f, 0x02, 1);
        put(&f, 0x011100021100, 6);
        put(&f, 0xffd9, 2);
        break;
    case 5: make_jpeg(&f, &inks); break;
    case 7: /* a BMP of 2 x 2 */
        put(&f, 0x424d, 2);
        put(&f, 0, 8);
        put(&f, 0x3600000028000000, 8);
        put(&f, 0x0200000002000000, 8);
        put(&f, 0x01001800, 4);
        put(&f, 0, 8);
        put(&f, 0, 8);
        put(&f, 0, 8);
        put(&f, 0x0102030405060000, 8);
        put(&f, 0x0708090a0b0c0000, 8);
        break;
    case 8: put_bytes(&f, "P5 3 2 255\n123456", 17); break;
    case 9: /* no photo at all */ f.size = 200; break;
    default: /* blocks of 4 x 4 for each of three components */
        make_jpeg(&f, &jpeg);
        for (size_t i = 0; i + 19 < f.size; i++)
            if (f.bytes[i] == 0xff && f.bytes[i + 1] == 0xc0)
                for (size_t c = 0; c < 3; c++) f.bytes[i + 11 + 3 * c] = 0x44;
    }
}

bool seed_photo(unsigned number, uint8_t *to, size_t *size) {
    static const uint8_t rows[64] = {0}, palette[6] = {1, 2, 3, 4, 5, 6};
    static const unsigned pngs[][4] = {
        {8, 2, 0, 39}, {8, 0, 0, 15}, {8, 6, 1, 53}, {8, 3, 0, 15}, {16, 0, 0, 27}};
    static const struct jpeg_shape jpegs[] = {
        {16, 8, 3, 0, false, false, 0}, {24, 16, 1, 2, false, false, 0},
        {16, 8, 3, 0, false, true, 0},  {16, 16, 3, 0, true, false, 2},
        {16, 16, 1, 0, true, true, 1},
    };
    const size_t first = sizeof pngs / sizeof *pngs, all = first + sizeof jpegs / sizeof *jpegs;
    if (number >= all + 10) return false;
    if (number >= all) { /* what no bend at one place makes of the others */
        memset(&f, 0, sizeof f);
        put_odd_photo(number - (unsigned)all);
        return give(f.bytes, f.size, to, size);
    }
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
