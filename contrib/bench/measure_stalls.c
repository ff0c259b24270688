/* SPDX-License-Identifier: MIT */
/*
 * How long others wait at most while a client does something with a million tuples; beside it, how
 * long while another process is only busy.
 */
#include "contrib/bench/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contrib/bench/check.h"
#include "contrib/bench/cycles.h"
#include "contrib/bench/other.h"
#include "contrib/bench/plain.h"

#define HELD 100000
#define MOST_US 10000

/* All that the stock has, and no tuple of the other client's. */
#define STOCK TS(TS_ANY, TS_ANY, TS_ANY, TS_ANY)

static void take_all(void *context, const struct server *server, void (*begin)(void))
{
    ts_client *client = cycles_connect(server);
    const ts_request in = {.operation = TSD_OP_IN, .pattern = STOCK, .min = 1, .max = 16384};
    ts_status status;

    (void)context;
    begin();
    while ((status = ts_call(client, &in)) == TS_OK)
        ;
    cycles_must(client, status == TS_NOMATCH ? TS_OK : status);
    ts_disconnect(client);
}

static void copy(void *context, const struct server *server, void (*begin)(void))
{
    ts_client *client = cycles_connect(server);
    uint64_t count;

    (void)context;
    begin();
    cycles_must(client, ts_copy(client, STOCK, "copies", &count));
    ts_disconnect(client);
}

static void collect(void *context, const struct server *server, void (*begin)(void))
{
    ts_client *client = cycles_connect(server);
    uint64_t count;

    (void)context;
    begin();
    cycles_must(client, ts_collect(client, STOCK, "elsewhere", &count));
    ts_disconnect(client);
}

static void discard(void *context, const struct server *server, void (*begin)(void))
{
    ts_client *client = cycles_connect(server);
    uint64_t count;

    (void)context;
    begin();
    cycles_must(client, ts_discard(client, STOCK, &count));
    ts_disconnect(client);
}

static void scan(void *context, const struct server *server, void (*begin)(void))
{
    ts_client *client = cycles_connect(server);
    ts_cursor cursor = {0};

    (void)context;
    begin();
    while (ts_scan(client, STOCK, &cursor) == TS_OK)
        ;
    cycles_must(client, cursor.ended ? TS_OK : TS_LOST);
    ts_disconnect(client);
}

static void count_some(void *context, const struct server *server, void (*begin)(void))
{
    ts_client *client = cycles_connect(server);
    uint64_t count;

    (void)context;
    begin();
    for (int i = 0; i < 5; i++)
        cycles_must(client,
                    ts_count(client, TS(TS_ANY, TS_ANY, TS_ANY, ts_suffix("none")), &count));
    ts_disconnect(client);
}

static void look_in_vain(void *context, const struct server *server, void (*begin)(void))
{
    ts_client *client = cycles_connect(server);
    ts_status status = TS_NOMATCH;

    (void)context;
    begin();
    for (int i = 0; i < 5 && status == TS_NOMATCH; i++)
        status = ts_inp(client, TS(TS_ANY, TS_ANY, TS_ANY, ts_suffix("none")));
    cycles_must(client, status == TS_NOMATCH ? TS_OK : TS_LOST);
    ts_disconnect(client);
}

/* A pattern that is built to be slow, in text: nothing matches it in a second, or it is refused. */
static void look_for(const struct server *server, void (*begin)(void), const char *text,
                     ts_status expected)
{
    ts_client *client = cycles_connect(server);
    void *bytes;
    size_t size;

    cycles_must(client, ts_parse_pattern(text, strlen(text), NULL, &bytes, &size, NULL));
    begin();
    const ts_status status = ts_in(client, ts_encoded(bytes, size), 1);
    cycles_must(client, status == expected ? TS_OK : TS_LOST);
    free(bytes);
    ts_disconnect(client);
}

/* Ends in an error on each tuple, after ten thousand steps. */
static void look_by_expression(void *context, const struct server *server, void (*begin)(void))
{
    (void)context;
    look_for(server, begin, "[?, ?, ?, /^([a-z ]+)+[^a-z ]$/]", TS_LIMIT);
}

/* A thousand matchers, of which each is tried on each tuple. */
static void look_by_many(void *context, const struct server *server, void (*begin)(void))
{
    char text[16384], *at = text + sprintf(text, "[?, ?, ?, (*\"no 0\"");

    (void)context;
    for (int i = 1; i < 1000; i++)
        at += sprintf(at, " | *\"no %d\"", i);
    sprintf(at, ")]");
    look_for(server, begin, text, TS_TIMEOUT);
}

/* As deep as patterns may be. */
static void look_deep(void *context, const struct server *server, void (*begin)(void))
{
    char text[1024], *at = text + sprintf(text, "[?, ?, ?, ");

    (void)context;
    for (int i = 0; i < 28; i++)
        at += sprintf(at, i % 2 ? "(?str & " : "(?nil | ");
    at += sprintf(at, "*\"none\"");
    for (int i = 0; i < 28; i++)
        *at++ = ')';
    sprintf(at, "]");
    look_for(server, begin, text, TS_TIMEOUT);
}

static void end_session(void *context, const struct server *server, void (*begin)(void))
{
    ts_client *client = cycles_connect(server);

    (void)context;
    plain_hold(client, STOCK, HELD);
    begin();
    ts_abandon(client);
}

static const struct bulk {
    const char *name;
    other_work *work;
    bool empties;       /* the stock is to be put anew */
    const char *leaves; /* a space to be emptied after it */
} bulks[] = {
    {"scan of all", scan, false, NULL},
    {"count of a suffix, 5 times", count_some, false, NULL},
    {"inp of a suffix in vain, 5 times", look_in_vain, false, NULL},
    {"in by an expression that backtracks", look_by_expression, false, NULL},
    {"in of 1,000 alternatives, for 1 s", look_by_many, false, NULL},
    {"in of nested alternatives, for 1 s", look_deep, false, NULL},
    {"copy to another space", copy, false, "copies"},
    {"end of a session that holds 100,000", end_session, false, NULL},
    {"collect of all to another space", collect, true, "elsewhere"},
    {"discard of all", discard, true, NULL},
    {"in of all, 16,384 at a time", take_all, true, NULL},
};

static void tidy(ts_client *client, const struct bulk *bulk, uint32_t stock)
{
    uint64_t count;

    if (bulk->leaves)
        cycles_must(client, ts_discard(ts_space(client, bulk->leaves), TS(TS_REST), &count));
    if (bulk->empties) {
        cycles_must(client, ts_count(client, TS(TS_REST), &count));
        if (count != 0)
            check_failed("%s leaves %u of the stock", bulk->name, (unsigned)count);
        plain_fill(client, 0, stock, NULL);
    }
}

void measure_stalls(const struct plan *plan, struct results *results)
{
    const uint32_t stock = plan->quick ? plan->many / 10 : plan->many;
    struct server server = {0};
    struct noticed noticed;

    if (!plan->has[SERVER_TSD])
        return;
    server_start(&plan->options, SERVER_TSD, &server);
    ts_client *client = cycles_connect(&server);
    plain_fill(client, 0, stock < HELD ? HELD : stock, NULL);
    if (other_notices(&server, other_is_busy, NULL, &noticed))
        other_report(results, "a process that is only busy", &noticed, 0);
    for (size_t i = 0; i < sizeof bulks / sizeof *bulks && check_failures() == 0; i++) {
        if (other_notices(&server, bulks[i].work, NULL, &noticed))
            other_report(results, bulks[i].name, &noticed, MOST_US);
        tidy(client, &bulks[i], stock);
    }
    ts_disconnect(client);
    server_holds(&server, stock);
    server_stop(&server);
}
