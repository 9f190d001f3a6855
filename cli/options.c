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
    say_to(stderr, "fovea: %s\n", trouble.text);
    return code;
}

static bool verbose;

int cli_trouble(const struct trouble *trouble) {
    const bool id = verbose && trouble->check[0];
    return cli_fail(CLI_BAD_INPUT, "%s%s%s%s", trouble->text, id ? " [" : "",
                    id ? trouble->check : "", id ? "]" : "");
}

/* The text, whose own line ends stay, in lines of at most HELP_WIDTH, each behind `indent` blanks but for the first. */
#define HELP_WIDTH 100
static void print_wrapped(const char *text, int indent) {
    for (int column = indent; *text;) {
        const int length = (int)strcspn(text, " \n");
        if (column > indent && column + 1 + length > HELP_WIDTH) {
            say("\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            say(" ");
            column++;
        }
        say("%.*s", length, text);
        column += length;
        text += length;
        if (*text == '\n') {
            say("\n%*s", indent, "");
            column = indent;
        }
        if (*text) text++;
    }
    say("\n");
}

static void print_option(const char *name, const char *value, const char *help) {
    char words[80];
    const int most = 24;
    snprintf(words, sizeof words, "%s %s", name, value);
    say("  %-*s ", most, words);
    if (strlen(words) > (size_t)most) say("\n%*s", most + 3, "");
    print_wrapped(help, most + 3);
}

static void print_command_help(const struct command *command, const struct option *options) {
    say("fovea %s %s\n%s.\n\n", command->name, command->arguments, command->summary);
    if (command->details) {
        print_wrapped(command->details, 0);
        say("\n");
    }
    for (const struct option *o = options; o->name; o++) {
        print_option(o->name, o->value ? o->value : "", o->help);
        if (o->kind != OPTION_CHOICE && o->kind != OPTION_STEP) continue;
        for (const struct choice *row = choice_lists[o->low]; row->word; row++)
            say("%27s%-14s %s\n", "", row->word, row->what);
    }
    print_option("--verbose", "", "an error names the check that refused, as [B-017]");
    print_option("--", "", "what follows are names, even if they begin with a dash");
}

/* Whether `word` is one of `words`, which have '|' between them. */
static bool is_among(const char *words, const char *word) {
    const size_t length = strlen(word);
    for (const char *at = words; at; at = strchr(at, '|')) {
        at += *at == '|';
        if (strcspn(at, "|") == length && strncmp(at, word, length) == 0) return true;
    }
    return false;
}

static int take_choice(const struct option *option, const char *value) {
    const struct choice *const choices = choice_lists[option->low];
    char all[CHOICE_WORDS], near[80];
    struct guess guess = guess_start(value);
    *(const struct choice **)option->target = choice_find(choices, value);
    if (choice_find(choices, value)) return 0;
    for (const struct choice *row = choices; row->word; row++) guess_offer(&guess, row->word);
    return cli_fail(CLI_BAD_USAGE, "%s takes %s, not '%s'%s", option->name,
                    choice_words(choices, all, sizeof all), value,
                    guess_text(&guess, near, sizeof near));
}

/* "64,64,3" at *text, which goes on to what stands behind it. */
static bool take_shape(const char **text, uint32_t most, struct fovea_shape *shape) {
    memset(shape, 0, sizeof *shape);
    for (const char *at = *text; shape->rank < most;) {
        char *end = NULL;
        unsigned long size = *at >= '1' && *at <= '9' ? strtoul(at, &end, 10) : 0;
        if (size < 1 || size > 1ul << 24) return false;
        shape->dims[shape->rank++] = (uint32_t)size;
        *text = end;
        if (*end != ',') return true;
        at = end + 1;
    }
    return false;
}

static bool take_shapes(const struct option *option, const char *text) {
    struct shapes *shapes = option->target;
    const uint32_t most = (uint32_t)option->high;
    for (shapes->count = 0; shapes->count < (size_t)option->low; text++) {
        struct fovea_shape *shape = &shapes->shape[shapes->count++];
        if (!take_shape(&text, most, shape)) return false;
        if (*text == 0) return option->low > 1 || shape->rank == most;
        if (*text != '/') return false;
    }
    return false;
}

/* Stores the value of an option; 0 or an exit code. */
static int take_value(const struct option *option, const char *value) {
    if (option->kind == OPTION_WORD && !is_among(option->value, value))
        return cli_fail(CLI_BAD_USAGE, "%s takes %s, not '%s'", option->name, option->value, value);
    if (*value == 0) return cli_fail(CLI_BAD_USAGE, "option '%s' takes a value", option->name);
    if (option->kind == OPTION_TEXT || option->kind == OPTION_WORD) {
        *(const char **)option->target = value;
        return 0;
    }
    if (option->kind == OPTION_CHOICE) return take_choice(option, value);
    if (option->kind == OPTION_SHAPES)
        return take_shapes(option, value)
                   ? 0
                   : cli_fail(CLI_BAD_USAGE, "%s takes sizes with commas, as %s, not '%s'",
                              option->name, option->value, value);
    if (option->kind == OPTION_LIMIT) {
        struct trouble trouble = {0};
        if (limits_set(option->target, value, &trouble)) return 0;
        return cli_fail(CLI_BAD_USAGE, "%s", trouble.text);
    }
    if (option->kind == OPTION_MANY || option->kind == OPTION_STEP) {
        struct given *given = option->target;
        if (given->count == GIVEN_MAX)
            return cli_fail(CLI_BAD_USAGE, "%s is given more than %d times", option->name,
                            GIVEN_MAX);
        given->text[given->count++] = value;
        return 0;
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

static int no_option(const struct command *command, const struct option *options,
                     const char *word) {
    char near[80];
    struct guess guess = guess_start(word);
    for (const struct option *o = options; o->name; o++) guess_offer(&guess, o->name);
    return cli_fail(CLI_BAD_USAGE, "no option '%s'; fovea %s --help lists them%s", word,
                    command->name, guess_text(&guess, near, sizeof near));
}

/* The option that `word` names, alone or as --name=value; *length: of its name. */
static const struct option *find_option(const struct option *options, const char *word,
                                        size_t *length) {
    *length = strcspn(word, "=");
    while (options->name &&
           (strlen(options->name) != *length || strncmp(options->name, word, *length) != 0))
        options++;
    return options->name ? options : NULL;
}

/* Takes what follows the word at `*at`, which names the option, and moves *at to the last word taken; 0 or an exit code. */
static int take_option(const struct option *option, int count, char **words, int *at,
                       size_t length) {
    const char *word = words[*at];
    const bool joined = word[length] == '=';
    if (option->kind == OPTION_PAIR) {
        if (*at + 2 >= count)
            return cli_fail(CLI_BAD_USAGE, "option '%s' takes two values", option->name);
        ((const char **)option->target)[0] = words[++*at];
        ((const char **)option->target)[1] = words[++*at];
        return 0;
    }
    if (option->kind == OPTION_FLAG && !joined) {
        *(bool *)option->target = true;
        return 0;
    }
    if (option->kind == OPTION_FLAG || (!joined && *at + 1 == count))
        return cli_fail(CLI_BAD_USAGE, "option '%s' takes %s value", option->name,
                        joined ? "no" : "a");
    return take_value(option, joined ? word + length + 1 : words[++*at]);
}

int options_take(const struct command *command, const struct option *options, int count,
                 char **words) {
    int kept = 0;
    for (const struct option *o = options; o->name; o++)
        if (o->kind == OPTION_LIMIT) limits_start(o->target);
    for (int i = 0; i < count; i++) {
        const char *word = words[i];
        if (word[0] != '-' || word[1] == 0) {
            words[kept++] = words[i];
        } else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            print_command_help(command, options);
            return -1 - CLI_DONE;
        } else if (strcmp(word, "--verbose") == 0) {
            verbose = true;
        } else if (strcmp(word, "--") == 0) {
            while (++i < count) words[kept++] = words[i];
        } else {
            size_t length;
            const struct option *option = find_option(options, word, &length);
            if (!option) return -1 - no_option(command, options, word);
            int code = take_option(option, count, words, &i, length);
            if (code) return -1 - code;
        }
    }
    return kept;
}
