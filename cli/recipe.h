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
     "how pixel values are scaled"},                                                               \
        {"--resize", OPTION_CHOICE, &(wishes).resize,   CHOICES_RESIZE,                            \
         0,          "NAME",        "the resize filter"},                                          \
        {"--fit",                                                                                  \
         OPTION_CHOICE,                                                                            \
         &(wishes).fit,                                                                            \
         CHOICES_FIT,                                                                              \
         0,                                                                                        \
         "NAME",                                                                                   \
         "how photos of another aspect ratio are fitted to the input"},                            \
        {"--colour", OPTION_CHOICE, &(wishes).colour,           CHOICES_COLOUR,                    \
         0,          "NAME",        "the input's channel order"},                                  \
        {"--transform",                                                                            \
         OPTION_CHOICE,                                                                            \
         &(wishes).transform,                                                                      \
         CHOICES_TRANSFORM,                                                                        \
         0,                                                                                        \
         "NAME",                                                                                   \
         "the inverse DCT for JPEG files"},                                                        \
        {"--shrink",                                                                               \
         OPTION_CHOICE,                                                                            \
         &(wishes).shrink,                                                                         \
         CHOICES_SHRINK,                                                                           \
         0,                                                                                        \
         "NAME",                                                                                   \
         "decodes JPEG files at a fraction of their size"},                                        \
        {"--orientation",                                                                          \
         OPTION_CHOICE,                                                                            \
         &(wishes).orientation,                                                                    \
         CHOICES_ORIENTATION,                                                                      \
         0,                                                                                        \
         "NAME",                                                                                   \
         "whether the EXIF orientation is applied"},                                               \
        {"--step",                                                                                 \
         OPTION_STEP,                                                                              \
         &(wishes).steps,                                                                          \
         CHOICES_STEP,                                                                             \
         0,                                                                                        \
         "NAME=A,B",                                                                               \
         "a further preprocessing step; may be repeated, in the order given. The first rows are "  \
         "settings of --fit and --resize"},                                                        \
        {"--tta", OPTION_CHOICE, &(wishes).symmetries,    CHOICES_SYMMETRIES,                      \
         0,       "NAME",        "test-time augmentation"},                                        \
        {"--scale", OPTION_TEXT, &(wishes).scale, 0, 0, "X", "value = (pixel * X - mean) / std"},  \
        {"--mean", OPTION_TEXT, &(wishes).mean, 0, 0, "A,B,C", "one number, or one per channel"},  \
        {"--std", OPTION_TEXT, &(wishes).std, 0, 0, "A,B,C", "one number, or one per channel"},

/* What every command on photos takes; `wishes` has limits, a recipe's words, and an engine's. */
#define PHOTO_OPTIONS(wishes)                                                                      \
    {"--limit",                                                                                    \
     OPTION_LIMIT,                                                                                 \
     &(wishes).limits,                                                                             \
     0,                                                                                            \
     0,                                                                                            \
     "NAME=VALUE",                                                                                 \
     "changes a limit for photos (fovea --limits lists them)"},                                    \
        RECIPE_OPTIONS((wishes).recipe) ENGINE_OPTIONS((wishes).engine)

/* How such a command begins: takes the options, asks `check` whether what is left of the words and the options fit together
 * (0, or an exit code with a message; `wishes` is handed to it), then looks at the recipe's words, before a file is opened.
 * The number of words left, or -1 - exit code where the command has to end. */
int photo_options_take(const struct command *command, const struct option *options, int count,
                       char **words, int (*check)(void *wishes, int count, char **words),
                       void *wishes, const struct recipe_wishes *recipe);

/* A step as it is said: "clahe=2,8"; `text`, of at least RECIPE_STEP_TEXT bytes. */
#define RECIPE_STEP_TEXT 80
const char *recipe_step_text(const struct fovea_recipe_step *step, char *text, size_t room);

/* What convert begins with: pil-nearest, stretched, RGB; scale, mean and std open. */
struct fovea_recipe recipe_default(void);

/* Puts what is said in the place of what `recipe` has; false, and a message, where the words are off. */
bool recipe_take(const struct recipe_wishes *wishes, struct fovea_recipe *recipe);
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
