/* The fovea command: one table of subcommands, one file for each. */
#include "cli/cli.h"
#include "cli/process.h"

#include <string.h>

/* THE table of subcommands. */
static const struct command *const commands[] = {
    &command_convert,  &command_run,       &command_inspect, &command_bench,  &command_selftest,
    &command_evaluate, &command_calibrate, &command_explain, &command_stress, &command_drift,
    &command_key,      &command_sign,      &command_verify,
};
#define COMMANDS (sizeof commands / sizeof commands[0])

static void print_help(void) {
    say("fovea %d.%d.%d: trained Keras CNNs in plain C\n\n", FOVEA_VERSION_MAJOR,
        FOVEA_VERSION_MINOR, FOVEA_VERSION_PATCH);
    for (size_t i = 0; i < COMMANDS; i++)
        say("  fovea %-8s %-36s %s\n", commands[i]->name, commands[i]->arguments,
            commands[i]->summary);
    say("\n  fovea help COMMAND   the options of a command\n"
        "  fovea --version      the version, the compiler, what this machine has\n"
        "  fovea --limits       the limits on what files may ask for\n"
        "\n  Exit codes: 0 done; 1 a file, or this machine, does not allow it; 2 the command line "
        "is "
        "wrong.\n  With --verbose an error names the check that refused, as [B-017].\n");
}

static void print_limits(void) {
    say("%-14s %11s  %11s  %s\n", "limit", "value", "at most", "of");
    for (size_t i = 0; i < LIMIT_COUNT; i++) {
        const struct limit_row *row = &limit_rows[i];
        char most[24] = "fixed";
        if (row->most != row->value)
            snprintf(most, sizeof most, "%llu", (unsigned long long)row->most);
        say("%-14s %11llu  %11s  %s%s%s\n", row->name, (unsigned long long)row->value, most,
            row->unit, row->why[0] ? ": " : "", row->why);
    }
    say("\nconvert and run take --limit NAME=VALUE.\n");
}

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#elif defined(__GNUC__)
#define COMPILER "gcc " __VERSION__
#else
#define COMPILER "an unknown compiler"
#endif

/* What a report of a fault has to say of the program and the machine. */
static void print_version(void) {
    say("fovea %d.%d.%d\n", FOVEA_VERSION_MAJOR, FOVEA_VERSION_MINOR, FOVEA_VERSION_PATCH);
    say("built with %s\ninstruction sets of this machine:", COMPILER);
    for (const struct choice *isa = isa_choices; isa->word; isa++)
        if (isa->value && (fovea_cpu() & isa->value) == isa->value) say(" %s", isa->word);
    say("\n");
}

static const struct command *find_command(const char *word) {
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(word, commands[i]->name) == 0) return commands[i];
    return NULL;
}

static int run_command(int count, char **words) {
    if (count < 2) {
        print_help();
        return CLI_BAD_USAGE;
    }
    const char *word = words[1];
    const bool help =
        strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
    const struct command *explained = help && count > 2 ? find_command(words[2]) : NULL;
    if (explained) {
        char option[] = "--help", *only[] = {option};
        return explained->run(1, only);
    }
    if (help) {
        print_help();
        return CLI_DONE;
    }
    if (strcmp(word, "--version") == 0) {
        print_version();
        return CLI_DONE;
    }
    if (strcmp(word, "--limits") == 0) {
        print_limits();
        return CLI_DONE;
    }
    if (find_command(word)) return find_command(word)->run(count - 2, words + 2);
    struct guess guess = guess_start(word);
    char near[80];
    for (size_t i = 0; i < COMMANDS; i++) guess_offer(&guess, commands[i]->name);
    return cli_fail(CLI_BAD_USAGE, "no command '%s'; fovea --help lists them%s", word,
                    guess_text(&guess, near, sizeof near));
}

int main(int count, char **words) {
    process_start();
    const int code = run_command(count, words);
    if (fflush(stdout) != 0 || ferror(stdout))
        return cli_fail(CLI_BAD_INPUT, "cannot write to standard output");
    return code;
}
