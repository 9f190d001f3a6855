#include <string.h>

#include "cli/report/report.h"
#include "cli/say.h"

/* Sections in the order of the page, with what stands above each. */
static const struct {
    const char *section, *title;
} sections[] = {
    {"overall", "All pictures"},
    {"mask", "Masks, mean of pictures"},
    {"positive", "Positive group against the rest"},
    {"point", "Operating points"},
    {"class", "Each class against the rest"},
    {"group", "Subgroups"},
    {"fold", "Folds"},
    {"comparison", "Paired comparison"},
};

static void say_figure(const struct figure *f) {
    say("  %-44s ", metric_words(f->metric));
    if (!f->known) {
        say("   -    n %zu: %s\n", f->n, f->reason);
        return;
    }
    const bool whole = f->value == (double)(long)f->value && f->value > 1;
    if (whole)
        say("%7.0f", f->value);
    else
        say(f->value != 0 && f->value < 1e-3 && f->value > -1e-3 ? "%7.3g" : "%7.4f", f->value);
    if (f->ranged)
        say("  (%.4f to %.4f)  n %zu\n", f->low, f->high, f->n);
    else
        say("  n %zu\n", f->n);
}

/* Classes and subgroups: a line each. */
static void say_wide(const struct figures *figures, const char *section) {
    static const char *const metrics[] = {"accuracy", "sensitivity", "specificity", "auc"};
    for (size_t i = 0; i < figures->count; i++) {
        const struct figure *f = &figures->list[i];
        if (strcmp(f->section, section) != 0 || !figures_is_first(figures, f)) continue;
        const char *subject = f->subject;
        say("  %-28s", subject);
        for (size_t m = 0; m < sizeof metrics / sizeof *metrics; m++) {
            const struct figure *of = figures_find(figures, section, subject, metrics[m]);
            if (!of) continue;
            if (of->known && of->ranged)
                say("  %s %.3f (%.3f-%.3f)", metrics[m], of->value, of->low, of->high);
            else if (of->known)
                say("  %s %.3f", metrics[m], of->value);
            else
                say("  %s -", metrics[m]);
        }
        say("\n");
    }
}

void report_text(const struct report *r) {
    const struct figures *figures = &r->e->figures;
    say("%s: %u pictures", r->e->scores->name, r->e->scores->n);
    if (r->e->scores->classes) say(", %u classes", r->e->scores->classes);
    if (r->unread_count) say("; %zu more could not be read", r->unread_count);
    say("\nIntervals: %g %%\n", 100 * r->e->wishes->level);
    for (size_t s = 0; s < sizeof sections / sizeof *sections; s++) {
        const char *section = sections[s].section, *subject = "";
        bool begun = false;
        const bool wide = strcmp(section, "class") == 0 || strcmp(section, "group") == 0 ||
                          strcmp(section, "fold") == 0;
        for (size_t i = 0; i < figures->count; i++) {
            const struct figure *f = &figures->list[i];
            if (strcmp(f->section, section) != 0) continue;
            if (!begun) say("\n%s\n", sections[s].title);
            begun = true;
            if (wide) continue;
            if (strcmp(subject, f->subject) != 0) say(" %s\n", subject = f->subject);
            say_figure(f);
        }
        if (begun && wide) say_wide(figures, section);
    }
    if (r->e->note_count) say("\n");
    for (size_t i = 0; i < r->e->note_count; i++) say("note: %s\n", r->e->notes[i]);
}
