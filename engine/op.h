/* A step, and what an operator owes the engine: a bind function for each row of weights/ops.def, and a run
 * function that the step then points to. */
#ifndef FOVEA_ENGINE_OP_H
#define FOVEA_ENGINE_OP_H

#include "kernels/kernels.h"
#include "weights/blob.h"

#define FOVEA_INFINITY __builtin_inff()

enum fovea_way {
#define WAY(NAME, name, built, what) FOVEA_WAY_##NAME,
#include "engine/ways.def"
#undef WAY
    FOVEA_WAY_COUNT
};

/* A fused activation: applied in place to what was just computed. */
struct fovea_tail_run {
    void (*kernel)(const struct fovea_map *);
    float low, high, alpha;
};

struct fovea_step;

/* What a step that computes rows of its output by themselves says of them. */
typedef void fovea_row_run(const struct fovea_step *step, uint32_t begin, uint32_t end);
struct fovea_row_link {
    fovea_row_run *run; /* makes rows begin .. end - 1 */
    struct fovea_axis y;
    size_t input_row, output_row; /* floats */
};

struct fovea_step {
    void (*run)(const struct fovea_step *step, uint32_t task);
    void *state;                       /* the family's own; NULL where it needs none */
    const struct fovea_row_link *rows; /* of a link of layers done by rows; else NULL */
    const struct fovea_tail_run *tail; /* NULL: nothing left to do */
    const float *input, *second, *weights, *bias;
    float *output, *scratch; /* scratch: as much as any step asked for, shared by all */
    size_t count;            /* numbers of the output */
    uint32_t tasks;          /* parts the step is split into, each independent of the others */
    uint32_t node;
    uint32_t
        first; /* of the weights, those read first: of a convolution (conv.h) that an earlier step can
                       have asked for; else 0 */
    uint8_t kernel; /* enum fovea_kernel_index: the one that does the most */
    uint8_t way;    /* enum fovea_way */
};

/* Fills binding->step from binding->view, by binding->way; false where the operator needs no step. */
struct fovea_binding;
#define OP(code, NAME, name, ...) FOVEA_LOCAL bool fovea_bind_##name(struct fovea_binding *binding);
#include "weights/ops.def"
#undef OP

/* ---- for run functions ---- */

/* A tail that is NULL does nothing. */
FOVEA_LOCAL void fovea_tail_apply(const struct fovea_tail_run *tail, float *data, size_t count);

/* Part `task` of `tasks` of 0 .. count - 1, cut at multiples of `grain`. */
FOVEA_LOCAL void fovea_slice(size_t count, size_t grain, uint32_t task, uint32_t tasks,
                             size_t *begin, size_t *end);

/* A stretch of outputs along one axis, begin .. end - 1, that all have the same taps, tap ..
 * tap + taps - 1, inside the input; `at` is where the first tap of output `begin` lies. */
struct fovea_span {
    uint32_t begin, end, tap, taps;
    uint32_t at;
};
FOVEA_LOCAL struct fovea_span fovea_span_from(const struct fovea_axis *axis, uint32_t begin);

#endif
