/* SPDX-License-Identifier: MIT */
#include "tsctl/await.h"

#include <poll.h>
#include <stdbool.h>

#include "tsctl/interrupt.h"

struct awaited {
    await_callback callback;
    void *context;
    bool answered;
    int exit_status;
};

static void on_answer(ts_client *client, uint64_t number, ts_status status, const ts_result *result,
                      void *arg)
{
    (void)number;
    struct awaited *awaited = arg;
    awaited->answered = true;
    awaited->exit_status = awaited->callback(awaited->context, client, status, result);
}

/* Waits for bytes, a signal or the time of the tick. Returns whether it is time. */
static bool wait_once(ts_client *client, bool cancelled, const struct await_tick *tick)
{
    struct pollfd socket = {.fd = ts_client_fd(client), .events = ts_client_events(client)};
    int timeout_ms = ts_client_poll_timeout(client);
    bool ticks = tick != NULL && (timeout_ms < 0 || timeout_ms > tick->ms);
    if (ticks)
        timeout_ms = tick->ms;
    int ready = cancelled ? poll(&socket, 1, timeout_ms) : interrupt_poll(&socket, 1, timeout_ms);
    return ready == 0 && ticks;
}

static void wait_for(ts_client *client, uint64_t number, const struct awaited *awaited,
                     const struct await_tick *tick)
{
    bool cancelled = false, due = tick != NULL;
    for (;;) {
        if (interrupt_caught() != 0 && !cancelled) {
            cancelled = true;
            ts_cancel(client, number); /* its answer is definite, and tells (rule S15) */
        }
        ts_client_dispatch(client);
        if (awaited->answered)
            return;
        if (due)
            tick->run(awaited->context, client);
        due = wait_once(client, cancelled, tick);
    }
}

int await_ticking(ts_client *client, const ts_request *request, await_callback callback,
                  void *context, const struct await_tick *tick)
{
    struct awaited awaited = {.callback = callback, .context = context};
    uint64_t number;
    ts_status status = ts_submit(client, request, on_answer, &awaited, &number);
    if (status != TS_OK) {
        ts_result refused = {.status = status, .text = ts_error_text(client)};
        return callback(context, client, status, &refused);
    }
    wait_for(client, number, &awaited, tick);
    return awaited.exit_status;
}

int await_answer(ts_client *client, const ts_request *request, await_callback callback,
                 void *context)
{
    return await_ticking(client, request, callback, context, NULL);
}
