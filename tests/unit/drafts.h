/* Small models written by hand through the builder, for tests of blob, plan and engine. */
#ifndef FOVEA_TESTS_DRAFTS_H
#define FOVEA_TESTS_DRAFTS_H

#include <stdlib.h>
#include <string.h>

#include "weights/blob_build.h"

#define DRAFT_NODES 16

/* A draft in one place; add nodes, then seal. */
struct model_draft {
    struct fovea_draft draft;
    struct fovea_draft_input input;
    struct fovea_draft_output output;
    struct fovea_draft_note note;
    struct fovea_draft_node nodes[DRAFT_NODES];
    uint32_t inputs[DRAFT_NODES][4], arrays[DRAFT_NODES][FOVEA_ARRAYS_MAX];
    uint64_t counts[FOVEA_ARRAYS_MAX * DRAFT_NODES];
    struct fovea_draft_value values[DRAFT_NODES + 2];
    uint8_t *blob; /* aligned, after draft_seal */
    uint64_t size;
};

static inline void draft_start(struct model_draft *m, uint32_t h, uint32_t w, uint32_t c) {
    memset(m, 0, sizeof *m);
    m->input.name = "picture";
    m->input.shape = (struct fovea_shape){3, {h, w, c}};
    m->input.recipe = (struct fovea_recipe){.scale = 1, .std = {1, 1, 1}};
    m->output.name = "answer";
    m->note.key = "source";
    m->note.value = "a test";
    m->draft = (struct fovea_draft){
        .inputs = &m->input,
        .nodes = m->nodes,
        .outputs = &m->output,
        .notes = &m->note,
        .input_count = 1,
        .output_count = 1,
        .note_count = 1,
        .array_counts = m->counts,
        .values = m->values,
    };
    m->draft.values[0].shape = m->input.shape;
}

#define DRAFT_ALONE 0xffffffffu

/* Appends a node on up to two values with as many arrays as it asks for; the value it makes. */
static inline uint32_t draft_node(struct model_draft *m, uint32_t op, uint32_t a, uint32_t b,
                                  uint32_t arrays, const uint32_t *attributes) {
    uint32_t n = m->draft.node_count++;
    struct fovea_draft_node *node = &m->nodes[n];
    struct fovea_rule_query query;
    node->op = op;
    node->name = "layer";
    node->inputs = m->inputs[n];
    m->inputs[n][0] = a;
    m->inputs[n][1] = b;
    node->input_count = b != DRAFT_ALONE ? 2 : a != DRAFT_ALONE;
    node->arrays = m->arrays[n];
    node->array_count = arrays;
    if (attributes) memcpy(node->attribute, attributes, sizeof node->attribute);
    for (uint32_t i = 0; i < arrays; i++) m->arrays[n][i] = m->draft.array_count + i;
    if (!fovea_draft_shape(&m->draft, n, &query)) abort();
    for (uint32_t i = 0; i < arrays; i++) m->counts[m->draft.array_count++] = query.array_count[i];
    m->output.value = m->draft.input_count + n;
    return m->output.value;
}

/* Measures and writes the blob, its arrays filled with small numbers that are the same each time. */
static inline void draft_seal(struct model_draft *m) {
    uint32_t state = 12345;
    if (!fovea_draft_measure(&m->draft, &m->size)) abort();
    m->blob = aligned_alloc(64, (size_t)((m->size + 63) / 64 * 64));
    if (!m->blob) abort();
    fovea_draft_write(&m->draft, m->blob, m->size, m->size);
    for (uint32_t a = 0; a < m->draft.array_count; a++) {
        float *to = fovea_draft_array(&m->draft, m->blob, a);
        for (uint64_t i = 0; i < m->counts[a]; i++) {
            state = state * 1664525u + 1013904223u;
            to[i] = (float)(int32_t)state * 0x1p-33f;
        }
    }
    fovea_draft_seal(m->blob, m->size);
}

/* A window's words: kernel, stride, dilation, padding mode; then behind them by operator. */
static inline void draft_window(uint32_t *words, uint32_t ky, uint32_t kx, uint32_t stride,
                                uint32_t dilation, uint32_t padding) {
    memset(words, 0, FOVEA_ATTRIBUTES_MAX * sizeof *words);
    words[0] = ky;
    words[1] = kx;
    words[2] = words[3] = stride;
    words[4] = words[5] = dilation;
    words[6] = padding;
}

/* `value` with each channel multiplied by its mean, as a squeeze-and-excite block does. */
static inline uint32_t draft_excite(struct model_draft *m, uint32_t value) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX], none[FOVEA_ATTRIBUTES_MAX] = {0};
    draft_window(words, 0, 0, 1, 1, FOVEA_PADDING_VALID); /* the whole picture */
    words[11] = 1;
    uint32_t means = draft_node(m, FOVEA_OP_MEAN_POOL, value, DRAFT_ALONE, 0, words);
    return draft_node(m, FOVEA_OP_MULTIPLY, value, means, 0, none);
}

/* The sealed model, planned in memory of its own, which is to be freed behind the session. */
static inline fovea_session *draft_plan(const struct model_draft *m,
                                        const struct fovea_options *options, void **memory) {
    struct fovea_model model;
    fovea_session *session;
    size_t bytes;
    if (fovea_model_open(&model, m->blob, (size_t)m->size, NULL) != FOVEA_OK ||
        fovea_measure(&model, options, &bytes, NULL) != FOVEA_OK)
        abort();
    *memory = aligned_alloc(64, bytes);
    if (!*memory || fovea_plan(&model, options, *memory, bytes, &session, NULL) != FOVEA_OK)
        abort();
    return session;
}

/* Runs the sealed model on `input`, made for h x w pictures whatever size it was written for, with as
 * many tasks and only the features of `mask`; its output, to be freed. NULL where it does not take that
 * size. */
static inline float *draft_run(const struct model_draft *m, uint32_t h, uint32_t w,
                               const float *input, uint32_t threads, uint32_t mask,
                               struct fovea_shape *shape) {
    struct fovea_options options = FOVEA_OPTIONS_INIT;
    struct fovea_model model, resized;
    struct fovea_io in, out;
    fovea_session *session;
    size_t bytes;
    options.threads = threads;
    options.cpu_mask = mask;
    if (fovea_model_open(&model, m->blob, (size_t)m->size, NULL) != FOVEA_OK) abort();
    bytes = fovea_model_resize_bytes(&model);
    void *tables = aligned_alloc(64, (bytes + 63) / 64 * 64), *memory = NULL;
    struct fovea_shape wanted = m->input.shape;
    float *output = NULL;
    wanted.dims[0] = h;
    wanted.dims[1] = w;
    if (fovea_model_resize(&model, &wanted, tables, bytes, &resized, NULL) == FOVEA_OK) {
        if (fovea_measure(&resized, &options, &bytes, NULL) != FOVEA_OK) abort();
        memory = aligned_alloc(64, bytes);
        memset(memory, 0xff, bytes); /* what is not written is a NaN */
        if (fovea_plan(&resized, &options, memory, bytes, &session, NULL) != FOVEA_OK) abort();
        fovea_model_input(&resized, 0, &in);
        fovea_model_output(&resized, 0, &out);
        memcpy(fovea_input(session, 0), input, in.count * sizeof(float));
        fovea_run(session);
        output = malloc(out.count * sizeof(float));
        memcpy(output, fovea_output(session, 0), out.count * sizeof(float));
        *shape = out.shape;
    }
    free(memory);
    free(tables);
    return output;
}

/* conv - relu - conv - add - pool - dense - softmax: something of everything. */
static inline void draft_small(struct model_draft *m) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX], none[FOVEA_ATTRIBUTES_MAX] = {0};
    draft_start(m, 9, 11, 3);
    draft_window(words, 3, 3, 1, 1, FOVEA_PADDING_SAME);
    words[11] = 1;
    words[12] = 10;
    words[13] = FOVEA_ACTIVATION_CLAMP;
    words[15] = fovea_bits_of_float(6);
    uint32_t a = draft_node(m, FOVEA_OP_CONV, 0, DRAFT_ALONE, 2, words);
    words[13] = FOVEA_ACTIVATION_SILU;
    uint32_t b = draft_node(m, FOVEA_OP_CONV, a, DRAFT_ALONE, 2, words);
    uint32_t c = draft_node(m, FOVEA_OP_ADD, a, b, 0, none);
    draft_window(words, 2, 2, 2, 1, FOVEA_PADDING_VALID);
    words[11] = 1;
    uint32_t d = draft_node(m, FOVEA_OP_MAX_POOL, c, DRAFT_ALONE, 0, words);
    uint32_t flat[FOVEA_ATTRIBUTES_MAX] = {1, 4 * 5 * 10};
    uint32_t e = draft_node(m, FOVEA_OP_RESHAPE, d, DRAFT_ALONE, 0, flat);
    uint32_t dense[FOVEA_ATTRIBUTES_MAX] = {5};
    uint32_t f = draft_node(m, FOVEA_OP_DENSE, e, DRAFT_ALONE, 2, dense);
    uint32_t last[FOVEA_ATTRIBUTES_MAX] = {1};
    draft_node(m, FOVEA_OP_SOFTMAX, f, DRAFT_ALONE, 0, last);
    static const char *const labels[] = {"one", "two", "three", "vier", "f\xc3\xbcnf"};
    m->output.labels = labels;
    m->output.label_count = 5;
    m->input.recipe.steps = 1;
    m->input.recipe.step[0] = (struct fovea_recipe_step){FOVEA_STEP_CLAHE, {2, 8}};
    draft_seal(m);
}

/* Seals `model`, a draft without a self-test, with one: `input`, or where that is NULL what the array is filled with,
 * and what `plain`, the same draft sealed, answers to it. Both have an input of h x w and one output. */
static inline void draft_seal_golden(struct model_draft *model, const struct model_draft *plain,
                                     uint32_t h, uint32_t w, const float *input) {
    const uint32_t golden = model->draft.array_count;
    const uint32_t output = model->output.value;
    struct fovea_shape shape;
    model->draft.golden = true;
    fovea_shape_count(&model->input.shape, &model->counts[golden]);
    fovea_shape_count(&model->draft.values[output].shape, &model->counts[golden + 1]);
    model->draft.array_count += 2;
    draft_seal(model); /* with the same weights: the same numbers in the same order */
    float *stored = fovea_draft_array(&model->draft, model->blob, golden);
    if (input) memcpy(stored, input, model->counts[golden] * sizeof *stored);
    float *answer = draft_run(plain, h, w, stored, 1, 0, &shape);
    memcpy(fovea_draft_array(&model->draft, model->blob, golden + 1), answer,
           model->counts[golden + 1] * sizeof *answer);
    fovea_draft_seal(model->blob, model->size);
    free(answer);
}

#endif
