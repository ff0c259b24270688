/* SPDX-License-Identifier: MIT */
/*
 * Waiting requests by shape: which ones a new tuple concerns, without trying the others.
 *
 * A shape is the length of a pattern, whether it has a rest, which positions are literal, and the
 * first one that a comparison, a range or a prefix bounds. Under a shape, waits with one pattern, byte
 * for byte, make a chain, in the order in which they came; chains with equal literals lie together,
 * where a position is bounded as intervals (intervals.h). A tuple costs one look-up for each shape of
 * its length, and is tried once with each pattern that it may match by its literals and bounds, however
 * many requests wait. Patterns that have neither are tried one after the other: a try for each
 * different one.
 */
#ifndef TSD_SPACE_SHAPES_H
#define TSD_SPACE_SHAPES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slab.h"
#include "protocol/equal.h"
#include "protocol/pattern.h"
#include "space/chain.h"

struct chain;
struct space;
struct stored;
struct wait;

/* Joins the wait to the chain for its pattern, which lives as long as it waits. Returns -1 without
 * memory, nothing being changed. */
int shapes_link(struct space *space, struct slab *slab, const struct hash_key *key,
                struct wait *wait, const struct pattern *pattern, enum chain_queue queue);
/* A wait has left the chain: one that is empty now is found no more. */
void shapes_left(struct chain *chain, struct slab *slab);
void shapes_free_chain(struct chain *chain, struct slab *slab); /* which is empty */

/*
 * Calls `found` with each chain of the space whose pattern the tuple matches; those with regular
 * expressions are only looked up, not tried: each request tries its own (rule P3). The order does not
 * depend on the key. Nothing may be linked or unlinked meanwhile. Returns how many patterns were
 * looked up.
 */
uint64_t shapes_for_tuple(const struct space *space, const struct hash_key *key,
                          const struct stored *tuple,
                          void (*found)(void *context, struct chain *chain), void *context);

/* What waits under one shape. */
struct shape_info {
    const struct literal_set *literals;
    uint32_t fields;
    bool rest;
    int bounded;       /* the position that is bounded, from 0; -1: none */
    uint64_t waits;    /* requests, once for each of their patterns here */
    uint64_t patterns; /* different ones */
};

/* Each shape of the space that something waits under: those of one length together, by length, then
 * those with a rest. */
void shapes_each(const struct space *space,
                 void (*visit)(void *context, const struct shape_info *info), void *context);

uint64_t shapes_check(const struct space *space); /* returns how many waits there are */

#endif
