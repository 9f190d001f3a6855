/* See windows.h. */
#include <stddef.h>
void *calloc(size_t count, size_t size);
void free(void *memory);
void *malloc(size_t size);
