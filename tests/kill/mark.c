/* Rewrites a source file so that each of its checks can be taken away while the program runs.
 *
 *     mark FILE > OUT
 *
 * A check is found by its id, which the text of its refusal begins with (weights/check.h):
 *
 *     if (bad) return fail(t, "X-001 text");   if ((bad) && kill_spared("X-001")) return ...
 *     return good || fail(t, "X-002 text");    return good || (kill_spared("X-002") ? fail(...) : true);
 *     return "X-003 text";                     return (kill_spared("X-003") ? "X-003 text" : NULL);
 *
 * The first form where an `if` decides about the refusal alone, the others everywhere else. */
#include "source.h"

static void insert(size_t at, const char *before, const char *id, const char *after) {
    char *made = malloc(strlen(before) + strlen(after) + 16);
    if (made) sprintf(made, "%s%.5s%s", before, id, after);
    insert_text(at, edit_count, made);
}

/* The last character before `at` that is no blank; 0 at the file's start. */
static size_t before(size_t at) {
    while (at > 0 && isspace((unsigned char)plain[--at])) continue;
    return at;
}

/* Whether the word that ends at `last` is `word`. */
static bool ends_with(size_t last, const char *word) {
    size_t length = strlen(word);
    return last + 1 >= length && strncmp(plain + last + 1 - length, word, length) == 0 &&
           (last + 1 == length || !is_word(plain[last - length]));
}

static size_t matching_close(size_t open) {
    int depth = 0;
    for (size_t i = open; i < size; i++) {
        depth += (plain[i] == '(') - (plain[i] == ')');
        if (depth == 0) return i;
    }
    stop("a bracket that is not closed");
    return 0;
}

/* Going back from `at`, the bracket of kind `open` around it; 0: none before the statement's start. */
static size_t enclosing(size_t at, char open, char close, const char *stops) {
    int depth = 0;
    while (at-- > 0) {
        if (plain[at] == close) depth++;
        if (plain[at] == open && depth-- == 0) return at;
        if (depth == 0 && strchr(stops, plain[at])) return 0;
    }
    return 0;
}

/* The condition of the `if` that alone decides about the statement at `at`: its brackets. */
static bool deciding_if(size_t at, size_t *open, size_t *close) {
    size_t last = before(at);
    if (plain[last] == ';' || plain[last] == '}') last = enclosing(at, '{', '}', "");
    if (plain[last] == '{') last = before(last);
    if (plain[last] != ')') return false;
    *close = last;
    *open = enclosing(last, '(', ')', "");
    return ends_with(before(*open), "if");
}

/* Start of the name that a bracket follows. */
static size_t name_start(size_t open) {
    size_t at = open;
    while (at > 0 && is_word(plain[at - 1])) at--;
    return at;
}

static bool named(size_t start, const char *name) {
    size_t length = strlen(name);
    return strncmp(plain + start, name, length) == 0 && !is_word(plain[start + length]);
}

/* What a refusal is replaced by where it does not happen. */
static const char *passed(size_t start) {
    static const char *const statuses[] = {"fovea_refuse", "fovea_report", "image_fail",
                                           "resize_fail",  "jpeg_refuse",  "png_refuse"};
    if (plain[start] == '"' || named(start, "FOVEA_TEXT") || named(start, "FOVEA_REASON"))
        return ") : (const char *)0)";
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (named(start, statuses[i])) return ") : FOVEA_OK)";
    return ") : 1)";
}

static void mark(size_t quote) {
    const char *id = text + quote + 1;
    size_t start = quote, end = quote + 1;
    while (plain[end] != '"') end++;
    end++;
    for (size_t open; (open = enclosing(start, '(', ')', ";{}")) != 0;) {
        size_t name = name_start(open);
        if (name == open || named(name, "if") || named(name, "return")) break;
        start = name;
        end = matching_close(open) + 1;
    }
    size_t last = before(start), statement = start, open, close;
    if (plain[last] == '=') /* name = "X-001 text" */
        for (statement = before(last) + 1; is_word(plain[statement - 1]);) statement--;
    else if (ends_with(last, "return"))
        statement = last - 5;
    bool whole = statement != start || strchr(";{})", plain[last]) || ends_with(last, "else");
    if (whole && deciding_if(statement, &open, &close)) {
        insert(open + 1, "(", "", "");
        insert(close, ") && kill_spared(\"", id, "\")");
        return;
    }
    insert(start, "(kill_spared(\"", id, "\") ? (");
    insert(end, "", "", passed(start));
}

static bool is_id(const char *at) {
    return isupper((unsigned char)at[0]) && at[1] == '-' && isdigit((unsigned char)at[2]) &&
           isdigit((unsigned char)at[3]) && isdigit((unsigned char)at[4]) &&
           (at[5] == ' ' || at[5] == '"');
}

int main(int count, char **words) {
    if (count != 2) stop("usage: mark FILE");
    load(words[1]);
    for (size_t i = 0; i + 6 < size; i++)
        if (plain[i] == '"' && is_id(text + i + 1)) mark(i);
    return print_source(words[1], "_Bool kill_spared(const char *id);");
}
