/* What is checked of a drawn model. Each returns NULL, or what is wrong. */
#ifndef FOVEA_TESTS_RANDOM_CHECK_H
#define FOVEA_TESTS_RANDOM_CHECK_H

#include "tests/random/model.h"

/* A legal model is converted from each form of its file, to the shapes that Keras' formulas say, and all ways to
 * compute it agree (ways.c). *digest: of its answer, the same in all forms; a NaN where it has none. */
const char *check_legal(const struct model *model, double *digest);

/* A model with something out of place: refused with the name of a layer, or converted to what runs. */
const char *check_wild(const struct model *model);

/* The `index`th of the many ways to damage a legal model's description or weights (damage.c). */
size_t damage_count(const struct model *model);
const char *check_damaged(const struct model *model, size_t index);

/* Through the command at `path`: exit code, one clean line, no file left. `folder` is for it alone. */
const char *check_command(const struct model *model, size_t damage, const char *path,
                          const char *folder);

/* Converts the file and says whether that is so; the reason in *text. */
struct converted;
struct pool;
bool convert_file(struct pool *pool, const struct file *file, bool halves, bool no_fold,
                  const struct fovea_shape *shapes, size_t shape_count, struct converted *converted,
                  const char **text);
/* What is wrong with a refusal, or with what was made. */
const char *check_outcome(const struct model *model, const struct file *file, const char *what);

/* Makes AVX2 compute as the fused reference does: fused.c. */
extern bool kernels_fused_reference;

#endif
