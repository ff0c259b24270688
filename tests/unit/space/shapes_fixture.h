/* SPDX-License-Identifier: MIT */
/*
 * For tests of shapes: requests that wait in a space, without an engine.
 */
#ifndef TSD_TESTS_SHAPES_FIXTURE_H
#define TSD_TESTS_SHAPES_FIXTURE_H

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/container.h"
#include "protocol/text_read.h"
#include "space/interest.h"
#include "space/shapes.h"
#include "space/space.h"
#include "space/stored.h"

/* A request that waits with one pattern. */
struct waiter {
    struct interest interest;
    struct query_part part;
    struct wait wait;
    bool found;
    max_align_t pattern[];
};

static const struct hash_key key = {7, 8};
static struct slab slab;
static struct space *space;
static struct pattern_room room;
static struct buffer bytes;
static uint64_t since;

static inline void setup(void)
{
    slab_init(&slab);
    space = mem_zalloc(sizeof *space);
}

static inline void teardown(void)
{
    for (uint32_t i = 0; i < space->length_count; i++)
        ck_assert_ptr_null(space->lengths[i].shapes);
    ck_assert_ptr_null(space->rest_shapes);
    mem_free(space->lengths);
    mem_free(space);
    buffer_deinit(&bytes);
    ck_assert_uint_eq(slab.objects, 0);
    slab_deinit(&slab);
}

static inline struct waiter *waiter_new(const char *text)
{
    struct problem problem;
    struct pattern pattern;
    buffer_clear(&bytes);
    room.used = 0;
    if (text_read_pattern(text, strlen(text), NULL, &bytes, &problem) < 0 ||
        pattern_check(bytes.bytes, bytes.bytes + bytes.size, &room, &pattern, NULL, &problem) < 0)
        ck_abort_msg("%s: %s", text, problem.text);
    struct waiter *waiter = calloc(1, sizeof *waiter + pattern_copy_size(&pattern));
    pattern_copy(&pattern, waiter->pattern, &waiter->part.pattern);
    waiter->interest.query = (struct query){.parts = &waiter->part, .part_count = 1};
    waiter->interest.waits = &waiter->wait;
    waiter->interest.since = ++since;
    waiter->wait.interest = &waiter->interest;
    return waiter;
}

static inline int join(struct waiter *waiter, enum chain_queue queue)
{
    return shapes_link(space, &slab, &key, &waiter->wait, &waiter->part.pattern, queue);
}

static inline __attribute__((format(printf, 1, 2))) struct waiter *waits(const char *format, ...)
{
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct waiter *waiter = waiter_new(text);
    if (join(waiter, QUEUE_TAKERS) < 0)
        ck_abort_msg("it does not join");
    return waiter;
}

/* As chain_unlink does. */
static inline void leave(struct waiter *waiter)
{
    struct chain *chain = waiter->wait.chain;
    TAILQ_REMOVE(&chain->queues[waiter->wait.queue], &waiter->wait, link);
    chain->linked = NULL;
    chain->waits--;
    shapes_left(chain, &slab);
    if (chain->waits == 0)
        shapes_free_chain(chain, &slab);
}

static inline void waiter_free(struct waiter *waiter)
{
    leave(waiter);
    free(waiter);
}

static inline void all_leave(struct waiter **list, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        waiter_free(list[i]);
}

static inline void count_chain(void *context, struct chain *chain)
{
    const struct wait *wait;
    for (int queue = 0; queue < QUEUES; queue++) {
        TAILQ_FOREACH (wait, &chain->queues[queue], link) {
            struct waiter *waiter = container_of(wait->interest, struct waiter, interest);
            if (waiter->found)
                ck_abort_msg("found twice");
            waiter->found = true;
            (*(uint32_t *)context)++;
        }
    }
}

/* Puts a tuple: how many waiters it concerns, and, unless NULL, how many patterns it is tried with. */
static inline uint32_t put(const char *text, uint64_t *tried)
{
    struct problem problem;
    uint32_t found = 0;
    buffer_clear(&bytes);
    if (text_read_tuple(text, strlen(text), NULL, &bytes, &problem) < 0)
        ck_abort_msg("%s: %s", text, problem.text);
    const struct tuple_view view = tuple_at(bytes.bytes);
    struct stored *tuple = stored_new(&slab, &view);
    const uint64_t count = shapes_for_tuple(space, &key, tuple, count_chain, &found);
    if (tried)
        *tried = count;
    stored_unref(&slab, tuple);
    return found;
}

#endif
