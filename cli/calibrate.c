#include "cli/calibrate.h"

#include "cli/feed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_INPUTS 200

struct calibrate_feed {
    struct feeder feeder;
    struct sources_wishes sources;
};

/* How many groups of inputs there are: names alone are looked at. */
static size_t count_groups(struct calibrate *c, size_t inputs, struct trouble *trouble) {
    const struct sources_wishes all = {.recursive = true};
    struct sources *sources = sources_open(&c->word, 1, inputs, &all, trouble);
    struct group group;
    size_t count = 0;
    if (!sources) return 0;
    for (enum sources_state state;
         (state = sources_next(sources, &group, trouble)) != SOURCES_END;) {
        count += state == SOURCES_GROUP;
        group_free(&group);
    }
    sources_close(sources);
    return count;
}

static bool feed_start(void *context, const struct fovea_model *model, struct trouble *trouble) {
    struct calibrate *c = context;
    calibrate_end(c);
    const size_t count = count_groups(c, fovea_model_inputs(model), trouble);
    if (trouble->set) return false;
    c->feed = calloc(1, sizeof *c->feed);
    if (!c->feed) return fail(trouble, "out of memory");
    c->feed->sources = (struct sources_wishes){.recursive = true};
    if (count > MOST_INPUTS) {
        c->feed->sources.shards = (long)((count + MOST_INPUTS - 1) / MOST_INPUTS);
        c->feed->sources.shard = 1;
    }
    return feeder_open(&c->feed->feeder, model, &c->word, 1, &c->feed->sources, c->limits, trouble);
}

/* One that cannot be read is an error: what a model is judged by should be what was meant. */
static bool feed_next(void *context, fovea_session *session, struct trouble *trouble) {
    struct calibrate *c = context;
    struct trouble one = {0};
    const enum feed_state state = feeder_next(&c->feed->feeder, session, &one);
    if (state == FEED_FILLED) return true;
    if (one.set) fail_check(trouble, one.check, "--calibrate: %s", one.text);
    return false;
}

/* Names with commas between, in the pool. */
static bool split_names(struct quantize_options *options, const char *names, struct pool *pool,
                        struct trouble *trouble) {
    size_t count = 1;
    for (const char *at = names; *at; at++) count += *at == ',';
    const char **list = pool_get(pool, count, sizeof *list, trouble);
    for (size_t i = 0; list && i < count; i++) {
        const size_t length = strcspn(names, ",");
        list[i] = pool_text(pool, names, length, trouble);
        if (!list[i]) return false;
        names += length + (names[length] == ',');
    }
    options->floats = list;
    options->float_count = count;
    return list != NULL;
}

bool calibrate_begin(struct calibrate *calibrate, const struct calibrate_wishes *wishes,
                     const struct limits *limits, struct pool *pool, struct trouble *trouble) {
    char *end = NULL;
    memset(calibrate, 0, sizeof *calibrate);
    calibrate->limits = limits;
    calibrate->options.feed = (struct quantize_feed){feed_start, feed_next, calibrate};
    calibrate->options.keep_agreement = 0.95;
    if (!wishes->source)
        return fail(trouble, "--weights i8 needs --calibrate DIR, @LIST or FILE: photos or arrays "
                             "like those of later use; --weights w8 needs none");
    if (wishes->agreement) {
        calibrate->options.keep_agreement = strtod(wishes->agreement, &end);
        if (end == wishes->agreement || *end || !(calibrate->options.keep_agreement >= 0) ||
            calibrate->options.keep_agreement > 1)
            return fail(trouble, "--keep-agreement takes a number from 0 to 1, not '%s'",
                        wishes->agreement);
    }
    calibrate->word = pool_text(pool, wishes->source, strlen(wishes->source), trouble);
    return calibrate->word &&
           (!wishes->floats || split_names(&calibrate->options, wishes->floats, pool, trouble));
}

void calibrate_end(struct calibrate *calibrate) {
    if (calibrate->feed) feeder_close(&calibrate->feed->feeder);
    free(calibrate->feed);
    calibrate->feed = NULL;
}

void calibrate_report(const struct quantize_report *report) {
    say("8 bits: %u layers compute with bytes, %u stay float; on %u inputs %.4f of the answers are "
        "the same; outputs change by %.3g (mean of the largest changes), %.3g at most\n",
        report->bytes, report->floats, report->inputs, report->agreement, report->mean,
        report->largest);
    if (report->worst_count == 0) return;
    say("lowest signal-to-noise ratios:");
    for (uint32_t i = 0; i < report->worst_count; i++)
        say("%s %s %.1f dB", i ? "," : "", report->worst[i].layer, report->worst[i].decibels);
    say("\n");
}
