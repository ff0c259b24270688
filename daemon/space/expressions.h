/* SPDX-License-Identifier: MIT */
/*
 * The compiled regular expressions of requests, and which user waits with how many (rule P3).
 *
 * Equal expressions are compiled once. A user may have a limited number of different ones waiting.
 */
#ifndef TSD_SPACE_EXPRESSIONS_H
#define TSD_SPACE_EXPRESSIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/table.h"
#include "protocol/equal.h"
#include "protocol/problem.h"

struct engine;
struct query;
struct query_part;
struct regex_cache;

struct expressions {
    struct regex_cache *cache;
    struct table users; /* who waits with any, by uid */
};

int expressions_init(struct expressions *expressions,
                     const struct hash_key *key); /* -1: no memory */
void expressions_deinit(struct expressions *expressions);

/*
 * Gets a part's compiled expressions. Returns 0, or -1 with the problem set as the request is to be
 * refused. A pattern without any costs nothing.
 */
int expressions_compile(struct engine *engine, struct query_part *part, struct problem *problem);
void expressions_release(struct engine *engine, struct query_part *part);

/*
 * Charges the query's expressions to the user as waiting: 0, or -1 with the problem set where that
 * would be too many. What was charged is released once.
 */
int expressions_charge(struct engine *engine, uint32_t user, const struct query *query,
                       struct problem *problem);
void expressions_discharge(struct engine *engine, uint32_t user, const struct query *query);

#endif
