/* SPDX-License-Identifier: MIT */
#include "tsctl/command.h"
#include "tsctl/move.h"

static const struct option_spec copy_options[] = {
    {"to", 0, "SPACE", "the space that the copies go to", .set = option_set_to,
     .completes = COMPLETE_SPACE},
    {0},
};

static const char *const copy_examples[] = {
    "tsctl out '[\"task\", 1]' '[\"task\", 2]' '[\"done\", 0]'",
    "tsctl copy --to mirror '[...]'",
    "tsctl scan -s mirror",
    NULL,
};

static int run_copy(struct call *call)
{
    return move_run(call, TSD_OP_COPY);
}

const struct command cmd_copy = {
    .name = "copy",
    .arguments = "--to SPACE PATTERN",
    .summary = "copy tuples that match to another space",
    .options = copy_options,
    .uses = USE_COUNT,
    .help = "Copies the stored tuples that match to another space, the oldest first, or with\n"
            "-n at most so many, and prints how many: in units of up to 16,384. The status is\n"
            "1 where there is none, 4 where the other space is full.\n",
    .examples = copy_examples,
    .run = run_copy,
};
