/* The files that a command works on: named one by one, in folders, in lists. Any number of them takes the same
 * memory (but for the names in the folders that are open). */
#ifndef FOVEA_CLI_SOURCES_H
#define FOVEA_CLI_SOURCES_H

#include "cli/cli.h"

struct sources_wishes {
    bool recursive;     /* -r: a folder stands for the photos and arrays in it, by name */
    bool nul;           /* -0: names in lists end with a NUL, not with a line's end */
    const char *list;   /* --files-from: a list, or - for standard input */
    long shard, shards; /* --shard: only each shards-th run, from the shard-th on; 0: all */
};
#define SOURCES_OPTIONS(wishes)                                                                    \
    {"-r",                                                                                         \
     OPTION_FLAG,                                                                                  \
     &(wishes).recursive,                                                                          \
     0,                                                                                            \
     0,                                                                                            \
     NULL,                                                                                         \
     "for folders: all photos and arrays in them and in their subfolders"},                        \
        {"--files-from",                                                                           \
         OPTION_TEXT,                                                                              \
         &(wishes).list,                                                                           \
         0,                                                                                        \
         0,                                                                                        \
         "FILE",                                                                                   \
         "names of inputs, one per line; - for standard input"},                                   \
        {"-0",                                                                                     \
         OPTION_FLAG,                                                                              \
         &(wishes).nul,                                                                            \
         0,                                                                                        \
         0,                                                                                        \
         NULL,                                                                                     \
         "names in lists end with a NUL, as find -print0 writes them"},

/* One INPUT of the command: a file to open, or what came through standard input. */
struct source {
    char *path;             /* "-" for standard input itself */
    struct file_bytes file; /* of standard input; else empty until it is opened */
};

/* What one run of the model takes: a source for each of its inputs, or one .npz that holds all. */
struct group {
    struct source *source;
    size_t count;
    size_t number; /* of this group among all, from 0; those of other shards count */
};
void group_free(struct group *group);

enum sources_state {
    SOURCES_GROUP, /* a group: the caller's now, to be freed with group_free */
    SOURCES_BAD, /* not an input that can be read: `trouble` says why, `group` what it was; go on */
    SOURCES_END, /* or, with `trouble` set, there is no memory to go on */
};

struct sources;

/* `words` (file, folder, @list, - for standard input: a list of names or a photo) and the wishes' list, `inputs`
 * at a time; NULL, with `trouble` set, without memory. The words must outlive it. */
struct sources *sources_open(char *const *words, size_t count, size_t inputs,
                             const struct sources_wishes *wishes, struct trouble *trouble);
/* Clears `trouble`, then gives the next group. */
enum sources_state sources_next(struct sources *sources, struct group *group,
                                struct trouble *trouble);
/* How many groups there are, where that is known before they are read (only files are named); else 0. */
size_t sources_count(const struct sources *sources);
void sources_close(struct sources *sources); /* takes NULL */

#endif
