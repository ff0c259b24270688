/* SPDX-License-Identifier: MIT */
/*
 * What is to become of a request whose answer had not come when the connection was lost: pure, it
 * changes nothing. The declarations of tsclient.h ("Reconnecting") are carried out here, and only here.
 */
#ifndef TSCLIENT_REJOIN_VERDICT_H
#define TSCLIENT_REJOIN_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "client/connection.h"
#include "protocol/request.h"

struct verdict {
    ts_status status; /* TS_OK: send it again; else the answer */
    const char *text; /* NULL: a status without text */
};

/* `same`: the daemon's run is the one that was lost. */
struct verdict verdict_of(const struct connection *connection, const struct pending *pending,
                          const struct request *request, bool same, int64_t now_ns);

/*
 * The request that was kept with the pending, to be freed; it points into the frame. NULL: none was
 * kept, without memory, or the daemon would refuse it; the problem (which may be NULL) is then set.
 */
struct request *verdict_request(struct connection *connection, const struct pending *pending,
                                struct problem *problem);

/* Whether "timed out" is true of it once its time is over, connected or not. */
bool verdict_may_time_out(const struct request *request);

/* Whether it was answered with tuples that went back with the connection. */
bool verdict_went_back(struct connection *connection, const struct pending *pending);

#endif
