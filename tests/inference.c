/* One inference of a network built in, for the counter of instructions (tests/boards/count.c):
 *
 *     inference NAME [layers]
 *
 * prints the multiply-accumulates of what runs from one call of count_mark to the next: the whole
 * network, or with "layers" one layer after another, each computed by itself. */
#include <stdio.h>
#include <string.h>

#include "cli/arch.h"
#include "cli/cli.h"

__attribute__((noinline)) void count_mark(void);
void count_mark(void) {
    __asm__ volatile("" ::: "memory");
}

static void mark(void *context, const struct fovea_step_info *info) {
    (void)context;
    (void)info;
    count_mark();
}

static void print_macs(const struct engine *engine, bool layers) {
    struct fovea_step_info info;
    char shape[SHAPE_TEXT];
    unsigned long long macs = 0;
    for (size_t i = 0; fovea_step_describe(engine->session, i, &info); i++) {
        macs += info.macs;
        if (layers)
            printf("macs %llu %s %s\n", (unsigned long long)info.macs, info.name,
                   print_shape(&info.shape, shape, sizeof shape));
    }
    if (!layers) printf("macs %llu all\n", macs);
}

/* No instruction depends on the numbers, so the input is zeros. */
static bool run(struct pool *pool, struct engine *engine, const char *name, bool layers,
                struct trouble *trouble) {
    struct fovea_io io;
    struct emitted emitted;
    if (!arch_blob(pool, name, "f32", &emitted, trouble) ||
        !engine_open_bytes(engine, emitted.blob, (size_t)emitted.size, name, NULL, trouble))
        return false;
    if (layers) {
        engine->options.watcher = mark;
        if (!engine_plan(engine, name, trouble)) return false;
    }
    fovea_model_input(&engine->model, 0, &io);
    memset(fovea_input(engine->session, 0), 0, io.count * sizeof(float));
    count_mark();
    fovea_run(engine->session);
    if (!layers) count_mark();
    print_macs(engine, layers);
    return true;
}

int main(int count, char **words) {
    struct pool pool = {0};
    struct engine engine = {0};
    struct trouble trouble = {0};
    bool layers = count == 3 && strcmp(words[2], "layers") == 0;
    if (count != 2 + layers) {
        fprintf(stderr, "usage: inference NAME [layers]\n");
        return 2;
    }
    bool done = run(&pool, &engine, words[1], layers, &trouble);
    if (!done) fprintf(stderr, "inference: %s\n", trouble.text);
    engine_close(&engine);
    pool_free(&pool);
    return done ? 0 : 1;
}
