/* Keras models drawn by lot: what a model consists of, and how the rows of layers.c and raw.c put it together.
 * A draw is a function of its seed (or of the bytes of a tape) and of the layers that are left out. */
#ifndef FOVEA_TESTS_RANDOM_MODEL_H
#define FOVEA_TESTS_RANDOM_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "weights/model.h"

/* ---- memory: all of a draw, until the next one begins ---- */

void *take(size_t bytes); /* zeros */

struct text {
    char *start; /* NUL-terminated, or NULL while empty */
    size_t size, room;
};
void put(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- the draw ---- */

/* From a tape as long as there is one, then from the state. Each layer has its own: leaving one out, or a
 * changed byte, leaves the draw of the others alone. */
struct dice {
    const uint8_t *tape;
    size_t tape_size;
    uint64_t state;
};
uint32_t roll(struct dice *dice, uint32_t count); /* 0 .. count - 1 */

/* ---- models ---- */

#define FOVEA_DIM_MOST 16777216u /* of a dimension */
#define SCOPE_LAYERS   24
#define SCOPE_VALUES   64
#define MODEL_INPUTS   4

struct weight {
    const char *part,
        *mark; /* where .keras and .h5 files have it below its layer: "cell", "lstm_cell" */
    const char *role;
    bool fixed; /* not trained */
    uint32_t rank;
    uint64_t dims[6], count;
    float *values;
    struct weight *next;
};

struct layer {
    const char *class_name, *module;
    char name[64];
    struct text config, nodes; /* members; entries of inbound_nodes */
    unsigned calls, index;
    bool raw;
    struct scope *model; /* the layer is a model */
    struct weight *weights, **last;
    struct fovea_shape input; /* of an InputLayer */
};

struct value {
    struct fovea_shape shape;
    const struct layer *layer;
    unsigned call, tensor;
    bool used; /* by another layer */
};

/* A Functional or Sequential model. */
struct scope {
    struct model *of;
    struct scope *outer;
    const char *name;
    bool sequential, bare; /* bare: a Sequential without an InputLayer */
    struct layer layers[SCOPE_LAYERS];
    struct value values[SCOPE_VALUES];
    unsigned layer_count, value_count, input_count;
    unsigned outputs[SCOPE_VALUES], output_count; /* values */
    struct dice *dice;
};

struct row;
struct model {
    struct scope *outermost;
    int dialect; /* of Keras: 2 or 3 */
    const char *version;
    bool wild;    /* layers on tensors that do not suit them, sizes out of range */
    bool jumpy;   /* it has steps: a last bit may become any difference */
    bool many;    /* names in inner models begin anew: not possible in .h5 */
    bool refused; /* it has an operation that is always refused */
    bool
        versioned; /* its answer depends on the version, which weights without an archive do not tell */
    const char *refusal; /* by which check */
    unsigned names, depth;
    const struct row *drawn[256]; /* rows */
    unsigned drawn_count;
};

/* A tape's parts: for the model as a whole, and for each of its layers. */
#define TAPE_HEAD  16
#define TAPE_LAYER 48

/* How a model is to be drawn. */
struct wish {
    uint64_t seed;
    const uint8_t *tape;
    size_t tape_size;
    size_t focus;     /* the row that it has to have */
    unsigned layers;  /* at most */
    uint64_t skipped; /* bits: layers that are left out */
    bool wild;
};

/* Draws a model into *model; false where its focus found no place. */
bool model_draw(struct model *model, const struct wish *wish);

/* ---- rows: one for each layer of layers.def, each operation of raw.def ---- */

struct row {
    const char *name; /* the class, or the functions where there is no class */
    /* Puts such a layer into the scope; false where nothing there suits it. */
    bool (*draw)(struct scope *scope, const struct row *row);
    uint32_t rank;         /* of its first input; 0: any */
    const char *parameter; /* for `draw` */
    bool jumpy;            /* its answers have steps */
    const char *functions; /* raw: of TensorFlow, as raw.def has them */
    const char *class_name;
};
extern const struct row rows_of_layers[], rows_of_operations[];
extern const size_t layer_row_count, operation_row_count;

/* All rows of both lists, and one more: a model within the model. row_missing: a layer or an operation of the
 * converter's lists that has no row; NULL where all have one. */
size_t row_count(void);
const struct row *row_at(size_t index);
const char *row_missing(void);
/* Of the row's name, whatever its place. */
uint64_t row_hash(const struct row *row);

/* ---- for the rows ---- */

/* A value with so many dimensions (0: with some); NULL where there is none. Wild: any. */
const struct value *pick(struct scope *scope, uint32_t rank);
/* Another value of that shape: one that is there, a new input, or what a layer makes of the value. */
const struct value *twin(struct scope *scope, const struct value *value);
/* A new input where the scope may have one more; else NULL. add_input: without asking. */
const struct value *fresh(struct scope *scope, const struct fovea_shape *shape);
const struct value *add_input(struct scope *scope, const struct fovea_shape *shape);

bool chance(struct scope *scope, uint32_t of); /* one in so many */
uint32_t between(struct scope *scope, uint32_t low, uint32_t high);
const char *one_of(struct scope *scope, const char *const *words); /* NULL ends them */

/* A layer of the class, with the members that each has; settings are appended to its config. */
struct layer *begin(struct scope *scope, const char *class_name);
/* "MaxPooling2D" as "max_pooling2d", as Keras names layers. */
void snake(const char *class_name, char *name);
void set(struct layer *layer, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* How numbers are drawn: about 0, about 1, or above 0. */
enum about { ABOUT_ZERO, ABOUT_ONE, ABOVE_ZERO };
void add_weight(struct scope *scope, struct layer *layer, const char *part, const char *mark,
                const char *role, enum about about, uint32_t rank, const uint64_t *dims);
void add_vector(struct scope *scope, struct layer *layer, const char *role, enum about about,
                uint64_t count);

/* Calls the layer on the values, and notes what comes out of it. */
bool connect(struct scope *scope, struct layer *layer, const struct value *const *values,
             unsigned count, const struct fovea_shape *output);
bool connect_one(struct scope *scope, struct layer *layer, const struct value *value,
                 const struct fovea_shape *output);
bool note_output(struct scope *scope, const struct layer *layer, unsigned call, unsigned tensor,
                 const struct fovea_shape *shape);
/* A tensor as an argument of a call. */
const char *reference(struct scope *scope, const struct value *value);
/* An entry of inbound_nodes as it stands. */
void add_node(struct layer *layer, const char *node);

/* A layer of one input that does not change shapes: Activation with that name. */
const struct value *activated(struct scope *scope, const struct value *value, const char *name);

uint64_t elements(const struct fovea_shape *shape);
uint32_t last_of(const struct fovea_shape *shape); /* 1 where there are no dimensions */
/* An axis as Keras counts: with the batch, or from the end. */
int axis_of(struct scope *scope, const struct fovea_shape *shape, uint32_t dimension);
const char *list_of(const uint32_t *numbers, uint32_t count);
void forget_all(void); /* what was taken */

/* ---- files ---- */

struct file {
    uint8_t *bytes;
    size_t size;
    const char *config; /* apart, or NULL */
};
/* What may be done to weights when they are written. */
struct weight_damage {
    unsigned at; /* which of the model's weights, counted from 1; 0: none */
    enum {
        WEIGHT_MISSING = 1,
        WEIGHT_RENAMED,
        WEIGHT_LONGER,
        WEIGHT_SHORTER,
        WEIGHT_FLAT,
        WEIGHT_INTEGERS,
        WEIGHT_SCALAR,
        WEIGHT_DAMAGES
    } kind;
};
enum form { FORM_H5, FORM_H5_LATEST, FORM_KERAS, FORM_WEIGHTS, FORM_COUNT };
/* The description as JSON; `open`: sizes of pictures are left open. */
const char *model_config(const struct model *model, bool open);
bool form_fits(const struct model *model, enum form form);
/* `config` NULL: its own. */
void model_file(const struct model *model, enum form form, const char *config,
                const struct weight_damage *damage, struct file *file);
unsigned model_weights(const struct model *model);

#endif
