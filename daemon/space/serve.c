/* SPDX-License-Identifier: MIT */
#include "space/serve.h"

#include "base/must.h"
#include "space/answer.h"
#include "space/atomic.h"
#include "space/state.h"
#include "space/stored.h"
#include "space/unit.h"

/* The fresh tuples of an interest's chains; at: the note that is next, for each part. */
struct fresh_source {
    struct gather_source source;
    const struct settle *settle;
    uint32_t at[LIMIT_ALTERNATIVES];
};

static struct stored *fresh_next(struct gather_source *source, struct query *query, uint32_t part)
{
    struct fresh_source *fresh = container_of(source, struct fresh_source, source);
    while (fresh->at[part]) {
        const struct fresh_note *note = &fresh->settle->notes[fresh->at[part]];
        struct stored *tuple = note->tuple;
        fresh->at[part] = note->next;
        if (tuple->life == LIFE_STORED && (!query->by_id || tuple->id == query->id) &&
            query_matches(query, &query->parts[part], tuple))
            return tuple;
    }
    return NULL;
}

static void gather_fresh(struct engine *engine, struct interest *interest, struct gather *gather)
{
    struct query *query = &interest->query;
    struct fresh_source fresh = {.source = {fresh_next}, .settle = &engine->settle};
    for (uint32_t i = 0; i < query->part_count; i++)
        fresh.at[i] = interest->waits[i].chain->fresh;
    gather_clear(gather);
    gather_merge(engine, query, gather, &fresh.source);
}

/*
 * Whether a wait for tuples can be served now; what it gets is then in engine->gather. One that waits
 * for one tuple gets fresh ones: nothing stored before matched, or it would not wait. One that waits
 * for several looks at all that is stored, but only once enough has come.
 */
static bool can_be_served(struct engine *engine, struct interest *interest)
{
    struct query *query = &interest->query;
    struct gather *gather = &engine->gather;
    gather_fresh(engine, interest, gather);
    if (query_overrun(query))
        return false;
    if (query->min <= 1)
        return gather->matched > 0;
    if (gather->matched < interest->missing) {
        interest->missing -= gather->matched;
        return false;
    }
    if (gather_stored(engine, query, gather))
        return true;
    interest->missing = query->min - gather->matched;
    return false;
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
        return atomic_serve(engine, interest);
    case TSD_OP_OUT:
    case TSD_OP_FINISH:
        return serve_unit(engine, interest);
    default:
        return serve_tuples(engine, interest);
    }
}

void serve_lined(struct engine *engine)
{
    struct interest *interest, *next;
    for (interest = LIST_FIRST(&engine->lined); interest; interest = next) {
        next = LIST_NEXT(interest, lined_link);
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
    const struct asker asker = interest_asker(interest);
    const enum interest_end why = interest->end;
    const uint64_t first = interest->first;
    unit_begin(engine);
    if (why == END_LATE)
        end_late(engine, &asker);
    else if (why == END_OVERRUN)
        answer_overrun(engine, &asker, engine->unit_at);
    else
        answer_repeated(engine, &asker, engine->unit_at, first);
    interest_free(engine, interest);
}

void serve_drained(struct engine *engine, struct interest *interest)
{
    answer_ended(engine, interest, TS_OK);
    interest_free(engine, interest);
}
