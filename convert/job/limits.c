#include "convert/job/limits.h"

#include <string.h>

#include "convert/job/pool.h"

const struct limit_row limit_rows[LIMIT_COUNT] = {
#define LIMIT(constant, name, value, most, unit, why) {name, unit, why, value, most},
#include "weights/limits.def"
#undef LIMIT
};

void limits_start(struct limits *limits) {
    for (size_t i = 0; i < LIMIT_COUNT; i++) limits->value[i] = limit_rows[i].value;
}

uint64_t limits_value(const struct limits *limits, enum limit limit) {
    return limits ? limits->value[limit] : limit_rows[limit].value;
}

/* A whole number of at most 12 digits, which is all of the text; 0 for anything else. */
static uint64_t number_of(const char *text) {
    uint64_t number = 0;
    size_t length = strspn(text, "0123456789");
    if (text[length] != 0 || length > 12) return 0;
    for (; *text; text++) number = number * 10 + (uint64_t)(*text - '0');
    return number;
}

bool limits_set(struct limits *limits, const char *text, struct trouble *trouble) {
    const size_t length = strcspn(text, "=");
    for (size_t i = 0; i < LIMIT_COUNT; i++) {
        const struct limit_row *row = &limit_rows[i];
        if (strlen(row->name) != length || strncmp(row->name, text, length) != 0) continue;
        if (row->most == row->value)
            return fail(trouble, "the limit '%s' is fixed at %llu", row->name,
                        (unsigned long long)row->value);
        const uint64_t value = text[length] == '=' ? number_of(text + length + 1) : 0;
        if (value < 1 || value > row->most)
            return fail(trouble, "--limit %s takes a whole number from 1 to %llu (%s), not '%s'",
                        row->name, (unsigned long long)row->most, row->unit,
                        text[length] == '=' ? text + length + 1 : "");
        limits->value[i] = value;
        return true;
    }
    return fail(trouble, "no limit '%.*s'; fovea --limits lists them", (int)length, text);
}
