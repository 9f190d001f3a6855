/* Labelled pictures, run through a model: scores with the truth beside them. */
#ifndef FOVEA_CLI_PICTURES_H
#define FOVEA_CLI_PICTURES_H

#include "cli/cli.h"
#include "cli/recipe.h"
#include "cli/report/report.h"
#include "clinic/scores.h"

/* Pictures of a folder (label/picture: the label is the name of the folder that a picture lies in) or of a CSV (columns file
 * and label, others by name; paths are relative to the CSV, or to `root`), sorted by path. */
struct pictures {
    const char *name;
    size_t count;
    const char **paths, **labels;
    const char **column_names; /* of a CSV */
    const char ***words;       /* [column][picture] */
    size_t columns;
    uint64_t hash; /* of paths and labels */
};
/* The options of that: `images` and `root` are paths, `read` a struct scores_wish, `what` says which pictures. */
#define PICTURES_OPTIONS(images, root, read, what)                                                 \
    {"--images",                                                                                   \
     OPTION_TEXT,                                                                                  \
     &(images),                                                                                    \
     0,                                                                                            \
     0,                                                                                            \
     "DIR|CSV",                                                                                    \
     what ": DIR/label/picture, or columns file,label"},                                           \
        {"--root", OPTION_TEXT, &(root), 0, 0, "DIR", "where the CSV's files are (beside it)"},    \
        {"--label",                                                                                \
         OPTION_TEXT,                                                                              \
         &(read).label,                                                                            \
         0,                                                                                        \
         0,                                                                                        \
         "COLUMN",                                                                                 \
         "the column of true labels (label)"},                                                     \
        {"--relabel",                                                                              \
         OPTION_TEXT,                                                                              \
         &(read).relabel,                                                                          \
         0,                                                                                        \
         0,                                                                                        \
         "FROM=TO,...",                                                                            \
         "which class a label of the list stands for"},                                            \
        {"--negative",                                                                             \
         OPTION_TEXT,                                                                              \
         &(read).negative,                                                                         \
         0,                                                                                        \
         0,                                                                                        \
         "LABEL,...",                                                                              \
         "labels that are no class of the model and count as not positive"},

/* The memory is the pool's. False with `trouble` set. */
bool pictures_list(struct pictures *pictures, const char *path, const char *root,
                   const struct scores_wish *wish, struct pool *pool, struct trouble *trouble);

/* The column that tells a calibrated model's verdicts: a group like others. */
#define PICTURES_VERDICT "verdict"

/* What became of them. */
struct pictures_run {
    unsigned symmetries;   /* answers are the mean over so many turns */
    struct unread *unread; /* those that could not be read; the others are the scores' rows */
    size_t unread_count, duplicates;
    const char *duplicate; /* two that the model sees alike: "a and b" */
};
/* Runs all of them; the engine has a judge, and scores are what he makes of the model's. A picture that cannot be read is noted, and the next one follows. False with `trouble` set: the model
 * does not fit, no picture could be read, or memory failed. */
bool pictures_run(const struct pictures *pictures, struct engine *engine,
                  const struct limits *limits, const struct recipe_wishes *recipe,
                  const struct scores_wish *wish, struct scores *scores, struct pictures_run *run,
                  struct pool *pool, struct trouble *trouble);

/* The hash that provenance uses (FNV-1a, 64 bits), continued from `hash`; begin with HASH_START. */
#define HASH_START 0xcbf29ce484222325u
uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size);

#endif
