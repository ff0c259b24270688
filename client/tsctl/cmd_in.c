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
    .help = "Takes the oldest tuple that matches the pattern, of several patterns any one\n"
            "of them, and prints it. Waits until there is one: for ever, or with -t so long;\n"
            "then the status is 3 (1 with -t 0). With -n takes at most so many (5..10: once\n"
            "5 are there; all: all that are there).\n"
            "\n"
            "A tuple is taken for good after its line was written. Into a pipe a write\n"
            "succeeds while there is room, even if nobody reads it: in is for small things.\n",
    .examples = in_examples,
    .run = run_in,
};
