/* Segments of JPEG files, and a PNG's header: what is wrong in a single one, and what EXIF says of a picture's
 * way up. */
#include "tests/unit/photo_decode.h"

#include <stdio.h>
#include <sys/mman.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct photo_file file;

/* Bytes behind a marker replaced by others of any number; which check refuses the file, "" where none does. */
static void test_segments(void **state) {
    (void)state;
    static const struct jpeg_shape colour = {40, 24, 3, 2, false, false, 0};
    static const struct jpeg_shape finer = {40, 24, 3, 0, true, false, 1};
    static const struct jpeg_shape inks = {40, 24, 4, 0, false, false, 0};
    static const struct {
        const struct jpeg_shape *shape;
        const char *check;
        unsigned marker, at, gone; /* from the marker */
        const char *bytes;
        size_t count;
    } cases[] = {
        {&colour, "P-009", 0xdd, 2, 4, "\0\5\0\2\0", 5}, /* a restart interval of three bytes */
        {&colour, "P-009", 0xdd, 2, 4, "\0\3\0", 3},     /* of one */
        {&colour, "P-019", 0xc0, 2, 17, "\0\16\10\0\30\0\50\2\1\21\0\2\21\0", 14},
        {&colour, "P-020", 0xda, 2, 12, "\0\2", 2},            /* an empty scan header */
        {&colour, "P-031", 0xd9, 0, 0, "\xff\xd7\xff\xd0", 4}, /* two restarts too many */
        {&colour, "", 0xd9, 0, 0, "\xff\xd7", 2},
        {&colour, "", 0xd9, 0, 0, "\xff\xdc\0\4\0\30", 6}, /* the height, known before */
        {&finer, "P-022", 0xda, 11, 2, "\1\77", 2},        /* AC of three components */
        {&finer, "P-022", 0xda, 11, 2, "\0\1", 2},         /* DC and AC */
        {&finer, "P-022", 0xda, 11, 2, "\0\100", 2},       /* no such coefficient */
        {&finer, "P-022", 0xda, 11, 2, "\2\1", 2},
        {&finer, "P-022", 0xda, 13, 1, "\16", 1},               /* no such bit */
        {&finer, "P-022", 0xda, 13, 1, "\40", 1},               /* two bits at a time */
        {&inks, "", 0xee, 15, 1, "\2", 1},                      /* YCCK */
        {&inks, "", 0xee, 15, 1, "\1", 1},                      /* taken for it, as libjpeg does */
        {&inks, "", 0xee, 1, 1, "\xed", 1},                     /* not Adobe's marker: CMYK */
        {&inks, "", 0xee, 4, 1, "a", 1},                        /* another one's */
        {&inks, "", 0xee, 2, 14, "\0\15Adobe\0\144\0\0\0", 13}, /* cut short */
        {&colour, "", 0xda, 0, 0,
         "\xff\xee\0\16"
         "Adobe\0\144\0\0\0\0\1",
         16}, /* of a picture in YCbCr */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fovea_image image;
        struct fovea_error error;
        make_jpeg(&file, cases[i].shape);
        splice(&file, marker(&file, cases[i].marker) + cases[i].at, cases[i].gone, cases[i].bytes,
               cases[i].count);
        fovea_photo_decode(file.bytes, file.size, &image, &error);
        fovea_photo_free(&image);
        if (strcmp(error.check, cases[i].check) != 0)
            fail_msg("case %zu: \"%s\" %s", i, error.check, error.text);
    }
}

/* A file of more than 2 GiB, of which one MiB is there: comments, mapped again and again. */
static void test_two_gigabytes(void **state) {
    (void)state;
    static const struct jpeg_shape grey = {8, 8, 1, 0, false, false, 0};
    static uint8_t comments[1 << 20];
    const size_t segment = 1 << 16, times = 2048, whole = segment + times * sizeof comments;
    struct fovea_image image;
    struct fovea_error error;
    for (size_t at = 0; at < sizeof comments; at += segment)
        memcpy(comments + at, "\xff\xfe\xff\xfe", 4);
    make_jpeg(&file, &grey);
    FILE *kept = tmpfile();
    assert_non_null(kept);
    assert_int_equal(fwrite(comments, sizeof comments, 1, kept), 1);
    memcpy(comments, "\xff\xd8\xff\xfe\xff\xfc", 6);
    assert_int_equal(fwrite(comments, segment, 1, kept), 1);
    assert_int_equal(fwrite(file.bytes + 2, file.size - 2, 1, kept), 1);
    assert_int_equal(fflush(kept), 0);
    const size_t size = whole + file.size - 2;
    const int from = fileno(kept);
    uint8_t *photo = mmap(NULL, size, PROT_READ, MAP_SHARED, from, 0);
    if (photo == MAP_FAILED) skip(); /* a machine of 32 bits */
    mmap(photo, segment, PROT_READ, MAP_SHARED | MAP_FIXED, from, sizeof comments);
    for (uint8_t *at = photo + segment; at < photo + whole; at += sizeof comments)
        if (mmap(at, sizeof comments, PROT_READ, MAP_SHARED | MAP_FIXED, from, 0) != at) fail();
    mmap(photo + whole, file.size - 2, PROT_READ, MAP_SHARED | MAP_FIXED, from,
         (off_t)(sizeof comments + segment));
    assert_int_equal(fovea_photo_decode(photo, size, &image, &error), FOVEA_LIMIT);
    assert_string_equal(error.check, "P-003");
    munmap(photo, size);
    fclose(kept);
}

/* A PNG's header with one byte of it changed, or with one more. */
static void test_png_header(void **state) {
    (void)state;
    static const struct {
        const char *check;
        unsigned at, value, size;
    } cases[] = {{"", 8, 8, 13},       {"P-041", 10, 1, 13}, {"P-041", 11, 1, 13},
                 {"P-041", 12, 2, 13}, {"P-038", 13, 0, 14}, {"P-038", 8, 8, 12}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        static struct photo_file whole;
        struct fovea_image image;
        struct fovea_error error;
        uint8_t header[14] = {0};
        make_grey_png(&whole, 4, 3);
        memcpy(header, whole.bytes + 16, 13);
        header[cases[i].at] = (uint8_t)cases[i].value;
        file.size = 0;
        put_bytes(&file, whole.bytes, 8);
        put_chunk(&file, "IHDR", header, cases[i].size);
        put_bytes(&file, whole.bytes + 33, whole.size - 33);
        fovea_photo_decode(file.bytes, file.size, &image, &error);
        fovea_photo_free(&image);
        assert_string_equal(error.check, cases[i].check);
    }
}

/* ---- EXIF ---- */

static void add_exif(bool little, unsigned type, unsigned value) {
    static const uint8_t head[2][22] = {
        {0xff, 0xe1, 0, 36, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12},
        {0xff, 0xe1, 0, 36, 'E', 'x', 'i', 'f', 0, 0, 'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1}};
    uint8_t segment[38] = {0};
    memcpy(segment, head[little], sizeof head[0]);
    segment[little ? 22 : 23] = (uint8_t)type;
    segment[little ? 24 : 27] = 1;
    segment[little ? 28 : 29] = (uint8_t)value;
    splice(&file, 2, 0, segment, sizeof segment);
}

static void test_exif(void **state) {
    (void)state;
    static const struct jpeg_shape grey = {40, 24, 1, 0, false, false, 0};
    const uint32_t w = grey.width, h = grey.height;
    for (unsigned o = 0; o <= 9; o++)
        for (int little = 0; little < 2; little++) {
            struct fovea_image image;
            unsigned turn = o == 0 || o == 9 ? 1 : o;
            make_jpeg(&file, &grey);
            add_exif(little, 3, o);
            assert_int_equal(decode(file.bytes, file.size, &image), FOVEA_OK);
            assert_int_equal(image.width, turn < 5 ? w : h);
            assert_int_equal(image.height, turn < 5 ? h : w);
            for (uint32_t y = 0; y < h; y++)
                for (uint32_t x = 0; x < w; x++) {
                    const uint32_t fx = w - 1 - x, fy = h - 1 - y;
                    const uint32_t to[9][2] = {{0, 0}, {x, y},  {fx, y},  {fx, fy}, {x, fy},
                                               {y, x}, {fy, x}, {fy, fx}, {y, fx}};
                    assert_int_equal(image.pixels[to[turn][1] * image.stride + to[turn][0]],
                                     128 + block_value(0, x / 8, y / 8));
                }
            fovea_photo_free(&image);
        }
}

/* Malformed EXIF data are passed over, whatever byte is wrong. */
static void test_exif_malformed(void **state) {
    (void)state;
    static const struct jpeg_shape grey = {40, 24, 1, 0, false, false, 0};
    for (size_t at = 6; at < 2 + 38; at++)
        for (unsigned value = 0; value < 256; value += 51) {
            make_jpeg(&file, &grey);
            add_exif(at % 2, 3, 6);
            file.bytes[at] = (uint8_t)value;
            assert_int_equal(status_of(&file), FOVEA_OK);
        }
}

/* What is cut off at the segment's end says nothing; of two the first counts. */
static void test_exif_parts(void **state) {
    (void)state;
    static const struct jpeg_shape grey = {40, 24, 1, 0, false, false, 0};
    const size_t bytes = 38, needed = 32; /* of the segment; up to the end of its only entry */
    struct fovea_image image;
    for (size_t length = 4; length <= bytes; length++) {
        make_jpeg(&file, &grey);
        add_exif(length % 2, 3, 6);
        splice(&file, 2 + length, bytes - length, NULL, 0);
        file.bytes[5] = (uint8_t)(length - 2);
        assert_int_equal(decode(file.bytes, file.size, &image), FOVEA_OK);
        assert_int_equal(image.width, length < needed ? grey.width : grey.height);
        fovea_photo_free(&image);
    }
    for (unsigned first = 1; first <= 6; first += 5) {
        make_jpeg(&file, &grey);
        add_exif(true, 3, 7 - first);
        add_exif(false, 3, first);
        assert_int_equal(decode(file.bytes, file.size, &image), FOVEA_OK);
        assert_int_equal(image.width, first == 1 ? grey.width : grey.height);
        fovea_photo_free(&image);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_segments),       cmocka_unit_test(test_png_header),
        cmocka_unit_test(test_two_gigabytes),  cmocka_unit_test(test_exif),
        cmocka_unit_test(test_exif_malformed), cmocka_unit_test(test_exif_parts),
    };
    return cmocka_run_group_tests_name("photo parts", tests, NULL, NULL);
}
