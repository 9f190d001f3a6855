/* JSON text to a tree, for the configurations in Keras files. Strict RFC 8259 in UTF-8, plus Python's
 * NaN, Infinity and -Infinity as numbers. No recursion; depth, size and duplicate keys are bounded. */
#ifndef FOVEA_CONVERT_FILES_JSON_H
#define FOVEA_CONVERT_FILES_JSON_H

#include "convert/job/pool.h"

enum json_type {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_BINARY, /* a string with \u0000 in it: it has no text (Python code in a Lambda's config) */
    JSON_ARRAY,
    JSON_OBJECT
};

struct json {
    enum json_type type;
    const char *key;  /* as a member of an object, else NULL */
    const char *text; /* STRING: its UTF-8 bytes, NUL-terminated, without NUL inside */
    size_t length;    /* of `text` */
    double number;    /* NUMBER; NaN and infinities only where the file spells them so */
    bool integral;    /* NUMBER written without point or exponent and within int64_t */
    int64_t integer;  /* its value */
    size_t count;     /* ARRAY, OBJECT: elements */
    const struct json *FOVEA_NULLABLE first,
        *FOVEA_NULLABLE next; /* first element; next element of the same container */
};

/* The tree of the whole text, living in `pool`; NULL, with `trouble` naming reason and byte, on
 * anything else. Linear in `size`. */
const struct json *FOVEA_NULLABLE json_parse(struct pool *pool, const char *text, size_t size,
                                             struct trouble *trouble);

/* The member `key` of an object; NULL where there is none, or where `object` is NULL or no object. */
const struct json *FOVEA_NULLABLE json_member(const struct json *FOVEA_NULLABLE object,
                                              const char *key);

/* Element `index` of an array; NULL outside, or where `array` is NULL or no array. */
const struct json *FOVEA_NULLABLE json_item(const struct json *FOVEA_NULLABLE array, size_t index);

/* True where `value` is a string equal to `text`. */
bool json_is(const struct json *FOVEA_NULLABLE value, const char *text);

#endif
