#define _POSIX_C_SOURCE 200809L
#include "cli/sources.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

/* Folders within folders, and lists that name them, at most. */
#define DEPTH_MAX 64
/* Bytes of a list read at once; a name is shorter. */
#define LIST_BYTES 65536

/* Where the next name comes from: words of the command, names in a folder, a list being read. */
struct frame {
    enum { FRAME_WORDS, FRAME_FOLDER, FRAME_LIST } kind;
    char *path;              /* of the folder or list */
    char *const *words;      /* WORDS */
    char **names;            /* FOLDER */
    size_t count, at;        /* of words or names */
    struct file_input input; /* LIST */
    char *text;              /* LIST: what is read and not yet given */
    size_t from, to;
};

struct sources {
    struct sources_wishes wishes;
    size_t inputs, number, files;
    struct frame frame[DEPTH_MAX];
    size_t depth;
};

/* Names that stand for photos and arrays; those of photos that are not read are told, not passed over. */
static const char *const suffixes[] = {"jpg", "jpeg", "jpe", "jfif", "png",  "bmp",  "pgm",
                                       "ppm", "pnm",  "npy", "npz",  "heic", "heif", "webp",
                                       "tif", "tiff", "gif", "avif", "dcm"};

static bool is_wanted(const char *name) {
    const char *dot = strrchr(name, '.');
    if (name[0] == '.' || !dot) return false;
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++)
        if (text_same_letters(dot + 1, suffixes[i])) return true;
    return false;
}

static char *copy_text(const char *text, size_t length) {
    char *copy = malloc(length + 1);
    if (!copy) return NULL;
    memcpy(copy, text, length);
    copy[length] = 0;
    return copy;
}

void group_free(struct group *group) {
    for (size_t i = 0; i < group->count; i++) {
        file_close(&group->source[i].file);
        free(group->source[i].path);
    }
    free(group->source);
    memset(group, 0, sizeof *group);
}

/* ---- frames ---- */

static void frame_pop(struct sources *s) {
    struct frame *frame = &s->frame[--s->depth];
    for (size_t i = 0; frame->names && i < frame->count; i++) free(frame->names[i]);
    if (frame->kind == FRAME_LIST) input_close(&frame->input);
    free(frame->names);
    free(frame->text);
    free(frame->path);
}

static struct frame *frame_push(struct sources *s, const char *path, struct trouble *trouble) {
    if (s->depth == DEPTH_MAX) {
        fail(trouble, "%s: folders are nested more than %d deep", path, DEPTH_MAX);
        return NULL;
    }
    struct frame *frame = &s->frame[s->depth];
    memset(frame, 0, sizeof *frame);
    frame->path = copy_text(path, strlen(path));
    if (!frame->path) {
        fail(trouble, "out of memory");
        return NULL;
    }
    s->depth++;
    return frame;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "folder/name" */
static char *join(const char *folder, const char *name) {
    const size_t length = strlen(folder);
    const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";
    const size_t room = length + strlen(name) + 2;
    char *path = malloc(room);
    if (path) snprintf(path, room, "%s%s%s", folder, slash, name);
    return path;
}

static bool keep_name(struct frame *frame, size_t *room, const char *name) {
    if (frame->count == *room) {
        const size_t larger = *room ? *room * 2 : 64;
        char **names = realloc(frame->names, larger * sizeof *names);
        if (!names) return false;
        frame->names = names;
        *room = larger;
    }
    char *path = join(frame->path, name);
    if (!path) return false;
    if (is_wanted(name) ? file_is_special(path) : name[0] == '.' || !file_is_folder(path)) {
        free(path);
        return true;
    }
    frame->names[frame->count++] = path;
    return true;
}

static bool push_folder(struct sources *s, const char *path, struct trouble *trouble) {
    size_t room = 0;
    for (size_t i = 0; i < s->depth; i++) /* a link that leads back up */
        if (s->frame[i].kind == FRAME_FOLDER && file_same_folder(s->frame[i].path, path))
            return fail(trouble, "%s leads back to %s", path, s->frame[i].path);
    struct frame *frame = frame_push(s, path, trouble);
    if (!frame) return false;
    frame->kind = FRAME_FOLDER;
    DIR *folder = opendir(path);
    bool done = folder || fail(trouble, "cannot read the folder %s", path);
    for (struct dirent *entry; done && (entry = readdir(folder));)
        done = keep_name(frame, &room, entry->d_name) || fail(trouble, "out of memory");
    if (folder) closedir(folder);
    if (!done) {
        frame_pop(s);
        return false;
    }
    if (frame->count) qsort(frame->names, frame->count, sizeof *frame->names, compare_names);
    return true;
}

/* ---- lists ---- */

static const char *list_name(const struct frame *frame) {
    return strcmp(frame->path, "-") == 0 ? "standard input" : frame->path;
}

/* Whether what standard input begins with is a photo or an array, not a name. */
static bool is_picture(const char *text, size_t size) {
    static const struct {
        const char *bytes;
        size_t count;
    } starts[] = {{"\xff\xd8\xff", 3}, {"\x89PNG", 4}, {"\x93NUMPY", 6}, {"PK\x03\x04", 4}};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        if (size >= starts[i].count && memcmp(text, starts[i].bytes, starts[i].count) == 0)
            return true;
    if (size > 3 && text[0] == 'P' && strchr("23456", text[1]) && isspace((unsigned char)text[2]) &&
        (isdigit((unsigned char)text[3]) || text[3] == '#'))
        return true; /* PGM, PPM */
    return size > 26 && memcmp(text, "BM", 2) == 0 && memchr(text, 0, 26);
}

static bool refuse_list(const struct frame *frame, struct trouble *trouble) {
    return fail(trouble, "%s is not a list of files, one per line (with -0, names end with a NUL)",
                list_name(frame));
}

static bool push_list(struct sources *s, const char *path, struct trouble *trouble) {
    struct frame *frame = frame_push(s, path, trouble);
    if (!frame) return false;
    frame->kind = FRAME_LIST;
    frame->text = malloc(LIST_BYTES);
    if (!frame->text) fail(trouble, "out of memory");
    if (frame->text && input_open(&frame->input, path, trouble) &&
        input_read(&frame->input, frame->text, LIST_BYTES, &frame->to, trouble))
        return true;
    frame_pop(s);
    return false;
}

/* Standard input: a list is pushed, a photo becomes the source's bytes. */
static bool take_stdin(struct sources *s, struct source *source, struct trouble *trouble) {
    if (!push_list(s, "-", trouble)) return false;
    struct frame *frame = &s->frame[s->depth - 1];
    bool done;
    if (is_picture(frame->text, frame->to))
        done = input_rest(&frame->input, frame->text, frame->to, &source->file, trouble);
    else if (!s->wishes.nul && memchr(frame->text, 0, frame->to))
        done = refuse_list(frame, trouble);
    else
        return true;
    frame_pop(s);
    return done;
}

/* The next name of a list in *path; false without: at its end, or with `trouble` set. */
static bool list_next(const struct sources *s, struct frame *frame, char **path,
                      struct trouble *trouble) {
    const char end = s->wishes.nul ? 0 : '\n';
    for (;;) {
        const char *text = frame->text + frame->from;
        const char *stop = memchr(text, end, frame->to - frame->from);
        if (!stop && frame->to == LIST_BYTES && frame->from == 0)
            return fail(trouble, "%s is not a list of files: a name has more than %d bytes",
                        list_name(frame), LIST_BYTES);
        if (!stop && !frame->input.ended) {
            size_t got;
            memmove(frame->text, text, frame->to - frame->from);
            frame->to -= frame->from;
            frame->from = 0;
            if (!input_read(&frame->input, frame->text + frame->to, LIST_BYTES - frame->to, &got,
                            trouble))
                return false;
            frame->to += got;
            continue;
        }
        size_t length = stop ? (size_t)(stop - text) : frame->to - frame->from;
        frame->from += length + (stop != NULL);
        if (!s->wishes.nul && length > 0 && text[length - 1] == '\r') length--;
        for (size_t i = 0; i < length; i++)
            if ((unsigned char)text[i] < ' ' && text[i] != '\t' && !s->wishes.nul)
                return refuse_list(frame, trouble);
        if (length > 0) {
            *path = copy_text(text, length);
            return *path || fail(trouble, "out of memory");
        }
        if (!stop) return false;
    }
}

/* ---- names ---- */

static bool frame_next(const struct sources *s, struct frame *frame, char **path,
                       struct trouble *trouble) {
    if (frame->kind == FRAME_LIST) return list_next(s, frame, path, trouble);
    if (frame->at == frame->count) return false;
    const char *name =
        frame->kind == FRAME_WORDS ? frame->words[frame->at] : frame->names[frame->at];
    frame->at++;
    *path = copy_text(name, strlen(name));
    return *path || fail(trouble, "out of memory");
}

/* The next file in *source; SOURCES_BAD leaves what is bad in its path. */
static enum sources_state next_source(struct sources *s, struct source *source,
                                      struct trouble *trouble) {
    memset(source, 0, sizeof *source);
    while (s->depth > 0) {
        struct frame *frame = &s->frame[s->depth - 1];
        if (!frame_next(s, frame, &source->path, trouble)) {
            if (trouble->set) source->path = copy_text(frame->path, strlen(frame->path));
            frame_pop(s);
            if (trouble->set) return SOURCES_BAD;
            continue;
        }
        const bool word = frame->kind == FRAME_WORDS;
        bool done = true, inner = true;
        if (word && strcmp(source->path, "-") == 0) {
            done = take_stdin(s, source, trouble);
            inner = source->file.bytes == NULL;
        } else if (word && source->path[0] == '@') {
            done = push_list(s, source->path + 1, trouble);
        } else if (file_is_folder(source->path)) {
            done = s->wishes.recursive
                       ? push_folder(s, source->path, trouble)
                       : fail(trouble, "%s is a folder; -r takes the photos in it", source->path);
        } else {
            inner = false;
        }
        if (!done) return SOURCES_BAD;
        if (!inner) return SOURCES_GROUP;
        free(source->path);
        source->path = NULL;
    }
    return SOURCES_END;
}

static bool is_archive(const char *path) {
    const char *dot = strrchr(path, '.');
    return dot && text_same_letters(dot, ".npz");
}

/* The next group, whosever shard it is. */
static enum sources_state next_group(struct sources *s, struct group *group,
                                     struct trouble *trouble) {
    memset(trouble, 0, sizeof *trouble);
    memset(group, 0, sizeof *group);
    group->number = s->number;
    group->source = calloc(s->inputs, sizeof *group->source);
    if (!group->source) {
        fail(trouble, "out of memory");
        while (s->depth > 0) frame_pop(s);
        return SOURCES_END;
    }
    while (group->count < s->inputs) {
        struct source *source = &group->source[group->count];
        enum sources_state state = next_source(s, source, trouble);
        if (state == SOURCES_END && group->count == 0) {
            group_free(group);
            return SOURCES_END;
        }
        s->number += group->count == 0;
        if (state == SOURCES_END) {
            fail(trouble, "%zu input%s left over; the model takes %zu per run", group->count,
                 group->count == 1 ? " is" : "s are", s->inputs);
            return SOURCES_BAD;
        }
        group->count++;
        if (state == SOURCES_BAD) return SOURCES_BAD;
        if (group->count == 1 && is_archive(source->path)) break;
    }
    return SOURCES_GROUP;
}

enum sources_state sources_next(struct sources *s, struct group *group, struct trouble *trouble) {
    for (;;) {
        enum sources_state state = next_group(s, group, trouble);
        const long shards = s->wishes.shards;
        if (state == SOURCES_END || shards <= 1 ||
            group->number % (size_t)shards == (size_t)(s->wishes.shard - 1))
            return state;
        group_free(group);
    }
}

struct sources *sources_open(char *const *words, size_t count, size_t inputs,
                             const struct sources_wishes *wishes, struct trouble *trouble) {
    struct sources *s = calloc(1, sizeof *s);
    if (!s) {
        fail(trouble, "out of memory");
        return NULL;
    }
    s->wishes = *wishes;
    s->inputs = inputs ? inputs : 1;
    struct frame *first = frame_push(s, "", trouble);
    if (first) {
        first->words = words;
        first->count = count;
    }
    bool done = first && (!wishes->list || push_list(s, wishes->list, trouble));
    for (size_t i = 0; done && i < count; i++)
        s->files += words[i][0] != '@' && strcmp(words[i], "-") != 0 && !file_is_folder(words[i]);
    if (s->files < count || wishes->list) s->files = 0;
    if (done) return s;
    sources_close(s);
    return NULL;
}

size_t sources_count(const struct sources *s) {
    return s->files / s->inputs;
}

void sources_close(struct sources *s) {
    if (!s) return;
    while (s->depth > 0) frame_pop(s);
    free(s);
}
