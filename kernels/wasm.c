/* The kernels for WebAssembly with SIMD. */
#include "kernels/tables.h"

#if FOVEA_WASM

#define ISA(name) name##_wasm
#include "kernels/vec_wasm.h"

#include "kernels/body_conv.h"
#include "kernels/body_gemm.h"
#include "kernels/body_narrow.h"
#include "kernels/body_q8.h"
#include "kernels/body_depthwise_q8.h"
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

static const struct fovea_kernels table_wasm = {
#define KERNEL(name, arguments)    .name = ISA(name),
#define REFERENCE(name, arguments) .name = NULL,
#include "kernels/built.def"
#undef KERNEL
    .isa = "wasm" V_VARIANT,
    .tile_pixels = V_POSITIONS,
    .fused = V_FUSED,
};

FOVEA_LOCAL const struct fovea_kernels *fovea_kernels_wasm(void) {
    return &table_wasm;
}

#undef V_VARIANT
#undef ISA
#include "kernels/vec_end.h"

#else
typedef int wasm_is_empty; /* a translation unit needs a declaration */
#endif
