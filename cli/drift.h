/* Counts of what a model met, kept in a file between runs (fovea_verdict.h). */
#ifndef FOVEA_CLI_DRIFT_H
#define FOVEA_CLI_DRIFT_H

#include "cli/cli.h"

/* Reads the state, empty where there is no file. False with `trouble` set. */
bool drift_read(struct fovea_drift *drift, const char *path, struct trouble *trouble);
bool drift_write(const struct fovea_drift *drift, const char *path, struct trouble *trouble);

#endif
