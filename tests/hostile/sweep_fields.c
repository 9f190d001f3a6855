/* Every number that a file's structures could hold, at every byte, set to 16 boundary values, with the
 * checksums put right behind it: HDF5 of all styles, archives, blobs, photos. The bytes end at a page that
 * nobody may touch, and begin at one. What is refused has a reason; a blob that is accepted is run. Files as
 * they are also meet every limit of memory and of work on their way.
 * usage: sweep_fields FILE...; ends with "N passed, N failed". */
#define _DEFAULT_SOURCE

/* before cmocka.h, which makes a macro of `fail` */
#include "convert/convert.h"
#include "convert/files/zip.h"
#include "include/fovea_photo.h"
#include "tests/fuzz/reseal.h"
#include "tests/fuzz/use_blob.h"
#include "tests/hostile/guarded.h"
#include "tests/unit/hdf5_chunked.h"
#include "tests/unit/hdf5_dense.h"
#include "tests/unit/hdf5_walk.h"
#include "tests/unit/zip_writer.h"

#include "cli/npy.h"
#include "weights/blob.h"
#include "weights/blob_build.h"

#include <signal.h>

#define HEAP_PER_BYTE 16
#define HEAP_EXTRA    ((size_t)64 << 20)

static size_t seeds, fields, runs, accepted, scarce, failures;
static double largest_heap; /* over the file's size, of files from 4 KiB on */

/* ---- where we are, for the report of a crash ---- */

static struct {
    const char *name;
    size_t field;
    unsigned width;
    uint64_t value;
} at;

static void crashed(int number) {
    char line[256];
    int length =
        snprintf(line, sizeof line, "FAIL %s: signal %d with %u bytes at %zu set to %llx\n",
                 at.name, number, at.width, at.field, (unsigned long long)at.value);
    if (write(1, line, (size_t)length) < 0) _exit(3);
    _exit(2);
}

static void wrong(const char *what) {
    if (failures++ < 20)
        printf("FAIL %s, %u bytes at %zu set to %llx: %s\n", at.name, at.width, at.field,
               (unsigned long long)at.value, what);
}

static void note_heap(const struct pool *pool, size_t size) {
    double heap = (double)pool->used / (double)size;
    if (pool->used > HEAP_PER_BYTE * size + HEAP_EXTRA) wrong("more memory than a file may cost");
    if (size >= 4096 && heap > largest_heap) largest_heap = heap;
}

static void put(uint8_t *to, unsigned width, uint64_t value) {
    for (unsigned i = 0; i < width; i++) to[i] = (uint8_t)(value >> (8 * i));
}
static uint64_t get(const uint8_t *from, unsigned width) {
    uint64_t value = 0;
    for (unsigned i = 0; i < width; i++) value |= (uint64_t)from[i] << (8 * i);
    return value;
}

/* ---- what reads the bytes ---- */

typedef bool taker(uint8_t *bytes, size_t size);

static uint8_t
    *mended; /* the file in work, whose checksums are put right when they are asked for */
static size_t mended_size, repaired, repaired_inside;

/* The checksum of a fractal heap's direct block lies inside it, and is that of a copy with zeros in its place:
 * it stands where the file differs from the copy, by all of four bytes; NULL where nothing does. */
static uint8_t *sum_inside(struct fovea_bytes copy) {
    for (size_t i = 0; copy.size >= 8 && i + copy.size <= mended_size; i++) {
        uint8_t *block = mended + i;
        size_t first = 0, end = copy.size;
        if (memcmp(block, "FHDB", 4) != 0) continue;
        while (first < end && block[first] == copy.start[first]) first++;
        while (first < end && block[end - 1] == copy.start[end - 1]) end--;
        if (end - first == 4 && memcmp(copy.start + first, "\0\0\0", 4) == 0) return block + first;
    }
    return NULL;
}

uint32_t __real_hdf5_checksum(struct fovea_bytes covered);
uint32_t __wrap_hdf5_checksum(struct fovea_bytes covered);

/* The linker sends the library's calls here. */
uint32_t __wrap_hdf5_checksum(struct fovea_bytes covered) {
    uint32_t sum = __real_hdf5_checksum(covered);
    const uintptr_t start = (uintptr_t)covered.start, from = (uintptr_t)mended;
    const bool outside = start >= from && start - from <= mended_size &&
                         mended_size - (start - from) >= covered.size + 4;
    if (!mended) return sum;
    uint8_t *stored = outside ? mended + (start - from) + covered.size : sum_inside(covered);
    if (stored && get(stored, 4) != sum) {
        put(stored, 4, sum);
        repaired++;
        repaired_inside += !outside;
    }
    return sum;
}

static size_t scarce_memory; /* if not 0: the limit of a pool */
static uint64_t scarce_fuel; /* if not 0: the steps a file may take */

static size_t room_for(size_t size) {
    return scarce_memory ? scarce_memory : HEAP_PER_BYTE * size + HEAP_EXTRA;
}

static bool take_hdf5(uint8_t *bytes, size_t size) {
    struct hdf5_walk walk;
    mended = bytes;
    mended_size = size;
    for (int round = 0; round < 4; round++) {
        struct pool pool = {.limit = room_for(size), .fuel = scarce_fuel};
        walk = (struct hdf5_walk){0};
        repaired = 0;
        bool open = hdf5_walk(&pool, bytes, size, &walk);
        if (walk.silent || open + walk.refused == 0) wrong("refused without a reason");
        note_heap(&pool, size);
        pool_free(&pool);
        if (repaired == 0) break;
    }
    mended = NULL;
    return walk.refused == 0;
}

static bool take_zip(uint8_t *bytes, size_t size) {
    static const char *const names[] = {"config.json", "metadata.json", "model.weights.h5", "a",
                                        "b"};
    struct pool pool = {.limit = room_for(size), .fuel = scarce_fuel};
    struct trouble trouble = {0};
    const struct zip *zip = zip_open(&pool, bytes, size, &trouble);
    for (size_t i = 0; zip && i < sizeof names / sizeof *names; i++) {
        const uint8_t *contents;
        size_t length;
        bool found;
        volatile uint8_t sum = 0;
        bool done = zip_read(zip, names[i], &contents, &length, &found, &trouble);
        if (done == trouble.set) wrong("refused without a reason");
        if (!done) break;
        for (size_t b = 0; found && b < length; b++) sum = (uint8_t)(sum + contents[b]);
    }
    if (!zip && !trouble.set) wrong("refused without a reason");
    note_heap(&pool, size);
    pool_free(&pool);
    return !trouble.set;
}

static bool take_blob(uint8_t *bytes, size_t size) {
    struct fovea_model model;
    struct fovea_error error;
    fovea_draft_seal(bytes, size);
    bool open = fovea_model_open(&model, bytes, size, &error) == FOVEA_OK;
    if (!error.text || open != (error.status == FOVEA_OK)) wrong("refused without a reason");
    /* what was accepted runs in memory of exactly its size; where it lies does not matter */
    return open && use_blob(bytes, size, (uint32_t)(at.field * 2654435761u + at.width));
}

static bool take_photo(uint8_t *bytes, size_t size) {
    struct fovea_image image;
    struct fovea_error error;
    reseal_png(bytes, size);
    enum fovea_status status = fovea_photo_decode(bytes, size, &image, &error);
    if (status != error.status || !error.text) wrong("refused without a reason");
    fovea_photo_free(&image);
    return status == FOVEA_OK;
}

/* ---- setting ---- */

struct seed {
    const char *name;
    const uint8_t *bytes;
    size_t size, first, end; /* of the structures */
    size_t step;             /* between fields */
    unsigned narrowest;      /* field, in bytes */
    taker *take;
};

static void run_both(const struct seed *seed, const struct guarded *memory, uint64_t value) {
    uint8_t *places[2] = {guarded_end(memory, seed->size, seed->take == take_blob ? 64 : 1),
                          memory->start};
    at.value = value;
    for (int p = 0; p < 2; p++) {
        memcpy(places[p], seed->bytes, seed->size);
        put(places[p] + at.field, at.width, value);
        accepted += seed->take(places[p], seed->size);
        runs++;
    }
}

/* With less and less memory, and with less and less fuel. */
static void sweep_scarce(const struct seed *seed, uint8_t *bytes) {
    const size_t step = seed->size < 4096 ? 6 : 1024;
    size_t accepted_at = 0;
    for (scarce_memory = 16; accepted_at == 0; scarce_memory += step, scarce++)
        accepted_at = seed->take(bytes, seed->size) ? scarce_memory : 0;
    scarce_memory = 0;
    for (scarce_fuel = 1; !seed->take(bytes, seed->size); scarce++)
        scarce_fuel += step < 8 ? 3 : step / 3;
    scarce_fuel = 0;
}

static void sweep(const struct seed *seed) {
    struct guarded memory = guarded_memory(seed->size);
    at.name = seed->name;
    at.field = at.width = 0;
    at.value = 0;
    memcpy(memory.start, seed->bytes, seed->size);
    if (!seed->take(memory.start, seed->size))
        wrong("refused as it is");
    else if (seed->take == take_hdf5 || seed->take == take_zip)
        sweep_scarce(seed, memory.start);
    for (at.field = seed->first; at.field < seed->end; at.field += seed->step)
        for (at.width = seed->narrowest;
             at.width <= (seed->take == take_photo ? 4 : 8) && at.field + at.width <= seed->end;
             at.width *= 2, fields++) {
            const uint64_t most = UINT64_MAX >> (64 - 8 * at.width),
                           old = get(seed->bytes + at.field, at.width);
            const uint64_t values[16] = {0,
                                         1,
                                         2,
                                         64,
                                         most,
                                         most - 1,
                                         most / 2,
                                         most / 2 + 1,
                                         old + 1,
                                         old - 1,
                                         old * 2,
                                         seed->size,
                                         seed->size - 1,
                                         seed->size + 1,
                                         most / 8,
                                         most / 8 - 1};
            for (unsigned v = 0; v < 16; v++)
                if ((values[v] & most) != old) run_both(seed, &memory, values[v] & most);
        }
    guarded_free(&memory);
    seeds++;
}

/* ---- what is swept ---- */

/* Room behind a file's last structure, so that what says it is larger finds bytes; where the structures end. */
static size_t stretch(struct writer *w) {
    const size_t end = w->size;
    memset(w->bytes + end, 0, 1500);
    w->size += 1500;
    w_set(w, w->latest ? 28 : 40, 8, w->size);
    if (w->latest) w_reseal(w, 0, 44);
    return end;
}

static void sweep_made_hdf5(void) {
    static const unsigned filters[] = {2, 1, 3};
    static uint8_t copy[W_ROOM];
    for (enum kind kind = 0; kind < KINDS; kind++) {
        struct plan plan = plan_of(kind);
        struct writer w;
        if (kind != IMPLICIT) set_filters(&plan, filters, 3);
        make(&w, &plan);
        const size_t end = stretch(&w);
        memcpy(copy, w.bytes, w.size);
        sweep(&(struct seed){"chunks", copy, w.size, 0, end, 1, 1, take_hdf5});
    }
    for (int attributes = 0; attributes < 2; attributes++) {
        struct dense d = {.attributes = attributes};
        dense_make(&d, copy);
        const size_t end = stretch(&d.w);
        repaired_inside = 0;
        sweep(&(struct seed){"dense", copy, d.w.size, 0, end, 1, 1, take_hdf5});
        if (repaired_inside < end) wrong("no checksums inside heap blocks were put right");
    }
}

/* Attributes of all kinds, data in one piece and in the header. */
static void sweep_plain_hdf5(bool latest) {
    static const char *const texts[] = {"some text", ""};
    static uint8_t copy[W_ROOM];
    const uint64_t dims[] = {2, 3};
    const float numbers[6] = {1, 2, 3, 4, 5, 6};
    struct writer w;
    unsigned messages;
    w_begin(&w, copy, latest);
    const uint64_t whole = w_contiguous(&w, W_F4, 2, dims, numbers, sizeof numbers);
    const uint64_t small = w_compact(&w, W_F8 | W_BIG, 1, dims + 1, numbers, sizeof numbers);
    const uint64_t heap = w_collection(&w, texts, 2);
    const struct w_link inner[] = {{"b", small}, {"a", whole}};
    const struct w_link outer[] = {{"group", w_group(&w, inner, 2)}, {"c", whole}};
    const uint64_t root = w_group_begin(&w, outer, 2, &messages);
    w_attribute(&w, "number", W_I4, 0, NULL, numbers, 4);
    w_attribute_texts(&w, "names", 4, 3, "ab\0\0abcd\0\0\0\0");
    w_attribute_references(&w, "config", heap, texts, 2);
    w_header_end(&w, root, messages + 3);
    w_end(&w, root);
    const size_t end = stretch(&w);
    sweep(&(struct seed){"plain", copy, w.size, 0, end, 1, 1, take_hdf5});
}

static void sweep_made_zip(void) {
    static const struct zip_part parts[] = {{"a", "some text", 0, 0, true, false},
                                            {"b", "packed", 8, 0, false, true}};
    for (int wide = 0; wide < 2; wide++) {
        const struct zip_made z = zip_make(parts, 2, wide);
        sweep(&(struct seed){"archive", z.bytes, z.size, 0, z.size, 1, 1, take_zip});
    }
}

/* The tables of the model that a Keras file becomes. */
static void sweep_blob(const char *name, const uint8_t *bytes, size_t size) {
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct converted converted;
    struct fovea_model model;
    struct convert_options options = {.recipe = {.scale = 1, .std = {1, 1, 1}}};
    at.name = name;
    if (!convert_keras(&pool, bytes, size, &options, &converted, &trouble) ||
        fovea_model_open(&model, converted.blob, (size_t)converted.size, NULL) != FOVEA_OK)
        wrong("does not convert");
    else
        sweep(&(struct seed){name, converted.blob, (size_t)converted.size, 24,
                             (size_t)model.at_text / 4 * 4, 4, 4, take_blob});
    pool_free(&pool);
}

/* All headers of an archive are within 100 bytes of a signature. */
static void sweep_zip(const char *name, const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i + 100 < size; i++) {
        struct seed seed = {name, bytes, size, i, i + 100, 1, 1, take_zip};
        if (bytes[i] != 'P' || bytes[i + 1] != 'K' || bytes[i + 2] > 6) continue;
        sweep(&seed);
    }
}

int main(int count, char **words) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGSEGV, crashed);
    signal(SIGBUS, crashed);
    signal(SIGFPE, crashed);
    sweep_made_hdf5();
    sweep_plain_hdf5(false);
    sweep_plain_hdf5(true);
    sweep_made_zip();
    for (int i = 1; i < count; i++) {
        size_t size;
        uint8_t *bytes = npy_file(words[i], &size);
        if (!bytes || size < 8) {
            printf("FAIL %s: cannot be read\n", words[i]);
            failures++;
        } else if (bytes[0] == 0xff || bytes[1] == 'P') {
            sweep(&(struct seed){words[i], bytes, size, 0, size < 700 ? size : 700, 1, 1,
                                 take_photo});
        } else if (bytes[0] == 'P') {
            sweep_zip(words[i], bytes, size);
        } else {
            sweep_blob(words[i], bytes, size);
            sweep(&(struct seed){words[i], bytes, size, 0, size < 2048 ? size : 2048, 1, 1,
                                 take_hdf5});
        }
        free(bytes);
    }
    printf("%zu structures: %zu fields of 16 values, %zu runs beside guard pages, %zu accepted; "
           "%zu with less memory or fuel; most heap %.1f times the file\n",
           seeds, fields, runs, accepted, scarce, largest_heap);
    printf("%zu passed, %zu failed\n", runs - failures, failures);
    return failures != 0;
}
