/* Bends JSON text by its structure: values are replaced, copied, dropped, doubled; keys renamed. What comes
 * out is JSON again (mostly), so that it reaches the code behind the parser. */
#ifndef FOVEA_TESTS_FUZZ_BEND_JSON_H
#define FOVEA_TESTS_FUZZ_BEND_JSON_H

#include <stdbool.h>

#include "tests/fuzz/fuzz.h"

#define BEND_SPANS 4096

struct bend_span {
    uint32_t start, end, key; /* key: where its member starts, or `start` */
};
struct bend {
    const char *text;
    size_t size;
    struct bend_span spans[BEND_SPANS];
    size_t count;
};

static const char *const bend_values[] = {
    "0",
    "1",
    "-1",
    "2",
    "3",
    "7",
    "255",
    "32767",
    "32768",
    "65536",
    "16777216",
    "16777217",
    "2147483647",
    "2147483648",
    "-2147483648",
    "4294967295",
    "4294967296",
    "4294967297",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "1e308",
    "-0.0",
    "0.5",
    "1e-40",
    "NaN",
    "Infinity",
    "-Infinity",
    "null",
    "true",
    "false",
    "[]",
    "{}",
    "\"\"",
    "\"x\"",
    "[1]",
    "[2,1]",
    "[1,2,3]",
    "[0,0]",
    "[-1]",
    "[null,null]",
    "[null,4,4,3]",
    "[null,null,null,3]",
    "[[1,2],[3,4]]",
    "[[[\"x\",0,0,{}]]]",
    "[1,1,1,1,1,1,1,1,1,1]",
    "\"same\"",
    "\"valid\"",
    "\"causal\"",
    "\"channels_first\"",
    "\"channels_last\"",
    "\"bilinear\"",
    "\"nearest\"",
    "\"bicubic\"",
    "\"mul\"",
    "\"ave\"",
    "\"concat\"",
#define ACTIVATION(code, NAME, kernel) "\"" #kernel "\"",
#include "weights/activations.def"
#undef ACTIVATION
#define LAYER(class_name, function) "\"" class_name "\"",
#include "convert/keras/layers.def"
#undef LAYER
};
static const char *const bend_keys[] = {
    "\"units\"",
    "\"filters\"",
    "\"kernel_size\"",
    "\"strides\"",
    "\"padding\"",
    "\"data_format\"",
    "\"activation\"",
    "\"dilation_rate\"",
    "\"groups\"",
    "\"axis\"",
    "\"epsilon\"",
    "\"target_shape\"",
    "\"dims\"",
    "\"size\"",
    "\"cropping\"",
    "\"batch_shape\"",
    "\"batch_input_shape\"",
    "\"pool_size\"",
    "\"depth_multiplier\"",
    "\"output_padding\"",
    "\"interpolation\"",
    "\"keepdims\"",
    "\"use_bias\"",
    "\"max_value\"",
    "\"negative_slope\"",
    "\"threshold\"",
    "\"scale\"",
    "\"offset\"",
    "\"n\"",
    "\"layers\"",
    "\"inbound_nodes\"",
    "\"input_layers\"",
    "\"output_layers\"",
    "\"config\"",
    "\"class_name\"",
    "\"name\"",
    "\"module\"",
    "\"keras_version\"",
    "\"height\"",
    "\"width\"",
    "\"crop_to_aspect_ratio\"",
    "\"args\"",
    "\"kwargs\"",
    "\"layer\"",
    "\"axes\"",
    "\"normalize\"",
    "\"shared_axes\"",
    "\"dtype\"",
    "\"trainable\"",
};
#define BEND_COUNT(list) (sizeof(list) / sizeof *(list))

/* Finds the values of a text; false where it is not JSON. */
static inline bool bend_read(struct bend *b, const char *text, size_t size) {
    static uint32_t open[256];
    size_t depth = 0, at = 0;
    uint32_t key = UINT32_MAX;
    b->text = text;
    b->size = size;
    b->count = 0;
    while (at < size && b->count < BEND_SPANS) {
        char c = text[at];
        uint32_t start = (uint32_t)at;
        if (c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == ',' || c == ':') {
            at++;
            continue;
        }
        if (c == '[' || c == '{') {
            if (depth == 256) return false;
            open[depth++] = (uint32_t)b->count;
            b->spans[b->count++] = (struct bend_span){start, start, key < start ? key : start};
            key = UINT32_MAX;
            at++;
            continue;
        }
        if (c == ']' || c == '}') {
            if (depth == 0) return false;
            b->spans[open[--depth]].end = (uint32_t)++at;
            key = UINT32_MAX;
            continue;
        }
        if (c == '"') {
            for (at++; at < size && text[at] != '"'; at++) at += text[at] == '\\';
            at++;
        } else {
            while (at < size && !strchr(" ,:]}\n\"[{", text[at])) at++;
        }
        if (at > size || at == start) return false;
        size_t next = at;
        while (next < size && text[next] == ' ') next++;
        if (c == '"' && next < size && text[next] == ':') {
            key = start;
        } else {
            b->spans[b->count++] =
                (struct bend_span){start, (uint32_t)at, key < start ? key : start};
            key = UINT32_MAX;
        }
    }
    return depth == 0 && b->count > 0;
}

/* Writes the text with [start, end) replaced; 0 where there is no room. */
static inline size_t bend_splice(const struct bend *b, size_t start, size_t end, const char *with,
                                 size_t length, char *out, size_t room) {
    size_t size = b->size - (end - start) + length;
    if (start > end || end > b->size || size > room) return 0;
    memcpy(out, b->text, start);
    memcpy(out + start, with, length);
    memcpy(out + start + length, b->text + end, b->size - end);
    return size;
}

/* A number near another one. */
static inline size_t bend_number(const char *text, size_t size, uint32_t *state, char out[32]) {
    char copy[32] = {0};
    memcpy(copy, text, size < 31 ? size : 31);
    long long value = strtoll(copy, NULL, 10);
    static const int steps[] = {1, -1, 2, -2, 16, -16};
    unsigned how = fuzz_below(state, 8);
    if (how < 6)
        value = (long long)((unsigned long long)value + (unsigned long long)steps[how]);
    else if (how == 6)
        value = (long long)(0 - (unsigned long long)value);
    else
        value = (long long)((unsigned long long)value * 2);
    return (size_t)snprintf(out, 32, "%lld", value);
}

/* Bends text of `size` bytes into `out`; 0 where it could not. */
static inline size_t bend_json(const char *text, size_t size, char *out, size_t room,
                               uint32_t *state) {
    static struct bend b;
    char number[32];
    if (size > UINT32_MAX / 2 || !bend_read(&b, text, size)) return 0;
    const struct bend_span *s = &b.spans[fuzz_below(state, b.count)];
    /* Small values are where the meaning is: prefer them to whole subtrees. */
    for (int i = 0; i < 6 && s->end - s->start > 24; i++) s = &b.spans[fuzz_below(state, b.count)];
    const struct bend_span *from = &b.spans[fuzz_below(state, b.count)];
    bool digit = (text[s->start] >= '0' && text[s->start] <= '9') || text[s->start] == '-';
    if (digit && fuzz_below(state, 3) == 0) {
        size_t length = bend_number(text + s->start, s->end - s->start, state, number);
        return bend_splice(&b, s->start, s->end, number, length, out, room);
    }
    const char *value = bend_values[fuzz_below(state, BEND_COUNT(bend_values))];
    const char *key = bend_keys[fuzz_below(state, BEND_COUNT(bend_keys))];
    size_t end = s->end;
    switch (fuzz_below(state, 9)) {
    case 0: /* drop the member or element, with a comma on one side */
        if (end < size && text[end] == ',') end++;
        return bend_splice(&b, s->key, end, "", 0, out, room);
    case 1: { /* double the element */
        size_t length = s->end - s->start;
        char *twice = malloc(length + 2);
        if (!twice) return 0;
        twice[0] = ',';
        memcpy(twice + 1, text + s->start, length);
        size_t made = bend_splice(&b, end, end, twice, length + 1, out, room);
        free(twice);
        return made;
    }
    case 2: /* another key */
        if (s->key == s->start) break;
        while (end > s->key && text[end - 1] != ':') end--;
        for (end = s->key + 1; end < s->start && text[end] != '"'; end++) continue;
        return bend_splice(&b, s->key, end + 1, key, strlen(key), out, room);
    case 3: /* one more member, in front */
        if (s->key == s->start) break;
        {
            char member[128];
            int length = snprintf(member, sizeof member, "%s: %s, ", key, value);
            return length < (int)sizeof member
                       ? bend_splice(&b, s->key, s->key, member, (size_t)length, out, room)
                       : 0;
        }
    case 4:
    case 5: /* a copy of another value of about the same kind */
        for (int i = 0; i < 20 && text[from->start] != text[s->start]; i++)
            from = &b.spans[fuzz_below(state, b.count)];
        return bend_splice(&b, s->start, s->end, text + from->start, from->end - from->start, out,
                           room);
    default: break;
    }
    return bend_splice(&b, s->start, s->end, value, strlen(value), out, room);
}

/* Takes the spaces out between values, in place. */
static inline size_t bend_squeeze(char *text, size_t size) {
    size_t to = 0;
    bool inside = false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '"') inside = !inside;
        if (!inside && text[i] == ' ') continue;
        text[to++] = text[i];
        if (inside && text[i] == '\\' && i + 1 < size) text[to++] = text[++i];
    }
    return to;
}

#endif
