/* The kernels for x86 with AVX2 and FMA. */
#include "kernels/tables.h"

#if FOVEA_X86

#define ISA(name) name##_avx2
#include "kernels/vec_avx2.h"

#include "kernels/body_conv.h"
#include "kernels/body_gemm.h"
#include "kernels/body_narrow.h"
#include "kernels/body_q8.h"
#define Q_FEW(t) fovea_kernels_sse2()->depthwise_q8(t)
#include "kernels/body_depthwise_q8.h"
#define Q_SMALLER fovea_kernels_sse2()
#include "kernels/body_pair_q8.h"
#include "kernels/body_table_q8.h"
#include "kernels/body_winograd.h"
#include "kernels/body_strassen.h"
#include "kernels/body_depthwise.h"
#include "kernels/body_pool.h"
#include "kernels/body_map.h"
#include "kernels/body_pair.h"
#include "kernels/body_softmax.h"
#include "kernels/body_blend.h"
#include "kernels/body_normalize.h"

static const struct fovea_kernels table_avx2 = {
#define KERNEL(name, arguments)    .name = ISA(name),
#define REFERENCE(name, arguments) .name = NULL,
#include "kernels/built.def"
#undef KERNEL
    .isa = "avx2",
    .tile_pixels = V_POSITIONS,
    .fused = V_FUSED,
};

FOVEA_LOCAL const struct fovea_kernels *fovea_kernels_avx2(void) {
    return &table_avx2;
}

#undef ISA
#include "kernels/vec_end.h"

#else
typedef int avx2_is_empty; /* a translation unit needs a declaration */
#endif
