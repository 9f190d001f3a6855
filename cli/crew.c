#define _POSIX_C_SOURCE 200809L
#include "cli/crew.h"

#include <stdlib.h>

#include "engine/hosted/system_threads.h"

struct crew {
    system_lock lock;
    system_signal given_more, done_more;
    void (*task)(void *context, size_t slot);
    void *context;
    size_t slots, workers;
    size_t given, taken; /* pieces of work, counted */
    bool *done;          /* of each slot */
    bool ending;
    system_thread thread[CREW_MOST];
};

static SYSTEM_THREAD(work, argument) {
    struct crew *crew = argument;
    system_lock_take(&crew->lock);
    for (;;) {
        while (crew->taken == crew->given && !crew->ending)
            system_signal_wait(&crew->given_more, &crew->lock);
        if (crew->taken == crew->given) break;
        const size_t slot = crew->taken++ % crew->slots;
        system_lock_give(&crew->lock);
        crew->task(crew->context, slot);
        system_lock_take(&crew->lock);
        crew->done[slot] = true;
        system_signal_all(&crew->done_more);
    }
    system_lock_give(&crew->lock);
    return 0;
}

void crew_give(struct crew *crew, size_t slot) {
    system_lock_take(&crew->lock);
    crew->done[slot] = false;
    crew->given++;
    system_signal_one(&crew->given_more);
    system_lock_give(&crew->lock);
}

void crew_wait(struct crew *crew, size_t slot) {
    if (crew->workers == 0) {
        crew->task(crew->context, slot);
        return;
    }
    system_lock_take(&crew->lock);
    while (!crew->done[slot]) system_signal_wait(&crew->done_more, &crew->lock);
    system_lock_give(&crew->lock);
}

void crew_stop(struct crew *crew) {
    if (!crew) return;
    system_lock_take(&crew->lock);
    crew->ending = true;
    system_signal_all(&crew->given_more);
    system_lock_give(&crew->lock);
    for (size_t i = 0; i < crew->workers; i++) system_thread_join(crew->thread[i]);
    system_signal_end(&crew->done_more);
    system_signal_end(&crew->given_more);
    system_lock_end(&crew->lock);
    free(crew->done);
    free(crew);
}

struct crew *crew_start(size_t workers, size_t slots, void (*task)(void *context, size_t slot),
                        void *context, struct trouble *trouble) {
    struct crew *crew = calloc(1, sizeof *crew);
    bool *done = calloc(slots, sizeof *done);
    if (!crew || !done) {
        free(crew);
        free(done);
        fail(trouble, "out of memory");
        return NULL;
    }
    *crew = (struct crew){.task = task, .context = context, .slots = slots, .done = done};
    system_lock_start(&crew->lock); /* cannot fail with default attributes */
    system_signal_start(&crew->given_more);
    system_signal_start(&crew->done_more);
    for (; workers > 1 && crew->workers < workers; crew->workers++)
        if (!system_thread_start(&crew->thread[crew->workers], work, crew)) {
            fail(trouble, "cannot start %zu jobs", workers);
            crew_stop(crew);
            return NULL;
        }
    return crew;
}
