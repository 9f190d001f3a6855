/* Our JPEG pixels beside libjpeg-turbo's: files that the library itself writes, of random kinds from seeds, decoded
 * by both at every size and with both inverse transforms. Equal means every byte.
 *
 *     jpeg [FILES [FIRST]]     so many files (400) from that seed (1) on
 *     jpeg save SEED FILE      writes a file, to be looked at by djpeg
 *     jpeg ppm FILE SHRINK FAST OUT     our pixels of a file, as djpeg writes them
 *     jpeg large FILE      a picture of 12 megapixels
 */
#include "include/fovea_photo.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

static uint32_t state;

static uint32_t draw(uint32_t below) {
    state = state * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)state * below) >> 32);
}

/* ---- files ---- */

struct kind {
    uint32_t width, height, components;
    J_COLOR_SPACE from, space; /* of the pixels, in the file */
    int across[4], down[4];
    int quality, restart;
    bool progressive, apart, optimised, jfif;
    uint32_t roughness;
};

static const char *const spaces[] = {
    [JCS_GRAYSCALE] = "grey", [JCS_RGB] = "RGB",   [JCS_YCbCr] = "YCbCr",
    [JCS_CMYK] = "CMYK",      [JCS_YCCK] = "YCCK",
};

static void draw_sampling(struct kind *k) {
    static const int factors[][4] = {{1, 1, 1, 1}, {2, 1, 1, 1}, {2, 2, 1, 1}, {1, 2, 1, 1},
                                     {4, 1, 1, 1}, {4, 2, 1, 1}, {1, 4, 1, 1}, {2, 4, 1, 1},
                                     {4, 2, 2, 1}, {3, 1, 1, 1}, {2, 2, 2, 1}, {2, 2, 1, 2},
                                     {3, 2, 1, 1}, {2, 4, 1, 2}, {4, 1, 2, 1}};
    const int *f = factors[draw(4) ? draw(4) : draw(15)];
    for (uint32_t c = 0; c < 4; c++) {
        k->across[c] = c % 3 ? f[2] : f[0]; /* ink or brightness, and black; the two colours */
        k->down[c] = c % 3 ? f[3] : f[1];
    }
    if (k->components == 3 && !draw(12)) { /* the two colours apart */
        k->across[2] = 1;
        k->down[2] = 1;
    }
}

static void draw_kind(struct kind *k, uint32_t seed) {
    static const uint32_t sides[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64};
    memset(k, 0, sizeof *k);
    state = seed * 2654435761u;
    for (int i = 0; i < 4; i++) draw(2);
    k->width = draw(3) ? 1 + draw(200) : sides[draw(14)];
    k->height = draw(3) ? 1 + draw(200) : sides[draw(14)];
    const uint32_t which = draw(16);
    k->from = which < 3 ? JCS_GRAYSCALE : which < 6 ? JCS_CMYK : JCS_RGB;
    k->components = which < 3 ? 1 : which < 6 ? 4 : 3;
    k->space = which < 3    ? JCS_GRAYSCALE
               : which < 4  ? JCS_YCCK
               : which < 6  ? JCS_CMYK
               : which == 6 ? JCS_RGB
                            : JCS_YCbCr;
    draw_sampling(k);
    k->quality = 1 + (int)draw(100);
    k->restart = draw(3) ? 0 : 1 + (int)draw(20);
    k->progressive = draw(3) == 0;
    k->apart = !k->progressive && k->components > 1 && draw(5) == 0;
    k->optimised = draw(2);
    k->jfif = draw(4) != 0;
    k->roughness = draw(4) ? draw(60) : 255;
}

/* Slopes, edges and noise. */
static void draw_row(const struct kind *k, uint32_t y, uint8_t *row) {
    for (uint32_t x = 0; x < k->width; x++)
        for (uint32_t c = 0; c < k->components; c++) {
            const uint32_t edge = (x / 13 + y / 11 + c) % 5 == 0 ? 90 : 0;
            const uint32_t value = x * (c + 1) / 2 + y * (3 - c % 3) / 2 + edge;
            row[x * k->components + c] =
                (uint8_t)((value % 511 > 255 ? 510 - value % 511 : value % 511) / 255.0 *
                              (255 - k->roughness) +
                          draw(k->roughness + 1));
        }
}

static void set_scans(struct jpeg_compress_struct *to, const struct kind *k,
                      jpeg_scan_info scans[4]) {
    if (k->progressive) jpeg_simple_progression(to);
    if (!k->apart) return;
    const int first = draw(2) ? 1 : 2; /* the first alone, or two of them */
    int at = 0, count = 0;
    while (at < (int)k->components) {
        jpeg_scan_info *scan = &scans[count++];
        memset(scan, 0, sizeof *scan);
        scan->comps_in_scan = at + first <= (int)k->components ? first : 1;
        for (int i = 0; i < scan->comps_in_scan; i++) scan->component_index[i] = at++;
        scan->Se = 63;
    }
    to->scan_info = scans;
    to->num_scans = count;
}

/* The file of a seed; free it. */
static uint8_t *make_file(const struct kind *k, unsigned long *size) {
    struct jpeg_compress_struct to;
    struct jpeg_error_mgr errors;
    jpeg_scan_info scans[4];
    uint8_t *bytes = NULL, *row = malloc((size_t)k->width * k->components);
    *size = 0;
    to.err = jpeg_std_error(&errors);
    jpeg_create_compress(&to);
    jpeg_mem_dest(&to, &bytes, size);
    to.image_width = k->width;
    to.image_height = k->height;
    to.input_components = (int)k->components;
    to.in_color_space = k->from;
    jpeg_set_defaults(&to);
    jpeg_set_colorspace(&to, k->space);
    jpeg_set_quality(&to, k->quality, (boolean)(k->quality % 2));
    to.optimize_coding = (boolean)k->optimised;
    to.restart_interval = (unsigned)k->restart;
    if (!k->jfif) to.write_JFIF_header = FALSE;
    for (int c = 0; c < to.num_components; c++) {
        to.comp_info[c].h_samp_factor = k->across[c];
        to.comp_info[c].v_samp_factor = k->down[c];
    }
    set_scans(&to, k, scans);
    jpeg_start_compress(&to, TRUE);
    for (uint32_t y = 0; y < k->height; y++) {
        draw_row(k, y, row);
        jpeg_write_scanlines(&to, &row, 1);
    }
    jpeg_finish_compress(&to);
    jpeg_destroy_compress(&to);
    free(row);
    return bytes;
}

/* An MCU of more than ten blocks, which the format does not allow and the library does not write. */
static bool too_many_blocks(const struct kind *k) {
    int blocks = 0;
    for (uint32_t c = 0; c < k->components; c++) blocks += k->across[c] * k->down[c];
    return k->components > 1 && blocks > 10;
}

/* ---- the library's pixels ---- */

/* What djpeg makes of inverted inks. */
static void print(uint8_t *to, const uint8_t *inks, size_t count) {
    for (size_t i = 0; i < count; i++, inks += 4)
        for (int c = 0; c < 3; c++) *to++ = (uint8_t)(inks[c] * (double)inks[3] / 255.0 + 0.5);
}

static uint8_t *their_pixels(const uint8_t *bytes, unsigned long size, unsigned shrink, bool fast,
                             uint32_t *width, uint32_t *height, uint32_t *channels) {
    struct jpeg_decompress_struct from;
    struct jpeg_error_mgr errors;
    from.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&from);
    jpeg_mem_src(&from, bytes, size);
    jpeg_read_header(&from, TRUE);
    from.scale_denom = shrink;
    from.dct_method = fast ? JDCT_IFAST : JDCT_ISLOW;
    jpeg_start_decompress(&from);
    *width = from.output_width;
    *height = from.output_height;
    *channels = from.output_components == 1 ? 1 : 3;
    uint8_t *pixels = malloc((size_t)*width * *height * *channels);
    uint8_t *row = malloc((size_t)*width * 4);
    while (from.output_scanline < from.output_height) {
        uint8_t *to = pixels + (size_t)from.output_scanline * *width * *channels;
        if (from.output_components == 4) {
            jpeg_read_scanlines(&from, &row, 1);
            print(to, row, *width);
        } else {
            jpeg_read_scanlines(&from, &to, 1);
        }
    }
    jpeg_finish_decompress(&from);
    if (errors.num_warnings) printf("the library warns of its own file\n");
    jpeg_destroy_decompress(&from);
    free(row);
    return pixels;
}

/* ---- comparison ---- */

static bool equal(const struct kind *k, uint32_t seed, const uint8_t *bytes, unsigned long size,
                  unsigned shrink, bool fast) {
    const struct fovea_photo_options options = {
        .size = sizeof options, .shrink = shrink, .fast = fast};
    struct fovea_image image;
    struct fovea_error error;
    uint32_t width, height, channels;
    uint8_t *want = their_pixels(bytes, size, shrink, fast, &width, &height, &channels);
    const bool read = fovea_photo_decode_as(bytes, size, &options, &image, &error) == FOVEA_OK;
    const char *flaw = NULL;
    if (!read)
        flaw = error.text;
    else if (image.width != width || image.height != height || image.stride != channels * width)
        flaw = "another size";
    else if (memcmp(image.pixels, want, (size_t)channels * width * height) != 0)
        flaw = "other pixels";
    if (flaw)
        printf("seed %u, 1/%u%s: %s (%ux%u, %s %dx%d %dx%d %dx%d, quality %d%s%s, restart %d)\n",
               seed, shrink, fast ? " fast" : "", flaw, k->width, k->height, spaces[k->space],
               k->across[0], k->down[0], k->across[1], k->down[1], k->across[2], k->down[2],
               k->quality, k->progressive ? ", progressive" : "", k->apart ? ", apart" : "",
               k->restart);
    fovea_photo_free(&image);
    free(want);
    return !flaw;
}

static bool save(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    bool done = file && fwrite(bytes, 1, size, file) == size;
    return file && fclose(file) == 0 && done;
}

static int save_file(uint32_t seed, const char *path) {
    struct kind k;
    unsigned long size;
    draw_kind(&k, seed);
    if (too_many_blocks(&k)) return EXIT_FAILURE;
    uint8_t *bytes = make_file(&k, &size);
    const bool done = save(path, bytes, size);
    free(bytes);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int save_pixels(char **words) {
    static uint8_t bytes[1 << 26];
    const struct fovea_photo_options options = {.size = sizeof options,
                                                .shrink = (uint32_t)atoi(words[1]),
                                                .fast = atoi(words[2]) != 0,
                                                .as_stored = true};
    struct fovea_image image;
    FILE *from = fopen(words[0], "rb"), *to = fopen(words[3], "wb");
    const size_t size = from ? fread(bytes, 1, sizeof bytes, from) : 0;
    bool done = to && fovea_photo_decode_as(bytes, size, &options, &image, NULL) == FOVEA_OK;
    if (done) {
        const size_t count = image.stride * image.height;
        fprintf(to, "P%d\n%u %u\n255\n", image.format == FOVEA_PIXELS_GREY ? 5 : 6, image.width,
                image.height);
        done = fwrite(image.pixels, 1, count, to) == count;
        fovea_photo_free(&image);
    }
    if (from) fclose(from);
    return to && fclose(to) == 0 && done ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int save_large(const char *path) {
    const struct kind k = {.width = 4000, .height = 3000, .components = 3, .roughness = 20};
    static uint8_t row[3 * 4000];
    FILE *to = fopen(path, "wb");
    if (!to) return EXIT_FAILURE;
    fprintf(to, "P6\n%u %u\n255\n", k.width, k.height);
    for (uint32_t y = 0; y < k.height; y++) {
        draw_row(&k, y, row);
        fwrite(row, 1, sizeof row, to);
    }
    return fclose(to) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int count, char **words) {
    if (count == 3 && strcmp(words[1], "large") == 0) return save_large(words[2]);
    if (count == 4 && strcmp(words[1], "save") == 0)
        return save_file((uint32_t)atoi(words[2]), words[3]);
    if (count == 6 && strcmp(words[1], "ppm") == 0) return save_pixels(words + 2);
    const uint32_t files = count > 1 ? (uint32_t)atoi(words[1]) : 400;
    const uint32_t first = count > 2 ? (uint32_t)atoi(words[2]) : 1;
    uint32_t made = 0, passed = 0, failed = 0;
    for (uint32_t seed = first; made < files; seed++) {
        struct kind k;
        unsigned long size;
        draw_kind(&k, seed);
        if (too_many_blocks(&k)) continue;
        uint8_t *bytes = make_file(&k, &size);
        bool good = true;
        for (unsigned shrink = 1; shrink <= 8; shrink *= 2)
            for (int fast = 0; fast < 2; fast++)
                if (!equal(&k, seed, bytes, size, shrink, fast)) good = false;
        good ? passed++ : failed++;
        made++;
        free(bytes);
    }
    printf("files from libjpeg-turbo, eight ways each, to the byte: %u of %u right\n", passed,
           made);
    printf("%u passed, %u failed\n", passed, failed);
    return failed || !passed ? EXIT_FAILURE : EXIT_SUCCESS;
}
