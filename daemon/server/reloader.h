/* SPDX-License-Identifier: MIT */
/*
 * SIGHUP: what is configured is to be read anew.
 */
#ifndef TSD_SERVER_RELOADER_H
#define TSD_SERVER_RELOADER_H

#include <uv.h>

struct reloader {
    uv_signal_t hangup;
    void (*reload)(void *context); /* called from the loop, not from the signal */
    void *context;
};

/* Returns 0, or a libuv error. Its handle is closed with the loop's others. */
int reloader_start(struct reloader *reloader, uv_loop_t *loop);

#endif
