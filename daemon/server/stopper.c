/* SPDX-License-Identifier: MIT */
#include "server/stopper.h"

#include <signal.h>
#include <unistd.h>

#define PATIENCE_MS 5000 /* for clients that have not read their answers */

static void stopper_patience(uv_timer_t *timer)
{
    struct stopper *stopper = timer->data;

    stopper->urgent = true;
}

static void stopper_stop(struct stopper *stopper, const char *why)
{
    if (stopper->stopping) {
        stopper->urgent = true;
        return;
    }
    stopper->stopping = true;
    uv_timer_start(&stopper->patience, stopper_patience, PATIENCE_MS, 0);
    stopper->stop(stopper->context, why);
}

static void stopper_signal(uv_signal_t *handle, int number)
{
    stopper_stop(handle->data, number == SIGTERM ? "SIGTERM" : "SIGINT");
}

static void stopper_lifeline(uv_poll_t *poll, int status, int events)
{
    struct stopper *stopper = poll->data;
    char bytes[64];
    ssize_t size = status < 0 ? 0 : read(stopper->lifeline_fd, bytes, sizeof(bytes));

    (void)events;
    if (size != 0)
        return;
    uv_poll_stop(poll);
    stopper_stop(stopper, "lifeline");
}

int stopper_start(struct stopper *stopper, uv_loop_t *loop, int lifeline_fd)
{
    int error = 0;

    uv_timer_init(loop, &stopper->patience);
    uv_signal_init(loop, &stopper->terminate);
    uv_signal_init(loop, &stopper->interrupt);
    stopper->terminate.data = stopper->interrupt.data = stopper->patience.data = stopper;
    error = uv_signal_start(&stopper->terminate, stopper_signal, SIGTERM);
    if (error == 0)
        error = uv_signal_start(&stopper->interrupt, stopper_signal, SIGINT);
    if (error < 0 || lifeline_fd < 0)
        return error;
    stopper->lifeline_fd = lifeline_fd;
    error = uv_poll_init(loop, &stopper->lifeline, lifeline_fd);
    if (error < 0)
        return error;
    stopper->lifeline.data = stopper;
    return uv_poll_start(&stopper->lifeline, UV_READABLE, stopper_lifeline);
}

void stopper_done(void)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
}
