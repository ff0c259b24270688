/* SPDX-License-Identifier: MIT */
/*
 * A request that may wait long, with ^C: it is cancelled then, so that it is known what it took.
 */
#ifndef TSCTL_AWAIT_H
#define TSCTL_AWAIT_H

#include <tsclient.h>

/*
 * Gets the answer, as a ts_callback does: it may make calls, and lets go of the result with the first
 * that waits. TS_CANCELLED: a signal came first, and nothing was taken. Returns the exit status.
 */
typedef int (*await_callback)(void *context, ts_client *client, ts_status status,
                              const ts_result *result);

/*
 * Sends the request and waits for its answer, after interrupt_catch. Returns what the callback does,
 * which is called exactly once.
 */
int await_answer(ts_client *client, const ts_request *request, await_callback callback,
                 void *context);

/* What is done meanwhile: at once, and then every `ms` milliseconds. It may make calls. */
struct await_tick {
    void (*run)(void *context, ts_client *client);
    int ms;
};

/* The same, with something to do meanwhile. */
int await_ticking(ts_client *client, const ts_request *request, await_callback callback,
                  void *context, const struct await_tick *tick);

#endif
