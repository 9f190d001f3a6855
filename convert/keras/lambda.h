/* Lambda layers: Python's bytecode is read as an expression and never run. Internal to convert/keras/lambda*.c.
 *
 * lambda_marshal.c takes the code object apart, lambda_code.c turns instructions of Python 2.7 and 3.0 to 3.13 into
 * one small set, lambda.c goes through them once with symbols in the place of values. There are no jumps. */
#ifndef FOVEA_CONVERT_KERAS_LAMBDA_H
#define FOVEA_CONVERT_KERAS_LAMBDA_H

#include "convert/keras/raw.h"

enum symbol_kind {
    SYMBOL_NULL, /* what newer versions push beside functions */
    SYMBOL_NONE,
    SYMBOL_ELLIPSIS,
    SYMBOL_FLAG,  /* whole: 0 or 1 */
    SYMBOL_WHOLE, /* a whole number */
    SYMBOL_REAL,
    SYMBOL_TEXT,
    SYMBOL_BYTES,
    SYMBOL_LIST,   /* a tuple, too */
    SYMBOL_SLICE,  /* items: start, stop, step */
    SYMBOL_TENSOR, /* a value of the graph */
    SYMBOL_NAME,   /* text: "K", "tf.math.reduce_sum" */
    SYMBOL_METHOD, /* text: its name; items: what it belongs to */
};

/* A value as far as it is known. */
struct symbol {
    enum symbol_kind kind;
    int64_t whole;
    double real;
    const char *text;
    size_t length;
    const struct symbol *items;
    uint32_t count;
    uint32_t value;
    const char *shown; /* the expression it is, for people */
};

/* ---- a code object ---- */

enum python_dialect {
    PYTHON_27,
    PYTHON_30,
    PYTHON_36,
    PYTHON_38,
    PYTHON_311,
    PYTHON_312,
    PYTHON_313
};

struct python_code {
    enum python_dialect dialect;
    uint32_t arguments;
    const uint8_t *code;
    size_t size;
    struct symbol consts, names, locals; /* lists; locals: arguments, other variables, then cells */
    struct symbol free_names;            /* before 3.11 */
    struct symbol cell_names;
};

/* Takes apart what marshal.dumps made of a code object; false with `trouble` set. */
bool python_read(struct keras *keras, const char *layer, const uint8_t *bytes, size_t size,
                 struct python_code *code);

/* ---- instructions ---- */

enum python_op {
    PYTHON_UNKNOWN,
    PYTHON_NOTHING,
    PYTHON_LOAD_CONST,
    PYTHON_LOAD_FAST,
    PYTHON_LOAD_FAST_TWO, /* two of 4 bits each */
    PYTHON_STORE_FAST,
    PYTHON_STORE_LOAD, /* stores one, loads another, of 4 bits each */
    PYTHON_LOAD_DEREF,
    PYTHON_LOAD_NAME,   /* a global */
    PYTHON_LOAD_CALLED, /* a global, with a null beside it */
    PYTHON_LOAD_ATTR,
    PYTHON_LOAD_METHOD,
    PYTHON_PUSH_NULL,
    PYTHON_POP,
    PYTHON_COPY,   /* the symbol so deep */
    PYTHON_SWAP,   /* the top with that so deep */
    PYTHON_ROTATE, /* the top goes so deep */
    PYTHON_NEGATIVE,
    PYTHON_BINARY,  /* an operator: its sign */
    PYTHON_COMPARE, /* 0 to 5: < <= == != > >= */
    PYTHON_SUBSCRIPT,
    PYTHON_SUBSCRIPT_SLICE, /* with start and stop on the stack */
    PYTHON_SLICE_OLD,       /* bit 0: has a start, bit 1: has a stop */
    PYTHON_BUILD_LIST,
    PYTHON_BUILD_SLICE,
    PYTHON_EXTEND_LIST,
    PYTHON_CALL,        /* so many arguments */
    PYTHON_CALL_OLD,    /* pairs of names and values in the upper byte */
    PYTHON_CALL_NAMED,  /* a tuple of names on the stack */
    PYTHON_KEEP_NAMES,  /* a constant tuple of names for the next call */
    PYTHON_CALL_METHOD, /* as LOAD_METHOD left it */
    PYTHON_RETURN,
    PYTHON_RETURN_CONST,
};
struct python_step {
    enum python_op op;
    uint32_t argument;
    uint8_t opcode;
};
/* The instruction at *at, which moves on; false at the end of the code. */
bool python_step(const struct python_code *code, size_t *at, struct python_step *step);

/* ---- the expression ---- */

#define LAMBDA_STACK  64
#define LAMBDA_LOCALS 64
#define LAMBDA_SHOWN  160 /* characters of an expression that is shown */

struct machine {
    struct layer_call *call;
    const struct python_code *code;
    const struct json *closure;
    struct symbol stack[LAMBDA_STACK], locals[LAMBDA_LOCALS];
    struct symbol names; /* of the next call's last arguments */
    uint32_t depth;
};

extern const struct symbol symbol_null;
struct symbol symbol_whole(int64_t number);
struct symbol symbol_real(double number);
struct symbol symbol_name(const char *text);
bool symbol_is_number(const struct symbol *s);

/* False, with trouble set: "layer '...' is a Lambda: <why><what>; replace it by layers of Keras". */
bool lambda_refuse(struct machine *m, const char *why, const char *what);
/* The symbol as an expression for people; NULL on trouble. */
const char *lambda_shown(struct machine *m, const struct symbol *s);

/* ---- what instructions do; false with trouble set ---- */

bool lambda_push(struct machine *m, struct symbol symbol);
bool lambda_pop(struct machine *m, uint32_t count, struct symbol *symbols);
bool lambda_list(struct machine *m, const struct symbol *items, uint32_t count,
                 struct symbol *list);
bool lambda_slice(struct machine *m, const struct symbol *parts, uint32_t count,
                  struct symbol *slice);
/* Puts the symbol among the arguments of a call in the making. */
bool lambda_place(struct machine *m, struct keras_draft *draft, struct json *list, const char *key,
                  const struct symbol *s, int depth);
/* A function of raw.def on these arguments; what comes out is pushed, shown as `text`. */
bool lambda_operate(struct machine *m, const char *function, struct keras_draft *draft,
                    const char *text);
bool lambda_binary(struct machine *m, char sign);
bool lambda_compare(struct machine *m, uint32_t which);
bool lambda_negative(struct machine *m);
bool lambda_subscript(struct machine *m, const struct symbol *of, const struct symbol *index);
bool lambda_attribute(struct machine *m, const char *name, struct symbol *made);
/* `count` arguments lie on the stack, the last of them with `names`; below them what is called, with a null
 * beside it where `paired`. */
bool lambda_call(struct machine *m, uint32_t count, bool paired, struct symbol names);
/* The same as Python 2 and 3.5 have it: names and values in turn behind the others. */
bool lambda_call_old(struct machine *m, uint32_t argument);

#endif
