/* The kernels for ARM with NEON, 64 and 32 bits. */
#include "kernels/tables.h"

#if FOVEA_ARM64 || FOVEA_ARM32_NEON

#define ISA(name) name##_neon
#include "kernels/vec_neon.h"

#include "kernels/body_conv.h"
#include "kernels/body_gemm.h"
#include "kernels/body_narrow.h"
#define conv_q8_neon      NULL /* the reference's */
#define depthwise_q8_neon NULL
#define add_q8_neon       NULL
#define multiply_q8_neon  NULL
#define table_q8_neon     NULL
#include "kernels/body_winograd.h"
#include "kernels/body_strassen.h"
#include "kernels/body_depthwise.h"
#include "kernels/body_pool.h"
#include "kernels/body_map.h"
#include "kernels/body_pair.h"
#include "kernels/body_softmax.h"
#include "kernels/body_blend.h"
#include "kernels/body_normalize.h"

static const struct fovea_kernels table_neon = {
#define KERNEL(name, arguments)    .name = ISA(name),
#define REFERENCE(name, arguments) .name = NULL,
#include "kernels/built.def"
#undef KERNEL
    .isa = "neon",
    .tile_pixels = V_POSITIONS,
    .fused = V_FUSED,
};

FOVEA_LOCAL const struct fovea_kernels *fovea_kernels_neon(void) {
    return &table_neon;
}

#undef ISA
#include "kernels/vec_end.h"

#else
typedef int neon_is_empty; /* a translation unit needs a declaration */
#endif
