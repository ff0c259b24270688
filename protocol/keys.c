/* SPDX-License-Identifier: MIT */
#include "protocol/keys.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/scalar.h"
#include "protocol/value.h"

void keys_init(struct keys *keys)
{
    keys->key = hash_key_of_process();
    keys->list = keys->few;
    keys->allocated = NULL;
    keys->count = 0;
    keys->capacity = KEYS_FEW;
    keys->nan = false;
    keys->failed = false;
    keys->repeated = NULL;
}

void keys_deinit(struct keys *keys)
{
    free(keys->allocated);
}

static uint32_t reserve(struct keys *keys, uint32_t more)
{
    uint32_t at = keys->count;
    size_t need = (size_t)at + more;
    if (need > keys->capacity) {
        size_t capacity = keys->capacity;
        while (capacity < need)
            capacity *= 2;
        struct keyed *list = realloc(keys->allocated, capacity * sizeof *list);
        if (!list) {
            keys->failed = true;
            return at;
        }
        if (!keys->allocated)
            memcpy(list, keys->few, at * sizeof *list);
        keys->list = keys->allocated = list;
        keys->capacity = (uint32_t)capacity;
    }
    keys->count = (uint32_t)need;
    return at;
}

enum { SORT_FEW = 24 };

static void sort_few(struct keyed *list, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct keyed moved = list[i];
        uint32_t j = i;
        for (; j > 0 && list[j - 1].hash > moved.hash; j--)
            list[j] = list[j - 1];
        list[j] = moved;
    }
}

/*
 * A radix sort from the highest byte down: linear, whatever the hashes are. Where next[b] is, the
 * next one with the byte b goes; end[b] is where the last of them ends.
 */
static void sort_by_byte(struct keyed *list, uint32_t count, unsigned shift)
{
    uint32_t next[256] = {0}, end[256];

    for (uint32_t i = 0; i < count; i++)
        next[list[i].hash >> shift & 0xff]++;
    for (uint32_t b = 0, sum = 0; b < 256; b++) {
        sum += next[b];
        end[b] = sum;
        next[b] = sum - next[b];
    }
    for (uint32_t b = 0; b < 256; b++) {
        while (next[b] < end[b]) {
            struct keyed moved = list[next[b]];
            uint32_t to = moved.hash >> shift & 0xff;
            for (; to != b; to = moved.hash >> shift & 0xff) {
                struct keyed other = list[next[to]];
                list[next[to]++] = moved;
                moved = other;
            }
            list[next[b]++] = moved;
        }
    }
    for (uint32_t b = 0, begin = 0; b < 256; begin = end[b++]) {
        if (end[b] - begin <= SORT_FEW)
            sort_few(list + begin, end[b] - begin);
        else if (shift > 0)
            sort_by_byte(list + begin, end[b] - begin, shift - 8);
    }
}

static void sort_by_hash(struct keyed *list, uint32_t count)
{
    if (count <= SORT_FEW)
        sort_few(list, count);
    else
        sort_by_byte(list, count, 56);
}

/* Equal hashes stand next to each other: whether two of these keys are equal, too; one is enough. */
static void find_repeated(struct keys *keys, uint32_t at, uint32_t count)
{
    const struct keyed *list = keys->list + at;

    for (uint32_t i = 0; i < count && !keys->repeated; i++) {
        for (uint32_t j = i + 1; j < count && list[j].hash == list[i].hash; j++) {
            struct keys_place a = {list[i].key, list[i].inner};
            struct keys_place b = {list[j].key, list[j].inner};
            if (keys_equal(keys, &a, &b)) {
                keys->repeated = list[i].key < list[j].key ? list[j].key : list[i].key;
                return;
            }
        }
    }
}

static const uint8_t *hash_value(const struct hash_key *key, struct keys *keys, struct siphash *s,
                                 const uint8_t *p);

/*
 * Notes a map where there are `keys`; adds its form to s where there is one. A map's form is the
 * sum of its pairs' hashes: they may come in any order.
 */
static const uint8_t *hash_map(const struct hash_key *key, struct keys *keys, struct siphash *s,
                               const uint8_t *p, uint32_t pairs)
{
    uint32_t at = keys ? reserve(keys, pairs + 1) : 0;
    uint32_t noted = 0;
    bool nan = keys && keys->nan;
    uint64_t sum = 0;

    for (uint32_t i = 0; i < pairs; i++) {
        struct siphash pair = siphash_begin(key);
        struct keyed keyed = {.key = p};
        if (keys) {
            keyed.inner = keys->count;
            keys->nan = false;
        }
        p = hash_value(key, keys, &pair, p);
        if (keys && !keys->nan && !keys->failed) {
            keyed.hash = siphash_end(pair, 0);
            keys->list[at + noted++] = keyed;
        }
        p = s ? hash_value(key, keys, &pair, p) : value_skip_trusted(p);
        if (s)
            sum += siphash_end(pair, 0);
        nan = nan || (keys && keys->nan);
    }
    if (keys && !keys->failed) {
        keys->nan = nan;
        keys->list[at + pairs] = (struct keyed){.key = p, .inner = keys->count};
        sort_by_hash(keys->list + at, noted);
        find_repeated(keys, at, noted);
    }
    if (s) {
        siphash_word(s, scalar_tag(VALUE_MAP, pairs));
        siphash_word(s, sum);
    }
    return p;
}

static const uint8_t *hash_value(const struct hash_key *key, struct keys *keys, struct siphash *s,
                                 const uint8_t *p)
{
    struct value value;
    p = value_read_trusted(p, &value);
    if (value.type == VALUE_MAP)
        return hash_map(key, keys, s, p, value.length);
    if (value.type == VALUE_ARRAY) {
        siphash_word(s, scalar_tag(VALUE_ARRAY, value.length));
        for (uint32_t i = 0; i < value.length; i++)
            p = hash_value(key, keys, s, p);
        return p;
    }
    scalar_hash(s, &value);
    if (keys && value.type == VALUE_FLOAT && value.real != value.real)
        keys->nan = true;
    return p;
}

const uint8_t *keys_hash(const struct hash_key *key, struct siphash *s, const uint8_t *p)
{
    return hash_value(key, NULL, s, p);
}

uint32_t keys_note(struct keys *keys, const uint8_t *p, uint32_t pairs)
{
    uint32_t at = keys->count;
    hash_map(&keys->key, keys, NULL, p, pairs);
    return at;
}

/* Both in order of the hashes: keys with one hash, as good as never there, may be in any order. */
bool keys_find(const struct keys *keys, uint32_t a, uint32_t b, uint32_t pairs, uint32_t i,
               struct keys_place *in_a, struct keys_place *in_b)
{
    const struct keyed *wanted = &keys->list[a + i], *list = &keys->list[b];
    uint32_t j = i;

    while (j > 0 && list[j - 1].hash == wanted->hash)
        j--;
    for (; j < pairs && list[j].hash == wanted->hash; j++) {
        *in_a = (struct keys_place){wanted->key, wanted->inner};
        *in_b = (struct keys_place){list[j].key, list[j].inner};
        if (keys_equal(keys, in_a, in_b))
            return true;
    }
    return false;
}

static bool equal_maps(const struct keys *keys, struct keys_place *a, struct keys_place *b,
                       uint32_t pairs)
{
    for (uint32_t i = 0; i < pairs; i++) {
        struct keys_place in_a, in_b;
        if (!keys_find(keys, a->inner, b->inner, pairs, i, &in_a, &in_b) ||
            !keys_equal(keys, &in_a, &in_b))
            return false;
    }
    const struct keyed *end_a = &keys->list[a->inner + pairs];
    const struct keyed *end_b = &keys->list[b->inner + pairs];
    *a = (struct keys_place){end_a->key, end_a->inner};
    *b = (struct keys_place){end_b->key, end_b->inner};
    return true;
}

bool keys_equal(const struct keys *keys, struct keys_place *a, struct keys_place *b)
{
    struct value x, y;
    a->p = value_read_trusted(a->p, &x);
    b->p = value_read_trusted(b->p, &y);
    if (!value_is_container(&x))
        return scalar_equal(&x, &y);
    if (x.type != y.type || x.length != y.length)
        return false;
    if (x.type == VALUE_MAP)
        return equal_maps(keys, a, b, x.length);
    for (uint32_t i = 0; i < x.length; i++)
        if (!keys_equal(keys, a, b))
            return false;
    return true;
}
