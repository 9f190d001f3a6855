/* Asks the processor, and the operating system whether it saves the registers in question. */
#include "kernels/cpu.h"

#if FOVEA_X86

#if defined(__GNUC__) || defined(__clang__)
#include <cpuid.h>

static bool cpu_subleaf(uint32_t leaf, uint32_t subleaf, uint32_t r[4]) {
    return __get_cpuid_count(leaf, subleaf, &r[0], &r[1], &r[2], &r[3]) != 0;
}

static uint32_t cpu_saved_state(void) {
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

#else
#include <intrin.h>

static bool cpu_subleaf(uint32_t leaf, uint32_t subleaf, uint32_t r[4]) {
    int most[4];
    __cpuid(most, 0);
    if (leaf > (uint32_t)most[0]) return false;
    __cpuidex((int *)r, (int)leaf, (int)subleaf);
    return true;
}

static uint32_t cpu_saved_state(void) {
    return (uint32_t)_xgetbv(0);
}
#endif

static bool cpu_leaf(uint32_t leaf, uint32_t r[4]) {
    return cpu_subleaf(leaf, 0, r);
}

/* Products of bytes, of a processor that has AVX2 and whose leaf 7 this is. */
static uint32_t cpu_vnni(const uint32_t seven[4]) {
    const uint32_t wide = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31; /* F, DQ, BW, VL: ebx */
    const uint32_t masks_and_zmm = 0xe0, vnni = 1u << 11;            /* xcr0; ecx */
    uint32_t one[4], found = 0;
    if (!FOVEA_VNNI) return 0;
    if ((seven[1] & wide) == wide && (seven[2] & vnni) &&
        (cpu_saved_state() & masks_and_zmm) == masks_and_zmm)
        found |= FOVEA_CPU_AVX512VNNI;
    if (seven[0] >= 1 && cpu_subleaf(7, 1, one) && (one[0] & 1u << 4)) found |= FOVEA_CPU_AVXVNNI;
    return found;
}

FOVEA_LOCAL uint32_t fovea_cpu_detect(void) {
    enum { EAX, EBX, ECX, EDX };
    const uint32_t sse2 = 1u << 26;                                    /* leaf 1, edx */
    const uint32_t fma = 1u << 12, osxsave = 1u << 27, avx = 1u << 28; /* leaf 1, ecx */
    const uint32_t f16c = 1u << 29;
    const uint32_t avx2 = 1u << 5;    /* leaf 7, ebx */
    const uint32_t xmm_and_ymm = 0x6; /* xcr0 */
    uint32_t one[4], seven[4], found = 0;

    if (!cpu_leaf(1, one)) return 0;
    if (one[EDX] & sse2) found |= FOVEA_CPU_SSE2;
    const uint32_t wanted = fma | f16c | osxsave | avx;
    if ((one[ECX] & wanted) == wanted && (cpu_saved_state() & xmm_and_ymm) == xmm_and_ymm &&
        cpu_leaf(7, seven) && (seven[EBX] & avx2))
        found |= FOVEA_CPU_AVX2 | cpu_vnni(seven);
    return found;
}

#elif FOVEA_ARM64

FOVEA_LOCAL uint32_t fovea_cpu_detect(void) {
    return FOVEA_CPU_NEON;
} /* part of the architecture */

#elif FOVEA_ARM32_NEON && defined(__linux__) && __STDC_HOSTED__
#include <sys/auxv.h>

FOVEA_LOCAL uint32_t fovea_cpu_detect(void) {
    const unsigned long neon = 1ul << 12; /* HWCAP_NEON */
    return getauxval(AT_HWCAP) & neon ? FOVEA_CPU_NEON : 0;
}

#elif FOVEA_ARM32_NEON

FOVEA_LOCAL uint32_t fovea_cpu_detect(void) {
    return FOVEA_CPU_NEON;
} /* the build said so */

#else

FOVEA_LOCAL uint32_t fovea_cpu_detect(void) {
    return (FOVEA_SCALAR ? FOVEA_CPU_SCALAR : 0) | (FOVEA_HELIUM ? FOVEA_CPU_HELIUM : 0) |
           (FOVEA_WASM ? FOVEA_CPU_WASM : 0);
} /* the build said so */

#endif
