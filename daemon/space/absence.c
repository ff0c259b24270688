/* SPDX-License-Identifier: MIT */
#include "space/absence.h"

#include <assert.h>
#include <string.h>

#include "base/cold.h"
#include "base/must.h"
#include "space/atomic.h"
#include "space/away.h"
#include "space/hold.h"
#include "space/state.h"
#include "space/stored.h"

/* What is looked for among those that are away. */
struct looking {
    struct query *query;
    const struct query_part *part;
    struct stored *found;
};

static bool look_at(void *context, const struct away *away)
{
    struct looking *looking = context;
    if (away->hold && away->hold->named)
        return false; /* rule S16: the atomic finishes it itself */
    if (query_matches(looking->query, looking->part, away->tuple))
        looking->found = away->tuple;
    return looking->found || query_overrun(looking->query);
}

struct stored *absence_look_stored(struct engine *engine, struct query *query,
                                   const struct query_part *part, bool *known)
{
    struct look *look = &engine->looks[0];
    *known = true;
    if (!part->space)
        return NULL;
    if (walk_is_ranged(part->space, &part->pattern)) /* any one it finds is as good */
        look_begin(engine, look, query, part);
    else
        look_begin_at(engine, look, query, part, UINT64_MAX, true);
    struct stored *tuple = look_next(engine, look);
    *known = !look->cut;
    look_end(engine, look);
    return tuple;
}

struct stored *absence_look_away(struct engine *engine, struct query *query,
                                 const struct query_part *part)
{
    struct looking looking = {query, part, NULL};
    if (part->space)
        away_each(engine, part->space, look_at, &looking);
    return looking.found;
}

struct stored *absence_look(struct engine *engine, struct query *query,
                            const struct query_part *part, bool *known)
{
    struct stored *tuple = absence_look_stored(engine, query, part, known);
    if (tuple || !*known || query_overrun(query))
        return tuple;
    return absence_look_away(engine, query, part);
}

static uint32_t pattern_hash(const struct engine *engine, const struct query_part *part)
{
    return (uint32_t)hash_bytes(&engine->options.key, part->pattern.bytes, part->pattern.size);
}

/* The part of any that waits: all have equal ones. */
static const struct query_part *part_of(const struct absence *absence)
{
    return interest_part_of(chain_any(&absence->chain));
}

static struct absence *absence_find(const struct engine *engine, const struct query_part *part,
                                    const struct interest *own, uint32_t hash)
{
    struct table_node *node = table_first(&engine->absences, hash);
    for (; node; node = table_next(node, hash)) {
        struct absence *absence = container_of(node, struct absence, chain.node);
        if (absence->space != part->space || absence->own != own || absence->chain.waits == 0)
            continue;
        const struct pattern *pattern = &part_of(absence)->pattern;
        if (pattern->size == part->pattern.size &&
            memcmp(pattern->bytes, part->pattern.bytes, pattern->size) == 0)
            return absence;
    }
    return NULL;
}

static struct witness *witness_find(const struct engine *engine, const struct stored *tuple)
{
    const uint32_t hash = table_number_hash(stored_id(tuple));
    struct table_node *node =
        tuple->flags & STORED_WITNESS ? table_first(&engine->witnesses, hash) : NULL;
    for (; node; node = table_next(node, hash)) {
        struct witness *witness = container_of(node, struct witness, node);
        if (witness->tuple == tuple)
            return witness;
    }
    return NULL;
}

static struct witness *witness_make(struct engine *engine, struct stored *tuple)
{
    struct witness *witness = witness_find(engine, tuple);
    if (witness)
        return witness;
    witness = slab_alloc(&engine->slab, sizeof *witness);
    if (!witness)
        return NULL;
    *witness = (struct witness){.tuple = tuple};
    TAILQ_INIT(&witness->absences);
    if (table_insert(&engine->witnesses, &witness->node, table_number_hash(stored_id(tuple))) < 0) {
        slab_free(&engine->slab, witness, sizeof *witness);
        return NULL;
    }
    tuple->flags |= STORED_WITNESS;
    return witness;
}

static int set_witness(struct engine *engine, struct absence *absence, struct stored *tuple)
{
    struct witness *witness = witness_make(engine, tuple);
    if (!witness)
        return -1;
    TAILQ_INSERT_TAIL(&witness->absences, absence, witness_link);
    absence->witness = witness;
    return 0;
}

/* The last absence of a witness frees it. */
static void clear_witness(struct engine *engine, struct absence *absence)
{
    struct witness *witness = absence->witness;
    if (!witness)
        return;
    absence->witness = NULL;
    TAILQ_REMOVE(&witness->absences, absence, witness_link);
    if (!TAILQ_EMPTY(&witness->absences))
        return;
    witness->tuple->flags &= (uint32_t)~STORED_WITNESS;
    table_remove(&engine->witnesses, &witness->node);
    slab_free(&engine->slab, witness, sizeof *witness);
}

static struct absence *absence_new(struct engine *engine, const struct query_part *part,
                                   struct interest *own, uint32_t hash)
{
    struct absence *absence = mem_zalloc(sizeof *absence);
    if (!absence)
        return NULL;
    chain_init(&absence->chain, CHAIN_ABSENCE);
    absence->space = part->space;
    absence->own = own;
    if (table_insert(&engine->absences, &absence->chain.node, hash) < 0) {
        mem_free(absence);
        return NULL;
    }
    return absence;
}

/* ---- Looking for another witness in pieces ---- */

static void stop_looking(struct engine *engine, struct absence *absence)
{
    if (!absence->looking)
        return;
    LIST_REMOVE(absence, looking_link);
    work_end(engine, &absence->work);
    absence->looking = absence->dry = false;
}

/* It is there: those who do not wait for it to go are told so. */
static void witness_found(struct engine *engine, struct absence *absence, struct stored *tuple)
{
    struct wait *wait;
    must(set_witness(engine, absence, tuple));
    stop_looking(engine, absence);
    TAILQ_FOREACH (wait, &absence->chain.queues[QUEUE_READERS], link)
        if (wait->interest->once)
            settle_end(engine, wait->interest, END_NOMATCH);
}

/* Any that waits: its query is what matches are charged to. */
static struct interest *any_of(const struct absence *absence)
{
    return chain_any(&absence->chain)->interest;
}

/* What the atomic finishes that it is its own does not count (rule S16). */
static void name_own(const struct absence *absence, bool named)
{
    if (absence->own)
        atomic_name_holds(absence->own, named);
}

static struct stored *look_away(struct engine *engine, const struct absence *absence,
                                struct query *query, const struct query_part *part)
{
    name_own(absence, true);
    struct stored *tuple = absence_look_away(engine, query, part);
    name_own(absence, false);
    return tuple;
}

static void looking_piece(struct engine *engine, struct work *work)
{
    struct absence *absence = container_of(work, struct absence, work);
    struct query *query = &any_of(absence)->query;
    const struct query_part *part = part_of(absence);
    struct look *look = &engine->looks[0];
    look_begin_at(engine, look, query, part, absence->next_key, false);
    look->placed = false; /* from the start any index would do */
    struct stored *tuple = look_next(engine, look);
    look_end(engine, look);
    if (look->cut) {
        absence->next_key = look->last_key + 1;
        return;
    }
    if (!tuple && !query_overrun(query))
        tuple = look_away(engine, absence, query, part);
    if (query_overrun(query)) { /* rule P3: it is not known; the next one that waits looks again */
        stop_looking(engine, absence);
        settle_overrun(engine, any_of(absence));
        settle_stirred(engine, absence);
    } else if (tuple) {
        witness_found(engine, absence, tuple);
    } else {
        absence->next_key = UINT64_MAX;
        absence->dry = true;
        work_end(engine, work);
        settle_stirred(engine, absence);
    }
}

static void start_looking(struct engine *engine, struct absence *absence)
{
    if (absence->looking)
        return;
    absence->looking = true;
    absence->next_key = 0;
    LIST_INSERT_HEAD(&absence->space->looking, absence, looking_link);
    work_begin(engine, &absence->work, looking_piece);
}

COLD void absence_arrives(struct engine *engine, struct space *space, struct stored *tuple)
{
    struct absence *absence, *next;
    for (absence = LIST_FIRST(&space->looking); absence; absence = next) {
        next = LIST_NEXT(absence, looking_link);
        if (absence->chain.waits == 0 || stored_key(tuple) >= absence->next_key)
            continue;
        struct interest *any = any_of(absence);
        if (query_matches(&any->query, part_of(absence), tuple))
            witness_found(engine, absence, tuple);
        else if (query_overrun(&any->query))
            settle_overrun(engine, any);
    }
}

/* ---- Joining ---- */

int absence_link(struct engine *engine, struct wait *wait, enum chain_queue queue,
                 const struct query_part *part, struct interest *own, struct stored *witness)
{
    const uint32_t hash = pattern_hash(engine, part);
    struct absence *absence = absence_find(engine, part, own, hash);
    if (!absence)
        absence = absence_new(engine, part, own, hash);
    if (!absence)
        return -1;
    if (!absence->witness && witness && set_witness(engine, absence, witness) < 0) {
        chain_drop_if_empty(engine, &absence->chain);
        return -1;
    }
    if (witness)
        stop_looking(engine, absence);
    else if (!absence->witness)
        start_looking(engine, absence);
    chain_link(&absence->chain, wait, queue);
    return 0;
}

void absence_witness_gone(struct engine *engine, const struct stored *tuple)
{
    struct witness *witness;
    while ((witness = witness_find(engine, tuple))) {
        struct absence *absence = TAILQ_FIRST(&witness->absences);
        clear_witness(engine, absence);
        settle_stirred(engine, absence);
    }
}

bool absence_holds(struct engine *engine, struct absence *absence)
{
    bool known;
    if (absence->witness || absence->looking)
        return absence->dry;
    struct interest *any = any_of(absence);
    name_own(absence, true);
    struct stored *witness = absence_look(engine, &any->query, part_of(absence), &known);
    name_own(absence, false);
    if (witness)
        must(set_witness(engine, absence, witness));
    else if (query_overrun(
                 &any->query)) /* rule P3: it is not known; the next one that waits looks again */
        settle_overrun(engine, any);
    else if (!known)
        start_looking(engine, absence);
    return known && !witness && !query_overrun(&any->query);
}

void absence_drop(struct engine *engine, struct chain *chain)
{
    struct absence *absence = container_of(chain, struct absence, chain);
    clear_witness(engine, absence);
    stop_looking(engine, absence);
    settle_unstirs(engine, absence);
    table_remove(&engine->absences, &chain->node);
    mem_free(absence);
}

void absence_check(const struct engine *engine)
{
    struct table_node *node = NULL;
    while ((node = table_walk(&engine->absences, node))) {
        const struct absence *absence = container_of(node, struct absence, chain.node);
        assert(chain_check(&absence->chain) > 0 && !absence->stirred);
        assert(!absence->dry && (absence->witness != NULL) != absence->looking);
        if (!absence->witness)
            continue;
        assert(absence->witness->tuple->flags & STORED_WITNESS);
        assert(absence->witness->tuple->life != LIFE_GONE);
    }
    assert(table_count(&engine->witnesses) <= table_count(&engine->absences));
}
