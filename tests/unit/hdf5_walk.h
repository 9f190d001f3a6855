/* Reads everything there is in an HDF5 file: each object once, all attributes, all contents. */
#ifndef FOVEA_TESTS_HDF5_WALK_H
#define FOVEA_TESTS_HDF5_WALK_H

#include "convert/files/hdf5_internal.h"

struct hdf5_walk {
    size_t groups, datasets, attributes; /* read in full */
    size_t refused;                      /* troubles met */
    size_t silent;                       /* refusals without a reason, reasons without one */
    char first[512], check[6];           /* the first of them */
    void (*show)(const char *path, const char *attribute, const struct hdf5 *file,
                 const struct hdf5_value *value);
};

#define HDF5_WALK_MAX 20000

/* After a call that gave `done`. */
static void hdf5_walk_note(struct hdf5_walk *walk, bool done, struct trouble *trouble) {
    walk->silent += done == trouble->set;
    if (trouble->set && walk->refused++ == 0) {
        for (size_t i = 0; i < sizeof walk->first; i++) walk->first[i] = trouble->text[i];
        for (size_t i = 0; i < sizeof walk->check; i++) walk->check[i] = trouble->check[i];
    }
    *trouble = (struct trouble){0};
}

/* Touches each element; false where a string is refused. */
static bool hdf5_walk_value(const struct hdf5 *file, const struct hdf5_value *value,
                            struct trouble *trouble) {
    volatile float sum = 0;
    float part[256];
    for (uint64_t i = 0; i < value->count && value->class == HDF5_STRING; i++) {
        size_t length;
        const char *text = hdf5_string(file, value, i, &length, trouble);
        if (!text) return false;
        if (text[length] != '\0') return false;
    }
    for (uint64_t i = 0; i < value->count && value->class != HDF5_STRING; i += 256) {
        uint64_t count = value->count - i < 256 ? value->count - i : 256;
        hdf5_floats(value, i, count, part);
        sum = part[0] + part[count - 1];
    }
    (void)sum;
    return true;
}

static void hdf5_walk_object(const struct hdf5 *file, const struct hdf5_object *object,
                             struct hdf5_walk *walk) {
    struct trouble trouble = {0};
    struct hdf5_value value;
    const char **names;
    size_t count;
    bool dataset, found, done = hdf5_attribute_names(file, object, &names, &count, &trouble);
    if (!done) count = 0;
    hdf5_walk_note(walk, done, &trouble);
    for (size_t i = 0; i < count; i++) {
        done = hdf5_attribute(file, object, names[i], &value, &found, &trouble) &&
               hdf5_walk_value(file, &value, &trouble);
        hdf5_walk_note(walk, done, &trouble);
        walk->attributes += done;
        if (done && walk->show) walk->show(object->path, names[i], file, &value);
    }
    done = hdf5_is_dataset(file, object, &dataset, &trouble);
    if (done && dataset) {
        done =
            hdf5_dataset(file, object, &value, &trouble) && hdf5_walk_value(file, &value, &trouble);
        walk->datasets += done;
        if (done && walk->show) walk->show(object->path, NULL, file, &value);
    }
    hdf5_walk_note(walk, done, &trouble);
}

/* False where the file does not open. */
static bool hdf5_walk(struct pool *pool, const void *bytes, size_t size, struct hdf5_walk *walk) {
    static struct hdf5_object pending[HDF5_WALK_MAX];
    static uint64_t seen[HDF5_WALK_MAX];
    struct trouble trouble = {0};
    size_t known = 0, next = 0;
    const struct hdf5 *file = hdf5_open(pool, bytes, size, &trouble);
    hdf5_walk_note(walk, file != NULL, &trouble);
    if (!file) return false;
    bool found, done = hdf5_find(file, NULL, "/", &pending[0], &found, &trouble);
    hdf5_walk_note(walk, done, &trouble);
    if (!done) return false;
    for (seen[known++] = pending[0].header; next < known; next++) {
        const struct hdf5_object *children;
        size_t count;
        bool dataset = false;
        hdf5_walk_object(file, &pending[next], walk);
        done = hdf5_is_dataset(file, &pending[next], &dataset, &trouble);
        trouble = (struct trouble){0}; /* noted above */
        if (!done || dataset) continue;
        done = hdf5_list(file, &pending[next], &children, &count, &trouble);
        walk->groups += done;
        hdf5_walk_note(walk, done, &trouble);
        for (size_t i = 0; i < count; i++) {
            size_t s = 0;
            while (s < known && seen[s] != children[i].header) s++;
            if (s < known || known == HDF5_WALK_MAX) continue;
            seen[known] = children[i].header;
            pending[known++] = children[i];
        }
    }
    return true;
}

#endif
