#include "cli/say.h"

#include <stdlib.h>
#include <string.h>

#include "convert/job/text.h"

/* A conversion of a format: "%-*.3lld". */
struct conversion {
    char text[32]; /* itself, stars replaced by their numbers */
    bool left;     /* a text goes to the left of its width */
    int width, precision;
    char length[3], kind;
};

static int number_of(const char **at, va_list *arguments) {
    if (**at == '*') {
        ++*at;
        return va_arg(*arguments, int);
    }
    return (int)strtol(*at, (char **)(uintptr_t)at, 10);
}

/* Reads the conversion that begins at the '%'; what follows it. */
static const char *conversion_read(const char *at, struct conversion *c, va_list *arguments) {
    const char *const flags = at + 1;
    size_t length = 0;
    memset(c, 0, sizeof *c);
    at = flags + strspn(flags, "-+ 0#");
    const int flag_count = (int)(at - flags);
    c->left = memchr(flags, '-', (size_t)flag_count) != NULL;
    c->width = number_of(&at, arguments);
    c->precision = -1;
    if (*at == '.') {
        at++;
        c->precision = number_of(&at, arguments);
    }
    while (*at && strchr("lzh", *at) && length < 2) c->length[length++] = *at++;
    c->kind = *at;
    const int used = snprintf(c->text, sizeof c->text, "%%%.*s", flag_count, flags);
    const size_t room = sizeof c->text - (size_t)used;
    char *const rest = c->text + used;
    if (c->width && c->precision >= 0)
        snprintf(rest, room, "%d.%d%s%c", c->width, c->precision, c->length, c->kind);
    else if (c->width)
        snprintf(rest, room, "%d%s%c", c->width, c->length, c->kind);
    else if (c->precision >= 0)
        snprintf(rest, room, ".%d%s%c", c->precision, c->length, c->kind);
    else
        snprintf(rest, room, "%s%c", c->length, c->kind);
    if (c->width < 0) { /* of a star: to the left */
        c->left = true;
        c->width = -c->width;
    }
    return *at ? at + 1 : at;
}

static void put_blanks(FILE *out, int count) {
    for (; count > 0; count--) fputc(' ', out);
}

/* Characters that are shown, a spelled one being as many as it is spelled with. */
static int shown_width(const char *shown) {
    int width = 0;
    for (; *shown; shown++) width += ((unsigned char)*shown & 0xc0) != 0x80;
    return width;
}

static void put_text(FILE *out, const struct conversion *c, const char *text) {
    char shown[TEXT_SHOWN];
    const char *end = NULL;
    int width = 0;
    if (!text) text = "?";
    if (c->precision >= 0) {
        end = memchr(text, 0, (size_t)c->precision);
        if (!end) end = text + c->precision;
    }
    for (const char *at = text; *at && at != end;) {
        at += text_show(at, shown);
        width += shown_width(shown);
        if (end && at > end) at = end;
    }
    if (!c->left) put_blanks(out, c->width - width);
    for (const char *at = text; *at && at != end;) {
        at += text_show(at, shown);
        if (end && at > end) break; /* a character is not cut in the middle */
        fputs(shown, out);
    }
    if (c->left) put_blanks(out, c->width - width);
}

static void put_whole(FILE *out, const struct conversion *c, va_list *arguments) {
    if (strcmp(c->length, "ll") == 0)
        fprintf(out, c->text, va_arg(*arguments, long long));
    else if (strcmp(c->length, "l") == 0)
        fprintf(out, c->text, va_arg(*arguments, long));
    else if (strcmp(c->length, "z") == 0)
        fprintf(out, c->text, va_arg(*arguments, size_t));
    else
        fprintf(out, c->text, va_arg(*arguments, int));
}

static void say_list(FILE *out, const char *format, va_list *arguments) {
    struct conversion c;
    while (*format) {
        const size_t plain = strcspn(format, "%");
        fwrite(format, 1, plain, out);
        format += plain;
        if (!*format) return;
        format = conversion_read(format, &c, arguments);
        if (c.kind == '%')
            fputc('%', out);
        else if (c.kind == 's')
            put_text(out, &c, va_arg(*arguments, const char *));
        else if (strchr("feg", c.kind))
            fprintf(out, c.text, va_arg(*arguments, double));
        else
            put_whole(out, &c, arguments);
    }
}

void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say_list(stdout, format, &arguments);
    va_end(arguments);
}

void say_to(FILE *out, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say_list(out, format, &arguments);
    va_end(arguments);
}
