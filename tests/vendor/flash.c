/* What a new user of a board writes: the model is a part of the program, its memory an array. */
#include <stdio.h>

#include "fovea.h"
#include "model.h"

MODEL_ALIGN static unsigned char memory[MODEL_ARENA_BYTES];

int main(void) {
    struct fovea_options options = FOVEA_OPTIONS_SMALL;
    struct fovea_error error;
    struct fovea_model model;
    struct fovea_ranked best;
    fovea_session *session;
    if (fovea_model_open(&model, model_blob, sizeof model_blob, &error) ||
        fovea_plan(&model, &options, memory, sizeof memory, &session, &error))
        return puts(error.text), 1;
    float
        difference; /* fovea_input and fovea_run for new pictures; here, the one the model carries */
    if (fovea_selftest(session, &difference)) return puts("another answer than the model's"), 1;
    fovea_top(session, 0, 1, &best);
    return printf("%s %.4f\n", best.label ? best.label : "?", (double)best.value) < 0;
}
