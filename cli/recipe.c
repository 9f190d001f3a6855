#include "cli/recipe.h"

#include <stdlib.h>
#include <string.h>

#include "cli/say.h"
#include "convert/convert.h"
#include "engine/resize.h"

/* The numbers that an option states; a text that is not there says nothing. */
static bool read_numbers(const char *option, const char *text, int most, float *out) {
    if (!text || numbers_read(text, most, out)) return true;
    cli_fail(CLI_BAD_USAGE, "%s takes %s, not '%s'", option,
             most == 1 ? "one number" : "one or three numbers with commas", text);
    return false;
}

/* ---- steps ---- */

static const struct step_row {
    int numbers;
    float first, second;
} step_rows[] = {
#define STEP(constant, word, numbers, first, low, high, second, least, most, what)                 \
    {numbers, first, second},
#include "weights/recipe.def"
};

/* "clahe=2,8"; what is left out is what the list has for it. */
static bool take_step(const char *text, struct fovea_recipe_step *step) {
    char word[32], all[CHOICE_WORDS], near[80];
    const size_t length = strcspn(text, "=");
    snprintf(word, sizeof word, "%.*s", length < sizeof word ? (int)length : 0, text);
    const struct choice *choice = choice_find(step_choices, word);
    if (!choice) {
        struct guess guess = guess_start(word);
        for (const struct choice *row = step_choices; row->word; row++)
            guess_offer(&guess, row->word);
        cli_fail(CLI_BAD_USAGE, "--step takes %s, not '%s'%s",
                 choice_words(step_choices, all, sizeof all), text,
                 guess_text(&guess, near, sizeof near));
        return false;
    }
    const struct step_row *row = &step_rows[choice->value];
    *step =
        (struct fovea_recipe_step){(enum fovea_photo_step)choice->value, {row->first, row->second}};
    const char *at = text + length;
    for (int i = 0; *at && i < row->numbers; i++) {
        char *end;
        step->number[i] = strtof(at + 1, &end);
        if (end == at + 1) break;
        at = end;
        if (*at != ',') break;
    }
    if (!*at) return true;
    cli_fail(CLI_BAD_USAGE, "--step %s takes %s, not '%s'", word,
             row->numbers == 0   ? "no number"
             : row->numbers == 1 ? "one number"
                                 : "up to two numbers with a comma",
             text);
    return false;
}

/* Their ranges, the engine knows. */
static bool take_steps(const struct given *given, struct fovea_recipe *recipe) {
    if (given->count > FOVEA_STEPS_MAX) {
        cli_fail(CLI_BAD_USAGE, "--step is given more than %d times", FOVEA_STEPS_MAX);
        return false;
    }
    if (given->count) recipe->steps = 0;
    for (size_t i = 0; i < given->count; i++)
        if (!take_step(given->text[i], &recipe->step[recipe->steps++])) return false;
    const char *flaw = fovea_steps_flaw(recipe);
    if (flaw) cli_fail(CLI_BAD_USAGE, "--step: %s", fovea_check_text(flaw));
    return !flaw;
}

const char *recipe_step_text(const struct fovea_recipe_step *step, char *text, size_t room) {
    const struct step_row *row = &step_rows[step->step];
    int length = snprintf(text, room, "%s", choice_word(step_choices, (uint32_t)step->step));
    for (int i = 0; i < row->numbers; i++)
        length += snprintf(text + length, room - (size_t)length, "%c%g", i ? ',' : '=',
                           (double)step->number[i]);
    return text;
}

static bool says_scaling(const struct recipe_wishes *wishes) {
    return wishes->preprocess || wishes->scale || wishes->mean || wishes->std;
}

bool recipe_said(const struct recipe_wishes *wishes) {
    return says_scaling(wishes) || wishes->resize || wishes->fit || wishes->colour ||
           wishes->transform || wishes->shrink || wishes->orientation || wishes->symmetries ||
           wishes->steps.count;
}

struct fovea_recipe recipe_default(void) {
    const struct fovea_recipe recipe = {.resize = FOVEA_RESIZE_PIL_NEAREST,
                                        .scale = 1,
                                        .std = {1, 1, 1},
                                        .assumed = true,
                                        .open = true};
    return recipe;
}

/* The preset; numbers given alone stand for themselves: the first, raw. */
static void take_preset(const struct recipe_wishes *wishes, struct fovea_recipe *recipe) {
    const struct preset *preset =
        preset_of(wishes->preprocess ? wishes->preprocess : preset_choices);
    recipe->scale = preset->scale;
    memcpy(recipe->mean, preset->mean, sizeof recipe->mean);
    memcpy(recipe->std, preset->std, sizeof recipe->std);
    if (recipe->colour != FOVEA_COLOUR_GREY) recipe->colour = (enum fovea_colour)preset->colour;
}

bool recipe_take(const struct recipe_wishes *wishes, struct fovea_recipe *recipe) {
    if (says_scaling(wishes)) take_preset(wishes, recipe);
    if (wishes->resize) recipe->resize = (enum fovea_resize)wishes->resize->value;
    if (wishes->fit) recipe->fit = (enum fovea_fit)wishes->fit->value;
    if (wishes->colour) recipe->colour = (enum fovea_colour)wishes->colour->value;
    if (wishes->transform) recipe->transform = (enum fovea_transform)wishes->transform->value;
    if (wishes->shrink) recipe->shrink = (enum fovea_shrink)wishes->shrink->value;
    if (wishes->orientation)
        recipe->orientation = (enum fovea_orientation)wishes->orientation->value;
    if (wishes->symmetries) recipe->symmetries = (enum fovea_symmetries)wishes->symmetries->value;
    if (says_scaling(wishes)) recipe->open = false;
    if (says_scaling(wishes) && wishes->resize) recipe->assumed = false;
    if (!read_numbers("--scale", wishes->scale, 1, &recipe->scale) ||
        !read_numbers("--mean", wishes->mean, 3, recipe->mean) ||
        !read_numbers("--std", wishes->std, 3, recipe->std) || !take_steps(&wishes->steps, recipe))
        return false;
    for (int c = 0; c < 3; c++)
        if (recipe->std[c] == 0) {
            cli_fail(CLI_BAD_USAGE, "--std must not be 0");
            return false;
        }
    return true;
}

/* ---- telling ---- */

static const char *const range_texts[] = {[RANGE_OPEN] = "",
                                          [RANGE_BYTES] = "pixels of 0 to 255",
                                          [RANGE_UNIT] = "numbers of 0 to 1",
                                          [RANGE_SIGNED] = "numbers of -1 to 1"};
static const char *const range_presets[] = {[RANGE_OPEN] = "",
                                            [RANGE_BYTES] = "raw",
                                            [RANGE_UNIT] = "keras-01",
                                            [RANGE_SIGNED] = "keras-tf"};

void recipe_report(const struct recipe_wishes *wishes, const struct converted *converted) {
    const enum graph_range range = converted->range;
    const char *said = wishes->preprocess ? wishes->preprocess->word : "raw";
    char presets_text[CHOICE_WORDS];
    if (!wishes->resize)
        say("assumed: photos are resized with pil-nearest, as Keras' load_img does by default; if "
            "yours were\n         resized differently in training, set it with --resize (most "
            "programs: pil-bicubic)\n");
    if (range == RANGE_OPEN && !says_scaling(wishes))
        say("open: how pixels were scaled in training; photos are refused until it is set with "
            "--preprocess\n      (%s),\n      or --scale, --mean, --std; arrays run as they are\n",
            choice_words(preset_choices, presets_text, sizeof presets_text));
    if (range != RANGE_OPEN && !says_scaling(wishes))
        say("known: '%s' shows that the model takes %s (--preprocess %s)\n", converted->range_layer,
            range_texts[range], range_presets[range]);
    if (range != RANGE_OPEN && says_scaling(wishes) && !wishes->scale && !wishes->mean &&
        !wishes->std && strcmp(said, range_presets[range]) != 0)
        say("note: '%s' shows that the model takes %s; --preprocess %s contradicts that\n",
            converted->range_layer, range_texts[range], said);
}

static const char *word_of(const struct choice *choice) {
    return choice ? choice->word : NULL;
}

static void print_words(FILE *out, const struct recipe_wishes *wishes) {
    const char *const words[][2] = {{"--preprocess", word_of(wishes->preprocess)},
                                    {"--resize", word_of(wishes->resize)},
                                    {"--fit", word_of(wishes->fit)},
                                    {"--colour", word_of(wishes->colour)},
                                    {"--transform", word_of(wishes->transform)},
                                    {"--shrink", word_of(wishes->shrink)},
                                    {"--orientation", word_of(wishes->orientation)},
                                    {"--tta", word_of(wishes->symmetries)},
                                    {"--scale", wishes->scale},
                                    {"--mean", wishes->mean},
                                    {"--std", wishes->std}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i][1]) say_to(out, " %s %s", words[i][0], words[i][1]);
    for (size_t i = 0; i < wishes->steps.count; i++)
        say_to(out, " --step %s", wishes->steps.text[i]);
}

int photo_options_take(const struct command *command, const struct option *options, int count,
                       char **words, int (*check)(void *wishes, int count, char **words),
                       void *wishes, const struct recipe_wishes *recipe) {
    struct fovea_recipe scratch = recipe_default();
    count = options_take(command, options, count, words);
    if (count < 0) return count;
    const int code = check(wishes, count, words);
    if (code) return -1 - code;
    return recipe_take(recipe, &scratch) ? count : -1 - CLI_BAD_USAGE;
}

const struct fovea_recipe *recipe_for_run(const struct recipe_wishes *wishes,
                                          const struct fovea_model *model, size_t input,
                                          struct fovea_recipe *recipe) {
    struct fovea_io io;
    if (!recipe_said(wishes)) return NULL;
    fovea_model_input(model, input, &io);
    *recipe = io.recipe;
    return recipe_take(wishes, recipe) && !recipe->open ? recipe : NULL;
}

enum fovea_symmetries recipe_symmetries(const struct recipe_wishes *wishes,
                                        const struct fovea_model *model) {
    struct fovea_io io;
    if (wishes->symmetries) return (enum fovea_symmetries)wishes->symmetries->value;
    fovea_model_input(model, 0, &io);
    return io.recipe.symmetries;
}

bool recipe_refuse(const char *path, const struct fovea_error *error, struct trouble *trouble) {
    char presets_text[CHOICE_WORDS];
    return fail_check(trouble, error->check,
                      "%s: %s; set it for this run with --preprocess NAME (%s) and --resize NAME, "
                      "or in fovea convert to keep it in the model",
                      path, error->text,
                      choice_words(preset_choices, presets_text, sizeof presets_text));
}

void recipe_tell_run(FILE *out, const struct recipe_wishes *wishes,
                     const struct fovea_model *model) {
    struct fovea_io io;
    bool over = false;
    for (size_t i = 0; fovea_model_input(model, i, &io) == FOVEA_OK; i++)
        over |= !io.recipe.open && !io.recipe.assumed;
    say_to(out, "for this run:");
    print_words(out, wishes);
    say_to(out, "%s; to keep it, give these options to fovea convert\n",
           over ? ", instead of the recipe in the model" : "");
}
