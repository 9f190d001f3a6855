/* From a checked model to a session: where everything lies and what will be done. Measuring is the
 * same walk without memory. Everything structural is read from the blob here for the last time, and
 * checked as it is read, so that bytes changed later can alter numbers, never addresses. */
#include "engine/session.h"

#include "kernels/cpu.h"
#include "weights/check.h"

#define PLAN_CHANGED " the blob changed after it was opened"
#define PLAN_SMALL   " the memory is smaller than fovea_measure says"

struct plan_job {
    struct fovea_binding binding;
    struct fovea_session *session; /* NULL while measuring */
    const struct fovea_model *model;
    struct fovea_kernels kernels;
    struct fovea_node_view view; /* the node being planned */
    struct fovea_options options;
    struct fovea_error *error;
    bool lost;         /* a node reads a tensor that is not there */
    uint64_t capacity; /* bytes of memory given */
};

#define plan_fail(job, status, text, where) plan_refuse(job, status, FOVEA_TEXT(text), where)
static bool plan_refuse(struct plan_job *job, enum fovea_status status, const char *text,
                        uint64_t where) {
    fovea_refuse(job->error, status, text, where);
    return false;
}

/* Hands out memory in order. `used` counts on past the end, so that the need is known. */
static void *plan_reserve(struct plan_job *job, uint64_t bytes) {
    struct fovea_binding *binding = &job->binding;
    uint64_t at = binding->used;
    binding->used += (bytes + FOVEA_ALIGN - 1) & ~(uint64_t)(FOVEA_ALIGN - 1);
    return binding->memory && binding->used <= job->capacity ? binding->memory + at : NULL;
}

void *fovea_bind_reserve(struct fovea_binding *binding, uint64_t bytes) {
    return plan_reserve((struct plan_job *)(void *)binding, bytes);
}

/* Of sizes, on machines like this one and where pointers have 4 bytes, the one that counts. */
static uint64_t plan_size(const struct plan_job *job, uint64_t count, size_t here, size_t narrow) {
    return count * (job->options.pointer_bytes == sizeof(uint32_t) ? narrow : here);
}

void *fovea_bind_pointers(struct fovea_binding *binding, uint64_t count) {
    struct plan_job *job = (struct plan_job *)(void *)binding;
    return plan_reserve(job, plan_size(job, count, sizeof(void *), sizeof(uint32_t)));
}

void fovea_bind_scratch(struct fovea_binding *binding, uint64_t bytes) {
    if (binding->scratch < bytes) binding->scratch = bytes;
}

static float *plan_tensor(const struct fovea_binding *binding, uint32_t input) {
    struct plan_job *job = (struct plan_job *)(uintptr_t)(const void *)binding;
    uint32_t value = fovea_node_input(binding->view, input);
    if (!job->session) return NULL;
    /* What goes by rows goes to the next node only, which is then part of the stripe. */
    job->lost |= fovea_blob_passed(job->model, value) &&
                 (input > 0 || value + 1 != job->model->inputs + binding->step->node);
    return job->session->values[value].data;
}

static void session_shape(const void *context, uint32_t value, struct fovea_shape *shape) {
    *shape = ((const struct fovea_session *)context)->values[value].shape;
}

/* Copies shapes and places of the values, checked again. What does not lie in the arena gets no place
 * here: a constant's is found by its node. */
static bool plan_values(struct plan_job *job) {
    struct fovea_session *session = job->session;
    const struct fovea_model *model = job->model;
    for (uint32_t v = 0; session && v < model->values; v++) {
        struct fovea_tensor *tensor = &session->values[v];
        uint64_t offset, count;
        fovea_blob_value(model, v, &tensor->shape, &offset);
        bool inside = fovea_shape_count(&tensor->shape, &count) && offset % FOVEA_ALIGN == 0 &&
                      fovea_in_range(offset, count * sizeof(float), model->arena);
        tensor->data = inside ? session->arena + offset / sizeof(float) : NULL;
        if (fovea_blob_passed(model, v)) tensor->data = session->arena;  /* and nobody looks */
        if (tensor->shape.rank > FOVEA_RANK_MAX) tensor->shape.rank = 0; /* as fovea_blob_shape */
        if (!inside && v < model->inputs)
            return plan_fail(job, FOVEA_FORMAT, "S-038" PLAN_CHANGED, v);
    }
    return true;
}

static bool (*const plan_binders[])(struct fovea_binding *) = {
#define OP(code, NAME, name, family, words, arrays, place, tail) fovea_bind_##name,
#include "weights/built.def"
#undef OP
};
static const uint32_t plan_codes[] = {
#define OP(code, NAME, name, family, words, arrays, place, tail) code,
#include "weights/built.def"
#undef OP
};

static bool plan_bind(struct plan_job *job, uint32_t op) {
    size_t row = 0;
    while (plan_codes[row] != op) row++; /* fovea_node_read knows the operator */
    return plan_binders[row](&job->binding);
}

/* Array `array` of the node as this machine reads floats: in place, but on a big-endian machine a copy
 * in the session, with its bytes turned round; NULL while that is measured. */
static const float *plan_array(struct plan_job *job, const struct fovea_node_view *view,
                               uint32_t array) {
    const float *in_place = array < view->record.arrays ? view->array[array].floats : NULL;
    if (!FOVEA_BIG_ENDIAN || !in_place) return in_place;
    uint64_t count = view->query.array_count[array];
    float *copy = (float *)plan_reserve(job, count * sizeof(float));
    if (copy) fovea_blob_floats(copy, in_place, count);
    return copy;
}

/* The same for a first array of halves. */
static void plan_halves(struct plan_job *job, const struct fovea_node_view *view) {
    struct fovea_binding *binding = &job->binding;
    if (!FOVEA_HALVES_BUILT) return; /* and none was opened */
    binding->halves = view->record.arrays > 0 ? view->array[0].halves : NULL;
    binding->half = binding->halves != NULL;
    if (!FOVEA_BIG_ENDIAN || !binding->half) return;
    uint64_t count = view->query.array_count[0];
    uint16_t *copy = (uint16_t *)plan_reserve(job, count * sizeof(uint16_t));
    if (copy) fovea_blob_halves(copy, binding->halves, count);
    binding->halves = copy;
}

/* A link of a chain, which its last step does as a whole. */
static void plan_nothing(const struct fovea_step *step, uint32_t task) {
    (void)step;
    (void)task;
}

static bool plan_node(struct plan_job *job, uint32_t node, struct fovea_step *step) {
    struct fovea_session *session = job->session;
    const struct fovea_model *model = job->model;
    struct fovea_node_view *view = &job->view;
    uint32_t value = model->inputs + node;
    bool read = session ? fovea_node_read(model, node, session_shape, session, view)
                        : fovea_node_read(model, node, fovea_blob_shape, model, view);
    if (!read) return plan_refuse(job, FOVEA_FORMAT, view->query.problem, node);
    fovea_fill(step, 0, sizeof *step);
    step->node = node;
    step->kernel = FOVEA_KERNEL_NONE;
    step->count = (size_t)view->query.elements;
    step->weights = plan_array(job, view, 0);
    step->bias = plan_array(job, view, 1);
    plan_halves(job, view);
    if (job->binding.memory && job->binding.used > job->capacity)
        return plan_fail(job, FOVEA_MEMORY, "S-039" PLAN_SMALL, node);
    job->binding.view = view;
    job->binding.step = step;
    if (session) {
        struct fovea_tensor *tensor = &session->values[value];
        enum fovea_place place = fovea_op_place(view->record.op);
        if (place == FOVEA_PLACE_CONSTANT)
            tensor->data = (float *)(uintptr_t)step->weights; /* read only: nothing lies over it */
        if (place == FOVEA_PLACE_ALIAS) tensor->data = plan_tensor(&job->binding, 0);
        if (!tensor->data || !fovea_shape_equal(&tensor->shape, &view->query.output))
            return plan_fail(job, FOVEA_FORMAT, "S-040" PLAN_CHANGED, node);
        step->output = tensor->data;
        if (view->record.inputs > 0) step->input = plan_tensor(&job->binding, 0);
        if (view->record.inputs > 1) step->second = plan_tensor(&job->binding, 1);
    }
    if (plan_bind(job, view->record.op)) {
        step->tasks = step->tasks < 1 ? 1 : step->tasks;
        if (session) session->step_count++;
    }
    if (job->lost) return plan_fail(job, FOVEA_FORMAT, "S-046" PLAN_CHANGED, node);
    if (job->binding.unbuilt || !fovea_kernel_built(step->kernel))
        return plan_fail(job, FOVEA_UNSUPPORTED, "S-001 this build leaves out a kernel of the node",
                         node);
    return true;
}

/* The stripe that node *node begins; *node becomes its last. */
static bool plan_stripe(struct plan_job *job, uint32_t *node, struct fovea_step *steps) {
    struct fovea_session *session = job->session;
    struct fovea_step unused, *first = session ? &steps[session->step_count] : NULL;
    struct fovea_stripe_step stripe = {.links = first};
    struct fovea_row_record before = {.output_row = 0};
    struct fovea_step *own = (struct fovea_step *)plan_reserve(
        job, plan_size(job, 1, sizeof(struct fovea_step), FOVEA_NARROW_STEP));
    bool more = true;
    for (job->binding.by_rows = true; more; ++*node) {
        struct fovea_step *link = first ? first + stripe.count : &unused;
        if (*node >= job->model->nodes)
            return plan_fail(job, FOVEA_FORMAT, "S-047" PLAN_CHANGED, *node);
        more = fovea_blob_passed(job->model, job->model->inputs + *node);
        if (!plan_node(job, *node, link)) return false;
        if (!fovea_stripe_add(&job->binding, &stripe, &before))
            return plan_fail(job, FOVEA_FORMAT, "S-048" PLAN_CHANGED, *node);
        if (more) link->run = plan_nothing;
    }
    job->binding.by_rows = false;
    --*node;
    if (own) *own = *job->binding.step;
    stripe.last = own;
    fovea_bind_stripe(&job->binding, &stripe);
    return true;
}

/* The node behind *node, whose weights the factors of the bound `step` go to where they can; *node becomes it. */
static bool plan_scaled(struct plan_job *job, uint32_t *node, struct fovea_step *step) {
    struct fovea_step unused, *conv = job->session ? step + 1 : &unused;
    if (!plan_node(job, ++*node, conv)) return false;
    fovea_bind_scale(&job->binding, step);
    return true;
}

/* Node *node, or a chain of nodes that it begins; *node becomes the last one that was planned. */
static bool plan_nodes(struct plan_job *job, uint32_t *node, struct fovea_step *steps) {
    struct fovea_session *session = job->session;
    struct fovea_step unused, *step = session ? &steps[session->step_count] : &unused;
    struct fovea_chain chain = {.count = 0};
    if (FOVEA_STRIPES && fovea_blob_passed(job->model, job->model->inputs + *node))
        return plan_stripe(job, node, steps);
    bool wanted = !FOVEA_SMALL && !job->options.small_memory &&
                  !job->options.watcher; /* who wants to see every layer gets every layer */
    if (wanted)
        fovea_chain_find(job->model, *node, session ? session_shape : fovea_blob_shape,
                         session ? (const void *)session : (const void *)job->model, &chain);
    if (chain.count == 0)
        return plan_node(job, *node, step) &&
               (!wanted || !fovea_scale_begins(&job->binding) || plan_scaled(job, node, step));
    struct fovea_step *links = (struct fovea_step *)plan_reserve(
        job, plan_size(job, chain.count, sizeof(struct fovea_step), FOVEA_NARROW_STEP));
    job->binding.by_rows = true;
    for (uint32_t i = 0; i < chain.count; i++) {
        struct fovea_step *link = session ? step + i : &unused;
        if (!plan_node(job, *node + i, link)) return false;
        if (!link->run_rows) return plan_fail(job, FOVEA_FORMAT, "S-041" PLAN_CHANGED, *node + i);
        chain.link[i] = link->rows;
        if (links) links[i] = *link;
        if (session && i + 1 < chain.count) link->run = plan_nothing;
    }
    job->binding.by_rows = false;
    *node += chain.count - 1;
    return fovea_bind_chain(&job->binding, &chain, links) ||
           plan_fail(job, FOVEA_FORMAT, "S-042" PLAN_CHANGED, *node);
}

/* The walk: session, values, steps, what operators ask for, arena. */
static bool plan_walk(struct plan_job *job) {
    const struct fovea_model *model = job->model;
    struct fovea_session *session = (struct fovea_session *)plan_reserve(
        job, plan_size(job, 1, sizeof(struct fovea_session), FOVEA_NARROW_SESSION));
    struct fovea_tensor *values = (struct fovea_tensor *)plan_reserve(
        job, plan_size(job, model->values, sizeof(struct fovea_tensor), FOVEA_NARROW_TENSOR));
    struct fovea_step *steps = (struct fovea_step *)plan_reserve(
        job, plan_size(job, model->nodes, sizeof(struct fovea_step), FOVEA_NARROW_STEP));
    float *arena = (float *)plan_reserve(job, model->arena);
    if (job->binding.memory && !arena && model->arena > 0)
        return plan_fail(job, FOVEA_MEMORY, "S-043" PLAN_SMALL, 0);
    if (job->binding.memory) {
        session->model = *model;
        session->options = job->options;
        session->kernels = job->kernels;
        session->values = values;
        session->steps = steps;
        session->step_count = 0;
        session->arena = arena;
        session->arena_bytes = (size_t)model->arena;
        job->session = session;
    }
    if (!plan_values(job)) return false;
    for (uint32_t n = 0; n < model->nodes; n++) {
        if (!plan_nodes(job, &n, steps)) return false;
        if (job->binding.memory && job->binding.used > job->capacity)
            return plan_fail(job, FOVEA_MEMORY, "S-044" PLAN_SMALL, n);
    }
    float *scratch = (float *)plan_reserve(job, job->binding.scratch);
    if (job->binding.memory && !scratch && job->binding.scratch > 0)
        return plan_fail(job, FOVEA_MEMORY, "S-045" PLAN_SMALL, 0);
    if (job->session) job->session->scratch_bytes = (size_t)job->binding.scratch;
    for (uint32_t i = 0; session && i < session->step_count; i++) {
        steps[i].scratch = scratch;
        if (steps[i].run == plan_nothing) steps[i].tasks = 1;
    }
    if (FOVEA_SMALL || !session) return true;
    fovea_conv_look_ahead(steps, session->step_count);
    fovea_scale_place(steps, session->step_count);
    if (!job->options.watcher) fovea_winograd_take_pools(model, steps, session->step_count);
    return true;
}

static bool plan_options(struct plan_job *job, const struct fovea_options *options) {
    const struct fovea_options defaults = FOVEA_OPTIONS_INIT;
    job->options = defaults;
    if (options) {
        size_t size = options->size < sizeof defaults ? options->size : sizeof defaults;
        if (options->size < sizeof(size_t))
            return plan_fail(job, FOVEA_ARGUMENT, "S-002 options.size is not set", 0);
        fovea_copy(&job->options, options, size);
    }
    if (job->options.threads < 1 || job->options.threads > FOVEA_THREADS_MAX)
        return plan_fail(job, FOVEA_ARGUMENT, "S-003 options.threads is outside 1..64", 0);
    uint32_t *pointer_bytes = &job->options.pointer_bytes;
    if (*pointer_bytes == 0) *pointer_bytes = sizeof(void *);
    if (*pointer_bytes != sizeof(void *) && (*pointer_bytes != 4 || job->binding.memory))
        return plan_fail(job, FOVEA_ARGUMENT, "S-004 options.pointer_bytes is for measuring, and 4",
                         0);
    fovea_kernels_select(&job->kernels, fovea_cpu_detect() & job->options.cpu_mask);
    job->binding.kernels = &job->kernels;
    job->binding.tasks = job->options.threads;
    job->binding.exact = job->options.exact;
    job->binding.small_memory = job->options.small_memory;
    job->binding.tensor = plan_tensor;
    return true;
}

/* Where memory is scarce, and nobody wants to see every layer. */
static void plan_in_stripes(struct plan_job *job, struct fovea_model *striped) {
    if (!FOVEA_STRIPES || !job->model->striped || !job->options.small_memory ||
        job->options.watcher)
        return;
    *striped = fovea_blob_in_stripes(job->model);
    job->model = striped;
}

static enum fovea_status plan_job_run(const struct fovea_model *model,
                                      const struct fovea_options *options, void *memory,
                                      size_t capacity, struct fovea_session **session,
                                      size_t *bytes, struct fovea_error *error) {
    struct fovea_error ignored;
    struct fovea_model striped;
    struct plan_job job;
    fovea_fill(&job, 0, sizeof job);
    job.error = error ? error : &ignored;
    plan_refuse(&job, FOVEA_OK, "", 0);
    job.model = model;
    job.binding.memory = (uint8_t *)memory;
    job.capacity = capacity;
    if (!model || !model->blob)
        plan_fail(&job, FOVEA_ARGUMENT, "S-005 the model is not open", 0);
    else if ((uintptr_t)memory % FOVEA_ALIGN != 0)
        plan_fail(&job, FOVEA_ALIGNMENT, "S-006 the memory must start at a multiple of 64 bytes",
                  0);
    else if (plan_options(&job, options)) {
        plan_in_stripes(&job, &striped);
        if (plan_walk(&job) && job.binding.used > plan_size(&job, 1, SIZE_MAX, UINT32_MAX))
            plan_fail(&job, FOVEA_LIMIT, "S-007 the model needs more memory than can be addressed",
                      0);
    }
    if (job.error->status == FOVEA_OK) {
        if (bytes) *bytes = (size_t)job.binding.used;
        if (session) *session = job.session;
    }
    return job.error->status;
}

enum fovea_status fovea_measure(const struct fovea_model *model,
                                const struct fovea_options *options, size_t *bytes,
                                struct fovea_error *error) {
    size_t ignored;
    if (bytes) *bytes = 0;
    return plan_job_run(model, options, NULL, 0, NULL, bytes ? bytes : &ignored, error);
}

enum fovea_status fovea_plan(const struct fovea_model *model, const struct fovea_options *options,
                             void *memory, size_t bytes, fovea_session **session,
                             struct fovea_error *error) {
    if (session) *session = NULL;
    if (!memory || !session)
        return fovea_refuse(error, FOVEA_ARGUMENT,
                            FOVEA_TEXT("S-037 memory and session must not be NULL"), 0);
    return plan_job_run(model, options, memory, bytes, session, NULL, error);
}

#undef plan_fail
#undef PLAN_CHANGED
#undef PLAN_SMALL
