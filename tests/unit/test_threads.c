/* A pool of threads and the processes it is not in. */
#define _POSIX_C_SOURCE 200809L
#include "include/fovea_threads.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void count(void *argument, size_t index) {
    (void)index;
    atomic_fetch_add((atomic_int *)argument, 1);
}

static void a_forked_child_can_stop_the_pool(void **state) {
    (void)state;
    for (int i = 0; i < 20; i++) {
        atomic_int done = 0;
        int status = -1;
        fovea_threads *pool = fovea_threads_start(4);
        assert_non_null(pool);
        fovea_threads_for(pool, 8, count, &done);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            alarm(5);
            fovea_threads_stop(pool);
            _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        fovea_threads_for(pool, 8, count, &done); /* the parent's is as it was */
        assert_int_equal(done, 16);
        fovea_threads_stop(pool);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_forked_child_can_stop_the_pool)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
