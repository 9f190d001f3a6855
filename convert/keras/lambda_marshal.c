/* Python's marshal format, as far as code objects need it: type 1 (bit 7: may be referred to later), then
 *
 *   i 4 I 8: whole numbers; g: float 8; f: its digits, length 1; l: digits of 15 bits, count 4
 *   s t u a A: text or bytes, length 4; z Z: length 1; ( [: items, count 4; ): count 1; r R: reference 4
 *   N T F .: None, True, False, ...
 *   c: a code object, numbers of 4 bytes and objects, whose order depends on the version */
#include <stdlib.h>
#include <string.h>

#include "convert/keras/lambda.h"

#define DEPTH_MAX 6
#define REFS_MAX  4096

struct reader {
    struct keras *keras;
    struct fovea_bytes bytes;
    struct symbol *refs, *interned; /* of Python 3; strings of Python 2 */
    uint32_t ref_count, interned_count;
    bool bad;
};

static struct symbol bad(struct reader *reader) {
    reader->bad = true;
    return (struct symbol){.kind = SYMBOL_NULL};
}

static struct symbol read_text(struct reader *reader, uint64_t length, enum symbol_kind kind) {
    struct fovea_bytes part = fovea_take_part(&reader->bytes, length);
    if (part.failed || reader->bytes.failed) return bad(reader);
    char *text = pool_get(reader->keras->pool, length + 1, 1, reader->keras->trouble);
    if (!text) return bad(reader);
    for (uint64_t i = 0; i < length; i++) text[i] = (char)fovea_read8(&part);
    return (struct symbol){.kind = kind, .text = text, .length = (size_t)length};
}

static struct symbol read_object(struct reader *reader, int depth);

static struct symbol read_items(struct reader *reader, uint64_t count, int depth) {
    struct keras *keras = reader->keras;
    if (depth >= DEPTH_MAX || count > fovea_left(&reader->bytes)) return bad(reader);
    struct symbol *items = pool_get(keras->pool, count, sizeof *items, keras->trouble);
    if (!items) return bad(reader);
    for (uint64_t i = 0; i < count && !reader->bad; i++) items[i] = read_object(reader, depth + 1);
    return (struct symbol){.kind = SYMBOL_LIST, .items = items, .count = (uint32_t)count};
}

static struct symbol read_long(struct reader *reader) {
    const int32_t stated = (int32_t)fovea_read32(&reader->bytes);
    const uint32_t count = stated < 0 ? 0u - (uint32_t)stated : (uint32_t)stated;
    struct symbol symbol = {.kind = SYMBOL_WHOLE};
    if (count > 3) return bad(reader); /* 45 bits */
    for (uint32_t i = 0; i < count; i++)
        symbol.whole |= (int64_t)(fovea_read16(&reader->bytes) & 0x7fff) << 15 * i;
    if (stated < 0) symbol.whole = -symbol.whole;
    symbol.real = (double)symbol.whole;
    return symbol;
}

static struct symbol read_real(struct reader *reader) {
    const uint64_t bits = fovea_read64(&reader->bytes);
    struct symbol symbol = {.kind = SYMBOL_REAL};
    memcpy(&symbol.real, &bits, sizeof symbol.real);
    return symbol;
}

static struct symbol read_digits(struct reader *reader) {
    struct symbol text = read_text(reader, fovea_read8(&reader->bytes), SYMBOL_TEXT);
    if (reader->bad) return text;
    return (struct symbol){.kind = SYMBOL_REAL, .real = strtod(text.text, NULL)};
}

static struct symbol read_whole(struct reader *reader, bool wide) {
    struct symbol symbol = {.kind = SYMBOL_WHOLE};
    symbol.whole =
        wide ? (int64_t)fovea_read64(&reader->bytes) : (int32_t)fovea_read32(&reader->bytes);
    symbol.real = (double)symbol.whole;
    return symbol;
}

static struct symbol read_ref(struct reader *reader, const struct symbol *list, uint32_t count) {
    const uint32_t index = fovea_read32(&reader->bytes);
    return index < count ? list[index] : bad(reader);
}

static struct symbol read_kind(struct reader *reader, unsigned type, int depth) {
    struct fovea_bytes *b = &reader->bytes;
    switch (type) {
    case 'N': return (struct symbol){.kind = SYMBOL_NONE};
    case 'T': return (struct symbol){.kind = SYMBOL_FLAG, .whole = 1, .real = 1};
    case 'F': return (struct symbol){.kind = SYMBOL_FLAG};
    case '.': return (struct symbol){.kind = SYMBOL_ELLIPSIS};
    case 'i': return read_whole(reader, false);
    case 'I': return read_whole(reader, true);
    case 'g': return read_real(reader);
    case 'f': return read_digits(reader);
    case 'l': return read_long(reader);
    case 's': return read_text(reader, fovea_read32(b), SYMBOL_BYTES);
    case 't': {
        struct symbol text = read_text(reader, fovea_read32(b), SYMBOL_TEXT);
        if (reader->interned_count < REFS_MAX) reader->interned[reader->interned_count++] = text;
        return text;
    }
    case 'u':
    case 'a':
    case 'A': return read_text(reader, fovea_read32(b), SYMBOL_TEXT);
    case 'z':
    case 'Z': return read_text(reader, fovea_read8(b), SYMBOL_TEXT);
    case '(':
    case '[': return read_items(reader, fovea_read32(b), depth);
    case ')': return read_items(reader, fovea_read8(b), depth);
    case 'r': return read_ref(reader, reader->refs, reader->ref_count);
    case 'R': return read_ref(reader, reader->interned, reader->interned_count);
    default: return bad(reader); /* a function within the function, among others */
    }
}

static struct symbol read_object(struct reader *reader, int depth) {
    const unsigned type = fovea_read8(&reader->bytes);
    uint32_t slot = REFS_MAX;
    if (reader->bytes.failed) return bad(reader);
    if (type & 0x80 && reader->ref_count < REFS_MAX) {
        slot = reader->ref_count++;
        reader->refs[slot] = (struct symbol){.kind = SYMBOL_NULL};
    }
    const struct symbol symbol = read_kind(reader, type & 0x7f, depth);
    if (slot < REFS_MAX) reader->refs[slot] = symbol;
    return symbol;
}

/* What a version's code object consists of: a number a-f or an object. a: arguments, x: a number that does not
 * matter, c: code, k: constants, n: names, v: names of variables, f: free ones, l: cells, o: any object. */
static const struct layout {
    const char *order;
    enum python_dialect dialect;
} layouts[] = {
    {"axxxxcknvooooxoo", PYTHON_311},
    {"axxxxxcknvflooxo", PYTHON_38},
    {"axxxxcknvflooxo", PYTHON_36},
    {"axxxcknvflooxo", PYTHON_27},
};

static bool read_code(struct reader *reader, const char *order, struct python_code *code) {
    for (const char *c = order; *c && !reader->bad; c++) {
        if (*c == 'a' || *c == 'x') {
            const uint32_t number = fovea_read32(&reader->bytes);
            if (*c == 'a') code->arguments = number;
            continue;
        }
        struct symbol *to = *c == 'k'   ? &code->consts
                            : *c == 'n' ? &code->names
                            : *c == 'v' ? &code->locals
                            : *c == 'f' ? &code->free_names
                            : *c == 'l' ? &code->cell_names
                                        : NULL;
        const struct symbol object = read_object(reader, 0);
        if (to) *to = object;
        if (*c == 'c') {
            if (object.kind != SYMBOL_BYTES) return false;
            code->code = (const uint8_t *)object.text;
            code->size = object.length;
        } else if (to && object.kind != SYMBOL_LIST) {
            return false;
        }
    }
    return !reader->bad && !reader->bytes.failed && fovea_left(&reader->bytes) == 0;
}

static bool all_texts(const struct symbol *list) {
    for (uint32_t i = 0; i < list->count; i++)
        if (list->items[i].kind != SYMBOL_TEXT &&
            list->items[i].kind != SYMBOL_BYTES) /* Python 2 */
            return false;
    return true;
}

/* Whether an instruction of that number stands in the code, and how much room for the interpreter behind it. */
static bool finds(const struct python_code *code, uint8_t opcode, uint32_t *room) {
    *room = 0;
    for (size_t at = 0; at + 1 < code->size; at += 2) {
        if (code->code[at] != opcode) continue;
        for (at += 2; at + 1 < code->size && code->code[at] == 0; at += 2) ++*room;
        return true;
    }
    return false;
}

/* Versions that write the same form. Before 3.6 instructions have 1 or 3 bytes, and the last one is of 1. */
static void settle(struct python_code *code) {
    uint32_t room;
    if (code->dialect == PYTHON_36 && code->size && code->code[code->size - 1] == 83)
        code->dialect = PYTHON_30;
    if (code->dialect != PYTHON_311) return;
    const bool copies = finds(code, 62, &room); /* as the first instruction, in 3.13 */
    if (code->size > 3 && (code->code[0] == 149 || code->code[0] == 62) &&
        (code->code[0] == 62 ? copies : code->code[2] != 151))
        code->dialect = PYTHON_313;
    else if (finds(code, 166, &room))
        return; /* PRECALL is of 3.11 alone */
    else if (finds(code, 121, &room) || finds(code, 171, &room) || finds(code, 26, &room) ||
             (finds(code, 116, &room) && room == 4) || (finds(code, 106, &room) && room == 9) ||
             (finds(code, 107, &room) && room == 1))
        code->dialect = PYTHON_312;
}

bool python_read(struct keras *keras, const char *layer, const uint8_t *bytes, size_t size,
                 struct python_code *code) {
    struct reader reader = {.keras = keras};
    reader.refs = pool_get(keras->pool, REFS_MAX, sizeof *reader.refs, keras->trouble);
    reader.interned = pool_get(keras->pool, REFS_MAX, sizeof *reader.refs, keras->trouble);
    if (!reader.refs || !reader.interned || !pool_spend(keras->pool, 64 + size, keras->trouble))
        return false;
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        *code = (struct python_code){.dialect = layouts[i].dialect};
        reader.bytes = fovea_bytes_of(bytes, size);
        reader.ref_count = reader.interned_count = 0;
        reader.bad = false;
        const unsigned type = fovea_read8(&reader.bytes);
        if ((type & 0x7f) != 'c') break;
        if (type & 0x80) reader.refs[reader.ref_count++] = (struct symbol){.kind = SYMBOL_NULL};
        if (read_code(&reader, layouts[i].order, code) && all_texts(&code->names) &&
            all_texts(&code->locals) && all_texts(&code->free_names) &&
            all_texts(&code->cell_names) && code->arguments <= code->locals.count) {
            settle(code);
            return true;
        }
        if (keras->trouble->set) return false;
    }
    return fail(
        keras->trouble,
        "K-336 layer '%s' is a Lambda whose Python code is not understood: it is of an unknown "
        "version, or holds a function of its own; replace it by layers of Keras",
        layer);
}
