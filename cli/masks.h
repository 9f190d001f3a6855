/* Masks of the truth beside those of a folder or a model. */
#ifndef FOVEA_CLI_MASKS_H
#define FOVEA_CLI_MASKS_H

#include "cli/cli.h"
#include "cli/recipe.h"
#include "cli/report/report.h"
#include "clinic/masks.h"

struct masks_wish {
    const char *truth;   /* folder of pictures: what is brighter than half of white is the mask */
    const char *answers; /* folder with pictures of the same names, or NULL: */
    const char
        *images; /* folder of pictures with the same names but for their ends, run through: */
    struct engine *engine;
    const struct limits *limits;
    const struct recipe_wishes *recipe;
    double threshold; /* of the model's output, at least which is the mask */
};

/* Measures every pair, by name. What cannot be read, or does not fit, is noted in report->unread, and the next one follows.
 * False with `trouble` set: nothing could be measured, or memory failed. */
bool masks_measure(const struct masks_wish *wish, struct mask_pair **pairs, size_t *count,
                   struct report *report, struct pool *pool, struct trouble *trouble);

#endif
