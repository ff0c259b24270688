/* SPDX-License-Identifier: MIT */
/*
 * Where a worker was when a signal ended it: written by the worker into a file in memory, read by
 * whoever started it. With a C library that has no backtrace(3) nothing is written.
 */
#ifndef TSCLIENT_BACKTRACE_H
#define TSCLIENT_BACKTRACE_H

/* Makes the file, before the fork; -1 where that cannot be: there will be no trace. */
int backtrace_open(void);

/* In the worker: signals that tell of a fault write into the file before they end the process. */
void backtrace_install(int fd);

/* What was written, valid UTF-8 and ended by NUL, to be freed; NULL without memory. */
char *backtrace_read(int fd);

#endif
