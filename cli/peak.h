/* What one core could do at best: the measure every speed is held against. */
#ifndef FOVEA_CLI_PEAK_H
#define FOVEA_CLI_PEAK_H

#include <stdint.h>

/* Seconds of a clock that only goes forward. */
double fovea_seconds(void);

/* The most multiply-adds (two operations each, in 10^9 a second) that this core does now with the
 * best instruction set in `cpu` (FOVEA_CPU_... bits): fused where the kernels are fused, else a
 * multiplication and an addition. Takes about 2 ms, the best of short slices: call it between the
 * runs it is compared with, again and again, and keep the greatest. */
double fovea_peak_gflops(uint32_t cpu);

#endif
