#include "packages/binding/held.h"

#include <stdarg.h>
#include <stdio.h>

#include "convert/convert.h" /* FOVEA_PRINTF */
#include "weights/blob.h"

/* Text into a room that may be too small: what does not fit is only counted. */
struct writer {
    char *text;
    size_t room, used;
};

FOVEA_PRINTF(2, 3) static void put(struct writer *w, const char *format, ...) {
    va_list list;
    size_t left = w->used < w->room ? w->room - w->used : 0;
    va_start(list, format);
    int length = vsnprintf(left ? w->text + w->used : NULL, left, format, list);
    va_end(list);
    if (length > 0) w->used += (size_t)length;
}

static void put_shape(struct writer *w, const struct fovea_shape *shape) {
    for (uint32_t i = 0; i < shape->rank; i++) put(w, i ? ",%u" : "%u", (unsigned)shape->dims[i]);
}

static const char *const resize_words[] = {
#define RESIZE(constant, word, resizer, what) word,
#include "weights/recipe.def"
};
static const char *const fit_words[] = {
#define FIT(constant, word, what) word,
#include "weights/recipe.def"
};
static const char *const colour_words[] = {
#define COLOUR(constant, word, what) word,
#include "weights/recipe.def"
};

static void put_input(struct writer *w, const struct fovea_io *io) {
    const struct fovea_recipe *recipe = &io->recipe;
    struct fovea_picture picture;
    put(w, "input\t%s\t", io->name);
    put_shape(w, &io->shape);
    if (fovea_picture_of(&io->shape, &picture))
        put(w, "\t%s\t%s\t%s\t%s\n", resize_words[recipe->resize], fit_words[recipe->fit],
            colour_words[recipe->colour],
            recipe->open      ? "open"
            : recipe->assumed ? "assumed"
                              : "stated");
    else
        put(w, "\t\t\t\t\n");
}

static void put_layer(struct writer *w, const struct fovea_step_info *info) {
    put(w, "layer\t%s\t%s\t", info->name, info->op);
    put_shape(w, &info->shape);
    put(w, "\t%llu\t%llu\t%s\t%s\t%s\n", (unsigned long long)info->macs,
        (unsigned long long)info->weights, info->type, info->way, info->kernel);
}

static void put_model(struct writer *w, const struct held *held) {
    static const char *const keys[] = {"source",      "keras",       "converter", "threshold",
                                       "source-hash", "config-hash", "quantized"};
    struct fovea_io io;
    struct fovea_step_info info;
    const char *isa = "ref", *text;
    for (size_t i = 0; fovea_step_describe(held->session, i, &info); i++)
        if (info.isa[0]) isa = info.isa;
    put(w, "model\t%zu\t%zu\t%zu\t%s\n", held->size, held->memory_size, fovea_steps(held->session),
        isa);
    for (size_t i = 0; fovea_model_input(&held->model, i, &io) == FOVEA_OK; i++) put_input(w, &io);
    for (size_t i = 0; fovea_model_output(&held->model, i, &io) == FOVEA_OK; i++) {
        put(w, "output\t%s\t", io.name);
        put_shape(w, &io.shape);
        put(w, "\n");
        for (size_t l = 0; l < io.labels; l++)
            put(w, "label\t%zu\t%s\n", i, fovea_model_label(&held->model, i, l));
    }
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if ((text = fovea_model_note(&held->model, keys[i])))
            put(w, "note\t%s\t%s\n", keys[i], text);
    for (size_t i = 0; fovea_step_describe(held->session, i, &info); i++) put_layer(w, &info);
}

size_t fovea_handle_describe(fovea_handle handle, char *text, size_t room,
                             struct fovea_failure *failure) {
    struct writer w = {text, text ? room : 0, 0};
    struct held *held = held_take(handle, failure);
    if (!held) return 0;
    put_model(&w, held);
    held_give(handle, true);
    return w.used;
}
