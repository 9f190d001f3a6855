/* The tables select.c chooses from, each at the end of the file named after it. They are reached
 * through functions, because a table shared as `static` between parts of one translation unit
 * could not be declared before it is defined. */
#ifndef FOVEA_KERNELS_TABLES_H
#define FOVEA_KERNELS_TABLES_H

#include "kernels/kernels.h"

FOVEA_LOCAL const struct fovea_kernels *fovea_kernels_ref(void);
#if FOVEA_X86
FOVEA_LOCAL const struct fovea_kernels *fovea_kernels_sse2(void);
FOVEA_LOCAL const struct fovea_kernels *fovea_kernels_avx2(void);
#endif
#if FOVEA_VNNI /* those that it has */
FOVEA_LOCAL void fovea_kernels_avxvnni(struct fovea_kernels *table);
FOVEA_LOCAL void fovea_kernels_avx512vnni(struct fovea_kernels *table);
#endif
#if FOVEA_ARM64 || FOVEA_ARM32_NEON
FOVEA_LOCAL const struct fovea_kernels *fovea_kernels_neon(void);
#endif
#if FOVEA_SCALAR
FOVEA_LOCAL const struct fovea_kernels *fovea_kernels_scalar(void);
#endif
#if FOVEA_HELIUM
FOVEA_LOCAL const struct fovea_kernels *fovea_kernels_helium(void);
#endif
#if FOVEA_WASM
FOVEA_LOCAL const struct fovea_kernels *fovea_kernels_wasm(void);
#endif

#endif
