/* From the bytes of a Keras file to the bytes of a blob. Hosted; no files are touched here. */
#ifndef FOVEA_CONVERT_CONVERT_H
#define FOVEA_CONVERT_CONVERT_H

#include "convert/graph/emit.h"
#include "convert/graph/fold.h"
#include "convert/graph/narrow.h"
#include "convert/graph/range.h"
#include "convert/job/pool.h"
#include "convert/quantize/quantize.h"
#include "weights/model.h"

struct convert_options {
    const char *source;        /* the file's name, for provenance; NULL: none */
    const char *const *labels; /* of the first output */
    size_t label_count;        /* 0: none */
    struct fovea_recipe
        recipe; /* for every input that is a picture; open: scale, mean and std are to be
                                   read from the graph, and stay open where it does not tell */
    const struct fovea_shape *input_shapes; /* for inputs whose sizes the file leaves open: */
    size_t input_shape_count;               /* one each, or one for all; 0: none given */
    const void *config;                     /* the model's JSON, for files that hold weights only */
    size_t config_size;                     /* 0: none */
    bool no_fold;                           /* keep every layer as it is */
    struct fold_listener *listener;         /* NULL: nobody */
    enum fovea_type weights; /* F16, I8: kernels of convolutions and dense layers, where they fit */
    const struct quantize_options
        *quantize; /* layers compute with bytes, calibrated by these; with weights I8; NULL: no */
    struct fold_listener *narrow_listener; /* told of kernels that do not; NULL: nobody */
    const char *
        threshold; /* kept as a note: from which probability on a name of a sigmoid holds; NULL: 0.5 */
    const struct source *golden; /* a tensor of floats for each input, kept with its answer */
    const size_t *
        golden_batch; /* of each, how many elements its first axis has: where that is a batch, its first
                                   element is kept. NULL: tensors without a batch axis */
    size_t golden_count;                    /* tensors; 0: none */
    const struct fovea_image *golden_photo; /* for the only input, instead of tensors; NULL: none */
    const struct emit_sink *sink;           /* where the blob goes; NULL: into the pool */
};

struct converted {
    const uint8_t *blob; /* in the pool, aligned to 64 bytes; NULL where a sink was given */
    uint64_t size;
    const char *keras_version;
    uint32_t layers; /* operations before folding */
    const char
        *stateful; /* a layer that keeps its state in Keras, and starts from 0 here; NULL: none */
    uint64_t parameters; /* as Keras counts them: numbers of all weights, trained or not */
    struct narrow_report narrow;
    struct quantize_report quantized;
    enum graph_range range;  /* what the graph says of the first picture's numbers, */
    const char *range_layer; /* and which layer does; NULL: none */
};

/* Converts a model of Keras 1 to 3: a .keras archive, a whole HDF5 file, or weights with a config. What it
 * makes in the pool has been opened and planned by the engine; what went to a sink is for the caller to
 * open. False, with `trouble` naming layer and reason, on anything that cannot be converted exactly. */
bool convert_keras(struct pool *pool, const void *bytes, size_t size,
                   const struct convert_options *options, struct converted *converted,
                   struct trouble *trouble);

#endif
