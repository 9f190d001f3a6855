/* Compares every kernel of every table this machine can run with the reference, bit for bit:
 *
 *     check [shapes a kernel and table] [seed]
 *
 * A difference prints kernel, table, shape, index and both bit patterns. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernels/cpu.h"
#include "kernels/tables.h"
#include "tests/kernels/check.h"

/* ---- numbers ---- */

static uint64_t random_state;
static unsigned mood;

uint32_t check_random(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32);
}

size_t check_between(size_t least, size_t most) {
    return least + check_random() % (most - least + 1);
}

static float from_bits(uint32_t u) {
    float v;
    memcpy(&v, &u, sizeof v);
    return v;
}

static uint32_t to_bits(float v) {
    uint32_t u;
    memcpy(&u, &v, sizeof u);
    return u;
}

static float special(void) {
    static const uint32_t list[] = {
        0x00000000, 0x80000000, 0x7f800000,
        0xff800000, 0x7fc00000, 0xffc12345, /* 0, inf, NaN */
        0x00000001, 0x80000001, 0x007fffff,
        0x00800000, 0x7f7fffff, 0xff7fffff, /* the ends */
        0x3f800000, 0xbf800000, 0xc2aeac4f,
        0xc2aeac50, 0x42b17217, 0x42b17218, /* +-1, ends of exp */
        0xc1c80000, 0xc1c80001,             /* -25 and below */
    };
    return from_bits(list[check_random() % (sizeof list / sizeof list[0])]);
}

/* Of the mood drawn by check_begin. */
static float number(void) {
    const uint32_t u = check_random();
    const float unit = (float)(int32_t)u * 0x1p-31f;
    switch (mood) {
    case 0: return unit;
    case 1: return unit * 100.0f;
    case 2: return unit * from_bits((127u - 20u + check_random() % 41u) << 23);
    case 3: return check_random() % 8 == 0 ? special() : unit;
    default: return from_bits(u); /* any float */
    }
}

/* ---- memory ---- */

struct slot {
    unsigned char *pages; /* between two guard pages */
    size_t bytes;
};
static struct slot slots[CHECK_BUFFERS];
static size_t slots_used;

static void map_slots(void) {
    for (size_t i = 0; i < CHECK_BUFFERS; i++)
        slots[i].pages = check_pages(CHECK_FLOATS * sizeof(float), &slots[i].bytes);
}

void check_begin(void) {
    static const unsigned moods[] = {0, 0, 0, 1, 2, 3, 3, 4};
    mood = moods[check_random() % 8];
    slots_used = 0;
}

float *check_buffer(size_t count) {
    if (slots_used == CHECK_BUFFERS || count > CHECK_FLOATS) {
        fprintf(stderr, "check_buffer: %zu floats in buffer %zu\n", count, slots_used);
        exit(2);
    }
    const struct slot *slot = &slots[slots_used++];
    const size_t bytes = count * sizeof(float), slack = slot->bytes - bytes;
    const size_t near = slack < 4096 ? slack : 4096; /* what an overrun would reach first */
    if (check_random() % 2) {
        memset(slot->pages + bytes, 0xff, near); /* NaN */
        return (float *)(void *)slot->pages;
    }
    memset(slot->pages + slack - near, 0xff, near);
    return (float *)(void *)(slot->pages + slack);
}

float *check_filled(size_t count) {
    float *data = check_buffer(count);
    for (size_t i = 0; i < count; i++) data[i] = number();
    return data;
}

float *check_blank(size_t count) {
    float *data = check_buffer(count);
    for (size_t i = 0; i < count; i++) data[i] = from_bits(0x7fa5a5a5u);
    return data;
}

/* ARMv7 NEON flushes denormals; the scalar unit does so too once told to, and the reference with it. One
 * that nothing is done to stays, or becomes zero by the multiplication by 1 that clang makes of a choice. */
#if defined(__arm__) && defined(__ARM_FP)
static void flush_denormals(void) {
    uint32_t status;
    __asm__ volatile("vmrs %0, fpscr" : "=r"(status));
    __asm__ volatile("vmsr fpscr, %0" : : "r"(status | 1u << 24));
}

static uint32_t result_bits(float x) {
    const uint32_t bits = to_bits(x);
    return bits & 0x7f800000u ? bits : bits & 0x80000000u;
}
#else
static void flush_denormals(void) {}

static uint32_t result_bits(float x) {
    return to_bits(x);
}
#endif

bool check_same(const struct check_case *c, const float *expected, const float *found,
                size_t count) {
    for (size_t i = 0; i < count; i++) {
        const uint32_t want = result_bits(expected[i]), have = result_bits(found[i]);
        const bool untouched = want == 0x7fa5a5a5u || have == 0x7fa5a5a5u;
        if (want == have || (!untouched && expected[i] != expected[i] && found[i] != found[i]))
            continue;
        printf("%s %s: %s\n  at %zu of %zu: expected %08" PRIx32 " (%.9g), found %08" PRIx32
               " (%.9g)\n",
               c->kernel, c->isa, c->shape, i, count, want, (double)expected[i], have,
               (double)found[i]);
        return false;
    }
    return true;
}

/* ---- the run ---- */

static size_t passed, failed;
static struct check_case current;

/* A kernel ran into a guard page: says which. */
void check_fault(void) {
    printf("%s %s: %s\n  read or wrote outside its buffers\n", current.kernel, current.isa,
           current.shape);
    fflush(stdout);
}

static void check_table(const struct fovea_kernels *table, size_t shapes) {
    const struct fovea_kernels *plain = fovea_kernels_ref(), *reference;
    const struct fovea_kernels *ref = table->fused ? fovea_kernels_ref_fused() : plain;
    size_t i;
    current.isa = table->isa;
#define KERNEL(name, arguments)                                                                    \
    current.kernel = #name;                                                                        \
    /* What a table leaves to the plain reference is measured by that. */                          \
    reference = table->name == plain->name ? plain : ref;                                          \
    for (i = 0; i < shapes; i++) {                                                                 \
        check_begin();                                                                             \
        if (!check_##arguments(&current, table->name, reference->name, table->tile_pixels)) break; \
    }                                                                                              \
    if (i == shapes)                                                                               \
        passed++;                                                                                  \
    else                                                                                           \
        failed++;
#include "kernels/kernels.def"
#undef KERNEL
}

int main(int argc, char **argv) {
    const size_t shapes = argc > 1 ? strtoul(argv[1], NULL, 0) : 1000;
    const uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : (uint64_t)time(NULL);
    const uint32_t cpu = fovea_cpu_detect();
    struct fovea_kernels seen[32];
    size_t tables = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    random_state = (seed + 1) * 0x9e3779b97f4a7c15u;
    printf("seed %" PRIu64 ", %zu shapes a kernel and table\n", seed, shapes);
    flush_denormals();
    map_slots();
    for (uint32_t mask = 0; mask < 512; mask++) {
        struct fovea_kernels table;
        if (mask & ~cpu) continue;
        fovea_kernels_select(&table, mask);
        size_t known = 0;
        while (known < tables && memcmp(&seen[known], &table, sizeof table) != 0) known++;
        if (known < tables) continue;
        seen[tables++] = table;
        const size_t before = failed;
        check_table(&table, shapes);
        printf("%-5s %s\n", table.isa, failed == before ? "ok" : "FAILED");
    }
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed ? 1 : 0;
}
