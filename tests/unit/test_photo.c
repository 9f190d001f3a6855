/* The photo reader: what it must accept, to the pixel, and what it must refuse, byte by byte. */
#include "include/fovea_photo.h"
#include "cli/npy.h"
#include "tests/unit/photo_decode.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct photo_file file, other;
static uint8_t rows[1 << 16];

/* ---- PNG: every colour type and depth, interlaced or not ---- */

static const struct {
    unsigned colour, channels, depths[5];
} kinds[] = {{0, 1, {1, 2, 4, 8, 16}},
             {2, 3, {8, 16}},
             {3, 1, {1, 2, 4, 8}},
             {4, 2, {8, 16}},
             {6, 4, {8, 16}}};

static unsigned sample(unsigned x, unsigned y, unsigned c, unsigned depth) {
    return (x * 40503u + y * 9973u + c * 12345u + (x * y) * 7919u) & ((1u << depth) - 1);
}

static size_t make_rows(unsigned w, unsigned h, unsigned channels, unsigned depth,
                        unsigned interlace) {
    static const unsigned passes[8][4] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                                          {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}, {0, 0, 1, 1}};
    size_t size = 0;
    for (unsigned p = interlace ? 0 : 7; p < (interlace ? 7u : 8u); p++)
        for (unsigned y = passes[p][1]; y < h && passes[p][0] < w; y += passes[p][3]) {
            unsigned bits = 0, count = 0;
            rows[size++] = 0;
            for (unsigned x = passes[p][0]; x < w; x += passes[p][2])
                for (unsigned c = 0; c < channels; c++)
                    for (unsigned bit = depth; bit-- > 0;) {
                        bits = bits << 1 | (sample(x, y, c, depth) >> bit & 1);
                        if (++count % 8 == 0) rows[size++] = (uint8_t)bits;
                    }
            if (count % 8) rows[size++] = (uint8_t)(bits << (8 - count % 8));
        }
    return size;
}

static unsigned as_byte(unsigned value, unsigned depth) {
    return depth == 16 ? value >> 8 : value * 255 / ((1u << depth) - 1);
}

static void check_png(size_t kind, unsigned depth, unsigned w, unsigned h, unsigned interlace) {
    uint8_t palette[768];
    struct fovea_image image;
    unsigned colour = kinds[kind].colour, wanted = colour == 0 || colour == 4 ? 1 : 3;
    for (size_t i = 0; i < sizeof palette; i++) palette[i] = (uint8_t)(i * 37 + 5);
    put_png_start(&file, w, h, depth, colour, interlace);
    if (colour == 3) put_chunk(&file, "PLTE", palette, 3u << depth);
    put_png_rows(&file, rows, make_rows(w, h, kinds[kind].channels, depth, interlace), 1000);
    put_chunk(&file, "tEXt", "x\0y", 3);
    put_chunk(&file, "IEND", NULL, 0);
    assert_int_equal(decode(file.bytes, file.size, &image), FOVEA_OK);
    assert_int_equal(image.width, w);
    assert_int_equal(image.height, h);
    assert_int_equal(image.format, wanted == 1 ? FOVEA_PIXELS_GREY : FOVEA_PIXELS_RGB);
    assert_int_equal(image.stride, w * wanted);
    for (unsigned y = 0; y < h; y++)
        for (unsigned x = 0; x < w; x++)
            for (unsigned c = 0; c < wanted; c++) {
                unsigned want = colour == 3 ? palette[3 * sample(x, y, 0, depth) + c]
                                            : as_byte(sample(x, y, c, depth), depth);
                assert_int_equal(image.pixels[y * image.stride + x * wanted + c], want);
            }
    fovea_photo_free(&image);
    fovea_photo_free(&image); /* harmless */
}

static void test_png_kinds(void **state) {
    (void)state;
    static const unsigned sizes[][2] = {{1, 1}, {3, 2}, {13, 9}, {33, 17}};
    for (size_t k = 0; k < COUNT(kinds); k++)
        for (size_t d = 0; d < 5 && kinds[k].depths[d]; d++)
            for (size_t s = 0; s < COUNT(sizes); s++)
                for (unsigned interlace = 0; interlace < 2; interlace++)
                    check_png(k, kinds[k].depths[d], sizes[s][0], sizes[s][1], interlace);
}

static void test_png_transparency(void **state) {
    (void)state;
    struct fovea_image image;
    put_png_start(&file, 5, 4, 8, 0, 0);
    put_chunk(&file, "tRNS", "\0\7", 2);
    put_png_rows(&file, rows, make_rows(5, 4, 1, 8, 0), 9);
    put_chunk(&file, "IEND", NULL, 0);
    assert_int_equal(decode(file.bytes, file.size, &image), FOVEA_OK);
    for (unsigned i = 0; i < 20; i++) assert_int_equal(image.pixels[i], sample(i % 5, i / 5, 0, 8));
    fovea_photo_free(&image);
}

/* Indices beyond the palette are black, not what lay on the stack. */
static void test_png_palette_overrun(void **state) {
    (void)state;
    struct fovea_image image;
    put_png_start(&file, 16, 16, 8, 3, 0);
    put_chunk(&file, "PLTE", "\1\2\3", 3);
    put_png_rows(&file, rows, make_rows(16, 16, 1, 8, 0), 1000);
    put_chunk(&file, "IEND", NULL, 0);
    assert_int_equal(decode(file.bytes, file.size, &image), FOVEA_OK);
    for (unsigned i = 0; i < 256; i++)
        for (unsigned c = 0; c < 3; c++)
            assert_int_equal(image.pixels[3 * i + c],
                             sample(i % 16, i / 16, 0, 8) == 0 ? c + 1 : 0);
    fovea_photo_free(&image);
}

static void test_png_cut_or_flipped(void **state) {
    (void)state;
    struct fovea_image image;
    make_grey_png(&file, 13, 11);
    assert_int_equal(status_of(&file), FOVEA_OK);
    for (size_t cut = 0; cut < file.size; cut++)
        assert_int_not_equal(decode(file.bytes, cut, &image), FOVEA_OK);
    for (size_t bit = 0; bit < 8 * file.size; bit++) {
        file.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(decode(file.bytes, file.size, &image), FOVEA_OK);
        file.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

/* ---- PNG: structures to refuse ---- */

/* A signature and an IHDR of these values, then the chunks. */
struct png_case {
    uint32_t width, height;
    unsigned depth, colour, interlace;
    const char *chunks[6]; /* a name, or "rows" */
    size_t bytes;          /* of each chunk but rows; of rows: 0 for the right number */
    enum fovea_status want;
};

static const struct png_case png_cases[] = {
    {4, 3, 8, 0, 0, {"rows", "IEND"}, 0, FOVEA_OK},
    {4, 3, 8, 0, 0, {"rows"}, 0, FOVEA_TRUNCATED},
    {4, 3, 8, 0, 0, {"IEND"}, 0, FOVEA_PICTURE},
    {4, 3, 8, 0, 0, {"rows", "IEND", "tEXt"}, 0, FOVEA_OK}, /* behind the end */
    {4, 3, 8, 0, 0, {"IHDR", "rows", "IEND"}, 0, FOVEA_PICTURE},
    {4, 3, 8, 0, 0, {"rows", "tEXt", "rows", "IEND"}, 0, FOVEA_PICTURE},
    {4, 3, 8, 0, 0, {"WHAT", "rows", "IEND"}, 0, FOVEA_UNSUPPORTED},
    {4, 3, 8, 0, 0, {"CgBI", "rows", "IEND"}, 0, FOVEA_UNSUPPORTED},
    {4, 3, 8, 0, 0, {"PLTE", "rows", "IEND"}, 3, FOVEA_PICTURE},
    {4, 3, 8, 3, 0, {"rows", "IEND"}, 3, FOVEA_PICTURE},
    {4, 3, 8, 3, 0, {"PLTE", "rows", "IEND"}, 771, FOVEA_PICTURE},
    {4, 3, 8, 3, 0, {"PLTE", "rows", "IEND"}, 0, FOVEA_PICTURE},
    {4, 3, 8, 3, 0, {"PLTE", "rows", "IEND"}, 4, FOVEA_PICTURE},
    {4, 3, 8, 3, 0, {"PLTE", "PLTE", "rows", "IEND"}, 3, FOVEA_PICTURE},
    {4, 3, 8, 3, 0, {"tRNS", "PLTE", "rows", "IEND"}, 3, FOVEA_PICTURE},
    {4, 3, 8, 3, 0, {"PLTE", "tRNS", "rows", "IEND"}, 6, FOVEA_PICTURE},
    {4, 3, 8, 0, 0, {"tRNS", "rows", "IEND"}, 3, FOVEA_PICTURE},
    {4, 3, 8, 0, 0, {"rows", "tRNS", "IEND"}, 2, FOVEA_PICTURE},
    {4, 3, 8, 4, 0, {"tRNS", "rows", "IEND"}, 2, FOVEA_PICTURE},
    {0, 3, 8, 0, 0, {"rows", "IEND"}, 0, FOVEA_PICTURE},
    {4, 0, 8, 0, 0, {"rows", "IEND"}, 0, FOVEA_PICTURE},
    {4, 3, 8, 1, 0, {"rows", "IEND"}, 0, FOVEA_PICTURE},
    {4, 3, 8, 7, 0, {"rows", "IEND"}, 0, FOVEA_PICTURE},
    {4, 3, 8, 255, 0, {"rows", "IEND"}, 0, FOVEA_PICTURE},
    {4, 3, 3, 0, 0, {"rows", "IEND"}, 0, FOVEA_PICTURE},
    {4, 3, 255, 0, 0, {"rows", "IEND"}, 0, FOVEA_PICTURE},
    {4, 3, 16, 3, 0, {"PLTE", "rows", "IEND"}, 3, FOVEA_PICTURE},
    {4, 3, 4, 2, 0, {"rows", "IEND"}, 0, FOVEA_PICTURE},
    {4, 3, 8, 0, 2, {"rows", "IEND"}, 0, FOVEA_UNSUPPORTED},
    {16385, 1, 8, 0, 0, {"rows", "IEND"}, 0, FOVEA_LIMIT},
    {1, 0x80000001u, 8, 0, 0, {"rows", "IEND"}, 0, FOVEA_LIMIT},
    {16384, 16384, 8, 0, 0, {"rows", "IEND"}, 0, FOVEA_LIMIT},
    {7000, 7000, 16, 6, 1, {"rows", "IEND"}, 0, FOVEA_TRUNCATED}, /* 392 MB in 15 bytes */
    {4, 3, 8, 2, 0, {"rows", "IEND"}, 0, FOVEA_PICTURE},          /* rows for grey: too few */
    {4, 2, 8, 0, 0, {"rows", "IEND"}, 0, FOVEA_PICTURE},          /* rows for 4x3: too many */
};

static void test_png_refusals(void **state) {
    (void)state;
    static uint8_t zeros[1024];
    static const uint8_t grey[15];
    for (size_t i = 0; i < COUNT(png_cases); i++) {
        const struct png_case *c = &png_cases[i];
        put_png_start(&file, c->width, c->height, c->depth, c->colour, c->interlace);
        for (size_t k = 0; k < 6 && c->chunks[k]; k++) {
            if (strcmp(c->chunks[k], "rows") == 0)
                put_png_rows(&file, grey, sizeof grey, 999);
            else
                put_chunk(&file, c->chunks[k], zeros, c->bytes);
        }
        if (status_of(&file) != c->want) print_error("case %zu\n", i);
        assert_int_equal(status_of(&file), c->want);
    }
    put_png_start(&file, 4, 3, 8, 0, 0);
    splice(&file, 8, 25, NULL, 0); /* no IHDR */
    put_png_rows(&file, grey, sizeof grey, 999);
    put_chunk(&file, "IEND", NULL, 0);
    assert_int_equal(status_of(&file), FOVEA_PICTURE);
    put_png_start(&file, 4, 3, 8, 0, 0);
    put(&file, 0x3fffffff49444154, 8); /* 43 bytes that announce a gigabyte */
    put(&file, 0, 2);
    assert_int_equal(status_of(&file), FOVEA_TRUNCATED);
    make_grey_png(&file, 4, 3);
    put(&file, 0, 1); /* not part of it */
    assert_int_equal(status_of(&file), FOVEA_OK);
}

/* ---- JPEG ---- */

static const struct jpeg_shape shapes[] = {
    {40, 24, 1, 0, false, false, 0}, {37, 21, 1, 4, false, false, 0},
    {37, 21, 3, 0, false, false, 0}, {16, 90, 3, 3, false, true, 0},
    {40, 24, 1, 0, true, false, 1},  {37, 21, 3, 2, true, false, 3},
    {37, 21, 3, 0, true, true, 2},   {100, 3, 4, 1, false, false, 0},
    {1, 1, 1, 0, false, false, 0},   {1, 200, 3, 7, true, true, 1},
};

/* The chunks of a PNG, named by a letter each, in orders that are right and wrong. */
static void test_png_order(void **state) {
    (void)state;
    static const struct {
        unsigned colour;
        const char *chunks;
        bool right;
    } cases[] = {
        {3, "HPDE", true},    {3, "HPTDE", true},  {3, "HPxDE", true},  {3, "HPDxE", true},
        {3, "HPPDE", false},  {3, "HTPDE", false}, {3, "HPDPE", false}, {3, "HPDTE", false},
        {3, "HPTTDE", false}, {3, "HDE", false},   {3, "HPE", false},   {3, "HPDxDE", false},
        {3, "HHPDE", false},  {3, "PHDE", false},  {3, "HPDeE", false}, {3, "HPDEx", true},
        {2, "HDE", true},     {2, "HtDE", true},   {2, "HTDE", false},  {2, "HPDE", true},
        {0, "HDE", true},     {0, "HPDE", false},  {0, "HuDE", true},   {0, "HtDE", false},
        {6, "HDE", true},     {6, "HTDE", false},  {4, "HPDE", false},  {2, "HtPDE", false},
        {2, "HDPE", false},
    };
    static const uint8_t dark[64] = {0}, colours[9] = {0};
    static const unsigned bytes[] = {1, 0, 3, 1, 2, 0, 4};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static struct photo_file header, f;
        struct fovea_image image;
        f.size = 0;
        put_png_start(&header, 3, 2, 8, cases[i].colour, 0);
        put(&f, 0x89504e470d0a1a0au, 8);
        for (const char *c = cases[i].chunks; *c; c++) {
            if (*c == 'H') put_bytes(&f, header.bytes + 8, header.size - 8);
            if (*c == 'P') put_chunk(&f, "PLTE", colours, 9);
            if (*c == 'T') put_chunk(&f, "tRNS", colours, 3);
            if (*c == 't') put_chunk(&f, "tRNS", colours, 6);
            if (*c == 'u') put_chunk(&f, "tRNS", colours, 2);
            if (*c == 'x') put_chunk(&f, "teXt", colours, 5);
            if (*c == 'D') put_png_rows(&f, dark, 2 * (1 + 3 * bytes[cases[i].colour]), 100);
            if (*c == 'e') put_chunk(&f, "IEND", colours, 1);
            if (*c == 'E') put_chunk(&f, "IEND", NULL, 0);
        }
        bool right = decode(f.bytes, f.size, &image) == FOVEA_OK;
        fovea_photo_free(&image);
        if (right != cases[i].right) fail_msg("colour %u, %s", cases[i].colour, cases[i].chunks);
    }
}

static void test_jpeg_shapes(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        const struct jpeg_shape *s = &shapes[i];
        struct fovea_image image;
        make_jpeg(&file, s);
        assert_int_equal(decode(file.bytes, file.size, &image), FOVEA_OK);
        assert_int_equal(image.width, s->width);
        assert_int_equal(image.height, s->height);
        assert_int_equal(image.format, s->components == 1 ? FOVEA_PIXELS_GREY : FOVEA_PIXELS_RGB);
        for (uint32_t y = 0; s->components == 1 && y < s->height; y++)
            for (uint32_t x = 0; x < s->width; x++)
                assert_int_equal(image.pixels[y * image.stride + x],
                                 128 + block_value(0, x / 8, y / 8));
        for (uint32_t x = 0; s->components == 4 && x < 3 * s->width; x++) {
            const uint32_t black = 128 + (uint32_t)block_value(3, x / 24, 0);
            const uint32_t ink = 128 + (uint32_t)block_value(x % 3, x / 24, 0);
            assert_in_range(image.pixels[x], ink * black / 255, ink * black / 255 + 1);
        }
        fovea_photo_free(&image);
    }
}

/* No cut is taken for a picture, with or without an end marker put behind it. */
static void check_cuts(const struct photo_file *f, size_t step) {
    struct fovea_image image;
    for (size_t cut = 0; cut < f->size; cut++)
        assert_int_not_equal(decode(f->bytes, cut, &image), FOVEA_OK);
    for (size_t cut = 0; cut + 2 < f->size; cut += step) {
        memcpy(other.bytes, f->bytes, cut);
        other.size = cut;
        put(&other, 0xffd9, 2);
        assert_int_not_equal(status_of(&other), FOVEA_OK);
    }
}

static void test_jpeg_cuts(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        make_jpeg(&file, &shapes[i]);
        check_cuts(&file, 1);
    }
}

static void load(const char *path) {
    size_t size;
    uint8_t *bytes = npy_file(path, &size);
    assert_non_null(bytes);
    assert_true(size <= sizeof file.bytes);
    file.size = 0;
    put_bytes(&file, bytes, size);
    free(bytes);
}

static void test_demo_photos(void **state) {
    (void)state;
    static const char *const paths[] = {"weights/demo/cobblestone.jpg",
                                        "weights/demo/parallel.jpg"};
    for (size_t i = 0; i < COUNT(paths); i++) {
        struct fovea_image image;
        load(paths[i]);
        assert_int_equal(decode(file.bytes, file.size, &image), FOVEA_OK);
        assert_int_equal(image.width, 240);
        assert_int_equal(image.height, 180);
        assert_int_equal(image.format, FOVEA_PIXELS_RGB);
        fovea_photo_free(&image);
        check_cuts(&file, 37);
    }
}

/* One bit of a JPEG changed may give other pixels, since nothing guards them; never anything worse. */
static void test_jpeg_flips(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i += 2) {
        make_jpeg(&file, &shapes[i]);
        for (size_t bit = 0; bit < 8 * file.size; bit += 1 + bit % 3) {
            file.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            (void)status_of(&file);
            file.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
}

static void test_jpeg_refusals(void **state) {
    (void)state;
    static const struct {
        unsigned marker;
        size_t at; /* from the marker */
        unsigned value, bytes;
        enum fovea_status want;
    } edits[] = {
        {0xc0, 1, 0xc9, 1, FOVEA_UNSUPPORTED},     /* arithmetic coding */
        {0xc0, 1, 0xc3, 1, FOVEA_UNSUPPORTED},     /* lossless */
        {0xc0, 1, 0xc1, 1, FOVEA_OK},              /* extended sequential */
        {0xc0, 4, 12, 1, FOVEA_UNSUPPORTED},       /* bits */
        {0xc0, 5, 0, 2, FOVEA_PICTURE},            /* height */
        {0xc0, 7, 0, 2, FOVEA_PICTURE},            /* width */
        {0xc0, 7, 16385, 2, FOVEA_LIMIT},          /* width */
        {0xc0, 5, 0x40004000, 4, FOVEA_LIMIT},     /* area */
        {0xc0, 5, 0x1f401f40, 4, FOVEA_TRUNCATED}, /* 64 million pixels in a few bytes */
        {0xc0, 9, 2, 1, FOVEA_PICTURE},            /* components */
        {0xc0, 11, 0x10, 1, FOVEA_PICTURE},        /* sampling */
        {0xc0, 11, 0x51, 1, FOVEA_PICTURE},
        {0xc0, 11, 0x23, 1, FOVEA_UNSUPPORTED}, /* with 3x1 in the second */
        {0xc0, 11, 0x12, 1, FOVEA_UNSUPPORTED}, /* with 1x3 in the second */
        {0xc0, 11, 0x44, 1, FOVEA_PICTURE},     /* 18 blocks in an MCU */
        {0xc0, 12, 4, 1, FOVEA_PICTURE},        /* quantisation table */
        {0xc0, 12, 1, 1, FOVEA_PICTURE},
        {0xc0, 13, 1, 1, FOVEA_PICTURE},       /* two components of one name */
        {0xc0, 1, 0xfe, 1, FOVEA_PICTURE},     /* the frame a comment */
        {0xc0, 0, 0x00, 1, FOVEA_PICTURE},     /* no marker */
        {0xc0, 1, 0x02, 1, FOVEA_UNSUPPORTED}, /* a reserved marker */
        {0xdb, 4, 4, 1, FOVEA_PICTURE},        /* table number */
        {0xdb, 4, 0x20, 1, FOVEA_PICTURE},     /* table precision */
        {0xdb, 4, 0x10, 1, FOVEA_PICTURE},     /* 16 bits announced, 8 there */
        {0xdb, 4, 3, 1, FOVEA_PICTURE},        /* another table than the one used */
        {0xc4, 4, 3, 1, FOVEA_PICTURE},        /* same for the Huffman table */
        {0xc4, 4, 0x20, 1, FOVEA_PICTURE},
        {0xc4, 5, 0xff, 1, FOVEA_PICTURE}, /* more codes than fit */
        {0xdd, 5, 1, 1, FOVEA_TRUNCATED},  /* an interval of another length */
        {0xdd, 3, 3, 1, FOVEA_PICTURE},
        {0xda, 4, 4, 1, FOVEA_PICTURE},    /* components of the scan */
        {0xda, 5, 9, 1, FOVEA_PICTURE},    /* one that is not there */
        {0xda, 6, 0x40, 1, FOVEA_PICTURE}, /* its table */
        {0xda, 7, 1, 1, FOVEA_PICTURE},    /* one twice */
        {0xda, 11, 1, 1, FOVEA_PICTURE},   /* spectral selection of a progressive scan */
        {0xd1, 1, 0xd2, 1, FOVEA_PICTURE}, /* restarts out of order */
        {0xd1, 0, 0xfe, 1, FOVEA_PICTURE}, /* a restart lost */
    };
    static const struct jpeg_shape shape = {40, 24, 3, 2, false, false, 0};
    for (size_t i = 0; i < COUNT(edits); i++) {
        make_jpeg(&file, &shape);
        if (edits[i].value == 0x23) file.bytes[marker(&file, 0xc0) + 14] = 0x31;
        if (edits[i].value == 0x12) file.bytes[marker(&file, 0xc0) + 14] = 0x13;
        size_t at = marker(&file, edits[i].marker) + edits[i].at, end = file.size;
        file.size = at;
        put(&file, edits[i].value, edits[i].bytes);
        file.size = end;
        enum fovea_status got = status_of(&file);
        if (got != edits[i].want) print_error("edit %zu\n", i);
        assert_int_equal(got, edits[i].want);
    }
}

static void test_jpeg_structure(void **state) {
    (void)state;
    static const struct jpeg_shape grey = {40, 24, 1, 0, false, false, 0};
    static const struct jpeg_shape many = {8, 8, 1, 0, true, false, 63};
    static const uint8_t frame[] = {0xff, 0xc0, 0, 11, 8, 0, 24, 0, 40, 1, 1, 0x11, 0};
    make_jpeg(&file, &grey);
    splice(&file, marker(&file, 0xc4), 0, frame, sizeof frame); /* a second frame */
    assert_int_equal(status_of(&file), FOVEA_PICTURE);
    make_jpeg(&file, &grey);
    splice(&file, marker(&file, 0xc0), sizeof frame, NULL, 0); /* a scan without frame */
    assert_int_equal(status_of(&file), FOVEA_PICTURE);
    make_jpeg(&file, &grey);
    file.size = marker(&file, 0xda); /* a frame without scan */
    put(&file, 0xffd9, 2);
    assert_int_equal(status_of(&file), FOVEA_TRUNCATED);
    file.size = 2;
    put(&file, 0xffd9, 2); /* nothing at all */
    assert_int_equal(status_of(&file), FOVEA_PICTURE);
    make_jpeg(&file, &grey);
    file.size -= 2;
    put_scan(&file, &grey, SCAN_ALL, 0, 1, 0, 63); /* a component twice */
    put(&file, 0xffd9, 2);
    assert_int_equal(status_of(&file), FOVEA_PICTURE);
    make_jpeg(&file, &many); /* 65 scans */
    assert_int_equal(status_of(&file), FOVEA_LIMIT);
}

/* Fill bytes, an end marker inside a segment, and bytes after the end change nothing. */
static void test_jpeg_oddities(void **state) {
    (void)state;
    static const struct jpeg_shape grey = {40, 24, 1, 2, false, false, 0};
    static const uint8_t thumbnail[] = {0xff, 0xe1, 0, 10, 'x', 0, 0xff, 0xd8, 0xff, 0xd9, 0, 0};
    make_jpeg(&file, &grey);
    splice(&file, 2, 0, thumbnail, sizeof thumbnail);
    splice(&file, 2, 0, "\xff\xff\xff", 3);
    assert_int_equal(status_of(&file), FOVEA_OK);
    check_cuts(&file, 1);
    splice(&file, file.size - 2, 0, "\xff\xd7", 2); /* a restart after the last interval */
    assert_int_equal(status_of(&file), FOVEA_OK);
    put_bytes(&file, "a film, say", 11);
    assert_int_equal(status_of(&file), FOVEA_OK);
}

/* ---- the door ---- */

static void test_arguments(void **state) {
    (void)state;
    struct fovea_image image;
    struct fovea_error error;
    static const char *const not_ours[] = {
        "",    "\xff",         "\xff\xd8",        "GIF89a",
        "BZ",  "RIFF....WEBP", "\x89PNG\r\n\x1a", "P3 1 1 255 1 2 3",
        "8BPS"};
    for (size_t i = 0; i < COUNT(not_ours); i++)
        assert_int_equal(decode((const uint8_t *)not_ours[i], strlen(not_ours[i]), &image),
                         FOVEA_UNSUPPORTED);
    assert_int_equal(fovea_photo_decode(NULL, 5, &image, &error), FOVEA_ARGUMENT);
    assert_int_equal(fovea_photo_decode("x", 1, NULL, &error), FOVEA_ARGUMENT);
    assert_int_equal(fovea_photo_decode("x", 1, &image, NULL), FOVEA_UNSUPPORTED);
    fovea_photo_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_png_kinds),           cmocka_unit_test(test_png_transparency),
        cmocka_unit_test(test_png_palette_overrun), cmocka_unit_test(test_png_cut_or_flipped),
        cmocka_unit_test(test_png_refusals),        cmocka_unit_test(test_png_order),
        cmocka_unit_test(test_jpeg_shapes),         cmocka_unit_test(test_jpeg_cuts),
        cmocka_unit_test(test_demo_photos),         cmocka_unit_test(test_jpeg_flips),
        cmocka_unit_test(test_jpeg_refusals),       cmocka_unit_test(test_jpeg_structure),
        cmocka_unit_test(test_jpeg_oddities),       cmocka_unit_test(test_arguments),
    };
    return cmocka_run_group_tests_name("photo", tests, NULL, NULL);
}
