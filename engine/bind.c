#include "engine/session.h"

/* Below this many operations a second thread costs more than it saves. */
#define WORK_PER_TASK 16384

void fovea_bind_use(struct fovea_binding *binding, enum fovea_kernel_index kernel) {
    if (kernel == FOVEA_KERNEL_NONE) return;
    binding->kernels |= (uint64_t)1 << kernel;
    binding->unbuilt |= !fovea_kernel_built(kernel);
}

/* ---- memory ---- */

/* Hands out memory in order. `used` counts on past the end, so that the need is known. */
static FOVEA_NOINLINE void *bind_take(struct fovea_binding *binding, uint32_t align,
                                      uint64_t bytes) {
    uint64_t at = (binding->used + align - 1) & ~((uint64_t)align - 1);
    binding->used = at + bytes;
    return binding->memory && binding->used <= binding->capacity ? binding->memory + at : NULL;
}

void *fovea_bind_reserve(struct fovea_binding *binding, uint64_t bytes) {
    return bind_take(binding, FOVEA_ALIGN, bytes);
}

float *fovea_bind_floats(struct fovea_binding *binding, uint64_t count) {
    return (float *)fovea_bind_reserve(binding, count * sizeof(float));
}

void *fovea_bind_records(struct fovea_binding *binding, uint32_t count, size_t bytes,
                         size_t narrow) {
    const bool small = sizeof(void *) == sizeof(uint32_t) || binding->setting->narrow;
    uint64_t size = (uint64_t)count * (small ? narrow : bytes);
    void *records = bind_take(binding, sizeof(uint64_t), size);
    if (records) fovea_fill(records, 0, (size_t)size);
    return records;
}

void *fovea_bind_state_of(struct fovea_binding *binding, size_t bytes, size_t narrow) {
    void *state = fovea_bind_records(binding, 1, bytes, narrow);
    if (!state) {
        state = binding->spare;
        fovea_fill(state, 0, bytes);
    }
    binding->step->state = state;
    return state;
}

void fovea_bind_scratch_all(struct fovea_binding *binding, uint64_t floats) {
    uint64_t bytes = floats * sizeof(float);
    if (binding->scratch < bytes) binding->scratch = bytes;
}

void fovea_bind_scratch(struct fovea_binding *binding, uint64_t floats) {
    fovea_bind_scratch_all(binding, binding->step->tasks * floats);
}

/* ---- tensors and weights ---- */

float *fovea_bind_tensor(struct fovea_binding *binding, uint32_t input) {
    uint32_t value = fovea_node_input(binding->view, input);
    if (!binding->session) return NULL;
    const struct fovea_tensor *tensor = &binding->session->values[value];
    /* What goes by rows goes to the next node only, which is then part of the stripe. */
    if (fovea_tensor_passed(tensor)) {
        binding->changed |= !binding->by_rows || input > 0 ||
                            value + 1 != binding->view->model->inputs + binding->view->node;
        return binding->session->arena; /* and nobody looks */
    }
    binding->changed |= !tensor->data;
    return tensor->data;
}

enum fovea_type fovea_bind_type(const struct fovea_binding *binding, uint32_t value) {
    struct fovea_value record;
    if (!FOVEA_Q8_BUILT) return FOVEA_F32;
    if (binding->session) return (enum fovea_type)binding->session->values[value].type;
    fovea_blob_value(binding->view->model, value, &record);
    return record.type == FOVEA_I8 ? FOVEA_I8 : FOVEA_F32;
}

struct fovea_quantization fovea_bind_scale(const struct fovea_binding *binding, uint32_t value) {
    struct fovea_value record;
    const struct fovea_quantization none = {1, 0, 0}; /* of floats, and where the bytes changed */
    fovea_blob_value(binding->view->model, value, &record);
    return fovea_quantization_good(&record.quantization) ? record.quantization : none;
}

bool fovea_bind_bytes(const struct fovea_binding *binding) {
    const struct fovea_node_view *view = binding->view;
    return FOVEA_Q8_BUILT && fovea_bind_type(binding, view->model->inputs + view->node) == FOVEA_I8;
}

struct fovea_numbers fovea_bind_numbers(struct fovea_binding *binding, uint32_t array) {
    struct fovea_numbers numbers = {NULL, 0, FOVEA_F32};
    if (array >= binding->view->record.arrays) return numbers;
    numbers = binding->view->array[array];
    if (FOVEA_BIG_ENDIAN) {
        const void *from = numbers.at;
        void *copy = fovea_bind_reserve(binding, numbers.count * fovea_type_bytes(numbers.type));
        if (copy) fovea_numbers_copy(copy, from, numbers.count, numbers.type), numbers.at = copy;
    }
    return numbers;
}

bool fovea_bind_narrow(struct fovea_binding *binding, struct fovea_narrow *narrow) {
    const struct fovea_numbers *kept = &binding->view->array[0];
    *narrow = (struct fovea_narrow){NULL, NULL, NULL, FOVEA_BLOCK, 0};
    if (!FOVEA_NARROW_BUILT || binding->view->record.arrays == 0) return false;
    const bool bytes = fovea_numbers_are(kept, FOVEA_I8);
    if (!bytes && !fovea_numbers_are(kept, FOVEA_F16)) return false;
    if (bytes) {
        struct fovea_numbers scale = fovea_bind_numbers(binding, 2);
        narrow->scale = (const float *)scale.at;
        narrow->widen = fovea_bind_kernel(binding, widen_i8);
        narrow->block = (size_t)(kept->count / (scale.count / FOVEA_BLOCK)); /* as its rule says */
    } else {
        narrow->widen = fovea_bind_kernel(binding, widen_f16);
    }
    struct fovea_numbers numbers = fovea_bind_numbers(binding, 0);
    narrow->at = numbers.at;
    narrow->bytes = fovea_type_bytes(numbers.type);
    return true;
}

void fovea_narrow_widen(const struct fovea_narrow *narrow, size_t from, size_t count, float *to) {
    const struct fovea_widen widen = {
        .input = (const uint8_t *)narrow->at + from * narrow->bytes,
        .scale = narrow->scale ? narrow->scale + from / narrow->block * FOVEA_BLOCK : NULL,
        .output = to,
        .count = count,
        .block = narrow->block,
    };
    narrow->widen(&widen);
}

const float *fovea_bind_weights(struct fovea_binding *binding, uint32_t array) {
    struct fovea_narrow narrow;
    if (array > 0 || !fovea_bind_narrow(binding, &narrow))
        return (const float *)fovea_bind_numbers(binding, array).at;
    const uint64_t count = binding->view->array[0].count;
    float *floats = fovea_bind_floats(binding, count);
    if (floats && !binding->unbuilt) fovea_narrow_widen(&narrow, 0, (size_t)count, floats);
    return floats;
}

/* ---- tasks, tails, rows ---- */

uint32_t fovea_bind_tasks(const struct fovea_binding *binding, uint64_t work) {
    uint64_t tasks = work / WORK_PER_TASK, most = binding->setting->tasks;
    return tasks < 1 ? 1 : tasks < most ? (uint32_t)tasks : (uint32_t)most;
}

struct fovea_tail_run fovea_bind_map(struct fovea_binding *binding, const struct fovea_tail *tail,
                                     enum fovea_kernel_index *kernel) {
    struct fovea_tail_run run = {NULL, tail->low, tail->high, tail->alpha};
    *kernel = FOVEA_KERNEL_NONE;
    switch (tail->kind) {
#define ACTIVATION(code, NAME, name)                                                               \
    case FOVEA_ACTIVATION_##NAME:                                                                  \
        if (!fovea_kernel_built(FOVEA_KERNEL_##name)) break;                                       \
        *kernel = FOVEA_KERNEL_##name;                                                             \
        run.kernel = binding->setting->kernels.name;                                               \
        break;
#include "weights/activations.def"
#undef ACTIVATION
    default: break;
    }
    binding->unbuilt |= tail->kind != FOVEA_ACTIVATION_NONE && !run.kernel;
    fovea_bind_use(binding, *kernel);
    return run;
}

uint8_t fovea_bind_tail(struct fovea_binding *binding, const struct fovea_tail *tail) {
    enum fovea_kernel_index kernel;
    struct fovea_tail_run run = fovea_bind_map(binding, tail, &kernel);
    if (kernel == FOVEA_KERNEL_NONE) return (uint8_t)kernel;
    struct fovea_tail_run *kept =
        (struct fovea_tail_run *)fovea_bind_records(binding, 1, sizeof run, 16);
    if (kept) *kept = run;
    binding->step->tail = kept;
    return (uint8_t)kernel;
}

void fovea_bind_bounds(struct fovea_binding *binding, const struct fovea_tail *tail, float *low,
                       float *high) {
    bool bounds = tail->kind == FOVEA_ACTIVATION_CLAMP;
    *low = bounds ? tail->low : -FOVEA_INFINITY;
    *high = bounds ? tail->high : FOVEA_INFINITY;
    if (!bounds) fovea_bind_tail(binding, tail);
}

void fovea_bind_rows(struct fovea_binding *binding, fovea_row_run *run,
                     const struct fovea_window *window, uint32_t inputs, uint32_t outputs) {
    struct fovea_row_link *link = &binding->row;
    link->run = run;
    link->y = window->y;
    link->input_row = (size_t)window->x.input * inputs;
    link->output_row = (size_t)window->x.output * outputs;
}
