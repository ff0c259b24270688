/* SPDX-License-Identifier: MIT */
/*
 * beanstalkd: put, reserve, delete; a tube for each queue.
 */
#include <stdlib.h>

#include "contrib/bench/check.h"
#include "contrib/bench/trade.h"
#include "contrib/bench/tuple.h"
#include "contrib/bench/wire.h"

#define FILL_TUPLES 256
#define NONE UINT32_MAX

struct trader {
    struct wire wire;
    enum trade_manner manner;
    uint32_t using, watching; /* the tubes that it puts into and takes from */
    uint64_t job;             /* taken and not settled; 0: none */
    unsigned deleted, put;    /* answers that are not read yet, in this order */
};

static struct trader *beanstalkd_open(const struct server *server, unsigned self,
                                      enum trade_manner manner)
{
    struct trader *trader = allocate(sizeof *trader);

    (void)self;
    trader->manner = manner;
    trader->using = trader->watching = NONE;
    wire_open(&trader->wire, server);
    return trader;
}

static void read_behind(struct trader *trader)
{
    for (; trader->deleted > 0; trader->deleted--)
        wire_expect(&trader->wire, "DELETED");
    for (; trader->put > 0; trader->put--)
        wire_expect(&trader->wire, "INSERTED ");
}

static void settle(struct trader *trader)
{
    if (trader->job == 0)
        return;
    wire_format(&trader->wire, "delete %llu\r\n", (unsigned long long)trader->job);
    trader->job = 0;
    trader->deleted++;
    if (trader->manner == TRADE_CALLS)
        read_behind(trader);
}

static void use(struct trader *trader, uint32_t queue)
{
    if (trader->using == queue)
        return;
    wire_format(&trader->wire, "use q%u\r\n", queue);
    wire_expect(&trader->wire, "USING ");
    trader->using = queue;
}

static void watch(struct trader *trader, uint32_t queue)
{
    if (trader->watching == queue)
        return;
    read_behind(trader);
    wire_format(&trader->wire, "watch q%u\r\nignore default\r\n", queue);
    wire_expect(&trader->wire, "WATCHING ");
    wire_expect(&trader->wire, "WATCHING ");
    trader->watching = queue;
}

static void add_put(struct trader *trader, uint32_t queue, uint64_t number)
{
    uint8_t tuple[TUPLE_BYTES];

    tuple_write(tuple, queue, number);
    wire_format(&trader->wire, "put 0 0 600 52\r\n");
    wire_add(&trader->wire, tuple, TUPLE_BYTES);
    wire_add(&trader->wire, "\r\n", 2);
    trader->put++;
}

static void beanstalkd_put(struct trader *trader, uint32_t queue, uint64_t number)
{
    use(trader, queue);
    settle(trader);
    add_put(trader, queue, number);
    if (trader->manner == TRADE_CALLS)
        read_behind(trader);
}

static void beanstalkd_fill(struct trader *trader, uint32_t queue, uint64_t first, uint32_t count)
{
    use(trader, queue);
    for (uint32_t i = 0; i < count; i++) {
        add_put(trader, queue, first + i);
        if (trader->put == FILL_TUPLES)
            read_behind(trader);
    }
    read_behind(trader);
}

static unsigned beanstalkd_take(struct trader *trader, uint32_t queue, unsigned max,
                                uint64_t *numbers)
{
    struct wire *wire = &trader->wire;

    (void)max; /* there is no command for several */
    watch(trader, queue);
    settle(trader);
    wire_format(wire, "reserve\r\n");
    wire_flush(wire);
    read_behind(trader);
    trader->job = strtoull(wire_expect(wire, "RESERVED "), NULL, 10);
    if (!tuple_read(wire_bytes(wire, TUPLE_BYTES), TUPLE_BYTES, queue, numbers))
        die("beanstalkd gave a process a tuple that is none of its tube");
    return 1;
}

static void beanstalkd_close(struct trader *trader)
{
    settle(trader);
    read_behind(trader);
    wire_close(&trader->wire);
    free(trader);
}

const struct trade trade_beanstalkd = {"beanstalkd",    SERVER_BEANSTALKD, beanstalkd_open,
                                       beanstalkd_put,  beanstalkd_fill,   beanstalkd_take,
                                       beanstalkd_close};
