/* The kernel checks: what the page of each family of kernels builds on. */
#ifndef FOVEA_TESTS_KERNELS_CHECK_H
#define FOVEA_TESTS_KERNELS_CHECK_H

#include "kernels/kernels.h"

/* What is being compared, for the report of a difference. */
struct check_case {
    const char *kernel, *isa;
    char shape[400];
};

/* Every value drawn is a function of the printed seed. */
uint32_t check_random(void);
size_t check_between(size_t least, size_t most); /* both included */

/* `count` floats that touch a guard page at one end, chosen at random; what lies at the other end
 * is filled with NaN. Valid until the next check_begin; at most CHECK_BUFFERS of at most
 * CHECK_FLOATS between two of them. */
#define CHECK_BUFFERS 12
#define CHECK_FLOATS  262144
void check_begin(void);
float *check_buffer(size_t count);

/* Such a buffer with numbers of the mood drawn by check_begin: plain, of very different sizes, or mixed with
 * NaN, infinities, denormals and zeros of both signs. */
float *check_filled(size_t count);

/* Such a buffer with a pattern no kernel produces, so that a write where none belongs shows. */
float *check_blank(size_t count);

/* Bit for bit, save that one NaN is as good as another: which operand's payload survives is the
 * compiler's choice. Prints the first difference and returns false. */
bool check_same(const struct check_case *c, const float *expected, const float *found,
                size_t count);

/* At least `least` bytes, *bytes of them, where a touch of what lies next to them ends in check_fault, which
 * prints the kernel at work. Of the system: check_pages.c, or tests/boards/check.c. */
unsigned char *check_pages(size_t least, size_t *bytes);
void check_fault(void);

/* One page per argument structure: one random case of `tested` against `reference`. The table rows
 * are made from kernels.def by these names, so a kernel without a check does not compile. */
#define CHECK_PAGE(arguments)                                                                      \
    bool check_##arguments(struct check_case *c, void (*tested)(const struct arguments *),         \
                           void (*reference)(const struct arguments *), size_t tile_pixels)
CHECK_PAGE(fovea_conv_tile);
CHECK_PAGE(fovea_conv_run);
CHECK_PAGE(fovea_gemm);
CHECK_PAGE(fovea_winograd_input);
CHECK_PAGE(fovea_winograd_output);
CHECK_PAGE(fovea_mix);
CHECK_PAGE(fovea_strassen_tile);
CHECK_PAGE(fovea_dense_narrow);
CHECK_PAGE(fovea_widen);
CHECK_PAGE(fovea_run_q8);
CHECK_PAGE(fovea_pair_q8);
CHECK_PAGE(fovea_table_q8);
CHECK_PAGE(fovea_depthwise_run);
CHECK_PAGE(fovea_window_run);
CHECK_PAGE(fovea_map);
CHECK_PAGE(fovea_pair);
CHECK_PAGE(fovea_affine);
CHECK_PAGE(fovea_softmax);
CHECK_PAGE(fovea_blend);
CHECK_PAGE(fovea_normalize);

/* ref.c compiled with fused multiply-adds. */
const struct fovea_kernels *fovea_kernels_ref_fused(void);

#endif
