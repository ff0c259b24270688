/* SPDX-License-Identifier: MIT */
#include "space/session.h"

#include <assert.h>
#include <stdlib.h>

#include "base/must.h"
#include "space/ahead.h"
#include "space/away.h"
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
    TAILQ_INSERT_TAIL(&engine->all_sessions, session, all_link);
    return session;
}

void session_hide(struct engine *engine, struct session *session)
{
    if (engine->last_session == session)
        engine->last_session = NULL;
    table_remove(&engine->sessions, &session->node);
}

void session_free(struct engine *engine, struct session *session)
{
    assert(TAILQ_EMPTY(&session->interests) && session->kept_count == 0);
    assert(TAILQ_EMPTY(&session->holds) && TAILQ_EMPTY(&session->bound));
    will_forget(engine, session);
    mem_free(session->kept);
    owner_unref(engine, session->owner);
    away_session_goes(engine, session);
    TAILQ_REMOVE(&engine->all_sessions, session, all_link);
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

void session_forget_kept(struct session *session)
{
    session->kept_released = 0;
    kept_drop(session, session->kept_count);
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
    for (uint32_t i = 0; i < gather->count; i++) {
        ahead_taken(gather, i);
        session_keep(engine, session, gather->list[i].space, gather->list[i].tuple);
    }
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
    for (uint32_t i = 0; done && i < count; i++) {
        ahead_taken(gather, i);
        hold_enter(engine, holds[i], session, gather->list[i].space, gather->list[i].tuple,
                   holding);
    }
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
        if (count + AHEAD_STEP < session->kept_count)
            __builtin_prefetch(session_kept(session, count + AHEAD_STEP)->tuple);
        if (!kept->tuple) {
            session->kept_released--;
            continue;
        }
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
           stored_id(kept->tuple) == token->secret && !kept->space->gone;
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

uint32_t session_first_of(const struct session *session, uint64_t delivery)
{
    uint32_t low = 0, high = session->kept_count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (session_kept(session, middle)->delivery < delivery)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct kept *session_find_kept(struct session *session, const struct token *token)
{
    struct kept *last = beside_last(session, token);
    if (last)
        return last;
    uint32_t at = session_first_of(session, token->number);
    for (; at < session->kept_count; at++) {
        struct kept *kept = session_kept(session, at);
        if (kept->delivery != token->number)
            return NULL;
        if (is_kept(kept, token)) {
            session->kept_found = at;
            return kept;
        }
    }
    return NULL;
}

void session_release(struct engine *engine, struct session *session, struct kept *kept,
                     const struct coming_back *why)
{
    struct stored *tuple = kept->tuple;
    kept->tuple = NULL;
    session->kept_released++;
    kept->space->delivered--;
    life_return(engine, kept->space, tuple, why);
}

struct account *session_account(const struct engine *engine, const struct session *session)
{
    return owner_at(&engine->owners, session->owner)->account;
}

bool engine_session(const struct engine *engine, uint64_t number, struct engine_session *told)
{
    const struct session *session = session_find(engine, number);
    if (!session)
        return false;
    const struct owner *owner = owner_at(&engine->owners, session->owner);
    *told = (struct engine_session){.requests = session->waiting,
                                    .watches = session->watches,
                                    .kept = session->kept_count - session->kept_released +
                                            session->held,
                                    .will_tuples = session->will_tuples,
                                    .program = {owner->program, owner->program_size}};
    return true;
}
