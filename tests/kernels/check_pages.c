/* Memory between guard pages, on a machine with an operating system; tests/boards/check.c has the like for a
 * board. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/kernels/check.h"

/* Says which kernel it was, then dies as usual. */
static void on_signal(int number) {
    check_fault();
    signal(number, SIG_DFL);
    raise(number);
}

unsigned char *check_pages(size_t least, size_t *bytes) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    *bytes = fovea_round_up(least, page);
    unsigned char *all =
        mmap(NULL, *bytes + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED || mprotect(all, page, PROT_NONE) != 0 ||
        mprotect(all + page + *bytes, page, PROT_NONE) != 0) {
        perror("mmap");
        exit(2);
    }
    signal(SIGSEGV, on_signal);
    signal(SIGBUS, on_signal);
    return all + page;
}
