/* A file of run's JSON that is gone on with: inputs that have a record in it are not run again. */
#ifndef FOVEA_CLI_RESUME_H
#define FOVEA_CLI_RESUME_H

#include "cli/feed.h"

struct resume;

/* Reads the records of `path`, if there is such a file, and opens it to append to; a last line that was cut, as by a
 * kill, goes. NULL with `trouble` set. */
struct resume *resume_open(const char *path, const struct limits *limits, struct trouble *trouble);
FILE *resume_stream(struct resume *resume);
/* Whether element `index` of the group's batch has a record, be it an answer or an error. */
bool resume_has(const struct resume *resume, const struct group *group, size_t index);
/* Closes the file; false, with `trouble` set, where not all could be written. Takes NULL. */
bool resume_close(struct resume *resume, const char *path, struct trouble *trouble);

#endif
