/* The kernels for x86 with AVX-512. Every other one is AVX2's: sums in the order of eight lanes, and what is as fast
 * as memory whatever the vectors. */
#include "kernels/tables.h"

#if FOVEA_AVX512

#define ISA(name) name##_avx512
#include "kernels/vec_avx512.h"

static void narrow_avx512(const struct fovea_conv_tile *t) {
    fovea_kernels_avx2()->conv_f32(t);
}
#define narrow(t) narrow_avx512(t)
#include "kernels/body_wide.h"
#undef narrow
#include "kernels/body_winograd.h"
#include "kernels/body_depthwise.h"
#include "kernels/body_pool.h"
#include "kernels/body_map.h"
#include "kernels/body_pair.h"
#include "kernels/body_blend.h"

#define conv_q8_avx512          NULL
#define depthwise_q8_avx512     NULL
#define add_q8_avx512           NULL
#define multiply_q8_avx512      NULL
#define table_q8_avx512         NULL
#define conv_run_f32_avx512     NULL
#define strassen_f32_avx512     NULL
#define strassen_mix_f32_avx512 NULL
#define dense_f16_avx512        NULL
#define dense_i8_avx512         NULL
#define widen_f16_avx512        NULL
#define widen_i8_avx512         NULL
#define softmax_f32_avx512      NULL
#define normalize_f32_avx512    NULL

static const struct fovea_kernels table_avx512 = {
#define KERNEL(name, arguments)    .name = ISA(name),
#define REFERENCE(name, arguments) .name = NULL,
#include "kernels/built.def"
#undef KERNEL
    .isa = "avx512",
    .tile_pixels = V_POSITIONS,
    .fused = V_FUSED,
    .wide = true,
};

FOVEA_LOCAL const struct fovea_kernels *fovea_kernels_avx512(void) {
    return &table_avx512;
}

#undef conv_q8_avx512
#undef depthwise_q8_avx512
#undef add_q8_avx512
#undef multiply_q8_avx512
#undef table_q8_avx512
#undef conv_run_f32_avx512
#undef strassen_f32_avx512
#undef strassen_mix_f32_avx512
#undef dense_f16_avx512
#undef dense_i8_avx512
#undef widen_f16_avx512
#undef widen_i8_avx512
#undef softmax_f32_avx512
#undef normalize_f32_avx512
#undef ISA
#include "kernels/vec_end.h"

#else
typedef int avx512_is_empty; /* a translation unit needs a declaration */
#endif
