/* One model: sessions of 8 threads each, and 8 sessions in threads of their own, at the same time; all answers
 * bit for bit those of one thread. usage: threads RUNS; ends with "N passed, N failed". */
#include "cli/npy.h"
#include "convert/convert.h"
#include "include/fovea_threads.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSIONS 8
#define THREADS  8
#define ANSWER   7

static struct fovea_model model;
static float right[ANSWER];
static long runs;

struct job {
    pthread_t thread;
    fovea_threads *threads; /* NULL: its own only */
    size_t passed, failed;
};

static void answer(struct job *job, long times) {
    struct fovea_options options = FOVEA_OPTIONS_INIT;
    fovea_session *session;
    struct fovea_io io;
    void *memory;
    size_t bytes;
    options.threads = job->threads ? THREADS : 1;
    options.parallel_for = job->threads ? fovea_threads_for : NULL;
    options.pool = job->threads;
    fovea_model_input(&model, 0, &io);
    if (fovea_measure(&model, &options, &bytes, NULL) != FOVEA_OK ||
        posix_memalign(&memory, 64, bytes) != 0)
        abort();
    memset(memory, 0, bytes);
    if (fovea_plan(&model, &options, memory, bytes, &session, NULL) != FOVEA_OK) abort();
    for (long run = 0; run < times; run++) {
        for (size_t i = 0; i < io.count; i++)
            fovea_input(session, 0)[i] = (float)(i * 7 % 101) / 101;
        fovea_run(session);
        if (memcmp(fovea_output(session, 0), right, sizeof right) == 0)
            job->passed++;
        else
            job->failed++;
        if (runs == 0) memcpy(right, fovea_output(session, 0), sizeof right);
    }
    free(memory);
}

static void *work(void *argument) {
    answer(argument, runs);
    return NULL;
}

int main(int count, char **words) {
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct converted converted;
    struct convert_options options = {.recipe = {.scale = 1, .std = {1, 1, 1}}};
    struct job jobs[SESSIONS] = {0}, first = {0};
    size_t size, passed = 0, failed = 0;
    uint8_t *bytes = npy_file("weights/demo/patterns.h5", &size);
    if (count != 2 || !bytes ||
        !convert_keras(&pool, bytes, size, &options, &converted, &trouble) ||
        fovea_model_open(&model, converted.blob, (size_t)converted.size, NULL) != FOVEA_OK)
        return 2;
    answer(&first, 1);
    runs = atol(words[1]);
    for (size_t s = 0; s < SESSIONS; s++) {
        jobs[s].threads = s < 2 ? fovea_threads_start(THREADS) : NULL;
        if (pthread_create(&jobs[s].thread, NULL, work, &jobs[s]) != 0) return 2;
    }
    for (size_t s = 0; s < SESSIONS; s++) {
        pthread_join(jobs[s].thread, NULL);
        fovea_threads_stop(jobs[s].threads);
        passed += jobs[s].passed;
        failed += jobs[s].failed;
    }
    pool_free(&pool);
    free(bytes);
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed != 0 || passed == 0;
}
