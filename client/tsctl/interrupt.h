/* SPDX-License-Identifier: MIT */
/*
 * ^C and its like put off to a place where it is known how much was done.
 *
 * The first signal is only noted; a second one ends tsctl at once, as if none were caught. One that
 * whoever started tsctl ignored stays ignored.
 */
#ifndef TSCTL_INTERRUPT_H
#define TSCTL_INTERRUPT_H

#include <poll.h>

/* From here on SIGINT, SIGTERM and SIGHUP are noted. */
void interrupt_catch(void);

/* The signal that came, or 0. */
int interrupt_caught(void);

/* As poll, but returns with EINTR also where the signal came just before. */
int interrupt_poll(struct pollfd *list, nfds_t count, int timeout_ms);

/* Ends tsctl by the signal, if one came. */
void interrupt_end(void);

#endif
