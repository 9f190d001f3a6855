#include "weights/rules.h"

#include "weights/bytes.h"

struct op_row {
    uint16_t code;
    uint8_t attributes, arrays, tail;
    uint8_t reads[FOVEA_ARRAYS_MAX];
    uint8_t place, form; /* enum fovea_place, fovea_form */
    const char *name;
    bool (*rule)(struct fovea_rule_query *query);
};

#define NO_TAIL FOVEA_NO_TAIL
static const struct op_row op_rows[] = {
#define OP(code, NAME, name, family, words, arrays, place, tail, first, second, third, form)       \
    {code,                                                                                         \
     words,                                                                                        \
     arrays,                                                                                       \
     tail,                                                                                         \
     {FOVEA_READS_##first, FOVEA_READS_##second, FOVEA_READS_##third},                             \
     FOVEA_PLACE_##place,                                                                          \
     FOVEA_FORM_##form,                                                                            \
     #name,                                                                                        \
     fovea_rule_##name},
#include "weights/built.def"
#undef OP
};
#undef NO_TAIL

static const struct op_row *op_row_of(uint32_t op) {
    for (size_t i = 0; i < sizeof op_rows / sizeof op_rows[0]; i++)
        if (op_rows[i].code == op) return &op_rows[i];
    return NULL;
}

const char *fovea_op_name(uint32_t op) {
    const struct op_row *row = op_row_of(op);
    return row ? row->name : NULL;
}
uint32_t fovea_op_attributes(uint32_t op) {
    const struct op_row *row = op_row_of(op);
    return row ? row->attributes : 0;
}
enum fovea_place fovea_op_place(uint32_t op) {
    const struct op_row *row = op_row_of(op);
    return row ? (enum fovea_place)row->place : FOVEA_PLACE_OWN;
}
enum fovea_form fovea_op_form(uint32_t op) {
    const struct op_row *row = op_row_of(op);
    return row ? (enum fovea_form)row->form : FOVEA_FORM_FLOATS;
}

bool fovea_form_allows(enum fovea_form form, uint32_t input, uint32_t output) {
    enum { FLOATS = 1, ENTER = 2, LEAVE = 4, BYTES = 8 }; /* what happens between both */
    static const uint8_t allowed[] = {
        [FOVEA_FORM_FLOATS] = FLOATS, [FOVEA_FORM_ALIKE] = FLOATS | BYTES,
        [FOVEA_FORM_ENTER] = ENTER,   [FOVEA_FORM_LEAVE] = LEAVE,
        [FOVEA_FORM_BYTES] = BYTES,   [FOVEA_FORM_SUMS] = LEAVE | BYTES,
    };
    return allowed[form] >> (2 * (input == FOVEA_I8) + (output == FOVEA_I8)) & 1;
}

uint32_t fovea_op_tail(uint32_t op) {
    const struct op_row *row = op_row_of(op);
    return row ? row->tail : FOVEA_NO_TAIL;
}

bool fovea_op_reads(uint32_t op, uint32_t array, enum fovea_type type) {
    const struct op_row *row = op_row_of(op);
    return row && array < FOVEA_ARRAYS_MAX && (row->reads[array] >> type & 1);
}

bool fovea_op_has(uint32_t op, uint32_t array) {
    const struct op_row *row = op_row_of(op);
    return row && array < FOVEA_ARRAYS_MAX && row->reads[array] != 0;
}

bool fovea_rule_refuse(struct fovea_rule_query *query, fovea_problem problem) {
    query->problem = problem;
    return false;
}

bool fovea_shape_count(const struct fovea_shape *shape, uint64_t *count) {
    *count = 1;
    if (shape->rank > FOVEA_RANK_MAX) return false;
    for (uint32_t i = 0; i < shape->rank; i++) {
        if (shape->dims[i] < 1 || shape->dims[i] > FOVEA_DIM_MAX) return false;
        *count *= shape->dims[i]; /* both are far below 2^32 */
        if (*count > FOVEA_ELEMENTS_MAX) return false;
    }
    return true;
}

bool fovea_shape_equal(const struct fovea_shape *a, const struct fovea_shape *b) {
    if (a->rank != b->rank) return false;
    for (uint32_t i = 0; i < a->rank; i++)
        if (a->dims[i] != b->dims[i]) return false;
    return true;
}

bool fovea_rule_apply(struct fovea_rule_query *query) {
    const struct op_row *row = op_row_of(query->op);
    if (!row) return fovea_rule_fail(query, "R-001 an operator this version does not know");
    if (query->attributes != row->attributes)
        return fovea_rule_fail(query, "R-002 an operator with the wrong number of attributes");
    if (query->arrays > row->arrays)
        return fovea_rule_fail(query, "R-003 an operator with too many arrays of weights");
    bool source = query->op == FOVEA_OP_CONSTANT;
    if (source ? query->inputs != 0 : query->inputs < 1)
        return fovea_rule_fail(query, "R-004 an operator with the wrong number of inputs");
    for (size_t i = 0; i < FOVEA_ARRAYS_MAX; i++) query->array_count[i] = 0;
    query->macs = 0;
    if (!source) query->shape_of(query->context, 0, &query->first);
    if (!row->rule(query)) return false;
    if (!fovea_shape_count(&query->output, &query->elements))
        return fovea_rule_fail(query, "R-005 a tensor with no elements or too many");
    for (uint32_t i = 0; i < query->arrays; i++)
        if (query->array_count[i] > FOVEA_ELEMENTS_MAX)
            return fovea_rule_fail(query, "R-006 an array of weights with too many elements");
    return true;
}

bool fovea_rule_tail(struct fovea_rule_query *query, uint32_t word, struct fovea_tail *tail) {
    if (query->attribute[word + FOVEA_TAIL_KIND] >= FOVEA_ACTIVATION_COUNT)
        return fovea_rule_fail(query, "R-007 an activation this version does not know");
    tail->kind = (enum fovea_activation)query->attribute[word + FOVEA_TAIL_KIND];
    tail->low = fovea_float_of_bits(query->attribute[word + FOVEA_TAIL_LOW]);
    tail->high = fovea_float_of_bits(query->attribute[word + FOVEA_TAIL_HIGH]);
    tail->alpha = fovea_float_of_bits(query->attribute[word + FOVEA_TAIL_ALPHA]);
    bool bounded = tail->kind == FOVEA_ACTIVATION_CLAMP || tail->kind == FOVEA_ACTIVATION_LEAKY;
    if (bounded && !(tail->low <= tail->high))
        return fovea_rule_fail(query, "R-008 an activation with impossible bounds");
    return true;
}

/* Lays one axis; `mode` EXPLICIT takes the given padding. */
static bool rule_axis(struct fovea_axis *axis, uint32_t mode, uint32_t before, uint32_t after) {
    uint64_t reach = (uint64_t)(axis->kernel - 1) * axis->dilation + 1;
    uint64_t output;
    if (mode == FOVEA_PADDING_SAME) {
        output = ((uint64_t)axis->input + axis->stride - 1) / axis->stride;
        uint64_t span = (output - 1) * axis->stride + reach;
        uint64_t padding = span > axis->input ? span - axis->input : 0;
        axis->before = (int32_t)(padding / 2);
    } else {
        uint64_t padded = (uint64_t)axis->input + before + after;
        if (padded < reach) return false;
        output = (padded - reach) / axis->stride + 1;
        axis->before = (int32_t)before;
    }
    axis->output = (uint32_t)output;
    return true;
}

bool fovea_rule_window(struct fovea_rule_query *query, struct fovea_window *window) {
    const uint32_t *word = query->attribute;
    struct fovea_axis *y = &window->y, *x = &window->x;
    if (query->first.rank != 3) return fovea_rule_fail(query, "R-009 the input is not a picture");
    bool whole = word[FOVEA_WINDOW_KERNEL] == 0 && word[FOVEA_WINDOW_KERNEL + 1] == 0;
    for (int i = whole ? FOVEA_WINDOW_STRIDE : FOVEA_WINDOW_KERNEL; i < FOVEA_WINDOW_PADDING; i++)
        if (word[i] < 1 || word[i] > FOVEA_STEP_MAX)
            return fovea_rule_fail(query, "R-010 a kernel, stride or dilation outside 1..32767");
    const uint32_t mode = word[FOVEA_WINDOW_PADDING];
    if (mode > FOVEA_PADDING_EXPLICIT) return fovea_rule_fail(query, "R-011 an unknown padding");
    for (int i = FOVEA_WINDOW_TOP; i < FOVEA_WINDOW_WORDS; i++)
        if (word[i] > (mode == FOVEA_PADDING_EXPLICIT ? FOVEA_STEP_MAX : 0))
            return fovea_rule_fail(query, "R-012 a padding outside its range");
    y->input = query->first.dims[0];
    x->input = query->first.dims[1];
    y->kernel = whole ? y->input : word[FOVEA_WINDOW_KERNEL];
    x->kernel = whole ? x->input : word[FOVEA_WINDOW_KERNEL + 1];
    y->stride = word[FOVEA_WINDOW_STRIDE];
    x->stride = word[FOVEA_WINDOW_STRIDE + 1];
    y->dilation = word[FOVEA_WINDOW_DILATION];
    x->dilation = word[FOVEA_WINDOW_DILATION + 1];
    if (!rule_axis(y, mode, word[FOVEA_WINDOW_TOP], word[FOVEA_WINDOW_BOTTOM]) ||
        !rule_axis(x, mode, word[FOVEA_WINDOW_LEFT], word[FOVEA_WINDOW_RIGHT]))
        return fovea_rule_fail(query, "R-013 a kernel larger than its input");
    return true;
}
