/* Instructions of Python's versions. Where the meaning of an argument differs, it is brought to one form. */
#include "convert/keras/lambda.h"

/* Which dialects have the number: bit by dialect. */
#define D27   0x01u
#define D30   0x02u
#define D36   0x04u
#define D38   0x08u
#define D311  0x10u
#define D312  0x20u
#define D313  0x40u
#define OLD   (D27 | D30 | D36 | D38)
#define WORDS (D36 | D38)
#define MID   (OLD | D311 | D312)
#define NEW   (D311 | D312)

static const struct opcode_row {
    unsigned dialects;
    uint8_t opcode;
    enum python_op op;
    int fixed; /* the argument where it is not the instruction's, else -1 */
} opcodes[] = {
    {D311 | D312 | D313, 0, PYTHON_NOTHING, -1}, /* room for the interpreter */
    {OLD | D311 | D312, 9, PYTHON_NOTHING, -1},
    {NEW, 151, PYTHON_NOTHING, -1},
    {NEW, 149, PYTHON_NOTHING, -1}, /* free variables are copied */
    {D311, 166, PYTHON_NOTHING, -1},
    {D313, 149, PYTHON_NOTHING, -1},
    {D313, 62, PYTHON_NOTHING, -1},
    {D313, 30, PYTHON_NOTHING, -1},
    {MID, 100, PYTHON_LOAD_CONST, -1},
    {D313, 83, PYTHON_LOAD_CONST, -1},
    {MID, 124, PYTHON_LOAD_FAST, -1},
    {D312, 127, PYTHON_LOAD_FAST, -1},
    {D313, 85, PYTHON_LOAD_FAST, -1},
    {D313, 87, PYTHON_LOAD_FAST, -1},
    {D313, 88, PYTHON_LOAD_FAST_TWO, -1},
    {MID, 125, PYTHON_STORE_FAST, -1},
    {D313, 110, PYTHON_STORE_FAST, -1},
    {D313, 111, PYTHON_STORE_LOAD, -1},
    {OLD, 136, PYTHON_LOAD_DEREF, -1},
    {NEW, 137, PYTHON_LOAD_DEREF, -1},
    {D313, 84, PYTHON_LOAD_DEREF, -1},
    {OLD, 116, PYTHON_LOAD_NAME, -1},
    {OLD, 101, PYTHON_LOAD_NAME, -1},
    {NEW, 116, PYTHON_LOAD_CALLED, -1},
    {D313, 91, PYTHON_LOAD_CALLED, -1},
    {MID, 106, PYTHON_LOAD_ATTR, -1},
    {D313, 82, PYTHON_LOAD_ATTR, -1},
    {WORDS | D311, 160, PYTHON_LOAD_METHOD, -1},
    {NEW, 2, PYTHON_PUSH_NULL, -1},
    {D313, 34, PYTHON_PUSH_NULL, -1},
    {MID, 1, PYTHON_POP, -1},
    {D313, 32, PYTHON_POP, -1},
    {OLD, 2, PYTHON_ROTATE, 2},
    {OLD, 3, PYTHON_ROTATE, 3},
    {OLD, 4, PYTHON_COPY, 1},
    {NEW, 120, PYTHON_COPY, -1},
    {D313, 61, PYTHON_COPY, -1},
    {NEW, 99, PYTHON_SWAP, -1},
    {D313, 115, PYTHON_SWAP, -1},
    {MID, 11, PYTHON_NEGATIVE, -1},
    {D313, 42, PYTHON_NEGATIVE, -1},
    {OLD, 16, PYTHON_BINARY, '@'},
    {OLD, 19, PYTHON_BINARY, '^'},
    {OLD, 20, PYTHON_BINARY, '*'},
    {OLD, 23, PYTHON_BINARY, '+'},
    {OLD, 24, PYTHON_BINARY, '-'},
    {D27, 21, PYTHON_BINARY, '/'},
    {OLD, 27, PYTHON_BINARY, '/'},
    {OLD, 26, PYTHON_BINARY, '%'}, /* floor division, of whole numbers alone */
    {NEW, 122, PYTHON_BINARY, -1},
    {D313, 45, PYTHON_BINARY, -1},
    {MID, 107, PYTHON_COMPARE, -1},
    {D313, 58, PYTHON_COMPARE, -1},
    {MID, 25, PYTHON_SUBSCRIPT, -1},
    {D313, 5, PYTHON_SUBSCRIPT, -1},
    {D312, 26, PYTHON_SUBSCRIPT_SLICE, -1},
    {D313, 4, PYTHON_SUBSCRIPT_SLICE, -1},
    {D27, 30, PYTHON_SLICE_OLD, 0},
    {D27, 31, PYTHON_SLICE_OLD, 1},
    {D27, 32, PYTHON_SLICE_OLD, 2},
    {D27, 33, PYTHON_SLICE_OLD, 3},
    {MID, 102, PYTHON_BUILD_LIST, -1},
    {MID, 103, PYTHON_BUILD_LIST, -1},
    {D313, 47, PYTHON_BUILD_LIST, -1},
    {D313, 52, PYTHON_BUILD_LIST, -1},
    {MID, 133, PYTHON_BUILD_SLICE, -1},
    {D313, 50, PYTHON_BUILD_SLICE, -1},
    {D38 | NEW, 162, PYTHON_EXTEND_LIST, -1},
    {D313, 81, PYTHON_EXTEND_LIST, -1},
    {D38 | NEW, 82, PYTHON_NOTHING, -1}, /* a list becomes a tuple */
    {D27 | D30, 131, PYTHON_CALL_OLD, -1},
    {WORDS, 131, PYTHON_CALL, -1},
    {NEW, 171, PYTHON_CALL, -1},
    {D313, 53, PYTHON_CALL, -1},
    {WORDS, 141, PYTHON_CALL_NAMED, -1},
    {D313, 57, PYTHON_CALL_NAMED, -1},
    {NEW, 172, PYTHON_KEEP_NAMES, -1},
    {WORDS, 161, PYTHON_CALL_METHOD, -1},
    {MID, 83, PYTHON_RETURN, -1},
    {D313, 36, PYTHON_RETURN, -1},
    {D312, 121, PYTHON_RETURN_CONST, -1},
    {D313, 103, PYTHON_RETURN_CONST, -1},
};

/* The operators of BINARY_OP, which 13 more of them repeat in place. */
static const char binary_signs[] = {'+', '&', '%', '<', '@', '*', '~',
                                    '|', '^', '>', '-', '/', '!'};

static uint32_t meaning(enum python_dialect dialect, const struct opcode_row *row,
                        uint32_t argument) {
    if (row->fixed >= 0) return (uint32_t)row->fixed;
    if (row->op == PYTHON_BINARY)
        return argument < 26 ? (uint32_t)(uint8_t)binary_signs[argument % 13] : 0;
    if (row->op == PYTHON_COMPARE)
        return dialect == PYTHON_313   ? argument >> 5
               : dialect == PYTHON_312 ? argument >> 4
                                       : argument;
    return argument;
}

bool python_step(const struct python_code *code, size_t *at, struct python_step *step) {
    const bool words = code->dialect >= PYTHON_36;
    const unsigned extended = code->dialect == PYTHON_27    ? 145
                              : code->dialect == PYTHON_313 ? 71
                                                            : 144;
    uint32_t argument = 0;
    for (;;) {
        if (*at >= code->size || (words && *at + 1 >= code->size)) return false;
        const uint8_t opcode = code->code[(*at)++];
        if (words) {
            argument = argument << 8 | code->code[(*at)++];
        } else if (opcode >= 90) {
            if (code->size - *at < 2) return false;
            argument = argument << 16 | code->code[*at] | (uint32_t)code->code[*at + 1] << 8;
            *at += 2;
        }
        if (opcode == extended) continue;
        *step = (struct python_step){PYTHON_UNKNOWN, argument, opcode};
        for (size_t i = 0; i < sizeof opcodes / sizeof *opcodes; i++)
            if (opcodes[i].opcode == opcode && opcodes[i].dialects >> code->dialect & 1) {
                step->op = opcodes[i].op;
                step->argument = meaning(code->dialect, &opcodes[i], argument);
                return true;
            }
        return true;
    }
}
