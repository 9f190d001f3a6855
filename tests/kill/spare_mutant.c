/* What the sources that mutate.c rewrote ask: whether a fault is there. MUTANT=17 puts that one in;
 * MUTANT_LOG=FILE notes, once each, those that a program came by. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MUTANTS_MAX 100000

unsigned char mutants[MUTANTS_MAX]; /* whether mutant() has to be asked */
_Bool mutant(unsigned id);

static unsigned here;
static const char *list;

__attribute__((constructor)) static void start(void) {
    const char *text = getenv("MUTANT");
    here = text ? (unsigned)strtoul(text, NULL, 10) % MUTANTS_MAX : 0;
    list = getenv("MUTANT_LOG");
    for (unsigned i = 0; i < MUTANTS_MAX; i++) mutants[i] = list != NULL;
    mutants[here] = 1;
}

_Bool mutant(unsigned id) {
    if (id == here) return 1;
    mutants[id] = 0;
    if (list) {
        char line[16];
        int length = snprintf(line, sizeof line, "%u\n", id);
        int file = open(list, O_WRONLY | O_APPEND | O_CREAT, 0600);
        if (file < 0 || write(file, line, (size_t)length) != length) abort();
        close(file);
    }
    return 0;
}
