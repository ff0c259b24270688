/* SPDX-License-Identifier: MIT */
/*
 * Whether a tuple matches a pattern: both as they came over the wire, in place (rules P1 to P7).
 *
 * Nothing is decoded or allocated. A tuple is looked at once; regular expressions are tried after
 * that, and only where what else the pattern says leaves the answer open (rule P3). What a matcher
 * costs is linear in the size of what it looks at.
 */
#ifndef TSD_SPACE_MATCH_H
#define TSD_SPACE_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/pattern.h"

struct regex;

struct match {
    struct regex *const *expressions; /* the pattern's, compiled, by number; NULL: it has none */
    uint64_t tuple;     /* its id, so that equal expressions are tried once a value; 0: each time */
    uint32_t overruns;  /* counted up: times an expression ran into its limit */
    uint64_t work;      /* counted up: what expressions took (regex_work) */
    uint32_t oversized; /* counted up: strs too long for an expression to be tried */
};

/* pattern_check has passed the pattern, tuple_check the tuple. */
bool match_tuple(struct match *match, const struct pattern *pattern, const uint8_t *tuple);

/* Whether one matcher of the top level matches a value; match->tuple is 0. */
bool match_field(struct match *match, const struct pattern *pattern, const struct matcher *node,
                 const uint8_t *value);

/* Whether the pattern matches every tuple: `[...]`. */
static inline bool match_is_all(const struct pattern *pattern)
{
    return pattern->fields == 0 && pattern->rest;
}

#endif
