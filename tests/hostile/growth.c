/* Input that is made to be slow, at one size and at twice that: time may not grow faster than the input.
 * usage: growth; ends with "N passed, N failed". Where an input is refused for being too much, that is
 * quick as well. */
#define W_ROOM (24u << 20)
#include "convert/convert.h"
#include "convert/files/inflate.h"
#include "convert/files/json.h"
#include "convert/files/zip.h"
#include "include/fovea_photo.h"
#include "tests/unit/hdf5_walk.h"
#include "tests/unit/hdf5_writer.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

/* Caches that no longer hold twice as much make 2.3 of 2; a loop through all within a loop makes 4. Another try is
 * made above the first, the input fails above the second. */
#define USUAL_GROWTH 2.3
#define MOST_GROWTH  3.0
#define CHANCES      6
#define TRIES        5

struct text {
    uint8_t *bytes;
    size_t size, room;
};

static void add(struct text *t, const void *bytes, size_t size) {
    while (t->size + size > t->room) {
        t->room = t->room ? 2 * t->room : 4096;
        t->bytes = realloc(t->bytes, t->room);
        if (!t->bytes) abort();
    }
    memcpy(t->bytes + t->size, bytes, size);
    t->size += size;
}
static void say(struct text *t, const char *format, ...) FOVEA_PRINTF(2, 3);
static void say(struct text *t, const char *format, ...) {
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    add(t, line, (size_t)length);
}
static void number(struct text *t, uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++) add(t, &(uint8_t){(uint8_t)(value >> (8 * i))}, 1);
}

/* ---- JSON ---- */

static void many_numbers(struct text *t, size_t n) {
    say(t, "[0");
    for (size_t i = 0; i < n; i++) say(t, ",%zu.5e-3", i);
    say(t, "]");
}
static void many_keys(struct text *t, size_t n) {
    say(t, "{\"k\":0");
    for (size_t i = 0; i < n; i++) say(t, ",\"key%zu\":{}", i);
    say(t, "}");
}
static void one_number(struct text *t, size_t n) {
    say(t, "0.");
    for (size_t i = 0; i < n; i++) say(t, "0123456789");
}
static void escapes(struct text *t, size_t n) {
    say(t, "\"");
    for (size_t i = 0; i < n; i++) say(t, "\\ud83d\\ude00");
    say(t, "\"");
}
static void blanks(struct text *t, size_t n) {
    for (size_t i = 0; i < n; i++) say(t, "                ");
    say(t, "1");
}
static void brackets(struct text *t, size_t n) {
    for (size_t i = 0; i < n; i++) say(t, "[{\"a\":");
}

static bool take_json(const struct text *t) {
    struct pool pool = {0};
    struct trouble trouble = {0};
    bool read = json_parse(&pool, (const char *)t->bytes, t->size, &trouble) != NULL;
    pool_free(&pool);
    return read;
}

/* ---- deflate ---- */

static void zlib_start(struct text *t) {
    add(t, "\x78\x01", 2);
}
static void zlib_end(struct text *t) {
    add(t, "\1\0\0\xff\xff\0\0\0\1", 9); /* an empty last block; the checksum of nothing */
}
static void empty_stored(struct text *t, size_t n) {
    zlib_start(t);
    for (size_t i = 0; i < n; i++) add(t, "\0\0\0\xff\xff", 5);
    zlib_end(t);
}
/* Of ten bits each; four of them are five bytes. */
static void empty_static(struct text *t, size_t n) {
    zlib_start(t);
    for (size_t i = 0; i < n; i++) add(t, "\x02\x08\x20\x80\x00", 5);
    zlib_end(t);
}
/* With codes of its own: two for bytes and the end, one for distances, all of one bit; and no data. */
static void empty_dynamic(struct text *t, size_t n) {
    static const uint16_t parts[][2] = {
        /* value and bits: kind; 257 and 1 codes, 18 lengths of codes in their odd order: of 18 and of 1 */
        {4, 3},  {0, 5},  {0, 5}, {14, 4}, {0, 6},   {1, 3}, {0, 14},
        {0, 14}, {0, 14}, {1, 3}, {1, 1},  {127, 7}, {1, 1}, {106, 7}, /* 138 and 117 times 0 */
        {0, 3},                                                        /* three times 1 */
        {1, 1},                                                        /* the end */
    };
    uint64_t bits = 0;
    unsigned count = 0;
    zlib_start(t);
    for (size_t i = 0; i < n; i++)
        for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
            bits |= (uint64_t)parts[p][0] << count;
            for (count += parts[p][1]; count >= 8; count -= 8, bits >>= 8)
                number(t, bits & 0xff, 1);
        }
    number(t, bits, count > 0);
    zlib_end(t);
}
static bool take_zlib(const struct text *t) {
    uint8_t none[1];
    return inflate_zlib(t->bytes, t->size, none, 0);
}

/* ---- archives ---- */

static void many_members(struct text *t, size_t n) {
    size_t start;
    n = n > 0xfffe ? 0xfffe : n;
    for (int central = 0; central < 2; central++) {
        start = t->size;
        for (size_t i = 0; i < n; i++) {
            add(t, central ? "PK\1\2\24\0\24\0\0\0\0\0" : "PK\3\4\24\0\0\0\0\0", central ? 12 : 10);
            number(t, 0, 8);
            number(t, 0, 8);
            number(t, 8, 4);
            if (central) number(t, 0, 8), number(t, 0, 2);
            if (central) number(t, 38 * i, 4);
            say(t, "%08zu", (i * 48271u) % n);
        }
    }
    add(t, "PK\5\6\0\0\0\0", 8);
    number(t, n, 2);
    number(t, n, 2);
    number(t, t->size - 12 - start, 4);
    number(t, start, 4);
    number(t, 0, 2);
}
/* What looks like an end record, but is not, over and over. */
static void many_ends(struct text *t, size_t n) {
    for (size_t i = 0; i < n; i++) add(t, "PK\5\6", 4);
}
static bool take_zip(const struct text *t) {
    struct pool pool = {0};
    struct trouble trouble = {0};
    bool read = zip_open(&pool, t->bytes, t->size, &trouble) != NULL;
    pool_free(&pool);
    return read;
}

/* ---- HDF5 ---- */

static uint8_t *room;

static void keep(struct text *t, struct writer *w, uint64_t root) {
    w_end(w, root);
    add(t, w->bytes, w->size);
}

/* An old-style group whose names come in falling order; all lead to one object. */
static void many_links(struct text *t, size_t n) {
    struct writer w;
    const uint8_t one = 1;
    w_begin(&w, room, false);
    const uint64_t target = w_compact(&w, W_U1, 0, NULL, &one, 1);
    w_align(&w, 0);
    uint64_t names = w.size, node, tree, heap;
    for (size_t i = 0; i < n; i++) {
        char name[32];
        snprintf(name, sizeof name, "link%011zu", n - i);
        w_bytes(&w, name, 16);
    }
    heap = w_text(&w, "HEAP");
    w_put(&w, 4, 0);
    w_put(&w, 8, heap - names);
    w_put(&w, 8, 1);
    w_put(&w, 8, names);
    node = w_text(&w, "SNOD");
    w_put(&w, 2, 1);
    w_put(&w, 2, n);
    for (size_t i = 0; i < n; i++) {
        w_put(&w, 8, 16 * i);
        w_put(&w, 8, target);
        for (int k = 0; k < 3; k++) w_put(&w, 8, 0);
    }
    tree = w_text(&w, "TREE");
    w_put(&w, 4, 1u << 16);
    w_put(&w, 8, W_UNDEF);
    w_put(&w, 8, W_UNDEF);
    w_put(&w, 8, 0);
    w_put(&w, 8, node);
    w_put(&w, 8, 0);
    uint64_t start = w_header(&w), m = w_message(&w, HDF5_SYMBOL_TABLE);
    w_put(&w, 8, tree);
    w_put(&w, 8, heap);
    w_message_end(&w, m);
    w_header_end(&w, start, 1);
    keep(t, &w, start);
}

/* Texts of variable length, one behind the other in a heap; in falling order, which no program writes, they
 * are put into order only as far as that is quick. */
static void put_texts(struct text *t, size_t n, bool falling) {
    struct writer w;
    w_begin(&w, room, true);
    w_align(&w, 0);
    uint64_t heap = w_text(&w, "GCOL");
    w_put(&w, 4, 1);
    w_put(&w, 8, 0);
    for (size_t i = 0; i < n; i++) {
        w_put(&w, 8, (falling ? n - i : i + 1) + 0x10000);
        w_put(&w, 8, 8);
        w_text(&w, "someword");
    }
    w_set(&w, heap + 8, 8, w.size - heap);
    uint64_t data = w.size;
    for (size_t i = 0; i < n; i++) {
        w_put(&w, 4, 8);
        w_put(&w, 8, heap);
        w_put(&w, 4, i + 1);
    }
    uint64_t start = w_header(&w), dims = n, m = w_message(&w, HDF5_DATASPACE);
    w_space(&w, 1, &dims, NULL);
    w_message_end(&w, m);
    m = w_message(&w, HDF5_DATATYPE);
    w_string_type(&w, 0, true);
    w_message_end(&w, m);
    m = w_message(&w, HDF5_LAYOUT);
    w_put(&w, 2, 0x0103);
    w_put(&w, 8, data);
    w_put(&w, 8, 16 * n);
    w_message_end(&w, m);
    w_header_end(&w, start, 3);
    const struct w_link link = {"x", start};
    keep(t, &w, w_group(&w, &link, 1));
}

static void many_texts(struct text *t, size_t n) {
    put_texts(t, n, false);
}
static void falling_texts(struct text *t, size_t n) {
    put_texts(t, n, true);
}

/* Chunks of one element, in falling order. */
static void many_chunks(struct text *t, size_t n) {
    struct writer w;
    w_begin(&w, room, false);
    w_align(&w, 0);
    uint64_t data = w.size, dims = n;
    for (size_t i = 0; i < n; i++) w_put(&w, 4, i);
    uint64_t tree = w_text(&w, "TREE");
    w_put(&w, 1, 1);
    w_put(&w, 1, 0);
    w_put(&w, 2, n);
    w_put(&w, 8, W_UNDEF);
    w_put(&w, 8, W_UNDEF);
    for (size_t i = n; i-- > 0;) {
        w_put(&w, 4, 4);
        w_put(&w, 4, 0);
        w_put(&w, 8, i);
        w_put(&w, 8, 0);
        w_put(&w, 8, data + 4 * i);
    }
    for (int k = 0; k < 3; k++) w_put(&w, 8, 0);
    uint64_t start = w_dataset_begin(&w, W_F4, 1, &dims, NULL), m = w_message(&w, HDF5_LAYOUT);
    w_put(&w, 2, 0x0203);
    w_put(&w, 1, 2);
    w_put(&w, 8, tree);
    w_put(&w, 4, 1);
    w_put(&w, 4, 4);
    w_message_end(&w, m);
    w_header_end(&w, start, 3);
    const struct w_link link = {"x", start};
    keep(t, &w, w_group(&w, &link, 1));
}

static bool take_hdf5(const struct text *t) {
    struct pool pool = {0};
    struct hdf5_walk walk = {0};
    bool read = hdf5_walk(&pool, t->bytes, t->size, &walk) && walk.refused == 0;
    pool_free(&pool);
    return read;
}

/* ---- models ---- */

/* A file with nothing but a config. */
static void keep_config(struct text *t, const struct text *config) {
    struct writer w;
    unsigned messages;
    w_begin(&w, room, true);
    w_align(&w, 0);
    uint64_t heap = w_text(&w, "GCOL");
    w_put(&w, 4, 1);
    w_put(&w, 8, 0);
    w_put(&w, 8, 1 + 0x10000);
    w_put(&w, 8, config->size);
    w_bytes(&w, config->bytes, config->size);
    w_align(&w, heap);
    w_set(&w, heap + 8, 8, w.size - heap);
    uint8_t reference[16];
    struct writer r = {.bytes = reference};
    w_put(&r, 4, config->size);
    w_put(&r, 8, heap);
    w_put(&r, 4, 1);
    const uint64_t group = w_group(&w, NULL, 0);
    const struct w_link link = {"model_weights", group};
    uint64_t root = w_group_begin(&w, &link, 1, &messages), m = w_message(&w, HDF5_ATTRIBUTE);
    w_attribute_body(&w, "model_config", 0, 0, true, 0, NULL, reference, 16);
    w_message_end(&w, m);
    m = w_message(&w, HDF5_ATTRIBUTE);
    w_attribute_body(&w, "keras_version", 0, 5, false, 0, NULL, "2.9.0", 5);
    w_message_end(&w, m);
    w_header_end(&w, root, messages + 2);
    keep(t, &w, root);
    free(config->bytes);
}

#define ACTIVATION                                                                                 \
    "{\"class_name\":\"Activation\",\"config\":{\"name\":\"layer%zu\",\"activation\":\"tanh\"}"
#define INPUT                                                                                      \
    "{\"class_name\":\"InputLayer\",\"config\":{\"batch_input_shape\":[null,4],\"name\":"          \
    "\"layer0\"}"

static void long_sequential(struct text *t, size_t n) {
    struct text c = {0};
    say(&c, "{\"class_name\":\"Sequential\",\"config\":{\"name\":\"s\",\"layers\":[" INPUT "}");
    for (size_t i = 1; i < n; i++) say(&c, "," ACTIVATION "}", i);
    say(&c, "]}}");
    keep_config(t, &c);
}

/* Each layer on the one before, listed from the last to the first. */
static void long_functional(struct text *t, size_t n) {
    struct text c = {0};
    say(&c, "{\"class_name\":\"Functional\",\"config\":{\"name\":\"f\",\"layers\":[");
    for (size_t i = n; i-- > 1;)
        say(&c, ACTIVATION ",\"name\":\"layer%zu\",\"inbound_nodes\":[[[\"layer%zu\",0,0,{}]]]},",
            i, i, i - 1);
    say(&c,
        INPUT ",\"name\":\"layer0\",\"inbound_nodes\":[]}],\"input_layers\":[[\"layer0\",0,0]],");
    say(&c, "\"output_layers\":[[\"layer%zu\",0,0]]}}", n - 1);
    keep_config(t, &c);
}

static bool take_keras(const struct text *t) {
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct converted converted;
    struct convert_options options = {.recipe = {.scale = 1, .std = {1, 1, 1}}};
    bool read = convert_keras(&pool, t->bytes, t->size, &options, &converted, &trouble);
    pool_free(&pool);
    return read;
}

/* ---- pictures ---- */

static void many_segments(struct text *t, size_t n) {
    add(t, "\xff\xd8", 2);
    for (size_t i = 0; i < n; i++) add(t, "\xff\xfe\0\3x", 5);
    add(t, "\xff\xd9", 2);
}
static void many_fills(struct text *t, size_t n) {
    add(t, "\xff\xd8", 2);
    for (size_t i = 0; i < n; i++) add(t, "\xff\xff\xff\xff", 4);
    add(t, "\xd9", 1);
}
static void many_pieces(struct text *t, size_t n) {
    add(t, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0\x3a\x7e\x9b\x55", 33);
    for (size_t i = 0; i < n; i++) add(t, "\0\0\0\0IDAT\x35\xaf\x06\x1e", 12);
}
static bool take_photo(const struct text *t) {
    struct fovea_image image;
    bool read = fovea_photo_decode(t->bytes, t->size, &image, NULL) == FOVEA_OK;
    fovea_photo_free(&image);
    return read;
}

/* ---- timing ---- */

static const struct probe {
    const char *name;
    void (*make)(struct text *text, size_t n);
    bool (*take)(const struct text *text);
    size_t n;
    bool read; /* else it is refused, after as long a look as it takes */
} probes[] = {
    {"JSON: numbers", many_numbers, take_json, 100000, true},
    {"JSON: keys of an object", many_keys, take_json, 20000, true},
    {"JSON: digits of a number", one_number, take_json, 200000, true},
    {"JSON: escapes in a text", escapes, take_json, 200000, true},
    {"JSON: blanks", blanks, take_json, 500000, true},
    {"JSON: brackets", brackets, take_json, 1000000, false},
    {"deflate: empty stored blocks", empty_stored, take_zlib, 500000, true},
    {"deflate: empty static blocks", empty_static, take_zlib, 300000, true},
    {"deflate: empty dynamic blocks", empty_dynamic, take_zlib, 10000, false},
    {"archive: members", many_members, take_zip, 10000, true},
    {"archive: end records", many_ends, take_zip, 1000000, false},
    {"HDF5: links", many_links, take_hdf5, 8000, true},
    {"HDF5: texts", many_texts, take_hdf5, 30000, true},
    {"HDF5: texts in falling order", falling_texts, take_hdf5, 30000, false},
    {"HDF5: chunks", many_chunks, take_hdf5, 30000, true},
    {"Keras: layers in a row", long_sequential, take_keras, 4000, true},
    {"Keras: layers by name", long_functional, take_keras, 4000, true},
    {"JPEG: segments", many_segments, take_photo, 1000000, false},
    {"JPEG: fill bytes", many_fills, take_photo, 1000000, false},
    {"PNG: chunks", many_pieces, take_photo, 300000, false},
};
#define PROBES (sizeof probes / sizeof *probes)

static double time_of(const struct probe *probe, size_t n, double *per_byte, bool *right) {
    struct text text = {0};
    double best = 1e30;
    probe->make(&text, n);
    for (int i = 0; i < TRIES; i++) {
        struct timespec start, end;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
        bool read = probe->take(&text);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
        double ns =
            (double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec);
        best = ns < best ? ns : best;
        *right &= read == probe->read;
    }
    *per_byte = best / (double)text.size;
    free(text.bytes);
    return best;
}

int main(void) {
    double worst = 0, slowest = 0;
    size_t failed = 0;
    room = malloc(W_ROOM);
    if (!room) return 2;
    for (size_t i = 0; i < PROBES; i++) {
        const struct probe *probe = &probes[i];
        bool right = true;
        double per_byte, once = 1e30, twice = 1e30, growth = 1e30;
        for (int chance = 0; chance < CHANCES && growth > USUAL_GROWTH; chance++) {
            once = fmin(once, time_of(probe, probe->n, &per_byte, &right));
            twice = fmin(twice, time_of(probe, 2 * probe->n, &per_byte, &right));
            growth = twice / once;
        }
        printf("%-30s %5.2f times as long for twice as much, %6.1f ns a byte%s\n", probe->name,
               growth, per_byte, right ? "" : "  NOT READ AS IT SHOULD BE");
        if (!right || growth > MOST_GROWTH) {
            printf("FAIL %s\n", probe->name);
            failed++;
        }
        if (growth > worst) worst = growth;
        if (per_byte > slowest) slowest = per_byte;
    }
    free(room);
    printf("%zu probes: time at 2n at most %.2f times the time at n; slowest %.0f ns a byte\n",
           PROBES, worst, slowest);
    printf("%zu passed, %zu failed\n", PROBES - failed, failed);
    return failed != 0;
}
