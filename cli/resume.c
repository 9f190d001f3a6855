#include "cli/resume.h"

#include <stdlib.h>
#include <string.h>

#include "convert/files/json.h"
#include "convert/job/text.h"

/* A set of hashes, of 64 bits: two of a billion inputs are taken for one with a chance of 3 %. */
struct resume {
    uint64_t *hash; /* 0: free */
    size_t room, count;
    FILE *out;
};

#define HASH_START 0xcbf29ce484222325u
static uint64_t hash_value(uint64_t hash, uint64_t value) { /* FNV-1a by 64 bits, mixed */
    hash = (hash ^ value) * 0x100000001b3u;
    return hash ^ hash >> 29;
}

/* Characters as JSON keeps them: what is not UTF-8 is U+FFFD. */
static uint64_t hash_text(uint64_t hash, const char *text) {
    size_t bytes;
    for (; *text; text += bytes) {
        const uint32_t c = text_next(text, &bytes);
        hash = hash_value(hash, c == TEXT_INVALID ? 0xfffd : c);
    }
    return hash_value(hash, UINT64_MAX);
}

static size_t place_of(const struct resume *resume, uint64_t hash) {
    size_t at = (size_t)(hash >> 7) & (resume->room - 1);
    while (resume->hash[at] != 0 && resume->hash[at] != hash) at = (at + 1) & (resume->room - 1);
    return at;
}

static bool add_hash(struct resume *resume, uint64_t hash) {
    if (2 * resume->count >= resume->room) {
        struct resume larger = {.room = resume->room ? 2 * resume->room : 1024};
        larger.hash = calloc(larger.room, sizeof *larger.hash);
        if (!larger.hash) return false;
        for (size_t i = 0; i < resume->room; i++)
            if (resume->hash[i]) larger.hash[place_of(&larger, resume->hash[i])] = resume->hash[i];
        free(resume->hash);
        resume->hash = larger.hash;
        resume->room = larger.room;
    }
    const size_t at = place_of(resume, hash);
    resume->count += resume->hash[at] == 0;
    resume->hash[at] = hash;
    return true;
}

bool resume_has(const struct resume *resume, const struct group *group, size_t index) {
    uint64_t hash = HASH_START;
    if (!resume || resume->count == 0) return false;
    for (size_t i = 0; i < group->count; i++)
        hash = hash_text(hash, group->source[i].path ? group->source[i].path : "");
    hash = hash_value(hash, index) | 1;
    return resume->hash[place_of(resume, hash)] == hash;
}

/* A record of run's JSON. */
static bool add_record(struct resume *resume, const struct json *record) {
    const struct json *input = json_member(record, "input"), *batch = json_member(record, "batch");
    uint64_t hash = HASH_START;
    if (!input || (input->type != JSON_STRING && input->type != JSON_ARRAY)) return false;
    if (input->type == JSON_STRING) hash = hash_text(hash, input->text);
    for (size_t i = 0; input->type == JSON_ARRAY && i < input->count; i++) {
        const struct json *item = json_item(input, i);
        hash = hash_text(hash, item && item->type == JSON_STRING ? item->text : "");
    }
    const int64_t index = batch && batch->integral && batch->integer >= 0 ? batch->integer : 0;
    return add_hash(resume, hash_value(hash, (uint64_t)index) | 1);
}

/* All whole lines; *whole: their bytes. */
static bool add_lines(struct resume *resume, const char *path, const struct file_bytes *file,
                      const struct limits *limits, size_t *whole, struct trouble *trouble) {
    const char *at = (const char *)file->bytes, *const end = at + file->size;
    for (const char *stop; at < end && (stop = memchr(at, '\n', (size_t)(end - at))) != NULL;) {
        struct pool pool = {.limits = limits};
        struct trouble inside = {0};
        const struct json *record = json_parse(&pool, at, (size_t)(stop - at), &inside);
        const bool done = record && add_record(resume, record);
        pool_free(&pool);
        if (!done)
            return fail(trouble, "%s: line at byte %zu is not a record of fovea run --json", path,
                        (size_t)(at - (const char *)file->bytes));
        at = stop + 1;
    }
    *whole = (size_t)(at - (const char *)file->bytes);
    return true;
}

struct resume *resume_open(const char *path, const struct limits *limits, struct trouble *trouble) {
    struct resume *resume = calloc(1, sizeof *resume);
    struct file_bytes file = {0};
    size_t whole = 0;
    if (!resume) {
        fail(trouble, "out of memory");
        return NULL;
    }
    bool done = !file_exists(path) || (file_open(path, &file, trouble) &&
                                       add_lines(resume, path, &file, limits, &whole, trouble));
    file_close(&file);
    if (done && (resume->out = file_append(path, whole, trouble)) != NULL) return resume;
    free(resume->hash);
    free(resume);
    return NULL;
}

FILE *resume_stream(struct resume *resume) {
    return resume->out;
}

bool resume_close(struct resume *resume, const char *path, struct trouble *trouble) {
    if (!resume) return true;
    bool done = !ferror(resume->out);
    done = fclose(resume->out) == 0 && done;
    free(resume->hash);
    free(resume);
    return done || fail(trouble, "cannot write %s", path);
}
