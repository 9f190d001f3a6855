/* Where a value of a JSON text ends. */
#ifndef FOVEA_TESTS_JSON_END_H
#define FOVEA_TESTS_JSON_END_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* The place behind the value that begins at `at` of `size` bytes, which need not be JSON; `size` where there is no
 * end. */
static inline size_t json_value_end(const char *text, size_t size, size_t at) {
    int depth = 0;
    bool quoted = false;
    for (size_t i = at; i < size; i++) {
        const char c = text[i];
        if (quoted) {
            if (c == '\\') i++;
            if (c == '"') quoted = false;
            if (!quoted && depth == 0) return i + 1;
            continue;
        }
        if (depth == 0 && i > at && c != 0 && strchr(",]}", c)) return i;
        quoted = c == '"';
        depth += (c == '[' || c == '{') - (c == ']' || c == '}');
        if (depth == 0 && !quoted && (c == ']' || c == '}')) return i + 1;
    }
    return size;
}

#endif
