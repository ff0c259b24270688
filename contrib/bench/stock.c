/* SPDX-License-Identifier: MIT */
#include "contrib/bench/stock.h"

#include <stdlib.h>

#include "contrib/bench/check.h"
#include "contrib/bench/cycles.h"
#include "contrib/bench/driver_tsd.h"
#include "contrib/bench/proc.h"

#define UNIT 1000         /* tuples of the stock in a request */
#define SETTLED_NS 200000 /* a pair costs less where an index serves it, connecting included */
#define SETTLING 8        /* pairs between two looks at the clock */

static uint32_t random_below(struct stock *stock, uint32_t bound)
{
    stock->random ^= stock->random << 13;
    stock->random ^= stock->random >> 7;
    stock->random ^= stock->random << 17;
    return (uint32_t)((stock->random >> 32) * bound >> 32);
}

/* Of the range from i on the tuple that was put first: the daemon has to give that one. */
static uint32_t oldest(const struct stock *stock, uint32_t i)
{
    uint32_t best = i;

    for (uint32_t at = i; at < i + GROWN_SPAN; at += GROWN_LENGTHS)
        if (stock->put_last[at] < stock->put_last[best])
            best = at;
    return best;
}

static size_t encode_take(void *context, unsigned client, struct request_data *data, uint8_t *out)
{
    struct stock *stock = context;
    const uint32_t part = stock->grown.count / STOCK_CLIENTS;
    /* no range spans two parts: in which order two clients' puts came is the daemon's to know */
    const uint32_t own = stock->clients > 1 ? client : random_below(stock, STOCK_CLIENTS);
    const uint32_t bound = stock->by == GROWN_RANGE ? part - GROWN_SPAN + 1 : part;
    const uint32_t i = own * part + random_below(stock, bound);
    uint8_t *p = tsd_begin(out, 6, TSD_OP_IN, data);

    data->key = stock->by == GROWN_RANGE ? oldest(stock, i) : i;
    stock->put_last[data->key] = ++stock->puts;
    p += grown_pattern(&stock->grown, stock->by, i, GROWN_SPAN, p);
    *p++ = 0x81;
    *p++ = TSD_OPTION_TIMEOUT;
    *p++ = 0;
    return tsd_end(out, p);
}

static size_t encode_put(void *context, const struct request_data *data, uint8_t *out)
{
    const struct stock *stock = context;
    uint8_t *p = tsd_begin(out, 5, TSD_OP_OUT, data);

    *p++ = 0x91;
    return tsd_end(out, p + grown_tuple(&stock->grown, data->key, p));
}

static bool is_tuple(void *context, uint32_t key, const uint8_t *tuple, size_t size)
{
    const struct stock *stock = context;

    return grown_number(&stock->grown, tuple, size) == key;
}

bool stock_run(struct stock *stock, const struct load *wanted, struct sample *sample)
{
    const struct subject subject = {stock, encode_take, encode_put, is_tuple};
    struct load load = *wanted;

    load.steps = LOAD_TAKE_PUT;
    load.subject = &subject;
    load.limit *= 2;
    stock->clients = load.clients;
    const bool good = load_run(&stock->server, &load, NULL, sample);
    sample->requests /= 2;
    return good;
}

static void fill(struct stock *stock)
{
    static uint8_t tuples[UNIT][GROWN_MOST];
    ts_values values[UNIT];
    ts_client *client = cycles_connect(&stock->server);
    const uint32_t count = stock->grown.count;

    for (uint32_t first = 0; first < count; first += UNIT) {
        const uint32_t unit = count - first < UNIT ? count - first : UNIT;
        for (uint32_t i = 0; i < unit; i++)
            values[i] = ts_encoded(tuples[i], grown_tuple(&stock->grown, first + i, tuples[i]));
        cycles_must(client, ts_out_many(client, values, unit));
    }
    ts_disconnect(client);
}

void stock_start(struct stock *stock, const struct server_options *options, uint32_t count)
{
    *stock = (struct stock){.grown = grown_stock(count), .random = UINT64_C(0x9e3779b97f4a7c15)};
    server_start(options, SERVER_TSD, &stock->server);
    fill(stock);
    stock->put_last = allocate((uint64_t)count * sizeof *stock->put_last);
}

void stock_stop(struct stock *stock)
{
    server_holds(&stock->server, stock->grown.count);
    stock_abandon(stock);
}

void stock_abandon(struct stock *stock)
{
    server_stop(&stock->server);
    free(stock->put_last);
}

bool stock_settle(struct stock *stock, enum grown_by by, uint64_t patience_ns)
{
    const struct load few = {.clients = 1, .window = 1, .limit = SETTLING};
    const uint64_t end_ns = clock_ns() + patience_ns;
    struct sample sample;

    stock->by = by;
    for (unsigned fast = 0; fast < 4 && check_failures() == 0;) {
        if (clock_ns() > end_ns || !stock_run(stock, &few, &sample))
            return false;
        fast = sample.wall_ns / SETTLING < SETTLED_NS ? fast + 1 : 0;
    }
    return check_failures() == 0;
}
