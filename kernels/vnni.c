/* Convolutions of bytes by VPDPBUSD, which multiplies four bytes without a sign with four of two's complement and adds all
 * to a sum: AVX-VNNI has it with 16 registers, AVX-512 VNNI with 32. Vectors of 256 bits, which no processor slows down
 * for, reach 93 to 97 % of what those of 512 do. Everything else is AVX2's. */
#include "kernels/tables.h"

#if FOVEA_VNNI

/* gcc 12 copies every sum of the intrinsic twice a step: an instruction of its own instead. */
#define q_quad_vnni(prefix, sum, x, w)                                                             \
    __asm__(prefix "vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(x), "v"(w))

#define ISA(name) name##_avxvnni
#include "kernels/vec_avx2.h"
#undef Q_POSITIONS
#undef q_quads
#undef q_weights
#undef q_quad
#define Q_POSITIONS       6 /* 6 x 2 sums, 2 weights, an input: 15 of 16 registers */
#define q_quads           q_sums
#define q_weights(p)      q_load(p)
#define q_quad(sum, x, w) q_quad_vnni("%{vex%} ", sum, x, w)
#include "kernels/body_q8.h"
#undef ISA

#define ISA(name) name##_avx512vnni
#undef V_TARGET
#undef Q_POSITIONS
#undef q_quad
#define V_TARGET          FOVEA_TARGET("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma,f16c")
#define Q_POSITIONS       8
#define q_quad(sum, x, w) q_quad_vnni("", sum, x, w)
#include "kernels/body_q8.h"
#undef ISA
#include "kernels/vec_end.h"

FOVEA_LOCAL void fovea_kernels_avxvnni(struct fovea_kernels *table) {
    if (!fovea_kernel_built(FOVEA_KERNEL_conv_q8)) return;
    table->conv_q8 = conv_q8_avxvnni;
}
FOVEA_LOCAL void fovea_kernels_avx512vnni(struct fovea_kernels *table) {
    if (!fovea_kernel_built(FOVEA_KERNEL_conv_q8)) return;
    table->conv_q8 = conv_q8_avx512vnni;
}

#else
typedef int vnni_is_empty; /* a translation unit needs a declaration */
#endif
