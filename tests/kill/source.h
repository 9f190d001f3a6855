/* A source file that is rewritten by insertions, for mark.c and mutate.c: the file, the same with blanks for
 * comments, directives and what stands inside of quotes, and the insertions to be made. */
#ifndef FOVEA_TESTS_KILL_SOURCE_H
#define FOVEA_TESTS_KILL_SOURCE_H

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EDITS_MAX 2000

static char *text, *plain; /* of the same size */
static size_t size;

static struct edit {
    size_t at, order;
    char *insert;
} edits[EDITS_MAX];
static size_t edit_count;

static void stop(const char *why) {
    fprintf(stderr, "%s\n", why);
    exit(1);
}

/* `made` is the list's from here on. Of insertions at one place that of the smallest `order` comes first. */
static void insert_text(size_t at, size_t order, char *made) {
    if (!made || edit_count == EDITS_MAX) stop("too many edits");
    edits[edit_count++] = (struct edit){at, order, made};
}

static int by_place(const void *a, const void *b) {
    const struct edit *x = a, *y = b;
    if (x->at != y->at) return x->at < y->at ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

static void load(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) stop("cannot open the file");
    text = calloc(1, 1 << 20);
    plain = calloc(1, 1 << 20);
    if (!text || !plain) stop("no memory");
    size = fread(text, 1, (1 << 20) - 1, file);
    fclose(file);
    memcpy(plain, text, size);
    for (size_t i = 0; i < size; i++) {
        if (strncmp(text + i, "/*", 2) == 0) {
            const char *end = strstr(text + i + 2, "*/");
            for (; text + i < end + 2; i++) plain[i] = ' ';
            i--;
        } else if (text[i] == '"' || text[i] == '\'') {
            const char quote = text[i];
            for (i++; text[i] != quote; i++) {
                if (text[i] == '\\') plain[i++] = ' ';
                plain[i] = ' ';
            }
        } else if (text[i] == '#' && (i == 0 || text[i - 1] == '\n')) {
            for (; text[i] != '\n'; i++) {
                plain[i] = ' ';
                if (text[i] == '\\') plain[++i] = ' ';
            }
        }
    }
}

static bool is_word(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

/* The file with its insertions; messages of the compiler name the lines it had before. */
static int print_source(const char *path, const char *declarations) {
    qsort(edits, edit_count, sizeof *edits, by_place);
    printf("%s\n#line 1 \"%s\"\n", declarations, path);
    size_t at = 0;
    for (size_t i = 0; i < edit_count; i++) {
        fwrite(text + at, 1, edits[i].at - at, stdout);
        at = edits[i].at;
        fputs(edits[i].insert, stdout);
    }
    fwrite(text + at, 1, size - at, stdout);
    return fflush(stdout) != 0;
}

#endif
