#include "cli/answer.h"

#include <stdlib.h>
#include <string.h>

#include "cli/head.h"
#include "cli/json.h"

/* Outputs of more numbers are told in summary; of CSV, which has a column a number, left out. */
#define VALUES_MOST 4096

/* An output and what it means. */
struct head {
    struct fovea_io io;
    enum head_kind kind;
    bool vector; /* all of it lies along the last dimension */
    bool two;    /* one probability with two names: it is the second's */
    const float *values;
    struct fovea_ranked *top;
    size_t found;
};

/* The `most` likeliest of the classes, as fovea_top has them. */
static size_t top_of(const struct answer_style *style, const struct fovea_finding *f, size_t most,
                     struct fovea_ranked *top) {
    size_t found = 0;
    for (uint32_t k = 0; k < f->classes; k++) {
        const float p = f->probabilities[k];
        size_t at = found;
        while (at > 0 && top[at - 1].value < p) at--;
        if (at == most) continue;
        if (found < most) found++;
        memmove(top + at + 1, top + at, (found - 1 - at) * sizeof *top);
        top[at] = (struct fovea_ranked){k, p, fovea_model_label(style->model, 0, k)};
    }
    return found;
}

/* Whether the answer to output `index` is another than the session's: calibrated, or the mean of turns. */
static bool is_found(const struct answer_style *style, const struct answer *a, size_t index) {
    return a && a->finding && index == 0 && a->finding->classes &&
           (style->calibrated || a->finding->turns > 1);
}

static bool head_of(const struct answer_style *style, size_t index, const struct answer *a,
                    struct head *head, struct trouble *trouble) {
    const fovea_session *session = a ? a->session : NULL;
    const bool is_other = is_found(style, a, index);
    memset(head, 0, sizeof *head);
    fovea_model_output(style->model, index, &head->io);
    const struct fovea_io *io = &head->io;
    head->kind = head_kind(style->model, index);
    head->vector = io->shape.rank >= 1 && io->count == io->shape.dims[io->shape.rank - 1];
    head->two = io->labels == 2 && io->count == 1;
    head->values = !session   ? NULL
                   : is_other ? a->finding->probabilities + (head->io.count == 1)
                              : fovea_output(session, index);
    if (!session || !head->vector || (head->kind == HEAD_VALUES && io->labels == 0)) return true;
    const size_t classes = head->two ? 2 : io->count;
    const size_t most = (size_t)style->top < classes ? (size_t)style->top : classes;
    head->top = malloc(most * sizeof *head->top);
    if (!head->top) return fail(trouble, "out of memory");
    head->found = is_other ? top_of(style, a->finding, most, head->top)
                           : fovea_top(session, index, most, head->top);
    return true;
}

struct summary {
    double least, greatest, mean;
};

static struct summary summarise(const struct head *head) {
    struct summary s = {(double)head->values[0], (double)head->values[0], 0};
    for (size_t i = 0; i < head->io.count; i++) {
        const double value = (double)head->values[i];
        s.least = value < s.least ? value : s.least;
        s.greatest = value > s.greatest ? value : s.greatest;
        s.mean += value / (double)head->io.count;
    }
    return s;
}

/* The name of element `i` of an output; NULL where it has none. */
static const char *name_of(const struct answer_style *style, const struct head *head, size_t output,
                           size_t i) {
    return fovea_model_label(style->model, output, head->two ? 1 : i);
}

/* ---- for people ---- */

static void people_head(const struct answer_style *style, size_t output, const struct head *head) {
    char shape[SHAPE_TEXT];
    FILE *out = style->out;
    if (fovea_model_outputs(style->model) > 1 && head->top) say_to(out, "  %s:\n", head->io.name);
    for (size_t i = 0; i < head->found; i++) {
        if (head->top[i].label)
            say_to(out, "  %-24s %8.4f\n", head->top[i].label, (double)head->top[i].value);
        else
            say_to(out, "  %-24u %8.4f\n", head->top[i].index, (double)head->top[i].value);
    }
    if (head->two && head->kind == HEAD_SIGMOID)
        say_to(out, "  decision: %s (threshold %g)\n",
               fovea_model_label(style->model, output,
                                 (double)head->values[0] >= style->threshold ? 1 : 0),
               style->threshold);
    if (head->top) return;
    if (head->io.count <= 8) {
        say_to(out, "  output '%s':", head->io.name);
        for (size_t i = 0; i < head->io.count; i++) say_to(out, " %g", (double)head->values[i]);
        say_to(out, "\n");
        return;
    }
    const struct summary s = summarise(head);
    say_to(out, "  output '%s' %s: %g to %g, mean %g (-o PREFIX saves it)\n", head->io.name,
           print_shape(&head->io.shape, shape, sizeof shape), s.least, s.greatest, s.mean);
}

/* ---- JSON ---- */

static void json_input(struct json_writer *json, const struct group *group) {
    json_whole(json, "schema", ANSWER_SCHEMA);
    if (group->count == 1) {
        json_string(json, "input", group->source[0].path);
        return;
    }
    json_array(json, "input");
    for (size_t i = 0; i < group->count; i++) json_string(json, NULL, group->source[i].path);
    json_close(json);
}

/* The names that hold, or their places where they have none. */
static void json_positive(const struct answer_style *style, struct json_writer *json, size_t output,
                          const struct head *head) {
    json_number(json, "threshold", style->threshold);
    if (head->two) {
        const bool second = (double)head->values[0] >= style->threshold;
        json_string(json, "decision", fovea_model_label(style->model, output, second));
        return;
    }
    json_array(json, "positive");
    for (size_t i = 0; i < head->io.count; i++) {
        if (!((double)head->values[i] >= style->threshold)) continue;
        const char *name = name_of(style, head, output, i);
        if (name)
            json_string(json, NULL, name);
        else
            json_whole(json, NULL, i);
    }
    json_close(json);
}

static void json_top(struct json_writer *json, const struct head *head) {
    json_array(json, "top");
    for (size_t i = 0; i < head->found; i++) {
        json_object(json, NULL);
        json_string(json, "label", head->top[i].label);
        json_whole(json, "index", head->top[i].index);
        json_number(json, head->kind == HEAD_VALUES ? "value" : "probability",
                    (double)head->top[i].value);
        json_close(json);
    }
    json_close(json);
}

static void json_values(struct json_writer *json, const struct head *head) {
    if (head->io.count > VALUES_MOST) {
        const struct summary s = summarise(head);
        json_number(json, "least", s.least);
        json_number(json, "greatest", s.greatest);
        json_number(json, "mean", s.mean);
        return;
    }
    json_array(json, "values");
    for (size_t i = 0; i < head->io.count; i++) json_number(json, NULL, (double)head->values[i]);
    json_close(json);
}

static void json_head(const struct answer_style *style, struct json_writer *json, size_t output,
                      const struct head *head) {
    json_object(json, NULL);
    json_string(json, "name", head->io.name);
    json_shape(json, "shape", &head->io.shape);
    json_string(json, "kind", head_words[head->kind]);
    if (head->top) json_top(json, head);
    if (head->top && head->kind == HEAD_SIGMOID) json_positive(style, json, output, head);
    if (!head->top || head->kind == HEAD_VALUES) json_values(json, head);
    if (style->keeper->kept) {
        json_string(json, "file", style->keeper->kept[output].path);
        json_whole(json, "row", style->keeper->rows - 1);
    }
    json_close(json);
}

/* ---- CSV (RFC 4180) ---- */

static void csv_text(FILE *out, const char *text) {
    say_to(out, "\"");
    for (const char *quote; (quote = strchr(text, '"')) != NULL; text = quote + 1)
        say_to(out, "%.*s\"\"", (int)(quote - text), text);
    say_to(out, "%s\"", text);
}

static void csv_inputs(FILE *out, const struct group *group) {
    for (size_t i = 0; i < group->count; i++) {
        if (i) say_to(out, ",");
        csv_text(out, group->source[i].path ? group->source[i].path : "");
    }
}

static void csv_columns(const struct answer_style *style, size_t output, const struct head *head) {
    const bool many = fovea_model_outputs(style->model) > 1;
    for (size_t i = 0; i < head->io.count; i++) {
        char name[400];
        const char *label = name_of(style, head, output, i);
        if (label)
            snprintf(name, sizeof name, "%s%s%s", many ? head->io.name : "", many ? ":" : "",
                     label);
        else
            snprintf(name, sizeof name, "%s[%zu]", head->io.name, i);
        say_to(style->out, ",");
        csv_text(style->out, name);
    }
}

static void csv_values(FILE *out, const struct head *head) {
    for (size_t i = 0; i < head->io.count; i++)
        say_to(out, head->values ? ",%.9g" : ",", head->values ? (double)head->values[i] : 0);
}

/* Of all outputs that are not too large: the names of their columns, values, or nothing in their place. */
static void csv_heads(const struct answer_style *style, const struct answer *a, bool names) {
    for (size_t o = 0; o < fovea_model_outputs(style->model); o++) {
        struct head head;
        struct trouble none = {0};
        const struct answer_style plain = {
            .model = style->model, .top = 1, .calibrated = style->calibrated};
        if (!head_of(&plain, o, a, &head, &none)) head.top = NULL;
        if (head.io.count <= VALUES_MOST) {
            if (names)
                csv_columns(style, o, &head);
            else
                csv_values(style->out, &head);
        }
        free(head.top);
    }
}

/* ---- verdicts ---- */

static void people_verdict(const struct answer_style *style, const struct answer *a) {
    const struct fovea_finding *f = a->finding;
    if (!is_found(style, a, 0)) return;
    if (f->kind == FOVEA_VERDICT_ANSWER && style->calibrated) {
        const char *label = f->label;
        if (label)
            say_to(style->out, "  answer: %s\n", label);
        else
            say_to(style->out, "  answer: class %u\n", f->answer);
    } else if (f->kind != FOVEA_VERDICT_ANSWER) {
        say_to(style->out, "  %s: %s\n",
               f->kind == FOVEA_VERDICT_RETAKE ? "take another photo" : "cannot tell", f->reason);
    }
    if (f->turns > 1)
        say_to(style->out, "  mean over %u turns, spread %.4f, entropy %.4f\n", f->turns,
               (double)f->spread, (double)f->entropy);
}

static void json_verdict(const struct answer_style *style, struct json_writer *json,
                         const struct answer *a) {
    const struct fovea_finding *f = a->finding;
    struct fovea_io io;
    if (!is_found(style, a, 0)) return;
    const bool answered = f->kind == FOVEA_VERDICT_ANSWER;
    json_object(json, "verdict");
    json_string(json, "kind", fovea_verdict_text(f->kind));
    json_string(json, "answer", !answered ? "cannot tell" : f->label);
    if (answered) json_whole(json, "index", f->answer);
    json_string(json, "reason", answered ? NULL : f->reason);
    json_bool(json, "calibrated", style->calibrated);
    json_whole(json, "turns", f->turns);
    json_number(json, "spread", (double)f->spread);
    json_number(json, "entropy", (double)f->entropy);
    if (f->distance >= 0) json_number(json, "distance", (double)f->distance);
    if (f->positive >= 0) json_number(json, "positive", (double)f->positive);
    fovea_model_output(style->model, 0, &io);
    if (io.count <= VALUES_MOST) {
        json_array(json, "scores");
        for (size_t i = 0; i < io.count; i++) json_number(json, NULL, (double)f->scores[i]);
        json_close(json);
    }
    json_close(json);
}

static void csv_verdict(const struct answer_style *style, const struct answer *a) {
    if (!style->calibrated) return;
    const struct fovea_finding *f = a->finding;
    say_to(style->out, ",%s,", fovea_verdict_text(f->kind));
    csv_text(style->out, f->reason);
}

/* ---- what answer.h promises ---- */

void answer_begin(const struct answer_style *style) {
    if (style->form != ANSWER_CSV) return;
    for (size_t i = 0; i < fovea_model_inputs(style->model); i++)
        say_to(style->out, i ? ",input%zu" : "input", i);
    say_to(style->out, ",batch");
    csv_heads(style, NULL, true);
    say_to(style->out, "%s,error\n", style->calibrated ? ",verdict,reason" : "");
}

static bool tell_heads(const struct answer_style *style, const struct answer *a,
                       struct json_writer *json, struct trouble *trouble) {
    for (size_t o = 0; o < fovea_model_outputs(style->model); o++) {
        struct head head;
        if (!head_of(style, o, a, &head, trouble)) return false;
        if (json)
            json_head(style, json, o, &head);
        else
            people_head(style, o, &head);
        free(head.top);
    }
    return true;
}

static bool tell_json(const struct answer_style *style, const struct answer *a,
                      struct trouble *trouble) {
    struct json_writer json = json_to(style->out);
    json_object(&json, NULL);
    json_input(&json, a->group);
    if (a->batch > 1) json_whole(&json, "batch", a->index);
    json_array(&json, "outputs");
    bool done = tell_heads(style, a, &json, trouble);
    if (done) {
        json_close(&json);
        json_verdict(style, &json, a);
        json_object(&json, "ms");
        json_decimal(&json, "decode", a->times.decode_ms, 3);
        json_decimal(&json, "fit", a->times.fit_ms, 3);
        json_decimal(&json, "network", a->run_ms, 3);
    }
    json_close_all(&json);
    return done;
}

bool answer_tell(const struct answer_style *style, const struct answer *a,
                 struct trouble *trouble) {
    if (style->form == ANSWER_JSON) return tell_json(style, a, trouble);
    if (style->form == ANSWER_CSV) {
        csv_inputs(style->out, a->group);
        for (size_t i = a->group->count; i < fovea_model_inputs(style->model); i++)
            say_to(style->out, ",");
        say_to(style->out, a->batch > 1 ? ",%zu" : ",", a->index);
        csv_heads(style, a, false);
        csv_verdict(style, a);
        say_to(style->out, ",\n");
        return true;
    }
    if (style->keeper->kept) return true;
    say_to(style->out, "%s  (%.2f ms)\n", a->group->source[0].path, a->run_ms);
    people_verdict(style, a);
    return tell_heads(style, a, NULL, trouble);
}

void answer_bad(const struct answer_style *style, const struct group *group,
                const struct trouble *why) {
    if (style->form == ANSWER_JSON) {
        struct json_writer json = json_to(style->out);
        json_object(&json, NULL);
        json_input(&json, group);
        json_object(&json, "error");
        json_string(&json, "check", why->check[0] ? why->check : NULL);
        json_string(&json, "text", why->text);
        json_close_all(&json);
    } else if (style->form == ANSWER_CSV) {
        csv_inputs(style->out, group);
        for (size_t i = group->count; i < fovea_model_inputs(style->model); i++)
            say_to(style->out, ",");
        say_to(style->out, ",");
        csv_heads(style, NULL, false);
        say_to(style->out, style->calibrated ? ",,," : ",");
        csv_text(style->out, why->text);
        say_to(style->out, "\n");
    }
}
