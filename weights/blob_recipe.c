/* The steps of recipes in a blob: the last words, three each, those of an input behind those of the one before. */
#include "weights/blob.h"
#include "weights/check.h"

static uint32_t blob_steps(const struct fovea_model *model, uint32_t i) {
    struct fovea_bytes b =
        fovea_blob_bytes(model, model->at_inputs + (size_t)i * FOVEA_BLOB_INPUT + 12);
    return fovea_read32(&b) >> 8;
}

static fovea_problem steps_flaw(const struct fovea_model *model, uint32_t i, uint32_t *words) {
    const uint32_t steps = blob_steps(model, i);
    if (steps > FOVEA_STEPS_MAX || !fovea_in_range(*words, steps * FOVEA_STEP_WORDS, model->words))
        return FOVEA_TEXT("B-500 a recipe's steps are missing");
    for (uint32_t s = 0; s < steps; s++, *words += FOVEA_STEP_WORDS)
        if (fovea_blob_word(model, *words) >= FOVEA_STEP_COUNT)
            return FOVEA_TEXT("B-501 an input's recipe has an unknown step");
    return FOVEA_NO_PROBLEM;
}

FOVEA_LOCAL fovea_problem fovea_recipes_flaw(const struct fovea_model *model, uint32_t *words) {
    fovea_problem flaw = FOVEA_NO_PROBLEM;
    for (uint32_t i = 0; !flaw && i < model->inputs; i++) flaw = steps_flaw(model, i, words);
    return flaw;
}

FOVEA_LOCAL void fovea_recipe_read_steps(const struct fovea_model *model, uint32_t i,
                                         struct fovea_recipe *recipe) {
    uint64_t behind = 0; /* words of this input's steps and of later ones' */
    for (uint32_t j = i; j < model->inputs; j++)
        behind += (uint64_t)FOVEA_STEP_WORDS * blob_steps(model, j);
    const uint32_t steps = blob_steps(model, i);
    if (steps > FOVEA_STEPS_MAX || behind > model->words) return;
    uint32_t word = model->words - (uint32_t)behind;
    for (uint32_t s = 0; s < steps; s++, word += FOVEA_STEP_WORDS) {
        struct fovea_recipe_step *step = &recipe->step[s];
        const uint32_t kind = fovea_blob_word(model, word);
        if (kind >= FOVEA_STEP_COUNT) return;
        step->step = (enum fovea_photo_step)kind;
        step->number[0] = fovea_float_of_bits(fovea_blob_word(model, word + 1));
        step->number[1] = fovea_float_of_bits(fovea_blob_word(model, word + 2));
        recipe->steps = s + 1;
    }
}
