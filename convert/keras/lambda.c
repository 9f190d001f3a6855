/* A Lambda's expression, followed symbol by symbol. */
#include "convert/keras/lambda.h"

#include <stdio.h>
#include <string.h>

/* ---- constants of the config ---- */

/* A number, a text or a list of the file, as what it is in Python. */
static bool from_json(struct machine *m, const struct json *json, int depth,
                      struct symbol *symbol) {
    struct symbol items[LAMBDA_LOCALS];
    uint32_t count = 0;
    const struct json *inner = json_member(json, "items"); /* a tuple of Keras 3 */
    *symbol = (struct symbol){.kind = SYMBOL_NONE};
    if (inner) json = inner;
    if (!json || json->type == JSON_NULL) return true;
    if (json->type == JSON_TRUE || json->type == JSON_FALSE)
        *symbol = (struct symbol){
            .kind = SYMBOL_FLAG, .whole = json->type == JSON_TRUE, .real = json->type == JSON_TRUE};
    else if (json->type == JSON_NUMBER)
        *symbol = json->integral ? symbol_whole(json->integer) : symbol_real(json->number);
    else if (json->type == JSON_STRING)
        *symbol = (struct symbol){.kind = SYMBOL_TEXT, .text = json->text, .length = json->length};
    else if (json->type != JSON_ARRAY || depth > 3 || json->count > LAMBDA_LOCALS)
        return lambda_refuse(m, "K-357 an argument of it is not understood", "");
    else {
        for (const struct json *item = json->first; item; item = item->next)
            if (!from_json(m, item, depth + 1, &items[count++])) return false;
        return lambda_list(m, items, count, symbol);
    }
    return true;
}

static bool load_free(struct machine *m, uint32_t argument) {
    const struct python_code *code = m->code;
    const struct symbol *name = NULL;
    uint32_t index = argument;
    struct symbol symbol;
    if (code->dialect < PYTHON_311) { /* cells, then free variables */
        if (argument < code->cell_names.count)
            return lambda_refuse(m, "K-358 it holds a function of its own", "");
        index = argument - code->cell_names.count;
        if (index < code->free_names.count) name = &code->free_names.items[index];
    } else if (argument < code->locals.count) { /* all in one list, free ones last */
        const size_t closed = m->closure && m->closure->type == JSON_ARRAY ? m->closure->count : 0;
        name = &code->locals.items[argument];
        index = closed + argument >= code->locals.count
                    ? (uint32_t)(closed + argument - code->locals.count)
                    : 0xffff;
    }
    const struct json *json = json_item(m->closure, index);
    if (!name) return lambda_refuse(m, "K-359 its Python code is damaged", "");
    if (!json)
        return lambda_refuse(
            m, "K-360 it uses a variable whose value the file does not hold: ", name->text);
    const struct json *value = json_member(json, "value");
    return from_json(m, value ? value : json, 0, &symbol) && lambda_push(m, symbol);
}

/* ---- the walk through the code ---- */

static bool load_local(struct machine *m, uint32_t index) {
    if (index >= LAMBDA_LOCALS || index >= m->code->locals.count)
        return lambda_refuse(m, "K-361 its Python code is damaged", "");
    if (m->locals[index].kind == SYMBOL_NULL)
        return lambda_refuse(
            m, "K-362 an argument of it has no value: ", m->code->locals.items[index].text);
    return lambda_push(m, m->locals[index]);
}

static bool store_local(struct machine *m, uint32_t index) {
    if (index >= LAMBDA_LOCALS || index >= m->code->locals.count)
        return lambda_refuse(m, "K-363 its Python code is damaged", "");
    return lambda_pop(m, 1, &m->locals[index]);
}

static const char *name_at(struct machine *m, uint32_t index) {
    return index < m->code->names.count ? m->code->names.items[index].text : NULL;
}

static bool load_attribute(struct machine *m, enum python_op op, uint32_t argument) {
    const enum python_dialect dialect = m->code->dialect;
    const bool packed = dialect >= PYTHON_312; /* the lowest bit asks for a method */
    const bool method = packed ? argument & 1 : op == PYTHON_LOAD_METHOD;
    const char *name = name_at(m, packed ? argument >> 1 : argument);
    struct symbol made;
    if (!name) return lambda_refuse(m, "K-364 its Python code is damaged", "");
    if (!lambda_attribute(m, name, &made)) return false;
    if (!method) return lambda_push(m, made);
    const bool behind = dialect == PYTHON_313;
    return lambda_push(m, behind ? made : symbol_null) &&
           lambda_push(m, behind ? symbol_null : made);
}

static bool load_name(struct machine *m, enum python_op op, uint32_t argument) {
    const bool packed = op == PYTHON_LOAD_CALLED, paired = packed && argument & 1;
    const char *name = name_at(m, packed ? argument >> 1 : argument);
    if (!name) return lambda_refuse(m, "K-365 its Python code is damaged", "");
    const bool behind = m->code->dialect == PYTHON_313;
    if (paired && !behind && !lambda_push(m, symbol_null)) return false;
    const bool truth = strcmp(name, "True") == 0; /* names in Python 2 */
    if (truth || strcmp(name, "False") == 0)
        return lambda_push(m, (struct symbol){.kind = SYMBOL_FLAG, .whole = truth, .real = truth});
    return lambda_push(m, symbol_name(name)) && (!paired || !behind || lambda_push(m, symbol_null));
}

static bool rearrange(struct machine *m, const struct python_step *step) {
    const uint32_t deep = step->argument;
    if (deep < 1 || deep > m->depth)
        return lambda_refuse(m, "K-366 its Python code is damaged", "");
    struct symbol *top = &m->stack[m->depth - 1], *at = &m->stack[m->depth - deep], kept = *top;
    if (step->op == PYTHON_COPY) return lambda_push(m, *at);
    if (step->op == PYTHON_SWAP) {
        *top = *at;
        *at = kept;
        return true;
    }
    memmove(at + 1, at, (deep - 1) * sizeof *at);
    *at = kept;
    return true;
}

static bool build(struct machine *m, const struct python_step *step) {
    struct symbol items[LAMBDA_STACK], made, two[2];
    const uint32_t count = step->argument;
    switch (step->op) {
    case PYTHON_BUILD_LIST:
        return lambda_pop(m, count, items) && lambda_list(m, items, count, &made) &&
               lambda_push(m, made);
    case PYTHON_BUILD_SLICE:
        return (count == 2 || count == 3) && lambda_pop(m, count, items) &&
               lambda_slice(m, items, count, &made) && lambda_push(m, made);
    case PYTHON_EXTEND_LIST:
        return count == 1 && lambda_pop(m, 2, two) && two[0].kind == SYMBOL_LIST &&
               lambda_push(m, two[0]) && lambda_push(m, two[1]) && lambda_binary(m, '+');
    case PYTHON_SUBSCRIPT_SLICE:
        return lambda_pop(m, 3, items) && lambda_slice(m, items + 1, 2, &made) &&
               lambda_subscript(m, &items[0], &made);
    case PYTHON_SLICE_OLD: {
        struct symbol parts[2] = {{.kind = SYMBOL_NONE}, {.kind = SYMBOL_NONE}};
        return (!(count & 2) || lambda_pop(m, 1, &parts[1])) &&
               (!(count & 1) || lambda_pop(m, 1, &parts[0])) && lambda_pop(m, 1, items) &&
               lambda_slice(m, parts, 2, &made) && lambda_subscript(m, &items[0], &made);
    }
    default: return lambda_pop(m, 2, two) && lambda_subscript(m, &two[0], &two[1]);
    }
}

static bool calls(struct machine *m, const struct python_step *step) {
    const enum python_dialect dialect = m->code->dialect;
    struct symbol names = m->names;
    m->names = symbol_null;
    if (step->op == PYTHON_CALL_OLD) return lambda_call_old(m, step->argument);
    if (step->op == PYTHON_CALL_NAMED && !lambda_pop(m, 1, &names)) return false;
    const bool paired = step->op == PYTHON_CALL_METHOD || dialect >= PYTHON_311;
    return lambda_call(m, step->argument, paired, names);
}

static bool one_step(struct machine *m, const struct python_step *step) {
    const uint32_t argument = step->argument;
    struct symbol unused;
    char number[32];
    switch (step->op) {
    case PYTHON_NOTHING: return true;
    case PYTHON_KEEP_NAMES:
    case PYTHON_RETURN_CONST:
    case PYTHON_LOAD_CONST:
        if (argument >= m->code->consts.count)
            return lambda_refuse(m, "K-367 its Python code is damaged", "");
        if (step->op != PYTHON_KEEP_NAMES) return lambda_push(m, m->code->consts.items[argument]);
        m->names = m->code->consts.items[argument];
        return true;
    case PYTHON_LOAD_FAST: return load_local(m, argument);
    case PYTHON_LOAD_FAST_TWO: return load_local(m, argument >> 4) && load_local(m, argument & 15);
    case PYTHON_STORE_FAST: return store_local(m, argument);
    case PYTHON_STORE_LOAD: return store_local(m, argument >> 4) && load_local(m, argument & 15);
    case PYTHON_LOAD_DEREF: return load_free(m, argument);
    case PYTHON_LOAD_NAME:
    case PYTHON_LOAD_CALLED: return load_name(m, step->op, argument);
    case PYTHON_LOAD_ATTR:
    case PYTHON_LOAD_METHOD: return load_attribute(m, step->op, argument);
    case PYTHON_PUSH_NULL: return lambda_push(m, symbol_null);
    case PYTHON_POP: return lambda_pop(m, 1, &unused);
    case PYTHON_COPY:
    case PYTHON_SWAP:
    case PYTHON_ROTATE: return rearrange(m, step);
    case PYTHON_NEGATIVE: return lambda_negative(m);
    case PYTHON_BINARY: return lambda_binary(m, (char)argument);
    case PYTHON_COMPARE: return lambda_compare(m, argument);
    case PYTHON_SUBSCRIPT:
    case PYTHON_SUBSCRIPT_SLICE:
    case PYTHON_SLICE_OLD:
    case PYTHON_BUILD_LIST:
    case PYTHON_BUILD_SLICE:
    case PYTHON_EXTEND_LIST:
        return build(m, step) || m->call->keras->trouble->set ||
               lambda_refuse(m, "K-368 its Python code is damaged", "");
    case PYTHON_CALL:
    case PYTHON_CALL_OLD:
    case PYTHON_CALL_NAMED:
    case PYTHON_CALL_METHOD: return calls(m, step);
    default: break;
    }
    snprintf(number, sizeof number, "%u", step->opcode);
    return lambda_refuse(m, "K-369 its Python code is more than an expression: instruction ",
                         number);
}

static bool run(struct machine *m, struct symbol *result) {
    struct keras *keras = m->call->keras;
    struct python_step step;
    for (size_t at = 0; python_step(m->code, &at, &step);) {
        if (!pool_spend(keras->pool, 64, keras->trouble)) return false;
        if (step.op == PYTHON_RETURN) return lambda_pop(m, 1, result);
        if (!one_step(m, &step) || keras->trouble->set) return false;
        if (step.op == PYTHON_RETURN_CONST) return lambda_pop(m, 1, result);
    }
    return lambda_refuse(m, "K-370 its Python code has no end", "");
}

/* ---- the layer ---- */

/* The function's arguments: the layer's inputs, then what the config gives by name, then defaults. */
static bool set_arguments(struct machine *m, const struct json *defaults) {
    struct layer_call *call = m->call;
    const struct json *named = json_member(call->config, "arguments"),
                      *list = json_member(defaults, "items");
    const uint32_t count = m->code->arguments;
    struct symbol tensors[LAMBDA_LOCALS];
    if (list) defaults = list;
    const size_t usual = defaults && defaults->type == JSON_ARRAY ? defaults->count : 0;
    if (count < 1 || count > LAMBDA_LOCALS || call->input_count > LAMBDA_LOCALS)
        return lambda_refuse(m, "K-371 it takes no argument, or too many", "");
    for (uint32_t i = 0; i < call->input_count; i++)
        tensors[i] = (struct symbol){.kind = SYMBOL_TENSOR,
                                     .value = call->inputs[i],
                                     .shown = m->code->locals.items[0].text};
    if (call->input_count == 1)
        m->locals[0] = tensors[0];
    else if (!lambda_list(m, tensors, call->input_count, &m->locals[0]))
        return false;
    for (uint32_t i = 1; i < count; i++) {
        const struct json *value = json_member(named, m->code->locals.items[i].text);
        if (!value && usual + i >= count) value = json_item(defaults, usual + i - count);
        if (value && !from_json(m, value, 0, &m->locals[i])) return false;
    }
    return true;
}

/* The code's bytes: base64, or (the first versions, in Python 2) a text of bytes. */
static bool decode(struct machine *m, const struct json *text, uint8_t **bytes, size_t *size) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct keras *keras = m->call->keras;
    uint32_t bits = 0, have = 0;
    *size = 0;
    *bytes = pool_get(keras->pool, text->length + 1, 1, keras->trouble);
    if (!*bytes) return false;
    for (size_t i = 0; i < text->length && text->text[i] != '='; i++) {
        const char *digit = text->text[i] ? strchr(digits, text->text[i]) : NULL;
        if (text->text[i] == '\n') continue;
        if (!digit) return lambda_refuse(m, "K-372 its Python code is kept in an unknown form", "");
        bits = (bits << 6 | (uint32_t)(digit - digits)) & 0xffffff;
        have += 6;
        if (have < 8) continue;
        have -= 8;
        (*bytes)[(*size)++] = (uint8_t)(bits >> have & 0xff);
    }
    return true;
}

bool keras_lambda(struct layer_call *call) {
    struct machine *m = pool_get(call->keras->pool, 1, sizeof *m, call->keras->trouble);
    const struct json *function = json_member(call->config, "function"), *text, *defaults;
    struct python_code code;
    struct symbol result = symbol_null;
    uint8_t *bytes;
    size_t size;
    if (!m) return false;
    m->call = call;
    m->code = &code;
    if (function && function->type == JSON_OBJECT) { /* Keras 3 */
        const struct json *config = json_member(function, "config");
        text = json_member(config, "code");
        defaults = json_member(config, "defaults");
        m->closure = json_member(config, "closure");
        if (!text) text = config;
    } else {
        text = json_item(function, 0);
        defaults = json_item(function, 1);
        m->closure = json_item(function, 2);
    }
    if (!text || text->type != JSON_STRING)
        return lambda_refuse(m, "K-019 a Python function by its name, which the file does not hold",
                             "");
    if (!decode(m, text, &bytes, &size) ||
        !python_read(call->keras, call->name, bytes, size, &code) || !set_arguments(m, defaults) ||
        !run(m, &result))
        return false;
    if (result.kind == SYMBOL_TENSOR) {
        call->output = result.value;
        return true;
    }
    if (result.kind != SYMBOL_LIST || result.count == 0)
        return lambda_refuse(m, "K-373 its result is not a tensor", "");
    call->outputs =
        pool_get(call->keras->pool, result.count, sizeof(uint32_t), call->keras->trouble);
    if (!call->outputs) return false;
    for (uint32_t i = 0; i < result.count; i++) {
        if (result.items[i].kind != SYMBOL_TENSOR)
            return lambda_refuse(m, "K-374 its result is not a tensor", "");
        call->outputs[i] = result.items[i].value;
    }
    call->output_count = result.count;
    return true;
}
