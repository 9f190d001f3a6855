/* What the command prints for people. */
#ifndef FOVEA_CLI_SAY_H
#define FOVEA_CLI_SAY_H

#include <stdio.h>

#include "convert/job/pool.h"

/* As printf, on standard output. What stands in %s may come from anywhere: it is shown as text_show
 * (convert/job/text.h) does, so that nothing in it can act on a terminal; a width counts characters. Of
 * conversions it knows d i u x c s f e g and %, with the lengths l ll z. */
void say(const char *format, ...) FOVEA_PRINTF(1, 2);
/* The same elsewhere. */
void say_to(FILE *out, const char *format, ...) FOVEA_PRINTF(2, 3);

#endif
