/* SPDX-License-Identifier: MIT */
/*
 * The line that systemd shows of the service: how many tuples and clients there are.
 *
 * Told when it has changed, at most once in some seconds, and only where systemd listens. While nothing
 * changes no timer runs.
 */
#ifndef TSD_SERVER_STATUS_H
#define TSD_SERVER_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

struct status {
    uv_timer_t timer; /* runs while it may not be told again */
    bool listened;    /* to somebody */
    uint64_t tuples, clients;
};

void status_start(struct status *status, uv_loop_t *loop);

/* Whether it may be told, at a round's end; then with what there is. */
bool status_may_tell(const struct status *status);
void status_tell(struct status *status, uint64_t tuples, uint64_t clients);

#endif
