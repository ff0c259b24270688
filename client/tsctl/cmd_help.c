/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tsctl/command.h"
#include "tsctl/complain.h"
#include "tsctl/exits.h"
#include "tsctl/help.h"

static const char *const help_examples[] = {
    "tsctl help",
    "tsctl help out",
    NULL,
};

static int run_help(struct call *call)
{
    if (call->argument_count > 1)
        return complain_usage("help takes one command, not %d", call->argument_count);
    const struct command *command = NULL;
    if (call->argument_count == 1) {
        command = command_find(call->arguments[0]);
        if (command == NULL)
            return command_complain_unknown(call->arguments[0]);
    }
    help_print_long(stdout, command);
    return 0;
}

const struct command cmd_help = {
    .name = "help",
    .arguments = "[COMMAND]",
    .summary = "explain a command, with examples",
    .completes = {COMPLETE_COMMAND},
    .help = "Explains the command, or lists all of them.\n",
    .examples = help_examples,
    .run = run_help,
};
