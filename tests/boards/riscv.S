# RISC-V, machine mode: the first hart goes on, with its floating-point unit on where there is one.
    .option arch, +zicsr
    .section .start, "ax"
    .globl board_start
board_start:
    csrr t0, mhartid
0:  bnez t0, 0b
    la t0, trap
    csrw mtvec, t0
#ifdef __riscv_flen
    li t0, 0x6000
    csrs mstatus, t0
#endif
    la sp, board_stack_top
    la t0, _sdata
    la t1, _edata
    la t2, _sidata
1:  bgeu t0, t1, 2f
    lw t3, 0(t2)
    sw t3, 0(t0)
    addi t0, t0, 4
    addi t2, t2, 4
    j 1b
2:  la t0, _sbss
    la t1, _ebss
3:  bgeu t0, t1, 4f
    sw zero, 0(t0)
    addi t0, t0, 4
    j 3b
4:  call main
    tail board_exit
    .balign 4
trap:
    li a0, 99
    tail board_exit
    .section .note.GNU-stack, "", @progbits
