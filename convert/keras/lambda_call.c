/* Names and calls in a Lambda: functions become those of raw.def. */
#include "convert/keras/lambda.h"

#include <math.h>
#include <string.h>

/* ---- names ---- */

static bool load_constant_name(const char *path, struct symbol *symbol) {
    static const struct {
        const char *last;
        double number;
    } numbers[] = {{"pi", 3.14159265358979323846}, {"e", 2.71828182845904523536}};
    const char *last = strrchr(path, '.');
    if (!last) return false;
    if (strcmp(last + 1, "newaxis") == 0) {
        *symbol = (struct symbol){.kind = SYMBOL_NONE};
        return true;
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(numbers[i].last, last + 1) == 0) {
            *symbol = symbol_real(numbers[i].number);
            return true;
        }
    return false;
}

/* The sizes of a tensor, the batch's not known. */
static bool lambda_shape(struct machine *m, const struct symbol *tensor, struct symbol *list) {
    struct symbol sizes[FOVEA_RANK_MAX + 1] = {{.kind = SYMBOL_NONE}};
    const struct fovea_shape *shape = graph_shape(m->call->graph, tensor->value);
    for (uint32_t d = 0; d < shape_rank(shape); d++)
        sizes[d + 1] = symbol_whole(shape_size(shape, d));
    return lambda_list(m, sizes, shape_rank(shape) + 1, list);
}

bool lambda_attribute(struct machine *m, const char *name, struct symbol *made) {
    struct keras *keras = m->call->keras;
    struct symbol of;
    if (!lambda_pop(m, 1, &of)) return false;
    if (of.kind == SYMBOL_NAME) {
        const char *path =
            pool_print(keras->pool, keras->trouble, "%.*s.%s", LAMBDA_SHOWN, of.text, name);
        if (!path) return false;
        if (!load_constant_name(path, made)) *made = symbol_name(path);
        return true;
    }
    if (of.kind == SYMBOL_TENSOR && strcmp(name, "shape") == 0) return lambda_shape(m, &of, made);
    if (of.kind == SYMBOL_TENSOR && strcmp(name, "dtype") == 0) {
        *made = (struct symbol){.kind = SYMBOL_TEXT, .text = "float32", .length = 7};
        return true;
    }
    struct symbol *self = pool_get(keras->pool, 1, sizeof *self, keras->trouble);
    if (!self) return false;
    *self = of;
    *made = (struct symbol){.kind = SYMBOL_METHOD, .text = name, .items = self, .count = 1};
    return true;
}

/* ---- calls ---- */

/* Functions of Keras' backend and of numpy under TensorFlow's names; others have the name that raw.def has. */
static const struct {
    const char *name, *function;
} functions[] = {
    {"absolute", "abs"},
    {"batch_normalization", ""},
    {"clip", "clip_by_value"},
    {"concatenate", "concat"},
    {"dot", "matmul"},
    {"max", "reduce_max"},
    {"mean", "reduce_mean"},
    {"min", "reduce_min"},
    {"permute_dimensions", "transpose"},
    {"power", "pow"},
    {"repeat_elements", "repeat"},
    {"resize_images", "resize_bilinear"},
    {"std", "reduce_std"},
    {"sum", "reduce_sum"},
    {"true_divide", "divide"},
    {"var", "reduce_variance"},
};

static const char *function_of(const char *path) {
    const char *dot = strrchr(path, '.'), *last = dot ? dot + 1 : path;
    static const char *const python[] = {"max", "min", "sum", "round", "all", "any"};
    for (size_t i = 0; !dot && i < sizeof python / sizeof *python; i++)
        if (strcmp(python[i], last) == 0) return NULL; /* Python's own */
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (strcmp(functions[i].name, last) == 0)
            return *functions[i].function ? functions[i].function : NULL;
    return keras_knows_function(last) ? last : NULL;
}

/* Numbers of numbers. */
static bool math_of(const char *last, double x, double *result) {
    if (strcmp(last, "sqrt") == 0) return *result = sqrt(x), true;
    if (strcmp(last, "exp") == 0) return *result = exp(x), true;
    if (strcmp(last, "log") == 0) return *result = log(x), true;
    if (strcmp(last, "float") == 0 || strcmp(last, "float32") == 0) return *result = x, true;
    return false;
}

/* All numbers of each element of the batch in one row. */
static bool flatten(struct machine *m, const struct symbol *tensor) {
    struct keras_draft draft = {.tensors = 0};
    const struct symbol sizes[2] = {symbol_whole(-1), symbol_whole(-1)};
    struct symbol list;
    return lambda_list(m, sizes, 2, &list) &&
           lambda_place(m, &draft, &draft.args, NULL, tensor, 0) &&
           lambda_place(m, &draft, &draft.args, NULL, &list, 0) &&
           lambda_operate(m, "reshape", &draft, "flatten(x)");
}

/* What needs no operation, or another one; *done: it was such a function. */
static bool call_special(struct machine *m, const char *path, const struct symbol *arguments,
                         uint32_t count, bool *done) {
    const char *dot = strrchr(path, '.'), *last = dot ? dot + 1 : path;
    const struct symbol *first = count ? &arguments[0] : &symbol_null;
    struct symbol made;
    double number;
    *done = true;
    if ((strcmp(last, "shape") == 0 || strcmp(last, "int_shape") == 0) &&
        first->kind == SYMBOL_TENSOR)
        return lambda_shape(m, first, &made) && lambda_push(m, made);
    if ((strcmp(last, "constant") == 0 || strcmp(last, "array") == 0 ||
         strcmp(last, "tuple") == 0 || strcmp(last, "list") == 0) &&
        (symbol_is_number(first) || first->kind == SYMBOL_LIST))
        return lambda_push(m, *first);
    if ((strcmp(last, "batch_flatten") == 0 || strcmp(last, "flatten") == 0) &&
        first->kind == SYMBOL_TENSOR && count == 1)
        return flatten(m, first);
    if (strcmp(path, "len") == 0 && first->kind == SYMBOL_LIST)
        return lambda_push(m, symbol_whole(first->count));
    if (count == 1 && symbol_is_number(first) && math_of(last, first->real, &number))
        return lambda_push(m, symbol_real(number));
    *done = false;
    return true;
}

/* K.argmax and its like go along the last axis where none is said. */
static bool add_usual_axis(struct machine *m, const char *function, uint32_t positional,
                           struct keras_draft *draft) {
    const struct json last = {.type = JSON_NUMBER, .integral = true, .integer = -1, .number = -1};
    const bool index = strcmp(function, "argmax") == 0 || strcmp(function, "argmin") == 0;
    if (!index || positional > 1 || json_member(&draft->kwargs, "axis")) return true;
    return keras_json_add(m->call, &draft->kwargs, "axis", &last) != NULL;
}

static bool call_name(struct machine *m, const char *path, const struct symbol *arguments,
                      uint32_t count, const struct symbol *names) {
    struct keras *keras = m->call->keras;
    struct keras_draft draft = {.tensors = 0};
    const uint32_t named = names->kind == SYMBOL_LIST ? names->count : 0;
    bool done;
    if (named > count) return lambda_refuse(m, "K-352 its Python code is damaged", "");
    const uint32_t positional = count - named;
    if (named == 0 && (!call_special(m, path, arguments, count, &done) || done)) return done;
    const char *function = function_of(path), *first = count ? lambda_shown(m, &arguments[0]) : "";
    const char *text =
        first ? pool_print(keras->pool, keras->trouble, "%.*s(%.*s%s)", LAMBDA_SHOWN / 3, path,
                           LAMBDA_SHOWN / 2, first, count > 1 ? ", ..." : "")
              : NULL;
    if (!text) return false;
    if (!function) return lambda_refuse(m, "K-353 a function of it is not supported: ", text);
    for (uint32_t i = 0; i < count; i++) {
        const struct symbol *name = i < positional ? NULL : &names->items[i - positional];
        if (name && name->kind != SYMBOL_TEXT && name->kind != SYMBOL_BYTES)
            return lambda_refuse(m, "K-354 its Python code is damaged", "");
        if (!lambda_place(m, &draft, name ? &draft.kwargs : &draft.args, name ? name->text : NULL,
                          &arguments[i], 0))
            return false;
    }
    return add_usual_axis(m, function, positional, &draft) &&
           lambda_operate(m, function, &draft, text);
}

static bool call_method(struct machine *m, const struct symbol *method, uint32_t count) {
    const struct symbol *self = &method->items[0];
    struct symbol made;
    if (count == 0 && strcmp(method->text, "get_shape") == 0 && self->kind == SYMBOL_TENSOR)
        return lambda_shape(m, self, &made) && lambda_push(m, made);
    if (count == 0 && strcmp(method->text, "as_list") == 0 && self->kind == SYMBOL_LIST)
        return lambda_push(m, *self);
    return lambda_refuse(m, "K-355 a method of it is not supported: ", method->text);
}

/* `count` arguments lie on the stack, the last of them with `names`; below them what is called, with a null beside
 * it where `paired`. */
bool lambda_call(struct machine *m, uint32_t count, bool paired, struct symbol names) {
    struct symbol arguments[LAMBDA_STACK], pair[2] = {symbol_null, symbol_null};
    if (!lambda_pop(m, count, arguments) || !lambda_pop(m, paired ? 2 : 1, pair)) return false;
    const struct symbol *called = pair[0].kind == SYMBOL_NULL ? &pair[1] : &pair[0];
    if (called->kind == SYMBOL_METHOD) return call_method(m, called, count);
    if (called->kind != SYMBOL_NAME)
        return lambda_refuse(
            m, "K-356 it calls something that is not a function: ", lambda_shown(m, called));
    return call_name(m, called->text, arguments, count, &names);
}

/* Python 2's and 3.5's: names and values in turn behind the others. */
bool lambda_call_old(struct machine *m, uint32_t argument) {
    const uint32_t positional = argument & 255, named = argument >> 8 & 255;
    struct symbol pairs[LAMBDA_STACK], names[LAMBDA_STACK], list;
    if (!lambda_pop(m, 2 * named, pairs)) return false;
    for (uint32_t i = 0; i < named; i++) {
        names[i] = pairs[2 * i];
        if (!lambda_push(m, pairs[2 * i + 1])) return false;
    }
    return lambda_list(m, names, named, &list) && lambda_call(m, positional + named, false, list);
}
