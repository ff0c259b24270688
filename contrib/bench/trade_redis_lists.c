/* SPDX-License-Identifier: MIT */
/*
 * Redis, lists: LPUSH puts; BLMOVE takes into a list of the taker's own, from which LREM settles.
 */
#include <stdlib.h>
#include <string.h>

#include "contrib/bench/check.h"
#include "contrib/bench/trade.h"
#include "contrib/bench/tuple.h"
#include "contrib/bench/wire.h"

#define FILL_TUPLES 256

struct trader {
    struct wire wire;
    enum trade_manner manner;
    uint32_t own; /* the key of its own list */
    bool has;
    uint8_t taken[TUPLE_BYTES];
    unsigned behind; /* answers that are not read yet */
};

static struct trader *lists_open(const struct server *server, unsigned self,
                                 enum trade_manner manner)
{
    struct trader *trader = allocate(sizeof *trader);

    trader->manner = manner;
    trader->own = 1000 + self;
    wire_open(&trader->wire, server);
    return trader;
}

static void add_key(struct wire *wire, uint32_t key)
{
    uint8_t name[KEY_BYTES];

    key_write(name, key);
    wire_add(wire, "$12\r\n", 5);
    wire_add(wire, name, sizeof name);
    wire_add(wire, "\r\n", 2);
}

static void add_tuple(struct wire *wire, const uint8_t *tuple)
{
    wire_add(wire, "$52\r\n", 5);
    wire_add(wire, tuple, TUPLE_BYTES);
    wire_add(wire, "\r\n", 2);
}

static void read_behind(struct trader *trader)
{
    for (; trader->behind > 0; trader->behind--)
        wire_expect(&trader->wire, ":");
}

static void settle(struct trader *trader)
{
    if (!trader->has)
        return;
    wire_format(&trader->wire, "*4\r\n$4\r\nLREM\r\n");
    add_key(&trader->wire, trader->own);
    wire_format(&trader->wire, "$1\r\n1\r\n");
    add_tuple(&trader->wire, trader->taken);
    trader->has = false;
    trader->behind++;
    if (trader->manner == TRADE_CALLS)
        read_behind(trader);
}

static void lists_put(struct trader *trader, uint32_t queue, uint64_t number)
{
    uint8_t tuple[TUPLE_BYTES];

    settle(trader);
    tuple_write(tuple, queue, number);
    wire_format(&trader->wire, "*3\r\n$5\r\nLPUSH\r\n");
    add_key(&trader->wire, queue);
    add_tuple(&trader->wire, tuple);
    trader->behind++;
    if (trader->manner == TRADE_CALLS)
        read_behind(trader);
}

static void lists_fill(struct trader *trader, uint32_t queue, uint64_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint8_t tuple[TUPLE_BYTES];
        tuple_write(tuple, queue, first + i);
        wire_format(&trader->wire, "*3\r\n$5\r\nLPUSH\r\n");
        add_key(&trader->wire, queue);
        add_tuple(&trader->wire, tuple);
        if (++trader->behind == FILL_TUPLES)
            read_behind(trader);
    }
    read_behind(trader);
}

static unsigned lists_take(struct trader *trader, uint32_t queue, unsigned max, uint64_t *numbers)
{
    struct wire *wire = &trader->wire;

    (void)max; /* there is no command for several */
    settle(trader);
    wire_format(wire, "*6\r\n$6\r\nBLMOVE\r\n");
    add_key(wire, queue);
    add_key(wire, trader->own);
    wire_format(wire, "$5\r\nRIGHT\r\n$4\r\nLEFT\r\n$1\r\n0\r\n");
    wire_flush(wire);
    read_behind(trader);
    wire_expect(wire, "$52");
    memcpy(trader->taken, wire_bytes(wire, TUPLE_BYTES), TUPLE_BYTES);
    trader->has = true;
    if (!tuple_read(trader->taken, TUPLE_BYTES, queue, numbers))
        die("Redis gave a process a tuple that is none of its list");
    return 1;
}

static void lists_close(struct trader *trader)
{
    settle(trader);
    read_behind(trader);
    wire_close(&trader->wire);
    free(trader);
}

const struct trade trade_redis_lists = {"Redis",    SERVER_REDIS, lists_open, lists_put,
                                        lists_fill, lists_take,   lists_close};
