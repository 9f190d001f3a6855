/* One inference of a network built in, for the counter of instructions (tests/boards/count.c):
 *
 *     inference NAME [layers]
 *
 * prints the multiply-accumulates of what runs between two calls of board_mark: of the whole network,
 * or, with "layers", a line for each layer, computed by itself. */
#include <stdio.h>
#include <string.h>

#include "bench/arch.h"
#include "cli/cli.h"

/* Where the counter looks: the calls stand around an inference, or around each of its layers. */
__attribute__((noinline)) void board_mark(void);
void board_mark(void) {
    __asm__ volatile("" ::: "memory");
}

static void mark(void *context, const struct fovea_step_info *info) {
    (void)context;
    (void)info;
    board_mark();
}

static void fill_input(const struct engine *engine) {
    struct fovea_io io;
    uint32_t state = 1;
    if (fovea_model_input(&engine->model, 0, &io) != FOVEA_OK) return;
    for (size_t k = 0; k < io.count; k++) {
        state = state * 1664525u + 1013904223u;
        fovea_input(engine->session, 0)[k] = (float)(int32_t)state * 0x1p-31f;
    }
}

static void print_steps(const struct engine *engine, bool layers) {
    struct fovea_step_info info;
    char shape[SHAPE_TEXT];
    uint64_t macs = 0;
    for (size_t i = 0; fovea_step_describe(engine->session, i, &info); i++) {
        macs += info.macs;
        if (layers)
            printf("macs %llu %s %s %s %s\n", (unsigned long long)info.macs, info.name, info.op,
                   *info.kernel ? info.kernel : "-", print_shape(&info.shape, shape, sizeof shape));
    }
    if (!layers) printf("macs %llu\n", (unsigned long long)macs);
}

static bool run(struct pool *pool, struct engine *engine, const char *name, bool layers,
                struct trouble *trouble) {
    struct emitted emitted;
    if (!arch_blob(pool, name, &emitted, trouble) ||
        !engine_open_bytes(engine, emitted.blob, (size_t)emitted.size, name, NULL, trouble))
        return false;
    if (layers) {
        engine->options.watcher = mark;
        if (!engine_plan(engine, name, trouble)) return false;
    }
    fill_input(engine);
    board_mark();
    fovea_run(engine->session);
    if (!layers) board_mark();
    print_steps(engine, layers);
    return true;
}

int main(int count, char **words) {
    struct pool pool = {0};
    struct engine engine = {0};
    struct trouble trouble = {0};
    bool layers = count == 3 && strcmp(words[2], "layers") == 0;
    if (count != (layers ? 3 : 2)) {
        fprintf(stderr, "usage: inference NAME [layers]\n");
        return 2;
    }
    bool done = run(&pool, &engine, words[1], layers, &trouble);
    if (!done) fprintf(stderr, "inference: %s\n", trouble.text);
    engine_close(&engine);
    pool_free(&pool);
    return done ? 0 : 1;
}
