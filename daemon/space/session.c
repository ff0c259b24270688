/* SPDX-License-Identifier: MIT */
#include "space/session.h"

#include <assert.h>
#include <stdlib.h>

#include "base/must.h"
#include "space/hold.h"
#include "space/life.h"
#include "space/state.h"
#include "space/stored.h"
#include "space/will.h"

struct session *session_new(struct engine *engine, uint64_t number, uint32_t user, uint32_t owner)
{
    struct session *session = slab_alloc(&engine->slab, sizeof *session);
    if (!session)
        return NULL;
    *session = (struct session){.number = number, .user = user, .owner = owner};
    TAILQ_INIT(&session->interests);
    TAILQ_INIT(&session->holds);
    TAILQ_INIT(&session->bound);
    TAILQ_INIT(&session->wills);
    if (table_insert(&engine->sessions, &session->node, table_number_hash(number)) < 0) {
        slab_free(&engine->slab, session, sizeof *session);
        return NULL;
    }
    return session;
}

void session_free(struct engine *engine, struct session *session)
{
    assert(TAILQ_EMPTY(&session->interests) && session->kept_count == 0);
    assert(TAILQ_EMPTY(&session->holds) && TAILQ_EMPTY(&session->bound));
    will_forget(session);
    mem_free(session->kept);
    if (engine->last_session == session)
        engine->last_session = NULL;
    owner_unref(engine, session->owner);
    table_remove(&engine->sessions, &session->node);
    slab_free(&engine->slab, session, sizeof *session);
}

struct session *session_find(const struct engine *engine, uint64_t number)
{
    const uint32_t hash = table_number_hash(number);
    struct table_node *node = table_first(&engine->sessions, hash);
    for (; node; node = table_next(node, hash)) {
        struct session *session = container_of(node, struct session, node);
        if (session->number == number)
            return session;
    }
    return NULL;
}

/* Memory beyond this many tuples goes when the session keeps nothing any more. */
#define KEPT_IDLE 64

static int grow(struct session *session, uint32_t more)
{
    uint32_t capacity = session->kept_capacity ? session->kept_capacity : 4;
    while (capacity - session->kept_count < more)
        capacity *= 2;
    struct kept *kept = mem_realloc_array(NULL, capacity, sizeof *kept);
    if (!kept)
        return -1;
    for (uint32_t i = 0; i < session->kept_count; i++)
        kept[i] = *session_kept(session, i);
    mem_free(session->kept);
    session->kept = kept;
    session->kept_first = 0;
    session->kept_capacity = capacity;
    return 0;
}

int session_reserve(struct session *session, uint32_t more)
{
    return session->kept_capacity - session->kept_count < more ? grow(session, more) : 0;
}

static void kept_drop(struct session *session, uint32_t count)
{
    session->kept_first += count;
    session->kept_count -= count;
    if (session->kept_count == 0 && session->kept_capacity > KEPT_IDLE) {
        mem_free(session->kept);
        session->kept = NULL;
        session->kept_capacity = 0;
    }
}

__attribute__((flatten)) void session_keep(struct engine *engine, struct session *session,
                                           struct space *space, struct stored *tuple)
{
    life_take(engine, space, tuple, LIFE_DELIVERED);
    space->delivered++;
    *session_kept(session, session->kept_count++) =
        (struct kept){.tuple = tuple, .space = space, .delivery = session->delivered};
}

uint64_t session_deliver(struct engine *engine, struct session *session,
                         const struct gather *gather)
{
    if (session_reserve(session, gather->count) < 0)
        return 0;
    session->delivered++;
    for (uint32_t i = 0; i < gather->count; i++)
        session_keep(engine, session, gather->list[i].space, gather->list[i].tuple);
    return session->delivered;
}

static void discard_holds(struct engine *engine, struct hold **holds, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        hold_discard(engine, holds[i]);
}

uint64_t session_hold(struct engine *engine, struct session *session, const struct gather *gather,
                      const struct holding *holding)
{
    struct hold *few[16], **holds = few;
    uint32_t count = 0;
    const uint64_t first = engine->hold_count + 1;
    if (gather->count > sizeof few / sizeof few[0])
        holds = mem_alloc(gather->count * sizeof *holds);
    while (holds && count < gather->count && (holds[count] = hold_new(engine)))
        count++;
    const bool done = count == gather->count && hold_reserve(engine, count) == 0;
    if (!done)
        discard_holds(engine, holds, count);
    for (uint32_t i = 0; done && i < count; i++)
        hold_enter(engine, holds[i], session, gather->list[i].space, gather->list[i].tuple,
                   holding);
    if (holds != few)
        mem_free(holds);
    return done ? first : 0;
}

__attribute__((flatten)) void session_acknowledge(struct engine *engine, struct session *session,
                                                  uint64_t number)
{
    assert(number <= session->delivered);
    uint32_t count = 0;
    for (; count < session->kept_count; count++) {
        const struct kept *kept = session_kept(session, count);
        if (kept->delivery > number)
            break;
        if (!kept->tuple)
            continue;
        kept->space->kept--;
        kept->space->delivered--;
        life_leave(engine, kept->space, kept->tuple);
    }
    if (count > 0)
        kept_drop(session, count);
}

static bool is_kept(const struct kept *kept, const struct token *token)
{
    return kept->tuple && kept->delivery == token->number &&
           stored_id(kept->tuple) == token->secret;
}

/* Tokens mostly come in the order of the delivery, or against it: beside the one found last. */
static struct kept *beside_last(struct session *session, const struct token *token)
{
    for (uint32_t i = 0; i < 3; i++) {
        const uint32_t at = session->kept_found + i - 1;
        if (at < session->kept_count && is_kept(session_kept(session, at), token)) {
            session->kept_found = at;
            return session_kept(session, at);
        }
    }
    return NULL;
}

struct kept *session_find_kept(struct session *session, const struct token *token)
{
    struct kept *last = beside_last(session, token);
    if (last)
        return last;
    /* the first of the delivery, which is in order */
    uint32_t low = 0, high = session->kept_count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (session_kept(session, middle)->delivery < token->number)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < session->kept_count; low++) {
        struct kept *kept = session_kept(session, low);
        if (kept->delivery != token->number)
            return NULL;
        if (is_kept(kept, token)) {
            session->kept_found = low;
            return kept;
        }
    }
    return NULL;
}

void session_release(struct engine *engine, struct kept *kept, const struct coming_back *why)
{
    struct stored *tuple = kept->tuple;
    kept->tuple = NULL;
    kept->space->delivered--;
    life_return(engine, kept->space, tuple, why);
}

/* Something of a session on its way out of it: bound to it, delivered, or held. */
struct leaving {
    uint64_t key;
    struct stored *tuple;
    struct space *space;
    struct hold *hold;
};

struct leavings {
    struct leaving *list;
    uint32_t count;
};

static int by_place(const void *a, const void *b)
{
    const uint64_t one = ((const struct leaving *)a)->key;
    const uint64_t other = ((const struct leaving *)b)->key;
    return (one > other) - (one < other);
}

static void leavings_add(struct leavings *leavings, struct stored *tuple, struct space *space,
                         struct hold *hold)
{
    leavings->list[leavings->count++] = (struct leaving){stored_key(tuple), tuple, space, hold};
}

/* All tuples bound to the session, in the order of place. Those that are kept have no order. */
static void collect_bound(struct session *session, struct leavings *leavings)
{
    struct attributes *attributes;
    uint32_t count = 0;
    TAILQ_FOREACH (attributes, &session->bound, bound_link)
        count++;
    *leavings = (struct leavings){must_have(mem_alloc(count * sizeof(struct leaving))), 0};
    TAILQ_FOREACH (attributes, &session->bound, bound_link)
        leavings_add(leavings, attributes->tuple, attributes->space, NULL);
    qsort(leavings->list, leavings->count, sizeof *leavings->list, by_place);
}

/* All that the session keeps, in the order of place; it keeps nothing delivered after. */
static void collect_kept(struct session *session, struct leavings *leavings)
{
    struct hold *hold;
    uint32_t count = session->kept_count;
    TAILQ_FOREACH (hold, &session->holds, session_link)
        count++;
    *leavings = (struct leavings){must_have(mem_alloc(count * sizeof(struct leaving))), 0};
    for (uint32_t i = 0; i < session->kept_count; i++) {
        const struct kept *kept = session_kept(session, i);
        if (kept->tuple)
            leavings_add(leavings, kept->tuple, kept->space, NULL);
    }
    TAILQ_FOREACH (hold, &session->holds, session_link)
        leavings_add(leavings, hold->tuple, hold->space, hold);
    kept_drop(session, session->kept_count);
    qsort(leavings->list, leavings->count, sizeof *leavings->list, by_place);
}

/* rule S10: as many in each of several units */
static void next_of_unit(struct engine *engine, uint32_t *in_unit)
{
    if ((*in_unit)++ % LIMIT_UNIT_TUPLES != 0 || *in_unit == 1)
        return;
    settle(engine);
    unit_begin(engine);
}

static void bound_go(struct engine *engine, struct session *session, uint32_t *in_unit)
{
    struct leavings leavings;
    if (TAILQ_EMPTY(&session->bound))
        return;
    collect_bound(session, &leavings);
    /* Nobody is to meet one between the units that outlives what it is bound to. */
    for (uint32_t i = 0; i < leavings.count; i++) {
        struct attributes *attributes = attributes_of(engine, leavings.list[i].tuple);
        TAILQ_REMOVE(&session->bound, attributes, bound_link);
        attributes->bound = NULL;
        leavings.list[i].tuple->flags |= STORED_DOOMED;
        leavings.list[i].tuple->refs++;
    }
    for (uint32_t i = 0; i < leavings.count; i++) {
        const struct leaving *leaving = &leavings.list[i];
        if (leaving->tuple->life != LIFE_GONE) {
            next_of_unit(engine, in_unit);
            life_expire(engine, leaving->space, leaving->tuple);
        }
        stored_unref(&engine->slab, leaving->tuple);
    }
    mem_free(leavings.list);
}

void session_leave(struct engine *engine, struct session *session, bool counted, bool wills)
{
    const struct coming_back why = {
        .reason = TSD_REASON_CONNECTION, .exit_status = UINT32_MAX, .counted = counted};
    struct leavings leavings = {NULL, 0};
    uint32_t in_unit = 0;
    bound_go(engine, session, &in_unit);
    if (session->kept_count > 0 || !TAILQ_EMPTY(&session->holds))
        collect_kept(session, &leavings);
    for (uint32_t i = 0; i < leavings.count; i++) {
        const struct leaving *leaving = &leavings.list[i];
        next_of_unit(engine, &in_unit);
        if (leaving->hold) {
            hold_give_back(engine, leaving->hold, &why);
        } else {
            leaving->space->delivered--;
            life_return(engine, leaving->space, leaving->tuple, &why);
        }
    }
    mem_free(leavings.list);
    if (wills)
        will_put(engine, session);
}
