/* SPDX-License-Identifier: MIT */
#include "space/match.h"

#include <assert.h>
#include <string.h>

#include "protocol/equal.h"
#include "protocol/tuple.h"
#include "protocol/value.h"
#include "space/match_leaf.h"
#include "space/match_pairs.h"
#include "space/regex.h"

/*
 * First everything but the expressions is looked at; they are OPEN. A matcher is OPEN where its
 * answer hangs on an expression, and then all that is right below it was looked at. A matcher is
 * tried on one value of the tuple at most, so what there is to remember has a place by node.
 */
enum verdict { NO, YES, OPEN };

struct look {
    struct match *match;
    const struct pattern *pattern;
    const uint8_t *tuple;
    uint8_t verdicts[LIMIT_PATTERN_MATCHERS];
    const uint8_t *values[LIMIT_PATTERN_MATCHERS]; /* of expressions: the str; of keys: the value */
};

static enum verdict look_at(struct look *look, const struct matcher *node, const uint8_t *p);

static size_t number_of(const struct look *look, const struct matcher *node)
{
    return (size_t)(node - look->pattern->nodes);
}

static enum verdict both(enum verdict a, enum verdict b)
{
    return a == NO || b == NO ? NO : a == OPEN || b == OPEN ? OPEN : YES;
}

static enum verdict opposite(enum verdict a)
{
    return a == OPEN ? OPEN : a == YES ? NO : YES;
}

static enum verdict look_at_and(struct look *look, const struct matcher *node, const uint8_t *p)
{
    const struct matcher *child = node + 1;
    enum verdict verdict = YES;

    for (unsigned i = 0; i < node->children && verdict != NO; i++, child += child->skip)
        verdict = both(verdict, look_at(look, child, p));
    return verdict;
}

static enum verdict look_at_or(struct look *look, const struct matcher *node, const uint8_t *p)
{
    const struct matcher *child = node + 1;
    enum verdict none = YES;

    for (unsigned i = 0; i < node->children && none != NO; i++, child += child->skip)
        none = both(none, opposite(look_at(look, child, p)));
    return opposite(none);
}

/* `count` matchers from node on, and the values from p on. */
static enum verdict look_at_run(struct look *look, const struct matcher *node, unsigned count,
                                const uint8_t *p)
{
    enum verdict verdict = YES;

    for (unsigned i = 0; i < count && verdict != NO; i++, node += node->skip) {
        verdict = both(verdict, look_at(look, node, p));
        p = match_skip(p);
    }
    return verdict;
}

static bool fits(const struct matcher *node, uint32_t length)
{
    return node->rest ? length >= node->children : length == node->children;
}

static enum verdict look_at_elements(struct look *look, const struct matcher *node,
                                     const uint8_t *p)
{
    struct value array;
    const uint8_t *first = value_read_trusted(p, &array);

    if (array.type != VALUE_ARRAY || !fits(node, array.length))
        return NO;
    return look_at_run(look, node + 1, node->children, first);
}

/* A pair is two nodes, a literal key and a matcher (rule P7). */
static enum verdict look_at_pairs(struct look *look, const struct matcher *node, const uint8_t *p)
{
    const struct matcher *key = node + 1;
    const uint8_t **values = &look->values[number_of(look, node)];
    enum verdict verdict = YES;
    struct value map;
    const uint8_t *first = value_read_trusted(p, &map);

    if (map.type != VALUE_MAP || !fits(node, map.length))
        return NO;
    if (!match_find_keys(look->pattern, node, first, map.length, values))
        return NO;
    for (unsigned i = 0; i < node->children && verdict != NO; i++) {
        verdict = both(verdict, look_at(look, key + 1, values[key - node]));
        key += 1 + key[1].skip;
    }
    return verdict;
}

static enum verdict look_at_regex(struct look *look, const struct matcher *node, const uint8_t *p)
{
    if (value_type_of(p) != VALUE_STR) /* rule P3 */
        return NO;
    look->values[number_of(look, node)] = p;
    return OPEN;
}

static enum verdict look_at_inner(struct look *look, const struct matcher *node, const uint8_t *p)
{
    switch (node->op) {
    case TSD_M_REGEX:
        return look_at_regex(look, node, p);
    case TSD_M_ELEMENTS:
        return look_at_elements(look, node, p);
    case TSD_M_PAIRS:
        return look_at_pairs(look, node, p);
    case TSD_M_OR:
        return look_at_or(look, node, p);
    case TSD_M_AND:
        return look_at_and(look, node, p);
    case TSD_M_NOT:
        return opposite(look_at(look, node + 1, p));
    default:
        return match_leaf(look->pattern->bytes, node, p) ? YES : NO;
    }
}

static enum verdict look_at(struct look *look, const struct matcher *node, const uint8_t *p)
{
    enum verdict verdict = look_at_inner(look, node, p);

    look->verdicts[number_of(look, node)] = (uint8_t)verdict;
    return verdict;
}

static bool try_regex(const struct look *look, const struct matcher *node)
{
    struct match *match = look->match;
    struct regex *regex = match->expressions[node->children];
    const uint8_t *p = look->values[number_of(look, node)];
    enum regex_result result;
    struct value str;

    value_read_trusted(p, &str);
    if (str.length > LIMIT_REGEX_SUBJECT) { /* rule P3 */
        match->oversized++;
        return false;
    }
    bool tried = true;
    if (match->tuple)
        result = regex_find_once(regex, match->tuple, (uint32_t)(p - look->tuple), str.bytes,
                                 str.length, &tried);
    else
        result = regex_find(regex, str.bytes, str.length);
    match->work += tried ? regex_work(regex) : 0;
    match->overruns += tried && result == REGEX_LIMIT;
    return result == REGEX_YES;
}

static bool settle(const struct look *look, const struct matcher *node);

/* Whether all of `count` matchers from node on match; `keys` nodes before each are passed over. */
static bool settle_all(const struct look *look, const struct matcher *node, unsigned count,
                       unsigned keys)
{
    for (unsigned i = 0; i < count; i++, node += node->skip) {
        node += keys;
        if (!settle(look, node))
            return false;
    }
    return true;
}

static bool settle_any(const struct look *look, const struct matcher *node)
{
    const struct matcher *child = node + 1;

    for (unsigned i = 0; i < node->children; i++, child += child->skip)
        if (settle(look, child))
            return true;
    return false;
}

/* The answer of a matcher that was looked at; tries expressions only where it was left open. */
static bool settle(const struct look *look, const struct matcher *node)
{
    enum verdict verdict = look->verdicts[number_of(look, node)];

    if (verdict != OPEN)
        return verdict == YES;
    switch (node->op) {
    case TSD_M_REGEX:
        return try_regex(look, node);
    case TSD_M_OR:
        return settle_any(look, node);
    case TSD_M_NOT:
        return !settle(look, node + 1);
    case TSD_M_PAIRS:
        return settle_all(look, node + 1, node->children, 1);
    default: /* AND, ELEMENTS */
        assert(node->op == TSD_M_AND || node->op == TSD_M_ELEMENTS);
        return settle_all(look, node + 1, node->children, 0);
    }
}

/* From a field on whose matcher holds others, or is an expression. */
static __attribute__((noinline)) bool match_rest(struct match *match, const struct pattern *pattern,
                                                 const uint8_t *tuple, const struct matcher *node,
                                                 unsigned fields, const uint8_t *p)
{
    struct look look; /* large, and only what is used of it is ever touched */
    enum verdict verdict;

    look.match = match;
    look.pattern = pattern;
    look.tuple = tuple;
    verdict = look_at_run(&look, node, fields, p);
    return verdict == OPEN ? settle_all(&look, node, fields, 0) : verdict == YES;
}

bool match_tuple(struct match *match, const struct pattern *pattern, const uint8_t *tuple)
{
    const struct matcher *node = pattern->nodes;
    unsigned fields = pattern->fields;
    struct value array;
    const uint8_t *p = value_read_trusted(tuple, &array);

    if (pattern->rest ? array.length < fields : array.length != fields)
        return false;
    for (; fields > 0; fields--, node++) {
        if (!match_is_leaf(node))
            return match_rest(match, pattern, tuple, node, fields, p);
        if (!match_leaf(pattern->bytes, node, p))
            return false;
        if (fields > 1)
            p = match_skip(p);
    }
    return true;
}

bool match_field(struct match *match, const struct pattern *pattern, const struct matcher *node,
                 const uint8_t *value)
{
    assert(match->tuple == 0);
    if (match_is_leaf(node))
        return match_leaf(pattern->bytes, node, value);
    return match_rest(match, pattern, value, node, 1, value);
}
