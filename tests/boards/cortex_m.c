/* Cortex-M: vectors, start-up, semihosting (which asks an emulator or a debugger; alone it is a fault). */
#include <stddef.h>

#include "board.h"

extern uint32_t _sidata[], _sdata[], _edata[], _sbss[], _ebss[];

static uintptr_t semihosting(uintptr_t operation, const void *argument) {
    register uintptr_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void board_write(const char *text) {
    semihosting(0x04, text);
}

_Noreturn void board_exit(int code) {
    const uint32_t application_exit[2] = {0x20026, (uint32_t)code};
    for (;;) semihosting(0x20, application_exit);
}

/* A program may have more to say. */
__attribute__((weak)) void board_fault(void) {}

static _Noreturn void fault(void) {
    board_write("FAULT\n");
    board_fault();
    board_exit(99);
}

_Noreturn void board_start(void) {
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
    *(volatile uint32_t *)0xe000ed88 |= 0xfu << 20; /* CPACR: the floating-point unit may be used */
    __asm__ volatile("dsb\n isb" ::: "memory");
#endif
    for (uint32_t *from = _sidata, *to = _sdata; to < _edata;) *to++ = *from++;
    for (uint32_t *to = _sbss; to < _ebss;) *to++ = 0;
    board_exit(main());
}

__attribute__((section(".start"), used)) static const void *const vectors[16] = {
    board_stack_top,
    (void *)board_start,
    (void *)fault,
    (void *)fault,
    (void *)fault,
    (void *)fault,
    (void *)fault,
    (void *)fault,
    NULL,
    NULL,
    NULL,
    (void *)fault,
    (void *)fault,
    NULL,
    (void *)fault,
    (void *)fault,
};
