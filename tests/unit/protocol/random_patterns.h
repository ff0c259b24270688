/* SPDX-License-Identifier: MIT */
/*
 * Random tuples and patterns as they go over the wire, all of them valid.
 */
#ifndef TSD_TESTS_RANDOM_PATTERNS_H
#define TSD_TESTS_RANDOM_PATTERNS_H

#include "protocol/numbers.h"
#include "random_values.h"

static inline struct source source_of(struct random *random)
{
    return (struct source){{random_next(random)}, {random_next(random)}};
}

static inline void put_random_tuple(struct buffer *out, struct source *source, bool nan)
{
    uint32_t fields = 1 + random_below(&source->content, 4);
    put_count(out, &source->form, 0x90, 0xdc, fields);
    for (uint32_t i = 0; i < fields; i++)
        put_random_value(out, source, 3, nan);
}

static inline void put_matcher(struct buffer *out, struct source *source, enum tsd_matcher op,
                               uint32_t operands)
{
    put_count(out, &source->form, 0x90, 0xdc, 1 + operands);
    put_number(out, &(struct random){0}, false, op);
}

/* A number, str or bin: kind 0, 1, 2. */
static inline void put_random_ordered(struct buffer *out, struct source *source, unsigned kind)
{
    static const char *const words[] = {"", "a", "b\"\\\n", "\xc3\xa4", "\xc2\x85", "$x/"};
    const char *word = words[random_below(&source->content, sizeof words / sizeof words[0])];
    if (kind == 0)
        put_random_number(out, source);
    else
        put_run(out, &source->form, kind == 1 ? 0xd9 : 0xc4, word, (uint32_t)strlen(word));
}

static inline void put_random_matcher(struct buffer *out, struct source *source, unsigned depth);

static inline void put_random_length(struct buffer *out, struct source *source)
{
    static const enum tsd_matcher ops[] = {TSD_M_EQ, TSD_M_LT, TSD_M_LE,
                                           TSD_M_GT, TSD_M_GE, TSD_M_RANGE};
    enum tsd_matcher op = ops[random_below(&source->content, 6)];
    uint32_t operands = op == TSD_M_RANGE ? 2 : 1;
    put_matcher(out, source, TSD_M_LENGTH, 1);
    put_matcher(out, source, op, operands);
    while (operands-- > 0) /* kept an int: form 0 or 1 of a small number */
        buffer_append_byte(out, (uint8_t)random_below(&source->content, 10));
}

static inline void put_random_regex(struct buffer *out, struct source *source)
{
    static const char *const texts[] = {"", "^a.*b$", "a/b", "\\d+", "\\\\/", "[\xc3\xa4]", "\\\\"};
    const char *text = texts[random_below(&source->content, sizeof texts / sizeof texts[0])];
    put_matcher(out, source, TSD_M_REGEX, 2);
    put_run(out, &source->form, 0xd9, text, (uint32_t)strlen(text));
    put_run(out, &source->form, 0xd9, "i", random_below(&source->content, 2));
}

/* Elements, pairs, or, and: matchers within a matcher. A group has two at least. */
static inline void put_random_inner(struct buffer *out, struct source *source, enum tsd_matcher op,
                                    unsigned depth)
{
    bool group = op == TSD_M_OR || op == TSD_M_AND;
    uint32_t count = random_below(&source->content, 3) + (group ? 2 : 0);
    bool rest = !group && random_below(&source->content, 2);
    put_matcher(out, source, op, (op == TSD_M_PAIRS ? 2 * count : count) + rest);
    for (uint32_t i = 0; i < count; i++) {
        if (op == TSD_M_PAIRS)
            put_random_key(out, source, 1, i);
        put_random_matcher(out, source, depth - 1);
    }
    if (rest)
        put_matcher(out, source, TSD_M_REST, 0);
}

static inline void put_random_matcher(struct buffer *out, struct source *source, unsigned depth)
{
    enum tsd_matcher op = random_below(&source->content, TSD_M_END);
    unsigned kind = random_below(&source->content, 3);

    if (op == TSD_M_REST || (depth == 0 && op >= TSD_M_ELEMENTS))
        op = TSD_M_ANY;
    switch (op) {
    case TSD_M_EQ:
    case TSD_M_NE:
        put_matcher(out, source, op, 1);
        put_random_value(out, source, 2, true);
        break;
    case TSD_M_LT:
    case TSD_M_LE:
    case TSD_M_GT:
    case TSD_M_GE:
        put_matcher(out, source, op, 1);
        put_random_ordered(out, source, kind);
        break;
    case TSD_M_RANGE:
        put_matcher(out, source, op, 2);
        put_random_ordered(out, source, kind);
        put_random_ordered(out, source, kind);
        break;
    case TSD_M_PREFIX:
    case TSD_M_SUFFIX:
    case TSD_M_INFIX:
        put_matcher(out, source, op, 1);
        put_random_ordered(out, source, 1 + kind % 2);
        break;
    case TSD_M_REGEX:
        put_random_regex(out, source);
        break;
    case TSD_M_LENGTH:
        put_random_length(out, source);
        break;
    case TSD_M_ELEMENTS:
    case TSD_M_PAIRS:
    case TSD_M_OR:
    case TSD_M_AND:
        put_random_inner(out, source, op, depth);
        break;
    case TSD_M_NOT:
        put_matcher(out, source, op, 1);
        put_random_matcher(out, source, depth - 1);
        break;
    default:
        put_matcher(out, source, op, 0);
    }
}

static inline void put_random_pattern(struct buffer *out, struct source *source)
{
    bool rest = random_below(&source->content, 3) == 0;
    uint32_t fields = random_below(&source->content, 4) + !rest;
    put_count(out, &source->form, 0x90, 0xdc, fields + rest);
    for (uint32_t i = 0; i < fields; i++)
        put_random_matcher(out, source, 3);
    if (rest)
        put_matcher(out, source, TSD_M_REST, 0);
}

#endif
