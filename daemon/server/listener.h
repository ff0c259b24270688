/* SPDX-License-Identifier: MIT */
/*
 * The listening socket: accepts connections, at most LIMIT_ACCEPTS a loop round.
 *
 * Where the process or the host has no descriptor left it does not spin: it stops polling, and
 * tries again after 100 ms and whenever a descriptor was closed.
 */
#ifndef TSD_SERVER_LISTENER_H
#define TSD_SERVER_LISTENER_H

#include <stdbool.h>

#include <uv.h>

struct listener {
    void (*accepted)(void *context, int fd); /* takes over the descriptor */
    void *context;

    int fd;
    bool resting; /* no descriptor was left */
    uv_poll_t poll;
    uv_timer_t retry;
};

/* `accepted` and `context` have been set. Returns 0, or libuv's error. */
int listener_start(struct listener *listener, uv_loop_t *loop, int fd);
void listener_stop(struct listener *listener); /* closes its handles and the descriptor */

/* A descriptor was closed. */
void listener_retry(struct listener *listener);

#endif
