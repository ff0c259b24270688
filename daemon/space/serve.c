/* SPDX-License-Identifier: MIT */
#include "space/serve.h"

#include "base/must.h"
#include "space/answer.h"
#include "space/atomic.h"
#include "space/lookup.h"
#include "space/state.h"
#include "space/stored.h"
#include "space/unit.h"

/* The next fresh tuple of the wait's chain that it was not tried with, 0: none. */
static uint32_t unseen(const struct settle *settle, const struct wait *wait)
{
    if (wait->seen_serial != settle->serial)
        return wait->chain->fresh;
    return settle->notes[wait->seen].next;
}

/*
 * Tries the wait with those fresh tuples of its chain that it was not tried with, each once: what does
 * not match never will. Returns how many match, of each run one at least; the best-placed of them and
 * of `best` is best then.
 */
static uint64_t try_unseen(struct engine *engine, struct interest *interest, uint32_t part,
                           struct found *best)
{
    const struct settle *settle = &engine->settle;
    struct query *query = &interest->query;
    struct wait *wait = &interest->waits[part];
    const bool one = query->min <= 1;
    uint32_t matched_run = 0; /* in a run the first match is the best-placed */
    uint64_t matched = 0;
    if (!wait->chain || wait->chain->kind != CHAIN_SHAPE)
        return 0;
    for (uint32_t at = unseen(settle, wait); at; at = settle->notes[at].next) {
        struct stored *tuple = settle->notes[at].tuple;
        wait->seen = at;
        wait->seen_serial = settle->serial;
        if (one && matched_run == settle->notes[at].run) {
            if (matched_run == settle->run)
                break;
            continue;
        }
        if (tuple->life != LIFE_STORED || (query->by_id && stored_id(tuple) != query->id) ||
            !query_matches(query, &query->parts[part], tuple))
            continue;
        matched++;
        matched_run = settle->notes[at].run;
        if (!best->tuple || stored_key(tuple) < stored_key(best->tuple))
            *best = (struct found){tuple, query->parts[part].space, part};
    }
    return matched;
}

/*
 * Whether a wait for tuples can be served now; what it gets is then in engine->gather. Nothing stored
 * before matched enough, or it would not wait: so only once enough that is fresh has come is all that
 * is stored looked at, and for a single tuple not even then.
 */
static bool can_be_served(struct engine *engine, struct interest *interest)
{
    struct query *query = &interest->query;
    struct gather *gather = &engine->gather;
    struct found best = {NULL, NULL, 0};
    uint64_t matched = 0;
    for (uint32_t i = 0; i < query->part_count; i++)
        matched += try_unseen(engine, interest, i, &best);
    if (query_overrun(query) || matched == 0)
        return false;
    if (query->min <= 1 && query->max <= 1 && !query->counted) {
        gather_clear(gather);
        gather_add(engine, query, gather, &best);
        return true;
    }
    if (matched < interest->missing) {
        interest->missing -= matched;
        return false;
    }
    if (gather_stored(engine, query, gather))
        return true;
    if (gather->cut) { /* nobody else is to wait for that */
        lookup_again(engine, interest);
        return false;
    }
    interest->missing = query->min - gather->matched;
    return false;
}

/* Whether an atomic is worth looking at: one that waits for a tuple only if one has come. */
static bool has_come(struct engine *engine, struct interest *interest)
{
    struct found best = {NULL, NULL, 0};
    uint64_t matched = 0;
    bool for_tuples = false;
    for (uint32_t i = 0; i < interest->query.part_count; i++) {
        const struct chain *chain = interest->waits[i].chain;
        for_tuples |= chain && chain->kind == CHAIN_SHAPE;
        matched += try_unseen(engine, interest, i, &best);
    }
    return !for_tuples || matched > 0 || query_overrun(&interest->query);
}

static bool serve_tuples(struct engine *engine, struct interest *interest)
{
    const bool served = can_be_served(engine, interest);
    if (served) {
        const struct asker asker = interest_asker(interest);
        unit_begin(engine);
        must(answer_tuples(engine, &asker, engine->unit_at, &interest->query, &engine->gather,
                           &interest->holding));
        interest_free(engine, interest);
    } else if (query_overrun(&interest->query)) {
        settle_overrun(engine, interest);
    }
    return served;
}

/* out, finish: it is their turn once there is room. */
static bool serve_unit(struct engine *engine, struct interest *interest)
{
    if (interest->round == engine->settle.round)
        return false; /* from another line in this round already */
    interest->round = engine->settle.round;
    must(unit_needs(engine, interest->unit, &interest->query));
    if (!needs_fit(&engine->needs, interest->since))
        return false;
    const struct asker asker = interest_asker(interest);
    unit_begin(engine);
    must(unit_do(engine, &asker, interest->unit, interest->key));
    interest_free(engine, interest);
    return true;
}

bool serve(struct engine *engine, struct interest *interest)
{
    if (interest->end != END_NOT)
        return false; /* it is to be told that it ends */
    switch (interest->op) {
    case TSD_OP_ATOMIC:
        return has_come(engine, interest) && atomic_serve(engine, interest);
    case TSD_OP_OUT:
    case TSD_OP_FINISH:
        return serve_unit(engine, interest);
    default:
        return serve_tuples(engine, interest);
    }
}

void serve_lined(struct engine *engine, bool all)
{
    struct interest *interest, *next;
    for (interest = LIST_FIRST(&engine->lined); interest; interest = next) {
        next = LIST_NEXT(interest, lined_link);
        if (!all && !interest->stirred)
            continue;
        interest->stirred = false;
        atomic_leave_line(engine, interest);
    }
}

static void end_late(struct engine *engine, const struct asker *asker)
{
    struct problem problem;
    problem_set(&problem, TS_LATE, 0,
                "a hold ended while this waited: its tuple went back, and nothing was put");
    answer_refused_at(engine, asker, engine->unit_at, &problem);
}

void serve_end(struct engine *engine, struct interest *interest)
{
    const enum interest_end why = interest->end;
    const uint64_t first = interest->first;
    unit_begin(engine);
    lookup_abandon(engine, interest);
    const struct asker asker = interest_asker(interest);
    if (why == END_LATE)
        end_late(engine, &asker);
    else if (why == END_OVERRUN)
        answer_overrun(engine, &asker, engine->unit_at);
    else if (why == END_REPEATED)
        answer_repeated(engine, &asker, engine->unit_at, first);
    else
        answer(engine, &asker, engine->unit_at, why == END_NOMATCH ? TS_NOMATCH : TS_OK);
    interest_free(engine, interest);
}
