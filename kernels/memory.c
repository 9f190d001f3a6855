/* The four memory functions that compilers call of their own accord, for programs that have none:
 * compiled with FOVEA_OWN_MEMORY. Weak, so that a program's own ones win. */
#include "kernels/base.h"

#if defined(FOVEA_OWN_MEMORY)

#if defined(__GNUC__) || defined(__clang__)
#define MEMORY_WEAK __attribute__((weak, used))
#define MEMORY_LOOP __asm__ volatile("" ::: "memory") /* or the compiler sees a memcpy in it */
typedef uint32_t __attribute__((may_alias)) memory_word;
#else
#define MEMORY_WEAK
#define MEMORY_LOOP (void)0
typedef unsigned char memory_word;
#endif

void *memcpy(void *to, const void *from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int byte, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);

static bool memory_is_even(const void *a, const void *b) {
    return ((uintptr_t)a | (uintptr_t)b) % sizeof(memory_word) == 0;
}

/* Forwards, word by word where that can be; safe too where `to` lies before `from`. */
MEMORY_WEAK void *memcpy(void *to, const void *from, size_t bytes) {
    unsigned char *t = (unsigned char *)to;
    const unsigned char *f = (const unsigned char *)from;
    if (memory_is_even(to, from))
        for (; bytes >= sizeof(memory_word); bytes -= sizeof(memory_word)) {
            *(memory_word *)(void *)t = *(const memory_word *)(const void *)f;
            t += sizeof(memory_word);
            f += sizeof(memory_word);
            MEMORY_LOOP;
        }
    for (; bytes > 0; bytes--) {
        *t++ = *f++;
        MEMORY_LOOP;
    }
    return to;
}

MEMORY_WEAK void *memmove(void *to, const void *from, size_t bytes) {
    unsigned char *t = (unsigned char *)to;
    const unsigned char *f = (const unsigned char *)from;
    if ((uintptr_t)to - (uintptr_t)from >= bytes) return memcpy(to, from, bytes);
    while (bytes-- > 0) {
        t[bytes] = f[bytes];
        MEMORY_LOOP;
    }
    return to;
}

MEMORY_WEAK void *memset(void *to, int byte, size_t bytes) {
    unsigned char *t = (unsigned char *)to;
    for (; bytes > 0; bytes--) {
        *t++ = (unsigned char)byte;
        MEMORY_LOOP;
    }
    return to;
}

MEMORY_WEAK int memcmp(const void *a, const void *b, size_t bytes) {
    const unsigned char *p = (const unsigned char *)a, *q = (const unsigned char *)b;
    for (; bytes > 0; bytes--, p++, q++) {
        if (*p != *q) return *p < *q ? -1 : 1;
        MEMORY_LOOP;
    }
    return 0;
}

#undef MEMORY_WEAK
#undef MEMORY_LOOP

#else
typedef int memory_is_empty; /* a translation unit needs a declaration */
#endif
