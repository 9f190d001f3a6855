/* fovea run: photos or arrays in, answers out; any number of them, in any number of files. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/answer.h"
#include "cli/crew.h"
#include "cli/drift.h"
#include "cli/head.h"
#include "cli/layers.h"
#include "cli/mask_file.h"
#include "cli/resume.h"

struct run_wishes {
    struct engine_wishes engine;
    struct sources_wishes sources;
    struct recipe_wishes recipe;
    struct limits limits; /* of photos */
    long top, jobs;
    bool json, csv, quiet, overlay;
    const char *prefix, *resume, *shard, *threshold, *dump, *drift;
};

/* A group of inputs on its way: opened once, run once for each element of its batch. */
struct load {
    struct group group;
    struct feed feed;
    size_t users; /* slots that have it, and the runner while it gives out elements */
};

/* A place where a run is done: a session, and what it is doing. */
struct slot {
    struct seat seat; /* the first has the engine's own, without memory */
    struct fovea_finding finding;
    struct load *load;
    size_t index; /* of the batch */
    struct feed_times times;
    double run_ms;
    struct trouble trouble; /* set: it was not run */
};

#define SLOTS_MOST (2 * CREW_MOST)

struct runner {
    const struct run_wishes *wishes;
    struct engine engine;
    struct keeper keeper;
    struct mask_file mask; /* its path NULL: none */
    struct resume *resume;
    struct answer_style style;
    struct fovea_drift drift; /* counted, where wishes->drift */
    struct trouble *trouble;  /* what ends all of it */
    struct slot slot[SLOTS_MOST];
    size_t slots, given, told, bad, skipped;
    bool dumped;
    bool progress; /* is shown */
    double start_ms, shown_ms;
};

/* ---- one run ---- */

static void load_drop(struct load *load) {
    if (--load->users > 0) return;
    feed_close(&load->feed);
    group_free(&load->group);
    free(load);
}

/* What the crew does: decodes, fits, runs. */
static void run_slot(void *context, size_t index) {
    struct runner *runner = context;
    struct slot *slot = &runner->slot[index];
    if (slot->trouble.set) return; /* it was bad already */
    const struct seat *seat = &slot->seat;
    if (!feed_fill_judged(&slot->load->feed, slot->index, seat->session, seat->judge, &slot->times,
                          &slot->trouble))
        return;
    const double start = now_ms();
    fovea_verdict(seat->judge, seat->session, &slot->finding);
    slot->run_ms = now_ms() - start;
}

static void show_progress(struct runner *runner, bool last) {
    const double now = now_ms();
    if (!runner->progress || (!last && now - runner->shown_ms < 500)) return;
    runner->shown_ms = now;
    say_to(stderr, "\rfovea: %zu done, %zu failed, %.1f a second%s", runner->told, runner->bad,
           1000 * (double)runner->told / (now - runner->start_ms + 1), last ? "\n" : "");
}

/* Tells what a slot has done, in its turn. */
static bool tell_slot(struct runner *runner, struct slot *slot) {
    const struct load *load = slot->load;
    const struct answer answer = {.group = &load->group,
                                  .batch = load->feed.batch,
                                  .index = slot->index,
                                  .times = slot->times,
                                  .run_ms = slot->run_ms,
                                  .session = slot->seat.session,
                                  .finding = &slot->finding};
    const bool bad = slot->trouble.set;
    if (!bad) fovea_drift_add(&runner->drift, slot->seat.judge);
    runner->told++;
    if (bad) {
        runner->bad++;
        if (runner->progress) say_to(stderr, "\r");
        cli_trouble(&slot->trouble);
        answer_bad(&runner->style, &load->group, &slot->trouble);
    }
    show_progress(runner, false);
    if (runner->wishes->dump && !bad && !runner->dumped) {
        runner->dumped = true;
        if (!layers_dump(&runner->engine, &load->feed, slot->index, runner->wishes->dump,
                         runner->trouble))
            return false;
    }
    if (runner->mask.path && !bad &&
        !mask_file_save(&runner->mask, &load->feed, slot->seat.session, runner->trouble))
        return false;
    return keeper_row(&runner->keeper, bad ? NULL : slot->seat.session,
                      slot->finding.turns > 1 ? slot->finding.scores : NULL, runner->trouble) &&
           (bad || answer_tell(&runner->style, &answer, runner->trouble));
}

/* Waits for the run that was given to the slot longest ago, and tells it. */
static bool finish_slot(struct runner *runner, struct crew *crew, size_t number) {
    struct slot *slot = &runner->slot[number % runner->slots];
    crew_wait(crew, number % runner->slots);
    bool done = tell_slot(runner, slot);
    load_drop(slot->load);
    slot->load = NULL;
    return done;
}

/* ---- all of them ---- */

/* Gives out every element of the load; `trouble` set: it could not be read. */
static bool give_load(struct runner *runner, struct crew *crew, struct load *load,
                      const struct trouble *trouble) {
    const size_t batch = trouble->set || load->feed.batch == 0 ? 1 : load->feed.batch;
    for (size_t i = 0; i < batch; i++) {
        if (resume_has(runner->resume, &load->group, i)) {
            runner->skipped++;
            continue;
        }
        const size_t number = runner->given++;
        if (number >= runner->slots && !finish_slot(runner, crew, number)) {
            runner->given--; /* its slot is free */
            return false;
        }
        struct slot *slot = &runner->slot[number % runner->slots];
        slot->load = load;
        slot->index = i;
        slot->times = (struct feed_times){0, 0};
        slot->run_ms = 0;
        slot->trouble = *trouble;
        load->users++;
        crew_give(crew, number % runner->slots);
    }
    return true;
}

/* An input of a list or folder that a result would replace ends all, before it is replaced. */
static bool spares_inputs(struct runner *runner, const struct group *group) {
    for (size_t i = 0; i < group->count; i++)
        if (group->source[i].path && keeper_replaces(&runner->keeper, group->source[i].path))
            return fail(runner->trouble, "-o would replace the input %s", group->source[i].path);
    return true;
}

static bool run_sources(struct runner *runner, struct crew *crew, struct sources *sources) {
    for (;;) {
        struct trouble trouble;
        struct load *load = calloc(1, sizeof *load);
        if (!load) return fail(runner->trouble, "out of memory");
        load->users = 1;
        enum sources_state state = sources_next(sources, &load->group, &trouble);
        if (state == SOURCES_END) {
            load_drop(load);
            return !trouble.set || fail_check(runner->trouble, trouble.check, "%s", trouble.text);
        }
        bool done = spares_inputs(runner, &load->group);
        if (done && state == SOURCES_GROUP)
            feed_open(&load->feed, &runner->engine.model, &load->group, &runner->wishes->limits,
                      &trouble);
        load->feed.recipe = &runner->wishes->recipe;
        done = done && give_load(runner, crew, load, &trouble);
        load_drop(load);
        if (!done) return false;
    }
}

/* After the last, or where something ends all: the slots that still have work are told, or only emptied. */
static bool drain(struct runner *runner, struct crew *crew, bool done) {
    const size_t slots = runner->slots, given = runner->given;
    for (size_t n = given > slots ? given - slots : 0; n < given; n++) {
        struct slot *slot = &runner->slot[n % slots];
        if (!slot->load) continue;
        if (done) {
            done = finish_slot(runner, crew, n);
            continue;
        }
        crew_wait(crew, n % slots);
        load_drop(slot->load);
        slot->load = NULL;
    }
    return done;
}

/* ---- before and after ---- */

/* A session for each slot, the engine's own for the first. */
static bool make_slots(struct runner *runner) {
    const struct engine *engine = &runner->engine;
    runner->slots = runner->wishes->jobs > 1 ? 2 * (size_t)runner->wishes->jobs : 1;
    runner->slot[0].seat = (struct seat){.session = engine->session, .judge = engine->judge};
    for (size_t i = 1; i < runner->slots; i++)
        if (!seat_open(&runner->slot[i].seat, engine, runner->trouble)) return false;
    for (size_t i = 0; runner->wishes->recipe.symmetries && i < runner->slots; i++)
        fovea_judge_turns(runner->slot[i].seat.judge,
                          recipe_symmetries(&runner->wishes->recipe, &engine->model));
    return true;
}

static bool run_all(struct runner *runner, char **words, size_t count) {
    struct sources *sources = sources_open(words, count, fovea_model_inputs(&runner->engine.model),
                                           &runner->wishes->sources, runner->trouble);
    struct crew *crew = NULL;
    if (sources && make_slots(runner))
        crew = crew_start((size_t)runner->wishes->jobs, runner->slots, run_slot, runner,
                          runner->trouble);
    bool done = crew != NULL;
    runner->start_ms = runner->shown_ms = now_ms();
    if (done) answer_begin(&runner->style);
    done = done && run_sources(runner, crew, sources);
    if (crew) done = drain(runner, crew, done);
    if (runner->shown_ms != runner->start_ms) show_progress(runner, true);
    crew_stop(crew);
    sources_close(sources);
    return done;
}

static bool save_outputs(struct runner *runner) {
    const struct keeper *keeper = &runner->keeper;
    if (!keeper->kept) return true;
    if (runner->told == 0) return fail(runner->trouble, "no inputs were given");
    if (runner->bad == runner->told) return true; /* nothing worth a file */
    if (!keeper_finish(&runner->keeper, runner->trouble)) return false;
    for (size_t o = 0;
         runner->style.form == ANSWER_PEOPLE && o < fovea_model_outputs(keeper->model); o++) {
        struct fovea_io io;
        char shape[SHAPE_TEXT];
        fovea_model_output(keeper->model, o, &io);
        say("%s: %zu x %s\n", keeper->kept[o].path, keeper->rows,
            print_shape(&io.shape, shape, sizeof shape));
    }
    return true;
}

/* What people are told at the end. */
static void sum_up(struct runner *runner) {
    const bool people = runner->style.form == ANSWER_PEOPLE;
    if (runner->bad > 0 && runner->told > 1)
        cli_fail(CLI_BAD_INPUT, "%zu of %zu inputs could not be read", runner->bad, runner->told);
    if (runner->bad > 0 || runner->wishes->quiet) return;
    if (people) print_saved(&runner->engine);
    if (recipe_said(&runner->wishes->recipe))
        recipe_tell_run(people ? stdout : stderr, &runner->wishes->recipe, &runner->engine.model);
    if (runner->resume && runner->skipped > 0)
        say_to(stderr, "%zu had a record in %s already\n", runner->skipped, runner->wishes->resume);
}

static bool run_model(struct runner *runner, char **words, size_t count) {
    const struct run_wishes *wishes = runner->wishes;
    if (wishes->resume) {
        runner->resume = resume_open(wishes->resume, &wishes->limits, runner->trouble);
        if (!runner->resume) return false;
    }
    const bool json = wishes->json || wishes->resume;
    runner->style = (struct answer_style){
        .form = json          ? ANSWER_JSON
                : wishes->csv ? ANSWER_CSV
                              : ANSWER_PEOPLE,
        .out = runner->resume ? resume_stream(runner->resume) : stdout,
        .model = &runner->engine.model,
        .keeper = &runner->keeper,
        .top = wishes->top,
        .calibrated = fovea_judge_calibrated(runner->engine.judge),
        .threshold = wishes->threshold ? strtod(wishes->threshold, NULL)
                                       : head_threshold(&runner->engine.model)};
    runner->mask.threshold = runner->style.threshold;
    runner->progress = !wishes->quiet && isatty(2) && (runner->resume || !isatty(1));
    if (wishes->drift &&
        (!runner->style.calibrated || !drift_read(&runner->drift, wishes->drift, runner->trouble)))
        return fail(runner->trouble, "--drift takes a model that was calibrated (fovea calibrate)");
    bool done = keeper_open(&runner->keeper, runner->trouble) && run_all(runner, words, count) &&
                save_outputs(runner) &&
                (!wishes->drift || drift_write(&runner->drift, wishes->drift, runner->trouble));
    return resume_close(runner->resume, wishes->resume, runner->trouble) && done;
}

/* "2/8"; and a number that is a probability. False, and a message, where they are off. */
static bool take_numbers(struct run_wishes *wishes) {
    if (wishes->shard) {
        char *end, *last = NULL;
        struct sources_wishes *sources = &wishes->sources;
        sources->shard = strtol(wishes->shard, &end, 10);
        sources->shards = *end == '/' ? strtol(end + 1, &last, 10) : 0;
        if (*end != '/' || *last || sources->shard < 1 || sources->shard > sources->shards) {
            cli_fail(CLI_BAD_USAGE, "--shard takes I/N, 1 <= I <= N, not '%s'", wishes->shard);
            return false;
        }
    }
    if (!wishes->threshold || head_is_threshold(wishes->threshold)) return true;
    cli_fail(CLI_BAD_USAGE, "--threshold takes a number from 0 to 1, not '%s'", wishes->threshold);
    return false;
}

static int run_engine(const struct run_wishes *wishes, char **words, size_t count) {
    struct trouble trouble = {0};
    struct runner *runner = calloc(1, sizeof *runner);
    if (!runner) return cli_fail(CLI_BAD_INPUT, "out of memory");
    runner->wishes = wishes;
    runner->trouble = &trouble;
    if (wishes->prefix && mask_file_is(wishes->prefix))
        runner->mask = (struct mask_file){.path = wishes->prefix, .overlay = wishes->overlay};
    int code = CLI_DONE;
    bool done = engine_open(&runner->engine, words[0], &wishes->engine, &trouble) &&
                (!runner->mask.path || mask_file_fits(&runner->engine.model, &trouble)) &&
                (!wishes->prefix || runner->mask.path ||
                 keeper_name(&runner->keeper, &runner->engine.model, wishes->prefix, &trouble));
    for (size_t i = 0; done && code == CLI_DONE && i < count; i++)
        if (keeper_replaces(&runner->keeper, words[i]))
            code = cli_fail(CLI_BAD_USAGE, "-o %s would replace %s", wishes->prefix, words[i]);
    if (done && code == CLI_DONE) {
        done = run_model(runner, words + 1, count - 1);
        if (done) sum_up(runner);
        if (done && runner->bad > 0) code = CLI_BAD_INPUT;
    }
    keeper_close(&runner->keeper);
    for (size_t i = 1; i < runner->slots; i++) seat_close(&runner->slot[i].seat);
    engine_close(&runner->engine);
    free(runner);
    return done ? code : cli_trouble(&trouble);
}

static int check_words(void *asked, int count, char **words) {
    struct run_wishes *const wishes = asked;
    (void)words;
    if (count < 1 + !wishes->sources.list)
        return cli_fail(CLI_BAD_USAGE, "run takes a model and inputs");
    const char *prefix = wishes->prefix;
    const int code = prefix ? keeper_check_prefix(prefix) : 0;
    if (code) return code;
    if (wishes->overlay && !(prefix && mask_file_is(prefix)))
        return cli_fail(CLI_BAD_USAGE, "--overlay takes -o NAME.png");
    if (wishes->csv && (wishes->json || wishes->resume))
        return cli_fail(CLI_BAD_USAGE, "run takes --csv or JSON, not both");
    if (wishes->jobs > 1 && wishes->engine.threads > 1)
        return cli_fail(CLI_BAD_USAGE, "run takes --jobs or --threads, not both");
    return take_numbers(wishes) ? 0 : CLI_BAD_USAGE;
}

static int run_run(int count, char **words) {
    struct run_wishes wishes = {.engine = {.threads = 1, .judged = true}, .top = 3, .jobs = 1};
    const struct option options[] = {
        {"--top", OPTION_WHOLE, &wishes.top, 1, 1000000, "K", "how many classes to print (3)"},
        {"--json", OPTION_FLAG, &wishes.json, 0, 0, NULL,
         "one JSON object per line (docs/run.schema.json)"},
        {"--csv", OPTION_FLAG, &wishes.csv, 0, 0, NULL, "one line per input, one column per value"},
        {"-o", OPTION_TEXT, &wishes.prefix, 0, 0, "PREFIX",
         "save outputs as PREFIX.npy (.0.npy, ...), one row per input, NaN if it could not be "
         "read. NAME.png: the mask of a segmentation model, in the size of the photo; "
         "'masks/*.png': one per photo"},
        {"--dump", OPTION_TEXT, &wishes.dump, 0, 0, "FOLDER",
         "write the output of each layer for the first input as .npy files"},
        {"--overlay", OPTION_FLAG, &wishes.overlay, 0, 0, NULL,
         "with -o NAME.png: the photo with the mask over it"},
        {"--resume", OPTION_TEXT, &wishes.resume, 0, 0, "OUT.jsonl",
         "append JSON to this file, and skip the inputs that it already has"},
        {"--jobs", OPTION_WHOLE, &wishes.jobs, 1, CREW_MOST, "N",
         "inputs computed at the same time (1); answers stay in order"},
        {"--shard", OPTION_TEXT, &wishes.shard, 0, 0, "I/N",
         "only every N-th input, starting with the I-th: the share of one of N processes"},
        {"--threshold", OPTION_TEXT, &wishes.threshold, 0, 0, "P",
         "decision threshold of sigmoid outputs (the model's, or 0.5)"},
        {"--drift", OPTION_TEXT, &wishes.drift, 0, 0, "FILE",
         "write statistics of inputs and answers for fovea drift: below 1 KB, no pictures"},
        {"-q", OPTION_FLAG, &wishes.quiet, 0, 0, NULL, "print only answers and errors"},
        SOURCES_OPTIONS(wishes.sources) PHOTO_OPTIONS(wishes){0},
    };
    count = photo_options_take(&command_run, options, count, words, check_words, &wishes,
                               &wishes.recipe);
    if (count < 0) return -1 - count;
    return run_engine(&wishes, words, (size_t)count);
}

const struct command command_run = {
    "run",
    "MODEL.fovea INPUT... [...]",
    "Runs a model on photos or arrays",
    "An INPUT is a photo, an array (.npy, with or without a batch axis; .npz with an array for "
    "each input of the model), a folder with -r, @LIST for a file with names, or - for standard "
    "input: a list of names, or one photo. A model with n inputs takes n INPUTs per run. An input "
    "that cannot be read is reported and does not stop the others; the exit code is then 1.",
    run_run,
};
