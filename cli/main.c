/* The fovea command: one table of subcommands, one file for each. */
#include "cli/cli.h"
#include "cli/process.h"

#include <string.h>

/* THE table of subcommands. */
static const struct command *const commands[] = {
    &command_convert, &command_run,      &command_inspect,
    &command_bench,   &command_selftest, &command_evaluate,
};
#define COMMANDS (sizeof commands / sizeof commands[0])

static void print_help(void) {
    say("fovea %d.%d.%d: trained Keras CNNs in plain C\n\n", FOVEA_VERSION_MAJOR,
        FOVEA_VERSION_MINOR, FOVEA_VERSION_PATCH);
    for (size_t i = 0; i < COMMANDS; i++)
        say("  fovea %-8s %-36s %s\n", commands[i]->name, commands[i]->arguments,
            commands[i]->summary);
    say("\n  fovea COMMAND --help tells more; fovea --version; fovea --limits. With --verbose "
        "an error names the\n"
        "  check that refused, as [B-017].\n"
        "  Exit codes: 0 done; 1 a file, or this machine, does not allow it; 2 the command line is "
        "wrong.\n");
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

static int run_command(int count, char **words) {
    if (count < 2) {
        print_help();
        return CLI_BAD_USAGE;
    }
    const char *word = words[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        print_help();
        return CLI_DONE;
    }
    if (strcmp(word, "--version") == 0) {
        say("fovea %d.%d.%d\n", FOVEA_VERSION_MAJOR, FOVEA_VERSION_MINOR, FOVEA_VERSION_PATCH);
        return CLI_DONE;
    }
    if (strcmp(word, "--limits") == 0) {
        print_limits();
        return CLI_DONE;
    }
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(word, commands[i]->name) == 0) return commands[i]->run(count - 2, words + 2);
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
