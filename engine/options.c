/* What the caller's options mean, of whichever version his structure is. */
#include "engine/bind.h"
#include "kernels/cpu.h"
#include "weights/check.h"

void fovea_options_default(struct fovea_options *options) {
    if (!options) return;
    fovea_fill(options, 0, sizeof *options);
    options->size = sizeof *options;
}

/* Copies as much as the caller has; zeros where nothing is said become what they mean. */
static fovea_problem options_take(const struct fovea_options *given,
                                  struct fovea_options *options) {
    const size_t most = sizeof *options, size = given && given->size ? given->size : most;
    fovea_options_default(options);
    if (size < sizeof size) return FOVEA_TEXT("S-002 options.size is too small");
    if (given) fovea_copy(options, given, size < most ? size : most);
    for (size_t i = 0; i < sizeof options->reserved / sizeof *options->reserved; i++)
        if (options->reserved[i]) return FOVEA_TEXT("S-400 options.reserved must be 0");
    if (!options->cpu_mask) options->cpu_mask = ~FOVEA_CPU_PORTABLE;
    if (!options->threads) options->threads = 1;
    if (!options->pointer_bytes) options->pointer_bytes = sizeof(void *);
    return FOVEA_NO_PROBLEM;
}

fovea_problem fovea_options_read(const struct fovea_options *given, bool measuring,
                                 struct fovea_options *options, struct fovea_setting *setting) {
    fovea_problem problem = options_take(given, options);
    if (problem) return problem;
    if (options->threads > FOVEA_THREADS_MAX)
        return FOVEA_TEXT("S-003 options.threads is more than 64");
    if (options->pointer_bytes != sizeof(void *) && (options->pointer_bytes != 4 || !measuring))
        return FOVEA_TEXT("S-004 options.pointer_bytes must be 4, for measuring only");
    fovea_kernels_select(&setting->kernels, fovea_cpu_detect() & options->cpu_mask);
    setting->tasks = options->threads;
    setting->exact = options->exact;
    setting->small_memory = options->small_memory;
    fovea_setting_watch(setting, options);
    setting->narrow = options->pointer_bytes == sizeof(uint32_t);
    return FOVEA_NO_PROBLEM;
}
