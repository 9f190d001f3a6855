/* For Frama-C's value analysis (tests/proof/eva.sh): opening a blob of any bytes (weights/blob_view.c and what it
 * calls), in ranges of several sizes, and all that asks an opened model, whose tables and bytes may then be
 * anything. Proved is that nothing undefined can happen.
 *
 * Two things are done elsewhere, and stand here as what is used of them: the rules of operators (eva_rules.c),
 * and what is looked at over the length that the header states (eva_lengths.c). */
#include <__fc_builtin.h>

/* Of kernels.h the view takes one constant; the rest is too much for Frama-C's parser. */
#define FOVEA_KERNELS_KERNELS_H
enum fovea_narrow_built { FOVEA_HALVES_BUILT = 1, FOVEA_BYTES_BUILT = 1, FOVEA_NARROW_BUILT = 1 };

#include "weights/blob.h"
#include "weights/rules.h"
#define fovea_rule_apply real_rule_apply
#include "weights/rules.c"
#undef fovea_rule_apply

/*@ assigns *error \from \nothing;
    assigns \result \from \nothing;
    ensures \result == 0 || \result == 1; */
static bool view_text(const struct fovea_model *model, struct fovea_error *error);
/*@ assigns \result \from \nothing;
    ensures \result == 0 || \result == 1; */
static bool bytes_good(const struct fovea_node_view *view);

#define fovea_node_read real_node_read
#include "weights/blob_read.c"
#undef fovea_node_read
/* The same, with each number of arrays and attributes by itself. */
bool fovea_node_read(const struct fovea_model *model, uint32_t node, fovea_shape_source *source,
                     const void *context, struct fovea_node_view *view) {
    if (!fovea_node_begin(model, node, view)) return false;
    //@ split view->record.arrays;
    //@ split view->record.attributes;
    const bool done = fovea_node_finish(source, context, view);
    //@ merge view->record.arrays;
    //@ merge view->record.attributes;
    return done;
}

#include "weights/blob_describe.c"
#include "weights/blob_recipe.c"
#include "weights/blob_forms.c"
#include "weights/blob_places.c"
#include "weights/blob_view.c"
#include "weights/checksum.c"
#include "weights/numbers.c"
#include "weights/readers.c"

#define SIZE   4096
#define VALUES 3
static uint8_t blob[SIZE], values[VALUES * FOVEA_BLOB_VALUE];

static uint32_t any(void) {
    return Frama_C_unsigned_int_interval(0, UINT32_MAX);
}

static uint64_t any_place(void) {
    return Frama_C_unsigned_long_interval(0, UINT64_MAX);
}

/* What eva_rules.c shows is that a rule needs no more than this, and leaves no less. */
bool fovea_rule_apply(struct fovea_rule_query *query) {
    struct fovea_shape shape;
    //@ assert query->arrays <= FOVEA_ARRAYS_MAX;
    for (uint32_t i = 0; i < query->attributes; i++) (void)query->attribute[i];
    query->shape_of(query->context, any(), &shape);
    //@ assert shape.rank <= FOVEA_RANK_MAX;
    for (int i = 0; i < FOVEA_RANK_MAX; i++) (void)shape.dims[i];
    if (any()) return fovea_rule_fail(query, "R-000 a rule's reason");
    query->output.rank = Frama_C_unsigned_int_interval(0, FOVEA_RANK_MAX);
    for (int i = 0; i < FOVEA_RANK_MAX; i++) query->output.dims[i] = any();
    for (int i = 0; i < FOVEA_ARRAYS_MAX; i++) query->array_count[i] = any_place();
    return true;
}

const struct fovea_window *fovea_stripe_window(const struct fovea_rule_query *query) {
    static const struct fovea_window window;
    (void)query->output.rank; /* of a rule that held */
    return any() ? &window : NULL;
}

static struct fovea_model any_model(void) {
    struct fovea_model model = {.blob = blob, .size = SIZE};
    model.arena = any_place();
    model.striped = any_place();
    model.in_stripes = any();
    model.values = any();
    model.nodes = any();
    model.inputs = any();
    model.outputs = any();
    model.arrays = any();
    model.words = any();
    model.notes = any();
    model.golden = any();
    model.format = any();
    model.at_values = any_place();
    model.at_nodes = any_place();
    model.at_inputs = any_place();
    model.at_outputs = any_place();
    model.at_arrays = any_place();
    model.at_words = any_place();
    model.at_notes = any_place();
    model.at_text = Frama_C_unsigned_long_interval(0, SIZE / 2); /* the texts alone lie inside */
    model.text = Frama_C_unsigned_int_interval(0, SIZE / 2);
    return model;
}

static void use(const struct fovea_model *model, uint32_t value, uint32_t n) {
    struct fovea_node_view view;
    struct fovea_numbers array;
    struct fovea_value found;
    struct fovea_io io;
    uint64_t number;
    (void)fovea_node_read(model, n, fovea_blob_shape, model, &view);
    (void)fovea_node_input(&view, n);
    (void)fovea_blob_word(model, n);
    (void)fovea_blob_output(model, n);
    (void)fovea_blob_passed(model, value);
    fovea_blob_value(model, value, &found);
    fovea_blob_array(model, n, &array);
    (void)fovea_blob_golden(model, n, &number);
    (void)fovea_model_input(model, n, &io);
    (void)fovea_model_output(model, n, &io);
    (void)fovea_model_label(model, n, any_place());
}

int main(void) {
    static const size_t sizes[] = {0, FOVEA_BLOB_HEADER - 1, FOVEA_BLOB_HEADER, 201, SIZE};
    struct fovea_model model;
    struct fovea_error error;
    Frama_C_make_unknown((char *)blob, sizeof blob);
    Frama_C_make_unknown((char *)values, sizeof values);
    (void)fovea_model_open(NULL, blob, SIZE, &error);
    (void)fovea_model_open(&model, NULL, SIZE, NULL);
    //@ loop unroll 8;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        (void)fovea_model_open(&model, blob + (SIZE - sizes[i]), sizes[i], &error);
    model = any_model();
    use(&model, any(), any());
    /* fovea_model_resize has made it: as many as there are values; a node that there is reads those before it. */
    model.resized = values;
    model.in_stripes = false;
    model.values = VALUES;
    model.inputs = 1;
    model.nodes = VALUES - 1;
    use(&model, Frama_C_unsigned_int_interval(0, VALUES - 1),
        Frama_C_unsigned_int_interval(0, VALUES - 2));
    return 0;
}
