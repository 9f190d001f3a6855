#include "packages/binding/held.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#ifndef FOVEA_BINDING_THREADS
#define FOVEA_BINDING_THREADS 1
#endif
#if FOVEA_BINDING_THREADS
#include "include/fovea_threads.h"
#endif

/* ---- numbers: a place in the table, and how often it was used ---- */

#define PLACE_BITS 10
#define PLACES     (1u << PLACE_BITS)
#define USES_MAX   (UINT32_MAX >> PLACE_BITS)

/* `state`: the number's upper part in the upper bits, and below one of these. A call takes a place by
 * exchanging OPEN for BUSY, so that nobody waits and nobody comes in between. */
enum { PLACE_FREE, PLACE_OPEN, PLACE_BUSY, PLACE_WORN, PLACE_STATES = 4 };
static struct place {
    _Atomic(uint32_t) state; /* uses * PLACE_STATES + one of these */
    struct held held;
} places[PLACES];

static uint32_t state_of(uint32_t uses, uint32_t what) {
    return uses * PLACE_STATES + what;
}

/* A free place, taken; NULL where all are in use. `*handle` is its number from now on. */
static struct held *place_take(fovea_handle *handle) {
    for (uint32_t i = 0; i < PLACES; i++) {
        uint32_t state = atomic_load(&places[i].state), uses = state / PLACE_STATES + 1;
        if (state % PLACE_STATES != PLACE_FREE) continue;
        if (!atomic_compare_exchange_strong(&places[i].state, &state, state_of(uses, PLACE_BUSY)))
            continue;
        *handle = uses << PLACE_BITS | i;
        memset(&places[i].held, 0, sizeof places[i].held);
        return &places[i].held;
    }
    return NULL;
}

/* A number whose uses are at their end is never given out again. */
static void place_free(fovea_handle handle) {
    uint32_t uses = handle >> PLACE_BITS;
    atomic_store(&places[handle % PLACES].state,
                 state_of(uses, uses == USES_MAX ? PLACE_WORN : PLACE_FREE));
}

struct held *held_take(fovea_handle handle, struct fovea_failure *failure) {
    struct place *place = &places[handle % PLACES];
    uint32_t uses = handle >> PLACE_BITS, state = state_of(uses, PLACE_OPEN);
    if (uses && atomic_compare_exchange_strong(&place->state, &state, state_of(uses, PLACE_BUSY))) {
        held_fine(failure);
        return &place->held;
    }
    if (uses && state == state_of(uses, PLACE_BUSY))
        held_fail(failure, FOVEA_ARGUMENT,
                  "the model is in use by another thread; open it once for each thread");
    else
        held_fail(failure, FOVEA_ARGUMENT, "the model is closed");
    return NULL;
}

bool held_give(fovea_handle handle, bool done) {
    atomic_store(&places[handle % PLACES].state, state_of(handle >> PLACE_BITS, PLACE_OPEN));
    return done;
}

/* ---- memory and failures ---- */

/* Aligned by hand: aligned_alloc is not everywhere. What malloc gave stands in front. */
void *held_memory(size_t bytes) {
    if (bytes > SIZE_MAX - 64 - sizeof(void *)) return NULL;
    uint8_t *given = malloc(bytes + 64 + sizeof(void *));
    if (!given) return NULL;
    uint8_t *at = given + sizeof(void *);
    at += -(uintptr_t)at & 63;
    memcpy(at - sizeof(void *), &given, sizeof(void *));
    return at;
}

void held_free(void *memory) {
    void *given = NULL;
    if (memory) memcpy(&given, (uint8_t *)memory - sizeof(void *), sizeof(void *));
    free(given);
}

void held_fine(struct fovea_failure *failure) {
    failure->status = FOVEA_OK;
    failure->check[0] = failure->text[0] = 0;
}

bool held_fail(struct fovea_failure *failure, enum fovea_status status, const char *text) {
    size_t length = strlen(text);
    if (length > sizeof failure->text - 1) {
        length = sizeof failure->text - 1;
        while (length && ((unsigned char)text[length] & 0xc0) == 0x80) length--; /* whole UTF-8 */
    }
    held_fine(failure);
    failure->status = (int32_t)status;
    memcpy(failure->text, text, length);
    failure->text[length] = 0;
    return false;
}

bool held_error(struct fovea_failure *failure, const struct fovea_error *error) {
    held_fail(failure, error->status, error->text);
    memcpy(failure->check, error->check, sizeof error->check);
    return false;
}

/* ---- opening and closing ---- */

static void held_end(struct held *held) {
#if FOVEA_BINDING_THREADS
    fovea_threads_stop(held->threads);
#endif
    held_free(held->scratch);
    held_free(held->memory);
    held_free(held->copy);
}

static bool held_bytes(struct held *held, const void *model, size_t size, bool borrow,
                       struct fovea_failure *failure) {
    held->bytes = model;
    held->size = size;
    if (borrow && (uintptr_t)model % 64 == 0) return true;
    held->bytes = held->copy = held_memory(size);
    if (!held->copy) return held_fail(failure, FOVEA_MEMORY, "no memory for the model's bytes");
    memcpy(held->copy, model, size);
    return true;
}

static bool held_threads(struct held *held, uint32_t threads, struct fovea_failure *failure) {
#if FOVEA_BINDING_THREADS
    if (threads == 1) return true;
    held->threads = fovea_threads_start(threads);
    if (!held->threads) return held_fail(failure, FOVEA_MEMORY, "the threads cannot be started");
    held->options.threads = threads;
    held->options.parallel_for = fovea_threads_for;
    held->options.pool = held->threads;
#else
    (void)held, (void)threads, (void)failure;
#endif
    return true;
}

static bool held_start(struct held *held, const void *model, size_t size, uint32_t threads,
                       uint32_t flags, struct fovea_failure *failure) {
    const struct fovea_options usual = FOVEA_OPTIONS_INIT;
    struct fovea_error error;
    if (!model) return held_fail(failure, FOVEA_ARGUMENT, "no bytes of a model");
    if (threads < 1 || threads > FOVEA_THREADS_MAX)
        return held_fail(failure, FOVEA_ARGUMENT, "threads must be 1 to 64");
    held->options = usual;
    held->options.small_memory = flags & FOVEA_OPEN_SMALL;
    held->options.exact = flags & FOVEA_OPEN_EXACT;
    if (!held_bytes(held, model, size, flags & FOVEA_OPEN_BORROW, failure)) return false;
    if (fovea_model_open(&held->model, held->bytes, size, &error) != FOVEA_OK)
        return held_error(failure, &error);
    if (!held_threads(held, threads, failure)) return false;
    if (fovea_measure(&held->model, &held->options, &held->memory_size, &error) != FOVEA_OK)
        return held_error(failure, &error);
    held->memory = held_memory(held->memory_size);
    if (!held->memory)
        return held_fail(failure, FOVEA_MEMORY, "no memory for what the model needs to run");
    return fovea_plan(&held->model, &held->options, held->memory, held->memory_size, &held->session,
                      &error) == FOVEA_OK ||
           held_error(failure, &error);
}

fovea_handle fovea_handle_open(const void *model, size_t size, uint32_t threads, uint32_t flags,
                               struct fovea_failure *failure) {
    fovea_handle handle;
    struct held *held = place_take(&handle);
    held_fine(failure);
    if (!held) {
        held_fail(failure, FOVEA_LIMIT, "too many models are open; close some");
        return 0;
    }
    if (held_start(held, model, size, threads, flags, failure)) {
        held_give(handle, true);
        return handle;
    }
    held_end(held);
    place_free(handle);
    return 0;
}

bool fovea_handle_close(fovea_handle handle, struct fovea_failure *failure) {
    struct held *held = held_take(handle, failure);
    if (!held) return false;
    held_end(held);
    place_free(handle);
    return true;
}

/* ---- runs ---- */

size_t held_count(const struct held *held, bool outputs) {
    struct fovea_io io;
    size_t count = 0;
    for (size_t i = 0; (outputs ? fovea_model_output(&held->model, i, &io)
                                : fovea_model_input(&held->model, i, &io)) == FOVEA_OK;
         i++)
        count += io.count;
    return count;
}

static size_t handle_count(fovea_handle handle, bool outputs, struct fovea_failure *failure) {
    struct held *held = held_take(handle, failure);
    if (!held) return 0;
    size_t count = held_count(held, outputs);
    held_give(handle, true);
    return count;
}

size_t fovea_handle_inputs(fovea_handle handle, struct fovea_failure *failure) {
    return handle_count(handle, false, failure);
}

size_t fovea_handle_outputs(fovea_handle handle, struct fovea_failure *failure) {
    return handle_count(handle, true, failure);
}

bool held_room(const struct held *held, const struct fovea_answer *answer,
               struct fovea_failure *failure) {
    if (!answer) return held_fail(failure, FOVEA_ARGUMENT, "nowhere to write the answer");
    if (answer->values && answer->room < held_count(held, true))
        return held_fail(failure, FOVEA_MEMORY, "too little room for the answer");
    return true;
}

/* The best classes, of as many as there is room for. */
static size_t held_top(const struct held *held, struct fovea_answer *answer) {
    size_t found = 0;
    struct fovea_io io;
    if (!answer->index || !answer->probability || !answer->top) return 0;
    fovea_model_output(&held->model, 0, &io);
    size_t most = io.count + 1; /* a sigmoid's single value stands for two */
    if (most > answer->top) most = answer->top;
    struct fovea_ranked *ranked = held_memory(most * sizeof *ranked);
    if (!ranked) return 0;
    found = fovea_top(held->session, 0, most, ranked);
    for (size_t i = 0; i < found; i++) {
        answer->index[i] = ranked[i].index;
        answer->probability[i] = ranked[i].value;
    }
    held_free(ranked);
    return found;
}

void held_run(struct held *held, struct fovea_answer *answer) {
    struct fovea_io io;
    fovea_run(held->session);
    answer->count = 0;
    for (size_t i = 0; answer->values && fovea_model_output(&held->model, i, &io) == FOVEA_OK;
         i++) {
        memcpy(answer->values + answer->count, fovea_output(held->session, i),
               io.count * sizeof(float));
        answer->count += io.count;
    }
    answer->found = held_top(held, answer);
}

static bool held_inputs(fovea_session *session, const struct held *held, const float *values,
                        size_t count, struct fovea_failure *failure) {
    struct fovea_io io;
    if (!values) return held_fail(failure, FOVEA_ARGUMENT, "no numbers for the inputs");
    if (count != held_count(held, false))
        return held_fail(failure, FOVEA_SHAPE,
                         "the numbers given are not as many as the model's inputs take");
    for (size_t i = 0; fovea_model_input(&held->model, i, &io) == FOVEA_OK; i++) {
        memcpy(fovea_input(session, i), values, io.count * sizeof(float));
        values += io.count;
    }
    return true;
}

bool fovea_handle_predict(fovea_handle handle, const float *values, size_t count,
                          struct fovea_answer *answer, struct fovea_failure *failure) {
    struct held *held = held_take(handle, failure);
    if (!held) return false;
    bool done = held_room(held, answer, failure) &&
                held_inputs(held->session, held, values, count, failure);
    if (done) held_run(held, answer);
    return held_give(handle, done);
}

bool held_image(struct held *held, const struct fovea_image *image, struct fovea_answer *answer,
                struct fovea_failure *failure) {
    struct fovea_error error;
    struct fovea_io io;
    size_t bytes;
    if (!held_room(held, answer, failure)) return false;
    if (fovea_model_input(&held->model, 1, &io) == FOVEA_OK)
        return held_fail(failure, FOVEA_SHAPE,
                         "the model has several inputs: a picture is not enough");
    if (fovea_image_measure(held->session, 0, image, &bytes, &error) != FOVEA_OK)
        return held_error(failure, &error);
    if (bytes > held->scratch_size) {
        held_free(held->scratch);
        held->scratch = held_memory(bytes);
        held->scratch_size = held->scratch ? bytes : 0;
        if (!held->scratch)
            return held_fail(failure, FOVEA_MEMORY, "no memory to resize the picture");
    }
    if (fovea_image_fit(held->session, 0, image, held->scratch, bytes, &error) != FOVEA_OK)
        return held_error(failure, &error);
    held_run(held, answer);
    return true;
}

bool fovea_handle_image(fovea_handle handle, const struct fovea_image *image,
                        struct fovea_answer *answer, struct fovea_failure *failure) {
    struct held *held = held_take(handle, failure);
    return held && held_give(handle, held_image(held, image, answer, failure));
}

bool fovea_handle_pixels(fovea_handle handle, const uint8_t *pixels, size_t size, uint32_t width,
                         uint32_t height, size_t stride, uint32_t format,
                         struct fovea_answer *answer, struct fovea_failure *failure) {
    const struct fovea_image image = {.pixels = pixels,
                                      .width = width,
                                      .height = height,
                                      .stride = stride,
                                      .format = (enum fovea_pixels)format};
    static const uint8_t bytes[] = {
        [FOVEA_PIXELS_GREY] = 1, [FOVEA_PIXELS_RGB] = 3,  [FOVEA_PIXELS_BGR] = 3,
        [FOVEA_PIXELS_RGBA] = 4, [FOVEA_PIXELS_BGRA] = 4, [FOVEA_PIXELS_RGB565] = 2};
    if (format >= sizeof bytes)
        return held_fail(failure, FOVEA_ARGUMENT, "unknown format of pixels of one plane");
    if (!pixels || !width || !height || size / width < bytes[format] || /* no overflow below */
        (height > 1 && (size - (size_t)width * bytes[format]) / (height - 1) < stride))
        return held_fail(failure, FOVEA_ARGUMENT,
                         "the pixels are fewer than width, height and stride say");
    return fovea_handle_image(handle, &image, answer, failure);
}

/* ---- layer by layer ---- */

struct watch {
    fovea_handle_watcher *watcher;
    void *context;
};

static void watch_step(void *context, const struct fovea_step_info *info) {
    const struct watch *watch = context;
    size_t count = 1;
    for (uint32_t i = 0; i < info->shape.rank; i++) count *= info->shape.dims[i];
    watch->watcher(watch->context, info->name, info->output, count);
}

static bool held_watch(struct held *held, const float *values, size_t count, struct watch *watch,
                       struct fovea_failure *failure) {
    struct fovea_options options = held->options;
    struct fovea_error error;
    fovea_session *session;
    size_t bytes;
    options.watcher = watch_step;
    options.context = watch;
    if (fovea_measure(&held->model, &options, &bytes, &error) != FOVEA_OK)
        return held_error(failure, &error);
    void *memory = held_memory(bytes);
    if (!memory)
        return held_fail(failure, FOVEA_MEMORY, "no memory for what the model needs to run");
    bool done = fovea_plan(&held->model, &options, memory, bytes, &session, &error) == FOVEA_OK
                    ? held_inputs(session, held, values, count, failure)
                    : held_error(failure, &error);
    if (done) fovea_run(session);
    held_free(memory);
    return done;
}

bool fovea_handle_watch(fovea_handle handle, const float *values, size_t count,
                        fovea_handle_watcher *watcher, void *context,
                        struct fovea_failure *failure) {
    struct watch watch = {watcher, context};
    if (!watcher) return held_fail(failure, FOVEA_ARGUMENT, "nobody to show the layers to");
    struct held *held = held_take(handle, failure);
    return held && held_give(handle, held_watch(held, values, count, &watch, failure));
}
