#include "cli/choices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weights/model.h"

const struct choice resize_choices[] = {
#define RESIZE(constant, word, resizer, what) {word, what, FOVEA_RESIZE_##constant},
#include "weights/recipe.def"
    {0},
};
const struct choice fit_choices[] = {
#define FIT(constant, word, what) {word, what, FOVEA_FIT_##constant},
#include "weights/recipe.def"
    {0},
};
const struct choice colour_choices[] = {
#define COLOUR(constant, word, what) {word, what, FOVEA_COLOUR_##constant},
#include "weights/recipe.def"
    {0},
};

const struct choice transform_choices[] = {
#define TRANSFORM(constant, word, what) {word, what, FOVEA_TRANSFORM_##constant},
#include "weights/recipe.def"
    {0},
};
const struct choice shrink_choices[] = {
#define SHRINK(constant, word, what) {word, what, FOVEA_SHRINK_##constant},
#include "weights/recipe.def"
    {0},
};
const struct choice orientation_choices[] = {
#define ORIENTATION(constant, word, what) {word, what, FOVEA_ORIENTATION_##constant},
#include "weights/recipe.def"
    {0},
};
const struct choice step_choices[] = {
#define STEP(constant, word, numbers, first, low, high, second, least, most, what)                 \
    {word, what, FOVEA_STEP_##constant},
#include "weights/recipe.def"
    {0},
};

const struct choice symmetries_choices[] = {
#define SYMMETRIES(constant, word, what) {word, what, FOVEA_SYMMETRIES_##constant},
#include "weights/recipe.def"
    {0},
};

/* The lists are those of the public header: the same names, in the same order, all of them. */
enum {
#define RESIZE(constant, word, resizer, what) ROW_RESIZE_##constant,
#include "weights/recipe.def"
    ROWS_RESIZE
};
enum {
#define FIT(constant, word, what) ROW_FIT_##constant,
#include "weights/recipe.def"
    ROWS_FIT
};
enum {
#define COLOUR(constant, word, what) ROW_COLOUR_##constant,
#include "weights/recipe.def"
    ROWS_COLOUR
};
enum {
#define TRANSFORM(constant, word, what) ROW_TRANSFORM_##constant,
#include "weights/recipe.def"
    ROWS_TRANSFORM
};
enum {
#define SHRINK(constant, word, what) ROW_SHRINK_##constant,
#include "weights/recipe.def"
    ROWS_SHRINK
};
enum {
#define ORIENTATION(constant, word, what) ROW_ORIENTATION_##constant,
#include "weights/recipe.def"
    ROWS_ORIENTATION
};
enum {
#define STEP(constant, ...) ROW_STEP_##constant,
#include "weights/recipe.def"
    ROWS_STEP
};
enum {
#define SYMMETRIES(constant, word, what) ROW_SYMMETRIES_##constant,
#include "weights/recipe.def"
    ROWS_SYMMETRIES
};
#define SAME(row, constant)                                                                        \
    _Static_assert((int)(row) == (int)(constant), #constant ": see weights/recipe.def")
#define RESIZE(constant, word, resizer, what) SAME(ROW_RESIZE_##constant, FOVEA_RESIZE_##constant);
#define FIT(constant, word, what)             SAME(ROW_FIT_##constant, FOVEA_FIT_##constant);
#define COLOUR(constant, word, what)          SAME(ROW_COLOUR_##constant, FOVEA_COLOUR_##constant);
#define TRANSFORM(constant, word, what)       SAME(ROW_TRANSFORM_##constant, FOVEA_TRANSFORM_##constant);
#define SHRINK(constant, word, what)          SAME(ROW_SHRINK_##constant, FOVEA_SHRINK_##constant);
#define ORIENTATION(constant, word, what)                                                          \
    SAME(ROW_ORIENTATION_##constant, FOVEA_ORIENTATION_##constant);
#define STEP(constant, ...) SAME(ROW_STEP_##constant, FOVEA_STEP_##constant);
#define SYMMETRIES(constant, word, what)                                                           \
    SAME(ROW_SYMMETRIES_##constant, FOVEA_SYMMETRIES_##constant);
#include "weights/recipe.def"
SAME(ROWS_RESIZE, FOVEA_RESIZE_COUNT);
SAME(ROWS_FIT, FOVEA_FIT_COUNT);
SAME(ROWS_COLOUR, FOVEA_COLOUR_COUNT);
SAME(ROWS_TRANSFORM, FOVEA_TRANSFORM_COUNT);
SAME(ROWS_SHRINK, FOVEA_SHRINK_COUNT);
SAME(ROWS_ORIENTATION, FOVEA_ORIENTATION_COUNT);
SAME(ROWS_STEP, FOVEA_STEP_COUNT);
SAME(ROWS_SYMMETRIES, FOVEA_SYMMETRIES_COUNT);

const struct choice isa_choices[] = {
    {"auto", "the best this machine has", 0},
    {"ref", "portable C, which defines every kernel", FOVEA_CPU_PORTABLE},
#define ISA(feature, word, includes, what) {word, what, includes},
#include "kernels/isa.def"
#undef ISA
    {0},
};

const struct choice preset_choices[] = {
#define PRESET(word, scale, mean, std, colour, what) {word, what, 0},
#include "cli/presets.def"
#undef PRESET
    {0},
};

#define ISA(feature, word, includes, what)                                                         \
    _Static_assert((FOVEA_CPU_##feature & (includes)) != 0, #feature ": see kernels/isa.def");
#include "kernels/isa.def"
#undef ISA

const struct choice *const choice_lists[] = {
    [CHOICES_RESIZE] = resize_choices,
    [CHOICES_FIT] = fit_choices,
    [CHOICES_COLOUR] = colour_choices,
    [CHOICES_PRESET] = preset_choices,
    [CHOICES_ISA] = isa_choices,
    [CHOICES_TRANSFORM] = transform_choices,
    [CHOICES_SHRINK] = shrink_choices,
    [CHOICES_ORIENTATION] = orientation_choices,
    [CHOICES_SYMMETRIES] = symmetries_choices,
    [CHOICES_STEP] = step_choices,
};

const struct choice *choice_find(const struct choice *choices, const char *word) {
    while (choices->word && strcmp(choices->word, word) != 0) choices++;
    return choices->word ? choices : NULL;
}

const char *choice_word(const struct choice *choices, uint32_t value) {
    while (choices->word && choices->value != value) choices++;
    return choices->word;
}

/* The rows of presets.def, in the same order as their words in preset_choices. */
#define THREE(a, b, c)                                                                             \
    { a, b, c }
static const struct preset presets[] = {
#define PRESET(word, scale, mean, std, colour, what)                                               \
    {scale, THREE mean, THREE std, FOVEA_COLOUR_##colour},
#include "cli/presets.def"
#undef PRESET
};

const struct preset *preset_of(const struct choice *row) {
    return &presets[row - preset_choices];
}

bool numbers_read(const char *text, int most, float *numbers) {
    const char *at = text;
    for (int count = 0; count < most;) {
        char *end;
        numbers[count] = strtof(at, &end);
        if (end == at || !(numbers[count] - numbers[count] == 0)) break;
        count++;
        if (*end == 0 && count == 1)
            while (count < most) numbers[count++] = numbers[0];
        if (*end == 0) return count == most;
        if (*end != ',') break;
        at = end + 1;
    }
    return false;
}

const char *choice_words(const struct choice *choices, char *text, unsigned room) {
    unsigned length = 0;
    text[0] = 0;
    for (const struct choice *row = choices; row->word && length < room; row++)
        length +=
            (unsigned)snprintf(text + length, room - length, "%s%s", length ? ", " : "", row->word);
    return text;
}

/* ---- guesses ---- */

#define GUESS_LETTERS 32

/* Letters to insert, leave out or replace to make one word of the other (Levenshtein); a word too long is far
 * from all. */
static unsigned distance_of(const char *a, const char *b) {
    const size_t length = strlen(b);
    unsigned row[GUESS_LETTERS + 1];
    if (length > GUESS_LETTERS || strlen(a) > GUESS_LETTERS) return GUESS_LETTERS;
    for (unsigned i = 0; i <= length; i++) row[i] = i;
    for (; *a; a++) {
        unsigned corner = row[0]++;
        for (size_t i = 1; i <= length; i++) {
            unsigned least = corner + (*a != b[i - 1]);
            corner = row[i];
            if (row[i] + 1 < least) least = row[i] + 1;
            if (row[i - 1] + 1 < least) least = row[i - 1] + 1;
            row[i] = least;
        }
    }
    return row[length];
}

struct guess guess_start(const char *meant) {
    const size_t length = strlen(meant);
    return (struct guess){meant, NULL, length < 4 ? 2 : length < 9 ? 3 : 4};
}

void guess_offer(struct guess *guess, const char *word) {
    const unsigned distance = distance_of(guess->meant, word);
    if (distance >= guess->distance) return;
    guess->distance = distance;
    guess->best = word;
}

const char *guess_text(const struct guess *guess, char *text, unsigned room) {
    if (guess->best)
        snprintf(text, room, "; did you mean '%s'?", guess->best);
    else
        text[0] = 0;
    return text;
}
