/* SPDX-License-Identifier: MIT */
/*
 * Redis, streams: XADD puts; XREADGROUP takes up to so many into the group's pending ones, which XACK
 * settles.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contrib/bench/check.h"
#include "contrib/bench/trade.h"
#include "contrib/bench/tuple.h"
#include "contrib/bench/wire.h"

#define FILL_TUPLES 256
#define ID_BYTES 48

struct trader {
    struct wire wire;
    unsigned self;
    uint32_t queue; /* that it takes from */
    unsigned has;   /* taken and not settled */
    char ids[TRADE_MAX][ID_BYTES];
    unsigned puts, settled; /* answers that are not read yet; of XACK: how many it is to say */
};

static struct trader *streams_open(const struct server *server, unsigned self,
                                   enum trade_manner manner)
{
    struct trader *trader = allocate(sizeof *trader);

    (void)manner;
    trader->self = self;
    wire_open(&trader->wire, server);
    return trader;
}

/* The stream of a queue has the queue's number as its name, and a group g. */
static void streams_fill(struct trader *trader, uint32_t queue, uint64_t first, uint32_t count)
{
    struct wire *wire = &trader->wire;

    wire_format(wire, "XGROUP CREATE %u g $ MKSTREAM\r\n", queue);
    (void)wire_line(wire); /* it may be there already */
    for (uint32_t i = 0; i < count; i++) {
        uint8_t tuple[TUPLE_BYTES];
        char name[16];
        int size = snprintf(name, sizeof name, "%u", queue);
        tuple_write(tuple, queue, first + i);
        wire_format(wire, "*5\r\n$4\r\nXADD\r\n$%d\r\n%s\r\n$1\r\n*\r\n$1\r\nt\r\n$52\r\n", size,
                    name);
        wire_add(wire, tuple, TUPLE_BYTES);
        wire_add(wire, "\r\n", 2);
        if (++trader->puts < FILL_TUPLES && i + 1 < count)
            continue;
        for (; trader->puts > 0; trader->puts--) {
            wire_expect(wire, "$");
            (void)wire_line(wire); /* the id */
        }
    }
}

static void settle(struct trader *trader)
{
    if (trader->has == 0)
        return;
    wire_format(&trader->wire, "XACK %u g", trader->queue);
    for (unsigned i = 0; i < trader->has; i++)
        wire_format(&trader->wire, " %s", trader->ids[i]);
    wire_format(&trader->wire, "\r\n");
    trader->settled = trader->has;
    trader->has = 0;
}

static void read_settled(struct trader *trader)
{
    if (trader->settled == 0)
        return;
    if (strtoul(wire_expect(&trader->wire, ":"), NULL, 10) != trader->settled)
        die("Redis has not settled what a process took");
    trader->settled = 0;
}

/* One entry: its id, and the list of its one field and value. */
static void read_entry(struct trader *trader, uint32_t queue, uint64_t *number)
{
    struct wire *wire = &trader->wire;

    wire_expect(wire, "*2");
    wire_expect(wire, "$");
    snprintf(trader->ids[trader->has++], ID_BYTES, "%s", wire_line(wire));
    wire_expect(wire, "*2");
    wire_expect(wire, "$1");
    wire_expect(wire, "t");
    wire_expect(wire, "$52");
    if (!tuple_read(wire_bytes(wire, TUPLE_BYTES), TUPLE_BYTES, queue, number))
        die("Redis gave a process a tuple that is none of its stream");
}

static unsigned streams_take(struct trader *trader, uint32_t queue, unsigned max, uint64_t *numbers)
{
    struct wire *wire = &trader->wire;

    settle(trader);
    trader->queue = queue;
    wire_format(wire, "XREADGROUP GROUP g c%u COUNT %u BLOCK 0 STREAMS %u >\r\n", trader->self, max,
                queue);
    wire_flush(wire);
    read_settled(trader);
    wire_expect(wire, "*1");
    wire_expect(wire, "*2");
    wire_expect(wire, "$");
    (void)wire_line(wire); /* the stream's name */
    unsigned count = (unsigned)strtoul(wire_expect(wire, "*"), NULL, 10);
    if (count < 1 || count > max)
        die("Redis gave %u entries where 1 to %u were asked for", count, max);
    for (unsigned i = 0; i < count; i++)
        read_entry(trader, queue, &numbers[i]);
    return count;
}

static void streams_close(struct trader *trader)
{
    settle(trader);
    wire_flush(&trader->wire);
    read_settled(trader);
    wire_close(&trader->wire);
    free(trader);
}

const struct trade trade_redis_streams = {"Redis",      SERVER_REDIS, streams_open, NULL,
                                          streams_fill, streams_take, streams_close};
