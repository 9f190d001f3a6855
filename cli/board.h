/* Models for machines without files: what they need there, and the sources that bring them there. */
#ifndef FOVEA_CLI_BOARD_H
#define FOVEA_CLI_BOARD_H

#include "cli/cli.h"

/* Memory a session takes with FOVEA_OPTIONS_SMALL and the portable kernels, where pointers have 4 and 8
 * bytes. */
struct board_memory {
    size_t narrow, wide, narrow_whole, wide_whole; /* whole: of an engine that makes no stripes */
};
bool board_measure(const struct fovea_model *model, struct board_memory *memory,
                   struct trouble *trouble);

/* What an image may use of the stack below fovea's functions (tests/boards/size.sh checks it), and its
 * code and constants with all operators on a Cortex-M7, at most. */
#define BOARD_STACK_BYTES 2048u
#define BOARD_CODE_BYTES  (60u * 1024)

/* fovea inspect --board */
bool board_print(const struct engine *engine, const char *path, struct trouble *trouble);

/* fovea convert --emit: writes `path` (and, for asm, the header and the model beside it). Names in the
 * sources come from the path's last part. */
enum board_kind { BOARD_C, BOARD_ASM, BOARD_OPS, BOARD_KINDS };
extern const char *const board_kinds[BOARD_KINDS]; /* "c", "asm", "ops" */
bool board_emit(enum board_kind kind, const struct engine *engine, const char *path,
                struct trouble *trouble);

#endif
