/* Stripes (weights/stripe.h): layers done by rows, each row as soon as the next layer needs it. Of what lies
 * between two layers there are as many rows as the second one sees at a time, in scratch memory. Each number
 * is computed as it would be without. */
#include "engine/op.h"
#include "engine/rows.h"
#include "weights/stripe.h"

/* Rows *begin .. *end - 1 of its input are those that row `row` of a layer sees, as many as are kept or up to
 * the last: where some lie above the picture, a few more. Both only grow from row to row. */
static void stripe_needs(const struct fovea_axis *y, uint32_t row, uint32_t *begin, uint32_t *end) {
    int64_t low = (int64_t)row * y->stride - y->before;
    uint32_t kept = fovea_stripe_rows(y);
    *begin = low < 0 ? 0 : low > y->input ? y->input : (uint32_t)low;
    *end = y->input - *begin < kept ? y->input : *begin + kept;
}

static const struct fovea_step *stripe_link(const struct fovea_stripe_step *s, uint32_t i) {
    return i + 1 < s->count ? &s->links[i] : s->last;
}

/* Row `row` of link `i`. */
static void stripe_row(const struct fovea_stripe_step *s, uint32_t i, uint32_t row,
                       const struct fovea_rows_kept *rows, float *scratch) {
    struct fovea_step link = *stripe_link(s, i);
    if (FOVEA_HALVES_BUILT) link.scratch = scratch;
    if (i > 0) link.input = fovea_rows_base(&rows[i - 1], link.rows.input_row);
    if (i + 1 < s->count) link.output = fovea_rows_base(&rows[i], link.rows.output_row);
    link.run_rows(&link, row, row + 1);
}

static void stripe_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_stripe_step *s = &step->as.stripe;
    const uint32_t last = s->count - 1;
    struct fovea_rows_kept rows[FOVEA_STRIPE_MOST];
    float *free = step->scratch + task * s->task_floats;
    size_t next, end;
    for (uint32_t i = 0; i < last; i++) {
        const struct fovea_step *reader = stripe_link(s, i + 1);
        rows[i] = (struct fovea_rows_kept){free, 0, 0};
        free += fovea_stripe_rows(&reader->rows.y) * reader->rows.input_row;
    }
    fovea_slice(s->last->rows.y.output, 1, task, step->tasks, &next, &end);
    for (uint32_t i = last; next < end;) {
        const struct fovea_row_record *link = &stripe_link(s, i)->rows;
        uint32_t row = i == last ? (uint32_t)next : rows[i].end, from, until;
        if (i > 0) {
            stripe_needs(&link->y, row, &from, &until);
            fovea_rows_slide(&rows[i - 1], from, link->input_row);
            if (rows[i - 1].end < until) { /* first the rows that this one sees */
                i--;
                continue;
            }
        }
        stripe_row(s, i, row, rows, free);
        if (i == last)
            next++;
        else
            rows[i++].end++;
    }
}

bool fovea_stripe_add(struct fovea_binding *binding, struct fovea_stripe_step *stripe,
                      struct fovea_row_record *before) {
    const struct fovea_step *link = binding->step;
    if (!link->run_rows || stripe->count == FOVEA_STRIPE_MOST) return false;
    if (stripe->count++ > 0) {
        if (before->y.output != link->rows.y.input || before->output_row != link->rows.input_row)
            return false;
        stripe->task_floats += fovea_stripe_rows(&link->rows.y) * link->rows.input_row;
    }
    *before = link->rows;
    return true;
}

void fovea_bind_stripe(struct fovea_binding *binding, const struct fovea_stripe_step *stripe) {
    struct fovea_step *step = binding->step;
    struct fovea_stripe_step *s = &step->as.stripe;
    uint32_t rows = step->rows.y.output;
    *s = *stripe;
    if (FOVEA_HALVES_BUILT) s->task_floats += binding->row_floats, binding->row_floats = 0;
    s->task_floats = fovea_round_up(s->task_floats, FOVEA_ALIGN / sizeof(float));
    step->run = stripe_run;
    step->run_rows = NULL;
    step->tasks = binding->tasks < rows ? binding->tasks : rows;
    fovea_bind_scratch(binding, (uint64_t)step->tasks * s->task_floats * sizeof(float));
}
