/* Which kernels run: the reference, overlaid by what the processor may use. */
#include "kernels/cpu.h"
#include "kernels/tables.h"

FOVEA_LOCAL void fovea_kernels_select(struct fovea_kernels *table, uint32_t cpu) {
    *table = *fovea_kernels_ref();
    (void)cpu;
}

FOVEA_LOCAL const char *fovea_kernel_name(const struct fovea_kernels *table, size_t index) {
    static const char *const names[] = {
#define KERNEL(name, arguments) #name,
#include "kernels/kernels.def"
#undef KERNEL
    };
    (void)table;
    return index < sizeof names / sizeof names[0] ? names[index] : NULL;
}
