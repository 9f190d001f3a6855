/* Which kernels run: the reference, overlaid by what the processor may use. */
#include "kernels/cpu.h"
#include "kernels/tables.h"

static void overlay_kernels(struct fovea_kernels *table, const struct fovea_kernels *better) {
#define KERNEL(name, arguments)                                                                    \
    if (better->name) table->name = better->name;
#include "kernels/built.def"
#undef KERNEL
    table->isa = better->isa;
    table->fused = better->fused;
    table->wide = better->wide;
    if (better->conv_f32) table->tile_pixels = better->tile_pixels;
}

FOVEA_LOCAL void fovea_kernels_select(struct fovea_kernels *table, uint32_t cpu) {
    fovea_fill(table, 0, sizeof *table);
    overlay_kernels(table, fovea_kernels_ref());
#if FOVEA_X86
    if (cpu & FOVEA_CPU_SSE2) overlay_kernels(table, fovea_kernels_sse2());
    if (cpu & (FOVEA_CPU_AVX2 | FOVEA_CPU_AVX512)) overlay_kernels(table, fovea_kernels_avx2());
#if FOVEA_AVX512
    if (cpu & FOVEA_CPU_AVX512) overlay_kernels(table, fovea_kernels_avx512());
#endif
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
    (void)table;
    if (!FOVEA_TEXTS) return "";
    switch (index) { /* no array: a shortened build has few of them */
#define KERNEL(name, arguments)                                                                    \
    case FOVEA_KERNEL_##name:                                                                      \
        return #name;
#include "kernels/built.def"
#undef KERNEL
    default: return NULL;
    }
}
