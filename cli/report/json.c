#include "cli/json.h"
#include "cli/report/report.h"

/* Of the layout of this text: raised when a reader of an older one would misunderstand it. */
#define SCHEMA 1

static void put_hash(struct json_writer *json, const char *key, uint64_t hash) {
    char text[40];
    snprintf(text, sizeof text, "fnv1a64:%016llx", (unsigned long long)hash);
    json_string(json, key, text);
}

static void put_inputs(struct json_writer *json, const struct report *r) {
    const struct scores *s = r->e->scores;
    json_object(json, "model");
    json_string(json, "file", r->model);
    if (r->model)
        put_hash(json, "hash", r->model_hash);
    else
        json_null(json, "hash");
    json_close(json);
    json_object(json, "data");
    json_string(json, "name", s->name);
    put_hash(json, "hash", r->data_hash);
    json_whole(json, "found", r->found);
    json_whole(json, "unreadable", r->unread_count);
    json_whole(json, "evaluated", s->n);
    json_close(json);
    json_string(json, "against", r->against);
    json_string(json, "thresholds_from", r->chosen_on);
    json_object(json, "settings");
    json_double(json, "level", r->e->wishes->level);
    json_whole(json, "bootstrap", r->e->wishes->draws);
    json_whole(json, "seed", r->e->wishes->seed);
    json_string(json, "positive", r->e->positive.name);
    json_whole(json, "tta", r->symmetries ? r->symmetries : 1);
    json_string(json, "cluster", r->e->wishes->cluster);
    json_close(json);
}

static void put_table(struct json_writer *json, const struct evaluation *e) {
    json_array(json, "classes");
    for (uint32_t k = 0; k < e->scores->classes; k++)
        json_string(json, NULL, e->scores->class_names[k]);
    json_close(json);
    if (e->scores->coarse) {
        json_null(json, "confusion");
        return;
    }
    json_array(json, "confusion"); /* [truth][answer] */
    for (uint32_t i = 0; i < e->table.classes; i++) {
        json_array(json, NULL);
        for (uint32_t j = 0; j < e->table.classes; j++)
            json_whole(json, NULL, (uint64_t)e->table.cell[(size_t)i * e->table.classes + j]);
        json_close(json);
    }
    json_close(json);
}

static void put_figure(struct json_writer *json, const struct figure *f) {
    json_object(json, NULL);
    json_string(json, "section", f->section);
    json_string(json, "subject", f->subject);
    json_string(json, "metric", f->metric);
    if (f->known)
        json_double(json, "value", f->value);
    else
        json_null(json, "value");
    if (f->ranged) {
        json_double(json, "low", f->low);
        json_double(json, "high", f->high);
    } else {
        json_null(json, "low");
        json_null(json, "high");
    }
    json_string(json, "method", f->method);
    json_whole(json, "n", f->n);
    json_string(json, "reason", f->reason);
    json_close(json);
}

static void put_mistakes(struct json_writer *json, const struct evaluation *e) {
    const struct scores *s = e->scores;
    json_array(json, "surest_mistakes");
    for (size_t i = 0; i < e->mistake_count; i++) {
        const struct mistake *m = &e->mistakes[i];
        json_object(json, NULL);
        json_string(json, "picture", s->ids[m->row]);
        json_string(json, "label", s->class_names[s->truth[m->row]]);
        json_string(json, "answer", s->class_names[m->answer]);
        json_double(json, "score", m->confidence);
        json_close(json);
    }
    json_close(json);
}

void report_json(const struct report *r, FILE *out) {
    const struct evaluation *e = r->e;
    struct json_writer json = json_to(out);
    char tool[40];
    snprintf(tool, sizeof tool, "fovea %d.%d.%d", FOVEA_VERSION_MAJOR, FOVEA_VERSION_MINOR,
             FOVEA_VERSION_PATCH);
    json_object(&json, NULL);
    json_whole(&json, "schema", SCHEMA);
    json_string(&json, "tool", tool);
    put_inputs(&json, r);
    put_table(&json, e);
    json_array(&json, "figures");
    for (size_t i = 0; i < e->figures.count; i++) put_figure(&json, &e->figures.list[i]);
    json_close(&json);
    json_array(&json, "notes");
    for (size_t i = 0; i < e->note_count; i++) json_string(&json, NULL, e->notes[i]);
    json_close(&json);
    put_mistakes(&json, e);
    json_array(&json, "unreadable");
    for (size_t i = 0; i < r->unread_count; i++) {
        json_object(&json, NULL);
        json_string(&json, "picture", r->unread[i].name);
        json_string(&json, "reason", r->unread[i].reason);
        json_close(&json);
    }
    json_close_all(&json);
}
