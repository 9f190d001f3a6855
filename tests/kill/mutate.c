/* Rewrites a source file so that small faults can be put into it while the program runs.
 *
 *     mutate list SEED FILE        the faults it could have, a line each:
 *                                  NUMBER KIND INDEX FILE:LINE what it is (NUMBER: drawn by the seed)
 *     mutate apply FILE <LIST      the file with those of the list, lines of ID INDEX; spare_mutant.c
 *                                  says which one is there
 *
 * KIND is one of
 *
 *     bound      < for <=, == for !=, and the other way about
 *     operator   + for -, * for +, << for >>, & for |, += for -=, ...
 *     constant   a number that is 1 greater; true for false
 *     condition  one side of && or || left out
 *     statement  a call, an assignment, a break or a continue left out
 *     check      what stands after an `if` never done, or always
 *
 * Sources are taken as words and signs, not as C: a fault that does not compile is for the caller to leave out. */
#include <stdint.h>

#include "source.h"

/* ---- words and signs ---- */

static struct token {
    size_t at, end;
    enum { WORD, NUMBER, TEXT, SIGN } kind;
} tokens[200000];
static size_t token_count;

static bool is(size_t t, const char *sign) {
    size_t length = strlen(sign);
    return t < token_count && tokens[t].end - tokens[t].at == length &&
           strncmp(text + tokens[t].at, sign, length) == 0;
}

static bool is_one_of(size_t t, const char *const *list) {
    for (; *list; list++)
        if (is(t, *list)) return true;
    return false;
}

static size_t sign_length(const char *at) {
    static const char *const long_signs[] = {"<<=", ">>=", "...", "->", "++", "--", "<<", ">>",
                                             "<=",  ">=",  "==",  "!=", "&&", "||", "+=", "-=",
                                             "*=",  "/=",  "%=",  "&=", "|=", "^="};
    for (size_t i = 0; i < sizeof long_signs / sizeof *long_signs; i++)
        if (strncmp(at, long_signs[i], strlen(long_signs[i])) == 0) return strlen(long_signs[i]);
    return 1;
}

static void tokenize(void) {
    for (size_t at = 0; at < size;) {
        const char c = plain[at];
        struct token token = {at, at + 1, SIGN};
        if (isspace((unsigned char)c)) {
            at++;
            continue;
        }
        if (c == '"' || c == '\'') {
            token.kind = TEXT;
            while (plain[token.end] != c) token.end++;
            token.end++;
        } else if (isdigit((unsigned char)c) ||
                   (c == '.' && isdigit((unsigned char)plain[at + 1]))) {
            token.kind = NUMBER;
            while (is_word(plain[token.end]) || plain[token.end] == '.' ||
                   (strchr("+-", plain[token.end]) && strchr("eEpP", plain[token.end - 1]) &&
                    (plain[at + 1] != 'x' || strchr("pP", plain[token.end - 1]))))
                token.end++;
        } else if (is_word(c)) {
            token.kind = WORD;
            while (is_word(plain[token.end])) token.end++;
        } else {
            token.end = at + sign_length(plain + at);
        }
        if (token_count == sizeof tokens / sizeof *tokens) stop("too many words");
        tokens[token_count++] = token;
        at = token.end;
    }
}

static const char *const keywords[] = {"return", "case", "sizeof", "if",     "else",   "while",
                                       "for",    "do",   "switch", "static", "struct", "goto",
                                       "const",  "enum", "union",  "extern", NULL};

/* Whether an operand ends with the token, so that a sign behind it is an operator of two. */
static bool ends_operand(size_t t) {
    if (tokens[t].kind == SIGN) return is(t, ")") || is(t, "]");
    return !is_one_of(t, keywords);
}

static const struct operator_row {
    const char *sign;
    int level; /* how tightly it binds */
    const char *kind, *other;
} operators[] = {
    {"||", 1, "condition", NULL}, {"&&", 2, "condition", NULL}, {"|", 3, "operator", "&"},
    {"^", 4, "operator", "|"},    {"&", 5, "operator", "|"},    {"==", 6, "bound", "!="},
    {"!=", 6, "bound", "=="},     {"<", 7, "bound", "<="},      {"<=", 7, "bound", "<"},
    {">", 7, "bound", ">="},      {">=", 7, "bound", ">"},      {"<<", 8, "operator", ">>"},
    {">>", 8, "operator", "<<"},  {"+", 9, "operator", "-"},    {"-", 9, "operator", "+"},
    {"*", 10, "operator", "+"},   {"/", 10, "operator", "*"},   {"%", 10, "operator", "/"},
};

/* Signs of two operands stand between blanks: clang-format sees to it. */
static const struct operator_row *operator_at(size_t t) {
    if (t == 0 || tokens[t].kind != SIGN || !ends_operand(t - 1)) return NULL;
    if (!isspace((unsigned char)plain[tokens[t].end])) return NULL;
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (is(t, operators[i].sign)) return &operators[i];
    return NULL;
}

static bool opens(size_t t) {
    return is(t, "(") || is(t, "[") || is(t, "{");
}
static bool closes(size_t t) {
    return is(t, ")") || is(t, "]") || is(t, "}");
}

static bool ends_expression(size_t t) {
    static const char *const ends[] = {
        "?",  ":",  ";",  ",",  "=",   "+=",  "-=",     "*=",   "/=",
        "%=", "&=", "|=", "^=", "<<=", ">>=", "return", "case", NULL};
    return is_one_of(t, ends);
}

/* The first token of the operand on the operator's left, and the one behind that on its right. */
static size_t left_of(size_t t, int level) {
    int depth = 0;
    while (t > 0) {
        t--;
        if (closes(t)) depth++;
        if (opens(t) && depth-- == 0) return t + 1;
        const struct operator_row *row = depth ? NULL : operator_at(t);
        if (depth == 0 && (ends_expression(t) || (row && row->level < level))) return t + 1;
    }
    return 0;
}
static size_t right_of(size_t t, int level) {
    int depth = 0;
    for (t++; t < token_count; t++) {
        if (opens(t)) depth++;
        if (closes(t) && depth-- == 0) return t;
        const struct operator_row *row = depth ? NULL : operator_at(t);
        if (depth == 0 && (ends_expression(t) || (row && row->level <= level))) return t;
    }
    return token_count;
}

/* ---- faults ---- */

static bool listing;
static uint64_t seed;
static const char *path;
static size_t candidates, line, line_at;
static unsigned chosen[EDITS_MAX]; /* id by index, 0: not there */

/* What an insertion has to do with others at its place: ends of what is narrow come first, then starts of
 * what is wide. */
static void insert_end(size_t at, size_t start, char *made) {
    insert_text(at, (size - start) * 4096 + 4095 - edit_count, made);
}
static void insert_start(size_t at, size_t end, char *made) {
    insert_text(at, (2 * size - end + 1) * 4096 + edit_count, made);
}

static char *print(const char *format, unsigned id, const char *sign) {
    char *made = malloc(300);
    for (char *to = made; made;) { /* '#' stands for the id, '@' for the sign */
        if (*format == '#')
            to += sprintf(to, "%u", id);
        else if (*format == '@')
            to += sprintf(to, "%s", sign);
        else if ((*to++ = *format) == 0)
            break;
        format++;
    }
    return made;
}

static uint64_t draw(size_t index) {
    uint64_t hash = seed * 0x9e3779b97f4a7c15u + 0xcbf29ce484222325u;
    for (const char *c = path; *c; c++) hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
    for (int i = 0; i < 3; i++)
        hash = ((hash ^ index) + 1) * 0xff51afd7ed558ccdu, hash ^= hash >> 32;
    return hash >> 16;
}

/* The id of the next candidate where it is to be made. */
static unsigned candidate(const char *kind, size_t start, size_t end, const char *what) {
    size_t index = candidates++;
    if (!listing) return index < EDITS_MAX ? chosen[index] : 0;
    for (; line_at < start; line_at++) line += text[line_at] == '\n';
    printf("%llu %s %zu %s:%zu ", (unsigned long long)draw(index), kind, index, path, line);
    for (size_t i = start, n = 0; i < end && n < 70; i++) {
        if (!isspace((unsigned char)text[i]))
            n++, putchar(text[i]);
        else if (i + 1 < end && !isspace((unsigned char)text[i + 1]))
            n++, putchar(' ');
    }
    printf(" -> %s\n", what);
    return 0;
}

#define ON "(mutants[#] && mutant(#))"

static void around(size_t start, size_t end, const char *before, const char *behind, unsigned id) {
    insert_start(start, end, print(before, id, ""));
    insert_end(end, start, print(behind, id, ""));
}

static void fault_operator(size_t t) {
    const struct operator_row *row = operator_at(t);
    if (!row) return;
    size_t left = tokens[left_of(t, row->level)].at;
    size_t right = tokens[right_of(t, row->level) - 1].end, at = tokens[t].at, end = tokens[t].end;
    unsigned id =
        candidate(row->kind, left, right, row->other ? row->other : "without its left side");
    if (!id) return;
    if (!row->other) {
        bool both = is(t, "&&");
        around(left, tokens[t - 1].end, "((", both ? ") || " ON ")" : ") && !" ON ")", id);
        return;
    }
    char choice[80];
    snprintf(choice, sizeof choice, "); " ON " ? l#_ %s r#_ : l#_ @ r#_; })", row->other);
    insert_start(left, right, print("({ __auto_type l#_ = (", id, ""));
    insert_end(at, left, print("); __auto_type r#_ = (/*", id, ""));
    insert_end(end, at, print("*/", id, ""));
    insert_end(right, left, print(choice, id, row->sign));
}

/* x += y */
static void fault_assignment(size_t t) {
    if (!is(t, "+=") && !is(t, "-=")) return;
    size_t start = tokens[t].end, end = tokens[right_of(t, 0) - 1].end;
    size_t left = tokens[left_of(t, 0)].at;
    unsigned id = candidate("operator", left, end, is(t, "+=") ? "-=" : "+=");
    if (id) around(start, end, " (1 - 2 * " ON ") * (", ")", id);
}

static void fault_constant(size_t t) {
    static const char *const truths[] = {"true", "false", NULL};
    const size_t start = tokens[t].at, end = tokens[t].end;
    bool truth = tokens[t].kind == WORD && is_one_of(t, truths);
    if (tokens[t].kind != NUMBER && !truth) return;
    unsigned id = candidate("constant", tokens[left_of(t, 9)].at, tokens[right_of(t, 9) - 1].end,
                            truth ? "the other" : "1 more");
    if (!id) return;
    if (truth)
        around(start, end, "(_Bool)(", " ^ " ON ")", id);
    else
        around(start, end, "(", " + " ON ")", id);
}

static size_t closing(size_t open) {
    int depth = 0;
    for (size_t t = open; t < token_count; t++) {
        depth += opens(t);
        depth -= closes(t);
        if (depth == 0) return t;
    }
    return token_count - 1;
}

static size_t opening(size_t close) {
    int depth = 0;
    for (size_t t = close + 1; t-- > 0;) {
        depth += closes(t);
        depth -= opens(t);
        if (depth == 0) return t;
    }
    return 0;
}

static void fault_check(size_t t) {
    if (!is(t, "if") || !is(t + 1, "(")) return;
    size_t start = tokens[t + 1].end, end = tokens[closing(t + 1)].at;
    unsigned never = candidate("check", tokens[t].at, end + 1, "never");
    if (never) around(start, end, "(", ") && !" ON, never);
    unsigned always = candidate("check", tokens[t].at, end + 1, "always");
    if (always) around(start, end, "(", ") || " ON, always);
}

/* Whether a statement may start here. */
static bool starts_statement(size_t t) {
    static const char *const before[] = {";", "{", "}", "else", "do", NULL};
    static const char *const with_brackets[] = {"if", "for", "while", NULL};
    if (t == 0) return false;
    if (is(t - 1, ")")) {
        size_t open = opening(t - 1);
        return open > 0 && is_one_of(open - 1, with_brackets);
    }
    return is_one_of(t - 1, before);
}

static void fault_statement(size_t t) {
    static const char *const skipped[] = {"FOVEA_ASSERT", "return", "typedef", NULL};
    static const char *const assignments[] = {
        "=", "+=", "-=", "*=", "/=", "|=", "&=", "++", "--", "^=", "<<=", ">>=", NULL};
    bool jump = is(t, "break") || is(t, "continue"), does = jump;
    size_t end = t, depth = 0;
    if (!starts_statement(t) || (tokens[t].kind != WORD && !is(t, "*"))) return;
    if (!jump && (is_one_of(t, keywords) || is_one_of(t, skipped))) return;
    /* `type name` and `type *name` declare */
    if (!jump && (tokens[t + 1].kind == WORD || (is(t + 1, "*") && tokens[t].kind == WORD))) return;
    for (; end < token_count && !(depth == 0 && is(end, ";")); end++) {
        depth += opens(end);
        if (closes(end) && depth-- == 0) return;
        does |= is_one_of(end, assignments) || (end == t + 1 && is(end, "("));
    }
    if (!does || end == token_count) return;
    unsigned id = candidate("statement", tokens[t].at, tokens[end].end, "left out");
    if (id) around(tokens[t].at, tokens[end].end, "{ if (!" ON ") { ", " } }", id);
}

/* A function's body, tables in it left out; the token of its end. */
static size_t fault_body(size_t open) {
    size_t end = closing(open);
    for (size_t t = open + 1; t < end; t++) {
        while (is(t, "static")) {
            for (; t < end && !is(t, ";"); t++)
                if (opens(t)) t = closing(t);
            t++;
        }
        fault_operator(t);
        fault_assignment(t);
        fault_constant(t);
        fault_check(t);
        fault_statement(t);
    }
    return end;
}

int main(int count, char **words) {
    unsigned id;
    size_t index;
    listing = count == 4 && strcmp(words[1], "list") == 0;
    if (!listing && (count != 3 || strcmp(words[1], "apply") != 0))
        stop("usage: mutate list SEED FILE | mutate apply FILE <LIST");
    if (listing) seed = strtoull(words[2], NULL, 0);
    path = words[count - 1];
    load(path);
    tokenize();
    line = 1;
    while (!listing && scanf("%u %zu", &id, &index) == 2)
        if (index < EDITS_MAX) chosen[index] = id;
    for (size_t t = 1; t < token_count; t++)
        if (is(t, "{")) t = is(t - 1, ")") ? fault_body(t) : closing(t);
    if (listing) return fflush(stdout) != 0;
    return print_source(path, "extern unsigned char mutants[]; _Bool mutant(unsigned id);");
}
