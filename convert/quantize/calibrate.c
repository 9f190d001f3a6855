#include "convert/quantize/quantize.h"

#include <math.h>

fovea_session *quantize_session(struct graph *graph, struct fovea_model *model,
                                void (*watcher)(void *, const struct fovea_step_info *),
                                void *context) {
    struct emitted emitted;
    struct fovea_error error = {0};
    struct fovea_options options = FOVEA_OPTIONS_INIT;
    fovea_session *session = NULL;
    uint8_t *memory = NULL;
    size_t bytes;
    options.watcher = watcher;
    options.context = context;
    if (!graph_emit(graph, &emitted)) return NULL;
    if (fovea_model_open(model, emitted.blob, (size_t)emitted.size, &error) == FOVEA_OK &&
        fovea_measure(model, &options, &bytes, &error) == FOVEA_OK)
        memory = pool_get(graph->pool, (uint64_t)bytes + FOVEA_ALIGN, 1, graph->trouble);
    if (memory) {
        memory += (FOVEA_ALIGN - (uintptr_t)memory % FOVEA_ALIGN) % FOVEA_ALIGN;
        fovea_plan(model, &options, memory, bytes, &session, &error);
    }
    if (!session)
        fail(graph->trouble, "C-543 the model cannot be planned (%s at %llu): please report this",
             error.text, (unsigned long long)error.where);
    return session;
}

uint32_t quantize_step_node(const struct graph *graph, uint32_t node) {
    while (node < graph->node_count && (graph->nodes[node].op == FOVEA_OP_RESHAPE ||
                                        graph->nodes[node].op == FOVEA_OP_CONSTANT))
        node++;
    return node;
}

struct calibration {
    struct quantize_job *job;
    uint32_t node; /* the next one whose step comes */
    uint32_t bad;  /* the first with a number that is not finite, or GRAPH_NONE */
};

/* Adds a tensor to what is known of its value; false where it holds what is not finite. */
static bool note_tensor(struct value_facts *facts, const float *data, size_t count) {
    bool finite = true;
    for (size_t i = 0; i < count; i += facts->channels)
        for (uint32_t c = 0; c < facts->channels; c++) {
            const double v = (double)data[i + c];
            finite &= v - v == 0;
            facts->sums[c] += v;
            if (v < facts->least) facts->least = v;
            if (v > facts->most) facts->most = v;
        }
    facts->rows += count / facts->channels;
    return finite;
}

static void note_value(struct calibration *c, uint32_t value, const float *data) {
    uint64_t count;
    fovea_shape_count(graph_shape(c->job->graph, value), &count);
    if (!note_tensor(&c->job->facts[value], data, (size_t)count) && c->bad == GRAPH_NONE)
        c->bad = value;
}

/* A step is done: its value is noted, and before it those that are the same under another shape. */
static void calibrate_watch(void *context, const struct fovea_step_info *info) {
    struct calibration *c = context;
    const struct graph *graph = c->job->graph;
    c->node = quantize_step_node(graph, c->node);
    if (c->node < graph->node_count) note_value(c, graph->input_count + c->node++, info->output);
}

/* What a reshape makes is what it was made of. */
static void copy_reshaped(struct quantize_job *job) {
    const struct graph *graph = job->graph;
    for (uint32_t n = 0; n < graph->node_count; n++) {
        if (graph->nodes[n].op != FOVEA_OP_RESHAPE) continue;
        struct value_facts *to = &job->facts[graph->input_count + n];
        const struct value_facts *from = &job->facts[graph->nodes[n].inputs[0]];
        to->least = from->least;
        to->most = from->most;
        to->constant = from->constant;
        to->rows = from->rows * from->channels;
        /* Each element is as near to the mean of its channel as is known, where channels are cut anew. */
        for (uint32_t c = 0; from->rows && c < to->channels; c++)
            to->sums[c] = from->sums[c % from->channels] / (double)from->rows * (double)to->rows;
    }
}

static bool start_facts(struct quantize_job *job) {
    const struct graph *graph = job->graph;
    const uint32_t values = graph->input_count + graph->node_count;
    job->facts = pool_get(graph->pool, values, sizeof *job->facts, graph->trouble);
    for (uint32_t v = 0; job->facts && v < values; v++) {
        const struct fovea_shape *shape = graph_shape(graph, v);
        struct value_facts *facts = &job->facts[v];
        facts->channels = shape->rank ? shape->dims[shape->rank - 1] : 1;
        facts->same_as = v;
        facts->as_floats = facts->as_bytes = GRAPH_NONE;
        facts->constant =
            v >= graph->input_count && graph->nodes[v - graph->input_count].op == FOVEA_OP_CONSTANT;
        facts->sums = pool_get(graph->pool, facts->channels, sizeof(double), graph->trouble);
        if (!facts->sums) return false;
    }
    return job->facts != NULL;
}

bool quantize_calibrate(struct quantize_job *job) {
    struct graph *graph = job->graph;
    const struct quantize_feed *feed = &job->options->feed;
    struct calibration c = {job, 0, GRAPH_NONE};
    struct fovea_model model;
    if (!start_facts(job)) return false;
    fovea_session *session = quantize_session(graph, &model, calibrate_watch, &c);
    if (!session || !feed->start(feed->context, &model, graph->trouble)) return false;
    for (job->report->inputs = 0; feed->next(feed->context, session, graph->trouble);
         job->report->inputs++) {
        for (uint32_t i = 0; i < graph->input_count; i++)
            note_value(&c, i, fovea_input(session, i));
        c.node = 0;
        fovea_run(session);
        if (c.bad == GRAPH_NONE) continue;
        return fail(graph->trouble, "C-541 calibration: %s '%s' has a number that is not finite",
                    c.bad < graph->input_count ? "input" : "layer",
                    c.bad < graph->input_count ? graph->inputs[c.bad].name
                                               : graph->nodes[c.bad - graph->input_count].name);
    }
    if (graph->trouble->set) return false;
    if (job->report->inputs == 0)
        return fail(graph->trouble, "C-540 calibration: there are no inputs");
    copy_reshaped(job);
    return true;
}
