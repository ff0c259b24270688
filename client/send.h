/* SPDX-License-Identifier: MIT */
/*
 * Requests encoded into a connection's output, with the acknowledgement that goes with each.
 *
 * Where one of these returns another status than TS_OK nothing was appended, and the error text says
 * why.
 */
#ifndef TSCLIENT_SEND_H
#define TSCLIENT_SEND_H

#include <stdint.h>

#include <tsclient.h>

#include "client/connection.h"

/* The request, under the number. It acknowledges all that was read but what it is to release. */
ts_status send_request(ts_client *client, const ts_request *request, uint64_t number);

/* A watch, under the number. */
ts_status send_watch(ts_client *client, const ts_values *pattern, const ts_watch_options *options,
                     uint64_t number);

/* The goodbye, under the number. */
ts_status send_close(struct connection *connection, uint64_t number);

/* A cancel of the library's own, which acknowledges nothing: nobody asked for a request. */
ts_status send_cancel(struct connection *connection, uint64_t number, uint64_t target);

/* An acknowledgement that wants no answer, of all that was read but what a call has in hand; nothing
 * where all that is acknowledged. */
void send_ack(struct connection *connection);

#endif
