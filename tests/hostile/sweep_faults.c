/* Every command of fovea, with every allocation and every call to a file failing, once and from then on: an exit code
 * and one line, nothing leaked, nothing left behind, and what was there before is unharmed. A command without a
 * scenario is a failure.
 * usage: sweep_faults FOLDER (a scratch folder); ends with "N passed, N failed". */
#define main fovea_main /* for the table of subcommands */
#include "cli/main.c"
#undef main

#include "cli/cli.h"
#include "tests/hostile/faults.h"
#include "weights/blob_build.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORDS_MAX 14
#define PHOTO     "weights/demo/starburst.jpg"
#define SAY       100 /* the descriptor for what we say ourselves */

/* Of RFC 8032, 7.1, test 1. */
#define SECRET_KEY "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
#define PUBLIC_KEY "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

/* $ stands for the scratch folder; "made" is the file a command makes, "" none; a new key differs each time. A command
 * of many inputs tells which one failed, and makes what the others give. */
static const struct scenario {
    const struct command *command;
    int code; /* the right exit code */
    const char *made, *words[WORDS_MAX];
} scenarios[] = {
    {&command_convert,
     CLI_DONE,
     "out.fovea",
     {"tests/golden/conformance/a/net_mini_seed/model.h5", "-o", "$/out.fovea", "--golden",
      "tests/golden/conformance/a/net_mini_seed/input.npy", "--check",
      "tests/golden/conformance/a/net_mini_seed/input.npy",
      "tests/golden/conformance/a/net_mini_seed/output64.npy"}},
    {&command_convert,
     CLI_DONE,
     "out.fovea",
     {"weights/demo/patterns.h5", "-o", "$/out.fovea", "--labels", "weights/demo/labels.txt",
      "--explain"}},
    {&command_convert,
     CLI_DONE,
     "out.fovea",
     {"tests/hostile/convert/numbered.keras", "-o", "$/out.fovea", "--no-fold"}},
    {&command_convert,
     CLI_DONE,
     "out.fovea",
     {"tests/golden/conformance/a/net_mini_seed/model.h5", "-o", "$/out.fovea", "--weights", "f16",
      "--golden", "tests/golden/conformance/a/net_mini_seed/input.npy"}},
    {&command_inspect, CLI_DONE, "", {"$/demo.fovea"}},
    {&command_inspect, CLI_DONE, "", {"$/demo.fovea", "--json"}},
    {&command_run, CLI_DONE, "", {"$/demo.fovea", PHOTO, "--threads", "2"}},
    {&command_run,
     CLI_DONE,
     "out.npy",
     {"$/golden.fovea", "tests/golden/conformance/a/net_mini_seed/input.npy", "-o", "$/out"}},
    {&command_run, CLI_DONE, "", {"$/open.fovea", PHOTO, "--input-shape", "24,24"}},
    {&command_run,
     CLI_DONE,
     "",
     {"$/demo.fovea", PHOTO, "weights/demo/parallel.jpg", "weights/demo/globular.jpg", "--jobs",
      "2", "--json"}},
    {&command_run,
     CLI_BAD_INPUT,
     "",
     {"$/demo.fovea", PHOTO, "README.md", "-r", "weights", "--csv"}},
    {&command_run, CLI_DONE, "now.drift", {"$/judged.fovea", PHOTO, "--drift", "$/now.drift"}},
    {&command_run, CLI_DONE, "", {"$/demo.fovea", "$/dots.pgm", "$/dots.bmp", "--csv"}},
    {&command_selftest, CLI_DONE, "", {"$/golden.fovea"}},
    {&command_selftest, CLI_BAD_INPUT, "", {"$/wrong.fovea"}},
    {&command_bench, CLI_DONE, "", {"$/demo.fovea", "--runs", "1", "--profile"}},
    {&command_bench, CLI_DONE, "", {"--arch", "seed", "--runs", "1", "--threads", "2", "--json"}},
    {&command_evaluate,
     CLI_DONE,
     "out.json",
     {"--scores", "tests/clinic/small.csv", "--positive", "mel", "--group", "site", "--json",
      "$/out.json", "--bootstrap", "20", "--at", "youden"}},
    {&command_evaluate,
     CLI_DONE,
     "out.csv",
     {"$/demo.fovea", "$/list.csv", "--root", "weights/demo", "--save-scores", "$/out.csv"}},
    {&command_calibrate,
     CLI_DONE,
     "out.fovea",
     {"$/demo.fovea", "$/list.csv", "--root", "weights/demo", "--seen", "-o", "$/out.fovea"}},
    {&command_explain,
     CLI_DONE,
     "out.png",
     {"$/demo.fovea", PHOTO, "--grid", "2", "-o", "$/out.png"}},
    {&command_explain,
     CLI_DONE,
     "out.npy",
     {"$/demo.fovea", PHOTO, "--method", "rise", "--masks", "4", "--npy", "$/out.npy", "--json"}},
    {&command_stress,
     CLI_DONE,
     "out.csv",
     {"$/demo.fovea", "$/one.csv", "--root", "weights/demo", "--csv", "$/out.csv"}},
    {&command_drift, CLI_DONE, "", {"$/judged.fovea", "$/then.drift"}},
    {&command_drift,
     CLI_DONE,
     "out.json",
     {"$/judged.fovea", "$/then.drift", "--export", "$/out.json", "--json"}},
    {&command_key, CLI_DONE, "new.key", {"new", "-o", "$/new.key"}},
    {&command_key, CLI_DONE, "", {"public", "$/a.key"}},
    {&command_key,
     CLI_DONE,
     "out.keys",
     {"list", PUBLIC_KEY, "--key", "$/a.key", "--name", "skin", "--version", "2", "-o",
      "$/out.keys"}},
    {&command_sign,
     CLI_DONE,
     "out.fvs",
     {"$/demo.fovea", "--key", "$/a.key", "--name", "skin", "--version", "7", "-o", "$/out.fvs"}},
    {&command_verify, CLI_DONE, "", {"$/signed.fvs", "--public", PUBLIC_KEY, "--keys", "$/a.keys"}},
    {&command_verify, CLI_DONE, "", {"$/signed.fvs", "--public", PUBLIC_KEY, "--json"}},
    {&command_verify, CLI_BAD_INPUT, "", {"$/demo.fovea", "--public", PUBLIC_KEY}},
};
#define SCENARIOS (sizeof scenarios / sizeof *scenarios)

static const char *folder;
static size_t passed, failed, points[FAULT_KINDS];

static char *path_of(const char *word) {
    char *path = malloc(strlen(folder) + strlen(word) + 2);
    if (!path) abort();
    if (word[0] == '$')
        sprintf(path, "%s%s", folder, word + 1);
    else
        strcpy(path, word);
    return path;
}

/* The bytes of a file of the scratch folder; NULL where there is none. */
static char *slurp(const char *name, size_t *size) {
    char word[64];
    snprintf(word, sizeof word, "$/%s", name);
    char *path = path_of(word), *bytes = malloc(1 << 22);
    int descriptor = open(path, O_RDONLY);
    ssize_t got = descriptor < 0 || !bytes ? -1 : read(descriptor, bytes, 1 << 22);
    if (descriptor >= 0) close(descriptor);
    free(path);
    *size = got < 0 ? 0 : (size_t)got;
    if (got >= 0) return bytes;
    free(bytes);
    return NULL;
}

/* The words of a scenario, made before faults are. */
struct line {
    char *words[WORDS_MAX];
    int count;
};
static struct line line_of(const struct scenario *scenario) {
    struct line line = {.count = 0};
    for (; line.count < WORDS_MAX && scenario->words[line.count]; line.count++)
        line.words[line.count] = path_of(scenario->words[line.count]);
    return line;
}
static void line_free(struct line *line) {
    while (line->count > 0) free(line->words[--line->count]);
}
static int run(const struct scenario *scenario, const struct line *line) {
    struct line taken = *line; /* the command puts the words into another order */
    return scenario->command->run(taken.count, taken.words);
}
static bool run_once(const struct scenario *scenario) {
    struct line line = line_of(scenario);
    int code = run(scenario, &line);
    line_free(&line);
    return code == scenario->code;
}

static bool left_behind(void) {
    DIR *directory = opendir(folder);
    bool found = false;
    for (struct dirent *entry; directory && (entry = readdir(directory));)
        found |= strstr(entry->d_name, ".part") != NULL;
    if (directory) closedir(directory);
    return found;
}

static void remove_made(const struct scenario *scenario) {
    char word[64];
    if (!scenario->made[0]) return;
    snprintf(word, sizeof word, "$/%s", scenario->made);
    char *path = path_of(word);
    unlink(path);
    free(path);
}

static bool complain(const struct scenario *s, size_t at, bool forever, const char *what) {
    fflush(stdout);
    dprintf(SAY, "FAIL %s %s, %s %zu%s: %s\n", s->command->name, s->words[s->words[2] ? 2 : 0],
            faults.failed ? faults.failed : "?", at, forever ? " and all after it" : "", what);
    failed++;
    return false;
}

static bool of_many(const struct scenario *s) {
    return s->command == &command_evaluate || s->command == &command_explain ||
           s->command == &command_calibrate ||
           (s->command == &command_run && strcmp(s->made, "now.drift") == 0);
}

/* One failure; false when there was none left to fail. */
static bool sweep_point(const struct scenario *s, enum fault_kind kind, size_t at, bool forever,
                        const char *right, size_t right_size) {
    size_t before = failed, size = 0;
    remove_made(s);
    if (ftruncate(2, 0) != 0 || lseek(2, 0, SEEK_SET) != 0) abort();
    struct line line = line_of(s);
    const long blocks = faults.blocks, descriptors = faults.descriptors;
    for (int i = 0; i < FAULT_KINDS; i++) faults.calls[i] = 0;
    faults.failed = NULL;
    faults.kind = kind;
    faults.at = at;
    faults.forever = forever;
    int code = run(s, &line);
    faults.at = 0;
    const bool met = faults.failed != NULL || kind == FAULT_SHORT;
    const long more_blocks = faults.blocks - blocks;
    const long more_descriptors = faults.descriptors - descriptors;
    line_free(&line);
    char *made = s->made[0] ? slurp(s->made, &size) : NULL;
    const long told = lseek(2, 0, SEEK_END);
    if (more_blocks != 0) complain(s, at, forever, "memory was leaked");
    if (more_descriptors != 0) complain(s, at, forever, "a file stayed open");
    if (left_behind()) complain(s, at, forever, "a temporary file is left");
    if (code != CLI_DONE && told <= 0) complain(s, at, forever, "no word on why it failed");
    if (code != CLI_DONE && made && !of_many(s))
        complain(s, at, forever, "it failed, but left its output");
    const bool random = strcmp(s->words[0], "new") == 0;
    if (code == CLI_DONE && s->made[0] &&
        (!made || size != right_size || (!random && memcmp(made, right, size) != 0)))
        complain(s, at, forever, "it succeeded with another output");
    if ((!met || kind == FAULT_SHORT) && code != s->code)
        complain(s, at, forever, "it failed without a cause");
    if (code < 0 || code > CLI_BAD_INPUT) complain(s, at, forever, "another exit code");
    free(made);
    if (met) points[kind]++;
    if (met && failed == before) passed++;
    return met;
}

static void sweep(const struct scenario *s) {
    size_t size = 0;
    remove_made(s);
    if (!run_once(s)) {
        complain(s, 0, false, "it does not work at all");
        return;
    }
    char *right = s->made[0] ? slurp(s->made, &size) : NULL;
    for (int kind = FAULT_MEMORY; kind <= FAULT_FILE; kind++)
        for (int forever = 0; forever < 2; forever++)
            for (size_t at = 1; at < 100000; at++)
                if (!sweep_point(s, (enum fault_kind)kind, at, forever, right, size)) break;
    sweep_point(s, FAULT_SHORT, 1, true, right, size);
    remove_made(s);
    free(right);
}

static bool spill(const char *word, const void *bytes, size_t size) {
    char *path = path_of(word);
    const int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    const bool done = descriptor >= 0 && write(descriptor, bytes, size) == (ssize_t)size;
    if (descriptor >= 0) close(descriptor);
    free(path);
    return done;
}

/* A model whose stored answer is not what it answers: the last float of the file. */
static bool spoil_answer(void) {
    size_t size;
    char *bytes = slurp("golden.fovea", &size);
    bool done = bytes && size > 4;
    if (done) {
        bytes[size - 1] ^= 0x40;
        fovea_draft_seal((uint8_t *)bytes, size);
        done = spill("$/wrong.fovea", bytes, size);
    }
    free(bytes);
    return done;
}

/* Photos of 2 x 2 pixels, grey and of 24 bits. */
static bool make_photos(void) {
    static const uint8_t pgm[] = "P5 2 2 255\n\x10\x80\xc0\xff";
    static const uint8_t bmp[70] = {
        'B',      'M',      70,        [10] = 54,   [14] = 40,   [18] = 2,
        [22] = 2, [26] = 1, [28] = 24, [54] = 0x10, [57] = 0x80, [62] = 0xff};
    return spill("$/dots.pgm", pgm, sizeof pgm - 1) && spill("$/dots.bmp", bmp, sizeof bmp);
}

/* Models that the commands are tried on. */
static bool prepare(void) {
    static const struct scenario made[] = {
        {&command_convert,
         CLI_DONE,
         "",
         {"weights/demo/patterns.h5", "-o", "$/demo.fovea", "--preprocess", "keras-01", "--labels",
          "weights/demo/labels.txt"}},
        {&command_convert,
         CLI_DONE,
         "",
         {"tests/golden/conformance/a/net_mini_seed/model.h5", "-o", "$/golden.fovea", "--golden",
          "tests/golden/conformance/a/net_mini_seed/input.npy"}},
        {&command_convert,
         CLI_DONE,
         "",
         {"tests/golden/conformance/a/variable_size_input_fcn/model.h5", "-o", "$/open.fovea",
          "--input-shape", "20,16", "--preprocess", "raw"}},
        {&command_calibrate,
         CLI_DONE,
         "",
         {"$/demo.fovea", "$/list.csv", "--root", "weights/demo", "--seen", "-o",
          "$/judged.fovea"}},
        {&command_run, CLI_DONE, "", {"$/judged.fovea", PHOTO, "--drift", "$/then.drift"}},
        {&command_sign,
         CLI_DONE,
         "",
         {"$/demo.fovea", "--key", "$/a.key", "--name", "skin", "--version", "7", "-o",
          "$/signed.fvs"}},
        {&command_key,
         CLI_DONE,
         "",
         {"list", PUBLIC_KEY, "--key", "$/a.key", "--name", "skin", "--version", "1", "-o",
          "$/a.keys"}},
    };
    static const char key[] = SECRET_KEY "\n", one[] = "file,label\nstarburst.jpg,starburst\n",
                      list[] = "file,label\nstarburst.jpg,starburst\nglobular.jpg,globular\n"
                               "parallel.jpg,parallel\n";
    if (!spill("$/a.key", key, sizeof key - 1) || !spill("$/one.csv", one, sizeof one - 1) ||
        !spill("$/list.csv", list, sizeof list - 1))
        return false;
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        if (!run_once(&made[i])) return false;
    return spoil_answer() && make_photos();
}

/* Every subcommand is among the scenarios. */
static void look_for_commands(void) {
    for (size_t c = 0; c < COMMANDS; c++) {
        size_t found = 0;
        for (size_t i = 0; i < SCENARIOS; i++) found += scenarios[i].command == commands[c];
        if (found > 0) continue;
        dprintf(SAY, "FAIL fovea %s: no scenario tries it\n", commands[c]->name);
        failed++;
    }
}

int main(int count, char **words) {
    if (count != 2) return 2;
    setenv("SOURCE_DATE_EPOCH", "1000", 1); /* so that signed files are the same each time */
    folder = words[1];
    char *log = path_of("$/stderr");
    int told = open(log, O_RDWR | O_CREAT | O_TRUNC, 0666), nothing = open("/dev/null", O_WRONLY);
    if (told < 0 || nothing < 0 || dup2(1, SAY) < 0 || dup2(nothing, 1) < 0 || dup2(told, 2) < 0)
        return 2;
    setvbuf(stderr, NULL, _IONBF, 0);
    if (!prepare()) {
        dprintf(SAY, "the models to try do not convert\n");
        return 1;
    }
    look_for_commands();
    for (size_t i = 0; i < SCENARIOS; i++) sweep(&scenarios[i]);
    free(log);
    dprintf(SAY,
            "%zu failures of memory, %zu of files, %zu of short transfers, in %zu lines "
            "of all %zu commands\n",
            points[FAULT_MEMORY], points[FAULT_FILE], points[FAULT_SHORT], SCENARIOS, COMMANDS);
    dprintf(SAY, "%zu passed, %zu failed\n", passed, failed);
    return failed != 0;
}
