/* In the place of the library's choice of kernels: where it is asked, instead of the vectors' kernels the reference
 * that defines them bit for bit, with fused multiply-adds where they have them. */
#include "tests/random/check.h"

#include "kernels/tables.h"
#include "tests/kernels/check.h"

bool kernels_fused_reference;

void __real_fovea_kernels_select(struct fovea_kernels *table, uint32_t cpu);
void __wrap_fovea_kernels_select(struct fovea_kernels *table, uint32_t cpu);

void __wrap_fovea_kernels_select(struct fovea_kernels *table, uint32_t cpu) {
    __real_fovea_kernels_select(table, cpu);
    if (!kernels_fused_reference) return;
    const struct fovea_kernels *plain = fovea_kernels_ref();
    const struct fovea_kernels *fused = table->fused ? fovea_kernels_ref_fused() : plain;
    /* What a table leaves to the plain reference stays with it. */
#define KERNEL(name, arguments)                                                                    \
    if (table->name != plain->name) table->name = fused->name;
#include "kernels/kernels.def"
#undef KERNEL
}
