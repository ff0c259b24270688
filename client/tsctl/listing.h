/* SPDX-License-Identifier: MIT */
/*
 * Commands that list what the daemon tells of itself: once or with --watch again and again, ordered by
 * --sort, all or those that the arguments name.
 */
#ifndef TSCTL_LISTING_H
#define TSCTL_LISTING_H

#include <stdbool.h>

#include <tsclient.h>

#include "tsctl/command.h"
#include "tsctl/output.h"
#include "tsctl/table.h"

struct listing {
    const struct call *call;
    bool people; /* a table, not a format for programs */
    bool any;    /* something was listed this time */
    struct table table;
    struct output output;
};

/* The options --sort, --watch and --no-headers, for a command's table; its columns may be completed. */
#define LISTING_OPTIONS(columns)                                                                   \
    {"sort",                                                                                       \
     0,                                                                                            \
     "COLUMN",                                                                                     \
     "the greatest first; names: the least",                                                       \
     .set = option_set_sort,                                                                       \
     .completes = COMPLETE_CHOICE,                                                                 \
     .choices = columns},                                                                          \
        {"watch", 0, "DURATION", "again after so long, until ^C", .set = option_set_watch},        \
    {                                                                                              \
        "no-headers", 0, NULL, "a table without its heads",                                        \
            .flag = offsetof(struct options, no_headers)                                           \
    }

/* One that is empty; its table is to be set up next. */
struct listing listing_of(const struct call *call);

/*
 * Connects and shows what `add` adds to the table, which returns 0 or the exit status after it has
 * complained. The status is EXIT_NO_MATCH where nothing is listed, with -q or of what is named.
 * Everything is freed.
 */
int listing_run(struct listing *listing, int (*add)(struct listing *listing, ts_client *client));

/* Prints the rows that were added and forgets them. */
void listing_print(struct listing *listing);

/* Whether the text is among the arguments, or there are none. */
bool listing_wants(const struct listing *listing, const char *text);

#endif
