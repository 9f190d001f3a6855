#include "clinic/csv.h"

/* Where the field being read is written to. */
struct writer {
    struct csv *csv;
    size_t used, room;
};

static bool put(struct writer *w, int c) {
    if (w->used + 1 >= w->room)
        return fail(w->csv->trouble, "L-001 %s line %zu: a row of more than %zu bytes",
                    w->csv->name, w->csv->line, CSV_ROW_MAX);
    w->csv->text[w->used++] = (char)c;
    return true;
}

static int take(struct csv *csv) {
    return fovea_left(&csv->at) ? fovea_read8(&csv->at) : -1;
}

/* What stands between quotes, the first of which is taken; "" is one of them. */
static bool take_quoted(struct writer *w) {
    struct csv *csv = w->csv;
    for (;;) {
        const int c = take(csv);
        if (c < 0)
            return fail(csv->trouble, "L-002 %s line %zu: a quote that does not end", csv->name,
                        csv->line);
        if (c == '\n') csv->next++;
        if (c == '"') {
            if (fovea_peek(&csv->at) != '"') return true;
            fovea_skip(&csv->at, 1);
        }
        if (c == 0) return fail(csv->trouble, "L-003 %s line %zu: not text", csv->name, csv->line);
        if (!put(w, c)) return false;
    }
}

/* One field; `end` is what stands behind it: a comma, or a line's or the file's end. */
static bool take_field(struct writer *w, int *end) {
    struct csv *csv = w->csv;
    bool quoted = fovea_peek(&csv->at) == '"';
    if (quoted) {
        fovea_skip(&csv->at, 1);
        if (!take_quoted(w)) return false;
    }
    for (;;) {
        int c = take(csv);
        if (c == '\r' && (fovea_peek(&csv->at) == '\n' || fovea_peek(&csv->at) < 0)) c = take(csv);
        if (c < 0 || c == ',' || c == '\n') {
            *end = c;
            return put(w, 0);
        }
        if (quoted)
            return fail(csv->trouble, "L-004 %s line %zu: text behind a closing quote", csv->name,
                        csv->line);
        if (c < ' ' && c != '\t')
            return fail(csv->trouble, "L-005 %s line %zu: not text", csv->name, csv->line);
        if (!put(w, c)) return false;
    }
}

static bool take_row(struct csv *csv) {
    struct writer w = {csv, 0, CSV_ROW_MAX};
    int end = ',';
    csv->line = csv->next++;
    for (csv->count = 0; end == ',';) {
        if (csv->count == CSV_COLUMNS_MAX)
            return fail(csv->trouble, "L-006 %s line %zu: more than %d columns", csv->name,
                        csv->line, CSV_COLUMNS_MAX);
        csv->fields[csv->count++] = csv->text + w.used;
        if (!take_field(&w, &end)) return false;
    }
    return true;
}

bool csv_next(struct csv *csv) {
    while (fovea_left(&csv->at)) {
        if (!take_row(csv)) return false;
        if (csv->count > 1 || csv->fields[0][0]) return true;
    }
    return false;
}

bool csv_open(struct csv *csv, const char *name, const void *bytes, size_t size, struct pool *pool,
              struct trouble *trouble) {
    *csv = (struct csv){.name = name,
                        .at = fovea_bytes_of(bytes, size),
                        .next = 1,
                        .fields = pool_get(pool, CSV_COLUMNS_MAX, sizeof(char *), trouble),
                        .text = pool_get(pool, CSV_ROW_MAX, 1, trouble),
                        .trouble = trouble};
    if (!csv->fields || !csv->text) return false;
    if (!fovea_match(&csv->at, "\xef\xbb\xbf", 3)) csv->at = fovea_bytes_of(bytes, size);
    if (csv_next(csv)) return true;
    return fail(trouble, "L-007 %s: an empty file", name);
}
