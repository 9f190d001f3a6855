/* Drawing a model: which layers follow one another, models within models, inputs and outputs. */
#include "tests/random/model.h"

#include <string.h>

/* ---- the lists ---- */

static const char *const layer_names[] = {
#define LAYER(class_name, function) class_name,
#include "convert/keras/layers.def"
};
static const struct {
    const char *class_name, *functions;
} raw_names[] = {
#define RAW(class_name, functions, function, parameter) {class_name, functions},
#include "convert/keras/raw.def"
#undef RAW
};

static bool draw_model(struct scope *scope, const struct row *row);
static const struct row model_row = {"Model", draw_model, 0, "", false, NULL, NULL};

size_t row_count(void) {
    return layer_row_count + operation_row_count + 1;
}

const struct row *row_at(size_t index) {
    if (index < layer_row_count) return &rows_of_layers[index];
    index -= layer_row_count;
    return index < operation_row_count ? &rows_of_operations[index] : &model_row;
}

const char *row_missing(void) {
    for (size_t i = 0; i < sizeof layer_names / sizeof *layer_names; i++) {
        size_t r = 0;
        while (r < layer_row_count && strcmp(rows_of_layers[r].name, layer_names[i]) != 0) r++;
        if (r == layer_row_count) return layer_names[i];
    }
    for (size_t i = 0; i < sizeof raw_names / sizeof *raw_names; i++) {
        size_t r = 0;
        while (r < operation_row_count &&
               (strcmp(rows_of_operations[r].class_name, raw_names[i].class_name) != 0 ||
                strcmp(rows_of_operations[r].functions, raw_names[i].functions) != 0))
            r++;
        if (r == operation_row_count)
            return *raw_names[i].class_name ? raw_names[i].class_name : raw_names[i].functions;
    }
    return NULL;
}

static uint64_t mix(uint64_t seed, uint64_t with) {
    seed = (seed ^ with * 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
    return (seed ^ seed >> 29) * 0x94d049bb133111ebu;
}

uint64_t row_hash(const struct row *row) {
    uint64_t hash = row->functions ? 2 : 1;
    for (const char *c = row->name; *c; c++) hash = mix(hash, (unsigned char)*c);
    return hash;
}

/* ---- shapes ---- */

static struct fovea_shape draw_shape(struct scope *scope, uint32_t rank) {
    static const uint32_t wide[] = {8, 16, 17, 24, 32};
    struct fovea_shape shape = {rank ? rank : 1 + roll(scope->dice, chance(scope, 6) ? 6 : 4), {0}};
    if (scope->of->wild && chance(scope, 2)) shape.rank = roll(scope->dice, 7);
    const uint32_t most = shape.rank < 4 ? chance(scope, 8) ? 24 : 9 : shape.rank == 4 ? 6 : 3;
    for (uint32_t d = 0; d < shape.rank; d++) {
        shape.dims[d] = 1 + roll(scope->dice, most);
        if (scope->of->wild && chance(scope, 8))
            shape.dims[d] = chance(scope, 9) ? 0 : chance(scope, 3) ? FOVEA_DIM_MOST : 1;
    }
    if (shape.rank && shape.rank < 4 && chance(scope, 4))
        shape.dims[shape.rank - 1] = wide[roll(scope->dice, 5)];
    return shape;
}

/* ---- layers ---- */

/* A try that comes to nothing leaves nothing. */
static bool try_row(struct scope *scope, const struct row *row) {
    struct model *model = scope->of;
    const struct scope before = *scope;
    const bool jumpy = model->jumpy, refused = model->refused;
    const unsigned drawn = model->drawn_count;
    if (model->drawn_count < sizeof model->drawn / sizeof *model->drawn)
        model->drawn[model->drawn_count++] = row;
    if (row->draw(scope, row)) {
        bool small = true;
        for (unsigned v = before.value_count; v < scope->value_count; v++)
            small &=
                elements(&scope->values[v].shape) <= 20000 && elements(&scope->values[v].shape) > 0;
        if (small || model->wild) {
            model->jumpy |= row->jumpy;
            return true;
        }
    }
    struct dice *dice = scope->dice;
    *scope = before;
    scope->dice = dice;
    for (unsigned l = 0; l < scope->layer_count; l++)
        if (scope->layers[l].nodes.start)
            scope->layers[l].nodes.start[scope->layers[l].nodes.size] = 0;
    model->jumpy = jumpy;
    model->refused = refused;
    model->drawn_count = drawn;
    return false;
}

/* That of the greatest hash of its name: a new row changes few draws. */
static const struct row *row_among(struct dice *dice, const struct row *rows, size_t count) {
    const uint64_t salt = roll(dice, 65521);
    uint64_t most = 0;
    size_t best = 0;
    for (size_t r = 0; r < count; r++) {
        const uint64_t hash = mix(salt, row_hash(&rows[r]));
        if (hash > most) most = hash, best = r;
    }
    return &rows[best];
}

static const struct row *some_row(struct scope *scope) {
    const uint32_t kind = roll(scope->dice, 8);
    if (kind == 7 && scope->of->depth < 3) return &model_row;
    if (kind > 4) return row_among(scope->dice, rows_of_operations, operation_row_count);
    for (;;) { /* of those that vanish not too many */
        const struct row *row = row_among(scope->dice, rows_of_layers, layer_row_count);
        if (!row->parameter || !strstr(row->parameter, "factor") || chance(scope, 8)) return row;
    }
}

static void some_layer(struct scope *scope) {
    for (int tries = 0; tries < 12; tries++) {
        const struct row *row = some_row(scope);
        if (strcmp(row->name, "Ravel") != 0 && try_row(scope, row)) return;
    }
}

static void set_outputs(struct scope *scope) {
    scope->output_count = 0;
    for (unsigned v = 0; v < scope->value_count; v++)
        if (scope->sequential ? v + 1 == scope->value_count : !scope->values[v].used)
            scope->outputs[scope->output_count++] = v;
}

/* ---- models within models ---- */

static bool draw_model(struct scope *outer, const struct row *row) {
    struct model *model = outer->of;
    const struct value *inputs[2] = {pick(outer, 0), NULL};
    if (!inputs[0] || model->depth >= 3) return false;
    unsigned input_count = 1;
    const bool sequential = outer->sequential || chance(outer, 2);
    if (!sequential && chance(outer, 2)) inputs[input_count++] = twin(outer, inputs[0]);
    if (input_count == 2 && !inputs[1]) return false;
    struct layer *layer = begin(outer, sequential ? "Sequential" : "Functional");
    if (!layer) return false;
    layer->config = (struct text){0};
    layer->module = sequential ? "keras" : "keras.src.models.functional";
    struct scope *inner = take(sizeof *inner);
    *inner = (struct scope){.of = model,
                            .outer = outer,
                            .name = layer->name,
                            .sequential = sequential,
                            .dice = outer->dice};
    layer->model = inner;
    for (unsigned i = 0; i < input_count; i++) add_input(inner, &inputs[i]->shape);
    model->depth++;
    for (uint32_t count = 1 + roll(outer->dice, 4); count > 0; count--) some_layer(inner);
    model->depth--;
    inner->bare = sequential && model->dialect == 2 && inner->layer_count > 1 &&
                  !inner->layers[1].model && chance(outer, 2);
    if (inner->layer_count == input_count) return false; /* nothing in it */
    set_outputs(inner);
    if (inner->output_count > 4) return false;
    (void)row;
    const struct value *result = &inner->values[inner->outputs[0]];
    if (!connect(outer, layer, inputs, input_count, &result->shape)) return false;
    for (unsigned call = 0; call < layer->calls; call++)
        for (unsigned o = 1; o < inner->output_count; o++)
            if (!note_output(outer, layer, call, o, &inner->values[inner->outputs[o]].shape))
                return false;
    return true;
}

/* ---- the outermost model ---- */

static void start(struct model *model, const struct wish *wish, struct dice *dice,
                  bool sequential) {
    *model = (struct model){.wild = wish->wild};
    const struct row *focus = row_at(wish->focus);
    static const char *const versions[2][3] = {{"2.15.0", "2.4.0", "2.11.0"},
                                               {"3.15.1", "3.3.3", "3.8.0"}};
    model->dialect = 2 + (int)roll(dice, 2);
    if (focus->functions && !*focus->functions) model->dialect = 3;
    if (focus->functions && !*focus->class_name) model->dialect = 2;
    if (strcmp(focus->name, "TensorFlowOpLayer") == 0) model->dialect = 2;
    if (strcmp(focus->name, "RandomHeight") == 0 || strcmp(focus->name, "RandomWidth") == 0)
        model->dialect = 2;
    model->version = versions[model->dialect - 2][roll(dice, 3)];
    model->many = model->dialect == 3 && roll(dice, 5) == 0;
    model->outermost = take(sizeof *model->outermost);
    *model->outermost =
        (struct scope){.of = model, .name = "model", .sequential = sequential, .dice = dice};
}

/* The focus, on a new input where what is there does not suit it. */
static bool try_focus(struct scope *scope, const struct row *row) {
    for (int tries = 0; tries < 200; tries++) {
        const struct scope before = *scope;
        if (tries > 2 && !scope->sequential) {
            const struct fovea_shape shape = draw_shape(scope, row->rank);
            fresh(scope, &shape);
        }
        if (try_row(scope, row)) return true;
        *scope = before;
    }
    return false;
}

static bool draw_all(struct model *model, const struct wish *wish, bool sequential) {
    struct dice head = {wish->tape, wish->tape_size < TAPE_HEAD ? wish->tape_size : TAPE_HEAD,
                        mix(wish->seed, 0)},
                dice;
    start(model, wish, &head, sequential);
    struct scope *scope = model->outermost;
    const struct row *focus = row_at(wish->focus);
    const struct fovea_shape shape = draw_shape(scope, focus->rank);
    if (!add_input(scope, &shape)) return false;
    const uint32_t steps = 1 + roll(&head, 8), place = roll(&head, sequential ? 2 : steps) % steps;
    bool found = false;
    for (uint32_t i = 0; i < steps && i < wish->layers; i++) {
        /* A part of the tape for each: a change in one leaves the others. */
        const size_t from = TAPE_HEAD + (size_t)i * TAPE_LAYER;
        dice = (struct dice){.state = mix(wish->seed, i + 1)};
        if (from < wish->tape_size) {
            dice.tape = wish->tape + from;
            dice.tape_size =
                wish->tape_size - from < TAPE_LAYER ? wish->tape_size - from : TAPE_LAYER;
        }
        scope->dice = &dice;
        if (i == place && !(wish->skipped >> i & 1) && try_focus(scope, focus))
            found = true;
        else if (!(wish->skipped >> i & 1) && (i != place || wish->wild))
            some_layer(scope);
    }
    scope->dice = &head;
    set_outputs(scope);
    if (model->dialect == 2 && strlen(model_config(model, false)) > 50000)
        return false; /* for .h5 */
    return found || wish->wild || wish->layers <= place || wish->skipped >> place & 1;
}

bool model_draw(struct model *model, const struct wish *wish) {
    const bool line = mix(wish->seed, 77) % 6 == 0 && !row_at(wish->focus)->functions;
    forget_all();
    if (line && draw_all(model, wish, true)) return true;
    forget_all();
    return draw_all(model, wish, false);
}
