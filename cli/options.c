#include "cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int cli_fail(int code, const char *format, ...) {
    struct trouble trouble = {0};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(trouble.text, sizeof trouble.text, format, arguments);
    va_end(arguments);
    fflush(stdout);
    fprintf(stderr, "fovea: %s\n", trouble.text);
    return code;
}

static bool verbose;

int cli_trouble(const struct trouble *trouble) {
    const bool id = verbose && trouble->check[0];
    return cli_fail(CLI_BAD_INPUT, "%s%s%s%s", trouble->text, id ? " [" : "",
                    id ? trouble->check : "", id ? "]" : "");
}

static void print_command_help(const struct command *command, const struct option *options) {
    printf("fovea %s %s\n%s.\n", command->name, command->arguments, command->summary);
    if (command->details) printf("\n%s\n", command->details);
    printf("\n");
    for (const struct option *o = options; o->name; o++) {
        char left[64];
        snprintf(left, sizeof left, "%s %s", o->name, o->value ? o->value : "");
        printf("  %-24s %s\n", left, o->help);
    }
    printf("  %-24s %s\n", "--verbose", "an error names the check that refused, as [B-017]");
}

/* Stores the value of an option; 0 or an exit code. */
static int take_value(const struct option *option, const char *value) {
    if (option->kind == OPTION_TEXT) {
        *(const char **)option->target = value;
        return 0;
    }
    if (option->kind == OPTION_LIMIT) {
        struct trouble trouble = {0};
        if (limits_set(option->target, value, &trouble)) return 0;
        return cli_fail(CLI_BAD_USAGE, "%s", trouble.text);
    }
    char *end;
    errno = 0;
    long number = strtol(value, &end, 10);
    if (errno || end == value || *end || number < option->low || number > option->high)
        return cli_fail(CLI_BAD_USAGE, "%s takes a whole number from %ld to %ld, not '%s'",
                        option->name, option->low, option->high, value);
    *(long *)option->target = number;
    return 0;
}

int options_take(const struct command *command, const struct option *options, int count,
                 char **words) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
        const char *word = words[i];
        if (word[0] != '-' || word[1] == 0) {
            words[kept++] = words[i];
            continue;
        }
        if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            print_command_help(command, options);
            return -1 - CLI_DONE;
        }
        if (strcmp(word, "--verbose") == 0) {
            verbose = true;
            continue;
        }
        if (strcmp(word, "--") == 0) {
            while (++i < count) words[kept++] = words[i];
            return kept;
        }
        const struct option *option = options;
        size_t length = strcspn(word, "="); /* --name=value */
        while (option->name &&
               (strlen(option->name) != length || strncmp(option->name, word, length) != 0))
            option++;
        if (!option->name) {
            cli_fail(CLI_BAD_USAGE, "no option '%s'; fovea %s --help lists them", word,
                     command->name);
            return -1 - CLI_BAD_USAGE;
        }
        if (option->kind == OPTION_PAIR) {
            if (i + 2 >= count) {
                cli_fail(CLI_BAD_USAGE, "option '%s' takes two values", option->name);
                return -1 - CLI_BAD_USAGE;
            }
            ((const char **)option->target)[0] = words[++i];
            ((const char **)option->target)[1] = words[++i];
            continue;
        }
        bool joined = word[length] == '=';
        if (option->kind == OPTION_FLAG && !joined) {
            *(bool *)option->target = true;
            continue;
        }
        if (option->kind == OPTION_FLAG || (!joined && i + 1 == count)) {
            cli_fail(CLI_BAD_USAGE, "option '%s' takes %s value", option->name,
                     joined ? "no" : "a");
            return -1 - CLI_BAD_USAGE;
        }
        int code = take_value(option, joined ? word + length + 1 : words[++i]);
        if (code) return -1 - code;
    }
    return kept;
}
