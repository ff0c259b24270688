/* SPDX-License-Identifier: MIT */
/*
 * What systemd, or whoever speaks its protocol, gives a service and wants to hear:
 * sd_listen_fds(3), sd_notify(3), sd_watchdog_enabled(3), without its library.
 */
#ifndef TSD_SERVER_SYSTEMD_H
#define TSD_SERVER_SYSTEMD_H

#include <stdint.h>

#include "protocol/problem.h"

/*
 * The listening socket that was passed, ready for use: 0 where none was, a descriptor, or -status
 * with the problem set where what was passed is not one listening Unix stream socket. Forgets it: a
 * second call returns 0.
 */
int systemd_socket(struct problem *problem);

/* Tells "READY=1" and the like. Returns 0 also where nobody listens, else -errno. */
int systemd_notify(const char *state);

/* These tell more than a word; they return as systemd_notify. */

/* That a start, a stop or a reload may take so long from now on, and is not to be given up before. */
int systemd_extend(uint64_t us);

/* That the configuration is read again: READY=1 is to be told once that is over. */
int systemd_reloading(void);

/* What `systemctl status` shows: a line, cut at some 240 bytes, without control characters. */
int systemd_status(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* How often WATCHDOG=1 is to be told, in microseconds, at the least; 0: not at all. */
uint64_t systemd_watchdog_us(void);

#endif
