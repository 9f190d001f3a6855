/* Another thread changes the words of an opened blob while it is measured, planned and run: that alters numbers, never
 * addresses. Sanitized, in memory of exactly the measured size. tests/unit/test_changed.c does the same word by word.
 * usage: changed ROUNDS BLOB...; a line each, then "N passed, N failed". */
#include <pthread.h>
#include <stdatomic.h>

#include "tests/fuzz/use_blob.h"
#define RANDOM_FROM 88172645u
#include "tests/unit/random.h"

#define STRUCTURE 16384u /* bytes from the start that are changed: records, words, texts */

static struct exact blob;
static size_t blob_size;
static atomic_bool stop;

/* One word after another takes the value of another word, or an extreme one, for a moment. */
static void *change(void *unused) {
    static const uint32_t extremes[] = {0, 1, 0xffffffffu, 0x7fffffffu, 0x10000u};
    const uint32_t words = (uint32_t)(blob_size < STRUCTURE ? blob_size : STRUCTURE) / 4;
    volatile uint32_t *word = (volatile uint32_t *)(void *)blob.start;
    uint32_t state = 1;
    (void)unused;
    while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
        state = state * 1664525u + 1013904223u;
        const uint32_t at = (state >> 8) % words, kept = word[at];
        word[at] = state & 128 ? extremes[state % 5] : word[(state >> 16) % words];
        for (volatile unsigned wait = 0; wait < (state >> 24); wait++) {
        }
        word[at] = kept;
    }
    return NULL;
}

static void use(const struct fovea_model *model, const struct fovea_options *options, size_t bytes,
                unsigned long *planned) {
    struct exact memory = exact_memory(bytes);
    fovea_session *session;
    size_t measured;
    fovea_measure(model, options, &measured, NULL);
    if (fovea_plan(model, options, memory.start, bytes, &session, NULL) == FOVEA_OK) {
        ++*planned;
        if (use_is_small(session)) fovea_run(session);
    }
    free(memory.whole);
}

static bool try_blob(const char *path, unsigned long rounds) {
    struct fovea_model model;
    struct fovea_options options[2] = {FOVEA_OPTIONS_INIT, FOVEA_OPTIONS_SMALL};
    size_t bytes[2];
    unsigned long planned = 0;
    pthread_t thread;
    FILE *file = fopen(path, "rb");
    static uint8_t room[1 << 22];
    if (!file) return false;
    blob_size = fread(room, 1, sizeof room, file);
    fclose(file);
    blob = exact_memory(blob_size);
    memcpy(blob.start, room, blob_size);
    bool opened = fovea_model_open(&model, blob.start, blob_size, NULL) == FOVEA_OK;
    for (int i = 0; i < 2; i++)
        opened = opened && fovea_measure(&model, &options[i], &bytes[i], NULL) == FOVEA_OK;
    atomic_store(&stop, false);
    if (!opened || pthread_create(&thread, NULL, change, NULL) != 0) {
        free(blob.whole);
        return false;
    }
    for (unsigned long i = 0; i < rounds; i++) {
        const uint32_t small = below(2);
        use(&model, &options[small], bytes[small], &planned);
    }
    atomic_store(&stop, true);
    pthread_join(thread, NULL);
    free(blob.whole);
    const char *name = strrchr(path, '/');
    printf("%s: changed while it was planned, %lu times a session, run to its end\n",
           name ? name + 1 : path, planned);
    return true;
}

int main(int count, char **words) {
    size_t passed = 0, failed = 0;
    if (count < 3) return 2;
    for (int i = 2; i < count; i++) {
        const bool good = try_blob(words[i], strtoul(words[1], NULL, 10));
        if (!good) printf("FAIL %s: it does not open\n", words[i]);
        passed += good;
        failed += !good;
    }
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed != 0;
}
