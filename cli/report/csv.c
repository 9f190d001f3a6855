#include <string.h>

#include "cli/report/report.h"

/* A field, in quotes where it has to be. */
static void put_field(FILE *out, const char *text) {
    if (!text) return;
    if (!text[strcspn(text, ",\"\r\n")]) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"') fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void put_number(FILE *out, bool known, double value) {
    fputc(',', out);
    if (known) fprintf(out, "%.17g", value);
}

void report_csv(const struct report *r, FILE *out) {
    fputs("section,class,metric,value,low,high,n,method,reason\n", out);
    for (size_t i = 0; i < r->e->figures.count; i++) {
        const struct figure *f = &r->e->figures.list[i];
        put_field(out, f->section);
        fputc(',', out);
        put_field(out, f->subject);
        fputc(',', out);
        put_field(out, f->metric);
        put_number(out, f->known, f->value);
        put_number(out, f->ranged, f->low);
        put_number(out, f->ranged, f->high);
        fprintf(out, ",%zu,", f->n);
        put_field(out, f->method);
        fputc(',', out);
        put_field(out, f->reason);
        fputc('\n', out);
    }
}

void report_scores(const struct scores *s, FILE *out) {
    fputs("id,label", out);
    for (uint32_t c = 0; c < s->column_count; c++) {
        fputc(',', out);
        put_field(out, s->columns[c].name);
    }
    for (uint32_t k = s->yes_no ? 1 : 0; k < s->classes; k++) {
        fputc(',', out);
        put_field(out, s->class_names[k]);
    }
    fputc('\n', out);
    for (uint32_t i = 0; i < s->n; i++) {
        put_field(out, s->ids[i]);
        fputc(',', out);
        put_field(out, s->truth[i] == NO_CLASS ? "other" : s->class_names[s->truth[i]]);
        for (uint32_t c = 0; c < s->column_count; c++) {
            fputc(',', out);
            put_field(out, s->columns[c].words[s->columns[c].of[i]]);
        }
        for (uint32_t k = s->yes_no ? 1 : 0; k < s->classes; k++)
            fprintf(out, ",%.9g", (double)s->values[(size_t)i * s->classes + k]);
        fputc('\n', out);
    }
}
