/* SPDX-License-Identifier: MIT */
#include "protocol/value.h"

#include "protocol/keys.h"
#include "protocol/limits.h"
#include "protocol/scalar.h"
#include "protocol/utf8.h"

/* Keys of up to so many pairs, all scalars, are compared with each other as they come. */
enum { FEW_PAIRS = 8 };

/* An array or map whose elements are being read. */
struct level {
    uint64_t left;         /* values still to come */
    const uint8_t *inside; /* the first of them */
    uint32_t pairs;        /* map: its pairs; array: 0 */
    bool by_hash;          /* map: its keys are compared at its end, by hash */
    uint8_t key_count;
    const uint8_t *keys[FEW_PAIRS];
};

struct check {
    const uint8_t *start, *end;
    struct value_budget *budget;
    struct problem *problem;
    unsigned open; /* levels in use */
    struct level levels[LIMIT_FRAME_DEPTH];
};

static const uint8_t *fail(const struct check *c, enum ts_status status, const uint8_t *at,
                           const char *text)
{
    problem_set(c->problem, status, (size_t)(at - c->start), "%s", text);
    return NULL;
}

static const uint8_t *fail_encoding(const struct check *c, const uint8_t *p)
{
    bool unused = p < c->end && *p == 0xc1;
    return fail(c, TS_PROTOCOL, p, unused ? "the byte 0xc1 begins no value" : "a value is cut off");
}

static const uint8_t *fail_values(const struct check *c, const uint8_t *p)
{
    problem_set(c->problem, TS_LIMIT, (size_t)(p - c->start), "more than %u values at all levels",
                LIMIT_TUPLE_VALUES);
    return NULL;
}

static const uint8_t *fail_repeated(const struct check *c, const uint8_t *key)
{
    return fail(c, TS_MALFORMED, key, "a map with a repeated key");
}

/* Reads a value's head and checks what stands in it. */
static const uint8_t *check_head(struct check *c, const uint8_t *p, struct value *value)
{
    if (c->budget->values == 0)
        return fail_values(c, p);
    c->budget->values--;
    const uint8_t *after = value_read(p, c->end, value);
    if (!after)
        return fail_encoding(c, p);
    if (value->type == VALUE_STR && !utf8_is_valid(value->bytes, value->length))
        return fail(c, TS_MALFORMED, p, "a str that is not valid UTF-8 (use bin)"); /* rule V2 */
    return after;
}

/* The value at p, its head read, is a map's next key. */
static bool check_key(struct check *c, struct level *map, const uint8_t *p,
                      const struct value *value)
{
    if (map->by_hash)
        return true;
    if (value_is_container(value)) {
        map->by_hash = true;
        return true;
    }
    for (unsigned i = 0; i < map->key_count; i++) {
        struct value earlier;
        value_read_trusted(map->keys[i], &earlier);
        if (scalar_equal(&earlier, value))
            return !!fail_repeated(c, p);
    }
    map->keys[map->key_count++] = p;
    return true;
}

/* Opens a level for a container whose head, at p, was read. */
static bool open_level(struct check *c, const uint8_t *p, const uint8_t *inside,
                       const struct value *value)
{
    bool is_map = value->type == VALUE_MAP;
    uint64_t values = is_map ? 2 * (uint64_t)value->length : value->length;
    unsigned depth = c->budget->depth < LIMIT_FRAME_DEPTH ? c->budget->depth : LIMIT_FRAME_DEPTH;

    if (values > (uint64_t)(c->end - inside)) /* each takes a byte at least */
        return !!fail(c, TS_PROTOCOL, p, "a value is cut off");
    if (values > c->budget->values)
        return !!fail_values(c, p);
    if (c->open == depth) {
        problem_set(c->problem, TS_LIMIT, (size_t)(p - c->start),
                    "arrays and maps nested more than %u levels deep", c->budget->depth);
        return false;
    }
    struct level *level = &c->levels[c->open++];
    level->left = values;
    level->inside = inside;
    level->pairs = is_map ? value->length : 0;
    level->by_hash = level->pairs > FEW_PAIRS;
    level->key_count = 0;
    return true;
}

static bool expects_key(const struct level *level)
{
    return level->pairs && level->left % 2 == 0;
}

/* A map inside a key of another one is looked at with that key: no byte is hashed twice. */
static bool is_inside_key(const struct check *c)
{
    for (unsigned i = 0; i + 1 < c->open; i++)
        if (expects_key(&c->levels[i]))
            return true;
    return false;
}

static bool check_keys_by_hash(struct check *c, const struct level *map)
{
    struct keys keys;
    keys_init(&keys);
    keys_note(&keys, map->inside, map->pairs);
    keys_deinit(&keys);
    if (keys.repeated)
        return !!fail_repeated(c, keys.repeated);
    if (keys.failed)
        return !!fail(c, TS_NO_MEMORY, map->inside, "no memory to compare the keys of a map");
    return true;
}

/* A value has ended: closes the levels whose last one it was. */
static bool close_levels(struct check *c)
{
    while (c->open > 0) {
        struct level *level = &c->levels[c->open - 1];
        if (--level->left > 0)
            return true;
        if (level->by_hash && !is_inside_key(c) && !check_keys_by_hash(c, level))
            return false;
        c->open--;
    }
    return true;
}

/* Any value; keeps its own stack, so that no depth of nesting can use up the thread's. */
static __attribute__((noinline)) const uint8_t *check_any(const uint8_t *p, const uint8_t *end,
                                                          struct value_budget *budget,
                                                          struct problem *problem)
{
    struct check c;
    c.start = p;
    c.end = end;
    c.budget = budget;
    c.problem = problem;
    c.open = 0;

    do {
        struct value value;
        const uint8_t *at = p;
        p = check_head(&c, p, &value);
        if (!p)
            return NULL;
        struct level *level = c.open > 0 ? &c.levels[c.open - 1] : NULL;
        if (level && expects_key(level) && !check_key(&c, level, at, &value))
            return NULL;
        if (value_is_container(&value)) {
            if (!open_level(&c, at, p, &value))
                return NULL;
            if (c.levels[c.open - 1].left > 0)
                continue;
            c.open--;
        }
        if (!close_levels(&c))
            return NULL;
    } while (c.open > 0);
    return p;
}

const uint8_t *value_check_long(const uint8_t *p, const uint8_t *end, struct value_budget *budget,
                                struct problem *problem)
{
    struct value value;
    const uint8_t *after = budget->values > 0 ? value_read(p, end, &value) : NULL;

    /* most are longer scalars, and right; all others are read once more */
    if (!after || value_is_container(&value) ||
        (value.type == VALUE_STR && !utf8_is_valid(value.bytes, value.length)))
        return check_any(p, end, budget, problem);
    budget->values--;
    return after;
}
