#include "cli/explain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/json.h"
#include "cli/npy.h"

#define SCALE_LEAST 0.05 /* what is drawn in full colour at least */

const char *const explain_words[METHODS] = {"occlusion", "rise", "cam", "gradcam", "hirescam"};
static const char *const fill_words[] = {"mean", "blur", "black"};

/* ---- pictures ---- */

static struct overlay overlay_of(const struct explain *job, double largest) {
    struct overlay o = {.photo = &job->photo,
                        .map = job->map,
                        .height = job->canvas.height,
                        .width = job->canvas.width,
                        .scale = largest > SCALE_LEAST ? largest : SCALE_LEAST};
    struct fovea_io in;
    struct fovea_recipe said;
    fovea_model_input(&job->engine.model, 0, &in);
    const struct fovea_recipe *recipe =
        recipe_for_run(&job->asked->recipe, &job->engine.model, 0, &said);
    o.fit = recipe ? recipe->fit : in.recipe.fit;
    const char *word = job->asked->colours ? job->asked->colours : "turbo";
    o.colours = strcmp(word, "viridis") == 0  ? COLOURS_VIRIDIS
                : strcmp(word, "grey") == 0   ? COLOURS_GREY
                : strcmp(word, "signed") == 0 ? COLOURS_SIGNED
                                              : COLOURS_TURBO;
    return o;
}

static const char *class_name(const struct explain *job, char *room, size_t size) {
    const char *label = fovea_model_label(&job->engine.model, 0, job->class);
    if (label) snprintf(room, size, "%s", label);
    if (!label) snprintf(room, size, "class %u", job->class);
    return room;
}

static bool write_pictures(const struct explain *job, enum method method, double largest,
                           struct trouble *trouble) {
    const struct explain_wishes *asked = job->asked;
    const struct overlay o = overlay_of(job, largest);
    char class[256], number[64], hash[32];
    snprintf(number, sizeof number, "%.6g", job->probability);
    snprintf(hash, sizeof hash, "fnv1a64:%016llx", (unsigned long long)job->model_hash);
    const struct png_text texts[] = {{"Software", "fovea explain"},
                                     {"Method", explain_words[method]},
                                     {"Class", class_name(job, class, sizeof class)},
                                     {"Probability", number},
                                     {"Fill", method <= RISE ? fill_words[job->filling] : "none"},
                                     {"Model", hash},
                                     {NULL, NULL}};
    struct png_picture p = {job->photo.width, job->photo.height, 3, NULL};
    bool done = true;
    if (asked->out) {
        uint8_t *pixels = overlay_paint(&o, trouble);
        p.pixels = pixels;
        done = pixels && png_write(asked->out, &p, texts, trouble);
        free(pixels);
    }
    if (done && asked->sheet) {
        uint8_t *pixels = overlay_sheet(&o, &p.width, &p.height, trouble);
        p.pixels = pixels;
        done = pixels && png_write(asked->sheet, &p, texts, trouble);
        free(pixels);
    }
    return done;
}

static bool write_npy(const struct explain *job, struct trouble *trouble) {
    const size_t dims[] = {job->canvas.height, job->canvas.width}, count = dims[0] * dims[1];
    uint8_t header[NPY_HEADER];
    float *values = malloc(count * sizeof *values);
    uint8_t *bytes = malloc(count * 4); /* little-endian floats */
    struct file_output file = {0};
    bool done = values && bytes;
    if (!done) fail(trouble, "out of memory");
    for (size_t i = 0; done && i < count; i++) values[i] = (float)job->map[i];
    npy_header(dims, 2, header);
    if (done) npy_floats(values, count, bytes);
    done = done && output_open(&file, job->asked->npy, trouble) &&
           output_write(&file, header, sizeof header) && output_write(&file, bytes, count * 4) &&
           output_commit(&file);
    output_abandon(&file);
    free(values);
    free(bytes);
    return done;
}

bool explain_write(const struct explain *job, enum method method, double largest,
                   struct trouble *trouble) {
    return write_pictures(job, method, largest, trouble) &&
           (!job->asked->npy || write_npy(job, trouble));
}

bool explain_inside(const struct explain *job) {
    const struct overlay o = overlay_of(job, 1);
    uint32_t best_y = 0, best_x = 0;
    double best = -INFINITY;
    for (uint32_t y = 0; y < job->photo.height; y++)
        for (uint32_t x = 0; x < job->photo.width; x++) {
            const double value = overlay_at(&o, y, x);
            if (value > best) best = value, best_y = y, best_x = x;
        }
    const struct fovea_image *m = &job->mask;
    const size_t channels = m->format == FOVEA_PIXELS_GREY   ? 1
                            : m->format >= FOVEA_PIXELS_RGBA ? 4
                                                             : 3;
    return m->pixels[(size_t)best_y * m->stride + best_x * channels] >= 128;
}

void explain_tell(const struct explain *job, enum method method, double largest, size_t at,
                  size_t asked, const struct faithfulness *found, int hit) {
    char class[256];
    const bool good = explain_decides(job, method, largest);
    const char *of = method > RISE ? "evidence" : job->margin ? "margin" : "probability";
    if (job->asked->json) {
        struct json_writer json = json_to(stdout);
        json_object(&json, NULL);
        json_string(&json, "input", job->path);
        json_string(&json, "method", explain_words[method]);
        json_string(&json, "class", class_name(job, class, sizeof class));
        json_number(&json, "probability", job->probability);
        json_string(&json, "of", of);
        json_number(&json, "largest", largest);
        json_whole(&json, "row", at / job->canvas.width);
        json_whole(&json, "column", at % job->canvas.width);
        json_bool(&json, "decides", good);
        json_whole(&json, "forwards", asked);
        if (found) json_number(&json, "deletion", found->deletion);
        if (found) json_number(&json, "insertion", found->insertion);
        if (hit >= 0) json_bool(&json, "inside", hit);
        json_close_all(&json);
        return;
    }
    say("%s: %s %.4f, %s", job->path, class_name(job, class, sizeof class), job->probability,
        explain_words[method]);
    if (!good && method > RISE)
        say(": nothing speaks for it");
    else if (!good)
        say(": no single region decides (hiding any changes the %s by less than %.3g)", of,
            explain_least(job));
    else if (method == OCCLUSION)
        say(": hiding what matters most lowers the %s by %.4f", of, largest);
    else
        say(": largest %.4f of %s", largest, of);
    if (found) say("; deletion %.4f, insertion %.4f", found->deletion, found->insertion);
    if (hit >= 0) say("; largest %s the mask", hit ? "inside" : "outside");
    say("\n");
}

void explain_table(const struct explain *job) {
    if (!job->asked->score || job->photos == 0 || job->asked->json) return;
    say("\n%-10s %9s %9s %9s   mean of %zu photos; lower deletion and higher insertion are "
        "better\n",
        "method", "deletion", "insertion", "forwards", job->photos);
    for (int m = 0; m < METHODS + 2; m++) {
        const struct tally *t = &job->tally[m];
        if (t->n == 0) continue;
        say("%-10s %9.4f %9.4f %9zu\n",
            m < METHODS    ? explain_words[m]
            : m == METHODS ? "random"
                           : "centre",
            t->deletion / (double)t->n, t->insertion / (double)t->n, t->asked / t->n);
    }
}
