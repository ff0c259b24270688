/* SPDX-License-Identifier: MIT */
/*
 * What to do with frames that came: the daemon's opening, answers to calls that wait, answers whose
 * callback is to run.
 */
#ifndef TSCLIENT_DISPATCH_H
#define TSCLIENT_DISPATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "client/connection.h"
#include "protocol/frame.h"

/*
 * Takes a frame. An answer that a call waits for goes into `last`; that of a submitted request to its
 * callback where `run` is set, else to the end of `ready`. What is no answer loses the connection.
 */
void dispatch_frame(struct connection *connection, const struct frame *frame, bool run);

/* Takes an answer, of the daemon or of the library's own; no callback runs. */
void dispatch_answer(struct connection *connection, const struct frame *frame);

/* Runs the callback of the first answer in `ready`; false where there is none. */
bool dispatch_ready(struct connection *connection);

/* Runs the callback of a watch: with an event, or with the status that ended it. */
void dispatch_event(struct connection *connection, const struct pending *pending, ts_status status,
                    const ts_event *event);

/* The time from now until something is due, which may be TS_NEVER, as poll(2) takes it. */
int dispatch_poll_timeout(int64_t due_ns, int64_t now_ns);

#endif
