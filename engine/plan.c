/* From a checked model to a session: where everything lies and what will be done. In this order:
 *
 *   read    shapes and places of all tensors, each node as it comes
 *   choose  how it is done, perhaps together with those behind it (choose.c)
 *   bind    a step for each node: kernels, memory, state of its family (op_<family>.c and the ways' files)
 *   place   the scratch memory that all steps share
 *   link    what steps need to know of one another (link.c)
 *
 * Measuring is the same walk without memory. Everything structural is read from the blob here for the last time.
 * What a step is bound by was read once, and what one takes from another is compared when both are bound, so that
 * bytes changed later, or meanwhile, can alter numbers, never addresses. What does not fit together any more sets
 * binding->changed; binding goes on, into memory of its own, until somebody asks (plan_bound). */
#include "engine/choose.h"
#include "engine/link.h"
#include "engine/session.h"

#include "kernels/cpu.h"
#include "weights/check.h"

/* Steps that are looked at again after the next one was bound: by ways of two layers. */
#define PLAN_UNUSED (FOVEA_SMALL ? 1 : 2)

struct plan_job {
    struct fovea_binding binding;
    struct fovea_setting setting;  /* while measuring; then the session's */
    struct fovea_session *session; /* NULL while measuring */
    const struct fovea_model *model;
    struct fovea_node_view view; /* the node being planned */
    struct fovea_options options;
    struct fovea_step *steps;              /* those of the session; NULL while measuring */
    struct fovea_step unused[PLAN_UNUSED]; /* the last ones, while measuring */
    uint32_t step_count;
    struct fovea_error *error; /* or NULL */
    enum fovea_status status;
};

#define plan_fail(job, status, text, where) plan_refuse(job, status, FOVEA_TEXT(text), where)
static FOVEA_NOINLINE bool plan_refuse(struct plan_job *job, enum fovea_status status,
                                       fovea_problem text, uint32_t where) {
    job->status = fovea_report(job->error, status, text, where);
    return false;
}

/* ---- read ---- */

static void session_shape(const void *context, uint32_t value, struct fovea_shape *shape) {
    *shape = ((const struct fovea_session *)context)->values[value].shape;
}

/* Copies shapes and places of the values, checked again. What does not lie in the arena gets no place
 * here: a constant's is found by its node. */
static void plan_values(struct plan_job *job) {
    struct fovea_session *session = job->session;
    const struct fovea_model *model = job->model;
    for (uint32_t v = 0; v < model->values; v++) {
        struct fovea_tensor *tensor = &session->values[v];
        struct fovea_value value;
        fovea_blob_value(model, v, &value);
        const uint64_t bytes = fovea_value_bytes(&value);
        tensor->type = (uint8_t)(FOVEA_Q8_BUILT && value.type == FOVEA_I8 ? FOVEA_I8 : FOVEA_F32);
        tensor->shape = value.shape;
        if (bytes == 0) tensor->shape.rank = 0; /* no legal one */
        tensor->passed = FOVEA_STRIPES && value.offset == FOVEA_NO_PLACE;
        if (bytes > 0 && value.offset % FOVEA_ALIGN == 0 &&
            fovea_in_range(value.offset, bytes, model->arena))
            tensor->data = session->arena + (size_t)value.offset / sizeof(float);
        const bool floats = value.type == FOVEA_F32, input = v < model->inputs;
        job->binding.changed |=
            !(floats || (FOVEA_Q8_BUILT && tensor->type == FOVEA_I8 && !input)) ||
            (!tensor->data && input);
    }
    for (uint32_t o = 0; o < model->outputs; o++) {
        uint32_t value = fovea_blob_output(model, o);
        session->outputs[o] = value < model->values ? value : 0;
    }
}

/* The node's view, with memory for many inputs. */
static bool plan_read(struct plan_job *job, uint32_t node) {
    struct fovea_node_view *view = &job->view;
    const struct fovea_session *session = job->session;
    bool good = fovea_node_begin(job->model, node, view);
    if (good && view->record.inputs > FOVEA_INPUTS_NEAR)
        view->inputs = (uint32_t *)fovea_bind_records(&job->binding, view->record.inputs,
                                                      sizeof(uint32_t), sizeof(uint32_t));
    good = good && (session ? fovea_node_finish(session_shape, session, view)
                            : fovea_node_finish(fovea_blob_shape, job->model, view));
    return good || plan_refuse(job, FOVEA_FORMAT, view->query.problem, node);
}

/* ---- bind ---- */

static bool (*const plan_binders[])(struct fovea_binding *) = {
#define OP(code, NAME, name, ...) fovea_bind_##name,
#include "weights/built.def"
#undef OP
};
static const uint32_t plan_codes[] = {
#define OP(code, NAME, name, ...) code,
#include "weights/built.def"
#undef OP
};

static bool plan_bind(struct plan_job *job, uint32_t op) {
    size_t row = 0;
    while (plan_codes[row] != op) row++; /* fovea_node_read knows the operator */
    return plan_binders[row](&job->binding);
}

/* Where the output of the node just read lies, and what it reads. */
static void plan_tensors(struct plan_job *job, struct fovea_step *step) {
    struct fovea_session *session = job->session;
    const struct fovea_node_view *view = &job->view;
    struct fovea_binding *binding = &job->binding;
    enum fovea_place place = fovea_op_place(view->record.op);
    const float *constant = place == FOVEA_PLACE_CONSTANT ? fovea_bind_weights(binding, 0) : NULL;
    if (!session) return;
    struct fovea_tensor *tensor = &session->values[job->model->inputs + view->node];
    if (constant) tensor->data = (float *)(uintptr_t)constant; /* read only: nothing lies over it */
    if (place == FOVEA_PLACE_ALIAS) tensor->data = fovea_bind_tensor(binding, 0);
    const bool passed = fovea_tensor_passed(tensor);
    binding->changed |= !fovea_shape_equal(&tensor->shape, &view->query.output) ||
                        (passed ? !binding->by_rows : !tensor->data);
    step->output = passed ? session->arena : tensor->data; /* by rows: elsewhere */
    for (uint32_t i = 0; FOVEA_Q8_BUILT && i < view->record.inputs; i++)
        binding->changed |=
            !fovea_form_allows(fovea_op_form(view->record.op),
                               session->values[fovea_node_input(view, i)].type, tensor->type);
    if (view->record.inputs > 0) step->input = fovea_bind_tensor(binding, 0);
    if (view->record.inputs > 1) step->second = fovea_bind_tensor(binding, 1);
}

/* The node just read, as a step of these tensors. */
static void plan_open(struct plan_job *job, struct fovea_step *step) {
    struct fovea_binding *binding = &job->binding;
    fovea_fill(step, 0, sizeof *step);
    step->node = job->view.node;
    step->kernel = FOVEA_KERNEL_NONE;
    step->tasks = 1;
    step->count = (size_t)job->view.query.elements;
    binding->step = step;
    binding->row.run = NULL;
    plan_tensors(job, step);
}

/* After binding: whether there was everything it asked for. */
static bool plan_bound(struct plan_job *job) {
    const struct fovea_binding *binding = &job->binding;
    if (binding->memory && binding->used > binding->capacity)
        return plan_fail(job, FOVEA_MEMORY, "S-045 the memory is smaller than fovea_measure says",
                         job->view.node);
    if (binding->changed)
        return plan_fail(job, FOVEA_FORMAT, "S-046 the blob changed after it was opened",
                         job->view.node);
    if (binding->unbuilt)
        return plan_fail(job, FOVEA_UNSUPPORTED, "S-001 this build lacks a kernel of the node",
                         job->view.node);
    return true;
}

/* Step `index`, the next one or that before it. */
static struct fovea_step *plan_step(struct plan_job *job, uint32_t index) {
    return job->steps ? &job->steps[index] : &job->unused[index % PLAN_UNUSED];
}

/* A step for node `node`, by its own way; by rows if binding->by_rows says so. */
static bool plan_node(struct plan_job *job, uint32_t node) {
    struct fovea_binding *binding = &job->binding;
    struct fovea_step *step = plan_step(job, job->step_count);
    const char *reason;
    if (!plan_read(job, node)) return false;
    plan_open(job, step);
    binding->way = binding->by_rows ? FOVEA_WAY_DIRECT
                                    : fovea_choose_layer(&job->setting, &job->view, &reason);
    step->way = (uint8_t)(binding->by_rows ? FOVEA_WAY_PART : binding->way);
    job->step_count += plan_bind(job, job->view.record.op);
    return true;
}

#if FOVEA_BY_ROWS
/* A step that another one does. */
static void plan_nothing(const struct fovea_step *step, uint32_t task) {
    (void)step;
    (void)task;
}

/* Nodes from `node` on, done together by rows: all but the last are steps that do nothing by themselves. */
static FOVEA_NOINLINE bool plan_rows(struct plan_job *job, uint32_t node,
                                     const struct fovea_choice *choice) {
    struct fovea_binding *binding = &job->binding;
    struct fovea_step *last, *all = NULL;
    struct fovea_row_group rows = {.height = choice->height};
    rows.piece = choice->way == FOVEA_WAY_STRIPE;
    rows.links = job->steps ? &job->steps[job->step_count] : NULL;
    binding->by_rows = true;
    for (uint32_t i = 0; i < choice->nodes; i++) {
        all = plan_step(job, job->step_count);
        if (!plan_node(job, node + i)) return false;
        binding->changed |= !fovea_rows_add(&rows, binding);
        all->run = plan_nothing;
        all->tasks = 1;
    }
    binding->by_rows = false;
    if (job->session)
        binding->changed |= job->session->values[job->model->inputs + job->view.node].passed;
    /* The last layer makes room for the step that does them all. */
    last = (struct fovea_step *)fovea_bind_records(binding, 1, sizeof *last, FOVEA_NARROW_STEP);
    if (last) *last = *all;
    binding->step = all;
    all->way = (uint8_t)choice->way;
    if (!binding->changed) fovea_bind_row_links(binding, &rows, last);
    return true;
}
#endif

#if !FOVEA_SMALL
/* A product with factors of channels, which makes the weights of the convolution behind it instead. */
static bool plan_factors(struct plan_job *job, uint32_t node) {
    struct fovea_binding *binding = &job->binding;
    struct fovea_step *step = plan_step(job, job->step_count), *conv;
    if (!plan_read(job, node)) return false;
    plan_open(job, step);
    struct fovea_pair_dims dims;
    fovea_pair_dims_of(&job->view.query, &dims);
    bool channels = fovea_scale_channels(&dims, &job->view.query.as.tail);
    step->way = FOVEA_WAY_FACTORS;
    job->step_count++;
    conv = plan_step(job, job->step_count);
    binding->factors = true;
    if (!plan_node(job, node + 1)) return false;
    binding->factors = false;
    if (!channels || job->view.record.op != FOVEA_OP_CONV || conv->input != step->output ||
        fovea_scale_why_not(&job->setting, &dims, &job->view.query.as.conv))
        return binding->changed = true;
    conv->input = step->input;
    fovea_bind_factors(binding, step);
    return true;
}

/* A convolution by Winograd's algorithm that does the pool behind it as well. */
static bool plan_pooled(struct plan_job *job, uint32_t node) {
    struct fovea_binding *binding = &job->binding;
    struct fovea_step *conv = plan_step(job, job->step_count);
    binding->pool = true;
    if (!plan_node(job, node)) return false;
    binding->pool = false;
    if (conv->way != FOVEA_WAY_WINOGRAD || conv->second || conv->tail)
        return binding->changed = true;
    const struct fovea_conv record = job->view.query.as.conv;
    const float *output = conv->output;
    struct fovea_step *pool = plan_step(job, job->step_count);
    if (!plan_read(job, node + 1)) return false;
    plan_open(job, pool);
    if (job->view.record.op != FOVEA_OP_MAX_POOL || pool->input != output ||
        !fovea_winograd_pools(&record, &job->view.query.as.pool))
        return binding->changed = true;
    pool->way = FOVEA_WAY_PART;
    job->step_count++;
    fovea_bind_pooled(binding);
    return true;
}
#endif

/* ---- the walk ---- */

static bool plan_choice(struct plan_job *job, uint32_t node, const struct fovea_choice *choice) {
    switch (choice->way) {
#if FOVEA_BY_ROWS
    case FOVEA_WAY_STRIPE:
    case FOVEA_WAY_CHAIN: return plan_rows(job, node, choice);
#endif
#if !FOVEA_SMALL
    case FOVEA_WAY_FACTORS: return plan_factors(job, node);
    case FOVEA_WAY_WINOGRAD:
        if (choice->nodes == 2) return plan_pooled(job, node);
        break;
#endif
    default: break;
    }
    return plan_node(job, node);
}

static bool plan_nodes(struct plan_job *job) {
    const struct fovea_asking asking = {
        .setting = &job->setting,
        .model = job->model,
        .shapes = job->session ? session_shape : fovea_blob_shape,
        .context = job->session ? (const void *)job->session : (const void *)job->model,
        .view = &job->view,
    };
    struct fovea_choice choice;
    for (uint32_t n = 0; n < job->model->nodes; n += choice.nodes) {
        choice = fovea_choose(&asking, n);
        if (!plan_choice(job, n, &choice) || !plan_bound(job)) return false;
    }
    return true;
}

/* The session itself, its tables and the arena. */
static bool plan_session(struct plan_job *job) {
    const struct fovea_model *model = job->model;
    struct fovea_binding *binding = &job->binding;
    struct fovea_session *session = (struct fovea_session *)fovea_bind_records(
        binding, 1, sizeof *session, FOVEA_NARROW_SESSION);
    struct fovea_tensor *values = (struct fovea_tensor *)fovea_bind_records(
        binding, model->values, sizeof *values, FOVEA_NARROW_TENSOR);
    uint32_t *outputs =
        (uint32_t *)fovea_bind_records(binding, model->outputs, sizeof *outputs, sizeof *outputs);
    struct fovea_step *steps = (struct fovea_step *)fovea_bind_records(
        binding, model->nodes, sizeof *steps, FOVEA_NARROW_STEP);
    float *arena = (float *)fovea_bind_reserve(binding, model->arena);
    if (!binding->memory) return true;
    if (!plan_bound(job)) return false;
    session->model = *model;
    session->options = job->options;
    session->setting = job->setting;
    session->values = values;
    session->outputs = outputs;
    session->steps = job->steps = steps;
    session->arena = arena;
    session->arena_bytes = (size_t)model->arena;
    binding->session = job->session = session;
    binding->setting = &session->setting;
    plan_values(job);
    return plan_bound(job);
}

static bool plan_walk(struct plan_job *job) {
    struct fovea_binding *binding = &job->binding;
    if (!plan_session(job) || !plan_nodes(job)) return false;
    /* Last, so that the whole is a multiple of its alignment, as aligned_alloc wants it. */
    float *scratch = (float *)fovea_bind_reserve(binding, (binding->scratch + FOVEA_ALIGN - 1) /
                                                              FOVEA_ALIGN * FOVEA_ALIGN);
    for (uint32_t o = 0; job->session && o < job->model->outputs; o++)
        binding->changed |= !job->session->values[job->session->outputs[o]].data ||
                            job->session->values[job->session->outputs[o]].type != FOVEA_F32;
    if (!plan_bound(job)) return false;
    if (!job->session) return true;
    job->session->step_count = job->step_count;
    job->session->kernels = binding->kernels;
    job->session->scratch_bytes = (size_t)binding->scratch;
    fovea_link(job->steps, job->step_count, scratch);
    return true;
}

static bool plan_options(struct plan_job *job, const struct fovea_options *options) {
    fovea_problem problem =
        fovea_options_read(options, !job->binding.memory, &job->options, &job->setting);
    if (problem) return plan_refuse(job, FOVEA_ARGUMENT, problem, 0);
    job->binding.setting = &job->setting;
    job->binding.view = &job->view;
    return true;
}

/* Where memory is scarce, and nobody wants to see every layer. */
static void plan_in_stripes(struct plan_job *job, struct fovea_model *striped) {
    if (!FOVEA_STRIPES || !job->model->striped || !job->setting.small_memory || job->setting.layers)
        return;
    *striped = fovea_blob_in_stripes(job->model);
    job->model = striped;
}

static enum fovea_status plan_job_run(const struct fovea_model *model,
                                      const struct fovea_options *options, void *memory,
                                      size_t capacity, struct fovea_session **session,
                                      size_t *bytes, struct fovea_error *error) {
    struct fovea_model striped;
    struct plan_job job;
    fovea_fill(&job, 0, sizeof job);
    job.error = error;
    plan_refuse(&job, FOVEA_OK, FOVEA_NO_PROBLEM, 0);
    job.model = model;
    job.binding.memory = (uint8_t *)memory;
    job.binding.capacity = capacity;
    if (!model || !model->blob)
        plan_fail(&job, FOVEA_ARGUMENT, "S-005 the model is not open", 0);
    else if ((uintptr_t)memory % FOVEA_ALIGN != 0)
        plan_fail(&job, FOVEA_ALIGNMENT, "S-006 the memory must start at a multiple of 64 bytes",
                  0);
    else if (plan_options(&job, options)) {
        plan_in_stripes(&job, &striped);
        if (plan_walk(&job) &&
            job.binding.used > (job.setting.narrow ? (uint64_t)UINT32_MAX : (uint64_t)SIZE_MAX))
            plan_fail(&job, FOVEA_LIMIT, "S-007 the model needs more memory than can be addressed",
                      0);
    }
    if (job.status == FOVEA_OK) {
        if (bytes) *bytes = (size_t)job.binding.used;
        if (session) *session = job.session;
    }
    return job.status;
}

enum fovea_status fovea_measure(const struct fovea_model *model,
                                const struct fovea_options *options, size_t *bytes,
                                struct fovea_error *error) {
    if (bytes) *bytes = 0;
    return plan_job_run(model, options, NULL, 0, NULL, bytes, error);
}

enum fovea_status fovea_plan(const struct fovea_model *model, const struct fovea_options *options,
                             void *memory, size_t bytes, fovea_session **session,
                             struct fovea_error *error) {
    if (session) *session = NULL;
    if (!memory || !session)
        return fovea_report(error, FOVEA_ARGUMENT,
                            FOVEA_TEXT("S-037 memory and session must not be NULL"), 0);
    return plan_job_run(model, options, memory, bytes, session, NULL, error);
}
#undef plan_fail
