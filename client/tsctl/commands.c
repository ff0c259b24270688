/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <string.h>

#include "protocol/nearest.h"
#include "tsctl/command.h"
#include "tsctl/complain.h"
#include "tsctl/exits.h"

extern const struct command cmd_out, cmd_in, cmd_inp, cmd_rd, cmd_rdp, cmd_scan, cmd_count,
    cmd_hold, cmd_finish, cmd_release, cmd_renew, cmd_holds, cmd_atomic, cmd_work, cmd_collect,
    cmd_copy, cmd_clear, cmd_watch, cmd_drained, cmd_spaces, cmd_space, cmd_chmod, cmd_chown,
    cmd_stats, cmd_explain, cmd_clients, cmd_users, cmd_kill, cmd_ping, cmd_run, cmd_completion,
    cmd_help;

const struct command *const commands[] = {
    &cmd_out,     &cmd_in,     &cmd_inp,        &cmd_rd,      &cmd_rdp,     &cmd_scan,   &cmd_count,
    &cmd_hold,    &cmd_finish, &cmd_release,    &cmd_renew,   &cmd_holds,   &cmd_atomic, &cmd_work,
    &cmd_collect, &cmd_copy,   &cmd_clear,      &cmd_watch,   &cmd_drained, &cmd_spaces, &cmd_space,
    &cmd_chmod,   &cmd_chown,  &cmd_stats,      &cmd_explain, &cmd_clients, &cmd_users,  &cmd_kill,
    &cmd_ping,    &cmd_run,    &cmd_completion, &cmd_help,    NULL,
};

const struct command *command_find(const char *name)
{
    for (const struct command *const *command = commands; *command != NULL; command++)
        if (strcmp((*command)->name, name) == 0)
            return *command;
    return NULL;
}

int command_complain_unknown(const char *name)
{
    struct nearest nearest = nearest_to(name);
    for (const struct command *const *command = commands; *command != NULL; command++)
        nearest_offer(&nearest, (*command)->name);
    complain("no command '%s'", name);
    if (nearest.name != NULL)
        complain_hint("the nearest is: tsctl %s", nearest.name);
    else
        complain_hint("tsctl help lists the commands");
    return EXIT_USAGE;
}
