/* The parts of fovea explain. */
#ifndef FOVEA_CLI_EXPLAIN_H
#define FOVEA_CLI_EXPLAIN_H

#include "cli/explain_head.h"
#include "cli/overlay.h"
#include "cli/recipe.h"
#include "cli/sources.h"
#include "clinic/saliency.h"

enum method { OCCLUSION, RISE, CAM, GRADCAM, HIRESCAM, METHODS };
extern const char *const explain_words[METHODS];

struct explain_wishes {
    const char *out, *sheet, *npy, *method, *class, *fill, *colours, *mask;
    long grid, masks, seed;
    bool score, json, quality;
    struct sources_wishes sources;
    struct engine_wishes engine;
    struct limits limits;
    struct recipe_wishes recipe;
};

/* Sums over photos, for the table at the end. */
struct tally {
    double deletion, insertion;
    size_t n, hits, asked;
};

struct explain {
    const struct explain_wishes *asked;
    struct engine engine;
    struct pool pool;
    struct explain_head head;
    struct canvas canvas; /* a copy of the input, which a run may overwrite */
    float *whole, *fill, *blurred;
    double *map;
    enum saliency_fill filling;
    struct fovea_io out;
    uint64_t model_hash;
    /* of the photo in work */
    const char *path;
    struct fovea_image photo, mask;
    uint32_t class;
    double probability, base;
    bool margin;
    struct tally tally[METHODS + 2]; /* and of the two controls */
    size_t photos, bad;
};

/* ---- explain_map.c ---- */

/* The probability of job->class, and ln of it less that of the likeliest other, of the last run. */
double explain_probability(const struct explain *job);
double explain_margin(const struct explain *job);
/* Makes the map; *asked: runs that it took. NULL: the model has such a map, or why not. */
bool explain_map(struct explain *job, enum method method, size_t *asked, struct trouble *trouble);
const char *explain_why_not(const struct explain *job, enum method method);
/* The least change of the score that is not noise: 0.02 of a probability, a twentieth of a margin; and whether the largest
 * value of a map is one. */
double explain_least(const struct explain *job);
bool explain_decides(const struct explain *job, enum method method, double largest);
bool explain_measure(struct explain *job, struct tally *tally, struct faithfulness *found,
                     struct trouble *trouble);

/* ---- explain_write.c ---- */

/* The pictures and the array asked for; `largest`: what is drawn in full colour; infinite: nothing is. */
bool explain_write(const struct explain *job, enum method method, double largest,
                   struct trouble *trouble);
/* Whether the largest value of the map lies in the mask (the pointing game). */
bool explain_inside(const struct explain *job);
/* Of a map's largest value, at number `at`; found NULL, hit -1: not asked for. */
void explain_tell(const struct explain *job, enum method method, double largest, size_t at,
                  size_t asked, const struct faithfulness *found, int hit);
void explain_table(const struct explain *job);

#endif
