/* SPDX-License-Identifier: MIT */
/*
 * The keys of maps, told apart in linear time (rule V6): each hashed once, sorted by hash, and only
 * those with equal hashes compared.
 *
 * Maps inside keys are noted in the same pass, however deep, so no byte is hashed twice. The hash
 * key is the process's own secret: nobody can choose map keys that collide. What holds a NaN equals
 * nothing and is never compared.
 */
#ifndef TSD_PROTOCOL_KEYS_H
#define TSD_PROTOCOL_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/siphash.h"

/* So many, with one more for each map, need no memory. */
enum { KEYS_FEW = 32 };

/* A key of a map, or what follows the last one. */
struct keyed {
    uint64_t hash;
    const uint8_t *key; /* after the last: the map's end */
    uint32_t inner; /* where in the list the maps inside this pair are; after the last: the end */
};

/*
 * The maps of one or two values: for each its keys sorted by hash, then the one that follows them,
 * then the maps inside. Memory is keys_deinit's.
 */
struct keys {
    struct hash_key key;
    struct keyed *list;      /* `few` or `allocated` */
    struct keyed *allocated; /* NULL as long as `few` is enough */
    uint32_t count, capacity;
    bool nan;                /* there is a NaN in what was hashed */
    bool failed;             /* no memory: the list is not complete */
    const uint8_t *repeated; /* a key that its map has twice, NULL for none */
    struct keyed few[KEYS_FEW];
};

void keys_init(struct keys *keys);
void keys_deinit(struct keys *keys);

/*
 * Notes the keys of `pairs` pairs at p, and the maps inside the keys; what the values hold is not
 * looked at. Returns where in the list they are. Sets nan, failed and repeated.
 */
uint32_t keys_note(struct keys *keys, const uint8_t *p, uint32_t pairs);

/* Where a comparison stands: at p, the maps from there on being noted from `inner` on. */
struct keys_place {
    const uint8_t *p;
    uint32_t inner;
};

/* Whether both values, inside noted keys and without NaN, are equal; moves both places past them. */
bool keys_equal(const struct keys *keys, struct keys_place *a, struct keys_place *b);

/*
 * Looks for the i-th noted key of the map at a among the noted keys of the one at b, which has as
 * many. Where it is found both places are set to the values that belong to it.
 */
bool keys_find(const struct keys *keys, uint32_t a, uint32_t b, uint32_t pairs, uint32_t i,
               struct keys_place *in_a, struct keys_place *in_b);

/*
 * Adds the canonical form of any value to a hash: what value_hash hashes but for strs and ints, and
 * what the keys of maps are told apart by. Returns its end.
 */
const uint8_t *keys_hash(const struct hash_key *key, struct siphash *s, const uint8_t *p);

#endif
