/* For Frama-C's value analysis (tests/proof/eva.sh): every function of the cursor, from every place in ranges
 * of up to 9 bytes, with any 64-bit argument and any bytes. Proved is that nothing undefined can happen:
 * no byte outside is read, no pointer leaves the range, nothing overflows. */
#include <__fc_builtin.h>

#include "weights/bytes.h"

#define ROOM 9

static uint8_t data[ROOM];

static uint64_t any(void) {
    return Frama_C_unsigned_long_interval(0, UINT64_MAX);
}

static void use(struct fovea_bytes b, uint64_t n) {
    struct fovea_bytes again = b;
    uint64_t first;
    size_t length;
    const uint8_t *p = fovea_take(&again, n);
    if (p && n > 0) first = p[0];
    again = b;
    fovea_skip(&again, n);
    again = b;
    struct fovea_bytes part = fovea_take_part(&again, n);
    (void)fovea_read(&part, 8);
    part = fovea_part(&b, any(), n);
    for (uint64_t offset = 0; offset <= ROOM + 1; offset++) { /* one by one: n is related to it */
        part = fovea_part(&b, offset, n);
        if (part.failed) /* apart, so that the analysis keeps them apart */
            (void)fovea_peek(&part);
        else
            (void)fovea_peek(&part);
    }
    (void)fovea_left(&b);
    again = b;
    fovea_align(&again, 8);
    again = b;
    (void)fovea_match(&again, "PK\1\2", 4);
    again = b;
    const char *text = fovea_take_text(&again, (size_t)any(), &length);
    if (text) first = (uint64_t)text[0];
    for (unsigned bytes = 1; bytes <= 8; bytes++) {
        again = b;
        (void)fovea_read(&again, bytes);
        again = b;
        (void)fovea_read_big(&again, bytes);
    }
    again = b;
    (void)fovea_read_float(&again);
    (void)fovea_sum(any(), n);
    (void)fovea_product(any(), n);
    (void)fovea_in_range(any(), n, any());
}

int main(void) {
    for (size_t i = 0; i < ROOM; i++) data[i] = Frama_C_unsigned_char_interval(0, 255);
    for (size_t size = 0; size <= ROOM; size++)
        for (size_t at = 0; at <= size; at++) {
            struct fovea_bytes b = fovea_bytes_of(data + (ROOM - size), size);
            b.at = at;
            use(b, any());
            b.failed = true;
            use(b, any());
        }
    return 0;
}
