/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* accept4 */

#include "server/listener.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "server/limits.h"

#define RETRY_MS 100

static void listener_retry_timer(uv_timer_t *timer)
{
    listener_retry(timer->data);
}

static void listener_rest(struct listener *listener, int error)
{
    if (!listener->resting)
        log_warning("cannot accept error=\"%s\"", strerror(error));
    listener->resting = true;
    uv_poll_stop(&listener->poll);
    uv_timer_start(&listener->retry, listener_retry_timer, RETRY_MS, 0);
}

/* Whether the error is the lost connection's own, and the next one may be fine. Where nothing else
 * comes it is not: a security module refuses, and leaves the connection where it is. */
static bool listener_passes(int error)
{
    return error == ECONNABORTED || error == EINTR || error == EPERM || error == EPROTO;
}

static void listener_ready(uv_poll_t *poll, int status, int events)
{
    struct listener *listener = poll->data;

    int lost = 0;

    (void)status;
    (void)events;
    for (int i = 0; i < LIMIT_ACCEPTS; i++) {
        int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (fd >= 0) {
            listener->resting = false;
            listener->accepted(listener->context, fd);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return;
        } else if (!listener_passes(errno) || ++lost == LIMIT_ACCEPTS) {
            listener_rest(listener, errno);
            return;
        }
    }
}

void listener_retry(struct listener *listener)
{
    if (!listener->resting || uv_is_closing((uv_handle_t *)&listener->poll))
        return;
    uv_timer_stop(&listener->retry);
    uv_poll_start(&listener->poll, UV_READABLE, listener_ready);
}

int listener_start(struct listener *listener, uv_loop_t *loop, int fd)
{
    int error = uv_poll_init(loop, &listener->poll, fd);

    if (error < 0)
        return error;
    uv_timer_init(loop, &listener->retry);
    listener->fd = fd;
    listener->resting = false;
    listener->poll.data = listener->retry.data = listener;
    return uv_poll_start(&listener->poll, UV_READABLE, listener_ready);
}

void listener_stop(struct listener *listener)
{
    uv_close((uv_handle_t *)&listener->poll, NULL);
    uv_close((uv_handle_t *)&listener->retry, NULL);
    close(listener->fd);
}
