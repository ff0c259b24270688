/* SPDX-License-Identifier: MIT */
#include "space/interest.h"

#include <assert.h>
#include <string.h>

#include "space/state.h"

#define ALIGN 8

static uint32_t interest_hash(const struct engine *engine, uint64_t session, uint64_t number)
{
    const uint64_t id[2] = {session, number};
    return (uint32_t)hash_bytes(&engine->options.key, id, sizeof id);
}

static size_t aligned(size_t size)
{
    return (size + ALIGN - 1) / ALIGN * ALIGN;
}

static size_t size_of(const struct query *query)
{
    size_t size = aligned(sizeof(struct interest));
    size += query->part_count * (sizeof(struct query_part) + sizeof(struct wait));
    for (uint32_t i = 0; i < query->part_count; i++)
        size += aligned(pattern_copy_size(&query->parts[i].pattern));
    return size;
}

/* Lays out parts, waits and patterns behind the interest, in its one allocation. */
static void copy_query(struct interest *interest, const struct query *query)
{
    uint8_t *at = (uint8_t *)interest + aligned(sizeof *interest);
    interest->query = *query;
    interest->query.parts = (struct query_part *)at;
    at += query->part_count * sizeof(struct query_part);
    interest->waits = (struct wait *)at;
    at += query->part_count * sizeof(struct wait);
    for (uint32_t i = 0; i < query->part_count; i++) {
        struct query_part *part = &interest->query.parts[i];
        *part = query->parts[i];
        pattern_copy(&query->parts[i].pattern, at, &part->pattern);
        at += aligned(pattern_copy_size(&query->parts[i].pattern));
        interest->waits[i] = (struct wait){.interest = interest};
    }
}

static uint64_t deadline(const struct engine *engine, const struct request *request)
{
    uint64_t nanoseconds, end;
    if (!(request->has & TSD_HAS(TIMEOUT)) ||
        __builtin_mul_overflow(request->timeout_us, UINT64_C(1000), &nanoseconds) ||
        __builtin_add_overflow(engine->now_ns, nanoseconds, &end))
        return UINT64_MAX;
    return end;
}

struct interest *interest_new(struct engine *engine, struct session *session,
                              const struct request *request, const struct query *query,
                              uint64_t since)
{
    const size_t size = size_of(query);
    struct interest *interest = slab_alloc(&engine->slab, size);
    if (!interest)
        return NULL;
    *interest = (struct interest){.session = session,
                                  .number = request->number,
                                  .since = since,
                                  .deadline_ns = deadline(engine, request),
                                  .op = request->op,
                                  .bytes = (uint32_t)size};
    copy_query(interest, query);
    if ((interest->deadline_ns != UINT64_MAX &&
         heap_push(&engine->deadlines, &interest->timer) < 0) ||
        table_insert(&engine->interests, &interest->node,
                     interest_hash(engine, session->number, request->number)) < 0) {
        if (heap_contains(&interest->timer))
            heap_remove(&engine->deadlines, &interest->timer);
        slab_free(&engine->slab, interest, size);
        return NULL;
    }
    TAILQ_INSERT_TAIL(&session->interests, interest, session_link);
    session->waiting++;
    return interest;
}

int interest_link(struct engine *engine, struct interest *interest, const struct request *request)
{
    struct query *query = &interest->query;
    /* What was found may be idle, and go before its turn comes: only what is linked is held on to. */
    for (uint32_t i = 0; i < query->part_count; i++)
        query->parts[i].space = NULL;
    for (uint32_t i = 0; i < query->part_count; i++) {
        struct query_part *part = &query->parts[i];
        part->space = engine_make_space(engine, &request->alternatives[i].space);
        if (!part->space || shapes_link(part->space, &engine->options.key, &interest->waits[i],
                                        &part->pattern, interest_queue(interest)) < 0)
            return -1;
    }
    interest->linked = true;
    interest->session->wanted += query->max;
    return 0;
}

void interest_free(struct engine *engine, struct interest *interest)
{
    struct query *query = &interest->query;
    if (interest->working) {
        TAILQ_REMOVE(&engine->work, interest, work_link);
        query->parts->space->working--;
        interest->session->working--;
    }
    if (interest->linked)
        interest->session->wanted -= query->max;
    if (interest->charged)
        expressions_discharge(engine, interest->session->user, query);
    for (uint32_t i = 0; i < query->part_count; i++) {
        struct query_part *part = &query->parts[i];
        if (interest->waits[i].chain)
            shapes_unlink(part->space, &interest->waits[i], interest_queue(interest));
        if (part->space)
            engine_space_left(engine, part->space);
        expressions_release(engine, part);
    }
    if (heap_contains(&interest->timer))
        heap_remove(&engine->deadlines, &interest->timer);
    table_remove(&engine->interests, &interest->node);
    TAILQ_REMOVE(&interest->session->interests, interest, session_link);
    interest->session->waiting--;
    slab_free(&engine->slab, interest, interest->bytes);
}

struct interest *interest_find(const struct engine *engine, const struct session *session,
                               uint64_t number)
{
    if (session->waiting == 0)
        return NULL; /* the usual case, asked for every request: nothing need be hashed */
    const uint32_t hash = interest_hash(engine, session->number, number);
    struct table_node *node = table_first(&engine->interests, hash);
    for (; node; node = table_next(node, hash)) {
        struct interest *interest = container_of(node, struct interest, node);
        if (interest->session == session && interest->number == number)
            return interest;
    }
    return NULL;
}

const struct query_part *interest_part_of(const struct wait *wait)
{
    return &wait->interest->query.parts[wait - wait->interest->waits];
}

enum chain_queue interest_queue(const struct interest *interest)
{
    return interest->op == TSD_OP_RD ? QUEUE_READERS : QUEUE_TAKERS;
}

bool interest_sooner(const struct heap_node *a, const struct heap_node *b)
{
    const struct interest *one = container_of(a, struct interest, timer);
    const struct interest *other = container_of(b, struct interest, timer);
    if (one->deadline_ns != other->deadline_ns)
        return one->deadline_ns < other->deadline_ns;
    return one->since < other->since; /* rule S5: at one instant in order of arrival */
}
