/* SPDX-License-Identifier: MIT */
/*
 * What stops the daemon: SIGTERM, SIGINT, or the end of the lifeline, a pipe whose other end its
 * starter holds, so that the daemon cannot outlive it whatever kills it.
 */
#ifndef TSD_SERVER_STOPPER_H
#define TSD_SERVER_STOPPER_H

#include <stdbool.h>

#include <uv.h>

struct stopper {
    void (*stop)(void *context, const char *why); /* called once */
    void *context;

    bool stopping;
    bool urgent; /* a second signal, or the patience is over */
    uv_signal_t terminate, interrupt;
    uv_poll_t lifeline;
    int lifeline_fd;
    uv_timer_t patience;
};

/* `stop` and `context` have been set; lifeline_fd -1: none. Returns 0, or libuv's error. */
int stopper_start(struct stopper *stopper, uv_loop_t *loop, int lifeline_fd);

/*
 * The stop is over: a signal that comes while the rest is cleaned up is one too many. Without this it
 * would end the process by its default action as soon as libuv lets go of it.
 */
void stopper_done(void);

#endif
