/* SPDX-License-Identifier: MIT */
/*
 * Beside served.h: a client that reads when it is told to, and effects made by hand for it.
 */
#ifndef TESTS_READING_H
#define TESTS_READING_H

#include "server/input.h"
#include "server/output.h"
#include "server/round.h"
#include "unit/server/served.h"

#define WATCH 7 /* number of the watch that effects made by hand are of */

static struct buffer came; /* what the client has read */
static size_t looked_at;   /* of it */
static struct input input;
static struct stored *tuple;
static struct effect effect;
static struct effect_item item;

/* The client reads up to so many bytes. */
static UNUSED size_t reads(size_t most)
{
    ssize_t size = read(ends[1], buffer_reserve(&came, most), most);

    if (size > 0)
        came.size += (size_t)size;
    return size > 0 ? (size_t)size : 0;
}

/* The next whole frame of what was read, decoded; false where there is none. */
static UNUSED bool takes(struct reply *reply)
{
    struct problem problem;
    struct frame frame;
    size_t want;
    long size = frame_next(came.bytes + looked_at, came.size - looked_at, LIMIT_FRAME_BYTES, &frame,
                           &want, &problem);

    if (size <= 0)
        return false;
    looked_at += (size_t)size;
    ck_assert_int_eq(reply_decode(&frame, reply, &problem), 0);
    return true;
}

static UNUSED void forgets(void)
{
    buffer_clear(&came);
    looked_at = 0;
}

/* The next frame is this event of the watch of that number. */
static UNUSED void takes_event(uint64_t number, enum tsd_event kind)
{
    const uint8_t *p = NULL;
    struct event event;
    struct reply reply;

    ck_assert(takes(&reply));
    ck_assert_uint_eq(reply.number, number);
    ck_assert_int_eq(reply.status, TS_OK);
    ck_assert_int_eq(reply_next_event(&reply, &p, &event), 1);
    ck_assert_uint_eq(event.kind, kind);
}

/* Everything is written and read. */
static UNUSED void drains(void)
{
    do
        output_write(connection);
    while (reads(MIB(1)) > 0 || outbox_unread(&connection->outbox) > 0);
}

static UNUSED void setup_events(void)
{
    setup();
    input.handler = &handler;
    input.limits = &limits;
    drains(); /* of the welcome */
    forgets();
}

static UNUSED void teardown_events(void)
{
    free(tuple);
    tuple = NULL;
    buffer_deinit(&came);
    teardown();
}

/* Effects made by hand are about a tuple of so many bytes. */
static UNUSED void has_tuple(uint32_t size)
{
    free(tuple);
    tuple = calloc(1, sizeof(*tuple) + size);
    stored_set_priority(tuple, 0);
    stored_set_id(tuple, 1);
    tuple->refs = 1;
    stored_set_size(tuple, size);
    tuple->bytes[0] = 0x91;
    tuple->bytes[1] = 0xc6; /* a bin */
    for (int i = 0; i < 4; i++)
        tuple->bytes[2 + i] = (uint8_t)((size - 6) >> (24 - 8 * i));
}

/* Tells the handler an effect as if the engine had. */
static UNUSED void happens(void)
{
    struct effects own = handler.effects;

    item = (struct effect_item){.tuple = tuple};
    effect.session = connection->id;
    effect.op = effect.op ? effect.op : TSD_OP_WATCH;
    effect.number = WATCH;
    if (effect.item_count)
        tuple->refs++;
    handler.effects = (struct effects){
        .list = &effect, .count = 1, .items = &item, .item_count = effect.item_count};
    handler_tell(&handler);
    buffer_deinit(&handler.effects.text);
    handler.effects = own;
}

static UNUSED void event_happens(enum tsd_event kind)
{
    effect = (struct effect){.kind = EFFECT_EVENT, .event = (uint8_t)kind, .item_count = 1};
    if (kind == TSD_EVENT_READY || kind == TSD_EVENT_GAP)
        effect.item_count = 0;
    happens();
}

/* The answer to an `rd`. */
static UNUSED void answer_happens(void)
{
    effect = (struct effect){.kind = EFFECT_ANSWER, .item_count = 1, .op = TSD_OP_RD};
    happens();
}

static UNUSED void watch_ends(enum ts_status status)
{
    effect = (struct effect){.kind = EFFECT_ANSWER, .status = (uint8_t)status};
    happens();
}

#endif
