/* SPDX-License-Identifier: MIT */
/*
 * Waiting requests by shape: which ones a new tuple may concern, without trying the others.
 *
 * A shape is the length of a pattern, whether it has a rest, and which positions are literal. Under a
 * shape, waits with equal literals make a chain, in the order in which they came. A tuple costs one
 * look-up for each shape of its length, however many requests wait.
 */
#ifndef TSD_SPACE_SHAPES_H
#define TSD_SPACE_SHAPES_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/equal.h"
#include "protocol/pattern.h"
#include "space/chain.h"

struct chain;
struct shape;
struct space;
struct stored;
struct wait;

/* Joins the wait to the chain for its pattern, made if need be. Returns -1 without memory. */
int shapes_link(struct space *space, const struct hash_key *key, struct wait *wait,
                const struct pattern *pattern, enum chain_queue queue);
void shapes_drop_chain(struct chain *chain); /* which is empty */

/*
 * Calls `found` with each chain of the space that a tuple may concern. Nothing may be linked or
 * unlinked meanwhile.
 */
void shapes_for_tuple(const struct space *space, const struct hash_key *key,
                      const struct stored *tuple, void (*found)(void *context, struct chain *chain),
                      void *context);

uint64_t shapes_check(const struct space *space); /* returns how many waits there are */

#endif
