/* SPDX-License-Identifier: MIT */
#include "space/match_pairs.h"

#include <stddef.h>
#include <string.h>

#include "protocol/equal.h"
#include "protocol/siphash.h"
#include "protocol/value.h"

/* Up to so many keys, each of the map's is compared with all; beyond, hashes decide which. */
enum { FEW_KEYS = 8, SLOTS = 1024 };
_Static_assert(SLOTS >= LIMIT_PATTERN_MATCHERS && (SLOTS & (SLOTS - 1)) == 0,
               "at most half of the slots are in use: a pair is two nodes");

/* Keys of the matcher by hash; a slot is free where its key is 0, the PAIRS node itself. */
struct slots {
    struct hash_key hash;
    uint64_t hashes[SLOTS];
    uint16_t keys[SLOTS]; /* from the PAIRS node on */
};

static const struct matcher *next_key(const struct matcher *key)
{
    return key + 1 + key[1].skip;
}

/* Which key of the matcher the one at p is, from the node on; 0: none. */
static uint32_t find_few(const struct pattern *pattern, const struct matcher *node,
                         const uint8_t *p)
{
    const struct matcher *key = node + 1;

    for (unsigned i = 0; i < node->children; i++, key = next_key(key))
        if (value_equal(pattern->bytes + key->a, p))
            return (uint32_t)(key - node);
    return 0;
}

static void fill_slots(struct slots *slots, const struct pattern *pattern,
                       const struct matcher *node)
{
    const struct matcher *key = node + 1;

    slots->hash = hash_key_of_process(); /* nobody can choose keys that collide */
    memset(slots->keys, 0, sizeof(slots->keys));
    for (unsigned i = 0; i < node->children; i++, key = next_key(key)) {
        uint64_t hash = value_hash(&slots->hash, pattern->bytes + key->a);
        size_t at = hash & (SLOTS - 1);
        while (slots->keys[at])
            at = (at + 1) & (SLOTS - 1);
        slots->keys[at] = (uint16_t)(key - node);
        slots->hashes[at] = hash;
    }
}

static uint32_t find_hashed(const struct slots *slots, const struct pattern *pattern,
                            const struct matcher *node, const uint8_t *p)
{
    uint64_t hash = value_hash(&slots->hash, p);

    for (size_t at = hash & (SLOTS - 1); slots->keys[at]; at = (at + 1) & (SLOTS - 1))
        if (slots->hashes[at] == hash && value_equal(pattern->bytes + node[slots->keys[at]].a, p))
            return slots->keys[at];
    return 0;
}

bool match_find_keys(const struct pattern *pattern, const struct matcher *node, const uint8_t *p,
                     uint32_t pairs, const uint8_t **values)
{
    bool few = node->children <= FEW_KEYS;
    unsigned missing = node->children;
    struct slots slots;

    if (missing > pairs)
        return false;
    if (!few)
        fill_slots(&slots, pattern, node);
    /* No key stands twice in either, so each find is a new one. */
    for (; missing > 0 && pairs >= missing; pairs--) {
        const uint8_t *value = value_skip_trusted(p);
        uint32_t found = few ? find_few(pattern, node, p) : find_hashed(&slots, pattern, node, p);
        if (found) {
            values[found] = value;
            missing--;
        }
        p = value_skip_trusted(value);
    }
    return missing == 0;
}
