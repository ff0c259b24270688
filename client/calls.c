/* SPDX-License-Identifier: MIT */
/*
 * The everyday calls: each fills in a request.
 */
#include <tsclient.h>

#include "client/bind.h"
#include "client/connection.h"

ts_status ts_out(ts_client *client, ts_values tuple)
{
    return ts_out_many(client, &tuple, 1);
}

ts_status ts_out_many(ts_client *client, const ts_values *tuples, size_t count)
{
    const ts_request request = {.operation = TSD_OP_OUT, .tuples = tuples, .tuple_count = count};

    return ts_call(client, &request);
}

ts_status ts_out_keyed(ts_client *client, ts_values tuple, const char *key)
{
    const ts_request request = {
        .operation = TSD_OP_OUT, .tuples = &tuple, .tuple_count = 1, .key = key};

    return ts_call(client, &request);
}

ts_status ts_in(ts_client *client, ts_values pattern, double timeout)
{
    const ts_request request = {.operation = TSD_OP_IN, .pattern = pattern, .timeout = timeout};

    return ts_call(client, &request);
}

ts_status ts_inp(ts_client *client, ts_values pattern)
{
    return ts_in(client, pattern, 0);
}

ts_status ts_rd(ts_client *client, ts_values pattern, double timeout)
{
    const ts_request request = {.operation = TSD_OP_RD, .pattern = pattern, .timeout = timeout};

    return ts_call(client, &request);
}

ts_status ts_rdp(ts_client *client, ts_values pattern)
{
    return ts_rd(client, pattern, 0);
}

ts_status ts_hold(ts_client *client, ts_values pattern, double timeout, double hold_time)
{
    const ts_request request = {
        .operation = TSD_OP_HOLD, .pattern = pattern, .timeout = timeout, .hold_time = hold_time};

    return ts_call(client, &request);
}

ts_status ts_finish(ts_client *client, const ts_token *tokens, size_t token_count,
                    const ts_values *results, size_t result_count)
{
    const ts_request request = {.operation = TSD_OP_FINISH,
                                .tokens = tokens,
                                .token_count = token_count,
                                .tuples = results,
                                .tuple_count = result_count};

    return ts_call(client, &request);
}

ts_status ts_release(ts_client *client, ts_token token, double delay)
{
    const ts_request request = {
        .operation = TSD_OP_RELEASE, .tokens = &token, .token_count = 1, .delay = delay};

    return ts_call(client, &request);
}

ts_status ts_renew(ts_client *client, ts_token token, double hold_time)
{
    const ts_request request = {
        .operation = TSD_OP_RENEW, .tokens = &token, .token_count = 1, .hold_time = hold_time};

    return ts_call(client, &request);
}

ts_status ts_atomic(ts_client *client, const ts_guard *guards, size_t guard_count,
                    const ts_step *steps, size_t step_count, double timeout)
{
    const ts_request request = {.operation = TSD_OP_ATOMIC,
                                .guards = guards,
                                .guard_count = guard_count,
                                .steps = steps,
                                .step_count = step_count,
                                .timeout = timeout};

    return ts_call(client, &request);
}

ts_status ts_drained(ts_client *client, ts_values pattern, double timeout)
{
    const ts_request request = {
        .operation = TSD_OP_DRAINED, .pattern = pattern, .timeout = timeout};

    return ts_call(client, &request);
}

/* One unit after the other, until no more match (rule S17). */
static ts_status collect_all(ts_client *client, const ts_request *request, uint64_t *count)
{
    uint64_t total = 0, done = 0;
    ts_status status;

    do {
        status = ts_call(client, request);
        done = status == TS_OK ? ts_last(client)->total : 0;
        total += done;
    } while (done > 0 && ts_last(client)->more);
    if (client && status == TS_OK)
        client->connection->last.shown.total = total;
    if (count)
        *count = total;
    return status;
}

ts_status ts_collect(ts_client *client, ts_values pattern, const char *to, uint64_t *count)
{
    const ts_request request = {
        .operation = TSD_OP_COLLECT, .pattern = pattern, .to = to ? to : ""};

    return collect_all(client, &request, count); /* "" is refused: it is ts_discard that deletes */
}

ts_status ts_discard(ts_client *client, ts_values pattern, uint64_t *count)
{
    const ts_request request = {.operation = TSD_OP_COLLECT, .pattern = pattern};

    return collect_all(client, &request, count);
}

/* One unit after the other; each goes on where the last one ended, as what was copied stays. */
ts_status ts_copy(ts_client *client, ts_values pattern, const char *to, uint64_t *count)
{
    ts_cursor cursor = {0};
    const ts_request request = {
        .operation = TSD_OP_COPY, .pattern = pattern, .to = to, .cursor = &cursor};
    uint64_t total = 0;
    ts_status status;

    do {
        status = ts_call(client, &request);
        if (status == TS_OK) {
            total += ts_last(client)->total;
            cursor = ts_last(client)->next;
        }
    } while (status == TS_OK && ts_last(client)->more && !cursor.ended);
    if (client && status == TS_OK)
        client->connection->last.shown.total = total;
    if (count)
        *count = total;
    return status;
}

ts_status ts_space_set(ts_client *client, const ts_attributes *attributes)
{
    return ts_call(client, &(ts_request){.operation = TSD_OP_SPACE, .attributes = attributes});
}

ts_status ts_space_remove(ts_client *client, bool force)
{
    return ts_call(client, &(ts_request){.operation = TSD_OP_REMOVE, .force = force});
}

ts_status ts_will(ts_client *client, const ts_values *tuples, size_t count)
{
    const ts_request request = {.operation = TSD_OP_WILL, .tuples = tuples, .tuple_count = count};

    return ts_call(client, &request);
}

ts_status ts_count(ts_client *client, ts_values pattern, uint64_t *count)
{
    const ts_request request = {.operation = TSD_OP_COUNT, .pattern = pattern};
    ts_status status = ts_call(client, &request);

    if (status == TS_OK)
        *count = ts_last(client)->total;
    return status;
}

static ts_status no_more(ts_client *client)
{
    struct connection *connection = client->connection;

    result_set(&connection->last, 0, TS_NOMATCH, "no more tuples match");
    return connection_fail(connection, TS_NOMATCH, "no more tuples match");
}

ts_status ts_scan(ts_client *client, ts_values pattern, ts_cursor *cursor)
{
    const ts_request request = {
        .operation = TSD_OP_SCAN,
        .pattern = pattern,
        .max = cursor->max,
        .reverse = cursor->reverse,
        .cursor = cursor,
    };
    const ts_result *last;
    ts_status status;

    do {
        if (client && cursor->ended)
            return no_more(client);
        status = ts_call(client, &request);
        if (status != TS_OK)
            return status;
        last = ts_last(client);
        cursor->started = true;
        cursor->ended = last->next.ended;
        cursor->priority = last->next.priority;
        cursor->id = last->next.id;
    } while (last->count == 0);
    return TS_OK;
}

static ts_status no_end(struct connection *connection)
{
    static const char text[] = "the daemon says that there are more spaces, and names none";

    result_set(&connection->last, connection->last_number, TS_PROTOCOL, text);
    return connection_fail(connection, TS_PROTOCOL, "%s", text);
}

ts_status ts_spaces(ts_client *client)
{
    ts_request request = {.operation = TSD_OP_SPACES};
    ts_status status = ts_call(client, &request);
    size_t count = 0;

    while (status == TS_OK && ts_last(client)->more) {
        struct connection *connection = client->connection;

        if (connection->last.row_count == count)
            return no_end(connection);
        count = connection->last.row_count;
        request.after = connection->last.rows[count - 1].name;
        connection->last.adds = true;
        status = ts_call(client, &request);
        connection->last.adds = false;
    }
    return status;
}

ts_status ts_stats(ts_client *client, const char *after)
{
    return ts_call(client, &(ts_request){.operation = TSD_OP_STATS, .after = after});
}

ts_status ts_clients(ts_client *client, const uint64_t *beyond)
{
    return ts_call(client, &(ts_request){.operation = TSD_OP_CLIENTS, .beyond = beyond});
}

ts_status ts_users(ts_client *client, const uint64_t *beyond)
{
    return ts_call(client, &(ts_request){.operation = TSD_OP_USERS, .beyond = beyond});
}

ts_status ts_kill(ts_client *client, uint64_t number)
{
    return ts_call(client, &(ts_request){.operation = TSD_OP_KILL, .number = number});
}

ts_status ts_explain(ts_client *client, ts_values pattern, const ts_values *tuple)
{
    const ts_request request = {.operation = TSD_OP_EXPLAIN,
                                .pattern = pattern,
                                .tuples = tuple,
                                .tuple_count = tuple != NULL};

    return ts_call(client, &request);
}

ts_status ts_ping(ts_client *client)
{
    return ts_call(client, &(ts_request){.operation = TSD_OP_PING});
}

ts_status ts_client_ack(ts_client *client)
{
    return ts_call(client, &(ts_request){.operation = TSD_OP_ACK});
}

ts_status ts_cancel(ts_client *client, uint64_t number)
{
    return ts_call(client, &(ts_request){.operation = TSD_OP_CANCEL, .number = number});
}

ts_status ts_submit_out(ts_client *client, ts_values tuple, ts_callback callback, void *arg)
{
    const ts_request request = {.operation = TSD_OP_OUT, .tuples = &tuple, .tuple_count = 1};

    return ts_submit(client, &request, callback, arg, NULL);
}

ts_status ts_submit_in(ts_client *client, ts_values pattern, double timeout, ts_callback callback,
                       void *arg, uint64_t *number)
{
    const ts_request request = {.operation = TSD_OP_IN, .pattern = pattern, .timeout = timeout};

    return ts_submit(client, &request, callback, arg, number);
}

ts_status ts_submit_rd(ts_client *client, ts_values pattern, double timeout, ts_callback callback,
                       void *arg, uint64_t *number)
{
    const ts_request request = {.operation = TSD_OP_RD, .pattern = pattern, .timeout = timeout};

    return ts_submit(client, &request, callback, arg, number);
}

bool ts_bind(ts_client *client, const ts_tuple *tuple, ts_values pattern)
{
    return client && tuple &&
           bind_tuple(&pattern, tuple->bytes, &client->connection->bound) == TS_OK;
}
