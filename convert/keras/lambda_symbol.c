/* Symbols in the place of values: the stack, operators, symbols as arguments of functions. */
#include "convert/keras/lambda.h"

#include <math.h>
#include <string.h>

const struct symbol symbol_null = {.kind = SYMBOL_NULL};

/* ---- what is shown ---- */

/* The first eight items. */
static const char *show_list(struct machine *m, const struct symbol *s) {
    struct keras *keras = m->call->keras;
    const char *text = "";
    for (uint32_t i = 0; text && i < s->count && i < 8; i++) {
        const char *item = lambda_shown(m, &s->items[i]);
        text = item ? pool_print(keras->pool, keras->trouble, "%s%s%.*s", text, i ? ", " : "",
                                 LAMBDA_SHOWN / 4, item)
                    : NULL;
    }
    return text ? pool_print(keras->pool, keras->trouble, "[%s]", text) : NULL;
}

const char *lambda_shown(struct machine *m, const struct symbol *s) {
    static const char *const plain[] = {[SYMBOL_NONE] = "None", [SYMBOL_SLICE] = ":"};
    struct keras *keras = m->call->keras;
    const char *text = "...";
    if (s->shown) return s->shown;
    switch (s->kind) {
    case SYMBOL_WHOLE: return pool_print(keras->pool, keras->trouble, "%lld", (long long)s->whole);
    case SYMBOL_REAL: return pool_print(keras->pool, keras->trouble, "%g", s->real);
    case SYMBOL_TEXT: return pool_print(keras->pool, keras->trouble, "'%.40s'", s->text);
    case SYMBOL_LIST: return show_list(m, s);
    case SYMBOL_FLAG: text = s->whole ? "True" : "False"; break;
    case SYMBOL_NONE:
    case SYMBOL_SLICE: text = plain[s->kind]; break;
    case SYMBOL_NAME:
    case SYMBOL_METHOD: text = s->text; break;
    default: break;
    }
    return text;
}

bool lambda_refuse(struct machine *m, const char *why, const char *what) {
    return fail_check(m->call->keras->trouble, why,
                      "layer '%s' is a Lambda: %s%.*s; replace it by layers of Keras",
                      m->call->name, fovea_check_text(why), LAMBDA_SHOWN, what ? what : "");
}

/* ---- the stack ---- */

bool lambda_push(struct machine *m, struct symbol symbol) {
    if (m->depth == LAMBDA_STACK) return lambda_refuse(m, "K-338 its expression is too long", "");
    m->stack[m->depth++] = symbol;
    return true;
}

bool lambda_pop(struct machine *m, uint32_t count, struct symbol *symbols) {
    if (count > m->depth) return lambda_refuse(m, "K-339 its Python code is damaged", "");
    m->depth -= count;
    for (uint32_t i = 0; i < count; i++) symbols[i] = m->stack[m->depth + i];
    return true;
}

struct symbol symbol_whole(int64_t number) {
    return (struct symbol){.kind = SYMBOL_WHOLE, .whole = number, .real = (double)number};
}
struct symbol symbol_real(double number) {
    return (struct symbol){.kind = SYMBOL_REAL, .real = number};
}
struct symbol symbol_name(const char *text) {
    return (struct symbol){.kind = SYMBOL_NAME, .text = text};
}
bool symbol_is_number(const struct symbol *s) {
    return s->kind == SYMBOL_WHOLE || s->kind == SYMBOL_REAL || s->kind == SYMBOL_FLAG;
}

bool lambda_list(struct machine *m, const struct symbol *items, uint32_t count,
                 struct symbol *list) {
    struct keras *keras = m->call->keras;
    struct symbol *copy = pool_get(keras->pool, count, sizeof *copy, keras->trouble);
    if (!copy) return false;
    if (count) memcpy(copy, items, count * sizeof *copy);
    *list = (struct symbol){.kind = SYMBOL_LIST, .items = copy, .count = count};
    return true;
}

/* ---- symbols as arguments ---- */

static bool place_slice(struct machine *m, struct json *list, const char *key,
                        const struct symbol *s) {
    static const char *const keys[] = {"start", "stop", "step"};
    const struct json empty = {.type = JSON_OBJECT}, none = {.type = JSON_NULL};
    struct json *slice = keras_json_add(m->call, list, key, &empty);
    for (int i = 0; slice && i < 3; i++) {
        const struct symbol *part = &s->items[i];
        const struct json number = {.type = JSON_NUMBER,
                                    .integral = true,
                                    .integer = part->whole,
                                    .number = (double)part->whole};
        if (part->kind != SYMBOL_NONE && part->kind != SYMBOL_WHOLE)
            return lambda_refuse(m, "K-340 an index of it is not an integer", "");
        if (!keras_json_add(m->call, slice, keys[i], part->kind == SYMBOL_NONE ? &none : &number))
            return false;
    }
    return slice != NULL;
}

bool lambda_place(struct machine *m, struct keras_draft *draft, struct json *list, const char *key,
                  const struct symbol *s, int depth) {
    struct json json = {.type = JSON_NULL};
    const char *dot;
    switch (s->kind) {
    case SYMBOL_TENSOR: return keras_draft_tensor(m->call, draft, list, key, s->value);
    case SYMBOL_SLICE: return place_slice(m, list, key, s);
    case SYMBOL_NONE: break;
    case SYMBOL_FLAG: json.type = s->whole ? JSON_TRUE : JSON_FALSE; break;
    case SYMBOL_WHOLE:
        json = (struct json){
            .type = JSON_NUMBER, .integral = true, .integer = s->whole, .number = s->real};
        break;
    case SYMBOL_REAL: json = (struct json){.type = JSON_NUMBER, .number = s->real}; break;
    case SYMBOL_NAME: /* a type: tf.float32 */
        dot = strrchr(s->text, '.');
        dot = dot ? dot + 1 : s->text;
        json = (struct json){.type = JSON_STRING, .text = dot, .length = strlen(dot)};
        break;
    case SYMBOL_TEXT:
        json = (struct json){.type = JSON_STRING, .text = s->text, .length = s->length};
        break;
    case SYMBOL_ELLIPSIS: {
        const struct json word = {.type = JSON_STRING, .text = "__ellipsis__", .length = 12};
        json.type = JSON_OBJECT;
        if (!keras_json_add(m->call, &json, "class_name", &word)) return false;
        break;
    }
    case SYMBOL_LIST: {
        if (depth > 4) return lambda_refuse(m, "K-341 its lists are nested too deep", "");
        json.type = JSON_ARRAY;
        struct json *made = keras_json_add(m->call, list, key, &json);
        for (uint32_t i = 0; made && i < s->count; i++)
            if (!lambda_place(m, draft, made, NULL, &s->items[i], depth + 1)) return false;
        return made != NULL;
    }
    default:
        return lambda_refuse(
            m, "K-342 an argument that is neither a number nor a tensor: ", lambda_shown(m, s));
    }
    return keras_json_add(m->call, list, key, &json) != NULL;
}

/* A function of raw.def on these symbols; what comes out is pushed as `text`. */
bool lambda_operate(struct machine *m, const char *function, struct keras_draft *draft,
                    const char *text) {
    struct layer_call *call = m->call;
    struct symbol made = {.kind = SYMBOL_TENSOR, .shown = text};
    if (!text || !keras_operate(call, function, draft)) return false;
    made.value = call->output;
    if (call->output_count == 0) return lambda_push(m, made);
    struct symbol parts[LAMBDA_LOCALS];
    const uint32_t count = call->output_count;
    if (count > LAMBDA_LOCALS) return lambda_refuse(m, "K-343 it makes too many tensors: ", text);
    for (uint32_t i = 0; i < count; i++) {
        parts[i] = made;
        parts[i].value = call->outputs[i];
    }
    call->output_count = 0;
    return lambda_list(m, parts, count, &made) && lambda_push(m, made);
}

/* ---- operators ---- */

static bool fold(struct machine *m, char sign, const struct symbol *a, const struct symbol *b,
                 struct symbol *made) {
    const bool whole_both = a->kind != SYMBOL_REAL && b->kind != SYMBOL_REAL;
    const double x = a->real, y = b->real;
    double result;
    switch (sign) {
    case '+': result = x + y; break;
    case '-': result = x - y; break;
    case '*': result = x * y; break;
    case '/': result = x / y; break;
    case '%': result = floor(x / y); break;
    case '^': result = pow(x, y); break;
    default: return lambda_refuse(m, "K-344 an operator of it is not supported", "");
    }
    const bool stays = whole_both && (sign != '/' || m->code->dialect == PYTHON_27) && sign != '^';
    if (!(result - result == 0)) return lambda_refuse(m, "K-345 a number of it is not finite", "");
    if (stays && fabs(result) < 0x1p53)
        *made = symbol_whole((int64_t)(sign == '/' ? floor(result) : result));
    else
        *made = symbol_real(result);
    return true;
}

bool lambda_binary(struct machine *m, char sign) {
    static const struct {
        char sign;
        const char *function;
    } rows[] = {{'+', "add"}, {'-', "subtract"}, {'*', "multiply"},    {'/', "divide"},
                {'^', "pow"}, {'@', "matmul"},   {'&', "logical_and"}, {'|', "logical_or"}};
    struct keras *keras = m->call->keras;
    struct symbol two[2], made;
    if (!lambda_pop(m, 2, two)) return false;
    if (symbol_is_number(&two[0]) && symbol_is_number(&two[1]))
        return fold(m, sign, &two[0], &two[1], &made) && lambda_push(m, made);
    const char *left = lambda_shown(m, &two[0]), *right = lambda_shown(m, &two[1]);
    if (!left || !right) return false;
    if (sign == '+' && two[0].kind == SYMBOL_LIST && two[1].kind == SYMBOL_LIST) {
        struct symbol all[LAMBDA_LOCALS];
        if (two[0].count + two[1].count > LAMBDA_LOCALS)
            return lambda_refuse(m, "K-346 a list of it is too long", "");
        if (two[0].count) memcpy(all, two[0].items, two[0].count * sizeof *all);
        if (two[1].count) memcpy(all + two[0].count, two[1].items, two[1].count * sizeof *all);
        return lambda_list(m, all, two[0].count + two[1].count, &made) && lambda_push(m, made);
    }
    const char *text = pool_print(keras->pool, keras->trouble, "(%.*s %c %.*s)", LAMBDA_SHOWN / 2,
                                  left, sign == '^' ? '*' : sign, LAMBDA_SHOWN / 2, right);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct keras_draft draft = {.tensors = 0};
        if (rows[i].sign != sign) continue;
        if (sign == '^' && two[0].kind != SYMBOL_TENSOR) break;
        return lambda_place(m, &draft, &draft.args, NULL, &two[0], 0) &&
               lambda_place(m, &draft, &draft.args, NULL, &two[1], 0) &&
               lambda_operate(m, rows[i].function, &draft, text);
    }
    return lambda_refuse(m, "K-347 an operator of it is not supported: ", text);
}

bool lambda_compare(struct machine *m, uint32_t which) {
    static const char *const functions[] = {"less",      "less_equal", "equal",
                                            "not_equal", "greater",    "greater_equal"};
    struct keras *keras = m->call->keras;
    struct symbol two[2];
    struct keras_draft draft = {.tensors = 0};
    if (!lambda_pop(m, 2, two)) return false;
    const char *left = lambda_shown(m, &two[0]), *right = lambda_shown(m, &two[1]);
    if (!left || !right) return false;
    const char *text = pool_print(keras->pool, keras->trouble, "compare(%.*s, %.*s)",
                                  LAMBDA_SHOWN / 2, left, LAMBDA_SHOWN / 2, right);
    if (which >= 6) return lambda_refuse(m, "K-348 a comparison of it is not supported: ", text);
    return lambda_place(m, &draft, &draft.args, NULL, &two[0], 0) &&
           lambda_place(m, &draft, &draft.args, NULL, &two[1], 0) &&
           lambda_operate(m, functions[which], &draft, text);
}

bool lambda_negative(struct machine *m) {
    struct symbol s;
    struct keras_draft draft = {.tensors = 0};
    if (!lambda_pop(m, 1, &s)) return false;
    if (s.kind == SYMBOL_WHOLE && s.whole != INT64_MIN)
        return lambda_push(m, symbol_whole(-s.whole));
    if (s.kind == SYMBOL_WHOLE) return lambda_push(m, symbol_real(-s.real));
    if (s.kind == SYMBOL_REAL) return lambda_push(m, symbol_real(-s.real));
    return lambda_place(m, &draft, &draft.args, NULL, &s, 0) &&
           lambda_operate(m, "negative", &draft, "-x");
}

/* Place `index`, or a slice, of a list. */
static bool pick(struct machine *m, const struct symbol *list, const struct symbol *index) {
    struct symbol made;
    int64_t count = list->count, from = 0, to = count;
    if (index->kind == SYMBOL_WHOLE) {
        int64_t at = index->whole < 0 ? index->whole + count : index->whole;
        if (at < 0 || at >= count)
            return lambda_refuse(m, "K-349 an index of it is out of range", "");
        return lambda_push(m, list->items[at]);
    }
    if (index->kind != SYMBOL_SLICE || index->items[2].kind != SYMBOL_NONE)
        return lambda_refuse(m, "K-350 an index of it is not understood", "");
    if (index->items[0].kind == SYMBOL_WHOLE) from = index->items[0].whole;
    if (index->items[1].kind == SYMBOL_WHOLE) to = index->items[1].whole;
    from = from < 0 ? from + count : from;
    to = to < 0 ? to + count : to;
    from = from < 0 ? 0 : from > count ? count : from;
    to = to < from ? from : to > count ? count : to;
    return lambda_list(m, list->items + from, (uint32_t)(to - from), &made) && lambda_push(m, made);
}

bool lambda_subscript(struct machine *m, const struct symbol *of, const struct symbol *index) {
    struct keras *keras = m->call->keras;
    struct keras_draft draft = {.tensors = 0};
    if (of->kind == SYMBOL_LIST) return pick(m, of, index);
    const char *left = lambda_shown(m, of), *right = lambda_shown(m, index);
    if (!left || !right) return false;
    const char *text = pool_print(keras->pool, keras->trouble, "%.*s[%.*s]", LAMBDA_SHOWN / 2, left,
                                  LAMBDA_SHOWN / 2, right);
    if (of->kind != SYMBOL_TENSOR)
        return lambda_refuse(m, "K-351 it indexes something that is not a tensor: ", text);
    /* A list alone would be several indices. */
    return lambda_place(m, &draft, &draft.args, NULL, of, 0) &&
           lambda_place(m, &draft, &draft.args, NULL, index, 0) &&
           lambda_operate(m, "getitem", &draft, text);
}

bool lambda_slice(struct machine *m, const struct symbol *parts, uint32_t count,
                  struct symbol *slice) {
    struct symbol three[3] = {{.kind = SYMBOL_NONE}, {.kind = SYMBOL_NONE}, {.kind = SYMBOL_NONE}};
    memcpy(three, parts, count * sizeof *three);
    if (!lambda_list(m, three, 3, slice)) return false;
    slice->kind = SYMBOL_SLICE;
    return true;
}
