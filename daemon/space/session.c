/* SPDX-License-Identifier: MIT */
#include "space/session.h"

#include <assert.h>
#include <stdlib.h>

#include "base/must.h"
#include "space/state.h"
#include "space/stored.h"

/* Sessions are numbered by the server, one after the other: no client chooses what is hashed. */
static uint32_t session_hash(uint64_t number)
{
    return (uint32_t)(number * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

struct session *session_new(struct engine *engine, uint64_t number, uint32_t user)
{
    struct session *session = slab_alloc(&engine->slab, sizeof *session);
    if (!session)
        return NULL;
    *session = (struct session){.number = number, .user = user};
    TAILQ_INIT(&session->interests);
    if (table_insert(&engine->sessions, &session->node, session_hash(number)) < 0) {
        slab_free(&engine->slab, session, sizeof *session);
        return NULL;
    }
    return session;
}

void session_free(struct engine *engine, struct session *session)
{
    assert(TAILQ_EMPTY(&session->interests) && session->kept_count == 0);
    mem_free(session->kept);
    if (engine->last_session == session)
        engine->last_session = NULL;
    table_remove(&engine->sessions, &session->node);
    slab_free(&engine->slab, session, sizeof *session);
}

struct session *session_find(const struct engine *engine, uint64_t number)
{
    const uint32_t hash = session_hash(number);
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

static int kept_reserve(struct session *session, uint32_t more)
{
    uint32_t capacity = session->kept_capacity ? session->kept_capacity : 4;
    while (capacity - session->kept_count < more)
        capacity *= 2;
    if (capacity == session->kept_capacity)
        return 0;
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

uint64_t session_deliver(struct engine *engine, struct session *session,
                         const struct gather *gather)
{
    if (kept_reserve(session, gather->count) < 0)
        return 0;
    const uint64_t number = ++session->delivered;
    for (uint32_t i = 0; i < gather->count; i++) {
        const struct found *found = &gather->list[i];
        space_drop(found->space, &engine->slab, found->tuple);
        found->space->kept++;
        stored_move(found->tuple, LIFE_KEPT);
        *session_kept(session, session->kept_count++) =
            (struct kept){found->tuple, found->space, number};
    }
    return number;
}

void session_acknowledge(struct engine *engine, struct session *session, uint64_t number)
{
    assert(number <= session->delivered);
    uint32_t count = 0;
    for (; count < session->kept_count; count++) {
        const struct kept *kept = session_kept(session, count);
        if (kept->delivery > number)
            break;
        stored_move(kept->tuple, LIFE_GONE);
        stored_unref(&engine->slab, kept->tuple);
        kept->space->kept--;
        engine_space_left(engine, kept->space);
    }
    if (count > 0)
        kept_drop(session, count);
}

static int by_place(const void *a, const void *b)
{
    const uint64_t one = stored_key(((const struct kept *)a)->tuple);
    const uint64_t other = stored_key(((const struct kept *)b)->tuple);
    return (one > other) - (one < other);
}

/* All that the session keeps, in the order of place; it keeps nothing after. */
static struct kept *collect_kept(struct session *session, uint32_t *count)
{
    struct kept *list = mem_alloc(session->kept_count * sizeof *list);
    must(list ? 0 : -1);
    *count = session->kept_count;
    for (uint32_t i = 0; i < *count; i++)
        list[i] = *session_kept(session, i);
    kept_drop(session, *count);
    qsort(list, *count, sizeof *list, by_place);
    return list;
}

void session_give_back(struct engine *engine, struct session *session, bool goodbye)
{
    if (session->kept_count == 0)
        return;
    uint32_t count;
    struct kept *list = collect_kept(session, &count);
    must(settle_reserve(engine, count < LIMIT_UNIT_TUPLES ? count : LIMIT_UNIT_TUPLES));
    for (uint32_t i = 0; i < count; i++) {
        struct kept *kept = &list[i];
        if (i > 0 && i % LIMIT_UNIT_TUPLES == 0) {
            settle(engine);
            position_take(engine, 1);
        }
        kept->tuple->returns += !goodbye;
        must(offer(engine, kept->space, kept->tuple)); /* it is let in always (rule S30) */
        kept->space->kept--;
    }
    settle(engine);
    mem_free(list);
}
