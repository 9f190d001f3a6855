/* Keras files written from a list of groups and datasets, converted, and run. Included once a program. */
#ifndef FOVEA_TESTS_KERAS_WRITER_H
#define FOVEA_TESTS_KERAS_WRITER_H

/* before cmocka.h, which makes a macro of `fail` */
#include "convert/convert.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/hdf5_writer.h"

/* ---- writing: a file is a list of its groups' attributes and datasets, by path ---- */

struct entry {
    const char *path;  /* of a dataset, or of a group that has `names` */
    const char *names; /* attribute weight_names (layer_names for the root, path ""), with spaces */
    const float *values; /* of a dataset */
    uint32_t count;
    uint64_t dims[4];
    unsigned rank;
};

FOVEA_UNUSED static uint8_t room[W_ROOM];

/* "a b" as strings of a fixed size in an attribute. */
FOVEA_UNUSED static void put_names(struct writer *w, const char *attribute, const char *names) {
    char texts[16 * 64] = {0};
    unsigned count = 0;
    for (const char *at = names; *at;) {
        size_t length = strcspn(at, " ");
        memcpy(texts + 64 * count++, at, length);
        at += length + (at[length] == ' ');
    }
    if (count) w_attribute_texts(w, attribute, 64, count, texts);
}

/* Writes the group at `path` ("" the root) and all in it; its address. Depth is that of the test's paths. */
FOVEA_UNUSED static uint64_t put_group(struct writer *w, const char *path,
                                       const struct entry *entries, unsigned count,
                                       const char *config, const char *version) {
    struct w_link links[16];
    char names[16][64];
    unsigned found = 0, messages;
    size_t length = strlen(path);
    for (unsigned i = 0; i < count; i++) {
        bool inside = strncmp(entries[i].path, path, length) == 0 && entries[i].path[length] &&
                      (!length || entries[i].path[length] == '/');
        const char *rest = entries[i].path + length + (length > 0);
        unsigned known = 0;
        if (!inside) continue;
        size_t part = strcspn(rest, "/");
        while (known < found &&
               (strlen(names[known]) != part || strncmp(names[known], rest, part) != 0))
            known++;
        if (known < found) continue;
        snprintf(names[found], sizeof names[found], "%.*s", (int)part, rest);
        links[found].name = names[found];
        if (rest[part] == 0 && entries[i].values) {
            links[found].header = w_contiguous(w, W_F4, entries[i].rank, entries[i].dims,
                                               entries[i].values, entries[i].count * sizeof(float));
        } else {
            char inner[256];
            snprintf(inner, sizeof inner, "%.*s", (int)(rest + part - entries[i].path),
                     entries[i].path);
            links[found].header = put_group(w, inner, entries, count, NULL, NULL);
        }
        found++;
    }
    uint64_t start = w_group_begin(w, links, found, &messages);
    for (unsigned i = 0; i < count; i++)
        if (entries[i].names && strcmp(entries[i].path, path) == 0) {
            put_names(w, length ? "weight_names" : "layer_names", entries[i].names);
            messages++;
        }
    if (config) w_attribute_texts(w, "model_config", (unsigned)strlen(config), 1, config);
    const char *backend = version ? strchr(version, ' ') : NULL; /* "2.2.4 cntk" */
    if (version) w_attribute_texts(w, "keras_version", (unsigned)strcspn(version, " "), 1, version);
    if (backend) w_attribute_texts(w, "backend", (unsigned)strlen(backend + 1), 1, backend + 1);
    w_header_end(w, start, messages + !!config + !!version + !!backend);
    return start;
}

/* ---- converting and running ---- */

struct outcome {
    bool done;
    struct trouble trouble;
    float output[64];
    size_t count;
};

/* Converts, and runs the model on 1, 2, 3, ... */
FOVEA_UNUSED static struct outcome run(const void *bytes, size_t size, const char *config) {
    struct pool pool = {0};
    struct converted converted;
    struct outcome outcome = {.done = false};
    struct convert_options options = {.recipe = {.scale = 1, .std = {1, 1, 1}},
                                      .config = config,
                                      .config_size = config ? strlen(config) : 0};
    outcome.done = convert_keras(&pool, bytes, size, &options, &converted, &outcome.trouble);
    assert_int_equal(outcome.done, !outcome.trouble.set);
    if (outcome.done) {
        struct fovea_model model;
        fovea_session *session;
        struct fovea_io io;
        size_t needed;
        void *memory = NULL;
        assert_int_equal(fovea_model_open(&model, converted.blob, converted.size, NULL), FOVEA_OK);
        assert_int_equal(fovea_measure(&model, NULL, &needed, NULL), FOVEA_OK);
        assert_int_equal(posix_memalign(&memory, 64, needed), 0);
        assert_int_equal(fovea_plan(&model, NULL, memory, needed, &session, NULL), FOVEA_OK);
        fovea_model_input(&model, 0, &io);
        for (size_t i = 0; i < io.count; i++) fovea_input(session, 0)[i] = (float)(i + 1);
        fovea_run(session);
        fovea_model_output(&model, 0, &io);
        assert_in_range(io.count, 1, 64);
        outcome.count = io.count;
        memcpy(outcome.output, fovea_output(session, 0), io.count * sizeof(float));
        free(memory);
    }
    pool_free(&pool);
    return outcome;
}

FOVEA_UNUSED static struct outcome run_file(const struct entry *entries, unsigned count,
                                            const char *inside, const char *version,
                                            const char *apart) {
    struct writer w;
    w_begin(&w, room, true);
    w_end(&w, put_group(&w, "", entries, count, inside, version));
    return run(room, w.size, apart);
}
#define COUNT(entries) (unsigned)(sizeof(entries) / sizeof *(entries))

FOVEA_UNUSED static void expect(const struct outcome *outcome, size_t count, const float *values) {
    if (!outcome->done) fail_msg("%s", outcome->trouble.text);
    assert_int_equal(outcome->count, count);
    for (size_t i = 0; i < count; i++)
        if (outcome->output[i] != values[i])
            fail_msg("output %zu is %g, not %g", i, (double)outcome->output[i], (double)values[i]);
}

FOVEA_UNUSED static void expect_refusal(const struct outcome *outcome, const char *reason) {
    if (outcome->done) fail_msg("accepted: %s", reason);
    if (!strstr(outcome->trouble.text, reason))
        fail_msg("\"%s\", not \"%s\"", outcome->trouble.text, reason);
}

#endif
