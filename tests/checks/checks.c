/* Replays tests/checks/cases.txt: for each check an input that exactly it refuses.
 *
 *     checks                replays; ends with "N passed, N failed"
 *     checks search FILE... prints a case for each check it finds one for, from the seeds made by hand and
 *                           from Keras files; sort them into cases.txt
 *
 * A case is "ID kind seed at gone bytes": of the seed's bytes, `gone` at `at` make way for `bytes`
 * (hexadecimal, "-" for none); or "ID kind seed * word other": the word is replaced wherever it stands. A
 * seed is a file, or "made:kind:number". Lines that begin with '=' hold a
 * seed: "=name text". Lines that begin with '!' are layers written by hand:
 * "!ID generation shape[;shape] class config arguments [keywords]", no word with blanks in it, on inputs x
 * and z, for which $X and $Z stand; $A is the slice that takes all, $E the ellipsis. */
#include "tests/checks/checks.h"

#include "cli/npy.h"
#include "tests/json_end.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 3000

static const struct kind {
    const char *name;
    taker *take;
    bool binary;
} kinds[] = {
    {"keras", take_keras, false},     {"json", take_json, false}, {"hdf5", take_hdf5, true},
    {"hdf5raw", take_hdf5_raw, true}, {"zip", take_zip, true},    {"photo", take_photo, true},
    {"blob", take_blob, true},        {"npy", take_npy, true},    {"convert", take_convert, true},
    {"scores", take_scores, true},
};
#define KINDS (sizeof kinds / sizeof *kinds)

static const struct maker {
    const char *name;
    seed_maker *make;
    const char *kind;
} makers[] = {
    {"sample", seed_hdf5_sample, "hdf5"}, {"chunked", seed_hdf5_chunked, "hdf5"},
    {"photo", seed_photo, "photo"},       {"zip", seed_zip, "zip"},
    {"blob", seed_blob, "blob"},
};
#define MAKERS (sizeof makers / sizeof *makers)

static void stop(const char *why, const char *what) {
    fprintf(stderr, "checks: %s %s\n", why, what);
    exit(2);
}

struct seed {
    char name[200];
    uint8_t *bytes;
    size_t size;
};

static struct {
    char *lines[LINES_MAX];
    size_t count;
} cases;

/* The text of a line "=name text". */
static const char *text_of(const char *name) {
    for (size_t i = 0; i < cases.count; i++) {
        const char *line = cases.lines[i];
        size_t length = strlen(name);
        if (line[0] == '=' && strncmp(line + 1, name, length) == 0 && line[1 + length] == ' ')
            return line + 2 + length;
    }
    return NULL;
}

static bool load(struct seed *seed, const char *kind, const char *name) {
    uint8_t *bytes = NULL;
    size_t size = 0;
    const char *text;
    snprintf(seed->name, sizeof seed->name, "%s", name);
    for (size_t m = 0; m < MAKERS; m++) {
        const size_t length = strlen(makers[m].name);
        if (strncmp(name, "made:", 5) != 0 || strncmp(name + 5, makers[m].name, length) != 0)
            continue;
        bytes = malloc(SEED_ROOM);
        if (!bytes) stop("no memory for", name);
        if (!makers[m].make((unsigned)atoi(name + 6 + length), bytes, &size)) {
            free(bytes);
            return false;
        }
    }
    if (!bytes && (text = text_of(name)) != NULL) {
        size = strlen(text);
        bytes = strcmp(kind, "blob") == 0 ? blob_of_config(text, &size) : malloc(size + 1);
        if (!bytes) return false;
        if (strcmp(kind, "blob") != 0) memcpy(bytes, text, size);
    }
    if (!bytes) {
        uint8_t *file = npy_file(name, &size), *part = NULL;
        if (!file) return false;
        const bool model = file[0] == 'P' || file[0] == 0x89;
        if (model && strcmp(kind, "keras") == 0) part = config_of(file, size, &size);
        if (model && strcmp(kind, "blob") == 0) part = blob_of(file, size, &size);
        bytes = part ? part : file;
        if (part) free(file);
    }
    seed->bytes = bytes;
    seed->size = size;
    return true;
}

/* The seed with its bytes replaced; in memory of exactly its size. */
static const char *take_bent(const struct kind *kind, const struct seed *seed, size_t at,
                             size_t gone, const uint8_t *bytes, size_t count) {
    const size_t rest = seed->size - at - gone, size = at + count + rest;
    uint8_t *bent = malloc(size ? size : 1);
    if (!bent) stop("no memory for", seed->name);
    memcpy(bent, seed->bytes, at);
    memcpy(bent + at, bytes, count);
    memcpy(bent + at + count, seed->bytes + at + gone, rest);
    const char *check = kind->take(bent, size);
    free(bent);
    return check;
}

/* The seed with a word replaced by another one of its length, wherever it stands. */
static const char *take_renamed(const struct kind *kind, const struct seed *seed, const char *old,
                                const char *fresh) {
    const size_t length = strlen(old);
    uint8_t *bent = malloc(seed->size + 1);
    if (!bent || strlen(fresh) != length) stop("no way to rename", old);
    memcpy(bent, seed->bytes, seed->size);
    for (size_t at = 0; at + length <= seed->size; at++)
        if (memcmp(bent + at, old, length) == 0) memcpy(bent + at, fresh, length);
    const char *check = kind->take(bent, seed->size);
    free(bent);
    return check;
}

static void read_cases(void) {
    size_t size;
    char *text = (char *)npy_file("tests/checks/cases.txt", &size), *end;
    if (!text) stop("cannot read", "tests/checks/cases.txt");
    for (char *line = text; line < text + size; line = end + 1) {
        end = memchr(line, '\n', (size_t)(text + size - line));
        if (!end || cases.count == LINES_MAX) stop("bad lines in", "tests/checks/cases.txt");
        *end = 0;
        cases.lines[cases.count++] = line;
    }
}

static const struct kind *kind_of(const char *name) {
    for (size_t k = 0; k < KINDS; k++)
        if (strcmp(kinds[k].name, name) == 0) return &kinds[k];
    stop("no kind", name);
    return NULL;
}

static size_t hex_of(const char *text, uint8_t *bytes) {
    size_t count = 0;
    unsigned value;
    for (; text[0] != '-' && sscanf(text, "%2x", &value) == 1; text += 2)
        bytes[count++] = (uint8_t)value;
    return count;
}

/* ---- layers written by hand ---- */

static char layer_text[1 << 16];
static size_t layer_size;

static void put_text(const char *text) {
    static const struct {
        char name;
        const char *text;
    } signs[] = {
        {'X', "{\"class_name\":\"__keras_tensor__\",\"config\":{\"keras_history\":[\"x\",0,0]}}"},
        {'Z', "{\"class_name\":\"__keras_tensor__\",\"config\":{\"keras_history\":[\"z\",0,0]}}"},
        {'A',
         "{\"class_name\":\"__slice__\",\"config\":{\"start\":null,\"stop\":null,\"step\":null}}"},
        {'E', "{\"class_name\":\"__ellipsis__\"}"},
    };
    for (; *text; text++) {
        const char *sign = NULL;
        for (size_t i = 0; *text == '$' && i < sizeof signs / sizeof *signs; i++)
            if (signs[i].name == text[1]) sign = signs[i].text;
        if (layer_size + 200 > sizeof layer_text) stop("too long:", text);
        if (sign) {
            layer_size += (size_t)sprintf(layer_text + layer_size, "%s", sign);
            text++;
        } else {
            layer_text[layer_size++] = *text;
        }
    }
}

static void put_input(const char *name, const char *shape) {
    put_text("{\"class_name\":\"InputLayer\",\"name\":\"");
    put_text(name);
    put_text("\",\"config\":{\"batch_input_shape\":");
    put_text(shape);
    put_text("},\"inbound_nodes\":[]},");
}

/* The id of the check that refuses the layer of a line. */
static const char *take_layer(char *line) {
    char *word[7] = {NULL};
    size_t words = 0;
    for (char *at = strtok(line, " "); at && words < 7; at = strtok(NULL, " ")) word[words++] = at;
    if (words < 6) stop("not understood:", line);
    char *second = strchr(word[2], ';');
    if (second) *second++ = 0;
    layer_size = 0;
    put_text("{\"keras_version\":\"");
    put_text(word[1]);
    put_text("\",\"class_name\":\"Functional\",\"config\":{\"name\":\"m\",\"layers\":[");
    put_input("x", word[2]);
    if (second) put_input("z", second);
    put_text("{\"class_name\":\"");
    put_text(word[3]);
    put_text("\",\"name\":\"y\",\"config\":");
    put_text(word[4]);
    put_text(",\"inbound_nodes\":[");
    if (word[1][0] == '3') put_text("{\"args\":[");
    put_text(word[5]);
    if (word[1][0] == '3') put_text("],\"kwargs\":");
    if (word[1][0] == '3') put_text(word[6] ? word[6] : "{}");
    if (word[1][0] == '3') put_text("}");
    put_text("]}],\"input_layers\":[[\"x\",0,0]");
    if (second) put_text(",[\"z\",0,0]");
    put_text("],\"output_layers\":[[\"y\",0,0]]}}");
    return take_keras((uint8_t *)layer_text, layer_size);
}

static int replay(void) {
    struct seed seed = {"", NULL, 0};
    char last_kind[16] = "";
    size_t passed = 0, failed = 0;
    for (size_t i = 0; i < cases.count; i++) {
        static char hex[4096], name[200], old[200];
        static uint8_t bytes[2048];
        char id[8], kind[16];
        unsigned long at, gone;
        const char *line = cases.lines[i];
        if (line[0] == '=' || line[0] == '#') continue;
        if (line[0] == '!') {
            char copy[4096];
            snprintf(copy, sizeof copy, "%s", line);
            const char *check = take_layer(copy);
            const bool right = strncmp(check, line + 1, 5) == 0;
            passed += right;
            failed += !right;
            if (!right) printf("FAIL %.200s: refused by \"%s\"\n", line, check);
            continue;
        }
        const bool all =
            sscanf(line, "%7s %15s %199s * %199s %4095s", id, kind, name, old, hex) == 5;
        if (!all &&
            sscanf(line, "%7s %15s %199s %lu %lu %4095s", id, kind, name, &at, &gone, hex) != 6)
            stop("not understood:", line);
        if (strcmp(seed.name, name) != 0 || strcmp(last_kind, kind) != 0) {
            free(seed.bytes);
            if (!load(&seed, kind, name)) stop("no seed", name);
            snprintf(last_kind, sizeof last_kind, "%s", kind);
        }
        const struct kind *k = kind_of(kind);
        if (!all && (at > seed.size || gone > seed.size - at)) stop("beyond its seed:", line);
        const char *check = all ? take_renamed(k, &seed, old, hex)
                                : take_bent(k, &seed, at, gone, bytes, hex_of(hex, bytes));
        if (strcmp(check, id) == 0) {
            passed++;
        } else {
            failed++;
            printf("FAIL %s: refused by \"%s\"\n", line, check);
        }
    }
    free(seed.bytes);
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed != 0;
}

/* ---- the search ---- */

static bool known[26 * 1000];

static void try_bend(const struct kind *kind, const struct seed *seed, size_t at, size_t gone,
                     const void *bytes, size_t count) {
    if (gone > seed->size - at) return;
    const char *check = take_bent(kind, seed, at, gone, bytes, count);
    if (!check[0]) return;
    const size_t index = (size_t)(check[0] - 'A') * 1000 + (size_t)atoi(check + 2);
    if (known[index]) return;
    known[index] = true;
    printf("%s %s %s %zu %zu ", check, kind->name, seed->name, at, gone);
    for (size_t i = 0; i < count; i++) printf("%02x", ((const uint8_t *)bytes)[i]);
    printf("%s\n", count ? "" : "-");
    fflush(stdout);
}

/* Only what is no weight, word by word. */
static void search_blob(const struct kind *kind, const struct seed *seed) {
    static const uint32_t values[] = {0,
                                      1,
                                      2,
                                      3,
                                      4,
                                      5,
                                      6,
                                      7,
                                      8,
                                      9,
                                      16,
                                      64,
                                      255,
                                      32767,
                                      32768,
                                      65536,
                                      1 << 23,
                                      1 << 24,
                                      (1 << 24) + 1,
                                      0x1fffffff,
                                      0x7fffffff,
                                      0x80000000,
                                      0xffffffff,
                                      0x7fc00000};
    for (size_t at = 0; at + 4 <= seed->size && at < 9000; at += 4) {
        try_bend(kind, seed, at, seed->size - at, "", 0);
        for (size_t v = 0; v < 2 * (sizeof values / sizeof *values); v++) {
            uint8_t word[4];
            uint32_t value = values[v / 2];
            if (v % 2) value += seed->bytes[at]; /* a little more, a little less */
            for (unsigned i = 0; i < 4; i++) word[i] = (uint8_t)(value >> (8 * i));
            try_bend(kind, seed, at, 4, word, 4);
        }
    }
}

static void search_binary(const struct kind *kind, const struct seed *seed) {
    static const uint64_t values[] = {0,
                                      1,
                                      2,
                                      3,
                                      4,
                                      5,
                                      7,
                                      8,
                                      16,
                                      32,
                                      64,
                                      0x7f,
                                      0x80,
                                      0xff,
                                      0x100,
                                      0x7fff,
                                      1u << 24,
                                      0xffff,
                                      0x10000,
                                      0x7fffffff,
                                      0x80000000,
                                      UINT64_MAX,
                                      UINT64_MAX - 1,
                                      UINT64_C(1) << 62};
    const bool converted = strcmp(kind->name, "convert") == 0;
    for (size_t at = 0; at < seed->size; at++) {
        uint8_t byte = seed->bytes[at];
        for (unsigned change = 1; change < 256;
             change = change < 4 || converted ? change * 2 : change + 9) {
            uint8_t bent = (uint8_t)(byte + change);
            try_bend(kind, seed, at, 1, &bent, 1);
        }
        if (converted) continue;
        try_bend(kind, seed, at, seed->size - at, "", 0);
        try_bend(kind, seed, at, 1, "", 0);
        try_bend(kind, seed, at, 0, &byte, 1);
        for (unsigned width = 2; width <= 8; width *= 2)
            for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
                uint8_t little[8], big[8];
                for (unsigned i = 0; i < width; i++) {
                    little[i] = (uint8_t)(values[v] >> (8 * i));
                    big[width - 1 - i] = little[i];
                }
                try_bend(kind, seed, at, width, little, width);
                if (strcmp(kind->name, "photo") == 0) try_bend(kind, seed, at, width, big, width);
            }
    }
}

static void search_text(const struct kind *kind, const struct seed *seed) {
    static const char *const values[] = {"null",
                                         "true",
                                         "false",
                                         "-1",
                                         "0",
                                         "1",
                                         "2",
                                         "3",
                                         "5",
                                         "-3",
                                         "1.5",
                                         "40000",
                                         "1e9",
                                         "123456789",
                                         "\"x\"",
                                         "\"valid\"",
                                         "\"same\"",
                                         "\"causal\"",
                                         "\"full\"",
                                         "\"linear\"",
                                         "\"softmax\"",
                                         "\"channels_first\"",
                                         "\"channels_last\"",
                                         "[]",
                                         "{}",
                                         "[0]",
                                         "[1]",
                                         "[2,2]",
                                         "[0,0]",
                                         "[-1,2]",
                                         "[1,2,3]",
                                         "[9,9,9]",
                                         "[null,8,8]",
                                         "[null,8,8,3]",
                                         "[null,8]",
                                         "[null,4,4,4,2]",
                                         "[[1,2],[3,4]]",
                                         "[1,2,3,4,5,6,7,8]",
                                         "[\"x\"]",
                                         "[[\"x\",0,0]]",
                                         "{\"class_name\":\"x\"}",
                                         "{\"class_name\":\"Lambda\",\"config\":{\"name\":\"l\"}}",
                                         "{\"class_name\":\"Dense\",\"config\":{\"name\":\"l\"}}",
                                         "\"Lambda\"",
                                         "\"tanh\"",
                                         "\"half_pixel\""};
    for (size_t at = 0; at < seed->size; at++) {
        const uint8_t c = seed->bytes[at], before = at ? seed->bytes[at - 1] : ':';
        if (strcmp(kind->name, "json") == 0)
            for (unsigned other = 1; other < 256; other++) {
                uint8_t byte = (uint8_t)other;
                try_bend(kind, seed, at, 1, &byte, 1);
            }
        const bool value = strchr(":,[ ", before) && !strchr(" ,:]}", c);
        if (!value) continue;
        size_t end = json_value_end((const char *)seed->bytes, seed->size, at);
        if (c == '"' && end < seed->size && seed->bytes[end] == ':') { /* a key */
            try_bend(kind, seed, end - 1, 0, "x", 1);
            continue;
        }
        for (size_t v = 0; v < sizeof values / sizeof *values; v++)
            try_bend(kind, seed, at, end - at, values[v], strlen(values[v]));
        if (c == '"') try_bend(kind, seed, end - 1, 0, "x", 1);
        if (end < seed->size && seed->bytes[end] == ',') {
            try_bend(kind, seed, at, end + 1 - at, "", 0);
            if (end - at < 2000) { /* twice */
                static char twice[2001];
                memcpy(twice, seed->bytes + at, end + 1 - at);
                try_bend(kind, seed, at, 0, twice, end + 1 - at);
            }
        }
    }
}

static void search(const struct kind *kind, const char *name) {
    struct seed seed;
    if (!load(&seed, kind->name, name)) return;
    try_bend(kind, &seed, 0, 0, "", 0);
    if (strcmp(kind->name, "blob") == 0)
        search_blob(kind, &seed);
    else if (kind->binary)
        search_binary(kind, &seed);
    else
        search_text(kind, &seed);
    free(seed.bytes);
}

int main(int count, char **words) {
    char name[40];
    read_cases();
    if (count < 2) return replay();
    const char *only = words[1][6] == ':' ? words[1] + 7 : NULL;
    for (size_t i = 0; i < cases.count; i++) { /* what is there already */
        const char *id = cases.lines[i];
        if (isupper((unsigned char)id[0]) && id[1] == '-')
            known[(id[0] - 'A') * 1000 + atoi(id + 2)] = true;
    }
    for (size_t i = 0; i < cases.count; i++) {
        char kind[16], text[200];
        if (sscanf(cases.lines[i], "=%15[a-z]:%199s", kind, text) != 2) continue;
        snprintf(name, sizeof name, "%s:%.20s", kind, text);
        if (!only || strcmp(only, kind) == 0) search(kind_of(kind), name);
        if (only && strcmp(only, "blob") == 0) search(kind_of("blob"), name);
    }
    for (size_t m = 0; m < MAKERS; m++)
        for (unsigned n = 0; n < 40 && (!only || strcmp(only, makers[m].kind) == 0); n++) {
            snprintf(name, sizeof name, "made:%s:%u", makers[m].name, n);
            search(kind_of(makers[m].kind), name);
        }
    for (int w = 2; w < count; w++)
        for (size_t k = 0; k < KINDS; k++)
            if (only ? strcmp(only, kinds[k].name) == 0 : !kinds[k].binary)
                search(&kinds[k], words[w]);
    return 0;
}
