#include "weights/text.h"

/* The character at `text`, and how many bytes it takes; 0 bytes where it is not a legal one. */
static uint32_t text_character(const uint8_t *text, size_t size, uint32_t *bytes) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* of a form: none is overlong */
    const uint8_t lead = text[0];
    const uint32_t need = lead < 0x80 ? 1 : lead < 0xc2 ? 5 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    *bytes = 0;
    if (need > 4 || need > size) return 0;
    uint32_t code = need == 1 ? lead : lead & (0xffu >> need);
    for (uint32_t i = 1; i < need; i++) {
        if ((text[i] & 0xc0) != 0x80) return 0;
        code = code << 6 | (text[i] & 0x3f);
    }
    if (code < least[need] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return 0;
    *bytes = need;
    return code;
}

size_t fovea_text_clean(const uint8_t *text, size_t size) {
    uint32_t bytes;
    for (size_t at = 0; at < size; at += bytes) {
        uint32_t code = text_character(text + at, size - at, &bytes);
        bool control = (code != 0 && code < 0x20) || (code >= 0x7f && code < 0xa0);
        if (bytes == 0 || control) return at;
    }
    return size;
}
