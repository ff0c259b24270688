/* SPDX-License-Identifier: MIT */
/*
 * The limits of connections: name, default, what they bound. What refuses because of one names it.
 *
 * X(field, "name", default, "what"): `tsd --limit NAME=VALUE` sets one by its name, as does a line in
 * the section [limits] of tsd.conf(5). The names of those that count bytes end in "-bytes".
 */
#ifndef TSD_SERVER_LIMITS_H
#define TSD_SERVER_LIMITS_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/limits.h"
#include "protocol/problem.h"

#define GIB(n) ((uint64_t)(n) << 30)

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
    X(unread_ms, "unread-ms", 30000, "milliseconds without progress of a client that is behind")   \
    X(piece_tuples, "piece-tuples", 1024, "tuples looked at before others have a turn")            \
    X(user_requests, "user-requests", 1048576, "requests of a user that wait or are under way")    \
    X(user_interests, "user-interests", 2097152, "patterns of a user's requests that wait")        \
    X(user_waiting_bytes, "user-waiting-bytes", 0, "bytes of these; 0: a 16th of the memory")      \
    X(user_watches, "user-watches", 16384, "watches of a user")                                    \
    X(user_keys, "user-keys", LIMIT_KEYS, "keys remembered of a user")                             \
    X(user_spaces, "user-spaces", 262144, "spaces that a user made")                               \
    X(user_tuples, "user-tuples", 0, "tuples of a user; 0: one for 256 bytes of the memory")       \
    X(user_bytes, "user-bytes", 0, "bytes of a user's tuples; 0: half of the machine's memory")    \
    X(user_will_bytes, "user-will-bytes", MIB(256), "bytes of last wills of a user")               \
    X(all_bytes, "all-bytes", 0, "bytes of all users' tuples; 0: three quarters of the memory")

struct limits {
#define LIMIT_FIELD(field, name, value, what) uint64_t field;
    SERVER_LIMITS(LIMIT_FIELD)
#undef LIMIT_FIELD
};

void limits_init(struct limits *limits); /* the defaults */

/* Puts what this machine has where a default depends on it. */
void limits_resolve(struct limits *limits);

/*
 * Sets the limit of the name, of `length` bytes, to a whole number from 1; to one of bytes also with a
 * suffix K, M or G (1024). Returns its index in SERVER_LIMITS, or -status with the problem set.
 */
int limits_set(struct limits *limits, const char *name, size_t length, const char *value,
               struct problem *problem);

/* What is not for setting */
#define LIMIT_BACKLOG 4096 /* connections that wait to be accepted */
#define LIMIT_ACCEPTS 4    /* connections accepted in a loop round: each costs some microseconds */
#define LIMIT_SPARE_FILES 64 /* descriptors that are not for connections */
#define LIMIT_RESERVED 64    /* connections, at most, that only root and our own user may have */
#define LIMIT_TURN_NS 50000  /* time that one client's requests take before others have a turn */

#endif
