/* Outputs that are saved: one .npy for each, a row for each run, written as they come. The files appear under their
 * names when all runs are done. */
#ifndef FOVEA_CLI_KEEP_H
#define FOVEA_CLI_KEEP_H

#include "cli/cli.h"

struct keeper {
    const struct fovea_model *model;
    struct kept {
        char *path; /* PREFIX.npy, or PREFIX.0.npy and so on */
        struct file_output file;
        float *waiting; /* to what cannot be patched, a pipe: all rows, until they are counted */
    } * kept;
    size_t rows, room;
};

/* Names and opens the files, so that a path that cannot be written to is told before anything runs. False with
 * `trouble` set; keeper_close takes every state and removes what was not finished. */
bool keeper_name(struct keeper *keeper, const struct fovea_model *model, const char *prefix,
                 struct trouble *trouble);
bool keeper_open(struct keeper *keeper, struct trouble *trouble);
/* Whether one of the files would replace `file`. */
bool keeper_replaces(const struct keeper *keeper, const char *file);
/* A row of each output, of the first one `first` where that is not NULL (the mean of turns); without a session NaN, so that row i belongs to run i whatever could not be read. */
bool keeper_row(struct keeper *keeper, const fovea_session *session, const float *first,
                struct trouble *trouble);
/* Gives the files their names. */
bool keeper_finish(struct keeper *keeper, struct trouble *trouble);
void keeper_close(struct keeper *keeper);

/* Whether outputs can be kept under such a PREFIX; 0, or an exit code with a message that says what to do instead. */
int keeper_check_prefix(const char *prefix);

#endif
