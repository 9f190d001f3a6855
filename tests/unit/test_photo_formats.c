/* BMP, PGM, PPM, EXIF in a PNG; formats that are refused by their names; and what options ask for. */
#include "tests/unit/photo_decode.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct photo_file file;

static void put_little(struct photo_file *f, uint32_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++) put(f, i < 4 ? value >> (8 * i) & 255 : 0, 1);
}

/* ---- BMP ---- */

static void put_bmp(uint32_t width, int32_t height, uint32_t bits, uint32_t compression,
                    uint32_t used) {
    const uint32_t palette = bits == 8 ? 4 * (used ? used : 256) : 0, masks = compression ? 12 : 0;
    const uint32_t rows = (uint32_t)(height < 0 ? -height : height);
    file.size = 0;
    put(&file, 0x424d, 2);
    put_little(&file, 0, 8);
    put_little(&file, 54 + masks + palette, 4);
    put_little(&file, 40, 4);
    put_little(&file, width, 4);
    put_little(&file, (uint32_t)height, 4);
    put_little(&file, 1, 2);
    put_little(&file, bits, 2);
    put_little(&file, compression, 4);
    put_little(&file, 0, 12);
    put_little(&file, used, 4);
    put_little(&file, 0, 4);
    if (masks)
        put_little(&file, 0xff0000, 4), put_little(&file, 0xff00, 4), put_little(&file, 0xff, 4);
    for (uint32_t i = 0; i < palette / 4; i++) /* greys, or other colours where `used` says so */
        put_little(&file, used ? i * 0x010203 : i * 0x010101, 4);
    for (uint32_t y = 0; y < rows; y++) {
        const size_t start = file.size;
        for (uint32_t x = 0; x < width; x++)
            put_little(&file, bits == 8 ? 10 * y + x : 0x551000 * (y + 1) + x, bits / 8);
        while ((file.size - start) % 4) put(&file, 0, 1);
    }
}

static const struct bmp_case {
    uint32_t width;
    int32_t height;
    uint32_t bits, compression, used;
} bmp_cases[] = {
    {5, 3, 24, 0, 0}, {4, 3, 24, 0, 0}, {1, 1, 24, 0, 0},  {5, 3, 32, 0, 0},
    {5, 3, 32, 3, 0}, {7, 4, 8, 0, 0},  {7, 4, 8, 0, 100}, {5, -3, 24, 0, 0},
};

static void test_bmp(void **unused) {
    (void)unused;
    for (size_t i = 0; i < COUNT(bmp_cases); i++) {
        const struct bmp_case *c = &bmp_cases[i];
        const uint32_t rows = (uint32_t)(c->height < 0 ? -c->height : c->height);
        const bool grey = c->bits == 8 && !c->used;
        struct fovea_image image;
        put_bmp(c->width, c->height, c->bits, c->compression, c->used);
        for (size_t cut = 0; cut < file.size; cut++)
            assert_int_not_equal(decode(file.bytes, cut, &image), FOVEA_OK);
        assert_int_equal(decode(file.bytes, file.size, &image), FOVEA_OK);
        assert_int_equal(image.width, c->width);
        assert_int_equal(image.height, rows);
        assert_int_equal(image.format, grey ? FOVEA_PIXELS_GREY : FOVEA_PIXELS_RGB);
        for (uint32_t y = 0; y < rows; y++)
            for (uint32_t x = 0; x < c->width; x++) {
                const uint32_t row = c->height < 0 ? y : rows - 1 - y, index = 10 * row + x;
                const uint32_t colour = c->bits != 8 ? 0x551000 * (row + 1) + x
                                        : c->used    ? index * 0x010203
                                                     : index * 0x010101;
                const uint8_t *p = image.pixels + y * image.stride + x * (grey ? 1 : 3);
                for (int k = 0; k < (grey ? 1 : 3); k++)
                    assert_int_equal(p[k], colour >> (16 - 8 * k) & 255);
            }
        fovea_photo_free(&image);
    }
}

static void check_refused(const char *check) {
    struct fovea_image image;
    struct fovea_error error;
    fovea_photo_decode(file.bytes, file.size, &image, &error);
    fovea_photo_free(&image);
    assert_string_equal(error.check, check);
}

static void test_bmp_refusals(void **unused) {
    (void)unused;
    static const struct {
        size_t at;
        uint32_t value;
        const char *check;
    } edits[] = {
        {14, 12, "P-064"},         {28, 16, "P-064"},          {28, 4, "P-064"},
        {30, 1, "P-064"},          {18, 0, "P-065"},           {22, 0, "P-065"},
        {18, 20000, "P-004"},      {22, 1000, "P-066"},        {10, 60, "P-066"},
        {10, 0x7fffffff, "P-066"}, {22, 0x80000000u, "P-004"},
    };
    for (size_t i = 0; i < COUNT(edits); i++) {
        put_bmp(5, 3, 24, 0, 0);
        const size_t end = file.size;
        file.size = edits[i].at;
        put_little(&file, edits[i].value, 4);
        file.size = end;
        check_refused(edits[i].check);
    }
    put_bmp(5, 3, 8, 0, 300); /* of more colours than indices */
    check_refused("P-066");
    put_bmp(5, 3, 24, 3, 0); /* masks are for 32 bits */
    check_refused("P-064");
    put_bmp(5, 3, 8, 0, 2);
    file.bytes[15] = 16; /* a header of 4136 bytes, behind which there is no palette */
    check_refused("P-066");
    put_bmp(5, 3, 32, 3, 0); /* green and blue change places */
    file.bytes[59] = 0;
    check_refused("P-064");
}

/* ---- PGM and PPM ---- */

static void put_text(const char *text) {
    put_bytes(&file, text, strlen(text));
}

static void test_pnm(void **unused) {
    (void)unused;
    static const struct {
        const char *text;
        uint32_t channels, bytes;
        uint8_t samples[12], want[6];
    } cases[] = {
        {"P5 3 2 255\n", 1, 1, {0, 1, 127, 128, 254, 255}, {0, 1, 127, 128, 254, 255}},
        {"P5\n# a note\n 3\t2 # another\r\n15\n",
         1,
         1,
         {0, 1, 2, 7, 14, 15},
         {0, 17, 34, 119, 238, 255}},
        {"P6 1 2 255\n", 3, 1, {9, 8, 7, 6, 5, 4}, {9, 8, 7, 6, 5, 4}},
        {"P5 3 2 4\n", 1, 1, {0, 1, 2, 3, 4, 200}, {0, 64, 128, 191, 255, 255}},
        {"P5 3 2 65535\n",
         1,
         2,
         {0, 0, 0, 255, 1, 1, 128, 128, 255, 254, 255, 255},
         {0, 1, 1, 128, 255, 255}},
        {"P5 3 2 6\n", 1, 1, {0, 1, 2, 3, 5, 6}, {0, 42, 85, 128, 212, 255}}, /* halves: even */
        {"P6 1 2 1000 ",
         3,
         2,
         {0, 0, 0, 2, 3, 232, 1, 244, 3, 231, 0, 6},
         {0, 1, 255, 128, 255, 2}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fovea_image image;
        file.size = 0;
        put_text(cases[i].text);
        put_bytes(&file, cases[i].samples, 6 * cases[i].bytes);
        for (size_t cut = 0; cut < file.size; cut++)
            assert_int_not_equal(decode(file.bytes, cut, &image), FOVEA_OK);
        put_text("behind its end");
        assert_int_equal(decode(file.bytes, file.size, &image), FOVEA_OK);
        assert_int_equal(image.stride, image.width * cases[i].channels);
        assert_memory_equal(image.pixels, cases[i].want, 6);
        fovea_photo_free(&image);
    }
    static const char *const wrong[] = {
        "P5 0 2 255\n123456",   "P5 3 0 255\n123456", "P5 3 2 0\n123456",
        "P5 3 2 70000\n123456", "P5 a 2 255\n123456", "P5 3 2 255x123456",
        "P6 3 # 2 255\n1234",   "P5 000003 2 255\n1", "P5#"};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        file.size = 0;
        put_text(wrong[i]);
        check_refused("P-067");
    }
    file.size = 0;
    put_text("P5 20000 20000 255\n123456");
    check_refused("P-004");
}

/* ---- names ---- */

static void test_names(void **unused) {
    (void)unused;
    static const struct {
        size_t at;
        const char *bytes;
        size_t size;
        const char *check, *word;
    } cases[] = {
        {4, "ftypheic", 8, "P-069", "heif-convert"},
        {4, "ftypavif", 8, "P-069", "HEIC"},
        {0, "II*\0", 4, "P-070", "TIFF"},
        {0, "MM\0*", 4, "P-070", "TIFF"},
        {4, "ftypcrx ", 8, "P-071", "raw"},
        {0, "FUJIFILMCCD-RAW", 15, "P-071", "raw"},
        {4, "jP  \r\n\x87\n", 8, "P-072", "2000"},
        {0, "\xff\x0a", 2, "P-072", "XL"},
        {8, "WEBP", 4, "P-073", "dwebp"},
        {0, "GIF89a", 6, "P-074", "GIF"},
        {128, "DICM", 4, "P-075", "dcm2pnm"},
        {0, "%PDF-1.7", 8, "P-002", "JPEG, PNG, BMP"},
        {127, "DICM", 4, "P-002", "PGM"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fovea_image image;
        struct fovea_error error;
        memset(&file, 0, sizeof file);
        memcpy(file.bytes + cases[i].at, cases[i].bytes, cases[i].size);
        assert_int_equal(fovea_photo_decode(file.bytes, 200, &image, &error), FOVEA_UNSUPPORTED);
        assert_string_equal(error.check, cases[i].check);
        assert_non_null(strstr(error.text, cases[i].word));
        /* cut short, it is nothing */
        const size_t cut = cases[i].at + cases[i].size - 1;
        if (strcmp(cases[i].check, "P-071") == 0) continue;
        fovea_photo_decode(file.bytes, cut, &image, &error);
        assert_string_equal(error.check, cases[i].size == 6 ? "P-074" : "P-002");
    }
}

/* ---- EXIF in a PNG; options ---- */

/* Of several EXIF chunks the first one counts. */
static void make_exif_png(unsigned orientation) {
    const uint8_t tiff[] = {'M', 'M',  0, 42, 0, 0, 0, 8, 0, 1,
                            1,   0x12, 0, 3,  0, 0, 0, 1, 0, (uint8_t)orientation,
                            0,   0};
    static const uint8_t rows[] = {0, 1, 2, 3, 0, 4, 5, 6};
    put_png_start(&file, 3, 2, 8, 0, 0);
    const uint8_t other[sizeof tiff] = {'M',  'M', 0, 42, 0, 0, 0, 8, 0, 1, 1,
                                        0x12, 0,   3, 0,  0, 0, 1, 0, 7, 0, 0};
    put_chunk(&file, "eXIf", tiff, sizeof tiff);
    put_chunk(&file, "eXIf", other, sizeof other);
    put_png_rows(&file, rows, sizeof rows, 100);
    put_chunk(&file, "IEND", NULL, 0);
}

static void test_png_exif(void **unused) {
    (void)unused;
    static const uint8_t turned[9][6] = {{0},
                                         {1, 2, 3, 4, 5, 6},
                                         {3, 2, 1, 6, 5, 4},
                                         {6, 5, 4, 3, 2, 1},
                                         {4, 5, 6, 1, 2, 3},
                                         {1, 4, 2, 5, 3, 6},
                                         {4, 1, 5, 2, 6, 3},
                                         {6, 3, 5, 2, 4, 1},
                                         {3, 6, 2, 5, 1, 4}};
    for (unsigned orientation = 1; orientation <= 8; orientation++) {
        const struct fovea_photo_options stored = {.size = sizeof stored, .as_stored = true};
        struct fovea_image image;
        make_exif_png(orientation);
        assert_int_equal(decode(file.bytes, file.size, &image), FOVEA_OK);
        assert_int_equal(image.width, orientation < 5 ? 3 : 2);
        assert_memory_equal(image.pixels, turned[orientation], 6);
        fovea_photo_free(&image);
        assert_int_equal(fovea_photo_decode_as(file.bytes, file.size, &stored, &image, NULL),
                         FOVEA_OK);
        assert_int_equal(image.width, 3);
        assert_memory_equal(image.pixels, turned[1], 6);
        fovea_photo_free(&image);
    }
}

/* ---- what the markers of a JPEG say ---- */

/* The first pixel of a JPEG of three components named so, with a marker of APPn put in front. */
static void check_colours(const char *names, const char *marker, size_t size, bool rgb) {
    static const struct jpeg_shape shape = {8, 8, 3, 0, false, false, 0};
    struct fovea_image image;
    make_jpeg(&file, &shape);
    for (size_t i = 0; names && i + 19 < file.size; i++) {
        const bool frame = file.bytes[i] == 0xff && file.bytes[i + 1] == 0xc0;
        const bool scan = file.bytes[i] == 0xff && file.bytes[i + 1] == 0xda;
        for (size_t c = 0; frame && c < 3; c++) file.bytes[i + 10 + 3 * c] = (uint8_t)names[c];
        for (size_t c = 0; scan && c < 3; c++) file.bytes[i + 5 + 2 * c] = (uint8_t)names[c];
    }
    splice(&file, 2, 0, marker, size);
    assert_int_equal(decode(file.bytes, file.size, &image), FOVEA_OK);
    /* The values of the components themselves, or what they are as YCbCr. */
    for (uint32_t c = 0; c < 3; c++)
        if (rgb) assert_int_equal(image.pixels[c], 128 + block_value(c, 0, 0));
    if (!rgb) assert_int_not_equal(image.pixels[1], 128 + block_value(1, 0, 0));
    fovea_photo_free(&image);
}

static void test_colours(void **unused) {
    (void)unused;
    static const char jfif[] = "\xff\xe0\0\20JFIF\0\1\1\0\0\1\0\1\0",
                      other[] = "\xff\xe0\0\20JFXX\0\1\1\0\0\1\0\1\0",
                      tiny[] = "\xff\xe0\0\10JFIF\0", plain[] = "\xff\xee\0\16Adobe\0\144\0\0\0\0",
                      mixed[] = "\xff\xee\0\16Adobe\0\144\0\0\0\0\1";
    check_colours("RGB", "", 0, true);
    check_colours("RGC", "", 0, false);
    check_colours("RBG", "", 0, false);
    check_colours("GRB", "", 0, false);
    check_colours("RGB", jfif, sizeof jfif, false);
    check_colours("RGB", other, sizeof other, true);
    check_colours("RGB", tiny, sizeof tiny, true);
    check_colours(NULL, plain, sizeof plain, true);
    check_colours("RGB", mixed, sizeof mixed - 1, false);
}

/* More symbols than there are bytes, though their codes have room. */
static void test_symbols(void **unused) {
    (void)unused;
    static const struct jpeg_shape shape = {8, 8, 3, 0, false, false, 0};
    make_jpeg(&file, &shape);
    for (size_t i = 0; i + 21 < file.size; i++)
        if (file.bytes[i] == 0xff && file.bytes[i + 1] == 0xc4) {
            file.bytes[i + 4 + 15] = file.bytes[i + 4 + 16] = 255;
            break;
        }
    check_refused("P-008");
}

static void check_shrunk(struct fovea_photo_options options, uint32_t width, uint32_t height) {
    struct fovea_image image;
    options.size = sizeof options;
    assert_int_equal(fovea_photo_decode_as(file.bytes, file.size, &options, &image, NULL),
                     FOVEA_OK);
    assert_int_equal(image.width, width);
    assert_int_equal(image.height, height);
    fovea_photo_free(&image);
}

/* Pillow's draft() of a picture of 100x75: the same sizes. */
static void test_shrink(void **unused) {
    (void)unused;
    static const struct jpeg_shape shape = {100, 75, 1, 0, false, false, 0};
    static const uint32_t drafts[][3] = {{100, 75, 1}, {51, 30, 1},  {50, 38, 1}, {50, 37, 2},
                                         {26, 10, 2},  {25, 18, 4},  {13, 9, 4},  {12, 9, 8},
                                         {1, 1, 8},    {200, 200, 1}};
    make_jpeg(&file, &shape);
    for (uint32_t shrink = 1; shrink <= 8; shrink *= 2)
        check_shrunk((struct fovea_photo_options){.shrink = shrink}, (99 + shrink) / shrink,
                     (74 + shrink) / shrink);
    for (size_t i = 0; i < COUNT(drafts); i++) {
        const uint32_t shrink = drafts[i][2];
        const struct fovea_recipe recipe = {.shrink = FOVEA_SHRINK_DRAFT};
        struct fovea_photo_options options = {.size = sizeof options};
        fovea_photo_by(&recipe, drafts[i][0], drafts[i][1], &options);
        check_shrunk(options, (99 + shrink) / shrink, (74 + shrink) / shrink);
    }
}

static void test_options(void **unused) {
    (void)unused;
    static const struct fovea_photo_options wrong[] = {
        {.size = sizeof wrong[0], .shrink = 3},   {.size = sizeof wrong[0], .shrink = 16},
        {.size = sizeof wrong[0], .side = 65536}, {.size = sizeof wrong[0], .area = 250000001},
        {.size = sizeof wrong[0], .scans = 1001}, {.size = 1}};
    struct fovea_image image;
    struct fovea_error error;
    make_exif_png(1);
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_int_equal(fovea_photo_decode_as(file.bytes, file.size, &wrong[i], &image, &error),
                         FOVEA_ARGUMENT);
        assert_string_equal(error.check, "P-061");
    }
    const struct fovea_recipe recipe = {.transform = FOVEA_TRANSFORM_FAST,
                                        .shrink = FOVEA_SHRINK_4,
                                        .orientation = FOVEA_ORIENTATION_IGNORE};
    struct fovea_photo_options options = {.size = sizeof options, .scans = 7};
    fovea_photo_by(&recipe, 9, 9, &options);
    assert_true(options.fast && options.as_stored && options.scans == 7);
    assert_int_equal(options.shrink, 4);
    assert_int_equal(options.least_width, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bmp),      cmocka_unit_test(test_bmp_refusals),
        cmocka_unit_test(test_pnm),      cmocka_unit_test(test_names),
        cmocka_unit_test(test_png_exif), cmocka_unit_test(test_shrink),
        cmocka_unit_test(test_options),  cmocka_unit_test(test_colours),
        cmocka_unit_test(test_symbols),
    };
    return cmocka_run_group_tests_name("photo formats", tests, NULL, NULL);
}
