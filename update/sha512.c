#include "update/sha512.h"

#include "weights/bytes.h"

/* The first 64 bits of the fractional parts of the cube roots of the first 80 primes. */
static const uint64_t round_constants[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
    0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
    0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
    0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
    0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
    0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
    0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
    0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
    0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
    0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
    0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

static uint64_t rotate(uint64_t x, unsigned n) {
    return x >> n | x << (64 - n);
}

/* The next word of the message schedule, in place of the one 16 before it. */
static uint64_t schedule(uint64_t w[16], unsigned t) {
    if (t >= 16) {
        uint64_t a = w[(t + 1) % 16], b = w[(t + 14) % 16];
        w[t % 16] += (rotate(a, 1) ^ rotate(a, 8) ^ a >> 7) + w[(t + 9) % 16] +
                     (rotate(b, 19) ^ rotate(b, 61) ^ b >> 6);
    }
    return w[t % 16];
}

/* The variables a to h move by one place a round; here the places stay and their roles move. */
static void compress(uint64_t state[8], const uint8_t block[128]) {
    uint64_t w[16], v[8];
    struct fovea_bytes bytes = fovea_bytes_of(block, 128);
    for (unsigned i = 0; i < 16; i++) w[i] = fovea_read_big(&bytes, 8);
    for (unsigned i = 0; i < 8; i++) v[i] = state[i];
    for (unsigned t = 0; t < 80; t++) {
        uint64_t *role[8];
        for (unsigned i = 0; i < 8; i++) role[i] = &v[(i + 80 - t) % 8];
        uint64_t a = *role[0], b = *role[1], c = *role[2], e = *role[4];
        uint64_t sum = *role[7] + (rotate(e, 14) ^ rotate(e, 18) ^ rotate(e, 41)) +
                       ((e & *role[5]) ^ (~e & *role[6])) + round_constants[t] + schedule(w, t);
        *role[3] += sum;
        *role[7] =
            sum + (rotate(a, 28) ^ rotate(a, 34) ^ rotate(a, 39)) + ((a & b) ^ (a & c) ^ (b & c));
    }
    for (unsigned i = 0; i < 8; i++) state[i] += v[i];
}

FOVEA_LOCAL void fovea_sha512_start(struct fovea_hash *hash) {
    /* of the square roots of the first 8 primes */
    static const uint64_t first[8] = {
        0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
        0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
    };
    for (unsigned i = 0; i < 8; i++) hash->state[i] = first[i];
    hash->size = 0;
}

FOVEA_LOCAL void fovea_sha512_add(struct fovea_hash *hash, const uint8_t *bytes, size_t size) {
    while (size) {
        size_t at = hash->size % 128, n = 128 - at < size ? 128 - at : size;
        if (n == 128) {
            compress(hash->state, bytes);
        } else {
            fovea_copy(hash->block + at, bytes, n);
            if (at + n == 128) compress(hash->state, hash->block);
        }
        hash->size += n;
        bytes += n;
        size -= n;
    }
}

FOVEA_LOCAL void fovea_sha512_end(struct fovea_hash *hash, uint8_t digest[SHA512_BYTES]) {
    uint8_t tail[144] = {0x80};
    size_t at = hash->size % 128, n = (at < 112 ? 112 : 240) - at;
    uint64_t bits = hash->size * 8;
    /* The size of the message is a number of 128 bits, of which 61 are enough for what memory holds. */
    for (unsigned i = 0; i < 8; i++) tail[n + 8 + i] = (uint8_t)(bits >> (56 - 8 * i));
    fovea_sha512_add(hash, tail, n + 16);
    for (unsigned i = 0; i < SHA512_BYTES; i++)
        digest[i] = (uint8_t)(hash->state[i / 8] >> (56 - 8 * (i % 8)));
}

FOVEA_LOCAL void fovea_sha512(uint8_t digest[SHA512_BYTES], const void *bytes, size_t size) {
    struct fovea_hash hash;
    fovea_sha512_start(&hash);
    fovea_sha512_add(&hash, bytes, size);
    fovea_sha512_end(&hash, digest);
}

FOVEA_LOCAL bool fovea_equal(const uint8_t *a, const uint8_t *b, size_t size) {
    uint8_t other = 0;
    for (size_t i = 0; i < size; i++) other |= (uint8_t)(a[i] ^ b[i]);
    return other == 0;
}
