/* SPDX-License-Identifier: MIT */
#include "space/session.h"

#include <assert.h>
#include <stdlib.h>

#include "base/must.h"
#include "space/state.h"
#include "space/stored.h"

static uint32_t session_hash(const struct engine *engine, uint64_t number)
{
    return (uint32_t)hash_bytes(&engine->options.key, &number, sizeof number);
}

struct session *session_new(struct engine *engine, uint64_t number, uint32_t user)
{
    struct session *session = slab_alloc(&engine->slab, sizeof *session);
    if (!session)
        return NULL;
    *session = (struct session){.number = number, .user = user};
    TAILQ_INIT(&session->interests);
    TAILQ_INIT(&session->deliveries);
    if (table_insert(&engine->sessions, &session->node, session_hash(engine, number)) < 0) {
        slab_free(&engine->slab, session, sizeof *session);
        return NULL;
    }
    return session;
}

void session_free(struct engine *engine, struct session *session)
{
    assert(TAILQ_EMPTY(&session->interests) && TAILQ_EMPTY(&session->deliveries));
    table_remove(&engine->sessions, &session->node);
    slab_free(&engine->slab, session, sizeof *session);
}

struct session *session_find(const struct engine *engine, uint64_t number)
{
    const uint32_t hash = session_hash(engine, number);
    struct table_node *node = table_first(&engine->sessions, hash);
    for (; node; node = table_next(node, hash)) {
        struct session *session = container_of(node, struct session, node);
        if (session->number == number)
            return session;
    }
    return NULL;
}

static size_t delivery_size(uint32_t count)
{
    return sizeof(struct delivery) + count * sizeof(struct kept);
}

static void delivery_free(struct engine *engine, struct session *session, struct delivery *delivery)
{
    TAILQ_REMOVE(&session->deliveries, delivery, link);
    slab_free(&engine->slab, delivery, delivery_size(delivery->count));
}

struct delivery *session_deliver(struct engine *engine, struct session *session,
                                 const struct gather *gather)
{
    struct delivery *delivery = slab_alloc(&engine->slab, delivery_size(gather->count));
    if (!delivery)
        return NULL;
    delivery->number = ++session->delivered;
    delivery->count = gather->count;
    for (uint32_t i = 0; i < gather->count; i++) {
        const struct found *found = &gather->list[i];
        space_drop(found->space, &engine->slab, found->tuple);
        found->space->kept++;
        stored_move(found->tuple, LIFE_KEPT);
        delivery->tuples[i] = (struct kept){found->tuple, found->space};
    }
    TAILQ_INSERT_TAIL(&session->deliveries, delivery, link);
    return delivery;
}

void session_acknowledge(struct engine *engine, struct session *session, uint64_t number)
{
    assert(number <= session->delivered);
    struct delivery *delivery;
    while ((delivery = TAILQ_FIRST(&session->deliveries)) && delivery->number <= number) {
        for (uint32_t i = 0; i < delivery->count; i++) {
            const struct kept *kept = &delivery->tuples[i];
            stored_move(kept->tuple, LIFE_GONE);
            stored_unref(&engine->slab, kept->tuple);
            kept->space->kept--;
            engine_space_left(engine, kept->space);
        }
        delivery_free(engine, session, delivery);
    }
}

static int by_place(const void *a, const void *b)
{
    const uint64_t one = stored_key(((const struct kept *)a)->tuple);
    const uint64_t other = stored_key(((const struct kept *)b)->tuple);
    return (one > other) - (one < other);
}

/* All that the session keeps, in the order of place; the deliveries are gone after. */
static struct kept *collect_kept(struct engine *engine, struct session *session, size_t *count)
{
    struct delivery *delivery;
    size_t total = 0;
    TAILQ_FOREACH (delivery, &session->deliveries, link)
        total += delivery->count;
    struct kept *list = mem_alloc(total * sizeof *list);
    must(list ? 0 : -1);
    *count = 0;
    while ((delivery = TAILQ_FIRST(&session->deliveries))) {
        for (uint32_t i = 0; i < delivery->count; i++)
            list[(*count)++] = delivery->tuples[i];
        delivery_free(engine, session, delivery);
    }
    qsort(list, *count, sizeof *list, by_place);
    return list;
}

void session_give_back(struct engine *engine, struct session *session, bool goodbye)
{
    if (TAILQ_EMPTY(&session->deliveries))
        return;
    size_t count;
    struct kept *list = collect_kept(engine, session, &count);
    must(settle_reserve(engine, count < LIMIT_UNIT_TUPLES ? (uint32_t)count : LIMIT_UNIT_TUPLES));
    for (size_t i = 0; i < count; i++) {
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
