/* Which kernels run: the reference, overlaid by what the processor may use. */
#include "kernels/cpu.h"
#include "kernels/tables.h"

FOVEA_UNUSED static void overlay_kernels(struct fovea_kernels *table,
                                         const struct fovea_kernels *better) {
#define KERNEL(name, arguments)                                                                    \
    if (better->name) table->name = better->name;
#include "kernels/built.def"
#undef KERNEL
    table->isa = better->isa;
    table->fused = better->fused;
    if (better->conv_f32) table->tile_pixels = better->tile_pixels;
}

FOVEA_LOCAL void fovea_kernels_select(struct fovea_kernels *table, uint32_t cpu) {
    *table = *fovea_kernels_ref();
#if FOVEA_X86
    if (cpu & FOVEA_CPU_SSE2) overlay_kernels(table, fovea_kernels_sse2());
    if (cpu & FOVEA_CPU_AVX2) overlay_kernels(table, fovea_kernels_avx2());
#if FOVEA_VNNI
    if (cpu & FOVEA_CPU_AVXVNNI) fovea_kernels_avxvnni(table);
    if (cpu & FOVEA_CPU_AVX512VNNI) fovea_kernels_avx512vnni(table);
#endif
#elif FOVEA_ARM64 || FOVEA_ARM32_NEON
    if (cpu & FOVEA_CPU_NEON) overlay_kernels(table, fovea_kernels_neon());
#elif FOVEA_SCALAR
    if (cpu & FOVEA_CPU_SCALAR) overlay_kernels(table, fovea_kernels_scalar());
#elif FOVEA_HELIUM
    if (cpu & FOVEA_CPU_HELIUM) overlay_kernels(table, fovea_kernels_helium());
#elif FOVEA_WASM
    if (cpu & FOVEA_CPU_WASM) overlay_kernels(table, fovea_kernels_wasm());
#else
    (void)cpu;
#endif
}

FOVEA_LOCAL const char *fovea_kernel_name(const struct fovea_kernels *table, size_t index) {
    static const char *const names[] = {
#define KERNEL(name, arguments) [FOVEA_KERNEL_##name] = #name,
#include "kernels/built.def"
#undef KERNEL
    };
    (void)table;
    if (!FOVEA_TEXTS) return "";
    return index < sizeof names / sizeof names[0] ? names[index] : NULL;
}
