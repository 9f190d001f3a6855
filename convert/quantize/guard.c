#include "convert/quantize/quantize.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SEEN 8 /* inputs whose tensors are compared, layer by layer */

/* The tensors of one input in the float model, and what the other one makes of them. */
struct comparison {
    struct quantize_job *job;
    float **tensors;        /* of the spread graph's values; NULL: not of bytes */
    uint32_t *value;        /* the spread value that a made one stands for, or GRAPH_NONE */
    double *signal, *noise; /* of the spread values */
    uint32_t node;
    bool look;
};

static size_t count_of(const struct graph *graph, uint32_t value) {
    uint64_t count = 0;
    fovea_shape_count(graph_shape(graph, value), &count);
    return (size_t)count;
}

static void keep_tensor(void *context, const struct fovea_step_info *info) {
    struct comparison *c = context;
    const struct graph *graph = c->job->graph;
    c->node = quantize_step_node(graph, c->node);
    if (!c->look || c->node >= graph->node_count) return;
    const uint32_t value = graph->input_count + c->node++;
    if (c->tensors[value])
        memcpy(c->tensors[value], info->output, count_of(graph, value) * sizeof(float));
}

static void compare_tensor(void *context, const struct fovea_step_info *info) {
    struct comparison *c = context;
    const struct graph *made = c->job->made;
    c->node = quantize_step_node(made, c->node);
    if (!c->look || c->node >= made->node_count) return;
    const uint32_t at = made->input_count + c->node++, value = c->value[at];
    if (value == GRAPH_NONE || !c->tensors[value]) return;
    const struct fovea_quantization *q = &c->job->facts[value].form;
    const uint8_t *bytes = (const uint8_t *)info->output;
    const size_t count = count_of(made, at);
    for (size_t i = 0; i < count; i++) {
        const double want = (double)c->tensors[value][i];
        const double have = (double)(fovea_q8_of(bytes[i]) - q->zero) * (double)q->scale;
        c->signal[value] += want * want;
        c->noise[value] += (want - have) * (want - have);
    }
}

static bool start_comparison(struct comparison *c) {
    struct quantize_job *job = c->job;
    const struct graph *graph = job->graph, *made = job->made;
    struct pool *pool = graph->pool;
    const uint32_t values = graph->input_count + graph->node_count;
    const uint32_t others = made->input_count + made->node_count;
    c->tensors = pool_get(pool, values, sizeof *c->tensors, graph->trouble);
    c->value = pool_get(pool, others, sizeof *c->value, graph->trouble);
    c->signal = pool_get(pool, values, sizeof *c->signal, graph->trouble);
    c->noise = pool_get(pool, values, sizeof *c->noise, graph->trouble);
    if (!c->tensors || !c->value || !c->signal || !c->noise) return false;
    for (uint32_t v = 0; v < others; v++) c->value[v] = GRAPH_NONE;
    for (uint32_t v = graph->input_count; v < values; v++) {
        const uint32_t op = graph->nodes[v - graph->input_count].op;
        if (job->facts[v].as_bytes == GRAPH_NONE || !job->byte_node[v - graph->input_count] ||
            op == FOVEA_OP_RESHAPE)
            continue;
        c->value[job->facts[v].as_bytes] = v;
        c->tensors[v] = pool_get(pool, count_of(graph, v), sizeof(float), graph->trouble);
        if (!c->tensors[v]) return false;
    }
    return true;
}

static size_t first_of(const float *numbers, size_t count) {
    size_t first = 0;
    if (count == 1) return numbers[0] >= 0.5f;
    for (size_t i = 1; i < count; i++)
        if (numbers[i] > numbers[first]) first = i;
    return first;
}

struct answers {
    uint64_t same, all;
    double change; /* sum of the largest of each input */
};

static void compare_answers(struct quantize_job *job, fovea_session *floats, fovea_session *bytes,
                            struct answers *answers) {
    const struct graph *graph = job->graph;
    double largest = 0;
    for (uint32_t o = 0; o < graph->output_count; o++) {
        const struct fovea_shape *shape = graph_shape(graph, graph->outputs[o].value);
        const size_t count = count_of(graph, graph->outputs[o].value);
        const size_t row = shape->rank ? shape->dims[shape->rank - 1] : 1;
        const float *want = fovea_output(floats, o), *have = fovea_output(bytes, o);
        for (size_t i = 0; i < count; i += row) {
            answers->same += first_of(want + i, row) == first_of(have + i, row);
            answers->all++;
        }
        for (size_t i = 0; i < count; i++)
            largest = fmax(largest, fabs((double)want[i] - (double)have[i]));
    }
    answers->change += largest;
    job->report->largest = fmax(job->report->largest, largest);
}

/* The layers with the least decibels, the worst first. */
static void find_worst(struct comparison *c) {
    const struct graph *graph = c->job->graph;
    struct quantize_report *report = c->job->report;
    for (uint32_t n = 0; n < graph->node_count; n++) {
        const uint32_t value = graph->input_count + n;
        if (!(c->noise[value] > 0)) continue;
        const struct quantize_worst one = {graph->nodes[n].name,
                                           10 * log10(c->signal[value] / c->noise[value])};
        uint32_t at = report->worst_count;
        while (at > 0 && one.decibels < report->worst[at - 1].decibels) at--;
        if (at >= QUANTIZE_WORST) continue;
        if (report->worst_count < QUANTIZE_WORST) report->worst_count++;
        for (uint32_t i = report->worst_count - 1; i > at; i--)
            report->worst[i] = report->worst[i - 1];
        report->worst[at] = one;
    }
}

static bool refuse(const struct quantize_job *job) {
    const struct quantize_report *report = job->report;
    char names[300] = "";
    size_t length = 0;
    for (uint32_t i = 0; i < report->worst_count && length < 200; i++)
        length += (size_t)snprintf(names + length, sizeof names - length, "%s%.40s", i ? "," : "",
                                   report->worst[i].layer);
    return fail(
        job->graph->trouble,
        "C-542 in 8 bits only %.4f of the answers stay the same, less than --keep-agreement %.4f; "
        "nothing is written. Layers to keep in float first: --float %s; or use --weights w8",
        report->agreement, job->options->keep_agreement, names);
}

bool quantize_guard(struct quantize_job *job) {
    const struct quantize_feed *feed = &job->options->feed;
    struct trouble *trouble = job->graph->trouble;
    struct quantize_report *report = job->report;
    struct comparison c = {.job = job};
    struct answers answers = {0, 0, 0};
    struct fovea_model before, after;
    if (!start_comparison(&c)) return false;
    fovea_session *floats = quantize_session(job->graph, &before, keep_tensor, &c);
    fovea_session *bytes = floats ? quantize_session(job->made, &after, compare_tensor, &c) : NULL;
    if (!bytes || !feed->start(feed->context, &before, trouble)) return false;
    for (report->inputs = 0; feed->next(feed->context, floats, trouble); report->inputs++) {
        for (uint32_t i = 0; i < job->graph->input_count; i++)
            memcpy(fovea_input(bytes, i), fovea_input(floats, i),
                   count_of(job->graph, i) * sizeof(float));
        c.look = report->inputs < SEEN;
        c.node = 0;
        fovea_run(floats);
        c.node = 0;
        fovea_run(bytes);
        compare_answers(job, floats, bytes, &answers);
    }
    if (trouble->set) return false;
    report->agreement = answers.all ? (double)answers.same / (double)answers.all : 0;
    report->mean = report->inputs ? answers.change / report->inputs : 0;
    find_worst(&c);
    return report->agreement >= job->options->keep_agreement || refuse(job);
}

bool graph_quantize(struct graph *graph, const struct quantize_options *options, struct graph *made,
                    struct quantize_report *report) {
    struct graph *spread = pool_get(graph->pool, 1, sizeof *spread, graph->trouble);
    struct quantize_job job = {spread, made, options, NULL, NULL, report};
    *report = (struct quantize_report){0};
    return spread && quantize_spread(graph, spread) && quantize_calibrate(&job) &&
           quantize_plan(&job) && quantize_rewrite(&job) && quantize_guard(&job);
}
