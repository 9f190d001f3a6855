/* The kernels for Cortex-M with Helium. */
#include "kernels/tables.h"

#if FOVEA_HELIUM

#define ISA(name) name##_helium
#include "kernels/vec_helium.h"

#include "kernels/body_conv.h"
#include "kernels/body_gemm.h"
#include "kernels/body_narrow.h"
#define conv_q8_helium      NULL /* the reference's */
#define depthwise_q8_helium NULL
#define add_q8_helium       NULL
#define multiply_q8_helium  NULL
#define table_q8_helium     NULL
#include "kernels/body_winograd.h"
#include "kernels/body_depthwise.h"
#include "kernels/body_pool.h"
#include "kernels/body_map.h"
#include "kernels/body_pair.h"
#include "kernels/body_softmax.h"
#include "kernels/body_blend.h"
#include "kernels/body_normalize.h"

static const struct fovea_kernels table_helium = {
#define KERNEL(name, arguments)    .name = ISA(name),
#define REFERENCE(name, arguments) .name = NULL,
#include "kernels/built.def"
#undef KERNEL
    .isa = "helium",
    .tile_pixels = V_POSITIONS,
    .fused = V_FUSED,
};

FOVEA_LOCAL const struct fovea_kernels *fovea_kernels_helium(void) {
    return &table_helium;
}

#undef ISA
#include "kernels/vec_end.h"

#else
typedef int helium_is_empty; /* a translation unit needs a declaration */
#endif
