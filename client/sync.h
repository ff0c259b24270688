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

#endif
