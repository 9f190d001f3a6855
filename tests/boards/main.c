/* The image that runs on every board: a model in flash, a static array for its memory, no heap, no libc.
 * It answers 0 where the model's stored answer comes out. */
#include "board.h"
#include "fovea.h"
#include "model.h"

#define PAINT 0x5afe57acu

static volatile uint32_t started = PAINT; /* which the start-up code copies from flash */

MODEL_ALIGN static unsigned char memory[MODEL_ARENA_BYTES];

static void write_number(const char *name, uint64_t value) {
    char digits[24], *at = digits + sizeof digits;
    *--at = 0;
    do *--at = (char)('0' + value % 10);
    while (value /= 10);
    board_write(name);
    board_write(at);
    board_write("\n");
}

/* Where the counter of instructions (count.c) looks: the two calls stand around one inference. */
__attribute__((noinline)) void count_mark(void) {
    __asm__ volatile("" ::: "memory");
}

/* All of the stack that is not in use, but for a little around here. */
__attribute__((noinline)) static void paint_stack(void) {
    uintptr_t end = (uintptr_t)__builtin_frame_address(0) - 128;
    for (volatile uint32_t *at = board_stack_bottom; (uintptr_t)at < end; at++) *at = PAINT;
}

static uint32_t stack_used(void) {
    const volatile uint32_t *at = board_stack_bottom;
    while (at < board_stack_top && *at == PAINT) at++;
    return (uint32_t)((uintptr_t)board_stack_top - (uintptr_t)at);
}

static int refuse(const char *what, const struct fovea_error *error) {
    board_write(what);
    board_write(error->text);
    board_write("\n");
    return 1;
}

static int run(void) {
    struct fovea_options options = FOVEA_OPTIONS_SMALL;
    struct fovea_model model;
    struct fovea_error error;
    fovea_session *session;
    float largest;
    size_t bytes;
    if (fovea_model_open(&model, model_blob, MODEL_BYTES, &error)) return refuse("open: ", &error);
    if (fovea_measure(&model, &options, &bytes, &error)) return refuse("measure: ", &error);
    write_number("arena ", bytes);
    if (bytes != MODEL_ARENA_BYTES) {
        write_number("but the header says ", MODEL_ARENA_BYTES);
        return 1;
    }
    if (fovea_plan(&model, &options, memory, bytes, &session, &error))
        return refuse("plan: ", &error);
    enum fovea_status status = fovea_selftest(session, &largest);
    write_number("difference e-9 ", (uint64_t)(largest * 1e9f + 0.5f));
    count_mark();
    fovea_run(session);
    count_mark();
    return status == FOVEA_OK ? 0 : 1;
}

int main(void) {
    paint_stack();
    int code = started == PAINT ? run() : 2;
    write_number("stack ", stack_used());
    board_write(code ? "FAIL\n" : "PASS\n");
    return code;
}
