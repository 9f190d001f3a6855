#include "cli/recipe.h"

#include <stdlib.h>
#include <string.h>

#include "cli/say.h"
#include "convert/convert.h"

struct named_value {
    const char *name;
    int value;
};

static const struct named_value resizes[] = {
    {"pil-nearest", FOVEA_RESIZE_PIL_NEAREST},   {"pil-box", FOVEA_RESIZE_PIL_BOX},
    {"pil-bilinear", FOVEA_RESIZE_PIL_BILINEAR}, {"pil-bicubic", FOVEA_RESIZE_PIL_BICUBIC},
    {"pil-lanczos", FOVEA_RESIZE_PIL_LANCZOS},   {"tf-bilinear", FOVEA_RESIZE_TF_BILINEAR},
    {"tf-nearest", FOVEA_RESIZE_TF_NEAREST},     {0},
};
static const struct named_value fits[] = {
    {"stretch", FOVEA_FIT_STRETCH}, {"crop", FOVEA_FIT_CROP}, {0}};
static const struct named_value colours[] = {
    {"rgb", FOVEA_COLOUR_RGB}, {"bgr", FOVEA_COLOUR_BGR}, {"grey", FOVEA_COLOUR_GREY}, {0}};

/* The preprocessings of keras.applications: (pixel * scale - mean) / std. */
static const struct preset {
    const char *name;
    float scale, mean[3], std[3];
    enum fovea_colour colour;
} presets[] = {
    {"raw", 1, {0, 0, 0}, {1, 1, 1}, FOVEA_COLOUR_RGB},
    {"keras-01", 1.0f / 255, {0, 0, 0}, {1, 1, 1}, FOVEA_COLOUR_RGB},
    {"keras-tf", 1 / 127.5f, {1, 1, 1}, {1, 1, 1}, FOVEA_COLOUR_RGB},
    {"keras-caffe", 1, {103.939f, 116.779f, 123.68f}, {1, 1, 1}, FOVEA_COLOUR_BGR},
    {"keras-torch",
     1.0f / 255,
     {0.485f, 0.456f, 0.406f},
     {0.229f, 0.224f, 0.225f},
     FOVEA_COLOUR_RGB},
};
#define PRESETS (sizeof presets / sizeof presets[0])

/* The value of `name` in `table`, or `fallback` where none is given; -1, and a message, where unknown. */
static int look_up(const char *option, const char *name, const struct named_value *table,
                   int fallback) {
    if (!name) return fallback;
    for (const struct named_value *row = table; row->name; row++)
        if (strcmp(row->name, name) == 0) return row->value;
    cli_fail(CLI_BAD_USAGE, "%s '%s' is not known; fovea convert --help lists them", option, name);
    return -1;
}

/* One number, or three with commas. */
static bool read_numbers(const char *option, const char *text, int most, float *out) {
    if (!text) return true;
    int count = 0;
    const char *at = text;
    for (;;) {
        char *end;
        float number = strtof(at, &end);
        if (end == at || count == most || !(number - number == 0)) break;
        out[count++] = number;
        at = end + 1;
        if (*end == 0) {
            for (; count == 1 && most == 3;) out[1] = out[2] = out[0], count = 3;
            if (count == most) return true;
            break;
        }
        if (*end != ',') break;
    }
    cli_fail(CLI_BAD_USAGE, "%s takes %s, not '%s'", option,
             most == 1 ? "one number" : "one or three numbers with commas", text);
    return false;
}

static bool says_scaling(const struct recipe_wishes *wishes) {
    return wishes->preprocess || wishes->scale || wishes->mean || wishes->std;
}

bool recipe_said(const struct recipe_wishes *wishes) {
    return says_scaling(wishes) || wishes->resize || wishes->fit || wishes->colour;
}

struct fovea_recipe recipe_default(void) {
    const struct fovea_recipe recipe = {.resize = FOVEA_RESIZE_PIL_NEAREST,
                                        .scale = 1,
                                        .std = {1, 1, 1},
                                        .assumed = true,
                                        .open = true};
    return recipe;
}

/* The preset; numbers given alone stand for themselves: raw. */
static bool take_preset(const struct recipe_wishes *wishes, struct fovea_recipe *recipe) {
    const struct preset *preset = &presets[0];
    const char *wanted = wishes->preprocess ? wishes->preprocess : "raw";
    while (preset < presets + PRESETS && strcmp(preset->name, wanted) != 0) preset++;
    if (preset == presets + PRESETS) {
        cli_fail(CLI_BAD_USAGE, "--preprocess '%s' is not known; fovea convert --help lists them",
                 wanted);
        return false;
    }
    recipe->scale = preset->scale;
    memcpy(recipe->mean, preset->mean, sizeof recipe->mean);
    memcpy(recipe->std, preset->std, sizeof recipe->std);
    if (recipe->colour != FOVEA_COLOUR_GREY) recipe->colour = preset->colour;
    return true;
}

bool recipe_take(const struct recipe_wishes *wishes, struct fovea_recipe *recipe) {
    if (says_scaling(wishes) && !take_preset(wishes, recipe)) return false;
    int resize = look_up("--resize", wishes->resize, resizes, (int)recipe->resize);
    int fit = look_up("--fit", wishes->fit, fits, (int)recipe->fit);
    int colour = look_up("--colour", wishes->colour, colours, (int)recipe->colour);
    if (resize < 0 || fit < 0 || colour < 0) return false;
    recipe->resize = (enum fovea_resize)resize;
    recipe->fit = (enum fovea_fit)fit;
    recipe->colour = (enum fovea_colour)colour;
    if (says_scaling(wishes)) recipe->open = false;
    if (says_scaling(wishes) && wishes->resize) recipe->assumed = false;
    if (!read_numbers("--scale", wishes->scale, 1, &recipe->scale) ||
        !read_numbers("--mean", wishes->mean, 3, recipe->mean) ||
        !read_numbers("--std", wishes->std, 3, recipe->std))
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
    const char *said = wishes->preprocess ? wishes->preprocess : "raw";
    if (!wishes->resize)
        say("assumed: photos are resized with pil-nearest, as Keras' load_img does by default; "
            "if yours were\n         resized otherwise in training, say so with --resize "
            "(most programs: pil-bicubic)\n");
    if (range == RANGE_OPEN && !says_scaling(wishes))
        say("open: how pixels were scaled in training; photos are refused until you say it with "
            "--preprocess\n      (" RECIPE_PRESETS "),\n      or --scale, --mean, --std; "
            "arrays run as they are\n");
    if (range != RANGE_OPEN && !says_scaling(wishes))
        say("known: '%s' shows that the model takes %s (--preprocess %s)\n", converted->range_layer,
            range_texts[range], range_presets[range]);
    if (range != RANGE_OPEN && says_scaling(wishes) && !wishes->scale && !wishes->mean &&
        !wishes->std && strcmp(said, range_presets[range]) != 0)
        say("note: '%s' shows that the model takes %s; --preprocess %s gives it others\n",
            converted->range_layer, range_texts[range], said);
}

static void print_words(FILE *out, const struct recipe_wishes *wishes) {
    const char *const words[][2] = {{"--preprocess", wishes->preprocess},
                                    {"--resize", wishes->resize},
                                    {"--fit", wishes->fit},
                                    {"--colour", wishes->colour},
                                    {"--scale", wishes->scale},
                                    {"--mean", wishes->mean},
                                    {"--std", wishes->std}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i][1]) say_to(out, " %s %s", words[i][0], words[i][1]);
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

bool recipe_refuse(const char *path, const struct fovea_error *error, struct trouble *trouble) {
    return fail_check(trouble, error->check,
                      "%s: %s; say it for this run with --preprocess NAME (" RECIPE_PRESETS
                      ") and --resize NAME (" RECIPE_RESIZES
                      "), and to convert to keep it in the model",
                      path, error->text);
}

void recipe_tell_run(FILE *out, const struct recipe_wishes *wishes,
                     const struct fovea_model *model) {
    struct fovea_io io;
    bool over = false;
    for (size_t i = 0; fovea_model_input(model, i, &io) == FOVEA_OK; i++)
        over |= !io.recipe.open && !io.recipe.assumed;
    say_to(out, "for this run:");
    print_words(out, wishes);
    say_to(out, "%s; to keep it, give this to fovea convert\n",
           over ? ", in place of the recipe that the model states" : "");
}
