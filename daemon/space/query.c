/* SPDX-License-Identifier: MIT */
#include "space/query.h"

#include "space/match.h"
#include "space/operation.h"
#include "space/state.h"
#include "space/stored.h"

/* What expressions could not tell. */
static void count_limits(struct space *space, const struct match *match)
{
    if (!space)
        return;
    space->walks.oversized += match->oversized;
    space->walks.overruns += match->overruns;
}

bool query_matches(struct query *query, const struct query_part *part, const struct stored *tuple)
{
    struct match match = {.expressions = part->expressions, .tuple = stored_id(tuple)};
    const bool matches = match_tuple(&match, &part->pattern, tuple->bytes);
    query->work = match.work;
    query->overruns += match.overruns;
    if (match.oversized | match.overruns)
        count_limits(part->space, &match);
    return matches;
}

uint64_t query_cost(const struct query_part *part, const struct stored *tuple, uint64_t work)
{
    const uint64_t nodes = part->pattern.node_count, size = stored_size(tuple);
    /* Each matcher may look at all of a tuple. */
    return 1 + nodes / 16 + nodes * size / 65536 + work / 4;
}

bool query_overrun(const struct query *query)
{
    return query->overruns >= LIMIT_REGEX_OVERRUNS;
}

int query_begin(struct engine *engine, const struct asker *asker, const struct request *request,
                struct query *query)
{
    *query = (struct query){.parts = engine->parts,
                            .min = request->min,
                            .max = request->max,
                            .counted = (request->has & (TSD_HAS(MIN) | TSD_HAS(MAX))) != 0,
                            .by_id = (request->has & TSD_HAS(ID)) != 0,
                            .who = request->who && (request->has & TSD_HAS(WHO)),
                            .id = request->id};
    for (uint32_t i = 0; i < request->alternative_count; i++) {
        const struct alternative *alternative = &request->alternatives[i];
        struct query_part *part = &query->parts[i];
        struct problem problem;
        *part = (struct query_part){.space = access_find(engine, asker, &alternative->space),
                                    .pattern = alternative->pattern};
        if (expressions_compile(engine, part, &problem) < 0) {
            query_end(engine, query);
            answer_refused(engine, asker, &problem);
            return -1;
        }
        query->part_count++;
    }
    return 0;
}

void query_end(struct engine *engine, struct query *query)
{
    for (uint32_t i = 0; i < query->part_count; i++)
        expressions_release(engine, &query->parts[i]);
    query->part_count = 0;
}
