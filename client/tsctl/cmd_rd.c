/* SPDX-License-Identifier: MIT */
#include "tsctl/complain.h"
#include "tsctl/exits.h"
#include "tsctl/take.h"

/* Known so that whoever tries it is told what to use. */
static int set_follow(struct options *options, char **values)
{
    (void)options;
    (void)values;
    complain("rd --follow would read the same tuples again and again");
    complain_hint("to see tuples come, watch --now; to take each as it comes, in --follow;");
    complain_hint("to read all that are there, scan");
    return EXIT_USAGE;
}

static const struct option_spec rd_options[] = {
    {"follow", 0, NULL, NULL, .set = set_follow},
    {0},
};

static const char *const rd_examples[] = {
    "tsctl out '[\"config\", \"limit\", 10]' '[\"config\", \"name\", \"north\"]'",
    "tsctl rd '[\"config\", \"limit\", ?int]'",
    "limit=$(tsctl rd -f 3 '[\"config\", \"limit\", ?int]') && echo \"$limit\"",
    "tsctl rd -n 10 '[\"config\", ...]'",
    "tsctl rd -t 0.1 '[\"config\", \"color\", ?]' || echo \"no color is set\"",
    NULL,
};

static int run_rd(struct call *call)
{
    return take_run(call, TSD_OP_RD, TAKE_WAITS);
}

const struct command cmd_rd = {
    .name = "rd",
    .arguments = "PATTERN...",
    .summary = "read the oldest tuple that matches, waiting for one",
    .options = rd_options,
    .uses = USE_TIMEOUT | USE_COUNT,
    .help = "Reads the oldest tuple that matches the pattern, of several patterns any one\n"
            "of them, and prints it; the tuple stays. Waits until there is one: for ever, or\n"
            "with -t so long; then the status is 3 (1 with -t 0). With -n reads at most so\n"
            "many, as they fit one answer (4 MiB); scan reads all.\n",
    .examples = rd_examples,
    .run = run_rd,
};
