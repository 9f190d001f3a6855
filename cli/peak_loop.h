/* The loop of one instruction set, once for all: a function of the name PEAK_LOOP. Defined before, and undefined here:
 *     PEAK_TARGET     what the compiler must be told to allow the instructions; may be empty
 *     PEAK_VECTOR     the type of a sum, PEAK_SET(float) one of equal floats, PEAK_FIRST(v) its first float
 *     PEAK_ADD(a, b)
 *     PEAK_STEP(s)    s = s * x + x, in the fastest way there is, and made opaque */

static PEAK_TARGET float PEAK_LOOP(void) {
    const PEAK_VECTOR x = PEAK_SET(0.5f);
#define START(i) PEAK_VECTOR s##i = x;
#define STEP(i)  PEAK_STEP(s##i)
#define ADD(i)   sum = PEAK_ADD(sum, s##i);
    EACH(START)
    for (int n = 0; n < ROUNDS; n++) {
        EACH(STEP)
    }
    PEAK_VECTOR sum = x;
    EACH(ADD)
    return PEAK_FIRST(sum);
#undef START
#undef STEP
#undef ADD
}

#undef PEAK_LOOP
#undef PEAK_TARGET
#undef PEAK_VECTOR
#undef PEAK_SET
#undef PEAK_FIRST
#undef PEAK_ADD
#undef PEAK_STEP
