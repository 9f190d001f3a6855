/* How photos become inputs, as the command's words say it: for the model (convert) or for one run. */
#ifndef FOVEA_CLI_RECIPE_H
#define FOVEA_CLI_RECIPE_H

#include "cli/cli.h"

struct converted; /* convert/convert.h */

/* The words as they were given; NULL: not said. */
struct recipe_wishes {
    const struct choice *preprocess, *resize, *fit, *colour; /* rows of choices.h */
    const struct choice *transform, *shrink, *orientation, *symmetries;
    const char *scale, *mean, *std;
    struct given steps; /* "NAME", "NAME=A" or "NAME=A,B" */
};
#define RECIPE_OPTIONS(wishes)                                                                     \
    {"--preprocess",                                                                               \
     OPTION_CHOICE,                                                                                \
     &(wishes).preprocess,                                                                         \
     CHOICES_PRESET,                                                                               \
     0,                                                                                            \
     "NAME",                                                                                       \
     "how pixels become numbers"},                                                                 \
        {"--resize",                                                                               \
         OPTION_CHOICE,                                                                            \
         &(wishes).resize,                                                                         \
         CHOICES_RESIZE,                                                                           \
         0,                                                                                        \
         "NAME",                                                                                   \
         "how photos get the input's size"},                                                       \
        {"--fit",                                                                                  \
         OPTION_CHOICE,                                                                            \
         &(wishes).fit,                                                                            \
         CHOICES_FIT,                                                                              \
         0,                                                                                        \
         "NAME",                                                                                   \
         "photos of other proportions than the input"},                                            \
        {"--colour",                                                                               \
         OPTION_CHOICE,                                                                            \
         &(wishes).colour,                                                                         \
         CHOICES_COLOUR,                                                                           \
         0,                                                                                        \
         "NAME",                                                                                   \
         "the order of the input's channels"},                                                     \
        {"--transform",                                                                            \
         OPTION_CHOICE,                                                                            \
         &(wishes).transform,                                                                      \
         CHOICES_TRANSFORM,                                                                        \
         0,                                                                                        \
         "NAME",                                                                                   \
         "a JPEG's inverse transform"},                                                            \
        {"--shrink",                                                                               \
         OPTION_CHOICE,                                                                            \
         &(wishes).shrink,                                                                         \
         CHOICES_SHRINK,                                                                           \
         0,                                                                                        \
         "NAME",                                                                                   \
         "JPEGs decoded at a fraction of their size"},                                             \
        {"--orientation", OPTION_CHOICE,         &(wishes).orientation, CHOICES_ORIENTATION, 0,    \
         "NAME",          "what EXIF says of it"},                                                 \
        {"--step",                                                                                 \
         OPTION_STEP,                                                                              \
         &(wishes).steps,                                                                          \
         CHOICES_STEP,                                                                             \
         0,                                                                                        \
         "NAME=A,B",                                                                               \
         "what else is done to photos, in the order given; first settings of --fit and --resize"}, \
        {"--tta", OPTION_CHOICE, &(wishes).symmetries,    CHOICES_SYMMETRIES,                      \
         0,       "NAME",        "test-time augmentation"},                                        \
        {"--scale", OPTION_TEXT, &(wishes).scale, 0, 0, "X", "value = (pixel * X - mean) / std"},  \
        {"--mean", OPTION_TEXT, &(wishes).mean, 0, 0, "A,B,C", "one number or three"},             \
        {"--std", OPTION_TEXT, &(wishes).std, 0, 0, "A,B,C", "one number or three"},

/* A step as it is said: "clahe=2,8"; `text`, of at least RECIPE_STEP_TEXT bytes. */
#define RECIPE_STEP_TEXT 80
const char *recipe_step_text(const struct fovea_recipe_step *step, char *text, size_t room);

/* What convert begins with: pil-nearest, stretched, RGB; scale, mean and std open. */
struct fovea_recipe recipe_default(void);

/* Puts what is said in the place of what `recipe` has; false, and a message, where the words are off. */
bool recipe_take(const struct recipe_wishes *wishes, struct fovea_recipe *recipe);
/* Whether the words are right, before a model is there to put them to; 0 or an exit code, with a message. */
int recipe_check(const struct recipe_wishes *wishes);
/* Whether anything is said. */
bool recipe_said(const struct recipe_wishes *wishes);

/* Tells what convert took for what was not said, what the model itself says, and where both differ. */
void recipe_report(const struct recipe_wishes *wishes, const struct converted *converted);

/* The recipe of one run where one is said: the model's for that input, with what is said in its place; else
 * NULL, and also where that leaves it open. The words must have been taken once. */
const struct fovea_recipe *recipe_for_run(const struct recipe_wishes *wishes,
                                          const struct fovea_model *model, size_t input,
                                          struct fovea_recipe *recipe);
/* Of which mirror images and turns an answer is the mean: as said, or else as the model's recipe has it. */
enum fovea_symmetries recipe_symmetries(const struct recipe_wishes *wishes,
                                        const struct fovea_model *model);
/* The refusal of a photo where the recipe is open, with the way out. False. */
bool recipe_refuse(const char *path, const struct fovea_error *error, struct trouble *trouble);
/* Tells that it was of this run only, whether it stood over the model's, and how it is kept. */
void recipe_tell_run(FILE *out, const struct recipe_wishes *wishes,
                     const struct fovea_model *model);

#endif
