/* The neutral graph between Keras and the blob: operators of weights/ops.def in order of execution,
 * with weights that stay where they are (in the mapped file) until they are packed into the blob. */
#ifndef FOVEA_CONVERT_GRAPH_GRAPH_H
#define FOVEA_CONVERT_GRAPH_GRAPH_H

#include "convert/files/hdf5.h"
#include "convert/job/pool.h"
#include "weights/blob_build.h"

/* Numbers to come: a dataset of the file, or floats in memory; never both. */
struct source {
    struct hdf5_value value; /* where floats is NULL */
    const float *floats;
    uint64_t count;
    bool exact; /* what it makes is compared with numbers: kept as floats */
};

enum array_layout {
    ARRAY_PLAIN,     /* as it is */
    ARRAY_CONV,      /* rows of a kernel: fovea_pack_row */
    ARRAY_DEPTHWISE, /* fovea_pack_depthwise; taps, outputs */
    ARRAY_BIAS,      /* fovea_pack_bias; outputs, groups */
    ARRAY_READY,     /* as it will be kept, in `ready` */
};

/* One array of the blob. */
struct array {
    enum array_layout layout;
    struct source source; /* count 0: zeros */
    const void *ready;    /* of ARRAY_READY: `count` numbers of `type`, instead of a source */
    size_t taps, inputs, outputs, groups;
    const double *scale;       /* [outputs] factor on each output, or NULL */
    const double *input_scale; /* [inputs] factor on each input (of one group), or NULL */
    uint64_t count;            /* floats once packed */
    uint32_t users;            /* nodes */
    enum fovea_type type;      /* as which its numbers are kept */
};

struct node {
    uint32_t op;
    const char *name; /* the Keras layer's */
    uint32_t *inputs; /* values */
    uint32_t input_count;
    uint32_t array[FOVEA_ARRAYS_MAX], array_count;
    uint32_t attribute[FOVEA_ATTRIBUTES_MAX];
    uint64_t macs;
    bool dead; /* folded into another; its output is `instead` */
    uint32_t instead;
};

/* What a layer's weights, or the file, say of the numbers that a value has: those of a BatchNormalization's
 * input; `whole`: whole numbers, of an input that takes these. */
struct graph_moments {
    uint32_t value;
    bool whole;
    double mean, variance; /* the mean over channels of each */
    struct graph_moments *next;
};

/* The type of a value and, of bytes, its scale and zero point. Floats unless somebody says other. */
struct graph_form {
    enum fovea_type type;
    struct fovea_quantization quantization;
};

/* Value v below input_count is input v, others are the output of node v - input_count. */
struct graph {
    struct pool *pool;
    struct trouble *trouble;
    struct fovea_draft_input *inputs;
    struct fovea_draft_output *outputs;
    struct fovea_draft_note *notes;
    struct node *nodes;
    struct fovea_shape *shapes; /* of the values */
    struct graph_form *forms;   /* likewise */
    struct array *arrays;
    uint32_t *array_slots; /* arrays by a hash of where their numbers lie: index + 1, or 0 */
    uint32_t
        *golden; /* arrays of the self-test: one for each input, then for each output; or NULL */
    struct graph_moments *moments;
    uint32_t input_count, output_count, note_count, node_count, array_count;
    uint32_t input_room, output_room, note_room, node_room, shape_room, form_room, array_room,
        slot_count;
};

#define GRAPH_NONE 0xffffffffu

void graph_start(struct graph *graph, struct pool *pool, struct trouble *trouble);
/* `to`, which was just started, has the arrays of `from`, by the same ids; `from` gets no more from then on. */
void graph_share_arrays(const struct graph *from, struct graph *to);

/* All inputs come before the first node. GRAPH_NONE on trouble, as everywhere below. */
uint32_t graph_input(struct graph *graph, const char *name, const struct fovea_shape *shape);

/* Notes an array; one with the same source and layout is found again. */
uint32_t graph_array(struct graph *graph, const struct array *array);

/* Appends a node, checks it by its rule and gives the value it makes. `layer` is named in errors. */
uint32_t graph_node(struct graph *graph, uint32_t op, const char *layer, const uint32_t *inputs,
                    uint32_t input_count, const uint32_t *arrays, uint32_t array_count,
                    const uint32_t *attributes);

bool graph_output(struct graph *graph, const char *name, uint32_t value);
bool graph_note(struct graph *graph, const char *key, const char *value);

bool graph_note_moments(struct graph *graph, const struct graph_moments *moments);

/* Valid until the next value is made. Of what is no value, GRAPH_NONE, an impossible one. */
const struct fovea_shape *graph_shape(const struct graph *graph, uint32_t value);

/* `count` numbers of a source from `first` on. */
void source_read(const struct source *source, uint64_t first, uint64_t count, float *out);
/* Row `row` of an array of weights (each of `count` numbers), with its scales applied. */
void array_read_row(const struct array *array, uint64_t row, size_t count, float *out);
struct source source_floats(const float *floats, uint64_t count);
struct source source_value(const struct hdf5_value *value);

/* "90x120x3", in the pool. */
const char *shape_text(struct graph *graph, const struct fovea_shape *shape);

#endif
