/* Random models: legal ones, which all ways of computing have to agree on, and broken ones, which have to be refused
 * by name or to work.
 *
 *     random [--seed N] [--models N | --seconds N] [--from N] [--jobs N] [--every] [--command PATH FOLDER]
 *            [--answers FILE] [--save FOLDER] [--layers N] [--skip BITS] [--show]
 *
 * Model i of a seed is the same everywhere; its focus is layer or operation i of the lists, so that as many models
 * as there are rows have all of them. Each is drawn three times: as a legal model, as one whose layers do not suit
 * their tensors, and legal with damages (--every: each that there is). A worker that dies tells which model it was
 * at; its layers are left out one by one as long as it still dies, and a line says how to come there again.
 * --answers: a number of each legal model's answer, compared with those of the file; where it is missing, made.
 * --save: legal models only, as .keras files, with the same number.
 *
 * Exit code 0: all is well. 1: something is wrong; or a layer has no generator. 2: usage. */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"
#include "tests/random/check.h"

#define JOBS_MOST     64
#define FAILURES_MOST 20
#define ROWS_MOST     1024
#define KNOWN_MOST    100000
#define WILD          6  /* models out of place, for each legal one */
#define DAMAGES       40 /* damages of each */
#define COMMANDS      16 /* every so manieth model meets the command */

static struct {
    uint64_t seed, from, models;
    double seconds;
    unsigned jobs, layers;
    uint64_t skip;
    bool every, show;
    const char *command, *folder, *answers, *save;
} wants = {.seed = 1, .models = 400, .jobs = 1, .layers = 99};

/* What workers tell. */
static struct shared {
    uint64_t at[JOBS_MOST]; /* the model a worker is at */
    char stage[JOBS_MOST][32];
    uint64_t models, wild, damages, commands, answers, failures, crashes;
    unsigned char covered[ROWS_MOST];
} * shared;

void __lsan_do_leak_check(void) __attribute__((weak));
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* For Keras itself: tests/random/ask_keras.py. */
static void save(const struct model *model, uint64_t index, double digest) {
    const char *path = print("%s/%" PRIu64 ".keras", wants.save, index);
    struct file file;
    if (!form_fits(model, FORM_KERAS) || model->versioned || isnan(digest)) return;
    model_file(model, FORM_KERAS, NULL, NULL, &file);
    FILE *made = fopen(path, "wb");
    if (!made || fwrite(file.bytes, 1, file.size, made) != file.size || fclose(made)) exit(1);
    printf("%s %.7g\n", path, digest);
}

/* Workers count, tries of what fails do not. */
static void count_one(uint64_t *number, unsigned job) {
    if (job < wants.jobs) __atomic_fetch_add(number, 1, __ATOMIC_RELAXED);
}

/* Model `index` is the so manieth of a row: its draw depends on the row's name, not on its place. */
static struct wish wish_of(uint64_t index, bool wild, unsigned turn) {
    const size_t focus = (size_t)(index % row_count());
    return (struct wish){.seed = wants.seed * 1000003 + row_hash(row_at(focus)) +
                                 index / row_count() * 64 + turn,
                         .focus = focus,
                         .layers = wants.layers,
                         .skipped = wants.skip,
                         .wild = wild};
}

/* ---- answers known ---- */

static struct answer_known {
    uint64_t row;         /* its hash */
    unsigned turn, model; /* model: a hash of its description */
    double digest;
} * known;
static size_t known_count;

/* Lines "row kind turn hash number"; what has no answer is not among them. Where another model is drawn by now, since
 * there is a new layer, its answer is not known. */
static void read_answers(void) {
    FILE *file = wants.answers ? fopen(wants.answers, "r") : NULL;
    char line[200], name[100], number[64];
    unsigned kind, turn, model;
    known = calloc(KNOWN_MOST, sizeof *known);
    if (!known) abort();
    while (file && fgets(line, sizeof line, file) && known_count < KNOWN_MOST) {
        if (sscanf(line, "%99s %u %u %x %63s", name, &kind, &turn, &model, number) != 5) continue;
        const struct row row = {.name = name, .functions = kind ? "" : NULL};
        known[known_count++] =
            (struct answer_known){row_hash(&row), turn, model, strtod(number, NULL)};
    }
    if (file) fclose(file);
}

/* Where there are no answers yet, they are printed. */
static const char *compare_answer(const struct model *model, uint64_t index, double digest) {
    const char *config = model_config(model, false);
    const unsigned hash = fuzz_crc((const uint8_t *)config, strlen(config));
    const struct row *row = row_at((size_t)(index % row_count()));
    const unsigned turn = (unsigned)(index / row_count());
    if (!wants.answers || isnan(digest) || wants.skip || wants.layers < 99) return NULL;
    if (known_count == 0) {
        printf("%s %d %u %08x %.7g\n", row->name, row->functions != NULL, turn, hash, digest);
        return NULL;
    }
    for (size_t i = 0; i < known_count; i++) {
        if (known[i].row != row_hash(row) || known[i].turn != turn || known[i].model != hash)
            continue;
        count_one(&shared->answers, 0);
        if (fabs(digest - known[i].digest) <= 1e-4 * fmax(1, fabs(known[i].digest))) return NULL;
        return print("its answer is %.7g, not %.7g", digest, known[i].digest);
    }
    return NULL;
}

/* ---- one model ---- */

static void stage(unsigned job, const char *format, unsigned number) {
    snprintf(shared->stage[job], sizeof shared->stage[job], format, number);
}

static const char *one_model(uint64_t index, unsigned job) {
    static struct model model;
    double digest;
    struct wish wish = wish_of(index, false, 0);
    stage(job, "legal", 0);
    if (!model_draw(&model, &wish))
        return print("'%s' could not be drawn", row_at(wish.focus)->name);
    if (wants.show) printf("%s\n", model_config(&model, false));
    const char *wrong = check_legal(&model, &digest);
    if (!wrong) wrong = compare_answer(&model, index, digest);
    if (wrong) return wrong;
    if (wants.save) {
        save(&model, index, digest);
        count_one(&shared->models, job);
        return NULL;
    }
    if (job < wants.jobs)
        for (unsigned i = 0; i < model.drawn_count; i++)
            for (size_t r = 0; r < row_count(); r++)
                if (row_at(r) == model.drawn[i]) shared->covered[r] = 1;
    count_one(&shared->models, job);
    const size_t all = damage_count(&model), count = wants.every || all < DAMAGES ? all : DAMAGES;
    for (size_t d = 0; !wrong && d < count; d++) {
        const size_t which = count == all ? d : (d * 2654435761u + index * 40503u) % all;
        model_draw(&model, &wish); /* what was taken for the last one is forgotten */
        stage(job, "damage %u", (unsigned)which);
        wrong = check_damaged(&model, which);
        count_one(&shared->damages, job);
    }
    if (!wrong && wants.command && index % COMMANDS == 0) {
        const char *folder = print("%s/%u", wants.folder, job);
        mkdir(folder, 0700);
        stage(job, "command", 0);
        wrong = check_command(&model, (size_t)(index * 7919) % all, wants.command, folder);
        count_one(&shared->commands, job);
    }
    for (unsigned turn = 1; !wrong && turn <= WILD; turn++) {
        wish = wish_of(index, true, turn);
        stage(job, "out of place %u", turn);
        if (!model_draw(&model, &wish)) continue;
        wrong = check_wild(&model);
        count_one(&shared->wild, job);
    }
    return wrong;
}

/* ---- workers ---- */

/* 0: well, 1: wrong, else it died. Says nothing. */
static int try_quietly(uint64_t index) {
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr)) _exit(9);
        alarm(60);
        _exit(one_model(index, JOBS_MOST - 1) != NULL);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) return 0;
    return status != 0;
}

/* The fewest layers that still fail, and how to come there again. */
static void shrink(uint64_t index) {
    wants.layers = 1;
    while (wants.layers < 9 && !try_quietly(index)) wants.layers++;
    for (unsigned bit = 0; bit < wants.layers && wants.layers < 9; bit++) {
        wants.skip |= 1u << bit;
        if (!try_quietly(index)) wants.skip &= ~(UINT64_C(1) << bit);
    }
    if (wants.layers == 9) wants.layers = 99, wants.skip = 0;
    printf("  again: random --seed %" PRIu64 " --from %" PRIu64
           " --models 1 --layers %u --skip %" PRIu64 " --show\n",
           wants.seed, index, wants.layers, wants.skip);
    wants.layers = 99;
    wants.skip = 0;
}

static void report(uint64_t index, unsigned job, const char *what) {
    printf("model %" PRIu64 " (%s), %s: %s\n", index, row_at((size_t)(index % row_count()))->name,
           shared->stage[job], what);
    fflush(stdout);
}

static void work(unsigned job, uint64_t index, double until) {
    for (; wants.seconds > 0 ? now() < until : index < wants.from + wants.models;
         index += wants.jobs) {
        shared->at[job] = index;
        alarm(wants.every ? 3600 : 120);
        const char *wrong = one_model(index, job);
        if (wrong) {
            report(index, job, wrong);
            const uint64_t failures = __atomic_add_fetch(&shared->failures, 1, __ATOMIC_RELAXED);
            if (failures > FAILURES_MOST) break;
            if (wants.layers == 99 && !wants.skip && failures <= 8) shrink(index);
        }
    }
    if (__lsan_do_recoverable_leak_check && __lsan_do_recoverable_leak_check()) {
        shared->failures++;
        printf("memory leaks: see above\n");
    }
    fflush(stdout);
    _exit(0);
}

static void run_all(void) {
    pid_t pids[JOBS_MOST];
    const double until = now() + wants.seconds;
    unsigned running = 0;
    fflush(stdout);
    for (unsigned job = 0; job < wants.jobs; job++, running++)
        if ((pids[job] = fork()) == 0) work(job, wants.from + job, until);
    while (running > 0) {
        int status;
        const pid_t ended = wait(&status);
        if (ended < 0 && errno != EINTR) break;
        for (unsigned job = 0; job < wants.jobs; job++) {
            if (pids[job] != ended) continue;
            running--;
            if (WIFEXITED(status) && WEXITSTATUS(status) == 0) continue;
            const uint64_t index = shared->at[job];
            shared->crashes++;
            report(index, job,
                   print("DIED (%s %d)", WIFSIGNALED(status) ? "signal" : "code",
                         WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)));
            if (shared->crashes > FAILURES_MOST) continue;
            if (wants.layers == 99) shrink(index);
            fflush(stdout);
            if ((pids[job] = fork()) == 0) work(job, index + wants.jobs, until);
            running++;
        }
    }
}

/* ---- the command line ---- */

static bool read_options(int count, char **words) {
    for (int i = 1; i < count; i++) {
        const char *word = words[i], *next = i + 1 < count ? words[i + 1] : "";
        if (strcmp(word, "--every") == 0)
            wants.every = true;
        else if (strcmp(word, "--show") == 0)
            wants.show = true;
        else if (i + 1 == count)
            return false;
        else if (strcmp(word, "--command") == 0 && i + 2 < count) {
            wants.command = next;
            wants.folder = words[i + 2];
            i += 2;
        } else {
            const uint64_t number = strtoull(next, NULL, 0);
            i++;
            if (strcmp(word, "--seed") == 0)
                wants.seed = number;
            else if (strcmp(word, "--models") == 0)
                wants.models = number;
            else if (strcmp(word, "--seconds") == 0)
                wants.seconds = (double)number;
            else if (strcmp(word, "--from") == 0)
                wants.from = number;
            else if (strcmp(word, "--jobs") == 0)
                wants.jobs = number < JOBS_MOST - 1 ? (unsigned)number : 1;
            else if (strcmp(word, "--layers") == 0)
                wants.layers = (unsigned)number;
            else if (strcmp(word, "--skip") == 0)
                wants.skip = number;
            else if (strcmp(word, "--save") == 0)
                wants.save = next;
            else if (strcmp(word, "--answers") == 0)
                wants.answers = next;
            else
                return false;
        }
    }
    return wants.jobs > 0;
}

int main(int count, char **words) {
    if (!read_options(count, words)) {
        fprintf(stderr, "usage: see the top of tests/random/random.c\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0); /* workers' lines stay whole */
    const char *missing = row_missing();
    if (missing) {
        printf("random: '%s' has no generator; add a row to tests/random/layers.c or raw.c\n",
               missing);
        return 1;
    }
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || row_count() > ROWS_MOST) return 2;
    read_answers();
    const double start = now();
    run_all();
    size_t covered = 0;
    const bool all = wants.models >= row_count() || wants.seconds > 0;
    for (size_t r = 0; r < row_count(); r++) {
        covered += shared->covered[r];
        if (all && !shared->covered[r]) printf("not drawn: %s\n", row_at(r)->name);
    }
    printf("random: %" PRIu64 " legal models, %" PRIu64 " out of place, %" PRIu64
           " damaged, %" PRIu64 " by the command, %" PRIu64
           " known answers; %zu of %zu layers and operations; %" PRIu64 " crashes, %" PRIu64
           " mismatches; seed %" PRIu64 ", %.0f s\n",
           shared->models, shared->wild, shared->damages, shared->commands, shared->answers,
           covered, row_count(), shared->crashes, shared->failures, wants.seed, now() - start);
    return shared->crashes || shared->failures || (all && covered < row_count() && wants.from == 0);
}
