/* SPDX-License-Identifier: MIT */
/*
 * A connection to the daemon: socket, buffers, the requests under way, the handles.
 *
 * Owned by its handles (struct ts_client), freed when nobody is inside it any more: every public
 * function that may run somebody's callback stands between connection_enter and connection_leave.
 * Invariants: `fd` is -1 exactly when `status` is not TS_OK or another connection is tried for
 * (rejoin.h); every request under way is in `pending`,
 * every answered one whose callback has not begun in `ready`, in the order of the answers.
 */
#ifndef TSCLIENT_CONNECTION_H
#define TSCLIENT_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <tsclient.h>

#include "client/arena.h"
#include "client/pending.h"
#include "client/rejoin.h"
#include "client/result.h"
#include "protocol/buffer.h"
#include "protocol/frame.h"
#include "protocol/pattern.h"
#include "protocol/problem.h"

/* A handle: a connection and the name of a space. */
struct ts_client {
    struct connection *connection;
    struct ts_client *next; /* another handle of the connection */
    size_t name_size;
    char name[]; /* ended by NUL */
};

/* A callback that is running. */
struct running {
    bool is;
    uint64_t delivery; /* of the answer that it was given; 0: none */
    uint64_t in_hand;  /* of the connection, when it began */
};

struct workers;
struct private_daemon;

struct connection {
    int fd;
    pid_t owner;      /* the process that may use it: not a child of its fork */
    ts_status status; /* TS_OK, or what every call returns */
    char why[512];    /* the sentence to that */
    char error[512];  /* ts_error_text */

    char *path;
    char *nor; /* a path that was looked at before this one, for the sentence; may be NULL */
    char *client_name;
    bool positions;
    void (*descriptor)(ts_client *client, int old_fd, int new_fd, void *arg);
    void *descriptor_arg;

    struct buffer out; /* to be sent: from `sent` on */
    size_t sent;
    struct buffer in; /* received: from `taken` on not yet looked at */
    size_t taken;

    bool welcomed;
    ts_daemon daemon;
    char release[64];

    uint32_t opened;       /* connections so far: of which a token is */
    uint64_t last_number;  /* of the last request */
    uint64_t received;     /* the last delivery that came */
    uint64_t acknowledged; /* the last one that a request acknowledged */
    uint64_t in_hand;      /* of a call that waited, not acknowledged by a request; 0: none */
    uint32_t look_pause, look_rest; /* calls that do not look before they sleep; of them still so */
    struct pending_table pending;
    struct pending_queue ready;
    struct pending_queue unread; /* those of `ready` that are deliveries */
    struct pending_queue ended;  /* watches without callback, whose end was not yet asked for */
    size_t kept_bytes;           /* of the events of watches that were not yet told */

    struct result last;   /* of the last call that waited */
    struct result answer; /* of the callback that is running */
    ts_event event;       /* what was told of a watch last */
    ts_tuple event_tuple;
    struct arena bound; /* strings that formals were set to */
    struct buffer scratch;
    struct pattern_room *room; /* made when the first encoded pattern is checked */

    struct rejoin rejoin;
    struct running running;
    struct workers *workers;    /* of ts_eval; NULL: there never were any */
    struct private_daemon *own; /* of ts_connect_private; NULL: none */

    unsigned inside;    /* public functions that are under way */
    bool dispatching;   /* a callback of a request may be running */
    bool closing;       /* to be freed when nobody is inside */
    ts_client *handles; /* all */
    ts_client *first;   /* the one of ts_connect */
};

/* Connects, or sets status and why. */
void connection_open(struct connection *connection);

/* Whether this process is the child of a fork, to which the connection does not belong. */
bool connection_is_foreign(const struct connection *connection);

/*
 * Whether the connection can be used by this process: TS_OK, or the status of every call, with the
 * error text set.
 */
ts_status connection_check(struct connection *connection);

/*
 * Ends the connection: closes the descriptor, answers what is under way with the status, or keeps it
 * where another one will be tried for (rejoin.h), tells the user's callback. Does nothing where it has
 * ended.
 */
void connection_lose(struct connection *connection, ts_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Ends all that is under way with the status, which every call returns from now on. */
void connection_end(struct connection *connection, ts_status status);

/* Forgets all requests and bytes without telling anybody: of the parent, in the child of a fork. */
void connection_forget(struct connection *connection);

/* Puts a request whose answer has come, or will not, to where it waits to be told. */
void connection_settle(struct connection *connection, struct pending *pending);

/* Tells the user's callback that the descriptor is another one. */
void connection_tell(struct connection *connection, int old_fd, int new_fd);

void connection_enter(struct connection *connection);
void connection_leave(struct connection *connection); /* may free it */

/* Sends what can be sent without blocking. Whether all of it went. */
bool connection_send(struct connection *connection);

/*
 * Reads once, without blocking or, with `wait`, until something comes. Returns bytes read, 0 where
 * nothing is there or the connection was lost. *all is set where no more is there now.
 */
size_t connection_receive(struct connection *connection, bool wait, bool *all);

/* Waits until something can be read or, where there is something to send, written. */
void connection_poll(struct connection *connection, int timeout_ms);

/* Takes the next whole frame that was received; false where none is there or the bytes are no frame
 * (the connection is then lost). It stays until the next connection_receive. */
bool connection_next_frame(struct connection *connection, struct frame *frame);

bool connection_has_frame(const struct connection *connection);

/* Sets the error text and returns the status. */
ts_status connection_fail(struct connection *connection, ts_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
ts_status connection_problem(struct connection *connection, const struct problem *problem);

#endif
