/* The model's own proof: the input it carries, run here, against the answer it carries. */
#include "engine/session.h"

static float magnitude(float v) {
    return v < 0 ? -v : v;
}

static float stored(const float *at) {
    float value;
    fovea_numbers_copy(&value, at, 1, FOVEA_F32);
    return value;
}

/* The largest difference, relative as fovea_selftest counts it; a NaN counts as infinite. */
static float difference(const float *have, const float *want, uint64_t count) {
    float scale = 1, largest = 0;
    for (uint64_t i = 0; i < count; i++) {
        float size = magnitude(stored(want + i));
        scale = size > scale ? size : scale;
    }
    for (uint64_t i = 0; i < count; i++) {
        float off = magnitude(have[i] - stored(want + i)) / scale;
        if (!(off <= largest)) largest = off == off ? off : FOVEA_INFINITY;
    }
    return largest;
}

enum fovea_status fovea_selftest(fovea_session *session, float *largest) {
    if (!session || !largest) return FOVEA_ARGUMENT;
    const struct fovea_model *model = &session->model;
    *largest = 0;
    if (!model->golden) return FOVEA_UNSUPPORTED;
    for (uint32_t i = 0; i < model->inputs; i++) {
        uint64_t count, size;
        const float *from = fovea_blob_golden(model, i, &count);
        if (!from || !fovea_shape_count(&session->values[i].shape, &size) || size != count)
            return FOVEA_FORMAT; /* changed since it was opened */
        fovea_numbers_copy(session->values[i].data, from, count, FOVEA_F32);
    }
    fovea_run(session);
    for (uint32_t o = 0; o < model->outputs; o++) {
        const struct fovea_tensor *tensor = &session->values[session->outputs[o]];
        uint64_t count, size;
        const float *want = fovea_blob_golden(model, model->inputs + o, &count);
        if (!want || !fovea_shape_count(&tensor->shape, &size) || size != count)
            return FOVEA_FORMAT;
        float off = difference(tensor->data, want, count);
        *largest = off > *largest ? off : *largest;
    }
    return *largest <= FOVEA_SELFTEST_LIMIT ? FOVEA_OK : FOVEA_CHECKSUM;
}
