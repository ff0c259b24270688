/* SPDX-License-Identifier: MIT */
#include "server/status.h"

#include <inttypes.h>
#include <stdlib.h>

#include "server/systemd.h"

#define PAUSE_MS 2000

static void status_timer(uv_timer_t *timer)
{
    (void)timer; /* that it runs no more is enough: the round that follows tells */
}

void status_start(struct status *status, uv_loop_t *loop)
{
    uv_timer_init(loop, &status->timer);
    status->listened = getenv("NOTIFY_SOCKET") != NULL;
    status->tuples = status->clients = UINT64_MAX;
}

bool status_may_tell(const struct status *status)
{
    return status->listened && !uv_is_active((const uv_handle_t *)&status->timer);
}

void status_tell(struct status *status, uint64_t tuples, uint64_t clients)
{
    if (tuples == status->tuples && clients == status->clients)
        return;
    status->tuples = tuples;
    status->clients = clients;
    systemd_status("%" PRIu64 " tuples, %" PRIu64 " clients", tuples, clients);
    uv_timer_start(&status->timer, status_timer, PAUSE_MS, 0);
}
