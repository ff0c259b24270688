/* SPDX-License-Identifier: MIT */
/*
 * SipHash-1-3 (Aumasson, Bernstein): the keyed hash for everything that clients choose.
 *
 * Of plain bytes at once, or of 64-bit words one after the other, which gives what the same words
 * as little-endian bytes give.
 */
#ifndef TSD_PROTOCOL_SIPHASH_H
#define TSD_PROTOCOL_SIPHASH_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A secret drawn once by whoever owns an index; the same for all hashes that are compared. */
struct hash_key {
    uint64_t k0, k1;
};

/* SipHash-1-3 of plain bytes: names, strings. */
uint64_t hash_bytes(const struct hash_key *key, const void *bytes, size_t size);

/*
 * A key for hashes that are over before the function that made them returns and show in no result:
 * made of the random bytes that the kernel gives each process.
 */
struct hash_key hash_key_of_process(void);

struct siphash {
    uint64_t v0, v1, v2, v3;
    uint64_t size; /* bytes so far */
};

static inline uint64_t siphash_rotate(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

static inline __attribute__((always_inline)) void siphash_round(struct siphash *s)
{
    s->v0 += s->v1;
    s->v1 = siphash_rotate(s->v1, 13) ^ s->v0;
    s->v0 = siphash_rotate(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = siphash_rotate(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = siphash_rotate(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = siphash_rotate(s->v1, 17) ^ s->v2;
    s->v2 = siphash_rotate(s->v2, 32);
}

static inline struct siphash siphash_begin(const struct hash_key *key)
{
    return (struct siphash){
        .v0 = key->k0 ^ 0x736f6d6570736575u,
        .v1 = key->k1 ^ 0x646f72616e646f6du,
        .v2 = key->k0 ^ 0x6c7967656e657261u,
        .v3 = key->k1 ^ 0x7465646279746573u,
    };
}

static inline void siphash_mix(struct siphash *s, uint64_t word)
{
    s->v3 ^= word;
    siphash_round(s);
    s->v0 ^= word;
}

static inline void siphash_word(struct siphash *s, uint64_t word)
{
    siphash_mix(s, word);
    s->size += 8;
}

/* The hash of all words so far and, in `tail`, at most seven bytes that `size` counts already. */
static inline __attribute__((always_inline)) uint64_t siphash_end(struct siphash s, uint64_t tail)
{
    siphash_mix(&s, s.size << 56 | tail);
    s.v2 ^= 0xff;
    siphash_round(&s);
    siphash_round(&s);
    siphash_round(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

/* Up to seven bytes as the low bytes of a word. */
static inline uint64_t siphash_tail(const uint8_t *bytes, size_t size)
{
    uint32_t first, last;

    if (size >= 4) { /* two halves that may overlap: what both have is the same */
        memcpy(&first, bytes, 4);
        memcpy(&last, bytes + size - 4, 4);
        return le32toh(first) | (uint64_t)le32toh(last) << (8 * (size - 4));
    }
    if (size == 0)
        return 0;
    return bytes[0] | (uint64_t)bytes[size / 2] << (8 * (size / 2)) |
           (uint64_t)bytes[size - 1] << (8 * (size - 1));
}

/* The words of the bytes; returns the first byte of those, fewer than eight, that are left. */
static inline const uint8_t *siphash_words(struct siphash *s, const uint8_t *bytes, size_t size)
{
    for (; size >= 8; size -= 8, bytes += 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        siphash_word(s, le64toh(word));
    }
    return bytes;
}

/* hash_bytes, inline for where most are short. */
static inline uint64_t siphash_bytes(const struct hash_key *key, const uint8_t *bytes, size_t size)
{
    struct siphash s = siphash_begin(key);
    const uint8_t *rest = siphash_words(&s, bytes, size);

    s.size = size;
    return siphash_end(s, siphash_tail(rest, size % 8));
}

#endif
