/* SPDX-License-Identifier: MIT */
/*
 * Waiting for an answer: what makes a call out of a request.
 */
#ifndef TSCLIENT_SYNC_H
#define TSCLIENT_SYNC_H

#include "client/connection.h"

#define SYNC_FOREVER (-1)

/*
 * Sends what there is to send and reads until the answer to `pending`, which is in the table, is in
 * `last` or the connection is lost; the answers to submitted requests are kept. After timeout_ms it
 * gives up; the pending is then still in the table.
 */
void sync_wait(struct connection *connection, struct pending *pending, int timeout_ms);

/* The same of what is there, without waiting. */
void sync_look(struct connection *connection, struct pending *pending);

/* Seconds, 0 or more, as sync_wait takes them: rounded up. */
int sync_ms(double seconds);

/* Gives the pending its number and enters it; TS_NO_MEMORY, and nothing is left of it. */
ts_status sync_enter(ts_client *client, struct pending *pending);

/* Returns the status with which its request was sent; where that is not TS_OK, takes it out again. */
ts_status sync_sent(ts_client *client, struct pending *pending, ts_status status);

#endif
