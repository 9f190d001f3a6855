/* The photos or arrays that a model is brought to 8 bits by. */
#ifndef FOVEA_CLI_CALIBRATE_H
#define FOVEA_CLI_CALIBRATE_H

#include "cli/cli.h"
#include "convert/quantize/options.h"

struct calibrate_wishes {
    const char *source;    /* --calibrate: a folder, @LIST or a file */
    const char *floats;    /* --float: names, with commas between */
    const char *agreement; /* --keep-agreement */
};
#define CALIBRATE_OPTIONS(wishes)                                                                  \
    {"--calibrate",                                                                                \
     OPTION_TEXT,                                                                                  \
     &(wishes).source,                                                                             \
     0,                                                                                            \
     0,                                                                                            \
     "DIR|@LIST|FILE",                                                                             \
     "i8: photos or arrays like those of later use; at most 200, evenly chosen"},                  \
        {"--float",                                                                                \
         OPTION_TEXT,                                                                              \
         &(wishes).floats,                                                                         \
         0,                                                                                        \
         0,                                                                                        \
         "LAYER,...",                                                                              \
         "i8: layers that compute in float"},                                                      \
        {"--keep-agreement",                                                                       \
         OPTION_TEXT,                                                                              \
         &(wishes).agreement,                                                                      \
         0,                                                                                        \
         0,                                                                                        \
         "P",                                                                                      \
         "i8: the share of answers that must be the same as in float (0.95)"},

struct calibrate {
    const struct limits *limits;
    char *word;                  /* one source */
    struct calibrate_feed *feed; /* while it is open */
    struct quantize_options options;
};

/* Fills calibrate->options from the wishes; names are kept in the pool. False with `trouble` set. calibrate_end takes
 * every state. */
bool calibrate_begin(struct calibrate *calibrate, const struct calibrate_wishes *wishes,
                     const struct limits *limits, struct pool *pool, struct trouble *trouble);
void calibrate_end(struct calibrate *calibrate);
/* What was found, for people. */
void calibrate_report(const struct quantize_report *report);

#endif
