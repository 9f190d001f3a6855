/* Chains: a few convolutions, at least one of them depthwise, done together by rows. What lies between
 * them never exists as a whole: of each tensor there are only the rows that the next link needs for a
 * few rows of its own, in scratch memory that stays in the second-level cache. For many channels at
 * many positions (the expanded ones of an inverted residual) that is faster than writing a tensor to
 * memory and reading it back; each number is computed as it would be without. */
#include "engine/op.h"
#include "engine/rows.h"

#define ROWS_BYTES    (256u * 1024) /* of all the rows kept: half of a second-level cache */
#define WEIGHTS_BYTES (160u * 1024) /* beside them: read again for every few rows */
#define WHOLE_BYTES   (512u * 1024) /* tensors smaller than that do not leave the cache anyway */
#define HEIGHT_MOST   8
#define NODES_MOST    2048 /* looking for readers takes time by the square of the nodes */

/* ---- running ---- */

static uint32_t chain_inside(const struct fovea_axis *y, int64_t row) {
    return row < 0 ? 0 : row > y->input ? y->input : (uint32_t)row;
}

/* The rows of a link's input that rows begin .. end - 1 of its output need: none for none, and none for
 * those that see only padding, which may be as wide as it likes. */
static void chain_needs(const struct fovea_axis *y, uint32_t *begin, uint32_t *end) {
    int64_t low = (int64_t)*begin * y->stride - y->before, high = low;
    if (*begin < *end)
        high = ((int64_t)*end - 1) * y->stride - y->before +
               (int64_t)(y->kernel - 1) * y->dilation + 1;
    *begin = chain_inside(y, low);
    *end = chain_inside(y, high);
}

static void chain_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_chain_step *s = &step->as.chain;
    const struct fovea_chain *chain = &s->chain;
    uint32_t last = chain->count - 1, need[FOVEA_CHAIN_MOST], until[FOVEA_CHAIN_MOST];
    struct fovea_rows_kept rows[FOVEA_CHAIN_MOST];
    float *free = step->scratch + task * s->task_floats;
    size_t begin, end;
    for (uint32_t i = 0; i < last; i++) {
        rows[i] = (struct fovea_rows_kept){free, 0, 0};
        free += chain->kept[i] * chain->link[i].output_row;
    }
    fovea_slice(chain->link[last].y.output, 1, task, step->tasks, &begin, &end);
    for (size_t y = begin; y < end; y += chain->height) {
        need[last] = (uint32_t)y;
        until[last] = (uint32_t)(end - y < chain->height ? end : y + chain->height);
        for (uint32_t i = last; i-- > 0;) {
            need[i] = need[i + 1];
            until[i] = until[i + 1];
            chain_needs(&chain->link[i + 1].y, &need[i], &until[i]);
        }
        for (uint32_t i = 0; i <= last; i++) {
            struct fovea_step link = s->links[i];
            uint32_t from = need[i];
            if (i > 0) link.input = fovea_rows_base(&rows[i - 1], link.rows.input_row);
            if (i < last) {
                fovea_rows_slide(&rows[i], need[i], link.rows.output_row);
                link.output = fovea_rows_base(&rows[i], link.rows.output_row);
                from = rows[i].end;
                if (from < until[i]) rows[i].end = until[i];
            }
            if (from < until[i]) link.run_rows(&link, from, until[i]);
        }
    }
}

/* ---- planning ---- */

bool fovea_reads_alone(const struct fovea_model *model, uint32_t node, uint32_t value) {
    uint32_t readers = 0;
    if (model->nodes > NODES_MOST) return false;
    if (fovea_blob_word(model, fovea_blob_node(model, node).first) != value) return false;
    for (uint32_t o = 0; o < model->outputs; o++)
        if (fovea_blob_output(model, o) == value) return false;
    for (uint32_t n = value - model->inputs; n < model->nodes; n++) {
        struct fovea_node_record record = fovea_blob_node(model, n);
        if (!fovea_in_range(record.first, record.inputs, model->words)) return false;
        for (uint32_t i = 0; i < record.inputs; i++)
            readers += fovea_blob_word(model, record.first + i) == value;
    }
    return readers == 1;
}

/* The window of a node that can be a link; NULL where it cannot. */
static const struct fovea_window *chain_window(const struct fovea_node_view *view, bool first) {
    const struct fovea_rule_query *query = &view->query;
    const struct fovea_conv *conv = &query->as.conv;
    if (view->record.op == FOVEA_OP_DEPTHWISE) return &query->as.depthwise.window;
    if (view->record.op != FOVEA_OP_CONV || conv->groups != 1) return NULL;
    bool pointwise = conv->window.y.kernel == 1 && conv->window.x.kernel == 1;
    return pointwise || (first && conv->window.y.stride > 1) ? &conv->window : NULL;
}

/* Reads node `node` as link `i`; false where the chain ends before it. */
static bool chain_link(const struct fovea_model *model, uint32_t node, uint32_t i,
                       fovea_shape_source *source, const void *context, struct fovea_chain *chain,
                       uint64_t *weights) {
    struct fovea_node_view view;
    if (node >= model->nodes || !fovea_node_read(model, node, source, context, &view)) return false;
    const struct fovea_window *window = chain_window(&view, i == 0);
    if (!window) return false;
    uint32_t before = model->inputs + node - 1;
    if (view.query.inputs > (i == 2 ? 2 : 1)) return false;
    if (i > 0 && !fovea_reads_alone(model, node, before)) return false;
    const struct fovea_shape *output = &view.query.output;
    chain->link[i].y = window->y;
    chain->link[i].output_row = (size_t)output->dims[1] * output->dims[2];
    chain->macs += view.query.macs;
    *weights += view.query.array_count[0] * sizeof(float);
    return true;
}

/* The bytes of rows kept for `height` rows of the last link. */
static uint64_t chain_height(struct fovea_chain *chain, uint32_t height) {
    uint64_t bytes = 0, rows = height;
    chain->height = height;
    for (uint32_t i = chain->count - 1; i-- > 0;) {
        const struct fovea_axis *y = &chain->link[i + 1].y;
        rows = (rows - 1) * y->stride + (uint64_t)(y->kernel - 1) * y->dilation + 1;
        rows = rows < y->input ? rows : y->input;
        chain->kept[i] = (uint32_t)rows;
        bytes += rows * chain->link[i].output_row * sizeof(float);
    }
    return bytes;
}

/* Whether memory of the arena that the chain's first link reads is also that which its last writes. */
static bool chain_overlaps(const struct fovea_model *model, uint32_t node,
                           const struct fovea_chain *chain) {
    uint32_t input = fovea_blob_word(model, fovea_blob_node(model, node).first);
    uint32_t output = model->inputs + node + chain->count - 1;
    struct fovea_shape shape;
    uint64_t from, to, read, written;
    if (input >= model->values || output >= model->values) return true;
    fovea_blob_value(model, input, &shape, &from);
    if (!fovea_shape_count(&shape, &read)) return true;
    fovea_blob_value(model, output, &shape, &to);
    if (!fovea_shape_count(&shape, &written)) return true;
    return from < to + written * sizeof(float) && to < from + read * sizeof(float);
}

void fovea_chain_find(const struct fovea_model *model, uint32_t node, fovea_shape_source *source,
                      const void *context, struct fovea_chain *found) {
    struct fovea_chain chain = {.count = 0};
    uint64_t weights = 0, whole = 0;
    bool depthwise = false; /* two convolutions of one position each gain nothing */
    found->count = 0;
    while (chain.count < FOVEA_CHAIN_MOST &&
           chain_link(model, node + chain.count, chain.count, source, context, &chain, &weights)) {
        depthwise |= fovea_blob_node(model, node + chain.count).op == FOVEA_OP_DEPTHWISE;
        chain.count++;
    }
    while (chain.count > 1 && chain_overlaps(model, node, &chain)) chain.count--;
    if (chain.count < 2 || !depthwise || weights > WEIGHTS_BYTES) return;
    for (uint32_t i = 0; i + 1 < chain.count; i++)
        whole += (uint64_t)chain.link[i].y.output * chain.link[i].output_row * sizeof(float);
    if (whole < WHOLE_BYTES || chain_height(&chain, 1) > ROWS_BYTES) return;
    uint32_t height = 1;
    while (height < HEIGHT_MOST && chain_height(&chain, height + 1) <= ROWS_BYTES) height++;
    chain_height(&chain, height);
    *found = chain;
}

/* Height and width of what a link makes are those of what the next one takes, and no memory that the
 * first link reads is written by the last. */
static bool chain_fits(const struct fovea_chain *chain, const struct fovea_step *links) {
    uint32_t last = chain->count - 1;
    for (uint32_t i = 0; i < last; i++)
        if (chain->link[i].y.output != chain->link[i + 1].y.input ||
            chain->link[i].output_row != chain->link[i + 1].input_row || (links && links[i].second))
            return false;
    if (!links) return true;
    uintptr_t read = (uintptr_t)links[0].input, written = (uintptr_t)links[last].output;
    size_t read_bytes = chain->link[0].y.input * chain->link[0].input_row * sizeof(float);
    return read >= written + links[last].count * sizeof(float) || written >= read + read_bytes;
}

bool fovea_bind_chain(struct fovea_binding *binding, const struct fovea_chain *chain,
                      struct fovea_step *links) {
    struct fovea_step *step = binding->step;
    struct fovea_chain_step *s = &step->as.chain;
    if (!chain_fits(chain, links)) return false;
    s->chain = *chain;
    chain_height(&s->chain, chain->height);
    s->links = links;
    s->task_floats = 0;
    for (uint32_t i = 0; i + 1 < chain->count; i++)
        s->task_floats += s->chain.kept[i] * chain->link[i].output_row;
    s->task_floats = fovea_round_up(s->task_floats, FOVEA_ALIGN / sizeof(float));
    step->run = chain_run;
    step->run_rows = NULL;
    step->tasks = fovea_bind_tasks(binding, chain->macs);
    fovea_bind_scratch(binding, (uint64_t)step->tasks * s->task_floats * sizeof(float));
    return true;
}
