/* SPDX-License-Identifier: MIT */
/*
 * A ts_request encoded into a connection's output, with the acknowledgement that goes with it.
 */
#ifndef TSCLIENT_SEND_H
#define TSCLIENT_SEND_H

#include <stdint.h>

#include <tsclient.h>

#include "client/connection.h"

/*
 * Appends the request under the number. Where it returns another status than TS_OK nothing was
 * appended, and the error text says why.
 */
ts_status send_request(ts_client *client, const ts_request *request, uint64_t number);

/* The goodbye, under the number. */
ts_status send_close(struct connection *connection, uint64_t number);

/* An acknowledgement that wants no answer, of all that was read but what a call has in hand; nothing
 * where all that is acknowledged. */
void send_ack(struct connection *connection);

#endif
