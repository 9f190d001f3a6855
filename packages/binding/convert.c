#include "packages/binding/held.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/choices.h"
#include "convert/convert.h"

/* ---- what is wished for ---- */

struct wishes {
    struct pool *pool;
    struct trouble *trouble;
    struct convert_options options;
    const struct choice *preset; /* NULL: not said */
    bool scaled, resized;        /* said: scale, mean or std; the filter */
    const char **labels;
    struct fovea_shape shape;
};

/* The row that `value` names, or NULL with the words that there are. */
static const struct choice *choose(struct wishes *w, const char *key, const char *value,
                                   const struct choice *choices) {
    char words[CHOICE_WORDS];
    const struct choice *found = choice_find(choices, value);
    if (!found)
        fail(w->trouble, "%s takes one of %s, not '%s'", key,
             choice_words(choices, words, sizeof words), value);
    return found;
}

static bool take_numbers(struct wishes *w, const char *key, const char *value, int most,
                         float *numbers) {
    return numbers_read(value, most, numbers) ||
           fail(w->trouble, "%s takes %s, not '%s'", key,
                most == 1 ? "one number" : "one or three numbers with commas", value);
}

static bool take_label(struct wishes *w, const char *key, const char *value) {
    (void)key;
    w->labels[w->options.label_count++] = value;
    return true;
}
static bool take_preset(struct wishes *w, const char *key, const char *value) {
    struct fovea_recipe *recipe = &w->options.recipe;
    if (!(w->preset = choose(w, key, value, preset_choices))) return false;
    const struct preset *preset = preset_of(w->preset);
    recipe->scale = preset->scale;
    memcpy(recipe->mean, preset->mean, sizeof recipe->mean);
    memcpy(recipe->std, preset->std, sizeof recipe->std);
    recipe->colour = (enum fovea_colour)preset->colour;
    return true;
}
static bool take_resize(struct wishes *w, const char *key, const char *value) {
    const struct choice *choice = choose(w, key, value, resize_choices);
    if (choice) w->options.recipe.resize = (enum fovea_resize)choice->value;
    return w->resized = choice != NULL;
}
#define TAKE_CHOICE(part)                                                                          \
    static bool take_##part(struct wishes *w, const char *key, const char *value) {                \
        const struct choice *choice = choose(w, key, value, part##_choices);                       \
        if (choice) w->options.recipe.part = (enum fovea_##part)choice->value;                     \
        return choice != NULL;                                                                     \
    }
TAKE_CHOICE(fit)
TAKE_CHOICE(colour)
TAKE_CHOICE(transform)
TAKE_CHOICE(shrink)
TAKE_CHOICE(orientation)
static bool take_scale(struct wishes *w, const char *key, const char *value) {
    w->scaled = true;
    return take_numbers(w, key, value, 1, &w->options.recipe.scale);
}
static bool take_mean(struct wishes *w, const char *key, const char *value) {
    w->scaled = true;
    return take_numbers(w, key, value, 3, w->options.recipe.mean);
}
static bool take_std(struct wishes *w, const char *key, const char *value) {
    w->scaled = true;
    if (!take_numbers(w, key, value, 3, w->options.recipe.std)) return false;
    for (int c = 0; c < 3; c++)
        if (w->options.recipe.std[c] == 0) return fail(w->trouble, "std must not be 0");
    return true;
}
static bool take_weights(struct wishes *w, const char *key, const char *value) {
    if (strcmp(value, "f16") == 0)
        w->options.weights = FOVEA_F16;
    else if (strcmp(value, "f32") != 0)
        return fail(w->trouble, "%s takes f32 or f16, not '%s'", key, value);
    return true;
}
static bool take_fold(struct wishes *w, const char *key, const char *value) {
    w->options.no_fold = strcmp(value, "no") == 0;
    return w->options.no_fold || strcmp(value, "yes") == 0 ||
           fail(w->trouble, "%s takes yes or no, not '%s'", key, value);
}
static bool take_threshold(struct wishes *w, const char *key, const char *value) {
    float threshold;
    if (!take_numbers(w, key, value, 1, &threshold)) return false;
    w->options.threshold = value;
    return (threshold >= 0 && threshold <= 1) ||
           fail(w->trouble, "%s takes a number from 0 to 1, not '%s'", key, value);
}
static bool take_shape(struct wishes *w, const char *key, const char *value) {
    const char *at = value;
    for (char *end; w->shape.rank < FOVEA_RANK_MAX; at = end + 1) {
        unsigned long side = *at >= '0' && *at <= '9' ? strtoul(at, &end, 10) : 0;
        if (side < 1 || side > INT32_MAX) break;
        w->shape.dims[w->shape.rank++] = (uint32_t)side;
        w->options.input_shapes = &w->shape;
        w->options.input_shape_count = 1;
        if (*end == 0) return true;
        if (*end != ',') break;
    }
    return fail(w->trouble, "%s takes up to %d sizes with commas, not '%s'", key, FOVEA_RANK_MAX,
                value);
}
static bool take_source(struct wishes *w, const char *key, const char *value) {
    (void)key;
    w->options.source = value;
    return true;
}

static const struct wish {
    const char *key;
    bool (*take)(struct wishes *w, const char *key, const char *value);
    bool first; /* taken before all others, whatever the order: the others change what it says */
} wish_rows[] = {
    {"preprocess", take_preset, true},  {"label", take_label, false},
    {"resize", take_resize, false},     {"fit", take_fit, false},
    {"colour", take_colour, false},     {"transform", take_transform, false},
    {"shrink", take_shrink, false},     {"orientation", take_orientation, false},
    {"scale", take_scale, false},       {"mean", take_mean, false},
    {"std", take_std, false},           {"weights", take_weights, false},
    {"fold", take_fold, false},         {"threshold", take_threshold, false},
    {"input-shape", take_shape, false}, {"source", take_source, false},
};

static bool take_line(struct wishes *w, char *line, bool first) {
    char *equals = strchr(line, '=');
    size_t length = equals ? (size_t)(equals - line) : strlen(line);
    for (size_t i = 0; i < sizeof wish_rows / sizeof *wish_rows; i++) {
        const struct wish *row = &wish_rows[i];
        if (strlen(row->key) != length || strncmp(row->key, line, length) != 0 || !equals) continue;
        return row->first != first || row->take(w, row->key, equals + 1);
    }
    return fail(w->trouble, "convert takes no '%.*s'", (int)length, line);
}

/* The lines, each with a NUL in place of its end. */
static bool take_lines(struct wishes *w, char *lines, size_t size, bool first) {
    for (char *line = lines; line < lines + size; line += strlen(line) + 1)
        if (*line && !take_line(w, line, first)) return false;
    return true;
}

static bool take_wishes(struct wishes *w, const char *text) {
    const struct fovea_recipe usual = {.resize = FOVEA_RESIZE_PIL_NEAREST,
                                       .scale = 1,
                                       .std = {1, 1, 1},
                                       .assumed = true,
                                       .open = true};
    size_t size = text ? strlen(text) : 0, count = 1;
    char *lines = pool_text(w->pool, text ? text : "", size, w->trouble);
    if (!lines) return false;
    for (size_t i = 0; i < size; i++)
        if (lines[i] == '\n') lines[i] = 0, count++;
    w->labels = pool_get(w->pool, count, sizeof *w->labels, w->trouble);
    w->options.labels = w->labels;
    w->options.weights = FOVEA_F32;
    w->options.recipe = usual;
    if (!w->labels || !take_lines(w, lines, size, true) || !take_lines(w, lines, size, false))
        return false;
    bool said = w->preset || w->scaled;
    w->options.recipe.open = !said;
    w->options.recipe.assumed = !said || !w->resized;
    return true;
}

/* ---- converting ---- */

static void tell(const struct wishes *w, const struct converted *converted, const uint8_t *model,
                 char *said, size_t room) {
    struct fovea_model opened;
    struct fovea_io io;
    if (!room) return;
    said[0] = 0;
    if (fovea_model_open(&opened, model, (size_t)converted->size, NULL) != FOVEA_OK ||
        fovea_model_input(&opened, 0, &io) != FOVEA_OK || io.shape.rank < 2)
        return;
    snprintf(said, room, "%s%s%s",
             io.recipe.open ? "open: how pixels were scaled in training; photos are refused until "
                              "preprocess says it\n"
                            : "",
             w->resized ? "" : "assumed: photos are resized with pil-nearest (resize)\n",
             w->options.label_count ? "" : "assumed: no labels\n");
}

static void *give(const struct wishes *w, const struct converted *converted, size_t *size,
                  char *said, size_t room) {
    uint8_t *model = held_memory((size_t)converted->size);
    if (!model) {
        fail(w->trouble, "no memory for the model");
        return NULL;
    }
    memcpy(model, converted->blob, (size_t)converted->size);
    *size = (size_t)converted->size;
    tell(w, converted, model, said, said ? room : 0);
    return model;
}

void *fovea_handle_convert(const void *file, size_t size, const char *wishes, const void *config,
                           size_t config_size, size_t *model_size, char *said, size_t room,
                           struct fovea_failure *failure) {
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct converted converted;
    struct wishes w = {.pool = &pool, .trouble = &trouble};
    void *model = NULL;
    held_fine(failure);
    if (!file || !model_size) {
        held_fail(failure, FOVEA_ARGUMENT, "no bytes of a Keras file, or nowhere to write a size");
        return NULL;
    }
    pool_bound(&pool, (uint64_t)size + config_size);
    if (take_wishes(&w, wishes)) {
        w.options.config = config;
        w.options.config_size = config_size;
        if (convert_keras(&pool, file, size, &w.options, &converted, &trouble))
            model = give(&w, &converted, model_size, said, room);
    }
    if (!model) {
        held_fail(failure, FOVEA_FORMAT, trouble.text);
        memcpy(failure->check, trouble.check, sizeof trouble.check);
    }
    pool_free(&pool);
    return model;
}

void fovea_handle_free(void *model) {
    held_free(model);
}
