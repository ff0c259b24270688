/* SPDX-License-Identifier: MIT */
/*
 * What a put costs inside the engine: with many requests waiting for something else, and with a time
 * to live while many others have one.
 */
#include "contrib/bench/engine/parts.h"

#include <inttypes.h>
#include <stdio.h>

#include "contrib/bench/engine/feed.h"

#define BATCH 64
#define WAITS 3
#define TIMERS 2
#define TIMED_STOCK 1000000 /* tuples stored, few or all of them with a time to live */
#define QUICK_STOCK 100000

/* Puts of tuples of 5 fields, which are then taken again; only the puts are counted. */
static void batch(struct feed *feed, uint32_t first, bool timed, uint64_t *spent_ns)
{
    static struct look looks[BATCH];
    struct putting *putting = &feed->put[0].request.putting;

    feed_work(feed);
    for (uint32_t k = 0; k < BATCH; k++) {
        feed_prepare(feed, first + k * GROWN_LENGTHS, &looks[k]);
        looks[k].size = (uint32_t)grown_tuple(&feed->grown, looks[k].i, looks[k].tuple);
    }
    const uint64_t begun_ns = feed_cpu_ns();
    for (uint32_t k = 0; k < BATCH; k++) {
        if (timed)
            putting->ttl_us = 1000000000 + feed_random(4000000000);
        feed_put_back(feed, &looks[k]);
    }
    *spent_ns += feed_cpu_ns() - begun_ns;
    for (uint32_t k = 0; k < BATCH; k++) {
        feed_take(feed, &looks[k]);
        feed_check(feed, &looks[k]);
    }
}

static void measure(const struct parts *parts, struct feed *feed, const char *what, uint32_t size,
                    bool timed)
{
    const uint32_t most = (feed->grown.count - BATCH * GROWN_LENGTHS) / GROWN_LENGTHS;
    uint64_t warm_ns = 0, spent_ns = 0, puts = 0;

    for (int i = 0; i < 16; i++)
        batch(feed, GROWN_LENGTHS * feed_random(most), timed, &warm_ns);
    for (; spent_ns < parts->measured_ns / 2; puts += BATCH)
        batch(feed, GROWN_LENGTHS * feed_random(most), timed, &spent_ns);
    printf("%s out %" PRIu32 " %" PRIu64 " %" PRIu64 " 0\n", what, size, puts, spent_ns);
    fflush(stdout);
}

void part_waits(const struct parts *parts)
{
    static const uint32_t waiting[WAITS] = {0, 1000, 100000};
    static struct feed feeds[WAITS];

    for (unsigned i = 0; i < WAITS; i++) {
        feed_init(&feeds[i], 30000);
        feed_look_by(&feeds[i], GROWN_FIRST, 0);
        feed_wait(&feeds[i], waiting[i]);
    }
    for (unsigned round = 0; round < parts->rounds; round++)
        for (unsigned i = 0; i < WAITS; i++)
            measure(parts, &feeds[i], "waits", waiting[i], false);
    for (unsigned i = 0; i < WAITS; i++)
        feed_deinit(&feeds[i]);
}

static void fill_timed(struct feed *feed, uint32_t stock, uint32_t timed)
{
    for (int i = 0; i < GROWN_LENGTHS; i++)
        feed->put[i].request.has |= TSD_HAS(TTL);
    for (uint32_t i = 0; i < timed; i++) {
        feed->put[i % GROWN_LENGTHS].request.putting.ttl_us = 1000000000 + feed_random(4000000000);
        feed_put(feed, stock + i); /* beside the tuples that come and go */
    }
    for (int i = 0; i < GROWN_LENGTHS; i++)
        feed->put[i].request.has &= ~TSD_HAS(TTL);
    for (uint32_t i = timed; i < stock; i++)
        feed_put(feed, stock + i);
    for (int i = 0; i < GROWN_LENGTHS; i++)
        feed->put[i].request.has |= TSD_HAS(TTL);
}

void part_timers(const struct parts *parts)
{
    const uint32_t most = parts->sizes[parts->size_count - 1];
    const uint32_t stock = most < TIMED_STOCK ? QUICK_STOCK : TIMED_STOCK;
    const uint32_t timers[TIMERS] = {1000, stock};
    static struct feed feeds[TIMERS];

    for (unsigned i = 0; i < TIMERS; i++) {
        feed_init(&feeds[i], stock);
        feed_look_by(&feeds[i], GROWN_FIRST, 0);
        fill_timed(&feeds[i], stock, timers[i]);
    }
    for (unsigned round = 0; round < parts->rounds; round++)
        for (unsigned i = 0; i < TIMERS; i++)
            measure(parts, &feeds[i], "timers", timers[i], true);
    for (unsigned i = 0; i < TIMERS; i++)
        feed_deinit(&feeds[i]);
}
