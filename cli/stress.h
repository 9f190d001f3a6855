/* A model's answers to photos and to what can happen to them. */
#ifndef FOVEA_CLI_STRESS_H
#define FOVEA_CLI_STRESS_H

#include "cli/pictures.h"
#include "clinic/corrupt.h"

#define ATTACK_SIZES 3
#define ATTACK_STEPS 3
extern const unsigned attack_sizes[ATTACK_SIZES], attack_steps[ATTACK_STEPS];

struct stress_cell {
    double flipped, refused, confidence; /* pictures, pictures, sum */
    double *right;                       /* of each class */
    double *score;                       /* of the positive group, of each picture */
};

struct stress {
    uint32_t classes;
    const char **class_names;
    bool *group; /* classes that are positive */
    size_t n, bad;
    bool coarse, has_positive;
    bool *positive;   /* of each picture */
    double *of_class; /* pictures of each class */
    struct stress_cell clean, cells[CHANGES][CHANGE_LEVELS];
    size_t attacked;
    double broken[ATTACK_SIZES][ATTACK_STEPS];
};

struct stress_wish {
    const struct limits *limits;
    const struct recipe_wishes *recipe;
    const struct scores_wish *read;
    uint64_t seed;
    long most; /* of a class; 0: all */
    bool attack;
};

/* The engine has a judge. A picture that cannot be read is said on stderr and counted in s->bad. False with `trouble` set. */
bool stress_run(struct stress *s, const struct pictures *pictures, struct engine *engine,
                const struct stress_wish *wish, struct pool *pool, struct trouble *trouble);

#endif
