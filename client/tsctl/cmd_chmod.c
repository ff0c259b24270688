/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <tsclient.h>

#include "tsctl/command.h"
#include "tsctl/complain.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/named_space.h"
#include "tsctl/rights.h"

static const char *const chmod_examples[] = {
    "tsctl space create jobs results",
    "tsctl chmod 0770 jobs",
    "tsctl chmod g+r,o= results",
    "tsctl spaces",
    NULL,
};

/* The mode that the space has; TS_NOMATCH where there is none of that name. */
static ts_status look_up(ts_client *space, uint32_t *mode)
{
    const ts_space_row *row;
    ts_status status = ts_spaces(space);
    for (size_t i = 0; status == TS_OK && (row = ts_space_at(ts_last(space), i)) != NULL; i++)
        if (strcmp(row->name, ts_client_space_name(space)) == 0) {
            *mode = row->mode;
            return TS_OK;
        }
    return status == TS_OK ? TS_NOMATCH : status;
}

static int act(const struct call *call, ts_client *space, void *text)
{
    ts_attributes attributes = {.set_mode = true, .existing = true};
    ts_status status = rights_is_whole(text) ? TS_OK : look_up(space, &attributes.mode);
    if (status == TS_NOMATCH)
        return named_space_missing(space);
    if (status != TS_OK)
        return connect_exit(call, space, status);
    (void)rights_change(text, &attributes.mode);
    return named_space_set(call, space, &attributes);
}

static int run_chmod(struct call *call)
{
    uint32_t ignored = 0;
    if (call->argument_count < 2) {
        complain("chmod needs a mode and the name of a space");
        complain_hint("such as tsctl chmod 0770 jobs");
        return EXIT_USAGE;
    }
    if (!rights_change(call->arguments[0], &ignored)) {
        complain("'%.40s' is not a mode", call->arguments[0]);
        rights_hint();
        return EXIT_USAGE;
    }
    int status = named_space_check(call, 1);
    return status == 0 ? named_space_each(call, 1, act, call->arguments[0]) : status;
}

const struct command cmd_chmod = {
    .name = "chmod",
    .arguments = "MODE NAME...",
    .summary = "say who may read, write and take in spaces",
    .completes = {COMPLETE_NOTHING, COMPLETE_SPACE},
    .help = "Sets the mode of spaces: what their owner (u), their group (g) and others (o)\n"
            "may do there. r: read, scan, count, watch; w: put; t: take, as in and hold do. A\n"
            "mode is octal (r 4, w 2, t 1) such as 0750, letters such as rwtr-----, or\n"
            "changes such as g+rw,o= to the one that it has. For their owner and for\n"
            "administrators. What waits, and may not do so then, is refused. The status is 1\n"
            "where there is no such space.\n",
    .examples = chmod_examples,
    .run = run_chmod,
};
