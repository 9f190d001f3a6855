#define _POSIX_C_SOURCE 200809L
#include "cli/crew.h"

#include <pthread.h>
#include <stdlib.h>

struct crew {
    pthread_mutex_t lock;
    pthread_cond_t given_more, done_more;
    void (*task)(void *context, size_t slot);
    void *context;
    size_t slots, workers;
    size_t given, taken; /* pieces of work, counted */
    bool *done;          /* of each slot */
    bool ending;
    pthread_t thread[CREW_MOST];
};

static void *work(void *argument) {
    struct crew *crew = argument;
    pthread_mutex_lock(&crew->lock);
    for (;;) {
        while (crew->taken == crew->given && !crew->ending)
            pthread_cond_wait(&crew->given_more, &crew->lock);
        if (crew->taken == crew->given) break;
        const size_t slot = crew->taken++ % crew->slots;
        pthread_mutex_unlock(&crew->lock);
        crew->task(crew->context, slot);
        pthread_mutex_lock(&crew->lock);
        crew->done[slot] = true;
        pthread_cond_broadcast(&crew->done_more);
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

void crew_give(struct crew *crew, size_t slot) {
    pthread_mutex_lock(&crew->lock);
    crew->done[slot] = false;
    crew->given++;
    pthread_cond_signal(&crew->given_more);
    pthread_mutex_unlock(&crew->lock);
}

void crew_wait(struct crew *crew, size_t slot) {
    if (crew->workers == 0) {
        crew->task(crew->context, slot);
        return;
    }
    pthread_mutex_lock(&crew->lock);
    while (!crew->done[slot]) pthread_cond_wait(&crew->done_more, &crew->lock);
    pthread_mutex_unlock(&crew->lock);
}

void crew_stop(struct crew *crew) {
    if (!crew) return;
    pthread_mutex_lock(&crew->lock);
    crew->ending = true;
    pthread_cond_broadcast(&crew->given_more);
    pthread_mutex_unlock(&crew->lock);
    for (size_t i = 0; i < crew->workers; i++) pthread_join(crew->thread[i], NULL);
    pthread_cond_destroy(&crew->done_more);
    pthread_cond_destroy(&crew->given_more);
    pthread_mutex_destroy(&crew->lock);
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
    pthread_mutex_init(&crew->lock, NULL); /* cannot fail with default attributes */
    pthread_cond_init(&crew->given_more, NULL);
    pthread_cond_init(&crew->done_more, NULL);
    for (; workers > 1 && crew->workers < workers; crew->workers++)
        if (pthread_create(&crew->thread[crew->workers], NULL, work, crew) != 0) {
            fail(trouble, "cannot start %zu jobs", workers);
            crew_stop(crew);
            return NULL;
        }
    return crew;
}
