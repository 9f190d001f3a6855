/* See windows.h: what the intrinsics of a compiler include. */
#include <stddef.h>
void *_aligned_malloc(size_t size, size_t alignment);
void _aligned_free(void *memory);
void *malloc(size_t size);
