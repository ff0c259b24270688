/* SPDX-License-Identifier: MIT */
/*
 * tsd, through libtsclient. What a call took is acknowledged by the next request.
 */
#include <stdlib.h>

#include "client/tsclient.h"
#include "contrib/bench/check.h"
#include "contrib/bench/trade.h"
#include "contrib/bench/tuple.h"

#define DISPATCH_EVERY 64 /* puts that are not waited for */
#define FILL_TUPLES 1024

struct trader {
    ts_client *client;
    enum trade_manner manner;
    unsigned submitted;
    uint8_t tuples[FILL_TUPLES][TUPLE_BYTES];
    ts_values values[FILL_TUPLES];
};

static void must(const struct trader *trader, ts_status status)
{
    if (status != TS_OK)
        die("tsd: a process' call failed: %s", ts_error_text(trader->client));
}

static struct trader *tsd_open(const struct server *server, unsigned self, enum trade_manner manner)
{
    struct trader *trader = allocate(sizeof *trader);
    const ts_options options = {.space = "bench"};

    (void)self;
    trader->manner = manner;
    trader->client = ts_connect(server->socket, &options);
    must(trader, ts_ping(trader->client));
    for (unsigned i = 0; i < FILL_TUPLES; i++)
        trader->values[i] = ts_encoded(trader->tuples[i], TUPLE_BYTES);
    return trader;
}

static void is_put(ts_client *client, uint64_t number, ts_status status, const ts_result *result,
                   void *arg)
{
    (void)number, (void)result, (void)arg;
    if (status != TS_OK)
        die("tsd: a put failed: %s", ts_error_text(client));
}

static void tsd_put(struct trader *trader, uint32_t queue, uint64_t number)
{
    tuple_write(trader->tuples[0], queue, number);
    if (trader->manner == TRADE_CALLS) {
        must(trader, ts_out(trader->client, trader->values[0]));
        return;
    }
    if (++trader->submitted % DISPATCH_EVERY == 0)
        must(trader, ts_client_dispatch(trader->client));
    must(trader, ts_submit_out(trader->client, trader->values[0], is_put, NULL));
}

static void tsd_fill(struct trader *trader, uint32_t queue, uint64_t first, uint32_t count)
{
    for (uint32_t done = 0; done < count;) {
        uint32_t part = count - done < FILL_TUPLES ? count - done : FILL_TUPLES;
        for (uint32_t i = 0; i < part; i++)
            tuple_write(trader->tuples[i], queue, first + done + i);
        must(trader, ts_out_many(trader->client, trader->values, part));
        done += part;
    }
}

static unsigned tsd_take(struct trader *trader, uint32_t queue, unsigned max, uint64_t *numbers)
{
    char key[KEY_BYTES + 1] = {0};
    key_write((uint8_t *)key, queue);
    const ts_request request = {.operation = TSD_OP_IN,
                                .pattern = TS(key, TS_ANY_INT, TS_ANY, TS_ANY),
                                .timeout = TS_FOREVER,
                                .min = 1,
                                .max = max};
    unsigned count = 0;
    const ts_tuple *tuple;

    if (max == 1)
        must(trader, ts_in(trader->client, TS(key, TS_ANY_INT, TS_ANY, TS_ANY), TS_FOREVER));
    else
        must(trader, ts_call(trader->client, &request));
    for (; (tuple = ts_tuple_at(ts_last(trader->client), count)); count++)
        if (!tuple_read(tuple->bytes, tuple->size, queue, &numbers[count]))
            die("tsd gave a process a tuple that is none of its queue");
    return count;
}

static void tsd_close(struct trader *trader)
{
    ts_disconnect(trader->client);
    free(trader);
}

const struct trade trade_tsd = {"tsd",    SERVER_TSD, tsd_open, tsd_put,
                                tsd_fill, tsd_take,   tsd_close};
