/* Chains: a few convolutions, at least one of them depthwise or behind a factor for each channel
 * (squeeze-and-excite), done together by rows. What lies between
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

static bool chain_alone(const struct fovea_model *model, uint32_t value) {
    uint32_t readers = 0;
    for (uint32_t o = 0; o < model->outputs; o++)
        if (fovea_blob_output(model, o) == value) return false;
    for (uint32_t n = value - model->inputs; n < model->nodes; n++) {
        struct fovea_node_record record = fovea_blob_node(model, n);
        for (uint32_t i = 0; i < record.inputs; i++)
            readers += fovea_blob_word(model, record.first + i) == value;
    }
    return readers == 1;
}

/* How the rows of a node that can be a link follow from those of its input; false where it can be none. */
static bool chain_rows(const struct fovea_node_view *view, bool first,
                       struct fovea_row_record *rows) {
    const struct fovea_rule_query *query = &view->query;
    const struct fovea_conv *conv = &query->as.conv;
    switch (view->record.op) {
    case FOVEA_OP_DEPTHWISE: rows->y = query->as.depthwise.window.y; return true;
    case FOVEA_OP_CONV:
        rows->y = conv->window.y;
        return conv->groups == 1 && ((rows->y.kernel == 1 && conv->window.x.kernel == 1) ||
                                     (first && rows->y.stride > 1));
    case FOVEA_OP_MULTIPLY: return first && fovea_pair_by_rows(query, rows);
    default: return false;
    }
}

struct chain_search {
    const struct fovea_model *model;
    fovea_shape_source *source;
    const void *context;
    struct fovea_chain chain;
    uint64_t weights; /* bytes */
    bool gains;       /* two convolutions of one position each do not */
    bool ended;       /* by a link that adds a tensor */
};

/* Reads node `node` as the next link; false where the chain ends before it. */
static bool chain_link(struct chain_search *s, uint32_t node) {
    struct fovea_chain *chain = &s->chain;
    struct fovea_node_view view;
    const uint32_t i = chain->count, before = s->model->inputs + node - 1;
    if (i == FOVEA_CHAIN_MOST || s->ended || node >= s->model->nodes ||
        !fovea_node_read(s->model, node, s->source, s->context, &view) ||
        !chain_rows(&view, i == 0, &chain->link[i]))
        return false;
    if (i > 0 && (fovea_node_input(&view, 0) != before || !chain_alone(s->model, before)))
        return false;
    const struct fovea_shape *output = &view.query.output;
    const bool conv = view.record.op == FOVEA_OP_CONV;
    chain->link[i].output_row = (size_t)output->dims[1] * output->dims[2];
    chain->macs += view.query.macs;
    chain->count++;
    s->weights += view.query.array_count[0] * sizeof(float);
    s->gains |= !conv;
    s->ended = conv && view.query.inputs > 1;
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
    const struct fovea_node_record first = fovea_blob_node(model, node);
    const uint32_t output = model->inputs + node + chain->count - 1;
    struct fovea_shape shape;
    uint64_t from, to, read, written;
    fovea_blob_value(model, output, &shape, &to);
    if (!fovea_shape_count(&shape, &written)) return true;
    for (uint32_t i = 0; i < first.inputs; i++) {
        uint32_t input = fovea_blob_word(model, first.first + i);
        if (input >= model->values) return true;
        fovea_blob_value(model, input, &shape, &from);
        if (!fovea_shape_count(&shape, &read)) return true;
        if (from < to + written * sizeof(float) && to < from + read * sizeof(float)) return true;
    }
    return false;
}

void fovea_chain_find(const struct fovea_model *model, uint32_t node, fovea_shape_source *source,
                      const void *context, struct fovea_chain *found) {
    struct chain_search search = {.model = model, .source = source, .context = context};
    struct fovea_chain *chain = &search.chain;
    uint64_t whole = 0;
    found->count = 0;
    if (model->nodes > NODES_MOST) return;
    while (chain_link(&search, node + chain->count)) {
    }
    while (chain->count > 1 && chain_overlaps(model, node, chain)) chain->count--;
    if (chain->count < 2 || !search.gains || search.weights > WEIGHTS_BYTES) return;
    for (uint32_t i = 0; i + 1 < chain->count; i++)
        whole += (uint64_t)chain->link[i].y.output * chain->link[i].output_row * sizeof(float);
    if (whole < WHOLE_BYTES || chain_height(chain, 1) > ROWS_BYTES) return;
    uint32_t height = 1;
    while (height < HEIGHT_MOST && chain_height(chain, height + 1) <= ROWS_BYTES) height++;
    chain_height(chain, height);
    *found = *chain;
}

static bool chain_apart(const float *read, size_t count, const struct fovea_step *writer) {
    uintptr_t from = (uintptr_t)read, to = (uintptr_t)writer->output;
    return count == 0 || from >= to + writer->count * sizeof(float) ||
           to >= from + count * sizeof(float);
}

/* Height and width of what a link makes are those of what the next one takes, and no memory that the
 * first link reads is written by the last. */
static bool chain_fits(const struct fovea_chain *chain, const struct fovea_step *links) {
    const uint32_t last = chain->count - 1;
    const struct fovea_row_record *first = &chain->link[0];
    for (uint32_t i = 0; i < last; i++)
        if (chain->link[i].y.output != chain->link[i + 1].y.input ||
            chain->link[i].output_row != chain->link[i + 1].input_row ||
            (links && links[i].second && chain->link[i].second == 0))
            return false;
    return !links ||
           (chain_apart(links[0].input, first->y.input * first->input_row, &links[last]) &&
            chain_apart(links[0].second, first->second, &links[last]));
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
