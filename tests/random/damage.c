/* Damaged models: each value of the description replaced by each other type and by extremes, taken away, doubled,
 * named otherwise; each weight missing, misnamed, of another shape. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "convert/convert.h"
#include "tests/fuzz/use_blob.h"
#include "tests/random/check.h"

/* ---- the values of a JSON text, as they stand ---- */

struct span {
    size_t start, end, key; /* key: where the member begins; `start` in an array */
    size_t up;              /* the array or object it is in */
    bool last;              /* of those */
};
#define SPANS_MOST 20000
static struct span spans[SPANS_MOST];
static size_t span_count;

static size_t skip_text(const char *text, size_t at) {
    for (at++; text[at] != '"'; at++) at += text[at] == '\\';
    return at + 1;
}

static void scan(const char *text) {
    size_t open[200], depth = 0, key = 0;
    bool keyed = false;
    span_count = 0;
    for (size_t at = 0; text[at];) {
        const char c = text[at];
        if (c == ',' || c == ':' || c == ' ') {
            at++;
        } else if (c == '}' || c == ']') {
            at++;
            spans[open[--depth]].end = at;
            if (span_count) spans[span_count - 1].last = true;
        } else {
            size_t end = at + 1;
            if (c == '"') end = skip_text(text, at);
            if (c == '"' && text[end] == ':' && !keyed) {
                key = at;
                keyed = true;
                at = end + 1;
                continue;
            }
            if (c != '"' && c != '{' && c != '[')
                while (text[end] && !strchr(",]}", text[end])) end++;
            if (span_count == SPANS_MOST) return;
            spans[span_count] =
                (struct span){at, end, keyed ? key : at, depth ? open[depth - 1] : 0, false};
            keyed = false;
            if (c == '{' || c == '[') open[depth++] = span_count;
            span_count++;
            at = c == '{' || c == '[' ? at + 1 : end;
        }
    }
}

/* ---- what is done to a value ---- */

static const char *const replacements[] = {
    "null",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "2",
    "7",
    "-8",
    "255",
    "32768",
    "65536",
    "16777217",
    "2147483647",
    "2147483648",
    "-2147483649",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "18446744073709551616",
    "0.5",
    "-0.0",
    "1e-320",
    "1e38",
    "1e39",
    "1e308",
    "-1e308",
    "\"\"",
    "\"x\"",
    "\"\\u0000\"",
    "\"\\u009b31m\"",
    "\"\\u202e\"",
    "\"float16\"",
    "[]",
    "[[]]",
    "[null]",
    "[0]",
    "[1]",
    "[1,1]",
    "[-1,-1,-1]",
    "[1,2,3,4,5,6,7]",
    "[16777216,16777216]",
    "[\"x\",0,0]",
    "{}",
    "{\"class_name\":\"Dense\",\"config\":{}}",
    "{\"class_name\":\"__tuple__\",\"items\":[1]}",
    "{\"class_name\":\"__numpy__\",\"config\":{\"value\":[1]}}"};
#define REPLACEMENTS (sizeof replacements / sizeof *replacements)
/* Behind them: taken away, there twice, longer by a null, another name, another key. */
enum { LEFT_OUT = REPLACEMENTS, TWICE, LONGER, OTHER_NAME, OTHER_KEY, CHANGES };

/* Some other text of the description: the name of a layer, a class. */
static const char *other_text(const char *text, size_t not ) {
    for (size_t i = 0; i < span_count; i++) {
        const struct span *span = &spans[(not *7 + i) % span_count];
        if (text[span->start] == '"' && span != &spans[not ] && span->end > span->start + 2)
            return print("%.*s", (int)(span->end - span->start), text + span->start);
    }
    return "\"x\"";
}

static const char *changed(const char *text, size_t at, size_t change) {
    const struct span *span = &spans[at];
    size_t from = span->start, to = span->end;
    const char *by = change < REPLACEMENTS ? replacements[change] : "";
    switch (change) {
    case LEFT_OUT:
        from = span->key;
        if (text[to] == ',')
            to++;
        else if (from > 0 && text[from - 1] == ',')
            from--;
        break;
    case TWICE:
        by = print("%.*s,%.*s", (int)(to - from), text + from, (int)(to - span->key),
                   text + span->key);
        break;
    case LONGER:
        if (text[from] == '[')
            by = print("%.*s%snull]", (int)(to - from - 1), text + from, to - from > 2 ? "," : "");
        else if (text[from] == '{')
            by = print("[%.*s]", (int)(to - from), text + from);
        else
            by = print("[%.*s,null]", (int)(to - from), text + from);
        break;
    case OTHER_NAME: by = other_text(text, at); break;
    case OTHER_KEY:
        if (span->key == span->start) break;
        from = span->key + 1;
        to = from + 1;
        by = "X";
        break;
    default: break;
    }
    return print("%.*s%s%s", (int)from, text, by, text + to);
}

/* ---- what has to come of it ---- */

static bool names_one(const struct scope *scope, const char *text) {
    if (strstr(text, print("'%s'", scope->name))) return true;
    for (unsigned l = 0; l < scope->layer_count; l++) {
        const struct layer *layer = &scope->layers[l];
        if (strstr(text, print("'%s'", layer->name)) ||
            (layer->model && names_one(layer->model, text)))
            return true;
    }
    return false;
}

/* A refusal tells where: a layer or a model by its name. Where the name itself is what was changed, or the file as a
 * whole is meant, it says what it is about. */
static const char *check_words(const struct model *model, const char *text) {
    static const char *const others[] = {"layer '",  "model '", "input '", "config",
                                         "the file", "fuel",    "memory",  "the model",
                                         "archive",  "name '",  "JSON",    "Keras "};
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if (*c < ' ' || *c == 0x7f) return print("a control character in: %s", text);
    if (strncmp(text, OWN_FAULT, strlen(OWN_FAULT)) == 0)
        return print("a fault of its own: %s", text);
    if (names_one(model->outermost, text)) return NULL;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strstr(text, others[i])) return NULL;
    return print("a refusal that names no layer: %s", text);
}

const char *check_outcome(const struct model *model, const struct file *file, const char *what) {
    struct pool pool;
    struct converted converted;
    const char *wrong;
    const bool done = convert_file(&pool, file, false, false, NULL, 0, &converted, &wrong);
    if (getenv("RANDOM_SHOW")) fprintf(stderr, "%s: %s\n", what, done ? "converted" : wrong);
    if (done && converted.size < USE_ARENA)
        wrong = use_blob(converted.blob, (size_t)converted.size, (uint32_t)file->size)
                    ? NULL
                    : "made, but refused";
    else if (!done)
        wrong = check_words(model, wrong ? wrong : "no reason");
    pool_free(&pool);
    return wrong ? print("%s: %s", what, wrong) : NULL;
}

static enum form some_form(const struct model *model, size_t index) {
    enum form form = (enum form)(index % FORM_COUNT);
    for (int i = 0; i < FORM_COUNT && !form_fits(model, form); i++) form = (form + 1) % FORM_COUNT;
    return form;
}

const char *check_wild(const struct model *model) {
    struct file file;
    model_file(model, some_form(model, model->names), NULL, NULL, &file);
    return check_outcome(model, &file, "out of place");
}

size_t damage_count(const struct model *model) {
    scan(model_config(model, false));
    return span_count * CHANGES + model_weights(model) * (WEIGHT_DAMAGES - 1);
}

static const char *damage(const struct model *model, size_t index, struct file *file) {
    const char *config = model_config(model, false);
    scan(config);
    const size_t values = span_count * CHANGES;
    const enum form form = some_form(model, index);
    if (index >= values) {
        const size_t which = index - values;
        const struct weight_damage damage = {(unsigned)(which / (WEIGHT_DAMAGES - 1)) + 1,
                                             which % (WEIGHT_DAMAGES - 1) + 1};
        model_file(model, form, NULL, &damage, file);
        return print("weight %u, damage %d", damage.at, (int)damage.kind);
    }
    const size_t at = index / CHANGES, change = index % CHANGES;
    model_file(model, form, changed(config, at, change), NULL, file);
    const struct span *span = &spans[at];
    return print("%.*s, change %zu", span->end - span->key > 60 ? 60 : (int)(span->end - span->key),
                 config + span->key, change);
}

const char *check_damaged(const struct model *model, size_t index) {
    struct file file;
    const char *what = damage(model, index, &file);
    return check_outcome(model, &file, what);
}

/* ---- the command ---- */

static char *read_all(const char *path) {
    static char text[1 << 16];
    FILE *file = fopen(path, "rb");
    size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file) fclose(file);
    text[size] = 0;
    return text;
}

static const char *check_line(const char *text) {
    const char *end = strchr(text, '\n');
    if (!end || end[1]) return "an error that is not one line";
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if ((*c < ' ' && *c != '\n') || *c == 0x7f || (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0))
            return "control characters in an error";
    return NULL;
}

const char *check_command(const struct model *model, size_t index, const char *path,
                          const char *folder) {
    const char *in = print("%s/in", folder), *out = print("%s/out.fovea", folder),
               *log = print("%s/log", folder);
    struct file file;
    const char *what = damage(
        model, index - index % FORM_COUNT + (model->dialect == 3 ? FORM_KERAS : FORM_H5), &file);
    if (file.config) return NULL;
    FILE *made = fopen(in, "wb");
    if (!made || fwrite(file.bytes, 1, file.size, made) != file.size || fclose(made))
        return "cannot write a file";
    const pid_t child = fork();
    if (child == 0) {
        if (!freopen(log, "wb", stderr) || !freopen("/dev/null", "wb", stdout)) _exit(9);
        execl(path, path, "convert", in, "-o", out, (char *)NULL);
        _exit(9);
    }
    int status;
    const char *wrong = NULL;
    if (child < 0 || waitpid(child, &status, 0) != child) return "cannot run the command";
    if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
        wrong = print("the command ended with %d", status);
    if (!wrong && WEXITSTATUS(status) == 1) wrong = check_line(read_all(log));
    const bool done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    unsigned files = 0;
    DIR *list = opendir(folder);
    for (const struct dirent *entry; list && (entry = readdir(list)) != NULL;)
        files += entry->d_name[0] != '.';
    if (list) closedir(list);
    if (!wrong && files != 2u + done)
        wrong = print("%u files in its folder, not %u", files, 2u + done);
    remove(in), remove(log), remove(out);
    return wrong ? print("%s: %s: %s", what, wrong, read_all(log)) : NULL;
}
