/* Fills the inputs of a model from photos and arrays: what every command does that looks at data.
 *
 *     struct feeder feeder;
 *     feeder_open(&feeder, &engine.model, words, count, &wishes, &limits, &trouble)
 *     for (;;) {
 *         enum feed_state state = feeder_next(&feeder, engine.session, &trouble);
 *         if (state == FEED_END) break;
 *         if (state == FEED_BAD) { cli_trouble(&trouble); code = CLI_BAD_INPUT; continue; }
 *         fovea_run(engine.session);         feeder.group and feeder.index tell what it is
 *     }
 *     feeder_close(&feeder);
 *
 * What a file is, its first bytes say, not its name: a photo (what fovea_photo_decode reads), an .npy, or an .npz
 * with an array for each input by the input's name (or arr_0, arr_1, ... as numpy.savez names them). Arrays have
 * the shape of the input, with a batch axis in front or without; each element of a batch is a run of its own. */
#ifndef FOVEA_CLI_FEED_H
#define FOVEA_CLI_FEED_H

#include "cli/cli.h"
#include "cli/npy.h"
#include "cli/recipe.h"
#include "cli/sources.h"

/* A group of sources, opened: arrays in memory and fitting their inputs, photos not decoded yet. */
struct feed {
    const struct fovea_model *model;
    const struct recipe_wishes *recipe; /* in the place of the model's; NULL: nothing is said */
    struct fovea_photo_options limits;
    float *
        quality; /* of the photo that fills an input, FOVEA_QUALITY_COUNT; NULL: nobody asks. Set after feed_open */
    struct feed_input {
        const char *path;
        struct npy array;       /* of an array */
        struct file_bytes file; /* of a photo */
    } * input;
    size_t inputs, batch; /* runs in it, at least 1 */
};

/* How long photos took, all inputs together. */
struct feed_times {
    double decode_ms, fit_ms;
};

/* Opens the files of a group, whose bytes of standard input it takes. The group's paths and the model must
 * outlive it. False, with `trouble` naming the file and the reason; feed_close takes every state. */
bool feed_open(struct feed *feed, const struct fovea_model *model, struct group *group,
               const struct limits *limits, struct trouble *trouble);
/* Writes element `index` of the batch into the session's inputs. Threads may fill sessions of their own from one
 * feed at the same time. `times` may be NULL. False with `trouble` set. */
bool feed_fill(const struct feed *feed, size_t index, fovea_session *session,
               struct feed_times *times, struct trouble *trouble);
/* The same; the judge, which may be NULL, is shown the photo. */
bool feed_fill_judged(const struct feed *feed, size_t index, fovea_session *session,
                      fovea_judge *judge, struct feed_times *times, struct trouble *trouble);
/* The photo of `input` as its recipe has it read, but never shrunk, and that recipe; of an array, a refusal. */
bool feed_photo(const struct feed *feed, size_t input, struct fovea_image *image,
                struct fovea_recipe *recipe, struct trouble *trouble);
void feed_close(struct feed *feed);

/* ---- all of them, one after another ---- */

enum feed_state {
    FEED_FILLED, /* the inputs are those of element `index` of `group` */
    FEED_BAD,    /* `group` could not be read, `trouble` says why; go on */
    FEED_END,
};

struct feeder {
    const struct fovea_model *model;
    const struct recipe_wishes *recipe; /* to be set after feeder_open, for all of them */
    const struct limits *limits;
    struct sources *sources;
    struct group group;
    struct feed feed;
    struct feed_times times;
    size_t index, next;
};

/* What the words and wishes name (sources.h). False with `trouble` set; feeder_close takes every state. */
bool feeder_open(struct feeder *feeder, const struct fovea_model *model, char *const *words,
                 size_t count, const struct sources_wishes *wishes, const struct limits *limits,
                 struct trouble *trouble);
/* Clears `trouble` and fills the session with what comes next. */
enum feed_state feeder_next(struct feeder *feeder, fovea_session *session, struct trouble *trouble);
void feeder_close(struct feeder *feeder);

#endif
