/* SPDX-License-Identifier: MIT */
#include "tsctl/command.h"
#include "tsctl/move.h"

static const struct option_spec collect_options[] = {
    {"to", 0, "SPACE", "the space that they move to", .set = option_set_to,
     .completes = COMPLETE_SPACE},
    {0},
};

static const char *const collect_examples[] = {
    "tsctl out '[\"task\", 1]' '[\"task\", 2]' '[\"done\", 0]'",
    "tsctl collect --to later '[\"task\", ...]'",
    "tsctl scan -s later",
    NULL,
};

static int run_collect(struct call *call)
{
    return move_run(call, TSD_OP_COLLECT);
}

const struct command cmd_collect = {
    .name = "collect",
    .arguments = "--to SPACE PATTERN",
    .summary = "move all tuples that match to another space",
    .options = collect_options,
    .uses = USE_COUNT,
    .help = "Moves all stored tuples that match to another space, the oldest first, or with\n"
            "-n at most so many, and prints how many: in units of up to 16,384. They get new\n"
            "ids. The status is 1 where there is none, 4 where the other space is full.\n",
    .examples = collect_examples,
    .run = run_collect,
};
