/* SPDX-License-Identifier: MIT */
/*
 * The exit statuses of tsctl, and which one a status of the library becomes.
 */
#ifndef TSCTL_EXITS_H
#define TSCTL_EXITS_H

#include "protocol/numbers.h"

enum exit_code {
    EXIT_DONE = 0,
    EXIT_NO_MATCH = 1,
    EXIT_USAGE = 2, /* also a malformed tuple or pattern */
    EXIT_TIMED_OUT = 3,
    EXIT_REFUSED = 4,   /* permission, limit, full */
    EXIT_NO_DAEMON = 5, /* or the connection was lost */
    EXIT_PARTLY = 6,    /* done, but not everything could be: output that could not be written */
    EXIT_RUN_TIMED_OUT = 124,
    EXIT_RUN_FAILED = 125,
    EXIT_CANNOT_RUN = 126,
    EXIT_NOT_FOUND = 127,
    EXIT_SIGNAL = 128, /* plus the signal's number */
};

static inline enum exit_code exit_of(enum ts_status status)
{
    switch (status) {
    case TS_OK:
        return EXIT_DONE;
    case TS_NOMATCH:
        return EXIT_NO_MATCH;
    case TS_TIMEOUT:
        return EXIT_TIMED_OUT;
    case TS_MALFORMED:
    case TS_INVALID:
        return EXIT_USAGE;
    case TS_PROTOCOL:
    case TS_STOPPING:
    case TS_LOST:
    case TS_NO_DAEMON:
        return EXIT_NO_DAEMON;
    default:
        return EXIT_REFUSED;
    }
}

#endif
