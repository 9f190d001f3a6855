/* The checks of the kernels on a Cortex-M with picolibc: every kernel of Helium against the reference, bit for
 * bit. The memory protection unit stands in for guard pages: what no region names cannot be touched. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "board.h"
#include "tests/kernels/check.h"

#define SLOTS_AT 0x60000000u /* of the mps3-an547: memory without an end */
#define STRIDE   0x200000u

int check_main(int count, char **words);

struct protection { /* at 0xe000ed90 */
    volatile uint32_t type, control, number, base, limit, alias[6], reserved, attributes[2];
};
#define MPU ((struct protection *)0xe000ed90)

static uint32_t regions;

/* Opens `bytes` at `at`; access 1: to read and write, 3: to read and run. */
static void open_region(uint32_t at, size_t bytes, uint32_t access) {
    MPU->number = regions++;
    MPU->base = at | access << 1;
    MPU->limit = ((at + (uint32_t)bytes - 1) & ~31u) | 1;
}

unsigned char *check_pages(size_t least, size_t *bytes) {
    static uint32_t at = SLOTS_AT;
    if (at == SLOTS_AT) {
        MPU->attributes[0] = 0xff; /* normal memory */
        open_region(0, 0x80000, 3);
        open_region(0x21000000, 0x400000, 1);
        MPU->control = 1;
        __asm__ volatile("dsb\n isb" ::: "memory");
    }
    at += STRIDE;
    *bytes = least;
    open_region(at, least, 1);
    return (unsigned char *)(uintptr_t)at;
}

void board_fault(void) {
    check_fault();
}

/* What the C library asks of a system. */
static int put_char(char c, FILE *file) {
    const char text[2] = {c, 0};
    (void)file;
    board_write(text);
    return 0;
}
static FILE console = FDEV_SETUP_STREAM(put_char, NULL, NULL, _FDEV_SETUP_WRITE);
FILE *const stdout = &console, *const stderr = &console;

_Noreturn void _exit(int code) {
    board_exit(code);
}
time_t time(time_t *now) { /* the seed is given */
    (void)now;
    return 0;
}

int main(void) {
    char program[] = "check", shapes[] = CHECK_SHAPES, seed[] = CHECK_SEED;
    char *words[] = {program, shapes, seed};
    return check_main(3, words);
}
