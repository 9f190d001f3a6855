/* Writing a blob: a draft of the graph goes in, the bytes come out. No allocation: the caller brings
 * the draft's arrays, a workspace and the buffer. */
#ifndef FOVEA_WEIGHTS_BLOB_BUILD_H
#define FOVEA_WEIGHTS_BLOB_BUILD_H

#include "weights/blob.h"

struct fovea_draft_node {
    uint32_t op;
    const char *name;
    const uint32_t *inputs; /* values */
    uint32_t input_count;
    const uint32_t *arrays; /* ids */
    uint32_t array_count;
    uint32_t attribute[FOVEA_ATTRIBUTES_MAX];
};
struct fovea_draft_input {
    const char *name;
    struct fovea_shape shape;
    struct fovea_recipe recipe;
};
struct fovea_draft_output {
    const char *name;
    uint32_t value;
    const char *const *labels; /* [label_count] */
    uint32_t label_count;
};
struct fovea_draft_note {
    const char *key, *value;
};

/* Space the builder thinks in; one for each value (inputs + nodes). */
struct fovea_draft_value {
    struct fovea_shape shape; /* found by fovea_draft_shape */
    enum fovea_type type;     /* F32 is 0 */
    struct fovea_quantization quantization;
    uint32_t reader;              /* found by fovea_draft_readers */
    uint64_t offset, bytes, kept; /* kept: the best offset so far */
    uint64_t plain, striped;      /* places without and with stripes (stripe.h) */
    uint32_t slot, last, order;
    uint32_t from, until; /* of a slot: first and last moment of use */
};

struct fovea_draft {
    const struct fovea_draft_input *inputs;
    struct fovea_draft_node *nodes;
    const struct fovea_draft_output *outputs;
    const struct fovea_draft_note *notes;
    uint32_t input_count, node_count, output_count, note_count, array_count;
    const uint64_t *array_counts;     /* [array_count]: numbers of each */
    const uint8_t *array_types;       /* [array_count]: fovea_type; NULL: all F32 */
    struct fovea_draft_value *values; /* [input_count + node_count] */
    bool golden;      /* the last input_count + output_count arrays are the self-test's tensors */
    uint64_t arena;   /* found by fovea_draft_place */
    uint64_t striped; /* the same where stripes are done; 0: without stripes */
    uint32_t fuel;    /* neighbours it may look at; 0: FOVEA_PLACE_FUEL */
    fovea_problem problem; /* where a call returned false: why, and at which node */
    uint32_t problem_node;
};

/* Applies node `node`'s rule to the shapes found so far and notes its output's shape; the query tells
 * array sizes and MACs. Nodes in order. */
FOVEA_LOCAL bool fovea_draft_shape(struct fovea_draft *draft, uint32_t node,
                                   struct fovea_rule_query *query);

/* Notes each value's reader, as blob.h defines it. */
FOVEA_LOCAL void fovea_draft_readers(struct fovea_draft *draft);

/* Gives every value its place in the arena: lifetimes, larger first, each at the lowest place that is
 * free all its life; outputs over inputs where the operator allows it and nobody else reads them.
 * False where more tensors live at the same time than can be placed in a second. */
FOVEA_LOCAL bool fovea_draft_place(struct fovea_draft *draft);

/* Writes the record of value `value`, FOVEA_BLOB_VALUE bytes. */
FOVEA_LOCAL void fovea_draft_value_write(const struct fovea_draft *draft, uint32_t value,
                                         uint8_t *to);

/* Finds the stripes that save memory, for a placed draft of known shapes: its values' striped places, and
 * draft->striped. Tries many; a graph of more than 1024 nodes has none. */
FOVEA_LOCAL void fovea_draft_stripes(struct fovea_draft *draft);

/* Shapes, places, size of the blob. */
FOVEA_LOCAL bool fovea_draft_measure(struct fovea_draft *draft, uint64_t *size);

/* Bytes before the first array: a multiple of 64 where there is one. */
FOVEA_LOCAL uint64_t fovea_draft_structure(const struct fovea_draft *draft);

/* Writes everything before the arrays into the first `room` bytes of a blob of `size` (measured) bytes;
 * what is left of `room` (at least the structure) becomes zeros. */
FOVEA_LOCAL void fovea_draft_write(const struct fovea_draft *draft, uint8_t *blob, uint64_t room,
                                   uint64_t size);

/* Bytes of array `array`. */
FOVEA_LOCAL uint64_t fovea_draft_bytes(const struct fovea_draft *draft, uint32_t array);

/* The place of array `array` in a written blob, to be filled by the caller: numbers of its type. */
FOVEA_LOCAL void *fovea_draft_array(const struct fovea_draft *draft, uint8_t *blob, uint32_t array);

/* Seals the finished blob with its checksum. */
FOVEA_LOCAL void fovea_draft_seal(uint8_t *blob, uint64_t size);

#endif
