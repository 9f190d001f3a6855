/* Photo files made by hand, decoded; for tests with cmocka. */
#ifndef FOVEA_TESTS_PHOTO_DECODE_H
#define FOVEA_TESTS_PHOTO_DECODE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "include/fovea_photo.h"
#include "tests/unit/photos.h"

/* Decodes from memory of exactly the file's size, so that a sanitizer sees reads past its end. */
static inline enum fovea_status decode(const uint8_t *bytes, size_t size,
                                       struct fovea_image *image) {
    struct fovea_error error = {.text = NULL};
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    if (size) memcpy(copy, bytes, size);
    enum fovea_status status = fovea_photo_decode(copy, size, image, &error);
    free(copy);
    assert_int_equal(error.status, status);
    assert_non_null(error.text);
    assert_true(error.where <= size);
    if (status != FOVEA_OK) {
        assert_true(error.text[0] != 0);
        assert_null(image->pixels);
    }
    return status;
}

static inline enum fovea_status status_of(const struct photo_file *f) {
    struct fovea_image image;
    enum fovea_status status = decode(f->bytes, f->size, &image);
    fovea_photo_free(&image);
    return status;
}

/* Where marker 0xff `code` stands first. */
static inline size_t marker(const struct photo_file *f, unsigned code) {
    for (size_t i = 0; i + 1 < f->size; i++)
        if (f->bytes[i] == 0xff && f->bytes[i + 1] == code) return i;
    fail();
    return 0;
}

#endif
