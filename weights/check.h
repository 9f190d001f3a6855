/* Refusals. Whatever is refused is refused by a check with an id, which its text begins with:
 * B-017 "a tensor of no elements or too many". An id stands once in all sources (tests/rules.sh), stays
 * with its check, and is not used again. The letter tells the place:
 *
 *   B the blob   R rules of operators   S sessions, pictures, resized models   P photo files
 *   H HDF5   J JSON   Z archives   K Keras' description   C the graph, and writing it   N .npy files
 *   L lists of pictures, and of scores   E signed files
 *
 * tests/kill.sh takes the checks away one at a time: a test has to notice each.
 */
#ifndef FOVEA_WEIGHTS_CHECK_H
#define FOVEA_WEIGHTS_CHECK_H

#include "weights/model.h"
#include "kernels/base.h"

#define FOVEA_CHECK_ID 6 /* bytes of an id and what ends it, a blank or NUL */

/* Bytes of a text that are its id and the blank behind it: 0 where it has none. */
FOVEA_STATIC size_t fovea_check_length(const char *text) {
    bool id = text[0] >= 'A' && text[0] <= 'Z' && text[1] == '-';
    for (int i = 2; id && i < 5; i++) id = text[i] >= '0' && text[i] <= '9';
    return !id ? 0 : text[5] == ' ' ? FOVEA_CHECK_ID : text[5] == 0 ? FOVEA_CHECK_ID - 1 : 0;
}

/* The text without its id. */
FOVEA_STATIC const char *fovea_check_text(const char *text) {
    return text + fovea_check_length(text);
}

/* Splits a text: the check's id, NUL-terminated ("" where it has none), and what follows. */
FOVEA_STATIC const char *fovea_check_split(const char *text, char check[FOVEA_CHECK_ID]) {
    size_t length = fovea_check_length(text);
    for (size_t i = 0; i < FOVEA_CHECK_ID; i++) check[i] = i < 5 && i < length ? text[i] : 0;
    return text + length;
}

/* Fills in `error`, which may be NULL; gives `status`, so that a function can end with it. */
FOVEA_STATIC enum fovea_status fovea_refuse(struct fovea_error *error, enum fovea_status status,
                                            const char *text, uint64_t where) {
    if (error) {
        error->status = status;
        error->text = fovea_check_split(text ? text : "", error->check);
        error->where = where;
    }
    return status;
}

/* The same of a problem, which is a number in a build without texts: FOVEA_TEXT. */
#if FOVEA_TEXTS
#define fovea_report fovea_refuse
#else
FOVEA_STATIC enum fovea_status fovea_report(struct fovea_error *error, enum fovea_status status,
                                            fovea_problem number, uint64_t where) {
    if (!error) return status;
    error->status = status;
    error->text = "";
    error->where = where;
    fovea_fill(error->check, 0, FOVEA_CHECK_ID);
    if (!FOVEA_IDS || !number) return status;
    error->check[0] = (char)('A' + (number >> 10));
    error->check[1] = '-';
    number &= 1023;
    for (int i = 4; i >= 2; i--, number /= 10) error->check[i] = (char)('0' + number % 10);
    return status;
}
#endif

#endif
