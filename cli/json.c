#include "cli/json.h"

#include <string.h>

#include "convert/job/text.h"

struct json_writer json_to(FILE *out) {
    return (struct json_writer){.out = out};
}

static void put_string(FILE *out, const char *text) {
    size_t bytes;
    fputc('"', out);
    for (; *text; text += bytes) {
        const uint32_t c = text_next(text, &bytes);
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", (int)c);
        else if (c == TEXT_INVALID)
            fputs("\\ufffd", out);
        else if (text_is_unsafe(c) && c < 0x10000)
            fprintf(out, "\\u%04x", c);
        else if (text_is_unsafe(c)) /* a pair of surrogates */
            fprintf(out, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10), 0xdc00 + (c & 0x3ff));
        else
            fwrite(text, 1, bytes, out);
    }
    fputc('"', out);
}

/* What stands in front of a value. */
static void begin(struct json_writer *json, const char *key) {
    if (json->depth > 0) {
        bool *filled = &json->filled[json->depth - 1];
        if (*filled) fputc(',', json->out);
        *filled = true;
    }
    if (!key) return;
    put_string(json->out, key);
    fputc(':', json->out);
}

static void open_container(struct json_writer *json, const char *key, char first, char last) {
    begin(json, key);
    fputc(first, json->out);
    if (json->depth == JSON_WRITER_DEPTH) return; /* nothing of ours is nested so deep */
    json->filled[json->depth] = false;
    json->end[json->depth++] = last;
}

void json_object(struct json_writer *json, const char *key) {
    open_container(json, key, '{', '}');
}

void json_array(struct json_writer *json, const char *key) {
    open_container(json, key, '[', ']');
}

void json_close(struct json_writer *json) {
    if (json->depth == 0) return;
    fputc(json->end[--json->depth], json->out);
    if (json->depth == 0) fputc('\n', json->out);
}

void json_close_all(struct json_writer *json) {
    while (json->depth > 0) json_close(json);
}

void json_string(struct json_writer *json, const char *key, const char *text) {
    begin(json, key);
    if (text)
        put_string(json->out, text);
    else
        fputs("null", json->out);
}

void json_null(struct json_writer *json, const char *key) {
    json_string(json, key, NULL);
}

static void put_number(struct json_writer *json, const char *key, const char *format, int digits,
                       double value) {
    if (value - value != 0) {
        json_null(json, key);
        return;
    }
    begin(json, key);
    fprintf(json->out, format, digits, value);
}

void json_number(struct json_writer *json, const char *key, double value) {
    put_number(json, key, "%.*g", 9, value);
}

void json_double(struct json_writer *json, const char *key, double value) {
    put_number(json, key, "%.*g", 17, value);
}

void json_decimal(struct json_writer *json, const char *key, double value, int places) {
    put_number(json, key, "%.*f", places, value);
}

void json_whole(struct json_writer *json, const char *key, uint64_t value) {
    begin(json, key);
    fprintf(json->out, "%llu", (unsigned long long)value);
}

void json_bool(struct json_writer *json, const char *key, bool value) {
    begin(json, key);
    fputs(value ? "true" : "false", json->out);
}

void json_shape(struct json_writer *json, const char *key, const struct fovea_shape *shape) {
    json_array(json, key);
    for (uint32_t i = 0; i < shape->rank; i++) json_whole(json, NULL, shape->dims[i]);
    json_close(json);
}
