/* SPDX-License-Identifier: MIT */
/*
 * The end of a loop round, just before the loop blocks: what is due is done, marked connections are
 * ended, what was gathered in the outboxes is written, once a connection; and the loop is told
 * when to come back: at once while work goes on in pieces, at the next deadline, or not at all.
 *
 * There is one timer for everything. It is only ever early, never late: moving it with each request
 * would cost more than a round too many now and then.
 */
#ifndef TSD_SERVER_ROUND_H
#define TSD_SERVER_ROUND_H

#include <uv.h>

#include "server/connection.h"
#include "server/handler.h"
#include "server/input.h"

struct round {
    struct clock *clock;
    struct connections *connections;
    struct handler *handler;
    struct input *input;
    bool (*at_end)(void *context); /* called at the end of each; true: there is no next one */
    void *context;

    uv_prepare_t prepare;
    uv_idle_t at_once; /* active: the loop does not block */
    uv_timer_t timer;
    uint64_t timer_ns; /* when it ends; UINT64_MAX: it is not set */
};

/* The members before `prepare` have been set. Returns 0, or libuv's error. */
int round_start(struct round *round, uv_loop_t *loop);

/* Writes and ends connections until none is marked. */
void round_work_off(struct round *round);

/* Whether there is work that goes on at once: requests read and not handled, walks in pieces. */
bool round_is_busy(const struct round *round);

#endif
