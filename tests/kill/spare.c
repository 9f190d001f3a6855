/* What the sources that mark.c rewrote ask: whether a check does its work. KILL=X-001 takes that one away;
 * KILL_LOG=FILE notes, once each, the checks that would have refused. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Bool kill_spared(const char *id);

/* One bit for each id: letter and three digits. */
static unsigned char noted[26 * 1000 / 8 + 1];

_Bool kill_spared(const char *id) {
    const char *killed = getenv("KILL"), *log = getenv("KILL_LOG");
    if (killed && strcmp(killed, id) == 0) return 0;
    const int number = (id[0] - 'A') * 1000 + atoi(id + 2), bit = 1 << number % 8;
    if (log && !(noted[number / 8] & bit)) {
        char line[7] = {0};
        noted[number / 8] = (unsigned char)(noted[number / 8] | bit);
        memcpy(line, id, 5);
        line[5] = '\n';
        int file = open(log, O_WRONLY | O_APPEND | O_CREAT, 0600);
        if (file < 0 || write(file, line, 6) != 6) abort();
        close(file);
    }
    return 1;
}
