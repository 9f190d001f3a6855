/* qemu's RISC-V board: its serial port and its switch. */
#include "board.h"

void board_write(const char *text) {
    while (*text) *(volatile unsigned char *)0x10000000 = (unsigned char)*text++;
}

_Noreturn void board_exit(int code) {
    for (;;) *(volatile uint32_t *)0x100000 = code ? (uint32_t)code << 16 | 0x3333 : 0x5555;
}
