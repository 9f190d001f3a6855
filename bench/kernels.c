/* The kernels one by one, on shapes of real networks, hot: the least time of many runs, held against
 * the multiply-add peak measured between them.
 *     bench_kernels [kernel] [table] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/peak.h"
#include "kernels/cpu.h"
#include "kernels/kernels.h"

enum { REPEATS = 40 };

static float *numbers(size_t count) {
    float *data = aligned_alloc(FOVEA_ALIGN, fovea_round_up(count * sizeof(float), FOVEA_ALIGN));
    if (!data) exit(2);
    for (size_t i = 0; i < count; i++) data[i] = (float)(i * 2654435761u % 2001) * 1e-3f - 1.0f;
    return data;
}

/* ---- one report line ---- */

struct bench {
    const char *kernel, *isa;
    uint32_t cpu;
};

typedef void work(const void *);

static void report(const struct bench *b, const char *shape, double operations, double bytes,
                   work *run, const void *with) {
    double peak = 0, least = 1e9;
    run(with);
    for (int i = 0; i < REPEATS; i++) {
        double seconds = 0;
        int runs = 0;
        const double start = fovea_seconds();
        do run(with), runs++, seconds = fovea_seconds() - start;
        while (seconds < 2e-4);
        if (seconds / runs < least) least = seconds / runs;
        if (i % 4 == 0) {
            const double now = fovea_peak_gflops(b->cpu);
            if (now > peak) peak = now;
        }
    }
    printf("%-13s %-4s %-28s %9.1f us %7.1f GFLOP/s %3.0f %% of %.0f %7.1f GB/s\n", b->kernel,
           b->isa, shape, least * 1e6, operations / least * 1e-9,
           100 * operations / least * 1e-9 / peak, peak, bytes / least * 1e-9);
}

#include "bench/kernels_conv.h"
#include "bench/kernels_narrow.h"
#include "bench/kernels_q8.h"
#include "bench/kernels_point.h"
#include "bench/kernels_strassen.h"
#include "bench/kernels_window.h"
#include "bench/kernels_winograd.h"

int main(int argc, char **argv) {
    const char *wanted = argc > 1 ? argv[1] : "", *table_wanted = argc > 2 ? argv[2] : "";
    const uint32_t cpu = fovea_cpu_detect();
    for (uint32_t mask = 0; mask <= FOVEA_CPU_NEON; mask = mask ? mask << 1 : 1) {
        struct fovea_kernels table;
        if (mask & ~cpu) continue;
        fovea_kernels_select(&table, mask);
        struct bench b = {.isa = table.isa, .cpu = mask};
        if (!strstr(table.isa, table_wanted)) continue;
#define KERNEL(name, arguments)                                                                    \
    b.kernel = #name;                                                                              \
    if (strstr(#name, wanted)) bench_##arguments(&b, table.name, table.tile_pixels);
#include "kernels/kernels.def"
#undef KERNEL
    }
    return 0;
}
