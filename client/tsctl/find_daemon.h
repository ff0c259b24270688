/* SPDX-License-Identifier: MIT */
/*
 * Where the daemon's program is: $TSD_DAEMON; beside tsctl; in the sbin beside tsctl's bin; in $PATH.
 */
#ifndef TSCTL_FIND_DAEMON_H
#define TSCTL_FIND_DAEMON_H

/* The path, to be freed; NULL after it has complained. */
char *find_daemon(void);

#endif
