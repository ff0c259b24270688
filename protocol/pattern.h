/* SPDX-License-Identifier: MIT */
/*
 * A pattern: its form checked, its matchers laid out for matching in place.
 *
 * On the wire a pattern is an array of matchers, each an array [number, operand...] (numbers.h).
 * pattern_check turns it into a flat list of nodes, a matcher each, in the order of the text, a
 * matcher's operands right after it. Nodes point into the pattern's bytes by offset, so that bytes
 * and nodes can be copied together. Compiling regular expressions is the space's business.
 */
#ifndef TSD_PROTOCOL_PATTERN_H
#define TSD_PROTOCOL_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/limits.h"
#include "protocol/problem.h"

/*
 * One matcher. By matcher:
 *   EQ NE LT LE GT GE PREFIX SUFFIX INFIX   a: offset of the operand (a whole value)
 *   RANGE                                   a, b: offsets of both ends
 *   REGEX                                   a: offset of the str; b: 1 with the flag `i`, else 0;
 *                                           children: which expression of the pattern, from 0
 *   LENGTH                                  one child, an EQ, LT, LE, GT, GE or RANGE of ints
 *   ELEMENTS                                children: its matchers, a REST not counted; rest
 *   PAIRS                                   children: its pairs, each an EQ node (the key) followed
 *                                           by the matcher of its value; rest
 *   OR AND                                  children
 *   NOT                                     one child
 * An ELEMENTS or PAIRS of literals only matches as the literal does; the notation and libtsclient
 * write it as that literal, an EQ (rule P6).
 */
struct matcher {
    uint8_t op;        /* enum tsd_matcher; never REST */
    bool rest;         /* ELEMENTS, PAIRS */
    uint16_t children; /* as above */
    uint16_t skip;     /* nodes of this matcher with all below it: the next one is at + skip */
    uint16_t unused;
    uint32_t a, b;
};

/* The positions of the top level that are literal, one bit each: part of a pattern's shape. */
struct literal_set {
    uint64_t bits[4];
};

/*
 * A checked pattern. bytes belong to whoever has the frame, nodes to the room; both must outlive it.
 */
struct pattern {
    const uint8_t *bytes;        /* the wire's array */
    const struct matcher *nodes; /* the first is the first field's */
    uint32_t size;               /* bytes */
    uint16_t node_count;
    uint16_t fields;      /* matchers of the top level, a rest not counted */
    uint16_t expressions; /* regular expressions in it */
    bool rest;            /* matches tuples of at least `fields` fields, else of exactly so many */
    struct literal_set literals; /* positions whose matcher is an EQ */
};

/* Where the nodes of a request's patterns go: kept by the caller, used again. Set used to 0. */
struct pattern_room {
    uint32_t used;
    struct matcher nodes[LIMIT_GUARDS * LIMIT_PATTERN_MATCHERS];
};

/*
 * Checks the whole pattern at p (rules P2 to P8) and appends its nodes to the room. Returns 0, or
 * -status with the problem set: TS_PROTOCOL where it is not MessagePack, not arrays that begin with
 * a known matcher's number and have that matcher's operands (the connection is to be closed);
 * TS_MALFORMED or TS_LIMIT where it breaks a rule ("field 2: ..."). On success *after, unless NULL,
 * is where the pattern ends.
 */
int pattern_check(const uint8_t *p, const uint8_t *end, struct pattern_room *room,
                  struct pattern *pattern, const uint8_t **after, struct problem *problem);

/* Whether the top-level position (from 0) is literal; its literal's bytes, NULL where it is not. */
bool pattern_is_literal(const struct pattern *pattern, unsigned position);
const uint8_t *pattern_literal(const struct pattern *pattern, unsigned position);

/*
 * Copies bytes and nodes into one block that the copy points into: bytes that pattern_copy_size
 * tells. `block` is aligned as malloc's is.
 */
size_t pattern_copy_size(const struct pattern *pattern);
void pattern_copy(const struct pattern *pattern, void *block, struct pattern *copy);

#endif
