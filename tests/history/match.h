/* SPDX-License-Identifier: MIT */
/*
 * The checker's own matcher: whether a pattern matches a tuple (rules V3 to V5, P1 to P8).
 *
 * It reads heads with the protocol's reader and shares nothing else with the daemon. Regular
 * expressions are not known: whoever records histories does without them.
 */
#ifndef TSD_HISTORY_MATCH_H
#define TSD_HISTORY_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/request.h"

bool pattern_matches(struct span pattern, struct span tuple);

/* Whether it has a matcher that is not known here. */
bool pattern_unknown(struct span pattern);

bool values_same(const uint8_t *a, const uint8_t *b); /* rule V3 */

/* Where tuples and patterns meet in an index: the length, the first field. */
struct shape {
    uint32_t length; /* 0: any (a pattern with a rest) */
    bool first;      /* the first field is a literal; hash is its */
    uint64_t hash;
};
struct shape pattern_shape(struct span pattern);
struct shape tuple_shape(struct span tuple);

/* Whether a tuple is what a template makes, whatever the guards' fields are. */
bool template_may_make(struct span template, uint32_t fields, struct span tuple);
/*
 * Appends the tuple that the template makes of the guards' tuples (NULL bytes: it has none).
 * Returns whether it can be made.
 */
bool template_make(struct span template, uint32_t fields, const struct span *guards,
                   uint32_t guard_count, struct buffer *out);

#endif
