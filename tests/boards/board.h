/* What a board's start-up code gives the test image. */
#ifndef FOVEA_TESTS_BOARD_H
#define FOVEA_TESTS_BOARD_H

#include <stdint.h>

void board_write(const char *text);
_Noreturn void board_exit(int code);

/* Of the linker script: the stack grows down from the top and may reach the bottom. */
extern uint32_t board_stack_bottom[], board_stack_top[];

int main(void);

#endif
