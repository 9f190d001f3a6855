/* The whole path on real photos: trained skin-lesion models from the wild, 52 labelled dermatoscopic
 * photos, the probabilities Keras gives.
 *
 *     skin ROOT
 *
 * Photos are decoded by us, on Keras' side by libjpeg, to the same pixels: probabilities may differ by 1e-5, and
 * the class never. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/npy.h"
#include "convert/convert.h"
#include "convert/files/json.h"
#include "include/fovea_photo.h"

#define LABELS_MAX 16
#define BEST       "ham28_k3.9_bicubic"

struct subject {
    const char *root;
    struct pool pool;
    struct trouble trouble;
    fovea_session *session;
    struct fovea_model model;
    void *memory;
    unsigned passed, failed;
};

static void check(struct subject *s, bool right, const char *what, const char *which) {
    if (right)
        s->passed++;
    else
        s->failed++;
    if (!right) printf("FAIL %s: %s\n", which, what);
}

static enum fovea_resize resize_of(const char *resample) {
    return strcmp(resample, "PIL nearest") == 0 ? FOVEA_RESIZE_PIL_NEAREST
                                                : FOVEA_RESIZE_PIL_BICUBIC;
}

static bool open_model(struct subject *s, const struct json *entry) {
    static const struct fovea_recipe keras01 = {.scale = 1.0f / 255, .std = {1, 1, 1}};
    struct convert_options options = {.recipe = keras01};
    const char *labels[LABELS_MAX];
    struct file_bytes file;
    struct converted converted;
    char path[512];
    size_t bytes;
    options.recipe.resize = resize_of(json_member(entry, "resample")->text);
    options.labels = labels;
    const struct json *classes = json_member(entry, "classes");
    for (const struct json *c = classes->first; c && options.label_count < LABELS_MAX; c = c->next)
        labels[options.label_count++] = c->text;
    snprintf(path, sizeof path, "%s/real/%s", s->root, json_member(entry, "model")->text);
    if (!file_open(path, &file, &s->trouble)) return false;
    bool done =
        convert_keras(&s->pool, file.bytes, file.size, &options, &converted, &s->trouble) &&
        fovea_model_open(&s->model, converted.blob, (size_t)converted.size, NULL) == FOVEA_OK &&
        fovea_measure(&s->model, NULL, &bytes, NULL) == FOVEA_OK &&
        posix_memalign(&s->memory, 64, bytes) == 0 &&
        fovea_plan(&s->model, NULL, s->memory, bytes, &s->session, NULL) == FOVEA_OK;
    file_close(&file);
    return done;
}

/* Decodes and fits a photo as an app does. */
static bool feed_photo(struct subject *s, const char *name) {
    struct file_bytes file;
    struct fovea_image image = {0};
    char path[512];
    size_t bytes = 0;
    snprintf(path, sizeof path, "%s/images/ham10000/%s", s->root, name);
    if (!file_open(path, &file, &s->trouble)) return false;
    bool done = fovea_photo_decode(file.bytes, file.size, &image, NULL) == FOVEA_OK &&
                fovea_image_measure(s->session, 0, &image, &bytes, NULL) == FOVEA_OK;
    void *scratch = malloc(bytes + 1);
    done =
        done && scratch && fovea_image_fit(s->session, 0, &image, scratch, bytes, NULL) == FOVEA_OK;
    free(scratch);
    fovea_photo_free(&image);
    file_close(&file);
    return done;
}

/* The largest difference from the expected probabilities. */
static double difference(const struct subject *s, const struct json *expected) {
    const float *have = fovea_output(s->session, 0);
    double largest = 0;
    size_t i = 0;
    for (const struct json *p = json_member(expected, "probs")->first; p; p = p->next, i++)
        largest = fmax(largest, fabs((double)have[i] - p->number));
    return largest;
}

static void check_photos(struct subject *s, const struct json *entry) {
    double largest = 0;
    unsigned right = 0, photos = 0;
    for (const struct json *p = json_member(entry, "preds")->first; p; p = p->next, photos++) {
        struct fovea_ranked top;
        if (!feed_photo(s, p->key)) {
            check(s, false, "cannot be read", p->key);
            continue;
        }
        fovea_run(s->session);
        fovea_top(s->session, 0, 1, &top);
        double off = difference(s, p);
        largest = fmax(largest, off);
        right += strcmp(top.label, json_member(p, "label")->text) == 0;
        check(s, strcmp(top.label, json_member(p, "pred")->text) == 0, "another class than Keras",
              p->key);
        check(s, off <= 1e-5, "a probability is off by more than 1e-5", p->key);
    }
    check(s, right >= json_member(entry, "correct")->integer, "fewer right than Keras", entry->key);
    printf("%s: %u of %u photos right (Keras: %lld), probabilities at most %.2e off\n", entry->key,
           right, photos, (long long)json_member(entry, "correct")->integer, largest);
}

/* The photos already resized by Pillow, as numbers: no decoder in between. */
static void check_pixels(struct subject *s, const struct json *entry) {
    char path[512];
    const char *why;
    struct npy pixels;
    double largest = 0;
    snprintf(path, sizeof path, "%s/real/ham10000_28x28_bicubic.npy", s->root);
    if (!npy_read(path, &pixels, &why)) {
        check(s, false, why, path);
        return;
    }
    size_t each = pixels.count / pixels.dims[0], i = 0;
    for (const struct json *p = json_member(entry, "preds")->first; p; p = p->next, i++) {
        memcpy(fovea_input(s->session, 0), pixels.values + i * each, each * sizeof(float));
        fovea_run(s->session);
        double off = difference(s, p);
        largest = fmax(largest, off);
        check(s, off <= 1e-5, "a probability is off by more than 1e-5", p->key);
    }
    npy_free(&pixels);
    printf("%s: fed the same pixels, probabilities at most %.2e off\n", entry->key, largest);
}

static void check_entry(struct subject *s, const struct json *entry) {
    /* Weights-only files belong to another test. */
    if (strstr(json_member(entry, "model")->text, "weightsonly")) return;
    if (open_model(s, entry)) {
        check_photos(s, entry);
        if (strcmp(entry->key, BEST) == 0) check_pixels(s, entry);
    } else {
        check(s, false, s->trouble.text, entry->key);
    }
    free(s->memory);
    s->memory = NULL;
}

int main(int count, char **words) {
    struct subject s = {.root = count > 1 ? words[1] : "../shared"};
    struct file_bytes file;
    char path[512];
    snprintf(path, sizeof path, "%s/real/ham10000_expected.json", s.root);
    if (access(path, R_OK) != 0) {
        const char *ci = getenv("CI");
        bool required = ci && strcmp(ci, "true") == 0;
        printf("skin: %s is not here; real photos were NOT classified\n", path);
        printf("0 passed, %d failed\n", required);
        return required;
    }
    if (!file_open(path, &file, &s.trouble)) return 2;
    const struct json *all = json_parse(&s.pool, (const char *)file.bytes, file.size, &s.trouble);
    for (const struct json *entry = all ? all->first : NULL; entry; entry = entry->next)
        check_entry(&s, entry);
    check(&s, all != NULL, s.trouble.text, path);
    file_close(&file);
    pool_free(&s.pool);
    printf("%u passed, %u failed\n", s.passed, s.failed);
    return s.failed != 0;
}
