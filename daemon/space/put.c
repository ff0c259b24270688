/* SPDX-License-Identifier: MIT */
#include "space/put.h"

#include "base/must.h"
#include "space/ahead.h"
#include "space/attributes.h"
#include "space/life.h"
#include "space/state.h"
#include "space/stored.h"

/* Room for so many is kept for the next unit. */
#define PUTS_KEPT 1024

void puts_init(struct puts *puts)
{
    *puts = (struct puts){NULL, 0, 0};
}

void puts_clear(struct puts *puts)
{
    puts->count = 0;
    if (puts->capacity > PUTS_KEPT) {
        mem_free(puts->list);
        puts_init(puts);
    }
}

void puts_drop(struct engine *engine, struct puts *puts)
{
    for (uint32_t i = 0; i < puts->count; i++) {
        attributes_free(engine, puts->list[i].attributes);
        stored_unref(&engine->slab, puts->list[i].tuple);
        engine_space_left(engine, puts->list[i].space); /* it may have been made for this */
    }
    puts_clear(puts);
}

void puts_deinit(struct engine *engine, struct puts *puts)
{
    puts_drop(engine, puts);
    mem_free(puts->list);
    puts_init(puts);
}

static int grow(struct puts *puts)
{
    const uint32_t capacity = puts->capacity ? 2 * puts->capacity : 16;
    struct put *list = mem_realloc_array(puts->list, capacity, sizeof *list);
    if (!list)
        return -1;
    puts->list = list;
    puts->capacity = capacity;
    return 0;
}

/* What few tuples have. */
static int add_attributes(struct engine *engine, struct put *put, const struct putting *putting,
                          struct session *session)
{
    if (putting->has & TSD_HAS(TTL))
        put->ttl_us = putting->ttl_us;
    if (putting->has & TSD_HAS(DELAY))
        put->delay_us = putting->delay_us;
    if (putting->bound)
        put->bound = session;
    if (putting->pulse)
        put->tuple->flags |= STORED_PULSE;
    if (put->ttl_us == UINT64_MAX && put->delay_us == 0 && !put->bound)
        return 0;
    put->attributes = attributes_new(engine);
    return put->attributes ? 0 : -1;
}

int puts_add(struct engine *engine, struct puts *puts, struct session *session, struct space *space,
             const struct tuple_view *view, const struct putting *putting)
{
    if (puts->count == puts->capacity && grow(puts) < 0)
        return -1;
    struct stored *tuple = stored_new(&engine->slab, view);
    if (!tuple)
        return -1;
    tuple->owner = session->owner;
    stored_set_priority(tuple, putting->priority);
    struct put *put = &puts->list[puts->count];
    *put = (struct put){.tuple = tuple, .space = space, .ttl_us = UINT64_MAX};
    if (putting->has & ~TSD_HAS(PRIORITY) && add_attributes(engine, put, putting, session) < 0) {
        stored_unref(&engine->slab, tuple);
        return -1;
    }
    puts->count++;
    return 0;
}

/* Its life and its delay run from now, the moment at which it is put (rule S26). */
static void start(struct engine *engine, struct put *put)
{
    struct attributes *attributes = put->attributes;
    attributes_enter(engine, attributes, put->tuple, put->space);
    if (put->bound)
        attributes_bind(attributes, put->bound);
    if (put->ttl_us != UINT64_MAX)
        must(timer_start(engine, &attributes->expiry, TIMER_EXPIRY,
                         timer_after(engine, put->ttl_us), stored_id(put->tuple)));
    if (put->delay_us > 0) {
        must(timer_start(engine, &attributes->wake, TIMER_WAKE, timer_after(engine, put->delay_us),
                         stored_id(put->tuple)));
        life_delay(engine, put->space, put->tuple, attributes);
    }
}

static void take_back(struct engine *engine, struct puts *puts, uint32_t placed, uint64_t ids)
{
    for (uint32_t i = 0; i < placed; i++) {
        struct put *put = &puts->list[i];
        if (put->delay_us == 0)
            life_unplace(engine, put->space, put->tuple);
    }
    unit_forget_ids(engine, ids);
}

/* Those after this one. Their hash is put down for it. */
static void ask_ahead(const struct engine *engine, const struct puts *puts, uint32_t index)
{
    for (unsigned stage = AHEAD_STAGES; stage-- > 1 && ahead_at(index, stage) < puts->count;) {
        const struct put *put = &puts->list[ahead_at(index, stage)];
        if (put->delay_us > 0)
            continue;
        if (stage == 1)
            put->tuple->node.hash = space_hash(engine, put->tuple);
        ahead_ask(put->space, put->tuple, stage);
    }
}

int puts_place(struct engine *engine, struct puts *puts)
{
    uint32_t special = 0;
    const uint64_t ids = engine->unit_ids;
    for (uint32_t i = 0; i < puts->count; i++)
        special += puts->list[i].attributes != NULL;
    if (attributes_reserve(engine, special) < 0 || settle_reserve(engine, puts->count) < 0)
        return -1;
    const uint32_t put_ds = (uint32_t)(engine->now_ns / 100000000);
    for (uint32_t i = 0; i < puts->count; i++) {
        struct put *put = &puts->list[i];
        ask_ahead(engine, puts, i);
        stored_set_id(put->tuple, unit_id(engine));
        put->tuple->put_ds = put_ds;
        if (put->delay_us == 0 && life_place(engine, put->space, put->tuple) < 0) {
            take_back(engine, puts, i, ids);
            return -1;
        }
    }
    for (uint32_t i = 0; special > 0 && i < puts->count; i++)
        if (puts->list[i].attributes)
            start(engine, &puts->list[i]);
    return 0;
}

void puts_show(struct engine *engine, struct puts *puts)
{
    for (uint32_t i = 0; i < puts->count; i++) {
        const struct put *put = &puts->list[i];
        if (put->delay_us == 0)
            life_show(engine, put->space, put->tuple, TSD_EVENT_PUT);
    }
    puts_clear(puts);
}
