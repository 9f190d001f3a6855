/* What bind functions ask for: kernels, memory, scratch memory, tasks, tails. All of it is known while
 * measuring, too, when there is no memory. */
#ifndef FOVEA_ENGINE_BIND_H
#define FOVEA_ENGINE_BIND_H

#include "engine/op.h"

/* What the user's options, the machine and the build allow. */
struct fovea_setting {
    struct fovea_kernels kernels;
    uint32_t tasks; /* parts a step may be split into */
    bool exact, small_memory;
    bool
        layers; /* somebody watches: each layer is computed by itself, or, where there is a list, */
    const uint32_t *watched; /* each of its layers */
    uint32_t watched_count;
    bool narrow; /* memory for a machine whose pointers have 4 bytes */
};

/* The caller's options (NULL: the defaults), of whichever version, and the setting they make; NULL, or what is wrong
 * with them. */
FOVEA_LOCAL fovea_problem fovea_options_read(const struct fovea_options *given, bool measuring,
                                             struct fovea_options *options,
                                             struct fovea_setting *setting);

FOVEA_STATIC void fovea_setting_watch(struct fovea_setting *setting,
                                      const struct fovea_options *options) {
    setting->layers = options->watcher != NULL;
    setting->watched = setting->layers ? options->watched : NULL;
    setting->watched_count = options->watched_count;
}

/* Whether somebody looks at what node `node` makes. */
FOVEA_STATIC bool fovea_watches(const struct fovea_setting *setting, uint32_t node) {
    bool watches = setting->layers && !setting->watched;
    for (uint32_t i = 0; setting->watched && i < setting->watched_count; i++)
        watches |= setting->watched[i] == node;
    return watches;
}

#define FOVEA_STATE_MOST (32 * sizeof(void *)) /* bytes of a family's state */

/* While measuring there is no memory: tensors are NULL, what is kept or reserved is NULL, and the step and its
 * state are thrown away. */
struct fovea_binding {
    const struct fovea_setting *setting;
    const struct fovea_node_view *view;
    struct fovea_step *step;
    enum fovea_way way;            /* how the step is to be done */
    struct fovea_session *session; /* NULL while measuring */
    uint8_t *memory;               /* NULL while measuring */
    uint64_t used, capacity;       /* bytes of it handed out, and given */
    uint64_t scratch;              /* bytes the steps share, the most that any has asked for */
    uint64_t kernels;              /* a bit for each kernel that was asked for */
    bool unbuilt;                  /* one that this build leaves out */
    bool changed;                  /* the blob: what was read does not fit together */
    bool factors; /* the step's weights are made by the step before, in scratch memory */
    bool pool;    /* the step, done by Winograd, does the 2 x 2 max pool behind it, too */
    bool by_rows; /* the step is to be a link of layers done by rows: */
    struct fovea_row_link row; /* what it says of its rows; run is NULL where it cannot */
    size_t
        row_floats; /* scratch memory that links need to make rows, the most that any has asked for */
    uint64_t spare[FOVEA_STATE_MOST / sizeof(uint64_t)]; /* the step's state while measuring */
};

/* The kernel of this name of kernels.def, the only way to get one: the session notes that it is used, and a
 * build that leaves it out refuses the model. */
#define fovea_bind_kernel(binding, name)                                                           \
    (fovea_bind_use((binding), FOVEA_KERNEL_##name), (binding)->setting->kernels.name)
FOVEA_LOCAL void fovea_bind_use(struct fovea_binding *binding, enum fovea_kernel_index kernel);

/* `bytes` of session memory, aligned to 64; NULL while measuring. */
FOVEA_LOCAL void *fovea_bind_reserve(struct fovea_binding *binding, uint64_t bytes);
/* `count` floats of it. */
FOVEA_LOCAL float *fovea_bind_floats(struct fovea_binding *binding, uint64_t count);

/* `count` records in session memory, zeroed, aligned to 8; NULL while measuring. They have `bytes` here and
 * `narrow` bytes, stated, where pointers have 4: so a machine can tell how much memory another one needs. */
FOVEA_LOCAL void *fovea_bind_records(struct fovea_binding *binding, uint32_t count, size_t bytes,
                                     size_t narrow);
/* The state of binding->step, a `struct type` declared by FOVEA_STATE; while measuring a spare one. */
#define fovea_bind_state(binding, type)                                                            \
    ((struct type *)fovea_bind_state_of((binding), sizeof(struct type), type##_narrow))
FOVEA_LOCAL void *fovea_bind_state_of(struct fovea_binding *binding, size_t bytes, size_t narrow);
#define FOVEA_STATE(type, narrow)                                                                  \
    enum { type##_narrow = (narrow) };                                                             \
    _Static_assert(sizeof(struct type) <= FOVEA_STATE_MOST, "raise FOVEA_STATE_MOST");             \
    _Static_assert(UINTPTR_MAX != UINT32_MAX || sizeof(struct type) <= (narrow), "raise narrow")

/* The step will find `floats` for each of its tasks at step->scratch, free to use during a run. */
FOVEA_LOCAL void fovea_bind_scratch(struct fovea_binding *binding, uint64_t floats);
/* The same, for all tasks together. */
FOVEA_LOCAL void fovea_bind_scratch_all(struct fovea_binding *binding, uint64_t floats);

/* The tensor that is input `input`; NULL while measuring. */
FOVEA_LOCAL float *fovea_bind_tensor(struct fovea_binding *binding, uint32_t input);

/* The type of a value, its scale and zero point. */
FOVEA_LOCAL enum fovea_type fovea_bind_type(const struct fovea_binding *binding, uint32_t value);
FOVEA_LOCAL struct fovea_quantization fovea_bind_scale(const struct fovea_binding *binding,
                                                       uint32_t value);
/* Whether the output of the node is of bytes. */
FOVEA_LOCAL bool fovea_bind_bytes(const struct fovea_binding *binding);

/* Array `array` as floats: in place where it has them, else (array 0 alone) made in session memory. */
FOVEA_LOCAL const float *fovea_bind_weights(struct fovea_binding *binding, uint32_t array);
/* Array `array` as it is, in the byte order of this machine; while measuring `at` may not be read. */
FOVEA_LOCAL struct fovea_numbers fovea_bind_numbers(struct fovea_binding *binding, uint32_t array);

/* Numbers that are narrower than floats, and how floats are made of them. */
struct fovea_narrow {
    const void *at;
    const float *scale; /* of bytes, by output; else NULL */
    void (*widen)(const struct fovea_widen *);
    size_t block;   /* numbers of FOVEA_BLOCK outputs */
    uint32_t bytes; /* of one */
};
#define FOVEA_NARROW_NARROW 20
/* Array 0 as it is; false where it holds floats. */
FOVEA_LOCAL bool fovea_bind_narrow(struct fovea_binding *binding, struct fovea_narrow *narrow);
/* `count` floats of the numbers from number `from` on, which are of one block or of whole ones. */
FOVEA_LOCAL void fovea_narrow_widen(const struct fovea_narrow *narrow, size_t from, size_t count,
                                    float *to);

/* Tasks for `work` (MACs or numbers touched): few where splitting costs more than it saves. */
FOVEA_LOCAL uint32_t fovea_bind_tasks(const struct fovea_binding *binding, uint64_t work);

/* An activation as a kernel with its arguments; kernel NULL for none. */
FOVEA_LOCAL struct fovea_tail_run fovea_bind_map(struct fovea_binding *binding,
                                                 const struct fovea_tail *tail,
                                                 enum fovea_kernel_index *kernel);
/* Any tail becomes step->tail. Returns its kernel's index. */
FOVEA_LOCAL uint8_t fovea_bind_tail(struct fovea_binding *binding, const struct fovea_tail *tail);
/* A tail that a kernel with bounds of its own can apply: its bounds go to *low, *high (infinite where there
 * are none); any other becomes step->tail. */
FOVEA_LOCAL void fovea_bind_bounds(struct fovea_binding *binding, const struct fovea_tail *tail,
                                   float *low, float *high);
/* Whether it is such a tail, or none. */
FOVEA_STATIC bool fovea_tail_bounds(const struct fovea_tail *tail) {
    return tail->kind == FOVEA_ACTIVATION_NONE || tail->kind == FOVEA_ACTIVATION_CLAMP;
}

/* The step can be a link: `run` makes rows of its output, of these channels of its input. Not asked for in a build
 * without such layers. */
#define FOVEA_BY_ROWS (FOVEA_STRIPES || !FOVEA_SMALL)
FOVEA_LOCAL void fovea_bind_rows(struct fovea_binding *binding, fovea_row_run *run,
                                 const struct fovea_window *window, uint32_t inputs,
                                 uint32_t outputs);

/* A max pool of bytes. */
FOVEA_LOCAL bool fovea_bind_max_pool_q8(struct fovea_binding *binding);

#endif
