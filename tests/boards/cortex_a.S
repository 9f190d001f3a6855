// AArch64 without an operating system: the first core goes on, at whatever level it was started, with
// the vector unit on; the others sleep.
    .section .start, "ax"
    .globl board_start
board_start:
    mrs x0, mpidr_el1
    and x0, x0, #0xff
    cbz x0, 1f
0:  wfi
    b 0b
1:  ldr x1, =board_stack_top
    mov sp, x1
    mrs x0, CurrentEL
    lsr x0, x0, #2
    ldr x2, =vectors
    cmp x0, #3
    b.eq 3f
    cmp x0, #2
    b.eq 2f
    mov x1, #(3 << 20) // CPACR_EL1.FPEN
    msr cpacr_el1, x1
    msr vbar_el1, x2
    b 4f
2:  mov x1, #0x33ff // CPTR_EL2 without TFP
    bic x1, x1, #(1 << 10)
    msr cptr_el2, x1
    msr vbar_el2, x2
    b 4f
3:  msr cptr_el3, xzr
    mov x1, #(3 << 20)
    msr cpacr_el1, x1
    msr vbar_el3, x2
4:  isb
    ldr x1, =_sdata
    ldr x2, =_edata
    ldr x3, =_sidata
5:  cmp x1, x2
    b.hs 6f
    ldr x4, [x3], #8
    str x4, [x1], #8
    b 5b
6:  ldr x1, =_sbss
    ldr x2, =_ebss
7:  cmp x1, x2
    b.hs 8f
    str xzr, [x1], #8
    b 7b
8:  bl main
    bl board_exit
    .balign 2048
vectors:
    .rept 16
    mov w0, #99
    b board_exit
    .balign 128
    .endr
    .section .note.GNU-stack, "", @progbits
