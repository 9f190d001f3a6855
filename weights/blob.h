/* The fovea blob, format 3; formats 1 and 2 are read as well. This comment is the specification.
 *
 * All numbers are little-endian, floats IEEE binary32. The parts follow one another in this order,
 * each at the next multiple of 8 bytes, the arrays at multiples of 64; nothing lies between them, so
 * every place follows from the counts in the header.
 *
 *   header    128 bytes
 *       0  magic      89 'F' 'O' 'V' 0D 0A 1A 0A
 *       8  u32 format 3
 *      12  u32 checksum of all bytes, these four taken as zeros (checksum.h)
 *      16  u64 size   of the whole blob
 *      24  u32 01020304, 28 f32 -1.5: known numbers, against misread byte orders
 *      32  u32 block  8, outputs in a block of weights
 *      36  u32 values, 40 nodes, 44 inputs, 48 outputs, 52 arrays, 56 words, 60 bytes of text,
 *      64  u32 notes
 *      68  u32 golden 1 if the last inputs + outputs arrays are an input of the model, one tensor
 *             after another, and what it answers, for the self-test; else 0
 *      72  u64 arena  bytes of memory for all values, a multiple of 64
 *      80  u64 striped  the same where stripes (stripe.h) are done; 0: without stripes
 *      88  u64 extra  where what fovea calibrate adds stands (verdict.h), the next multiple of 64 behind the
 *             arrays; it goes to the end of the blob. 0: nothing was added
 *      96  zeros to 128
 *   values    64 bytes each: u32 rank, u32 dims[6] (0 behind the rank), u32 striped place, u64 arena offset,
 *             u32 type (numbers.def), f32 scale, i32 zero point, u32 channels (0: one scale and zero point for
 *             the tensor; else 1 + the array that has them by channel; all three 0 for floats), u32 reader, u32 0
 *             value v < inputs is input v; value inputs + n is the output of node n;
 *             an offset is a multiple of 64; a constant's is 0; what is needed at the same time lies
 *             apart, but for a node's output and its first input where ops.def allows it
 *             The striped place, in units of 64, follows the same rules where header.striped is not 0,
 *             and means nothing where it is; ffffffff: the output of this node goes by rows to the next one,
 *             which alone reads it, as its first input. What such a row of nodes reads and makes as a
 *             whole lies apart
 *             The reader is the node whose first input the value is, if nothing else reads it and it is no
 *             output; else ffffffff
 *             Tensors of bytes (i8) are kept as kernels/q8.h says, followed by 16 bytes that may be read
 *   nodes     24 bytes each: u32 op (ops.def), u32 name (text), u32 first word, u32 inputs,
 *             u32 arrays, u32 attributes; in the order of execution. Its words: the ids of its input
 *             values (each below its own), the ids of its arrays, its attributes (rules.h);
 *             the words of nodes and outputs follow one another without holes, and then those of the inputs'
 *             steps (recipe.def), three each: u32 step, f32 numbers[2]
 *   inputs    48 bytes each: u32 name, u32 resize, u8 fit, symmetries, 0, 0, u8 colour, u24 steps, u8 state (0: stated; 1: in part assumed
 *             by the converter; 2: open, photos are refused), u8 transform, shrink, orientation, f32 scale, f32 mean[3], f32 std[3]
 *   outputs   16 bytes each: u32 name, u32 value, u32 labels, u32 first word (text of each label)
 *   arrays    16 bytes each: u64 offset, u32 count, u32 type (numbers.def), which is one that the operator
 *             reads there (ops.def); ascending, without holes
 *   words     u32 each
 *   notes     8 bytes each: u32 key, u32 value (text)
 *   text      UTF-8 without control characters, each piece ended by NUL, the last byte NUL; piece 0 is empty
 *   data      the arrays, laid out as kernels/layout.h says
 *
 * Formats 1 and 2 have values of 40 bytes, up to the arena offset: all tensors are f32, and who reads them is
 * not said. The arrays of format 1 are f32, of format 2 f32 and f16, at least one of the latter.
 */
#ifndef FOVEA_WEIGHTS_BLOB_H
#define FOVEA_WEIGHTS_BLOB_H

#include "weights/model.h"
#include "weights/bytes.h"
#include "weights/checksum.h"
#include "weights/rules.h"
#include "weights/stripe.h"

#define FOVEA_BLOB_MAGIC                                                                           \
    "\x89"                                                                                         \
    "FOV\r\n\x1a\n"
#define FOVEA_BLOB_FORMAT     3
#define FOVEA_BLOB_FORMAT_F32 1 /* older ones */
#define FOVEA_BLOB_FORMAT_F16 2

#define FOVEA_BLOB_PASSED 0xffffffffu /* a striped place: none */
#define FOVEA_NO_PLACE    UINT64_MAX  /* what becomes of it */
#define FOVEA_NO_READER   0xffffffffu

#define FOVEA_BLOB_SIZE_AT   16 /* places in the header */
#define FOVEA_BLOB_EXTRA_AT  88
#define FOVEA_BLOB_HEADER    128
#define FOVEA_BLOB_VALUE     64
#define FOVEA_BLOB_VALUE_OLD 40 /* of formats 1 and 2 */
#define FOVEA_BLOB_NODE      24
#define FOVEA_BLOB_INPUT     48
#define FOVEA_BLOB_OUTPUT    16
#define FOVEA_BLOB_ARRAY     16
#define FOVEA_BLOB_NOTE      8

/* Whether this build knows steps of recipes: a constant. */
enum {
    FOVEA_STEPS_LISTED = 0
#define RECIPE_STEPS(known) +known
#include "weights/built.def"
#undef RECIPE_STEPS
};
#define FOVEA_STEPS_BUILT (FOVEA_STEPS_LISTED != 0)
#define FOVEA_STEP_WORDS  3

enum fovea_recipe_state { FOVEA_RECIPE_STATED = 0, FOVEA_RECIPE_ASSUMED, FOVEA_RECIPE_OPEN };

/* An input as a place for a picture: height x width x channels or, `first`, channels x height x width, of 1
 * or 3 channels; height x width is a grey one. False where a shape is neither. */
struct fovea_picture {
    uint32_t height, width, channels;
    bool first;
};
FOVEA_LOCAL bool fovea_picture_of(const struct fovea_shape *shape, struct fovea_picture *picture);

/* Whether an output of this shape can have so many labels: one for each element of its last dimension, or two where
 * that has one, a probability: of the second. */
FOVEA_STATIC bool fovea_labels_fit(const struct fovea_shape *shape, uint32_t labels) {
    const uint32_t last = shape->rank ? shape->dims[shape->rank - 1] : 0;
    return labels == 0 || (shape->rank && (labels == last || (labels == 2 && last == 1)));
}

/* The words of all inputs' steps, from word *words on, which goes on to what is behind them; what is wrong. */
FOVEA_LOCAL fovea_problem fovea_recipes_flaw(const struct fovea_model *model, uint32_t *words);
/* Reads them; never beyond tables or recipe, even if the blob was changed since it was opened. */
FOVEA_LOCAL void fovea_recipe_read_steps(const struct fovea_model *model, uint32_t i,
                                         struct fovea_recipe *recipe);

/* Where each part lies, from the format and the counts: checks these against the limits, and fills in the number
 * of values and the places; false where a limit is broken. */
FOVEA_LOCAL bool fovea_blob_lay(struct fovea_model *map);

/* ---- reading: after a successful open, or inside it ---- */

struct fovea_node_record {
    uint32_t op, name, first, inputs, arrays, attributes;
};

/* A cursor over the blob that stands at `at`; failed where that is outside. */
FOVEA_LOCAL struct fovea_bytes fovea_blob_bytes(const struct fovea_model *model, size_t at);

FOVEA_LOCAL struct fovea_node_record fovea_blob_node(const struct fovea_model *model,
                                                     uint32_t node);
FOVEA_LOCAL uint32_t fovea_blob_word(const struct fovea_model *model, uint32_t word);
FOVEA_LOCAL const char *fovea_blob_text(const struct fovea_model *model, uint32_t at);

/* A tensor, as its record says. */
struct fovea_value {
    struct fovea_shape shape;
    uint64_t
        offset; /* in the arena; of a view in_stripes the striped place, perhaps FOVEA_NO_PLACE */
    uint32_t type;
    struct fovea_quantization quantization;
    uint32_t reader; /* FOVEA_NO_READER where the format does not say it, too */
};
FOVEA_LOCAL void fovea_blob_value(const struct fovea_model *model, uint32_t value,
                                  struct fovea_value *found);
/* Bytes of the tensor, of at most FOVEA_ELEMENTS_MAX numbers; 0 for a shape that is not legal. */
FOVEA_LOCAL uint64_t fovea_value_bytes(const struct fovea_value *value);
/* The node whose first input the value is, if nothing else reads it, or FOVEA_NO_READER. Looks through the whole model where the
 * format does not say it, unless that is large. */
FOVEA_LOCAL uint32_t fovea_blob_reader(const struct fovea_model *model, uint32_t value);
/* Whether the value goes to the next node by rows. */
FOVEA_LOCAL bool fovea_blob_passed(const struct fovea_model *model, uint32_t value);
/* The model as one whose stripes are done. */
FOVEA_LOCAL struct fovea_model fovea_blob_in_stripes(const struct fovea_model *model);
/* The value that is output `index`. */
FOVEA_LOCAL uint32_t fovea_blob_output(const struct fovea_model *model, uint32_t index);
/* An array of the blob, in place; false, and `at` is NULL, where there is none of this index;
 * of a type this build does not have: FOVEA_TYPE_COUNT. */
FOVEA_LOCAL bool fovea_blob_array(const struct fovea_model *model, uint32_t array,
                                  struct fovea_numbers *found);

/* The stored input (or, from model->inputs on, output) tensor `index` of the self-test, of `count`
 * floats; NULL where the blob has none. */
FOVEA_LOCAL const float *fovea_blob_golden(const struct fovea_model *model, uint32_t index,
                                           uint64_t *count);

/* True where tensors needed at the same time lie apart; false with the reason and a value. Looks at `fuel`
 * tensors at most. For a view whose other tables have been checked. */
FOVEA_LOCAL bool fovea_blob_places(const struct fovea_model *model, uint32_t fuel,
                                   fovea_problem *problem, uint32_t *culprit);

/* Where a value's shape is kept: in the blob (context: the model) or in a session. Gives a legal shape, of one
 * element where the blob no longer has one. */
typedef void fovea_shape_source(const void *context, uint32_t value, struct fovea_shape *shape);
FOVEA_LOCAL fovea_shape_source fovea_blob_shape;

/* Node `node`: its record, its rule applied to the shapes `source` gives, its arrays with their sizes
 * checked. False, with query.problem set, where anything does not fit. Each word is read once and kept here,
 * so that what was checked is what is used; but of inputs behind the first FOVEA_INPUTS_NEAR, which only
 * concat has, only where there is memory for them. */
#define FOVEA_INPUTS_NEAR 2
struct fovea_node_view {
    const struct fovea_model *model;
    uint32_t node;
    struct fovea_node_record record;
    struct fovea_rule_query query;
    struct fovea_numbers array[FOVEA_ARRAYS_MAX];
    uint32_t input[FOVEA_INPUTS_NEAR];
    uint32_t *inputs; /* [record.inputs] for all of them, or NULL */
    fovea_shape_source *source;
    const void *context;
};

/* The node's record alone; false where its words lie outside of the blob. */
FOVEA_LOCAL bool fovea_node_begin(const struct fovea_model *model, uint32_t node,
                                  struct fovea_node_view *view);
/* The rest of a view so begun; view->inputs may have been set meanwhile. */
FOVEA_LOCAL bool fovea_node_finish(fovea_shape_source *source, const void *context,
                                   struct fovea_node_view *view);
/* Both, without memory for many inputs. */
FOVEA_LOCAL bool fovea_node_read(const struct fovea_model *model, uint32_t node,
                                 fovea_shape_source *source, const void *context,
                                 struct fovea_node_view *view);

/* Whether the types, scales and zero points of a read node's tensors are some that its operator takes, and its weights
 * of bytes some that no sum runs over with: FOVEA_NO_PROBLEM, or why not. */
FOVEA_LOCAL fovea_problem fovea_node_forms(const struct fovea_node_view *view);
/* What names a reader is read by nothing but its first input: no other read is of such a value, and there are as many
 * such inputs as such values. True where the format, or this build, knows no readers. */
FOVEA_LOCAL bool fovea_blob_readers_right(const struct fovea_model *model);
/* Whether all inputs and outputs are of floats. */
FOVEA_LOCAL bool fovea_blob_ends_in_floats(const struct fovea_model *model);

/* The value that is input `input` of the node, which lies below its own. */
FOVEA_LOCAL uint32_t fovea_node_input(const struct fovea_node_view *view, uint32_t input);

#endif
