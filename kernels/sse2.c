/* The kernels for x86 with SSE2. */
#include "kernels/tables.h"

#if FOVEA_X86

#define ISA(name) name##_sse2
#include "kernels/vec_sse2.h"

#include "kernels/body_conv.h"
#include "kernels/body_gemm.h"
#include "kernels/body_narrow.h"
#include "kernels/body_q8.h"
#include "kernels/body_depthwise_q8.h"
#include "kernels/body_pair_q8.h"
#define table_q8_sse2 NULL /* the reference's */
#include "kernels/body_winograd.h"
#include "kernels/body_strassen.h"
#include "kernels/body_depthwise.h"
#include "kernels/body_pool.h"
#include "kernels/body_map.h"
#include "kernels/body_pair.h"
#include "kernels/body_softmax.h"
#include "kernels/body_blend.h"
#include "kernels/body_normalize.h"

static const struct fovea_kernels table_sse2 = {
#define KERNEL(name, arguments)    .name = ISA(name),
#define REFERENCE(name, arguments) .name = NULL,
#include "kernels/built.def"
#undef KERNEL
    .isa = "sse2",
    .tile_pixels = V_POSITIONS,
    .fused = V_FUSED,
};

FOVEA_LOCAL const struct fovea_kernels *fovea_kernels_sse2(void) {
    return &table_sse2;
}

#undef table_q8_sse2
#undef ISA
#include "kernels/vec_end.h"

#else
typedef int sse2_is_empty; /* a translation unit needs a declaration */
#endif
