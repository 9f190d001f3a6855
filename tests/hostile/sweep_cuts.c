/* Files cut at every byte, and with bits flipped: through the whole converter, the loader, the photo gate.
 * usage: sweep_cuts FILE...; ends with "N passed, N failed". What a file is, is seen from its first bytes;
 * Keras files are also converted, and the model that comes of them is swept. */
#include "cli/npy.h"
#include "convert/convert.h"
#include "include/fovea_photo.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static size_t cuts, cuts_accepted, flips, flips_seen, flips_same, flips_harmless, failures;
static double slowest_ns;   /* per byte */
static double largest_heap; /* over the file's size, of files from 4 KiB on */

/* What is made of the bytes; 0 where they are refused. */
typedef uint64_t taker(const uint8_t *bytes, size_t size);

static uint64_t hash_of(const void *bytes, size_t size, uint64_t hash) {
    for (size_t i = 0; i < size; i++) hash = (hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3u;
    return hash | 1;
}

static uint64_t take_keras(const uint8_t *bytes, size_t size) {
    struct pool pool = {.limit = 16 * size + ((size_t)64 << 20)};
    struct trouble trouble = {0};
    struct converted converted;
    struct convert_options options = {.recipe = {.scale = 1, .std = {1, 1, 1}}};
    uint64_t hash = 0;
    if (convert_keras(&pool, bytes, size, &options, &converted, &trouble)) {
        struct fovea_model model;
        hash = 1;
        /* Of the notes, one names the file's contents: not compared. */
        if (fovea_model_open(&model, converted.blob, (size_t)converted.size, NULL) == FOVEA_OK)
            hash = hash_of(converted.blob + model.at_text + model.text,
                           (size_t)(converted.size - model.at_text - model.text),
                           hash_of(converted.blob + 32, (size_t)model.at_notes - 32, 1));
    }
    failures += (hash != 0) == trouble.set;
    if (size >= 4096 && (double)pool.used > largest_heap * (double)size)
        largest_heap = (double)pool.used / (double)size;
    pool_free(&pool);
    return hash;
}

static uint64_t take_blob(const uint8_t *bytes, size_t size) {
    struct fovea_model model;
    void *copy;
    if (posix_memalign(&copy, 64, size ? size : 1) != 0) abort();
    memcpy(copy, bytes, size);
    bool open = fovea_model_open(&model, copy, size, NULL) == FOVEA_OK;
    free(copy);
    return open;
}

static uint64_t take_photo(const uint8_t *bytes, size_t size) {
    struct fovea_image image;
    if (fovea_photo_decode(bytes, size, &image, NULL) != FOVEA_OK) return 0;
    uint64_t hash = hash_of(image.pixels, image.stride * image.height, 1);
    fovea_photo_free(&image);
    return hash;
}

/* The time of a call counts where it is long enough to be measured. */
static uint64_t timed(taker *take, const uint8_t *bytes, size_t size) {
    struct timespec start, end;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
    uint64_t hash = take(bytes, size);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    double ns = (double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec);
    if (size >= 4096 && ns / (double)size > slowest_ns) slowest_ns = ns / (double)size;
    return hash;
}

/* The first `size` bytes, in memory that ends with them. */
static uint64_t take_cut(taker *take, const uint8_t *bytes, size_t size) {
    uint8_t *exact = malloc(size ? size : 1);
    if (!exact) abort();
    memcpy(exact, bytes, size);
    uint64_t hash = take(exact, size);
    free(exact);
    return hash;
}

/* All bits of the first `dense` bytes, and a byte's in 41 behind; `sealed`: a changed bit that is taken for
 * the same as before is all that may be. */
static void sweep_flips(taker *take, uint8_t *bytes, size_t size, size_t dense, bool sealed,
                        uint64_t whole, const char *name) {
    for (size_t bit = 0; bit < 8 * size; bit += bit < 8 * dense ? 1 : 41) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        uint64_t hash = timed(take, bytes, size);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        flips++;
        flips_seen += hash == 0;
        flips_same += hash == whole;
        flips_harmless += hash != 0 && hash != whole;
        if (sealed && hash != 0 && hash != whole) {
            printf("FAIL %s: bit %zu changed, and was not seen\n", name, bit);
            failures++;
        }
    }
}

static void sweep(taker *take, uint8_t *bytes, size_t size, size_t dense, bool sealed,
                  const char *name) {
    uint64_t whole = take(bytes, size);
    if (whole == 0) {
        printf("FAIL %s: refused as it is\n", name);
        failures++;
        return;
    }
    for (size_t cut = 0; cut < size; cut++, cuts++)
        if (take_cut(take, bytes, cut) != 0) {
            printf("FAIL %s: cut to %zu bytes, and accepted\n", name, cut);
            cuts_accepted++;
            failures++;
        }
    sweep_flips(take, bytes, size, dense, sealed, whole, name);
}

/* What the file converts to, with kernels as floats or halves. */
static void sweep_converted(const uint8_t *bytes, size_t size, bool halves, const char *name) {
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct converted converted;
    struct convert_options options = {.recipe = {.scale = 1, .std = {1, 1, 1}},
                                      .weights = halves ? FOVEA_F16 : FOVEA_F32};
    if (convert_keras(&pool, bytes, size, &options, &converted, &trouble)) {
        uint8_t *blob = malloc((size_t)converted.size);
        if (!blob) abort();
        memcpy(blob, converted.blob, (size_t)converted.size);
        if (converted.size < 40000)
            sweep(take_blob, blob, (size_t)converted.size, (size_t)converted.size / 2, true, name);
        free(blob);
    }
    pool_free(&pool);
}

static void sweep_keras(uint8_t *bytes, size_t size, const char *name) {
    const bool archive = bytes[0] == 'P';
    sweep(take_keras, bytes, size, archive ? 0 : 2048, archive, name);
    sweep_converted(bytes, size, false, name);
    sweep_converted(bytes, size, true, name);
}

static void sweep_file(const char *path) {
    size_t size;
    uint8_t *bytes = npy_file(path, &size);
    if (!bytes || size < 8) {
        printf("FAIL %s: cannot be read\n", path);
        failures++;
    } else if (bytes[0] == 0xff || bytes[1] == 'P') {
        sweep(take_photo, bytes, size, 0, bytes[1] == 'P', path);
    } else {
        sweep_keras(bytes, size, path);
    }
    free(bytes);
}

static void *sweep_files(void *paths) {
    for (char **path = paths; *path; path++) sweep_file(*path);
    return NULL;
}

/* Calls `function` on a stack of its own; how many bytes of it were used, or 0. */
static size_t stack_of(void *(*function)(void *), void *argument) {
    const size_t size = (size_t)1 << 20;
    const uint8_t paint = 0xa5;
    uint8_t *stack;
    pthread_attr_t how;
    pthread_t thread;
    if (posix_memalign((void **)&stack, 4096, size) != 0 || pthread_attr_init(&how) != 0) abort();
    memset(stack, paint, size);
    if (pthread_attr_setstack(&how, stack, size) != 0 ||
        pthread_create(&thread, &how, function, argument) != 0 || pthread_join(thread, NULL) != 0)
        abort();
    size_t untouched = 0;
    while (untouched < size && stack[untouched] == paint) untouched++;
    pthread_attr_destroy(&how);
    free(stack);
    return size - untouched;
}

int main(int count, char **words) {
    const size_t files = (size_t)count - 1, stack = stack_of(sweep_files, words + 1);
    printf("%zu files: %zu cuts, %zu accepted; %zu bits flipped, %zu seen, %zu of no meaning, %zu "
           "taken as another file; slowest %.0f ns a byte\n",
           files, cuts, cuts_accepted, flips, flips_seen, flips_same, flips_harmless, slowest_ns);
    printf("at most %.1f times the file's size of heap, %zu bytes of stack\n", largest_heap, stack);
    printf("%zu passed, %zu failed\n", cuts + flips - failures, failures);
    return failures != 0;
}
