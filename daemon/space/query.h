/* SPDX-License-Identifier: MIT */
/*
 * What a request looks for: one to eight patterns, each in a space, and how many tuples.
 */
#ifndef TSD_SPACE_QUERY_H
#define TSD_SPACE_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/pattern.h"
#include "protocol/problem.h"
#include "protocol/request.h"

struct asker;
struct engine;
struct regex;
struct space;
struct stored;

struct query_part {
    struct space *space; /* NULL: there is no such space */
    struct pattern pattern;
    struct regex **expressions; /* compiled, one for each of the pattern's; NULL: none */
};

struct query {
    struct query_part *parts;
    uint32_t part_count;
    uint32_t min, max;
    uint64_t work;     /* of its expressions, when a tuple was tried last */
    uint32_t overruns; /* times that its expressions ran into their limit (rule P3) */
    bool counted;      /* min or max was asked for: the answer says whether more match */
    bool by_id;
    bool who; /* the answer tells who put each tuple */
    uint64_t id;
};

/*
 * Fills in the query of a request, in the engine's room: spaces looked up, not made, and expressions
 * compiled. Returns 0, or -1 with the request refused. query_end gives the expressions back.
 */
int query_begin(struct engine *engine, const struct asker *asker, const struct request *request,
                struct query *query);
void query_end(struct engine *engine, struct query *query);

/* Whether the tuple matches this part; counts overruns. */
bool query_matches(struct query *query, const struct query_part *part, const struct stored *tuple);

/*
 * What trying the tuple has cost of a piece of long work: 1, more where the pattern has many matchers
 * or the tuple many bytes, and for the work of expressions that were tried on it.
 */
uint64_t query_cost(const struct query_part *part, const struct stored *tuple, uint64_t work);

/* Whether its expressions have run into their limit too often: it is to be refused. */
bool query_overrun(const struct query *query);

#endif
