/* SPDX-License-Identifier: MIT */
#include "protocol/pattern.h"

#include <assert.h>

#include "protocol/keys.h"
#include "protocol/names.h"
#include "protocol/numbers.h"
#include "protocol/reader.h"
#include "protocol/value.h"

struct check {
    const uint8_t *start, *end;
    struct matcher *nodes;
    uint32_t count; /* nodes in use */
    uint16_t expressions;
    unsigned depth; /* matchers open that hold others */
    struct problem *problem;
};

/* A matcher's array, its head and number read. */
struct entry {
    const uint8_t *at;       /* the array */
    const uint8_t *operands; /* the first operand */
    uint32_t operand_count;
    enum tsd_matcher op;
};

static const uint8_t *check_matcher(struct check *c, const struct entry *entry);

static const uint8_t *fail(const struct check *c, enum ts_status status, const uint8_t *at,
                           const char *text)
{
    problem_set(c->problem, status, (size_t)(at - c->start), "%s", text);
    return NULL;
}

static const uint8_t *fail_operands(const struct check *c, const struct entry *entry)
{
    problem_set(c->problem, TS_PROTOCOL, (size_t)(entry->at - c->start),
                "matcher %d (%s) does not have %u operands", (int)entry->op,
                matcher_notation(entry->op), entry->operand_count);
    return NULL;
}

/* Reads a matcher's head; NULL where there is none: that is a malformed frame. */
static const uint8_t *read_entry(const struct check *c, const uint8_t *p, struct entry *entry)
{
    struct value array, number = {0};

    if (c->end - p >= 2 && VALUE_IS_SHORT_ARRAY(p[0]) && p[0] != 0x90 && p[1] < TSD_M_END) {
        *entry = (struct entry){p, p + 2, (p[0] & 0x0fu) - 1, (enum tsd_matcher)p[1]};
        return p + 2; /* nearly all */
    }
    const uint8_t *first = value_read(p, c->end, &array);
    if (!first || array.type != VALUE_ARRAY || array.length == 0)
        return fail(c, TS_PROTOCOL, p, "a matcher is an array that begins with its number");
    const uint8_t *operands = value_read(first, c->end, &number);
    if (!operands || number.type != VALUE_INT)
        return fail(c, TS_PROTOCOL, p, "a matcher is an array that begins with its number");
    if (number.negative || number.u64 >= TSD_M_END) {
        problem_set(c->problem, TS_PROTOCOL, (size_t)(p - c->start), "there is no matcher %lld",
                    (long long)number.i64);
        return NULL;
    }
    *entry = (struct entry){p, operands, array.length - 1, (enum tsd_matcher)number.u64};
    return operands;
}

static struct matcher *add_node(struct check *c, const uint8_t *at, enum tsd_matcher op)
{
    if (c->count == LIMIT_PATTERN_MATCHERS) {
        problem_set(c->problem, TS_LIMIT, (size_t)(at - c->start), "more than %u matchers",
                    LIMIT_PATTERN_MATCHERS); /* rule P8 */
        return NULL;
    }
    struct matcher *node = &c->nodes[c->count++];
    *node = (struct matcher){.op = (uint8_t)op, .skip = 1};
    return node;
}

/* A whole value that a matcher compares with: rules V1 and V2 hold for it. */
static const uint8_t *check_literal(const struct check *c, const uint8_t *p)
{
    struct value_budget budget = {LIMIT_TUPLE_VALUES, LIMIT_DEPTH};
    const uint8_t *after = value_check(p, c->end, &budget, c->problem);
    if (!after)
        c->problem->offset += (size_t)(p - c->start);
    return after;
}

static const uint8_t *check_operand(const struct check *c, const uint8_t *p, uint32_t *offset)
{
    *offset = (uint32_t)(p - c->start);
    return check_literal(c, p);
}

/* Numbers, strs and bins have an order, each with their like (rule P2). */
enum kind { KIND_NONE, KIND_NUMBER, KIND_STR, KIND_BIN };

static enum kind ordered_kind(const uint8_t *p)
{
    switch (value_type_of(p)) {
    case VALUE_INT:
    case VALUE_FLOAT:
        return KIND_NUMBER;
    case VALUE_STR:
        return KIND_STR;
    case VALUE_BIN:
        return KIND_BIN;
    default:
        return KIND_NONE;
    }
}

/* "v", "o", "b": one value. */
static const uint8_t *check_value(struct check *c, const struct entry *entry, struct matcher *node,
                                  char form)
{
    if (entry->operand_count != 1)
        return fail_operands(c, entry);
    const uint8_t *after = check_operand(c, entry->operands, &node->a);
    if (!after)
        return NULL;
    enum kind kind = ordered_kind(entry->operands);
    if (form == 'o' && kind == KIND_NONE)
        return fail(c, TS_MALFORMED, entry->operands,
                    "only numbers, strs and bins are less or greater");
    if (form == 'b' && kind != KIND_STR && kind != KIND_BIN)
        return fail(c, TS_MALFORMED, entry->operands,
                    "what is looked for in a str or bin is a str or bin");
    return after;
}

/* "oo": a range. */
static const uint8_t *check_range(struct check *c, const struct entry *entry, struct matcher *node)
{
    if (entry->operand_count != 2)
        return fail_operands(c, entry);
    const uint8_t *high = check_operand(c, entry->operands, &node->a);
    if (!high)
        return NULL;
    const uint8_t *after = check_operand(c, high, &node->b);
    if (!after)
        return NULL;
    enum kind kind = ordered_kind(entry->operands);
    if (kind == KIND_NONE || kind != ordered_kind(high))
        return fail(c, TS_MALFORMED, entry->operands,
                    "the ends of a range are two numbers, two strs or two bins");
    return after;
}

/* "re": an expression and its flags. */
static const uint8_t *check_regex(struct check *c, const struct entry *entry, struct matcher *node)
{
    struct value text, flags;
    uint32_t unused;
    if (entry->operand_count != 2)
        return fail_operands(c, entry);
    const uint8_t *second = check_operand(c, entry->operands, &node->a);
    const uint8_t *after = second ? check_operand(c, second, &unused) : NULL;
    if (!after)
        return NULL;
    value_read_trusted(entry->operands, &text);
    value_read_trusted(second, &flags);
    if (text.type != VALUE_STR || flags.type != VALUE_STR)
        return fail(c, TS_MALFORMED, entry->at, "a regular expression and its flags are two strs");
    if (text.length > LIMIT_REGEX_BYTES) {
        problem_set(c->problem, TS_LIMIT, (size_t)(entry->operands - c->start),
                    "a regular expression of %u bytes: the limit is %zu", text.length,
                    LIMIT_REGEX_BYTES);
        return NULL;
    }
    if (flags.length > 1 || (flags.length == 1 && flags.bytes[0] != 'i')) /* rule P3 */
        return fail(c, TS_MALFORMED, second, "the only flag of a regular expression is i");
    node->b = flags.length;
    node->children = c->expressions++;
    return after;
}

static bool is_length(const struct check *c, uint32_t offset)
{
    struct value value;
    value_read_trusted(c->start + offset, &value);
    return value.type == VALUE_INT && !value.negative;
}

/* "l": a matcher of whole numbers from 0 (rule P4). */
static const uint8_t *check_length(struct check *c, const struct entry *entry, uint32_t at)
{
    struct entry inner;
    if (entry->operand_count != 1)
        return fail_operands(c, entry);
    if (!read_entry(c, entry->operands, &inner))
        return NULL;
    if (inner.op != TSD_M_EQ && inner.op != TSD_M_RANGE &&
        (inner.op < TSD_M_LT || inner.op > TSD_M_GE))
        return fail(c, TS_PROTOCOL, inner.at, "a length is compared, no other matcher can be used");
    const uint8_t *after = check_matcher(c, &inner);
    if (!after)
        return NULL;
    const struct matcher *node = &c->nodes[at + 1];
    if (!is_length(c, node->a) || (inner.op == TSD_M_RANGE && !is_length(c, node->b)))
        return fail(c, TS_MALFORMED, inner.at, "a length is a whole number from 0");
    c->nodes[at].children = 1;
    return after;
}

static const uint8_t *check_rest(const struct check *c, const struct entry *entry)
{
    return entry->operand_count == 0 ? entry->operands : fail_operands(c, entry);
}

/* `count` matchers at p, also with a rest at the end where `rest` is given. Adds to *children. */
static const uint8_t *check_matchers(struct check *c, const uint8_t *p, uint32_t count, bool *rest,
                                     uint32_t *children)
{
    for (uint32_t i = 0; i < count; i++) {
        struct entry entry;
        if (!read_entry(c, p, &entry))
            return NULL;
        if (entry.op == TSD_M_REST && rest && i + 1 == count) {
            *rest = true;
            return check_rest(c, &entry);
        }
        p = check_matcher(c, &entry);
        if (!p)
            return NULL;
        (*children)++;
    }
    return p;
}

/* "k*": keys and matchers by turns, then perhaps a rest. */
static const uint8_t *check_pairs(struct check *c, const struct entry *entry, uint32_t at)
{
    uint32_t pairs = entry->operand_count / 2, unused = 0;
    const uint8_t *p = entry->operands;

    for (uint32_t i = 0; i < pairs; i++) {
        struct matcher *key = add_node(c, p, TSD_M_EQ);
        p = key ? check_operand(c, p, &key->a) : NULL;
        p = p ? check_matchers(c, p, 1, NULL, &unused) : NULL;
        if (!p)
            return NULL;
    }
    if (entry->operand_count % 2) {
        struct entry rest;
        if (!read_entry(c, p, &rest))
            return NULL;
        if (rest.op != TSD_M_REST)
            return fail_operands(c, entry);
        p = check_rest(c, &rest);
        c->nodes[at].rest = true;
    }
    c->nodes[at].children = (uint16_t)pairs;
    return p;
}

/* The keys of a map matcher stand as those of a map do (rule P7). */
static bool check_pairs_differ(const struct check *c, const struct entry *entry)
{
    struct keys keys;
    keys_init(&keys);
    keys_note(&keys, entry->operands, entry->operand_count / 2);
    keys_deinit(&keys);
    if (keys.repeated)
        return !!fail(c, TS_MALFORMED, keys.repeated, "a map matcher with a repeated key");
    if (keys.failed)
        return !!fail(c, TS_NO_MEMORY, entry->at, "no memory to compare the keys of a matcher");
    return true;
}

/* Matchers that hold others; at is the node of this one. */
static const uint8_t *check_inner(struct check *c, const struct entry *entry, uint32_t at)
{
    bool rest = false;
    uint32_t children = 0;
    const uint8_t *after;

    if (c->depth == LIMIT_DEPTH) {
        problem_set(c->problem, TS_LIMIT, (size_t)(entry->at - c->start),
                    "matchers nested more than %u levels deep", LIMIT_DEPTH); /* rule P8 */
        return NULL;
    }
    if (entry->op == TSD_M_NOT && entry->operand_count != 1)
        return fail_operands(c, entry);
    c->depth++;
    if (entry->op == TSD_M_PAIRS) {
        after = check_pairs(c, entry, at);
        if (after && !check_pairs_differ(c, entry))
            return NULL;
    } else {
        after = check_matchers(c, entry->operands, entry->operand_count,
                               entry->op == TSD_M_ELEMENTS ? &rest : NULL, &children);
        c->nodes[at].rest = rest;
        c->nodes[at].children = (uint16_t)children;
    }
    c->depth--;
    bool joins = entry->op == TSD_M_OR || entry->op == TSD_M_AND;
    if (after && joins && children < 2) /* rule P5 */
        return fail(c, TS_MALFORMED, entry->at, "'or' and 'and' have at least two operands");
    return after;
}

/* By the form of its operands, see numbers.h. */
static const uint8_t *check_operands(struct check *c, const struct entry *entry, uint32_t at)
{
    struct matcher *node = &c->nodes[at];
    const char *form = matcher_operands(entry->op);

    switch (form[0]) {
    case '\0':
        return entry->operand_count == 0 ? entry->operands : fail_operands(c, entry);
    case 'o':
        if (form[1] == 'o')
            return check_range(c, entry, node);
        return check_value(c, entry, node, form[0]);
    case 'v':
    case 'b':
        return check_value(c, entry, node, form[0]);
    case 'r':
        return check_regex(c, entry, node);
    case 'l':
        return check_length(c, entry, at);
    default: /* "m", "m*", "m+", "k*" */
        return check_inner(c, entry, at);
    }
}

/* Checks a matcher whose head was read, and adds its nodes. Returns its end. */
static const uint8_t *check_matcher(struct check *c, const struct entry *entry)
{
    uint32_t at = c->count;

    if (entry->op == TSD_M_REST)
        return fail(c, TS_MALFORMED, entry->at,
                    "a rest (...) can only be the last in a tuple, "
                    "array or map");
    if (!add_node(c, entry->at, entry->op))
        return NULL;
    const uint8_t *after = check_operands(c, entry, at);
    if (after)
        c->nodes[at].skip = (uint16_t)(c->count - at);
    return after;
}

/* The matchers without operands, one bit each, but for a rest, which is no field. */
#define NO_OPERANDS(number, name, operands, ...) | (uint32_t)(sizeof(operands) == 1) << (number)
static const uint32_t without_operands = (0 TSD_MATCHERS(NO_OPERANDS)) & ~(1u << TSD_M_REST);
#undef NO_OPERANDS

/*
 * What most fields are, `[op]` without operands or `[0, short literal]`, checked straight on. NULL
 * where it is another, or something is wrong with it.
 */
static inline const uint8_t *check_plain(struct check *c, const uint8_t *p)
{
    const uint8_t *after = NULL;
    uint32_t literal = 0;

    if (c->end - p < 2 || c->count == LIMIT_PATTERN_MATCHERS)
        return NULL;
    if (p[0] == 0x92 && p[1] == TSD_M_EQ) {
        after = value_check_short(p + 2, c->end);
        literal = (uint32_t)(p + 2 - c->start);
    } else if (p[0] == 0x91 && p[1] < TSD_M_END && without_operands >> p[1] & 1) {
        after = p + 2;
    }
    if (after)
        c->nodes[c->count++] = (struct matcher){.op = p[1], .skip = 1, .a = literal};
    return after;
}

/* The top level: as the elements of an array, with the field's number in what is wrong. */
static const uint8_t *check_fields(struct check *c, const uint8_t *p, uint32_t count,
                                   struct pattern *pattern)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t node = c->count, fields = 0;
        bool last = i + 1 == count;
        const uint8_t *after = check_plain(c, p);
        if (after)
            fields = 1;
        else
            after = check_matchers(c, p, 1, last ? &pattern->rest : NULL, &fields);
        if (!after) {
            problem_within(c->problem, "field %u", i + 1);
            return NULL;
        }
        if (fields == 1) {
            if (i == LIMIT_TUPLE_FIELDS) {
                problem_set(c->problem, TS_LIMIT, (size_t)(p - c->start),
                            "a pattern of more than %u fields", LIMIT_TUPLE_FIELDS);
                return NULL;
            }
            pattern->fields++;
            if (c->nodes[node].op == TSD_M_EQ)
                pattern->literals.bits[i / 64] |= (uint64_t)1 << i % 64;
        }
        p = after;
    }
    return p;
}

/* The array as a whole: where it ends, NULL where the frame or pattern is malformed. */
static const uint8_t *check_array(const uint8_t *p, const uint8_t *end, struct problem *problem)
{
    const uint8_t *whole = value_skip(p, end);
    struct value head;

    if (!whole || !value_read(p, end, &head))
        problem_set(problem, TS_PROTOCOL, 0, "a pattern is cut off or not MessagePack");
    else if (head.type != VALUE_ARRAY)
        problem_set(problem, TS_PROTOCOL, 0, "a pattern is an array of matchers");
    else if (head.length == 0) /* rule P6 */
        problem_set(problem, TS_MALFORMED, 0, "a pattern has at least one field or a rest");
    else if ((size_t)(whole - p) > LIMIT_PATTERN_BYTES)
        problem_set(problem, TS_LIMIT, 0, "a pattern of %zu bytes: the limit is %zu",
                    (size_t)(whole - p), LIMIT_PATTERN_BYTES);
    else
        return whole;
    return NULL;
}

/* Checks head and fields; returns the end, NULL where something is wrong, the array perhaps. */
static const uint8_t *check_whole(const uint8_t *p, const uint8_t *end, struct pattern_room *room,
                                  struct pattern *pattern, struct problem *problem)
{
    struct check c = {
        .start = p,
        .end = end,
        .nodes = room->nodes + room->used,
        .problem = problem,
    };
    struct reader in = {p, p, end};
    uint32_t count;

    if (!reader_array(&in, &count) || count == 0)
        return NULL;
    *pattern = (struct pattern){.bytes = p, .nodes = c.nodes};
    p = check_fields(&c, in.p, count, pattern);
    if (!p)
        return NULL;
    pattern->size = (uint32_t)(p - pattern->bytes);
    pattern->node_count = (uint16_t)c.count;
    pattern->expressions = c.expressions;
    return p;
}

int pattern_check(const uint8_t *p, const uint8_t *end, struct pattern_room *room,
                  struct pattern *pattern, const uint8_t **after, struct problem *problem)
{
    const bool more = (size_t)(end - p) > LIMIT_PATTERN_BYTES;
    const uint8_t *whole;

    assert(room->used + LIMIT_PATTERN_MATCHERS <= sizeof room->nodes / sizeof room->nodes[0]);
    whole = check_whole(p, more ? p + LIMIT_PATTERN_BYTES : end, room, pattern, problem);
    if (!whole) {
        /* only now is the array walked as a whole: what is wrong with that is told first */
        whole = check_array(p, end, problem);
        if (!whole || !check_whole(p, whole, room, pattern, problem))
            return -(int)problem->status;
    }
    room->used += pattern->node_count;
    if (after)
        *after = whole;
    return 0;
}
