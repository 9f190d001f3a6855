#include "cli/tensors.h"

#include "cli/layers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool read_one(struct tensors *t, const char *path, struct trouble *trouble) {
    struct npy *array = &t->array[t->files];
    const char *why;
    if (!npy_read(path, array, &why))
        return fail_check(trouble, why, "%s: %s", path, fovea_check_text(why));
    t->files++;
    return array->count > 0 || fail(trouble, "%s: an array without elements", path);
}

bool tensors_read(struct tensors *t, const char *paths, struct trouble *trouble) {
    memset(t, 0, sizeof *t);
    if (!paths) return true;
    char *list = malloc(strlen(paths) + 1);
    if (!list) return fail(trouble, "out of memory");
    strcpy(list, paths);
    bool done = true;
    for (char *path = list, *next; done && path; path = next) {
        next = strchr(path, ',');
        if (next) *next++ = 0;
        done = t->files < TENSORS_MAX ? read_one(t, path, trouble)
                                      : fail(trouble, "more than %d files", TENSORS_MAX);
    }
    free(list);
    if (!done) tensors_free(t);
    return done;
}

void tensors_free(struct tensors *t) {
    for (size_t i = 0; i < t->files; i++) npy_free(&t->array[i]);
    memset(t, 0, sizeof *t);
}

/* Whether tensor `index` holds values of an input or output, as many as *batch or, where that is 0, any. */
static bool fits(const struct tensors *t, size_t index, const struct fovea_io *io, size_t *batch,
                 struct trouble *trouble) {
    char shape[SHAPE_TEXT];
    const size_t held = npy_batch(&t->array[index], io->shape.dims, io->shape.rank);
    if (*batch == 0) *batch = held;
    if (held > 0 && held == *batch) return true;
    return fail(trouble, "--check: array %zu does not fit '%s', which is %s, %zu times", index,
                io->name, print_shape(&io->shape, shape, sizeof shape), *batch ? *batch : 1);
}

static double difference(const float *have, const struct npy *want, size_t batch, size_t count) {
    double scale = 1, largest = 0;
    for (size_t i = 0; i < want->count; i++) scale = fmax(scale, fabs((double)want->values[i]));
    for (size_t i = 0; i < count; i++) {
        double off = fabs((double)have[i] - (double)want->values[batch * count + i]) / scale;
        if (!(off <= largest)) largest = off;
    }
    return largest;
}

static bool run_checks(struct engine *engine, const struct tensors *in, const struct tensors *want,
                       double tolerance, struct trouble *trouble) {
    struct fovea_io io;
    size_t batch = 0;
    double largest = 0;
    const size_t inputs = fovea_model_inputs(&engine->model),
                 outputs = fovea_model_outputs(&engine->model);
    if (in->files != inputs || want->files != outputs)
        return fail(trouble,
                    "--check: the model has %zu inputs and %zu outputs, given are %zu and %zu",
                    inputs, outputs, in->files, want->files);
    for (size_t i = 0; fovea_model_input(&engine->model, i, &io) == FOVEA_OK; i++)
        if (!fits(in, i, &io, &batch, trouble)) return false;
    for (size_t o = 0; fovea_model_output(&engine->model, o, &io) == FOVEA_OK; o++)
        if (!fits(want, o, &io, &batch, trouble)) return false;
    for (size_t b = 0; b < batch; b++) {
        for (size_t i = 0; fovea_model_input(&engine->model, i, &io) == FOVEA_OK; i++)
            memcpy(fovea_input(engine->session, i), in->array[i].values + b * io.count,
                   io.count * sizeof(float));
        fovea_run(engine->session);
        for (size_t o = 0; fovea_model_output(&engine->model, o, &io) == FOVEA_OK; o++)
            largest = fmax(largest, difference(fovea_output(engine->session, o), &want->array[o], b,
                                               io.count));
    }
    const bool pass = largest <= tolerance;
    say("check: largest difference %.3g of %zu answer%s, relative to the largest expected number "
        "or 1: %s\n",
        largest, batch, batch == 1 ? "" : "s", pass ? "PASS" : "FAIL");
    return pass ||
           fail(trouble, "--check: the answers differ by %.3g, more than %g", largest, tolerance);
}

bool check_answers(struct engine *engine, const char *inputs, const char *expected,
                   double tolerance, struct trouble *trouble) {
    const bool layers = strlen(expected) > 4 && ends_with(expected, ".npz");
    struct tensors *in = calloc(2, sizeof *in);
    if (!in) return fail(trouble, "out of memory");
    bool done = tensors_read(&in[0], inputs, trouble);
    if (layers)
        done = done &&
               (in[0].files == fovea_model_inputs(&engine->model) ||
                fail(trouble, "--check: the model has %zu inputs, given are %zu",
                     fovea_model_inputs(&engine->model), in[0].files)) &&
               layers_check(engine, in[0].array, expected, tolerance, trouble);
    else
        done = done && tensors_read(&in[1], expected, trouble) &&
               run_checks(engine, &in[0], &in[1], tolerance, trouble);
    tensors_free(&in[0]);
    tensors_free(&in[1]);
    free(in);
    return done;
}
