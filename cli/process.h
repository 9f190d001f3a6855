/* What the command owes the system it runs on: descriptors, signals, nothing left behind. */
#ifndef FOVEA_CLI_PROCESS_H
#define FOVEA_CLI_PROCESS_H

#include <stdbool.h>

/* First thing in main. Descriptors 0, 1 and 2 that came closed are occupied, so that no file gets their numbers and
 * what is printed cannot end in a model; they fail when used. Signals that end the process remove temporary files
 * first; a file that grows beyond the limit of the system (SIGXFSZ) is an error of writing. */
void process_start(void);

/* A file to remove when a signal ends the process; the text must live until process_forget. Before the file is made.
 * At most PROCESS_FILES at a time: false beyond. */
#define PROCESS_FILES 128
bool process_remember(const char *path);
void process_forget(const char *path);

#endif
