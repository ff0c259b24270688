/* SPDX-License-Identifier: MIT */
#include "tsctl/take.h"

static const char *const inp_examples[] = {
    "tsctl out '[\"task\", 1, \"a.png\"]' '[\"task\", 2, \"b.png\"]'",
    "tsctl inp '[\"task\", ?int, ?str]'",
    "while task=$(tsctl inp -f 3 '[\"task\", ?int, ?str]'); do",
    "    echo \"doing $task\"",
    "done",
    NULL,
};

static int run_inp(struct call *call)
{
    return take_run(call, TSD_OP_IN, TAKE_DOES_NOT_WAIT);
}

const struct command cmd_inp = {
    .name = "inp",
    .arguments = "PATTERN...",
    .summary = "take the oldest tuple that matches, if there is one",
    .uses = USE_COUNT,
    .help = "As in, but does not wait: the status is 1 where no tuple matches. -n 9 takes up\n"
            "to 9 at once, -n all all that are there.\n",
    .examples = inp_examples,
    .run = run_inp,
};
