#include "convert/files/json.h"

#include <math.h>
#include <string.h>

#include "convert/files/json_internal.h"
#include "weights/bytes.h"
#include "weights/check.h"

#define SLAB_MAX  4096        /* values per allocation */
#define POWER_MAX 1000000000L /* far outside of what any number's digits can undo */

struct parser {
    struct fovea_bytes in;
    struct pool *pool;
    struct trouble *trouble;
    bool failed;
    bool binary; /* the string being read has a NUL in it */
    char *text;  /* where the next string goes: strings never get longer by decoding, so that */
                 /* one buffer of the input's size holds them all */
    struct json *slab;
    size_t slab_left, slab_size, values;
    struct json *root;
    size_t depth;
    bool opened;                         /* the innermost container has just begun */
    struct json *open[JSON_DEPTH_MAX];   /* the containers around the current value */
    struct json *latest[JSON_DEPTH_MAX]; /* their last elements so far */
};

static bool refuse(struct parser *p, size_t at, const char *reason) {
    p->failed = true;
    return fail_check(p->trouble, reason, "JSON: %s at byte %zu", fovea_check_text(reason), at);
}

/* The next character says what is wrong, or the text ends. */
static bool unexpected(struct parser *p, const char *reason) {
    if (fovea_peek(&p->in) < 0) return refuse(p, p->in.at, "J-002 the text ends too early");
    return refuse(p, p->in.at, reason);
}

static void skip_space(struct parser *p) {
    for (;;) {
        int c = fovea_peek(&p->in);
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return;
        fovea_skip(&p->in, 1);
    }
}

static bool accept(struct parser *p, int c) {
    if (fovea_peek(&p->in) != c) return false;
    fovea_skip(&p->in, 1);
    return true;
}

/* ---- strings ---- */

/* One character beyond ASCII. The table holds, for ranges of first bytes, the range of the second:
 * that is what excludes overlong forms, surrogates and what lies beyond U+10FFFF. */
static bool read_utf8(struct parser *p) {
    static const struct {
        uint8_t first, last, second_first, second_last, more;
    } forms[] = {
        {0xc2, 0xdf, 0x80, 0xbf, 1}, {0xe0, 0xe0, 0xa0, 0xbf, 2}, {0xe1, 0xec, 0x80, 0xbf, 2},
        {0xed, 0xed, 0x80, 0x9f, 2}, {0xee, 0xef, 0x80, 0xbf, 2}, {0xf0, 0xf0, 0x90, 0xbf, 3},
        {0xf1, 0xf3, 0x80, 0xbf, 3}, {0xf4, 0xf4, 0x80, 0x8f, 3},
    };
    size_t at = p->in.at, form = 0, count = sizeof forms / sizeof *forms;
    uint8_t c = fovea_read8(&p->in);
    while (form < count && (c < forms[form].first || c > forms[form].last)) form++;
    if (form == count) return refuse(p, at, "J-003 invalid UTF-8");
    int low = forms[form].second_first, high = forms[form].second_last;
    *p->text++ = (char)c;
    for (unsigned i = 0; i < forms[form].more; i++, low = 0x80, high = 0xbf) {
        int next = fovea_peek(&p->in);
        if (next < low || next > high) return refuse(p, at, "J-004 invalid UTF-8");
        *p->text++ = (char)fovea_read8(&p->in);
    }
    return true;
}

static bool read_hex4(struct parser *p, uint32_t *value) {
    *value = 0;
    for (int i = 0; i < 4; i++) {
        int c = fovea_peek(&p->in), lower = c | 0x20;
        bool digit = c >= '0' && c <= '9', letter = lower >= 'a' && lower <= 'f';
        if (!digit && !letter) return unexpected(p, "J-005 \\u without four hexadecimal digits");
        *value = *value << 4 | (uint32_t)(digit ? c - '0' : lower - 'a' + 10);
        fovea_skip(&p->in, 1);
    }
    return true;
}

static void put_utf8(struct parser *p, uint32_t c) {
    static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    unsigned bytes = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (unsigned i = bytes; i > 1; i--, c >>= 6) p->text[i - 1] = (char)(0x80 | (c & 0x3f));
    p->text[0] = (char)(lead[bytes] | c);
    p->text += bytes;
}

/* What stands behind "\u": one character, or two escapes that are a surrogate pair. */
static bool read_unicode_escape(struct parser *p) {
    size_t at = p->in.at;
    uint32_t c, low;
    if (!read_hex4(p, &c)) return false;
    p->binary |= c == 0;
    if (c >= 0xdc00 && c <= 0xdfff) return refuse(p, at, "J-006 a lone surrogate");
    if (c >= 0xd800 && c <= 0xdbff) {
        if (!fovea_match(&p->in, "\\u", 2)) return refuse(p, at, "J-007 a lone surrogate");
        if (!read_hex4(p, &low)) return false;
        if (low < 0xdc00 || low > 0xdfff) return refuse(p, at, "J-008 a lone surrogate");
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    put_utf8(p, c);
    return true;
}

static bool read_escape(struct parser *p) {
    static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    int c = fovea_peek(&p->in);
    if (accept(p, 'u')) return read_unicode_escape(p);
    const char *name = c > 0 ? strchr(names, c) : NULL;
    if (!name) return unexpected(p, "J-009 an unknown escape");
    fovea_skip(&p->in, 1);
    *p->text++ = meanings[name - names];
    return true;
}

/* *text is NULL where the string has a NUL in it. */
static bool read_string(struct parser *p, const char **text, size_t *length) {
    fovea_skip(&p->in, 1); /* its quote, at which the caller has looked */
    char *start = p->text;
    p->binary = false;
    for (;;) {
        int c = fovea_peek(&p->in);
        if (c < 0x20) return unexpected(p, "J-011 a control character inside a string");
        bool ok = true;
        if (c >= 0x80) {
            ok = read_utf8(p);
        } else {
            fovea_skip(&p->in, 1);
            if (c == '"') break;
            if (c == '\\')
                ok = read_escape(p);
            else
                *p->text++ = (char)c;
        }
        if (!ok) return false;
    }
    *length = p->binary ? 0 : (size_t)(p->text - start);
    *text = p->binary ? NULL : start;
    *p->text++ = '\0';
    return true;
}

/* ---- numbers ---- */

/* One or more digits. */
static bool read_digits(struct parser *p, struct json_decimal *decimal, bool fraction) {
    int c = fovea_peek(&p->in);
    if (c < '0' || c > '9') return unexpected(p, "J-012 a digit was expected");
    for (; c >= '0' && c <= '9'; c = fovea_peek(&p->in)) {
        json_decimal_digit(decimal, (unsigned)c - '0', fraction);
        fovea_skip(&p->in, 1);
    }
    return true;
}

static bool read_power(struct parser *p, int64_t *power) {
    bool negative = accept(p, '-');
    if (!negative) accept(p, '+');
    int c = fovea_peek(&p->in);
    if (c < '0' || c > '9') return unexpected(p, "J-013 a digit was expected");
    for (; c >= '0' && c <= '9'; c = fovea_peek(&p->in)) {
        if (*power < POWER_MAX) *power = *power * 10 + (c - '0');
        fovea_skip(&p->in, 1);
    }
    if (negative) *power = -*power;
    return true;
}

/* An integer token as int64_t, where it fits. */
static void set_integer(struct json *value, const struct json_decimal *decimal) {
    uint64_t limit = (uint64_t)INT64_MAX + decimal->negative, n = 0;
    if (decimal->count > 19) return;
    for (int i = 0; i < decimal->count; i++) n = n * 10 + decimal->digit[i]; /* below 2^64 */
    if (n > limit) return;
    value->integral = true;
    value->integer = !decimal->negative ? (int64_t)n : n ? -(int64_t)(n - 1) - 1 : 0;
}

static bool read_number(struct parser *p, struct json *value) {
    struct json_decimal decimal;
    size_t at = p->in.at;
    int64_t power = 0;
    bool whole = true;
    decimal.count = 0;
    decimal.power = 0;
    decimal.lost = false;
    decimal.negative = accept(p, '-');
    value->type = JSON_NUMBER;
    if (decimal.negative && fovea_peek(&p->in) == 'I') {
        value->number = -(double)INFINITY;
        if (!fovea_match(&p->in, "Infinity", 8)) return refuse(p, at, "J-014 an unknown word");
        return true;
    }
    if (accept(p, '0')) {
        int c = fovea_peek(&p->in);
        if (c >= '0' && c <= '9') return refuse(p, at, "J-015 a number that begins with 0");
    } else if (!read_digits(p, &decimal, false)) {
        return false;
    }
    if (accept(p, '.')) {
        whole = false;
        if (!read_digits(p, &decimal, true)) return false;
    }
    if (accept(p, 'e') || accept(p, 'E')) {
        whole = false;
        if (!read_power(p, &power)) return false;
    }
    if (whole) set_integer(value, &decimal);
    decimal.power += power;
    value->number = json_decimal_value(&decimal);
    if (isinf(value->number)) return refuse(p, at, "J-016 a number beyond the range of a double");
    return true;
}

/* ---- values ---- */

static bool read_word(struct parser *p, struct json *value) {
    static const struct {
        const char *word;
        enum json_type type;
        float number;
    } words[] = {
        {"null", JSON_NULL, 0},
        {"false", JSON_FALSE, 0},
        {"true", JSON_TRUE, 0},
        {"NaN", JSON_NUMBER, NAN},
        {"Infinity", JSON_NUMBER, INFINITY},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct fovea_bytes ahead = p->in;
        if (!fovea_match(&ahead, words[i].word, strlen(words[i].word))) continue;
        p->in = ahead;
        value->type = words[i].type;
        value->number = (double)words[i].number;
        return true;
    }
    return unexpected(p, "J-017 a value was expected");
}

static bool open_container(struct parser *p, struct json *value, enum json_type type) {
    if (p->depth == JSON_DEPTH_MAX) return refuse(p, p->in.at, "J-018 nesting deeper than 128");
    fovea_skip(&p->in, 1);
    value->type = type;
    p->open[p->depth] = value;
    p->latest[p->depth++] = NULL;
    p->opened = true;
    return true;
}

static bool read_value(struct parser *p, struct json *value) {
    int c = fovea_peek(&p->in);
    if (c == '{') return open_container(p, value, JSON_OBJECT);
    if (c == '[') return open_container(p, value, JSON_ARRAY);
    if (c == '-' || (c >= '0' && c <= '9')) return read_number(p, value);
    if (c != '"') return read_word(p, value);
    if (!read_string(p, &value->text, &value->length)) return false;
    value->type = value->text ? JSON_STRING : JSON_BINARY;
    return true;
}

static struct json *new_value(struct parser *p) {
    if (p->values >= limit_of(p->pool, JSON_VALUES_MAX)) {
        refuse(p, p->in.at, "J-019 more values than the limit json-values allows");
        return NULL;
    }
    if (p->slab_left == 0) {
        p->slab_size = p->slab_size ? 2 * p->slab_size : 16;
        if (p->slab_size > SLAB_MAX) p->slab_size = SLAB_MAX;
        p->slab = pool_get(p->pool, p->slab_size, sizeof *p->slab, p->trouble);
        p->slab_left = p->slab_size;
        p->failed |= !p->slab;
        if (!p->slab) return NULL;
    }
    p->values++;
    p->slab_left--;
    return p->slab++;
}

static bool read_key(struct parser *p, struct json *value) {
    size_t at = p->in.at, length;
    if (fovea_peek(&p->in) != '"') return unexpected(p, "J-020 a key was expected");
    if (!read_string(p, &value->key, &length)) return false;
    if (!value->key) return refuse(p, at, "J-021 a NUL character inside a key");
    if (length > limit_of(p->pool, JSON_KEY_MAX))
        return refuse(p, at, "J-022 a key longer than the limit json-key allows");
    skip_space(p);
    if (!accept(p, ':')) return unexpected(p, "J-023 a colon was expected");
    skip_space(p);
    return true;
}

/* The next value, linked to its container, with its key read. */
static struct json *add_value(struct parser *p) {
    struct json *value = new_value(p);
    if (!value) return NULL;
    if (p->depth == 0) {
        p->root = value;
        return value;
    }
    struct json *container = p->open[p->depth - 1], **latest = &p->latest[p->depth - 1];
    if (*latest)
        (*latest)->next = value;
    else
        container->first = value;
    *latest = value;
    container->count++;
    return container->type == JSON_ARRAY || read_key(p, value) ? value : NULL;
}

/* ---- the end of an object: no key twice ---- */

static void sift_down(const char **keys, size_t root, size_t count) {
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && strcmp(keys[child], keys[child + 1]) < 0) child++;
        if (strcmp(keys[root], keys[child]) >= 0) return;
        const char *key = keys[root];
        keys[root] = keys[child];
        keys[child] = key;
    }
}

/* Heap sort: the order of the keys is the file's, and no order may make it slow. */
static void sort_keys(const char **keys, size_t count) {
    for (size_t i = count / 2; i-- > 0;) sift_down(keys, i, count);
    for (size_t i = count; i-- > 1;) {
        const char *key = keys[0];
        keys[0] = keys[i];
        keys[i] = key;
        sift_down(keys, 0, i);
    }
}

static bool check_keys(struct parser *p, const struct json *object) {
    const char *few[32], **keys = few;
    size_t count = 0;
    if (object->count > sizeof few / sizeof *few)
        keys = pool_get(p->pool, object->count, sizeof *keys, p->trouble);
    if (!keys) return !(p->failed = true);
    for (const struct json *m = object->first; m; m = m->next) keys[count++] = m->key;
    sort_keys(keys, count);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(keys[i - 1], keys[i]) != 0) continue;
        p->failed = true;
        return fail(p->trouble,
                    "J-024 JSON: the key \"%s\" occurs twice in the object that ends at byte %zu",
                    keys[i], p->in.at);
    }
    return true;
}

/* True where another value follows; false at the end of the text, or failed. */
static bool next_value(struct parser *p) {
    for (;; p->opened = false) {
        skip_space(p);
        if (p->depth == 0) return false;
        const struct json *container = p->open[p->depth - 1];
        bool object = container->type == JSON_OBJECT;
        if (accept(p, object ? '}' : ']')) {
            p->depth--;
            if (object && !check_keys(p, container)) return false;
        } else if (p->opened || accept(p, ',')) {
            p->opened = false;
            skip_space(p);
            return true;
        } else {
            return object ? unexpected(p, "J-025 a comma or } was expected")
                          : unexpected(p, "J-028 a comma or ] was expected");
        }
    }
}

const struct json *json_parse(struct pool *pool, const char *text, size_t size,
                              struct trouble *trouble) {
    struct parser p = {.in = fovea_bytes_of(text, size), .pool = pool, .trouble = trouble};
    const uint64_t most = limit_of(pool, JSON_MIB_MAX) << 20;
    if (size > most) {
        refuse(&p, (size_t)most, "J-026 the text goes on beyond the limit json-size");
        return NULL;
    }
    if (!pool_spend(pool, size, trouble)) return NULL;
    p.text = pool_get(pool, (uint64_t)size + 1, 1, trouble);
    if (!p.text) return NULL;
    skip_space(&p);
    do {
        struct json *value = add_value(&p);
        if (!value || !read_value(&p, value)) return NULL;
    } while (next_value(&p));
    if (!p.failed && fovea_peek(&p.in) >= 0)
        refuse(&p, p.in.at, "J-027 something follows the value");
    return p.failed ? NULL : p.root;
}

/* ---- asking the tree ---- */

const struct json *json_member(const struct json *object, const char *key) {
    if (!object || object->type != JSON_OBJECT) return NULL;
    const struct json *m = object->first;
    while (m && strcmp(m->key, key) != 0) m = m->next;
    return m;
}

const struct json *json_item(const struct json *array, size_t index) {
    if (!array || array->type != JSON_ARRAY) return NULL;
    const struct json *item = array->first;
    for (; item && index > 0; index--) item = item->next;
    return item;
}

bool json_is(const struct json *value, const char *text) {
    return value && value->type == JSON_STRING && strcmp(value->text, text) == 0;
}
