/* Words that stand for one of a few things, as the lists of them have it (weights/recipe.def, kernels/isa.def). */
#ifndef FOVEA_CLI_CHOICES_H
#define FOVEA_CLI_CHOICES_H

#include <stdbool.h>
#include <stdint.h>

struct choice {
    const char *word, *what; /* what it is, for the help */
    uint32_t value;
};

/* Each ends with a row without a word. Values: the public header's enums; of
 * instruction sets the FOVEA_CPU_... bits that kernels may use; presets have none, their row counts. */
extern const struct choice resize_choices[], fit_choices[], colour_choices[], preset_choices[],
    isa_choices[], transform_choices[], shrink_choices[], orientation_choices[],
    symmetries_choices[], step_choices[];

/* The lists for options of the kind OPTION_CHOICE (cli.h). */
enum choices {
    CHOICES_RESIZE,
    CHOICES_FIT,
    CHOICES_COLOUR,
    CHOICES_PRESET,
    CHOICES_ISA,
    CHOICES_TRANSFORM,
    CHOICES_SHRINK,
    CHOICES_ORIENTATION,
    CHOICES_SYMMETRIES,
    CHOICES_STEP
};
extern const struct choice *const choice_lists[];

/* The row of a word; NULL where there is none. */
const struct choice *choice_find(const struct choice *choices, const char *word);
/* The word of a value; NULL where there is none. */
const char *choice_word(const struct choice *choices, uint32_t value);

/* What a row of preset_choices means: value = (pixel * scale - mean) / std, and the order of colours. */
struct preset {
    float scale, mean[3], std[3];
    uint32_t colour; /* an enum fovea_colour */
};
const struct preset *preset_of(const struct choice *row);

/* One number, or `most` with commas between them, finite; one alone stands for all. */
bool numbers_read(const char *text, int most, float *numbers);

/* "a, b, c", all words; `text`. */
#define CHOICE_WORDS 600
const char *choice_words(const struct choice *choices, char *text, unsigned room);

/* The nearest of the words that were offered, where one is near enough to have been meant. */
struct guess {
    const char *meant, *best;
    unsigned distance;
};
struct guess guess_start(const char *meant);
void guess_offer(struct guess *guess, const char *word);
/* "; did you mean 'WORD'?", or "" where nothing is near. */
const char *guess_text(const struct guess *guess, char *text, unsigned room);

#endif
