#include "update/curve.h"

typedef struct fovea_field field;
typedef struct fovea_point point;

static const field one = {{1}};
static const field zero = {{0}};
static const field d = {{0x135978a3, 0x75eb4dca, 0x4141d8ab, 0x00700a4d, 0x7779e898, 0x8cc74079,
                         0x2b6ffe73, 0x52036cee}}; /* -121665 / 121666 */
static const field d_twice = {{0x26b2f159, 0xebd69b94, 0x8283b156, 0x00e0149a, 0xeef3d130,
                               0x198e80f2, 0x56dffce7, 0x2406d9dc}};
static const field root_of_minus_one = {{0x4a0ea0b0, 0xc4ee1b27, 0xad2fe478, 0x2f431806, 0x3dfbd7a7,
                                         0x2b4d0099, 0x4fc1df0b, 0x2b832480}};
static const point base = {
    {{0x8f25d51a, 0xc9562d60, 0x9525a7b2, 0x692cc760, 0xfdd6dc5c, 0xc0a4e231, 0xcd6e53fe,
      0x216936d3}},
    {{0x66666658, 0x66666666, 0x66666666, 0x66666666, 0x66666666, 0x66666666, 0x66666666,
      0x66666666}},
    {{1}},
    {{0xa5b7dda3, 0x6dde8ab3, 0x775152f5, 0x20f09f80, 0x64abe37d, 0x66ea4e8e, 0xd78b7665,
      0x67875f0f}},
};

/* ---- words: both moduli have 8 of them ---- */

/* a + b and a - b; what goes beyond 256 bits: 0 or 1. */
static uint32_t words_add(uint32_t *sum, const uint32_t *a, const uint32_t *b) {
    uint64_t carry = 0;
    for (int i = 0; i < 8; i++) {
        carry += (uint64_t)a[i] + b[i];
        sum[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return (uint32_t)carry;
}

static uint32_t words_subtract(uint32_t *difference, const uint32_t *a, const uint32_t *b) {
    uint64_t borrow = 0;
    for (int i = 0; i < 8; i++) {
        uint64_t word = (uint64_t)a[i] - b[i] - borrow;
        difference[i] = (uint32_t)word;
        borrow = word >> 63;
    }
    return (uint32_t)borrow;
}

/* to = from where `yes` is 1, unchanged where it is 0. */
static void words_choose(uint32_t *to, const uint32_t *from, uint32_t yes, int count) {
    uint32_t mask = 0 - yes;
    for (int i = 0; i < count; i++) to[i] ^= (to[i] ^ from[i]) & mask;
}

static void words_multiply(uint32_t product[16], const uint32_t *a, const uint32_t *b) {
    for (int i = 0; i < 8; i++) product[i] = 0;
    for (int i = 0; i < 8; i++) {
        uint64_t carry = 0;
        for (int k = 0; k < 8; k++) {
            carry += (uint64_t)a[i] * b[k] + product[i + k];
            product[i + k] = (uint32_t)carry;
            carry >>= 32;
        }
        product[i + 8] = (uint32_t)carry;
    }
}

static void words_load(uint32_t *words, const uint8_t *bytes, int count) {
    for (int i = 0; i < count; i++, bytes += 4)
        words[i] = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
                   (uint32_t)bytes[3] << 24;
}

static void words_store(uint8_t bytes[32], const uint32_t *words) {
    for (int i = 0; i < 32; i++) bytes[i] = (uint8_t)(words[i / 4] >> (8 * (i % 4)));
}

/* ---- modulo p ---- */

/* r + carry 2^256, as 2^256 is 38 modulo p; the second round is for what the first carries. */
static void fold(field *r, uint64_t carry) {
    for (int round = 0; round < 2; round++) {
        carry *= 38;
        for (int i = 0; i < 8; i++) {
            carry += r->word[i];
            r->word[i] = (uint32_t)carry;
            carry >>= 32;
        }
    }
}

static void add(field *r, const field *a, const field *b) {
    fold(r, words_add(r->word, a->word, b->word));
}

static void subtract(field *r, const field *a, const field *b) {
    uint32_t borrow = words_subtract(r->word, a->word, b->word);
    for (int round = 0; round < 2; round++) {
        const field less = {{borrow * 38}};
        borrow = words_subtract(r->word, r->word, less.word);
    }
}

static void multiply(field *r, const field *a, const field *b) {
    uint32_t product[16];
    uint64_t carry = 0;
    words_multiply(product, a->word, b->word);
    for (int i = 0; i < 8; i++) {
        carry += (uint64_t)product[i + 8] * 38 + product[i];
        r->word[i] = (uint32_t)carry;
        carry >>= 32;
    }
    fold(r, carry);
}

/* a to the power of (2^250 - 1) 2^bits + low. */
static void power(field *r, const field *a, unsigned low, unsigned bits) {
    const field root = *a;
    field x = *a;
    for (int i = 1; i < 250; i++) {
        multiply(&x, &x, &x);
        multiply(&x, &x, &root);
    }
    while (bits--) {
        multiply(&x, &x, &x);
        if (low >> bits & 1) multiply(&x, &x, &root);
    }
    *r = x;
}

/* The one form below p. */
static void normalise(field *r) {
    uint32_t high = r->word[7] >> 31;
    const field first = {{19 * high}};
    r->word[7] &= 0x7fffffff;
    words_add(r->word, r->word, first.word); /* below 2^255 + 19 */
    field over;
    const field second = {{19}};
    words_add(over.word, r->word, second.word); /* its bit 255: r was not below p */
    high = over.word[7] >> 31;
    over.word[7] &= 0x7fffffff;
    words_choose(r->word, over.word, high, 8);
}

static bool equal(const field *a, const field *b) {
    field difference;
    uint32_t any = 0;
    subtract(&difference, a, b);
    normalise(&difference);
    for (int i = 0; i < 8; i++) any |= difference.word[i];
    return any == 0;
}

/* ---- points ---- */

/* The complete addition of twisted Edwards curves with a = -1 (Hisil, Wong, Carter, Dawson 2008, section 3.1). */
FOVEA_LOCAL void fovea_point_add(point *sum, const point *p, const point *q) {
    field a, b, c, e, f;
    subtract(&a, &p->y, &p->x);
    subtract(&e, &q->y, &q->x);
    multiply(&a, &a, &e);
    add(&b, &p->y, &p->x);
    add(&e, &q->y, &q->x);
    multiply(&b, &b, &e);
    multiply(&c, &p->t, &q->t);
    multiply(&c, &c, &d_twice);
    multiply(&f, &p->z, &q->z);
    add(&f, &f, &f);
    subtract(&e, &b, &a); /* E = B - A */
    add(&b, &b, &a);      /* H = B + A */
    add(&a, &f, &c);      /* G = D + C */
    subtract(&f, &f, &c); /* F = D - C */
    multiply(&sum->x, &e, &f);
    multiply(&sum->y, &a, &b);
    multiply(&sum->t, &e, &b);
    multiply(&sum->z, &f, &a);
}

FOVEA_LOCAL void fovea_point_negate(point *p) {
    subtract(&p->x, &zero, &p->x);
    subtract(&p->t, &zero, &p->t);
}

static void point_choose(point *to, const point *from, uint32_t yes) {
    words_choose(to->x.word, from->x.word, yes, 8);
    words_choose(to->y.word, from->y.word, yes, 8);
    words_choose(to->z.word, from->z.word, yes, 8);
    words_choose(to->t.word, from->t.word, yes, 8);
}

/* A bit of each scalar at a time, from the highest; zero is added too, so that all scalars take the same time. */
FOVEA_LOCAL void fovea_point_combine(point *sum, const uint8_t s[32], const uint8_t k[32],
                                     const point *p) {
    point both, term, result = {zero, one, one, zero};
    const point nothing = result;
    fovea_point_add(&both, &base, p);
    for (int i = 255; i >= 0; i--) {
        uint32_t of_s = s[i / 8] >> (i % 8) & 1, of_k = k[i / 8] >> (i % 8) & 1;
        term = nothing;
        point_choose(&term, &base, of_s);
        point_choose(&term, p, of_k);
        point_choose(&term, &both, of_s & of_k);
        fovea_point_add(&result, &result, &result);
        fovea_point_add(&result, &result, &term);
    }
    *sum = result;
}

FOVEA_LOCAL void fovea_point_encode(uint8_t bytes[32], const point *p) {
    field inverse, x, y;
    power(&inverse, &p->z, 11, 5); /* p - 2 = 2^255 - 21 */
    multiply(&x, &p->x, &inverse);
    multiply(&y, &p->y, &inverse);
    normalise(&x);
    normalise(&y);
    y.word[7] |= x.word[0] << 31; /* the sign of x: its lowest bit */
    words_store(bytes, y.word);
}

/* RFC 8032, section 5.1.3: x^2 = u / v, u = y^2 - 1, v = d y^2 + 1. */
FOVEA_LOCAL bool fovea_point_decode(point *p, const uint8_t bytes[32]) {
    field u, v, x, check;
    words_load(p->y.word, bytes, 8);
    const uint32_t sign = p->y.word[7] >> 31;
    p->y.word[7] &= 0x7fffffff;
    check = p->y;
    normalise(&check);
    uint32_t other = 0;
    for (int i = 0; i < 8; i++) other |= check.word[i] ^ p->y.word[i];
    if (other) return false;

    multiply(&u, &p->y, &p->y);
    multiply(&v, &u, &d);
    subtract(&u, &u, &one);
    add(&v, &v, &one);
    multiply(&check, &v, &v);
    multiply(&check, &check, &v); /* v^3 */
    multiply(&x, &check, &check);
    multiply(&x, &x, &v); /* v^7 */
    multiply(&x, &x, &u);
    power(&x, &x, 1, 2); /* (p - 5) / 8 = 2^252 - 3 */
    multiply(&x, &x, &check);
    multiply(&x, &x, &u); /* u v^3 (u v^7)^((p-5)/8) */
    multiply(&check, &x, &x);
    multiply(&check, &check, &v);
    if (!equal(&check, &u)) {
        add(&check, &check, &u); /* the other root, where v x^2 = -u */
        if (!equal(&check, &zero)) return false;
        multiply(&x, &x, &root_of_minus_one);
    }
    normalise(&x);
    if (equal(&x, &zero) && sign) return false;
    if ((x.word[0] & 1) != sign) subtract(&x, &zero, &x);
    p->x = x;
    p->z = one;
    multiply(&p->t, &p->x, &p->y);
    return true;
}

/* ---- modulo the order L = 2^252 + 27742317777372353535851937790883648493 ---- */

static const uint32_t order[8] = {0x5cf5d3ed, 0x5812631a, 0xa2f79cd6, 0x14def9de,
                                  0x00000000, 0x00000000, 0x00000000, 0x10000000};

/* Long division, a bit at a time; the remainder stays below 2 L. */
static void reduce(uint8_t result[32], const uint32_t words[16]) {
    uint32_t rest[8] = {0}, less[8];
    for (int i = 511; i >= 0; i--) {
        words_add(rest, rest, rest);
        rest[0] |= words[i / 32] >> (i % 32) & 1;
        words_choose(rest, less, 1 - words_subtract(less, rest, order), 8);
    }
    words_store(result, rest);
}

FOVEA_LOCAL void fovea_order_reduce(uint8_t result[32], const uint8_t bytes[64]) {
    uint32_t words[16];
    words_load(words, bytes, 16);
    reduce(result, words);
}

FOVEA_LOCAL void fovea_order_muladd(uint8_t result[32], const uint8_t a[32], const uint8_t b[32],
                                    const uint8_t c[32]) {
    uint32_t x[8], y[8], product[16];
    words_load(x, a, 8);
    words_load(y, b, 8);
    words_multiply(product, x, y);
    words_load(x, c, 8);
    uint32_t carry = words_add(product, product, x);
    for (int i = 8; i < 16; i++) {
        product[i] += carry;
        carry = product[i] < carry;
    }
    reduce(result, product);
}

FOVEA_LOCAL bool fovea_order_holds(const uint8_t bytes[32]) {
    uint32_t words[8];
    words_load(words, bytes, 8);
    return words_subtract(words, words, order) == 1;
}
