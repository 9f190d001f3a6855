/* The engine as a WebAssembly module: memory that only grows, and a model's self-test. */
#include "fovea.h"

extern unsigned char __heap_base[];
static unsigned long used;

/* `bytes` at a multiple of 64; 0 where there is no more memory. */
__attribute__((export_name("reserve"))) unsigned long reserve(unsigned long bytes) {
    const unsigned long page = 65536;
    if (!used) used = ((unsigned long)__heap_base + 63) & ~63ul;
    unsigned long at = used, end = (at + bytes + 63) & ~63ul;
    unsigned long pages = (end + page - 1) / page, have = __builtin_wasm_memory_size(0);
    if (pages > have && __builtin_wasm_memory_grow(0, pages - have) == (unsigned long)-1) return 0;
    used = end;
    return at;
}

/* Forgets what was reserved from `at` on. */
__attribute__((export_name("release"))) void release(unsigned long at) {
    used = at;
}

/* The largest difference from the model's stored answer, or -1 - status. `mask` as in fovea_options. */
__attribute__((export_name("selftest"))) float selftest(const void *blob, unsigned long size,
                                                        unsigned mask) {
    struct fovea_options options = FOVEA_OPTIONS_INIT;
    struct fovea_model model;
    fovea_session *session;
    size_t bytes;
    float largest;
    options.cpu_mask = mask;
    enum fovea_status status = fovea_model_open(&model, blob, size, 0);
    if (!status) status = fovea_measure(&model, &options, &bytes, 0);
    void *memory = status ? 0 : (void *)reserve(bytes);
    if (!status && !memory) status = FOVEA_MEMORY;
    if (!status) status = fovea_plan(&model, &options, memory, bytes, &session, 0);
    if (!status) status = fovea_selftest(session, &largest);
    return status ? -1 - (float)status : largest;
}

__attribute__((export_name("cpu"))) unsigned cpu(void) {
    return fovea_cpu() & ~FOVEA_CPU_PORTABLE;
}
