/* SPDX-License-Identifier: MIT */
/*
 * Looking at an engine from outside, for tests: one number for its whole state, and its invariants.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "space/away.h"
#include "space/engine.h"
#include "space/hold.h"
#include "space/key.h"
#include "space/state.h"
#include "space/stored.h"
#include "space/unit.h"
#include "space/will.h"

/* Chained SipHash under a key of its own: the engine's own key must not show. */
struct digest {
    struct hash_key key;
};

static void digest_bytes(struct digest *digest, const void *bytes, size_t size)
{
    const uint64_t hash = hash_bytes(&digest->key, bytes, size);
    digest->key.k0 ^= hash;
    digest->key.k1 += hash << 1 | hash >> 63;
}

static void digest_number(struct digest *digest, uint64_t number)
{
    digest_bytes(digest, &number, sizeof number);
}

static void digest_tuple(struct digest *digest, const struct engine *engine,
                         const struct stored *tuple)
{
    const struct attributes *attributes = attributes_of(engine, tuple);
    const struct owner *owner = &engine->owners.list[tuple->owner];
    digest_number(digest, stored_key(tuple));
    digest_number(digest, (uint64_t)owner->user << 32 | tuple->put_ds);
    digest_number(digest, tuple->flags & (STORED_PULSE | STORED_DOOMED));
    digest_bytes(digest, tuple->bytes, stored_size(tuple));
    if (!attributes)
        return;
    digest_number(digest, (uint64_t)attributes->returns << 32 | attributes->reason);
    digest_number(digest, attributes->exit_status);
    digest_number(digest, attributes->expiry.due_ns);
    digest_number(digest, timer_runs(&attributes->wake) ? attributes->wake.due_ns : 0);
    digest_number(digest, attributes->bound ? attributes->bound->number : 0);
}

static void digest_hold(struct digest *digest, const struct engine *engine, const struct hold *hold)
{
    digest_number(digest, hold->number);
    digest_number(digest, hold->secret);
    digest_number(digest, hold->session ? hold->session->number : 0);
    digest_number(digest, timer_runs(&hold->end) ? hold->end.due_ns : UINT64_MAX);
    digest_tuple(digest, engine, hold->tuple);
}

static int by_name(const void *a, const void *b)
{
    const struct span one = space_name(*(const struct space *const *)a);
    const struct span other = space_name(*(const struct space *const *)b);
    return space_compare_names(&one, &other);
}

static int by_number(const void *a, const void *b)
{
    const struct session *one = *(const struct session *const *)a;
    const struct session *other = *(const struct session *const *)b;
    return (one->number > other->number) - (one->number < other->number);
}

/* The nodes of a table as an array; the order is for the caller to make. */
static void **nodes_of(const struct table *table, size_t offset)
{
    void **list = must_have(mem_alloc(table_count(table) * sizeof *list));
    size_t count = 0;
    struct table_node *node = NULL;
    while ((node = table_walk(table, node)))
        list[count++] = (char *)node - offset;
    return list;
}

static int by_hold(const void *a, const void *b)
{
    const struct hold *one = *(const struct hold *const *)a;
    const struct hold *other = *(const struct hold *const *)b;
    return (one->number > other->number) - (one->number < other->number);
}

/* Those of the space in the order of their numbers; the list knows another. */
static void digest_holds(struct digest *digest, const struct engine *engine,
                         const struct space *space)
{
    size_t count = 0;
    const struct hold **list = must_have(mem_alloc((space->kept + 1) * sizeof *list));
    const struct hold *hold;
    TAILQ_FOREACH (hold, &space->holds, space_link)
        list[count++] = hold;
    qsort(list, count, sizeof *list, by_hold);
    for (size_t i = 0; i < count; i++)
        digest_hold(digest, engine, list[i]);
    mem_free(list);
}

static void digest_space(struct digest *digest, const struct engine *engine,
                         const struct space *space)
{
    const struct attributes *attributes;
    const struct key *key;
    uint64_t delayed = 0, keys = 0;
    if (space_empty(space))
        return;
    digest_bytes(digest, space->name, space->name_size);
    digest_number(digest, space->capacity << 1 | space->made);
    digest_number(digest, (uint64_t)space->access.owner << 32 | space->access.group);
    digest_number(digest, space->access.mode);
    digest_number(digest, space->max_returns);
    digest_bytes(digest, space->dead_letter.bytes, space->dead_letter.size);
    for (uint32_t i = 0; i < space->length_count; i++) {
        const struct places *all = &space->lengths[i].all;
        for (struct places_cursor at = places_seek(all, 0); places_at(&at); places_next(&at))
            digest_tuple(digest, engine, places_at(&at));
    }
    digest_holds(digest, engine, space);
    TAILQ_FOREACH (attributes, &space->delayed_list, delayed_link) /* a sum: in any order */
        delayed += stored_key(attributes->tuple) * (attributes->wake.due_ns | 1);
    TAILQ_FOREACH (key, &space->keys, space_link)
        keys += key->first * 31 + key->done + key->end.due_ns;
    digest_number(digest, delayed);
    digest_number(digest, keys);
}

static void digest_interest(struct digest *digest, const struct interest *interest)
{
    digest_number(digest, interest->number);
    digest_number(digest, interest->since);
    digest_number(digest, interest->timeout.due_ns);
    digest_number(digest, interest->tells ? interest->next_key : 0);
}

static void digest_session(struct digest *digest, const struct engine *engine,
                           const struct session *session)
{
    const struct interest *interest;
    const struct will *will;
    digest_number(digest, session->number);
    digest_number(digest, session->delivered);
    TAILQ_FOREACH (interest, &session->interests, session_link)
        digest_interest(digest, interest);
    TAILQ_FOREACH (will, &session->wills, link)
        digest_bytes(digest, will->bytes, will->name_size + will->size);
    for (uint32_t i = 0; i < session->kept_count; i++) {
        const struct kept *kept = session_kept(session, i);
        if (!kept->tuple || kept->space->gone)
            continue;
        digest_number(digest, kept->delivery);
        digest_tuple(digest, engine, kept->tuple);
    }
}

uint64_t engine_contents_hash(const struct engine *engine)
{
    struct digest digest = {{0, 0}};
    digest_number(&digest, engine->hold_count);
    const size_t spaces = table_count(&engine->spaces);
    void **list = nodes_of(&engine->spaces, offsetof(struct space, node));
    qsort(list, spaces, sizeof *list, by_name);
    for (size_t i = 0; i < spaces; i++)
        digest_space(&digest, engine, list[i]);
    mem_free(list);
    const size_t sessions = table_count(&engine->sessions);
    list = nodes_of(&engine->sessions, offsetof(struct session, node));
    qsort(list, sessions, sizeof *list, by_number);
    for (size_t i = 0; i < sessions; i++)
        digest_session(&digest, engine, list[i]);
    mem_free(list);
    const struct leave *leave;
    TAILQ_FOREACH (leave, &engine->leaving, link)
        digest_session(&digest, engine, leave->session);
    return digest.key.k0 ^ digest.key.k1;
}

uint64_t engine_state_hash(const struct engine *engine)
{
    struct digest digest = {{engine_contents_hash(engine), 0}};
    digest_number(&digest, engine->position);
    return digest.key.k0 ^ digest.key.k1;
}

static void check_interest(const struct engine *engine, const struct interest *interest)
{
    uint32_t places = 0;
    for (uint32_t i = 0; i < interest->query.part_count; i++)
        places += interest->waits[i].chain != NULL;
    if (interest->unit)
        places += interest->unit->line_count;
    assert(places > 0 || work_runs(&interest->work));
    assert(interest->end == END_NOT);
    assert(interest_find(engine, interest->session, interest->number) == interest);
    assert((interest->timeout.due_ns != UINT64_MAX) == timer_runs(&interest->timeout));
    for (uint32_t i = 0; interest->unit && i < interest->unit->claim_count; i++)
        assert(interest->unit->claims[i].hold && !interest->unit->claims[i].hold->named);
}

static void check_kept(const struct session *session)
{
    uint64_t last = 0;
    for (uint32_t i = 0; i < session->kept_count; i++) {
        const struct kept *kept = session_kept(session, i);
        assert(kept->delivery >= last);
        assert(!kept->tuple || kept->tuple->life == LIFE_DELIVERED);
        last = kept->delivery;
    }
    assert(last <= session->delivered);
}

/* Returns how many tuples the session has that are delivered. */
static uint64_t check_session(const struct engine *engine, const struct session *session)
{
    uint64_t waiting = 0, delivered = 0;
    uint32_t watches = 0, tells = 0;
    const struct interest *interest;
    const struct hold *hold;
    const struct attributes *attributes;
    TAILQ_FOREACH (interest, &session->interests, session_link) {
        assert(interest->session == session);
        check_interest(engine, interest);
        watches += interest->op == TSD_OP_WATCH;
        tells += interest->waits_reading;
        waiting++;
    }
    assert(waiting == session->waiting && watches == session->watches && tells == session->tells);
    uint64_t held = 0, released = 0;
    TAILQ_FOREACH (hold, &session->holds, session_link) {
        assert(hold->session == session);
        held++;
    }
    TAILQ_FOREACH (attributes, &session->bound, bound_link)
        assert(attributes->bound == session && attributes->tuple->life != LIFE_GONE);
    check_kept(session);
    for (uint32_t i = 0; i < session->kept_count; i++)
        released += session_kept(session, i)->tuple == NULL;
    delivered = session->kept_count - released;
    assert(held == session->held && released == session->kept_released);
    return delivered;
}

/* Every one stands where its tuple says. */
static void check_attributes(const struct engine *engine)
{
    struct table_node *node = NULL;
    while ((node = table_walk(&engine->attributes, node))) {
        const struct attributes *attributes = container_of(node, struct attributes, node);
        const struct stored *tuple = attributes->tuple;
        assert(attributes_of(engine, tuple) == attributes && tuple->life != LIFE_GONE);
        assert(timer_runs(&attributes->wake) <= (tuple->life == LIFE_DELAYED));
        assert(!timer_runs(&attributes->expiry) ||
               timer_order(engine, &attributes->expiry) == stored_id(tuple));
    }
}

/* Every timer belongs to something that is there, and is due later. */
static void check_timers(const struct engine *engine)
{
    for (size_t i = 1; i <= engine->timers.count; i++) {
        const struct timer *timer =
            container_of(engine->timers.entries[i].node, struct timer, node);
        assert(timer->due_ns >= engine->now_ns && timer->due_ns != UINT64_MAX);
        assert(timer->due_ns == engine->timers.entries[i].key.first);
    }
}

static uint64_t check_spaces(const struct engine *engine, uint64_t *delivered)
{
    uint64_t held = 0;
    struct table_node *node = NULL;
    while ((node = table_walk(&engine->spaces, node))) {
        const struct space *space = container_of(node, struct space, node);
        space_check(engine, space);
        assert(space->idle == space_empty(space));
        held += space->kept - space->delivered;
        *delivered += space->delivered;
    }
    const struct space *space;
    TAILQ_FOREACH (space, &engine->gone, idle_link) {
        space_check(engine, space);
        assert(space->gone && !space_unused(space) && TAILQ_EMPTY(&space->keys));
        assert(work_runs(&space->removal) ||
               space->tuples + space->delayed + space->kept == space->delivered);
        held += space->kept - space->delivered;
        *delivered += space->delivered;
    }
    assert(TAILQ_EMPTY(&engine->gone_idle));
    return held;
}

static void check_settled(const struct settle *settle)
{
    assert(settle->fresh_count == 0 && settle->chain_count == 0 && settle->pulse_count == 0);
    assert(TAILQ_EMPTY(&settle->ending) && TAILQ_EMPTY(&settle->stirred));
    assert(TAILQ_EMPTY(&settle->roomy) && settle->roomless.waits == 0);
}

/* What is charged for: the accounts and what stands in the engine agree. */
static void check_accounts(const struct engine *engine)
{
    uint64_t used[QUOTAS] = {0};
    struct table_node *node = NULL;
    while ((node = table_walk(&engine->accounts, node))) {
        const struct account *account = container_of(node, struct account, node);
        for (unsigned quota = 0; quota < QUOTAS; quota++)
            used[quota] += account->used[quota];
    }
    assert(used[QUOTA_BYTES] == engine->charged_bytes);
    assert(used[QUOTA_REQUESTS] == table_count(&engine->interests));
    assert(used[QUOTA_KEYS] >= table_count(&engine->keys));
}

/* Nothing ever is there, and only who looks there is counted. */
static void check_nowhere(const struct engine *engine)
{
    const struct space *nowhere = engine->nowhere;
    struct table_node *node = NULL;
    uint64_t working = 0, lookups = 0;
    while ((node = table_walk(&engine->interests, node))) {
        const struct interest *interest = container_of(node, struct interest, node);
        for (uint32_t i = 0; i < interest->query.part_count; i++)
            if (interest->query.parts[i].space == nowhere) {
                working++;
                lookups += interest->lookup != NULL;
            }
    }
    space_check(engine, nowhere);
    assert(nowhere->working == working && nowhere->lookups == lookups && !nowhere->idle);
    assert(nowhere->tuples == 0 && space_unused(nowhere));
}

void engine_check(const struct engine *engine)
{
    uint64_t interests = 0, delivered = 0, found = 0;
    struct table_node *node = NULL;
    check_settled(&engine->settle);
    while ((node = table_walk(&engine->sessions, node))) {
        const struct session *session = container_of(node, struct session, node);
        delivered += check_session(engine, session);
        interests += session->waiting;
    }
    const struct leave *leave;
    TAILQ_FOREACH (leave, &engine->leaving, link) {
        assert(work_runs(&leave->work) && leave->session->waiting == 0);
        delivered += check_session(engine, leave->session);
    }
    assert(interests == table_count(&engine->interests));
    assert(check_spaces(engine, &found) == table_count(&engine->holds));
    assert(found == delivered);
    absence_check(engine);
    away_check(engine);
    check_attributes(engine);
    check_timers(engine);
    check_accounts(engine);
    check_nowhere(engine);
}

uint64_t engine_indexes_made(const struct engine *engine)
{
    return engine->indexes_made;
}

uint64_t engine_indexes_gone(const struct engine *engine)
{
    return engine->indexes_gone;
}

uint64_t engine_objects(const struct engine *engine)
{
    return engine->slab.objects;
}
