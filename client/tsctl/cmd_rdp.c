/* SPDX-License-Identifier: MIT */
#include "tsctl/take.h"

static const char *const rdp_examples[] = {
    "tsctl out '[\"config\", \"limit\", 10]'",
    "tsctl rdp '[\"config\", \"limit\", ?int]'",
    "tsctl rdp -q '[\"config\", \"color\", ?]' || echo \"no color is set\"",
    NULL,
};

static int run_rdp(struct call *call)
{
    return take_run(call, TSD_OP_RD, TAKE_DOES_NOT_WAIT);
}

const struct command cmd_rdp = {
    .name = "rdp",
    .arguments = "PATTERN...",
    .summary = "read the oldest tuple that matches, if there is one",
    .uses = USE_COUNT,
    .help = "As rd, but does not wait: the status is 1 where no tuple matches.\n",
    .examples = rdp_examples,
    .run = run_rdp,
};
