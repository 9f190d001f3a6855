#define _POSIX_C_SOURCE 200809L
#include "cli/process.h"

#include <stdatomic.h>
#include <stddef.h>

/* What a signal's handler may read at any moment. */
static _Atomic(const char *) remembered[PROCESS_FILES];

bool process_remember(const char *path) {
    for (size_t i = 0; i < PROCESS_FILES; i++) {
        const char *none = NULL;
        if (atomic_compare_exchange_strong(&remembered[i], &none, path)) return true;
    }
    return false;
}

void process_forget(const char *path) {
    for (size_t i = 0; i < PROCESS_FILES; i++) {
        const char *same = path;
        if (atomic_compare_exchange_strong(&remembered[i], &same, NULL)) return;
    }
}

#if defined(_WIN32)
void process_start(void) {
    (void)remembered; /* an open file cannot be removed there */
}
#else
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* Removes what is unfinished and lets the signal do what it does. Only what is safe in a handler. */
static void end_by(int number) {
    for (size_t i = 0; i < PROCESS_FILES; i++) {
        const char *path = atomic_load(&remembered[i]);
        if (path) unlink(path);
    }
    raise(number); /* SA_RESETHAND: the default, as soon as this returns */
}

static void occupy_standard(void) {
    for (int d = 0; d <= 2; d++) {
        if (fcntl(d, F_GETFD) >= 0 || errno != EBADF) continue;
        /* The lowest that is free is d; of the other direction, so that using it fails. */
        if (open("/dev/null", d == 0 ? O_WRONLY : O_RDONLY) != d) return;
    }
}

void process_start(void) {
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT, SIGXCPU, SIGALRM};
    occupy_standard();
    signal(SIGXFSZ, SIG_IGN);
    for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++) {
        struct sigaction now, action = {.sa_handler = end_by, .sa_flags = (int)SA_RESETHAND};
        sigemptyset(&action.sa_mask);
        if (sigaction(ending[i], NULL, &now) == 0 && now.sa_handler == SIG_DFL) /* not nohup's */
            sigaction(ending[i], &action, NULL);
    }
}
#endif
