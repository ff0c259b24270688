/* SPDX-License-Identifier: MIT */
/*
 * The limits of connections: name, default, what they bound. What refuses because of one names it.
 *
 * X(field, "name", default, "what"): `tsd --limit NAME=VALUE` sets one by its name.
 */
#ifndef TSD_SERVER_LIMITS_H
#define TSD_SERVER_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/limits.h"

#define SERVER_LIMITS(X)                                                                           \
    X(user_connections, "user-connections", 4096, "connections of a user")                         \
    X(opening_bytes, "opening-bytes", KIB(4), "bytes of a client's opening")                       \
    X(opening_ms, "opening-ms", 10000, "milliseconds until the opening is there")                  \
    X(unfinished_bytes, "unfinished-bytes", MIB(128), "bytes of a user's unfinished frames")       \
    X(unread_soft_bytes, "unread-soft-bytes", KIB(256),                                            \
      "bytes unread at which a client is read no more")                                            \
    X(unread_bytes, "unread-bytes", MIB(4), "bytes unread beyond the answer under way")            \
    X(event_bytes, "event-bytes", MIB(1), "bytes of events unread by a client's watches")          \
    X(user_unread_bytes, "user-unread-bytes", MIB(128), "bytes unread by all clients of a user")   \
    X(unread_ms, "unread-ms", 30000, "milliseconds without progress of a client that is behind")

struct limits {
#define LIMIT_FIELD(field, name, value, what) uint64_t field;
    SERVER_LIMITS(LIMIT_FIELD)
#undef LIMIT_FIELD
};

void limits_init(struct limits *limits); /* the defaults */

/* Sets the limit that `text`, "NAME=VALUE", names, to a whole number from 1. */
bool limits_set(struct limits *limits, const char *text);

/* What is not for setting */
#define LIMIT_BACKLOG 4096    /* connections that wait to be accepted */
#define LIMIT_ACCEPTS 64      /* connections accepted in a loop round */
#define LIMIT_SPARE_FILES 64  /* descriptors that are not for connections */
#define LIMIT_TURN_NS 2000000 /* time that one client's requests take before others have a turn */

#endif
