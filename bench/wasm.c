/* The built-in networks in WebAssembly, for bench/wasm.mjs to time. */
#include <stdlib.h>

#include "cli/arch.h"
#include "engine/session.h"
#include "include/fovea.h"

#define EXPORT(name) __attribute__((export_name(#name)))

static struct pool pool;
static struct fovea_model model;
static fovea_session *session;

/* The name of a built-in network; NULL behind the last. */
EXPORT(network) const char *network(unsigned index) {
    return arch_list[index].name;
}

/* Makes a network ready to run, in place of the one before; false where that fails. */
EXPORT(prepare)
bool prepare(unsigned index, const char *weights, uint32_t cpu_mask) {
    struct trouble trouble = {0};
    struct emitted emitted;
    const struct fovea_options options = {.cpu_mask = cpu_mask};
    size_t bytes;
    pool_free(&pool);
    return arch_blob(&pool, arch_list[index].name, weights, &emitted, &trouble) &&
           fovea_model_open(&model, emitted.blob, emitted.size, NULL) == FOVEA_OK &&
           fovea_measure(&model, &options, &bytes, NULL) == FOVEA_OK &&
           fovea_plan(&model, &options, aligned_alloc(64, (bytes + 63) / 64 * 64), bytes, &session,
                      NULL) == FOVEA_OK;
}

EXPORT(run) void run(void) {
    fovea_run(session);
}

/* Where texts from outside go. */
EXPORT(text) char *text(void) {
    static char room[16];
    return room;
}
