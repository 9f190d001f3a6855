/* The public functions on sessions and pictures: they check their arguments, so that nothing below has to. Those on
 * models stand in weights/, fovea_measure and fovea_plan in plan.c, fovea_run in run.c. */
#include "engine/choose.h"
#include "engine/image.h"
#include "engine/session.h"
#include "kernels/cpu.h"
#include "weights/check.h"

/* Texts, not pointers to them, so that an image that does not ask for one carries none. */
static const char status_texts[FOVEA_STATUS_COUNT][24] = {
    [FOVEA_OK] = "ok",
    [FOVEA_ARGUMENT] = "wrong argument",
    [FOVEA_TRUNCATED] = "truncated",
    [FOVEA_FORMAT] = "wrong format",
    [FOVEA_VERSION] = "unknown version",
    [FOVEA_CHECKSUM] = "wrong checksum",
    [FOVEA_ALIGNMENT] = "wrong alignment",
    [FOVEA_RANGE] = "out of range",
    [FOVEA_SHAPE] = "wrong shape",
    [FOVEA_LIMIT] = "over a limit",
    [FOVEA_UNSUPPORTED] = "unsupported",
    [FOVEA_MEMORY] = "not enough memory",
    [FOVEA_PICTURE] = "not a readable picture",
    [FOVEA_REFUSED] = "refused",
};

const char *fovea_status_text(enum fovea_status status) {
    unsigned index = (unsigned)status;
    return index < FOVEA_STATUS_COUNT ? status_texts[index] : "unknown status";
}

unsigned fovea_version(void) {
    return FOVEA_VERSION_MAJOR * 10000u + FOVEA_VERSION_MINOR * 100u + FOVEA_VERSION_PATCH;
}

uint32_t fovea_cpu(void) {
    return fovea_cpu_detect() | FOVEA_CPU_PORTABLE;
}

float *fovea_input(fovea_session *session, size_t index) {
    if (!session || index >= session->model.inputs) return NULL;
    return session->values[index].data;
}

/* The tensor of output `index`; NULL for an index outside. */
static const struct fovea_tensor *output_tensor(const struct fovea_session *session, size_t index) {
    if (!session || index >= session->model.outputs) return NULL;
    return &session->values[session->outputs[index]];
}

const float *fovea_output(const fovea_session *session, size_t index) {
    const struct fovea_tensor *tensor = output_tensor(session, index);
    return tensor ? tensor->data : NULL;
}

size_t fovea_steps(const fovea_session *session) {
    return session ? session->step_count : 0;
}

/* Why the step is not done in a faster way: chosen once more, as it was planned. */
static const char *describe_reason(const struct fovea_session *session,
                                   const struct fovea_step *step, struct fovea_node_view *view) {
    const struct fovea_asking asking = {&session->setting, &session->model, fovea_blob_shape,
                                        &session->model, view};
    if (FOVEA_SMALL || step->way != FOVEA_WAY_DIRECT) return ""; /* small: there is no other way */
    return fovea_choose(&asking, step->node).reason;
}

bool fovea_step_describe(const fovea_session *session, size_t index, struct fovea_step_info *info) {
    if (!session || !info || index >= session->step_count) return false;
    const struct fovea_step *step = &session->steps[index];
    const struct fovea_model *model = &session->model;
    struct fovea_node_view view;
    fovea_fill(info, 0, sizeof *info);
    bool known = fovea_node_read(model, step->node, fovea_blob_shape, model, &view);
    info->index = index;
    info->count = session->step_count;
    info->name = known ? fovea_blob_text(model, view.record.name) : "";
    info->op = known ? fovea_op_name(view.record.op) : "";
    info->kernel = info->isa = info->type = info->reason = "";
    info->way = fovea_way_name((enum fovea_way)step->way);
    if (step->kernel != FOVEA_KERNEL_NONE) {
        info->kernel = fovea_kernel_name(&session->setting.kernels, step->kernel);
        info->isa = session->setting.kernels.isa;
    }
    info->layer = step->node;
    info->shape = session->values[model->inputs + step->node].shape;
    info->arena_offset = (uint64_t)((uintptr_t)step->output - (uintptr_t)session->arena);
    if (known) {
        info->macs = view.query.macs;
        info->weights = view.query.array_count[0] + view.query.array_count[1];
        if (view.record.arrays > 0) info->type = fovea_type_name((uint32_t)view.array[0].type);
        info->reason = describe_reason(session, step, &view);
    }
    return true;
}

const char *fovea_session_kernel(const fovea_session *session, size_t index) {
    if (!session || index >= FOVEA_KERNEL_NONE) return NULL;
    for (size_t kernel = 0; kernel < FOVEA_KERNEL_NONE; kernel++)
        if (session->kernels >> kernel & 1 && index-- == 0)
            return fovea_kernel_name(&session->setting.kernels, kernel);
    return NULL;
}

struct fovea_memory fovea_session_memory(const fovea_session *session) {
    struct fovea_memory memory = {0, 0, {0, 0}};
    if (session) {
        memory.tensors = session->arena_bytes;
        memory.scratch = session->scratch_bytes;
    }
    return memory;
}

/* A NaN ranks behind all numbers. */
static bool ranks_before(float a, float b) {
    return a > b || (a == a && b != b);
}

size_t fovea_top(const fovea_session *session, size_t index, size_t k, struct fovea_ranked *top) {
    const struct fovea_tensor *tensor = output_tensor(session, index);
    if (!tensor || !top) return 0;
    uint32_t rank = tensor->shape.rank, count = rank ? tensor->shape.dims[rank - 1] : 1;
    const bool two = count == 1 && fovea_model_label(&session->model, index, 1) != NULL;
    size_t found = 0;
    for (uint32_t i = 0; i < count + two; i++) {
        float value = !two ? tensor->data[i] : i ? tensor->data[0] : 1 - tensor->data[0];
        size_t at = found;
        while (at > 0 && ranks_before(value, top[at - 1].value)) at--;
        if (at >= k) continue;
        if (found < k) found++;
        for (size_t j = found - 1; j > at; j--) top[j] = top[j - 1];
        top[at].index = i;
        top[at].value = value;
        top[at].label = fovea_model_label(&session->model, index, i);
    }
    return found;
}

/* ---- pictures ---- */

/* What a picture is fitted into: the input's place for it, and the recipe. */
struct image_place {
    struct fovea_picture picture;
    struct fovea_recipe recipe;
};

/* Why no picture can be fitted into the input. */
static fovea_problem image_place(const struct fovea_session *session, size_t input,
                                 const struct fovea_recipe *recipe, const struct fovea_image *image,
                                 struct image_place *place, enum fovea_status *status) {
    struct fovea_io io;
    *status = FOVEA_ARGUMENT;
    if (!session || !image) return FOVEA_TEXT("S-014 session and image must not be NULL");
    if (fovea_model_input(&session->model, input, &io) != FOVEA_OK)
        return FOVEA_TEXT("S-015 no such input");
    if (!fovea_picture_of(&session->values[input].shape, &place->picture))
        return FOVEA_TEXT("S-016 the input is not a picture of 1 or 3 channels");
    place->recipe = recipe ? *recipe : io.recipe;
    if (recipe || !io.recipe.open) return FOVEA_NO_PROBLEM;
    *status = FOVEA_UNSUPPORTED;
    return FOVEA_TEXT("S-060 the model does not say how photos were prepared in training");
}

enum fovea_status fovea_image_measure_by(const fovea_session *session, size_t input,
                                         const struct fovea_recipe *recipe,
                                         const struct fovea_image *image, size_t *bytes,
                                         struct fovea_error *error) {
    struct image_place place;
    enum fovea_status status;
    fovea_problem problem = image_place(session, input, recipe, image, &place, &status);
    if (problem) return fovea_report(error, status, problem, 0);
    if (!bytes)
        return fovea_report(error, FOVEA_ARGUMENT, FOVEA_TEXT("S-017 bytes must not be NULL"), 0);
    return fovea_image_scratch(image, &place.recipe, &place.picture, bytes, error);
}

enum fovea_status fovea_image_fit_by(fovea_session *session, size_t input,
                                     const struct fovea_recipe *recipe,
                                     const struct fovea_image *image, void *scratch, size_t bytes,
                                     struct fovea_error *error) {
    struct image_place place;
    enum fovea_status status;
    fovea_problem problem = image_place(session, input, recipe, image, &place, &status);
    if (problem) return fovea_report(error, status, problem, 0);
    return fovea_image_write(image, &place.recipe, &place.picture, fovea_input(session, input),
                             scratch, bytes, error);
}

enum fovea_status fovea_image_measure(const fovea_session *session, size_t input,
                                      const struct fovea_image *image, size_t *bytes,
                                      struct fovea_error *error) {
    return fovea_image_measure_by(session, input, NULL, image, bytes, error);
}

enum fovea_status fovea_image_fit(fovea_session *session, size_t input,
                                  const struct fovea_image *image, void *scratch, size_t bytes,
                                  struct fovea_error *error) {
    return fovea_image_fit_by(session, input, NULL, image, scratch, bytes, error);
}
