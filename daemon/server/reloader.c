/* SPDX-License-Identifier: MIT */
#include "server/reloader.h"

#include <signal.h>

static void reloader_signal(uv_signal_t *handle, int number)
{
    struct reloader *reloader = handle->data;

    (void)number;
    reloader->reload(reloader->context);
}

int reloader_start(struct reloader *reloader, uv_loop_t *loop)
{
    uv_signal_init(loop, &reloader->hangup);
    reloader->hangup.data = reloader;
    return uv_signal_start(&reloader->hangup, reloader_signal, SIGHUP);
}
