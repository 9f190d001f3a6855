/* What each layer of a model makes of an input: written to files, or compared with Keras' own. */
#ifndef FOVEA_CLI_LAYERS_H
#define FOVEA_CLI_LAYERS_H

#include "cli/feed.h"

/* Runs element `index` of the feed once more, in a session of its own, and writes every layer's output as
 * FOLDER/NNN_LAYER.npy; the folder is made where there is none. False with `trouble` set. */
bool layers_dump(const struct engine *engine, const struct feed *feed, size_t index,
                 const char *folder, struct trouble *trouble);

/* Runs the model on `inputs` (an array for each, of one batch or none) and compares every layer whose output `path`, an
 * .npz with arrays under the layers' names, has: each relative to its largest expected number or 1. Tells the first
 * that is further off than `tolerance`. False with `trouble` set, also where one is. */
bool layers_check(const struct engine *engine, const struct npy *inputs, const char *path,
                  double tolerance, struct trouble *trouble);

#endif
