#include "cli/mask_file.h"

#include <stdlib.h>
#include <string.h>

#include "cli/png.h"
#include "engine/resize.h"

bool mask_file_is(const char *path) {
    return strlen(path) > 4 && ends_with(path, ".png");
}

bool mask_file_fits(const struct fovea_model *model, struct trouble *trouble) {
    struct fovea_io in, out;
    struct fovea_picture place;
    fovea_model_input(model, 0, &in);
    fovea_model_output(model, 0, &out);
    return (fovea_model_inputs(model) == 1 && fovea_picture_of(&in.shape, &place) &&
            (out.shape.rank == 2 || out.shape.rank == 3) && out.shape.dims[0] > 1) ||
           fail(trouble,
                "-o NAME.png is for models with one picture as input, whose first output is "
                "height x width (x classes)");
}

/* The mask's name for a photo, to be freed. */
static char *name_of(const struct mask_file *file, const char *photo, struct trouble *trouble) {
    const char *star = strchr(file->path, '*'), *base = base_name(photo);
    const char *dot = strrchr(base, '.');
    const size_t stem = dot && dot > base ? (size_t)(dot - base) : strlen(base);
    if (!star && file->written > 0) {
        fail(trouble, "-o %s is one file; -o 'masks/*.png' writes one for each photo", file->path);
        return NULL;
    }
    const size_t room = strlen(file->path) + stem + 1;
    char *name = malloc(room);
    if (!name) fail(trouble, "out of memory");
    if (name && star)
        snprintf(name, room, "%.*s%.*s%s", (int)(star - file->path), file->path, (int)stem, base,
                 star + 1);
    else if (name)
        strcpy(name, file->path);
    if (name && file_same(name, photo)) {
        fail(trouble, "-o would replace the input %s", photo);
        free(name);
        return NULL;
    }
    return name;
}

/* Where along one axis a photo's pixels lie in the answer: which of its `count` elements, -1 outside. */
struct axis {
    uint32_t photo, part; /* pixels: of it, of the part that the recipe takes */
    uint32_t border;
    float first, end; /* of the part's box */
    uint32_t resized, place, count;
    int32_t shift;
};

static int32_t element_of(const struct axis *a, uint32_t pixel) {
    const double at = pixel + 0.5 - (a->photo - a->part) / 2 + a->border - (double)a->first;
    const double in_place = at / (double)(a->end - a->first) * a->resized + a->shift;
    if (in_place < 0 || in_place >= a->place) return -1;
    return (int32_t)(in_place * a->count / a->place);
}

/* What the answer's element says: 0, or the class; of one number 1. */
static uint32_t class_of(const float *values, uint32_t classes, double threshold) {
    uint32_t best = 0;
    if (classes == 1) return (double)values[0] >= threshold;
    for (uint32_t c = 1; c < classes; c++)
        if (values[c] > values[best]) best = c;
    return best;
}

/* PASCAL VOC's palette: bits 0, 3, 6, ... of the class are the upper bits of red, the next ones of green and blue. */
static void colour_of(uint32_t class, uint8_t colour[3]) {
    memset(colour, 0, 3);
    for (int bit = 7; class && bit >= 0; bit--, class >>= 3)
        for (int c = 0; c < 3; c++) colour[c] = (uint8_t)(colour[c] | (class >> c & 1) << bit);
}

struct work {
    const struct mask_file *file;
    struct fovea_image photo;
    struct axis across, down;
    const float *values;
    uint32_t classes;
};

static void paint(const struct work *w, uint32_t x, uint32_t y, uint8_t out[3]) {
    const int32_t column = element_of(&w->across, x), row = element_of(&w->down, y);
    const bool grey = w->photo.format == FOVEA_PIXELS_GREY;
    const uint8_t *from = w->photo.pixels + y * w->photo.stride + (size_t)x * (grey ? 1 : 3);
    uint32_t class = 0;
    if (column >= 0 && row >= 0) {
        const size_t at = (size_t)row * w->across.count + (size_t)column;
        class = class_of(w->values + at * w->classes, w->classes, w->file->threshold);
    }
    colour_of(class, out);
    if (w->classes == 1 && class && !w->file->overlay) memset(out, 255, 3);
    for (int c = 0; w->file->overlay && c < 3; c++) {
        const uint8_t below = from[grey ? 0 : c];
        out[c] = class ? (uint8_t)((below + out[c]) / 2) : below;
    }
}

static bool write_mask(const struct work *w, const char *path, struct trouble *trouble) {
    const uint32_t channels = w->classes == 1 && !w->file->overlay ? 1 : 3;
    const size_t size = (size_t)w->photo.width * w->photo.height * channels;
    uint8_t *pixels = malloc(size), *to = pixels;
    if (!pixels) return fail(trouble, "%s: out of memory", path);
    for (uint32_t y = 0; y < w->photo.height; y++)
        for (uint32_t x = 0; x < w->photo.width; x++, to += channels) {
            uint8_t colour[3];
            paint(w, x, y, colour);
            memcpy(to, colour, channels);
        }
    const struct png_picture picture = {w->photo.width, w->photo.height, channels, pixels};
    const bool done = png_write(path, &picture, NULL, trouble);
    free(pixels);
    return done;
}

bool mask_file_save(struct mask_file *file, const struct feed *feed, const fovea_session *session,
                    struct trouble *trouble) {
    const char *photo = feed->input[0].path;
    struct work w = {.file = file, .values = fovea_output(session, 0)};
    struct fovea_recipe recipe;
    struct fovea_io io;
    char *path = name_of(file, photo, trouble);
    bool done = path && feed_photo(feed, 0, &w.photo, &recipe, trouble);
    if (done) {
        struct fovea_picture place;
        fovea_model_input(feed->model, 0, &io);
        fovea_picture_of(&io.shape, &place);
        fovea_model_output(feed->model, 0, &io);
        struct fovea_fitting f = {
            .image = w.photo, .recipe = &recipe, .width = place.width, .height = place.height};
        fovea_fit(&f); /* it was possible before */
        w.classes = io.shape.rank == 3 ? io.shape.dims[2] : 1;
        w.across = (struct axis){w.photo.width, f.image.width, f.border_x,       f.box[0], f.box[2],
                                 f.width,       place.width,   io.shape.dims[1], f.right};
        w.down = (struct axis){w.photo.height, f.image.height, f.border_y,       f.box[1], f.box[3],
                               f.height,       place.height,   io.shape.dims[0], f.down};
        done = write_mask(&w, path, trouble);
        file->written += done;
    }
    free(path);
    fovea_photo_free(&w.photo);
    return done;
}
