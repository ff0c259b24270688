/* SPDX-License-Identifier: MIT */
#include "tsctl/take.h"

static const struct option_spec in_options[] = {
    {"follow", 0, NULL, "take one after the other, until ^C",
     .flag = offsetof(struct options, follow)},
    {0},
};

static const char *const in_examples[] = {
    "tsctl out '[\"task\", 1, \"a.png\"]' '[\"task\", 2, \"b.png\"]' '[\"task\", 3, \"c.png\"]'",
    "tsctl in '[\"task\", ?int, ?str]'",
    "tsctl in -f 3 '[\"urgent\", ...]' '[\"task\", >1, ?]'",
    "tsctl in -n all '[\"task\", ...]'",
    "tsctl in -t 0.1 '[\"task\", >=100, ?]' || echo \"none in 0.1 s\"",
    NULL,
};

static int run_in(struct call *call)
{
    return take_run(call, TSD_OP_IN, TAKE_WAITS);
}

const struct command cmd_in = {
    .name = "in",
    .arguments = "PATTERN...",
    .summary = "take the oldest tuple that matches, waiting for one",
    .options = in_options,
    .uses = USE_TIMEOUT | USE_COUNT,
    .help = "Takes the oldest tuple that matches any of the patterns, and prints it. Waits\n"
            "for one for ever, or with -t so long; then the status is 3 (1 with -t 0). -n 9\n"
            "takes up to 9, -n 5..9 once there are 5; -n all: all that are there, once there\n"
            "is one (inp: at once).\n"
            "\n"
            "A tuple is taken for good after its line was written; into a pipe that works\n"
            "while there is room, even if nobody reads. A shell that dies after in, before\n"
            "its out, loses the tuple: for what matters there are hold and work.\n",
    .examples = in_examples,
    .run = run_in,
};
