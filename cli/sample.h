/* What a model makes of labelled pictures, in all its turns: logits, features, and what the photos are like. What calibrate works
 * on. */
#ifndef FOVEA_CLI_SAMPLE_H
#define FOVEA_CLI_SAMPLE_H

#include "cli/head.h"
#include "cli/pictures.h"
#include "clinic/abstain.h"

/* Features of one layer at most; more are not looked at. */
#define SAMPLE_FEATURES 4096

struct sample {
    uint32_t classes, turns, features; /* features 0: there are none */
    struct head_layers layers;
    const char **class_names;
    bool *positive; /* of each class */
    size_t n;
    const char **names;
    uint32_t *truth; /* ABSTAIN_NO_CLASS: of none, only not positive */
    float *logits;   /* [n][turns][classes] */
    float *rows;     /* [n][features], of the picture as it came */
    float (*quality)[FOVEA_QUALITY_COUNT];
    bool *photo; /* there are qualities */
    uint64_t *hash;
};

struct sample_wish {
    const struct limits *limits;
    const struct recipe_wishes *recipe;
    const struct scores_wish *read;
    enum fovea_symmetries symmetries;
};

/* Runs all pictures. What cannot be read is said on stderr and counted in *bad. False with `trouble` set: the model answers with
 * no probabilities of classes, a label is none of them, or nothing could be read. */
bool sample_take(struct sample *sample, const struct pictures *pictures, struct engine *engine,
                 const struct sample_wish *wish, size_t *bad, struct pool *pool,
                 struct trouble *trouble);
/* Only the hashes of pictures, as the model sees them. */
bool sample_hashes(uint64_t **hashes, size_t *count, const struct pictures *pictures,
                   struct engine *engine, const struct sample_wish *wish, struct pool *pool,
                   struct trouble *trouble);

#endif
