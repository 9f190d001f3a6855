#include "convert/job/text.h"

#include <stdio.h>
#include <string.h>

uint32_t text_next(const char *text, size_t *bytes) {
    const unsigned char *t = (const unsigned char *)text;
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    const size_t more = t[0] < 0xc0 ? 0 : t[0] < 0xe0 ? 1 : t[0] < 0xf0 ? 2 : 3;
    *bytes = 1;
    if (t[0] < 0x80) return t[0];
    if (more == 0 || t[0] > 0xf4) return TEXT_INVALID;
    uint32_t c = t[0] & (0x3fu >> more);
    for (size_t i = 1; i <= more; i++) { /* the NUL ends it, too */
        if ((t[i] & 0xc0) != 0x80) return TEXT_INVALID;
        c = c << 6 | (t[i] & 0x3fu);
    }
    if (c < least[more] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) return TEXT_INVALID;
    *bytes = more + 1;
    return c;
}

bool text_is_unsafe(uint32_t c) {
    /* Unicode 15: Cc, Cf, Zl, Zp and what else has no width or is no character. */
    static const uint32_t ranges[][2] = {
        {0x00, 0x1f},       {0x7f, 0x9f},       {0xad, 0xad},       {0x34f, 0x34f},
        {0x600, 0x605},     {0x61c, 0x61c},     {0x6dd, 0x6dd},     {0x70f, 0x70f},
        {0x890, 0x891},     {0x8e2, 0x8e2},     {0x115f, 0x1160},   {0x17b4, 0x17b5},
        {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},
        {0x3164, 0x3164},   {0xfdd0, 0xfdef},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
        {0xfff0, 0xfffb},   {0x110bd, 0x110bd}, {0x110cd, 0x110cd}, {0x13430, 0x1343f},
        {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
    };
    if ((c & 0xfffe) == 0xfffe) return true; /* the last two of each plane, and TEXT_INVALID */
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1]) return true;
    return false;
}

size_t text_show(const char *text, char out[TEXT_SHOWN]) {
    size_t bytes;
    const uint32_t c = text_next(text, &bytes);
    if (c == TEXT_INVALID || (c < 0xa0 && text_is_unsafe(c))) {
        snprintf(out, TEXT_SHOWN, "\\x%02x", c == TEXT_INVALID ? (unsigned char)*text : c);
    } else if (text_is_unsafe(c)) {
        snprintf(out, TEXT_SHOWN, "\\u%04x", c);
    } else {
        memcpy(out, text, bytes);
        out[bytes] = 0;
    }
    return bytes;
}

size_t text_clean(const char *text, char *out, size_t room) {
    size_t length = 0;
    for (char shown[TEXT_SHOWN]; *text;) {
        text += text_show(text, shown);
        const size_t more = strlen(shown);
        if (more >= room - length) break;
        memcpy(out + length, shown, more);
        length += more;
    }
    out[length] = 0;
    return length;
}
