/* Writes JSON (RFC 8259), one text a line. All of the command's JSON goes through here.
 *
 *     struct json_writer json = json_to(stdout);
 *     json_object(&json, NULL);
 *     json_string(&json, "name", name);     inside an array the key is NULL
 *     json_close(&json);                    the outermost ends the line
 */
#ifndef FOVEA_CLI_JSON_H
#define FOVEA_CLI_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "weights/model.h"

#define JSON_WRITER_DEPTH 16

struct json_writer {
    FILE *out;
    unsigned depth;
    bool filled[JSON_WRITER_DEPTH]; /* the container has an element already */
    char end[JSON_WRITER_DEPTH];    /* what closes it */
};

struct json_writer json_to(FILE *out);

void json_object(struct json_writer *json, const char *key);
void json_array(struct json_writer *json, const char *key);
void json_close(struct json_writer *json); /* the innermost of the two */
/* Closes what is open, as where a failure ends the work in the middle. */
void json_close_all(struct json_writer *json);

/* Any bytes: what text_is_unsafe (convert/job/text.h) names is spelled \u202e, which means the same character;
 * bytes that are not UTF-8 become U+FFFD. NULL is null. */
void json_string(struct json_writer *json, const char *key, const char *text);
/* With so many digits as tell a float from its neighbours. JSON has no NaN and no infinity: null. */
void json_number(struct json_writer *json, const char *key, double value);
/* With so many digits as tell a double from its neighbours. */
void json_double(struct json_writer *json, const char *key, double value);
/* With a fixed number of places behind the point. */
void json_decimal(struct json_writer *json, const char *key, double value, int places);
void json_whole(struct json_writer *json, const char *key, uint64_t value);
void json_bool(struct json_writer *json, const char *key, bool value);
void json_null(struct json_writer *json, const char *key);
/* [90,120,3] */
void json_shape(struct json_writer *json, const char *key, const struct fovea_shape *shape);

#endif
