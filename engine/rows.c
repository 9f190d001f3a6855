#include "engine/rows.h"

struct fovea_rows_step {
    const struct fovea_step *links, *last;
    uint32_t count, height, piece;
    size_t task_floats;
    uint32_t kept[FOVEA_CHAIN_MOST]; /* rows of each layer's output, where `piece` is 0 */
};
FOVEA_STATE(fovea_rows_step, 36);

/* A small build has stripes alone, of a row at a time: constants there. */
#define ROWS_HEIGHT(s) (FOVEA_SMALL ? 1 : (s)->height)
#define ROWS_PIECE(s)  (FOVEA_SMALL ? 1 : (s)->piece)

/* ---- running ---- */

/* Rows `first` .. `end` - 1 of a layer's output, one after another; `wanted`: the reader needs those before. */
struct rows_kept {
    float *data;
    uint32_t first, end, wanted;
};

/* Drops the rows before `begin`; a row has `width` floats. */
static void rows_slide(struct rows_kept *rows, uint32_t begin, size_t width) {
    if (begin >= rows->end) {
        rows->first = rows->end = begin;
    } else if (begin > rows->first) {
        fovea_move(rows->data, rows->data + (begin - rows->first) * width,
                   (rows->end - begin) * width * sizeof(float));
        rows->first = begin;
    }
}

/* Where row 0 would lie, so that a step finds row `first` at the start of the data. */
static float *rows_base(const struct rows_kept *rows, size_t width) {
    return (float *)((uintptr_t)rows->data - rows->first * width * sizeof(float));
}

/* Rows *from .. *to - 1 of its input are those that rows begin .. end - 1 of a layer see, as many as are kept or up
 * to the last: where some lie above the picture, a few more. Both only grow. */
static void rows_needed(const struct fovea_axis *y, uint32_t begin, uint32_t end, uint32_t *from,
                        uint32_t *to) {
    int64_t low = (int64_t)begin * y->stride - y->before;
    uint32_t seen = fovea_rows_seen(y, end - begin);
    *from = low < 0 ? 0 : low > y->input ? y->input : (uint32_t)low;
    *to = y->input - *from < seen ? y->input : *from + seen;
}

static FOVEA_NOINLINE const struct fovea_step *rows_link(const struct fovea_rows_step *s,
                                                         uint32_t i) {
    return i + 1 < s->count ? &s->links[i] : s->last;
}

/* Rows kept of the output of layer `i`, which is not the last. */
static uint32_t rows_to_keep(const struct fovea_rows_step *s, uint32_t i) {
    if (ROWS_PIECE(s) == 0) return s->kept[i];
    return fovea_rows_seen(&rows_link(s, i + 1)->rows->y, ROWS_PIECE(s));
}

/* Rows begin .. end - 1 of layer `i`. */
static void rows_make(const struct fovea_rows_step *s, uint32_t i, uint32_t begin, uint32_t end,
                      const struct rows_kept *rows, float *scratch) {
    struct fovea_step link = *rows_link(s, i);
    if (FOVEA_NARROW_BUILT) link.scratch = scratch;
    if (i > 0) link.input = rows_base(&rows[i - 1], link.rows->input_row);
    if (i + 1 < s->count) link.output = rows_base(&rows[i], link.rows->output_row);
    link.rows->run(&link, begin, end);
}

static void rows_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_rows_step *s = (const struct fovea_rows_step *)step->state;
    const uint32_t last = s->count - 1;
    struct rows_kept rows[FOVEA_STRIPE_MOST];
    float *free = step->scratch + task * s->task_floats;
    size_t next, end;
    for (uint32_t i = 0; i < last; i++) {
        rows[i] = (struct rows_kept){free, 0, 0, 0};
        free += rows_to_keep(s, i) * s->links[i].rows->output_row;
    }
    fovea_slice(s->last->rows->y.output, 1, task, step->tasks, &next, &end);
    for (uint32_t i = last; next < end;) {
        const struct fovea_row_link *link = rows_link(s, i)->rows;
        uint32_t begin = i == last ? (uint32_t)next : rows[i].end, from, to;
        uint32_t until = i == last ? (uint32_t)end : rows[i].wanted;
        uint32_t most = i == last ? ROWS_HEIGHT(s) : ROWS_PIECE(s);
        if (most > 0 && until - begin > most) until = begin + most;
        if (i > 0) {
            rows_needed(&link->y, begin, until, &from, &to);
            rows_slide(&rows[i - 1], from, link->input_row);
            if (rows[i - 1].end < to) { /* first the rows that these see */
                rows[--i].wanted = to;
                continue;
            }
        }
        rows_make(s, i, begin, until, rows, free);
        if (i == last)
            next = until;
        else
            rows[i++].end = until;
    }
}

/* ---- planning ---- */

bool fovea_rows_add(struct fovea_row_group *rows, struct fovea_binding *binding) {
    const struct fovea_row_link *link = &binding->row;
    if (!link->run || rows->count == FOVEA_STRIPE_MOST) return false;
    if (rows->count > 0 && (rows->lines != link->y.input || rows->line != link->input_row))
        return false;
    struct fovea_row_link *kept =
        (struct fovea_row_link *)fovea_bind_records(binding, 1, sizeof *kept, 36);
    if (kept) *kept = *link;
    binding->step->rows = kept;
    if (ROWS_PIECE(rows) == 0 && rows->count < FOVEA_CHAIN_MOST) {
        rows->axis[rows->count] = link->y;
        rows->width[rows->count] = link->output_row;
    } else if (rows->count > 0) {
        rows->task_floats += fovea_rows_seen(&link->y, ROWS_PIECE(rows)) * link->input_row;
    }
    rows->count++;
    rows->lines = link->y.output;
    rows->line = link->output_row;
    rows->macs += binding->view->query.macs;
    return true;
}

void fovea_bind_row_links(struct fovea_binding *binding, const struct fovea_row_group *rows,
                          const struct fovea_step *last) {
    struct fovea_step *step = binding->step;
    struct fovea_rows_step *s = fovea_bind_state(binding, fovea_rows_step);
    uint32_t at_once = rows->height, lines = rows->lines;
    s->links = rows->links;
    s->last = last;
    s->count = rows->count;
    if (!FOVEA_SMALL) s->height = rows->height, s->piece = rows->piece;
    for (uint32_t i = rows->count - 1; ROWS_PIECE(rows) == 0 && i-- > 0;) {
        at_once = s->kept[i] = fovea_rows_seen(&rows->axis[i + 1], at_once);
        s->task_floats += s->kept[i] * rows->width[i];
    }
    s->task_floats += rows->task_floats + binding->row_floats;
    binding->row_floats = 0;
    s->task_floats = fovea_round_up(s->task_floats, FOVEA_ALIGN / sizeof(float));
    step->run = rows_run;
    uint32_t most = binding->setting->tasks < lines ? binding->setting->tasks : lines;
    step->tasks = ROWS_PIECE(rows) > 0 ? most : fovea_bind_tasks(binding, rows->macs);
    fovea_bind_scratch(binding, s->task_floats);
}
